from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.refusals import PayeeNotProven
from lending.release import (
    DaySums,
    Payee,
    Release,
    ReleasePolicy,
    Tier,
    Trust,
    approval_hash,
    plan_release,
    promised,
    trust,
)

HOURS_2 = timedelta(hours=2)
FAST = Tier("fast", 0, timedelta(0), 1, second_person=False)
DELAYED = Tier("delayed", 5_000_000, HOURS_2, 1, second_person=False)
HIGH = Tier("high", 20_000_000, HOURS_2, 2, second_person=True)
POLICY = ReleasePolicy((FAST, DELAYED, HIGH), HOURS_2, 30, frozenset({"account_shared"}), timedelta(days=3))
TODAY, YESTERDAY = date(2026, 3, 10), date(2026, 3, 9)
OWN = Payee(proven=True)
USED = Payee(proven=True, first_paid_on=YESTERDAY)
SUPPLIER = Payee(proven=True, own=False, fixed_days=30)
NAMED = Payee(proven=True, own=False)


def planned(
    amount: int, payee: Payee = OWN, *, borrower: int = 0, to_payee: int = 0, **more: frozenset[str]
) -> Release:
    return plan_release(amount, payee, DaySums(borrower, to_payee, TODAY), POLICY, **more)


@pytest.mark.parametrize(
    ("amount", "tier", "hours", "factors", "second_person"),
    [
        (1, "fast", 0, 1, False),
        (5_000_000, "fast", 0, 1, False),
        (5_000_001, "delayed", 2, 1, False),
        (20_000_000, "delayed", 2, 1, False),
        (20_000_001, "high", 2, 2, True),
    ],
)
def test_a7_the_amount_chooses_the_tier(amount: int, tier: str, hours: int, factors: int, second_person: bool) -> None:
    release = planned(amount)
    assert (release.tier.name, release.delay) == (tier, timedelta(hours=hours))
    assert (release.tier.factors, release.tier.second_person) == (factors, second_person)


@pytest.mark.parametrize(
    ("payee", "amount", "known_as", "hours"),
    [
        (OWN, 5_000_000, Trust.PROVEN, 0),
        (OWN, 5_000_001, Trust.PROVEN, 2),
        (USED, 5_000_001, Trust.KNOWN, 0),
        (USED, 20_000_001, Trust.KNOWN, 0),
        (SUPPLIER, 5_000_001, Trust.KNOWN, 0),
        (Payee(proven=True, own=False, fixed_days=29), 1, Trust.NEW, 2),
        (NAMED, 1, Trust.NEW, 2),
        (Payee(proven=True, own=False, first_paid_on=YESTERDAY), 1, Trust.NEW, 2),
    ],
)
def test_p13_delay_and_cool_off_look_at_the_payee(payee: Payee, amount: int, known_as: Trust, hours: int) -> None:
    assert trust(payee, POLICY, TODAY) is known_as
    assert planned(amount, payee).delay == timedelta(hours=hours)


def test_p13_a_known_account_still_takes_two_persons_above_the_strictest_limit() -> None:
    assert planned(20_000_001, USED).tier is HIGH


def test_p13_an_account_that_was_paid_today_is_no_older_today() -> None:
    """¥45,000 and ¥15,000 of one day wait as ¥60,000 does; on the next day the account is known."""
    first_today = Payee(proven=True, first_paid_on=TODAY)
    assert planned(4_500_000).delay == timedelta(0)
    assert planned(1_500_000, first_today, borrower=4_500_000, to_payee=4_500_000).delay == HOURS_2
    assert planned(6_000_000).delay == HOURS_2
    assert planned(6_000_000, USED).delay == timedelta(0)


def test_p13_money_goes_to_no_account_that_nothing_proves() -> None:
    for payee in (Payee(proven=False, first_paid_on=YESTERDAY), Payee(proven=False, own=False, fixed_days=90)):
        with pytest.raises(PayeeNotProven):
            planned(1, payee)


