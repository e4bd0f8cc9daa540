"""P34: the committee through the API, with its story on real Temporal: called, voted on, counted, written down."""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pypdfium2
import pytest
from sqlalchemy import text
from temporalio.worker import Worker

from activities.committee import Committees
from activities.steps import Steps
from db.sessions import Sessions
from infra import temporal
from tests.api.conftest import Listening, ListeningPayout
from tests.api.test_brought_pages import form
from tests.api.test_credit_desk import VIEW, YES, done, investigated, staff_id, waiting
from worker import sandbox
from workflows.committee import Committee


class Seal:
    """The lender's seal, as a mark at the end of the paper."""

    async def sealed(self, pdf: bytes, reason: str) -> bytes:
        return pdf + b"\n%sealed: " + reason.encode()


@pytest.fixture
async def listening(api: Any) -> AsyncIterator[None]:
    """The worker of this module's stories, the committee's own among them."""
    sessions = Sessions(api.settings, scope="worker")
    steps = Steps(sessions, api.settings.clock_id)
    counting = Committees(steps, Seal(), api.tools.storage, api.tools.policies, "CN")  # type: ignore[arg-type]
    client = await temporal.connect(api.settings)
    async with Worker(
        client,
        task_queue=api.settings.temporal_task_queue,
        workflows=[Listening, ListeningPayout, Committee],
        activities=[counting.plan_sitting, counting.count_votes, counting.seal_minutes],
        workflow_runner=sandbox.runner(),
    ):
        yield
    await sessions.close()


@pytest.fixture
async def large(api: Any, begun: Any, at_stage: Any, database: Any) -> tuple[UUID, UUID]:
    """A case above every officer: (application, task)."""
    owner, application_id = begun
    task = await waiting(owner, application_id, at_stage, database, amount_minor=26_000_000)
    done(database, application_id)
    await investigated(api, database, application_id)
    return application_id, task


@pytest.fixture
async def members(api: Any) -> dict[str, Any]:
    """A chair and three members, each with a login."""
    return {
        name: await api.staff("officer", employee=f"{name}-{uuid4().hex[:6]}")
        for name in ("chair", "li", "wang", "zhao")
    }


async def person(api: Any, someone: Any) -> str:
    async with api.tools.sessions.begin() as session:
        return str(
            await session.scalar(text("select employee from staff where login = :login"), {"login": someone.name})
        )


async def call(api: Any, members: dict[str, Any], application_id: UUID, **more: Any) -> Any:
    body = {
        "chair": await person(api, members["chair"]),
        "members": [await person(api, one) for one in members.values()],
        "cases": [{"application_id": str(application_id), **more}],
    }
    return await members["chair"].post("/v1/desk/committee", body)


async def votes(someone: Any, sitting: dict[str, Any], say: str, words: str = "流水能覆盖，可以做", **more: Any) -> Any:
    (item,) = (await someone.get(f"/v1/desk/committee/{sitting['id']}")).json()["items"]
    await someone.get(f"/v1/desk/cases/{item['application_id']}")  # nobody votes on what they did not open
    body = {"say": say, "words": words, "seen_hash": item["now"], **more}
    return await someone.post(f"/v1/desk/committee/{sitting['id']}/items/{item['id']}/vote", body)


async def closed(api: Any, someone: Any, sitting: dict[str, Any]) -> dict[str, Any]:
    """The sitting once its minutes are sealed."""
    for _ in range(200):
        seen = (await someone.get(f"/v1/desk/committee/{sitting['id']}")).json()
        if seen["minutes_sha256"]:
            return seen
        await asyncio.sleep(0.1)
    raise AssertionError(f"never sealed: {seen}")


async def verdict(api: Any, task: UUID) -> Any:
    """What the committee told the case's task."""
    async with api.tools.sessions.begin(scope="worker") as session:
        return await session.scalar(
            text("select detail from command where workflow_id = :id and name = 'finish' and principal = 'system'"),
            {"id": f"task/{task}"},
        )


