"""Simulator = offer = contract = postings, to the cent, over random products and terms: loans repaid on dates.

The twin for loans repaid by a share of revenue is in test_ledger_and_close.py.
"""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lending.accounts import Account
from lending.amortisation import RateChange
from lending.calendars import BusinessCalendar, DayRule
from lending.changes import NotPossible, Pause, Replan
from lending.instalment_products import Bearer, FeeBasis, FeeTerm, FeeTime, InstalmentProduct
from lending.instalment_terms import InstalmentTerms, canonical, instalment_terms, terms_from, terms_hash
from lending.instalments import Part
from lending.journal import book
from lending.key_facts import KeyFacts, key_facts, opening_events, shape_of
from lending.ledger import Entry, trial_balance
from lending.loan_state import Event, Kind
from lending.payoff import payoff_of
from lending.schedules import Shape
from lending.servicing import replay
from lending.terms import NotTerms
from policies import load

LOAN = UUID(int=7)
START = date(2026, 11, 23)
AS_FOUND = (Phase.explicit, Phase.reuse, Phase.generate)
BOOK = load()
CALENDAR = BOOK.calendars["CN"]

fees = st.lists(
    st.builds(
        FeeTerm,
        code=st.sampled_from(["service", "insurance", "registration", "guarantee"]),
        basis=st.sampled_from([FeeBasis.FLAT, FeeBasis.OF_AMOUNT, FeeBasis.OF_COVER]),
        value=st.decimals("0", "0.01", places=4),
        time=st.sampled_from(FeeTime),
        payee=st.sampled_from(["lender", "insurer"]),
        borne_by=st.sampled_from(Bearer),
    ).map(lambda fee: replace(fee, value=Decimal(int(fee.value * 10**6))) if fee.basis is FeeBasis.FLAT else fee),
    max_size=4,
    unique_by=lambda fee: fee.code,
)


