"""What must be seen outside comes before a decision; who goes takes a pack along that names nobody."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update

from activities.leaves import Leaves
from activities.offline import Offline
from activities.ports.intake import Case
from activities.ports.leaves import LeaveCase
from activities.ports.offline import SlotWanted
from activities.ports.tasks import TaskCase, TaskDone
from activities.ports.underwriting import Decided, PersonDecided
from activities.tasks import Tasks
from activities.underwriting import Underwriting
from db import clocks, handing_up, leaves, offline
from db.tables import Application, Command, Notice, Staff, Task, TimelineEvent
from infra.phrases import notice
from lending.refusals import SlotTaken
from policies.book import load
from tests.activities.test_judging import NOW, Desk

BOOK = load()
ABOVE = 25_000_000


async def hired(desk: Desk, name: str, role: str = "manager") -> UUID:
    """A manager, or somebody of another role."""
    staff_id = uuid4()
    async with desk.steps.sessions.begin() as session:
        now = await clocks.now(session, desk.steps.clock_id)
        await session.execute(
            insert(Staff).values(
                id=staff_id, login=name, employee=name, name=name, password_hash="", totp_sealed=b"",
                roles=[role], created_at=now,
            )
        )  # fmt: skip
    return staff_id


async def said(desk: Desk, task_id: UUID, detail: dict[str, Any]) -> UUID:
    """A command's row as the API writes it."""
    command_id = uuid4()
    async with desk.steps.sessions.begin() as session:
        now = await clocks.now(session, desk.steps.clock_id)
        await session.execute(
            insert(Command).values(
                id=command_id, workflow_type="OfflineTask", workflow_id=f"task/{task_id}", name="finish", argument={},
                detail=detail, principal="staff", state="done", created_at=now, next_attempt_at=now,
            )
        )  # fmt: skip
    return command_id


async def asks(desk: Desk, amount_minor: int) -> tuple[Underwriting, Decided]:
    """The application is submitted for so much and decided by machine."""
    await desk.read_bill((NOW - timedelta(days=390)).date(), 12, 3_000_000)
    deciding = Underwriting(desk.steps, desk.registers, BOOK, desk.judge())
    async with desk.steps.sessions.begin() as session:
        await session.execute(update(Application).values(amount_minor=amount_minor, stage="deciding", months=24))
    return deciding, await deciding.decide_application(Case(desk.application_id, uuid4()))


async def test_a_rule_asks_for_a_visit_and_the_case_opens_only_once_it_was_made(desk: Desk) -> None:
    mei = await hired(desk, "梅")
    deciding, decided = await asks(desk, ABOVE)
    (task_id,) = decided.offline
    assert (decided.outcome, decided.task_id, decided.standing.stage) == ("review", None, "review")
    async with desk.steps.sessions.begin() as session:
        task = await session.get_one(Task, task_id)
        assert (task.kind, task.owner_id) == ("visit", mei), "each has an owner"
        assert task.due_at - task.created_at == timedelta(days=7)
        assert decided.standing.due_at == task.due_at, "and the customer reads the same time"
        assert (await session.scalars(select(Notice.kind))).all() == ["offline_asked"]
    person = PersonDecided(desk.application_id, uuid4(), task_id)
    room = Tasks(desk.steps)
    await room.finish_task(TaskDone(task_id, await said(desk, task_id, {"result": "done"})))
    case = await deciding.go_on_to_review(person)
    assert case.offline == () and case.task_id is not None
    assert (await deciding.go_on_to_review(person)).task_id == case.task_id, "a retry"
    async with desk.steps.sessions.begin() as session:
        review = await session.get_one(Task, case.task_id)
        assert review.due_at - review.created_at <= timedelta(days=1), "whoever decides has a clock of their own"
        assert review.params["reasons"], "and reads why"
        kinds = (await session.scalars(select(TimelineEvent.kind).order_by(TimelineEvent.n))).all()
        assert kinds == ["offline_asked", "offline_done", "review_opened"]


