"""The rail's gateway: what it says is believed, what it does not say clearly is unsure, and nothing private leaks."""

import asyncio
from datetime import UTC, date, datetime

import pytest

from gateways.failures import GatewayFailure, GatewayRefused, GatewayUnavailable, GatewayUnsure
from gateways.payments import CollectionOrder, HttpRail, PaymentOrder, PaymentState, Rail, ReceiptState

CARD, HOLDER = "6200011234567890128", "李秀英"
ON = date(2026, 11, 22)


def order(**other) -> PaymentOrder:
    return PaymentOrder(
        **{
            "end_to_end_id": "e2e-1",
            "amount_minor": 8_000_000,
            "currency": "CNY",
            "payee_account": CARD,
            "payee_name": HOLDER,
            "reference": "loan 1",
            "requested_on": ON,
        }
        | other
    )


def debit(instruction_id: str = "i1", amount_minor: int = 500, account: str = CARD) -> CollectionOrder:
    return CollectionOrder(
        instruction_id=instruction_id,
        account=account,
        amount_minor=amount_minor,
        currency="CNY",
        mandate="m1",
        reference="loan 1",
    )


@pytest.fixture
async def rail(party):
    """A gateway to a simulated rail with one account of HOLDER's."""
    line = party("rail")
    await line.post("/accounts", json={"account": CARD, "holder": HOLDER})
    return HttpRail(line, deadline=5)


def said(**other) -> dict:
    return {
        "end_to_end_id": "e2e-1",
        "amount_minor": 8_000_000,
        "state": "accepted",
        "rail_reference": "P1",
        "reason": None,
        "at": "2026-11-22T01:02:03+00:00",
    } | other


async def test_it_is_a_rail(rail):
    assert isinstance(rail, Rail)


async def test_a_payment_is_ordered_found_and_on_the_statement_of_the_day_asked_for(rail):
    ordered = await rail.pay(order())
    assert ordered.state is PaymentState.ACCEPTED
    assert ordered.at is not None
    assert ordered.at.utcoffset() is not None
    assert await rail.pay(order()) == ordered or (await rail.pay(order())).state is PaymentState.CREDITED
    for _ in range(200):
        found = await rail.find("e2e-1")
        if found.state is PaymentState.CREDITED:
            break
        await asyncio.sleep(0.02)
    assert (found.state, found.booked_on, found.rail_reference) == (PaymentState.CREDITED, ON, ordered.rail_reference)
    (row,) = await rail.statement(ON)
    assert (row.kind, row.order_id, row.amount_minor, row.booked_on) == ("payment", "e2e-1", -8_000_000, ON)
    assert await rail.statement(date(2026, 11, 23)) == []


async def test_what_the_rail_does_not_know_is_not_found(rail):
    assert (await rail.find("nobody")).state is PaymentState.NOT_FOUND


async def test_a_rejection_is_an_answer_and_other_content_is_a_refusal(rail):
    rejected = await rail.pay(order(end_to_end_id="e2e-2", payee_name="王芳"))
    assert (rejected.state, rejected.reason) == (PaymentState.REJECTED, "payee_name_mismatch")
    await rail.pay(order())
    with pytest.raises(GatewayRefused, match=r"^end_to_end_id_taken$"):
        await rail.pay(order(amount_minor=1))


async def test_a_batch_brings_a_receipt_for_each_debit_in_the_order_asked(rail, party):
    day = {"account": CARD, "on": "2026-11-20", "received_minor": 700, "spent_minor": 0, "keep_minor": 0}
    await party("rail").post("/settlements", json={"settlement_id": "s", "days": [day]})
    orders = [debit("i1"), debit("i2"), debit("i3", account="6200010000000000000")]
    receipts = await rail.collect("b1", orders, requested_on=ON)
    assert [(r.instruction_id, r.state, r.amount_minor) for r in receipts] == [
        ("i1", ReceiptState.FULL, 500),
        ("i2", ReceiptState.PARTIAL, 200),
        ("i3", ReceiptState.REFUSED, 0),
    ]
    assert await rail.collect("b1", orders, requested_on=ON) == receipts
    with pytest.raises(GatewayRefused, match=r"^batch_id_taken$"):
        await rail.collect("b1", orders[:1], requested_on=ON)


async def test_nothing_was_sent_where_nobody_listens(nobody):
    rail = HttpRail(nobody, deadline=1)
    with pytest.raises(GatewayUnavailable, match=r"^rail_unreachable$"):
        await rail.pay(order())
    with pytest.raises(GatewayUnavailable, match=r"^rail_unreachable$"):
        await rail.find("e2e-1")


