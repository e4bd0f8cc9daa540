"""How somebody wants to repay, chosen on the pages before anything begins: reckoned, kept in the draft, applied for."""

import re
from typing import Any
from uuid import uuid4

import pytest

from tests.api.test_draft_pages import allowed

WISH = "amount=60000&months=6&share=12&revenue=80000"
SHARE = "revenue_linked_working_capital"
BY_DATES = ("equal_instalments", "equal_principal", "interest_first", "seasonal_instalments")
TYPED = {
    "kind": "self_employed",
    "name": "陈小满",
    "id_number": "11010519491231002X",
    "account": "110060871012",
    "purpose": "stock",
    "presence": "face",
}


def hidden(page: str, form: str) -> dict[str, str]:
    """What a form carries without being shown."""
    found = re.search(rf"<form {form}.*?</form>", page, re.DOTALL)
    assert found is not None
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', found.group()))


def yuan(amount: int) -> dict[str, str]:
    return {"amount": f"{amount}.00", "currency": "CNY"}


def amounts(page: str) -> list[int]:
    """The instalments in the table of due days."""
    rows = re.findall(r'<tr><th scope="row">[^<]*</th><td class="n">([^<]*)</td>', page)
    return [int(re.sub(r"\D", "", row)) for row in rows]


async def test_the_first_page_offers_every_kind_and_a_share_of_sales_is_chosen_first(api: Any, pages: Any) -> None:
    page = (await pages(await api.owner()).get("/")).text
    offered = re.findall(r'<button class="choice" name="how" value="(\w+)" aria-pressed="(\w+)">', page)
    assert offered[0] == (SHARE, "true")
    assert {name for name, pressed in offered[1:] if pressed == "false"} == set(BY_DATES)
    assert 'id="f-share"' in page
    secured = (await pages(await api.owner()).get("/?on=collateral&how=equal_instalments")).text
    assert 'name="how"' not in secured and 'id="f-share"' in secured


@pytest.mark.parametrize("how", BY_DATES)
async def test_a_kind_is_reckoned_by_its_own_instalments_as_the_interface_reckons_it(
    api: Any, pages: Any, how: str
) -> None:
    owner = await api.owner()
    page = (await pages(owner).get(f"/?{WISH}&how={how}")).text
    money = {"amount": yuan(60_000), "monthly_revenue": yuan(80_000)}
    said = await owner.post("/v1/simulations", {**money, "months": 6, "share": "0.12", "product_id": how})
    assert said.status_code == 200, said.text
    normal = next(one for one in said.json()["weathers"] if one["kind"] == "normal")
    due = [int(re.sub(r"\D", "", row["payment"]["amount"])) for row in normal["rows"]]
    assert amounts(page) == due and len(due) == 6
    assert 'id="f-share"' not in page, "nothing is shared, so no share is asked for"
    assert ("这里先按每月一样重来算" in page) is (how == "seasonal_instalments")
    assert hidden(page, 'class="simulator"')["how"] == how


async def test_an_amount_beyond_the_chosen_kind_is_said_beside_its_field_and_nothing_is_begun_with_it(
    api: Any, pages: Any
) -> None:
    page = pages(await allowed(await api.owner()))
    beyond = "amount=150000&months=12&share=12&revenue=80000&how=interest_first"
    assert 'id="e-amount"' in (await page.get(f"/?{beyond}")).text
    assert 'id="e-amount"' not in (await page.get(f"/?{beyond.replace('interest_first', SHARE)}")).text
    sent = await page.get(f"/apply/identity?{beyond}")
    assert sent.status_code == 303 and "how=interest_first" in sent.headers["location"]


@pytest.mark.parametrize("how", ["revolving_line", "collateral_backed", "none<of>ours"])
async def test_a_kind_that_is_not_offered_is_a_share_of_sales(api: Any, pages: Any, how: str) -> None:
    page = await pages(await api.owner()).get("/", params={"how": how})
    assert page.status_code == 200
    assert hidden(page.text, 'class="simulator"')["how"] == SHARE


async def test_the_choice_goes_through_the_draft_into_the_application(api: Any, pages: Any, listening: None) -> None:
    owner = await allowed(await api.owner())
    page = pages(owner)
    gone = await page.get(f"/apply?{WISH}&how=equal_instalments")
    first = await page.get(gone.headers["location"])
    form = hidden(first.text, 'id="identity"')
    assert form["how"] == "equal_instalments" and "等额分期贷" in first.text
    kept = await page.post("/apply/draft", data={**form, "key": uuid4().hex})
    assert kept.status_code == 303
    again = hidden((await page.get("/apply/identity")).text, 'id="identity"')
    assert again["how"] == "equal_instalments"
    sent = await page.post("/apply/identity", data={**again, **TYPED, "key": uuid4().hex})
    (begun,) = (await owner.get("/v1/applications")).json()["items"]
    assert begun["product_id"] == "equal_instalments", sent.text[:200]


async def test_whoever_chose_by_dates_and_then_a_share_of_sales_gets_the_share(
    api: Any, pages: Any, listening: None
) -> None:
    owner = await allowed(await api.owner())
    page = pages(owner)
    await page.post("/apply/draft", data={"key": uuid4().hex, "how": "interest_first", "draft_version": "0"})
    form = hidden((await page.get(f"/apply/identity?{WISH}&how={SHARE}")).text, 'id="identity"')
    assert form["how"] == SHARE
    await page.post("/apply/identity", data={**form, **TYPED, "key": uuid4().hex})
    (begun,) = (await owner.get("/v1/applications")).json()["items"]
    assert begun["product_id"] == SHARE


async def test_what_pays_off_a_loan_keeps_the_kind_of_that_loan(api: Any, pages: Any) -> None:
    owner = await allowed(await api.owner())
    page = pages(owner)
    await page.post("/apply/draft", data={"key": uuid4().hex, "how": "interest_first", "draft_version": "0"})
    seen = (await page.get(f"/apply/identity?renews={uuid4()}")).text
    assert "先息后本贷" not in seen


async def test_the_product_page_leads_to_each_kind_by_dates(api: Any, pages: Any) -> None:
    page = (await pages(await api.owner()).get("/product")).text
    assert set(re.findall(r'href="/\?how=(\w+)"', page)) == set(BY_DATES)