async def test_p34_a_case_above_everybody_goes_to_the_committee_whose_votes_decide_it(
    api: Any, large: Any, members: Any
) -> None:
    application_id, task = large
    chair, li, wang, zhao = members.values()
    await li.post(f"/v1/manager/tasks/{task}/own-view", VIEW)
    no = await li.post(f"/v1/manager/tasks/{task}/finish", YES)
    assert no.json()["params"] == {"exceeds": "amount", "goes_to": "committee"}
    await li.post(f"/v1/desk/cases/{application_id}/up", {"words": "建议上会，同意"})
    waits = (await chair.get("/v1/desk/committee")).json()["waiting"]
    assert str(application_id) in {card["application_id"] for card in waits}

    asked = [{"kind": "lease_renewed", "words": "续租到期末"}]
    sitting = (await call(api, members, application_id, amount={"amount": "250000.00"}, conditions=asked)).json()
    assert (sitting["state"], sitting["quorum"], sitting["passes_at"]) == ("open", 3, "2/3")
    while_voting = await li.post(f"/v1/manager/tasks/{task}/finish", YES)
    assert while_voting.json()["code"] == "on_agenda"

    shut = (await votes(li, sitting, "yes")).json()
    assert shut["items"][0]["mine"] == "yes"
    unseen = (await wang.get(f"/v1/desk/committee/{sitting['id']}")).json()["items"][0]["votes"]
    assert {one["say"] for one in unseen} == {None}, "nobody votes after another's example"
    assert sum(one["spoke"] for one in unseen) == 1
    await votes(wang, sitting, "no", "集中度偏高，不赞成")
    await votes(zhao, sitting, "yes")
    await votes(chair, sitting, "yes", "现金流充足，附续租条件同意")  # the last member: counted at once

    seen = await closed(api, chair, sitting)
    assert (seen["state"], seen["items"][0]["state"]) == ("closed", "passed")
    told = await verdict(api, task)
    assert (told["verdict"], told["amount_minor"], told["reason"]) == (
        "approve",
        25_000_000,
        "现金流充足，附续租条件同意",
    )
    assert told["conditions"] == asked
    assert told["staff_id"] == await staff_id(api, chair)

    late = await votes(li, sitting, "no")
    assert late.json()["code"] == "sitting_closed"
    paper = await li.get(f"/v1/desk/committee/{sitting['id']}/minutes")
    assert paper.content.startswith(b"%PDF") and b"%sealed: " in paper.content
    assert hashlib.sha256(paper.content).hexdigest() == seen["minutes_sha256"]
    document = pypdfium2.PdfDocument(paper.content)
    read = "".join(page.get_textpage().get_text_bounded() for page in document)
    assert "中文文本" in read and "the Chinese text governs" in read, "the minutes stand in both languages"


async def test_p34_a_sitting_is_called_voted_on_and_closed_from_its_pages(
    api: Any, pages: Any, large: Any, members: Any, listening: None
) -> None:
    application_id, task = large
    browsers = {name: pages(one) for name, one in members.items()}
    names = {name: await person(api, one) for name, one in members.items()}
    chair, here = browsers["chair"], "/desk/committee"
    nobody = await chair.post(here, data=form(chair=names["chair"]))
    assert (nobody.status_code, 'id="errors"' in nobody.text) == (422, True)
    ticked = {f"member-{one}": "yes" for one in names.values()}
    called = await chair.post(
        here, data=form(chair=names["chair"], **ticked, **{f"case-{application_id}": "yes"}), follow_redirects=True
    )
    assert called.status_code == 200, called.text
    vote = re.search(rf'action="({here}/[0-9a-f-]+)/([0-9a-f-]+)"', called.text)
    assert vote is not None
    room, item = vote[1], f"{vote[1]}/{vote[2]}"
    seen = re.search(r'name="seen_hash" value="([0-9a-f]+)"', called.text)
    assert seen is not None
    empty = await chair.post(item, data=form(say="yes", words="", seen_hash=seen[1]))
    assert (empty.status_code, 'id="errors"' in empty.text) == (422, True)
    for name, browser in browsers.items():
        await members[name].get(f"/v1/desk/cases/{application_id}")
        said = await browser.post(item, data=form(say="yes", words="流水能覆盖，可以做", seen_hash=seen[1]))
        assert said.status_code == 303
    sealed = await closed(api, members["chair"], {"id": room.rpartition("/")[2]})
    assert [one["state"] for one in sealed["items"]] == ["passed"]
    assert (await verdict(api, task))["verdict"] == "approve"
    late = await chair.post(f"{room}/close", data=form())
    assert late.status_code == 422
    assert (await chair.get(f"{room}/minutes")).content.startswith(b"%PDF")


