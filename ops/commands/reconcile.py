"""``huoshui ledger reconcile``: the bank's statement (ISO 20022 camt.053) against what we booked on its account."""

import sys
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops.commands import answers

if TYPE_CHECKING:
    from infra.settings import Settings
    from lending.camt053 import BankStatement
    from lending.reconciliation import Break, Reconciliation


@dataclass(frozen=True, slots=True)
class Outcome:
    """One statement and what became of its rows; ``states`` tell what we know of each order."""

    statement: "BankStatement"
    days: tuple[date, date]
    found: "Reconciliation"
    states: dict[str, str]
    gap_minor: int | None  # by how much it does not open where the one before closed; None without one before

    @property
    def clean(self) -> bool:
        return self.found.clean and not self.gap_minor


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path), required=False)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day to ask the rail for, where no FILE is given.")
@click.option("--days-apart", type=click.IntRange(0, 3), default=0, show_default=True, help="So many are no break.")
@click.option("--dry-run", is_flag=True, help="Compare only; do not keep the statement and what was found.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def reconcile(file: Path | None, on: datetime | None, days_apart: int, dry_run: bool, as_json: bool) -> None:
    """Match a statement of the rail with our bookings; every break is listed with its reason.

    FILE is a camt.053 document (- is standard input); without one the rail is asked for its statement of --on.
    Exit code 1: there are breaks. Exit code 2: the file is no statement that can be trusted.
    """
    from lending.camt053 import NotAStatement, read
    from ops.commands.system import answered

    if (file is None) == (on is None):
        raise click.UsageError("either FILE or --on")
    if file is None:
        assert on is not None  # noqa: S101
        day = on.date()
        data = answered(lambda settings: _fetched(settings, day))
    else:
        data = _read(file)
    try:
        statements = read(data)
    except NotAStatement as error:
        raise _refused(file, str(error)) from error
    days = [_days(statement, on.date() if on else None) for statement in statements]
    if None in days:
        raise _refused(file, "a statement without bookings does not say its day: ask the rail with --on")
    work = [(statement, span) for statement, span in zip(statements, days, strict=True) if span is not None]
    outcomes: list[Outcome] = answered(lambda settings: _reconciled(settings, work, days_apart, not dry_run))
    if as_json:
        answers.as_json([_json(outcome) for outcome in outcomes])
    else:
        for outcome in outcomes:
            _show(outcome)
    raise SystemExit(0 if all(outcome.clean for outcome in outcomes) else 1)


class NotTrusted(click.ClickException):
    """Input that is no statement: one line, and nothing kept."""

    exit_code = 2


def _refused(file: Path | None, why: str) -> NotTrusted:
    return NotTrusted(f"{file.name if file else 'the rail'}: {why}")


def _read(file: Path) -> bytes:
    """The bytes, but of a file that is too large only so many that the reader sees it is."""
    from lending.camt053 import BYTES_AT_MOST

    if str(file) == "-":
        return sys.stdin.buffer.read(BYTES_AT_MOST + 1)
    with file.open("rb") as opened:
        return opened.read(BYTES_AT_MOST + 1)


def _days(statement: "BankStatement", on: date | None) -> tuple[date, date] | None:
    booked = [row.booked_on for row in statement.rows]
    if booked:
        return min(booked), max(booked)
    return (on, on) if on else None


async def _fetched(settings: "Settings", on: date) -> bytes:
    from gateways.failures import GatewayUnavailable
    from gateways.payments import HttpRail
    from infra import http

    seconds = settings.gateway_timeout.total_seconds()
    async with http.client(settings.rail_url, timeout=seconds) as client:
        try:
            return await HttpRail(client, deadline=seconds).camt053(on)
        except GatewayUnavailable as error:
            raise click.ClickException(f"the rail gives no statement of {on.isoformat()}: {error}") from error


async def _reconciled(
    settings: "Settings",
    work: "list[tuple[BankStatement, tuple[date, date]]]",
    days_apart: int,
    keeping: bool,
) -> list[Outcome]:
    from db import clocks, reconciling
    from db.sessions import Sessions
    from lending.calendars import Jurisdiction

    sessions = Sessions(settings, scope="worker")
    try:
        async with sessions.begin() as session:
            now = await clocks.now(session, settings.clock_id)
            outcomes: list[Outcome] = []
            for statement, days in work:
                outcome = await _matched(session, statement, days, days_apart)
                outcomes.append(outcome)
                if keeping:
                    await reconciling.keep(session, _kept(outcome), now, Jurisdiction(settings.jurisdiction))
            return outcomes
    except reconciling.StatementChanged as error:
        raise click.ClickException(f"imported before with other content: statement {error}") from error
    finally:
        await sessions.close()


async def _matched(session: Any, statement: "BankStatement", days: tuple[date, date], days_apart: int) -> Outcome:
    from db import reconciling
    from lending.reconciliation import reconcile as match

    named = {row.order_id for row in statement.rows if row.order_id} | {row.reference for row in statement.rows}
    ours = await reconciling.our_rows(session, *days, named, statement.currency)
    before = await reconciling.statement_before(session, statement.account, days[0])
    gap = None if before is None else statement.opening_minor - before.closing_minor
    return Outcome(statement, days, match(ours.rows, statement, days_apart=days_apart), ours.states, gap)


def _kept(outcome: Outcome) -> dict[str, Any]:
    statement = outcome.statement
    return {
        "account": statement.account,
        "statement_id": statement.id,
        "sha256": sha256(repr(statement).encode()).hexdigest(),  # the document itself names when it was made
        "currency": statement.currency,
        "first_on": outcome.days[0],
        "last_on": outcome.days[1],
        "opening_minor": statement.opening_minor,
        "closing_minor": statement.closing_minor,
        "rows": len(statement.rows),
        "matched": len(outcome.found.matched),
        "breaks": [_break(one, outcome.states) for one in outcome.found.breaks],
    }


def _break(one: "Break", states: dict[str, str]) -> dict[str, Any]:
    """A break as it is kept and printed: days as texts."""
    return {
        "reason": one.reason.value,
        "order_id": one.order_id,
        "reference": one.theirs.reference if one.theirs else None,
        "ours_minor": one.ours.amount_minor if one.ours else None,
        "theirs_minor": one.theirs.amount_minor if one.theirs else None,
        "ours_on": one.ours.booked_on.isoformat() if one.ours else None,
        "theirs_on": one.theirs.booked_on.isoformat() if one.theirs else None,
        "difference_minor": one.difference_minor,
        "state": states.get(one.order_id or ""),
        "text": one.theirs.text if one.theirs else None,
    }


def _json(outcome: Outcome) -> dict[str, Any]:
    return {**_kept(outcome), "difference_minor": outcome.found.difference_minor, "gap_minor": outcome.gap_minor}


def _show(outcome: Outcome) -> None:
    from infra import i18n
    from ops.stack.telling import terminal_locale

    locale, currency = terminal_locale(), outcome.statement.currency

    def say(key: str, **params: object) -> str:
        return i18n.text(f"ops.reconcile.{key}", locale, **params)

    def amount(minor: int | None) -> str:
        return "–" if minor is None else i18n.money(minor, currency, locale)

    first, last = (i18n.day(day, locale) for day in outcome.days)
    span = first if first == last else f"{first} – {last}"
    click.echo(say("statement", id=outcome.statement.id, account=outcome.statement.account[-4:], days=span))
    click.echo(say("matched", n=len(outcome.found.matched), rows=len(outcome.statement.rows)))
    if outcome.gap_minor:
        click.echo(say("gap", amount=amount(outcome.gap_minor)))
    if outcome.found.breaks:
        answers.table(
            (say("reason"), say("order"), say("ours"), say("theirs"), say("state")),
            [
                (
                    say(f"reason.{one.reason.value}"),
                    one.order_id or (one.theirs.reference if one.theirs else "–"),
                    amount(one.ours.amount_minor if one.ours else None),
                    amount(one.theirs.amount_minor if one.theirs else None),
                    outcome.states.get(one.order_id or "", "–"),
                )
                for one in outcome.found.breaks
            ],
        )
    n = len(outcome.found.breaks)
    click.echo(say("clean") if outcome.clean else say("breaks", n=n, amount=amount(outcome.found.difference_minor)))
