"""Signing plans the release: the day's sum, of the borrower and of the payee, on real rows and under real locks."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from activities.contracts import Contracts
from activities.payouts import Payouts
from activities.ports.contracts import Signature
from activities.ports.payouts import CalledBack, PayoutCase
from activities.private import Private
from activities.releasing import Gate
from activities.steps import Steps
from db import clocks, conditions, doors, holds, people, releases
from db.sessions import Sessions
from db.tables import (
    Application,
    BankAccount,
    Consent,
    Decision,
    KeyFacts,
    MoneyHold,
    Notice,
    Offer,
    Payout,
    PayoutRelease,
    Task,
    TimelineEvent,
)
from infra.crypto import Vault
from infra.settings import Settings
from lending.conditions import Proof
from lending.offers import terms_hash, terms_of
from lending.refusals import NeedsTwoPeople, PayeeNotProven, StepUpNeeded
from lending.release import approval_hash, loan_id_of
from lending.terms import canonical
from policies import load
from policies.book import PolicyBook

PRODUCT = "revenue_linked_working_capital"
HOURS_2 = timedelta(hours=2)


@dataclass
class Counter:
    """Where contracts are signed and payouts claimed, with nobody's rail behind it."""

    steps: Steps
    vault: Vault
    book: PolicyBook
    contracts: Contracts
    payouts: Payouts
    numbers: list[int] = field(default_factory=list[int])

    async def owner(self) -> UUID:
        """Somebody new."""
        self.numbers.append(1)
        async with self.steps.sessions.begin() as session:
            now = await clocks.now(session, self.steps.clock_id)
            phone = f"138{len(self.numbers):08d}"
            return await people.know_by_phone(session, self.vault, phone, locale="zh_CN", now=now)

    async def account(
        self, person: UUID, number: str | None = None, *, proven: bool = True, used: bool = False
    ) -> UUID:
        """An account of a person; ``number`` stands for its digits."""
        account_id = uuid4()
        async with self.steps.sessions.begin() as session:
            now = await clocks.now(session, self.steps.clock_id)
            session.add(
                BankAccount(
                    id=account_id,
                    person_id=person,
                    number_sealed=b"x",
                    number_index=(number or account_id.hex).encode(),
                    masked="•••• 0128",
                    proven_at=now if proven else None,
                    first_paid_on=date(2026, 1, 5) if used else None,
                    created_at=now,
                )
            )
        return account_id

    async def ready(self, person: UUID, account: UUID, yuan: int, product: str = PRODUCT) -> Signature:
        """An application that only waits for this signature."""
        terms = terms_of(self.book.product(product), amount_minor=yuan * 100, months=12, share=Decimal("0.12"))
        application_id, offer_id = uuid4(), uuid4()
        async with self.steps.sessions.begin() as session:
            now = await clocks.now(session, self.steps.clock_id)
            firm_id = await people.know_firm(
                session, self.vault, person, kind="self_employed", name="面馆", licence=None, trade=None, now=now
            )
            session.add(
                Application(
                    id=application_id,
                    person_id=person,
                    firm_id=firm_id,
                    bank_account_id=account,
                    product_id=product,
                    policy_version="1",
                    channel="web",
                    stage="signing",
                    amount_minor=yuan * 100,
                    currency="CNY",
                    months=12,
                    share=Decimal("0.12"),
                    waiting_for="owner",
                    offer_id=offer_id,
                    created_at=now,
                    changed_at=now,
                )
            )
            await session.flush()
            session.add(
                Consent(
                    id=uuid4(),
                    person_id=person,
                    application_id=application_id,
                    purpose="sharing",
                    scope="name,account,mandate",
                    text_hash="0" * 64,
                    locale="zh_CN",
                    channel="web",
                    proof={},
                    given_at=now,
                    expires_on=now.date() + timedelta(days=365),
                )
            )
            decision_id = uuid4()
            session.add(
                Decision(
                    id=decision_id,
                    application_id=application_id,
                    person_id=person,
                    n=1,
                    outcome="approve",
                    reasons=[],
                    limit_minor=yuan * 100,
                    features={},
                    ratios={},
                    policy_version="1",
                    decided_by="model",
                    decided_at=now,
                )
            )
            await session.flush()
            common = {"application_id": application_id, "person_id": person, "terms_hash": terms_hash(terms)}
            session.add(
                Offer(
                    id=offer_id,
                    decision_id=decision_id,
                    n=1,
                    terms=json.loads(canonical(terms)),
                    projection={},
                    expires_at=now + timedelta(days=7),
                    chosen_at=now,
                    **common,
                )
            )
            await session.flush()
            wall = (await clocks.read(session, self.steps.clock_id)).real_now
            session.add(
                KeyFacts(
                    id=uuid4(),
                    offer_id=offer_id,
                    sheet={},
                    opened_at=wall - timedelta(minutes=1),
                    readable_from=wall - timedelta(seconds=50),
                    **common,
                )
            )
        return Signature(application_id, uuid4(), uuid4(), terms_hash(terms))

    async def signs(self, person: UUID, account: UUID, yuan: int) -> Payout:
        """Sign it; the payout that was planned."""
        return await self.sign(await self.ready(person, account, yuan))

    async def sign(self, signature: Signature) -> Payout:
        signed = await self.contracts.sign_contract(signature)
        return await self.payout(signed.payout_id)

    async def payout(self, payout_id: UUID) -> Payout:
        async with self.steps.sessions.begin() as session:
            return await session.get_one(Payout, payout_id)


