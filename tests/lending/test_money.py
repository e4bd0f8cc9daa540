from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.money import BadAmount, MixedCurrencies, Money, UnknownCurrency, apportion, divide_half_even, yuan


@pytest.mark.parametrize(
    ("text", "minor"),
    [("80000.00", 8_000_000), ("0.01", 1), ("5", 500), ("-3000.5", -300_050), ("1.10", 110), ("2.000", 200)],
)
def test_an_amount_is_read_to_the_fen(text: str, minor: int) -> None:
    assert Money.parse(text) == Money(minor)


@pytest.mark.parametrize(
    "text",
    ["", "1.001", "1,000.00", "+5", " 5", "5 ", "1e3", "٣", "NaN", "--1", "1.", ".5", "007", "9" * 17, "5\n", "=1+1"],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadAmount):
        Money.parse(text)


def test_yen_have_no_smaller_coin() -> None:
    assert str(Money.parse("1200", "JPY")) == "1200"
    with pytest.raises(BadAmount):
        Money.parse("1200.5", "JPY")


def test_currencies_do_not_mix() -> None:
    with pytest.raises(MixedCurrencies):
        Money(1, "CNY") + Money(1, "EUR")
    with pytest.raises(MixedCurrencies):
        assert Money(1, "CNY") < Money(1, "EUR")
    with pytest.raises(UnknownCurrency):
        Money(1, "XXX")


def test_a_float_is_no_money() -> None:
    with pytest.raises(BadAmount):
        Money(1.0)  # type: ignore[arg-type]
    with pytest.raises(BadAmount):
        Money(True)
    with pytest.raises(TypeError):
        Money(1).times(0.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Money(1) * 0.5  # type: ignore[operator]


def test_a_tie_goes_to_the_even_fen() -> None:
    assert [Money(n).times(Decimal("0.5")).minor for n in (1, 3, 5, -1, -3)] == [0, 2, 2, 0, -2]


@given(st.integers(-(10**18), 10**18), st.integers(1, 10**12))
def test_integer_and_decimal_rounding_agree(numerator: int, denominator: int) -> None:
    from fractions import Fraction

    assert divide_half_even(numerator, denominator) == round(Fraction(numerator, denominator))


@given(st.integers(-(10**15), 10**15))
def test_an_amount_is_written_as_it_is_read(minor: int) -> None:
    assert Money.parse(str(Money(minor))) == Money(minor)


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.one_of(st.integers(0, 10**6), st.decimals(0, 1000, places=4)), min_size=1, max_size=12),
)
def test_parts_sum_to_the_whole_and_none_is_off_by_a_fen(total: int, weights: list[int | Decimal]) -> None:
    if not sum(Decimal(w) for w in weights):
        with pytest.raises(ValueError, match="not all zero"):
            apportion(total, weights)
        return
    parts = apportion(total, weights)
    assert sum(parts) == total
    whole = sum(Decimal(w) for w in weights)
    assert all(abs(part - total * Decimal(w) / whole) < 1 for part, w in zip(parts, weights, strict=True))


def test_the_largest_remainders_take_what_is_left() -> None:
    assert apportion(100, [1, 1, 1]) == (34, 33, 33)
    assert apportion(10, [Decimal("0.5"), Decimal("0.3"), Decimal("0.2")]) == (5, 3, 2)
    assert yuan(1).apportion([2, 1]) == (Money(67), Money(33))


@pytest.mark.parametrize("currency", ["CNY", "EUR", "USD", "GBP", "HKD"])
def test_these_currencies_have_a_hundred_coins_to_the_unit(currency: str) -> None:
    assert Money.parse("1.23", currency).minor == 123
    assert str(Money(123, currency)) == "1.23"
    with pytest.raises(UnknownCurrency):
        Money.parse("1.23", currency.lower())


@pytest.mark.parametrize(
    ("numerator", "rounded"), [(1, 0), (3, 2), (5, 2), (7, 4), (9, 4), (13, 6), (-1, 0), (-3, -2), (-5, -2), (-7, -4)]
)
def test_half_of_an_odd_number_goes_to_the_even_whole(numerator: int, rounded: int) -> None:
    assert divide_half_even(numerator, 2) == rounded


def test_amounts_of_one_currency_are_reckoned_and_compared() -> None:
    one, two = Money(1), Money(2)
    assert (one + two, two - one, two * 3, 3 * two, -one) == (Money(3), Money(1), Money(6), Money(6), Money(-1))
    assert (one < two, two < one, one < one) == (True, False, False)
    assert (one <= two, two <= one, one <= one) == (True, False, True)
    assert (one > two, two > one, one > one) == (False, True, False)
    assert (one >= two, two >= one, one >= one) == (False, True, True)
    assert (bool(Money(0)), bool(one), bool(-one)) == (False, True, True)


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 1000), min_size=1, max_size=6).filter(any))
def test_parts_are_the_exact_shares_and_the_largest_remainders_one_more(total: int, weights: list[int]) -> None:
    exact = [Fraction(abs(total) * weight, sum(weights)) for weight in weights]
    floors = [int(share) for share in exact]
    order = sorted(range(len(weights)), key=lambda i: (floors[i] - exact[i], i))
    for index in order[: abs(total) - sum(floors)]:
        floors[index] += 1
    assert apportion(total, weights) == tuple(part if total >= 0 else -part for part in floors)
