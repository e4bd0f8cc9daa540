"""What was brought home held against the rest of the file: pictures that served before, numbers that are not the
piece's."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import BIT
from sqlalchemy.ext.asyncio import AsyncSession

from db import collateral, offline
from db.tables import Application, Collateral, Task, TaskEvidence
from infra.keypoints import Picture, laid_upon
from lending.collateral import HOLDS
from lending.likeness import BITS, MOST, alike, same_view
from lending.offline import Captured

# One photo at a time is compared and kept, over all processes; the number only has to be ours.
PICTURES = 0x48_55_4F_11
# Photos that one is laid upon at most: at half a millisecond each, nobody waits for it.
AT_HAND = 120
PHOTO = Captured.PHOTO.value
HELD = tuple(state.value for state in HOLDS)
# What the explanation of a number is sealed for.
EXPLAINED = "task_evidence.explained"
# What is said of a photo that does not count by itself is sealed for.
VOUCHED = "task_evidence.vouched"


@dataclass(frozen=True, slots=True)
class Served:
    """The task that a picture served before: of which application, what kind, and whether it is this customer's.
    ``near``: not the very picture, but one like it."""

    number: int
    kind: str
    same_customer: bool
    near: bool = False


async def piece_of(session: AsyncSession, task: Task) -> Collateral | None:
    """The piece that a task is about; None for a task about none."""
    if known := task.params.get(offline.PIECE):
        return await collateral.one(session, UUID(known))
    return next(iter(await collateral.sent_for(session, [task.id])), None)


def picture(row: TaskEvidence) -> str:
    """What a photo shows, whatever its file carries besides; of one that was kept before this was told, its file."""
    return row.picture_sha256 or row.sha256 or str(row.id)


async def served(session: AsyncSession, rows: Sequence[TaskEvidence]) -> Mapping[UUID, Served]:
    """Those photos of one task that another task had before, whosever it is; which was first is when it reached us.

    Looked at whenever it is read, so that two that come at the same instant both are in the file and one of them is
    second.
    """
    photos = [row for row in rows if row.kind == PHOTO and row.sha256 is not None]
    if not photos:
        return {}
    pictures = {row.picture_sha256 for row in photos if row.picture_sha256 is not None}
    query = (
        select(TaskEvidence, Task.kind, Application.number)
        .join(Task, Task.id == TaskEvidence.task_id)
        .join(Application, Application.id == Task.application_id)
        .where(
            TaskEvidence.kind == PHOTO,
            TaskEvidence.task_id != photos[0].task_id,
            or_(TaskEvidence.picture_sha256.in_(pictures), TaskEvidence.sha256.in_({row.sha256 for row in photos})),
        )
        .order_by(TaskEvidence.received_at, TaskEvidence.id)
    )
    others = [(one, kind, number) for one, kind, number in await session.execute(query)]
    found: dict[UUID, Served] = {}
    for row in photos:
        for one, kind, number in others:
            same = one.sha256 == row.sha256 or (row.picture_sha256 or "") == one.picture_sha256
            if same and (one.received_at, one.id) < (row.received_at, row.id):
                found[row.id] = Served(number, kind, one.person_id == row.person_id)
                break
    like = {row.like_id for row in photos if row.like_id is not None and row.id not in found}
    query = (
        select(TaskEvidence, Task.kind, Application.number)
        .join(Task, Task.id == TaskEvidence.task_id)
        .join(Application, Application.id == Task.application_id)
        .where(TaskEvidence.id.in_(like))
    )
    for one, kind, number in (await session.execute(query)).all() if like else ():
        for row in photos:
            if row.like_id == one.id and row.id not in found:
                found[row.id] = Served(number, kind, one.person_id == row.person_id, near=True)
    return found


async def like(
    session: AsyncSession, task: Task, looks: str | None, points: bytes | None, by: str
) -> tuple[UUID | None, UUID | None]:
    """(the first photo of another task, the first of this one) that shows the same view; whoever brings one waits until
    this is kept.

    By its looks, at some microseconds each, a photo is held against every other; by its points, which find it turned,
    mirrored and framed too, against those of :func:`_near_at_hand`.
    """
    if looks is None and points is None:
        return None, None
    await session.execute(select(func.pg_advisory_xact_lock(PICTURES)))
    elsewhere = await _of_those_looks(session, task.id, looks) if looks is not None else None
    if points is None:
        return elsewhere, None
    found = await asyncio.to_thread(_first_of_that_view, points, await _near_at_hand(session, task, by))
    return elsewhere or next((one for one, of in found if of != task.id), None), next(
        (one for one, of in found if of == task.id), None
    )


async def _of_those_looks(session: AsyncSession, task_id: UUID, looks: str) -> UUID | None:
    whole = func.substring(TaskEvidence.looks, 1, BITS)
    near = [
        condition
        for at in range(0, len(looks), BITS)
        for condition in (
            _differing(func.substring(TaskEvidence.looks, at + 1, BITS), looks[:BITS]) <= MOST,
            _differing(whole, looks[at : at + BITS]) <= MOST,
        )
    ]
    query = (
        select(TaskEvidence.id)
        .where(TaskEvidence.task_id != task_id, TaskEvidence.looks.is_not(None), or_(*near))
        .order_by(TaskEvidence.received_at, TaskEvidence.id)
        .limit(1)
    )
    return await session.scalar(query)


async def _near_at_hand(session: AsyncSession, task: Task, by: str) -> list[tuple[UUID, UUID, bytes]]:
    """(photo, task, points) of what somebody would take a picture from: all of the customer, so of the case and its
    pieces, then the newest that the same person brought, then of the same kind of task; the oldest first."""
    theirs = TaskEvidence.person_id == task.person_id
    query = (
        select(TaskEvidence.id, TaskEvidence.task_id, TaskEvidence.points)
        .join(Task, Task.id == TaskEvidence.task_id)
        .where(TaskEvidence.points.is_not(None), or_(theirs, TaskEvidence.by == by, Task.kind == task.kind))
        .order_by(theirs.desc(), (TaskEvidence.by == by).desc(), TaskEvidence.received_at.desc(), TaskEvidence.id)
        .limit(AT_HAND)
    )
    return [(one, of, points or b"") for one, of, points in reversed((await session.execute(query)).all())]


def _first_of_that_view(points: bytes, others: Sequence[tuple[UUID, UUID, bytes]]) -> list[tuple[UUID, UUID]]:
    mine = Picture(points)
    mirrored = mine.mirrored()
    found: list[tuple[UUID, UUID]] = []
    for one, of, theirs in others:
        laid = laid_upon(mine, mirrored, Picture(theirs))
        if same_view(laid.points, laid.share, laid.spread, laid.exact):
            found.append((one, of))
    return found


def _differing(looks: ColumnElement[str], look: str) -> ColumnElement[int]:
    return func.bit_count(looks.op("#")(cast(literal(look), BIT(BITS))), type_=Integer)


def counting(rows: Sequence[TaskEvidence], before: Collection[UUID]) -> list[TaskEvidence]:
    """What speaks for its task: of pictures of one view the first, and none that served another task ``before``. One
    that lies upon another, and that another person took as a view of its own, is one."""
    seen: set[str] = set()
    views: list[str] = []
    first_of: dict[UUID, UUID] = {}
    shown: set[UUID] = set()
    found: list[TaskEvidence] = []
    for row in rows:
        if row.kind == PHOTO:
            if row.id in before or picture(row) in seen:
                continue
            first = first_of[row.id] = first_of.get(row.again_id, row.again_id) if row.again_id else row.id
            if first in shown and row.vouched_at is None:
                continue
            if row.looks is not None:
                if any(alike(row.looks, view) for view in views):
                    continue
                views.append(row.looks)
            shown.add(first)
            seen.add(picture(row))
        found.append(row)
    return found


def only_lies_upon(row: TaskEvidence, rows: Sequence[TaskEvidence]) -> bool:
    """Whether a photo is like others of its task by nothing but its points, which may be of a flat wall that somebody
    took twice: then another person may say that it is another view."""
    if row.again_id is None:
        return False
    others = [one for one in rows if one.kind == PHOTO and one.id != row.id]
    like_one = any(alike(row.looks, one.looks) for one in others if row.looks and one.looks)
    return not like_one and picture(row) not in {picture(one) for one in others}


async def compared(session: AsyncSession, application_id: UUID) -> Sequence[TaskEvidence]:
    """Every number that was held against a piece that still secures, or is to secure, the loan."""
    query = (
        select(TaskEvidence)
        .join(Collateral, Collateral.id == TaskEvidence.collateral_id)
        .where(
            Collateral.application_id == application_id,
            Collateral.state.in_(HELD),
            TaskEvidence.matches.is_not(None),
        )
        .order_by(TaskEvidence.received_at, TaskEvidence.id)
    )
    return (await session.scalars(query)).all()


async def differences(session: AsyncSession, application_id: UUID) -> Sequence[TaskEvidence]:
    """Numbers that are not the piece's, that nobody copied rightly after that on the same way, and nobody explained."""
    rows = await compared(session, application_id)
    # What one way copied is of one piece: its later numbers are among these.
    right = [one for one in rows if one.matches]

    def mended(row: TaskEvidence) -> bool:
        return any(
            (one.task_id, one.kind) == (row.task_id, row.kind) and one.received_at >= row.received_at for one in right
        )

    return [one for one in rows if one.matches is False and one.explained_at is None and not mended(one)]


