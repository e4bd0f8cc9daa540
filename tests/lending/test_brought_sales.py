"""A bill for a running loan, line by line and day by day: what counts, and what waits for a person."""

from datetime import date, timedelta

import pytest

from lending.brought_sales import Aside, Became, Doubt, Known, Moved, Sort, days_of, judged, own_names, sorted_out
from lending.flows import LOAN_IN, OTHER, PRIVATE, PURCHASE, REFUND, SALE, TRANSFER_SELF
from lending.revenue_share import RevenueDay

DAY = date(2027, 3, 10)
KNOWN = Known(
    first=date(2027, 1, 5),
    last=date(2027, 3, 20),
    currency="CNY",
    paid_out=frozenset({(date(2027, 3, 9), 8_000_000)}),
    own_names=own_names("王 芳", "苏州面馆", ""),
)
BANK = Known(KNOWN.first, KNOWN.last, "CNY", KNOWN.paid_out, KNOWN.own_names, bank=True)


def line(
    minor: int = 10_000, kind: int = SALE, *, way: int = 1, words: str = "", who: str = "", **more: object
) -> Moved:
    plain = Moved(b"x", DAY, way, minor, "CNY", kind, False, False, words, who)
    return plain._replace(**more)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("said", "became"),
    [
        (line(), Sort.SALE),
        (line(kind=REFUND, way=-1, words="退款"), Sort.REFUND),
        (line(kind=REFUND, way=-1, words="拒付退款"), Sort.CHARGEBACK),
        (line(kind=REFUND, way=-1, words="Chargeback refund"), Sort.CHARGEBACK),
        (line(kind=REFUND, words="退款"), Aside.OTHER),
        (line(kind=PURCHASE, way=-1), Aside.SPENT),
        (line(kind=TRANSFER_SELF), Aside.OWN_MOVE),
        (line(own_name=True), Aside.OWN_MOVE),
        (line(who="王芳"), Aside.OWN_MOVE),
        (line(who="苏州面馆 "), Aside.OWN_MOVE),
        (line(kind=LOAN_IN), Aside.LOAN),
        (line(8_000_000, words="汇入"), Aside.LOAN),
        (line(8_000_001, words="汇入"), Sort.SALE),
        (line(8_000_000, on=DAY + timedelta(days=8)), Sort.SALE),
        (line(kind=PRIVATE), Aside.PRIVATE),
        (line(kind=OTHER), Aside.OTHER),
        (line(void=True), Aside.NOTHING_MOVED),
        (line(way=0), Aside.NOTHING_MOVED),
        (line(currency="USD"), Aside.OTHER_CURRENCY),
        (line(on=KNOWN.first - timedelta(days=1)), Aside.OTHER_TIME),
        (line(on=KNOWN.last + timedelta(days=1)), Aside.OTHER_TIME),
    ],
)
def test_what_a_line_adds_or_why_it_adds_nothing(said: Moved, became: Sort | Aside) -> None:
    assert sorted_out(said, KNOWN) is became


@pytest.mark.parametrize("who", ["财付通支付科技有限公司", "Alipay (China)"])
def test_what_a_wallet_pays_out_to_the_bank_is_told_by_the_wallets_own_bill(who: str) -> None:
    assert sorted_out(line(who=who), BANK) is Aside.SETTLEMENT
    assert sorted_out(line(who=who), KNOWN) is Sort.SALE


def day(n: int, sales: int, refunds: int = 0) -> dict[date, RevenueDay]:
    return {DAY + timedelta(days=n): RevenueDay(sales, refunds, 0)}


def became(whole: dict[date, RevenueDay], fed: dict[date, RevenueDay], **more: object) -> list[Became]:
    said = {"new": whole, "closed_to": DAY, "doubt": None, **more}
    new = said.pop("new")
    return [one.became for one in judged(whole, new, fed, **said)]  # type: ignore[arg-type]  # pyright: ignore


def test_an_open_day_counts_with_its_own_close_and_a_closed_one_by_adjustment() -> None:
    assert became({**day(0, 5), **day(1, 5)}, {}) == [Became.ADJUSTS, Became.COUNTS]
    assert became(day(0, 5), {}, closed_to=None) == [Became.COUNTS]


def test_a_bill_never_overrides_a_feed_in_either_direction() -> None:
    whole = {**day(0, 1), **day(1, 90_000), **day(2, 100_500), **day(3, 150_000), **day(4, 1)}
    fed = {on: RevenueDay(100_000) for on in whole}
    assert became(whole, fed) == [Became.TOLD, Became.DIFFERS, Became.TOLD, Became.DIFFERS, Became.TOLD]


def test_the_first_and_the_last_day_of_a_bill_may_be_parts_but_not_more_than_the_feed() -> None:
    assert became({**day(0, 150_000), **day(1, 2)}, day(0, 100_000)) == [Became.DIFFERS, Became.COUNTS]


def test_a_day_whose_refunds_outweigh_its_sales_waits_for_a_person() -> None:
    assert became(day(0, 5, refunds=6), {}) == [Became.LOWERS]
    assert became(day(0, 5, refunds=5), {}) == [Became.ADJUSTS]


def test_refunds_brought_after_their_sales_lower_nothing_by_the_owners_word_alone() -> None:
    """The dodge: first a bill of sales, then a longer one of the same days with refunds."""
    assert became(day(0, 100, refunds=90), {}, new=day(0, 0, refunds=90)) == [Became.LOWERS]


def test_lines_that_counted_before_are_known_and_a_doubted_bill_waits_whole() -> None:
    assert became(day(0, 5), {}, new={}) == [Became.KNOWN]
    assert became(day(0, 5), {}, doubt=Doubt.EDITED) == [Became.DOUBTED]
    assert became(day(1, 5), day(1, 5), doubt=Doubt.EDITED) == [Became.TOLD]


def test_days_add_up_by_sort() -> None:
    lines = [(DAY, "sale", 5), (DAY, "sale", 7), (DAY, "refund", 2), (DAY, "chargeback", 1)]
    assert days_of(lines) == {DAY: RevenueDay(12, 2, 1)}
