"""The credit desk's pages as a browser without scripts uses them: every button, and what a refused one says."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from tests.api.test_brought_pages import files, form, photo
from tests.api.test_credit_desk import VIEW, case, investigated, under_condition  # noqa: F401  (fixtures)


def said(page: str) -> list[str]:
    """What a page says went wrong."""
    return re.findall(r'id="errors">.*?<ul>(.*?)</ul>', page, re.DOTALL)


def now_is(page: str) -> str:
    found = re.search(r'name="seen_hash" value="([0-9a-f]{64})"', page)
    assert found is not None, "the page says which case it shows"
    return found[1]


@pytest.fixture
async def room(api: Any, pages: Any, case: Any, database: Any) -> tuple[Any, str, Any]:  # noqa: F811
    """An officer at a case's page: (their browser, its address, the case's task)."""
    owner, application_id, task = case
    # A row without a file behind it has no name to open on a page.
    database.execute(
        f"delete from evidence_document where application_id = '{application_id}'",
        f"update application set stage = 'evidence' where id = '{application_id}'",
    )
    brought = await pages(owner).post(
        "/apply/papers", data=form(item="trade_proof"), files=files(("摊位.jpg", photo("red")))
    )
    assert brought.status_code == 303
    database.execute(
        f"update evidence_document set state = 'accepted' where application_id = '{application_id}'",
        f"update application set stage = 'review' where id = '{application_id}'",
    )
    return pages(await api.staff("officer")), f"/desk/cases/{application_id}", task


async def test_p34_a_case_is_taken_given_back_and_stands_where_it_belongs_in_the_queue(room: Any) -> None:
    li, here, _ = room
    assert f'href="{here}"' in (await li.get("/desk/cases")).text
    assert f'action="{here}/take"' in (await li.get(here)).text
    assert (await li.post(f"{here}/take", data=form())).headers["location"] == here
    seen = (await li.get(here)).text
    assert "You have it" in seen
    assert f'action="{here}/take"' not in seen
    assert (await li.post(f"{here}/give-back", data=form())).status_code == 303
    assert f'action="{here}/take"' in (await li.get(here)).text


async def test_p34_what_changed_is_seen_once_and_an_old_look_is_refused_beside_its_button(
    room: Any, database: Any
) -> None:
    li, here, _ = room
    before = now_is((await li.get(here)).text) if "seen_hash" in (await li.get(here)).text else "0" * 64
    database.execute(f"update application set amount_minor = 9000000 where id = '{here.rpartition('/')[2]}'")
    changed = (await li.get(here)).text
    assert "¥90,000.00" in changed
    stale = await li.post(f"{here}/looked", data=form(seen_hash=before))
    assert stale.status_code == 422
    assert "the case is another one by now" in stale.text or "changed" in stale.text
    assert (await li.post(f"{here}/looked", data=form(seen_hash=now_is(stale.text)))).status_code == 303
    assert f'action="{here}/looked"' not in (await li.get(here)).text


async def test_p34_a_verdict_with_conditions_goes_from_the_page_to_the_task(api: Any, room: Any) -> None:
    li, here, task = room
    await li.post(f"{here}/take", data=form())
    empty = await li.post(f"{here}/view", data=form(verdict="approve"))
    assert (empty.status_code, 'aria-invalid="true"' in empty.text) == (422, True)
    assert (await li.post(f"{here}/view", data=form(**VIEW))).status_code == 303
    assert f'action="{here}/decide"' not in (await li.get(here)).text, "a slip is corrected before the score opens"
    assert (await li.post(f"{here}/open", data=form())).status_code == 303
    opened = (await li.get(here)).text
    yes = {"verdict": "approve", "reason": "流水稳定，可以做", "seen_hash": now_is(opened)}
    ticked = {"condition-lease_renewed": "yes", "words-lease_renewed": "续到 2028 年", "words-register_fresh": "不算"}
    without = await li.post(f"{here}/decide", data=form(**yes | {"reason": ""}, **ticked))
    assert without.status_code == 422
    assert 'value="续到 2028 年"' in without.text, "what was typed is kept"
    done = await li.post(f"{here}/decide", data=form(**yes, **ticked))
    assert done.status_code == 303, said(done.text)
    async with api.tools.sessions.begin() as session:
        wanted = "select detail from command where workflow_id = :id and name = 'finish'"
        detail = await session.scalar(text(wanted), {"id": f"task/{task}"})
    assert detail["conditions"] == [{"kind": "lease_renewed", "words": "续到 2028 年"}]


async def test_p34_a_case_goes_up_with_words_and_a_tie_closes_it_to_whoever_said_so(
    room: Any, database: Any, api: Any
) -> None:
    li, here, _ = room
    application_id = UUID(here.rpartition("/")[2])
    database.execute(f"update application set amount_minor = 60000000 where id = '{application_id}'")
    await investigated(api, database, application_id)
    assert (await li.post(f"{here}/up", data=form(words=""))).status_code == 422
    up = await li.post(f"{here}/up", data=form(words="超过我的权限，建议同意"))
    assert up.status_code == 303, said(up.text)
    assert "超过我的权限，建议同意" in (await li.get(here)).text
    assert (await li.post(f"{here}/tie", data=form())).status_code == 303
    tied = (await li.get(here)).text
    assert f'action="{here}/take"' not in tied


async def test_p34_a_condition_is_met_or_let_go_from_the_page_and_a_no_stands_beside_it(
    api: Any, pages: Any, under_condition: Any  # noqa: F811
) -> None:  # fmt: skip
    _, application_id, _, condition_id = under_condition
    here = f"/desk/cases/{application_id}"
    async with api.tools.sessions.begin(scope="worker") as session:
        await session.execute(
            text(
                "insert into task (id, kind, application_id, person_id, role, state, params, created_at, due_at)"
                " select gen_random_uuid(), 'review', id, person_id, 'manager', 'open', '{\"reasons\": []}', now(),"
                " now() + interval '1 day' from application where id = :id"
            ),
            {"id": application_id},
        )
    li = pages(await api.staff("officer"))
    act = f"{here}/conditions/{condition_id}"
    assert act in (await li.get(here)).text
    nothing = await li.post(act, data=form(say="meet", proof="document:" + str(uuid4())))
    assert nothing.status_code == 422
    assert f'action="{act}"' in nothing.text
    no = await li.post(act, data=form(say="waive", why=""))
    assert no.status_code == 422
    done = await li.post(act, data=form(say="waive", why="旧债已由我行代偿，凭证在档"))
    assert done.status_code == 303, done.text
    assert "旧债已由我行代偿" in (await li.get(here)).text
