"""Journey 9 over the public API: a line for somebody known, draws with one tap, P16 as the owner lives it."""

import uuid
from typing import Any

import pytest

from ops.demo.line_journey import (
    arrives,
    draws,
    line_and_repeat_borrower,
    signs_a_line,
)
from ops.demo.town import Owner, Refused, Town, eventually
from tests.stories.test_first_journey import every_step_is_as_expected


async def borrower(town: Town, seed: int) -> Owner:
    """Somebody with a first loan."""
    owner = await town.owner(await town.found(monthly_sales_minor=9_000_000, months=14, health=0.9, seed=seed))
    await owner.borrows(5_000, months=3)
    return owner


async def code_of(doing: Any) -> str:
    """The code of the refusal that an act meets."""
    with pytest.raises(Refused) as refused:
        await doing
    return refused.value.code


async def test_i1_one_tap_brings_money_within_ten_seconds_and_repaying_restores_the_limit(town: Town) -> None:
    every_step_is_as_expected(await line_and_repeat_borrower(town, print))


async def test_p1_i2_p16_a_line_is_drawn_on_refreshed_frozen_looked_at_and_given_back(town: Town) -> None:
    owner = await borrower(town, 90_011)
    line = await signs_a_line(owner, 30_000)
    assert line["available"] == line["limit"] == {"amount": "30000.00", "currency": "CNY"}
    contract = await owner.signed_contract()
    assert contract.startswith(b"%PDF")

    # One key, one draw, whoever asks again.
    key = str(uuid.uuid4())
    first = await draws(owner, line["id"], 10_000, key=key)
    assert (await draws(owner, line["id"], 10_000, key=key))["command_id"] == first["command_id"]
    line = await arrives(owner)
    assert [one["amount"]["amount"] for one in line["draws"]] == ["10000.00"]
    assert (line["available"]["amount"], line["drawn"]["amount"]) == ("20000.00", "10000.00")
    assert line["draws"][0]["command_id"] == first["command_id"]

    # The draw is a loan like any other, with its own slip.
    owner.application_id = line["draws"][0]["id"]

    async def filed() -> bool | None:
        return "slip" in {paper["kind"] for paper in (await owner.see("papers"))["items"]} or None

    await eventually(filed)
    assert (await owner.caller.get(f"/v1/loans/{line['draws'][0]['loan_id']}"))["state"] == "live"
    story = await owner.story()
    assert story[:2] == ["draw_signed", "payout_scheduled"]
