"""One definition of every feature, online and in bulk, that never looks past the as-of date."""

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra import i18n
from scoring.catalogue import CATALOGUE, INDEX, NAMES, Group
from scoring.evidence import Evidence
from scoring.features import features_of, features_of_many
from scoring.lines import LOAN_IN, LOAN_REPAY, PRIVATE, REFUND, RENT, SALE, Lines
from scoring.wordings import REASON_CODES, WORDINGS

AS_OF = date(2025, 6, 30)
rows = st.lists(
    st.tuples(
        st.integers(0, 500),  # days before the as-of date
        st.sampled_from([-1, 0, 1]),
        st.integers(0, 10**9),
        st.integers(1, 10),
        st.sampled_from([0, 1, 2, 3, 2**63 + 7]),
    ),
    max_size=60,
)


def lines_of(found: list[tuple[int, int, int, int, int]], firm: int = 0) -> Lines:
    end = (AS_OF - date(1970, 1, 1)).days
    return Lines(
        np.full(len(found), firm, np.int32),
        np.array([end - row[0] for row in found], np.int32),
        np.array([row[1] for row in found], np.int8),
        np.array([row[2] for row in found], np.int64),
        np.array([row[3] for row in found], np.int8),
        np.array([row[4] for row in found], np.uint64),
    )


def together(*parts: Lines) -> Lines:
    names = [name for name in Lines.__dataclass_fields__ if name != "balance_minor"]
    return Lines(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def same(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.allclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True))


@settings(deadline=None)
@given(st.lists(rows, min_size=1, max_size=4))
def test_one_firm_online_and_many_in_bulk_give_the_same_features(firms):
    parts = [lines_of(found, number) for number, found in enumerate(firms)]
    table = features_of_many(Evidence(together(*parts)), np.full(len(firms), np.datetime64(AS_OF))).to_numpy()
    for number, found in enumerate(firms):
        assert same(features_of(Evidence(lines_of(found)), AS_OF), table[number])


def test_a_population_gives_the_same_features_online_and_in_bulk(firms, one_firm):
    table = features_of_many(Evidence(Lines.from_columns(firms["lines"])), firms["firms"]["as_of"])
    assert tuple(table.columns) == NAMES
    for number in range(0, len(table), 50):
        lines, as_of = one_firm(number)
        assert same(features_of(Evidence(lines), as_of), table.to_numpy()[number])


def test_the_order_of_lines_does_not_matter(one_firm):
    lines, as_of = one_firm(3)
    shuffled = lines.where(np.random.default_rng(1).permutation(len(lines)))
    assert same(features_of(Evidence(lines), as_of), features_of(Evidence(shuffled), as_of))


@settings(deadline=None)
@given(rows, rows)
def test_lines_after_the_as_of_date_change_nothing(known, planted):
    later = [(-1 - row[0], *row[1:]) for row in planted]
    assert same(features_of(Evidence(lines_of(known)), AS_OF), features_of(Evidence(lines_of(known + later)), AS_OF))


def test_planted_future_lines_change_nothing_in_bulk_either(firms):
    lines, as_of = Lines.from_columns(firms["lines"]), firms["firms"]["as_of"]
    before = features_of_many(Evidence(lines), as_of)
    firm = np.arange(len(as_of), dtype=np.int32)
    later = Lines(
        firm,
        (as_of.astype(np.int64) + 1).astype(np.int32),
        np.ones(len(firm), np.int8),
        np.full(len(firm), 10**9),
        np.full(len(firm), SALE, np.int8),
        np.zeros(len(firm), np.uint64),
    )
    assert same(before.to_numpy(), features_of_many(Evidence(together(lines, later)), as_of).to_numpy())


def feature(lines: Lines, name: str, as_of: date = AS_OF) -> float:
    return float(features_of(Evidence(lines), as_of)[INDEX[name]])


def test_a_steady_shop_reads_as_one(shop):
    lines = Lines.from_rows(shop())
    assert feature(lines, "sales_trend") == pytest.approx(0.0)
    assert feature(lines, "month_variation") == pytest.approx(0.0, abs=1e-9)
    assert feature(lines, "closed_days") == pytest.approx(0.0)
    assert feature(lines, "longest_gap") == 0
    assert feature(lines, "months_covered") == pytest.approx(364 / 30.4375)
    assert feature(lines, "purchase_ratio") == pytest.approx(3 / 7)
    assert feature(lines, "rent_delay") == 0
    assert 10 ** feature(lines, "sales_level") == pytest.approx(500 * 30.4375)
    assert feature(lines, "lenders") == 0


