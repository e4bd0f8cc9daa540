"""A line on real rows and under real locks: its draws, what frees them, and what the lender may do to it."""

import asyncio
import json
import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from activities.drawing import Draws
from activities.lines import Lines
from activities.payees import Payees
from activities.ports.lines import Drawn, DrawWanted, LineActWanted, LineCase
from activities.ports.payouts import PayoutCase
from activities.private import Private
from db import applications, clocks, commands, coupons, holds, lines
from db.tables import (
    Application,
    BankAccount,
    Consent,
    CreditLine,
    Decision,
    KeyFacts,
    LineChange,
    Loan,
    LoanBalance,
    MoneyHold,
    Notice,
    Offer,
    Payout,
    Task,
)
from infra.settings import Settings
from lending.calendars import Jurisdiction, midnight_after
from lending.coupons import CouponKind
from lending.line import Standing, draw_id_of, draw_terms
from lending.offers import terms_hash, terms_of
from lending.refusals import (
    AboveAvailable,
    ClauseNotSigned,
    ConsentMissing,
    LineFrozen,
    LineOver,
    NotOnPaper,
    PayeeMissing,
    StepUpNeeded,
)
from lending.release import approval_hash, loan_id_of
from lending.terms import canonical, terms_from
from tests.activities.test_paying_sellers import NO_FLAG, SELLER, VALID, named, settings
from tests.activities.test_releasing import HOURS_2, Counter, counter, waits

__all__ = ["counter", "settings"]

LINE, CN = "revolving_line", Jurisdiction("CN")
# So much a month that any draw is repaid in time.
USUAL = 60_000_000


class _Sheet:
    def to_json(self) -> dict[str, Any]:
        return {}


class _Printer:
    """No paper is looked at here (tests/papers)."""

    async def draw_sheet(self, *_: object) -> _Sheet:
        return _Sheet()


