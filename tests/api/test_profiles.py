"""Each kind of applicant is asked what its profile says, in every channel, and paid to the account that is its own."""

from typing import Any

import pytest
from sqlalchemy import text

from lending.profiles import DEPENDS
from tests.api.test_commands import IDENTITY
from tests.api.test_draft_pages import allowed
from tests.api.test_drafts import Erp, save

FIRMS = "1203001209000123456"
COMPANY = IDENTITY | {"kind": "company", "capacity": "legal_representative", "account_number": FIRMS}


async def said(api: Any, application_id: Any) -> Any:
    async with api.tools.sessions.begin(scope="worker") as session:
        row = await session.execute(
            text(
                "select f.kind, f.capacity, f.licence_sealed is not null as licensed, b.firm_id = f.id as firms "
                "from application a join firm f on f.id = a.firm_id join bank_account b on b.id = a.bank_account_id "
                "where a.id = :id"
            ),
            {"id": application_id},
        )
        return tuple(row.one())


@pytest.mark.parametrize(
    ("sent", "field", "code"),
    [
        ({"account_number": IDENTITY["account_number"]}, "account_number", "firms_account"),
        ({"capacity": None}, "capacity", "missing"),
        ({"capacity": "king"}, "capacity", "missing"),
        ({"licence": None}, "licence", "missing"),
    ],
)
async def test_a_company_names_who_speaks_its_licence_and_its_own_account(
    begun: Any, at_stage: Any, sent: dict[str, Any], field: str, code: str
) -> None:
    owner, application_id = begun
    at_stage(application_id, "identity")
    answer = await owner.post(f"/v1/applications/{application_id}/identity", COMPANY | sent)
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(f"#/{field}", code)]


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (COMPANY, ("company", "legal_representative", True, True)),
        (COMPANY | {"capacity": "agent"}, ("company", "agent", True, True)),
        (IDENTITY, ("sole_trader", "operator", True, None)),
        (IDENTITY | {"kind": "self_employed"}, ("self_employed", "operator", False, None)),
    ],
)
async def test_what_a_kind_is_not_asked_for_is_not_kept_and_a_companys_account_is_the_firms(
    api: Any, begun: Any, at_stage: Any, body: dict[str, str], kept: tuple[Any, ...]
) -> None:
    owner, application_id = begun
    at_stage(application_id, "identity")
    answer = await owner.post(f"/v1/applications/{application_id}/identity", body)
    assert answer.status_code == 200, answer.text
    assert await said(api, application_id) == kept


async def test_all_three_channels_ask_the_same_of_each_kind(api: Any, pages: Any) -> None:
    for kind, asked in (
        ("company", DEPENDS),
        ("sole_trader", DEPENDS - {"capacity"}),
        ("self_employed", frozenset[str]()),
    ):
        owner, manager, erp = await api.owner(), await api.staff("manager"), Erp(api)
        mine = await save(owner, {"kind": kind})
        theirs = await manager.get(f"/v1/manager/drafts/{mine.json()['id']}")
        partners = await erp.read(owner.name)
        assert partners is not None
        for fields in (mine.json()["asked"], theirs.json()["asked"], partners.asked):
            assert set(fields) & DEPENDS == asked
    for words, path in ((await allowed(owner), "/apply/identity"),):
        page = (await pages(words).get(path)).text
        assert '<div class="asked company sole_trader">' in page and '<div class="asked company">' in page
