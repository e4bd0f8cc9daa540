"""The same numbers online and in bulk, and blind to the future, for every source and not for statement lines alone."""

from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra import i18n
from scoring.catalogue import CATALOGUE, INDEX, NAMES, OF_SOURCE, Source, Unit
from scoring.evidence import Declared, Evidence, Orders
from scoring.features import features_of, features_of_many, missing_sources
from scoring.invoices import BOUGHT, RED, SOLD, VALID, VOID, Invoices
from scoring.lines import NO_BALANCE, SALE, Lines, day_number
from scoring.model import confidence

AS_OF = date(2025, 6, 30)
DAY = day_number(AS_OF)
MOST = 10**11

days = st.integers(-90, 800)  # before the as-of date; below zero: after it
amounts = st.integers(0, MOST)
parties = st.sampled_from([0, 1, 2, 3, 2**63 + 7])
later = st.none() | st.integers(0, 200)  # days after another day, or never
rows_of_lines = st.tuples(
    days, st.sampled_from([-1, 0, 1]), amounts, st.integers(1, 10), parties, st.none() | st.integers(-MOST, MOST)
)
rows_of_invoices = st.tuples(
    days, st.sampled_from([SOLD, BOUGHT]), later, later, amounts, st.sampled_from([VALID, VOID, RED]), parties
)
rows_of_orders = st.tuples(days, later, later, later, amounts, parties)
rows_of_words = st.tuples(
    days,
    st.integers(-1, 9_000),
    st.integers(-1, MOST),
    st.integers(-1, MOST),
    st.integers(-1, 300),
    st.integers(-1, MOST),
    st.integers(-1, 60),
)
rows = st.tuples(
    st.lists(rows_of_lines, max_size=25),
    st.lists(rows_of_invoices, max_size=25),
    st.lists(rows_of_orders, max_size=25),
    st.lists(rows_of_words, max_size=4),
)


def after(day: int, by: int | None) -> int:
    return -1 if by is None else day + by


def _made(kind: Any, *columns: np.ndarray) -> Any:
    return kind(*columns)


def evidence_of(found: tuple[list[Any], ...], firm: int = 0) -> Evidence:
    lines, invoices, orders, words = found

    def columns(told: list[Any], count: int) -> Any:
        return [np.array([row[n] for row in told], np.int64) for n in range(count)]

    def who(told: list[Any]) -> np.ndarray:
        return np.full(len(told), firm, np.int32)

    def party(told: list[Any]) -> np.ndarray:
        return np.array([row[-1] for row in told], np.uint64)

    issued = [
        (DAY - at, side, after(DAY - at, due), after(DAY - at, paid), -net if status == RED else net, status, name)
        for at, side, due, paid, net, status, name in invoices
    ]
    placed = [
        (DAY - at, *(after(DAY - at, by) for by in happened), amount, name) for at, *happened, amount, name in orders
    ]
    told = columns([row[:4] for row in lines], 4)
    side, due, paid, net, status = columns([row[1:6] for row in issued], 5)
    return Evidence(
        Lines(
            who(lines),
            DAY - told[0],
            told[1],
            told[2],
            told[3],
            np.array([row[4] for row in lines], np.uint64),
            np.array([NO_BALANCE if row[5] is None else row[5] for row in lines], np.int64),
        ),
        Invoices(who(issued), side, columns(issued, 1)[0], due, paid, net, net * 13 // 100, party(issued), status),
        _made(Orders, who(placed), *columns([row[:5] for row in placed], 5), party(placed)),
        _made(Declared, who(words), *columns([(DAY - row[0], *row[1:]) for row in words], 7)),
    )


def together(parts: list[Evidence]) -> Evidence:
    def joined(name: str) -> Any:
        sources = [getattr(part, name) for part in parts]
        return type(sources[0])(
            *(np.concatenate([getattr(one, column.name) for one in sources]) for column in fields(sources[0]))
        )

    return Evidence(*(joined(one.name) for one in fields(Evidence)))


def same(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.allclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True))


@settings(deadline=None, max_examples=30)
@given(st.lists(rows, min_size=1, max_size=3))
def test_one_firm_online_and_many_in_bulk_agree_in_every_source(firms: list[Any]) -> None:
    parts = [evidence_of(found, number) for number, found in enumerate(firms)]
    table = features_of_many(together(parts), np.full(len(firms), np.datetime64(AS_OF))).to_numpy()
    for number, found in enumerate(firms):
        assert same(features_of(evidence_of(found), AS_OF), table[number])


@settings(deadline=None, max_examples=30)
@given(rows)
def test_what_a_day_does_not_know_changes_nothing_in_any_source(found: tuple[list[Any], ...]) -> None:
    """Later rows are taken out, and what happened later to earlier rows is undone: the features stay."""
    whole = evidence_of(found)
    invoices = whole.invoices.where(whole.invoices.issued <= DAY)
    orders = whole.orders.where(whole.orders.placed <= DAY)

    def undone(day: np.ndarray) -> np.ndarray:
        return np.where(day > DAY, -1, day)

    known = Evidence(
        whole.lines.where(whole.lines.day <= DAY),
        replace(invoices, settled=undone(invoices.settled)),
        replace(orders, **{name: undone(getattr(orders, name)) for name in ("delivered", "ended", "paid")}),
        whole.declared.where(whole.declared.told <= DAY),
    )
    assert same(features_of(whole, AS_OF), features_of(known, AS_OF))
    assert same(features_of_many(whole, np.array([np.datetime64(AS_OF)])).to_numpy()[0], features_of(known, AS_OF))


