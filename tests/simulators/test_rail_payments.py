"""Payments at the rail: every one at most once, whatever its caller hears of it."""

import asyncio
import time

import httpx2
import pytest

HOLDER = "李秀英"


@pytest.fixture
async def order(http, card, name) -> dict:
    """An order of ¥80,000 to an account that has just been opened."""
    await http.post("/rail/accounts", json={"account": card, "holder": HOLDER})
    return {
        "end_to_end_id": name,
        "amount_minor": 8_000_000,
        "currency": "CNY",
        "payee_account": card,
        "payee_name": HOLDER,
        "reference": "loan 1",
    }


async def state_of(http, end_to_end_id: str) -> str:
    return (await http.get(f"/rail/payments/{end_to_end_id}")).json()["state"]


async def until_credited(http, end_to_end_id: str) -> None:
    end = time.monotonic() + 5
    while await state_of(http, end_to_end_id) != "credited":
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


async def times_paid(http, end_to_end_id: str) -> int | None:
    """How often the book has paid it; None when it does not know it."""
    book = (await http.get("/rail/book")).json()
    assert book["accounts_that_do_not_tie"] == 0
    return next((row["times_paid"] for row in book["payments"] if row["end_to_end_id"] == end_to_end_id), None)


async def balance(http, card: str) -> int:
    return (await http.get(f"/rail/accounts/{card}")).json()["balance_minor"]


async def test_a_payment_is_accepted_at_once_and_credited_after_the_delay(http, order, card, name):
    reply = await http.post("/rail/payments", json=order)
    assert (reply.status_code, reply.json()["state"]) == (201, "accepted")
    await until_credited(http, name)
    assert await balance(http, card) == 8_000_000
    assert await times_paid(http, name) == 1


async def test_fifty_parallel_repeats_pay_once_and_other_content_is_refused(http, order, name):
    replies = await asyncio.gather(*(http.post("/rail/payments", json=order) for _ in range(50)))
    assert {reply.status_code for reply in replies} == {201}
    assert len({reply.json()["rail_reference"] for reply in replies}) == 1
    other = await http.post("/rail/payments", json=order | {"amount_minor": 8_000_001})
    assert (other.status_code, other.json()["code"]) == (409, "end_to_end_id_taken")
    await until_credited(http, name)
    assert await times_paid(http, name) == 1


@pytest.mark.parametrize("mode", ["pay_then_hang", "pay_then_500", "pay_then_garbage"])
async def test_a_payment_whose_answer_is_lost_is_made_once_however_often_it_is_repeated(http, order, name, card, mode):
    await http.post("/rail/faults", json={"mode": mode, "times": 2, "seconds": 30})
    for _ in range(2):
        try:
            reply = await http.post("/rail/payments", json=order, timeout=0.5)
            assert mode != "pay_then_hang"
            assert reply.status_code == 500 or not reply.content.startswith(b"{")
        except httpx2.ReadTimeout:
            assert mode == "pay_then_hang"
    healed = await http.post("/rail/payments", json=order)
    assert healed.json()["state"] in ("accepted", "credited")
    await until_credited(http, name)
    assert await times_paid(http, name) == 1
    assert await balance(http, card) == 8_000_000


async def test_a_query_says_not_found_first_and_paid_later(http, order, name):
    await http.post("/rail/faults", json={"mode": "not_found_first", "times": 1, "seconds": 0.6})
    await http.post("/rail/payments", json=order)
    missing = await http.get(f"/rail/payments/{name}")
    assert (missing.status_code, missing.json()["code"]) == (404, "payment_not_found")
    await asyncio.sleep(0.7)
    await until_credited(http, name)
    assert await times_paid(http, name) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"payee_name": "李秀芳"}, "payee_name_mismatch"),
        ({"payee_account": "6200019999999999999"}, "no_such_account"),
        ({"currency": "USD"}, "currency_not_supported"),
        ({"amount_minor": 10**14}, "insufficient_funds"),
    ],
)
async def test_the_rail_says_plainly_why_it_will_not_pay(http, order, name, receiver, change, reason):
    reply = await http.post("/rail/payments", json=order | change)
    assert (reply.json()["state"], reply.json()["reason"]) == ("rejected", reason)
    await receiver.until(lambda: bool(receiver.about(name)))
    assert receiver.about(name)[0].content["state"] == "rejected"
    assert await times_paid(http, name) == 0


async def test_a_rejecting_rail_never_pays(http, order, name):
    await http.post("/rail/faults", json={"mode": "reject", "times": 1})
    assert (await http.post("/rail/payments", json=order)).json()["reason"] == "rejected_by_bank"
    assert (await http.post("/rail/payments", json=order)).json()["state"] == "rejected"
    await asyncio.sleep(0.3)
    assert await times_paid(http, name) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"amount_minor": "80000.00"},
        {"amount_minor": 80_000.5},
        {"amount_minor": 0},
        {"amount_minor": -1},
        {"amount_minor": 2**70},
        {"payee_name": "李\x00秀英"},
        {"ammount_minor": 1},
        {"reference": None},
        {"end_to_end_id": "../etc"},
    ],
)
async def test_a_malformed_order_is_refused_and_leaves_no_trace(http, order, name, change):
    reply = await http.post("/rail/payments", json=order | change)
    assert (reply.status_code, reply.json()["code"]) == (422, "malformed")
    assert "李" not in reply.text
    assert await times_paid(http, name) is None


async def test_the_holder_may_be_written_with_spaces(http, order):
    reply = await http.post("/rail/payments", json=order | {"payee_name": "李 秀英"})
    assert reply.json()["state"] == "accepted"


async def test_a_returned_payment_goes_back_and_says_so(http, order, name, card, receiver):
    await http.post("/rail/payments", json=order)
    await until_credited(http, name)
    assert (await http.post(f"/rail/payments/{name}/return")).status_code == 200
    assert await state_of(http, name) == "returned"
    assert await balance(http, card) == 0
    again = await http.post(f"/rail/payments/{name}/return")
    assert (again.status_code, again.json()["code"]) == (409, "not_credited")
    await receiver.until(lambda: [d.content["seq"] for d in receiver.about(name)] == [2, 3])


async def test_the_cut_off_is_published(http):
    assert (await http.get("/rail/cutoff")).json() == {"cutoff_seconds": 2.0, "credit_delay_seconds": 0.1}


@pytest.mark.parametrize(("mode", "status"), [("down", 503), ("garbage", 200)])
async def test_common_faults_meet_so_many_requests_and_then_end(http, mode, status):
    assert (await http.post("/rail/faults", json={"mode": mode, "times": 1})).status_code == 200
    spoiled = await http.get("/rail/statement?on=2026-11-22")
    assert spoiled.status_code == status
    assert mode != "garbage" or not spoiled.content.startswith(b"{")
    assert (await http.get("/rail/statement?on=2026-11-22")).json()["on"] == "2026-11-22"


async def test_an_unknown_fault_is_refused_and_a_cleared_one_is_gone(http):
    unknown = await http.post("/rail/faults", json={"mode": "explode"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_fault")
    await http.post("/rail/faults", json={"mode": "down"})
    await http.delete("/rail/faults")
    assert (await http.get("/rail/statement?on=2026-11-22")).status_code == 200
