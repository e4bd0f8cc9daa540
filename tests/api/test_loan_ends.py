"""P27: asked sixty days before the end, answered by twenty days before it, and each end called rightly."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from activities.ending import EndWatch
from db import clocks
from lending import maturity
from lending.calendars import BEIJING, Jurisdiction, business_date
from lending.maturity import Class, Label, Standing
from tests.api.test_plans import Living
from tests.api.test_plans import living as living
from worker.background.endings import EndClock

# An hour of the night that is none of these tests', whenever they run.
ELSEWHERE = (datetime.now(BEIJING).hour + 6) % 23
AWAKE = (time(ELSEWHERE), time(ELSEWHERE + 1))


@dataclass
class Town:
    """A loan that ends in seventy days, its owner, an officer, and the business clock between them."""

    api: Any
    loan: Living
    officer: Any
    ends_on: date

    async def today(self) -> date:
        async with self.api.tools.sessions.begin() as session:
            return business_date(await clocks.now(session, self.api.settings.clock_id), Jurisdiction.CN)

    async def until(self, on: date) -> None:
        """The clock moves day by day; each night is looked at, each day the clocks of the wishes are."""
        while (today := await self.today()) < on:
            async with self.api.tools.sessions.begin() as session:
                now = await clocks.now(session, self.api.settings.clock_id)
                ahead = now + timedelta(days=min(5, (on - today).days))
                await clocks.move(session, self.api.settings.clock_id, jump_to=ahead, reason="test")
            await self.nightly()

    async def nightly(self) -> dict[str, Any]:
        async with self.loan.wired.sessions.begin() as session:
            now = await clocks.now(session, self.api.settings.clock_id)
            found = await EndWatch(Jurisdiction.CN).look(session, now.astimezone(BEIJING).date(), now)
        await EndClock(self.loan.wired, AWAKE).round()
        return found

    async def end(self) -> dict[str, Any]:
        answer = await self.loan.owner.get(f"/v1/loans/{self.loan.loan_id}/end")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def wishes(self, wish: str) -> dict[str, Any]:
        answer = await self.loan.owner.post(f"/v1/loans/{self.loan.loan_id}/end", {"wish": wish})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def answers(self, **said: Any) -> Any:
        return await self.officer.post(f"/v1/desk/loan-ends/{self.loan.loan_id}/answer", said)

    async def line(self) -> dict[str, Any]:
        lines = (await self.officer.get("/v1/desk/loan-ends")).json()["items"]
        return next(one for one in lines if one["loan_id"] == str(self.loan.loan_id))

    async def letters(self) -> Sequence[str]:
        said = "select kind from notice where person_id = (select person_id from loan where id = :loan)"
        return [row[0] for row in await self.loan._rows(said)]

    async def rings(self) -> dict[str, bool]:
        said = "select kind, closed_at is null from alarm where object_id = cast(:loan as text)"
        return {row[0]: row[1] for row in await self.loan._rows(said)}


@pytest.fixture
async def town(api: Any, living: Living) -> Town:
    made = Town(api, living, await api.staff("officer"), date.max)
    made.ends_on = await made.today() + timedelta(days=70)
    living.database.execute(f"update loan set matures_on = '{made.ends_on}' where id = '{living.loan_id}'")
    return made


async def test_p27_an_owner_is_asked_at_t60_wishes_an_extension_and_is_answered_by_t20(town: Town) -> None:
    await town.nightly()
    early = await town.loan.owner.get(f"/v1/loans/{town.loan.loan_id}/end")
    assert early.status_code == 404, "seventy days before nobody is asked yet"
    await town.until(town.ends_on - timedelta(days=60))
    assert "end_asked" in await town.letters()
    assert (await town.nightly())["asked"] == 0, "once"
    radar = await town.end()
    assert radar["missing"] == ["consent", "bills"]
    assert radar["answer_due_at"] == f"{(town.ends_on - timedelta(days=20)).isoformat()}T16:00:00+00:00", (
        "24:00 in Beijing"
    )

    await town.until(town.ends_on - timedelta(days=50))
    await town.wishes("renew")
    await town.wishes("extend")
    await town.until(town.ends_on - timedelta(days=40))
    line = await town.line()
    assert (line["wish"], line["verdict"], line["kept_class"]) == ("extend", None, "normal")
    assert (await town.answers(verdict="extend", months=3)).status_code == 200
    assert "end_extend" in await town.letters()

    offered = await town.end()
    until = maturity.extended(town.ends_on, 3)
    assert (offered["until_on"], offered["months"]) == (until.isoformat(), 3)
    days = (until - town.ends_on).days
    assert Decimal(offered["most_interest"]["amount"]) * 100 == -(-8_000_000 * 73 * days // 365_000)
    where = f"/v1/loans/{town.loan.loan_id}/end/extension"
    no = await town.loan.owner.post(where, {"shown_hash": "0" * 64})
    assert (no.status_code, no.json()["code"]) == (409, "plan_moved")
    assert (await town.loan.owner.post(where, {"shown_hash": offered["shown_hash"]})).status_code == 200
    again = await town.loan.owner.post(where, {"shown_hash": offered["shown_hash"]})
    assert (again.status_code, again.json()["code"]) == (409, "end_answered")

    assert (await town.end())["matures_on"] == until.isoformat()
    line = await town.line()
    assert (line["label"], line["in_time"], line["kept_class"]) == ("extension", True, "special_mention")
    await town.loan.closes(town.loan.closed_to + timedelta(days=2))
    await town.loan.balances_are_what_they_are_made_of()
    ((windows, terms),) = await town.loan._rows("select windows, terms ->> 'windows' from loan where id = :loan")
    assert (windows, terms) == (9, "8"), "what was signed stays as it was signed"


async def test_p27_a_slow_desk_rings_at_three_quarters_and_at_t20_a_lead_has_it_with_a_named_time(town: Town) -> None:
    await town.until(town.ends_on - timedelta(days=60))
    await town.wishes("extend")
    await town.until(town.ends_on - timedelta(days=31))
    assert await town.rings() == {}
    await town.until(town.ends_on - timedelta(days=28))
    assert await town.rings() == {"loan_end_waits": True}
    assert (await town.end())["promised_at"] is None
    await town.until(town.ends_on - timedelta(days=19))
    assert (await town.rings())["loan_end_late"]
    assert "end_late" in await town.letters()
    promised = datetime.fromisoformat((await town.end())["promised_at"])
    escalated = datetime.fromisoformat((await town.line())["escalated_at"])
    assert promised - escalated == timedelta(days=1)
    assert (await town.answers(verdict="none", reason="sales_fell")).status_code == 200
    assert (await town.line())["in_time"] is False
    assert await town.rings() == {"loan_end_waits": False, "loan_end_late": False}
    told = await town.end()
    assert (told["verdict"], told["reason"], told["promised_at"]) == ("none", "sales_fell", None)


async def test_p27_who_says_nothing_is_asked_once_more_and_who_pays_off_needs_no_answer(town: Town) -> None:
    await town.until(town.ends_on - timedelta(days=28))
    await town.until(town.ends_on - timedelta(days=24))
    assert (await town.letters()).count("end_asked_again") == 1
    await town.wishes("pay_off")
    await town.until(town.ends_on - timedelta(days=15))
    assert await town.rings() == {}
    no = await town.answers(verdict="none", reason="sales_fell")
    assert (no.status_code, no.json()["code"]) == (409, "end_not_offered")


async def test_p27_the_decision_on_the_new_loan_is_the_answer_to_a_renewal(town: Town) -> None:
    await town.until(town.ends_on - timedelta(days=60))
    await town.wishes("renew")
    await decided(town, "approve")
    await EndClock(town.loan.wired, AWAKE).round()
    told = await town.end()
    assert (told["verdict"], (await town.line())["in_time"]) == ("renew", True)
    later = await town.loan.owner.post(f"/v1/loans/{town.loan.loan_id}/end", {"wish": "extend"})
    assert (later.status_code, later.json()["code"]) == (409, "end_answered")


async def decided(town: Town, outcome: str) -> None:
    """Another application that renews the loan, and what was decided of it."""
    application, loan = uuid4(), town.loan.loan_id
    async with town.api.tools.sessions.begin() as session:
        now = await clocks.now(session, town.api.settings.clock_id)
    town.loan.database.execute(
        "insert into application (id, person_id, firm_id, product_id, policy_version, channel, stage, amount_minor,"
        " currency, months, share, waiting_for, created_at, changed_at, renews_loan_id)"
        f" select '{application}', person_id, firm_id, product_id, 'v', 'api', 'offered', 8000000, 'CNY', 12, 0.12,"
        f" 'owner', '{now}', '{now}', id from loan where id = '{loan}'"
    )
    columns = await town.loan._rows(
        "select column_name, data_type from information_schema.columns where table_name = 'decision' and"
        " is_nullable = 'NO' and column_default is null and cast(:loan as text) is not null"
    )
    given = {
        "id": f"'{uuid4()}'",
        "application_id": f"'{application}'",
        "person_id": f"(select person_id from loan where id = '{loan}')",
        "outcome": f"'{outcome}'",
        "decided_at": f"'{now}'",
    }
    blank = {"text": "'x'", "jsonb": "'{}'", "bigint": "1", "integer": "1", "boolean": "false", "numeric": "0"}
    values = {name: given.get(name) or blank[kind] for name, kind in columns}
    values |= {name: given[name] for name in given if name in values}
    town.loan.database.execute(f"insert into decision ({', '.join(values)}) values ({', '.join(values.values())})")


@pytest.mark.parametrize(
    "said", [{"verdict": "extend", "months": 2}, {"verdict": "extend", "months": 60}, {"verdict": "extend"}]
)
async def test_an_extension_is_whole_windows_within_what_the_rule_allows(town: Town, said: dict[str, Any]) -> None:
    await town.until(town.ends_on - timedelta(days=60))
    unasked = await town.answers(verdict="extend", months=3)
    assert unasked.json()["code"] == "end_not_offered", "nobody extends what nobody wished to have extended"
    await town.wishes("extend")
    no = await town.answers(**said)
    assert (no.status_code, no.json()["code"]) == (409, "end_not_offered")
    bad = await town.answers(verdict="renew")
    assert bad.status_code == 422, "a renewal is decided as a loan, not by a word here"


async def test_an_end_is_seen_and_changed_by_its_owner_alone(town: Town, api: Any) -> None:
    await town.until(town.ends_on - timedelta(days=60))
    other = await api.owner()
    assert (await other.get(f"/v1/loans/{town.loan.loan_id}/end")).status_code == 404
    assert (await other.post(f"/v1/loans/{town.loan.loan_id}/end", {"wish": "extend"})).status_code == 404


async def test_a_wish_of_the_last_days_is_promised_an_answer_before_the_end(town: Town) -> None:
    await town.until(town.ends_on - timedelta(days=60))
    await town.until(town.ends_on - timedelta(days=3))
    due = datetime.fromisoformat((await town.wishes("extend"))["answer_due_at"])
    assert datetime.now(UTC) < due and due.astimezone(BEIJING).date() <= town.ends_on
    assert due > datetime.combine(town.ends_on - timedelta(days=3), time(0), BEIJING)


async def test_the_pages_of_an_end_ask_answer_and_show_the_clock(town: Town, pages: Any) -> None:
    await town.until(town.ends_on - timedelta(days=60))
    owner, desk = pages(town.loan.owner), pages(town.officer)
    where = f"/loans/{town.loan.loan_id}/end"
    assert (await owner.post(where, data={"key": "k-end-0001", "wish": "more"})).status_code == 409
    assert (await owner.post(where, data={"key": "k-end-0002", "wish": "extend"})).status_code == 303
    listed = (await desk.get("/desk/loan-ends")).text
    assert f"/desk/loan-ends/{town.loan.loan_id}" in listed
    blank = await desk.post(f"/desk/loan-ends/{town.loan.loan_id}", data={"key": "k-end-0005", "say": ""})
    assert blank.status_code == 422
    sent = {"key": "k-end-0003", "say": "3"}
    assert (await desk.post(f"/desk/loan-ends/{town.loan.loan_id}", data=sent)).status_code == 303
    shown = (await owner.get(where)).text
    assert "可以展期 3 个月" in shown
    mark = shown.index('name="shown" value="') + len('name="shown" value="')
    agreed = {"key": "k-end-0004", "shown": shown[mark : mark + 64]}
    assert (await owner.post(f"{where}/extension", data=agreed)).status_code == 303
    assert "已展期到" in (await owner.get(where)).text


# --- rules ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("past_due", "days_before", "label"),
    [
        (False, 60, Label.RENEWAL),
        (False, 0, Label.RENEWAL),
        (False, 61, Label.REFINANCING),
        (False, -1, Label.REFINANCING),
        (True, 30, Label.REFINANCING),
    ],
)
def test_p27_only_before_the_end_and_without_lateness_is_a_new_loan_a_renewal(
    past_due: bool, days_before: int, label: Label
) -> None:
    ends = date(2027, 6, 1)
    assert maturity.label_of(past_due=past_due, on=ends - timedelta(days=days_before), matures_on=ends) is label


@pytest.mark.parametrize(
    ("days", "label", "found"),
    [
        (0, None, Class.NORMAL),
        (0, Label.RENEWAL, Class.NORMAL),
        (0, Label.REFINANCING, Class.SPECIAL_MENTION),
        (0, Label.EXTENSION, Class.SPECIAL_MENTION),
        (1, Label.RENEWAL, Class.SPECIAL_MENTION),
        (90, None, Class.SPECIAL_MENTION),
        (91, Label.EXTENSION, Class.SUBSTANDARD),
        (271, None, Class.DOUBTFUL),
        (361, Label.RENEWAL, Class.LOSS),
    ],
)
def test_p27_the_class_is_not_lowered_for_a_renewal_alone(days: int, label: Label | None, found: Class) -> None:
    assert maturity.class_of(days, label) is found


@pytest.mark.parametrize(
    ("term", "windows", "already", "may"),
    [(6, 3, 0, (3, 6)), (12, 3, 9, (3,)), (24, 3, 0, (3, 6, 9, 12)), (24, 3, 12, ()), (96, 12, 0, (12, 24, 36))],
)
def test_p27_an_extension_is_no_longer_than_the_rule(
    term: int, windows: int, already: int, may: tuple[int, ...]
) -> None:
    assert tuple(maturity.extensions(term, windows, already)) == may


def test_p27_the_radar_names_what_is_missing() -> None:
    today = date(2027, 3, 1)
    good = Standing(past_due=False, allowed=True, bills_until=today - timedelta(days=35))
    assert maturity.missing(good, today) == ()
    assert maturity.missing(Standing(True, False, None), today) == ("past_due", "consent", "bills")
    assert maturity.missing(Standing(False, True, today - timedelta(days=36)), today) == ("bills",)