class Desk:
    """Lines, made and drawn on."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        nothing: Any = None
        self.draws = Draws(
            counter.steps,
            counter.book,
            _Printer(),
            nothing,
            nothing,
            nothing,
            nothing,
            jurisdiction="CN",  # type: ignore[arg-type]
        )
        self.lines = Lines(counter.steps, counter.book, nothing, nothing, nothing, nothing, jurisdiction="CN")

    async def opened(self, yuan: int, *, used: bool = True, grade: str | None = "B", product: str = LINE) -> CreditLine:
        """A signed line; its account was paid before unless told otherwise."""
        counter, book = self.counter, self.counter.book
        owner = await counter.owner()
        account = await counter.account(owner, used=used)
        signature = await counter.ready(owner, account, yuan)
        terms = terms_of(book.product(product), amount_minor=yuan * 100, months=12, share=Decimal("0.12"))
        hashed = {"terms_hash": terms_hash(terms)}
        async with counter.steps.sessions.begin() as session:
            mine = signature.application_id
            await session.execute(
                update(Application).where(Application.id == mine).values(product_id=product, purpose="stock")
            )
            await session.execute(
                update(Offer).where(Offer.application_id == mine).values(terms=json.loads(canonical(terms)), **hashed)
            )
            await session.execute(update(KeyFacts).where(KeyFacts.application_id == mine).values(**hashed))
            await session.execute(
                update(Decision)
                .where(Decision.application_id == mine)
                .values(basis={"series": USUAL}, pd=Decimal("0.03"), grade=grade, confidence=Decimal("0.9"))
            )
            await self._allow(session, owner, mine, "flows_analysis")
        signed = await counter.contracts.sign_contract(
            type(signature)(mine, signature.cause, signature.code_id, hashed["terms_hash"])
        )
        assert signed.line_id is not None
        return await self.line(signed.line_id)

    async def _allow(self, session: Any, person: UUID, application_id: UUID, purpose: str) -> None:
        now = await clocks.now(session, self.counter.steps.clock_id)
        session.add(
            Consent(
                id=uuid4(), person_id=person, application_id=application_id, purpose=purpose, scope="statement_lines",
                text_hash="0" * 64, locale="zh_CN", channel="web", proof={}, given_at=now,
                expires_on=now.date() + timedelta(days=300),
            )
        )  # fmt: skip

    async def line(self, line_id: UUID) -> CreditLine:
        async with self.counter.steps.sessions.begin() as session:
            return await lines.line_of(session, line_id)

    async def draw(self, line: CreditLine, yuan: int, *, cause: UUID | None = None, **other: Any) -> Drawn:
        return await self.draws.draw(DrawWanted(line.id, cause or uuid4(), yuan * 100, **other))

    async def standing(self, line: CreditLine) -> Standing:
        async with self.counter.steps.sessions.begin() as session:
            return await lines.standing(session, await lines.line_of(session, line.id))

    async def payout(self, drawn: Drawn) -> Payout:
        assert drawn.payout_id is not None
        return await self.counter.payout(drawn.payout_id)

    async def arrives(self, drawn: Drawn, owed_minor: int | None = None) -> None:
        """The bank credits the draw; of it so much is still owed."""
        paid = await self.payout(drawn)
        async with self.counter.steps.sessions.begin() as session:
            loan = await session.get_one(Loan, paid.loan_id)
            loan.state, loan.live_on = "live", date(2026, 12, 1)
            session.add(
                LoanBalance(
                    loan_id=loan.id, as_of=date(2026, 12, 1), accrued_units=0, interest_paid_minor=0, paid_minor=0,
                    principal_minor=loan.principal_minor if owed_minor is None else owed_minor, carry_minor=0,
                    uncollected_minor=0, in_flight_minor=0, windows_passed=0, past_due_since=None, past_due_minor=0,
                    days_past_due=0, status="as_agreed",
                )
            )  # fmt: skip

    async def repays(self, drawn: Drawn, minor: int) -> None:
        """Principal comes back; the last of it closes the loan."""
        paid = await self.payout(drawn)
        async with self.counter.steps.sessions.begin() as session:
            balance = await session.get_one(LoanBalance, paid.loan_id)
            balance.principal_minor -= minor
            if balance.principal_minor == 0:
                (await session.get_one(Loan, paid.loan_id)).state = "closed"

    async def acts(self, line: CreditLine, **said: Any) -> Any:
        """Somebody of the lender does something to the line."""
        cause = uuid4()
        async with self.counter.steps.sessions.begin() as session:
            wall = (await clocks.read(session, self.counter.steps.clock_id)).real_now
            await commands.add_command(
                session, command_id=cause, workflow_type="CreditLine", workflow_id=f"line/{line.id}", name="act_on",
                argument={}, detail={"by": "staff:x", **said}, start=None, principal="staff:x", now=wall,
                next_attempt_at=wall,
            )  # fmt: skip
        return await self.lines.act_on_line(LineActWanted(line.id, cause))


@pytest.fixture
def desk(counter: Counter) -> Desk:
    return Desk(counter)


async def test_p1_signing_a_line_opens_it_and_pays_nothing_out(desk: Desk) -> None:
    line = await desk.opened(80_000)
    assert (line.state, line.limit_minor, line.revolving) == ("open", 8_000_000, True)
    assert (line.expires_on - line.opened_on).days in (364, 365)
    assert await desk.standing(line) == Standing(8_000_000, 0, 0)
    async with desk.counter.steps.sessions.begin() as session:
        application = await session.get_one(Application, line.application_id)
        assert (application.stage, application.loan_id, application.due_at) == ("opened", None, None)
        assert (await session.scalars(select(Payout).where(Payout.person_id == line.person_id))).all() == []


async def test_p1_a_draw_reserves_then_owes_and_repaying_restores_at_once(desk: Desk) -> None:
    line = await desk.opened(80_000)
    drawn = await desk.draw(line, 30_000)
    assert await desk.standing(line) == Standing(8_000_000, 0, 3_000_000)
    await desk.arrives(drawn)
    assert await desk.standing(line) == Standing(8_000_000, 3_000_000, 0)
    await desk.repays(drawn, 1_200_000)
    assert (await desk.standing(line)).available_minor == 6_200_000
    await desk.repays(drawn, 1_800_000)
    assert (await desk.standing(line)).available_minor == 8_000_000


async def test_p1_a_line_that_does_not_revolve_gives_nothing_back(desk: Desk) -> None:
    line = await desk.opened(80_000)
    async with desk.counter.steps.sessions.begin() as session:
        await session.execute(update(CreditLine).where(CreditLine.id == line.id).values(revolving=False))
    drawn = await desk.draw(line, 30_000)
    await desk.arrives(drawn)
    await desk.repays(drawn, 3_000_000)
    assert await desk.standing(line) == Standing(8_000_000, 3_000_000, 0)


async def test_p1_limit_is_available_drawn_and_reserved_whatever_happens(desk: Desk) -> None:
    """Draws, credits, cancellations and repayments in any order, against a count of our own."""
    chance = random.Random(20_261_122)
    line = await desk.opened(90_000)
    reserved: dict[UUID, tuple[Drawn, int]] = {}
    owed: dict[UUID, tuple[Drawn, int]] = {}
    for _ in range(40):
        match chance.choice(("draw", "draw", "credit", "cancel", "repay")):
            case "draw":
                yuan = chance.randrange(1_000, 30_000, 100)
                free = 9_000_000 - sum(m for _, m in reserved.values()) - sum(m for _, m in owed.values())
                if yuan * 100 > free:
                    with pytest.raises(AboveAvailable):
                        await desk.draw(line, yuan)
                    continue
                drawn = await desk.draw(line, yuan)
                assert drawn.draw_id is not None
                reserved[drawn.draw_id] = (drawn, yuan * 100)
            case "credit" if reserved:
                key = chance.choice(sorted(reserved))
                drawn, minor = reserved.pop(key)
                await desk.arrives(drawn)
                owed[key] = (drawn, minor)
            case "cancel" if reserved:
                drawn, _ = reserved.pop(chance.choice(sorted(reserved)))
                case = PayoutCase((await desk.payout(drawn)).id)
                await desk.counter.payouts.cancel_payout(case)
                await desk.counter.payouts.settle_payout(case)
            case "repay" if owed:
                key = chance.choice(sorted(owed))
                drawn, left = owed.pop(key)
                minor = chance.choice((left, max(1, left // 2)))
                await desk.repays(drawn, minor)
                if left > minor:
                    owed[key] = (drawn, left - minor)
            case _:
                continue
        standing = await desk.standing(line)
        assert standing.reserved_minor == sum(minor for _, minor in reserved.values())
        assert standing.drawn_minor == sum(minor for _, minor in owed.values())
        assert standing.available_minor + standing.drawn_minor + standing.reserved_minor == 9_000_000


async def test_p1_of_two_draws_at_the_same_instant_only_what_fits_is_taken(desk: Desk) -> None:
    for _ in range(2):
        line = await desk.opened(50_000)
        took = await asyncio.gather(*(desk.draw(line, 30_000) for _ in range(3)), return_exceptions=True)
        assert sorted(type(one).__name__ for one in took) == ["AboveAvailable", "AboveAvailable", "Drawn"]
        assert (await desk.standing(line)).reserved_minor == 3_000_000


async def test_a_draw_that_is_said_twice_is_one_draw(desk: Desk) -> None:
    line, cause = await desk.opened(80_000), uuid4()
    first, again = await desk.draw(line, 30_000, cause=cause), await desk.draw(line, 30_000, cause=cause)
    assert (first.draw_id, first.payout_id) == (again.draw_id, again.payout_id)
    assert (await desk.standing(line)).reserved_minor == 3_000_000


async def test_p1_a_draw_is_a_loan_with_its_own_terms_key_facts_and_slip(desk: Desk) -> None:
    line = await desk.opened(80_000)
    drawn = await desk.draw(line, 20_000, share="0.2")
    async with desk.counter.steps.sessions.begin() as session:
        application = await session.get_one(Application, drawn.draw_id)
        loan = await session.get_one(Loan, application.loan_id)
        slip = (await session.scalars(select(KeyFacts).where(KeyFacts.application_id == application.id))).one()
        assert (application.line_id, application.stage) == (line.id, "paying")
        assert application.id == draw_id_of(line.id, 1)
        assert (loan.share, loan.annual_rate, loan.product_id) == (Decimal("0.2"), line.annual_rate, LINE)
        assert terms_from(loan.terms).line_months == 0
        assert slip.terms_hash == loan.terms_hash != line.terms_hash


async def test_i3_the_best_coupon_is_used_by_a_draw_once_and_changes_no_term(desk: Desk) -> None:
    line = await desk.opened(80_000)
    kind = CouponKind("interest_20", 2_000, 500_000, 90)
    async with desk.counter.steps.sessions.begin() as session:
        now = await clocks.now(session, desk.counter.steps.clock_id)
        until = line.opened_on + timedelta(days=90)
        coupon = await coupons.give(session, line.person_id, kind, cause=f"test/{line.id}", until=until, at=now)
    first, second = [await desk.draw(line, 20_000) for _ in range(2)]
    async with desk.counter.steps.sessions.begin() as session:
        offers = [
            (await session.scalars(select(Offer).where(Offer.application_id == one.draw_id))).one()
            for one in (first, second)
        ]
        paid = await session.get_one(Payout, first.payout_id)
        assert await coupons.cap_of(session, paid.loan_id) == 2_000
    assert offers[0].projection["coupon"]["id"] == str(coupon)
    assert "coupon" not in offers[1].projection
    assert offers[0].terms_hash == offers[1].terms_hash
    totals = [one.projection["weathers"]["normal"]["total_minor"] for one in offers]
    assert totals[0] == 2_000_000 < totals[1]  # all of its interest is paid for


# --- P13, P14, P15 ----------------------------------------------------------------------------------------------------


async def test_p13_an_own_account_used_before_is_paid_at_once_within_the_line(desk: Desk) -> None:
    paid = await desk.payout(await desk.draw(await desk.opened(200_000), 120_000))
    assert (paid.tier, waits(paid)) == ("delayed", timedelta(0))
    new = await desk.payout(await desk.draw(await desk.opened(200_000, used=False), 120_000))
    assert waits(new) == HOURS_2


async def test_p13_draws_of_one_day_add_up_so_that_splitting_gains_nothing(desk: Desk) -> None:
    line = await desk.opened(100_000, used=False)
    first, second = [await desk.payout(await desk.draw(line, 30_000)) for _ in range(2)]
    assert [(one.tier, waits(one)) for one in (first, second)] == [("fast", timedelta(0)), ("delayed", HOURS_2)]


async def test_p14_above_the_limit_for_self_payment_a_draw_needs_a_named_seller(desk: Desk) -> None:
    line = await desk.opened(300_000)
    limit = desk.counter.book.product(LINE).self_payment_minor
    assert limit == 20_000_000
    with pytest.raises(PayeeMissing):
        await desk.draw(line, 250_000)
    with pytest.raises(NotOnPaper):  # nobody is named whom an invoice knows
        await desk.draw(line, 250_000, entrusted=True)
    assert await desk.standing(line) == Standing(30_000_000, 0, 0)


async def test_p14_a_seller_whom_an_invoice_knows_is_paid_by_a_draw_and_waits_as_a_new_payee_p13(
    desk: Desk, settings: Settings
) -> None:
    line, counter = await desk.opened(300_000), desk.counter
    checker = Payees(counter.steps, Private(counter.vault), settings)
    to = await named(counter, checker, line.application_id, settings, (SELLER, 160_000, VALID, NO_FLAG))
    assert to.named is not None
    paid = await desk.payout(await desk.draw(line, 150_000, entrusted=True))
    assert (paid.payee_id, paid.amount_minor, waits(paid)) == (to.named.id, 15_000_000, HOURS_2)
    with pytest.raises(NotOnPaper) as refused:  # the same invoices are not paid twice
        await desk.draw(line, 20_000, entrusted=True)
    assert refused.value.params["covers_minor"] == 1_000_000
    own = await desk.payout(await desk.draw(line, 20_000))
    assert (own.payee_id, own.account_id) == (None, line.account_id), "up to the limit its owner chooses, draw by draw"


async def test_p15_signs_of_somebody_else_hold_the_draw_and_lose_nothing(desk: Desk) -> None:
    line = await desk.opened(80_000)
    drawn = await desk.draw(line, 60_000, signs=("new_device",))
    async with desk.counter.steps.sessions.begin() as session:
        held = await holds.open_of(session, line.person_id)
        assert held is not None
        assert (held.application_id, held.signs, held.state) == (drawn.draw_id, ["new_device"], "asked")
    state = await desk.counter.payouts.claim_payout(PayoutCase((await desk.payout(drawn)).id))
    assert (state.state, state.reason) == ("scheduled", "held")
    async with desk.counter.steps.sessions.begin() as session:
        await session.execute(
            update(MoneyHold).where(MoneyHold.id == held.id).values(state="released", ended_at=held.opened_at)
        )


async def test_i1_a_proof_is_asked_for_only_if_risk_rose_and_is_bound_to_amount_and_payee(desk: Desk) -> None:
    line = await desk.opened(80_000)
    await desk.draw(line, 10_000)  # as at the signature: no face, no card
    async with desk.counter.steps.sessions.begin() as session:
        await session.execute(update(Decision).where(Decision.application_id == line.application_id).values(grade="C"))
    with pytest.raises(StepUpNeeded):
        await desk.draw(line, 20_000)
    await prove(desk, line, 20_000, number=2)
    with pytest.raises(StepUpNeeded):  # another amount than the one that was proven
        await desk.draw(line, 20_100)
    assert (await desk.draw(line, 20_000)).state == "paying"


async def prove(desk: Desk, line: CreditLine, yuan: int, *, number: int) -> None:
    """A fresh proof for this draw of this line."""
    steps = desk.counter.steps
    async with steps.sessions.begin() as session:
        reading = await clocks.read(session, steps.clock_id)
        terms = draw_terms(
            terms_from(line.terms), desk.counter.book.product(LINE), amount_minor=yuan * 100, share=None, usual=USUAL,
            start=line.opened_on,
        )  # fmt: skip
        account = await session.get_one(BankAccount, line.account_id)
        approved = approval_hash(
            loan_id=loan_id_of(draw_id_of(line.id, number)), terms_hash=terms_hash(terms), amount_minor=yuan * 100,
            currency="CNY", account_id=account.id, account_index=account.number_index,
        )  # fmt: skip
        proof_id = uuid4()
        await holds.ask_proof(
            session, proof_id=proof_id, person_id=line.person_id, application_id=line.application_id,
            bound_hash=approved, method="bank_card", device="d", now=reading.real_now,
        )  # fmt: skip
        lasts = reading.real_now + timedelta(minutes=10)
        await holds.answer_proof(
            session, proof_id, outcome="match", reference="r", now=reading.real_now, expires_at=lasts
        )


# --- I2 ---------------------------------------------------------------------------------------------------------------


async def test_i2_a_draw_on_old_knowledge_is_asked_for_again_and_reserves_nothing_meanwhile(desk: Desk) -> None:
    line = await desk.opened(80_000)
    async with desk.counter.steps.sessions.begin() as session:
        before = line.opened_on - timedelta(days=1)
        await session.execute(update(CreditLine).where(CreditLine.id == line.id).values(fresh_until=before))
    assert (await desk.draw(line, 10_000)).state == "stale"
    assert await desk.standing(line) == Standing(8_000_000, 0, 0)


async def test_i2_without_the_permission_a_draw_says_which_is_missing(desk: Desk) -> None:
    line = await desk.opened(80_000)
    async with desk.counter.steps.sessions.begin() as session:
        now = await clocks.now(session, desk.counter.steps.clock_id)
        mine = (Consent.person_id == line.person_id) & (Consent.purpose == "flows_analysis")
        await session.execute(update(Consent).where(mine).values(withdrawn_at=now - timedelta(seconds=1)))
    with pytest.raises(ConsentMissing):
        await desk.draw(line, 10_000)


async def test_p16_a_year_s_line_is_looked_at_in_time_before_it_ends(desk: Desk) -> None:
    line = await desk.opened(80_000)
    assert line.opened_on < line.review_on <= line.expires_on - timedelta(days=30)
    case = LineCase(line.id, line.id)
    before = await desk.lines.look_at_line(case)
    assert (before.review, before.wakes_at) == (False, midnight_after(line.review_on - timedelta(days=1), CN))
    async with desk.counter.steps.sessions.begin() as session:
        await session.execute(update(CreditLine).where(CreditLine.id == line.id).values(review_on=line.opened_on))
    assert (await desk.lines.look_at_line(case)).review


async def test_p1_after_its_last_day_nothing_is_drawn(desk: Desk) -> None:
    line = await desk.opened(80_000)
    async with desk.counter.steps.sessions.begin() as session:
        before = line.opened_on - timedelta(days=1)
        await session.execute(update(CreditLine).where(CreditLine.id == line.id).values(expires_on=before))
    with pytest.raises(LineOver):
        await desk.draw(line, 10_000)
    assert (await desk.lines.look_at_line(LineCase(line.id, line.id))).state == "over"
    assert "line_over" in await notices(desk, line)


# --- P16 --------------------------------------------------------------------------------------------------------------


async def notices(desk: Desk, line: CreditLine) -> list[str]:
    async with desk.counter.steps.sessions.begin() as session:
        return list(await session.scalars(select(Notice.kind).where(Notice.person_id == line.person_id)))


async def test_p16_a_freeze_names_a_signed_clause_is_told_and_leaves_drawn_money_alone(desk: Desk) -> None:
    line = await desk.opened(80_000)
    drawn = await desk.draw(line, 30_000)
    await desk.arrives(drawn)
    paid = await desk.payout(drawn)
    async with desk.counter.steps.sessions.begin() as session:
        before = (await session.get_one(Loan, paid.loan_id)).terms_hash
    done = await desk.acts(line, act="freeze", clause="L1", reason="近两月收入下降六成")
    assert done.state == "frozen"
    with pytest.raises(LineFrozen):
        await desk.draw(line, 10_000)
    async with desk.counter.steps.sessions.begin() as session:
        loan = await session.get_one(Loan, paid.loan_id)
        assert (loan.state, loan.terms_hash) == ("live", before)
        row = (await session.scalars(select(LineChange).where(LineChange.line_id == line.id))).one()
        assert (row.clause, row.state_before, row.state_after) == ("L1", "open", "frozen")
        told = (await session.scalars(select(Notice).where(Notice.kind == "line_frozen"))).all()
        assert [one.params["clause"] for one in told if one.person_id == line.person_id] == ["L1"]
    assert (await desk.standing(line)).drawn_minor == 3_000_000


async def test_p16_without_a_clause_that_was_signed_nothing_happens_to_a_line(desk: Desk) -> None:
    line = await desk.opened(80_000)
    with pytest.raises(ClauseNotSigned):
        await desk.acts(line, act="close", clause="L1", reason="不想借了")
    with pytest.raises(ClauseNotSigned):
        await desk.acts(line, act="call", clause="L2", reason="要求提前收回")
    assert (await desk.line(line.id)).version == 1
    assert not [kind for kind in await notices(desk, line) if kind == "line_closed"]


async def test_p16_a_limit_below_what_is_drawn_leaves_nothing_to_draw_and_takes_nothing(desk: Desk) -> None:
    line = await desk.opened(80_000)
    await desk.arrives(await desk.draw(line, 50_000))
    await desk.acts(line, act="reduce", clause="L1", reason="收入下降", limit_minor=3_000_000)
    standing = await desk.standing(line)
    assert (standing.limit_minor, standing.drawn_minor, standing.available_minor) == (3_000_000, 5_000_000, 0)
    await desk.acts(line, act="reopen", reason="核实后恢复")
    assert (await desk.standing(line)).available_minor == 3_000_000


async def test_p16_the_owner_has_a_person_look_and_what_that_person_does_is_the_answer(desk: Desk) -> None:
    line = await desk.opened(80_000)
    await desk.acts(line, act="freeze", clause="L3", reason="有异常登录")
    asked = await desk.lines.open_line_review(LineCase(line.id, uuid4()))
    again = await desk.lines.open_line_review(LineCase(line.id, uuid4()))
    assert asked.task_id == again.task_id is not None
    done = await desk.acts(line, act="reopen", reason="本人到网点核实")
    assert done.task_id == asked.task_id
    async with desk.counter.steps.sessions.begin() as session:
        task = await session.get_one(Task, asked.task_id)
        assert (task.state, (task.outcome or {})["act"]) == ("done", "reopen")
        assert await applications.open_task(session, line.application_id) is None
    assert (await desk.draw(line, 10_000)).state == "paying"
