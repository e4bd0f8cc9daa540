"""The page on which an owner signs: what, how the money then leaves and to whom, and the code."""

from dataclasses import dataclass

from api.views import ReleaseView
from web.views.owner.applying import Sheet
from web.views.parts import Form


@dataclass(frozen=True)
class SignPage:
    """The act of signing: what, in words, how the money then leaves, and the code that is bound to it.

    ``prove``: where so much money takes a fresh proof of identity that was not given yet. ``name_payee``: where there
    are invoices that a seller can be paid against. ``awaited``: roles that have not signed. ``paper``: to hold a
    printed contract beside this one.
    """

    sheet: Sheet
    form: Form
    phone_masked: str
    resend: Form | None = None
    codes_url: str | None = None
    code_minutes: int = 10
    release: ReleaseView | None = None
    prove: Form | None = None
    name_payee: Form | None = None
    drop_payee: Form | None = None
    awaited: tuple[str, ...] = ()
    paper: Form | None = None
    paper_same: bool = False
