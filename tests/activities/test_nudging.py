"""The one sender of letters about credit: asks are on record, the rule holds over any days, and a no counts at once."""

import ast
import itertools
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import select, update

import policies
from db import drafts, nudges
from db.tables import Application, Draft, Notice, Person
from db.tables import Nudge as Row
from lending.calendars import Jurisdiction, add_months
from lending.nudges import Nudge
from lending.quiet_hours import is_quiet
from tests.activities.test_trusting import BEGAN, night
from worker.background.nudger import Nudger

ROOT = Path(__file__).resolve().parents[2]
QUIET = policies.load().contact.quiet_hours
START = datetime(2027, 3, 1, 3, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)


def nudger(lender: Any, quiet: tuple[time, time] = QUIET) -> Nudger:
    settings = SimpleNamespace(clock_id="main", jurisdiction="CN")
    return Nudger(cast("Any", SimpleNamespace(sessions=lender.sessions, settings=settings)), quiet, a_day=2, a_week=5)


async def letters(lender: Any, person: Any) -> list[datetime]:
    async with lender.sessions.begin() as session:
        kinds = [about.value for about in Nudge]
        found = await session.scalars(
            select(Notice.created_at).where(Notice.person_id == person, Notice.kind.in_(kinds))
        )
        return sorted(found)


async def test_i6_over_random_days_one_letter_in_thirty_days_each_ask_on_record_and_none_after_a_no(
    lender: Any,
) -> None:
    one, other = await lender.borrower(), await lender.borrower()
    works, chance = nudger(lender), Random(30)
    now, asked, off_from = START, 0, START + timedelta(days=200)
    while now < START + timedelta(days=300):
        now += timedelta(hours=chance.randint(7, 150))
        async with lender.sessions.begin() as session:
            if now >= off_from:
                await session.execute(update(Person).where(Person.id == one.person_id).values(offers_wanted=False))
            for person in (one.person_id, other.person_id):
                await nudges.ask(session, person, Nudge.LEVEL_ROSE, {"level": 2}, cause=f"{person}/{now}", at=now)
                await nudges.ask(session, person, Nudge.LEVEL_ROSE, {"level": 2}, cause=f"{person}/{now}", at=now)
            asked += 2
            await works.look(session, now)
    mine, theirs = await letters(lender, one.person_id), await letters(lender, other.person_id)
    for sent in (mine, theirs):
        assert len(sent) >= 5
        assert all(b - a >= timedelta(days=30) for a, b in itertools.pairwise(sent))
        assert not any(is_quiet(at, QUIET, Jurisdiction.CN) for at in sent)
    assert max(mine) < off_from < max(theirs), "a no of one person is that person's alone"
    async with lender.sessions.begin() as session:
        states = list(await session.scalars(select(Row.state)))
    assert len(states) == asked
    assert {"sent", "too_soon", "not_wanted"} <= set(states)


async def test_i6_an_ask_at_night_waits_for_the_morning_and_nobody_who_applies_is_asked_to(lender: Any) -> None:
    one, busy = await lender.borrower(), await lender.borrower()
    midnight = datetime(2027, 3, 1, 16, 5, tzinfo=UTC)
    async with lender.sessions.begin() as session:
        await session.execute(update(Application).where(Application.id == busy.application_id).values(stage="offered"))
        for person in (one.person_id, busy.person_id):
            await nudges.ask(session, person, Nudge.LEVEL_ROSE, {"level": 2}, cause=str(person), at=midnight)
        assert await nudger(lender).look(session, midnight) == 1
    assert await letters(lender, one.person_id) == []
    morning = midnight + timedelta(hours=10)
    async with lender.sessions.begin() as session:
        assert await nudger(lender).look(session, morning) == 1
    assert await letters(lender, one.person_id) == [morning]
    assert await letters(lender, busy.person_id) == []


async def test_i6_a_level_that_rose_is_told_by_that_sender_once(lender: Any) -> None:
    one = await lender.borrower(decided=BEGAN)
    rises = add_months(BEGAN, 6)
    await night(lender, rises)
    await night(lender, rises + A_DAY)
    noon = datetime.combine(rises + A_DAY, time(4), UTC)
    async with lender.sessions.begin() as session:
        assert await nudger(lender).look(session, noon) == 1
        assert await nudger(lender).look(session, noon) == 0
    assert await letters(lender, one.person_id) == [noon]


async def test_i6_do_not_offer_me_credit_stops_reminders_of_drafts_too(lender: Any) -> None:
    one = await lender.borrower()
    async with lender.sessions.begin() as session:
        said = {"fields_sealed": b"x", "version": 1, "channel": "owner", "begun_at": START, "changed_at": START}
        session.add(Draft(id=uuid4(), person_id=one.person_id, **said))
    async with lender.sessions.begin() as session:
        assert len(await drafts.waiting(session, START + 2 * A_DAY)) == 1
        await session.execute(update(Person).where(Person.id == one.person_id).values(offers_wanted=False))
        assert await drafts.waiting(session, START + 2 * A_DAY) == []


def test_i6_no_other_place_sends_a_letter_about_credit() -> None:
    """The kinds of such letters are named where they are asked for, and nowhere is one handed to the outbox."""
    kinds = {about.value for about in Nudge}
    found = set()
    for room in ("activities", "api", "db", "worker", "web", "workflows"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and node.value in kinds and "migrations" not in path.parts:
                    found.add(str(path.relative_to(ROOT)))
    assert found == {"db/tables/trusting.py"}, "say it with lending.nudges.Nudge, to db.nudges.ask"
