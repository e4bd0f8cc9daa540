"""What a card is about in its customer's words: the workshop, the machine, the invoice, by name and last digits.

No card says a whole number of a title or an invoice: a list is read over shoulders, and four digits tell two machines
apart.
"""

import re
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from db import collateral, receivables
from db.people import Erased
from db.tables import Collateral, Receivable
from infra import i18n
from lending.collateral import CollateralKind

DIGITS = 4
# What stands in brackets behind a kind's name explains it on a form; a card has one line.
BRACKETS = re.compile(r"\s*[（(].*$")


async def of_tasks(session: AsyncSession, caller: Caller, task_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The piece that each task is about, by the task; those that are about none are left out."""
    found = await collateral.sent_for(session, task_ids)
    return {row.task_id: name for row in found if row.task_id and (name := await piece(session, caller, row))}


async def of_case(session: AsyncSession, caller: Caller, application_id: UUID) -> tuple[str, ...]:
    """What is offered for one application and still held."""
    rows = [row for row in await collateral.of_application(session, application_id) if row.state in collateral.HELD]
    found = [await piece(session, caller, row) for row in rows]
    return tuple(name for name in found if name)


async def piece(session: AsyncSession, caller: Caller, row: Collateral) -> str:
    """One piece of collateral; empty where its owner was erased."""
    try:
        thing = await collateral.thing_of(session, caller.tools.vault, row)
    except Erased:
        return ""
    names = caller.tools.policies.collateral.types[CollateralKind(row.kind)].names
    kind = BRACKETS.sub("", names[caller.locale if caller.locale in names else i18n.DEFAULT_LOCALE])
    return _said(caller.locale, kind, thing.label, thing.title.split("/", 1)[0])


async def invoice(session: AsyncSession, caller: Caller, row: Receivable) -> str:
    """One invoice, by its buyer."""
    try:
        paper = await receivables.paper_of(session, caller.tools.vault, row)
    except Erased:
        return ""
    return _said(caller.locale, i18n.text("api.piece.invoice", caller.locale), paper.buyer, paper.number)


def _said(locale: str, kind: str, name: str, number: str) -> str:
    tail = "".join(letter for letter in number if letter.isalnum() and letter.isascii())[-DIGITS:]
    key = "api.piece.named" if tail else "api.piece.without_number"
    return i18n.text(key, locale, kind=kind, name=name, tail=tail)
