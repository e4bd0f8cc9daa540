"""B7: no word to a customer has a rate that is none of theirs, or a promise of a yes; whoever tries is on record."""

import hashlib
import importlib
import inspect
import pkgutil
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

import api.manager
import api.staff
from api.wire import Input
from db.tables import Audit, ThreadMessage, WordAttempt
from tests.api.test_credit_desk import VIEW, done, waiting

RATE, PROMISE = "给您做到年化4.35%，别人没有", "放心，保证批下来"
PRIVATELY = "手续快办一下，给我个人转两千"
FINE = "资料收到了。明天下午4点30分我到店里，首付30%的收据请备好。"

# Every field in which the lender's people write freely: that a customer reads it, so that it passes the gate (each is
# tried below or in the first test), or that none does. A new one fails the test at the end until it stands here.
READ = {
    *("routes.VerdictInput.reason", "routes.ConditionInput.words", "committee_routes.AskedInput.words"),
    *("committee_routes.VoteInput.words", "case_routes.WaiverInput.why", "paper_routes.JudgedInput.words"),
    *("offline_routes.BookInput.place", "offline_routes.EndInput.words", "offline_routes.AskInput.words"),
    "sales_routes.JudgeSalesInput.words",  # tests/api/test_brought_sales.py
    *(
        "line_routes.ActInput.reason",
        "collections_routes.AnswerInput.words",
        "talking_routes.AnswerInput.words",
        "talking_routes.SaidInput.text",
    ),
    "offline_routes.BookInput.reason",
}
UNREAD = {
    *("policy_routes.PublicationInput.reason", "policy_routes.ProposalInput.reason"),
    *("policy_routes.ProposalInput.text", "policy_routes.PolicyAnswerInput.reason"),
    *("routes.CorrectionInput.why",),
    *("routes.UpInput.words", "routes.ClosedInput.words", "case_routes.HandInput.words", "seeing_routes.SawInput.note"),
    *("offline_routes.WordsInput.words", "workbench_routes.CheckedInput.words", "care_routes.AnswerInput.reason"),
    *("care_routes.GlassInput.words", "care_routes.MoveInput.reason", "care_routes.OutcomeInput.outcome"),
    *("incoming_routes.FoundInput.words", "receivable_routes.CompareInput.words", "receivable_routes.HeardInput.words"),
    *("receivable_routes.TakeBackInput.words", "receivable_routes.SecondInput.words"),
    *("release_routes.AnswerInput.reason", "release_routes.CalledInput.words"),
    *("on_the_spot_routes.ExplainInput.explanation", "on_the_spot_routes.VouchInput.reason"),
    "securing_routes.ApartInput.reason",
    "securing_routes.TakenInput.reason",
    "reading_routes.GiveBackInput.reason",
    *("classing_routes.ProposalInput.words", "classing_routes.ProposalAnswer.words"),
    *("incoming_routes.SecondInput.words", "incoming_routes.JudgeInput.words"),
}
NAMES = {"words", "reason", "why", "note", "text", "place"}


@pytest.fixture
async def case(api: Any, begun: Any, at_stage: Any, database: Any) -> tuple[Any, UUID, UUID]:
    """(owner, application, its review)."""
    owner, application_id = begun
    task = await waiting(owner, application_id, at_stage, database)
    done(database, application_id)
    return owner, application_id, task


async def test_b7_a_rate_in_the_thread_is_refused_logged_and_never_sent(api: Any, case: Any, pages: Any) -> None:
    owner, application_id, _ = case
    mei, chen = await api.staff("manager"), await api.staff("officer")
    place = f"/v1/manager/customers/{application_id}/thread"
    no = await mei.post(place, {"text": RATE}, key_="one-form-sent-twice")
    assert (no.status_code, no.json()["code"]) == (422, "rate_in_words")
    assert "4.35%" in no.json()["detail"]
    assert "报价" in no.json()["detail"], "it says what to do instead"
    promised = await mei.post(place, {"text": PROMISE}, key_="one-form-sent-twice")
    assert (promised.status_code, promised.json()["code"]) == (422, "approval_promised")
    async with api.tools.sessions.begin(scope="staff") as session:
        sent = await session.scalars(select(ThreadMessage.id).where(ThreadMessage.application_id == application_id))
        assert not sent.all(), "nothing of it left"
        rows = (await session.scalars(select(WordAttempt).where(WordAttempt.application_id == application_id))).all()
    assert {(row.place, row.kind) for row in rows} == {("thread", "rate"), ("thread", "promise")}
    assert all("别人" not in row.said for row in rows), "only the part that says it is kept"
    async with api.tools.sessions.begin(scope="worker") as session:
        trail = (await session.scalars(select(Audit).where(Audit.action == "words.refused"))).all()
    assert {str(row.id) for row in rows} <= {line.object_id for line in trail}
    tried = (await chen.get("/v1/desk/word-attempts")).json()["items"]
    assert {"rate", "promise"} <= {one["kind"] for one in tried if one["place"] == "thread"}
    assert (await mei.get("/v1/desk/word-attempts")).status_code == 404, "who tried does not keep the list"
    assert "4.35%" in (await pages(chen).get("/desk/quotes")).text
    said = await mei.post(place, {"text": FINE}, key_="one-form-sent-twice")
    assert said.status_code == 200, "the same form with other words goes out"
    read = (await owner.get(f"/v1/applications/{application_id}/thread")).json()["messages"]
    assert [one["text"] for one in read] == [FINE]


