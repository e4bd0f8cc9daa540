"""Other terms while offers stand: what would be declined is refused at the door, and the offers stay on the table."""

import json
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from lending.offers import terms_hash, terms_of
from lending.terms import canonical
from lending.verdicts import Ratios

RATIOS = json.dumps(asdict(Ratios(months_of_history=13, monthly_net_revenue_minor=5_000_000)))


@pytest.fixture
async def offered(begun: Any, database: Any) -> tuple[Any, UUID]:
    """An owner with a machine's yes over ¥125,000 (grade B: two and a half months of net sales of ¥50,000)."""
    owner, application_id = begun
    database.execute(verdict(application_id), f"update application set stage = 'offered' where id = '{application_id}'")
    return owner, application_id


def verdict(
    application_id: UUID, *, by: str = "model", limit: int = 12_500_000, reasons: str = "[]", n: int = 1
) -> str:
    return (
        f"insert into decision (id, application_id, person_id, n, outcome, reasons, limit_minor, pd, grade, "
        f"confidence, features, ratios, policy_version, decided_by, decided_at) "
        f"select '{uuid4()}', id, person_id, {n}, 'approve', '{reasons}', {limit}, 0.03, 'B', 0.9, '{{}}', '{RATIOS}', "
        f"'v', '{by}', now() from application where id = '{application_id}'"
    )


def terms(amount: str, months: int) -> dict[str, Any]:
    return {"terms": {"amount": {"amount": amount, "currency": "CNY"}, "months": months, "share": "0.12"}}


async def test_an_amount_that_would_be_declined_is_refused_and_the_offers_stay(offered: Any) -> None:
    owner, application_id = offered
    path = f"/v1/applications/{application_id}"
    before = (await owner.get(path)).json()
    answer = await owner.post(f"{path}/submit", terms("200000.00", 12))
    assert (answer.status_code, answer.json()["code"]) == (422, "amount_out_of_range")
    assert answer.json()["params"]["highest_minor"] == 11_470_000, "what a year of a fifth of the sales repays"
    after = (await owner.get(path)).json()
    assert (after["stage"], after["amount"], after["version"]) == ("offered", before["amount"], before["version"])


async def test_a_term_too_short_for_the_sales_is_refused_with_the_amount_that_fits_it(offered: Any) -> None:
    owner, application_id = offered
    answer = await owner.post(f"/v1/applications/{application_id}/submit", terms("80000.00", 3))
    assert answer.json()["code"] == "amount_out_of_range"
    assert 2_500_000 < answer.json()["params"]["highest_minor"] < 3_000_000


async def test_an_amount_that_a_person_would_look_at_may_be_asked_for(offered: Any) -> None:
    owner, application_id = offered
    assert (await owner.post(f"/v1/applications/{application_id}/submit", terms("110000.00", 24))).status_code == 200


async def test_what_a_person_approved_is_the_most_that_may_be_asked_for(begun: Any, database: Any) -> None:
    owner, application_id = begun
    database.execute(
        verdict(application_id, by=str(uuid4()), limit=6_000_000),
        f"update application set stage = 'offered' where id = '{application_id}'",
    )
    answer = await owner.post(f"/v1/applications/{application_id}/submit", terms("70000.00", 12))
    assert answer.json()["params"]["highest_minor"] == 6_000_000


async def test_another_amount_than_was_asked_for_is_called_approved_and_the_person_is_quoted(
    api: Any, begun: Any, database: Any
) -> None:
    owner, application_id = begun
    said = {"asked_minor": "12000000", "amount_minor": "8000000", "words": "旺季刚过"}
    reasons = json.dumps([{"code": "person_approved_other", "params": said}], ensure_ascii=False)
    product = next(iter(api.tools.policies.products.values()))
    plan = terms_of(product, amount_minor=8_000_000, months=12, share=Decimal("0.12"))
    projection = json.dumps({"shape": "as_asked", "monthly_net_revenue_minor": 9_000_000, "as_of": "2026-11-21"})
    database.execute(
        verdict(application_id, by=str(uuid4()), limit=8_000_000, reasons=reasons),
        f"insert into offer (id, application_id, person_id, decision_id, n, terms, terms_hash, projection, expires_at) "
        f"select '{uuid4()}', d.application_id, d.person_id, d.id, 1, '{canonical(plan)}', '{terms_hash(plan)}', "
        f"'{projection}', now() + interval '7 days' from decision d where d.application_id = '{application_id}'",
    )
    offers = (await owner.get(f"/v1/applications/{application_id}/offers")).json()["items"]
    assert [offer["shape"] for offer in offers] == ["as_approved"]
    told = (await owner.get(f"/v1/applications/{application_id}/decision")).json()
    assert "¥120,000.00" in told["reasons"][0]["text"]
    assert "旺季刚过" in told["reasons"][0]["text"]
    assert told["decided_by"] == "person"


async def test_everything_that_is_wrong_with_a_wish_is_told_at_once(api: Any) -> None:
    wish = {"amount": {"amount": "9000000.00"}, "months": 99, "share": "0.90", "monthly_revenue": {"amount": "0.00"}}
    answer = await api.client().post("/v1/simulations", json=wish)
    assert answer.status_code == 422
    told = {one["pointer"]: one["detail"] for one in answer.json()["errors"]}
    assert set(told) == {"#/amount", "#/months", "#/share", "#/monthly_revenue"}
    assert "¥300,000.00" in told["#/amount"]
    alone = await api.client().post("/v1/simulations", json={**wish, "months": 12, "share": "0.1",
                                                            "monthly_revenue": {"amount": "60000.00"}})  # fmt: skip
    assert alone.json()["code"] == "amount_out_of_range", "one thing alone is the refusal that says so"
