"""What an owner may make of a plan by dates: another path for what was not announced, and nothing else."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending import dated_plans as dates
from lending.changes_kept import as_json, change_of
from lending.dated_plans import Dated
from lending.minimum_path import TOLD_BEFORE
from lending.paths import ahead, first_path, instalments
from lending.plans import Change, ChangeKind, plan_from, plan_json, plan_on
from lending.products import RepaymentKind
from lending.rates import DayCount
from lending.refusals import NothingChanges, Refusal
from lending.refusals_of_plans import DueDaysTooNear
from lending.terms import Terms
from policies.book import load

BOOK = load()
CALENDAR, RULES = BOOK.calendars["CN"], BOOK.self_service
START = date(2026, 12, 1)
KINDS = tuple(kind for kind in RepaymentKind if kind.by_dates)
weights = st.lists(st.integers(5, 10), min_size=12, max_size=12).map(tuple)


def loan(kind: RepaymentKind, months: int, weighed: tuple[int, ...], open_on: date) -> Dated:
    terms = Terms(
        "p", "1", 8_000_000, "CNY", months, Decimal(0), Decimal("0.073"), DayCount.ACT_365, 1, months, 3, Decimal(1),
        path_debit=True, repayment=kind, weights=weighed if kind is RepaymentKind.WEIGHTED else (),
    )  # fmt: skip
    path = first_path(terms, START, CALENDAR)
    return Dated(terms, START, open_on, False, path, terms.weights, 0, (), CALENDAR)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(KINDS),
    st.integers(1, 24),
    weights,
    st.integers(0, 700),
    st.lists(st.tuples(st.sampled_from(["weights", "due_day", "rest"]), weights, st.integers(1, 28)), max_size=4),
)
def test_whatever_is_changed_the_principal_sums_and_what_was_announced_stays(
    kind: RepaymentKind,
    months: int,
    weighed: tuple[int, ...],
    after: int,
    acts: list[tuple[str, tuple[int, ...], int]],
) -> None:
    now = loan(kind, months, weighed, START + timedelta(days=after))
    changes: tuple[Change, ...] = ()
    for what, others, day in acts:
        try:
            change = _try(now, what, others, day)
        except Refusal:
            now = replace(now, open_on=now.open_on + timedelta(days=31))
            continue
        path, before = change.path, now.path
        assert path is not None
        rows = instalments(path, now.terms, START)
        assert sum(row.principal_minor for row in rows) == 8_000_000
        assert all(row.principal_minor >= 0 and row.interest_minor >= 0 for row in rows)
        assert path.due_on == tuple(sorted(set(path.due_on))) and path.left_minor[-1] == 0
        told = [n for n, on in enumerate(before.due_on) if on - TOLD_BEFORE < now.open_on]
        assert all(path.due_on[n] == before.due_on[n] and path.left_minor[n] == before.left_minor[n] for n in told)
        assert all(on - TOLD_BEFORE >= now.open_on for on in path.due_on[len(told) :]), "each can still be announced"
        assert all(later - earlier >= TOLD_BEFORE for earlier, later in pairwise(path.due_on)), "and none is missed"
        assert len(path.due_on) - len(before.due_on) == (change.kind is ChangeKind.REST), "only a rest adds a month"
        assert change_of(change.kind.value, change.effective_on, as_json(change)) == change
        changes = (*changes, change)
        plan = plan_on(changes, date.max)
        assert plan.path == path and plan_from(plan_json(plan)) == plan
        now = replace(
            now,
            path=path,
            weights=plan.weights or now.weights,
            due_day=plan.due_day,
            changes=changes,
            open_on=now.open_on + timedelta(days=31),
        )


def _try(now: Dated, what: str, others: tuple[int, ...], day: int) -> Change:
    match what:
        case "weights":
            return dates.weigh(RULES, now, others)
        case "due_day":
            return dates.move_due_day(RULES, now, day)
        case _:
            return dates.rest(RULES, now)


@pytest.mark.parametrize("kind", [one for one in KINDS if one is not RepaymentKind.WEIGHTED])
def test_a_plan_that_was_signed_without_weights_never_has_any(kind: RepaymentKind) -> None:
    with pytest.raises(NothingChanges):
        dates.weigh(RULES, loan(kind, 6, (), START), (10,) * 12)


def test_a_small_month_asks_for_less_than_a_big_one_and_its_interest_all_the_same() -> None:
    """E7: weights are parts of the instalment."""
    season = (10, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 10)
    rows = instalments(
        loan(RepaymentKind.WEIGHTED, 12, season, START).path,
        loan(RepaymentKind.WEIGHTED, 12, season, START).terms,
        START,
    )
    big = [row.amount_minor for row in rows[:-1] if season[row.due_on.month - 1] == 10]
    small = [row.amount_minor for row in rows[:-1] if season[row.due_on.month - 1] == 5]
    assert big and small and all(abs(amount * 2 - big[0]) <= 2 for amount in small)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(KINDS), st.integers(2, 24), weights, st.integers(0, 700), st.integers(1, 7_999_999), st.booleans()
)
def test_h6_whatever_was_prepaid_the_rest_sums_and_no_instalment_is_higher_nor_the_end_later(
    kind: RepaymentKind, months: int, weighed: tuple[int, ...], after: int, paid: int, fewer: bool
) -> None:
    now = loan(kind, months, weighed, START + timedelta(days=after))
    had = now.path.left_minor[now.first - 1] if now.first else 8_000_000
    now = replace(now, principal_minor=had - paid, prepaid_minor=paid)
    if had - paid <= 0:
        return
    try:
        change = dates.shorter(RULES, now) if fewer else dates.lower(RULES, now)
    except NothingChanges:
        return
    path = change.path
    assert path is not None and kind is not RepaymentKind.INTEREST_FIRST
    first = now.first
    assert path.due_on[:first] == now.path.due_on[:first] and path.left_minor[:first] == now.path.left_minor[:first]
    assert path.due_on == now.path.due_on[: len(path.due_on)]
    assert (len(path.due_on) < len(now.path.due_on)) is fewer
    rest = [had - paid, *path.left_minor[first:]]
    assert rest == sorted(rest, reverse=True) and rest[-1] == 0
    ones = {"principal_minor": had - paid, "units": 0, "interest_paid_minor": 0}
    at = now.path.due_on[first - 1] if first else START
    more = {"rate_units": now.terms.rate_units, "units_per_minor": now.terms.units_per_minor}
    asked = ahead(path, at + timedelta(days=bool(first)), **ones, **more)
    was = ahead(now.path, at + timedelta(days=bool(first)), **{**ones, "principal_minor": had}, **more)
    assert all(one.amount_minor <= other.amount_minor + 1 for one, other in zip(asked, was, strict=False))
    assert change_of(change.kind.value, change.effective_on, as_json(change)) == change


def test_a_due_day_that_would_follow_the_last_one_at_once_is_refused_with_both_days() -> None:
    """The 28th to the 1st while the 28th is announced: the next would be three days later, and nobody would be told."""
    now = loan(RepaymentKind.EQUAL_INSTALMENTS, 12, (), START)
    now = replace(now, path=dates.move_due_day(RULES, now, 28).path, due_day=28)
    now = replace(now, open_on=now.path.due_on[0] - timedelta(days=2))
    with pytest.raises(DueDaysTooNear) as no:
        dates.move_due_day(RULES, now, 1)
    assert no.value.params["earlier_on"] == now.path.due_on[0].isoformat()
    assert dates.move_due_day(RULES, now, 8).path is not None
