"""The gateways that move no money: identity, bureau, messages. What goes wrong may be asked again; a "no" may not."""

import base64
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from gateways.bureau import Bureau, CompanyReportOrder, HttpBureau, ReportOrder
from gateways.courts import Courts, HttpCourts, SearchOrder
from gateways.failures import GatewayRefused, GatewayUnavailable
from gateways.fields import HttpFields, NumberOrder
from gateways.identity import CheckKind, CheckOrder, CheckOutcome, HttpIdentityProvider, IdentityProvider
from gateways.messages import HttpMessages, MessageOrder, Messages
from gateways.pledges import HttpPledges
from gateways.registry import ExtractOrder, HttpRegistry, Registry
from gateways.tax import HttpTax
from gateways.titles import HttpTitles
from lending.contact_policy import ContactToken, Purpose
from simulators.numbers import an_id_number, code_check
from tests.gateways.test_pledges import INVOICE, PLEDGE
from tests.gateways.test_titles import CHARGE, PARCEL

ID_NUMBER, PENDING, OVERDUE = "330106197205287191", "510107197211129157", "430104197210159013"
CHECK = CheckOrder(check_id="c1", kind=CheckKind.NETWORK, name="李秀英", id_number=ID_NUMBER)
REPORT = ReportOrder(inquiry_id="q1", name="李秀英", id_number=ID_NUMBER, consent_hash="ab" * 32)
LICENCE = "92320508M3XH541158"
COMPANY = CompanyReportOrder(inquiry_id="f1", name="李记面馆", licence=LICENCE, consent_hash="ab" * 32)
SEARCH = SearchOrder(inquiry_id="s1", name="李秀英", id_number=ID_NUMBER, firm_name="李记面馆", licence=LICENCE)
EXTRACT = ExtractOrder(inquiry_id="e1", licence=LICENCE, id_number=ID_NUMBER)
TOKEN = ContactToken(UUID(int=1), Purpose.TOLD, "v")
MESSAGE = MessageOrder(token=TOKEN, message_id="m1", phone="19900000001", text="验证码 482913", purpose="login_code")


async def test_a_check_comes_back_with_outcome_score_and_reference(party):
    provider = HttpIdentityProvider(party("identity"), deadline=5)
    assert isinstance(provider, IdentityProvider)
    result = await provider.check(CHECK)
    assert result.outcome is CheckOutcome.MATCH
    assert isinstance(result.score, Decimal)
    assert Decimal("0.9") <= result.score < 1
    assert await provider.check(CHECK) == result


async def test_a_check_may_be_pending_or_no_match(party):
    provider = HttpIdentityProvider(party("identity"), deadline=5)
    pending = await provider.check(replace(CHECK, check_id="c2", id_number=PENDING))
    assert pending.outcome is CheckOutcome.PENDING
    wrong = await provider.check(replace(CHECK, check_id="c3", id_number=ID_NUMBER[:17] + "0"))
    assert (wrong.outcome, wrong.reason) == (CheckOutcome.MISMATCH, "id_number_invalid")


async def test_every_kind_of_check_is_understood(party):
    provider = HttpIdentityProvider(party("identity"), deadline=5)
    for kind in CheckKind:
        asked = replace(
            CHECK, check_id=f"c-{kind}", kind=kind, account="6200010000002335337", licence="92320508M3XH541158"
        )
        assert (await provider.check(asked)).outcome is CheckOutcome.MATCH, kind


async def test_a_report_comes_back_in_figures(party):
    bureau = HttpBureau(party("bureau"), deadline=5)
    assert isinstance(bureau, Bureau)
    report = await bureau.report(REPORT)
    assert (report.current_overdue_minor, report.dishonest, report.found) == (0, False, True)
    assert await bureau.report(REPORT) == report
    overdue = await bureau.report(replace(REPORT, inquiry_id="q2", id_number=OVERDUE))
    assert overdue.current_overdue_minor == 320_000


def someone(sequence: str) -> str:
    return an_id_number("330106", "19800101", sequence)


def firm(body: str) -> str:
    head = f"92330106{body}0"
    return head + code_check(head)


