"""What was brought home and does not speak for itself, in words: a picture that served before, a number of another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.phrases import phrase
from db import collateral, doors, on_the_spot, people
from db.tables import Task, TaskEvidence
from infra import i18n
from lending.offline import Captured


@dataclass(frozen=True, slots=True)
class Doubt:
    """Of one thing. ``said``: the number that the piece has; ``counts``: whether it stands in the task's favour."""

    text: str = ""
    differs: bool = False
    counts: bool = True
    said: str = field(default="", repr=False)
    explained: str = field(default="", repr=False)
    explained_by: str | None = None


NONE = Doubt()


async def of_task(
    session: AsyncSession, caller: Caller, task: Task, rows: Sequence[TaskEvidence]
) -> Mapping[UUID, Doubt]:
    """Those of one task's things that there is a doubt about."""
    found: dict[UUID, Doubt] = {}
    before = await on_the_spot.served(session, rows)
    counting = {one.id for one in on_the_spot.counting(rows, before)}
    for row in rows:
        if (other := before.get(row.id)) is not None:
            whose = "same" if other.same_customer else "other"
            told = {"number": other.number, "offline_kind": other.kind}
            found[row.id] = Doubt(phrase(f"api.doubt.served.{whose}", caller.locale, told), counts=False)
        elif row.id not in counting:
            found[row.id] = Doubt(i18n.text("api.doubt.twice", caller.locale), counts=False)
        elif row.matches is False:
            found[row.id] = await _number(session, caller, task, row, rows)
    return found


async def _number(
    session: AsyncSession, caller: Caller, task: Task, row: TaskEvidence, rows: Sequence[TaskEvidence]
) -> Doubt:
    piece = await on_the_spot.piece_of(session, task)
    said = ""
    if piece is not None:
        thing = await collateral.thing_of(session, caller.tools.vault, piece)
        said = thing.title if row.kind == Captured.SERIAL.value else piece.registration_no or ""
    told = {"captured": on_the_spot.what(row, task), "said": said}
    if row.explained_sealed is not None and row.explained_by is not None:
        key = await people.key_of(session, caller.tools.vault, row.person_id)
        words = caller.tools.vault.open(key, on_the_spot.EXPLAINED, row.id, row.explained_sealed)
        names = await doors.staff_names(session)
        who = names.get(row.explained_by, row.explained_by)
        text = phrase("api.doubt.number.explained", caller.locale, told)
        return Doubt(text, said=said, explained=words, explained_by=who)
    if on_the_spot.mended(row, rows):
        return Doubt(phrase("api.doubt.number.mended", caller.locale, told), said=said)
    return Doubt(phrase("api.doubt.number.open", caller.locale, told), differs=True, said=said)


def lines(doubts: Mapping[UUID, Doubt], locale: str) -> tuple[str, ...]:
    """The same for whoever reads the case: pictures together, each number by itself with what was said of it."""
    pictures = sum(not one.counts for one in doubts.values())
    found = [i18n.text("api.doubt.pictures", locale, n=pictures)] if pictures else []
    for one in doubts.values():
        if one.counts:
            told = {"text": one.text, "words": one.explained, "who": one.explained_by or ""}
            found.append(phrase("api.doubt.said", locale, told) if one.explained else one.text)
    return tuple(found)
