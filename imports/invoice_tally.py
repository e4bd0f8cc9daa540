"""What is counted while a list is read, and the summary of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from imports.invoice_cells import Status, money
from imports.invoice_columns import Role
from imports.invoice_list import InvoiceFlag, InvoiceSummary, MonthOfInvoices, NormalisedInvoice
from imports.misreadings import Notice, Params, RowNotUnderstood
from imports.summary import TotalCheck, months_between
from imports.tally import NAMED_ROWS
from lending.invoices import plain_party

_STATED = {Role.NET: "net", Role.TAX: "tax", Role.AMOUNT: "gross"}
_NO_NUMBER, _CANCELLED, _TAX_DIFFERS = (
    flag.value for flag in (InvoiceFlag.NO_NUMBER, InvoiceFlag.CANCELLED, InvoiceFlag.TAX_DIFFERS)
)
_SURELY = frozenset({"given", "tax_number", "name", "column", "headings", ""})


@dataclass(slots=True)
class InvoiceTally:
    """Counts. ``stated`` are totals of the file's own, by what they are of; ``found`` is what the rows add up to."""

    rows: int = 0
    items: int = 0
    duplicates: int = 0
    currency: str = "CNY"
    side_known_by: str = ""
    not_understood: list[tuple[int, str, Params]] = field(default_factory=list)
    not_understood_count: int = 0
    stated: dict[str, int] = field(default_factory=dict)
    invoices: int = 0
    by_status: dict[int, int] = field(default_factory=dict)
    by_side: dict[int, int] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)
    found_live: dict[str, int] = field(default_factory=dict)
    months: dict[str, list[int]] = field(default_factory=dict)
    parties: dict[int, set[str]] = field(default_factory=lambda: {1: set(), -1: set()})
    firms: set[str] = field(default_factory=set)
    days: list[str] = field(default_factory=lambda: ["", ""])
    with_due: int = 0
    settled: int = 0
    tax_differs: list[int] = field(default_factory=list)
    no_number: int = 0
    cancelled: int = 0
    due_before_issue: list[int] = field(default_factory=list)

    def refuse_row(self, row: int, code: str, params: Params) -> None:
        """Leaves a row out and says why."""
        self.not_understood_count += 1
        if len(self.not_understood) < NAMED_ROWS:
            self.not_understood.append((row, code, params))

    def footer(self, row: Sequence[str], at: Mapping[Role, int], _sheet: str) -> None:
        """Keeps the totals that a row under the table states."""
        for role, name in _STATED.items():
            if role not in at or at[role] >= len(row):
                continue
            try:
                if (minor := money(row[at[role]])) is not None:
                    self.stated[name] = self.stated.get(name, 0) + minor
            except RowNotUnderstood:
                continue

    def count(self, invoice: NormalisedInvoice) -> None:
        """Counts an invoice that is kept."""
        self.invoices += 1
        self.by_status[invoice.status] = self.by_status.get(invoice.status, 0) + 1
        self.by_side[invoice.side] = self.by_side.get(invoice.side, 0) + 1
        self.firms.add(invoice.firm)
        live = invoice.status != Status.VOID
        for name, minor in (("net", invoice.net_minor), ("tax", invoice.tax_minor), ("gross", invoice.gross_minor)):
            self.found[name] = self.found.get(name, 0) + minor
            self.found_live[name] = self.found_live.get(name, 0) + (minor if live else 0)
        self.days = [min(self.days[0] or invoice.issued, invoice.issued), max(self.days[1], invoice.issued)]
        if name := plain_party(invoice.counterparty):
            self.parties[invoice.side].add(name)
        self.with_due += bool(invoice.due)
        self.settled += bool(invoice.settled)
        self.no_number += bool(invoice.flags & _NO_NUMBER)
        self.cancelled += bool(invoice.flags & _CANCELLED)
        if invoice.flags & _TAX_DIFFERS:
            self.tax_differs.append(invoice.row)
        if invoice.due and invoice.due < invoice.issued:
            self.due_before_issue.append(invoice.row)
        if live:
            month = self.months.setdefault(invoice.issued[:7], [0, 0, 0, 0])
            month[0 if invoice.side > 0 else 1] += 1
            month[2 if invoice.side > 0 else 3] += invoice.net_minor


def summarise(tally: InvoiceTally, columns: dict[str, str]) -> InvoiceSummary:
    """The summary of a list that was read to its end."""
    totals = tuple(_check(name, stated, tally) for name, stated in tally.stated.items())
    months = tuple(MonthOfInvoices(month, *counts) for month, counts in sorted(tally.months.items()))
    return InvoiceSummary(
        layout="invoices",
        currency=tally.currency,
        first_day=tally.days[0],
        last_day=tally.days[1],
        invoices=tally.invoices,
        sales=tally.by_side.get(1, 0),
        purchases=tally.by_side.get(-1, 0),
        void=tally.by_status.get(Status.VOID, 0),
        red=tally.by_status.get(Status.RED, 0),
        buyers=len(tally.parties[1]),
        suppliers=len(tally.parties[-1]),
        firms=len(tally.firms),
        with_due=tally.with_due,
        settled=tally.settled,
        side_known_by=tally.side_known_by,
        months=months,
        duplicates=tally.duplicates,
        not_understood_count=tally.not_understood_count,
        not_understood=tuple(sorted(tally.not_understood, key=lambda found: found[0])),
        totals=totals,
        notices=tuple(_notices(tally, totals)),
        columns=columns,
    )


def _check(name: str, stated: int, tally: InvoiceTally) -> TotalCheck:
    # The bureau's export counts void ones in, an accountant's ledger does not: either reading may agree.
    readings = [tally.found.get(name, 0), tally.found_live.get(name, 0)]
    found = stated if stated in readings else readings[1]
    return TotalCheck(name, stated, found, None, tally.invoices, stated in readings)


def _notices(tally: InvoiceTally, totals: Sequence[TotalCheck]) -> list[Notice]:
    found = [
        Notice("invoice_total_differs", params={"stated_minor": total.stated_minor, "found_minor": total.found_minor})
        for total in totals
        if not total.agrees
    ]
    if tally.side_known_by not in _SURELY:
        side = "sales" if tally.by_side.get(1, 0) else "purchases"
        found.append(Notice(f"{side}_guessed_by_{tally.side_known_by}"))
    for code, rows in (("tax_differs", tally.tax_differs), ("due_before_issue", tally.due_before_issue)):
        if rows:
            found.append(Notice(code, where=str(rows[0]), params={"n": len(rows)}))
    if tally.no_number:
        found.append(Notice("no_invoice_numbers", params={"n": tally.no_number}))
    if tally.cancelled:
        found.append(Notice("red_cancels", params={"n": tally.cancelled}))
    if missing := months_between(sorted(tally.months)):
        found.append(Notice("months_without_invoices", where=missing[0], params={"n": len(missing)}))
    return found
