"""Pages of those who take part: whom an applicant asks, and each party's own part."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.views import PartiesView, PartView
from web.views.owner.permitting import Permission
from web.views.parts import Form
from web.wording import Say


@dataclass(frozen=True)
class PartiesPage:
    """Whom the owner asked, and the form that asks somebody; ``remove``: by the part's id."""

    seen: PartiesView
    invite: Form | None
    remove: Mapping[str, Form] = field(default_factory=dict[str, Form])
    back: str = "/progress"


@dataclass(frozen=True)
class PartPage:
    """One's own part: what to do next, and nothing else. ``permission``: the one thing that is to be allowed now."""

    part: PartView
    permission: Permission | None = None
    identify: Form | None = None
    send_code: Form | None = None
    sign: Form | None = None
    decline: Form | None = None
    phone_masked: str = ""
    codes_url: str | None = None
    code_minutes: int = 10


@dataclass(frozen=True)
class PartsPage:
    """All of one's parts."""

    parts: tuple[PartView, ...]
    lead: Say = field(default_factory=lambda: Say("web.part.none"))
