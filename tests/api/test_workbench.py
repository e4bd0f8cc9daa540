"""The manager's workbench: clocks, the day, the book, whose customer somebody is, and what may be told (P33, B7)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from db import clocks
from db.tables import Application, Audit, CustomerManager, Notice, Quote, Staff
from infra.phrases import BEIJING

PRODUCT = "revenue_linked_working_capital"
IDENTITY = {
    "kind": "self_employed",
    "name": "王小明",
    "id_number": "11010519491231002X",
    "account_number": "622202123456789",
}


async def staff_id(api: Any, person: Any) -> str:
    async with api.tools.sessions.begin(scope="worker") as session:
        return str((await session.scalars(select(Staff.id).where(Staff.login == person.name))).one())


async def came(api: Any, wanted: Any, at_stage: Any, via: str | None = None) -> tuple[Any, UUID]:
    """An owner who came by a code (or none) and said who they are."""
    owner = await api.owner()
    begun = await owner.post("/v1/applications", wanted | ({"via": via} if via else {}))
    assert begun.status_code == 201, begun.text
    application_id = UUID(begun.json()["object_id"])
    at_stage(application_id, "identity")
    said = await owner.post(f"/v1/applications/{application_id}/identity", IDENTITY)
    assert said.status_code == 200, said.text
    return owner, application_id


@pytest.fixture
async def mine(api: Any, listening: None, wanted: Any, at_stage: Any) -> tuple[Any, Any, UUID]:
    """(the manager, their customer by the code, the application)."""
    mei = await api.staff("manager")
    code = (await mei.get("/v1/manager/code")).json()["code"]
    owner, application_id = await came(api, wanted, at_stage, code)
    return mei, owner, application_id


def a_task(database: Any, application_id: UUID, *, minutes: int, gone: float, **more: str) -> UUID:
    """An open review of so many minutes in all, of which a part is gone."""
    task, passed = uuid4(), round(minutes * gone, 2)
    reasons = {"reasons": [{"code": "above_automatic_limit", "params": {"limit_minor": "1"}}]}
    columns = {"kind": "'review'", "params": f"'{json.dumps(reasons)}'", **more}
    database.execute(
        f"insert into task (id, application_id, person_id, role, state, created_at, due_at, {', '.join(columns)}) "
        f"values ('{task}', '{application_id}', (select person_id from application where id = '{application_id}'), "
        f"'manager', 'open', now() - interval '{passed} minutes', now() + interval '{minutes - passed} minutes', "
        f"{', '.join(columns.values())})"
    )
    return task


async def test_p33_the_inbox_shows_every_kind_with_its_clock_and_what_burns_on_top(
    api: Any, mine: Any, database: Any
) -> None:
    mei, _, application_id = mine
    calm, late, remind = (a_task(database, application_id, minutes=600, gone=gone) for gone in (0.1, 1.2, 0.8))
    visit = {"kind": "'visit'", "params": f"""'{json.dumps({"why": "rule", "words": "", "kept_until": "x"})}'"""}
    outside = a_task(database, application_id, minutes=6000, gone=0.5, **visit)
    found = (await mei.get("/v1/manager/clocks")).json()["items"]
    cards = {one["id"]: one for one in found}
    states = [(cards[str(one)]["burn"], one) for one in (late, remind, calm, outside)]
    assert [burn for burn, _ in states] == ["late", "remind", "calm", "calm"]
    order = [one["id"] for one in found if one["number"] == cards[str(late)]["number"]]
    assert order == [str(one) for one in (late, remind, calm, outside)]
    assert cards[str(remind)]["spent"] == "0.8" and cards[str(late)]["customer"].startswith("王小明")
    assert cards[str(outside)]["kind"] == "visit" and all(one["mine"] for one in cards.values())
    lan = await api.staff("manager")
    theirs = {one["id"] for one in (await lan.get("/v1/manager/clocks")).json()["items"]}
    everybodys = {one["id"] for one in (await lan.get("/v1/manager/clocks?whose=all")).json()["items"]}
    assert str(late) not in theirs and str(late) in everybodys
    assert (await lan.get("/v1/manager/clocks?whose=x")).status_code == 422


async def test_p33_my_day_says_where_to_be_whom_to_call_and_when_i_am_away(
    api: Any, mine: Any, database: Any, pages: Any
) -> None:
    mei, owner, application_id = mine
    params = json.dumps({"why": "rule", "words": "", "kept_until": "x"})
    task = a_task(database, application_id, minutes=6000, gone=0.1, kind="'visit'", params=f"'{params}'")
    tomorrow = datetime.now(BEIJING).date() + timedelta(days=1)
    database.execute(f"update task set slot_at = '{tomorrow.isoformat()} 10:00+08', way = 'video' where id = '{task}'")
    await owner.post("/v1/help/misses", {"asked": "我要和人说话，请给我打电话"})
    seen = (await mei.get(f"/v1/manager/day?on={tomorrow.isoformat()}")).json()
    (stop,) = seen["items"]
    assert (stop["id"], stop["kind"], stop["way"]) == (str(task), "visit", "video")
    assert datetime.fromisoformat(stop["at"]).astimezone(BEIJING).hour == 10 and stop["phone"] == owner.name
    assert (await mei.get("/v1/manager/day")).json()["items"] == []
    lan = await staff_id(api, await api.staff("manager"))
    leave = {"first": tomorrow.isoformat(), "last": (tomorrow + timedelta(days=1)).isoformat(), "deputy_id": lan}
    await mei.post("/v1/manager/leaves", leave)
    assert tomorrow.isoformat() in (await mei.get("/v1/manager/day")).json()["away"]
    page = await pages(mei).get(f"/manager/day?on={tomorrow.isoformat()}")
    assert page.status_code == 200 and "10:00" in page.text and f"/manager/offline/{task}" in page.text


@pytest.fixture
def lent(database: Any, numbers: Any) -> Any:
    """Gives an application a live loan that ends in so many days, so long after its payout."""

    def make(application_id: UUID, *, ends_in: int, lived: int, late: int = 0) -> UUID:
        loan, bank = uuid4(), uuid4()
        person = f"(select person_id from application where id = '{application_id}')"
        today = f"date '{datetime.now(BEIJING).date().isoformat()}'"
        database.execute(
            f"insert into bank_account (id, person_id, number_sealed, number_index, masked, created_at) values "
            f"('{bank}', {person}, '', '\\x{uuid4().hex}', '**** 0128', now())",
            f"insert into loan (id, application_id, person_id, firm_id, product_id, policy_version, jurisdiction, "
            f"currency, principal_minor, annual_rate, day_count, share, months, terms, terms_hash, rate_units, "
            f"units_per_minor, share_ppm, window_months, windows, grace_days, shard, account_id, account_index, state, "
            f"created_at, live_on, matures_on) values ('{loan}', '{application_id}', {person}, "
            f"(select firm_id from application where id = '{application_id}'), 'p', 'v', 'CN', 'CNY', 5000000, 0.073, "
            f"'ACT/365', 0.1, 12, '{{}}', 'h', 1, 1, 1, 3, 8, 3, 0, '{bank}', '\\x00', 'live', now(), "
            f"{today} - {lived}, {today} + {ends_in})",
            f"insert into loan_balance (loan_id, as_of, principal_minor, accrued_units, interest_paid_minor, "
            f"paid_minor, carry_minor, uncollected_minor, in_flight_minor, windows_passed, past_due_minor, "
            f"days_past_due, status) "
            f"values ('{loan}', {today}, 4200000, 0, 0, 800000, 0, 0, 0, 1, {late * 10_000}, {late}, 'as_agreed')",
        )
        return loan

    return make


async def test_p33_my_book_has_ends_at_60_30_and_7_days_checks_that_are_due_and_who_is_late(
    api: Any, listening: None, wanted: Any, at_stage: Any, lent: Any, pages: Any
) -> None:
    mei = await api.staff("manager")
    code = (await mei.get("/v1/manager/code")).json()["code"]
    plan = {"far": (200, 10, 0), "sixty": (55, 20, 0), "thirty": (30, 10, 0), "seven": (6, 45, 0), "late": (180, 5, 9)}
    loans: dict[str, str] = {}
    for name, (ends_in, lived, late) in plan.items():
        _, application_id = await came(api, wanted, at_stage, code)
        loans[name] = str(lent(application_id, ends_in=ends_in, lived=lived, late=late))
    book = (await mei.get("/v1/manager/book")).json()
    held = {loan["loan_id"]: loan for one in book["customers"] for loan in one["loans"]}
    bands = {name: held[loan]["band"] for name, loan in loans.items()}
    assert bands == {"far": None, "sixty": 60, "thirty": 30, "seven": 7, "late": None}
    order = [one["loans"][0]["loan_id"] for one in book["customers"]]
    assert order[:2] == [loans["late"], loans["seven"]], "who is late first, then the check that is late"
    assert (held[loans["late"]]["days_past_due"], held[loans["late"]]["past_due"]["amount"]) == (9, "900.00")
    assert held[loans["seven"]]["check_late"] and held[loans["sixty"]]["check_open"]
    assert not held[loans["far"]]["check_open"], "P28: the first look is due 30 days after the payout"
    where = f"/v1/manager/book/loans/{loans['seven']}/check"
    said = {"result": "watch", "words": "店里货少了一半，说是淡季"}
    done = await mei.post(where, said)
    assert done.status_code == 200, done.text
    after = {loan["loan_id"]: loan for one in done.json()["customers"] for loan in one["loans"]}[loans["seven"]]
    assert (after["check_late"], after["last_result"]) == (False, "watch")
    assert after["check_due_on"] > held[loans["seven"]]["check_due_on"]
    assert (await mei.post(where, said)).json()["code"] == "review_closed"
    page = await pages(mei).get("/manager/book")
    assert page.status_code == 200 and f"/manager/book/loans/{loans['sixty']}" in page.text


async def test_p33_a_customer_is_handed_over_with_what_is_open_and_is_told_who_it_is(
    api: Any, mine: Any, database: Any
) -> None:
    mei, owner, application_id = mine
    lan = await api.staff("manager")
    me, her = await staff_id(api, mei), await staff_id(api, lan)
    task = a_task(database, application_id, minutes=600, gone=0.1, owner_id=f"'{me}'")
    where = f"/v1/manager/customers/{application_id}/hand-over"
    assert (await lan.post(where, {"to": her})).status_code == 404, "only whoever has the customer"
    assert (await mei.post(where, {"to": str(uuid4())})).status_code == 422
    moved = await mei.post(where, {"to": her})
    assert moved.status_code == 200 and moved.json() == {"to": "员工", "tasks": 1}
    theirs = next(one for one in (await lan.get("/v1/manager/clocks")).json()["items"] if one["id"] == str(task))
    assert theirs["mine"] and theirs["handed_from"] == "员工"
    assert application_id.hex not in json.dumps((await mei.get("/v1/manager/book")).json()).replace("-", "")
    (held,) = (await lan.get("/v1/manager/book")).json()["customers"]
    assert (held["application_id"], held["source"]) == (str(application_id), "handed_over")
    story = (await owner.get(f"/v1/applications/{application_id}/timeline")).json()["happened"]
    assert any(one["kind"] == "manager_changed" and "员工" in one["text"] for one in story)
    async with api.tools.sessions.begin(scope="worker") as session:
        sent = (await session.scalars(select(Notice).where(Notice.kind == "manager_changed"))).all()
        assert [one.application_id for one in sent if one.application_id == application_id] == [application_id]


async def test_b7_a_quote_is_made_from_the_catalogue_alone_and_kept_with_its_hash(api: Any) -> None:
    mei = await api.staff("manager")
    (first, *_) = (await mei.get("/v1/manager/catalogue")).json()["items"]
    ask = {
        "product_id": first["product_id"],
        "amount": {"amount": "80000.00"},
        "months": 12,
        "share": "0.12",
        "monthly_revenue": {"amount": "60000.00"},
        "annual_rate": first["rates"][0],
    }
    told = await mei.post("/v1/manager/quotes", ask)
    assert told.status_code == 200, told.text
    said = told.json()
    public = ask | {"annual_rate": first["rates"][0]}
    shop = (await api.client().post("/v1/simulations", json=public)).json()
    usual = next(one for one in shop["weathers"] if one["kind"] == "normal")
    assert (said["total"], said["finish_on"]) == (usual["total"], usual["finish_on"]), "one engine, one figure"
    async with api.tools.sessions.begin(scope="worker") as session:
        kept = await session.get_one(Quote, UUID(said["id"]))
        assert (kept.state, kept.facts_sha256) == ("given", said["facts_sha256"])


async def test_b7_a_rate_outside_the_catalogue_is_refused_logged_and_listed_for_the_desk(api: Any, pages: Any) -> None:
    mei, chen = await api.staff("manager"), await api.staff("officer")
    ask = {
        "product_id": PRODUCT,
        "amount": {"amount": "150000.00"},
        "months": 12,
        "share": "0.12",
        "monthly_revenue": {"amount": "60000.00"},
        "annual_rate": "0.05",
    }
    no = await mei.post("/v1/manager/quotes", ask)
    assert (no.status_code, no.json()["code"]) == (422, "rate_outside_catalogue")
    assert "5%" in no.json()["detail"] and "随收贷" in no.json()["detail"]
    me = await staff_id(api, mei)
    async with api.tools.sessions.begin(scope="worker") as session:
        row = (await session.scalars(select(Audit).where(Audit.action == "quote.refused"))).all()[-1]
        assert (row.actor, row.detail["annual_rate"]) == (f"staff:{me}", "0.05")
    tried = (await chen.get("/v1/desk/quotes")).json()["items"][0]
    assert (tried["annual_rate"], tried["amount"]["amount"], tried["who"]) == ("0.05", "150000.00", "员工")
    assert "0.05" not in tried["rates"]
    assert (await mei.get("/v1/desk/quotes")).status_code == 404, "who tried does not keep the list"
    assert "5%" in (await pages(chen).get("/desk/quotes")).text
    room = pages(mei)
    form = await room.get("/manager/catalogue")
    hidden = {name: form.text.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf", "key")}
    typed = {"product": PRODUCT, "amount": "80000", "months": "12", "share": "12", "revenue": "60000", "rate": "3"}
    page = await room.post("/manager/catalogue", data=hidden | typed)
    assert page.status_code == 422 and "no annual rate of 3%" in page.text


async def test_p33_a_managers_code_leads_to_a_page_and_into_the_application(
    api: Any, listening: None, wanted: Any, at_stage: Any, pages: Any
) -> None:
    mei = await api.staff("manager")
    code = (await mei.get("/v1/manager/code")).json()
    assert code["url"].endswith(f"/m/{code['code']}")
    page = await pages(mei).get("/manager/code")
    assert "<path" in page.text and code["url"] in page.text
    visitor = api.client()
    welcome = await pages(mei).get(f"/m/{code['code']}", follow_redirects=False)
    assert welcome.status_code == 200 and "员工" in welcome.text
    assert f"via={code['code']}" in welcome.headers["set-cookie"] and "HttpOnly" in welcome.headers["set-cookie"]
    owner, application_id = await came(api, wanted, at_stage, code["code"])
    async with api.tools.sessions.begin(scope="worker") as session:
        application = await session.get_one(Application, application_id)
        given = (
            await session.scalars(select(CustomerManager).where(CustomerManager.person_id == application.person_id))
        ).one()
        assert (application.manager_code, given.source) == (code["code"], "qr")
        assert str(given.staff_id) == await staff_id(api, mei)
    story = (await owner.get(f"/v1/applications/{application_id}/timeline")).json()["happened"]
    assert any(one["kind"] == "manager_given" for one in story)
    assert (await mei.get("/v1/manager/code")).json()["applications"] == 1
    another = (await mei.post("/v1/manager/code")).json()["code"]
    assert another != code["code"]
    for dead in (code["code"], "a" * 10, "../etc"):
        assert (await visitor.get(f"/v1/managers/{dead}")).status_code == 404
    _, unknown = await came(api, wanted, at_stage, code["code"])
    async with api.tools.sessions.begin(scope="worker") as session:
        assert (await session.get_one(Application, unknown)).manager_code is None


async def test_p33_without_a_code_the_territory_says_whose_customer_somebody_is(
    api: Any, listening: None, wanted: Any, at_stage: Any, database: Any
) -> None:
    mei, lan, chen = await api.staff("manager"), await api.staff("manager"), await api.staff("officer")
    me, her = await staff_id(api, mei), await staff_id(api, lan)
    assert (await mei.post("/v1/desk/territories/11", {"staff_id": me})).status_code == 404
    assert (await chen.post("/v1/desk/territories/11", {"staff_id": me})).status_code == 200
    areas = (await chen.post("/v1/desk/territories/1101", {"staff_id": her})).json()["items"]
    assert {(one["area"], one["staff_id"]) for one in areas} >= {("11", me), ("1101", her)}
    _, application_id = await came(api, wanted, at_stage)
    (held,) = (await lan.get("/v1/manager/book")).json()["customers"]
    assert (held["application_id"], held["source"]) == (str(application_id), "territory"), "the finest area counts"
    code = (await mei.get("/v1/manager/code")).json()["code"]
    _, other = await came(api, wanted, at_stage, code)
    assert [one["application_id"] for one in (await mei.get("/v1/manager/book")).json()["customers"]] == [str(other)]
    assert (await chen.post("/v1/desk/territories/1101", {"staff_id": None})).status_code == 200
    assert (await chen.post("/v1/desk/territories/xx", {"staff_id": me})).status_code == 422
    await chen.post("/v1/desk/territories/11", {"staff_id": None})


async def test_p33_a_leave_is_said_for_somebody_who_cannot(api: Any, mine: Any, database: Any, pages: Any) -> None:
    mei, _, application_id = mine
    lan, chen = await api.staff("manager"), await api.staff("officer")
    me, her = await staff_id(api, mei), await staff_id(api, lan)
    task = a_task(database, application_id, minutes=600, gone=0.1, owner_id=f"'{me}'")
    today = datetime.now(BEIJING).date()
    leave = {"first": today.isoformat(), "last": today.isoformat(), "deputy_id": her, "staff_id": me}
    assert (await lan.post("/v1/manager/leaves", leave)).status_code == 404, "a colleague may not"
    assert 'name="of"' in (await pages(chen).get("/manager/away")).text
    assert 'name="of"' not in (await pages(mei).get("/manager/away")).text
    said = await chen.post("/v1/manager/leaves", leave)
    assert said.status_code in (200, 202), said.text
    (view,) = (await mei.get("/v1/manager/leaves")).json()["items"]
    assert view["said_by_other"]
    async with api.tools.sessions.begin(scope="worker") as session:
        now = await clocks.now(session, api.settings.clock_id)
    assert now - datetime.now(UTC) < timedelta(hours=1)
    assert (await chen.post(f"/v1/manager/leaves/{view['id']}/back?of={me}")).json()["items"] == []
    assert (await mei.get(f"/v1/manager/tasks/{task}")).status_code == 200


async def test_the_customers_page_holds_their_story_the_thread_and_what_only_staff_sees(
    api: Any, mine: Any, database: Any, pages: Any
) -> None:
    mei, owner, application_id = mine
    task = a_task(database, application_id, minutes=600, gone=0.1)
    await owner.post(f"/v1/applications/{application_id}/thread", {"text": "什么时候来看店"})
    room = pages(mei)
    page = await room.get(f"/manager/customers/{application_id}", headers={"Accept-Language": "zh-CN"})
    assert page.status_code == 200
    assert "什么时候来看店" in page.text and f"/manager/tasks/{task}" in page.text and "只有我们看到" in page.text
    for one in (await owner.get(f"/v1/applications/{application_id}/timeline")).json()["happened"]:
        assert one["text"].replace("&", "&amp;") in page.text, "what the customer sees, word for word"
    hidden = {name: page.text.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf", "key")}
    sent = await room.post(f"/manager/customers/{application_id}/thread", data=hidden | {"text": "周三上午来"})
    assert sent.headers["location"].endswith("#thread")
    lines = (await owner.get(f"/v1/applications/{application_id}/thread")).json()["messages"]
    assert [one["text"] for one in lines] == ["什么时候来看店", "周三上午来"]


async def test_b7_a_quote_for_a_customer_stands_in_their_story_as_it_was_told(api: Any, mine: Any, pages: Any) -> None:
    mei, owner, application_id = mine
    (first, *_) = (await mei.get("/v1/manager/catalogue")).json()["items"]
    ask = {
        "product_id": first["product_id"],
        "amount": {"amount": "80000.00"},
        "months": 12,
        "share": "0.12",
        "monthly_revenue": {"amount": "60000.00"},
        "annual_rate": first["rates"][0],
        "application_id": str(application_id),
    }
    told = await mei.post("/v1/manager/quotes", ask)
    assert told.status_code == 200, told.text
    story = (await owner.get(f"/v1/applications/{application_id}/timeline")).json()["happened"]
    (line,) = [one for one in story if one["kind"] == "quoted"]
    assert "80,000.00" in line["text"] and told.json()["total_interest"]["amount"][-6:] in line["text"]
    async with api.tools.sessions.begin(scope="worker") as session:
        kept = await session.get_one(Quote, UUID(told.json()["id"]))
        assert kept.application_id == application_id
    looks = {one["what"] for one in (await owner.get("/v1/privacy")).json()["reads"]}
    assert "quote" in looks, "who opened their file for it is on their record"
    nobody = await mei.post("/v1/manager/quotes", ask | {"application_id": str(uuid4())})
    assert nobody.status_code == 404
    room = pages(mei)
    assert f"/manager/catalogue?for={application_id}" in (await room.get(f"/manager/customers/{application_id}")).text
    page = (await room.get(f"/manager/catalogue?for={application_id}")).text
    assert f'name="for" value="{application_id}"' in page and "王小明" in page
    assert (await room.get("/manager/catalogue?for=x")).status_code == 404


async def test_p27_p36_measures_tell_yuan_for_each_loan_plans_kept_and_renewals_answered_in_time(
    api: Any, listening: None, wanted: Any, at_stage: Any, lent: Any, database: Any, pages: Any
) -> None:
    mei = await api.staff("manager")
    code = (await mei.get("/v1/manager/code")).json()["code"]
    told = {"kept": (200, 90), "late": (200, 90), "asked": (15, 120), "silent": (12, 120)}
    loans: dict[str, tuple[UUID, UUID]] = {}
    for name, (ends_in, lived) in told.items():
        _, application_id = await came(api, wanted, at_stage, code)
        loans[name] = application_id, lent(application_id, ends_in=ends_in, lived=lived)
    _, again = await came(api, wanted, at_stage, code)
    person = "(select person_id from loan where id = '{}')"
    late, asked = loans["late"][1], loans["asked"][1]
    database.execute(
        f"insert into late_stretch (loan_id, since, person_id, first_on, last_on, days) values ('{late}', "
        f"current_date - 20, {person.format(late)}, current_date - 17, current_date - 15, 5)",
        f"update application set renews_loan_id = '{asked}' where id = '{again}'",
        f"insert into decision (id, application_id, person_id, n, outcome, reasons, limit_minor, features, ratios, "
        f"policy_version, decided_by, decided_at) values ('{uuid4()}', '{again}', {person.format(asked)}, 1, "
        f"'approve', '[]', 26000000, '{{}}', '{{}}', 'v', 'model', now() - interval '8 days')",
    )
    seen = (await mei.get("/v1/manager/measures?whose=mine")).json()
    assert seen["shapes"] == [{"shape": "as_asked", "on_time": 3, "loans": 4}]
    assert (seen["renewals_answered"], seen["renewals_due"]) == (1, 2)
    assert seen["loans"] == 4 and float(seen["people"]["amount"]) >= 0
    page = (await pages(mei).get("/manager/measures?whose=mine")).text
    assert "Answered 20 days before the end" in page and "1 of 2" in page


async def test_p33_a_call_back_leads_a_manager_to_the_customer_and_who_releases_to_the_payouts(
    api: Any, mine: Any, database: Any, pages: Any
) -> None:
    mei, _, application_id = mine
    a_task(database, application_id, minutes=60, gone=0.5, kind="'call_back'", params="'{}'")
    page = (await pages(mei).get("/manager?whose=all")).text
    assert f"/manager/customers/{application_id}" in page and "/desk/releases" not in page
    chen = await api.staff("officer")
    assert "/desk/releases" in (await pages(chen).get("/manager?whose=all")).text
