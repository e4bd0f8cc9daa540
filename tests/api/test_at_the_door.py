"""What no product lends is refused at the door, one clear line a field, from the product's own data."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from infra import i18n
from tests.api.test_lines import Make, line
from tests.api.test_receivables import LIMIT, offer, secured

__all__ = ["line", "secured"]

HUGE = {"amount": "9999999999.00", "currency": "CNY"}
PRODUCTS = ("revenue_linked_working_capital", "revolving_line", "receivable_line", "collateral_backed")


@pytest.mark.parametrize("product_id", PRODUCTS)
async def test_an_application_above_what_its_product_lends_is_refused_with_one_line_a_field(
    api: Any, product_id: str
) -> None:
    product = api.tools.policies.product(product_id)
    owner = await api.owner()
    body = {"product_id": product_id, "amount": HUGE, "months": 999, "share": "0.20"}
    refused = await owner.post("/v1/applications", body)
    assert refused.status_code == 422, refused.text
    told = {one["pointer"]: one["detail"] for one in refused.json()["errors"]}
    assert set(told) == {"#/amount", "#/months"}
    most = i18n.money(product.amounts.highest_minor, "CNY", "zh_CN")
    assert most in told["#/amount"] and str(product.months.longest) in told["#/months"]
    assert (await owner.get("/v1/applications")).json()["items"] == []


async def test_on_the_pages_too_large_a_wish_is_said_before_anything_is_typed(api: Any, pages: Any) -> None:
    mine = pages(await api.owner())
    sent_back = await mine.get("/apply/identity?amount=9999999999&months=999")
    assert sent_back.status_code == 303
    at = sent_back.headers["location"]
    assert parse_qs(urlsplit(at).query)["months"] == ["999"], "nothing that was chosen is lost"
    said = (await mine.get(at)).text
    assert 'id="e-amount"' in said and 'id="e-months"' in said
    assert (await mine.get("/apply/identity?amount=80000&months=12")).status_code == 200


async def test_a_draw_above_the_line_is_refused_with_what_there_is(line: Make) -> None:
    owner, line_id = await line(8_000_000)
    for at, code in (("draw-quotes", "above_available"), ("draws", "amount_out_of_range")):
        refused = await owner.post(f"/v1/lines/{line_id}/{at}", {"amount": HUGE})
        assert (refused.status_code, refused.json()["code"]) == (422, code), at
        assert "80,000.00" in refused.json()["detail"]


async def test_an_invoice_larger_or_due_later_than_the_rules_take_is_refused_by_its_fields(
    secured: Make, api: Any
) -> None:
    owner, line_id = await secured(LIMIT)
    rules = api.tools.policies.receivables["CN"]
    late = (date.today() + timedelta(days=rules.term_days_most)).isoformat()
    refused = await offer(owner, line_id, amount=HUGE, due_on=late)
    assert refused.status_code == 422, refused.text
    told = {one["pointer"]: one["detail"] for one in refused.json()["errors"]}
    assert set(told) == {"#/amount", "#/due_on"}
    assert i18n.money(rules.most_minor, "CNY", "zh_CN") in told["#/amount"]
    assert str(rules.term_days_most) in told["#/due_on"]
    most = {"amount": f"{rules.most_minor // 100}.00", "currency": "CNY"}
    assert (await offer(owner, line_id, amount=most)).status_code in (200, 202)


async def test_the_desk_sees_that_the_register_does_not_know_a_buyer_and_says_whether_it_is_real(
    secured: Make, api: Any, pages: Any, database: Any
) -> None:
    owner, line_id = await secured(LIMIT)
    receivable_id = (await offer(owner, line_id)).json()["object_id"]
    database.execute(
        f"update receivable set state = 'review', problem = 'buyer_unknown', due_at = now() "
        f"where id = '{receivable_id}'"
    )
    officer = await api.staff("officer", employee="3001")
    cards = (await officer.get("/v1/desk/cases")).json()["items"]
    (card,) = (one for one in cards if one["id"] == receivable_id)
    assert card["came"] == ["buyer_unknown"]
    page = (await pages(officer).get(f"/desk/receivables?one={receivable_id}")).text
    assert "The company register does not know this buyer" in page
    assert "The buyer is real" in page and "It cannot be proven: refuse" in page
    mine = (await pages(owner).get(f"/lines/{line_id}/receivables")).text
    assert "登记机关查不到这位买家，我们的人在核实" in mine