async def test_below_the_rule_nobody_goes_out_until_a_manager_asks_for_it(desk: Desk) -> None:
    deciding, decided = await asks(desk, 15_000_000)
    assert decided.offline == () and decided.task_id is not None
    asked = {"offline": "phone_call", "reason": "问清库存"}
    await Tasks(desk.steps).finish_task(TaskDone(decided.task_id, await said(desk, decided.task_id, asked)))
    again = await deciding.apply_review(PersonDecided(desk.application_id, uuid4(), decided.task_id))
    assert (again.outcome, again.task_id, len(again.offline)) == ("review", None, 1)
    async with desk.steps.sessions.begin() as session:
        task = await session.get_one(Task, again.offline[0])
        assert (task.kind, task.params["why"], task.params["words"]) == ("phone_call", "person", "问清库存")


async def test_a_pack_says_what_is_known_to_verify_and_to_ask_and_hides_score_and_names(desk: Desk) -> None:
    _, decided = await asks(desk, ABOVE)
    (task_id,) = decided.offline
    room = Offline(desk.steps, BOOK.offline)
    async with desk.steps.sessions.begin() as session:
        now = await clocks.now(session, desk.steps.clock_id)
    slot_at = now + timedelta(days=3)
    command = await said(desk, task_id, {"slot_at": slot_at.isoformat(), "way": "on_site", "actor": "owner"})
    booked = await room.book_slot(SlotWanted(task_id, command))
    assert await room.book_slot(SlotWanted(task_id, command)) is not None, "a retry"
    assert slot_at - booked.pack_at >= timedelta(hours=24)
    await room.build_pack(TaskCase(task_id, task_id))
    async with desk.steps.sessions.begin() as session:
        task = await session.get_one(Task, task_id)
        pack = task.pack or {}
        assert [one["code"] for one in pack["known"]][:1] == ["asked"]
        assert "monthly_net_revenue_minor" in [one["code"] for one in pack["known"]]
        assert pack["questions"] == ["premises_theirs", "goods_match", "people_at_work", "books_seen"]
        assert len(pack["sha256"]) == 64
        assert not {"面馆", "pd", "grade", "confidence"} & set(str(pack).replace("'", " ").split())
        assert task.pack_at is not None and task.pack_at < slot_at - timedelta(hours=24)
    await room.build_pack(TaskCase(task_id, task_id))
    async with desk.steps.sessions.begin() as session:
        assert (await session.get_one(Task, task_id)).pack_at == task.pack_at, "what was taken along stays on record"


async def test_b3_handed_up_with_a_new_time_that_both_read_and_kept_open_as_its_kind_says(desk: Desk) -> None:
    _, decided = await asks(desk, ABOVE)
    (task_id,) = decided.offline
    room = Tasks(desk.steps)
    case = TaskCase(task_id, task_id)
    plan = await room.plan_task(case)
    assert plan.kept_until == plan.escalate_at + timedelta(days=120), "ninety days and more"
    await room.remind_task(case)
    standing = await room.escalate_task(case)
    async with desk.steps.sessions.begin() as session:
        task = await session.get_one(Task, task_id)
        assert task.role == "lead" and task.reminded_at and task.escalated_at
        assert offline.promised_at(task) == standing.due_at
        kinds = (await session.scalars(select(TimelineEvent.kind).order_by(TimelineEvent.n))).all()
        assert kinds == ["offline_asked", "offline_reminded", "offline_escalated"]


async def late(desk: Desk, days: float) -> UUID:
    """A visit of which the time is over since so many days."""
    _, decided = await asks(desk, ABOVE)
    (task_id,) = decided.offline
    async with desk.steps.sessions.begin() as session:
        task = await session.get_one(Task, task_id)
        task.created_at, task.due_at = (
            task.created_at - timedelta(days=7 + days),
            task.due_at - timedelta(days=7 + days),
        )
    return task_id


