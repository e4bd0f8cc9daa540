"""Journey 4: a firm whose buyers pay late pledges what they owe, and draws on it as far as it carries."""

import uuid
from datetime import date, timedelta
from typing import Any

from ops.demo.calling import refusal_of
from ops.demo.line_journey import draws, line_of
from ops.demo.told import Journey, Say
from ops.demo.town import Owner, Town, eventually, yuan

PRODUCT = "receivable_line"
LIMIT, EACH = 100_000, 60_000
# Any firms: a buyer is known by what stands on the invoice.
BUYERS = (("江南商超采购有限公司", "91310000MA1FL0A01J"), ("华东便利连锁有限公司", "91330000MA2FL0C03J"))
NUMBERS = ("24312000000041230001", "24312000000087650002")


async def asks(owner: Owner) -> Any:
    """A line on receivables, by somebody who is known: from the wish to the signature."""
    receipt = await owner.caller.post(
        "/v1/applications",
        {"amount": yuan(LIMIT), "months": 12, "share": "0.2", "product_id": PRODUCT, "purpose": "stock"},
    )
    owner.application_id = receipt["object_id"]
    await owner.done(receipt)
    await owner.act("identity/known")
    await owner.settled_in("identity")
    await owner.submit()
    await owner.choose()
    await owner.sign(await owner.read_key_facts())
    await owner.until_stage("opened")
    return await line_of(owner)


async def offers(owner: Owner, line: Any, n: int, today: date, **changed: Any) -> Any:
    """One open invoice on a buyer, written twelve days ago: a day may pass between two that are the same."""
    name, licence = BUYERS[n]
    said = {
        "buyer": name, "buyer_licence": licence, "number": NUMBERS[n], "amount": yuan(EACH),
        "issued_on": (today - timedelta(days=12)).isoformat(), "due_on": (today + timedelta(days=48)).isoformat(),
        **changed,
    }  # fmt: skip
    receipt = await owner.caller.post(f"/v1/lines/{line['id']}/receivables", said)
    await owner.done(receipt)
    return receipt["object_id"]


async def base_of(owner: Owner, line: Any) -> Any:
    """What the receivables carry now."""
    return await owner.caller.get(f"/v1/lines/{line['id']}/base")


async def stands(owner: Owner, line: Any, receivable_id: str, *states: str) -> Any:
    """One of them, once it stands there."""

    async def there() -> Any:
        found = next(one for one in (await base_of(owner, line))["receivables"] if one["id"] == receivable_id)
        return found if found["state"] in states else None

    return await eventually(there)


async def buyer_confirms(town: Town, owner: Owner, line: Any, receivable_id: str) -> Any:
    """Two persons of the buyer answer on the platform, and the owner looks at once."""
    asked = await stands(owner, line, receivable_id, "asked")
    account = (await base_of(owner, line))["pay_to"]
    for signer, means in (("财务经理", "seal"), ("法定代表人", "signatory")):
        word = {
            "signer": signer, "means": means, "amount_minor": round(float(asked["amount"]["amount"]) * 100),
            "due_on": asked["due_on"], "defences_waived": True, "account": account,
        }  # fmt: skip
        await town.world.post(f"/pledges/confirmations/{receivable_id}/answers", word)
    await owner.done(await owner.caller.post(f"/v1/receivables/{receivable_id}/look"))
    return await stands(owner, line, receivable_id, "supported")


async def pledges(owner: Owner, line: Any, receivable_id: str) -> Any:
    """With a code that is good for this one alone."""
    await owner.caller.post(f"/v1/receivables/{receivable_id}/pledge-code")
    code = await owner.last_code()
    await owner.done(await owner.caller.post(f"/v1/receivables/{receivable_id}/pledge", {"code": code}))
    return await stands(owner, line, receivable_id, "pledged")


async def hears(town: Town, receivable_id: str, fact: str, **said: Any) -> None:
    """The desk notes what became of one."""
    desk = await town.staff("officer")
    body = {"fact": fact, "words": "买家财务来电，已留记录", **said}
    await desk.post(f"/v1/desk/receivables/{receivable_id}/facts", body, key=str(uuid.uuid4()))