@pytest.fixture(scope="module")
async def counter(database: Any, settings_for: Callable[..., Settings]) -> AsyncIterator[Counter]:
    chosen = settings_for(database=database)
    sessions = Sessions(chosen, scope="worker")
    async with sessions.begin() as session:
        await clocks.ensure(session, chosen.clock_id)
    steps, vault, book, nothing = Steps(sessions, chosen.clock_id), Vault(chosen), load(), None
    contracts = Contracts(steps, nothing, nothing, book, "CN")  # type: ignore[arg-type]
    payouts = Payouts(steps, Private(vault), nothing, nothing, Gate(book, "CN"), task_queue="none", cutoff=HOURS_2)  # type: ignore[arg-type]
    yield Counter(steps, vault, book, contracts, payouts)
    await sessions.close()


def waits(payout: Payout) -> timedelta:
    return payout.pay_at - payout.created_at


@pytest.mark.parametrize(("yuan", "tier", "delay"), [(50_000, "fast", timedelta(0)), (50_100, "delayed", HOURS_2)])
async def test_a7_fifty_thousand_leaves_at_once_and_more_waits_two_hours(
    counter: Counter, yuan: int, tier: str, delay: timedelta
) -> None:
    """The product lends in steps of ¥100, so ¥50,001 itself is asked of the rule (tests/lending/test_release.py)."""
    owner = await counter.owner()
    payout = await counter.signs(owner, await counter.account(owner), yuan)
    assert (payout.tier, waits(payout)) == (tier, delay)


async def test_p13_an_own_account_used_before_is_paid_at_once(counter: Counter) -> None:
    owner = await counter.owner()
    payout = await counter.signs(owner, await counter.account(owner, used=True), 80_000)
    assert (payout.tier, waits(payout)) == ("delayed", timedelta(0))


async def test_only_a_payout_that_can_still_be_cancelled_is_announced(counter: Counter) -> None:
    """What leaves at once is told when it has arrived; "cancel it now" in that minute would be false."""
    owner = await counter.owner()
    used, new = await counter.account(owner, used=True), await counter.account(owner)
    paid = [await counter.signs(owner, account, yuan) for account, yuan in ((used, 80_000), (new, 80_000))]
    async with counter.steps.sessions.begin() as session:
        found = await session.scalars(select(Notice).where(Notice.person_id == owner, Notice.kind.like("payout_%")))
        said = [(one.application_id, one.kind) for one in found]
    assert [waits(one) for one in paid] == [timedelta(0), HOURS_2]
    assert said == [(paid[1].application_id, "payout_scheduled")]


async def test_p13_money_leaves_for_no_account_that_is_not_proven(counter: Counter) -> None:
    owner = await counter.owner()
    with pytest.raises(PayeeNotProven):
        await counter.signs(owner, await counter.account(owner, proven=False), 10_000)


