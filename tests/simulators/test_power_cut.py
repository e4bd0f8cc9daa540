"""The books after kill -9: nothing answered is forgotten, nothing is done twice."""

import asyncio
import time

import httpx2

CARD, HOLDER = "6200011234567890128", "李秀英"


def order(end_to_end_id: str, amount: int = 8_000_000) -> dict:
    return {
        "end_to_end_id": end_to_end_id,
        "amount_minor": amount,
        "currency": "CNY",
        "payee_account": CARD,
        "payee_name": HOLDER,
        "reference": "loan 1",
    }


async def until_credited(http, end_to_end_id: str) -> None:
    end = time.monotonic() + 5
    while (await http.get(f"/rail/payments/{end_to_end_id}")).json()["state"] != "credited":
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


async def test_what_was_accepted_before_the_cut_is_credited_once_after_it_and_reported(fragile):
    fragile.receiver.answer = lambda _delivery: 503
    async with fragile.client() as http:
        await http.post("/rail/accounts", json={"account": CARD, "holder": HOLDER})
        await http.post("/rail/payments", json=order("told-nobody"))
        await fragile.receiver.until(lambda: bool(fragile.receiver.deliveries))
        await http.post("/rail/habits", json={"credit_delay_seconds": 3600})
        await http.post("/rail/payments", json=order("waits"))
        await http.post("/rail/habits", json={"credit_delay_seconds": 0.3})
        await http.post("/rail/payments", json=order("due"))
    fragile.kill()
    fragile.receiver.reset()
    await asyncio.sleep(0.4)
    fragile.start()
    async with fragile.client() as http:
        await until_credited(http, "due")
        assert (await http.get("/rail/payments/waits")).json()["state"] == "accepted"
        again = await http.post("/rail/payments", json=order("due"))
        assert again.json()["state"] == "credited"
        told = fragile.receiver
        await told.until(lambda: {d.content["end_to_end_id"] for d in told.deliveries} == {"told-nobody", "due"})
        book = (await http.get("/rail/book")).json()
        assert {row["end_to_end_id"]: row["times_paid"] for row in book["payments"]} == {
            "told-nobody": 1,
            "waits": 0,
            "due": 1,
        }


async def test_cut_at_random_moments_the_book_keeps_what_it_answered_and_pays_nothing_twice(fragile):
    answered: set[str] = set()
    async with fragile.client() as http:
        await http.post("/rail/accounts", json={"account": CARD, "holder": HOLDER})
    for round_, enough in enumerate((1, 12)):
        async with fragile.client() as http:
            answers_enough, target = asyncio.Event(), len(answered) + enough

            async def pay(n: int, http=http, round_=round_, seen=answers_enough, wanted=target) -> None:
                name = f"p{round_}-{n}"
                try:
                    reply = await http.post("/rail/payments", json=order(name, 100 + n))
                    assert reply.status_code == 201
                    answered.add(name)
                    if len(answered) >= wanted:
                        seen.set()
                except httpx2.HTTPError:
                    pass

            work = [asyncio.create_task(pay(n)) for n in range(40)]
            async with asyncio.timeout(20):
                await answers_enough.wait()
            fragile.kill()
            await asyncio.gather(*work)
        fragile.start()
    assert len(answered) < 80
    async with fragile.client() as http:
        for name in answered:
            await until_credited(http, name)
        book = (await http.get("/rail/book")).json()
        assert book["paid_more_than_once"] == []
        assert book["accounts_that_do_not_tie"] == 0
        assert answered <= {row["end_to_end_id"] for row in book["payments"]}
        paid = sum(row["amount_minor"] for row in book["payments"] if row["times_paid"])
        assert book["paid_minor"] == paid
        assert (await http.get(f"/rail/accounts/{CARD}")).json()["balance_minor"] == paid


