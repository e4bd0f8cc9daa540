"""What happens behind the workflows: the relay, the reconciler, the sealer, the courier."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from db import audit_proof, audits
from db.tampering import Verified
from infra import i18n
from worker.background.courier import Courier
from worker.background.reconciler import Reconciler
from worker.background.relay import FAULTS_TO_DEATH, pause_after
from worker.background.sealer import Sealer


async def scalar(api: Any, query: str, **params: Any) -> Any:
    async with api.tools.sessions.begin(scope="worker") as session:
        return await session.scalar(text(query), params)


async def command_for(
    api: Any, workflow_id: str, *, start: bool = False, name: str = "begin", kind: str = "Application"
) -> UUID:
    from db import commands

    command_id = uuid4()
    async with api.tools.sessions.begin() as session:
        await commands.add_command(
            session,
            command_id=command_id,
            workflow_type=kind,
            workflow_id=workflow_id,
            name=name,
            argument={"command_id": str(command_id)},
            detail=None,
            start={"application_id": str(uuid4())} if start else None,
            principal="owner:test",
            now=datetime.now(UTC),
            next_attempt_at=datetime.now(UTC),
        )
    return command_id


async def test_two_relays_deliver_each_command_once(api: Any, listening: None, wired: Any) -> None:
    from worker.background.relay import Relay

    workflow_id = f"application/{uuid4()}"
    wanted = [await command_for(api, workflow_id, start=True, name=f"act_{n}") for n in range(8)]
    one, two = Relay(wired), Relay(wired)
    for _ in range(5):
        await asyncio.gather(one.round(), two.round())
    heard = await api.tools.temporal.get_workflow_handle(workflow_id).query("heard")
    assert sorted(line.split()[1] for line in heard) == sorted(str(command) for command in wanted)
    for command in wanted:
        assert await scalar(api, "select state from command where id = :id", id=command) == "done"


async def test_a_command_for_a_missing_workflow_waits_and_dies_aloud_in_the_end(
    api: Any, wired: Any, relay: Any, database: Any, capfd: Any
) -> None:
    command = await command_for(api, f"task/{uuid4()}", name="finish", kind="OfflineTask")
    await relay.round()
    assert await scalar(api, "select state from command where id = :id", id=command) == "waiting"
    database.execute(f"update command set attempts = 60, next_attempt_at = now() where id = '{command}'")
    await relay.round()
    state = await scalar(api, "select state || ' ' || refusal from command where id = :id", id=command)
    assert state == "dead workflow_missing"
    desk = await api.staff("operations")
    assert str(command) in {one["id"] for one in (await desk.get("/v1/desk/stuck")).json()["items"]}


async def test_an_outage_of_temporal_kills_no_command(api: Any, wired: Any, settings_for: Any, database: Any) -> None:
    from infra import temporal
    from worker.background.relay import Relay

    wired.temporal = await temporal.connect(settings_for(), lazy=True)  # nobody is at that port
    command = await command_for(api, f"application/{uuid4()}", start=True)
    database.execute(f"update command set attempts = {FAULTS_TO_DEATH * 50} where id = '{command}'")
    await Relay(wired).round()
    assert await scalar(api, "select state from command where id = :id", id=command) == "waiting"


def test_pauses_double_and_stay_below_half_a_minute() -> None:
    assert pause_after(0) < timedelta(seconds=0.4)
    assert all(pause_after(n) <= timedelta(seconds=36) for n in range(1_000))
    assert pause_after(10) > timedelta(seconds=20)


# --- the chain --------------------------------------------------------------------------------------------------------


async def seal_all(wired: Any) -> None:
    sealer = Sealer(wired)
    while await sealer.round():
        pass


async def some_acts(api: Any, count: int) -> None:
    async with api.tools.sessions.begin() as session:
        for n in range(count):
            await audits.append(
                session,
                actor="owner:x",
                action="act",
                object_kind="thing",
                object_id=str(n),
                detail={"n": n},
                request_id=None,
            )


async def verified(wired: Any) -> Verified:
    async with wired.sessions.begin() as session:
        return await audit_proof.verify(session)


async def test_aud_2_the_chain_holds_and_is_the_same_for_every_sealer(api: Any, wired: Any) -> None:
    await some_acts(api, 30)
    await asyncio.gather(*(Sealer(wired).round() for _ in range(3)))
    await seal_all(wired)
    found = await verified(wired)
    assert found.rows >= 30
    assert found.faults == ()


async def test_aud_2_rows_in_flight_are_not_skipped(api: Any, wired: Any) -> None:
    """A transaction that began earlier and commits later is sealed behind those that overtook it."""
    await seal_all(wired)
    async with api.tools.sessions.begin() as slow:
        await audits.append(
            slow, actor="slow", action="act", object_kind="thing", object_id="slow", detail={}, request_id=None
        )
        await some_acts(api, 3)
        await seal_all(wired)
        unsealed = await scalar(
            api, "select count(*) from audit a where not exists (select from audit_seal s where s.audit_id = a.id)"
        )
        assert unsealed == 3  # the slow one is not visible yet; nothing that overtook it is sealed before it
    await seal_all(wired)
    assert (await verified(wired)).faults == ()
    assert (
        await scalar(
            api, "select count(*) from audit a where not exists (select from audit_seal s where s.audit_id = a.id)"
        )
        == 0
    )


@pytest.mark.parametrize(
    ("tamper", "kind"),
    [
        ("update audit set actor = 'nobody' where id = {id}", "changed"),
        ("update audit set detail = '{{}}' where id = {id}", "changed"),
        ("update audit set at = at + interval '1 microsecond' where id = {id}", "changed"),
        ("delete from audit where id = {id}", "removed"),
        ("delete from audit_seal where audit_id = {id}", "seal_removed"),
        ("update audit_seal set hash = sha256('x') where audit_id = {id}", "changed"),
    ],
)
async def test_aud_3_what_a_superuser_changes_is_found_and_located(
    postgres: Any, settings_for: Any, tamper: str, kind: str
) -> None:
    from db.sessions import Sessions

    database = postgres.fresh()
    sessions = Sessions(settings_for(database=database), scope="worker")
    try:
        async with sessions.begin() as session:
            for n in range(9):
                await audits.append(
                    session, actor="a", action="act", object_kind="o", object_id=str(n), detail={"n": n}, request_id="r"
                )
        async with sessions.begin() as session:
            assert await audits.seal(session) == 9
        target = 5
        database.execute("alter table audit disable trigger all", "alter table audit_seal disable trigger all")
        database.execute(tamper.format(id=target))
        async with sessions.begin() as session:
            faults = (await audit_proof.verify(session)).faults
        assert faults, tamper
        assert faults[0].kind == kind
        assert (faults[0].table, faults[0].row) == ("audit", str(target))
    finally:
        await sessions.close()
        postgres.drop(database)


# --- letters ----------------------------------------------------------------------------------------------------------


async def a_notice(api: Any, person_id: UUID, kind: str = "loan_paid", **params: Any) -> UUID:
    from db import applications

    notice_id = uuid4()
    async with api.tools.sessions.begin(scope="worker") as session:
        await applications.notify_person(
            session,
            notice_id=notice_id,
            person_id=person_id,
            application_id=None,
            kind=kind,
            params=params,
            at=datetime.now(UTC),
        )
    return notice_id


async def person_of(api: Any, phone: str) -> UUID:
    index = api.tools.vault.blind_index("person.phone", phone)
    return await scalar(api, "select id from person where phone_index = :i", i=index)


async def test_a_notice_leaves_once_in_the_persons_language(api: Any, wired: Any, fresh_key: Any) -> None:
    owner = await api.owner()
    await owner.client.patch("/v1/profile", json={"locale": "en"}, headers=fresh_key())
    notice = await a_notice(
        api, await person_of(api, owner.name), "payout_credited", amount_minor=8_000_000, credited_on="2026-11-21"
    )
    courier = Courier(wired)
    for _ in range(2):
        await courier.round()
    texts = [order.text for order in api.phones.messages if order.message_id == f"notice-{notice}"]
    assert texts == [
        "[Huoshui] ¥80,000.00 has arrived. Interest runs by the day from Sat 21 Nov 2026; paying early is free."
    ]
    shown = (await owner.get("/v1/messages")).json()["items"]
    assert [(one["state"], one["text"]) for one in shown] == [("sent", texts[0])]


async def test_a_gateway_that_is_away_loses_no_notice(api: Any, wired: Any) -> None:
    from gateways.failures import GatewayUnavailable

    owner = await api.owner()
    notice = await a_notice(api, await person_of(api, owner.name))
    api.phones.away = True
    try:
        with pytest.raises(GatewayUnavailable):
            await Courier(wired).round()
    finally:
        api.phones.away = False
    assert await scalar(api, "select state from notice where id = :id", id=notice) == "waiting"
    await Courier(wired).round()
    assert await scalar(api, "select state from notice where id = :id", id=notice) == "sent"


async def test_an_invitation_gives_the_full_address_of_its_page(api: Any, wired: Any) -> None:
    from infra.phrases import notice as worded

    sent: list[str] = []
    courier = Courier(wired)

    class Messages:
        async def send(self, order: Any) -> str:
            sent.append(order.text)
            return "R1"

    courier._messages = Messages()  # type: ignore[assignment]
    owner = await api.owner()
    await a_notice(api, await person_of(api, owner.name), "party_bound", role="agent", part="/part/1")
    await courier.round()
    site = wired.settings.public_url.rstrip("/")
    assert any(f"{site}/part/1" in text for text in sent)
    for locale in i18n.LOCALES:
        assert f" {site}/seats " in worded("seat_offered", locale, {"seat": "accountant", "name": "面馆"}, site)


async def test_nothing_is_sent_to_somebody_who_was_erased(api: Any, wired: Any, database: Any) -> None:
    owner = await api.owner()
    person = await person_of(api, owner.name)
    notice = await a_notice(api, person)
    database.execute(f"update person_key set wrapped = null, destroyed_at = now() where person_id = '{person}'")
    await Courier(wired).round()
    assert await scalar(api, "select state from notice where id = :id", id=notice) == "failed"


WEEK = {
    "first_on": "2026-11-30",
    "last_on": "2026-12-06",
    "net_minor": 1,
    "taken_minor": 2,
    "left_minor": 3,
    "currency": "CNY",
}
KINDS = {
    "offer_ready": {"limit_minor": 1, "currency": "CNY"},
    "declined": {"reasons": ["no_revenue"]},
    "review_opened": {"due_at": "2026-11-21T10:00:00+00:00"},
    "payout_scheduled": {"amount_minor": 1, "currency": "CNY", "pay_at": "2026-11-21T10:00:00+00:00"},
    "payout_checked": {"amount_minor": 1, "currency": "CNY", "until": "2026-11-24T10:00:00+00:00"},
    "payout_credited": {"amount_minor": 1, "currency": "CNY", "credited_on": "2026-11-21"},
    "payout_returned": {"reason": "account_closed"},
    "loan_welcome": {"first_look_on": "2026-11-21", "share": "0.12"},
    "loan_welcome_dated": {"first_on": "2026-12-21", "amount_minor": 1, "currency": "CNY"},
    "instalment_due": {"due_on": "2027-02-21", "short_minor": 1, "most_minor": 2, "currency": "CNY"},
    "loan_paid": {"on": "2026-11-21"},
    "week": WEEK,
    "week_short": WEEK | {"missed_minor": 4},
    "path_half": {"due_on": "2027-02-21", "short_minor": 1, "currency": "CNY"},
    "path_three_quarters": {"due_on": "2027-02-21", "short_minor": 1, "currency": "CNY"},
    "path_debit": {"due_on": "2027-02-21", "short_minor": 1, "most_minor": 2, "currency": "CNY"},
    "end_asked": {"ends_on": "2027-02-21", "until": "2027-02-01"},
    "end_asked_again": {"ends_on": "2027-02-21", "until": "2027-02-01"},
    "end_late": {"due_at": "2027-02-02T10:00:00+00:00"},
    "end_extend": {"ends_on": "2027-02-21", "months": 3},
    "end_none": {"ends_on": "2027-02-21", "months": 0},
    "application_lapsed": {},
}


@pytest.mark.parametrize("locale", i18n.LOCALES)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_notice_has_a_text_without_gaps(kind: str, locale: str) -> None:
    from infra.phrases import phrase

    words = phrase(f"api.notice.{kind}", locale, KINDS[kind])
    assert words
    assert "{" not in words


# --- between two chairs -----------------------------------------------------------------------------------------------


async def test_a_payout_without_its_workflow_is_started_again(
    api: Any, wired: Any, database: Any, a_payout: Any
) -> None:
    payout_id = a_payout("submitted")
    await Reconciler(wired).round()
    described = await api.tools.temporal.get_workflow_handle(f"payout/{payout_id}").describe()
    assert described.workflow_type == "Payout"
    before = described.run_id
    await Reconciler(wired).round()
    assert (await api.tools.temporal.get_workflow_handle(f"payout/{payout_id}").describe()).run_id == before


async def test_a_payout_that_has_ended_is_left_alone(api: Any, wired: Any, a_payout: Any) -> None:
    from temporalio.service import RPCError

    payout_id = a_payout("returned")
    await Reconciler(wired).round()
    with pytest.raises(RPCError):
        await api.tools.temporal.get_workflow_handle(f"payout/{payout_id}").describe()


async def test_every_job_of_the_crew_runs_and_outlives_a_fault(api: Any, wired: Any, listening: None) -> None:
    from worker.background.crew import crew
    from worker.background.rounds import every, for_ever

    rounds = 0

    async def failing() -> bool:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise ValueError("once")
        return False

    jobs = [asyncio.create_task(job) for job in [*crew(wired), for_ever("failing", failing, every(0.01))]]
    try:
        workflow_id = f"application/{uuid4()}"
        command = await command_for(api, workflow_id, start=True)
        owner = await api.owner()
        notice = await a_notice(api, await person_of(api, owner.name))
        for _ in range(100):
            await asyncio.sleep(0.1)
            done = await scalar(api, "select state from command where id = :id", id=command) == "done"
            sent = await scalar(api, "select state from notice where id = :id", id=notice) == "sent"
            if done and sent and rounds > 2:
                break
        assert (done, sent) == (True, True)
        assert rounds > 2
        assert not any(job.done() for job in jobs)
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
