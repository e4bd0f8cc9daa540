"""A renewal on real rows: the old loan ends in the transaction in which the new one begins."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select, update

from activities.ports.contracts import Choice, Signature
from activities.ports.payouts import PayoutCase
from db import exposure, ledger, renewals
from db.tables import Application, Entry, KeyFacts, Loan, LoanBalance, Offer, Payout, Posting, TimelineEvent
from lending.minimum_path import ends_text, window_ends
from lending.refusals import RenewalTooSmall
from lending.release import loan_id_of
from policies.book import load
from tests.activities.test_releasing import Counter, counter

__all__ = ["counter"]

LIVED = timedelta(days=40)


async def lives(counter: Counter, person: UUID, account: UUID, yuan: int) -> UUID:
    """A loan that has lived for a while: ¥123.45 of interest is open on it."""
    payout = await counter.signs(person, account, yuan)
    async with counter.steps.sessions.begin() as session:
        today = payout.created_at.date()
        await session.execute(update(Payout).where(Payout.id == payout.id).values(state="credited"))
        await session.execute(update(Loan).where(Loan.id == payout.loan_id).values(state="live", live_on=today - LIVED))
        loan = await session.get_one(Loan, payout.loan_id)
        await session.execute(update(Application).where(Application.loan_id == payout.loan_id).values(stage="funded"))
        session.add(
            LoanBalance(
                loan_id=payout.loan_id, as_of=today - timedelta(days=1), principal_minor=2_000_000,
                accrued_units=Decimal(12_345 * loan.units_per_minor), interest_paid_minor=0, paid_minor=0,
                carry_minor=0, uncollected_minor=0, in_flight_minor=0, windows_passed=0, past_due_since=None,
                past_due_minor=0, days_past_due=0, status="as_agreed",
            )
        )  # fmt: skip
    return payout.loan_id


async def renewing(counter: Counter, person: UUID, account: UUID, yuan: int, old: UUID) -> Signature:
    """An application for a renewal that only waits for its signature, with the payoff on its key facts."""
    ready = await counter.ready(person, account, yuan)
    async with counter.steps.sessions.begin() as session:
        await session.execute(
            update(Application).where(Application.id == ready.application_id).values(renews_loan_id=old)
        )
        owed = await renewals.owed(session, old)
        assert owed is not None
        sheet = {"renewal": {"payoff_minor": owed.payoff_minor, "net_minor": yuan * 100 - owed.payoff_minor}}
        await session.execute(
            update(KeyFacts).where(KeyFacts.application_id == ready.application_id).values(sheet=sheet)
        )
    return ready


async def arrives(counter: Counter, payout: Payout, on: date) -> None:
    async with counter.steps.sessions.begin() as session:
        await session.execute(
            update(Payout).where(Payout.id == payout.id).values(state="credited", credited_on=on, rail_reference="r")
        )
    await counter.payouts.settle_payout(PayoutCase(payout.id))
    await counter.payouts.settle_payout(PayoutCase(payout.id))  # a second run finds the first's line


async def posted(counter: Counter, loan: UUID) -> list[tuple[str, str, str, int]]:
    async with counter.steps.sessions.begin() as session:
        rows = await session.execute(
            select(Entry.kind, Posting.debit, Posting.credit, Posting.amount_minor)
            .join(Posting, Posting.entry_id == Entry.id)
            .where(Entry.loan_id == loan, Entry.kind.in_(("refinanced", "waived", "disbursed")))
            .order_by(Entry.kind, Posting.n, Posting.amount_minor)
        )
        return [tuple(row) for row in rows]  # type: ignore[misc]


async def test_p27_a_renewal_before_the_end_is_called_one_in_the_journal(counter: Counter) -> None:
    person = await counter.owner()
    account = await counter.account(person, used=True)
    old = await lives(counter, person, account, 30_000)
    payout = await counter.sign(await renewing(counter, person, account, 50_000, old))
    on = payout.created_at.date()
    async with counter.steps.sessions.begin() as session:
        (await session.get_one(Loan, old)).matures_on = on + timedelta(days=60)
    await arrives(counter, payout, on)
    async with counter.steps.sessions.begin() as session:
        assert (await session.get_one(Loan, payout.loan_id)).renewal_label == "renewal"
        kinds = await session.scalars(select(Entry.kind).where(Entry.loan_id.in_((old, payout.loan_id))))
        found = set(kinds)
    assert "renewed" in found and "refinanced" not in found


async def test_i4_x4_a_renewal_pays_the_old_loan_off_when_its_money_arrives_and_pays_out_what_was_shown(
    counter: Counter,
) -> None:
    person = await counter.owner()
    account = await counter.account(person, used=True)
    old = await lives(counter, person, account, 30_000)
    payout = await counter.sign(await renewing(counter, person, account, 50_000, old))
    new = payout.loan_id
    payoff, net = 2_012_345, 5_000_000 - 2_012_345
    assert payout.amount_minor == net, "the amount on the sheet is the amount that leaves"
    async with counter.steps.sessions.begin() as session:
        loan = await session.get_one(Loan, new)
        assert (loan.principal_minor, loan.renewed_minor, loan.renews_loan_id) == (5_000_000, payoff, old)
        assert (await session.get_one(Loan, old)).state == "live", "until the money has arrived"
    await arrives(counter, payout, payout.created_at.date())
    assert await posted(counter, new) == [
        ("disbursed", "loans.principal", "payouts_in_flight", net),
        ("refinanced", "loans.principal", "refinancing", payoff),
    ]
    assert await posted(counter, old) == [
        ("refinanced", "refinancing", "interest.receivable", 12_345),
        ("refinanced", "refinancing", "loans.principal", 2_000_000),
    ]
    async with counter.steps.sessions.begin() as session:
        ended, began = await session.get_one(Loan, old), await ledger.balance(session, new)
        assert (ended.state, ended.closed_on) == ("closed", payout.created_at.date())
        left = await ledger.balance(session, old)
        assert left is not None and began is not None
        assert (left.principal_minor, left.interest_paid_minor, left.status) == (0, 12_345, "paid")
        assert began.principal_minor == 5_000_000
        lent, calendar = await session.get_one(Loan, new), load().calendars["CN"]
        ends = window_ends(payout.created_at.date(), lent.window_months, lent.windows, calendar)
        assert lent.window_ends == ends_text(ends), "P9: kept with the loan when its money arrives"
        assert lent.matures_on == ends[-1]
        told = await session.scalars(
            select(TimelineEvent.kind).where(TimelineEvent.application_id == ended.application_id)
        )
        assert list(told).count("loan_paid") == 1


async def test_i4_what_is_paid_on_the_old_loan_meanwhile_repays_the_new_one_and_new_interest_is_not_asked_for(
    counter: Counter,
) -> None:
    person = await counter.owner()
    account = await counter.account(person, used=True)
    old = await lives(counter, person, account, 30_000)
    payout = await counter.sign(await renewing(counter, person, account, 50_000, old))
    async with counter.steps.sessions.begin() as session:  # a debit of ¥300 arrives, and a day of interest of ¥4
        row = await renewals.locked_balance(session, old)
        loan = await session.get_one(Loan, old)
        row.principal_minor, row.accrued_units = 1_970_000, row.accrued_units + 400 * loan.units_per_minor
    await arrives(counter, payout, payout.created_at.date())
    async with counter.steps.sessions.begin() as session:
        new_balance = await ledger.balance(session, payout.loan_id)
        assert new_balance is not None
        assert new_balance.principal_minor == 5_000_000 - (30_000 - 400), "paid twice is paid once"
        assert (await session.get_one(Loan, old)).state == "closed"


async def test_i4_a_plan_that_does_not_end_the_old_loan_cannot_be_chosen(counter: Counter) -> None:
    person = await counter.owner()
    account = await counter.account(person, used=True)
    old = await lives(counter, person, account, 30_000)
    ready = await renewing(counter, person, account, 20_100, old)
    async with counter.steps.sessions.begin() as session:
        await session.execute(update(Application).where(Application.id == ready.application_id).values(stage="offered"))
        offer_id = await session.scalar(select(Offer.id).where(Offer.application_id == ready.application_id))
    assert offer_id is not None
    with pytest.raises(RenewalTooSmall):
        await counter.contracts.choose_offer(Choice(ready.application_id, UUID(int=9), offer_id))


async def test_i4_the_loan_that_is_renewed_does_not_count_against_the_new_one(counter: Counter) -> None:
    person = await counter.owner()
    account = await counter.account(person, used=True)
    old = await lives(counter, person, account, 30_000)
    ready = await counter.ready(person, account, 50_000)
    async with counter.steps.sessions.begin() as session:
        assert await exposure.of_group(session, ready.application_id, []) == 2_000_000
        await session.execute(
            update(Application).where(Application.id == ready.application_id).values(renews_loan_id=old)
        )
    async with counter.steps.sessions.begin() as session:
        assert await exposure.of_group(session, ready.application_id, []) == 0
    assert loan_id_of(ready.application_id) != old
