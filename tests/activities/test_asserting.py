"""One proof of identity serves in every channel while valid: checks asked once, uses and refusals on record (S1-20)."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import insert, select, text, update

from activities.intake import Intake
from activities.ports.intake import Case, CheckOrder
from activities.private import Private
from db import clocks, people, proofs
from db.tables import Application, AssertionUse, Audit, Command, IdentityAssertion, MoneyHold
from gateways.identity import HttpIdentityProvider
from lending.identity import CheckKind
from policies.book import load
from tests.activities.test_judging import NOW, Desk
from tests.activities.test_registers_and_replay import ID_NUMBER, line, town

__all__ = ["town"]
PERSON = ("network", "bank_card", "liveness")
PHONE = {"device": "phone", "place": "10.0.0.0/24", "channel": "web"}


@pytest.fixture
async def intake(desk: Desk, town: httpx2.AsyncClient) -> Intake:
    """Somebody who said who they are, without a licence, and allowed the checks."""
    async with desk.steps.sessions.begin() as session:
        await people.set_identity(session, desk.vault, desk.person_id, name="李秀英", id_number=ID_NUMBER)
        account = await people.know_account(
            session, desk.vault, desk.person_id, number="6222021234567890128", bank=None, now=NOW
        )
        await session.execute(update(Application).values(bank_account_id=account))
        await session.execute(text("update firm set kind = 'self_employed'"))
    await desk.allow("identity_check")
    provider = HttpIdentityProvider(line(town, "identity"), deadline=2)
    return Intake(desk.steps, Private(desk.vault), provider, load().release, load().profiles)


async def said(desk: Desk, **whence: str) -> Case:
    """As the door writes it: the owner says who they are, from a device and a place."""
    cause = uuid4()
    async with desk.steps.sessions.begin() as session:
        await session.execute(
            insert(Command).values(
                id=cause, workflow_type="Application", workflow_id="w", name="identify", argument={},
                detail=PHONE | whence, principal="owner", created_at=NOW, next_attempt_at=NOW,
            )
        )  # fmt: skip
    return Case(desk.application_id, cause)


async def proven(desk: Desk, intake: Intake) -> Case:
    """Everything was asked once and matched."""
    case = await said(desk)
    for kind in (await intake.plan_identity(case)).kinds:
        assert (await intake.ask_identity_check(CheckOrder(case.application_id, case.cause, kind))).outcome == "match"
    return case


async def uses(desk: Desk, cause: UUID) -> dict[str, str]:
    """What became of each proof for this cause."""
    async with desk.steps.sessions.begin() as session:
        query = (
            select(IdentityAssertion.method, AssertionUse.outcome)
            .join(AssertionUse, AssertionUse.assertion_id == IdentityAssertion.id)
            .where(AssertionUse.cause == cause)
        )
        return {row.method: row.outcome for row in await session.execute(query)}


async def asked(town: httpx2.AsyncClient) -> int:
    return len((await town.get("/identity/book")).json()["checks"])


async def test_a_second_application_by_the_same_person_asks_for_no_check_again(
    desk: Desk, intake: Intake, town: httpx2.AsyncClient
) -> None:
    await proven(desk, intake)
    assert await asked(town) == 3
    async with desk.steps.sessions.begin() as session:
        before = desk.application_id
        row = dict(
            (await session.execute(select(Application.__table__).where(Application.id == before))).mappings().one()
        )
        desk.application_id = uuid4()
        await session.execute(update(Application).values(stage="withdrawn"))
        again = {name: value for name, value in row.items() if name != "number"}
        await session.execute(insert(Application).values(**again | {"id": desk.application_id, "stage": "identity"}))
    case = await said(desk, channel="api")
    assert (await intake.plan_identity(case)).kinds == ()
    assert (await intake.plan_identity(case)).kinds == ()  # a retry
    assert await asked(town) == 3
    assert await uses(desk, case.cause) == dict.fromkeys(PERSON, "served")
    async with desk.steps.sessions.begin() as session:
        found = await session.execute(
            select(Audit.action, Audit.detail).where(Audit.object_kind == "identity_assertion")
        )
        told = [(action, detail["method"]) for action, detail in found if detail.get("application_id") != str(before)]
    assert sorted(told) == sorted(
        [("identity_assertion.given", one) for one in PERSON] + [("identity_assertion.used", one) for one in PERSON]
    )


@pytest.mark.parametrize("changed", [{"device": "tablet"}, {"place": "203.0.113.0/24"}])
async def test_after_a_change_of_device_or_place_all_is_asked_again_and_the_refusal_is_on_record(
    desk: Desk, intake: Intake, changed: dict[str, str]
) -> None:
    await proven(desk, intake)
    case = await said(desk, **changed)
    assert (await intake.plan_identity(case)).kinds == PERSON
    assert await uses(desk, case.cause) == dict.fromkeys(PERSON, next(iter(changed)))


async def test_after_its_time_a_face_is_asked_again_and_papers_are_not(
    desk: Desk, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    await proven(desk, intake)
    real = clocks.now

    async def later(session: Any, clock_id: str) -> Any:
        return await real(session, clock_id) + timedelta(minutes=31)

    monkeypatch.setattr(clocks, "now", later)
    case = await said(desk)
    assert (await intake.plan_identity(case)).kinds == (CheckKind.LIVENESS.value,)
    assert await uses(desk, case.cause) == {"network": "served", "bank_card": "served", "liveness": "expired"}


async def test_p15_after_a_hold_and_in_a_higher_tier_all_is_asked_again(desk: Desk, intake: Intake) -> None:
    await proven(desk, intake)
    async with desk.steps.sessions.begin() as session:
        await session.execute(update(Application).values(amount_minor=6_000_000))
    case = await said(desk)
    assert (await intake.plan_identity(case)).kinds == PERSON
    assert set((await uses(desk, case.cause)).values()) == {"risk"}
    async with desk.steps.sessions.begin() as session:
        await session.execute(update(Application).values(amount_minor=4_000_000))
        now = await clocks.now(session, desk.steps.clock_id)
        session.add(
            MoneyHold(
                id=uuid4(), person_id=desk.person_id, application_id=desk.application_id, signs=["wrong_tries"],
                state="released", opened_at=now, due_at=now, ended_at=now,
            )
        )  # fmt: skip
    case = await said(desk)
    assert (await intake.plan_identity(case)).kinds == PERSON
    assert set((await uses(desk, case.cause)).values()) == {"hold"}


async def test_a_changed_account_is_proven_anew_and_so_is_everything_that_came_before(
    desk: Desk, intake: Intake
) -> None:
    await proven(desk, intake)
    async with desk.steps.sessions.begin() as session:
        now = await clocks.now(session, desk.steps.clock_id)
        other = await people.know_account(
            session, desk.vault, desk.person_id, number="6217001234567890124", bank=None, now=NOW
        )
        await session.execute(update(Application).values(bank_account_id=other))
        await proofs.note_change(session, cause=uuid4(), person_id=desk.person_id, factor="account", at=now)
    case = await said(desk)
    assert (await intake.plan_identity(case)).kinds == PERSON
    assert await uses(desk, case.cause) == {"network": "factor", "bank_card": "about", "liveness": "factor"}


async def test_each_of_the_four_checks_is_auditable_and_a_mismatch_proves_nothing(desk: Desk, intake: Intake) -> None:
    async with desk.steps.sessions.begin() as session:
        wrong = ID_NUMBER[:-1] + ("0" if ID_NUMBER[-1] != "0" else "1")
        await people.set_identity(session, desk.vault, desk.person_id, name="李秀英", id_number=wrong)
        licence = "91350211M000100Y46"
        firm = await people.know_firm(
            session, desk.vault, desk.person_id, kind="company", name="面馆", licence=licence, trade=None, now=NOW
        )
        await session.execute(update(Application).values(firm_id=firm))
    case = await said(desk)
    for kind in CheckKind:
        order = CheckOrder(case.application_id, case.cause, kind.value)
        assert (await intake.ask_identity_check(order)).outcome == "mismatch"
    async with desk.steps.sessions.begin() as session:
        found = await session.scalars(select(Audit.detail).where(Audit.action == "identity_check.answered"))
        assert {(one["kind"], one["outcome"]) for one in found} == {(kind.value, "mismatch") for kind in CheckKind}
        assert (await session.scalars(select(IdentityAssertion))).all() == []
