"""At the sender: a message waits for its time and leaves then, or is stopped, and its owner sees why."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from db import applications, letters
from tests.api.test_behind import person_of, scalar
from worker.background.courier import Courier

# A Monday; 12:00 and 23:00 in Beijing.
NOON, NIGHT = datetime(2026, 11, 30, 4, tzinfo=UTC), datetime(2026, 11, 30, 15, tzinfo=UTC)
MORNING = datetime(2026, 12, 1, 1, tzinfo=UTC)
HALF = {"due_on": "2027-02-21", "short_minor": 1, "currency": "CNY"}


@pytest.fixture
async def reader(api: Any) -> tuple[Any, UUID]:
    owner = await api.owner()
    return owner, await person_of(api, owner.name)


async def written(api: Any, person: UUID, kind: str, at: datetime = NOON, **params: Any) -> UUID:
    notice_id = uuid4()
    async with api.tools.sessions.begin(scope="worker") as session:
        await applications.notify_person(
            session, notice_id=notice_id, person_id=person, application_id=None, kind=kind, params=params, at=at
        )
    return notice_id


async def state(api: Any, notice: UUID) -> str:
    return str(await scalar(api, "select state from notice where id = :id", id=notice))


async def test_g4_a_reminder_of_the_night_leaves_in_the_morning_and_its_reader_sees_why_it_waits(
    api: Any, wired: Any, reader: Any
) -> None:
    owner, person = reader
    courier = Courier(wired)
    reminder = await written(api, person, "path_half", NIGHT, **HALF)
    arrived = await written(api, person, "payout_credited", amount_minor=1, currency="CNY", credited_on="2026-11-30")
    await courier.look(NIGHT)
    assert (await state(api, reminder), await state(api, arrived)) == ("waiting", "sent")
    shown = {one["id"]: one for one in (await owner.get("/v1/messages")).json()["items"]}
    waits = shown[str(reminder)]
    assert (waits["purpose"], waits["because"], waits["not_before"]) == (
        "reminder",
        "quiet_hours",
        "2026-12-01T01:00:00+00:00",
    )
    assert (shown[str(arrived)]["purpose"], shown[str(arrived)]["because"]) == ("told", None)
    await courier.look(MORNING - timedelta(seconds=1))
    assert await state(api, reminder) == "waiting"
    await courier.look(MORNING)
    assert await state(api, reminder) == "sent"
    assert await scalar(api, "select count(*) from contact where id = :id and purpose = 'reminder'", id=reminder) == 1


async def test_g4_the_third_reminder_of_a_day_is_rescheduled_and_none_is_dropped(
    api: Any, wired: Any, reader: Any
) -> None:
    _, person = reader
    courier = Courier(wired)
    letters = [await written(api, person, "path_half", NOON + timedelta(seconds=n), **HALF) for n in range(7)]
    sent: list[int] = []
    for day in range(9):
        for hour in range(0, 24, 2):
            await courier.look(NOON + timedelta(days=day, hours=hour, minutes=1))
        sent.append(len([one for one in letters if await state(api, one) == "sent"]))
    assert sent[0] == 2
    assert max(after - before for before, after in itertools.pairwise(sent)) <= 2
    assert sent[4] == 5, "five in a week"
    assert sent[-1] == 7, "and the rest after it"


async def test_g4_two_processes_at_once_send_no_third_message(api: Any, wired: Any, reader: Any) -> None:
    _, person = reader
    for n in range(6):
        await written(api, person, "path_half", NOON + timedelta(seconds=n), **HALF)
    await asyncio.gather(*(Courier(wired).look(NOON + timedelta(minutes=1)) for _ in range(3)))
    gone = await scalar(api, "select count(*) from notice where person_id = :p and state = 'sent'", p=person)
    assert gone == 2


async def test_g5_a_complaint_keeps_reminders_away_for_two_days_and_then_they_come(
    api: Any, wired: Any, reader: Any, database: Any
) -> None:
    _, person = reader
    database.execute(
        "insert into complaint (id, person_id, words_sealed, made_at, due_at) values "
        f"(gen_random_uuid(), '{person}', '', '{NOON.isoformat()}', '{NOON.isoformat()}')"
    )
    reminder = await written(api, person, "path_half", **HALF)
    courier = Courier(wired)
    await courier.look(NOON + timedelta(hours=47))
    assert await scalar(api, "select because from notice where id = :id", id=reminder) == "complained"
    await courier.look(NOON + timedelta(hours=48))
    assert await state(api, reminder) == "sent"


async def test_g4_an_offer_to_somebody_who_wants_none_is_stopped_for_good(
    api: Any, wired: Any, reader: Any, database: Any
) -> None:
    owner, person = reader
    offer = await written(api, person, "level_rose", level=3)
    database.execute(f"update person set offers_wanted = false where id = '{person}'")
    await Courier(wired).look(NOON)
    assert await state(api, offer) == "stopped"
    shown = (await owner.get("/v1/messages")).json()["items"]
    assert [(one["because"], one["not_before"]) for one in shown if one["id"] == str(offer)] == [("opted_out", None)]


async def test_a_message_that_the_gateway_did_not_take_was_no_contact(api: Any, wired: Any, reader: Any) -> None:
    from gateways.failures import GatewayUnavailable

    _, person = reader
    letters = [await written(api, person, "path_half", NOON + timedelta(seconds=n), **HALF) for n in range(2)]
    api.phones.away = True
    try:
        for n in range(5):
            with pytest.raises(GatewayUnavailable):
                await Courier(wired).look(NOON + timedelta(minutes=n + 1))
    finally:
        api.phones.away = False
    assert await scalar(api, "select count(*) from contact where person_id = :p", p=person) == 0
    await Courier(wired).look(NOON + timedelta(minutes=9))
    assert [await state(api, one) for one in letters] == ["sent", "sent"], "tries that reached nobody fill no day"


async def test_what_one_process_has_sent_another_with_an_older_list_neither_stops_nor_sends_again(
    api: Any, wired: Any, reader: Any, database: Any
) -> None:
    _, person = reader
    offer = await written(api, person, "level_rose", level=3)
    async with api.tools.sessions.begin(scope="worker") as session:
        stale = [one for one in await letters.waiting(session, NOON, 500) if one.id == offer]
    await Courier(wired).look(NOON)
    assert await state(api, offer) == "sent"
    database.execute(f"update person set offers_wanted = false where id = '{person}'")
    await Courier(wired)._send(stale[0], NOON + timedelta(minutes=1))
    assert await state(api, offer) == "sent"
    assert await scalar(api, "select because from notice where id = :id", id=offer) is None
    assert [one.message_id for one in api.phones.messages].count(f"notice-{offer}") == 1
