"""What is shown as past due is what ends the lateness: paying exactly it does, a fen less does not."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lending.close import LoanDay, carried, close_day, received, to_cure
from lending.paths import Path
from lending.revenue_share import NO_REVENUE

START = date(2026, 12, 1)
A_DAY = timedelta(days=1)
RATE = int(Decimal("0.073") * 1_000_000)
PER_MINOR = 365 * 1_000_000
DUE = tuple(START + timedelta(days=30 * n) for n in range(1, 7))
PATH = Path(DUE, (5_000_000, 4_000_000, 3_000_000, 2_000_000, 1_000_000, 0))


def loan(path: Path | None) -> LoanDay:
    return LoanDay(6_000_000, START, 6_000_000, 0, 0, RATE, PER_MINOR, 120_000, 1, 6, path=path)


def lived(position: LoanDay, days: int) -> tuple[LoanDay, date]:
    """Nothing is sold and nobody pays."""
    on = START
    for _ in range(days):
        position = carried(position, close_day(position, NO_REVENUE, on))
        on += A_DAY
    return position, on - A_DAY


@given(st.sampled_from([None, PATH]), st.integers(33, 260), st.integers(0, 900_000))
def test_paying_what_is_shown_ends_the_lateness_at_the_next_close(path: Path | None, days: int, before: int) -> None:
    position, as_of = lived(loan(path), days)
    position, _ = received(position, before)
    owed = to_cure(position, as_of)
    if not owed:
        return
    paid, split = received(position, owed)
    assert split.over_minor == 0
    # A due day that comes with this very close asks for its own.
    tomorrow = as_of + A_DAY
    if close_day(position, NO_REVENUE, tomorrow).windows_passed != position.windows_passed:
        return
    closed = close_day(paid, NO_REVENUE, tomorrow)
    assert closed.past_due_since is None and closed.past_due_minor == 0
    short, _ = received(position, owed - 1)
    late = close_day(short, NO_REVENUE, tomorrow)
    assert late.past_due_minor > 0
    assert to_cure(short, as_of) == 1


def test_nothing_is_late_before_a_window_was_missed() -> None:
    position, as_of = lived(loan(None), 10)
    assert to_cure(position, as_of) == 0
