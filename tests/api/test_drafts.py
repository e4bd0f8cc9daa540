"""断点续传: a draft is left at any field and gone on with a month later through another door, with nothing lost."""

import itertools
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text, update

from api import drafting
from api.caller import ANONYMOUS, Caller
from api.hands import Hand
from api.partner.port import PartnerDrafts
from api.views import DraftView
from db import clocks, pacing, people
from db.tables import Draft, Notice
from lending.application_steps import KEPT, Channel
from lending.calendars import Jurisdiction
from worker.background.reminder import Reminder

QUIET = (time(21), time(9))
TYPED = {"amount": "80000", "kind": "sole_trader", "name": "陈小满", "id_number": "1101", "firm_name": "小满面馆"}


async def later(api: Any, by: timedelta) -> None:
    """Business time passes."""
    async with api.tools.sessions.begin(scope="worker") as session:
        clock_id = api.settings.clock_id
        now = await clocks.now(session, clock_id)
        await pacing.go(session, clock_id, Jurisdiction.CN, reason="test", to=now + by)


def fields(answer: Any) -> dict[str, str]:
    return {one["name"]: one["value"] for one in answer.json()["fields"]}


def version(answer: Any) -> dict[str, str]:
    return {"If-Match": answer.headers["ETag"]}


async def save(who: Any, typed: dict[str, str], headers: dict[str, str] | None = None, path: str = "/v1/draft") -> Any:
    sent = {"Idempotency-Key": f"k-{uuid4()}", **(headers or {})}
    answer = await who.client.patch(path, json={"fields": typed}, headers=sent)
    return who.document.checked("patch", path, answer)


async def test_x3_a_draft_left_at_any_field_is_resumed_by_the_manager_thirty_days_later_and_finished_by_the_owner(
    api: Any,
) -> None:
    owner, manager = await api.owner(), await api.staff("manager")
    seen: dict[str, str] = {}
    for name, value in TYPED.items():
        kept = await save(owner, {name: value}, seen)
        assert kept.status_code == 200, kept.text
        seen = version(kept)
    await later(api, timedelta(days=30))
    theirs = await manager.post(
        "/v1/manager/drafts", {"phone": owner.name, "fields": {"bank": "工商银行"}}, headers=seen
    )
    assert theirs.status_code == 200, theirs.text
    assert fields(theirs) == {**TYPED, "bank": "工商银行"}
    assert theirs.json()["step"] == "identity"
    resumed = await owner.get("/v1/draft")
    assert fields(resumed) == fields(theirs)
    assert {one["name"]: one["channel"] for one in resumed.json()["fields"]}["bank"] == "manager"
    reads = (await owner.get("/v1/privacy")).json()["reads"]
    assert [(one["what"], one["purpose"]) for one in reads] == [("draft", "assist")]


async def test_two_channels_at_once_lose_nothing_and_the_second_is_shown_the_difference(api: Any) -> None:
    owner, manager = await api.owner(), await api.staff("manager")
    begun = await save(owner, {"bank": "工商银行", "name": "陈小满"})
    path = f"/v1/manager/drafts/{begun.json()['id']}"
    assert (await save(manager, {"bank": "农业银行"}, version(begun), path)).status_code == 200
    other = await save(owner, {"firm_name": "小满面馆"}, version(begun))
    assert other.status_code == 200, "another field of an older version is no conflict"
    second = await save(owner, {"bank": "建设银行", "licence": "92"}, version(begun))
    assert second.status_code == 412
    told = second.json()
    assert told["code"] == "draft_changed"
    assert told["differs"] == [{"name": "bank", "theirs": "农业银行", "channel": "manager", "mine": "建设银行"}]
    assert fields(await owner.get("/v1/draft")) == {"bank": "农业银行", "name": "陈小满", "firm_name": "小满面馆"}
    decided = await save(owner, {"bank": "建设银行", "licence": "92"}, {"If-Match": f'"v{told["draft"]["version"]}"'})
    assert fields(decided) == {"bank": "建设银行", "name": "陈小满", "firm_name": "小满面馆", "licence": "92"}


class Erp:
    """A partner's ERP as a test double: the very port that the partners' door will speak to."""

    def __init__(self, api: Any) -> None:
        self._caller = Caller(api.tools, ANONYMOUS, "erp-1", "zh_CN", "-", "-", "", "", channel="partner")

    async def save(self, phone: str, fields: dict[str, str], *, seen: int, key: str) -> DraftView:
        return await drafting.save(self._caller, await self._hand(phone), fields, seen=seen, key=key)

    async def read(self, phone: str) -> DraftView | None:
        return await drafting.find(self._caller, await self._hand(phone))

    async def _hand(self, phone: str) -> Hand:
        tools = self._caller.tools
        async with tools.sessions.begin(scope="staff") as session:
            person_id = await people.know_by_phone(
                session, tools.vault, phone, locale="zh_CN", now=datetime(2026, 11, 29, tzinfo=UTC)
            )
        return Hand(Channel.PARTNER, person_id, "staff")