async def test_b3_at_the_end_of_its_time_a_lead_is_named_beside_whoever_has_it_and_the_new_time_lies_ahead(
    desk: Desk,
) -> None:
    mei, gu = await hired(desk, "梅"), await hired(desk, "顾宁", "lead")
    task_id = await late(desk, days=20)
    standing = await Tasks(desk.steps).escalate_task(TaskCase(task_id, task_id))
    async with desk.steps.sessions.begin() as session:
        now = await clocks.now(session, desk.steps.clock_id)
        task = await session.get_one(Task, task_id)
        assert (task.owner_id, handing_up.lead_id(task), task.role) == (mei, gu, "lead"), "who knows the customer stays"
        assert offline.promised_at(task) == standing.due_at and offline.promised_at(task) > now, "however late it is"
        event = (await session.scalars(select(TimelineEvent).where(TimelineEvent.kind == "offline_escalated"))).one()
        told = (await session.scalars(select(Notice).where(Notice.kind == "offline_late"))).one()
        assert event.params["who"] == told.params["who"] == "顾宁", "the customer reads the same name"
        words = notice("offline_late", "zh_CN", told.params, "https://x.example")
        assert "组长顾宁" in words and "，，" not in words
        nobody = notice("offline_late", "zh_CN", {**told.params, "who": ""}, "https://x.example")
        assert "组长盯着" not in nobody and "{" not in nobody, "with nobody to name there is no gap in the words"


async def test_b3_what_nobody_has_or_somebody_who_is_away_is_the_leads_at_once(desk: Desk) -> None:
    mei, gu = await hired(desk, "梅"), await hired(desk, "顾宁", "lead")
    task_id = await late(desk, days=1)
    async with desk.steps.sessions.begin() as session:
        now = await clocks.now(session, desk.steps.clock_id)
        span = {"begins_at": now - timedelta(days=1), "ends_at": now + timedelta(days=9)}
        await leaves.add(session, uuid4(), mei, gu, now=now, **span)
    await Tasks(desk.steps).escalate_task(TaskCase(task_id, task_id))
    async with desk.steps.sessions.begin() as session:
        task = await session.get_one(Task, task_id)
        assert (task.owner_id, task.params["handed_from"]) == (gu, str(mei))


async def test_b3_a_lead_who_is_away_is_not_named_and_without_any_an_officer_is(desk: Desk) -> None:
    mei, gu, chen = await hired(desk, "梅"), await hired(desk, "顾宁", "lead"), await hired(desk, "陈立", "officer")
    task_id = await late(desk, days=1)
    async with desk.steps.sessions.begin() as session:
        now = await clocks.now(session, desk.steps.clock_id)
        span = {"begins_at": now - timedelta(days=1), "ends_at": now + timedelta(days=9)}
        await leaves.add(session, uuid4(), gu, mei, now=now, **span)
    await Tasks(desk.steps).escalate_task(TaskCase(task_id, task_id))
    async with desk.steps.sessions.begin() as session:
        assert handing_up.lead_id(await session.get_one(Task, task_id)) == chen


async def test_managers_share_the_work_by_what_each_has_open(desk: Desk) -> None:
    first, second = await hired(desk, "一"), await hired(desk, "二")
    many = [kind for kind in BOOK.offline.kinds if kind.id in ("valuation", "registration")]
    assert all(kind.outside for kind in many)
    async with desk.steps.sessions.begin() as session:
        application = await session.get_one(Application, desk.application_id)
        now = await clocks.now(session, desk.steps.clock_id)
        opened = [
            await offline.open_task(
                session,
                application,
                offline.New(uuid4(), kind.id, kind.role, kind.within, kind.kept_open, "person"),
                now=now,
            )
            for kind in many
        ]
        assert [task.owner_id for task in opened] == [first, second]


