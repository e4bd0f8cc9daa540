"""``huoshui invoices FILE...``: what is understood of invoice lists and receivable ledgers."""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from imports.invoice_cells import Side, Status
from imports.invoice_list import MonthOfInvoices, NormalisedInvoice
from imports.invoice_sides import Own
from imports.invoices import InvoiceList, read
from imports.misreadings import StatementNotUnderstood
from infra import i18n
from ops.commands.answers import Unreadable
from ops.commands.statement import SHOWN_ROWS, said

SIDES = {"sale": Side.SALE, "purchase": Side.PURCHASE}


@dataclass
class Understood:
    """Several lists taken together: each invoice once, and what was wrong with the rest."""

    lists: list[InvoiceList] = field(default_factory=list)
    refused: list[tuple[str, StatementNotUnderstood]] = field(default_factory=list)
    invoices: list[NormalisedInvoice] = field(default_factory=list)
    duplicates: int = 0


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Print invoices and report as JSON; amounts in minor units.")
@click.option(
    "--map", "mapping", multiple=True, metavar="ROLE=COLUMN,..", help="Name columns, e.g. buyer=客户,issue=Day."
)
@click.option("--side", type=click.Choice(tuple(SIDES)), help="Whether the firm issued the invoices or received them.")
@click.option("--name", "own_name", default="", help="The firm's own name, to tell sales from purchases.")
@click.option("--tax-number", default="", help="The firm's own tax number, to tell sales from purchases.")
@click.option("--today", default="", metavar="YYYY-MM-DD", help="Leave out invoices issued or paid after this day.")
@click.option("--lang", type=click.Choice(i18n.LOCALES), default=i18n.DEFAULT_LOCALE, show_default=True)
def invoices(
    files: tuple[Path, ...], as_json: bool, mapping: tuple[str, ...], side: str | None, own_name: str, tax_number: str,
    today: str, lang: str,
) -> None:  # fmt: skip
    """Show what is understood of invoice lists: sales and purchases by month, buyers, void and red ink, rows left out.

    FILE is csv, xls, xlsx or parquet (also gzipped), or - for standard input. Exits 2 when a file is refused, with one
    line that says what and where.
    """
    own = Own(own_name, tax_number)
    understood = take(files, own=own, side=SIDES[side] if side else None, mapping=mapping, today=today)
    if as_json:
        click.echo(json.dumps(report(understood, lang), ensure_ascii=False))
    else:
        _print(understood, lang)
    for name, error in understood.refused:
        why = said(f"imports.refused.{error.code}", error.all_params, lang)
        click.echo(i18n.text("imports.cli.refused", lang, name=name, why=why), err=True)
    if understood.refused:
        sys.exit(Unreadable.exit_code)


def take(files: Iterable[Path], *, own: Own, side: Side | None, mapping: tuple[str, ...], today: str) -> Understood:
    """Reads lists one after the other; an invoice that an earlier one gave already is counted as a duplicate."""
    understood = Understood()
    seen: set[tuple[int, bytes]] = set()
    for path in files:
        try:
            data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        except OSError as error:
            raise Unreadable(f"{path}: {error.strerror}") from error
        try:
            found = read(data, path.name, own=own, side=side, mapping=mapping, today=today)
        except StatementNotUnderstood as error:
            understood.refused.append((path.name, error))
            continue
        understood.lists.append(found)
        fresh = [invoice for invoice in found.invoices if (invoice.side, invoice.fingerprint) not in seen]
        seen.update((invoice.side, invoice.fingerprint) for invoice in fresh)
        understood.invoices += fresh
        understood.duplicates += found.summary.duplicates + len(found.invoices) - len(fresh)
    return understood


