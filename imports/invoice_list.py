"""One invoice as a list told it, in one form for every source, and what was understood of a list."""

from dataclasses import asdict, dataclass
from enum import IntFlag
from typing import Any, NamedTuple

from imports.misreadings import Notice, Params
from imports.summary import TotalCheck


class InvoiceFlag(IntFlag):
    """What a reader of the stored invoice should know. The numbers are stored: only ever add."""

    REVERSED = 1  # the list calls it reversed in full, and its red-ink invoice is not in it: it counts as void
    CANCELLED = 2  # a red-ink invoice in the same list names it and takes back all of it
    CANCELS = 4  # a red-ink invoice that takes back all of the one it names
    NO_NUMBER = 8  # the list gives no number; the fingerprint rests on content and order
    MERGED = 16  # several rows (its items) were added up
    TAX_DIFFERS = 32  # net and tax do not add up to the amount with tax


class NormalisedInvoice(NamedTuple):
    """One invoice. ``row`` counts as a spreadsheet shows it, from 1; days are ``YYYY-MM-DD`` or empty; amounts signed.

    ``side`` is 1 where the firm issued it and -1 where it received it. ``cancels`` is the number that a red-ink invoice
    names. ``gross_minor`` is with tax; where a list has one amount only, it is that, and so is ``net_minor``.
    """

    row: int
    firm: str
    side: int
    number: str
    code: str
    issued: str
    due: str
    settled: str
    net_minor: int
    tax_minor: int
    gross_minor: int
    currency: str
    seller: str
    buyer: str
    status: int
    flags: int
    cancels: str
    fingerprint: bytes

    @property
    def counterparty(self) -> str:
        """The buyer of a sale, the seller of a purchase."""
        return self.buyer if self.side > 0 else self.seller


# The column list that the streamed rows are meant for, in their order.
INVOICE_COLUMNS = (
    "firm_id",
    "file_id",
    "fingerprint",
    "n",
    "side",
    "issued_on",
    "due_on",
    "settled_on",
    "net_minor",
    "tax_minor",
    "currency",
    "counterparty_key",
    "number_key",
    "cancels_key",
    "serial",
    "status",
    "flags",
)


@dataclass(frozen=True, slots=True)
class MonthOfInvoices:
    """One calendar month of a list, by day of issue; minor units before tax, net of red ink, void ones left out."""

    month: str
    sales: int
    purchases: int
    sales_minor: int
    purchases_minor: int


@dataclass(frozen=True, slots=True)
class InvoiceSummary:
    """What was understood of one list. ``not_understood`` names at most 200 rows (row, code, figures).

    ``sides`` says how the side was known: ``given``, ``tax_number``, ``name``, ``column``, ``headings``, ``title``,
    ``content`` or ``file_name``. ``columns`` says which heading was taken for what.
    """

    layout: str
    currency: str
    first_day: str
    last_day: str
    invoices: int
    sales: int
    purchases: int
    void: int
    red: int
    buyers: int
    suppliers: int
    firms: int
    with_due: int
    settled: int
    side_known_by: str
    months: tuple[MonthOfInvoices, ...]
    duplicates: int
    not_understood_count: int
    not_understood: tuple[tuple[int, str, Params], ...]
    totals: tuple[TotalCheck, ...]
    notices: tuple[Notice, ...]
    columns: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """The summary as plain JSON values; amounts are integers of minor units."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "InvoiceSummary":
        """The inverse of ``as_json``."""
        return cls(
            **{
                **data,
                "months": tuple(MonthOfInvoices(**month) for month in data["months"]),
                "not_understood": tuple((row, code, params) for row, code, params in data["not_understood"]),
                "totals": tuple(TotalCheck(**total) for total in data["totals"]),
                "notices": tuple(Notice(**notice) for notice in data["notices"]),
            }
        )
