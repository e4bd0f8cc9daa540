"""Signed papers on the owner's pages: one that somebody checks, the pack after the signature, all of one's own."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from web.views.parts import Action, Form


@dataclass(frozen=True)
class SignatureLine:
    """One signature of a file that somebody checks."""

    party: str
    name: str
    at: datetime | None
    reason: str
    intact: bool = True
    whole: bool = True
    trusted: bool = True

    @property
    def good(self) -> bool:
        """Whether all of it holds."""
        return self.intact and self.whole and self.trusted and self.at is not None


@dataclass(frozen=True)
class VerifyPage:
    """``genuine`` None: no file yet."""

    form: Form
    genuine: bool | None = None
    in_archive: bool = False
    sha256: str = ""
    signatures: tuple[SignatureLine, ...] = ()


@dataclass(frozen=True)
class PackMark:
    """A day to keep."""

    mark: str
    number: int
    on: date
    amount_minor: int


@dataclass(frozen=True)
class PackPage:
    """What was signed, on one page. ``arrived`` None: the money has not come, its hour is ``pay_at``.

    ``papers`` carry signatures; ``others`` were read or made before and after, and bear none.
    """

    number: str
    signed_at: datetime
    amount_minor: int
    annual_rate: Decimal
    share: Decimal
    account_masked: str
    arrived: date | None
    pay_at: datetime
    days: tuple[PackMark, ...]
    ways: tuple[str, ...]
    contacts: tuple[tuple[str, str], ...]
    calendar: str
    papers: tuple[Action, ...]
    others: tuple[Action, ...] = ()


@dataclass(frozen=True)
class Paper:
    kind: str
    number: str
    at: datetime
    sha256: str
    size: int
    href: str


@dataclass(frozen=True)
class PapersPage:
    papers: tuple[Paper, ...]
