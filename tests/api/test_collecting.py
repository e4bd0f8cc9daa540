"""Journey 7: who is late and why, what is done about it, and what their own word changes at once."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from activities.collecting import Collecting, LatenessWatch
from activities.ports.collecting import CaseStanding, CollectionLook
from activities.steps import Steps
from db import clocks
from lending.calendars import BEIJING, Jurisdiction, business_date
from policies.book import load
from tests.api.test_behind import scalar
from tests.api.test_plans import A_DAY, TODAY, Living
from tests.api.test_plans import living as living
from worker.background.courier import Courier

# Of ¥80,000 in eight windows one was to have been paid, and nothing was.
SHORT = 1_000_000


@dataclass
class Street:
    """A loan whose owner sold nothing for a window, an officer, and mornings that come one after the other."""

    api: Any
    loan: Living
    officer: Any
    courier: Courier
    since: date

    @property
    def room(self) -> Collecting:
        return Collecting(Steps(self.loan.wired.sessions, self.api.settings.clock_id), load(), Jurisdiction.CN)

    async def now(self) -> datetime:
        async with self.api.tools.sessions.begin() as session:
            return await clocks.now(session, self.api.settings.clock_id)

    async def is_late(self, days: int) -> None:
        """The close of the evening before said so many days less one; it is ten in the morning, Beijing time."""
        on = self.since + timedelta(days=days)
        morning = datetime(on.year, on.month, on.day, 10, tzinfo=BEIJING)
        async with self.api.tools.sessions.begin() as session:
            await clocks.move(session, self.api.settings.clock_id, jump_to=morning, reason="test")
        self.loan.database.execute(
            f"update loan_balance set as_of = '{on - A_DAY}', past_due_since = '{self.since}',"
            f" past_due_minor = {SHORT}, days_past_due = {days - 1}, windows_passed = 1, status = 'past_due'"
            f" where loan_id = '{self.loan.loan_id}'"
        )

    async def is_at(self, hours: int) -> None:
        """So many hours after the midnight of this day, Beijing time."""
        midnight = (await self.now()).astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
        async with self.api.tools.sessions.begin() as session:
            jump = midnight + timedelta(hours=hours)
            await clocks.move(session, self.api.settings.clock_id, jump_to=jump, reason="test")

    async def mornings(self, first: int, last: int) -> None:
        """Each morning: the night has looked, the case looks, the courier goes at once and eight hours later."""
        for days in range(first, last + 1):
            await self.is_late(days)
            await self.morning()

    async def morning(self) -> CaseStanding | None:
        async with self.loan.wired.sessions.begin() as session:
            now = await clocks.now(session, self.api.settings.clock_id)
            await LatenessWatch(self.api.settings.clock_id).look(
                session, business_date(now, Jurisdiction.CN) - A_DAY, now
            )
        case_id = await self.case_id()
        standing = await self.room.look_at_case(CollectionLook(case_id)) if case_id else None
        for hours in (0, 8):
            await self.courier.look(now + timedelta(hours=hours))
        return standing

    async def case_id(self) -> UUID | None:
        asked = "select id from collection_case where loan_id = :l order by opened_at desc limit 1"
        return await scalar(self.api, asked, l=self.loan.loan_id)

    async def steps(self) -> dict[str, int]:
        """On which day past due each step was taken."""
        asked = "select name, days_past_due from collection_step where case_id = :c order by taken_at"
        async with self.loan.wired.sessions.begin() as session:
            from sqlalchemy import text

            return {row[0]: row[1] for row in await session.execute(text(asked), {"c": await self.case_id()})}

    async def line(self) -> dict[str, Any]:
        answer = await self.officer.get("/v1/desk/collections")
        assert answer.status_code == 200, answer.text
        return next(one for one in answer.json()["items"] if one["loan_id"] == str(self.loan.loan_id))

    async def seen(self) -> dict[str, Any]:
        answer = await self.loan.owner.get(f"/v1/loans/{self.loan.loan_id}/late")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def says(self, what: str, **said: Any) -> Any:
        return await self.loan.owner.post(f"/v1/loans/{self.loan.loan_id}/late/{what}", said)

    async def contact(self, step: str) -> Any:
        case_id = await self.case_id()
        return await self.officer.post(f"/v1/desk/collections/{case_id}/steps/{step}/contact", {})

    async def outcome(self, step: str, **said: Any) -> Any:
        case_id = await self.case_id()
        return await self.officer.post(f"/v1/desk/collections/{case_id}/steps/{step}/outcome", said)

    async def sold(self, before: int, lately: int) -> None:
        """So much a day for months, and since half a month before the due date; its owner lets us look."""
        day = self.since - timedelta(days=112)
        async with self.api.tools.sessions.begin() as session:
            today = business_date(await clocks.now(session, self.api.settings.clock_id), Jurisdiction.CN)
        while day < max(today, self.since):
            self.loan.sells(day, lately if day >= self.since - timedelta(days=16) else before)
            day += A_DAY
        self.loan.database.execute(
            "insert into consent (id, person_id, application_id, purpose, scope, text_hash, locale, channel, proof,"
            f" given_at, expires_on, source) select '{uuid4()}', person_id, application_id, 'flows_analysis', '', '',"
            f" 'zh_CN', 'web', '{{}}', now() - interval '1 day', '2030-01-01', '' from loan"
            f" where id = '{self.loan.loan_id}'"
        )

    async def was_late_before(self, days: int, *, unaided: bool = True) -> None:
        self.loan.database.execute(
            "insert into collection_case (id, loan_id, person_id, since, opened_on, opened_at, figures, ended,"
            f" ended_on, unaided) select '{uuid4()}', id, person_id, '{TODAY}', '{TODAY}', now(), '{{}}', 'cured',"
            f" '{TODAY + timedelta(days=days)}', {unaided} from loan where id = '{self.loan.loan_id}'"
        )


@pytest.fixture
async def street(api: Any, living: Living, wired: Any) -> Street:
    async with api.tools.sessions.begin() as session:
        since = business_date(await clocks.now(session, api.settings.clock_id), Jurisdiction.CN)
    return Street(api, living, await api.staff("officer"), Courier(wired), since)


async def test_g1_a_segment_is_assigned_on_the_first_morning_with_its_reason_and_anew_on_each_event(
    street: Street,
) -> None:
    await street.mornings(4, 4)
    line = await street.line()
    assert (line["segment"], line["stage"], line["reason"]) == ("forgetful", "early", "never_late_before")
    assert (await street.says("dispute", reason="paid_already", words="上周已经转账还过了")).status_code == 200
    asked = "select count(*) from command where workflow_id = :w and name = 'happened'"
    assert await scalar(street.api, asked, w=f"case/{await street.case_id()}") == 1, "the case is woken by the word"
    await street.morning()
    assert (await street.line())["segment"] == "disputing"
    kept = "select count(*) from case_segment where case_id = :c"
    assert await scalar(street.api, kept, c=await street.case_id()) == 2, "what it was before stays on record"


async def test_g2_who_paid_by_themselves_before_gets_one_notice_in_the_app_and_no_call_before_day_five(
    street: Street,
) -> None:
    await street.was_late_before(6)
    await street.sold(500_000, 500_000)
    await street.mornings(4, 7)
    assert (await street.line())["segment"] == "self_curer"
    assert await street.steps() == {"notice": 4}
    seen = await street.seen()
    assert [(one["kind"], one["channel"]) for one in seen["contacts"]] == [("late_notice", "app")]
    sent = (
        "select reference from notice where kind = 'late_notice'"
        " and person_id = (select person_id from loan where id = :l)"
    )
    assert await scalar(street.api, sent, l=street.loan.loan_id) == "app", "it rang at no number"


async def test_g3_who_sells_less_is_offered_help_before_any_demand(street: Street) -> None:
    await street.sold(500_000, 200_000)
    await street.mornings(4, 12)
    line = await street.line()
    assert (line["segment"], line["reason"]) == ("squeezed", "sales_are_down")
    assert dict(line["figures"])["usual_minor"] == str(500_000 * 28)
    steps = line["steps"]
    assert [one["name"] for one in steps] == ["relief", "help_call"]
    assert all(one["offers_relief"] and one["purpose"] == "reminder" for one in steps)
    kinds = {one["kind"] for one in (await street.seen())["contacts"]}
    assert kinds == {"late_relief"}


async def test_sales_of_somebody_who_took_the_consent_back_are_not_looked_at(street: Street, database: Any) -> None:
    await street.sold(500_000, 500_000)
    await street.was_late_before(30, unaided=False)
    person = f"(select person_id from loan where id = '{street.loan.loan_id}')"
    database.execute(f"update consent set withdrawn_at = now() - interval '1 hour' where person_id = {person}")
    await street.mornings(40, 40)
    assert (await street.line())["reason"] == "means_unknown", "and whoever cannot be told apart is helped first"


async def test_a_promise_keeps_everybody_away_until_the_day_after_it_and_a_broken_one_counts(street: Street) -> None:
    await street.mornings(4, 4)
    on = street.since + timedelta(days=10)
    answer = await street.says("promise", on=on.isoformat())
    assert answer.status_code == 200, answer.text
    assert [one["state"] for one in answer.json()["promises"]] == ["open"]
    twice = await street.says("promise", on=on.isoformat())
    assert (twice.status_code, twice.json()["code"]) == (409, "promise_stands")
    taken = await street.steps()
    await street.mornings(5, 11)
    assert await street.steps() == taken, "nothing was done meanwhile"
    await street.mornings(12, 12)
    assert [one["state"] for one in (await street.seen())["promises"]] == ["broken"]
    assert "letter" in await street.steps()


async def test_a_promise_is_for_the_next_two_weeks_and_no_more_than_what_is_past_due(street: Street) -> None:
    await street.mornings(4, 4)
    for on in (street.since, street.since + timedelta(days=4 + 15)):
        no = await street.says("promise", on=on.isoformat())
        assert (no.status_code, no.json()["errors"][0]["code"]) == (422, "promise_day"), no.text
    much = {"amount": f"{(SHORT + 1) / 100:.2f}", "currency": "CNY"}
    no = await street.says("promise", on=(street.since + timedelta(days=6)).isoformat(), amount=much)
    assert (no.status_code, no.json()["errors"][0]["pointer"]) == (422, "#/amount")


async def test_g7_a_dispute_freezes_the_demand_that_waited_and_is_answered_within_twenty_days(street: Street) -> None:
    await street.is_late(8)
    await street.is_at(23)
    await street.morning()
    await street.mornings(9, 9)
    assert (await street.says("dispute", reason="wrong_sum", words="金额不对，应当少两千")).status_code == 200
    seen = await street.seen()
    (dispute,) = seen["disputes"]
    made, due = (datetime.fromisoformat(dispute[one]) for one in ("made_at", "due_at"))
    assert (seen["frozen"], due - made) == (True, timedelta(days=20))
    again = await street.says("dispute", reason="other", words="再说一次同样的话")
    assert (again.status_code, again.json()["code"]) == (409, "dispute_stands")
    before = len(seen["contacts"])
    await street.mornings(10, 20)
    assert len((await street.seen())["contacts"]) == before, "nothing pressed while it is frozen"
    case_id = await street.case_id()
    answer = await street.officer.post(
        f"/v1/desk/collections/{case_id}/dispute", {"verdict": "not_upheld", "words": "核对过流水，这一笔没有到账"}
    )
    assert answer.status_code == 200, answer.text
    seen = await street.seen()
    assert (seen["frozen"], seen["disputes"][0]["answer"]) == (False, "核对过流水，这一笔没有到账")


async def test_g5_a_call_asks_the_rules_first_and_stands_with_its_agent_in_the_borrowers_list(street: Street) -> None:
    await street.mornings(4, 8)
    assert (await street.steps())["call"] == 8
    await street.is_at(23)
    called = await street.contact("call")
    assert (called.status_code, called.json()["code"]) == (409, "not_now"), "nobody is called at night"
    assert "夜里不打扰" in called.json()["messages"]["zh_CN"]
    await street.is_at(33)
    called = await street.contact("call")
    assert called.status_code == 200, called.text
    assert called.json()["phone"].startswith("1")
    last = (await street.seen())["contacts"][0]
    assert (last["channel"], last["talked"]) == ("call", False)
    assert last["agent"].startswith("staff:")
    on = business_date(await street.now(), Jurisdiction.CN) + timedelta(days=3)
    done = await street.outcome("call", outcome="promised", promised_on=on.isoformat())
    assert done.status_code == 200, done.text
    seen = await street.seen()
    assert (seen["contacts"][0]["talked"], seen["promises"][0]["made_by"]) == (True, last["agent"])
    assert (await street.outcome("call", outcome="talked")).json()["code"] == "step_done"


async def test_an_outcome_needs_a_call_that_was_allowed(street: Street) -> None:
    await street.mornings(4, 8)
    no = await street.outcome("call", outcome="talked")
    assert (no.status_code, no.json()["code"]) == (409, "step_done")


async def test_a_payment_stops_a_demand_that_waited_before_the_next_close(street: Street) -> None:
    await street.mornings(4, 4)
    person = await scalar(street.api, "select person_id from loan where id = :l", l=street.loan.loan_id)
    application = await scalar(street.api, "select application_id from loan where id = :l", l=street.loan.loan_id)
    letter = uuid4()
    street.loan.database.execute(
        "insert into notice (id, person_id, application_id, kind, params, state, created_at) values"
        f" ('{letter}', '{person}', '{application}', 'late_letter', '{{}}', 'waiting', now())",
        f"update loan_balance set principal_minor = principal_minor - {SHORT} where loan_id = '{street.loan.loan_id}'",
    )
    await street.courier.look(await street.now() + timedelta(hours=1))
    row = "select state || '/' || because from notice where id = :id"
    assert await scalar(street.api, row, id=letter) == "stopped/nothing_owed"
    assert (await street.seen())["past_due"]["amount"] == "0.00"


async def test_a_cure_ends_the_case_and_what_waited_for_a_person_is_not_needed_any_more(
    street: Street, database: Any
) -> None:
    await street.mornings(4, 8)
    database.execute(
        "update loan_balance set past_due_since = null, past_due_minor = 0, days_past_due = 0, status = 'as_agreed'"
        f" where loan_id = '{street.loan.loan_id}'"
    )
    standing = await street.morning()
    assert standing is not None
    assert standing.ended == "cured"
    assert (await street.seen())["ended"] == "cured"
    asked = "select outcome from collection_step where case_id = :c and name = 'call'"
    assert await scalar(street.api, asked, c=await street.case_id()) == "not_needed"
    again = await street.room.look_at_case(CollectionLook(UUID(str(await street.case_id()))))
    assert again.ended == "cured", "a second run does nothing twice"


async def test_the_night_opens_one_case_a_stretch_and_its_story_begins_with_the_row(street: Street) -> None:
    await street.mornings(4, 6)
    case_id = await street.case_id()
    started = "select count(*) from command where workflow_id = :w and name = 'open_case'"
    assert await scalar(street.api, started, w=f"case/{case_id}") == 1
    cases = "select count(*) from collection_case where loan_id = :l"
    assert await scalar(street.api, cases, l=street.loan.loan_id) == 1


async def test_nobody_else_sees_or_answers_for_a_late_loan(street: Street, api: Any) -> None:
    await street.mornings(4, 4)
    stranger = await api.owner()
    where = f"/v1/loans/{street.loan.loan_id}/late"
    assert (await stranger.get(where)).status_code == 404
    for what, said in (
        ("promise", {"on": street.since.isoformat()}),
        ("dispute", {"reason": "other", "words": "不是我的"}),
    ):
        assert (await stranger.post(f"{where}/{what}", said)).status_code == 404


async def posts(client: Any, where: str, from_page: str, **said: str) -> Any:
    """Sends a form as a browser would that has the page open."""
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', from_page)
    return await client.post(where, data={"csrf": csrf[1] if csrf else "", "key": uuid4().hex, **said})


async def test_the_pages_of_both_sides_promise_call_and_keep_the_outcome(street: Street, pages: Any) -> None:
    await street.mornings(4, 8)
    case_id, loan = await street.case_id(), street.loan.loan_id
    desk, owner = pages(street.officer), pages(street.loan.owner)
    where = f"/desk/collections/{case_id}/steps/call"
    page = (await desk.get("/desk/collections")).text
    assert "It slipped" in page and f"{where}/contact" in page
    allowed = await posts(desk, f"{where}/contact", page)
    assert 'href="tel:1' in allowed.text, allowed.text[:300]
    wrong = await posts(desk, f"{where}/outcome", allowed.text, outcome="promised", promised_on="soon")
    assert wrong.status_code == 422 and "Please enter a date" in wrong.text
    assert (await posts(desk, f"{where}/outcome", allowed.text, outcome="no_answer")).status_code == 303
    mine = (await owner.get(f"/loans/{loan}/late")).text
    assert "没有接通" in mine and "我们联系过您的每一次" in mine
    bad = await posts(owner, f"/loans/{loan}/late/promise", mine, on="2020-01-01")
    assert bad.status_code == 422 and "承诺的日子要在" in bad.text
    on = (street.since + timedelta(days=11)).isoformat()
    assert (await posts(owner, f"/loans/{loan}/late/promise", mine, on=on, amount="5,000")).status_code == 303
    assert "已经记下您的承诺" in (await owner.get(f"/loans/{loan}/late")).text
    said = {"reason": "goods", "words": "The flour came spoilt."}
    assert (await posts(owner, f"/loans/{loan}/late/dispute", mine, **said)).status_code == 303
    opened = (await desk.get(f"/desk/collections?case={case_id}")).text
    assert "The flour came spoilt." in opened
    told = {"verdict": "upheld", "words": "We agree and take it off."}
    assert (await posts(desk, f"/desk/collections/{case_id}/dispute", opened, **told)).status_code == 303
    assert "您说得对" in (await owner.get(f"/loans/{loan}/late")).text
