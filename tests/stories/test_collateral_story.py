"""Journey 2 over the public API, on the running service: valued twice, registered twice, and undone whole."""

from typing import Any

import pytest

from ops.demo.calling import refusal_of
from ops.demo.collateral_journey import MACHINE, WORKSHOP, workshop_and_machine
from ops.demo.securing import (
    KEEPER,
    OTHER_KEEPER,
    adds,
    agrees,
    asks,
    both_valued,
    case_of,
    is_seen,
    is_valued,
    maker,
    offers,
    security_of,
    signs,
    signs_the_part,
    signs_what_it_read,
    stands,
    takes_part,
)
from ops.demo.town import Owner, Town, eventually, yuan
from tests.stories.test_first_journey import every_step_is_as_expected

pytestmark = pytest.mark.long
# What one officer may agree to and one manager may look into alone (policies/authority.yaml, workbench.yaml).
MIDDLING = 500_000


async def test_b2_b4_b5_b6_two_managers_a_committee_and_two_registers_stand_before_the_money(
    town: Town,
) -> None:
    every_step_is_as_expected(await workshop_and_machine(town, print))


async def test_b6_a_registration_that_fails_undoes_everything_and_charges_nothing(town: Town) -> None:
    owner = await maker(town, 20_006)
    await asks(owner, MIDDLING)
    titles = ("苏(2020)昆山市不动产权第0054321号", "苏E0099909")  # the vehicle office takes no registration of it
    lorry = {**MACHINE, "kind": "vehicle", "label": "冷藏货车"}
    workshop, truck = await both_valued(town, owner, {**WORKSHOP, "area_m2": 250}, titles, lorry)
    await owner.submit()
    await agrees(town, owner, await is_seen(town, owner), MIDDLING)
    await signs(owner)
    ended = await owner.until_stage("withdrawn")
    assert ended["note"]["reason"] == "not_secured", "ended by its name"
    assert (await stands(owner, truck, "failed"))["problem"] == "registration_refused"
    await stands(owner, workshop, "unwound")
    book = (await town.world.get("/estates/book"))["charges"]
    assert all(one["cancelled"] for one in book if one["title"] == titles[0]), "what was registered is cancelled"
    assert "collateral_unwound" in await town.letters_to(owner)
    account = await town.world.get(f"/rail/accounts/{owner.firm.account}")
    assert [one for one in account["movements"] if one["kind"] == "payment"] == [], "nothing was paid or charged"


STOCK = {
    "kind": "inventory", "label": "铝型材库存", "place": "昆山市玉山镇工业园 8 号", "quantity": 1_000,
    "unit": yuan(500),
}  # fmt: skip
LENT = 200_000
TRADER: dict[str, Any] = {
    "trade": "parts_maker", "kind": "sole_trader", "monthly_sales_minor": 60_000_000, "months": 24, "health": 0.95,
}  # fmt: skip
HOUSE = {
    "kind": "real_estate", "label": "父亲的房子", "place": "昆山市玉山镇工业园 8 号", "area_m2": 60, "use": "home",
}  # fmt: skip