async def test_b3_on_leave_every_open_task_goes_to_the_deputy_at_once_and_the_customer_is_told(desk: Desk) -> None:
    mei = await hired(desk, "梅")
    _, decided = await asks(desk, ABOVE)
    deputy, leave_id = await hired(desk, "兰"), uuid4()
    room = Leaves(desk.steps)
    async with desk.steps.sessions.begin() as session:
        now = await clocks.now(session, desk.steps.clock_id)
        ends_at = now + timedelta(days=9)
        await leaves.add(session, leave_id, mei, deputy, begins_at=now, ends_at=ends_at, now=now)
    assert (await room.plan_leave(LeaveCase(leave_id))).seconds == 0, "today's is due at once"
    assert (await room.hand_over(LeaveCase(leave_id))).tasks == 1
    assert (await room.hand_over(LeaveCase(leave_id))).tasks == 0, "once"
    async with desk.steps.sessions.begin() as session:
        task = await session.get_one(Task, decided.offline[0])
        assert (task.owner_id, task.params["handed_from"]) == (deputy, str(mei))
        assert task.due_at - task.created_at == timedelta(days=7), "no time changes"
        sent = (await session.scalars(select(Notice).where(Notice.kind == "offline_reassigned"))).one()
        assert sent.params["who"] == "兰"
        assert await offline.somebody(session, "manager", now) == deputy, "nothing new comes to somebody who is away"


async def test_a_deputy_who_is_away_too_passes_it_on_and_who_is_back_keeps_nothing(desk: Desk) -> None:
    mei = await hired(desk, "梅")
    _, decided = await asks(desk, ABOVE)
    deputy, third = await hired(desk, "兰"), await hired(desk, "竹")
    first, second, early = uuid4(), uuid4(), uuid4()
    room = Leaves(desk.steps)
    async with desk.steps.sessions.begin() as session:
        now = await clocks.now(session, desk.steps.clock_id)
        ends_at = now + timedelta(days=9)
        await leaves.add(session, first, deputy, third, begins_at=now, ends_at=ends_at, now=now)
        await leaves.add(session, second, mei, deputy, begins_at=now, ends_at=ends_at, now=now)
        await leaves.add(
            session, early, third, mei, begins_at=now + timedelta(days=20), ends_at=now + timedelta(days=22), now=now
        )
        assert await leaves.take_back(session, early, third, now)
    await room.hand_over(LeaveCase(second))
    assert (await room.hand_over(LeaveCase(early))).tasks == 0, "taken back before its day"
    async with desk.steps.sessions.begin() as session:
        assert (await session.get_one(Task, decided.offline[0])).owner_id == third


async def test_an_hour_that_two_customers_tap_at_once_is_one_customers(desk: Desk) -> None:
    mei = await hired(desk, "梅")
    room, slot_at = Offline(desk.steps, BOOK.offline), NOW.replace(microsecond=0) + timedelta(days=3)
    tasks = [uuid4(), uuid4()]
    async with desk.steps.sessions.begin() as session:
        application = await session.get_one(Application, desk.application_id)
        for task_id in tasks:
            new = offline.New(task_id, "visit", "manager", timedelta(days=7), timedelta(days=60), "rule")
            assert (await offline.open_task(session, application, new, now=NOW)).owner_id == mei

    async def tapped(task_id: UUID, at: datetime) -> Any:
        detail = {"slot_at": at.isoformat(), "way": "video", "actor": "owner"}
        return await room.book_slot(SlotWanted(task_id, await said(desk, task_id, detail)))

    answers = await asyncio.gather(*(tapped(task_id, slot_at) for task_id in tasks), return_exceptions=True)
    assert sorted(type(one).__name__ for one in answers) == ["Booked", "SlotTaken"]
    late = tasks[[isinstance(one, SlotTaken) for one in answers].index(True)]
    assert (await tapped(late, slot_at + BOOK.offline.slots.every)).slot_at > slot_at


OUTSIDE = frozenset({"valuation", "registration", "notarisation"})


async def valuation(desk: Desk, *, hours: float) -> UUID:
    """A valuer has it since so many hours after the review came, and promised it in a week."""
    async with desk.steps.sessions.begin() as session:
        application = (await session.scalars(select(Application))).one()
        review = (await session.scalars(select(Task).where(Task.kind == "review"))).one()
        new = offline.New(uuid4(), "valuation", "manager", timedelta(days=7), timedelta(days=120), "collateral")
        return (await offline.open_task(session, application, new, now=review.created_at + timedelta(hours=hours))).id