async def test_splitting_over_the_day_gains_nothing(counter: Counter) -> None:
    owner = await counter.owner()
    first, second = await counter.account(owner), await counter.account(owner)
    paid = [await counter.signs(owner, account, 30_000) for account in (first, second, first)]
    assert [(one.tier, waits(one)) for one in paid] == [
        ("fast", timedelta(0)),
        ("delayed", HOURS_2),
        ("delayed", HOURS_2),
    ]


async def test_money_that_was_cancelled_or_left_on_another_day_does_not_count(counter: Counter) -> None:
    owner = await counter.owner()
    account = await counter.account(owner)
    first = await counter.signs(owner, account, 50_000)
    async with counter.steps.sessions.begin() as session:
        await session.execute(update(Payout).where(Payout.id == first.id).values(state="cancelled"))
    second = await counter.signs(owner, account, 50_000)
    assert second.tier == "fast"
    async with counter.steps.sessions.begin() as session:
        earlier = {"created_at": second.created_at - timedelta(days=1), "pay_at": second.pay_at - timedelta(days=1)}
        await session.execute(update(Payout).where(Payout.id == second.id).values(**earlier))
    assert (await counter.signs(owner, account, 50_000)).tier == "fast"


async def test_an_account_in_two_customers_names_adds_up_and_is_released_as_the_strictest_tier(
    counter: Counter,
) -> None:
    one, other = await counter.owner(), await counter.owner()
    first = await counter.signs(one, await counter.account(one, "6225-shared"), 10_000)
    signature = await counter.ready(other, await counter.account(other, "6225-shared"), 10_000)
    await prove(counter, signature)
    assert (first.tier, (await counter.sign(signature)).tier) == ("fast", "high")


async def test_two_signatures_at_the_same_instant_count_each_other(counter: Counter) -> None:
    """Each alone is fast. Without the lock on the borrower's row both would be."""
    for _ in range(5):
        owner = await counter.owner()
        ready = [await counter.ready(owner, await counter.account(owner), 40_000) for _ in range(3)]
        paid = await asyncio.gather(*(counter.sign(signature) for signature in ready))
        assert sorted(one.tier for one in paid) == ["delayed", "delayed", "fast"]


@pytest.mark.parametrize("what", ["amount", "payee", "terms"])
async def test_t7_what_leaves_is_what_was_signed_or_nothing_leaves(counter: Counter, what: str, database: Any) -> None:
    owner = await counter.owner()
    account = await counter.account(owner)
    payout = await counter.signs(owner, account, 50_000)
    async with counter.steps.sessions.begin() as session:
        match what:
            case "amount":
                await session.execute(update(Payout).where(Payout.id == payout.id).values(amount_minor=5_000_001))
            case "payee":
                await session.execute(
                    update(BankAccount).where(BankAccount.id == account).values(number_index=b"another")
                )
            case _:  # the application itself may not: whoever owns the tables does it
                database.execute(f"update loan set terms_hash = 'other' where id = '{payout.loan_id}'")
    state = await counter.payouts.claim_payout(PayoutCase(payout.id))
    assert (state.state, state.reason) == ("cancelled", "differs_from_approval")
    async with counter.steps.sessions.begin() as session:
        assert (await session.scalars(select(Payout.submitted_at).where(Payout.id == payout.id))).one() is None


# --- money that waits for people --------------------------------------------------------------------------------------


async def high(counter: Counter, yuan: int = 250_000, *, decided_by: str = "model") -> Payout:
    """A signed payout that takes a second person, its hour past."""
    owner = await counter.owner()
    signature = await counter.ready(owner, await counter.account(owner, used=True), yuan)
    async with counter.steps.sessions.begin() as session:
        mine = Decision.application_id == signature.application_id
        await session.execute(update(Decision).where(mine).values(decided_by=decided_by))
    await prove(counter, signature)
    return await counter.sign(signature)