@st.composite
def chosen(draw: st.DrawFn) -> tuple[InstalmentTerms, date, BusinessCalendar | None]:
    """Any product of the book with any fees, and any choice that it allows."""
    product: InstalmentProduct = draw(st.sampled_from(list(BOOK.instalment_products.values())))
    product = replace(product, fees=tuple(draw(fees)), day_rule=draw(st.sampled_from(DayRule)))
    shape = draw(st.sampled_from(product.shapes))
    months = draw(st.integers(product.months.shortest, product.months.longest))
    amounts = product.amounts
    steps = draw(st.integers(amounts.lowest_minor // amounts.step_minor, amounts.highest_minor // amounts.step_minor))
    weights = tuple(draw(st.lists(st.integers(1, 5), min_size=months, max_size=months)))
    start = draw(st.dates(START, START + timedelta(days=800)))
    terms = instalment_terms(
        product,
        amount_minor=steps * amounts.step_minor,
        months=months,
        shape=shape,
        start=start,
        indices=BOOK.indices,
        weights=weights if shape is Shape.WEIGHTED else (),
        cover_minor=draw(st.integers(0, 10**9)),
    )
    return terms, start, draw(st.sampled_from([None, CALENDAR]))


def noon(on: date) -> datetime:
    return datetime.combine(on, time(4), tzinfo=UTC)


def asked(facts: KeyFacts) -> dict[date, tuple[int, int, int]]:
    """Principal, interest and our own fees that the sheet asks for on each day after the payout."""
    days = dict.fromkeys(facts.schedule.due_on, (0, 0, 0))
    made = facts.schedule
    for on, principal, interest in zip(made.due_on, made.principal_minor, made.interest_minor, strict=True):
        days[on] = (principal, interest, 0)
    at_payout = {fee.code for fee in facts.terms.fees if fee.time is FeeTime.AT_PAYOUT}
    for fee in facts.fees:
        if fee.is_posted and fee.code not in at_payout:
            on = next(day for day in made.due_on if fee.on <= day)
            days[on] = (days[on][0], days[on][1], days[on][2] + fee.amount_minor)
    return days


@settings(max_examples=60, deadline=None, phases=AS_FOUND)
@given(chosen())
def test_simulator_offer_contract_and_postings_are_one_to_the_cent(
    choice: tuple[InstalmentTerms, date, BusinessCalendar | None],
) -> None:
    terms, start, calendar = choice
    facts = key_facts(terms, start, calendar)
    # The contract is the terms as they were signed: read back from their text they give the same sheet.
    signed = terms_from(json.loads(canonical(terms)))
    assert key_facts(signed, start, calendar) == facts
    # The loan: paid on each due date what the sheet says, booked on that day.
    shape, events, posted = shape_of(signed, start, calendar), opening_events(signed, start), list[Entry]()
    days = asked(facts)
    for on, (principal, interest, fee) in days.items():
        if principal + interest + fee:
            amount = principal + interest + fee
            events.append(Event(Kind.REPAYMENT, on, on, amount, key=f"paid/{on.isoformat()}"))
        loan = replay(shape, events, on)
        before = trial_balance(posted)
        posted += book(LOAN, loan, on, posted, booked_at=noon(on), source="test", cash=Account.CASH_WALLET)
        after = trial_balance(posted)
        if len(posted) and before:
            moved = after.get(Account.CASH_WALLET, 0) - before.get(Account.CASH_WALLET, 0)
            assert moved == principal + interest + fee
        row = next(i for i in loan.instalments if i.due_on == on)
        assert (row.due[Part.PRINCIPAL], row.due[Part.INTEREST], row.due[Part.FEE]) == (principal, interest, fee)
        assert row.total_outstanding == row.due[Part.PENALTY] == 0
    balance = trial_balance(posted)
    ours = sum(fee.amount_minor for fee in facts.fees if fee.is_posted)
    assert balance.get(Account.LOANS_PRINCIPAL, 0) == balance.get(Account.INTEREST_RECEIVABLE, 0) == 0
    assert -balance.get(Account.INCOME_INTEREST, 0) == facts.interest_minor
    assert -balance.get(Account.INCOME_FEES, 0) == ours
    assert -balance[Account.PAYOUTS_IN_FLIGHT] == terms.amount_minor
    paid = balance[Account.CASH_WALLET] + balance.get(Account.CASH_BANK, 0)
    others = sum(f.amount_minor for f in facts.fees if f.borne_by is Bearer.BORROWER and not f.is_posted)
    assert paid + others == facts.total_minor
    assert facts.total_minor == terms.amount_minor + facts.interest_minor + facts.fees_minor


def terms_of(product: str, shape: Shape, **changed) -> InstalmentTerms:
    chosen_product = BOOK.instalment_product(product)
    if "fees" in changed:
        chosen_product = replace(chosen_product, fees=changed.pop("fees"))
    given_terms = {"amount_minor": 10_000_000, "months": 12, "start": START, "indices": BOOK.indices}
    return instalment_terms(chosen_product, shape=shape, **(given_terms | changed))


def test_every_fee_that_the_borrower_bears_is_in_the_annual_rate() -> None:
    plain = key_facts(terms_of("instalment_loan", Shape.EQUAL_INSTALMENTS), START)
    ours = FeeTerm("service", FeeBasis.OF_AMOUNT, Decimal("0.01"), FeeTime.AT_PAYOUT, "lender", Bearer.BORROWER)
    insurer = replace(ours, code="insurance", payee="insurer")
    lenders = replace(ours, code="valuation", borne_by=Bearer.LENDER)
    rates = [
        key_facts(terms_of("instalment_loan", Shape.EQUAL_INSTALMENTS, fees=(fee,)), START).annual_rate_nominal
        for fee in (ours, insurer, lenders)
    ]
    assert rates[0] == rates[1] > plain.annual_rate_nominal + Decimal("0.01")
    assert rates[2] == plain.annual_rate_nominal
    # Interest runs on 360 days; the disclosed rate is on 365 of them (P9).
    expected = BOOK.instalment_product("instalment_loan").price.rate(BOOK.indices) * 365 / 360
    assert abs(plain.annual_rate_nominal - expected) < Decimal("0.0002")


def test_what_is_not_on_the_sheet_cannot_be_posted() -> None:
    insurance = FeeTerm("insurance", FeeBasis.OF_COVER, Decimal("0.0004"), FeeTime.YEARLY, "insurer", Bearer.BORROWER)
    terms = terms_of(
        "collateral_loan",
        Shape.EQUAL_PRINCIPAL,
        fees=(insurance,),
        amount_minor=50_000_000,
        months=30,
        cover_minor=10**8,
    )
    facts = key_facts(terms, START, CALENDAR)
    assert [(fee.on, fee.amount_minor, fee.payee) for fee in facts.fees] == [
        (date(2026, 11, 23), 40_000, "insurer"),
        (date(2027, 11, 23), 40_000, "insurer"),
        (date(2028, 11, 23), 40_000, "insurer"),
    ]
    # It is shown and counted, and paid to the insurer: no event of ours asks for it.
    assert [event.kind for event in opening_events(terms, START)] == [Kind.DISBURSEMENT]
    assert shape_of(terms, START).charges == ()


def test_other_terms_have_another_hash_and_texts_that_are_no_terms_are_refused() -> None:
    terms = terms_of("seasonal_loan", Shape.WEIGHTED, weights=(1, 1, 1, 1, 4, 4, 4, 4, 1, 1, 1, 1), fees=())
    hashes = {terms_hash(terms), terms_hash(replace(terms, grace_days=4)), terms_hash(replace(terms, cover_minor=1))}
    assert len(hashes) == 3
    told = json.loads(canonical(terms))
    for wrong in (told | {"colour": 1}, told | {"shape": "round"}, told | {"annual_rate": "much"}, {}):
        with pytest.raises(NotTerms):
            terms_from(wrong)


# --- the agreed plan while the loan lives -----------------------------------------------------------------------------
def lived(shape: Shape, *more: Event, until: date, product: str = "instalment_loan"):
    terms = terms_of(product, shape)
    return replay(shape_of(terms, START), [*opening_events(terms, START), *more], until)


def on(month: int, day: int = 23) -> date:
    return date(2026 if month > 11 else 2027, month, day)


def test_another_rate_prices_what_is_not_yet_due_and_leaves_what_is_past_due() -> None:
    change = Event(Kind.CHANGE, on(2), on(2), change=RateChange(on(2), Decimal("0.03")))
    loan = lived(Shape.EQUAL_PRINCIPAL, change, until=on(2))
    assert [i.due[Part.PRINCIPAL] for i in loan.instalments] == [833_333] * 11 + [833_337]
    before = lived(Shape.EQUAL_PRINCIPAL, until=on(2))
    rows = list(zip(loan.instalments, before.instalments, strict=True))
    assert all(one.due == other.due for one, other in rows[:3])
    for one, _ in rows[3:]:
        balance = 10_000_000 - 833_333 * (one.number - 1)
        assert one.due[Part.INTEREST] == round(balance * Decimal("0.03") * one.span.days / 360)
    middle = Event(Kind.CHANGE, on(2, 10), on(2, 10), change=RateChange(on(2, 10), Decimal("0.03")))
    split = lived(Shape.INTEREST_FIRST, middle, until=on(2, 10)).instalments[2]
    rate = terms_of("instalment_loan", Shape.INTEREST_FIRST).annual_rate
    assert split.due[Part.INTEREST] == round(10_000_000 * rate * 18 / 360) + round(
        10_000_000 * Decimal("0.03") * 13 / 360
    )
    paid = Event(Kind.PAYOFF, on(2), on(2))
    with pytest.raises(NotPossible, match="no principal is open"):
        lived(Shape.EQUAL_PRINCIPAL, paid, change, until=on(2))


@pytest.mark.parametrize("shape", [Shape.EQUAL_INSTALMENTS, Shape.EQUAL_PRINCIPAL, Shape.INTEREST_FIRST, Shape.BULLET])
def test_another_plan_bears_interest_from_its_day_and_counts_no_day_twice(shape: Shape) -> None:
    """At an unchanged rate, interest to the day of a change and after it is interest on the balance, day by day."""
    day = on(2, 10)
    change = Event(Kind.CHANGE, day, day, change=Replan(first_due_on=on(4, 1), count=1))
    loan = lived(shape, change, until=day)
    rate = terms_of("instalment_loan", shape).annual_rate
    until = lived(shape, until=day)
    earned = payoff_of(until, day).interest_minor
    left = sum(i.outstanding(Part.PRINCIPAL) for i in until.instalments)
    after = round(left * rate * (on(4, 1) - day).days / 360)
    asked_for = sum(i.due[Part.INTEREST] - i.paid[Part.INTEREST] for i in loan.instalments)
    assert asked_for == earned + after
    with pytest.raises(NotPossible, match="agreed plan"):
        lived(shape, Event(Kind.CHANGE, day, day, change=Pause(day, on(3))), until=day)


def test_prepaying_costs_interest_to_the_day_and_nothing_more() -> None:
    """P3: paid off on any day, the whole loan cost its rate by the day on what was owed."""
    day = on(1, 5)
    quote = payoff_of(lived(Shape.BULLET, until=day), day)
    rate = terms_of("instalment_loan", Shape.BULLET).annual_rate
    assert quote.interest_minor == round(10_000_000 * rate * (day - START).days / 360)
    assert (quote.fees_minor, quote.penalties_minor) == (0, 0)
    done = lived(Shape.BULLET, Event(Kind.PAYOFF, day, day, quote.total_minor), until=day)
    assert sum(i.total_outstanding for i in done.instalments) == 0


def test_the_second_payout_of_an_agreed_plan_is_refused() -> None:
    with pytest.raises(NotPossible, match="paid out once"):
        lived(Shape.BULLET, Event(Kind.DISBURSEMENT, on(1), on(1), 5), until=on(1))


def test_the_rate_of_a_loan_without_fees_is_its_price_whatever_the_sales() -> None:
    """P8: interest by the day and no fee is one rate; only a flat fee has a band of rates."""
    facts = key_facts(terms_of("order_loan", Shape.BULLET, months=3), START)
    assert abs(facts.annual_rate_nominal - Decimal("0.06") * 365 / 360) < Decimal("0.001")