async def moved(desk: Desk, **hours: float) -> datetime:
    """The review came so long ago: its row and all that hangs on it, earlier by that much."""
    async with desk.steps.sessions.begin() as session:
        now = await clocks.now(session, desk.steps.clock_id)
        for task in (await session.scalars(select(Task).where(Task.state == "open"))).all():
            task.created_at -= timedelta(**hours)
            task.due_at -= timedelta(**hours)
        return now


async def test_b2_a_reviews_clock_stands_while_a_valuer_has_the_case_and_goes_on_with_what_was_left(desk: Desk) -> None:
    _, decided = await asks(desk, 15_000_000)
    room, case = Tasks(desk.steps, OUTSIDE), TaskCase(decided.task_id, decided.task_id)
    valued = await valuation(desk, hours=1)
    now = await moved(desk, hours=30)
    await room.remind_task(case)
    await room.escalate_task(case)
    async with desk.steps.sessions.begin() as session:
        review = await session.get_one(Task, decided.task_id)
        theirs = await session.get_one(Task, valued)
        assert (review.reminded_at, review.escalated_at, review.role) == (None, None, "manager"), "we are not late"
        assert review.due_at == theirs.due_at + timedelta(hours=23), "an hour of our day was gone when they got it"
        assert (await session.get_one(Application, desk.application_id)).due_at == review.due_at
        kinds = (await session.scalars(select(TimelineEvent.kind))).all()
        assert "review_escalated" not in kinds and "review_reminded" not in kinds
    await room.finish_task(TaskDone(valued, await said(desk, valued, {"result": "done"})))
    async with desk.steps.sessions.begin() as session:
        review = await session.get_one(Task, decided.task_id)
        assert abs(review.due_at - (now + timedelta(hours=23))) < timedelta(minutes=1), "from now on it is ours again"
    await room.escalate_task(case)
    async with desk.steps.sessions.begin() as session:
        assert (await session.get_one(Task, decided.task_id)).escalated_at is None, "its time is not over"


async def test_b3_a_clock_that_stood_is_set_anew_for_when_it_is_ours_again_and_never_for_a_time_that_is_past(
    desk: Desk,
) -> None:
    _, decided = await asks(desk, 15_000_000)
    room, case = Tasks(desk.steps, OUTSIDE), TaskCase(decided.task_id, decided.task_id)
    valued = await valuation(desk, hours=1)
    now = await moved(desk, hours=30)
    assert (await room.escalate_task(case)).again, "it is theirs: looked at again"
    plan = await room.plan_task(case)
    assert plan.remind_at > now and plan.escalate_at > now
    async with desk.steps.sessions.begin() as session:
        (await session.get_one(Task, valued)).due_at = now - timedelta(days=3)  # they are late themselves
    await room.remind_task(case)
    plan = await room.plan_task(case)
    assert plan.remind_in is not None and plan.remind_in > 60, "nobody looks again at once, over and over"
    await room.finish_task(TaskDone(valued, await said(desk, valued, {"result": "done"})))
    await moved(desk, hours=40)
    ended = await room.escalate_task(case)
    assert not ended.again
    async with desk.steps.sessions.begin() as session:
        assert (await session.get_one(Task, decided.task_id)).escalated_at is not None


async def test_x2_when_we_are_late_the_customer_is_told_at_once_with_a_new_time(desk: Desk) -> None:
    _, decided = await asks(desk, 15_000_000)
    room, case = Tasks(desk.steps, OUTSIDE), TaskCase(decided.task_id, decided.task_id)
    await moved(desk, hours=30)
    for _ in range(2):  # a retry
        standing = await room.escalate_task(case)
    async with desk.steps.sessions.begin() as session:
        told = (await session.scalars(select(Notice).where(Notice.kind == "review_late"))).all()
        assert [one.params["due_at"] for one in told] == [standing.due_at.isoformat() if standing.due_at else ""]
