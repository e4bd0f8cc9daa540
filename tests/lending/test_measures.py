"""What service costs in time, reckoned from rows (P36)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.measures import (
    A_LOOK,
    AT_IT,
    STAGES,
    Costs,
    Lent,
    Word,
    answered_by,
    contacts,
    hands_on,
    kept_by_shape,
    per_loan,
    quantile,
    resolved,
    stretch,
)

AT = datetime(2026, 11, 2, 1, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def thread(*words: tuple[str, timedelta]) -> list[Word]:
    return [Word(who == "we", AT + after) for who, after in words]


def test_p36_several_messages_before_an_answer_are_one_question_timed_from_the_first() -> None:
    (one,) = contacts(thread(("they", 0 * MINUTE), ("they", 4 * MINUTE), ("we", 9 * MINUTE), ("we", 11 * MINUTE)))
    assert one.answered_at is not None and one.answered_at - one.asked_at == 9 * MINUTE


def test_p36_a_question_that_comes_back_within_a_week_was_not_resolved_and_a_fresh_answer_is_not_counted_yet() -> None:
    back = contacts(thread(("they", 0 * DAY), ("we", 1 * MINUTE), ("they", 3 * DAY), ("we", 3 * DAY + MINUTE)))
    assert [one.came_back for one in back] == [True, False]
    assert resolved(back, AT + 4 * DAY) == (0, 1), "the second answer may still come back"
    assert resolved(back, AT + 30 * DAY) == (1, 2)
    assert resolved(contacts(thread(("they", 0 * DAY))), AT + 30 * DAY) == (0, 0), "nobody answered: no contact yet"


def test_p36_hands_on_a_case_are_the_short_gaps_between_looks() -> None:
    looks = [AT, AT + 4 * MINUTE, AT + 9 * MINUTE, AT + 200 * MINUTE]
    assert hands_on(looks) == 9 * MINUTE + 2 * A_LOOK
    assert hands_on([]) == timedelta() and hands_on([AT, AT]) == A_LOOK


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=30))
def test_hands_are_never_longer_than_the_case_nor_shorter_than_a_look(minutes: list[int]) -> None:
    looks = [AT + n * MINUTE for n in minutes]
    assert A_LOOK <= hands_on(looks) <= (max(looks) - min(looks)) + A_LOOK * (1 + (max(looks) - min(looks)) // AT_IT)


def test_p36_a_stage_is_from_the_line_that_begins_it_to_the_first_that_ends_it() -> None:
    stages = {name: (begins, ends) for name, begins, ends in STAGES}
    story = {"began": AT, "submitted": AT + 2 * DAY, "review_opened": AT + 3 * DAY, "approved": AT + 5 * DAY}
    assert stretch(story, *stages["decision"]) == DAY
    assert stretch(story, *stages["people"]) == 2 * DAY
    assert stretch(story, *stages["payout"]) is None and stretch(story, *stages["whole"]) is None


def test_a_quantile_is_the_nearest_rank() -> None:
    values = [n * MINUTE for n in range(1, 11)]
    assert quantile(values, Decimal("0.5")) == 5 * MINUTE
    assert quantile(values, Decimal("0.9")) == 9 * MINUTE
    assert quantile(values[:3], Decimal("0.5")) == 2 * MINUTE
    assert quantile(values[:1], Decimal("0.9")) == MINUTE and quantile([], Decimal("0.5")) is None


def test_p36_yuan_for_each_loan_are_peoples_minutes_and_ways_and_what_led_to_none_is_in_them() -> None:
    costs = Costs("CNY", 180, 16_000)
    assert per_loan(costs, [10 * MINUTE, 5 * MINUTE, 45 * MINUTE], visits=2, loans=2) == (60 * 180 + 32_000) // 2
    assert per_loan(costs, [30 * timedelta(seconds=1)], visits=0, loans=1) == 90
    assert per_loan(costs, [10 * MINUTE], visits=1, loans=0) is None, "nothing was paid: no figure, not a zero"
    assert per_loan(costs, [], visits=0, loans=3) == 0
    assert per_loan(Costs("CNY", 1, 0), [MINUTE], visits=0, loans=2) == 0, "half to even"


TODAY = date(2026, 11, 30)
RUNS = Lent("as_asked", due=True, was_late=False, matures_on=None, closed_on=None, decided_on=None)


def test_p36_plans_kept_are_told_by_their_shape_and_what_was_never_due_is_not_counted() -> None:
    loans = [
        RUNS,
        replace(RUNS, was_late=True),
        replace(RUNS, shape="lighter"),
        replace(RUNS, shape="quicker", due=False),
    ]
    assert kept_by_shape(loans) == {"as_asked": (1, 2), "lighter": (1, 1)}


@pytest.mark.parametrize(
    ("ends_in", "closed", "decided", "told"),
    [
        (20, None, None, (0, 1)),  # today is its T-20
        (21, None, None, (0, 0)),
        (10, None, -10, (1, 1)),  # answered on the day itself
        (10, None, -9, (0, 1)),
        (10, -11, None, (0, 0)),  # paid off before: no answer was needed
        (10, -9, None, (0, 1)),
        (-360, None, None, (0, 0)),  # its day was more than a year ago
    ],
)
def test_p27_p36_whether_a_loan_is_renewed_is_answered_twenty_days_before_its_end(
    ends_in: int, closed: int | None, decided: int | None, told: tuple[int, int]
) -> None:
    loan = replace(
        RUNS,
        matures_on=TODAY + ends_in * DAY,
        closed_on=None if closed is None else TODAY + closed * DAY,
        decided_on=None if decided is None else TODAY + decided * DAY,
    )
    assert answered_by([loan], TODAY - 365 * DAY, TODAY) == told
