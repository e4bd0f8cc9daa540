"""Collections and statements: taken once, in full or in part, and every day adds up."""

import asyncio
from xml.etree import ElementTree

import pytest


@pytest.fixture
async def funded(http, card, name) -> list[str]:
    """Four accounts with ¥1,000, ¥50, nothing, and none at all (never opened)."""
    cards = [card[:-2] + f"{n}8" for n in range(4)]
    for n, yuan in enumerate((1000, 50, 0)):
        await http.post("/rail/accounts", json={"account": cards[n], "holder": f"甲{n}"})
        if yuan:
            day = {
                "account": cards[n],
                "on": "2026-11-20",
                "received_minor": yuan * 100,
                "spent_minor": 0,
                "keep_minor": 0,
            }
            reply = await http.post("/rail/settlements", json={"settlement_id": f"{name}-{n}", "days": [day]})
            assert reply.status_code == 200
    return cards


@pytest.fixture
def batch(name):
    """A batch of debits, ¥200 from each card unless said otherwise."""

    def batch(cards, amount: int = 20_000, on: str = "2026-11-21") -> dict:
        instructions = [
            {
                "instruction_id": f"{name}-{n}",
                "account": card,
                "amount_minor": amount,
                "currency": "CNY",
                "mandate": f"{name}-m{n}",
                "reference": f"loan {n}",
            }
            for n, card in enumerate(cards)
        ]
        return {"batch_id": name, "requested_on": on, "instructions": instructions}

    return batch


async def balance(http, card: str) -> int:
    return (await http.get(f"/rail/accounts/{card}")).json()["balance_minor"]


async def test_each_account_gives_all_some_or_nothing_and_says_why(http, funded, batch):
    receipts = (await http.post("/rail/collections", json=batch(funded))).json()["receipts"]
    assert [(r["state"], r["amount_minor"], r["reason"]) for r in receipts] == [
        ("full", 20_000, None),
        ("partial", 5_000, "insufficient_funds"),
        ("refused", 0, "insufficient_funds"),
        ("refused", 0, "no_such_account"),
    ]
    assert [await balance(http, card) for card in funded[:3]] == [80_000, 0, 0]


async def test_the_same_batch_in_parallel_takes_the_money_once(http, funded, batch):
    replies = await asyncio.gather(*(http.post("/rail/collections", json=batch(funded)) for _ in range(20)))
    assert len({reply.text for reply in replies}) == 1
    assert await balance(http, funded[0]) == 80_000


async def test_an_instruction_repeated_in_another_batch_is_not_taken_again(http, funded, batch, name):
    await http.post("/rail/collections", json=batch(funded))
    again = batch(funded) | {"batch_id": f"{name}-again"}
    receipts = (await http.post("/rail/collections", json=again)).json()["receipts"]
    assert receipts[0]["amount_minor"] == 20_000
    assert await balance(http, funded[0]) == 80_000


async def test_a_batch_or_instruction_with_other_content_is_refused_whole(http, funded, batch, name):
    await http.post("/rail/collections", json=batch(funded))
    other = await http.post("/rail/collections", json=batch(funded, amount=30_000))
    assert (other.status_code, other.json()["code"]) == (409, "batch_id_taken")
    changed = batch(funded, amount=30_000) | {"batch_id": f"{name}-other"}
    taken = await http.post("/rail/collections", json=changed)
    assert (taken.status_code, taken.json()["code"]) == (409, "instruction_id_taken")
    twice = batch([funded[0], funded[0]])
    twice["batch_id"] = f"{name}-twice"
    twice["instructions"][1]["instruction_id"] = twice["instructions"][0]["instruction_id"]
    assert (await http.post("/rail/collections", json=twice)).status_code == 422
    assert await balance(http, funded[0]) == 80_000


async def test_a_revoked_mandate_and_a_closed_account_give_nothing(http, funded, batch, name):
    await http.post(f"/rail/mandates/{name}-m0/revocation")
    await http.post(f"/rail/accounts/{funded[1]}/closure")
    receipts = (await http.post("/rail/collections", json=batch(funded[:2]))).json()["receipts"]
    assert [r["reason"] for r in receipts] == ["mandate_revoked", "account_closed"]


async def test_receipts_of_a_batch_can_be_asked_for(http, funded, batch, name):
    receipts = (await http.post("/rail/collections", json=batch(funded))).json()
    assert (await http.get(f"/rail/collections/{name}")).json() == receipts
    assert (await http.get(f"/rail/collections/{name}-unknown")).json()["code"] == "batch_not_found"


async def test_the_statement_of_a_day_adds_up_and_days_chain(http, funded, batch, name):
    await http.post("/rail/collections", json=batch(funded, on="2027-01-11"))
    sent = {"transfer_id": name, "from_account": funded[0], "amount_minor": 700, "reference": "早还一点"}
    await http.post("/rail/transfers", json=sent | {"requested_on": "2027-01-12"})
    day, next_day = [(await http.get(f"/rail/statement?on=2027-01-{n}")).json() for n in (11, 12)]
    assert [(row["kind"], row["amount_minor"]) for row in day["rows"]] == [
        ("collection", 20_000),
        ("collection", 5_000),
    ]
    told = [(row["kind"], row["order_id"], row["remark"]) for row in next_day["rows"]]
    assert told == [("transfer", name, "早还一点")]
    for statement in (day, next_day):
        moved = sum(row["amount_minor"] for row in statement["rows"])
        assert statement["opening_minor"] + moved == statement["closing_minor"]
    assert day["closing_minor"] == next_day["opening_minor"]


async def test_the_camt_statement_tells_the_same_as_the_rows(http, funded, batch):
    await http.post("/rail/collections", json=batch(funded, on="2027-01-21"))
    rows = (await http.get("/rail/statement?on=2027-01-21")).json()["rows"]
    assert len(rows) == 2
    xml = ElementTree.fromstring((await http.get("/rail/statement.camt053?on=2027-01-21")).content)  # noqa: S314 (ours)
    ns = {"c": "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"}
    entries = xml.findall(".//c:Ntry", ns)
    told = [
        (
            entry.findtext("c:NtryRef", namespaces=ns),
            entry.findtext("c:Amt", namespaces=ns),
            entry.findtext("c:CdtDbtInd", namespaces=ns),
            entry.findtext(".//c:EndToEndId", namespaces=ns),
        )
        for entry in entries
    ]
    assert told == [(r["rail_reference"], f"{r['amount_minor'] / 100:.2f}", "CRDT", r["order_id"]) for r in rows]
    assert len(xml.findall(".//c:Bal", ns)) == 2


async def test_a_transfer_beyond_the_balance_is_refused_and_repeating_one_moves_once(http, funded, name):
    sent = {"transfer_id": name, "from_account": funded[1], "amount_minor": 5_001, "reference": "r"}
    assert (await http.post("/rail/transfers", json=sent)).json()["code"] == "insufficient_funds"
    sent["amount_minor"] = 2_000
    first, second = [await http.post("/rail/transfers", json=sent) for _ in range(2)]
    assert first.json() == second.json()
    assert await balance(http, funded[1]) == 3_000
    changed = await http.post("/rail/transfers", json=sent | {"amount_minor": 1})
    assert (changed.status_code, changed.json()["code"]) == (409, "id_taken")
