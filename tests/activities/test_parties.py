"""Every party signs before the contract, is bound by it with its own signature on it, and counts in exposures (P2)."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from activities.closing import Closing
from activities.letting_go import release
from activities.ports.servicing import ShardToClose
from activities.ports.underwriting import PersonDecided
from activities.underwriting import Underwriting
from db import clocks, exposure, parties, people
from db.tables import Application, Decision, Firm, LoanBalance, LoanParty, Notice, Nudge, Person, Task
from infra.phrases import notice
from lending.calendars import add_months
from lending.nudges import STALE, Answer, answer_owed
from lending.parties import ANSWER_WITHIN, Role
from lending.refusals import PartiesNotSigned
from policies.book import load
from tests.activities.test_judging import Desk
from tests.activities.test_nudging import nudger
from tests.activities.test_releasing import Counter, counter
from tests.activities.test_trusting import BEGAN

__all__ = ["counter"]
ID_NUMBER = "330106197205287191"
LATE_AT = datetime(2027, 6, 1, 3, 0, tzinfo=UTC)


async def invited(counter: Counter, owner: UUID, application_id: UUID, **asked: Any) -> UUID:
    """Somebody new is asked and has proven who they are."""
    party, party_id = await counter.owner(), uuid4()
    async with counter.steps.sessions.begin() as session:
        now = await clocks.now(session, counter.steps.clock_id)
        await people.set_identity(session, counter.vault, party, name="李秀英", id_number=ID_NUMBER)
        await parties.add(
            session, party_id=party_id, application_id=application_id, person_id=party, invited_by=owner,
            **{"role": "guarantor", "liability": "joint", "amount_minor": 500_000, "required": False} | asked,
            phone_masked="138 •••• 0001", now=now, due_at=now + ANSWER_WITHIN,
        )  # fmt: skip
    return party_id


async def signed(counter: Counter, party_id: UUID, terms_hash: str) -> None:
    async with counter.steps.sessions.begin() as session:
        now = await clocks.now(session, counter.steps.clock_id)
        await session.execute(
            update(LoanParty)
            .where(LoanParty.id == party_id)
            .values(state="signed", signed_for=terms_hash, signed_at=now, code_id=uuid4())
        )


async def test_p2_the_application_cannot_go_to_money_before_every_party_has_signed(counter: Counter) -> None:
    owner = await counter.owner()
    signature = await counter.ready(owner, await counter.account(owner), 10_000)
    first = await invited(counter, owner, signature.application_id)
    second = await invited(
        counter, owner, signature.application_id, role="co_borrower", liability=None, amount_minor=None
    )
    with pytest.raises(PartiesNotSigned, match="co_borrower"):
        await counter.sign(signature)
    await signed(counter, second, signature.terms_hash)
    await signed(counter, first, "another plan")
    with pytest.raises(PartiesNotSigned, match="guarantor"):
        await counter.sign(signature)
    await signed(counter, first, signature.terms_hash)
    payout = await counter.sign(signature)
    async with counter.steps.sessions.begin() as session:
        rows = await parties.of_application(session, payout.application_id)
        assert [row.state for row in rows] == ["bound", "bound"]
        told = (
            await session.scalars(select(Notice.kind).where(Notice.person_id.in_([row.person_id for row in rows])))
        ).all()
        assert told == ["party_bound"] * 2


async def test_what_a_guarantor_answers_for_counts_in_their_own_exposure(counter: Counter) -> None:
    owner = await counter.owner()
    signature = await counter.ready(owner, await counter.account(owner), 10_000)
    party_id = await invited(counter, owner, signature.application_id, amount_minor=300_000)
    await signed(counter, party_id, signature.terms_hash)
    async with counter.steps.sessions.begin() as session:
        person = (await session.get_one(LoanParty, party_id)).person_id
        await session.execute(update(Person).where(Person.id == person).values(id_number_index=party_id.bytes))
    await counter.sign(signature)
    own = await counter.ready(person, await counter.account(person), 20_000)
    async with counter.steps.sessions.begin() as session:
        assert await exposure.of_group(session, own.application_id, ()) == 300_000


async def test_an_agent_signs_for_a_company_only_with_the_representatives_power_of_attorney(counter: Counter) -> None:
    owner = await counter.owner()
    signature = await counter.ready(owner, await counter.account(owner), 10_000)
    async with counter.steps.sessions.begin() as session:
        firm = (await session.get_one(Application, signature.application_id)).firm_id
        await session.execute(update(Firm).where(Firm.id == firm).values(capacity="agent"))
    with pytest.raises(PartiesNotSigned, match="representative"):
        await counter.sign(signature)
    asked = {"role": "representative", "liability": None, "amount_minor": None}
    await signed(counter, await invited(counter, owner, signature.application_id, **asked), signature.terms_hash)
    assert (await counter.sign(signature)).state == "scheduled"


async def test_a_yes_that_takes_a_guarantor_pays_nothing_before_one_has_signed(counter: Counter) -> None:
    owner = await counter.owner()
    signature = await counter.ready(owner, await counter.account(owner), 10_000)
    async with counter.steps.sessions.begin() as session:
        reasons = [{"code": "person_approved", "params": {}}, {"code": "guarantee_asked", "params": {}}]
        of_this = Decision.application_id == signature.application_id
        await session.execute(update(Decision).where(of_this).values(reasons=reasons))
    with pytest.raises(PartiesNotSigned, match="guarantor"):
        await counter.sign(signature)
    await signed(counter, await invited(counter, owner, signature.application_id), signature.terms_hash)
    assert (await counter.sign(signature)).state == "scheduled"


async def test_whoever_was_asked_is_free_and_told_when_nothing_comes_of_it(counter: Counter) -> None:
    owner = await counter.owner()
    signature = await counter.ready(owner, await counter.account(owner), 10_000)
    party_id = await invited(counter, owner, signature.application_id)
    async with counter.steps.step(signature.application_id, uuid4()) as step:
        await release(step.session, step.application, step.cause, step.now)
    async with counter.steps.sessions.begin() as session:
        row = await session.get_one(LoanParty, party_id)
        assert row.state == "released"
        assert (await session.scalars(select(Notice.kind).where(Notice.person_id == row.person_id))).all() == [
            "party_released"
        ]


async def test_a_managers_yes_with_a_guarantor_is_a_condition_in_the_decision_that_its_owner_reads(desk: Desk) -> None:
    task_id = uuid4()
    async with desk.steps.sessions.begin() as session:
        await session.execute(update(Application).values(stage="review"))
        now = await clocks.now(session, desk.steps.clock_id)
        outcome = {"verdict": "approve", "guarantor": True, "reason": "有保证人就行", "staff_id": "s"}
        session.add(
            Task(
                id=task_id, kind="review", application_id=desk.application_id, person_id=desk.person_id,
                role="manager", state="done", params={}, outcome=outcome, created_at=now, due_at=now,
            )
        )  # fmt: skip
    room = Underwriting(desk.steps, desk.registers, load(), desk.judge())
    assert (await room.apply_review(PersonDecided(desk.application_id, uuid4(), task_id))).outcome == "approve"
    async with desk.steps.sessions.begin() as session:
        reasons = await session.scalar(select(Decision.reasons))
        assert [reason["code"] for reason in reasons or ()] == ["person_approved", "guarantee_asked"]
        application = await session.get_one(Application, desk.application_id)
        assert await parties.awaited(session, application.id, application.firm_id, "terms") == (Role.GUARANTOR,)


async def test_p2_a_guarantor_is_told_once_by_day_that_the_loan_is_overdue_and_a_stranger_is_not(lender: Any) -> None:
    one, other = await lender.borrower(decided=BEGAN), await lender.borrower(decided=BEGAN)
    guarantor, agent = await lender.borrower(lived=False), await lender.borrower(lived=False)
    missed = add_months(BEGAN, 2)
    async with lender.sessions.begin() as session:
        for party, role, of in (
            (guarantor, "guarantor", one), (guarantor, "guarantor", other), (agent, "agent", one)
        ):  # fmt: skip
            session.add(
                LoanParty(
                    id=uuid4(), application_id=of.application_id, person_id=party.person_id, invited_by=of.person_id,
                    role=role, liability="joint" if role == "guarantor" else None, required=False, signed_for="t",
                    state="bound", phone_masked="138 •••• 0001", invited_at=LATE_AT, due_at=LATE_AT,
                )
            )  # fmt: skip
        await session.execute(update(LoanBalance).values(as_of=missed - timedelta(days=1), principal_minor=8_000_000))
        # The other one has repaid what its path asks for.
        of_other = LoanBalance.loan_id == other.loan_id
        await session.execute(update(LoanBalance).where(of_other).values(principal_minor=1))
    nobody, calendars = cast("Any", (None, None, None)), load().calendars
    closing = Closing(lender.sessions, *nobody, task_queue="q", clock_id="main", calendars=calendars)
    for n in range(10):
        shard = ShardToClose("CN", missed + timedelta(days=n), 0)
        await closing.close_shard(shard)
    works = nudger(lender)
    async with lender.sessions.begin() as session:
        asked = (await session.scalars(select(Nudge))).all()
        assert [(row.kind, row.person_id, row.params["role"]) for row in asked] == [
            ("guaranteed_overdue", guarantor.person_id, "guarantor")
        ], "once a stretch, to whoever answers for it"
        night = asked[0].asked_at.replace(hour=18)  # two in the morning in Beijing
        await session.execute(update(Person).values(offers_wanted=False))  # it is no offer
        assert await works.look(session, night) == 0
        assert await works.look(session, night + timedelta(hours=9)) == 1
        told = (await session.scalars(select(Notice).where(Notice.kind == "guaranteed_overdue"))).all()
    assert [row.person_id for row in told] == [guarantor.person_id]
    for locale in ("zh_CN", "en"):
        words = notice("guaranteed_overdue", locale, told[0].params, "https://huoshui.example/")
        assert f"https://huoshui.example{told[0].params['part']}" in words and "面馆" not in words, (
            "nothing of the borrower"
        )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, Answer.SENT),
        ({"quiet": True}, None),
        ({"sent_today": 2}, None),
        ({"sent_this_week": 5}, None),
        ({"asked_at": LATE_AT - STALE}, Answer.STALE),
    ],
)
def test_a_letter_that_somebody_is_owed_keeps_hours_and_numbers(change: dict[str, Any], said: Answer | None) -> None:
    usual: dict[str, Any] = {"asked_at": LATE_AT, "quiet": False, "sent_today": 1, "sent_this_week": 4}
    assert answer_owed(LATE_AT, **{**usual, **change}, a_day=2, a_week=5) is said