async def test_what_a_partners_erp_fills_in_waits_for_the_owner_on_their_phone(api: Any) -> None:
    erp: PartnerDrafts = Erp(api)
    phone = api.new_phone()
    assert await erp.read(phone) is None
    first = await erp.save(phone, {"firm_name": "小满面馆", "amount": "180000"}, seen=0, key="order-000001")
    again = await erp.save(phone, {"firm_name": "小满面馆", "amount": "180000"}, seen=0, key="order-000001")
    assert first == again
    owner = await api.owner(phone)
    draft = await owner.get("/v1/draft")
    assert fields(draft) == {"firm_name": "小满面馆", "amount": "180000"}
    assert {one["channel"] for one in draft.json()["fields"]} == {"partner"}


async def test_what_was_typed_is_sealed_and_no_answer_that_is_kept_quotes_it(api: Any) -> None:
    owner = await api.owner()
    draft = (await save(owner, {"name": "陈小满", "id_number": "110101199003070011"})).json()
    async with api.tools.sessions.begin(scope="worker") as session:
        row = (await session.execute(text("select * from draft where id = :id"), {"id": draft["id"]})).one()
        answers = (await session.execute(text("select response::text from idempotency_key"))).scalars().all()
        trail = (await session.execute(text("select detail::text from audit where action = 'draft.save'"))).scalars()
        everything = [str(row), *map(str, answers), *trail]
    assert not [one for one in everything if "110101199003070011" in one or "陈小满" in one]


async def test_a_draft_is_gone_once_it_is_sent_or_thrown_away(api: Any, begun: Any) -> None:
    owner, application_id = begun
    assert (await save(owner, {"name": "陈小满"})).status_code == 409, "an application that began keeps its own fields"
    other = await api.owner()
    await save(other, TYPED)
    gone = await other.client.delete("/v1/draft", headers={"Idempotency-Key": "k-throw-away"})
    assert gone.status_code == 204
    assert (await other.get("/v1/draft")).status_code == 404
    assert (await owner.get(f"/v1/applications/{application_id}")).status_code == 200


@pytest.mark.parametrize(
    ("typed", "code"),
    [({"code": "123456"}, "unknown_field"), ({"name": "a\tb"}, "not_text")],
)
async def test_what_no_page_asks_for_is_one_clear_line_and_nothing_is_kept(
    api: Any, typed: dict[str, str], code: str
) -> None:
    owner = await api.owner()
    answer = await save(owner, {"firm_name": "小满面馆", **typed})
    assert answer.status_code == 422
    assert [one["code"] for one in answer.json()["errors"]] == [code]
    assert (await owner.get("/v1/draft")).status_code == 404


async def test_a_reminder_a_day_at_most_by_day_three_in_all_and_none_after_no(api: Any, wired: Any) -> None:
    owner = await api.owner()
    draft_id = UUID((await save(owner, TYPED)).json()["id"])
    reminder = Reminder(wired, QUIET)
    for _ in range(4 * 14):
        await later(api, timedelta(hours=6))
        await reminder.round()
        await reminder.round()
    sent = await _reminders(api, draft_id)
    assert len(sent) == 3
    beijing = [one.astimezone(UTC) + timedelta(hours=8) for one in sent]
    assert all(9 <= one.hour < 21 for one in beijing)
    assert all(second - first >= timedelta(days=1) for first, second in itertools.pairwise(sent))
    await save(owner, {"bank": "工商银行"}, version(await owner.get("/v1/draft")))
    stopped = await owner.post("/v1/draft/reminders", {"wanted": False})
    assert stopped.json()["reminders"] is False
    for _ in range(8):
        await later(api, timedelta(hours=6))
        await reminder.round()
    assert await _reminders(api, draft_id) == sent


async def _reminders(api: Any, draft_id: UUID) -> list[datetime]:
    async with api.tools.sessions.begin(scope="worker") as session:
        person = await session.scalar(select(Draft.person_id).where(Draft.id == draft_id))
        found = await session.scalars(
            select(Notice.created_at)
            .where(Notice.person_id == person, Notice.kind == "draft_waiting")
            .order_by(Notice.created_at)
        )
        return list(found)


@pytest.mark.parametrize(("days", "found"), [(29, 200), (31, 404)])
async def test_x3_a_draft_is_kept_thirty_days_without_a_touch_and_no_longer(
    api: Any, wired: Any, days: int, found: int
) -> None:
    owner = await api.owner()
    draft_id = (await save(owner, TYPED)).json()["id"]
    async with api.tools.sessions.begin(scope="worker") as session:
        old = await clocks.now(session, api.settings.clock_id) - timedelta(days=days)
        await session.execute(update(Draft).where(Draft.id == draft_id).values(changed_at=old))
    await Reminder(wired, QUIET).round()
    assert (await owner.get("/v1/draft")).status_code == found


async def test_every_field_of_the_graph_is_kept_and_comes_back(api: Any) -> None:
    owner = await api.owner()
    typed = {name: f"值 {n}" for n, name in enumerate(KEPT)}
    await save(owner, typed)
    assert fields(await owner.get("/v1/draft")) == typed
