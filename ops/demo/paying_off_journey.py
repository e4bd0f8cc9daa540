"""Journey 8: a part paid early, less asked of each day by the owner's choice, then all of it, and the loan is over."""

import uuid
from typing import Any

from ops.demo.told import Journey, Say
from ops.demo.town import Owner, Town, eventually

HALF, TOO_MUCH = 1_000_000, 3_000
# So many days of sales before anything is paid early.
SOME_DAYS = 5


def fen(amount: dict[str, str]) -> int:
    """An amount of the API in minor units."""
    return round(float(amount["amount"]) * 100)


async def pays(town: Town, owner: Owner, loan_id: str, amount_minor: int) -> None:
    """The owner sends money from any account of theirs, with the loan's reference in the remark."""
    ways = await owner.caller.get(f"/v1/loans/{loan_id}/ways-to-pay")
    account, today = f"62000200{uuid.uuid4().int % 10**11:011d}", (await town.today()).isoformat()
    await town.world.post("/rail/accounts", {"account": account, "holder": owner.firm.owner})
    day = {"account": account, "on": today, "received_minor": amount_minor, "spent_minor": 0, "keep_minor": 0}
    await town.world.post("/rail/settlements", {"settlement_id": f"own-{uuid.uuid4().hex[:12]}", "days": [day]})
    sent = {
        "transfer_id": f"T{uuid.uuid4().hex[:16]}", "from_account": account, "to_account": ways["account"],
        "amount_minor": amount_minor, "reference": ways["reference"], "requested_on": today,
    }  # fmt: skip
    await town.world.post("/rail/transfers", sent)


async def _pays_half(town: Town, owner: Owner, loan: Any) -> Any:
    before = fen(loan["principal_owed"])
    await pays(town, owner, loan["id"], HALF)

    async def booked() -> Any:
        seen = await owner.loan()
        return seen if fen(seen["principal_owed"]) <= before - HALF * 9 // 10 else None

    return await eventually(booked)


async def _lowers(owner: Owner, loan_id: str) -> Any:
    path = f"/v1/loans/{loan_id}/plan"
    lowest = (await owner.caller.get(path))["choices"]["lowest_share"]
    wanted = {"kind": "lower_share", "share": lowest}
    shown = await owner.caller.get(f"{path}/preview", **wanted)
    return await owner.caller.post(path, {**wanted, "sha256": shown["sha256"]})


async def _next_debit(town: Town, owner: Owner, loan_id: str) -> Any:
    await town.pass_days(1)
    return (await owner.caller.get(f"/v1/loans/{loan_id}/debits"))["debits"][0]


async def _pays_all(town: Town, owner: Owner, quote: Any) -> Any:
    await pays(town, owner, quote["loan_id"], fen(quote["to_pay"]) + TOO_MUCH)

    async def closed() -> Any:
        seen = await owner.loan()
        return seen if seen["state"] == "closed" else None

    return await eventually(closed)


async def _certificate(owner: Owner) -> Any:
    async def there() -> Any:
        kinds = [paper["kind"] for paper in (await owner.see("papers"))["items"]]
        return kinds if "certificate" in kinds else None

    return await eventually(there)


async def paid_off_early(town: Town, say: Say) -> Journey:
    """A part, the choice that follows from it, the quote, the last payment, the certificate."""
    journey = Journey(8, say)
    owner = await town.owner(await town.found(monthly_sales_minor=9_000_000, months=14, health=0.95, seed=80_801))
    await owner.applies(20_000, months=6, share="0.12")
    offers = (await owner.see("offers"))["items"]
    await owner.choose(max(offers, key=lambda offer: float(offer["share"]))["n"])
    await owner.sign(await owner.read_key_facts())
    await owner.until_stage("funded")
    loan = await owner.loan()
    await town.pass_days(SOME_DAYS)
    path = f"/v1/loans/{loan['id']}"
    await journey.step(
        "what would paying ¥10,000 today do",
        "when it would be over: with the same share, or with a lower one",
        owner.caller.get(f"{path}/prepayment", amount="10000.00"),
        lambda seen: (
            f"{seen['now']['finish_on']}: {seen['shorter']['finish_on']} or {seen['lower']['finish_on']}",
            seen["shorter"]["finish_on"] < seen["lower"]["finish_on"],
        ),
    )
    await journey.step(
        "¥10,000 by bank transfer, with the reference",
        "found and booked, interest first, without a person",
        _pays_half(town, owner, loan),
        lambda seen: (f"principal left ¥{fen(seen['principal_owed']) / 100:,.2f}", seen["state"] == "live"),
    )
    lowered = await journey.step(
        "less of each day",
        "agreed by the hash of what was shown",
        _lowers(owner, loan["id"]),
        lambda seen: (
            f"{float(seen['share']):.1%} from {seen['effective_on']}, {seen['extra_interest']['amount']} more interest",
            float(seen["share"]) < float(loan["share"]),
        ),
    )
    await journey.step(
        "the next day's debit",
        "the lower share of that day's sales",
        _next_debit(town, owner, loan["id"]),
        lambda seen: (
            f"{seen['asked']['amount']} of {seen['net_revenue']['amount']}",
            fen(seen["asked"]) <= round(float(lowered["share"]) * fen(seen["net_revenue"])) + 1,
        ),
    )
    quote = await owner.caller.get(f"{path}/payoff")
    await journey.step(
        "what pays it all off today",
        "principal, interest, no fee, good until 23:59",
        owner.caller.get(f"{path}/payoff"),
        lambda seen: (
            f"¥{fen(seen['total']) / 100:,.2f} until {seen['valid_until'][11:16]}, fees {seen['fees']['amount']}",
            fen(seen["fees"]) == 0 and "23:59" in seen["valid_until"],
        ),
    )
    await journey.step(
        "the quote is paid, and ¥30 too much",
        "closed in the same cycle",
        _pays_all(town, owner, quote),
        lambda seen: (f"{seen['state']} on {seen['closed_on']}", seen["state"] == "closed"),
    )
    await journey.step(
        "the certificate",
        "by itself",
        _certificate(owner),
        lambda seen: (", ".join(sorted(set(seen))), "certificate" in seen),
    )
    return journey
