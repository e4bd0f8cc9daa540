"""Receivables of a line on the owner's pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from api.views import BaseView
from api.views.receivable import FoundInvoice, InvoicePaperView
from web.views.parts import Form


@dataclass(frozen=True)
class ReceivablesPage:
    """What is pledged and what it carries. ``acts``: what can be done now to each, by its id. ``papers``: what was
    brought instead of typing; ``taken``: the invoice among them that stands in the form for a look."""

    seen: BaseView
    offer: Form
    bring: Form
    acts: Mapping[str, "ReceivableActs"] = field(default_factory=dict[str, "ReceivableActs"])

    papers: tuple[InvoicePaperView, ...] = ()
    taken: FoundInvoice | None = None

    @property
    def typing(self) -> bool:
        """Whether the form by hand is the one thing to do now."""
        return bool(self.taken or self.offer.errors or self.offer.values)

    @property
    def code_waits(self) -> bool:
        """Whether a code was sent: then its six digits are the one thing to do."""
        return any(acts.pledge for acts in self.acts.values())

    @property
    def used(self) -> Decimal:
        """The part of what they carry that is drawn or promised."""
        if not self.seen.base_minor:
            return Decimal(1) if self.lent_minor else Decimal(0)
        return min(Decimal(1), Decimal(self.lent_minor) / self.seen.base_minor)

    @property
    def lent_minor(self) -> int:
        """Drawn, and promised to be."""
        return self.seen.drawn_minor + self.seen.reserved_minor


@dataclass(frozen=True)
class ReceivableActs:
    """The forms of one receivable, None where it is not time for one."""

    look: Form | None = None
    bring: Form | None = None
    prove: Form | None = None
    code: Form | None = None
    pledge: Form | None = None
    release: Form | None = None
