"""``huoshui statement FILE...``: what is understood of bills and bank statements."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from imports.aside import read_aside
from imports.lines import Direction, Flag, Kind, NormalisedLine
from imports.misreadings import Params, StatementNotUnderstood
from imports.overlaps import told_before
from imports.statements import Statement
from imports.streaming import Children
from infra import i18n, unlocking
from ops.commands.answers import Unreadable

SHOWN_ROWS = 20


@dataclass
class Understood:
    """Several files taken together: each line once, and what was wrong with the rest."""

    statements: list[Statement] = field(default_factory=list)
    refused: list[tuple[str, StatementNotUnderstood]] = field(default_factory=list)
    lines: list[NormalisedLine] = field(default_factory=list)
    duplicates: int = 0


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Print lines and report as JSON; amounts in minor units.")
@click.option("--today", default="", metavar="YYYY-MM-DD", help="Refuse lines dated after this day.")
@click.option(
    "--password",
    envvar="HUOSHUI_STATEMENT_PASSWORD",
    help="Opens files that have one; asked for where a terminal is there. Kept nowhere.",
)
@click.option("--lang", type=click.Choice(i18n.LOCALES), default=i18n.DEFAULT_LOCALE, show_default=True)
def statement(files: tuple[Path, ...], as_json: bool, today: str, password: str | None, lang: str) -> None:
    """Show what is understood of bills and bank statements: months, revenue, rows left out, repeated lines.

    FILE may be - for standard input. Exits 2 when a file is refused, with one line that says what and where.
    """
    understood = asyncio.run(take(files, today, Passwords(password, lang)))
    if as_json:
        click.echo(json.dumps(report(understood, lang), ensure_ascii=False))
    else:
        _print(understood, lang)
    for name, error in understood.refused:
        why = said(f"imports.refused.{error.code}", error.all_params, lang)
        click.echo(i18n.text("imports.cli.refused", lang, name=name, why=why), err=True)
    if understood.refused:
        sys.exit(Unreadable.exit_code)


class Passwords:
    """Opens files with the password given, or with one that is asked for once a file, where somebody can be asked."""

    def __init__(self, given: str | None, lang: str) -> None:
        self._given = given
        self._lang = lang

    async def opened(self, data: bytes, name: str) -> bytes:
        """The file without its password. Raises StatementNotUnderstood: encrypted, wrong_password, broken."""
        try:
            return await self._unlocked(data, name)
        except unlocking.NeedsPassword:
            raise StatementNotUnderstood("encrypted") from None
        except unlocking.WrongPassword:
            raise StatementNotUnderstood("wrong_password") from None
        except unlocking.CannotUnlock:
            raise StatementNotUnderstood("broken") from None

    async def _unlocked(self, data: bytes, name: str) -> bytes:
        try:
            return await unlocking.unlocked(data, self._given or "")
        except unlocking.NeedsPassword:
            if not (sys.stdin.isatty() and sys.stderr.isatty()):
                raise
            asked = click.prompt(i18n.text("imports.cli.password", self._lang, name=name), hide_input=True, err=True)
            return await unlocking.unlocked(data, asked)


async def take(files: Iterable[Path], today: str, passwords: Passwords | None = None) -> Understood:
    """Reads files one after the other, each in a confined child; a line that an earlier one gave counts as repeated."""
    understood = Understood()
    passwords = passwords or Passwords(None, i18n.DEFAULT_LOCALE)
    paths = list(files)
    contents = [_content(path) for path in paths]
    seen: set[bytes] = set()
    async with Children(warm=min(len(paths), 2)) as children:
        for path, data in zip(paths, contents, strict=True):
            try:
                found = await _read(await passwords.opened(data, path.name), path.name, today, children)
            except StatementNotUnderstood as error:
                understood.refused.append((path.name, error))
                continue
            again = told_before(understood.statements, found)
            understood.statements.append(found)
            fresh = [line for at, line in enumerate(found.lines) if at not in again and line.fingerprint not in seen]
            seen.update(line.fingerprint for line in found.lines)
            understood.lines += fresh
            understood.duplicates += found.summary.duplicates + len(found.lines) - len(fresh)
    return understood


def _content(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from error


async def _read(data: bytes, name: str, today: str, children: Children) -> Statement:
    with tempfile.NamedTemporaryFile(prefix="huoshui-") as kept:  # readable by this user alone, gone at once
        kept.write(data)
        kept.flush()
        return await read_aside(kept.name, name, today=today, children=children)


def report(understood: Understood, lang: str = "en") -> dict[str, Any]:
    """Lines and report as JSON values."""
    return {
        "lines": [
            {
                "at": line.at[:10] if line.flags & Flag.DATE_ONLY else line.at.replace(" ", "T"),
                "direction": Direction(line.direction).word,
                "amount_minor": line.amount_minor,
                "currency": line.currency,
                "counterparty": line.counterparty,
                "description": line.description,
                "status": line.status,
                "reference": line.reference,
                "balance_minor": line.balance_minor,
                "kind": Kind(line.kind).name.lower(),
            }
            for line in understood.lines
        ],
        "report": {
            "files": [
                *(_file(found) for found in understood.statements),
                *(
                    {"name": name, "refused": error.code, "where": error.where, "params": error.params}
                    for name, error in understood.refused
                ),
            ],
            "understood": len(understood.lines),
            "not_understood": [
                {"file": found.name, "row": row, "code": code, "why": said(f"imports.row.{code}", params, lang)}
                for found in understood.statements
                for row, code, params in found.summary.not_understood
            ],
            "duplicates": understood.duplicates,
            "totals_check": [
                {"file": found.name, **asdict(total)}
                for found in understood.statements
                for total in found.summary.totals
            ],
            "months": months(understood.lines),
        },
    }


def months(lines: Iterable[NormalisedLine]) -> list[dict[str, Any]]:
    """Calendar months, oldest first, of lines that were each counted once; minor units, a row for each currency."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for line in lines:
        month = found.setdefault(
            (line.at[:7], line.currency),
            {"lines": 0, "in_minor": 0, "out_minor": 0, "sales_minor": 0, "refunds_minor": 0},
        )
        month["lines"] += 1
        if line.direction == Direction.IN:
            month["in_minor"] += line.amount_minor
            month["sales_minor"] += line.amount_minor if line.kind == Kind.SALE else 0
        elif line.direction == Direction.OUT:
            month["out_minor"] += line.amount_minor
            month["refunds_minor"] += line.amount_minor if line.kind == Kind.REFUND else 0
    return [
        {"month": name, "currency": currency, **month, "revenue_minor": month["sales_minor"] - month["refunds_minor"]}
        for (name, currency), month in sorted(found.items())
    ]


