"""What secures a loan: values and second valuers, rank and loan-to-value, searches that age, shortfalls."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.collateral import (
    CollateralKind,
    CollateralState,
    CropReading,
    Piece,
    Secured,
    Valuer,
    Waits,
    apart,
    cover,
    crop_value,
    desktop,
    in_the_way,
    is_fresh,
    is_stale,
    lends,
    loan_to_value,
    shortfall,
    spread,
    value_of,
)
from policies.book import load

BOOK = load()
RULES = BOOK.collateral
TODAY = date(2026, 11, 30)  # a Monday
ESTATE = Piece("a", CollateralKind.REAL_ESTATE, 400_000_000)
PLANT = Piece("b", CollateralKind.EQUIPMENT, 200_000_000)
WORKING = BOOK.calendars["CN"].is_business_day
READING = CropReading("rice", 66_667, "ripe", Decimal("0.90"), TODAY - timedelta(days=2))

minor = st.integers(min_value=0, max_value=10**12)
pieces = st.lists(
    st.builds(
        Piece,
        id=st.uuids().map(str),
        kind=st.sampled_from(CollateralKind),
        value_minor=minor,
        prior_minor=minor,
        earlier=st.integers(min_value=0, max_value=2),
        leased=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda piece: piece.id,
)


def test_every_kind_of_the_issue_is_data_with_evidence_valuer_haircut_and_registry() -> None:
    wanted = "real_estate equipment inventory warehouse_receipt vehicle receivable crop ip"
    assert [kind.value for kind in RULES.types] == wanted.split()
    for one in RULES.types.values():
        assert one.evidence and one.names["zh_CN"] and one.names["en"]
        assert one.haircut == 1 - one.advance_rate
        assert one.revalue_months <= 12, "at least yearly (P18)"
        assert one.independent or one.valuer is not Valuer.LICENSED


@pytest.mark.parametrize(
    ("appraised", "second"),
    [(340_000_000, False), (339_999_999, True), (460_000_000, False), (460_000_001, True), (400_000_000, False)],
)
def test_b4_a_valuation_outside_fifteen_percent_of_the_desktop_model_needs_a_second_valuer(
    appraised: int, second: bool
) -> None:
    assert apart(400_000_000, appraised, RULES) is second
    assert value_of(400_000_000, [appraised], RULES) == (None if second else appraised)


def test_b4_of_two_valuers_the_lower_one_counts() -> None:
    assert value_of(400_000_000, [500_000_000, 420_000_000], RULES) == 420_000_000
    assert value_of(400_000_000, [300_000_000, 390_000_000], RULES) == 300_000_000
    assert value_of(None, [300_000_000], RULES) is None, "no model to hold one valuer against"
    assert value_of(400_000_000, [], RULES) is None


def test_p18_loan_to_value_counts_prior_maximum_claims_and_ours() -> None:
    behind = replace(ESTATE, prior_minor=100_000_000, earlier=1)
    assert behind.rank == 2
    assert lends(behind, RULES) == 180_000_000, "seven tenths of the value, less what comes before us"
    assert loan_to_value(behind, 180_000_000) == Decimal("0.7")
    assert loan_to_value(ESTATE, 1) == Decimal("0.0001"), "rounded up"
    assert lends(replace(ESTATE, earlier=2), RULES) == 0, "as a third rank it is not taken"
    assert lends(replace(PLANT, earlier=1), RULES) == 0, "and equipment only as the first"


def test_p18_a_lease_before_the_mortgage_lowers_what_is_lent() -> None:
    assert lends(replace(ESTATE, leased=True), RULES) == 224_000_000


def test_a_loan_is_spread_over_its_pieces_and_what_they_do_not_carry_is_a_shortfall() -> None:
    assert cover([ESTATE, PLANT], RULES) == 380_000_000
    parts = spread(320_000_000, [ESTATE, PLANT], RULES)
    assert sum(parts.values()) == 320_000_000
    assert parts["a"] == -(-320_000_000 * 280_000_000 // 380_000_000)
    assert shortfall(320_000_000, [ESTATE, PLANT], RULES) == 0
    assert shortfall(320_000_000, [replace(ESTATE, value_minor=300_000_000), PLANT], RULES) == 10_000_000


@given(pieces, minor)
def test_no_piece_is_registered_for_more_than_it_carries_and_all_of_the_loan_is(found: list[Piece], owed: int) -> None:
    parts = spread(owed, found, RULES)
    assert all(0 <= parts[piece.id] <= lends(piece, RULES) for piece in found)
    assert sum(parts.values()) + shortfall(owed, found, RULES) == owed


@given(pieces, minor, minor)
def test_nothing_that_is_worse_for_us_ever_raises_what_is_lent(found: list[Piece], less: int, claim: int) -> None:
    for piece in found:
        assert lends(piece, RULES) <= piece.value_minor * RULES.types[piece.kind].advance_rate
        worse = (
            replace(piece, value_minor=max(0, piece.value_minor - less)),
            replace(piece, prior_minor=piece.prior_minor + claim),
            replace(piece, earlier=piece.earlier + 1),
            replace(piece, leased=True),
        )
        assert all(lends(other, RULES) <= lends(piece, RULES) for other in worse)


@given(minor, minor)
def test_the_loan_to_value_of_what_is_lent_stays_within_the_rate_of_the_kind(value: int, prior: int) -> None:
    piece = Piece("x", CollateralKind.REAL_ESTATE, value + 1, prior, earlier=1 if prior else 0)
    if ours := lends(piece, RULES):
        # Rounded up to four places, so no further above than one of them.
        most = RULES.types[piece.kind].advance_rate + Decimal("0.0001")
        assert loan_to_value(piece, ours) <= most


@given(st.one_of(st.none(), minor), st.lists(minor, max_size=3))
def test_the_value_that_counts_is_one_that_a_valuer_said_and_never_above_the_lowest(
    model: int | None, appraised: list[int]
) -> None:
    value = value_of(model, appraised, RULES)
    assert value is None or value == min(appraised)


@pytest.mark.parametrize(
    ("searched_on", "fresh"),
    [
        (date(2026, 11, 30), True),
        (date(2026, 11, 29), True),  # a Sunday: one working day has begun since
        (date(2026, 11, 27), True),  # the Friday: the weekend begins no working day
        (date(2026, 11, 26), False),
    ],
)
def test_b6_a_priority_search_holds_for_one_working_day(searched_on: date, fresh: bool) -> None:
    assert is_fresh(searched_on, TODAY, WORKING, RULES) is fresh


def test_b6_money_waits_for_every_number_and_a_fresh_search_and_one_failure_ends_it() -> None:
    ready = Secured(CollateralState.REGISTERED, "苏1", TODAY)
    waits = Secured(CollateralState.SECURING, None, None)
    old = replace(ready, searched_on=TODAY - timedelta(days=7))
    for found, way in (
        ([ready, ready], None),
        ([ready, waits], Waits.REGISTRATION),
        ([ready, old], Waits.SEARCH),
        ([waits, replace(waits, state=CollateralState.FAILED)], Waits.FAILED),
        ([ready, replace(ready, registration_no="")], Waits.REGISTRATION),
        ([replace(ready, reading=replace(READING, seen_on=TODAY - timedelta(days=16)))], Waits.SEARCH),
        ([replace(ready, reading=READING)], None),
    ):
        assert in_the_way(found, TODAY, WORKING, RULES) is way


def test_a_crop_is_worth_its_area_by_growth_and_how_sure_that_is_and_a_reading_is_stale_after_fifteen_days() -> None:
    hundred_mu = desktop(CollateralKind.CROP, {}, RULES, TODAY, READING)
    assert hundred_mu == pytest.approx(100 * 140_000 * 0.9 * 0.9, rel=1e-4)
    assert crop_value(replace(READING, confidence=Decimal("0.69")), RULES) is None
    assert crop_value(replace(READING, crop="ginseng"), RULES) is None
    assert not is_stale(replace(READING, seen_on=TODAY - timedelta(days=15)), TODAY, RULES)
    assert is_stale(replace(READING, seen_on=TODAY - timedelta(days=16)), TODAY, RULES)


@pytest.mark.parametrize(
    ("kind", "facts", "expected"),
    [
        ("real_estate", {"area_m2": 1_000, "use": "workshop"}, 400_000_000),
        ("equipment", {"bought_minor": 100_000_000, "bought_on": "2024-11-30"}, 80_000_000),
        ("equipment", {"bought_minor": 100_000_000, "bought_on": "1999-01-01"}, 10_000_000),
        ("vehicle", {"bought_minor": 30_000_000, "bought_on": "2025-11-30"}, 25_500_000),
        ("inventory", {"quantity": 300, "unit_minor": 12_345}, 3_703_500),
        ("warehouse_receipt", {"quantity": 20, "unit_minor": 500_000}, 10_000_000),
        ("receivable", {"face_minor": 6_000_000}, 6_000_000),
        ("ip", {}, None),
    ],
)
def test_the_desktop_model_has_a_figure_for_each_kind_but_ip(kind: str, facts: dict, expected: int | None) -> None:
    assert desktop(CollateralKind(kind), facts, RULES, TODAY) == expected


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"band": Decimal(0)}, "band"),
        ({"search_days": 0}, "days"),
        ({"types": {}}, "types: real_estate"),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(changed: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(RULES, **changed)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"revalue_months": 13}, "yearly"),
        ({"advance_rate": Decimal(1)}, "advance_rate"),
        ({"independent": False}, "independent"),
    ],
)
def test_a_kind_that_no_lender_could_stand_by_is_refused(changed: dict, said: str) -> None:
    types = {**RULES.types, CollateralKind.REAL_ESTATE: replace(RULES.types[CollateralKind.REAL_ESTATE], **changed)}
    with pytest.raises(ValueError, match=said):
        replace(RULES, types=types)
