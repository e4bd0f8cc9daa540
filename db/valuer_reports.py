"""Reports of valuers: what each is known by, what it shares with photos and other reports, and who took it."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import on_the_spot
from db.tables import Appraisal, Collateral, Task, TaskEvidence, ValuerReport
from infra.cleaning import Cleaned
from infra.keypoints import Picture, laid_upon
from lending.collateral import HOLDS
from lending.likeness import alike, same_view
from lending.report_doubts import ReportDoubt

# What the word of whoever took a report is sealed for.
TAKEN = "valuer_report.taken"
HELD = tuple(state.value for state in HOLDS)
# Photos and reports, each, that the pages of a report are laid upon: the newest.
AT_HAND = 60


async def shared(session: AsyncSession, piece: Collateral, sha256: str, drawn: Cleaned, words: str | None) -> list[str]:
    """What a report shares with a photo of this customer or of any valuation, and with another piece's report."""
    views = [one for one in (drawn.points, *drawn.views) if one is not None]
    theirs = or_(TaskEvidence.person_id == piece.person_id, Task.kind == "valuation")
    photos = (
        select(TaskEvidence.points, TaskEvidence.looks)
        .join(Task, Task.id == TaskEvidence.task_id)
        .where(TaskEvidence.kind == on_the_spot.PHOTO, theirs)
        .order_by((TaskEvidence.person_id == piece.person_id).desc(), TaskEvidence.received_at.desc())
        .limit(AT_HAND)
    )
    reports = (
        select(ValuerReport)
        .where(ValuerReport.sha256 != sha256, ValuerReport.collateral_id != piece.id)
        .order_by(ValuerReport.at.desc())
        .limit(AT_HAND)
    )
    taken = (await session.execute(photos)).all()
    pictures = [points for points, _ in taken if points is not None]
    looks = [look for _, look in taken if look is not None]
    others = (await session.scalars(reports)).all()
    found: list[str] = []
    if _looks(drawn.looks, looks) or await asyncio.to_thread(_same, views, pictures):
        found.append(ReportDoubt.LIKE_PHOTO.value)
    # Two reports of one firm have one letterhead: pages with a text are told apart by their words, not by their look.
    said = words is not None and any(words == one.words_sha256 for one in others)
    scans = [view for one in others if one.words_sha256 is None for view in one.views]
    seen = _looks(drawn.looks, [one.looks for one in others if one.looks is not None])
    if said or (words is None and (seen or await asyncio.to_thread(_same, views, scans))):
        found.append(ReportDoubt.LIKE_REPORT.value)
    return found


def _looks(mine: str | None, others: Sequence[str]) -> bool:
    return mine is not None and any(alike(mine, one) for one in others)


def _same(mine: Sequence[bytes], others: Sequence[bytes]) -> bool:
    for view in mine:
        one = Picture(view)
        mirrored = one.mirrored()
        for other in others:
            laid = laid_upon(one, mirrored, Picture(other))
            if same_view(laid.points, laid.share, laid.spread, laid.exact):
                return True
    return False


async def keep(session: AsyncSession, **values: object) -> None:
    """By its hash. Brought again for a figure that came to nothing, it is looked at anew."""
    anew = {name: value for name, value in values.items() if name != "sha256"}
    anew |= {"taken_sealed": None, "taken_by": None, "taken_at": None}
    await session.execute(
        insert(ValuerReport).values(**values).on_conflict_do_update(index_elements=["sha256"], set_=anew)
    )


async def of_hash(session: AsyncSession, sha256: str, *, locked: bool = False) -> ValuerReport | None:
    """One of them."""
    return await session.get(ValuerReport, sha256, with_for_update=locked, populate_existing=locked)


async def of_piece(session: AsyncSession, collateral_id: UUID) -> dict[str, ValuerReport]:
    """Those behind the values of a piece, by their hash."""
    rows = await session.scalars(select(ValuerReport).where(ValuerReport.collateral_id == collateral_id))
    return {one.sha256: one for one in rows}


async def doubted(session: AsyncSession, application_id: UUID) -> Sequence[Collateral]:
    """Pieces that are held, with a report that nobody but who brought it has taken."""
    query = (
        select(Collateral)
        .where(
            Collateral.application_id == application_id,
            Collateral.state.in_(HELD),
            select(ValuerReport.sha256)
            .join(Appraisal, Appraisal.report_sha256 == ValuerReport.sha256)
            .where(Appraisal.collateral_id == Collateral.id, ValuerReport.doubts != [], ValuerReport.taken_at.is_(None))
            .exists(),
        )
        .order_by(Collateral.created_at, Collateral.id)
    )
    return (await session.scalars(query)).all()
