"""Journey 2 over the public API, on the running service: valued twice, registered twice, and undone whole."""

from typing import Any

import pytest

from ops.demo.collateral_journey import MACHINE, WORKSHOP, workshop_and_machine
from ops.demo.securing import (
    OTHER_VALUER,
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
    stands,
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
    "kind": "inventory", "label": "铝型材库存", "place": "昆山市玉山镇 8 号", "quantity": 1_000, "unit": yuan(500),
}  # fmt: skip
LENT = 200_000


async def test_b8_a_revaluation_after_three_months_asks_for_a_cure_and_the_loan_runs_on(town: Town) -> None:
    owner = await maker(town, 20_008, 30_000_000)
    await asks(owner, LENT, share="0.05")
    stock = await offers(owner, STOCK, "KC-2026-118")
    await is_valued(town, owner, stock, 500_000)
    await owner.submit()
    await agrees(town, owner, await case_of(town, owner), LENT)
    await signs(owner, shows_face=False)
    await stands(owner, stock, "registered")
    await town.pass_days(1)
    await owner.until_stage("funded")

    await town.pass_days(92)  # stock is counted anew each quarter
    await eventually(lambda: _is_counted_anew(owner), seconds=60)
    await is_valued(town, owner, stock, 250_000)
    await is_valued(town, owner, stock, 260_000, OTHER_VALUER)
    short = await eventually(lambda: _falls_short(owner), seconds=60)
    assert (short["value"]["amount"], short["state"]) == ("250000.00", "registered")
    assert len(short["appraisals"]) == 5, "the first round's two and the second round's three"
    assert "collateral_shortfall" in await town.letters_to(owner)
    cure = next(one for one in (await owner.see("offline"))["items"] if one["kind"] == "cure")
    assert cure["state"] == "open"
    loan = await owner.loan()
    assert loan["state"] == "live", "nothing is called"
    assert float(loan["principal"]["amount"]) > 0


async def _is_counted_anew(owner: Owner) -> bool | None:
    [piece] = (await security_of(owner))["pieces"]
    return piece["task_id"] is not None or None


async def _falls_short(owner: Owner) -> Any:
    [piece] = (await security_of(owner))["pieces"]
    return piece if float(piece["short"]["amount"]) > 0 else None
