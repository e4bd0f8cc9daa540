"""The journeys that exist, step by step: what a person expects, what was seen, how long it took.

Numbers are those of the ten journeys of the service: 1, a small loan wholly online; 2, a large one against collateral;
4, a line on receivables; 5, repayment that follows revenue; 6, relief; 7, late and understood; 8, paid off early; 9, a
line for a borrower who comes back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from infra.pades import check
from ops.demo.calling import money, refusal
from ops.demo.care_journey import helped_in_trouble, late_and_understood
from ops.demo.collateral_journey import workshop_and_machine
from ops.demo.line_journey import line_and_repeat_borrower
from ops.demo.paying_off_journey import paid_off_early
from ops.demo.receivable_journey import two_large_buyers
from ops.demo.revenue_journey import revenue_repays
from ops.demo.told import Journey, Say
from ops.demo.town import Owner, Town, eventually

# What a note without these says.
NOTHING = {"problem": "no problem", "months_seen": "?", "months_needed": "?"}


async def small_loan_online(town: Town, say: Say) -> Journey:
    """Journey 1: a noodle shop, ¥10,000 for stock, no human hand."""
    journey = Journey(1, say)
    owner = await town.owner("noodle-shop")
    wish = {
        "amount": {"amount": "10000.00", "currency": "CNY"},
        "months": 3,
        "share": "0.115",
        "monthly_revenue": {"amount": "86000.00", "currency": "CNY"},
    }
    await journey.step(
        "simulate, before any login",
        "total and annual rate",
        town.public.post("/v1/simulations", wish),
        lambda found: (
            f"{money(found['weathers'][1]['total'])} in all, {float(found['annual_rate']):.2%} a year (simple)",
            float(found["weathers"][1]["total"]["amount"]) > 10_000,
        ),
    )
    await journey.step(
        "sign in with phone and code", "one code, one login", owner.sign_in(), lambda seen: ("signed in", bool(seen))
    )
    await journey.step(
        "leave half-way; a manager types on",
        "one draft, both hands' words in it",
        _left_half_way(town, owner),
        lambda seen: (", ".join(seen), seen == ["firm_name by owner", "name by manager"]),
    )
    await journey.step(
        "begin",
        "an application",
        owner.begin(10_000, months=3, share="0.115"),
        lambda seen: (seen["stage"], seen["stage"] == "identity"),
    )
    await journey.step(
        "say who you are",
        "four checks match",
        owner.identify(),
        lambda seen: (f"now at {seen['stage']}", seen["stage"] == "consent"),
    )
    await journey.step(
        "read and give consents",
        "on to the bills",
        owner.consent(),
        lambda seen: (seen["stage"], seen["stage"] == "evidence"),
    )
    for wallet, name in (("wechat", "WeChat Pay"), ("alipay", "Alipay")):
        await journey.step(
            f"upload the {name} bill",
            "read to the end",
            owner.upload(wallet),
            lambda seen: ("read", seen["problem"] is None),
        )
    await journey.step(
        "see what was understood",
        "months, revenue, no line lost",
        owner.see("evidence"),
        lambda seen: (
            f"{seen['months_covered']} months, {seen['lines']:,} lines, {seen['not_understood']} not understood",
            seen["enough"] and seen["not_understood"] == 0,
        ),
    )
    await journey.step(
        "ask for a decision",
        "yes, within seconds, no person",
        owner.submit(),
        lambda seen: (seen["stage"], seen["stage"] == "offered"),
    )
    await journey.step(
        "read why",
        "1 to 4 reasons",
        owner.see("decision"),
        lambda seen: (
            f"up to {money(seen['limit'])}: " + "; ".join(reason["text"] for reason in seen["reasons"][:2]),
            1 <= len(seen["reasons"]) <= 4,
        ),
    )
    offer = await journey.step(
        "choose a plan",
        "three side by side, one taken",
        owner.choose(3),
        lambda seen: (
            f"{money(seen['amount'])}, {float(seen['share']):.1%} of net revenue",
            seen["amount"]["amount"] == "10000.00",
        ),
    )
    facts = await owner.read_key_facts()
    await journey.step(
        "open the key facts",
        "the same terms, to the hash",
        owner.see("key-facts"),
        lambda seen: (seen["terms_hash"][:12], seen["terms_hash"] == offer["terms_hash"]),
    )
    await journey.step(
        "sign, tapping twice", "one contract", _sign_twice(owner, facts), lambda seen: (seen, seen == "one contract")
    )
    await journey.step(
        "be paid",
        "credited within seconds, once",
        _paid(town, owner),
        lambda seen: (f"credited {seen['times']}×, {money(seen['amount'])}", seen["times"] == 1),
    )
    await journey.step(
        "check the signed contract",
        "both signatures hold, of these terms",
        _proven(town, owner, facts["terms_hash"]),
        lambda seen: (seen, seen == "2 of 2 hold"),
    )
    await journey.step(
        "keep the page after signing",
        "days, ways to pay, contacts, a calendar file",
        _pack(owner),
        lambda seen: (
            f"{len(seen['days'])} days to {seen['days'][-1]['on']}, {seen['events']} in the calendar",
            seen["credited_on"] == seen["days"][0]["on"] and seen["events"] == len(seen["days"]) >= 3,
        ),
    )
    return journey


async def _left_half_way(town: Town, owner: Owner) -> list[str]:
    await owner.caller.patch("/v1/draft", {"fields": {"firm_name": owner.firm.shop}})
    manager = await town.staff("manager")
    await manager.post("/v1/manager/drafts", {"phone": owner.firm.phone, "fields": {"name": owner.firm.owner}})
    draft = await owner.caller.get("/v1/draft")
    return [f"{field['name']} by {field['channel']}" for field in draft["fields"]]


async def _pack(owner: Owner) -> dict[str, Any]:
    seen = await owner.see("pack")
    file = await owner.caller.file(f"/v1/applications/{owner.application_id}/calendar")
    return {**seen, "events": file.count(b"BEGIN:VEVENT")}


async def _proven(town: Town, owner: Owner, terms_hash: str) -> str:
    paper = await owner.signed_contract()
    every = await check(paper, await town.root())
    holds = [one for one in every if one.good and one.reason.endswith(terms_hash)]
    told = await town.public.upload("/v1/papers/verify", "contract.pdf", paper)
    changed = await town.public.upload("/v1/papers/verify", "contract.pdf", paper.replace(b"/Reason", b"/reason", 1))
    if not (told["genuine"] and told["in_archive"]) or changed["genuine"] or changed["in_archive"]:
        return "the service's own page tells otherwise"
    return f"{len(holds)} of {len(every)} hold"


async def _sign_twice(owner: Owner, facts: dict[str, Any]) -> str:
    await owner.act("signing-code")
    code = await owner.last_code()
    key = "one-tap-too-many-" + owner.application_id
    first, second = await asyncio.gather(
        owner.sign(facts, key=key, code=code), owner.sign(facts, key=key, code=code), return_exceptions=True
    )
    answers = [answer for answer in (first, second) if not isinstance(answer, BaseException)]
    same = {answer["command_id"] for answer in answers if "command_id" in answer}
    return "one contract" if answers and len(same) <= 1 else f"{first!r}, {second!r}"


async def _paid(town: Town, owner: Owner) -> dict[str, Any]:
    await owner.until_stage("funded")
    payout = (await owner.see("timeline"))["payout"]
    account = await town.world.get(f"/rail/accounts/{owner.firm.account}")
    credits = [move for move in account["movements"] if move["amount_minor"] == _minor(payout["amount"])]
    return {"amount": payout["amount"], "times": len(credits)}


def _minor(amount: dict[str, str]) -> int:
    whole, _, cents = amount["amount"].partition(".")
    return int(whole) * 100 + int(cents)


async def not_enough_history(town: Town, say: Say) -> Journey:
    """Journey 1 for a shop that opened twelve days ago: a clear answer, and nothing lost."""
    journey = Journey(1, say)
    owner = await town.owner("corner-shop")
    await journey.step(
        "a shop of twelve days applies",
        "not enough history, nothing lost",
        owner.applies(20_000, months=6),
        lambda seen: (
            "{problem}: {months_seen} of {months_needed} months".format_map({**NOTHING, **seen["note"]}),
            seen["note"].get("problem") == "not_enough_history" and seen["stage"] == "evidence",
        ),
    )
    return journey


async def a_person_decides(town: Town, say: Say) -> Journey:
    """Journey 1 above the automatic limit: to the relationship manager and back."""
    journey = Journey(1, say)
    owner = await town.owner("hardware-store")
    await journey.step(
        "ask for ¥150,000",
        "a person looks, with a time",
        owner.applies(150_000, months=6),
        lambda seen: (f"{seen['stage']}, due {seen['due_at'][:16]}", seen["stage"] == "review"),
    )
    manager = await town.staff("manager")
    task = await journey.step(
        "the manager's inbox",
        "the task is there",
        _first_task(manager, owner),
        lambda seen: (", ".join(why["text"] for why in seen["why"]), True),
    )
    path = f"/v1/manager/tasks/{task['id']}"
    view = {"verdict": "approve", "amount": {"amount": "150000.00", "currency": "CNY"}, "reason": "flows carry it"}
    await owner.papers_are_looked_at()
    await manager.post(f"{path}/own-view", view)
    await journey.step(
        "the manager approves",
        "offers for the owner",
        _finish(manager, path, view, owner),
        lambda seen: (seen["stage"], seen["stage"] == "offered"),
    )
    await owner.choose()
    await owner.sign(await owner.read_key_facts())
    await journey.step(
        "above ¥50,000 the money waits two hours",
        "cancellable, then cancelled",
        _cancel(owner),
        lambda seen: (seen["stage"], seen["stage"] == "withdrawn"),
    )
    return journey


async def _first_task(manager: Any, owner: Owner) -> dict[str, Any]:
    async def found() -> dict[str, Any] | None:
        inbox = (await manager.get("/v1/manager/inbox"))["items"]
        return next((task for task in inbox if task["application_id"] == owner.application_id), None)

    return await eventually(found)


async def _finish(manager: Any, path: str, view: dict[str, Any], owner: Owner) -> dict[str, Any]:
    await manager.post(f"{path}/finish", view)
    return await owner.until_stage("offered", "declined")


async def _cancel(owner: Owner) -> dict[str, Any]:
    await owner.until_stage("paying")
    await owner.act("payout/cancel")
    return await owner.until_stage("withdrawn")


async def strangers_are_refused(town: Town, say: Say) -> Journey:
    """Journey 1's doors: somebody else's application does not exist for a stranger; a used code is worth nothing."""
    journey = Journey(1, say)
    owner, stranger = await town.owner("noodle-shop"), await town.owner("florist")
    await owner.sign_in()
    await stranger.sign_in()
    theirs = (await owner.caller.get("/v1/applications"))["items"][0]["id"]
    await journey.step(
        "a stranger opens it",
        "404, as if it did not exist",
        refusal(stranger.caller.get(f"/v1/applications/{theirs}")),
        lambda seen: (f"{seen.status} {seen.code}", seen.status == 404),
    )
    used = await stranger.last_code()
    await journey.step(
        "a used code again",
        "refused",
        refusal(stranger.caller.post("/v1/sign-in", {"phone": stranger.firm.phone, "code": used})),
        lambda seen: (f"{seen.status} {seen.code}", seen.status in (401, 410, 422)),
    )
    return journey


Part = Callable[[Town, Say], Awaitable[Journey]]

# What one town lives, act by act: the parts of an act go on side by side, each with owners of its own, and each act
# finds what the ones before it left behind. A part belongs to a journey's number.
ACTS: tuple[tuple[tuple[int, Part], ...], ...] = (
    ((1, small_loan_online), (1, not_enough_history), (1, a_person_decides)),
    ((1, strangers_are_refused),),
    ((5, revenue_repays),),
    ((8, paid_off_early),),
    ((9, line_and_repeat_borrower), (4, two_large_buyers)),
    ((2, workshop_and_machine),),
    ((6, helped_in_trouble),),
    ((7, late_and_understood),),
)
NUMBERS = tuple(sorted({number for act in ACTS for number, _ in act}))
# A journey that begins where another one left off.
AFTER = {5: (small_loan_online,)}


def acts_of(numbers: Collection[int]) -> list[list[Part]]:
    """The acts that play these journeys, with what they begin with."""
    before = {part for number in numbers for part in AFTER.get(number, ())}
    chosen = [[part for number, part in act if number in numbers or part in before] for act in ACTS]
    return [act for act in chosen if act]