async def test_a_collection_whose_answer_was_cut_off_is_found_by_repeating_it(fragile):
    batch = {
        "batch_id": "b1",
        "instructions": [
            {
                "instruction_id": "i1",
                "account": CARD,
                "amount_minor": 300,
                "currency": "CNY",
                "mandate": "m1",
                "reference": "loan 1",
            }
        ],
    }
    async with fragile.client() as http:
        await http.post("/rail/accounts", json={"account": CARD, "holder": HOLDER})
        day = {"account": CARD, "on": "2026-11-20", "received_minor": 1000, "spent_minor": 0, "keep_minor": 0}
        await http.post("/rail/settlements", json={"settlement_id": "s", "days": [day]})
        await http.post("/rail/faults", json={"mode": "pay_then_500"})
        assert (await http.post("/rail/collections", json=batch)).status_code == 500
    fragile.kill()
    fragile.start()
    async with fragile.client() as http:
        receipt = (await http.post("/rail/collections", json=batch)).json()["receipts"][0]
        assert (receipt["state"], receipt["amount_minor"]) == ("full", 300)
        assert (await http.get(f"/rail/accounts/{CARD}")).json()["balance_minor"] == 700
        assert (await http.get("/rail/book")).json()["collected"] == {"receipts": 1, "minor": 300}


async def test_sales_that_the_lender_had_not_accepted_before_the_cut_reach_him_after_it_and_no_day_twice(fragile):
    told = fragile.receiver
    told.answer = lambda delivery: 500 if delivery.path == "/v1/hooks/revenue" else 204
    async with fragile.client() as http:
        firm = (await http.get("/firms/noodle-shop")).json()
        pay = order("payout") | {"payee_account": firm["account"], "payee_name": firm["owner"]}
        await http.post("/rail/payments", json=pay | {"requested_on": "2026-11-24"})
        await until_credited(http, "payout")
        unheard = await http.post("/firms/trade", json={"through": "2026-11-26", "wait_seconds": 0.3})
        assert (unheard.status_code, unheard.json()["code"]) == (504, "lender_has_not_accepted")
        balance = (await http.get(f"/rail/accounts/{firm['account']}")).json()["balance_minor"]
    fragile.kill()
    refused = [d.content for d in told.deliveries if d.path == "/v1/hooks/revenue"]
    told.reset()
    fragile.start()
    await told.until(lambda: bool(told.deliveries))
    assert told.deliveries[0].content == refused[0]
    async with fragile.client() as http:
        heard = await http.post("/firms/trade", json={"through": "2026-11-27"})
        assert heard.status_code == 200
        account = (await http.get(f"/rail/accounts/{firm['account']}")).json()
        settled = [row["booked_on"] for row in account["movements"] if row["kind"] == "settlement"]
        assert sorted(settled) == sorted(set(settled))
        later = [row for row in account["movements"] if row["booked_on"] == "2026-11-27"]
        assert account["balance_minor"] == balance + sum(row["amount_minor"] for row in later)
    days = [row["on"] for d in told.deliveries for row in d.content["rows"]]
    assert days == ["2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"]


async def test_where_an_address_lies_and_what_was_recorded_is_the_same_after_a_cut(fragile):
    asked = {"request_id": "a1", "address": "上海市南京西路 100 号"}
    room = {"session_id": "s1", "opens_at": "2026-12-02T01:00:00+00:00", "shuts_at": "2026-12-02T04:00:00+00:00"}
    async with fragile.client() as http:
        found = (await http.post("/places/addresses", json=asked)).json()
        made = (await http.post("/live/sessions", json=room)).json()
        consent = {"agreed_at": "2026-12-02T01:05:00+00:00", "words_sha256": "ab" * 32}
        await http.post("/live/sessions/s1/consent", json=consent)
        await http.post("/live/sessions/s1/meeting")
        recorded = (await http.get("/live/sessions/s1/recording")).json()
    fragile.kill()
    fragile.start()
    async with fragile.client() as http:
        assert (await http.post("/places/addresses", json=asked)).json() == found
        again = (await http.post("/live/sessions", json=room)).json()
        assert again["guest_link"].rpartition("/")[2] == made["guest_link"].rpartition("/")[2]
        assert (await http.get("/live/sessions/s1/recording")).json() == recorded
        assert (await http.get("/places/book")).json()["findings"][0]["times"] == 2