async def test_a_firm_has_a_report_of_its_own(party):
    bureau = HttpBureau(party("bureau"), deadline=5)
    report = await bureau.company_report(COMPANY)
    assert (report.current_overdue_minor, report.guarantees_minor, report.found) == (0, 0, True)
    assert await bureau.company_report(COMPANY) == report
    for n, (body, column, figure) in enumerate(
        [
            ("00000941", "current_overdue_minor", 1_500_000),
            ("00000942", "overdue_run_24", 4),
            ("00000943", "guarantees_minor", 900_000_000),
            ("00000944", "monthly_instalments_minor", 6_000_000),
        ]
    ):
        told = await bureau.company_report(replace(COMPANY, inquiry_id=f"f-{n}", licence=firm(body)))
        assert getattr(told, column) == figure
    with pytest.raises(GatewayRefused, match=r"^consent_missing$"):
        await bureau.company_report(replace(COMPANY, inquiry_id="f9", consent_hash=""))


async def test_the_courts_tell_of_debtors_enforcement_and_claims(party):
    courts = HttpCourts(party("courts"), deadline=5)
    assert isinstance(courts, Courts)
    record = await courts.search(SEARCH)
    assert (record.dishonest, record.enforced_minor) == (False, 0)
    assert await courts.search(SEARCH) == record
    found = [
        await courts.search(replace(SEARCH, inquiry_id=f"s-{sequence}", id_number=someone(sequence)))
        for sequence in ("902", "921", "922")
    ]
    assert [told.dishonest for told in found] == [True, False, False]
    assert [told.enforced_minor for told in found[1:]] == [8_600_000, 0]
    assert (found[2].open_claims, found[2].claims_minor) == (2, 260_000_000)


async def test_the_register_knows_state_age_area_and_other_firms(party):
    registry = HttpRegistry(party("registry"), deadline=5)
    assert isinstance(registry, Registry)
    extract = await registry.extract(EXTRACT)
    assert (extract.state, extract.area, extract.others) == ("normal", "320508", ())
    assert extract.established_on is not None
    second = replace(EXTRACT, inquiry_id="e2", licence=firm("M3XH5411"))
    assert (await registry.extract(second)).others == (LICENCE,)
    assert await registry.extract(EXTRACT) == extract  # the same question, the same answer
    states = [
        (await registry.extract(replace(EXTRACT, inquiry_id=f"e-{n}", id_number=someone(str(n))))).state
        for n in (931, 932, 933, 935, 937)
    ]
    assert states == ["abnormal", "revoked", "cancelled", "normal", "not_found"]


async def test_a_message_is_on_the_phone_once(party):
    gateway = HttpMessages(party("messages"), deadline=5)
    assert isinstance(gateway, Messages)
    assert await gateway.send(MESSAGE) == await gateway.send(MESSAGE)
    inbox = (await party("messages").get("/inbox?phone=19900000001")).json()["messages"]
    assert [message["text"] for message in inbox] == ["验证码 482913"]


async def test_one_id_with_two_contents_is_refused(party):
    provider, bureau = HttpIdentityProvider(party("identity"), deadline=5), HttpBureau(party("bureau"), deadline=5)
    gateway = HttpMessages(party("messages"), deadline=5)
    await provider.check(CHECK)
    await bureau.report(REPORT)
    await gateway.send(MESSAGE)
    with pytest.raises(GatewayRefused, match=r"^check_id_taken$"):
        await provider.check(replace(CHECK, name="王芳"))
    with pytest.raises(GatewayRefused, match=r"^inquiry_id_taken$"):
        await bureau.report(replace(REPORT, name="王芳"))
    with pytest.raises(GatewayRefused, match=r"^message_id_taken$"):
        await gateway.send(replace(MESSAGE, text="验证码 000000"))


async def test_a_report_without_consent_is_refused(party):
    with pytest.raises(GatewayRefused, match=r"^consent_missing$"):
        await HttpBureau(party("bureau"), deadline=5).report(replace(REPORT, consent_hash=""))


