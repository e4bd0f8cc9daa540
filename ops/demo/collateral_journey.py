"""Journey 2: a maker of parts borrows ¥3.2 m against its workshop and a machine, and money waits for both registers."""

from typing import Any

from ops.demo.calling import refusal_of
from ops.demo.securing import (
    COMMITTEE,
    OTHER_VALUER,
    RELEASES,
    asks,
    books,
    committee_votes,
    is_seen,
    is_valued,
    lets_go,
    maker,
    meets_the_condition,
    offers,
    paper_is_held,
    released,
    security_of,
    signs_what_it_read,
    stands,
)
from ops.demo.told import Journey, Say
from ops.demo.town import Owner, Town, yuan
from ops.demo.two_people import both_sign_the_report

# Above every officer, even against security, and above what one manager may look into alone (policies/authority.yaml,
# policies/workbench.yaml): two investigate, a committee votes.
AMOUNT, MONTHS = 3_200_000, 36
WORKSHOP = {
    "kind": "real_estate", "label": "一号厂房", "place": "昆山市玉山镇工业园 8 号", "area_m2": 1_000, "use": "workshop",
}  # fmt: skip
MACHINE = {
    "kind": "equipment", "label": "五轴加工中心", "place": "昆山市玉山镇工业园 8 号", "bought": yuan(800_000),
}  # fmt: skip
# The desktop model has ¥4,000,000 for the workshop: a quarter more is no valuer to rely on alone.
FAR_OFF, SECOND = 5_000_000, 4_080_000