async def test_b8_a_revaluation_after_three_months_asks_for_a_cure_and_the_loan_runs_on(town: Town) -> None:
    owner = await maker(town, 20_008, 30_000_000)
    await asks(owner, LENT, share="0.05")
    stock = await offers(owner, STOCK, "KC-2026-118")
    await is_valued(town, owner, stock, 500_000, KEEPER)
    await owner.submit()
    await agrees(town, owner, await case_of(town, owner), LENT)
    await signs(owner, shows_face=False)
    await stands(owner, stock, "registered")
    await town.pass_days(1)
    await owner.until_stage("funded")

    await town.pass_days(92)  # stock is counted anew each quarter
    await eventually(lambda: _is_counted_anew(owner), seconds=60)
    await is_valued(town, owner, stock, 250_000, KEEPER)
    await is_valued(town, owner, stock, 260_000, OTHER_KEEPER)
    short = await eventually(lambda: _falls_short(owner), seconds=60)
    assert (short["value"]["amount"], short["state"]) == ("250000.00", "registered")
    assert len(short["appraisals"]) == 5, "the first round's two and the second round's three"
    assert "collateral_shortfall" in await town.letters_to(owner)
    cure = next(one for one in (await owner.see("offline"))["items"] if one["kind"] == "cure")
    assert cure["state"] == "open"
    loan = await owner.loan()
    assert loan["state"] == "live", "nothing is called"
    assert float(loan["principal"]["amount"]) > 0

    # The cure by another piece: valued, bound by a code of its own, registered for what is short; nothing is paid.
    spare = await offers(owner, MACHINE, "DMU-40-11822", bought_on=(await town.today()).isoformat())
    await is_valued(town, owner, spare, 800_000)
    await adds(owner, spare)
    added = await stands(owner, spare, "registered")
    # Its valuer came days later, and each of those repaid a part of what was short.
    assert 0 < float(added["ours"]["amount"]) <= float(short["short"]["amount"])
    await eventually(lambda: _is_cured(owner), seconds=60)
    assert "collateral_cured" in await town.letters_to(owner)
    assert {one["state"] for one in (await owner.see("offline"))["items"] if one["kind"] == "cure"} == {"cancelled"}
    assert (await owner.loan())["state"] == "live"


async def test_p18_a_house_of_somebody_who_signed_is_free_once_a_close_finds_the_loan_paid(
    town: Town,
) -> None:
    owner = await town.owner(await town.found(**TRADER, seed=20_010))
    stranger, father = [await town.owner(await town.found(seed=seed)) for seed in (20_011, 20_012)]
    await asks(owner, LENT, months=6, share="0.25")
    title = "苏(2017)昆山市不动产权第0061122号"
    house = await offers(owner, HOUSE, title, ownership="third_party", owner=father.firm.owner)
    await is_valued(town, owner, house, 610_000)
    await owner.submit()
    await agrees(town, owner, await case_of(town, owner), LENT)
    await owner.choose()
    facts = await owner.read_key_facts()
    assert await refusal_of(signs_what_it_read(owner, facts, shows_face=False)) == "parties_not_signed"
    await signs_the_part(stranger, await takes_part(owner, stranger))
    no = await refusal_of(signs_what_it_read(owner, facts, shows_face=False))
    assert no == "parties_not_signed", "somebody signed as a mortgagor, and the house is not theirs"
    await signs_the_part(father, await takes_part(owner, father))
    await signs_what_it_read(owner, facts, shows_face=False)
    registered = await stands(owner, house, "registered")
    await town.pass_days(1)
    await owner.until_stage("funded")
    for _ in range(12):
        if (await owner.loan())["state"] == "closed":
            break
        await town.pass_days(7)
    assert (await owner.loan())["state"] == "closed", "a share of each day's sales pays it, and a close finds that"
    await stands(owner, house, "released")
    assert "collateral_released" in await town.letters_to(owner)
    charges = [one for one in (await town.world.get("/estates/book"))["charges"] if one["title"] == title]
    assert [bool(one["cancelled"]) for one in charges] == [True], registered["registration_no"]
    again = await town.owner(await town.found(**TRADER, seed=20_013))
    await asks(again, LENT, months=6, share="0.25")
    await offers(again, HOUSE, title, ownership="third_party", owner=father.firm.owner)  # it is free for a next loan


async def _is_cured(owner: Owner) -> bool | None:
    return all(float(one["short"]["amount"]) == 0 for one in (await security_of(owner))["pieces"]) or None


async def _is_counted_anew(owner: Owner) -> bool | None:
    [piece] = (await security_of(owner))["pieces"]
    return piece["task_id"] is not None or None


async def _falls_short(owner: Owner) -> Any:
    [piece] = (await security_of(owner))["pieces"]
    return piece if float(piece["short"]["amount"]) > 0 else None