def test_sales_that_halve_in_the_last_quarter_show_in_the_trend(shop):
    rows = shop()
    cut = datetime(2025, 6, 30) - timedelta(days=84)
    halved = [
        (at, way, amount // 2 if at > cut and kind == SALE else amount, kind, who)
        for at, way, amount, kind, who in rows
    ]
    assert feature(Lines.from_rows(halved), "sales_trend") == pytest.approx(np.log(0.5), abs=0.02)


def test_closed_days_and_the_longest_gap_are_counted(shop):
    begin, end = datetime(2025, 5, 1), datetime(2025, 5, 11)
    rows = [row for row in shop() if not (begin <= row[0] < end and row[3] == SALE)]
    lines = Lines.from_rows(rows)
    assert feature(lines, "closed_days") == pytest.approx(10 / 364)
    assert feature(lines, "longest_gap") == 10


def test_refunds_lower_sales_and_raise_the_refund_rate(shop):
    back = [(datetime(2025, 6, day), -1, 20_000, REFUND, b"customer") for day in range(1, 11)]
    lines = Lines.from_rows(shop() + back)
    assert feature(lines, "refund_rate") == pytest.approx(200_000 / (364 * 50_000))
    assert feature(lines, "refund_rate_change") > 0


def test_late_rent_is_measured_against_the_earliest_of_the_last_six(shop):
    rows = [row for row in shop() if row[3] != RENT]
    late = [(datetime(2025, month, 5 + 2 * (month % 2)), -1, 100_000, RENT, b"landlord") for month in range(1, 7)]
    assert feature(Lines.from_rows(rows + late), "rent_delay") == pytest.approx(1.0)


def test_loans_elsewhere_are_measured_in_months_of_sales(shop):
    month = 50_000 * 30.4375
    loans = [
        (datetime(2025, 5, 2), 1, int(month * 2), LOAN_IN, b"lender-a"),
        (datetime(2025, 6, 2), -1, int(month), LOAN_REPAY, b"lender-b"),
    ]
    lines = Lines.from_rows(shop() + loans)
    assert feature(lines, "loans_taken") == pytest.approx(2.0, rel=1e-6)
    assert feature(lines, "loan_balance") == pytest.approx(1.0, rel=1e-6)
    assert feature(lines, "lenders") == 2


def test_one_buyer_is_full_concentration_and_private_income_is_unexplained():
    days = [datetime(2025, 6, 1) + timedelta(days=n) for n in range(30)]
    lines = Lines.from_rows([(day, 1, 100, SALE, b"onebuyer") for day in days] + [(days[3], 1, 3_000, PRIVATE, None)])
    assert feature(lines, "buyer_concentration") == pytest.approx(1.0)
    assert feature(lines, "unexplained_income") == pytest.approx(0.5)


def test_bills_that_end_before_the_as_of_date_do_not_look_like_a_closed_shop(shop):
    lines = Lines.from_rows(shop())
    assert same(features_of(Evidence(lines), AS_OF), features_of(Evidence(lines), AS_OF + timedelta(days=20)))


@pytest.mark.parametrize(
    "found",
    [
        [],
        [(0, 1, 100, SALE, 1)],
        [(n, -1, 100, REFUND, 1) for n in range(50)],
        [(n, 1, 0, SALE, 0) for n in range(50)],
        [(n, 1, 10**12, SALE, 1) for n in range(3650)],
        [(n, 0, 100, SALE, 1) for n in range(50)],
        [(n, 1, 100, 99, 1) for n in range(50)],
    ],
    ids=["empty", "one line", "all refunds", "nothing sold", "ten years", "all neutral", "unknown kind"],
)
def test_odd_histories_give_numbers_or_missing_and_never_an_error_or_infinity(found):
    values = features_of(Evidence(lines_of(found)), AS_OF)
    assert values.shape == (len(NAMES),)
    assert not np.isinf(values).any()


def test_the_catalogue_is_complete_and_documented():
    assert len(set(NAMES)) == len(NAMES)
    assert {entry.group for entry in CATALOGUE} == set(Group)
    assert {entry.risk for entry in CATALOGUE} <= {-1, 0, 1}
    for entry in CATALOGUE:
        assert i18n.known(f"scoring.feature.{entry.name}"), entry.name
    assert {CATALOGUE[INDEX[name]].group for name in WORDINGS} == set(Group)
    # What more of it can only raise or only lower has words; what is free may have none.
    assert {entry.name for entry in CATALOGUE if entry.risk} == set(WORDINGS)
    for code in REASON_CODES:
        assert i18n.parameters(f"scoring.reason.{code}") == {"figure"}, code
    for wording in WORDINGS.values():
        for lang in ("zh_CN", "en"):
            raised, lowered = (
                i18n.text(f"scoring.reason.{code}", lang, figure="1") for code in (wording.raised, wording.lowered)
            )
            assert raised != lowered, f"{wording.raised}: one sentence for opposite effects ({lang})"


def test_no_feature_is_about_who_a_person_is():
    forbidden = ("gender", "sex", "age_of_owner", "ethnic", "religion", "region", "province", "city", "native")
    assert [name for name in NAMES for word in forbidden if word in name] == []
