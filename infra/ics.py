"""Days as an iCalendar file (RFC 5545) that any phone takes."""

# pyright: basic
# The library's ``add`` takes values of any type.

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event


@dataclass(frozen=True, slots=True)
class Day:
    """A whole day. The same ``uid`` later with a higher ``version`` replaces it; ``remind``: so long before."""

    uid: str
    on: date
    title: str
    text: str
    version: int = 0
    remind: timedelta | None = None


def calendar_file(name: str, days: Sequence[Day], *, at: datetime) -> bytes:
    """The file; ``at`` (aware) is when it was said. The same days give the same bytes."""
    made = Calendar()
    made.add("prodid", "-//Huoshui//Loan//ZH")
    made.add("version", "2.0")
    made.add("x-wr-calname", name)
    for day in days:
        event = Event()
        event.add("uid", day.uid)
        event.add("dtstamp", at)
        event.add("sequence", day.version)
        event.add("dtstart", day.on)
        event.add("transp", "TRANSPARENT")
        event.add("summary", day.title)
        event.add("description", day.text)
        if day.remind is not None:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", day.title)
            alarm.add("trigger", -day.remind)
            event.add_component(alarm)
        made.add_component(event)
    return made.to_ical()
