"""Journeys 6 and 7: help at one tap before anybody is late, and whoever is late is understood before anybody asks."""

from datetime import date, timedelta
from typing import Any

from ops.demo.calling import money, refusal
from ops.demo.paying_off_journey import fen
from ops.demo.told import Journey, Say
from ops.demo.town import Owner, Town, eventually

# The night's work, the relay and the first look follow each other within seconds.
SOON = 90


async def late_and_understood(town: Town, say: Say) -> Journey:
    """Journey 7: nobody may tell the bank any more, so the instalment is not debited and its owner forgets it."""
    journey = Journey(7, say)
    owner = await town.owner(await town.found(monthly_sales_minor=8_600_000, months=14, health=0.9, seed=90_731))
    await owner.applies(20_000, months=6, product="equal_instalments")
    await owner.choose()
    await owner.sign(await owner.read_key_facts())
    await owner.until_stage("funded")
    loan = await owner.loan()
    await owner.revoke("sharing")
    due = date.fromisoformat(loan["instalments"][0]["on"])
    await town.until(due + timedelta(days=6))
    desk, path = await town.staff("officer"), f"/v1/loans/{loan['id']}/late"
    await journey.step(
        "an instalment is missed",
        "a case by itself: who is late and why",
        _case(desk, loan["id"]),
        lambda seen: (f"{seen['segment']}: {seen['reason']}", bool(seen["segment"] and seen["reason"])),
    )
    await journey.step(
        "every contact is in the owner's sight",
        "one notice in the app, no call",
        owner.caller.get(path),
        lambda seen: (
            ", ".join(f"{one['channel']} ({one['purpose']})" for one in seen["contacts"]),
            bool(seen["contacts"]) and not [one for one in seen["contacts"] if one["channel"] in ("call", "visit")],
        ),
    )
    await journey.step(
        "promise to pay in three days",
        "nobody presses until the day after",
        owner.caller.post(f"{path}/promise", {"on": (await town.today() + timedelta(days=3)).isoformat()}),
        lambda seen: (
            f"{money(_past_due(seen))} promised for {seen['promises'][0]['promised_on']}",
            seen["promises"][0]["state"] == "open",
        ),
    )
    return journey


async def helped_in_trouble(town: Town, say: Say) -> Journey:
    """Journey 6: a florist after a flood taps once, sees what each way costs beside doing nothing, and takes one."""
    journey = Journey(6, say)
    owner = await town.owner(await town.found(monthly_sales_minor=8_600_000, months=14, health=0.9, seed=90_632))
    loan = await owner.borrows(20_000, months=6, share="0.12")
    await town.pass_days(2)
    path = f"/v1/loans/{loan['id']}/relief"
    asked = await journey.step(
        "“I have a problem”, one tap",
        "answered at once, no paper asked for",
        owner.caller.post(path, {"why": "disaster"}),
        lambda seen: (seen["open"]["state"], seen["open"]["state"] == "offered"),
    )
    await journey.step(
        "see each way",
        "its cost beside doing nothing",
        owner.caller.get(path),
        lambda seen: (
            "; ".join(f"{one['way']} +{money(one['extra_interest'])}" for one in seen["ways"]),
            len(seen["ways"]) >= 2,
        ),
    )
    chosen = asked["ways"][0]
    await journey.step(
        "agree to what was not shown",
        "refused",
        refusal(owner.caller.post(f"{path}/agree", {"way": chosen["way"], "sha256": "0" * 64})),
        lambda seen: (f"{seen.status} {seen.code}", seen.status in (409, 422)),
    )
    await journey.step(
        "agree to one way, by its hash",
        "nothing is past due from then on",
        _agrees(owner, path, chosen),
        lambda seen: (f"{chosen['way']}: past due {money(seen['past_due'])}", fen(seen["past_due"]) == 0),
    )
    return journey


async def _case(desk: Any, loan_id: str) -> Any:
    async def there() -> Any:
        found = (await desk.get("/v1/desk/collections"))["items"]
        return next((one for one in found if one["loan_id"] == loan_id and one["segment"]), None)

    return await eventually(there, SOON)


def _past_due(seen: dict[str, Any]) -> dict[str, Any]:
    return seen["past_due"]


async def _agrees(owner: Owner, path: str, chosen: dict[str, Any]) -> Any:
    await owner.caller.post(f"{path}/agree", {"way": chosen["way"], "sha256": chosen["sha256"]})
    return await owner.caller.get(path)
