"""Levels of trust: six clean months at the latest, lateness lowers, a loan of a day proves nothing."""

from collections.abc import Sequence
from datetime import date, timedelta
from inspect import signature

import pytest
from hypothesis import given
from hypothesis import strategies as st

import policies
from lending.calendars import add_months
from lending.trust import Benefits, Change, Lateness, Lent, TrustPolicy, Why, trusted

RULES = policies.load().trust
START = date(2026, 1, 5)
DAY = timedelta(days=1)


def level(loans: Sequence[Lent], on: date, lateness: Sequence[Lateness] = ()) -> int:
    found = trusted(loans, lateness, on, RULES)
    return found.level if found else 0


def late(first: int, days: int, start: int = 4) -> Lateness:
    """A stretch from the ``first`` day after the start on, ``days`` closes long, beginning ``start`` days past due."""
    first_on = START + timedelta(days=first)
    return Lateness(first_on, first_on + timedelta(days=days - 1), start + days - 1)


@st.composite
def a_book(draw: st.DrawFn) -> tuple[list[Lent], list[Lateness], date]:
    loans: list[Lent] = []
    stretches: list[Lateness] = []
    day = START
    for _ in range(draw(st.integers(1, 4))):
        day += timedelta(days=draw(st.integers(0, 200)))
        lived = draw(st.integers(1, 500))
        closed = day + timedelta(days=lived) if draw(st.booleans()) else None
        loans.append(Lent(day, closed))
        if lived > 20 and draw(st.integers(0, 2)) == 0:
            first = day + timedelta(days=draw(st.integers(5, lived - 5)))
            length = draw(st.integers(1, min(60, lived - (first - day).days)))
            stretches.append(Lateness(first, first + timedelta(days=length - 1), 3 + length))
    return loans, stretches, day + timedelta(days=draw(st.integers(0, 900)))


@given(a_book())
def test_i5_after_six_clean_months_at_the_latest_the_level_has_risen(
    book: tuple[list[Lent], list[Lateness], date],
) -> None:
    """Whatever the book: six months in a row with a loan open and nothing late end one level up at least."""
    loans, stretches, on = book
    since = add_months(on, -6)
    began = trusted(loans, stretches, since, RULES)
    lived = any(loan.live_on <= since and (loan.closed_on is None or loan.closed_on > on) for loan in loans)
    quiet = all(one.last_on < since or one.first_on > on for one in stretches)
    if began is None or not lived or not quiet:
        return
    risen = trusted(loans, [one for one in stretches if one.first_on <= on], on, RULES)
    assert risen is not None
    assert risen.level == 5 or risen.level > began.level


@given(a_book(), st.integers(0, 400))
def test_a_level_is_found_again_from_the_book_and_what_was_said_stays(
    book: tuple[list[Lent], list[Lateness], date], later: int
) -> None:
    """The history up to a day is the beginning of every later one: nothing is rewritten by what came afterwards."""
    loans, stretches, on = book
    known = [
        Lateness(one.first_on, min(one.last_on, on), one.days - max(0, (one.last_on - on).days))
        for one in stretches
        if one.first_on <= on
    ]
    by_then = [one if one.closed_on and one.closed_on <= on else Lent(one.live_on) for one in loans]
    now, then = trusted(by_then, known, on, RULES), trusted(loans, stretches, on + timedelta(days=later), RULES)
    if now is None:
        return
    assert then is not None
    assert then.history[: len(now.history)] == now.history
    assert all(1 <= change.level <= 5 for change in then.history)
    assert all(a.level != b.level for a, b in zip(then.history, then.history[1:], strict=False))


@given(a_book(), st.integers(0, 600), st.integers(1, 50))
def test_lateness_never_raises_a_level(book: tuple[list[Lent], list[Lateness], date], first: int, length: int) -> None:
    loans, _, on = book
    if not any(loan.live_on <= on for loan in loans):
        return
    stretch = late(first, length)
    worse = [stretch] if stretch.first_on <= on else []
    assert level(loans, on, worse) <= level(loans, on)


def test_i5_the_way_up_in_months_of_one_loan() -> None:
    one = [Lent(START)]
    assert [level(one, add_months(START, months)) for months in (0, 5, 6, 12, 18, 24, 60)] == [1, 1, 2, 3, 4, 5, 5]
    found = trusted(one, (), add_months(START, 7), RULES)
    assert found is not None
    assert found.rises_on == add_months(START, 12)
    assert found.history == (
        Change(START, 1, Why.FIRST_LOAN),
        Change(add_months(START, 6), 2, Why.CLEAN_MONTHS),
    )


def test_i5_a_loan_that_is_repaid_raises_the_level_at_once() -> None:
    lived = START + timedelta(days=RULES.repaid_after_days)
    assert level([Lent(START, lived)], lived) == 2
    assert level([Lent(START, lived - DAY)], lived) == 1, "a loan of a day proves nothing"
    many = [Lent(START + timedelta(days=n), START + timedelta(days=n + 1)) for n in range(0, 60, 2)]
    assert level(many, START + timedelta(days=60)) == 1, "nor do thirty of them"


def test_months_count_while_a_loan_is_open_and_go_on_with_the_next() -> None:
    first = Lent(START, START + timedelta(days=50))
    found = trusted([first], (), START + timedelta(days=400), RULES)
    assert found is not None
    assert (found.level, found.counts_from, found.rises_on) == (1, None, None)
    again = Lent(date(2027, 3, 1))
    assert trusted([first, again], (), date(2027, 3, 1), RULES).counts_from == date(2027, 3, 1) - timedelta(days=50)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("months", "length", "expected", "why"),
    [(13, 1, 2, Why.LATE), (13, 26, 2, Why.LATE), (13, 27, 1, Why.VERY_LATE), (1, 1, 1, Why.FIRST_LOAN)],
)
def test_lateness_beyond_the_grace_lowers_by_one_and_long_lateness_to_the_lowest(
    months: int, length: int, expected: int, why: Why
) -> None:
    first = (add_months(START, months) - START).days
    found = trusted([Lent(START)], [late(first, length)], START + timedelta(days=first + length - 1), RULES)
    assert found is not None
    assert (found.level, found.why, found.late) == (expected, why, True)
    cured = START + timedelta(days=first + length)
    after = trusted([Lent(START)], [late(first, length)], cured, RULES)
    assert after is not None
    assert (after.late, after.counts_from) == (False, cured), "months are counted anew"


def test_nothing_about_a_person_can_count() -> None:
    """The rule takes days of loans and lateness; there is no place for who somebody is."""
    assert list(signature(trusted).parameters) == ["loans", "lateness", "on", "policy"]
    fields = {*Lent.__dataclass_fields__, *Lateness.__dataclass_fields__}
    assert fields == {"live_on", "closed_on", "first_on", "last_on", "days"}


def test_a_policy_under_which_a_higher_level_is_worse_is_refused() -> None:
    worse = (Benefits(3), *(Benefits() for _ in range(4)))
    with pytest.raises(ValueError, match="never worse"):
        TrustPolicy(clean_months=6, repaid_after_days=60, very_late_days=30, levels=worse)
    with pytest.raises(ValueError, match="from 1 to 6"):
        TrustPolicy(clean_months=7, repaid_after_days=60, very_late_days=30, levels=RULES.levels)