def report(understood: Understood, lang: str = "en") -> dict[str, Any]:
    """Invoices and report as JSON values."""
    return {
        "invoices": [_invoice(invoice) for invoice in understood.invoices],
        "report": {
            "files": [
                *(_file(found) for found in understood.lists),
                *(
                    {"name": name, "refused": error.code, "where": error.where, "params": error.params}
                    for name, error in understood.refused
                ),
            ],
            "understood": len(understood.invoices),
            "not_understood": [
                {"file": found.name, "row": row, "code": code, "why": said(f"imports.row.{code}", params, lang)}
                for found in understood.lists
                for row, code, params in found.summary.not_understood
            ],
            "duplicates": understood.duplicates,
            "totals_check": [
                {
                    "file": found.name,
                    "of": total.direction,
                    "stated_minor": total.stated_minor,
                    "found_minor": total.found_minor,
                    "agrees": total.agrees,
                }
                for found in understood.lists
                for total in found.summary.totals
            ],
            "months": [asdict(month) for month in months(understood.invoices)],
        },
    }


def months(found: Iterable[NormalisedInvoice]) -> list[MonthOfInvoices]:
    """Calendar months, oldest first; void ones left out, red ink taken off."""
    sums: dict[str, list[int]] = {}
    for invoice in found:
        if invoice.status == Status.VOID:
            continue
        month = sums.setdefault(invoice.issued[:7], [0, 0, 0, 0])
        sold = invoice.side > 0
        month[0 if sold else 1] += 1
        month[2 if sold else 3] += invoice.net_minor
    return [MonthOfInvoices(name, *counts) for name, counts in sorted(sums.items())]


def _invoice(invoice: NormalisedInvoice) -> dict[str, Any]:
    return {
        "row": invoice.row,
        "firm": invoice.firm,
        "side": Side(invoice.side).word,
        "number": invoice.number,
        "code": invoice.code,
        "issued": invoice.issued,
        "due": invoice.due or None,
        "settled": invoice.settled or None,
        "net_minor": invoice.net_minor,
        "tax_minor": invoice.tax_minor,
        "gross_minor": invoice.gross_minor,
        "currency": invoice.currency,
        "seller": invoice.seller,
        "buyer": invoice.buyer,
        "status": Status(invoice.status).name.lower(),
        "cancels": invoice.cancels or None,
        "fingerprint": invoice.fingerprint.hex(),
    }


def _file(found: InvoiceList) -> dict[str, Any]:
    summary = found.summary.as_json()
    left_out = ("not_understood", "not_understood_count", "months", "totals")
    kept = {name: value for name, value in summary.items() if name not in left_out}
    return {"name": found.name, **kept, "not_understood": found.summary.not_understood_count}


def _print(understood: Understood, lang: str) -> None:
    console = Console(highlight=False, soft_wrap=True)

    def text(key: str, **params: object) -> str:
        return i18n.text(f"imports.cli.{key}", lang, **params)

    for found in understood.lists:
        summary = found.summary
        counts = {name: getattr(summary, name) for name in ("sales", "purchases", "void", "red")}
        span = {"first": summary.first_day, "last": summary.last_day}
        console.print(text("invoices_file", name=found.name, **counts, **span), markup=False)
        columns = ", ".join(f"{role}={heading}" for role, heading in summary.columns.items())
        console.print(text("columns", columns=columns), markup=False)
        for notice in summary.notices:
            params = {"where": notice.where, **notice.params}
            console.print("  · " + said(f"imports.notice.{notice.code}", params, lang), markup=False)
        if summary.not_understood_count:
            console.print(text("not_understood", n=summary.not_understood_count), markup=False)
            for row, code, params in summary.not_understood[:SHOWN_ROWS]:
                console.print(text("row", row=row, why=said(f"imports.row.{code}", params, lang)), markup=False)
            if (more := summary.not_understood_count - SHOWN_ROWS) > 0:
                console.print(text("more", n=more), markup=False)
    if not understood.lists:
        console.print(text("nothing"), markup=False)
        return
    if understood.duplicates:
        console.print(text("invoices_duplicates", n=understood.duplicates), markup=False)
    currency = understood.lists[0].summary.currency
    table = Table()
    table.add_column(text("month"))
    for name in ("issued", "issued_net", "received", "received_net"):
        table.add_column(text(name), justify="right")
    for month in months(understood.invoices):
        table.add_row(
            month.month,
            str(month.sales),
            i18n.money(month.sales_minor, currency, lang),
            str(month.purchases),
            i18n.money(month.purchases_minor, currency, lang),
        )
    console.print(table)
