"""Receivables through the API: one's own alone, refused before anything starts, pledged with a code of its own."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db import audits, invoice_numbers, lines, people
from db.tables import Firm
from lending.calendars import Jurisdiction, business_date
from tests.api.conftest import WANTED
from tests.api.test_brought_pages import files, form, photo
from tests.api.test_lines import Make, line

__all__ = ["line"]

LIMIT = 30_000_000
LICENCE = "91350100M000100Y43"


@pytest.fixture
def secured(api: Any, line: Make, database: Any) -> Make:
    """As ``line``, secured by receivables."""

    async def make(limit_minor: int = LIMIT, **of: Any) -> tuple[Any, UUID]:
        owner, line_id = await line(limit_minor, **of)
        database.execute(
            # What other tests of this database hold, or used up for ever.
            "update receivable set state = 'lapsed', number_key = sha256(id::text::bytea), e_number_key = null",
            f"update credit_line set secured_by = 'receivables', product_id = 'receivable_line' where id = '{line_id}'",
        )
        async with api.tools.sessions.begin(scope="worker") as session:
            row = await lines.line_of(session, line_id)
            firm = await session.get_one(Firm, row.firm_id)
            key = await people.key_of(session, api.tools.vault, row.person_id)
            firm.name_sealed = api.tools.vault.seal(key, people.FIRM_NAME, firm.id, "苏州包装有限公司")
        return owner, line_id

    return make


def invoice(today: date, **changed: Any) -> dict[str, Any]:
    return {
        "buyer": "大润发采购有限公司", "buyer_licence": LICENCE, "number": "24312000000012345678",
        "amount": {"amount": "100000.00", "currency": "CNY"}, "issued_on": (today - timedelta(days=10)).isoformat(),
        "due_on": (today + timedelta(days=50)).isoformat(), **changed,
    }  # fmt: skip


async def offer(owner: Any, line_id: UUID, **changed: Any) -> Any:
    today = date.today()
    return await owner.post(f"/v1/lines/{line_id}/receivables", invoice(today, **changed))


async def test_d1_an_invoice_is_offered_once_and_the_second_time_refused_with_the_reason(secured: Make) -> None:
    owner, line_id = await secured(LIMIT)
    first = await offer(owner, line_id)
    assert first.status_code in (200, 202), first.text
    again = await offer(owner, line_id, number="2431-2000-0000-1234-5678", buyer="大润发采购（有限公司）")
    assert (again.status_code, again.json()["code"]) == (409, "receivable_own")
    assert business_date(datetime.now(UTC), Jurisdiction.CN).isoformat() == again.json()["params"]["offered_on"]
    seen = (await owner.get(f"/v1/lines/{line_id}/base")).json()
    [one] = seen["receivables"]
    assert (one["buyer"], one["number"], one["state"]) == ("大润发采购有限公司", "24312000000012345678", "offered")
    assert (seen["base"]["amount"], seen["available"]["amount"]) == ("0.00", "0.00")


@pytest.fixture
async def two(secured: Make, api: Any) -> list[tuple[Any, UUID]]:
    """Two customers, each with a line on receivables."""
    other = await api.owner()
    asked = await other.post("/v1/applications", WANTED)
    application_id = UUID(asked.json()["object_id"])
    for _ in range(300):
        if (await other.get(f"/v1/applications/{application_id}")).status_code == 200:
            break
        await asyncio.sleep(0.1)
    return [await secured(LIMIT), await secured(LIMIT, of=(other, application_id))]


async def test_d1_an_invoice_like_another_customers_opens_at_the_desk_with_a_look_at_both_on_record(
    two: list[tuple[Any, UUID]], api: Any, pages: Any
) -> None:
    (first, its_line), (second, line_id) = two
    held = (await offer(first, its_line)).json()["object_id"]
    near = (await offer(second, line_id, number="24312000000012345679")).json()["object_id"]
    async with api.tools.sessions.begin(scope="worker") as session:
        await session.execute(
            text("update receivable set state = 'review', near_id = :h, due_at = :d where id = :n"),
            {"h": held, "n": near, "d": datetime(2030, 5, 6, 4, tzinfo=UTC)},
        )
    officer = await api.staff("officer", employee="3002")
    for at in ("/v1/desk/receivables", f"/v1/desk/lines/{line_id}/receivables"):
        answer = await officer.get(at)
        assert answer.status_code == 200, answer.text
        [mine] = (one for one in answer.json()["items"] if one["id"] == near)
        assert mine["like"] == "24312000000012345678"
    assert (await pages(officer).get("/desk/receivables")).status_code == 200
    async with api.tools.sessions.begin(scope="worker") as session:
        seen = await session.scalars(
            text(
                "select distinct r.id from receivable r join access_record a on a.person_id = r.person_id "
                "where a.actor = 'officer' and a.what = 'invoices' and r.id in (:h, :n)"
            ),
            {"h": held, "n": near},
        )
        assert {str(one) for one in seen} == {held, near}, "each of the two customers sees that somebody looked"
    assert "2030" in (await pages(second).get(f"/lines/{line_id}/receivables")).text, "its owner reads by when"


async def test_d1_an_e_invoice_number_that_another_customer_holds_is_refused_at_the_offer(
    two: list[tuple[Any, UUID]],
) -> None:
    (first, its_line), (second, line_id) = two
    assert (await offer(first, its_line)).status_code in (200, 202)
    other = {"amount": {"amount": "90000.00", "currency": "CNY"}}
    for number in ("24312000000012345678", "2431-2000-0000-1234-5678"):
        refused = await offer(second, line_id, number=number, **other)
        assert (refused.status_code, refused.json()["code"]) == (409, "receivable_known"), refused.text
    assert (await offer(second, its_line)).status_code == 404, "and nobody asks through another's line"
    assert (await offer(first, its_line, number="12345678")).status_code == 409, "its own tail is the same invoice"
    assert (await offer(second, line_id, number="12345678", **other)).status_code in (200, 202), "not of an e-invoice"


async def test_d1_one_e_invoice_number_that_two_customers_offer_at_the_same_instant_is_taken_once(
    two: list[tuple[Any, UUID]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (first, its_line), (second, line_id) = two
    asked = asyncio.Barrier(2)
    before = invoice_numbers.against

    looks = iter((True, True))

    async def both_have_looked(*known: Any) -> Any:
        found = await before(*known)
        if next(looks, False):
            await asked.wait()  # neither has written when the other has looked
        return found

    monkeypatch.setattr(invoice_numbers, "against", both_have_looked)
    other = {"amount": {"amount": "90000.00", "currency": "CNY"}}  # not even the same fingerprint
    answers = await asyncio.gather(offer(first, its_line), offer(second, line_id, **other))
    codes = sorted(one.status_code for one in answers)
    assert codes[0] in (200, 202) and codes[1] == 409, [one.text for one in answers]
    assert next(one for one in answers if one.status_code == 409).json()["code"] == "receivable_known"


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": {"amount": "99999.00", "currency": "CNY"}},
        {"amount": {"amount": "99999.00", "currency": "CNY"}, "number": "2431 2000 0000 1234 5678"},
        {"buyer": "家乐福有限公司", "number": "数电票号码：２４３１２０００００００１２３４５６７８"},
        {"issued_on": "-20", "amount": {"amount": "90000.00", "currency": "CNY"}, "number": "X24312000000012345678-A"},
        {"amount": {"amount": "99999.00", "currency": "CNY"}, "number": "12345678"},
    ],
    ids=["a fen less", "spaced", "another buyer", "another day, letters about it", "its end alone"],
)
async def test_d1_ones_own_e_invoice_is_refused_again_with_another_amount_buyer_or_day_and_told_as_ones_own(
    secured: Make, changed: dict[str, Any]
) -> None:
    owner, line_id = await secured(LIMIT)
    assert (await offer(owner, line_id)).status_code in (200, 202)
    if changed.get("issued_on"):
        changed = changed | {"issued_on": (date.today() + timedelta(days=int(changed["issued_on"]))).isoformat()}
    again = await offer(owner, line_id, **changed)
    assert (again.status_code, again.json()["code"]) == (409, "receivable_own"), again.text
    assert again.json()["params"]["receivable"] in ("offered", "asked"), again.text
    assert len((await owner.get(f"/v1/lines/{line_id}/base")).json()["receivables"]) == 1


@pytest.mark.parametrize("order", ["3200191130 12345678", "12345678/3200191130", "代码3200191130号码12345678"])
async def test_d1_an_older_forms_code_and_number_together_are_one_invoice_of_the_country(
    two: list[tuple[Any, UUID]], order: str
) -> None:
    (first, its_line), (second, line_id) = two
    assert (await offer(first, its_line, number="320019113012345678")).status_code in (200, 202)
    other = {"amount": {"amount": "90000.00", "currency": "CNY"}, "number": order}
    assert (await offer(second, line_id, **other)).json()["code"] == "receivable_known"
    assert (await offer(first, its_line, **other)).json()["code"] == "receivable_own"


@pytest.mark.parametrize(
    ("became", "as_it_was", "otherwise"),
    [
        ("disputed = true", 409, 409),
        ("credited_minor = 1", 409, 409),
        ("paid_minor = amount_minor", 409, 409),
        ("diverted_minor = 1", 409, 409),
        ("registration_no = 'R1', cancelled_at = now()", 200, 409),
        ("problem = 'no_answer'", 200, 200),
    ],
    ids=["disputed", "credited", "paid", "diverted", "given back unpaid", "never secured"],
)
async def test_d1_what_came_to_money_or_a_dispute_is_never_offered_again_under_its_number(
    two: list[tuple[Any, UUID]], api: Any, became: str, as_it_was: int, otherwise: int
) -> None:
    (first, its_line), (second, line_id) = two
    one = (await offer(first, its_line)).json()["object_id"]
    async with api.tools.sessions.begin(scope="worker") as session:
        done = f"update receivable set state = 'released', {became} where id = :id"
        await session.execute(text(done), {"id": one})
    other = {"amount": {"amount": "90000.00", "currency": "CNY"}}
    codes = [(await offer(second, line_id, **other)), (await offer(first, its_line))]
    if otherwise == 200:
        assert codes[0].status_code in (200, 202), "the tax bureau says whose it is"
        return
    assert (codes[0].status_code, codes[0].json()["code"]) == (409, "receivable_known"), codes[0].text
    assert its_line.hex not in codes[0].text and "offered_on" not in codes[0].text, "nothing of the stranger"
    assert codes[1].status_code == 409 if as_it_was == 409 else codes[1].status_code in (200, 202), codes[1].text


async def test_d1_ones_own_number_that_is_offered_twice_at_the_same_instant_is_taken_once(
    secured: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, line_id = await secured(LIMIT)
    asked, looks, before = asyncio.Barrier(2), iter((True, True)), invoice_numbers.against

    async def both_have_looked(*known: Any) -> Any:
        found = await before(*known)
        if next(looks, False):
            await asked.wait()
        return found

    monkeypatch.setattr(invoice_numbers, "against", both_have_looked)
    other = {"amount": {"amount": "90000.00", "currency": "CNY"}}
    answers = await asyncio.gather(offer(owner, line_id), offer(owner, line_id, **other))
    assert [one.json()["code"] for one in answers if one.status_code == 409] == ["receivable_own"]
    assert len((await owner.get(f"/v1/lines/{line_id}/base")).json()["receivables"]) == 1


async def test_the_answer_to_an_offer_that_is_sent_again_is_the_first_answer(secured: Make, fresh_key: Any) -> None:
    owner, line_id = await secured(LIMIT)
    sent_with, body = fresh_key(), invoice(date.today())
    sent = [await owner.post(f"/v1/lines/{line_id}/receivables", body, headers=sent_with) for _ in range(2)]
    assert [one.status_code < 300 for one in sent] == [True, True], [one.text for one in sent]
    assert sent[0].json()["object_id"] == sent[1].json()["object_id"]


async def test_d3_no_more_is_noted_as_paid_or_credited_than_is_open_of_an_invoice(secured: Make, api: Any) -> None:
    owner, line_id = await secured(LIMIT)
    at = f"/v1/desk/receivables/{(await offer(owner, line_id)).json()['object_id']}/facts"
    officer = await api.staff("officer", employee="3003")
    for fact in ("paid", "credited"):
        much = {"fact": fact, "words": "买家来电", "amount": {"amount": "100000.01", "currency": "CNY"}}
        refused = await officer.post(at, much)
        assert refused.status_code == 422, refused.text
        [wrong] = refused.json()["errors"]
        assert wrong["pointer"] == "#/amount"
        assert "100,000" in refused.text
    fits = {"fact": "paid", "words": "买家来电", "amount": {"amount": "100000.00", "currency": "CNY"}}
    assert (await officer.post(at, fits)).status_code in (200, 202)


async def test_d3_a_mistyped_fact_is_taken_back_once_by_another_person_than_who_entered_it_under_any_login(
    secured: Make, api: Any, pages: Any
) -> None:
    owner, line_id = await secured(LIMIT)
    receivable_id = (await offer(owner, line_id)).json()["object_id"]
    at = f"/v1/desk/receivables/{receivable_id}/facts"
    who, twin, other = [await api.staff("officer", employee=one) for one in ("3011", "3011", "3012")]
    for body in (
        {"fact": "credited", "words": "红字发票 001", "amount": {"amount": "50000.00", "currency": "CNY"}},
        {"fact": "disputed", "words": "来电说有争议"},
    ):
        assert (await who.post(at, body)).status_code in (200, 202)
    async with api.tools.sessions.begin(scope="worker") as session:  # as its story counts it
        await session.execute(
            text("update receivable set credited_minor = 5000000 where id = :id"), {"id": receivable_id}
        )
    credited, disputed = (await other.get(at)).json()["items"]
    assert (credited["fact"], credited["may_go"], disputed["may_go"]) == ("credited", True, False)
    assert not (await who.get(at)).json()["items"][0]["may_go"]
    back = {"words": "金额输错了，应为五千"}
    here = f"/desk/lines/{line_id}/receivables"
    page = (await pages(other).get(f"{here}?one={receivable_id}")).text
    assert f'action="{here}/{receivable_id}/{credited["id"]}"' in page
    assert credited["id"] not in (await pages(who).get(f"{here}?one={receivable_id}")).text, "no button to be refused"
    empty = await pages(other).post(f"{here}/{receivable_id}/{credited['id']}", data=form(words=""))
    assert (empty.status_code, 'id="errors"' in empty.text) == (422, True)
    for login in (who, twin):
        no = await login.post(f"{at}/{credited['id']}/take-back", back)
        assert (no.status_code, no.json()["code"]) == (409, "same_person"), no.text
    none = await other.post(f"{at}/{disputed['id']}/take-back", back)
    assert none.json()["code"] == "fact_not_taken_back", "what is no amount has its own contrary"
    assert (await other.post(f"{at}/{uuid4()}/take-back", back)).status_code == 404
    assert (await other.post(f"{at}/{credited['id']}/take-back", {"words": ""})).status_code == 422
    third, fourth = [await api.staff("officer", employee=one) for one in ("3013", "3014")]
    waits = await other.post(f"{at}/{credited['id']}/take-back", back)
    assert (waits.status_code, waits.json()["code"]) == (409, "second_word"), "it raises what may be drawn"
    assert not (await third.get(at)).json()["items"][0]["taken_back"]
    for one in (third, fourth):
        await opened(one, line_id, at)
    own = ({"words": "红字发票上是五千元，多打了一个零"}, {"words": "对过系统里的红字发票：五千"})
    sent = zip((third, fourth), own, strict=True)
    answers = await asyncio.gather(*(one.post(f"{at}/{credited['id']}/take-back", said) for one, said in sent))
    codes = sorted(one.status_code for one in answers)
    assert codes[0] in (200, 202) and codes[1] == 409, [one.text for one in answers]
    facts = (await third.get(at)).json()["items"]
    assert (facts[0]["taken_back"], facts[-1]["fact"], facts[-1]["words"]) == (True, "uncredited", back["words"])
    assert (await owner.get(at)).status_code == 404


async def opened(officer: Any, line_id: UUID, facts: str) -> list[dict[str, Any]]:
    """The line and the invoice, with what was said of it, as an officer opens both."""
    assert (await officer.get(f"/v1/desk/lines/{line_id}/receivables")).status_code == 200
    return (await officer.get(facts)).json()["items"]


async def test_d3_whoever_ends_a_dispute_as_the_second_opened_line_invoice_and_paper_and_has_words_of_their_own(
    secured: Make, api: Any, database: Any, pages: Any
) -> None:
    owner, line_id = await secured(LIMIT)
    receivable_id = (await offer(owner, line_id)).json()["object_id"]
    at = f"/v1/desk/receivables/{receivable_id}/facts"
    paper = uuid4()
    database.execute(
        "insert into evidence_document (id, application_id, person_id, item, channel, brought_by, name_sealed, sha256, "
        f"object_key, media_type, pages, size, state, received_at) select '{paper}', application_id, person_id, "
        f"'proof_order.{receivable_id}', 'manager', 'm', '', '{paper.hex}', '{paper.hex}', 'image/png', 1, 1, "
        f"'accepted', now() from receivable where id = '{receivable_id}'"
    )
    li, wang, twin, zhao = [await api.staff("officer", employee=one) for one in ("3151", "3152", "3152", "3153")]
    cut = {"fact": "disputed", "words": "买家来函说短少", "document_id": str(paper)}
    assert (await li.post(at, cut)).status_code in (200, 202)
    await opened(wang, line_id, at)  # before the first of two said anything
    first = {"fact": "undisputed", "words": "买家来电说争议解决了"}
    assert (await li.post(at, first)).json()["code"] == "second_word"
    mine = {"agrees": True, "words": "读过和解函，数量补齐了"}
    shown = (await zhao.get(at)).json()["items"][1]
    second = f"/v1/desk/receivables/{receivable_id}/words/{shown['word_id']}/second"

    async def refused(who: Any, said: dict[str, Any]) -> Any:
        answer = (await who.post(second, said)).json()
        return answer["params"]["unopened"] if "params" in answer else answer["errors"][0]["code"]

    assert await refused(zhao, mine) == "line"
    assert await refused(wang, mine) == "invoice", "what was opened before the word does not show it"
    for words, why in (
        ("同意同意", "too_short"), ("ok ok ok ok", "too_short"), ("同意，没问题", "agrees_only"),
        ("买家来电说争议解决了！", "anothers_words"), ("同意：买家来电说争议解决了", "anothers_words"),
    ):  # fmt: skip
        assert await refused(wang, {**mine, "words": words}) == why, words
    listed = await opened(twin, line_id, at)  # another login of hers
    assert listed[0]["document_id"] == str(paper), "the paper is told, to be opened"
    assert await refused(wang, mine) == "paper"
    same = {"fact": "undisputed", "words": mine["words"]}
    assert (await wang.post(at, same)).json()["code"] == "second_not_opened", "nor by saying it as if first"
    page = (await pages(wang).get(f"/desk/lines/{line_id}/receivables?one={receivable_id}")).text
    assert f"/manager/papers/{paper}" in page
    async with api.tools.sessions.begin(scope="staff") as session:  # as opening a paper is kept
        await audits.append(
            session, actor="x", action="paper.opened", object_kind="evidence_document", object_id=str(paper),
            detail={"employee": "3152"}, request_id=None,
        )  # fmt: skip
    done = await wang.post(second, mine)
    assert done.status_code in (200, 202), done.text


async def test_a_line_on_receivables_is_drawn_as_far_as_they_carry_and_the_refusal_says_how_far(
    secured: Make,
) -> None:
    owner, line_id = await secured(LIMIT)
    body = {"amount": {"amount": "1000.00", "currency": "CNY"}}
    refused = await owner.post(f"/v1/lines/{line_id}/draw-quotes", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "above_base")
    seen = (await owner.get(f"/v1/lines/{line_id}")).json()
    assert (seen["base"]["amount"], seen["available"]["amount"]) == ("0.00", "0.00")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"buyer": ""}, "buyer"),
        ({"buyer_licence": "91350100M000100Y44"}, "buyer_licence"),
        ({"number": "abcd"}, "number"),
        ({"amount": {"amount": "0.00", "currency": "CNY"}}, "amount"),
        ({"issued_on": "2026-02-30"}, "issued_on"),
        ({"due_on": "2020-01-01"}, "due_on"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_cannot_be_an_invoice_is_said_by_its_field(
    secured: Make, changed: dict[str, Any], field: str
) -> None:
    owner, line_id = await secured(LIMIT)
    refused = await offer(owner, line_id, **changed)
    assert refused.status_code == 422, refused.text
    assert [one["pointer"] for one in refused.json()["errors"]] == [f"#/{field}"]


async def test_d3_an_invoice_that_is_too_old_or_overdue_or_not_yet_written_is_refused(secured: Make) -> None:
    owner, line_id = await secured(LIMIT)
    today = date.today()

    def day(days: int) -> str:
        return (today + timedelta(days=days)).isoformat()

    for changed, bar in (
        ({"issued_on": day(-95)}, "too_old"),
        ({"issued_on": day(-50), "due_on": day(-5)}, "overdue"),
        ({"issued_on": day(5)}, "not_issued"),
    ):
        refused = await offer(owner, line_id, **changed)
        assert (refused.status_code, refused.json()["code"]) == (422, "receivable_not_fit"), refused.text
        assert bar in refused.text


async def test_only_a_line_on_receivables_takes_them_and_nobody_elses(line: Make, api: Any) -> None:
    owner, line_id = await line(LIMIT)
    refused = await offer(owner, line_id)
    assert (refused.status_code, refused.json()["code"]) == (422, "outside_policy")
    stranger = await api.owner()
    assert (await offer(stranger, line_id)).status_code == 404
    assert (await stranger.get(f"/v1/lines/{line_id}/base")).status_code == 404


async def test_a_pledge_takes_a_code_that_is_good_for_this_invoice_alone(secured: Make, api: Any) -> None:
    owner, line_id = await secured(LIMIT)
    made = [await offer(owner, line_id, number=f"2431200000001234567{n}", buyer=f"买家{n}有限公司") for n in (1, 2)]
    first, second = (one.json()["object_id"] for one in made)
    early = await owner.post(f"/v1/receivables/{first}/pledge-code")
    assert (early.status_code, early.json()["code"]) == (409, "not_in_this_stage")
    async with api.tools.sessions.begin(scope="worker") as session:
        await session.execute(
            text(
                "update receivable set state = 'supported', support = 'confirmed', confirmed_minor = amount_minor "
                "where line_id = :line"
            ),
            {"line": line_id},
        )
    assert (await owner.post(f"/v1/receivables/{first}/pledge-code")).status_code == 200
    code = api.phones.code(owner.name)
    wrong = await owner.post(f"/v1/receivables/{second}/pledge", {"code": code})
    assert (wrong.status_code, wrong.json()["code"]) == (410, "code_expired"), wrong.text
    right = await owner.post(f"/v1/receivables/{first}/pledge", {"code": code})
    assert right.status_code in (200, 202), right.text


async def test_the_desk_compares_and_notes_and_an_owner_sees_none_of_it(secured: Make, api: Any) -> None:
    owner, line_id = await secured(LIMIT)
    receivable_id = (await offer(owner, line_id)).json()["object_id"]
    async with api.tools.sessions.begin(scope="worker") as session:
        await session.execute(
            text("update receivable set state = 'review', near_id = id where id = :id"), {"id": receivable_id}
        )
    officer = await api.staff("officer", employee="3001")
    seen = (await officer.get("/v1/desk/receivables")).json()["items"]
    mine = next(one for one in seen if one["id"] == receivable_id)
    assert mine["like"] == "24312000000012345678"
    cards = (await officer.get("/v1/desk/cases")).json()["items"]
    (card,) = (one for one in cards if one["id"] == receivable_id)
    assert (card["came"], card["application_id"], card["late"]) == (["near_match"], None, False), "it is in the queue"
    judged = await officer.post(
        f"/v1/desk/receivables/{receivable_id}/comparison", {"clears": True, "words": "两张号码不同，订单也不同"}
    )
    assert judged.status_code in (200, 202), judged.text
    for body, field in (
        ({"fact": "vanished", "words": "说不清楚"}, "fact"),
        ({"fact": "credited", "words": "红字发票 001"}, "amount"),
        ({"fact": "disputed", "words": ""}, "words"),
    ):
        refused = await officer.post(f"/v1/desk/receivables/{receivable_id}/facts", body)
        assert refused.status_code == 422, refused.text
        assert [one["pointer"] for one in refused.json()["errors"]] == [f"#/{field}"]
    assert (await owner.get("/v1/desk/receivables")).status_code == 404
    body = {"fact": "disputed", "words": "来电说有争议"}
    assert (await officer.post(f"/v1/desk/receivables/{uuid4()}/facts", body)).status_code == 404
    async with api.tools.sessions.begin(scope="worker") as session:
        looks = await session.scalars(text("select what from access_record where actor = 'officer'"))
        assert "invoices" in set(looks), "each look is on record"


async def test_d1_one_like_a_pledged_invoice_is_cleared_by_two_and_not_by_the_same_person_twice(
    secured: Make, api: Any, pages: Any
) -> None:
    owner, line_id = await secured(LIMIT)
    held = (await offer(owner, line_id)).json()["object_id"]
    near = (await offer(owner, line_id, number="24312000000012345679")).json()["object_id"]
    async with api.tools.sessions.begin(scope="worker") as session:
        await session.execute(
            text("update receivable set state = 'pledged', registration_no = 'R1' where id = :h"), {"h": held}
        )
        await session.execute(
            text("update receivable set state = 'review', near_id = :h where id = :n"), {"h": held, "n": near}
        )
    place = f"/v1/desk/receivables/{near}/comparison"
    first, second = await api.staff("officer", employee="3001"), await api.staff("officer", employee="3002")
    short = await first.post(place, {"clears": True, "words": "没事的"})
    assert [one["pointer"] for one in short.json()["errors"]] == ["#/words"]
    said = {"clears": True, "words": "两张号码不同，订单也不同"}
    for _ in range(2):
        no = await first.post(place, said)
        assert (no.status_code, no.json()["code"]) == (409, "second_look"), no.text
    seen = next(one for one in (await second.get("/v1/desk/receivables")).json()["items"] if one["id"] == near)
    assert [(one["clears"], one["words"]) for one in seen["compared"]] == [(True, said["words"])], "once, however often"
    own = {"clears": True, "words": "买方和金额相同，订单号和送货单都不同"}
    unread = await second.post(place, own)
    assert (unread.status_code, unread.json()["code"]) == (409, "second_not_opened"), "a list is no look at it"
    assert (await second.get(f"/v1/desk/receivables/{near}/facts")).status_code == 200
    for copied in (said["words"], f"同意，{said['words']}。", "同意同意同意", "没有问题，通过"):
        no = await second.post(place, {"clears": True, "words": copied})
        assert [one["pointer"] for one in no.json()["errors"]] == ["#/words"], (copied, no.text)
    yes = await second.post(place, own)
    assert yes.status_code in (200, 202), yes.text
    items = (await first.get(f"/v1/desk/lines/{line_id}/receivables")).json()["items"]
    words = next(one for one in items if one["id"] == near)["compared"]
    assert [one["words"] for one in words] == [said["words"], own["words"]] and all(one["who"] for one in words)
    page = (await pages(first).get(f"/desk/lines/{line_id}/receivables")).text
    assert said["words"] in page and own["words"] in page, "both stay to be read"
    mine = await owner.get(f"/v1/lines/{line_id}")
    assert mine.status_code == 200 and said["words"] not in mine.text, "held against another firm's: not theirs"
    async with api.tools.sessions.begin(scope="staff") as session:
        with pytest.raises(DBAPIError):  # and nobody writes them anew
            await session.execute(text("update invoice_comparison set clears = false"))


async def test_d1_the_tail_of_an_invoice_or_its_number_with_a_prefix_is_refused_at_the_door(
    two: list[tuple[Any, UUID]],
) -> None:
    (first, its_line), (second, line_id) = two
    assert (await offer(first, its_line)).status_code in (200, 202)
    for who, of_line, code in ((first, its_line, "receivable_own"), (second, line_id, "receivable_known")):
        for number in ("No.24312000000012345678", "24312000000012345678号", "24312OOOOOOOI2345678", "12345678"):
            no = await offer(who, of_line, number=number)
            assert (no.status_code, no.json()["code"]) == (409, code), (number, no.text)


async def test_d5_a_late_buyers_claim_is_estimated_by_the_law(secured: Make, api: Any) -> None:
    owner, line_id = await secured(LIMIT)
    receivable_id = (await offer(owner, line_id)).json()["object_id"]
    today = business_date(datetime.now(UTC), Jurisdiction.CN)  # at night here it is tomorrow there
    async with api.tools.sessions.begin(scope="worker") as session:
        await session.execute(
            text("update receivable set issued_on = :i, due_on = :d where id = :id"),
            {"i": today - timedelta(days=120), "d": today + timedelta(days=30), "id": receivable_id},
        )
    claim = (await owner.get(f"/v1/receivables/{receivable_id}/late-claim")).json()
    assert claim["due_on"] == (today - timedelta(days=60)).isoformat(), "sixty days from delivery, whatever was agreed"
    assert (claim["days"], claim["interest"]["amount"]) == (60, "3000.00")


async def test_d5_the_laws_days_run_from_the_day_of_delivery_where_it_was_said(secured: Make, api: Any) -> None:
    owner, line_id = await secured(LIMIT)
    today = business_date(datetime.now(UTC), Jurisdiction.CN)  # at night here it is tomorrow there
    late = await offer(owner, line_id, delivered_on=(today + timedelta(days=2)).isoformat())
    assert (late.status_code, late.json()["errors"][0]["pointer"]) == (422, "#/delivered_on")
    long_ago = await offer(owner, line_id, delivered_on="1949-10-01")
    assert [(one["pointer"], one["code"]) for one in long_ago.json()["errors"]] == [("#/delivered_on", "too_long_ago")]
    delivered = (today - timedelta(days=8)).isoformat()
    receivable_id = (await offer(owner, line_id, delivered_on=delivered)).json()["object_id"]
    async with api.tools.sessions.begin(scope="worker") as session:
        await session.execute(
            text("update receivable set issued_on = :i, delivered_on = :v, due_on = :d where id = :id"),
            {
                "i": today - timedelta(days=120), "v": today - timedelta(days=70), "d": today + timedelta(days=30),
                "id": receivable_id,
            },
        )  # fmt: skip
    claim = (await owner.get(f"/v1/receivables/{receivable_id}/late-claim")).json()
    assert (claim["due_on"], claim["days"]) == ((today - timedelta(days=10)).isoformat(), 10)


async def test_d6_an_owner_brings_what_proves_an_invoice_from_its_page_and_a_person_takes_each(
    secured: Make, api: Any, pages: Any
) -> None:
    owner, line_id = await secured(LIMIT)
    receivable_id = (await offer(owner, line_id)).json()["object_id"]
    async with api.tools.sessions.begin(scope="worker") as session:
        await session.execute(text("update receivable set state = 'asked' where id = :id"), {"id": receivable_id})
    here, at = f"/lines/{line_id}/receivables", f"/lines/{line_id}/receivables/{receivable_id}"
    mine = pages(owner)
    for n, kind in enumerate(("order", "delivery", "payments", "delivery")):
        colour = ("red", "green", "blue", "green")[n]
        brought = await mine.post(f"{at}/papers", data=form(kind=kind), files=files((f"{kind}.jpg", photo(colour))))
        assert brought.status_code == 303, brought.text
    wrong = await mine.post(f"{at}/papers", data=form(kind="wish"), files=files(("x.jpg", photo("black"))))
    assert wrong.status_code == 422
    [seen] = (await owner.get(f"/v1/lines/{line_id}/base")).json()["receivables"]
    assert [(one["kind"], one["state"]) for one in seen["proofs"]] == [
        ("order", "received"), ("delivery", "received"), ("payments", "received"),
    ]  # fmt: skip
    assert f'action="{at}/prove"' not in (await mine.get(here)).text, "nobody has looked yet"
    async with api.tools.sessions.begin(scope="worker") as session:
        found = await session.execute(
            text("select id, application_id, item from evidence_document order by received_at")
        )
        rows = [row for row in found if row.item.endswith(receivable_id)]
    manager = await api.staff("manager")
    listed = (await manager.get(f"/v1/manager/customers/{rows[0].application_id}/checklist")).json()["items"]
    [order] = [one for one in listed if one["id"] == f"proof_order.{receivable_id}"]
    assert order["title"] == "订单或合同 · 24312000000012345678", "whoever looks sees which invoice it belongs to"
    for row in rows:
        took = await manager.post(f"/v1/manager/documents/{row.id}/judge", {"accepted": True})
        assert took.status_code == 200, took.text
    assert f'action="{at}/prove"' in (await mine.get(here)).text


@pytest.fixture
def lent(database: Any) -> Any:
    """A loan on a line in that state, of so much."""

    def make(line_id: UUID, state: str, minor: int) -> None:
        application, loan = uuid4(), uuid4()
        database.execute(
            f"insert into application (id, person_id, firm_id, product_id, policy_version, channel, stage, "
            f"amount_minor, currency, months, share, waiting_for, created_at, changed_at, line_id) "
            f"select '{application}', person_id, firm_id, 'p', 'v', 'api', 'funded', {minor}, 'CNY', 12, 0.1, "
            f"'nobody', now(), now(), id from credit_line where id = '{line_id}'",
            f"insert into loan (id, application_id, person_id, firm_id, product_id, policy_version, jurisdiction, "
            f"currency, principal_minor, annual_rate, day_count, share, months, terms, terms_hash, rate_units, "
            f"units_per_minor, share_ppm, window_months, windows, grace_days, shard, account_id, account_index, state, "
            f"created_at) select '{loan}', '{application}', person_id, firm_id, 'p', 'v', 'CN', 'CNY', {minor}, 0.073, "
            f"'ACT/365', 0.1, 12, '{{}}', 'h', 1, 1, 1, 3, 8, 3, 0, account_id, '\\x00', '{state}', now() "
            f"from credit_line where id = '{line_id}'",
        )

    return make


async def test_d3_what_is_drawn_and_what_is_approved_and_has_not_left_are_told_apart_with_the_cure_of_each(
    secured: Make, pages: Any, lent: Any
) -> None:
    owner, line_id = await secured(LIMIT)
    lent(line_id, "pending", 4_000_000)
    seen = (await owner.get(f"/v1/lines/{line_id}/base")).json()
    assert (seen["drawn"]["amount"], seen["reserved"]["amount"]) == ("0.00", "40000.00")
    assert (seen["cure"]["amount"], seen["held"]["amount"]) == ("0.00", "40000.00"), "nothing is to be repaid of it"
    page = (await pages(owner).get(f"/lines/{line_id}/receivables")).text
    assert (
        "已批还没放的 ¥40,000.00 里，有 ¥40,000.00 现在没有应收账款支持" in page and "已支用的比能支持的多" not in page
    )
    lent(line_id, "live", 9_000_000)
    seen = (await owner.get(f"/v1/lines/{line_id}/base")).json()
    assert (seen["drawn"]["amount"], seen["reserved"]["amount"]) == ("90000.00", "40000.00")
    assert (seen["shortfall"]["amount"], seen["cure"]["amount"]) == ("130000.00", "90000.00")
    page = (await pages(owner).get(f"/lines/{line_id}/receivables")).text
    assert "差 ¥90,000.00" in page and "差 ¥130,000.00" not in page


async def test_d3_what_raises_the_base_is_said_by_two_people_and_what_cuts_it_by_one(
    secured: Make, api: Any, pages: Any
) -> None:
    owner, line_id = await secured(LIMIT)
    receivable_id = (await offer(owner, line_id)).json()["object_id"]
    at, words = f"/v1/desk/receivables/{receivable_id}/facts", f"/v1/desk/receivables/{receivable_id}/words"
    li, twin, wang = [await api.staff("officer", employee=one) for one in ("3101", "3101", "3102")]
    assert (await li.post(at, {"fact": "disputed", "words": "买家来电说质量有争议"})).status_code in (200, 202)
    [cut] = (await wang.get(at)).json()["items"]
    assert (cut["standing"], cut["may_second"], cut["seconded"]) == ("waits", True, False), "in force, on one word"
    raised = {"fact": "undisputed", "words": "买家来电说争议解决了"}
    for login in (li, twin, li):
        no = await login.post(at, raised)
        assert (no.status_code, no.json()["code"]) == (409, "second_word"), "two logins of one person are one"
    _, waits = (await wang.get(at)).json()["items"]
    assert (waits["fact"], waits["standing"], waits["may_second"]) == ("undisputed", "waits", True)
    for login in (li, twin):
        own = await login.post(f"{words}/{waits['word_id']}/second", {"agrees": True, "words": "我自己也这么看"})
        assert (own.status_code, own.json()["code"]) == (409, "same_person")
    here = f"/desk/lines/{line_id}/receivables"
    page = (await pages(wang).get(f"{here}?one={receivable_id}")).text
    assert "Not in force: it waits for a colleague" in page and f'{receivable_id}/words/{waits["word_id"]}"' in page
    assert waits["word_id"] not in (await pages(li).get(f"{here}?one={receivable_id}")).text, "no button to be refused"
    bare = await wang.post(f"{words}/{waits['word_id']}/second", {"agrees": True, "words": "…"})
    assert bare.status_code == 422
    done = await pages(wang).post(
        f"{here}/{receivable_id}/words/{waits['word_id']}", data=form(say="so", words="看过函件")
    )
    assert done.status_code == 303, done.text
    _, stands = (await li.get(at)).json()["items"]
    assert (stands["standing"], stands["seconded"]) == ("stands", True)
    again = await wang.post(f"{words}/{waits['word_id']}/second", {"agrees": False, "words": "改主意了不同意"})
    assert (again.status_code, again.json()["code"]) == (409, "review_closed")
    assert (await wang.post(f"{words}/{uuid4()}/second", {"agrees": True, "words": "没有这句话"})).status_code == 404
    assert (
        await owner.post(f"{words}/{waits['word_id']}/second", {"agrees": True, "words": "我同意"})
    ).status_code == 404


async def test_d3_a_raise_that_is_turned_down_never_holds_and_a_cut_is_only_agreed_to(secured: Make, api: Any) -> None:
    owner, line_id = await secured(LIMIT)
    receivable_id = (await offer(owner, line_id)).json()["object_id"]
    at, words = f"/v1/desk/receivables/{receivable_id}/facts", f"/v1/desk/receivables/{receivable_id}/words"
    li, wang = [await api.staff("officer", employee=one) for one in ("3111", "3112")]
    assert (await li.post(at, {"fact": "barred", "words": "买家被列为失信"})).status_code in (200, 202)
    assert (await li.post(at, {"fact": "unbarred", "words": "买家已经恢复"})).json()["code"] == "second_word"
    cut, raised = await opened(wang, line_id, at)
    no = await wang.post(f"{words}/{cut['word_id']}/second", {"agrees": False, "words": "我看没有这回事"})
    assert [one["pointer"] for one in no.json()["errors"]] == ["#/agrees"], "against a cut one takes it back"
    assert (
        await wang.post(f"{words}/{cut['word_id']}/second", {"agrees": True, "words": "名单上有"})
    ).status_code == 200
    down = await wang.post(f"{words}/{raised['word_id']}/second", {"agrees": False, "words": "名单上还有"})
    assert down.status_code == 200, down.text
    cut, raised = (await wang.get(at)).json()["items"]
    assert (cut["standing"], cut["seconded"], raised["standing"]) == ("stands", True, "turned_down")
    assert (await wang.post(at, {"fact": "unbarred", "words": "我来说恢复了"})).json()["code"] == "second_word"


async def test_d3_a_cut_with_a_paper_stands_by_its_hash_and_one_paper_stands_behind_one_fact(
    secured: Make, api: Any, database: Any
) -> None:
    owner, line_id = await secured(LIMIT)
    receivable_id = (await offer(owner, line_id)).json()["object_id"]
    at = f"/v1/desk/receivables/{receivable_id}/facts"
    papers = [uuid4() for _ in range(3)]
    for paper, state, mine in zip(papers, ("accepted", "refused", "accepted"), (True, True, False), strict=True):
        whose = "and true" if mine else "and false"
        database.execute(
            "insert into evidence_document (id, application_id, person_id, item, channel, brought_by, name_sealed, "
            f"sha256, object_key, media_type, pages, size, state, received_at) select '{paper}', application_id, "
            f"person_id, 'proof_order.{receivable_id}', 'manager', 'm', '', '{paper.hex}', '{paper.hex}', 'image/png', "
            f"1, 1, '{state}', now() from receivable where id = '{receivable_id}' {whose}"
        )
    li = await api.staff("officer", employee="3121")
    note = {"fact": "credited", "words": "红字发票 001", "amount": {"amount": "1000.00", "currency": "CNY"}}
    for wrong in papers[1:]:
        no = await li.post(at, {**note, "document_id": str(wrong)})
        assert [one["pointer"] for one in no.json()["errors"]] == ["#/document_id"], "refused, or of nobody"
    taken = await li.post(at, {**note, "document_id": str(papers[0])})
    assert taken.status_code in (200, 202), taken.text
    [fact] = (await li.get(at)).json()["items"]
    assert (fact["standing"], fact["sha256"], fact["may_second"]) == ("stands", papers[0].hex, False)
    again = await li.post(at, {**note, "document_id": str(papers[0])})
    assert [one["pointer"] for one in again.json()["errors"]] == ["#/document_id"], "behind one fact"


async def test_d6_a_buyer_whom_no_register_knows_is_made_real_by_two(secured: Make, api: Any) -> None:
    owner, line_id = await secured(LIMIT)
    receivable_id = (await offer(owner, line_id)).json()["object_id"]
    async with api.tools.sessions.begin(scope="worker") as session:
        await session.execute(text("update receivable set state = 'review' where id = :id"), {"id": receivable_id})
    at = f"/v1/desk/receivables/{receivable_id}/comparison"
    li, twin, wang = [await api.staff("officer", employee=one) for one in ("3131", "3131", "3132")]
    said = {"clears": True, "words": "打过电话，公司是真的"}
    for login in (li, twin):
        assert (await login.post(at, said)).json()["code"] == "second_word"
    unread = await wang.post(at, {**said, "words": "去过现场，厂房和门牌都在"})
    assert unread.json()["code"] == "second_not_opened"
    await opened(wang, line_id, at.replace("comparison", "facts"))
    assert (await wang.post(at, {**said, "words": "去过现场，厂房和门牌都在"})).status_code in (200, 202)