async def workshop_and_machine(town: Town, say: Say) -> Journey:
    """Journey 2: ¥3.2 m against a workshop and a machine; from a manager's code to the money, by everybody's hands."""
    journey = Journey(2, say)
    owner = await maker(town, 20_002)
    manager = await town.staff("manager")
    code = (await manager.get("/v1/manager/code"))["code"]
    await asks(owner, AMOUNT, months=MONTHS, via=code)
    await journey.step(
        "come by a manager's code",
        "their customer from the first day, and told who it is",
        owner.story(),
        lambda seen: ("manager_given" if "manager_given" in seen else ", ".join(seen), "manager_given" in seen),
    )
    await journey.step(
        "ask before anything is offered",
        "a no that says what carries",
        refusal_of(owner.submit()),
        lambda seen: (str(seen), seen == "collateral_short"),
    )
    workshop = await offers(owner, WORKSHOP, "苏(2019)昆山市不动产权第0012345号")
    machine = await offers(owner, MACHINE, "DMU-50-20417", bought_on=(await town.today()).isoformat())
    first_look = (await stands(owner, workshop, "valuing"))["task_id"]
    other_look = (await stands(owner, machine, "valuing"))["task_id"]
    await journey.step(
        "offer workshop and machine",
        "registers asked, the desktop model's figures at once",
        security_of(owner),
        lambda seen: (
            f"may carry ¥{seen['expected']['amount']}, valued ¥{seen['carries']['amount']}",
            float(seen["expected"]["amount"]) >= AMOUNT and seen["carries"]["amount"] == "0.00",
        ),
    )
    await journey.step(
        "ask for the decision",
        "somebody looks first, on video",
        owner.submit(),
        lambda seen: (seen["stage"], seen["stage"] == "review"),
    )
    task = await is_seen(town, owner)
    await journey.step(
        "choose the valuer's hour",
        "the manager has a pack the day before",
        books(town, owner, first_look, "on_site", other_look),
        lambda seen: (f"{len(seen['known'])} known, {len(seen['verify'])} to verify", bool(seen["verify"])),
    )
    await journey.step(
        "a valuer a quarter above the desktop model",
        "a second valuer is sent",
        is_valued(town, owner, workshop, FAR_OFF),
        lambda seen: (seen["state"], seen["state"] == "second"),
    )
    await is_valued(town, owner, machine, 800_000)  # on the same day, at the same place
    await books(town, owner, (await stands(owner, workshop, "second"))["task_id"], "on_site")
    await journey.step(
        "the second valuer, on another day",
        "both are kept, the lower counts",
        is_valued(town, owner, workshop, SECOND, OTHER_VALUER),
        lambda seen: (
            f"counts ¥{seen['value']['amount']}, {len(seen['appraisals'])} values kept",
            seen["value"]["amount"] == f"{SECOND}.00" and len(seen["appraisals"]) == 3,
        ),
    )
    await journey.step(
        "how often somebody came",
        "at most twice, the premises on video, our days ≤ 3 (p50)",
        manager.get("/v1/desk/measures/outside"),
        lambda seen: (
            f"{seen['visits_most']} visits, our {seen['ours_days_p50']} days, outside {seen['outside_days_p50']}",
            seen["visits_most"] <= 2 and float(seen["ours_days_p50"]) <= 3,
        ),
    )
    await journey.step(
        "a vote before both managers signed",
        "refused by name",
        refusal_of(committee_votes(town, owner, condition="insured")),
        lambda seen: (str(seen), seen == "investigation_incomplete"),
    )
    await journey.step(
        "two managers look into it",
        "both signatures under one report",
        both_sign_the_report(town, owner, task, AMOUNT),
        lambda seen: (f"{seen['lead']}, {seen['second']}", seen["complete"] and seen["lead"] != seen["second"]),
    )
    await journey.step(
        "above every officer: the committee",
        "three votes, sealed minutes, a yes with a condition",
        committee_votes(town, owner, condition="insured"),
        lambda seen: (
            f"{seen['items'][0]['state']}, {len(seen['items'][0]['votes'])} votes, {seen['minutes_sha256'][:12]}",
            seen["items"][0]["state"] == "passed" and len(seen["items"][0]["votes"]) == len(COMMITTEE),
        ),
    )
    await journey.step(
        "the owner reads it",
        "plans on the table",
        owner.until_stage("offered", "declined"),
        lambda seen: (seen["stage"], seen["stage"] == "offered"),
    )
    await owner.choose()
    facts = await owner.read_key_facts()
    await journey.step(
        "another paper than the screen shows",
        "nothing is signed, with the reason",
        _signs_another(town, owner, facts),
        lambda seen: (str(seen), seen == "paper_differs"),
    )
    await journey.step(
        "the same on paper and on the screen",
        "signed, and nothing leaves yet",
        _signs_the_same(town, owner, facts),
        lambda seen: (seen["stage"], seen["stage"] == "paying"),
    )
    registered = [await stands(owner, piece, "registered") for piece in (workshop, machine)]
    await journey.step(
        "real-estate bureau and register of pledges",
        "two numbers, a search before and after",
        _numbers(registered),
        lambda seen: (", ".join(seen), all(seen)),
    )
    await journey.step(
        "the insurance that the yes asks for",
        "brought, looked at, met",
        meets_the_condition(town, owner),
        lambda seen: (", ".join(one["state"] for one in seen), [one["state"] for one in seen] == ["met"]),
    )
    await journey.step(
        "a member of the committee lets it go",
        "refused: they said yes",
        refusal_of(lets_go(town, owner, COMMITTEE[1])),
        lambda seen: (str(seen), seen == "needs_two_people"),
    )
    await journey.step(
        "somebody who did not vote lets it go",
        "the money is on the company's account",
        released(town, owner, RELEASES),
        lambda seen: (f"¥{seen['principal']['amount']}", seen["principal"]["amount"] == f"{AMOUNT}.00"),
    )
    await journey.step(
        "a year on",
        "each piece has its day to be valued anew",
        security_of(owner),
        lambda seen: (
            ", ".join(str(one["revalue_on"]) for one in seen["pieces"]),
            all(one["revalue_on"] for one in seen["pieces"]),
        ),
    )
    return journey


async def _signs_another(town: Town, owner: Owner, facts: Any) -> str:
    held = await paper_is_held(town, owner, "ab" * 32)
    return "it was taken for the same" if held["same"] else await refusal_of(signs_what_it_read(owner, facts))


async def _signs_the_same(town: Town, owner: Owner, facts: Any) -> Any:
    held = await paper_is_held(town, owner, facts["terms_hash"])
    if not held["same"]:
        raise AssertionError(f"paper {held['printed']}, screen {held['shown']}")
    return await signs_what_it_read(owner, facts, shows_face=False)


async def _numbers(registered: list[Any]) -> list[str]:
    return [one["registration_no"] for one in registered]
