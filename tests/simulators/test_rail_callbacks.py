"""The rail's callbacks: signed by the published scheme, repeated until accepted, and spoiled on request."""

import asyncio
import base64
import hashlib
import hmac
import itertools
import time

import pytest

HOLDER = "李秀英"


@pytest.fixture
async def pay(http, card, receiver):
    """Order a payment and wait until its callback has been sent ``times``; returns the deliveries."""
    await http.post("/rail/accounts", json={"account": card, "holder": HOLDER})

    async def pay(end_to_end_id: str, times: int = 1) -> list:
        order = {
            "end_to_end_id": end_to_end_id,
            "amount_minor": 100,
            "currency": "CNY",
            "payee_account": card,
            "payee_name": HOLDER,
            "reference": "r",
        }
        assert (await http.post("/rail/payments", json=order)).status_code == 201
        await receiver.until(lambda: len(receiver.about(end_to_end_id)) >= times)
        return receiver.about(end_to_end_id)

    return pay


def signed_with(secret: str, delivery) -> bool:
    """Standard Webhooks, written out: base64 of HMAC-SHA256 over id.timestamp.body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{delivery.headers['webhook-id']}.{delivery.headers['webhook-timestamp']}.".encode() + delivery.body
    expected = "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(expected, delivery.headers["webhook-signature"])


async def test_the_callback_is_thin_signed_and_names_the_payment(pay, name, card, rail_secret, revenue_secret):
    (delivery,) = await pay(name)
    assert delivery.path == "/v1/hooks/rail"
    assert signed_with(rail_secret, delivery)
    assert not signed_with(revenue_secret, delivery)
    assert abs(int(delivery.headers["webhook-timestamp"]) - time.time()) < 5
    content = delivery.content
    assert set(content) == {
        "type", "schema_version", "end_to_end_id", "state", "reason", "rail_reference", "at", "booked_on", "seq",
    }  # fmt: skip
    assert (content["type"], content["end_to_end_id"], content["state"]) == ("payment.updated", name, "credited")
    assert HOLDER.encode() not in delivery.body
    assert card.encode() not in delivery.body


async def test_a_refused_callback_is_repeated_with_the_same_id_until_it_is_accepted(pay, name, receiver, rail_secret):
    receiver.answer = lambda _delivery: 500 if len(receiver.about(name)) < 4 else 200
    await pay(name, 4)
    await asyncio.sleep(0.5)
    tries = receiver.about(name)
    assert len(tries) == 4
    assert len({delivery.headers["webhook-id"] for delivery in tries}) == 1
    assert all(signed_with(rail_secret, delivery) for delivery in tries)
    gaps = [later.at - earlier.at for earlier, later in itertools.pairwise(tries)]
    assert gaps == sorted(gaps)


async def test_a_receiver_that_is_gone_is_left_in_peace(pay, name, receiver):
    receiver.answer = lambda _delivery: 410
    await pay(name)
    await asyncio.sleep(1.0)
    assert len(receiver.about(name)) == 1


async def test_a_duplicate_callback_comes_three_times_under_one_id(http, pay, name):
    await http.post("/rail/faults", json={"mode": "duplicate_callback", "times": 1})
    copies = await pay(name, 3)
    assert len(copies) == 3
    assert len({(copy.headers["webhook-id"], copy.body) for copy in copies}) == 1


async def test_an_out_of_order_callback_brings_old_news_last(http, pay, name):
    await http.post("/rail/faults", json={"mode": "out_of_order_callback", "times": 1})
    news = await pay(name, 2)
    assert [(item.content["state"], item.content["seq"]) for item in news] == [("credited", 2), ("accepted", 1)]
    assert len({item.headers["webhook-id"] for item in news}) == 2


async def test_a_late_callback_comes_late(http, pay, name):
    await http.post("/rail/faults", json={"mode": "late_callback", "times": 1, "seconds": 0.8})
    started = time.monotonic()
    await pay(name)
    assert time.monotonic() - started >= 0.8


async def test_a_silent_rail_pays_and_says_nothing(http, pay, name, receiver):
    await http.post("/rail/faults", json={"mode": "no_callback", "times": 1})
    await pay(name, 0)
    await asyncio.sleep(0.8)
    assert receiver.about(name) == []
    assert (await http.get(f"/rail/payments/{name}")).json()["state"] == "credited"