async def prove(counter: Counter, signature: Signature) -> None:
    """The owner has proven anew that it is them, for this very amount and payee."""
    async with counter.steps.sessions.begin() as session:
        application = await session.get_one(Application, signature.application_id)
        account = await session.get_one(BankAccount, application.bank_account_id)
        approved = approval_hash(
            loan_id=loan_id_of(application.id), terms_hash=signature.terms_hash, amount_minor=application.amount_minor,
            currency="CNY", account_id=account.id, account_index=account.number_index,
        )  # fmt: skip
        now, proof_id = (await clocks.read(session, counter.steps.clock_id)).real_now, uuid4()
        await holds.ask_proof(
            session, proof_id=proof_id, person_id=application.person_id, application_id=application.id,
            bound_hash=approved, method="bank_card", device="d", now=now,
        )  # fmt: skip
        lasts = now + timedelta(minutes=10)
        await holds.answer_proof(session, proof_id, outcome="match", reference="r", now=now, expires_at=lasts)


async def employee(counter: Counter, name: str) -> str:
    """A login of somebody of the lender, as timelines name it."""
    staff_id = uuid4()
    async with counter.steps.sessions.begin() as session:
        now = await clocks.now(session, counter.steps.clock_id)
        await doors.add_staff(
            session, staff_id=staff_id, login=staff_id.hex, employee=name, name=name, password_hash="x",
            totp_sealed=b"x", roles=("officer",), now=now,
        )  # fmt: skip
    return f"staff:{staff_id}"


async def answered(counter: Counter, payout: Payout, say: str, by: str) -> None:
    async with counter.steps.sessions.begin() as session:
        now = await clocks.now(session, counter.steps.clock_id)
        await releases.answer(
            session, payout.id, say=say, seen_hash=payout.approval_hash, by=by, reason="核对过账户", now=now
        )


async def release_row(counter: Counter, payout: Payout) -> PayoutRelease:
    async with counter.steps.sessions.begin() as session:
        return await session.get_one(PayoutRelease, payout.id)


async def test_the_largest_payouts_take_a_fresh_proof_of_their_owner(counter: Counter) -> None:
    owner = await counter.owner()
    signature = await counter.ready(owner, await counter.account(owner), 250_000)
    with pytest.raises(StepUpNeeded):
        await counter.sign(signature)
    await prove(counter, signature)
    payout = await counter.sign(signature)
    assert (payout.tier, waits(payout)) == ("high", HOURS_2)


async def test_a_second_person_lets_the_largest_payouts_go_and_nobody_else_does(counter: Counter) -> None:
    first, second = await employee(counter, "1007"), await employee(counter, "1008")
    payout = await high(counter, decided_by=first.removeprefix("staff:"))
    case = PayoutCase(payout.id)
    waiting = await counter.payouts.claim_payout(case)
    assert (waiting.state, waiting.reason) == ("scheduled", "unreleased")
    assert waiting.until == (await release_row(counter, payout)).due_at
    same = await employee(counter, "1007")  # another login of the same person
    for login in (first, same):
        with pytest.raises(NeedsTwoPeople):
            await answered(counter, payout, "release", login)
    await answered(counter, payout, "release", second)
    assert (await counter.payouts.claim_payout(case)).state == "submitting"


async def test_an_approval_is_void_at_the_very_instant_of_paying_if_the_payee_changed_after_it(
    counter: Counter,
) -> None:
    payout = await high(counter)
    await answered(counter, payout, "approve", await employee(counter, "2007"))
    await answered(counter, payout, "release", await employee(counter, "2008"))
    async with counter.steps.sessions.begin() as session:
        await session.execute(
            update(BankAccount).where(BankAccount.id == payout.account_id).values(number_index=b"somebody else")
        )
    state = await counter.payouts.claim_payout(PayoutCase(payout.id))
    assert (state.state, state.reason) == ("cancelled", "differs_from_approval")
    assert (await release_row(counter, payout)).state == "void"
    assert "release_void" in await told(counter, payout)


async def told(counter: Counter, payout: Payout) -> list[str]:
    """The kinds of the story's lines."""
    async with counter.steps.sessions.begin() as session:
        mine = TimelineEvent.application_id == payout.application_id
        return list(await session.scalars(select(TimelineEvent.kind).where(mine).order_by(TimelineEvent.n)))