async def test_p34_a_changed_case_voids_votes_by_name(api: Any, large: Any, members: Any, database: Any) -> None:
    application_id, task = large
    chair, li, wang, _ = members.values()
    sitting = (await call(api, members, application_id)).json()
    await votes(li, sitting, "yes")
    await votes(wang, sitting, "yes")
    database.execute(f"update application set months = 6 where id = '{application_id}'")
    stale = await votes(chair, sitting, "yes", seen_hash=sitting["items"][0]["case_hash"])
    assert stale.json()["code"] == "case_changed"
    (item,) = (await votes(chair, sitting, "yes")).json()["items"]
    assert item["changed"]
    names = {await person(api, li), await person(api, wang)}
    assert {one["employee"] for one in item["votes"] if one["void"]} == names
    refused = await li.post(f"/v1/desk/committee/{sitting['id']}/close")
    assert refused.json()["code"] == "not_a_member", "the chair alone closes the vote"
    assert (await chair.post(f"/v1/desk/committee/{sitting['id']}/close")).status_code == 200
    seen = await closed(api, chair, sitting)
    assert seen["items"][0]["state"] == "void"
    assert await verdict(api, task) is None
    again = await call(api, members, application_id)
    assert again.status_code == 200, "what was not decided can be called again"


async def test_p34_the_chairs_no_stops_and_whoever_has_a_part_can_only_step_back(
    api: Any, large: Any, members: Any, database: Any
) -> None:
    application_id, task = large
    chair, li, wang, zhao = members.values()
    done(database, application_id, await staff_id(api, zhao))
    await wang.post(f"/v1/desk/cases/{application_id}/tie")
    sitting = (await call(api, members, application_id)).json()
    assert (await votes(zhao, sitting, "yes")).json()["code"] == "manager_of_case"
    assert (await votes(wang, sitting, "yes")).json()["code"] == "self_approval"
    stranger = await api.staff("officer")
    assert (await votes(stranger, sitting, "yes")).json()["code"] == "not_a_member"
    for member in (zhao, wang):
        assert (await votes(member, sitting, "recused", "经办或关联，回避")).status_code == 200
    await votes(li, sitting, "yes")
    await votes(chair, sitting, "no", "担保不足，先不做")
    seen = await closed(api, chair, sitting)
    assert seen["items"][0]["state"] == "no_quorum", "who steps back is no quorum"
    assert await verdict(api, task) is None


async def test_p34_a_no_of_the_committee_is_told_in_the_chairs_plain_words(api: Any, large: Any, members: Any) -> None:
    application_id, task = large
    chair, *others = members.values()
    sitting = (await call(api, members, application_id)).json()
    for member in others:
        await votes(member, sitting, "yes")
    await votes(chair, sitting, "no", "现有负债偏高，先还清一笔再来")
    seen = await closed(api, chair, sitting)
    assert seen["items"][0]["state"] == "refused"
    told = await verdict(api, task)
    assert (told["verdict"], told["reason"], told["conditions"]) == ("decline", "现有负债偏高，先还清一笔再来", [])


