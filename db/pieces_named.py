"""What a message or a line of the story is about, in its owner's words: the machine, the invoice, by name and last
digits; who comes, and where.

A row carries ids alone, since it outlives its person; names are opened when somebody reads it, and end with the key.
"""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import collateral, offline, people, receivables
from db.people import Erased
from db.tables import Collateral, Receivable, Task
from infra import i18n
from infra.crypto import Vault
from lending.collateral import CollateralKind, CollateralType

DIGITS = 4
# What stands in brackets behind a kind's name explains it on a form; a line has no room for it.
BRACKETS = re.compile(r"\s*[（(].*$")
PIECE, WHO, PLACE = "piece_named", "who", "place"


async def piece(
    session: AsyncSession, vault: Vault, types: Mapping[CollateralKind, CollateralType], row: Collateral, locale: str
) -> str:
    """One piece of collateral; empty where its owner was erased."""
    try:
        thing = await collateral.thing_of(session, vault, row)
    except Erased:
        return ""
    names = types[CollateralKind(row.kind)].names
    return said(locale, names[locale if locale in names else i18n.DEFAULT_LOCALE], thing.label, thing.title)


async def invoice(session: AsyncSession, vault: Vault, row: Receivable, locale: str) -> str:
    """One invoice, by its buyer."""
    try:
        paper = await receivables.paper_of(session, vault, row)
    except Erased:
        return ""
    return said(locale, i18n.text("api.piece.invoice", locale), paper.buyer, paper.number)


async def about(
    session: AsyncSession,
    vault: Vault,
    types: Mapping[CollateralKind, CollateralType],
    params: Mapping[str, Any],
    locale: str,
) -> dict[str, Any]:
    """The parameters of a message or a line, with what their ids stand for."""
    found: dict[str, Any] = dict(params)
    piece_id = params.get("collateral_id")
    if task_id := params.get("task_id"):
        task = await session.get(Task, UUID(str(task_id)))
        if task is not None:
            piece_id = piece_id or task.params.get(offline.PIECE)
            found.setdefault(WHO, await offline.name_of(session, task.owner_id) or "")
            found.setdefault(PLACE, await _place(session, vault, task) or i18n.text("api.notice_of.no_place", locale))
    named = ""
    if piece_id and (row := await collateral.one(session, UUID(str(piece_id)))) is not None:
        named = await piece(session, vault, types, row, locale)
    elif (paper := params.get("receivable_id")) and (
        owed := await receivables.one(session, UUID(str(paper)))
    ) is not None:
        named = await invoice(session, vault, owed, locale)
    return {**found, PIECE: named} if named else found


async def _place(session: AsyncSession, vault: Vault, task: Task) -> str:
    if task.place_sealed is None:
        return ""
    try:
        return vault.open(
            await people.key_of(session, vault, task.person_id), offline.WHERE, task.id, task.place_sealed
        )
    except Erased:
        return ""


def said(locale: str, kind: str, name: str, number: str) -> str:
    """A kind, a name and the last digits of a number, where these are known already."""
    kind, number = BRACKETS.sub("", kind), number.split("/", 1)[0]
    tail = "".join(letter for letter in number if letter.isalnum() and letter.isascii())[-DIGITS:]
    key = "api.piece.named" if tail else "api.piece.without_number"
    return i18n.text(key, locale, kind=kind, name=name, tail=tail)
