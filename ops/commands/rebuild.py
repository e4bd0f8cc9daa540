"""``huoshui rebuild``: balances made anew from the journal, and compared with those that are stored."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from ops.commands import answers
from ops.commands.system import answered

if TYPE_CHECKING:
    from db.sessions import Sessions
    from infra.settings import Settings
    from ops.rebuilding import Difference

A_BATCH = 500


@dataclass(frozen=True, slots=True)
class Found:
    """Loans that were made anew, what differed, and how many rows were put right."""

    loans: int
    differences: "list[Difference]"
    written: int


@click.command()
@click.option("--write", is_flag=True, help="Put the balances right that differ, and say so in the audit trail.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def rebuild(write: bool, as_json: bool) -> None:
    """Rebuild every loan's balance from its entries, sales and debits, and compare.

    Of the system that HUOSHUI_ENV_FILE names, else the one of `make up` in this folder. Exit code 1: something
    differs and was left as it is.
    """
    from infra import i18n
    from ops.stack.telling import terminal_locale

    found: Found = answered(lambda settings: _rebuild(settings, write))
    if as_json:
        answers.as_json(_json(found))
    else:
        locale = terminal_locale()
        for one in found.differences:
            told = {"loan": one.loan_id, "column": one.column, "stored": one.stored, "rebuilt": one.rebuilt}
            click.echo(i18n.text("ops.rebuild.difference", locale, **told))
        key = "written" if found.written else "differs" if found.differences else "same"
        n = found.written or len({one.loan_id for one in found.differences}) or found.loans
        click.echo(i18n.text(f"ops.rebuild.{key}", locale, n=n))
    raise SystemExit(1 if found.differences and not found.written else 0)


async def _rebuild(settings: "Settings", write: bool) -> Found:
    from db.sessions import Sessions

    sessions = Sessions(settings, scope="worker")
    try:
        return await (_put_right(sessions) if write else _compare(sessions))
    finally:
        await sessions.close()


async def _compare(sessions: "Sessions") -> Found:
    """All in one snapshot: a close that runs meanwhile is seen whole or not at all."""
    from sqlalchemy import text

    from db import projections
    from ops.proof import ONE_MOMENT
    from ops.rebuilding import compared

    differences: list[Difference] = []
    loans, after = 0, UUID(int=0)
    async with sessions.begin() as session:
        await session.execute(text(ONE_MOMENT))
        while batch := await projections.sources(session, after, A_BATCH):
            for source in batch:
                differences += compared(source)
            loans, after = loans + len(batch), batch[-1].loan.id
            session.expunge_all()
    return Found(loans, differences, 0)


async def _put_right(sessions: "Sessions") -> Found:
    """A batch a transaction, its balances locked in the order in which a close locks them."""
    from db import audits, closes, projections
    from ops.rebuilding import compared, rebuilt

    differences: list[Difference] = []
    loans = written = 0
    after = UUID(int=0)
    while True:
        async with sessions.begin() as session:
            batch = await projections.sources(session, after, A_BATCH, lock=True)
            wrong = [(source, found) for source in batch if (found := compared(source))]
            rows = [
                tuple({"loan_id": source.loan.id, **rebuilt(source)}[name] for name in closes.BALANCE_COLUMNS)
                for source, _ in wrong
            ]
            await closes.write_balances(session, rows)
            for source, found in wrong:
                differences += found
                await audits.append(
                    session,
                    actor="operator",
                    action="rebuild_balance",
                    object_kind="loan",
                    object_id=str(source.loan.id),
                    detail={one.column: [str(one.stored), str(one.rebuilt)] for one in found},
                    request_id=None,
                )
        if not batch:
            return Found(loans, differences, written)
        loans, written, after = loans + len(batch), written + len(wrong), batch[-1].loan.id


def _json(found: Found) -> dict[str, Any]:
    return {
        "loans": found.loans,
        "written": found.written,
        "differences": [
            {
                "loan_id": str(one.loan_id),
                "column": one.column,
                "stored": None if one.stored is None else str(one.stored),
                "rebuilt": None if one.rebuilt is None else str(one.rebuilt),
            }
            for one in found.differences
        ],
    }
