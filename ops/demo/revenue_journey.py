"""Journey 5: a share of each day's sales repays a loan, in the rhythm that its owner chose, until it closes."""

from typing import Any

from ops.demo.calling import money, refusal
from ops.demo.paying_off_journey import fen, pays
from ops.demo.told import Journey, Say
from ops.demo.town import ONE_DAY, Owner, Town, eventually


async def revenue_repays(town: Town, say: Say) -> Journey:
    """Journey 5 in outline: the loan of journey 1 is repaid by a share of each day's sales, and closes."""
    journey = Journey(5, say)
    owner = await town.owner("noodle-shop")
    await owner.sign_in()
    owner.application_id = (await owner.caller.get("/v1/applications"))["items"][0]["id"]
    start = await town.today()
    await town.until(start + 7 * ONE_DAY)
    await journey.step(
        "a week of sales",
        "a share of net revenue taken, each day closed",
        owner.loan(),
        lambda seen: (
            f"net {money(seen['week']['net_revenue'])} this week, paid {money(seen['paid'])} in all",
            float(seen["paid"]["amount"]) > 0,
        ),
    )
    await journey.step(
        "debited on Fridays instead",
        "shown with its cost, agreed by its hash",
        _on_fridays(owner),
        lambda seen: (
            f"from {seen['effective_on']}, {seen['extra_interest']['amount']} more interest",
            seen["kind"] == "rhythm",
        ),
    )
    await journey.step(
        "breathing space in the second week",
        "not yet, and from which day",
        refusal(_asks_to_breathe(town, owner)),
        lambda seen: (f"{seen.status} {seen.code}", seen.code == "breathing_too_soon"),
    )
    await journey.step(
        "until it is repaid",
        "closed by itself, certificate issued",
        _until_repaid(town, owner),
        lambda seen: (
            f"{seen['state']} on {seen['closed_on']}, interest {money(seen['interest_paid'])}",
            seen["state"] == "closed",
        ),
    )
    await journey.step(
        "papers",
        "key facts, contract, certificate",
        _papers(owner),
        lambda seen: (", ".join(seen), "certificate" in seen),
    )
    await journey.step(
        "every close ties to the ledger",
        "difference ¥0.00",
        _closes(town),
        lambda seen: (f"{seen[0]} closes, difference {seen[1]}", seen[1] == "0.00"),
    )
    await journey.step(
        "big and small months (大小月) instead of a share",
        "signed, its months changed by the owner at the same rate, paid off",
        _big_and_small_months(town),
        lambda seen: (
            f"first {_first(seen[0]['before'])} → {_first(seen[0]['after'])} at the same rate, {seen[1]}",
            seen[0]["before"]["annual_rate"] == seen[0]["after"]["annual_rate"] and seen[1] == "closed",
        ),
    )
    return journey


def _first(course: dict[str, Any]) -> str:
    return money(course["instalments"][0]["amount"])


async def _big_and_small_months(town: Town) -> tuple[dict[str, Any], str]:
    owner = await town.owner(await town.found(monthly_sales_minor=8_600_000, months=14, health=0.9, seed=90_526))
    loan = await owner.borrows(20_000, months=6, product="seasonal_instalments")
    await town.pass_days(1)
    path = f"/v1/loans/{loan['id']}/plan"
    wanted = {"kind": "weights", "weights": ",".join(str(10 - number % 2 * 4) for number in range(12))}
    shown = await owner.caller.get(f"{path}/preview", **wanted)
    await owner.caller.post(path, {**wanted, "sha256": shown["sha256"]})
    quote = await owner.caller.get(f"/v1/loans/{loan['id']}/payoff")
    await pays(town, owner, loan["id"], fen(quote["to_pay"]))

    async def over() -> str | None:
        state = (await owner.loan())["state"]
        return state if state == "closed" else None

    return shown, await eventually(over)


async def _on_fridays(owner: Owner) -> dict[str, Any]:
    path = f"/v1/loans/{(await owner.loan())['id']}/plan"
    wanted = {"kind": "rhythm", "cycle": "week", "cycle_day": 5}
    shown = await owner.caller.get(f"{path}/preview", **wanted)
    return await owner.caller.post(path, {**wanted, "sha256": shown["sha256"]})


async def _asks_to_breathe(town: Town, owner: Owner) -> Any:
    path = f"/v1/loans/{(await owner.loan())['id']}/plan/preview"
    first = (await town.today() + ONE_DAY).isoformat()
    return await owner.caller.get(path, kind="breathing", first_on=first, days=7, factor="0")


async def _until_repaid(town: Town, owner: Owner) -> dict[str, Any]:
    for _ in range(60):
        loan = await owner.loan()
        if loan["state"] == "closed":
            return loan
        await town.pass_days(3)
    return await owner.loan()


async def _papers(owner: Owner) -> list[str]:
    async def all_there() -> list[str] | None:
        kinds = sorted(paper["kind"] for paper in (await owner.see("papers"))["items"])
        return kinds if "certificate" in kinds else None

    return await eventually(all_there, 20)


async def _closes(town: Town) -> tuple[int, str]:
    closes = (await (await town.staff("operations")).get("/v1/desk/closes"))["items"]
    differences = sorted({close["difference"]["amount"] for close in closes})
    return len(closes), ", ".join(differences)
