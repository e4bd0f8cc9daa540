"""What an owner takes back stops: on the running system, measured from the tap to the first refusal."""

import time

import pytest

from ops.demo.calling import Refused
from ops.demo.town import Owner, Town
from tests.stories.test_what_money_was import invoices

WITHIN_SECONDS = 60


async def began(town: Town, seed: int) -> Owner:
    owner = await town.owner(await town.found(monthly_sales_minor=9_000_000, months=14, health=0.85, seed=seed))
    await owner.sign_in()
    await owner.begin(30_000, months=6)
    await owner.identify()
    await owner.consent()
    return owner


async def test_x7_after_withdrawal_the_next_fetch_refuses_within_60_seconds_and_goes_on_when_allowed_again(
    town: Town,
) -> None:
    owner = await began(town, 20_261_201)
    await owner.upload("wechat")
    taken_back = time.monotonic()
    await owner.revoke("flows_analysis")
    bill = await owner.upload("alipay")  # the next reading of the source
    assert bill["problem"] == "not_allowed" or bill.get("refusal"), bill
    with pytest.raises(Refused) as refused:
        await owner.submit()  # the next score
    assert refused.value.code == "consent_missing"
    assert time.monotonic() - taken_back < WITHIN_SECONDS
    await owner.allow("flows_analysis")
    await owner.upload("alipay")

    await owner.revoke("bureau_query")
    with pytest.raises(Refused) as refused:
        await owner.submit()  # the next call of the gateway
    assert refused.value.code == "consent_missing"
    stands = await owner.application()
    assert (stands["stage"], stands["to_do"]) == ("evidence", "consent")
    asked = (await owner.caller.get("/v1/privacy"))["reads"]
    assert "credit_report" not in {one["what"] for one in asked}, "nobody was asked"
    await owner.allow("bureau_query")
    assert (await owner.application())["to_do"] == "submit"
    assert (await owner.submit())["stage"] in ("offered", "review", "declined")
    asked = (await owner.caller.get("/v1/privacy"))["reads"]
    assert "credit_report" in {one["what"] for one in asked}


@pytest.mark.long
async def test_invoices_that_were_taken_back_leave_the_next_decision_and_are_named_there(town: Town) -> None:
    owner = await began(town, 20_261_202)
    for wallet in ("wechat", "alipay"):
        await owner.upload(wallet)
    months = [month["month"] for month in (await owner.see("evidence"))["months"]]
    await owner.allow("invoices_analysis")
    path = f"/v1/applications/{owner.application_id}/invoices?side=sale"
    await owner.done(await owner.caller.upload(path, "发票.csv", invoices(months[:6], "2532")))
    await owner.submit()
    assert (await owner.see("decision"))["left_out"] == []
    await owner.revoke("invoices_analysis")
    await owner.submit()
    assert [one["code"] for one in (await owner.see("decision"))["left_out"]] == ["invoices"]
