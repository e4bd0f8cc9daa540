"""What an owner sees: the one thing to do, the bills as understood, the loan to the fen, the papers unchanged."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from db import clocks, ledger, people
from db.tables import Application
from lending.ledger import disbursed, fold, payout_sent, repayment, split
from lending.offers import terms_hash, terms_of
from lending.terms import canonical

TODAY = (datetime.now(UTC) + timedelta(hours=8)).date()


async def person_of(api: Any, application_id: UUID) -> UUID:
    async with api.tools.sessions.begin(scope="worker") as session:
        return await session.scalar(text("select person_id from application where id = :id"), {"id": application_id})


# --- the one thing to do ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "note", "to_do", "actor"),
    [
        ("draft", {}, "identify", "owner"),
        ("identity", {}, "identify", "owner"),
        ("identity", {"awaiting": "identity"}, "wait", "owner"),
        ("consent", {}, "consent", "owner"),
        ("evidence", {}, "upload", "owner"),
        ("evidence", {"problem": "consent_missing"}, "consent", "owner"),
        ("deciding", {}, "wait", "system"),
        ("review", {}, "wait", "manager"),
        ("offered", {}, "choose_offer", "owner"),
        ("signing", {}, "read_key_facts", "owner"),
        ("paying", {}, "wait", "bank"),
        ("funded", {}, "see_loan", "nobody"),
        ("declined", {}, "improve_or_ask_review", "owner"),
        ("withdrawn", {}, "nothing", "nobody"),
        ("lapsed", {}, "nothing", "nobody"),
    ],
)
async def test_x2_every_stage_says_what_to_do_and_who_acts(
    api: Any, begun: Any, database: Any, stage: str, note: dict[str, str], to_do: str, actor: str
) -> None:
    owner, application_id = begun
    database.execute(
        f"update application set stage = '{stage}', note = '{json.dumps(note)}' where id = '{application_id}'"
    )
    seen = (await owner.get(f"/v1/applications/{application_id}")).json()
    assert (seen["to_do"], seen["actor"]) == (to_do, actor)
    story = (await owner.get(f"/v1/applications/{application_id}/timeline")).json()
    assert story["now"]["what"] == stage
    assert stage not in [one["what"] for one in story["next"]]


async def test_lines_of_the_story_are_told_in_the_reader_s_language(
    api: Any, begun: Any, fresh_key: Any, wired: Any
) -> None:
    from db import applications

    owner, application_id = begun
    async with wired.sessions.begin() as session:
        row = await applications.locked(session, application_id)
        for kind, params in (
            ("identity_failed", {"checks": ["bank_card", "register"]}),
            ("payout_credited", {"amount_minor": 8_000_000, "currency": "CNY", "credited_on": "2026-11-21"}),
        ):
            await applications.tell(
                session, row, event_id=uuid4(), kind=kind, actor="system", at=datetime.now(UTC), params=params
            )
    zh = (await owner.get(f"/v1/applications/{application_id}/timeline")).json()["happened"]
    assert [line["text"] for line in zh] == [
        "身份信息没对上：银行卡实名、工商登记",
        "¥80,000.00 已到账，从 2026年11月21日(周六) 开始计息",
    ]
    await owner.client.patch("/v1/profile", json={"locale": "en"}, headers=fresh_key())
    en = (await owner.get(f"/v1/applications/{application_id}/timeline")).json()["happened"]
    assert en[1]["text"] == "¥80,000.00 received; interest runs from Sat 21 Nov 2026"
    assert en[1]["params"]["amount"] == {"amount": "80000.00", "currency": "CNY"}


# --- consents ---------------------------------------------------------------------------------------------------------


async def test_prv_1_a_consent_is_to_the_very_words_and_taken_back_as_easily(
    api: Any, begun: Any, at_stage: Any
) -> None:
    owner, application_id = begun
    at_stage(application_id, "consent")
    sheet = (await owner.get(f"/v1/applications/{application_id}/consents")).json()["items"]
    assert all(one["given_at"] is None for one in sheet)
    other = {"consents": [{"purpose": sheet[0]["purpose"], "text_hash": "0" * 64}]}
    refused = await owner.post(f"/v1/applications/{application_id}/consents", other)
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("#/consents/0/text_hash", "other_words")]
    given = [{"purpose": one["purpose"], "text_hash": one["text_hash"]} for one in sheet]
    # 个保法 23, 29: each is its own act; several in one are refused, whatever they are.
    bundle = await owner.post(f"/v1/applications/{application_id}/consents", {"consents": given[:2]})
    assert [(e["pointer"], e["code"]) for e in bundle.json()["errors"]] == [("#/consents", "one_by_one")]
    assert (await owner.get("/v1/privacy")).json()["consents"] == []
    for one in given:
        answer = await owner.post(f"/v1/applications/{application_id}/consents", {"consents": [one]})
        assert answer.status_code == 200, answer.text
    sheet = (await owner.get(f"/v1/applications/{application_id}/consents")).json()["items"]
    assert all(one["given_at"] for one in sheet)
    revoked = (await owner.post(f"/v1/consents/{sheet[0]['consent_id']}/revoke")).json()
    assert (revoked["in_force"], revoked["withdrawn_at"] is not None) == (False, True)
    after = (await owner.get(f"/v1/applications/{application_id}/consents")).json()["items"]
    assert after[0]["given_at"] is None
    kept = (await owner.get("/v1/privacy")).json()["consents"]
    assert len(kept) == len(sheet)
    assert {one["text_hash"] for one in kept} == {one["text_hash"] for one in sheet}
    for one in kept:  # purpose, source, text hash, scope, expiry, channel, proof
        assert one["purpose"] and one["source"] and one["scope"] and one["expires_on"]
        assert one["channel"] == "api"
        assert UUID(one["proof"]["command"])
        assert one["proof"]["session"] and one["proof"]["device"] and one["proof"]["law"]
        assert abs(datetime.now(UTC) - datetime.fromisoformat(one["proof"]["at"])) < timedelta(minutes=1)


async def test_face_and_papers_are_asked_for_by_themselves_at_any_time_and_taken_back_whole(api: Any) -> None:
    """个保法 29: sensitive data has a consent of its own, outside any application; given twice, taken back once."""
    owner = await api.owner()
    asked = {one["purpose"]: one for one in (await owner.get("/v1/consents")).json()["items"]}
    words = {"purpose": "identity_check", "text_hash": asked["identity_check"]["text_hash"]}
    first = (await owner.post("/v1/consents", words)).json()
    second = (await owner.post("/v1/consents", words)).json()
    assert (first["source"], first["in_force"]) == ("identity_providers", True)
    assert first["proof"]["command"] != second["proof"]["command"]
    assert (await owner.post(f"/v1/consents/{second['id']}/revoke")).json()["in_force"] is False
    assert [one["in_force"] for one in (await owner.get("/v1/privacy")).json()["consents"]] == [False, False]


async def test_a_consent_of_somebody_else_cannot_be_taken_back(api: Any, begun: Any, at_stage: Any) -> None:
    owner, application_id = begun
    at_stage(application_id, "consent")
    sheet = (await owner.get(f"/v1/applications/{application_id}/consents")).json()["items"]
    given = {"consents": [{"purpose": sheet[0]["purpose"], "text_hash": sheet[0]["text_hash"]}]}
    await owner.post(f"/v1/applications/{application_id}/consents", given)
    consent = (await owner.get("/v1/privacy")).json()["consents"][0]["id"]
    stranger = await api.owner()
    assert (await stranger.post(f"/v1/consents/{consent}/revoke")).status_code == 404


@pytest.mark.parametrize(
    ("consents", "code"),
    [([], "missing"), ([{"purpose": "everything", "text_hash": "0" * 64}], "not_one_of_these")],
)
async def test_what_is_no_consent_is_named(
    api: Any, begun: Any, at_stage: Any, consents: list[dict[str, str]], code: str
) -> None:
    owner, application_id = begun
    at_stage(application_id, "consent")
    answer = await owner.post(f"/v1/applications/{application_id}/consents", {"consents": consents})
    assert [e["code"] for e in answer.json()["errors"]] == [code]


# --- bills ------------------------------------------------------------------------------------------------------------


async def test_revenue_by_month_over_all_bills_and_which_months_are_whole(api: Any, begun: Any, database: Any) -> None:
    owner, application_id = begun
    person, firm = await person_of(api, application_id), uuid4()
    lines = [
        ("2026-07-15", 1, 100_000, 1),  # a sale in a month that the bills only partly cover
        ("2026-08-10", 1, 200_000, 1),
        ("2026-08-20", -1, 50_000, 2),  # a refund
        ("2026-08-21", -1, 70_000, 3),  # a purchase is no revenue
        ("2026-09-30", 1, 300_000, 1),
    ]
    values = ", ".join(
        f"('{firm}', '\\x{uuid4().hex}', '{uuid4()}', {n}, '{day} 10:00', '{day}', {way}, {amount}, 'CNY', "
        f"{kind}, null, 0)"
        for n, (day, way, amount, kind) in enumerate(lines)
    )
    database.execute(
        f"insert into firm (id, person_id, kind, name_sealed, created_at) "
        f"values ('{firm}', '{person}', 'self_employed', '', now())",
        f"update application set firm_id = '{firm}' where id = '{application_id}'",
        f"insert into statement_line (firm_id, fingerprint, file_id, n, at, on_date, direction, amount_minor, "
        f"currency, "
        f"kind, counterparty_key, flags) values {values}",
    )
    seen = (await owner.get(f"/v1/applications/{application_id}/evidence")).json()
    assert [(m["month"], m["net"]["amount"], m["whole"]) for m in seen["months"]] == [
        ("2026-07-01", "1000.00", False),
        ("2026-08-01", "1500.00", True),
        ("2026-09-01", "3000.00", True),
    ]
    assert (seen["months_covered"], seen["months_needed"], seen["enough"], seen["lines"]) == (2, 3, False, 5)


# --- the loan ---------------------------------------------------------------------------------------------------------


@pytest.fixture
async def lent(api: Any, begun: Any, database: Any, a_payout: Any) -> tuple[Any, UUID, UUID]:
    """An owner whose loan of ¥80,000 has lived for forty days with one repayment: (owner, application, loan)."""
    owner, application_id = begun
    person = await person_of(api, application_id)
    product = next(iter(api.tools.policies.products.values()))
    terms = terms_of(product, amount_minor=8_000_000, months=12, share=Decimal("0.12"))
    start = TODAY - timedelta(days=40)
    payout_id = a_payout("credited")
    loan_id = uuid4()
    database.execute(
        f"update bank_account set person_id = '{person}' "
        f"where id = (select account_id from payout where id = '{payout_id}')",
        f"insert into loan (id, application_id, person_id, firm_id, product_id, policy_version, jurisdiction, "
        f"currency, "
        f"principal_minor, annual_rate, day_count, share, months, terms, terms_hash, rate_units, units_per_minor, "
        f"share_ppm, window_months, windows, grace_days, shard, account_id, account_index, state, created_at, live_on) "
        f"select '{loan_id}', '{application_id}', '{person}', firm_id, '{product.id}', 'v', 'CN', 'CNY', "
        f"8000000, 0.073, "
        f"'ACT/365', 0.12, 12, '{canonical(terms)}', '{terms_hash(terms)}', {terms.rate_units}, "
        f"{terms.units_per_minor}, 120000, 3, 8, 3, 0, account_id, '\\x00', 'live', now(), '{start}' "
        f"from loan where id = (select loan_id from payout where id = '{payout_id}')",
        f"update application set stage = 'funded', loan_id = '{loan_id}' where id = '{application_id}'",
    )
    collection = uuid4()
    async with api.tools.sessions.begin(scope="worker") as session:
        booked = {"booked_at": datetime.now(UTC), "source": "rail:R1"}
        for make in (payout_sent, disbursed):
            entry = make(loan_id, 8_000_000, cause=str(loan_id), effective_on=start, **booked)
            await ledger.post(session, entry, currency="CNY")
        paid_on = TODAY - timedelta(days=10)
        before = fold(await ledger.entries(session, loan_id), terms, paid_on)
        entry = repayment(
            loan_id, split(before, 120_000), cause=f"collection/{collection}", effective_on=paid_on, **booked
        )
        await ledger.post(session, entry, currency="CNY")
    day = paid_on - timedelta(days=1)
    database.execute(
        f"insert into collection (id, loan_id, person_id, close_on, shard, net_revenue_minor, amount_minor, "
        f"received_minor, state) values ('{collection}', '{loan_id}', '{person}', '{day}', 0, 1000000, 120000, 120000, "
        f"'received')",
        *(
            f"insert into revenue_day (id, loan_id, person_id, on_date, sales_minor, refunds_minor, chargebacks_minor, "
            f"batch, source, received_at) values ('{uuid4()}', '{loan_id}', '{person}', "
            f"'{TODAY - timedelta(days=back)}', "
            f"600000, 100000, 0, 'b', 'wallet', now())"
            for back in range(1, 21)
        ),
    )
    return owner, application_id, loan_id


async def test_the_loan_is_what_its_entries_say_to_the_fen(api: Any, lent: Any) -> None:
    owner, _, loan_id = lent
    seen = (await owner.get(f"/v1/loans/{loan_id}")).json()
    async with api.tools.sessions.begin(scope="worker") as session:
        row = await ledger.loan(session, loan_id)
        from lending.terms import terms_from

        position = fold(await ledger.entries(session, loan_id), terms_from(row.terms), TODAY)
    money = lambda minor: f"{Decimal(minor) / 100:.2f}"  # noqa: E731
    assert seen["principal_owed"]["amount"] == money(position.principal_minor)
    assert seen["interest_owed"]["amount"] == money(position.interest_due_minor)
    assert seen["owed_today"]["amount"] == money(position.owed_minor)
    assert seen["paid"]["amount"] == "1200.00"
    # 30 days of 7.3 % on 80,000 are 480.00, taken first; the rest paid principal.
    assert (seen["interest_paid"]["amount"], seen["principal_paid"]["amount"]) == ("480.00", "720.00")


async def test_each_movement_says_why_and_the_path_ends_at_what_is_owed(api: Any, lent: Any) -> None:
    owner, _, loan_id = lent
    seen = (await owner.get(f"/v1/loans/{loan_id}")).json()
    assert seen["movements"][0]["kind"] == "repayment"
    assert {one["kind"] for one in seen["movements"][1:]} == {"payout_sent", "disbursed"}
    last = seen["movements"][0]
    assert (last["net_revenue"]["amount"], last["share"], last["amount"]["amount"]) == ("10000.00", "0.12", "1200.00")
    assert last["balance_after"] == seen["principal_owed"]
    assert seen["path"][-1]["principal"] == seen["principal_owed"]


async def test_the_forecast_goes_on_as_lately_and_is_a_band(api: Any, lent: Any) -> None:
    owner, _, loan_id = lent
    forecast = (await owner.get(f"/v1/loans/{loan_id}")).json()["forecast"]
    assert TODAY.isoformat() < forecast["early_on"] < forecast["middle_on"] < forecast["late_on"]
    # 5,000 a day over twenty days, as a month of 365/12 days.
    assert forecast["monthly_net_revenue"]["amount"] == "152083.33"


async def test_a_loan_of_somebody_else_and_a_pending_one_are_404(api: Any, lent: Any, database: Any) -> None:
    owner, _, loan_id = lent
    stranger = await api.owner()
    assert (await stranger.get(f"/v1/loans/{loan_id}")).status_code == 404
    assert [one["id"] for one in (await owner.get("/v1/loans")).json()["items"]] == [str(loan_id)]
    database.execute(f"update loan set state = 'pending' where id = '{loan_id}'")
    assert (await owner.get(f"/v1/loans/{loan_id}")).status_code == 404


# --- papers -----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def paper(api: Any, begun: Any, database: Any) -> tuple[Any, UUID, bytes]:
    """A contract on file: (owner, document, bytes)."""
    owner, application_id = begun
    document, data = uuid4(), b"%PDF-1.7 the contract " + uuid4().bytes
    stored = await api.tools.storage.put(f"papers/{document}", data, "application/pdf")
    person = await person_of(api, application_id)
    database.execute(
        f"insert into document (id, application_id, person_id, kind, object_key, sha256, size, created_at) values "
        f"('{document}', '{application_id}', '{person}', 'contract', '{stored.key}', '{stored.sha256}', {stored.size}, "
        f"now())"
    )
    return owner, document, data


async def test_csp_2_a_paper_comes_as_an_attachment_with_its_digest_and_is_audited(api: Any, paper: Any) -> None:
    owner, document, data = paper
    answer = await owner.get(f"/v1/papers/{document}")
    assert answer.content == data
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "%E5%80%9F%E6%AC%BE%E5%90%88%E5%90%8C" in answer.headers["Content-Disposition"]  # 借款合同
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    async with api.tools.sessions.begin() as session:
        audited = await session.scalar(
            text("select count(*) from audit where action = 'paper.read' and object_id = :id"), {"id": str(document)}
        )
    assert audited == 1


async def test_a_paper_whose_bytes_changed_is_not_handed_out(api: Any, paper: Any, database: Any) -> None:
    owner, document, _ = paper
    database.execute(f"update document set sha256 = '{hashlib.sha256(b'other').hexdigest()}' where id = '{document}'")
    assert (await owner.get(f"/v1/papers/{document}")).status_code == 503


async def test_a_paper_of_somebody_else_is_404(api: Any, paper: Any) -> None:
    stranger = await api.owner()
    assert (await stranger.get(f"/v1/papers/{paper[1]}")).status_code == 404


# --- before login -----------------------------------------------------------------------------------------------------


async def test_p37_the_product_card_fits_and_says_what_the_engine_uses(api: Any) -> None:
    card = (await api.client().get("/v1/product")).json()
    assert len(card["text"]) <= 120
    assert (card["annual_rate"], card["lowest"]["amount"], card["prepayment_fee_rate"]) == ("0.073", "5000.00", "0")


async def test_three_questions_say_what_is_missing_and_keep_nothing(api: Any) -> None:
    client = api.client()
    good = {"kind": "sole_trader", "months_in_trade": 24, "months_of_bills": 14, "overdue_now": False}
    assert (await client.post("/v1/eligibility", json=good)).json() == {"ok": True, "missing": []}
    short = (await client.post("/v1/eligibility", json={**good, "months_of_bills": 1, "overdue_now": True})).json()
    assert (short["ok"], [one["code"] for one in short["missing"]]) == (False, ["too_little_history", "overdue_now"])


# --- who looked -------------------------------------------------------------------------------------------------------


async def test_x7_nothing_of_a_person_opens_for_staff_before_their_look_is_on_record(api: Any, begun: Any) -> None:
    _, application_id = begun
    tools = api.tools
    async with tools.sessions.begin(scope="staff") as session:
        person = (await session.get_one(Application, application_id)).person_id
        with pytest.raises(people.LookNotRecorded):
            await people.identity_of(session, tools.vault, person)
        now = await clocks.now(session, tools.settings.clock_id)
        await people.record_access(session, person, at=now, actor="manager", what="name", purpose="application 1")
        assert (await people.identity_of(session, tools.vault, person)).phone


async def test_x7_the_owner_reads_who_looked_at_what_when_and_why_page_by_page(api: Any, begun: Any) -> None:
    owner, application_id = begun
    manager = await api.staff("manager")
    for what in ("", "/timeline"):
        assert (await manager.get(f"/v1/manager/customers/{application_id}{what}")).status_code in (200, 404)
    async with api.tools.sessions.begin(scope="worker") as session:
        person = (await session.get_one(Application, application_id)).person_id
        for n in range(45):
            at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=2 * n)
            await people.record_access(session, person, at=at, actor="system", what="flows", purpose="early_warning")
    seen: list[dict[str, Any]] = []
    after: str | None = ""
    pages = 0
    while after is not None:
        page = (await owner.get("/v1/privacy" + (f"?after={after}" if after else ""))).json()
        assert len(page["reads"]) <= 20
        seen, after, pages = seen + page["reads"], page["next"], pages + 1
    assert pages == 3
    assert sum(one["purpose"] == "early_warning" for one in seen) == 45
    assert all(one["at"] and one["actor"] and one["what"] and one["purpose"] for one in seen)
    assert (await owner.get("/v1/privacy?after=nonsense")).status_code == 422
    stranger = await api.owner()
    assert (await stranger.get("/v1/privacy")).json()["reads"] == []
