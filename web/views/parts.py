"""Parts that many pages share: forms with their errors, the steps of applying, who is looking at the page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from api.views import HeldSeat
from web.wording import Reader, Say

# A step that is behind one is looked at again there, and changed where it still may be.
STEP_PLACES = {
    "identity": "/apply/identity?look=1",
    "consents": "/apply/consents?look=1",
    "flows": "/apply/flows",
    "offers": "/apply/decision",
}
APPLY_STEPS = ("identity", "consents", "flows", "offers", "sign")


@dataclass(frozen=True)
class Form:
    """A form as it is shown again after an error: nothing typed is lost.

    ``errors`` go beside their field by its name and, in order, into the summary; the name "" is the whole form.
    ``key`` makes sending twice the same as once.
    """

    action: str
    key: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, Say | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Action:
    """Something that the reader can do: a link when ``post`` is false, else a button that sends ``hidden``."""

    label: Say
    href: str
    post: bool = False
    key: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Tab:
    name: str
    href: str
    count: int = 0


@dataclass(frozen=True)
class Shell:
    """Everything around a page: who reads, what they may reach, what the page is guarded with.

    ``audience`` is public, owner, manager or staff. ``live`` is the address of the event stream; ``poll`` the seconds
    between looks where there is none; ``refresh`` the same for a browser without JavaScript. ``may`` are the
    permissions that the navigation depends on. ``business_at`` is shown where time is simulated. ``seat``: of whose
    firm everything here is, for somebody who reads from a seat. ``whose``: tells an employee's phone from another's.
    """

    audience: str = "public"
    path: str = "/"
    reader: Reader = field(default_factory=Reader)
    large_type: bool = False
    nonce: str = ""
    csrf: str = ""
    who: str = ""
    whose: str = ""
    tab: str = ""
    unread: int = 0
    live: str = ""
    version: str = ""
    poll: int = 0
    refresh: int = 0
    may: frozenset[str] = frozenset()
    simulated: bool = False
    business_at: datetime | None = None
    speed: int = 1
    notice: Say | None = None
    seat: HeldSeat | None = None

    @property
    def business_on(self) -> date | None:
        """The business date where time is simulated."""
        return self.business_at.astimezone(self.reader.zone).date() if self.business_at else None