async def two_large_buyers(town: Town, say: Say) -> Journey:
    """Journey 4: two buyers owe ¥60,000 each; confirmed, pledged, drawn on; a credit note lowers it
    by itself, and one buyer's payment repays what was lent on it."""
    journey = Journey(4, say)
    owner = await town.owner(await town.found(monthly_sales_minor=12_000_000, months=14, health=0.9, seed=40_001))
    await owner.borrows(5_000, months=3)
    line = await journey.step(
        "ask for a line on receivables and sign it",
        "open, and nothing to draw before something is pledged",
        asks(owner),
        lambda seen: (
            f"limit ¥{seen['limit']['amount']}, available ¥{seen['available']['amount']}",
            seen["available"]["amount"] == "0.00",
        ),
    )
    day = await town.today()
    first = await offers(owner, line, 0, day)
    await journey.step(
        "offer the same invoice once more, written otherwise",
        "refused: it is held already",
        refusal_of(offers(owner, line, 0, day, number="2431-2000-0000-4123-0001")),
        lambda seen: (str(seen), seen == "receivable_own"),
    )
    await journey.step(
        "two persons of the buyer confirm on the platform",
        "the debt binds the buyer",
        buyer_confirms(town, owner, line, first),
        lambda seen: (f"{seen['support']} for ¥{seen['confirmed']['amount']}", seen["support"] == "confirmed"),
    )
    await journey.step(
        "draw before it is registered",
        "a no that says what carries",
        refusal_of(draws(owner, line["id"], 1_000)),
        lambda seen: (str(seen), seen == "above_base"),
    )
    await journey.step(
        "pledge it with a code of its own",
        "registered, and the buyer told whom to pay",
        pledges(owner, line, first),
        lambda seen: (f"registration {seen['registration_no']}", bool(seen["registration_no"])),
    )
    await journey.step(
        "look for the contract of the pledge",
        "signed by both sides, among one's papers",
        _pledge_paper(owner),
        lambda seen: (
            f"{seen['kind']}, {seen['size']} bytes, SHA-256 {seen['sha256'][:12]}…",
            seen["kind"] == "pledge",
        ),
    )
    second = await offers(owner, line, 1, day)
    await buyer_confirms(town, owner, line, second)
    await pledges(owner, line, second)
    await journey.step(
        "pledge the second buyer's invoice too",
        "eight tenths of both",
        base_of(owner, line),
        lambda seen: (f"carries ¥{seen['base']['amount']}", seen["base"]["amount"] == "96000.00"),
    )
    await journey.step(
        "draw ¥40,000",
        "the money is on the account",
        _drawn(owner, line),
        lambda seen: (f"drawn ¥{seen['drawn']['amount']}", seen["drawn"]["amount"] == "40000.00"),
    )
    await hears(town, first, "credited", amount=yuan(20_000))
    await journey.step(
        "a credit note of ¥20,000",
        "what they carry falls by itself, what is drawn stays",
        _fallen(owner, line),
        lambda seen: (
            f"carries ¥{seen['base']['amount']}, drawn ¥{seen['drawn']['amount']}",
            float(seen["base"]["amount"]) < 96_000 and seen["drawn"]["amount"] == "40000.00",
        ),
    )
    await journey.step(
        "the second buyer pays its ¥60,000 into the line's own account",
        "what was lent is repaid, the rest goes to the firm",
        buyer_pays(town, owner, line, 1, EACH),
        lambda seen: (
            f"¥{seen['repaid']['amount']} repaid, ¥{seen['rest']['amount']} to the firm",
            seen["rest_state"] == "done"
            and float(seen["repaid"]["amount"]) + float(seen["rest"]["amount"]) == EACH
            and float(seen["repaid"]["amount"]) >= 40_000,
        ),
    )
    await journey.step(
        "look at the line and at that invoice",
        "nothing is drawn any more; the pledge is given back",
        _given_back(owner, line, second),
        lambda seen: (f"drawn ¥{seen['drawn']['amount']}, the invoice is released", seen["drawn"]["amount"] == "0.00"),
    )
    return journey


async def buyer_pays(town: Town, owner: Owner, line: Any, n: int, amount: int) -> Any:
    """A buyer sends money to the account that it was told, as any bank sends it; how it was shared, once it is."""
    account, pay_to = f"62000200001234567{n}0", (await base_of(owner, line))["pay_to"]
    today = (await town.today()).isoformat()
    await town.world.post("/rail/accounts", {"account": account, "holder": BUYERS[n][0]})
    day = {"account": account, "on": today, "received_minor": amount * 100, "spent_minor": 0, "keep_minor": 0}
    await town.world.post("/rail/settlements", {"settlement_id": f"buyer-{uuid.uuid4().hex[:12]}", "days": [day]})
    sent = {
        "transfer_id": f"T{uuid.uuid4().hex[:16]}", "from_account": account, "to_account": pay_to,
        "amount_minor": amount * 100, "reference": "货款", "requested_on": today,
    }  # fmt: skip
    await town.world.post("/rail/transfers", sent)

    async def shared() -> Any:
        found = (await base_of(owner, line))["payments"]
        return found[0] if found and found[0]["rest_state"] in ("done", "") else None

    return await eventually(shared)


async def _given_back(owner: Owner, line: Any, receivable_id: str) -> Any:
    await stands(owner, line, receivable_id, "released")
    return await base_of(owner, line)


async def _pledge_paper(owner: Owner) -> Any:
    """The newest contract of a pledge, once it is printed; nobody waited for it."""

    async def there() -> Any:
        found = (await owner.caller.get(f"/v1/applications/{owner.application_id}/papers"))["items"]
        return next((one for one in found if one["kind"] == "pledge"), None)

    return await eventually(there)


async def _drawn(owner: Owner, line: Any) -> Any:
    await draws(owner, line["id"], 40_000)

    async def out() -> Any:
        seen = await line_of(owner)
        return seen if seen["drawn"]["amount"] == "40000.00" else None

    return await eventually(out)


async def _fallen(owner: Owner, line: Any) -> Any:
    async def lower() -> Any:
        seen = await base_of(owner, line)
        return seen if float(seen["base"]["amount"]) < 96_000 else None

    return await eventually(lower)
