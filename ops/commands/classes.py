"""``huoshui ledger classes``: what the newest night set aside, and which loans are not normal or were written off."""

from typing import TYPE_CHECKING, Any

import click

from ops.commands import answers
from ops.commands.system import answered

if TYPE_CHECKING:
    from infra.settings import Settings

MOST = 500


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def classes(as_json: bool) -> None:
    """Show the provision by class, and each loan that is not normal. Exit code 1 if the ledger holds something else."""
    told = answered(_read)
    if as_json:
        answers.as_json(told)
    else:
        _show(told)
    raise SystemExit(1 if told["untied"] else 0)


async def _read(settings: "Settings") -> dict[str, Any]:
    from db import classes as rows
    from db.sessions import Sessions

    sessions = Sessions(settings, scope="worker")
    try:
        async with sessions.begin() as session:
            lines = await rows.provision(session, settings.jurisdiction)
            loans = [(one, kept) for one in await rows.classed(session, MOST) if (kept := one.kept) is not None]
            return {
                "provision": [
                    {
                        "on": line.on_date,
                        "currency": line.currency,
                        "class": line.klass,
                        "stage": line.stage,
                        "loans": line.loans,
                        "principal_minor": line.principal_minor,
                        "amount_minor": line.amount_minor,
                    }
                    for line in lines
                ],
                "loans": [
                    {
                        "loan_id": str(one.loan_id),
                        "number": one.number,
                        "currency": one.currency,
                        "class": kept.klass,
                        "because": kept.because,
                        "since": kept.since,
                        "days_past_due": one.days_past_due,
                        "principal_minor": one.principal_minor,
                        "suspended_minor": kept.suspended_minor,
                        "written_off_on": kept.off_on,
                        "recovered_minor": kept.recovered_minor,
                    }
                    for one, kept in loans
                ],
                "untied": [
                    {"account": account.value, "currency": currency, "difference_minor": by}
                    for account, currency, by in await rows.untied(session)
                ],
            }
    finally:
        await sessions.close()


def _show(told: dict[str, Any]) -> None:
    from infra import i18n
    from ops.stack.telling import terminal_locale

    locale = terminal_locale()

    def say(key: str) -> str:
        return i18n.text(f"ops.classes.{key}", locale)

    def klass(code: str) -> str:
        return i18n.text(f"lending.class.{code}", locale)

    def money(row: dict[str, Any], key: str) -> str:
        return i18n.money(row[key], row["currency"], locale)

    lines = [
        (klass(one["class"]), str(one["loans"]), money(one, "principal_minor"), money(one, "amount_minor"))
        for one in told["provision"]
    ]
    answers.table((say("class"), say("loans"), say("principal"), say("set_aside")), lines)
    loans = [
        (f"A-{one['number']}", klass(one["class"]), str(one["days_past_due"]), money(one, "principal_minor"))
        for one in told["loans"]
    ]
    answers.table((say("loan"), say("class"), say("days"), say("principal")), loans)
    for one in told["untied"]:
        click.echo(f"{say('untied')} {one['account']} {money(one, 'difference_minor')}")