async def test_p34_after_a_committees_no_nobody_who_voted_looks_again_whatever_they_voted_and_under_any_login(
    api: Any, large: Any, members: Any, database: Any
) -> None:
    application_id, task = large
    chair, li, wang, zhao = members.values()
    sitting = (await call(api, members, application_id)).json()
    await votes(li, sitting, "yes")
    await votes(wang, sitting, "abstain", "资料还不够，弃权")
    await votes(zhao, sitting, "no", "集中度偏高，不赞成")
    await votes(chair, sitting, "no", "现有负债偏高，先还清一笔再来")
    assert (await closed(api, chair, sitting))["items"][0]["state"] == "refused"
    database.execute(
        "insert into decision (id, application_id, person_id, n, outcome, reasons, limit_minor, features, ratios,"
        f" policy_version, decided_by, decided_at) select gen_random_uuid(), id, person_id, 2, 'decline', '[]', 0,"
        f" '{{}}', '{{}}', 'v', '{await staff_id(api, chair)}', now() from application where id = '{application_id}'"
    )
    li_again = await api.staff("officer", employee=await person(api, li))
    fresh = await api.staff("officer")
    no = {**YES, "verdict": "decline", "amount": None, "cause": "seen_on_site"}
    for who in (li, li_again, wang, zhao, chair):
        assert (await who.post(f"/v1/manager/tasks/{task}/own-view", VIEW)).status_code == 200
        answer = await who.post(f"/v1/manager/tasks/{task}/finish", no)
        assert (answer.status_code, answer.json()["code"]) == (409, "needs_two_people"), answer.text
    again = (await call(api, {**members, "fresh": fresh}, application_id)).json()
    for who in (li, wang):
        assert (await votes(who, again, "yes")).json()["code"] == "needs_two_people", "nor in another sitting"
    assert (await votes(li, again, "recused", "上次已表决，回避")).status_code == 200
    assert (await votes(fresh, again, "no", "负债仍然偏高，不赞成")).status_code == 200


async def test_p34_a_sitting_needs_its_members_and_each_case_once(api: Any, large: Any, members: Any) -> None:
    application_id, _ = large
    few = await call(api, {name: members[name] for name in ("chair", "li")}, application_id)
    assert (few.json()["code"], few.json()["params"]) == ("committee_too_small", {"least": 3})
    unknown = await members["chair"].post(
        "/v1/desk/committee", {"chair": "nobody", "members": ["nobody"], "cases": [], "hours": 10_000}
    )
    pointers = {error["pointer"] for error in unknown.json()["errors"]}
    assert pointers == {"#/members/0", "#/chair", "#/cases", "#/hours"}
    assert (await call(api, members, application_id)).status_code == 200
    assert (await call(api, members, application_id)).json()["code"] == "on_agenda"


async def test_p34_no_vote_is_changed_in_the_database_either(api: Any, large: Any, members: Any, database: Any) -> None:
    application_id, _ = large
    sitting = (await call(api, members, application_id)).json()
    await votes(members["li"], sitting, "yes")
    async with api.tools.sessions.begin(scope="staff") as session:
        with pytest.raises(Exception, match="permission denied"):
            await session.execute(text("update committee_vote set say = 'no'"))
    assert json.dumps(sitting["items"][0]["conditions"]) == "[]"


def brought(database: Any, application_id: UUID) -> None:
    """A paper that nobody has looked at yet."""
    database.execute(
        "insert into evidence_document (id, application_id, person_id, item, channel, brought_by, name_sealed, sha256,"
        f" object_key, media_type, pages, size, state, received_at) select '{uuid4()}', id, person_id, 'trade_proof',"
        f" 'owner', 'owner', '', '{uuid4().hex}', '{uuid4()}', 'image/jpeg', 1, 1, 'received', now()"
        f" from application where id = '{application_id}'"
    )


def looked_at(database: Any, application_id: UUID) -> None:
    database.execute(
        "update evidence_document set state = 'accepted', judged_by = 'staff:1', judged_at = now()"
        f" where application_id = '{application_id}' and state = 'received'"
    )