async def test_a_payout_that_nobody_released_in_time_is_undone_and_told(counter: Counter) -> None:
    payout = await high(counter)
    async with counter.steps.sessions.begin() as session:
        now = await clocks.now(session, counter.steps.clock_id)
        await session.execute(
            update(PayoutRelease).where(PayoutRelease.payout_id == payout.id).values(due_at=now - timedelta(seconds=1))
        )
    state = await counter.payouts.claim_payout(PayoutCase(payout.id))
    assert (state.state, state.reason) == ("cancelled", "not_released")
    await counter.payouts.settle_payout(PayoutCase(payout.id))
    assert (await release_row(counter, payout)).state == "lapsed"
    assert (await told(counter, payout))[-1] == "payout_cancelled"


async def test_money_does_not_leave_before_its_hour_whoever_asks(counter: Counter) -> None:
    owner = await counter.owner()
    payout = await counter.signs(owner, await counter.account(owner), 80_000)
    early = await counter.payouts.claim_payout(PayoutCase(payout.id))
    assert (early.state, early.reason, early.until) == ("scheduled", "early", payout.pay_at)


# --- held on suspicion ------------------------------------------------------------------------------------------------


async def held(counter: Counter, *, answer_within: timedelta = timedelta(days=1)) -> tuple[Payout, UUID]:
    """A fast payout that is held: (payout, hold)."""
    owner, hold_id = await counter.owner(), uuid4()
    payout = await counter.signs(owner, await counter.account(owner), 30_000)
    async with counter.steps.sessions.begin() as session:
        now = await clocks.now(session, counter.steps.clock_id)
        for one in (hold_id, uuid4()):  # the second finds the first
            await holds.open_hold(
                session, hold_id=one, person_id=owner, application_id=payout.application_id, signs=["wrong_tries"],
                now=now, due_at=now + answer_within,
            )  # fmt: skip
    return payout, hold_id


async def test_p15_nothing_leaves_while_its_owner_is_asked_and_it_leaves_after_a_yes(counter: Counter) -> None:
    payout, hold_id = await held(counter)
    state = await counter.payouts.claim_payout(PayoutCase(payout.id))
    assert (state.state, state.reason, state.task_id) == ("scheduled", "held", None)
    async with counter.steps.sessions.begin() as session:
        row = await session.get_one(MoneyHold, hold_id)
        holds.end(row, "released", row.opened_at)
    assert (await counter.payouts.claim_payout(PayoutCase(payout.id))).state == "submitting"


async def test_p15_a_question_that_nobody_answers_becomes_a_call_within_a_quarter_of_an_hour(counter: Counter) -> None:
    payout, hold_id = await held(counter, answer_within=timedelta(seconds=-1))
    state = await counter.payouts.claim_payout(PayoutCase(payout.id))
    assert (state.state, state.reason) == ("scheduled", "held")
    async with counter.steps.sessions.begin() as session:
        task = await session.get_one(Task, state.task_id)
        assert (task.kind, task.state, task.due_at - task.created_at) == ("call_back", "open", timedelta(minutes=15))
        assert (await session.get_one(MoneyHold, hold_id)).state == "blocked"
    assert (await counter.payouts.claim_payout(PayoutCase(payout.id))).task_id == state.task_id
    assert (await told(counter, payout)).count("payout_call_back") == 1


@pytest.mark.parametrize(
    ("end", "theirs", "state", "reason"),
    [
        ("done", True, "scheduled", None),
        ("done", False, "cancelled", "not_the_owner"),
        ("unanswered", None, "cancelled", "nobody_reached"),
    ],
)
async def test_p15_the_call_decides(counter: Counter, end: str, theirs: bool, state: str, reason: str) -> None:
    payout, hold_id = await held(counter, answer_within=timedelta(seconds=-1))
    task_id = (await counter.payouts.claim_payout(PayoutCase(payout.id))).task_id
    assert task_id is not None
    async with counter.steps.sessions.begin() as session:
        await session.execute(update(Task).where(Task.id == task_id).values(outcome={"theirs": theirs}))
    called = CalledBack(payout.id, task_id, end)
    for _ in range(2):  # said twice, it is one end
        found = await counter.payouts.apply_call_back(called)
        assert (found.state, found.reason) == (state, reason)
    async with counter.steps.sessions.begin() as session:
        assert (await session.get_one(MoneyHold, hold_id)).state == ("released" if theirs else "stopped")
    expected = "submitting" if theirs else "cancelled"
    assert (await counter.payouts.claim_payout(PayoutCase(payout.id))).state == expected


