"""Sales and purchase invoice lists and receivable ledgers: any layout into normalised invoices.

Recognised by what the columns are: the tax bureau's export of issued and received invoices, an accountant's ledger, a
table of somebody's own. ``read`` for a file in memory; ``InvoiceReading`` for the confined child.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from imports.invoice_cells import Side, Status
from imports.invoice_columns import Role, mapping_of
from imports.invoice_list import InvoiceFlag, InvoiceSummary, NormalisedInvoice
from imports.invoice_rows import Draft, RowReader
from imports.invoice_sides import Own, SideFinder
from imports.invoice_tables import tables
from imports.invoice_tally import InvoiceTally, summarise
from imports.long_cells import stopped
from imports.misreadings import StatementNotUnderstood
from imports.sheets import LARGEST_FILE_BYTES
from lending.invoices import fingerprint, plain_number, plain_party

MOST_INVOICES = 500_000
BLOCK = 2_000


@dataclass(frozen=True, slots=True)
class InvoiceList:
    """A list that was read: its invoices in the order of the file, and what was understood."""

    name: str
    invoices: tuple[NormalisedInvoice, ...]
    summary: InvoiceSummary


def read(
    data: bytes,
    name: str = "",
    *,
    own: Own | None = None,
    side: Side | None = None,
    mapping: Iterable[str] = (),
    today: str = "",
    limit_bytes: int = LARGEST_FILE_BYTES,
) -> InvoiceList:
    """Reads a whole list.

    ``own`` is the firm whose list it is, ``side`` what its owner says it holds; without both the headings, the title,
    the content and at last the file's name decide. ``mapping`` is ``role=heading`` texts. ``today`` (``YYYY-MM-DD``) is
    the day that no invoice may lie after. Raises StatementNotUnderstood.
    """
    reading = InvoiceReading(
        data, name=name, own=own, side=side, mapping=mapping_of(mapping), today=today, limit_bytes=limit_bytes
    )
    found = [invoice for block in reading.blocks() for invoice in block]
    return InvoiceList(name, tuple(found), reading.summary())


@dataclass
class InvoiceReading:
    """One pass over a file: ``blocks`` to its end, then ``summary``. Nothing may be kept before the end."""

    data: bytes
    name: str = ""
    own: Own | None = None
    side: Side | None = None
    mapping: Mapping[Role, str] = field(default_factory=dict)
    today: str = ""
    limit_bytes: int = LARGEST_FILE_BYTES
    key: bytes = b""
    one_firm: bool = False  # an upload is one firm's; the command line may be given a list of many

    def __post_init__(self) -> None:
        self.own = self.own or Own()
        self.tally = InvoiceTally()
        self._columns: dict[str, str] = {}

    def blocks(self) -> Iterator[list[NormalisedInvoice]]:
        """Invoices in blocks. Raises StatementNotUnderstood at any point."""
        drafts: list[Draft] = []
        own = self.own or Own()
        finder = SideFinder(own, self.side, self.name)
        for found in tables(self.data, self.mapping, limit_bytes=self.limit_bytes):
            reader = RowReader(found, self.tally, self.today)
            self._columns = self._columns or {
                role.value: found.columns.headings[at] for role, at in found.columns.at.items()
            }
            try:
                fresh = list(reader.drafts())
            except csv.Error:
                raise stopped(found.text, found.delimiter) from None
            if len(drafts) + len(fresh) > MOST_INVOICES:
                raise StatementNotUnderstood("too_many_rows", limit=MOST_INVOICES)
            drafts += finder.settle(fresh, found, self.tally)
        self.tally.side_known_by = finder.known_by
        self.data = b""
        if self.one_firm and len({draft.firm for draft in drafts if draft.firm}) > 1:
            raise StatementNotUnderstood("several_firms", firms=len({draft.firm for draft in drafts if draft.firm}))
        invoices = self._each_once(drafts, own)
        if not invoices:
            self._refuse_nothing()
        for start in range(0, len(invoices), BLOCK):
            yield invoices[start : start + BLOCK]

    def summary(self) -> InvoiceSummary:
        """What was understood; only after ``blocks`` came to its end."""
        return summarise(self.tally, self._columns)

    def _refuse_nothing(self) -> None:
        if self.tally.not_understood:
            row, code, _ = self.tally.not_understood[0]
            count = self.tally.not_understood_count
            if {code for _, code, _ in self.tally.not_understood} == {"not_this_firm"}:
                raise StatementNotUnderstood("not_this_firm", where=str(row), rows=count)
            raise StatementNotUnderstood("nothing_understood", where=str(row), rows=count, first=code)
        raise StatementNotUnderstood("no_invoices")

    def _each_once(self, drafts: list[Draft], own: Own) -> list[NormalisedInvoice]:
        """Drafts with their fingerprints, repeated ones left out, red-ink ones tied to the ones that they take back."""
        tally = self.tally
        currencies = Counter(draft.currency for draft in drafts)
        tally.currency = currencies.most_common(1)[0][0] if currencies else "CNY"
        seen: dict[bytes, int] = {}
        occurrences: Counter[tuple[object, ...]] = Counter()
        found: list[NormalisedInvoice] = []
        for draft in drafts:
            if draft.currency != tally.currency:
                tally.refuse_row(draft.row, "other_currency", {"currency": draft.currency, "main": tally.currency})
                continue
            invoice = self._invoice(draft, own, occurrences)
            if (at := seen.get(invoice.fingerprint)) is not None:
                tally.duplicates += 1
                found[at] = _later(found[at], invoice)
                continue
            seen[invoice.fingerprint] = len(found)
            found.append(invoice)
        found = _cancelled(found)
        for invoice in found:
            tally.count(invoice)
        return found

    def _invoice(self, draft: Draft, own: Own, occurrences: Counter[tuple[object, ...]]) -> NormalisedInvoice:
        mine = draft.firm or own.name or own.tax_number
        seller = draft.seller or draft.seller_id or (mine if draft.side > 0 else "")
        buyer = draft.buyer or draft.buyer_id or (mine if draft.side < 0 else "")
        occurrence = 0
        flags = draft.flags
        if not draft.number:
            flags |= InvoiceFlag.NO_NUMBER.value
            content = (draft.side, seller, buyer, draft.gross_minor, draft.issued)
            occurrence = occurrences[content]
            occurrences[content] += 1
        digest = fingerprint(
            seller=seller,
            buyer=buyer,
            number=draft.number,
            gross_minor=draft.gross_minor,
            issued=draft.issued,
            occurrence=occurrence,
            key=self.key,
        )
        return NormalisedInvoice(
            draft.row, draft.firm, draft.side, draft.number, draft.code, draft.issued, draft.due, draft.settled,
            draft.net_minor, draft.tax_minor, draft.gross_minor, draft.currency, seller, buyer, draft.status, flags,
            draft.cancels, digest,
        )  # fmt: skip


def _later(first: NormalisedInvoice, second: NormalisedInvoice) -> NormalisedInvoice:
    """One invoice told twice: what became of it later counts, void over valid, paid over open."""
    return first._replace(
        status=Status.VOID if Status.VOID in (first.status, second.status) else first.status,
        settled=first.settled or second.settled,
        due=first.due or second.due,
        flags=first.flags | second.flags,
        cancels=first.cancels or second.cancels,
    )


def _cancelled(found: list[NormalisedInvoice]) -> list[NormalisedInvoice]:
    """Ties red-ink invoices to those that they name; one reversed in full without its red one in the list is void."""
    blue: dict[tuple[str, str], int] = {}
    for at, invoice in enumerate(found):
        if invoice.status == Status.VALID and invoice.number:
            blue[plain_number(invoice.number), plain_party(invoice.counterparty)] = at
    out = list(found)
    for at, invoice in enumerate(found):
        if invoice.status != Status.RED or not invoice.cancels:
            continue
        target = blue.get((plain_number(invoice.cancels), plain_party(invoice.counterparty)))
        if target is not None and out[target].gross_minor == -invoice.gross_minor:
            out[target] = out[target]._replace(flags=out[target].flags | InvoiceFlag.CANCELLED.value)
            out[at] = invoice._replace(flags=invoice.flags | InvoiceFlag.CANCELS.value)
    # An unnamed red-ink invoice to the same party over the same amount may be the one that reversed it: both stand.
    unnamed = {
        (plain_party(red.counterparty), -red.gross_minor)
        for red in out
        if red.status == Status.RED and not red.flags & InvoiceFlag.CANCELS.value
    }
    return [
        invoice._replace(status=Status.VOID)
        if invoice.flags & InvoiceFlag.REVERSED.value
        and not invoice.flags & InvoiceFlag.CANCELLED.value
        and (plain_party(invoice.counterparty), invoice.gross_minor) not in unnamed
        else invoice
        for invoice in out
    ]
