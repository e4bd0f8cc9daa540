"""The rules of contact of a jurisdiction, and why each kind of message is sent."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from lending.calendars import BusinessCalendar
from lending.contact_policy import Purpose, Rules
from policies.files import PolicyError, PolicyFile
from policies.shapes import JurisdictionFile, OwnContact

Kind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class ContactFile(PolicyFile):
    """``purposes``: the kinds of messages of each purpose; each kind once. ``in_app``: kinds that ring at no number."""

    purposes: dict[Purpose, tuple[Kind, ...]]
    in_app: tuple[Kind, ...] = ()


def purposes_of(file: ContactFile) -> dict[str, Purpose]:
    """The purpose of each kind; :class:`PolicyError` for a kind of two purposes."""
    found: dict[str, Purpose] = {}
    for purpose, kinds in file.purposes.items():
        for kind in kinds:
            if kind in found:
                raise PolicyError(
                    "contact.yaml", f"purposes.{purpose}", f"{kind} has the purpose {found[kind]} already"
                )
            found[kind] = purpose
    if strange := [kind for kind in file.in_app if kind not in found]:
        raise PolicyError("contact.yaml", "in_app", f"{', '.join(strange)} has no purpose")
    return found


def contact_rules(law: JurisdictionFile, ours: OwnContact, calendar: BusinessCalendar | None) -> Rules:
    """The law and our own limits, the narrower of each: loading has made sure that our hours hold the law's and that
    our tries are no more than it allows."""
    theirs = law.contact
    return Rules(
        quiet=ours.quiet_hours,
        a_day=ours.per_day,
        a_week=ours.per_week,
        tries_at_number_a_day=ours.tries_per_number_per_day,
        one_channel=timedelta(hours=ours.hours_for_an_answer),
        complaint=timedelta(hours=ours.hours_after_complaint),
        calls_a_week=theirs.max_calls_per_week,
        after_talk=timedelta(days=theirs.days_after_talk) if theirs.days_after_talk else None,
        calendar=calendar,
    )