def what(row: TaskEvidence, task: Task) -> str:
    """Which thing it is, as a code: of a number that was copied, which number it is for this kind of piece."""
    return offline.number_of(task) if row.kind == Captured.SERIAL.value else row.kind


def mended(row: TaskEvidence, rows: Sequence[TaskEvidence]) -> bool:
    """Whether the number was copied rightly after that, among all of its task."""
    return any(one.kind == row.kind and one.matches is True and one.received_at >= row.received_at for one in rows)


async def brought_of_pieces(session: AsyncSession, application_id: UUID) -> Mapping[str, Collection[UUID]]:
    """By kind of what was captured: the pieces of which a finished task brought it home. A number that is not the
    piece's counts once somebody explained it; that its photos are new was asked before the task could end."""
    found: dict[str, set[UUID]] = {}
    pieces = await collateral.of_application(session, application_id)
    by_id, by_task = {str(one.id): one for one in pieces}, {one.task_id: one for one in pieces}
    tasks = await offline.of_application(session, application_id)
    brought = await offline.evidence_of_all(session, [one.id for one in tasks])
    for task in tasks:
        known = task.params.get(offline.PIECE)
        piece = by_id.get(known) if known else by_task.get(task.id)
        over = task.state == "done" and offline.is_outside(task)
        if not over or piece is None or (task.outcome or {}).get("result") != "done":
            continue
        for row in brought[task.id]:
            if row.matches is not False or row.explained_at is not None:
                found.setdefault(row.kind, set()).add(piece.id)
    return found
