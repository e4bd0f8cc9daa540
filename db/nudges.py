"""Asks to write to somebody about credit, each on record with what became of it, and the one place that sends."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.applications import notify_person
from db.intake import ENDED
from db.tables import Application, Nudge, Person, TrustStanding
from lending.identifiers import derived_id
from lending.nudges import Answer, answer_owed
from lending.nudges import Nudge as About

A_TIME = 200
Rule = Callable[..., Answer | None]


async def ask(
    session: AsyncSession, person: UUID, about: About, params: dict[str, Any], *, cause: str, at: datetime
) -> None:
    """There would be something to say. Whether it is said is answered by :func:`settle`; once per cause."""
    await session.execute(
        insert(Nudge)
        .values(
            id=derived_id("nudge", f"{about}/{cause}"),
            person_id=person,
            kind=about.value,
            params=params,
            asked_at=at,
            state="asked",
        )
        .on_conflict_do_nothing()
    )


async def open_asks(session: AsyncSession) -> Sequence[Nudge]:
    """Asks that nobody answered, the oldest first; those that another process holds are left to it."""
    found = await session.scalars(
        select(Nudge)
        .where(Nudge.state == "asked")
        .order_by(Nudge.asked_at, Nudge.id)
        .limit(A_TIME)
        .with_for_update(skip_locked=True)
    )
    return found.all()


async def settle(session: AsyncSession, row: Nudge, rule: Rule, now: datetime, *, quiet: bool) -> Answer | None:
    """Ask the rule, keep its answer, and send if it says so: no letter about credit leaves by another way.

    The person's row is locked first, so that two asks at once are two asks one after the other.
    """
    wanted = await session.scalar(
        select(Person.offers_wanted).where(Person.id == row.person_id).with_for_update(of=Person)
    )
    last = await session.scalar(
        select(func.max(Nudge.answered_at)).where(Nudge.person_id == row.person_id, Nudge.state == "sent")
    )
    standing = await session.get(TrustStanding, row.person_id)
    said = rule(
        now,
        asked_at=row.asked_at,
        wanted=bool(wanted),
        last_sent_at=last,
        quiet=quiet,
        applying=await _applying(session, row.person_id),
        late=standing.late if standing else False,
    )
    return await _answered(session, row, said, now)


async def settle_owed(
    session: AsyncSession, row: Nudge, now: datetime, *, quiet: bool, a_day: int, a_week: int
) -> Answer | None:
    """The same for a letter that somebody is owed: whether they want offers is no question."""
    await session.execute(select(Person.id).where(Person.id == row.person_id).with_for_update(of=Person))
    sent = Nudge.person_id == row.person_id, Nudge.state == "sent"
    counts = select(
        func.count().filter(Nudge.answered_at > now - timedelta(days=1)),
        func.count().filter(Nudge.answered_at > now - timedelta(days=7)),
    ).where(*sent)
    today, this_week = (await session.execute(counts)).one()
    said = answer_owed(
        now,
        asked_at=row.asked_at,
        quiet=quiet,
        sent_today=today,
        sent_this_week=this_week,
        a_day=a_day,
        a_week=a_week,
    )
    return await _answered(session, row, said, now)


async def _answered(session: AsyncSession, row: Nudge, said: Answer | None, now: datetime) -> Answer | None:
    if said is None:
        return None
    row.state, row.answered_at = said.value, now
    if said is Answer.SENT:
        await notify_person(
            session,
            notice_id=derived_id("notice", f"nudge/{row.id}"),
            person_id=row.person_id,
            application_id=None,
            kind=row.kind,
            params=row.params,
            at=now,
        )
    await session.flush()
    return said


async def _applying(session: AsyncSession, person: UUID) -> bool:
    found = await session.scalar(
        select(func.count()).where(Application.person_id == person, Application.stage.not_in(ENDED))
    )
    return bool(found)
