"""``huoshui ledger``: the books on any day, by value or posting date, and against the bank's statement."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from ops.commands import answers
from ops.commands.classes import classes
from ops.commands.reconcile import reconcile
from ops.commands.system import answered

if TYPE_CHECKING:
    from infra.settings import Settings
    from lending.ledger import LoanPosition
    from lending.statement import LoanStatement, TrialBalance

day_option = click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), help="The business day at whose end.  [default: today's]"
)
by_option = click.option(
    "--by",
    type=click.Choice(["value_date", "posting_date"]),
    default="value_date",
    show_default=True,
    help="Count an entry from the day on which it took effect, or from the day on which it was written.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.group()
def ledger() -> None:
    """Show the books on any day, and hold them against the bank's statement.

    Of the system that HUOSHUI_ENV_FILE names, else the one of `make up` in this folder.
    """


ledger.add_command(reconcile)
ledger.add_command(classes)


@ledger.command()
@json_option
def accounts(as_json: bool) -> None:
    """Show the chart of accounts."""
    from infra import i18n
    from lending.accounts import SECTIONS
    from ops.stack.telling import terminal_locale

    locale = terminal_locale()
    rows = [
        (account.value, section.value, i18n.text(f"lending.account.{account.value}", locale))
        for account, section in SECTIONS.items()
    ]
    if as_json:
        answers.as_json([{"account": one, "section": section, "name": name} for one, section, name in rows])
        return
    for one, section, name in rows:
        click.echo(f"{one:<22} {i18n.text(f'lending.section.{section}', locale)}  {name}")


@ledger.command()
@day_option
@by_option
@json_option
def trial(on: datetime | None, by: str, as_json: bool) -> None:
    """Show the trial balance at the end of a day. Exit code 1 if debits and credits differ."""
    day, found = answered(lambda settings: _trial(settings, on.date() if on else None, by))
    if as_json:
        answers.as_json([_trial_json(currency, balance) for currency, balance in found.items()])
    else:
        _show_trial(day, found)
    raise SystemExit(1 if any(sum(balance.balances.values()) for balance in found.values()) else 0)


@ledger.command()
@click.argument("name", metavar="LOAN")
@day_option
@by_option
@json_option
def loan(name: str, on: datetime | None, by: str, as_json: bool) -> None:
    """Show the statement of one loan at the end of a day.

    LOAN is its id, or the number of its application or contract.
    """
    found = answered(lambda settings: _loan(settings, name, on.date() if on else None, by))
    if found is None:
        raise click.ClickException(f"no such loan: {name[:60]!r}")
    currency, statement, position = found
    if as_json:
        answers.as_json(_loan_json(currency, statement, position))
    else:
        _show_loan(currency, statement, position)


# --- reading ----------------------------------------------------------------------------------------------------------
async def _trial(settings: "Settings", on: date | None, by: str) -> "tuple[date, dict[str, TrialBalance]]":
    from db import ledger_views
    from db.sessions import Sessions
    from lending.calendars import Jurisdiction
    from lending.statement import By

    sessions = Sessions(settings, scope="worker")
    try:
        async with sessions.begin() as session:
            day = on or await _today(session, settings)
            found = await ledger_views.trial_balances(session, day, By(by), Jurisdiction(settings.jurisdiction))
            return day, found
    except ledger_views.UnknownAccount as error:
        raise click.ClickException(f"the journal names an unknown account {error}: huoshui audit verify") from error
    finally:
        await sessions.close()


async def _loan(
    settings: "Settings", name: str, on: date | None, by: str
) -> "tuple[str, LoanStatement, LoanPosition | None] | None":
    from db import ledger as rows
    from db import ledger_views
    from db.sessions import Sessions
    from lending.calendars import Jurisdiction
    from lending.statement import By, statement
    from ops.rebuilding import position_after

    sessions = Sessions(settings, scope="worker")
    try:
        async with sessions.begin() as session:
            found = await ledger_views.find_loan(session, name)
            if found is None:
                return None
            day = on or await _today(session, settings)
            zone = Jurisdiction(found.jurisdiction)
            entries = await rows.entries(session, found.id)
            told = statement(entries, found.id, day, By(by), zone)
            return found.currency, told, position_after(found, entries, day, By(by))
    finally:
        await sessions.close()


async def _today(session: Any, settings: "Settings") -> date:
    from db import clocks
    from lending.calendars import Jurisdiction, business_date

    return business_date(await clocks.now(session, settings.clock_id), Jurisdiction(settings.jurisdiction))


# --- telling ----------------------------------------------------------------------------------------------------------
def _trial_json(currency: str, balance: "TrialBalance") -> dict[str, Any]:
    from lending.accounts import SECTIONS, Section

    return {
        "on": balance.on,
        "by": balance.by.value,
        "currency": currency,
        "accounts": [
            {"account": account.value, "section": section.value, "balance_minor": balance.balances[account]}
            for account, section in SECTIONS.items()
            if account in balance.balances
        ],
        "sections": {section.value: balance.of(section) for section in Section},
        "difference_minor": sum(balance.balances.values()),
    }


def _show_trial(day: date, found: "dict[str, TrialBalance]") -> None:
    from infra import i18n
    from lending.accounts import SECTIONS
    from ops.stack.telling import terminal_locale

    locale = terminal_locale()

    def say(key: str, **params: object) -> str:
        return i18n.text(f"ops.ledger.{key}", locale, **params)

    if not found:
        click.echo(say("empty", day=i18n.day(day, locale)))
    for currency, balance in found.items():
        click.echo(say(f"trial_{balance.by.value}", day=i18n.day(balance.on, locale), currency=currency))
        rows = []
        for account in SECTIONS:
            amount = balance.balances.get(account)
            if amount is not None:
                told = i18n.money(abs(amount), currency, locale)
                name = i18n.text(f"lending.account.{account.value}", locale)
                rows.append((name, told if amount >= 0 else "", told if amount < 0 else ""))
        debit = sum(amount for amount in balance.balances.values() if amount > 0)
        credit = -sum(amount for amount in balance.balances.values() if amount < 0)
        rows.append((say("sum"), i18n.money(debit, currency, locale), i18n.money(credit, currency, locale)))
        answers.table((say("account"), say("debit"), say("credit")), rows)


def _loan_json(currency: str, told: "LoanStatement", position: "LoanPosition | None") -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "loan_id": str(told.loan_id),
        "on": told.on,
        "by": told.by.value,
        "currency": currency,
        "lines": [{**asdict(line), "entry_id": str(line.entry_id), "kind": line.kind.value} for line in told.lines],
        "position": None
        if position is None
        else {
            "principal_minor": position.principal_minor,
            "interest_earned_and_unpaid_minor": position.interest_due_minor,
            "interest_paid_minor": position.interest_paid_minor,
            "held_minor": position.held_minor,
            "owed_minor": position.owed_minor,
        },
    }


def _show_loan(currency: str, told: "LoanStatement", position: "LoanPosition | None") -> None:
    from infra import i18n
    from ops.stack.telling import terminal_locale

    locale = terminal_locale()

    def say(key: str, **params: object) -> str:
        return i18n.text(f"ops.ledger.{key}", locale, **params)

    def amount(minor: int) -> str:
        return i18n.money(minor, currency, locale) if minor else ""

    click.echo(say(f"loan_{told.by.value}", loan=told.loan_id, day=i18n.day(told.on, locale)))
    answers.table(
        (say("what"), say("value_date"), say("booked_on"), say("paid"), say("principal"), say("interest"), say("fees")),
        [
            (
                i18n.text(f"lending.entry.{line.kind.value}", locale),
                line.value_date.isoformat(),
                line.booked_on.isoformat(),
                amount(line.paid_minor),
                amount(line.principal_minor),
                amount(line.interest_minor),
                amount(line.fees_minor + line.penalties_minor),
            )
            for line in told.lines
        ],
    )
    if position is not None:
        click.echo(
            say(
                "owed",
                owed=i18n.money(position.owed_minor, currency, locale),
                principal=i18n.money(position.principal_minor, currency, locale),
                interest=i18n.money(position.interest_due_minor, currency, locale),
            )
        )
