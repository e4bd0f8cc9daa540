"""Journey 9: a borrower who was here before asks for a line, draws on it with one tap, repays and draws again."""

import time
from typing import Any

from ops.demo.told import Journey, Say
from ops.demo.town import Owner, Refused, Town, eventually, yuan

LINE = "revolving_line"
# Journey 9, I1: from the tap to money on the account.
MONEY_WITHIN = 10.0
# So many days of sales repay a visible part of a draw.
SOME_DAYS = 3


async def asks_for_line(owner: Owner, amount: int) -> Any:
    """From the wish to the decision. Nothing is typed but the amount: who one is, bills and permissions stand."""
    receipt = await owner.caller.post(
        "/v1/applications",
        {"amount": yuan(amount), "months": 12, "share": "0.12", "product_id": LINE, "purpose": "stock"},
    )
    owner.application_id = receipt["object_id"]
    await owner.act("identity/known")
    await owner.settled_in("identity")
    return await owner.submit()


async def line_of(owner: Owner) -> Any:
    """One's newest line."""
    return (await owner.caller.get("/v1/lines"))["items"][0]


async def draws(owner: Owner, line_id: str, amount: int, *, key: str | None = None, **other: Any) -> Any:
    """Draw an amount of yuan with one tap."""
    body = {"amount": yuan(amount), **other}
    return await owner.done(await owner.caller.post(f"/v1/lines/{line_id}/draws", body, key=key))


async def arrives(owner: Owner) -> Any:
    """Wait until the money of the newest draw is on the account; the line as it is then."""

    async def credited() -> Any:
        line = await line_of(owner)
        return line if line["draws"] and line["draws"][0]["credited_on"] else None

    return await eventually(credited)


async def draws_and_waits(owner: Owner, line_id: str, amount: int) -> tuple[Any, float]:
    """(the line once the money is there, seconds from the tap)."""
    began = time.monotonic()
    await draws(owner, line_id, amount)
    return await arrives(owner), time.monotonic() - began


async def signs_a_line(owner: Owner, amount: int) -> Any:
    """From the wish to the signed line."""
    await asks_for_line(owner, amount)
    await owner.choose()
    await owner.sign(await owner.read_key_facts())
    await owner.until_stage("opened")
    return await line_of(owner)


async def line_and_repeat_borrower(town: Town, say: Say) -> Journey:
    """Journey 9: known to us, a line of ¥30,000, one tap to the money, repaid from sales, free again."""
    journey = Journey(9, say)
    owner = await town.owner(await town.found(monthly_sales_minor=9_000_000, months=14, health=0.9, seed=90_001))
    await journey.step(
        "have borrowed before",
        "a first loan, ¥5,000",
        owner.borrows(5_000, months=3),
        lambda seen: (f"{seen['principal']['amount']} {seen['state']}", seen["state"] == "live"),
    )
    await journey.step(
        "ask for a line; nothing is typed again",
        "yes, with identity, bills and permissions as they stand",
        asks_for_line(owner, 30_000),
        lambda seen: (seen["stage"], seen["stage"] == "offered"),
    )
    offer = await owner.choose()
    facts = await journey.step(
        "read the key facts of the line",
        "that it is a limit and costs nothing unused",
        owner.read_key_facts(),
        lambda seen: (
            f"{len(seen['sheet']['line_words'])} sentences about the line",
            len(seen["sheet"]["line_words"]) >= 5,
        ),
    )
    await journey.step(
        "sign with a code bound to the terms",
        "the line is open, nothing is paid out",
        owner.sign(facts),
        lambda seen: (seen["stage"], seen["stage"] == "opened"),
    )
    line = await line_of(owner)
    await journey.step(
        "look what a draw would cost",
        "interest, last day, no fee, no wait",
        owner.caller.post(f"/v1/lines/{line['id']}/draw-quotes", {"amount": yuan(20_000)}),
        lambda seen: (
            f"¥{seen['interest']['amount']} interest, over by {seen['finish_on']}, waits {seen['delay_seconds']} s",
            seen["delay_seconds"] == 0 and seen["annual_rate"] == offer["annual_rate"],
        ),
    )
    await journey.step(
        "one tap",
        f"money within {MONEY_WITHIN:.0f} s",
        draws_and_waits(owner, line["id"], 20_000),
        lambda seen: (f"credited after {seen[1]:.1f} s", seen[1] <= MONEY_WITHIN),
    )
    await journey.step(
        "try to draw more than is free",
        "a clear no with what is there",
        _refused(owner, line["id"], 20_000),
        lambda seen: (str(seen), seen == "above_available"),
    )
    before = await line_of(owner)
    await town.pass_days(SOME_DAYS)
    await journey.step(
        f"{SOME_DAYS} days of sales",
        "what is repaid can be drawn again",
        line_of(owner),
        lambda seen: (
            f"available ¥{before['available']['amount']} → ¥{seen['available']['amount']}",
            float(seen["available"]["amount"]) > float(before["available"]["amount"]) and _adds_up(seen),
        ),
    )
    return journey


def _adds_up(line: Any) -> bool:
    parts = (line["available"], line["drawn"], line["reserved"])
    return sum(round(float(part["amount"]) * 100) for part in parts) == round(float(line["limit"]["amount"]) * 100)


async def _refused(owner: Owner, line_id: str, amount: int) -> str:
    try:
        await draws(owner, line_id, amount)
    except Refused as refused:
        return refused.code
    return "drawn"
