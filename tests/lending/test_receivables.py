"""Receivables: one invoice is one however it is written; what it counts for is never above the rule and only falls."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import policies
from lending.invoices import Likeness, Marks, fingerprint, likeness, plain_number, plain_party, serial_of, tail_of
from lending.receivables import (
    Answer,
    Bar,
    Means,
    Receivable,
    Support,
    bars,
    base,
    confirmed,
    due_of_large_buyer,
    late_interest,
    shortfall,
    told_apart,
)

RULES = policies.load().receivables["CN"]
TODAY = date(2026, 12, 1)
A, B = b"a", b"b"


def yuan(amount: int) -> int:
    return amount * 100


def one(name: str = "1", buyer: bytes = A, amount: int = 100_000, **changed: object) -> Receivable:
    plain = Receivable(
        id=name,
        buyer=buyer,
        amount_minor=yuan(amount),
        issued_on=TODAY - timedelta(days=20),
        due_on=TODAY + timedelta(days=40),
        support=Support.CONFIRMED,
        confirmed_minor=yuan(amount),
        registered_until=TODAY + timedelta(days=220),
    )
    return replace(plain, **changed)


def marks(seller: str = "苏州包装", buyer: str = "大润发", number: str = "24312000000012345678", amount: int = 1,
          day: int = 1) -> Marks:  # fmt: skip
    return Marks(
        plain_party(seller).encode(), plain_party(buyer).encode(), plain_number(number).encode(), serial_of(number),
        amount, date(2026, 11, day),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seller", "buyer", "number"),
    [
        ("苏州 包装（有限公司）", "大润发", "24312000-00001234-5678"),
        ("苏州包装(有限公司)", "大 润 发", "24312000 000012345678"),
        ("苏州包装有限公司", "大润发", "２４３１２０００００００１２３４５６７８"),
    ],
)
def test_d1_the_same_invoice_by_another_scan_or_number_format_has_the_same_fingerprint(
    seller: str, buyer: str, number: str
) -> None:
    def of(seller: str, buyer: str, number: str, amount: int = 1) -> bytes:
        return fingerprint(
            seller=seller, buyer=buyer, number=number, gross_minor=amount, issued="2026-11-01", key=b"k" * 32
        )

    known = of("苏州包装有限公司", "大润发", "24312000000012345678")
    assert of(seller, buyer, number) == known
    assert of(seller, buyer, number, amount=2) != known


@pytest.mark.parametrize(
    "number",
    [
        *(
            "No.24312000000012345678",
            "NO 24312000000012345678",
            "№24312000000012345678",
            "发票号码：24312000000012345678",
        ),
        *("24312000000012345678号", "第24312000000012345678号", "243I20000000I2345678", "24312OOOOOOO12345678"),
        *("24312ooooooo12345678", "#24312000000012345678", "no: 24312O000000l2345678"),
    ],
)
def test_d1_a_prefix_or_a_letter_for_a_digit_makes_no_other_number(number: str) -> None:
    assert plain_number(number) == "24312000000012345678"
    assert serial_of(number) == serial_of("24312000000012345678")
    assert likeness(marks(), marks(number=number)) is Likeness.SAME


def test_d1_the_last_eight_of_a_number_are_that_invoice_where_all_else_agrees() -> None:
    assert tail_of("No.12345678") == tail_of("24312000000012345678") == "12345678"
    assert likeness(marks(), marks(number="12345678")) is Likeness.SAME
    assert likeness(marks(number="No.12345678"), marks()) is Likeness.SAME
    for changed in ({"seller": "苏州包装科技"}, {"buyer": "大润发超市"}, {"amount": 2}, {"day": 2}):
        assert likeness(marks(), marks(number="12345678", **changed)) is not Likeness.SAME, changed  # type: ignore[arg-type]
    assert likeness(marks(), marks(number="No.024312000000012345678")) is Likeness.SAME, "a zero before it"
    assert likeness(marks(number="INV-1"), marks(number="ABC-1")) is Likeness.NEAR
    assert likeness(marks(), marks(number="12345679")) is Likeness.NEAR, "another tail waits for a person"
    assert tail_of("INV-1") != tail_of("ABC-1"), "letters of a firm's own tell numbers apart"


def test_d1_four_marks_of_five_that_agree_are_near_and_fewer_are_another_invoice() -> None:
    known = marks()
    assert likeness(known, marks()) is Likeness.SAME
    for changed in (
        {"seller": "苏州包装科技"}, {"buyer": "大润发超市"}, {"number": "24312000000012345679"}, {"amount": 2},
        {"day": 2},
    ):  # fmt: skip
        assert likeness(known, marks(**changed)) is Likeness.NEAR, changed  # type: ignore[arg-type]
    assert likeness(known, marks(number="1", amount=2)) is Likeness.OTHER
    assert likeness(known, marks(day=2, amount=2)) is Likeness.OTHER


def test_d3_the_advance_is_the_rate_of_what_is_confirmed_and_one_buyer_counts_for_its_share_at_most() -> None:
    two = base([one("1", A, 300_000), one("2", B, 300_000)], RULES, TODAY)
    assert (two.counts_minor, two.advance_minor) == (yuan(600_000), yuan(480_000))
    lopsided = base([one("1", A, 500_000), one("2", B, 100_000)], RULES, TODAY)
    assert lopsided.counts_minor == yuan(360_000 + 100_000), "one buyer: six tenths of all that counts"


def test_d6_what_its_buyer_did_not_confirm_counts_at_the_lower_rate() -> None:
    proven = one("2", B, 100_000, support=Support.PROVEN, confirmed_minor=None)
    found = {each.id: each.advance_minor for each in base([one(), proven], RULES, TODAY).counted}
    assert found == {"1": yuan(80_000), "2": yuan(60_000)}


@pytest.mark.parametrize(
    ("changed", "bar"),
    [
        ({"registered_until": None}, Bar.NOT_REGISTERED),
        ({"support": None, "confirmed_minor": None}, Bar.NOT_REGISTERED),
        ({"disputed": True}, Bar.DISPUTED),
        ({"credited_minor": yuan(100_000)}, Bar.TAKEN_BACK),
        ({"paid_minor": yuan(100_000)}, Bar.PAID),
        ({"diverted_minor": yuan(100_000)}, Bar.DIVERTED),
        ({"buyer_struck": True}, Bar.BUYER_STRUCK),
        ({"issued_on": TODAY - timedelta(days=91)}, Bar.TOO_OLD),
        ({"due_on": TODAY - timedelta(days=1)}, Bar.OVERDUE),
        ({"buyer_barred": True}, Bar.BUYER_BARRED),
        ({"own_buyer": True}, Bar.OWN_BUYER),
        ({"dilution": Decimal("0.11")}, Bar.DILUTED),
        ({"registered_until": TODAY + timedelta(days=39)}, Bar.REGISTRATION_ENDS),
    ],
    ids=lambda value: value.value if isinstance(value, Bar) else "",
)
def test_d3_what_is_barred_counts_for_nothing_and_says_why(changed: dict[str, object], bar: Bar) -> None:
    barred = one("2", B, **changed)
    assert bars(barred, RULES, TODAY) == (bar,)
    counted = {each.id: each for each in base([one(), barred], RULES, TODAY).counted}
    assert (counted["2"].counts_minor, counted["2"].advance_minor) == (0, 0)


def test_every_bar_is_shown_above() -> None:
    shown = test_d3_what_is_barred_counts_for_nothing_and_says_why.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {bar for _, bar in shown} == set(Bar)


received = st.builds(
    lambda n, buyer, amount, paid, credited, age, left, proven: one(
        str(n),
        buyer,
        amount,
        paid_minor=min(paid, yuan(amount)),
        credited_minor=min(credited, yuan(amount)),
        issued_on=TODAY - timedelta(days=age),
        due_on=TODAY + timedelta(days=left),
        support=Support.PROVEN if proven else Support.CONFIRMED,
        confirmed_minor=None if proven else yuan(amount),
    ),
    st.integers(0, 10**9),
    st.sampled_from([A, B, b"c", b"d"]),
    st.integers(1, 500_000),
    st.integers(0, 50_000_000),
    st.integers(0, 50_000_000),
    st.integers(0, 120),
    st.integers(-10, 120),
    st.booleans(),
)
books = st.lists(received, max_size=12, unique_by=lambda each: each.id)


@settings(max_examples=150, deadline=None)
@given(books)
def test_d3_the_advance_is_never_above_the_rate_of_what_counts_and_no_buyer_above_its_share(
    book: list[Receivable],
) -> None:
    found = base(book, RULES, TODAY)
    for each, counted in zip(book, found.counted, strict=True):
        assert counted.advance_minor <= RULES.rate(each.support or Support.PROVEN) * counted.counts_minor
        assert 0 <= counted.counts_minor <= counted.open_minor <= each.amount_minor
    free = sum(counted.open_minor for counted in found.counted if not counted.bars)
    for buyer in {each.buyer for each in book}:
        mine = sum(c.counts_minor for e, c in zip(book, found.counted, strict=True) if e.buyer == buyer)
        assert mine <= RULES.buyer_share_most * free


@settings(max_examples=150, deadline=None)
@given(books, st.integers(0, 11), st.integers(0, 50_000_000), st.integers(0, 100))
def test_d3_a_credit_note_a_dispute_a_payment_or_a_day_never_raises_what_may_be_lent(
    book: list[Receivable], which: int, amount: int, days: int
) -> None:
    before = base(book, RULES, TODAY).counts_minor
    if book:
        at = which % len(book)
        hit = book[at]
        for worse in (
            replace(hit, disputed=True),
            replace(hit, credited_minor=min(hit.amount_minor, hit.credited_minor + amount)),
            replace(hit, paid_minor=min(hit.amount_minor, hit.paid_minor + amount)),
            replace(hit, buyer_barred=True),
        ):
            assert base([*book[:at], worse, *book[at + 1 :]], RULES, TODAY).counts_minor <= before
    assert base(book, RULES, TODAY + timedelta(days=days)).counts_minor <= before


def answer(signer: bytes, **changed: object) -> Answer:
    plain = Answer(signer, Means.SEAL, yuan(100_000), date(2027, 1, 10), defences_waived=True, account=b"ours")
    return replace(plain, **changed)


def test_p19_only_two_persons_by_seal_or_as_signatory_who_state_the_same_bind_the_buyer() -> None:
    def bound(*answers: Answer) -> Answer | None:
        return confirmed(answers, owed_minor=yuan(100_000), account=b"ours")

    first = answer(b"1")
    assert bound(first, answer(b"2", means=Means.SIGNATORY)) is not None
    assert bound(first) is None
    assert bound(first, first) is None, "the same person twice is one"
    for other in (
        {"means": Means.CODE},  # a one-time code alone is evidence
        {"amount_minor": yuan(90_000)},
        {"due_on": date(2027, 1, 11)},
        {"defences_waived": False},
        {"account": b"theirs"},
    ):
        assert bound(first, answer(b"2", **other)) is None, other
    more = bound(answer(b"1", amount_minor=yuan(120_000)), answer(b"2", amount_minor=yuan(120_000)))
    assert more is not None
    assert more.amount_minor == yuan(100_000), "no more than the invoice asks"


def test_d5_a_large_buyer_owes_after_sixty_days_and_pays_for_being_late() -> None:
    delivered = date(2026, 9, 1)
    assert due_of_large_buyer(delivered, date(2027, 3, 1), RULES) == date(2026, 10, 31)
    assert due_of_large_buyer(delivered, date(2026, 9, 30), RULES) == date(2026, 9, 30)
    due, index = date(2026, 10, 31), Decimal("0.03")

    def late(agreed: Decimal | None, days: int = 30) -> int:
        return late_interest(
            yuan(100_000), due_on=due, today=due + timedelta(days=days), agreed_yearly=agreed, index_at_contract=index
        )

    assert late(None) == yuan(1_500)  # 0.05 % a day
    assert late(Decimal("0.01")) == late(Decimal("0.03")) == 24_658  # never below LPR1Y at the contract
    assert late(Decimal("0.12")) == 98_630
    assert late(None, days=-5) == 0


def test_b8_what_is_lent_above_the_base_is_a_shortfall_and_nothing_else() -> None:
    assert (shortfall(yuan(80_000), yuan(100_000)), shortfall(yuan(100_000), yuan(80_000))) == (yuan(20_000), 0)


@pytest.mark.parametrize(
    ("base", "drawn", "leaving", "reserved", "cure", "held", "told"),
    [
        (100, 90, 0, 20, 0, 10, "receivable_shortfall_reserved"),  # the money that is out is carried
        (100, 120, 0, 0, 20, 0, "receivable_shortfall"),
        (100, 120, 0, 30, 20, 30, "receivable_shortfall_both"),
        (100, 90, 20, 20, 10, 0, "receivable_shortfall"),  # with the bank it is as good as drawn
        (100, 90, 20, 50, 10, 30, "receivable_shortfall_both"),
        (100, 60, 0, 40, 0, 0, "receivable_shortfall"),
    ],
)
def test_d3_the_cure_is_for_money_that_is_out_and_what_has_not_left_is_held(
    base: int, drawn: int, leaving: int, reserved: int, cure: int, held: int, told: str
) -> None:
    short = told_apart(base, drawn_minor=drawn, leaving_minor=leaving, reserved_minor=reserved)
    assert (short.cure_minor, short.held_minor, short.told) == (cure, held, told)
    assert short.whole_minor == max(0, drawn + reserved - base)
