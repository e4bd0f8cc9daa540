"""What was brought home and does not speak for itself, in words: a picture that served before or says no place or time,
a number of another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import presence
from api.caller import Caller
from api.phrases import phrase
from db import collateral, doors, on_the_spot, people
from db.on_the_spot import Served
from db.tables import Task, TaskEvidence
from infra import i18n
from lending.offline import Captured, Unproven


@dataclass(frozen=True, slots=True)
class Doubt:
    """Of one thing. ``said``: the number that the piece has; ``counts``: whether it stands in the task's favour;
    ``another``: another person may take it as evidence, ``elsewhere``: than whoever booked another door, too;
    ``explained``: what was said of it, by whom."""

    text: str = ""
    differs: bool = False
    counts: bool = True
    another: bool = False
    said: str = field(default="", repr=False)
    explained: str = field(default="", repr=False)
    explained_by: str | None = None
    elsewhere: bool = False


NONE = Doubt()


async def of_task(
    session: AsyncSession, caller: Caller, task: Task, rows: Sequence[TaskEvidence]
) -> Mapping[UUID, Doubt]:
    """Those of one task's things that there is a doubt about."""
    found: dict[UUID, Doubt] = {}
    before = await on_the_spot.served(session, rows)
    alone = await presence.alone(session, caller, task, rows)
    counting = {one.id for one in _speaking(rows, alone, before)}
    for row in rows:
        other = before.get(row.id)
        if other is not None and not other.near:
            found[row.id] = Doubt(_served(caller, "served", other), counts=False)
        elif (other is not None or row.id in alone) and row.vouched_at is None:
            why = _unproven(caller, other, alone.get(row.id, ()), again=row.again_id is not None)
            away = Unproven.ELSEWHERE in alone.get(row.id, ())
            found[row.id] = Doubt(why, counts=False, another=True, elsewhere=away)
        elif row.id not in counting:
            lies_upon = row.vouched_at is None and on_the_spot.only_lies_upon(row, rows)
            text = i18n.text("api.doubt.again" if lies_upon else "api.doubt.twice", caller.locale)
            found[row.id] = Doubt(text, counts=False, another=lies_upon)
        elif row.vouched_at is not None:
            words, who = await _said(session, caller, row, on_the_spot.VOUCHED, row.vouched_sealed, row.vouched_by)
            how = [*alone.get(row.id, ()), *(["like"] if other is not None else [])] or ["again"]
            text = _joined(caller, [phrase(f"api.doubt.vouched.{one}", caller.locale, {}) for one in how])
            found[row.id] = Doubt(text, explained=words, explained_by=who)
        elif row.matches is False:
            found[row.id] = await _number(session, caller, task, row, rows)
    return found


async def counting(
    session: AsyncSession, caller: Caller, task: Task, rows: Sequence[TaskEvidence]
) -> Sequence[TaskEvidence]:
    """What speaks for its task: of photos those that say where and when, or that another person took; each picture
    once, and none of another task."""
    alone = await presence.alone(session, caller, task, rows)
    return _speaking(rows, alone, await on_the_spot.served(session, rows))


def _speaking(
    rows: Sequence[TaskEvidence], alone: Mapping[UUID, tuple[Unproven, ...]], before: Mapping[UUID, Served]
) -> list[TaskEvidence]:
    near = {row_id for row_id, one in before.items() if one.near}
    proven = [row for row in rows if row.vouched_at is not None or not (row.id in alone or row.id in near)]
    return on_the_spot.counting(proven, before.keys() - near)


def _served(caller: Caller, how: str, other: Served) -> str:
    whose = "same" if other.same_customer else "other"
    told = {"number": other.number, "offline_kind": other.kind}
    return phrase(f"api.doubt.{how}.{whose}", caller.locale, told)


def _unproven(caller: Caller, like: Served | None, why: Sequence[Unproven], *, again: bool) -> str:
    """Why a photo does not count unless another person takes it: all that holds, so that they know what they take."""
    policy = caller.tools.policies.offline
    told = {"metres": policy.near.far_m, "before": _hours(policy.around.before), "after": _hours(policy.around.after)}
    said = [_served(caller, "like", like)] if like is not None else []
    said += [i18n.text("api.doubt.again", caller.locale)] if again else []
    return _joined(caller, said + [phrase(f"api.doubt.alone.{one}", caller.locale, told) for one in why])


def _hours(span: timedelta) -> int:
    return round(span / timedelta(hours=1))


def _joined(caller: Caller, said: Sequence[str]) -> str:
    text = said[0]
    for more in said[1:]:
        text = i18n.text("api.doubt.both", caller.locale, first=text, second=more)
    return text


async def _said(
    session: AsyncSession, caller: Caller, row: TaskEvidence, what: str, sealed: bytes | None, by: str | None
) -> tuple[str, str]:
    """What somebody said of it, and their name."""
    key = await people.key_of(session, caller.tools.vault, row.person_id)
    names = await doors.staff_names(session)
    return caller.tools.vault.open(key, what, row.id, sealed or b""), names.get(by or "", by or "")


async def _number(
    session: AsyncSession, caller: Caller, task: Task, row: TaskEvidence, rows: Sequence[TaskEvidence]
) -> Doubt:
    piece = await on_the_spot.piece_of(session, task)
    said = ""
    if piece is not None:
        thing = await collateral.thing_of(session, caller.tools.vault, piece)
        said = thing.title if row.kind == Captured.SERIAL.value else piece.registration_no or ""
    told = {"captured": on_the_spot.what(row, task), "said": said}
    if row.explained_sealed is not None:
        words, who = await _said(session, caller, row, on_the_spot.EXPLAINED, row.explained_sealed, row.explained_by)
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
