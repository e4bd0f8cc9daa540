"""A line on the owner's pages: what is free, what a draw would cost, the one tap."""

from dataclasses import dataclass
from decimal import Decimal

from api.views import DrawQuote, LineView, PayeeView
from web.views.owner.shopping import Range
from web.views.parts import Form


@dataclass(frozen=True)
class LinePage:
    """A line today. ``form`` reckons (nothing is sent by it); ``quote`` None where nothing can be drawn, or what was
    typed cannot. ``review``: asking a person to look, where something was done to the line. ``payee``: the seller whom
    the owner named, to be paid instead of them (P14). ``taken``: a draw was
    asked for and is being taken up; nothing is asked for twice."""

    seen: LineView
    form: Form
    amount: Range
    share: Range
    quote: DrawQuote | None = None
    review: Form | None = None
    payee: PayeeView | None = None
    name_payee: Form | None = None
    drop_payee: Form | None = None
    may_read_invoices: bool = True
    taken: bool = False

    @property
    def used(self) -> Decimal:
        """The part of the limit that is drawn or promised."""
        taken = self.seen.drawn_minor + self.seen.reserved_minor
        return min(Decimal(1), Decimal(taken) / self.seen.limit_minor)


@dataclass(frozen=True)
class DrawPage:
    """The cost of one draw, to confirm. ``prove``: where a face or a card is asked for first."""

    seen: LineView
    quote: DrawQuote
    confirm: Form
    prove: Form | None = None
    payee: PayeeView | None = None


@dataclass(frozen=True)
class LineStartPage:
    """Asking for a line: an amount, and nothing that is known. ``kind``: plain, or on receivables."""

    form: Form
    amount: Range
    months: int
    lowest_draw_minor: int
    annual_rate: Decimal
    highest_annual_rate: Decimal
    kind: str = "plain"