NUMBER = NumberOrder(request_id="n1", number="320583200201J00012")
QUESTIONS = {
    "identity": lambda line, deadline: HttpIdentityProvider(line, deadline=deadline).check(CHECK),
    "bureau": lambda line, deadline: HttpBureau(line, deadline=deadline).report(REPORT),
    "courts": lambda line, deadline: HttpCourts(line, deadline=deadline).search(SEARCH),
    "registry": lambda line, deadline: HttpRegistry(line, deadline=deadline).extract(EXTRACT),
    "tax": lambda line, deadline: HttpTax(line, deadline=deadline).verify(INVOICE),
    "pledges": lambda line, deadline: HttpPledges(line, deadline=deadline).register(PLEDGE),
    "estates": lambda line, deadline: HttpTitles(line, "estates", deadline=deadline).register(CHARGE),
    "fields": lambda line, deadline: HttpFields(line, deadline=deadline).read(PARCEL),
    "fields/border": lambda line, deadline: HttpFields(line, deadline=deadline).border(NUMBER),
    "messages": lambda line, deadline: HttpMessages(line, deadline=deadline).send(MESSAGE),
}


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("trouble", ["silent", "dripping", "resetting"])
async def test_no_whole_answer_means_ask_again(wire, name, trouble, request):
    line = await wire(request.getfixturevalue(trouble))
    with pytest.raises(GatewayUnavailable, match=f"^{name.partition('/')[0]}_interrupted$"):
        await QUESTIONS[name](line, 0.3)


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (500, b"oops", "error"),
        (503, {"code": "down"}, "error"),
        (429, {"code": "slow_down"}, "error"),
        (404, b"<html>", "error"),
        (200, b"<html>", "garbled"),
        (200, {}, "garbled"),
        (200, b"{" * 50_000, "garbled"),
    ],
)
async def test_nonsense_means_ask_again(wire, answering, name, status, body, code):
    with pytest.raises(GatewayUnavailable, match=f"^{name.partition('/')[0]}_{code}$"):
        await QUESTIONS[name](await wire(answering(status, body)), 3)


@pytest.mark.parametrize("name", QUESTIONS)
async def test_where_nobody_listens_one_may_ask_again(nobody, name):
    with pytest.raises(GatewayUnavailable, match=f"^{name.partition('/')[0]}_unreachable$"):
        await QUESTIONS[name](nobody, 1)


async def test_an_answer_about_somebody_else_is_no_answer(wire, answering):
    line = await wire(answering(202, {"message_id": "m2", "reference": "S"}))
    with pytest.raises(GatewayUnavailable, match=r"^messages_answered_something_else$"):
        await HttpMessages(line, deadline=3).send(MESSAGE)


@pytest.mark.parametrize("score", ["1.5", "-0.1", "nan", "0.99999"])
async def test_a_score_out_of_range_is_garbled(wire, answering, score):
    answer = {"check_id": "c1", "outcome": "match", "reference": "R", "score": score, "at": "2026-11-22T00:00:00Z"}
    with pytest.raises(GatewayUnavailable, match=r"^identity_garbled$"):
        await HttpIdentityProvider(await wire(answering(200, answer)), deadline=3).check(CHECK)


async def test_a_code_that_is_no_code_is_not_passed_on(wire, answering):
    line = await wire(answering(422, {"code": "name 李秀英 is wrong"}))
    with pytest.raises(GatewayUnavailable, match=r"^identity_error$"):
        await HttpIdentityProvider(line, deadline=3).check(CHECK)


def test_orders_do_not_show_whom_they_are_about():
    for order in (CHECK, REPORT, COMPANY, SEARCH, EXTRACT, MESSAGE):
        shown = repr(order)
        assert all(
            secret not in shown for secret in ("李秀英", "李记面馆", ID_NUMBER, LICENCE, "19900000001", "482913")
        )


def test_failures_survive_a_round_through_pickle():
    import pickle

    failure = pickle.loads(pickle.dumps(GatewayRefused("check_id_taken")))  # noqa: S301 (our own bytes)
    assert (type(failure), failure.code) == (GatewayRefused, "check_id_taken")


async def test_a_mail_and_its_files_come_whole_or_are_refused_by_name(party):
    sent = {"mail_id": "m-1", "recipient": "a1@b.example", "sender": "wx@tencent.com"}
    files = [{"name": "账单.zip", "content": base64.b64encode(b"PK\x03\x04").decode()}]
    assert (await party("messages").post("/mails", json={**sent, "files": files})).status_code == 202
    mails = HttpMessages(party("messages"))
    [attached] = await mails.attachments("m-1")
    assert (attached.n, attached.name, attached.size) == (0, "账单.zip", 4)
    assert await mails.attachment("m-1", 0, 100) == b"PK\x03\x04"
    for asking, code in (
        (lambda: mails.attachments("m-2"), "unknown_mail"),
        (lambda: mails.attachment("m-1", 9, 100), "unknown_file"),
        (lambda: mails.attachment("m-1", 0, 3), "file_too_large"),
    ):
        with pytest.raises(GatewayRefused) as refused:
            await asking()
        assert refused.value.code == code