async def test_p15_a_cancelled_payout_asks_nobody_any_more(counter: Counter) -> None:
    payout, hold_id = await held(counter)
    await counter.payouts.cancel_payout(PayoutCase(payout.id))
    await counter.payouts.settle_payout(PayoutCase(payout.id))
    async with counter.steps.sessions.begin() as session:
        assert (await session.get_one(MoneyHold, hold_id)).state == "stopped"


# --- conditions of a yes ----------------------------------------------------------------------------------------------


async def under_condition(counter: Counter, yuan: int = 50_000, *, days: int = 10) -> tuple[UUID, Payout, UUID]:
    """(whose, a signed payout, its open condition): a yes under a condition, signed before it is met."""
    owner = await counter.owner()
    signature = await counter.ready(owner, await counter.account(owner), yuan)
    async with counter.steps.sessions.begin() as session:
        now = await clocks.now(session, counter.steps.clock_id)
        application = await session.get_one(Application, signature.application_id)
        wanted = [conditions.New("lease_renewed", "", "customer", timedelta(days=days))]
        (made,) = await conditions.make(session, application, uuid4(), wanted, by="staff:x", now=now)
    return owner, await counter.sign(signature), made.id


async def test_p34_no_money_leaves_while_a_condition_is_open_and_it_leaves_once_it_is_met(counter: Counter) -> None:
    _, payout, condition_id = await under_condition(counter)
    case = PayoutCase(payout.id)
    waiting = await counter.payouts.claim_payout(case)
    assert (waiting.state, waiting.reason) == ("scheduled", "conditions")
    async with counter.steps.sessions.begin() as session:
        now = await clocks.now(session, counter.steps.clock_id)
        row = await conditions.one(session, condition_id, locked=True)
        assert row is not None and waiting.until == row.due_at
        conditions.meet(row, Proof.DOCUMENT, uuid4(), by="staff:x", now=now)
    # Met is not yet let go: money under a condition takes a second person, whatever its amount.
    assert (await counter.payouts.claim_payout(case)).reason == "unreleased"
    async with counter.steps.sessions.begin() as session:
        release = await session.get_one(PayoutRelease, payout.id)
        assert release.due_at > payout.created_at + timedelta(days=10), "its time begins when the last condition is due"
        release.state, release.maker, release.checker = "released", "li", "wang"
    assert (await counter.payouts.claim_payout(case)).state == "submitting"


async def test_p34_a_condition_that_nobody_met_in_time_undoes_the_payout_by_name(counter: Counter) -> None:
    _, payout, condition_id = await under_condition(counter)
    async with counter.steps.sessions.begin() as session:
        now = await clocks.now(session, counter.steps.clock_id)
        row = await conditions.one(session, condition_id, locked=True)
        assert row is not None
        row.due_at = now - timedelta(seconds=1)
    state = await counter.payouts.claim_payout(PayoutCase(payout.id))
    assert (state.state, state.reason) == ("cancelled", "conditions_not_met")


async def test_p34_another_yes_takes_the_place_of_the_conditions_of_the_one_before(counter: Counter) -> None:
    _, payout, condition_id = await under_condition(counter)
    async with counter.steps.sessions.begin() as session:
        now = await clocks.now(session, counter.steps.clock_id)
        application = await session.get_one(Application, payout.application_id)
        await conditions.make(session, application, uuid4(), (), by="staff:y", now=now)
    async with counter.steps.sessions.begin() as session:
        row = await conditions.one(session, condition_id)
        assert row is not None and row.state == "replaced"
        assert not await conditions.in_the_way(session, payout.application_id)
