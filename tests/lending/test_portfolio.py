"""The book as one thing: buckets, roll rates and vintages, each loan counted once at each month's end."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.portfolio import (
    LATE,
    Bucket,
    Late,
    Living,
    bucket_of,
    bucketed,
    month_ends,
    quarter,
    roll,
    vintages,
)

MAY, JUNE = date(2027, 5, 31), date(2027, 6, 30)
BEGAN = date(2027, 1, 15)


def late(n: int, since: date, ended: date | None = None, *, closed: date | None = None, live: date = BEGAN) -> Late:
    return Late(UUID(int=n), 1_000_000, live, closed, since, since + timedelta(days=4), ended)


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(0, "current"), (1, "to_30"), (30, "to_30"), (31, "to_60"), (60, "to_60"), (90, "to_90"), (91, "over_90")],
)
def test_p36_a_bucket_ends_with_its_last_day(days: int, bucket: str) -> None:
    assert bucket_of(days).value == bucket


def test_p36_a_roll_rate_counts_each_loan_from_its_bucket_at_one_months_end_to_the_next() -> None:
    stretches = [
        late(1, date(2027, 5, 10)),  # 21 days at the end of May, 51 at the end of June: one further
        late(2, date(2027, 5, 12), date(2027, 6, 3)),  # cured
        late(3, date(2027, 6, 10)),  # was current in May
        late(4, date(2027, 5, 5), closed=date(2027, 6, 20)),  # late in May, repaid in June
        late(5, date(2027, 6, 28)),  # still within its grace at the end of June
    ]
    seen = roll(MAY, JUNE, Living(100, 8), stretches)
    assert seen.moved == {
        (Bucket.TO_30, Bucket.TO_60): 1,
        (Bucket.TO_30, Bucket.CURRENT): 1,
        (Bucket.TO_30, Bucket.PAID): 1,
        (Bucket.CURRENT, Bucket.TO_30): 1,
        (Bucket.CURRENT, Bucket.PAID): 7,
        (Bucket.CURRENT, Bucket.CURRENT): 89,
    }
    assert seen.share(Bucket.TO_30) == Decimal(1) / 3
    assert seen.share(Bucket.CURRENT) == Decimal(1) / 97
    assert seen.share(Bucket.TO_60) is None


def test_p36_of_two_stretches_of_one_loan_the_longer_one_holds_and_the_loan_is_one() -> None:
    seen = roll(MAY, JUNE, Living(1, 0), [late(1, date(2027, 3, 1), date(2027, 4, 1)), late(1, date(2027, 5, 1))])
    assert seen.moved == {(Bucket.TO_30, Bucket.TO_60): 1}


days = st.integers(0, 300).map(lambda n: date(2026, 12, 1) + timedelta(days=n))


@given(st.lists(st.tuples(days, st.none() | st.integers(5, 200), st.none() | st.integers(0, 300)), max_size=20))
def test_p36_whatever_happened_every_loan_that_lived_is_counted_once(
    told: list[tuple[date, int | None, int | None]],
) -> None:
    stretches, live, paid = [], 0, 0
    for n, (since, lasted, closed) in enumerate(told):
        ended = since + timedelta(days=lasted) if lasted else None
        gone = date(2026, 12, 1) + timedelta(days=closed) if closed else None
        stretches.append(late(n, since, ended, closed=gone, live=date(2026, 11, 1)))
        if gone is None or gone > MAY:
            live += 1
            paid += gone is not None and gone <= JUNE
    seen = roll(MAY, JUNE, Living(live + 30, paid + 4), stretches)
    assert sum(seen.moved.values()) == live + 30
    assert sum(n for (_, to), n in seen.moved.items() if to is Bucket.PAID) == paid + 4
    assert all(0 <= (seen.share(bucket) or 0) <= 1 for bucket in (Bucket.CURRENT, *LATE))


def test_p36_a_vintage_tells_what_part_of_its_money_was_ever_late_and_only_of_months_all_have_lived() -> None:
    first, second = date(2027, 1, 1), date(2027, 4, 1)
    lent = {first: (10, 10_000_000), second: (4, 4_000_000)}
    stretches = [
        late(1, date(2027, 2, 20)),  # ever from 23 March: within the third month
        late(2, date(2027, 3, 1), date(2027, 3, 20)),  # too short
        late(1, date(2027, 9, 1)),  # the same loan again counts once
        late(3, date(2027, 5, 1), live=date(2027, 4, 2)),
    ]
    seen = vintages(lent, stretches, date(2027, 8, 31))
    assert [(one.begun, len(one.ever)) for one in seen] == [(first, 5), (second, 2)]
    assert seen[0].ever == (Decimal(0), Decimal(0), Decimal("0.1"), Decimal("0.1"), Decimal("0.1"))
    assert seen[1].ever == (Decimal(0), Decimal("0.25"))


def test_p36_months_end_where_they_are_over() -> None:
    assert month_ends(date(2027, 6, 30), 2) == (MAY, JUNE)
    assert month_ends(date(2027, 6, 29), 2) == (date(2027, 4, 30), MAY)
    assert quarter(date(2027, 6, 30)) == date(2027, 4, 1)
    sums = bucketed([(0, 5, 50), (31, 1, 7), (45, 1, 8)])
    assert sums[Bucket.CURRENT] == (5, 50) and sums[Bucket.TO_60] == (2, 15)
    assert Counter(sums)[Bucket.TO_90] == (0, 0)