async def test_p33_a_yes_by_vote_takes_the_list_that_a_single_yes_takes_and_its_gaps_stand_there_before(
    api: Any, large: Any, members: Any, database: Any, pages: Any
) -> None:
    application_id, task = large
    chair, li, wang, _ = members.values()
    await li.post(f"/v1/manager/tasks/{task}/own-view", VIEW)
    brought(database, application_id)
    single = await li.post(f"/v1/manager/tasks/{task}/finish", YES)
    assert (single.status_code, single.json()["code"]) == (409, "duties_open")
    assert single.json()["params"] == {"duty": "papers_judged"} and "材料逐份看过" in single.json()["detail"]
    agenda = await call(api, members, application_id)
    assert (agenda.status_code, agenda.json()["code"]) == (409, "duties_open"), "nor is it voted on"
    looked_at(database, application_id)
    sitting = (await call(api, members, application_id)).json()
    assert (await votes(li, sitting, "yes")).status_code == 200
    brought(database, application_id)  # between two votes
    (item,) = (await wang.get(f"/v1/desk/committee/{sitting['id']}")).json()["items"]
    gaps = {one["code"]: one for one in item["duties"]["lines"] if one["standing"] == "gap"}
    assert gaps["papers_judged"]["stops"]
    assert not gaps["consents_given"]["stops"], "a gap that is shown and stops nobody"
    no = await votes(wang, sitting, "yes")
    assert (no.status_code, no.json()["code"]) == (409, "duties_open")
    page = (await pages(wang).get(f"/desk/committee/{sitting['id']}")).text
    assert "Every paper looked at" in page and f"/desk/cases/{application_id}#evidence-title" in page
    assert 'name="say" value="no"' in page and 'name="say" value="yes"' not in page, "no button that would be refused"
    assert (await votes(wang, sitting, "no", "先把材料看完")).status_code == 200, "a no needs no list"
    looked_at(database, application_id)
    seen = (await chair.get(f"/v1/desk/committee/{sitting['id']}")).json()
    assert all(one["void"] for one in seen["items"][0]["votes"] if one["spoke"]), "what was said of the other file"
    assert 'name="say" value="yes"' in (await pages(wang).get(f"/desk/committee/{sitting['id']}")).text
    for member in members.values():
        assert (await votes(member, sitting, "yes")).status_code == 200
    assert (await closed(api, chair, sitting))["items"][0]["state"] == "passed"


async def test_b7_a_vote_and_a_condition_of_the_agenda_say_no_rate_that_is_none_of_theirs(
    api: Any, large: Any, members: Any
) -> None:
    application_id, _ = large
    words = [{"kind": "insured", "words": "利率做到4.35%"}]
    no = await call(api, members, application_id, conditions=words)
    assert (no.status_code, no.json()["code"]) == (422, "rate_in_words")
    sitting = (await call(api, members, application_id)).json()
    said = await votes(members["li"], sitting, "yes", "同意，年化给到3.85")
    assert (said.status_code, said.json()["code"]) == (422, "rate_in_words")


async def test_p34_two_who_call_a_committee_for_one_case_at_once_get_one_sitting_and_one_named_no(
    api: Any, large: Any, members: Any
) -> None:
    application_id, _ = large
    body = {
        "chair": await person(api, members["chair"]),
        "members": [await person(api, one) for one in members.values()],
        "cases": [{"application_id": str(application_id)}],
    }
    answers = await asyncio.gather(*(one.post("/v1/desk/committee", body) for one in members.values()))
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409], [one.text for one in answers]
    assert {one.json().get("code") for one in answers} == {None, "on_agenda"}


