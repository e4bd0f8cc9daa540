"""A credit line by its rules: what may be drawn, on which terms, and by which signed clause it may be changed."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra import i18n
from lending.calendars import add_months
from lending.line import (
    CLAUSES,
    GIVES_BACK,
    LineAct,
    LineFacts,
    LineState,
    Standing,
    change,
    draw_terms,
    is_fresh,
    last_day,
    refuse_draw,
    review_day,
)
from lending.products import LineRules, Product
from lending.refusals import (
    AboveAvailable,
    AmountOutOfRange,
    ClauseNotSigned,
    LineClosed,
    LineFrozen,
    LineOver,
    LineStays,
    OutsidePolicy,
    ReasonMissing,
    Refusal,
)
from lending.terms import Terms, canonical, terms_from, terms_hash, terms_of
from policies import load

TODAY = date(2026, 11, 22)
USUAL = 6_000_000


@pytest.fixture(scope="module")
def product() -> Product:
    return load().product("revolving_line")


@pytest.fixture(scope="module")
def signed(product: Product) -> Terms:
    return terms_of(product, amount_minor=8_000_000, months=12, share=Decimal("0.12"))


def facts(**other: object) -> LineFacts:
    usual = LineFacts(LineState.OPEN, "", date(2027, 11, 21), date(2026, 12, 22), Standing(8_000_000, 3_000_000, 0))
    return replace(usual, **other)


@pytest.mark.parametrize(
    ("line", "minor", "no"),
    [
        (facts(), 5_000_000, None),
        (facts(), 5_000_100, AboveAvailable),
        (facts(), 99_900, AmountOutOfRange),
        (facts(), 1_000_050, AmountOutOfRange),
        (facts(state=LineState.REDUCED), 1_000_000, None),
        (facts(state=LineState.FROZEN, clause="L1"), 1_000_000, LineFrozen),
        (facts(state=LineState.CLOSED, clause="L2"), 1_000_000, LineClosed),
        (facts(expires_on=TODAY), 1_000_000, None),
        (facts(expires_on=date(2026, 11, 21)), 1_000_000, LineOver),
        (facts(standing=Standing(8_000_000, 0, 8_000_000)), 100_000, AboveAvailable),
    ],
)
def test_p1_a_draw_is_refused_by_name_and_says_what_is_there(
    product: Product, line: LineFacts, minor: int, no: type[Refusal] | None
) -> None:
    assert product.line is not None
    if no is None:
        refuse_draw(line, product.line, product, minor, TODAY)
        return
    with pytest.raises(no):
        refuse_draw(line, product.line, product, minor, TODAY)


@given(
    limit=st.integers(1, 10**9),
    drawn=st.integers(0, 10**9),
    reserved=st.integers(0, 10**9),
)
def test_p1_available_is_limit_less_drawn_less_reserved_and_never_below_nothing(
    limit: int, drawn: int, reserved: int
) -> None:
    standing = Standing(limit, drawn, reserved)
    if drawn + reserved <= limit:
        assert standing.available_minor + drawn + reserved == limit
    else:
        assert standing.available_minor == 0


def test_p1_a_line_lasts_a_year_to_the_day_before(signed: Terms) -> None:
    assert last_day(signed, TODAY) == date(2027, 11, 21)
    assert last_day(signed, date(2028, 2, 29)) == date(2029, 2, 27)


def test_p1_each_draw_has_its_own_term_and_share_at_the_lines_rate(product: Product, signed: Terms) -> None:
    small, large = (
        draw_terms(signed, product, amount_minor=minor, share=None, usual=USUAL, start=TODAY)
        for minor in (2_000_000, 8_000_000)
    )
    quick = draw_terms(signed, product, amount_minor=2_000_000, share=Decimal("0.2"), usual=USUAL, start=TODAY)
    assert small.annual_rate == large.annual_rate == signed.annual_rate
    assert quick.months <= small.months < large.months
    assert {one.line_months for one in (small, large, quick)} == {0}
    assert len({terms_hash(one) for one in (small, large, quick, signed)}) == 4


def test_p1_a_draw_may_be_smaller_than_the_smallest_line(product: Product, signed: Terms) -> None:
    made = draw_terms(signed, product, amount_minor=100_000, share=None, usual=USUAL, start=TODAY)
    assert made.amount_minor == 100_000 < product.amounts.lowest_minor


def test_p1_what_usual_sales_do_not_repay_in_the_longest_term_is_no_draw(product: Product, signed: Terms) -> None:
    with pytest.raises(OutsidePolicy):
        draw_terms(signed, product, amount_minor=8_000_000, share=Decimal("0.05"), usual=1_000_000, start=TODAY)


@given(rate=st.decimals("0", "0.2", places=4))
def test_a_coupon_lowers_the_rate_of_a_draw_and_never_raises_it(product: Product, signed: Terms, rate: Decimal) -> None:
    made = draw_terms(
        signed,
        product,
        amount_minor=1_000_000,
        share=Decimal("0.2"),
        usual=USUAL,
        start=TODAY,
        annual_rate=rate,
    )
    assert made.annual_rate == min(rate, signed.annual_rate)


def test_the_terms_of_a_line_say_so_and_those_of_a_loan_are_hashed_as_before(signed: Terms) -> None:
    assert '"line_months":12' in canonical(signed)
    assert terms_from(json.loads(canonical(signed))) == signed
    loan = terms_of(
        load().product("revenue_linked_working_capital"), amount_minor=8_000_000, months=12, share=Decimal("0.12")
    )
    assert "line_months" not in canonical(loan)


def test_i2_what_is_known_is_fresh_until_its_last_day() -> None:
    assert is_fresh(facts(), date(2026, 12, 22))
    assert not is_fresh(facts(), date(2026, 12, 23))


@pytest.mark.parametrize(
    ("review_months", "months", "on"),
    [
        (12, 12, date(2027, 10, 1)),  # a year's line: a month before its last day
        (6, 12, date(2027, 5, 1)),
        (12, 36, date(2027, 11, 1)),
        (1, 1, date(2026, 11, 30)),  # too short for a month's notice
    ],
)
def test_p16_a_line_is_looked_at_in_time_before_it_ends(review_months: int, months: int, on: date) -> None:
    rules = LineRules(months=months, revolving=True, lowest_draw_minor=1, fresh_days=7, review_months=review_months)
    opened = date(2026, 11, 1)
    ends = add_months(opened, months) - timedelta(days=1)
    assert review_day(rules, opened, ends) == on
    assert opened < review_day(rules, opened, ends) <= ends


# --- P16 --------------------------------------------------------------------------------------------------------------


def changed(act: LineAct, clause: str, **other: object) -> object:
    told = {
        "act": act,
        "clause": clause,
        "reason": "近两月收入下降六成",
        "signed": tuple(CLAUSES),
        "state": LineState.OPEN,
        "limit_minor": 8_000_000,
        "signed_limit_minor": 8_000_000,
        "new_limit_minor": 3_000_000,
    }
    return change(**{**told, **other})  # type: ignore[arg-type]


@pytest.mark.parametrize("act", [act for act in LineAct if act not in GIVES_BACK])
@pytest.mark.parametrize("clause", ["", "L9", *CLAUSES])
def test_p16_a_line_is_changed_only_by_a_signed_clause_that_allows_it(act: LineAct, clause: str) -> None:
    if act in CLAUSES.get(clause, frozenset()):
        assert changed(act, clause)
    else:
        with pytest.raises(ClauseNotSigned):
            changed(act, clause)


def test_p16_a_clause_of_todays_template_binds_nobody_whose_contract_lacks_it() -> None:
    with pytest.raises(ClauseNotSigned):
        changed(LineAct.FREEZE, "L1", signed=("L2",))


@pytest.mark.parametrize("act", list(LineAct))
def test_p16_every_change_has_a_reason(act: LineAct) -> None:
    with pytest.raises(ReasonMissing):
        changed(act, "L2", reason="  ")


def test_p16_no_clause_touches_money_that_is_drawn() -> None:
    assert all(LineAct.CALL not in allows for allows in CLAUSES.values())
    for act, clause in ((LineAct.FREEZE, "L1"), (LineAct.REDUCE, "L1"), (LineAct.CLOSE, "L2")):
        assert not changed(act, clause).touches_drawn  # type: ignore[attr-defined]


def test_p16_freezing_lowering_closing_and_giving_back() -> None:
    frozen = changed(LineAct.FREEZE, "L1")
    assert (frozen.state, frozen.limit_minor) == (LineState.FROZEN, 8_000_000)  # type: ignore[attr-defined]
    lower = changed(LineAct.REDUCE, "L1")
    assert (lower.state, lower.limit_minor) == (LineState.REDUCED, 3_000_000)  # type: ignore[attr-defined]
    back = changed(LineAct.REOPEN, "", state=LineState.REDUCED, limit_minor=3_000_000)
    assert (back.state, back.limit_minor) == (LineState.OPEN, 8_000_000)  # type: ignore[attr-defined]
    with pytest.raises(LineClosed):
        changed(LineAct.REOPEN, "", state=LineState.CLOSED)
    for act, other in (
        (LineAct.FREEZE, {"state": LineState.FROZEN}),
        (LineAct.REDUCE, {"new_limit_minor": 8_000_000}),
        (LineAct.REOPEN, {}),
    ):
        with pytest.raises(LineStays):
            changed(act, "L1", **other)


@pytest.mark.parametrize("clause", list(CLAUSES))
@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_p16_each_clause_is_printed_under_its_own_id(clause: str, locale: str) -> None:
    assert i18n.text(f"papers.clause.line_changes.{clause}", locale).startswith(f"{clause} ")