async def test_b7_their_own_rate_passes_and_a_quote_makes_one_theirs(api: Any, case: Any) -> None:
    _, application_id, _ = case
    mei = await api.staff("manager")
    terms = (await mei.get("/v1/manager/catalogue")).json()["items"]
    theirs = next(one for one in terms if one["product_id"] == "revenue_linked_working_capital")["rates"][0]
    percent = f"{float(theirs) * 100:g}"
    place = f"/v1/manager/customers/{application_id}/thread"
    assert (await mei.post(place, {"text": f"年化 {percent}%，用一天算一天。"})).status_code == 200
    assert (await mei.post(place, {"text": f"年化 {float(percent) - 1:g}%，用一天算一天。"})).status_code == 422
    owner_asks = await case[0].post(f"/v1/applications/{application_id}/thread", {"text": "能做到年化3%吗？保证批吗？"})
    assert owner_asks.status_code == 200, "a customer may ask for anything"


async def test_b7_the_managers_page_shows_why_it_was_not_sent_and_keeps_the_words(
    api: Any, case: Any, pages: Any
) -> None:
    _, application_id, _ = case
    room = pages(await api.staff("manager"))
    page = f"/manager/customers/{application_id}"
    shown = (await room.get(page)).text
    hidden = {name: shown.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf", "key")}
    no = await room.post(f"{page}/thread", data={**hidden, "text": RATE})
    assert no.status_code == 422
    assert "别人没有" in no.text and "4.35%" in no.text


async def test_b7_every_other_word_that_a_customer_reads_passes_the_same_gate(
    api: Any, case: Any, database: Any
) -> None:
    owner, application_id, task = case
    li, clerk = await api.staff("officer"), await api.staff("operations")
    finish = f"/v1/manager/tasks/{task}/finish"
    assert (await li.post(f"/v1/manager/tasks/{task}/own-view", VIEW)).status_code == 200
    yes = {"verdict": "approve", "reason": "流水稳定，可以做"}
    with_condition = {**yes, "conditions": [{"kind": "lease_renewed", "words": RATE}]}
    complaint = (await owner.post("/v1/complaints", {"words": "多扣了 200 元，打电话没人接。"})).json()["id"]
    outside = uuid4()
    person = f"(select person_id from application where id = '{application_id}')"
    call = uuid4()
    database.execute(
        f"insert into task (id, kind, application_id, person_id, role, state, params, created_at, due_at) values "
        f"('{outside}', 'visit', '{application_id}', {person}, 'manager', 'open', '{{}}', now(),"
        f" now() + interval '1 day')",
        f"insert into help_call (id, person_id, asked_sealed, asked_at, due_at) values "
        f"('{call}', {person}, '', now(), now() + interval '1 day')",
        f"insert into loan_condition (id, application_id, person_id, decision_id, n, kind, owner, state,"
        " asked_by, asked_at, due_at) values"
        f" ('{outside}', '{application_id}', {person}, '{uuid4()}', 1, 'insured', 'customer', 'open',"
        f" 'staff:x', now(), now() + interval '1 day')",
        "insert into evidence_document (id, application_id, person_id, item, channel, brought_by, name_sealed, sha256,"
        f" object_key, media_type, pages, size, state, received_at) select '{outside}', id, person_id,"
        f" 'trade_proof', 'owner', 'owner', '', '{uuid4().hex}', '{uuid4()}', 'image/jpeg', 1, 1, 'received', now()"
        f" from application where id = '{application_id}'",
    )
    tries = {
        "verdict": (li, finish, {**yes, "reason": PROMISE}),
        "condition of a yes": (li, finish, with_condition),
        "complaint": (clerk, f"/v1/desk/complaints/{complaint}/answer", {"outcome": "upheld", "words": RATE}),
        "visit": (li, f"/v1/manager/offline/{outside}/finish", {"result": "not_possible", "words": RATE}),
        "place of a visit": (
            li,
            f"/v1/manager/offline/{outside}/slot",
            {"slot_at": "2030-01-01T10:00:00+08:00", "way": "on_site", "place": RATE},
        ),
        "asking for a visit": (li, f"/v1/manager/tasks/{task}/offline", {"kind": "visit", "words": RATE}),
        "call": (li, f"/v1/manager/calls/{call}/close", {"outcome": "answered", "words": PROMISE}),
        "private money": (li, f"/v1/manager/calls/{call}/close", {"outcome": "answered", "words": PRIVATELY}),
        "waiver": (li, f"/v1/desk/conditions/{outside}/waive", {"why": RATE}),
        "paper": (
            li,
            f"/v1/manager/documents/{outside}/judge",
            {"accepted": False, "refusal": "unreadable", "words": RATE},
        ),
    }
    for name, (who, path, body) in tries.items():
        no = await who.post(path, body)
        assert no.status_code == 422, (name, no.status_code, no.text)
        assert (no.json()["code"] == "money_beside") == (name == "private money"), name
        assert no.json()["code"] in ("rate_in_words", "approval_promised", "money_beside"), (name, no.text)
    waits = {
        "verdict": (li, finish, {**yes, "reason": "利息好商量，可以做"}),
        "condition of a yes": (
            li,
            finish,
            {**yes, "conditions": [{"kind": "lease_renewed", "words": "续租，费用另说"}]},
        ),
        "complaint": (
            clerk,
            f"/v1/desk/complaints/{complaint}/answer",
            {"outcome": "upheld", "words": "两百元转给您了，放心"},
        ),
        "visit": (
            li,
            f"/v1/manager/offline/{outside}/finish",
            {"result": "not_possible", "words": "没人在，费用下次再说"},
        ),
        "place of a visit": (
            li,
            f"/v1/manager/offline/{outside}/slot",
            {"slot_at": "2030-01-01T10:00:00+08:00", "way": "on_site", "place": "门口等，带两千现金"},
        ),
        "asking for a visit": (
            li,
            f"/v1/manager/tasks/{task}/offline",
            {"kind": "visit", "words": "去看看，行长认识他"},
        ),
        "call": (
            li,
            f"/v1/manager/calls/{call}/close",
            {"outcome": "answered", "words": "说了下周能放，放心"},
        ),
        "waiver": (li, f"/v1/desk/conditions/{outside}/waive", {"why": "熟人打过招呼，免了"}),
        "paper": (
            li,
            f"/v1/manager/documents/{outside}/judge",
            {"accepted": False, "refusal": "unreadable", "words": "重拍，批下来很快"},
        ),
    }
    for name, (who, path, body) in waits.items():
        no = await who.post(path, body)
        assert (no.status_code, no.json()["code"]) == (409, "words_held"), (name, no.text)
    database.execute(f"delete from help_call where id = '{call}'")  # no list can open what was never sealed


async def test_b7_a_yes_that_nobody_gave_leaves_neither_in_the_thread_nor_as_the_words_of_a_condition(
    api: Any, case: Any, database: Any
) -> None:
    _, application_id, task = case
    li = await api.staff("officer")
    told = "您的贷款已经批准了，80万，下周三放款"
    thread = f"/v1/manager/customers/{application_id}/thread"
    no = await li.post(thread, {"text": told})
    assert (no.status_code, no.json()["code"]) == (422, "approval_promised")
    assert "由系统在决定后通知" in no.json()["detail"]
    assert (await li.post(f"/v1/manager/tasks/{task}/own-view", VIEW)).status_code == 200
    asked = {
        "verdict": "approve",
        "reason": "流水稳定，可以做",
        "conditions": [{"kind": "lease_renewed", "words": told}],
    }
    assert (await li.post(f"/v1/manager/tasks/{task}/finish", asked)).json()["code"] == "approval_promised"
    for beside in ("已经批准了", "环评那样的贷款已经批准", "环评已经批准，贷款也一样"):
        assert (await li.post(thread, {"text": beside})).json()["code"] == "approval_promised", beside
    for others in ("环评已经批准", "消防已经批准了，贷款还在审", "The environmental permit has been approved"):
        told = await li.post(thread, {"text": others})
        assert told.status_code == 200, f"no yes of ours: {others}"
        assert told.json()["messages"][-1]["state"] == "waiting", "somebody else reads whether it leads anybody on"
    yes_of_theirs = "您的贷款已经批准，条件以决定页为准"
    assert (await li.post(thread, {"text": yes_of_theirs})).json()["code"] == "approval_promised"
    database.execute(f"update application set stage = 'offered' where id = '{application_id}'")
    told = await li.post(thread, {"text": yes_of_theirs})
    assert told.json()["messages"][-1]["state"] == "sent", "a yes that was given may be told"


def test_b7_every_field_of_free_words_says_whether_a_customer_reads_it() -> None:
    found: set[str] = set()
    for room in (api.manager, api.staff):
        for one in pkgutil.iter_modules(room.__path__):
            module = importlib.import_module(f"{room.__name__}.{one.name}")
            for name, kind in inspect.getmembers(module, inspect.isclass):
                if issubclass(kind, Input) and kind.__module__ == module.__name__:
                    found |= {
                        f"{one.name}.{name}.{field}" for field in inspect.get_annotations(kind) if free(kind, field)
                    }
    assert found == READ | UNREAD


def free(kind: type[Input], field: str) -> bool:
    info = kind.model_fields[field]
    longest = max((getattr(one, "max_length", None) or 0 for one in info.metadata), default=0)
    return info.annotation is str and (longest > 200 or field in NAMES)


WAITS = "消防已经批了，您的贷款同理"


async def thread_of(who: Any, application_id: UUID) -> list[dict[str, Any]]:
    return (await who.get(f"/v1/manager/customers/{application_id}/thread")).json()["messages"]


async def held_of(who: Any, application_id: UUID) -> dict[str, Any]:
    found = (await who.get("/v1/manager/held-words")).json()["items"]
    return next(one for one in found if one["application_id"] == str(application_id))


async def test_b7_words_on_a_yes_wait_for_a_second_reader_and_leave_as_they_were_written(api: Any, case: Any) -> None:
    owner, application_id, _ = case
    mei, chen = await api.staff("manager"), await api.staff("officer")
    place, held = f"/v1/manager/customers/{application_id}/thread", "/v1/manager/held-words"
    said = await mei.post(place, {"text": WAITS}, key_="one-form-of-one-page")
    assert said.status_code == 200, said.text
    assert [(one["text"], one["state"]) for one in said.json()["messages"]] == [(WAITS, "waiting")]
    again = await mei.post(place, {"text": WAITS})
    assert len(again.json()["messages"]) == 1, "sent twice, it waits once"
    theirs = f"/v1/applications/{application_id}/thread"
    assert (await owner.get(theirs)).json()["messages"] == [], "the customer sees nothing of it"
    kinds = {one["kind"] for one in (await owner.get("/v1/messages")).json()["items"]}
    assert "thread_message" not in kinds, "nor hears that there is something"

    assert (await mei.get(held)).status_code == 404, "a manager releases nobody's words"
    one = await held_of(chen, application_id)
    assert (one["mine"], one["topics"], one["place"]) == (False, ["approval"], "thread")
    assert one["sha256"] == hashlib.sha256(WAITS.encode()).hexdigest()
    cards = (await chen.get("/v1/manager/clocks?whose=all")).json()["items"]
    card = next(card for card in cards if card["id"] == one["id"])
    assert (card["kind"], card["due_at"], card["owner"]) == ("held_words", one["due_at"], one["lead"])
    assert one["lead"], "somebody has it by name"

    assert (await mei.post(f"{held}/{one['id']}/release")).status_code == 404
    gone = await chen.post(f"{held}/{one['id']}/release")
    assert gone.status_code == 200, gone.text
    twin = await chen.post(f"{held}/{one['id']}/return", {"reason": "说得太满，换一句"})
    assert (twin.status_code, twin.json()["code"]) == (409, "words_answered"), "of two readers the first counts"
    read = (await owner.get(theirs)).json()["messages"]
    assert [line["text"] for line in read] == [WAITS], "as it was written"
    assert [line["state"] for line in await thread_of(mei, application_id)] == ["sent"]
    async with api.tools.sessions.begin(scope="worker") as session:
        trail = (await session.scalars(select(Audit).where(Audit.object_id == one["id"]))).all()
    assert {line.action: line.detail["sha256"] for line in trail} == dict.fromkeys(
        ("words.held", "words.released"), one["sha256"]
    )


async def test_b7_nobody_releases_what_they_wrote_under_this_login_or_another(api: Any, case: Any) -> None:
    _, application_id, _ = case
    li, twin = await api.staff("officer", employee="li-hua"), await api.staff("officer", employee="li-hua")
    await li.post(f"/v1/manager/customers/{application_id}/thread", {"text": WAITS})
    one = await held_of(li, application_id)
    assert one["mine"]
    path = f"/v1/manager/held-words/{one['id']}/release"
    assert (await li.post(path)).json()["code"] == "own_words"
    assert (await twin.post(path)).json()["code"] == "own_words", "one person with two logins is one person"


async def test_b7_what_was_given_back_says_why_to_its_writer_alone(api: Any, case: Any, pages: Any) -> None:
    owner, application_id, _ = case
    mei, chen = await api.staff("manager"), await api.staff("officer")
    place = f"/v1/manager/customers/{application_id}/thread"
    await mei.post(place, {"text": WAITS})
    desk = pages(chen)
    page = (await desk.get("/manager/words")).text
    assert WAITS in page
    one = await held_of(chen, application_id)
    path = f"/v1/manager/held-words/{one['id']}/return"
    assert (await chen.post(path, {"reason": "…"})).status_code == 422, "a reason of dots is none"
    assert (await chen.post(path, {"reason": "消防批了不等于贷款批了"})).status_code == 200
    seen = await thread_of(mei, application_id)
    assert [(line["state"], line["reason"]) for line in seen] == [("returned", "消防批了不等于贷款批了")]
    assert "消防批了不等于贷款批了" in (await pages(mei).get(f"/manager/customers/{application_id}")).text
    no = await mei.post(place, {"text": WAITS})
    assert (no.status_code, no.json()["code"]) == (409, "words_returned"), "the same words are not asked twice"
    assert (await owner.get(f"/v1/applications/{application_id}/thread")).json()["messages"] == []


async def test_b7_words_of_a_form_leave_when_the_same_writer_sends_what_was_released(
    api: Any, case: Any, database: Any
) -> None:
    _, application_id, task = case
    li, chen = await api.staff("officer"), await api.staff("officer")
    path, words = f"/v1/manager/tasks/{task}/offline", "去看看，行长认识他"
    no = await li.post(path, {"kind": "visit", "words": words}, key_="form-that-is-sent-again")
    assert (no.status_code, no.json()["code"]) == (409, "words_held")
    assert "熟人关系" in no.json()["detail"]
    one = await held_of(chen, application_id)
    assert (await chen.post(f"/v1/manager/held-words/{one['id']}/release")).status_code == 200
    other = await chen.post(path, {"kind": "visit", "words": words})
    assert other.json()["code"] == "words_held", "the release is of one writer's words, not the releaser's"
    longer = await li.post(path, {"kind": "visit", "words": words + "，给个面子"})
    assert longer.json()["code"] == "words_held", "and of these words alone"
    sent = await li.post(path, {"kind": "visit", "words": words}, key_="form-that-is-sent-again")
    assert sent.status_code < 300, sent.text
    database.execute(f"update held_words set ended_at = ended_at - interval '8 days' where id = '{one['id']}'")
    late = await li.post(path, {"kind": "visit", "words": words})
    assert late.json()["code"] == "words_held", "a release is not for ever"


async def test_b7_a_manager_in_a_hurry_has_ready_phrases_in_the_language_of_the_page(
    api: Any, case: Any, pages: Any
) -> None:
    owner, application_id, _ = case
    mei = await api.staff("manager")
    ready = [one["text"] for one in (await mei.get("/v1/manager/phrases")).json()["items"]]
    assert "利率、费用以明白纸为准" in ready
    room, page = pages(mei), f"/manager/customers/{application_id}"
    shown = (await room.get(page)).text
    hidden = {name: shown.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf", "key")}
    phrase = shown.split('name="phrase" value="')[1].split('"')[0]
    assert (await room.post(f"{page}/thread", data={**hidden, "phrase": phrase, "text": ""})).status_code == 303
    read = (await owner.get(f"/v1/applications/{application_id}/thread")).json()["messages"]
    assert [one["text"] for one in read] == [phrase]