async def test_p34_a_vote_stands_once_it_is_given_and_its_member_could_read_the_others(
    api: Any, large: Any, members: Any, pages: Any
) -> None:
    application_id, _ = large
    _, li, wang, zhao = members.values()
    sitting = (await call(api, members, application_id)).json()
    await votes(wang, sitting, "no", "集中度偏高，不赞成")
    (item,) = (await votes(li, sitting, "yes")).json()["items"]
    assert "no" in {one["say"] for one in item["votes"]}, "who has voted reads the others"
    li_again = await api.staff("officer", employee=await person(api, li))
    for who, say in ((li, "no"), (li, "yes"), (li, "recused"), (li_again, "no")):
        no = await votes(who, sitting, say, "跟大家一致，改一下")
        assert (no.status_code, no.json()["code"]) == (409, "vote_stands"), (say, no.text)
    both = await asyncio.gather(votes(zhao, sitting, "yes"), votes(zhao, sitting, "no"))
    assert sorted(one.status_code for one in both) == [200, 409], "nor two at once"
    page = (await pages(li).get(f"/desk/committee/{sitting['id']}")).text
    assert "your vote stands" in page and 'name="say"' not in page, "no button that would be refused"


async def test_p34_a_member_who_turns_out_to_be_tied_steps_back_from_a_vote_that_stands(
    api: Any, large: Any, members: Any
) -> None:
    application_id, _ = large
    li = members["li"]
    sitting = (await call(api, members, application_id)).json()
    await votes(li, sitting, "yes")
    await li.post(f"/v1/desk/cases/{application_id}/tie")
    (item,) = (await votes(li, sitting, "recused", "刚发现是亲戚，回避")).json()["items"]
    assert item["mine"] == "recused"
    assert (await votes(li, sitting, "recused", "再回避一次")).json()["code"] == "vote_stands"


async def test_p34_nobody_votes_on_a_case_that_they_never_opened(api: Any, large: Any, members: Any) -> None:
    application_id, _ = large
    li = members["li"]
    sitting = (await call(api, members, application_id)).json()
    (item,) = (await li.get(f"/v1/desk/committee/{sitting['id']}")).json()["items"]
    body = {"say": "yes", "words": "流水能覆盖，可以做", "seen_hash": item["now"]}
    where = f"/v1/desk/committee/{sitting['id']}/items/{item['id']}/vote"
    no = await li.post(where, body)
    assert (no.status_code, no.json()["code"]) == (409, "case_not_opened")
    await li.get(f"/v1/desk/cases/{application_id}")
    assert (await li.post(where, body)).status_code == 200


async def test_p34_a_remark_of_a_member_who_has_voted_is_no_view_and_no_vote(
    api: Any, large: Any, members: Any
) -> None:
    application_id, task = large
    li = members["li"]
    where = f"/v1/manager/tasks/{task}/own-view"
    view = {"verdict": "approve", "reason": "流水能覆盖，可以做", "opens": False}
    assert (await li.post(where, view)).status_code == 200
    sitting = (await call(api, members, application_id)).json()
    await votes(li, sitting, "yes")
    said = {"verdict": "decline", "reason": "看了别人的票，想改", "why": "和大家一致"}
    after = (await li.post(f"{where}/corrections", said)).json()
    assert after["own_view"]["verdict"] == "approve"
    assert after["own_view"]["corrected"][-1]["after_look"], "whoever has voted reads the votes"
    (item,) = (await li.get(f"/v1/desk/committee/{sitting['id']}")).json()["items"]
    assert item["mine"] == "yes", "the vote stands"


async def test_p34_the_chair_cannot_end_a_vote_over_the_heads_of_members_who_could_turn_it(
    api: Any, large: Any, members: Any
) -> None:
    application_id, _ = large
    chair, li, wang, zhao = members.values()
    sitting = (await call(api, members, application_id)).json()
    await votes(li, sitting, "yes")
    await votes(wang, sitting, "no", "集中度偏高，不赞成")
    await votes(chair, sitting, "yes")
    early = await chair.post(f"/v1/desk/committee/{sitting['id']}/close")
    assert (early.status_code, early.json()["code"], early.json()["params"]["missing"]) == (409, "votes_awaited", 1)
    await votes(zhao, sitting, "no", "集中度偏高，不赞成")
    assert (await closed(api, chair, sitting))["items"][0]["state"] in ("refused", "passed")