def test_the_sum_of_the_day_counts_the_borrower_and_the_payee_each() -> None:
    assert planned(1, borrower=5_000_000).tier is DELAYED
    assert planned(1, to_payee=5_000_000).tier is DELAYED
    assert planned(1, borrower=4_000_000, to_payee=4_000_000).tier is FAST
    assert planned(1, borrower=20_000_000).day_minor == 20_000_001


def test_a_sign_of_risk_leads_to_the_strictest_tier_at_any_amount() -> None:
    assert planned(1, signs=frozenset({"account_shared"})).tier is HIGH
    assert planned(1, signs=frozenset({"a_sign_of_no_weight"})).tier is FAST


splits = st.lists(st.integers(1, 15_000_000), min_size=1, max_size=8)


@given(splits)
def test_no_split_of_an_amount_reaches_a_lower_tier_than_the_whole(parts: list[int]) -> None:
    """Whoever splits meets the whole's tier before the whole has left, and without it never more than its limit."""
    whole, paid = planned(sum(parts)), 0
    reached: list[Release] = []
    for part in parts:
        reached.append(planned(part, borrower=paid))
        paid += part
    assert reached[-1].tier is whole.tier
    for tier in POLICY.tiers[1:]:
        below = sum(part for part, one in zip(parts, reached, strict=True) if one.tier.above_minor < tier.above_minor)
        assert below <= tier.above_minor


@given(splits, st.sampled_from(["borrower", "to_payee"]))
def test_no_split_over_several_payees_or_borrowers_reaches_a_lower_tier(parts: list[int], side: str) -> None:
    """One borrower over many accounts, and many borrowers to one account: the same sum, seen from either side."""
    rest = sum(parts[:-1])
    last = planned(parts[-1], borrower=rest) if side == "borrower" else planned(parts[-1], to_payee=rest)
    assert last.tier is planned(sum(parts)).tier


@given(st.integers(1, 50_000_000), st.integers(0, 50_000_000), st.integers(0, 50_000_000), st.sampled_from([OWN, USED]))
def test_more_money_never_needs_less(amount: int, borrower: int, to_payee: int, payee: Payee) -> None:
    less, more = planned(amount, payee, borrower=borrower), planned(amount, payee, borrower=borrower + to_payee)
    assert (less.delay, less.tier.factors) <= (more.delay, more.tier.factors)
    assert less.tier.above_minor <= more.tier.above_minor


@pytest.mark.parametrize(
    ("tiers", "said"),
    [
        ((DELAYED,), "above nothing"),
        ((FAST, HIGH, DELAYED), "delayed: begins above high"),
        ((FAST, HIGH, Tier("top", 30_000_000, HOURS_2, 2, second_person=False)), "top: at least as strict"),
        ((FAST, HIGH, Tier("top", 30_000_000, HOURS_2, 1, second_person=True)), "top: at least as strict"),
        ((Tier("none", 0, timedelta(0), 0, second_person=False),), "every tier takes a factor"),
    ],
)
def test_tiers_out_of_order_are_refused(tiers: tuple[Tier, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ReleasePolicy(tiers, HOURS_2, 30, frozenset(), timedelta(days=3))


def test_the_approval_covers_amount_payee_and_terms() -> None:
    loan, account = UUID(int=1), UUID(int=2)

    def hashed(**changed: object) -> str:
        given: dict[str, object] = {
            "loan_id": loan, "terms_hash": "t", "amount_minor": 1, "currency": "CNY", "account_id": account,
            "account_index": b"n",
        }  # fmt: skip
        return approval_hash(**{**given, **changed})  # type: ignore[arg-type]

    others = [
        hashed(loan_id=account), hashed(terms_hash="u"), hashed(amount_minor=2), hashed(currency="USD"),
        hashed(account_id=loan), hashed(account_index=b"m"),
    ]  # fmt: skip
    assert hashed() == hashed()
    assert len({hashed(), *others}) == 7


@pytest.mark.parametrize("amount", [1, 5_000_000, 5_000_001, 20_000_001])
def test_an_offer_promises_the_time_to_money_that_its_signature_will_plan(amount: int) -> None:
    assert promised(amount, POLICY) == planned(amount)
