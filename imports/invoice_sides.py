"""Whether an invoice was issued or received: by what is given, the firm's own name and number, the table, its title."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from imports.invoice_cells import Side, read_side
from imports.invoice_columns import Role
from imports.invoice_rows import Draft
from imports.invoice_tables import Found
from imports.invoice_tally import InvoiceTally
from imports.misreadings import StatementNotUnderstood
from lending.invoices import plain_party

# What is known surely; anything else is shown to the owner as a guess.
SURE = frozenset({"given", "tax_number", "name", "column", "headings"})


@dataclass(frozen=True, slots=True)
class Own:
    """The firm whose list it is; either may be empty."""

    name: str = ""
    tax_number: str = ""

    def is_party(self, name: str, number: str) -> bool | None:
        """Whether a party is this firm; None where nothing can be compared. A number decides over a name."""
        if self.tax_number and number:
            return self.tax_number.strip().upper() == number.strip().upper()
        if self.name and name:
            return plain_party(self.name) == plain_party(name)
        return None


class SideFinder:
    """Gives each draft its side. The first way that says anything decides for a table."""

    def __init__(self, own: Own, given: Side | None, file_name: str) -> None:
        self._own = own
        self._given = given
        self._file_name = file_name
        self.known_by = "given" if given is not None else ""

    def settle(self, drafts: list[Draft], found: Found, tally: InvoiceTally) -> list[Draft]:
        """The drafts with their sides; those that are surely not this firm's are named in the tally and left out."""
        if not drafts:
            return []
        kept = list(self._ours(drafts, tally))
        rest = [draft for draft in kept if not draft.side]
        if rest:
            side, how = self._of_table(rest, found)
            if side is None:
                raise StatementNotUnderstood("side_unknown", where=found.sheet)
            self.known_by = self.known_by or how
            for draft in rest:
                draft.side = side
        for draft in kept:
            # The other party stands in a column of its own or in the one that may be either.
            if draft.side > 0:
                draft.buyer = draft.buyer or draft.party
            else:
                draft.seller = draft.seller or draft.party
        return kept

    def _ours(self, drafts: list[Draft], tally: InvoiceTally) -> Iterator[Draft]:
        for draft in drafts:
            if draft.side:
                self.known_by = self.known_by or "column"
            selling = self._own.is_party(draft.seller, draft.seller_id)
            buying = self._own.is_party(draft.buyer, draft.buyer_id)
            numbers = self._own.tax_number and draft.seller_id and draft.buyer_id
            if numbers and not selling and not buying:
                tally.refuse_row(draft.row, "not_this_firm", {})
                continue
            if self._given is not None:
                draft.side = self._given
            elif not draft.side and bool(selling) != bool(buying):
                draft.side = Side.SALE if selling else Side.PURCHASE
                self.known_by = self.known_by or ("tax_number" if numbers else "name")
            yield draft

    def _of_table(self, drafts: list[Draft], found: Found) -> tuple[Side | None, str]:
        roles = found.columns.at.keys()
        buyers, sellers = bool(roles & {Role.BUYER, Role.BUYER_ID}), bool(roles & {Role.SELLER, Role.SELLER_ID})
        if buyers != sellers:
            return (Side.SALE if buyers else Side.PURCHASE), "headings"
        titles = [found.sheet, *(" ".join(row) for row in found.above)]
        if side := next((side for title in titles if title.strip() and (side := read_side(title))), None):
            return side, "title"
        if buyers and (side := _constant(drafts)):
            return side, "content"
        if side := read_side(self._file_name.rpartition(".")[0] or self._file_name):
            return side, "file_name"
        return None, ""


def _constant(drafts: list[Draft]) -> Side | None:
    """In a list of sales the seller is always the same; in one of purchases the buyer is."""
    sellers = Counter(draft.seller_id or plain_party(draft.seller) for draft in drafts)
    buyers = Counter(draft.buyer_id or plain_party(draft.buyer) for draft in drafts)
    if (len(sellers) == 1) == (len(buyers) == 1):
        return None
    return Side.SALE if len(sellers) == 1 else Side.PURCHASE
