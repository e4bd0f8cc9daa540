"""Lines through the API: one's own only, and two persons where the limit's tier takes two (P16)."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from lending.line import CLAUSES
from lending.offers import terms_hash, terms_of
from lending.terms import canonical
from tests.api.test_signing import offered

HIGH, LOW = 25_000_000, 8_000_000
REDUCE = {"act": "reduce", "clause": "L1", "reason": "收入下降", "limit": {"amount": "30000.00", "currency": "CNY"}}
Make = Callable[..., Awaitable[tuple[Any, UUID]]]


@pytest.fixture
def line(api: Any, begun: Any, database: Any) -> Make:
    """Makes a line of some limit for a signed-in owner: (owner, line). Nobody runs its workflow here."""

    async def make(limit_minor: int, of: tuple[Any, UUID] = begun) -> tuple[Any, UUID]:
        owner, application_id = of
        await offered(api, database, application_id)
        product = api.tools.policies.product("revolving_line")
        terms = terms_of(product, amount_minor=limit_minor, months=12, share=Decimal("0.12"))
        line_id, firm = uuid4(), uuid4()
        clauses = "{" + ",".join(sorted(CLAUSES)) + "}"
        database.execute(
            f"insert into firm (id, person_id, kind, name_sealed, created_at) select '{firm}', person_id, "
            f"'self_employed', '', now() from application where id = '{application_id}'",
            f"insert into credit_line (id, application_id, person_id, firm_id, account_id, product_id, policy_version, "
            f"currency, signed_limit_minor, limit_minor, revolving, annual_rate, terms, terms_hash, clauses, state, "
            f"opened_on, expires_on, review_on, fresh_until, changed_at) select '{line_id}', id, person_id, '{firm}', "
            f"bank_account_id, 'revolving_line', 'v', 'CNY', {limit_minor}, {limit_minor}, true, 0.073, "
            f"'{canonical(terms)}', '{terms_hash(terms)}', '{clauses}', 'open', '2026-01-01', '2099-01-01', "
            f"'2099-01-02', '2099-01-01', now() from application where id = '{application_id}'",
            f"update decision set basis = '{{\"series\": 12000000}}' where application_id = '{application_id}'",
        )
        return owner, line_id

    return make


async def states(api: Any, line_id: UUID) -> list[str]:
    """The proposals of a line, oldest first."""
    async with api.tools.sessions.begin(scope="worker") as session:
        found = await session.scalars(
            text("select state from line_proposal where line_id = :id order by made_at"), {"id": line_id}
        )
        return list(found)


async def test_a_line_is_seen_by_its_owner_alone(api: Any, line: Make) -> None:
    owner, line_id = await line(LOW)
    seen = (await owner.get(f"/v1/lines/{line_id}")).json()
    assert (seen["available"]["amount"], seen["drawn"]["amount"]) == ("80000.00", "0.00")
    stranger = await api.owner()
    amount = {"amount": {"amount": "1000.00", "currency": "CNY"}}
    for answer in (
        await stranger.get(f"/v1/lines/{line_id}"),
        await stranger.post(f"/v1/lines/{line_id}/draw-quotes", amount),
        await stranger.post(f"/v1/lines/{line_id}/draws", amount),
        await stranger.post(f"/v1/lines/{line_id}/review"),
    ):
        assert answer.status_code == 404


async def test_i1_a_draws_cost_is_told_before_the_tap_and_its_rate_is_the_lines(line: Make) -> None:
    owner, line_id = await line(LOW)
    body = {"amount": {"amount": "20000.00", "currency": "CNY"}}
    seen = (await owner.post(f"/v1/lines/{line_id}/draw-quotes", body)).json()
    assert seen["annual_rate"] == "0.073"
    assert float(seen["total"]["amount"]) == pytest.approx(20_000 + float(seen["interest"]["amount"]))
    assert seen["available_after"]["amount"] == "60000.00"
    over = await owner.post(f"/v1/lines/{line_id}/draw-quotes", {"amount": {"amount": "80100.00", "currency": "CNY"}})
    assert (over.status_code, over.json()["code"]) == (422, "above_available")


async def test_a_customers_page_shows_the_line_and_leads_to_it(api: Any, pages: Any, line: Make) -> None:
    owner, line_id = await line(LOW)
    application_id = (await owner.get(f"/v1/lines/{line_id}")).json()["application_id"]
    here = f"/manager/customers/{application_id}"
    seen = await pages(await api.staff("manager")).get(here)
    assert seen.status_code == 200, seen.text
    assert "¥80,000.00 of ¥80,000.00 to draw" in seen.text
    assert f'href="/desk/lines/{line_id}"' in seen.text


LISTED = "发票号码,开票日期,销售方名称,价税合计\n24332000000001,2026-11-01,盛源粮油批发有限公司,35000.00\n".encode()


async def test_p14_the_draw_page_takes_a_seller_with_the_invoices_that_ask_for_it(
    api: Any, pages: Any, line: Make, database: Any
) -> None:
    owner, line_id = await line(LOW)
    mine = pages(owner)
    application_id = (await owner.get(f"/v1/lines/{line_id}")).json()["application_id"]
    database.execute(
        f"update application set firm_id = (select firm_id from credit_line where id = '{line_id}') "
        f"where id = '{application_id}'"
    )
    assert "先同意我们读您的发票" in (await mine.get(f"/lines/{line_id}")).text
    said = {"key": uuid4().hex, "payee_name": "盛源粮油批发有限公司", "account": "6222021001112223331"}
    files = [("files", ("发票.csv", LISTED))]
    refused = await mine.post(f"/lines/{line_id}/payee", data=said, files=files)
    assert (refused.status_code, refused.headers["location"]) == (303, "/privacy#consents")
    texts = (await owner.get("/v1/consents")).json()["items"]
    words = next(one["text_hash"] for one in texts if one["purpose"] == "invoices_analysis")
    await owner.post("/v1/consents", {"purpose": "invoices_analysis", "text_hash": words})
    without = await mine.post(f"/lines/{line_id}/payee", data={**said, "key": uuid4().hex, "account": "12"})
    assert without.status_code == 422
    assert 'id="e-files"' in without.text and said["payee_name"] in without.text
    named = await mine.post(f"/lines/{line_id}/payee", data={**said, "key": uuid4().hex}, files=files)
    assert (named.status_code, named.headers["location"]) == (303, f"/lines/{line_id}#payee")
    assert "正在和发票核对卖方名称" in (await mine.get(f"/lines/{line_id}")).text
    async with api.tools.sessions.begin(scope="worker") as session:
        start, holds = (
            await session.execute(
                text(
                    "select c.start->>'file_id' = f.id::text, f.holds from command c, statement_file f "
                    "where c.workflow_type = 'Payee' and f.application_id = :id"
                ),
                {"id": application_id},
            )
        ).one()
    assert (start, holds) == (True, "invoices"), "the story of the seller reads the list that came with the name"
    dropped = await mine.post(f"/lines/{line_id}/payee/drop", data={"key": uuid4().hex})
    assert dropped.status_code == 303
    assert "正在和发票核对" not in (await mine.get(f"/lines/{line_id}")).text


async def test_the_home_after_signing_in_shows_what_can_be_drawn(api: Any, pages: Any, line: Make) -> None:
    owner, line_id = await line(LOW)
    home = (await pages(owner).get("/progress")).text
    assert "可用 ¥80,000.00，共 ¥80,000.00" in home
    assert f'href="/lines/{line_id}"' in home


async def test_p16_above_a_limit_a_change_takes_a_second_person_who_is_not_the_first(api: Any, line: Make) -> None:
    _, line_id = await line(HIGH)
    maker = await api.staff("officer", employee="3001")
    same, other = await api.staff("officer", employee="3001"), await api.staff("officer", employee="3002")
    asked = await maker.post(f"/v1/desk/lines/{line_id}/changes", REDUCE)
    assert asked.status_code == 200, asked.text
    assert asked.json()["proposal"]["act"] == "reduce"
    again = await other.post(f"/v1/desk/lines/{line_id}/changes", REDUCE)
    assert (again.status_code, again.json()["code"]) == (409, "move_open")
    for login in (maker, same):
        no = await login.post(f"/v1/desk/lines/{line_id}/proposal", {"allow": True})
        assert (no.status_code, no.json()["code"]) == (409, "needs_two_people")
    assert (await api_line(api, line_id))["state"] == "open"
    assert (await other.post(f"/v1/desk/lines/{line_id}/proposal", {"allow": False})).status_code == 200
    assert await states(api, line_id) == ["refused"]
    await maker.post(f"/v1/desk/lines/{line_id}/changes", REDUCE)
    allowed = await other.post(f"/v1/desk/lines/{line_id}/proposal", {"allow": True})
    assert allowed.status_code in (200, 202), allowed.text  # its workflow does not run here: the command is stored
    assert await states(api, line_id) == ["refused", "applied"]


async def api_line(api: Any, line_id: UUID) -> Any:
    async with api.tools.sessions.begin(scope="worker") as session:
        row = await session.execute(text("select state, limit_minor from credit_line where id = :id"), {"id": line_id})
        return row.mappings().one()


async def test_p16_a_freeze_takes_one_person_at_once_and_so_does_any_change_of_a_small_line(
    api: Any, line: Make
) -> None:
    _, high = await line(HIGH)
    officer = await api.staff("officer")
    freeze = {"act": "freeze", "clause": "L3", "reason": "异地大额"}
    assert "command_id" in (await officer.post(f"/v1/desk/lines/{high}/changes", freeze)).json()
    assert await states(api, high) == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"act": "freeze", "clause": "", "reason": "只是不放心"}, "clause_not_signed"),
        ({"act": "close", "clause": "L1", "reason": "不想做了"}, "clause_not_signed"),
        ({"act": "call", "clause": "L2", "reason": "要求提前归还"}, "clause_not_signed"),
        ({"act": "reopen", "reason": "没有变化"}, "line_stays"),
        ({"act": "freeze", "clause": "L3", "reason": "先停，下次给您年化3%"}, "rate_in_words"),
    ],
)
async def test_p16_what_no_signed_clause_allows_is_refused_before_anything_is_written(
    api: Any, line: Make, said: dict[str, Any], code: str
) -> None:
    _, line_id = await line(LOW)
    answer = await (await api.staff("officer")).post(f"/v1/desk/lines/{line_id}/changes", said)
    assert answer.json()["code"] == code
    assert await states(api, line_id) == []