def said(key: str, params: Params, lang: str) -> str:
    """A text with its figures; what ends in ``_minor`` is shown as money."""
    shown = {
        name: i18n.money(value, "CNY", lang) if name.endswith("_minor") else value for name, value in params.items()
    }
    return i18n.text(key, lang, **shown)


def _file(found: Statement) -> dict[str, Any]:
    summary = found.summary.as_json()
    kept = ("layout", "encoding", "currency", "first_day", "last_day", "period_from", "period_to", "lines", "columns")
    return {
        "name": found.name,
        **{name: summary[name] for name in kept},
        "not_understood": found.summary.not_understood_count,
        "guessed": found.summary.guessed_lines,
        "notices": summary["notices"],
    }


def _print(understood: Understood, lang: str) -> None:
    console = Console(highlight=False, soft_wrap=True)

    def text(key: str, **params: object) -> str:
        return i18n.text(f"imports.cli.{key}", lang, **params)

    for found in understood.statements:
        summary = found.summary
        layout = i18n.text(f"imports.layout.{summary.layout}", lang)
        span = {"first": summary.first_day, "last": summary.last_day}
        console.print(text("file", name=found.name, layout=layout, n=summary.lines, **span), markup=False)
        for notice in summary.notices:
            params = {"where": notice.where, **notice.params}
            console.print("  · " + said(f"imports.notice.{notice.code}", params, lang), markup=False)
        if summary.not_understood_count:
            console.print(text("not_understood", n=summary.not_understood_count), markup=False)
            for row, code, params in summary.not_understood[:SHOWN_ROWS]:
                console.print(text("row", row=row, why=said(f"imports.row.{code}", params, lang)), markup=False)
            if (more := summary.not_understood_count - SHOWN_ROWS) > 0:
                console.print(text("more", n=more), markup=False)
        if summary.guessed_lines:
            console.print("  " + text("guessed", n=summary.guessed_lines), markup=False)
    if not understood.statements:
        console.print(text("nothing"), markup=False)
        return
    if understood.duplicates:
        console.print(text("duplicates", n=understood.duplicates), markup=False)
    currency = understood.statements[0].summary.currency
    found_months = [month for month in months(understood.lines) if month["currency"] == currency]
    table = Table()
    table.add_column(text("month"))
    columns = ("sales", "refunds", "revenue", "money_in", "money_out")
    for name in columns:
        table.add_column(text(name), justify="right")
    table.add_column(text("lines"), justify="right")
    keys = ("sales_minor", "refunds_minor", "revenue_minor", "in_minor", "out_minor")
    for month in found_months:
        table.add_row(month["month"], *(i18n.money(month[key], currency, lang) for key in keys), str(month["lines"]))
    table.add_section()
    table.add_row(
        text("total"),
        *(i18n.money(sum(month[key] for month in found_months), currency, lang) for key in keys),
        str(sum(month["lines"] for month in found_months)),
    )
    console.print(table)