@pytest.mark.parametrize("trouble", ["silent", "dripping", "resetting"])
async def test_an_order_that_left_and_was_not_answered_is_unsure_and_a_question_may_be_repeated(wire, trouble, request):
    rail = HttpRail(await wire(request.getfixturevalue(trouble)), deadline=0.4)
    with pytest.raises(GatewayUnsure, match=r"^rail_interrupted$"):
        await rail.pay(order())
    with pytest.raises(GatewayUnsure, match=r"^rail_interrupted$"):
        await rail.collect("b1", [debit()])
    with pytest.raises(GatewayUnavailable, match=r"^rail_interrupted$"):
        await rail.find("e2e-1")


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (500, b"internal error", "rail_error"),
        (503, {"code": "down"}, "rail_error"),
        (404, b"<html>nginx</html>", "rail_error"),
        (302, b"", "rail_error"),
        (200, b"<html><body>502 Bad Gateway", "rail_garbled"),
        (200, b"", "rail_garbled"),
        (200, b"\xff\xfe", "rail_garbled"),
        (200, {"state": "accepted"}, "rail_garbled"),
        (200, said(state="perhaps"), "rail_garbled"),
        (200, said(amount_minor="8000000"), "rail_garbled"),
        (200, said(amount_minor=8_000_000.0), "rail_garbled"),
        (200, said(at="2026-11-22T01:02:03"), "rail_garbled"),
        (200, said(amount_minor=1), "rail_answered_something_else"),
        (200, said(end_to_end_id="e2e-2"), "rail_answered_something_else"),
        (200, b" " * 300_000, "rail_garbled"),
    ],
)
async def test_an_order_answered_with_nonsense_is_unsure_never_failed(wire, answering, status, body, code):
    rail = HttpRail(await wire(answering(status, body)), deadline=3)
    with pytest.raises(GatewayUnsure, match=f"^{code}$"):
        await rail.pay(order())


async def test_a_bomb_in_a_compressed_reply_is_cut_short(wire, answering):
    import gzip

    bomb = gzip.compress(b" " * 50_000_000)
    rail = HttpRail(await wire(answering(200, bomb, "content-encoding: gzip\r\n")), deadline=3)
    with pytest.raises(GatewayUnsure, match=r"^rail_garbled$"):
        await rail.pay(order())


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b"<html>nginx: not found</html>"), (404, {"code": "no_route"}), (500, {"code": "payment_not_found"})],
)
async def test_only_the_rails_own_word_makes_a_payment_not_found(wire, answering, status, body):
    rail = HttpRail(await wire(answering(status, body)), deadline=3)
    with pytest.raises(GatewayUnavailable):
        await rail.find("e2e-1")


async def test_fields_that_the_rail_adds_later_do_no_harm(wire, answering):
    rail = HttpRail(await wire(answering(201, said(charge={"amount": "0.00"}, tracking="x"))), deadline=3)
    assert (await rail.pay(order())).at == datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)


def receipt(**other) -> dict:
    return {
        "instruction_id": "i1",
        "amount_minor": 500,
        "state": "full",
        "rail_reference": "C1",
        "at": "2026-11-22T01:02:03Z",
    } | other


@pytest.mark.parametrize(
    "receipts",
    [
        [],
        [receipt(), receipt(instruction_id="i2")],
        [receipt(), receipt()],
        [receipt(instruction_id="i2")],
        [receipt(amount_minor=501)],
        [receipt(amount_minor=499)],
        [receipt(state="partial")],
        [receipt(state="refused")],
        [receipt(state="partial", amount_minor=0)],
    ],
)
async def test_receipts_that_do_not_answer_the_batch_are_unsure(wire, answering, receipts):
    rail = HttpRail(await wire(answering(201, {"batch_id": "b1", "receipts": receipts})), deadline=3)
    with pytest.raises(GatewayUnsure, match=r"^rail_answered_something_else$"):
        await rail.collect("b1", [debit()])


async def test_a_statement_that_does_not_add_up_is_no_statement(wire, answering):
    statement = {"on": "2026-11-22", "opening_minor": 100, "closing_minor": 101, "rows": []}
    rail = HttpRail(await wire(answering(200, statement)), deadline=3)
    with pytest.raises(GatewayUnavailable, match=r"^rail_statement_does_not_add_up$"):
        await rail.statement(ON)


async def test_neither_an_order_nor_a_failure_shows_whose_money_it_is(wire, answering, nobody):
    assert CARD not in repr(order())
    assert HOLDER not in repr(order())
    assert CARD not in repr(debit())
    garbled = HttpRail(await wire(answering(200, said(payee_name=HOLDER, state=CARD))), deadline=3)
    for rail in (garbled, HttpRail(nobody, deadline=1)):
        with pytest.raises(GatewayFailure) as failure:
            await rail.pay(order())
        trail = [failure.value, failure.value.__cause__]
        assert all(CARD not in repr(error) and HOLDER not in repr(error) for error in trail)
        assert failure.value.__suppress_context__
