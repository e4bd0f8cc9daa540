"""What secures a loan, on the owner's page and the manager's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from api.views import CollateralKindView, CollateralView, PaperCheckView, SecurityView
from api.views.collateral import ClaimChoice
from web.views.parts import Form

GONE = frozenset({"refused", "failed", "unwound", "lapsed", "released"})


@dataclass(frozen=True)
class SecurityPage:
    """``kind``: the one whose form is open; ``uses``: of a building; ``takes_back``: a form by piece; ``adds``: of a
    piece that can be added to a loan that is short, asking for its code, or with it (``code_waits``); ``claims``:
    invoices that can be chosen where the kind is a receivable."""

    seen: SecurityView
    offer: Form
    kind: CollateralKindView | None = None
    uses: tuple[str, ...] = ()
    takes_back: Mapping[str, Form] = field(default_factory=dict[str, Form])
    adds: Mapping[str, Form] = field(default_factory=dict[str, Form])
    code_waits: str = ""
    claims: tuple[ClaimChoice, ...] = ()

    @property
    def covered(self) -> Decimal:
        """The part of what is asked for that is carried by now."""
        return min(Decimal(1), Decimal(self.seen.carries_minor) / self.seen.asked_minor)

    @property
    def living(self) -> tuple[CollateralView, ...]:
        """Those that are not over."""
        return tuple(one for one in self.seen.pieces if one.state not in GONE)

    @property
    def over(self) -> tuple[CollateralView, ...]:
        """Those of which nothing came, or that are free again."""
        return tuple(one for one in self.seen.pieces if one.state in GONE)

    @property
    def short(self) -> CollateralView | None:
        """The piece whose new value asks for a cure, if one does."""
        return next((one for one in self.seen.pieces if one.short_minor), None)


@dataclass(frozen=True)
class PaperCheckPage:
    """A contract on paper beside the one on the screen; ``told``: what came of the newest scan."""

    back: str
    form: Form
    told: PaperCheckView | None = None


@dataclass(frozen=True)
class ValuationsPage:
    """Pieces that wait for somebody of the lender."""

    pieces: tuple[CollateralView, ...]


@dataclass(frozen=True)
class ValuationPage:
    """One piece; ``appraise``: while a valuer's figure is awaited of somebody who may write it down; ``apart``: while
    nobody said why it is another thing than one whose number is near; ``takes``: by value, of whose report somebody
    says that it is this piece's."""

    seen: CollateralView
    appraise: Form | None = None
    apart: Form | None = None
    takes: Mapping[UUID, Form] = field(default_factory=dict[UUID, Form])
