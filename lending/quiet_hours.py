"""When nobody is written to: the hours that law and lender set, on the wall clock of the jurisdiction."""

from datetime import datetime, time, timezone

from lending.calendars import Jurisdiction


def is_quiet(instant: datetime, quiet: tuple[time, time], jurisdiction: Jurisdiction) -> bool:
    """Whether ``instant`` (aware) falls into the hours from the first time up to, not including, the second.

    The hours may pass midnight: 21:00 to 09:00. From a time to the same time nothing is quiet.
    """
    begins, ends = quiet
    now = instant.astimezone(timezone(jurisdiction.utc_offset)).time()
    return begins <= now < ends if begins <= ends else now >= begins or now < ends