@pytest.fixture(scope="module")
def full() -> Evidence:
    """A firm that shows a year of all five sources."""
    lines, invoices, orders = [], [], []
    for age in range(0, 364, 2):
        lines += [(age, 1, 90_000 + 7 * age, SALE, age % 5 + 1, 500_000), (age, -1, 50_000, 3, 9, 400_000)]
        invoices.append((age, SOLD, 30, 25 + age % 12, 200_000, VALID, age % 4 + 1))
        invoices.append((age, BOUGHT, 30, 30, 120_000, VALID, 8))
        orders.append((age, 5, None, 20, 150_000, age % 3 + 1))
    return evidence_of((lines, invoices, orders, [(3, 2_000, 3_000_000, 100_000, 4, 5_000_000, 12)]))


GROUPS = {
    "lines": (Source.STATEMENTS,),
    "invoices": (Source.INVOICES, Source.RECEIVABLES),
    "orders": (Source.ORDERS,),
    "declared": (Source.DECLARED,),
}


@pytest.mark.parametrize("part", GROUPS)
def test_a_group_that_is_missing_is_named_and_lowers_confidence(full: Evidence, part: str) -> None:
    whole = features_of(full, AS_OF)
    less = features_of(replace(full, **{part: type(getattr(full, part)).none()}), AS_OF)
    assert missing_sources(whole) == ()
    assert missing_sources(less) == GROUPS[part]
    assert confidence(less) < confidence(whole)


def without(features: np.ndarray, part: str) -> np.ndarray:
    out = features.copy()
    out[[n for source in GROUPS[part] for n in OF_SOURCE[source]]] = np.nan
    return out


MONTHS = [INDEX["months_covered"], INDEX["invoiced_history"]]


@settings(deadline=None, max_examples=60)
@given(
    part=st.sampled_from(sorted(GROUPS)),
    gaps=st.sets(st.sampled_from([n for n in range(len(NAMES)) if n not in (*MONTHS, INDEX["unexplained_income"])])),
    unclear=st.floats(0, 0.03),
    months=st.floats(1, 12),
)
def test_whatever_else_is_missing_a_missing_group_can_be_seen_in_confidence(
    part: str, gaps: set[int], unclear: float, months: float
) -> None:
    """Also at the cap, and whichever way the figures round: hiding a source is never worth it."""
    features = np.zeros(len(NAMES))
    features[list(gaps)] = np.nan
    features[INDEX["unexplained_income"]], features[MONTHS] = unclear, months
    for source in GROUPS[part]:  # each is there, if only with one figure
        features[next((n for n in OF_SOURCE[source] if n in MONTHS), OF_SOURCE[source][0])] = months
    assert confidence(without(features, part)) < confidence(features)


def test_all_there_is_is_the_cap_and_one_source_less_is_below_it() -> None:
    features = np.zeros(len(NAMES))
    features[MONTHS] = 12
    assert confidence(features) == Decimal("1.00")
    assert {part: confidence(without(features, part)) for part in GROUPS} == {
        part: 1 - Decimal("0.01") * len(sources) for part, sources in GROUPS.items()
    }


@pytest.mark.parametrize("part", ["lines", "invoices"])
def test_one_source_with_a_history_is_enough_for_a_score(full: Evidence, part: str) -> None:
    alone = features_of(Evidence(**{part: getattr(full, part)}), AS_OF)
    assert set(missing_sources(alone)) == set(Source) - set(GROUPS[part])
    assert confidence(alone) > Decimal("0.80")


def test_invoices_without_due_and_paid_dates_know_nothing_of_receivables(full: Evidence) -> None:
    nothing = np.full(len(full.invoices), -1)
    alone = features_of(Evidence(invoices=replace(full.invoices, due=nothing, settled=nothing)), AS_OF)
    assert Source.RECEIVABLES in missing_sources(alone)
    assert Source.INVOICES not in missing_sources(alone)


def test_a_void_invoice_counts_for_nothing_and_red_ink_takes_off_what_it_reverses(full: Evidence) -> None:
    def level(*extra: tuple[Any, ...]) -> float:
        added = evidence_of(([], list(extra), [], []))
        return float(features_of(together([full, added]), AS_OF)[INDEX["invoiced_level"]])

    plain = level()
    assert level((10, SOLD, None, None, 10**9, VOID, 1)) == plain
    assert level((10, SOLD, None, None, 10**7, VALID, 1), (9, SOLD, None, None, 10**7, RED, 1)) == pytest.approx(plain)
    assert level((9, SOLD, None, None, 10**6, RED, 1)) < plain


def test_the_catalogue_tells_everything_of_every_feature() -> None:
    """Name, meaning in both languages, unit, source (which is the consent scope), freshness and direction."""
    for entry in CATALOGUE:
        zh, en = (i18n.text(f"scoring.feature.{entry.name}", lang) for lang in ("zh_CN", "en"))
        assert any("一" <= letter <= "鿿" for letter in zh), entry.name
        assert en.isascii() or "–" in en or "’" in en, entry.name
        assert entry.unit in Unit and entry.source in Source and entry.risk in (-1, 0, 1), entry.name
        assert timedelta(days=1) <= timedelta(days=entry.fresh_days) <= timedelta(days=366), entry.name
    assert {entry.source for entry in CATALOGUE} == set(Source)
    assert sorted(n for own in OF_SOURCE.values() for n in own) == list(range(len(NAMES)))
    for source in Source:
        assert i18n.known(f"scoring.source.{source.value}"), source
