"""P30, P29, G8 on the desk: the night classes, two people change or write off, and the owner's claim lives on."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from activities.classing import ClassWatch
from db import classes, clocks, ledger
from lending.accounts import Account
from lending.ledger import Split, rest_waived
from policies.book import load
from tests.api.test_behind import scalar
from tests.api.test_plans import A_DAY, TODAY, Living
from tests.api.test_plans import living as living

NIGHTS = count()
PAPER = "银行系统故障说明 2027-03 号"


@dataclass
class Desk:
    """A loan, its nights, and two officers."""

    api: Any
    loan: Living
    first: Any
    second: Any

    async def is_late(self, days: int, interest_minor: int = 0) -> None:
        """As a close would leave it; its interest too, in the loans and in the general ledger alike."""
        since = f"'{TODAY - timedelta(days=days)}'" if days else "null"
        status = "past_due" if days else "as_agreed"
        self.loan.database.execute(
            f"update loan_balance set past_due_since = {since}, days_past_due = {days}, status = '{status}',"
            f" past_due_minor = {1_000_000 if days else 0} where loan_id = '{self.loan.loan_id}'",
            f"update loan_balance b set accrued_units = {interest_minor} * l.units_per_minor from loan l"
            f" where l.id = b.loan_id and l.id = '{self.loan.loan_id}'",
        )

    async def night(self) -> date:
        """A night of its own: each is worked through once, and the tests share one ledger."""
        on = TODAY + next(NIGHTS) * A_DAY
        async with self.loan.wired.sessions.begin() as session:
            now = await clocks.now(session, self.api.settings.clock_id)
            await ClassWatch(load(), "CN").look(session, on, now)
        return on

    async def book(self) -> dict[str, Any]:
        answer = await self.first.get("/v1/desk/classes")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def line(self) -> dict[str, Any]:
        found = (await self.book())["loans"]
        return next(one for one in found if one["loan_id"] == str(self.loan.loan_id))

    async def proposes(self, who: Any = None, **said: Any) -> Any:
        body = {"words": "核实过了，按制度提议", **said}
        return await (who or self.first).post(f"/v1/desk/classes/{self.loan.loan_id}/proposals", body)

    async def answers(self, who: Any = None, verdict: str = "agreed") -> Any:
        proposal = (await self.line())["open"]["id"]
        body = {"verdict": verdict, "words": "看过材料，没有不同意见"}
        return await (who or self.second).post(f"/v1/desk/classes/proposals/{proposal}/answer", body)

    async def held(self, account: Account) -> int:
        async with self.loan.wired.sessions.begin() as session:
            return (await classes.held(session, account)).get("CNY", 0)

    async def untied(self) -> list[Any]:
        async with self.loan.wired.sessions.begin() as session:
            return await classes.untied(session)

    async def count(self, asked: str) -> int:
        async with self.loan.wired.sessions.begin() as session:
            return int(await session.scalar(text(asked), {"l": self.loan.loan_id}) or 0)


@pytest.fixture
async def desk(api: Any, living: Living) -> AsyncIterator[Desk]:
    yield Desk(
        api,
        living,
        await api.staff("officer", employee=f"a-{uuid4().hex[:6]}"),
        await api.staff("officer", employee=f"b-{uuid4().hex[:6]}"),
    )
    living.database.execute(f"update loan set state = 'cancelled' where id = '{living.loan_id}'")


async def test_p30_the_night_classes_a_late_loan_and_keeps_why_and_since_when(desk: Desk) -> None:
    await desk.is_late(60)
    await desk.night()
    await desk.is_late(91)
    bad_since = await desk.night()
    await desk.night()
    line = await desk.line()
    assert (line["klass"], line["because"], line["stage"], line["since"]) == (
        "substandard",
        "days",
        3,
        str(bad_since),
    )
    assert [(one["was"], one["klass"]) for one in line["history"]] == [
        ("special_mention", "substandard"),
        ("normal", "special_mention"),
    ]
    assert dict(line["history"][0]["figures"])["days_past_due"] == "91"


async def test_p30_interest_of_a_bad_loan_is_no_income_until_it_is_paid_and_the_daily_proof_holds(desk: Desk) -> None:
    before = await desk.held(Account.INTEREST_SUSPENDED)
    income = await desk.held(Account.INCOME_INTEREST)
    receivable = await desk.held(Account.INTEREST_RECEIVABLE)
    await desk.is_late(91, interest_minor=140_000)
    await desk.night()
    assert await desk.held(Account.INTEREST_SUSPENDED) - before == 140_000
    assert await desk.held(Account.INCOME_INTEREST) - income == -140_000
    assert await desk.held(Account.INTEREST_RECEIVABLE) == receivable, "the claim and its daily proof are untouched"
    assert (await desk.line())["suspended"]["amount"] == "1400.00"
    await desk.night()
    assert await desk.held(Account.INTEREST_SUSPENDED) - before == 140_000, "another night adds nothing"
    await desk.is_late(91, interest_minor=100_000)
    await desk.night()
    assert await desk.held(Account.INCOME_INTEREST) - income == -100_000, "what was paid of it is income"
    assert await desk.untied() == []


async def test_p30_the_provision_of_a_night_is_the_sum_of_its_classes_and_what_the_ledger_holds(desk: Desk) -> None:
    await desk.is_late(280)
    await desk.night()
    book = await desk.book()
    doubtful = next(one for one in book["provision"] if one["klass"] == "doubtful")
    assert doubtful["stage"] == 3
    assert int(doubtful["loans"]) >= 1
    total = sum(float(one["amount"]["amount"]) for one in book["provision"])
    assert f"{total:.2f}" == book["allowance"]["amount"]
    live = await desk.count(
        "select sum(b.principal_minor) from loan_balance b join loan l on l.id = b.loan_id where l.state = 'live'"
    )
    assert sum(round(float(one["principal"]["amount"]) * 100) for one in book["provision"]) == live


async def test_p30_a_better_class_needs_a_short_lateness_a_paper_and_another_person(desk: Desk) -> None:
    await desk.is_late(5)
    await desk.night()
    answer = await desk.proposes(kind="class", klass="normal")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/evidence")
    assert (await desk.proposes(kind="class", klass="normal", evidence=PAPER)).status_code == 200
    again = await desk.proposes(desk.second, kind="class", klass="loss")
    assert again.json()["code"] == "proposal_open"
    alone = await desk.answers(desk.first)
    assert alone.json()["code"] == "same_person"
    assert (await desk.answers()).status_code == 200
    assert await scalar(desk.api, "select klass from loan_class where loan_id = :l", l=desk.loan.loan_id) == "normal"
    await desk.is_late(8)
    await desk.night()
    assert (await desk.line())["klass"] == "special_mention", "after a week nobody's machine is at fault"


async def test_p30_a_login_of_the_same_person_is_the_same_person(desk: Desk, api: Any) -> None:
    await desk.is_late(30)
    await desk.night()
    asked = "select employee from staff where login = :n"
    again = await api.staff("officer", employee=await scalar(api, asked, n=desk.first.name))
    assert (await desk.proposes(kind="class", klass="doubtful")).status_code == 200
    assert (await desk.answers(again)).json()["code"] == "same_person"
    assert (await desk.answers()).status_code == 200
    line = await desk.line()
    assert (line["klass"], line["because"], line["accrues"]) == ("doubtful", "people", False)
    await desk.night()
    assert (await desk.line())["klass"] == "doubtful", "the night keeps what two people said"


async def test_p30_nobody_talks_away_ninety_one_days(desk: Desk) -> None:
    await desk.is_late(91)
    await desk.night()
    answer = await desk.proposes(kind="class", klass="special_mention", evidence=PAPER)
    assert (answer.status_code, answer.json()["code"]) == (422, "class_too_good")
    assert "次级" in answer.json()["detail"]


async def test_g8_a_loan_that_is_written_off_is_owed_as_before_and_its_owner_is_told_nothing_of_it(desk: Desk) -> None:
    await desk.is_late(361, interest_minor=50_000)
    await desk.night()
    shown = f"/v1/loans/{desk.loan.loan_id}"
    before = (await desk.loan.owner.get(shown)).json()
    off, allowance = await desk.held(Account.LOANS_WRITTEN_OFF), await desk.held(Account.LOANS_ALLOWANCE)
    letters = await desk.count("select count(*) from notice n join loan l on l.person_id = n.person_id where l.id = :l")
    assert (await desk.proposes(kind="write_off", evidence="董事会核销决议 12 号")).status_code == 200
    assert await desk.held(Account.LOANS_WRITTEN_OFF) == off, "one person alone writes nothing off"
    assert (await desk.answers()).status_code == 200
    assert await desk.held(Account.LOANS_WRITTEN_OFF) - off == 8_000_000
    assert await desk.held(Account.LOANS_ALLOWANCE) - allowance == -8_000_000
    after = (await desk.loan.owner.get(shown)).json()
    assert after == before, "what is owed, its status and its words stay"
    assert letters == await desk.count(
        "select count(*) from notice n join loan l on l.person_id = n.person_id where l.id = :l"
    )
    twice = await desk.proposes(kind="write_off", evidence="再核销一次")
    assert twice.json()["code"] == "not_written_off"
    await desk.night()
    assert await desk.untied() == []
    book = await desk.book()
    total = sum(round(float(one["amount"]["amount"]) * 100) for one in book["provision"])
    assert total == await desk.held(Account.LOANS_ALLOWANCE), "the next night sets nothing aside for it"


async def test_g8_what_comes_after_a_write_off_is_a_recovery_once(desk: Desk) -> None:
    await desk.is_late(361)
    await desk.night()
    await desk.proposes(kind="write_off", evidence="董事会核销决议 12 号")
    assert (await desk.answers()).status_code == 200
    income = await desk.held(Account.INCOME_RECOVERIES)
    await desk.loan.closes(TODAY)
    paid = await desk.count("select paid_minor from loan_balance where loan_id = :l")
    assert paid == 60_000, "the debit of the day's sales goes on"
    await desk.night()
    await desk.night()
    assert await desk.held(Account.INCOME_RECOVERIES) - income == paid
    line = await desk.line()
    assert line["recovered"]["amount"] == "600.00"
    assert line["principal"]["amount"] == "79416.00", "the claim is what is left: a day's interest was paid first"
    assert await desk.untied() == []
    await desk.loan.balances_are_what_they_are_made_of()


async def test_g8_nobody_writes_off_above_their_row_nor_what_is_not_lost(desk: Desk, database: Any) -> None:
    await desk.is_late(300)
    await desk.night()
    answer = await desk.proposes(kind="write_off", evidence="董事会核销决议 12 号")
    assert answer.json()["code"] == "not_written_off"
    await desk.is_late(361)
    await desk.night()
    database.execute(f"update loan_balance set principal_minor = 30000000 where loan_id = '{desk.loan.loan_id}'")
    answer = await desk.proposes(kind="write_off", evidence="董事会核销决议 12 号")
    assert (answer.json()["code"], answer.json()["params"]["goes_to"]) == ("authority_exceeded", "committee")


async def test_p29_status_and_class_stand_apart_and_no_owner_reads_the_class(desk: Desk) -> None:
    await desk.is_late(0)
    desk.loan.database.execute(f"update loan set renewal_label = 'refinancing' where id = '{desk.loan.loan_id}'")
    await desk.night()
    line = await desk.line()
    assert (line["status"], line["klass"], line["because"]) == ("as_agreed", "special_mention", "refinanced")
    assert (await desk.loan.owner.get("/v1/desk/classes")).status_code == 404
    for path in ("", "/plan", "/late"):
        answer = await desk.loan.owner.get(f"/v1/loans/{desk.loan.loan_id}{path}")
        assert "special_mention" not in answer.text
        assert "refinanced" not in answer.text
    person = await scalar(desk.api, "select person_id from loan where id = :l", l=desk.loan.loan_id)
    async with desk.api.tools.sessions.begin(scope="owner", person=person) as session:
        assert await session.scalar(text("select count(*) from loan_class")) == 0, "nor would the database let them"


async def test_g8_two_who_answer_at_once_write_off_once(desk: Desk, api: Any) -> None:
    await desk.is_late(361)
    await desk.night()
    third = await api.staff("officer", employee=f"c-{uuid4().hex[:6]}")
    at_once = await asyncio.gather(
        desk.proposes(kind="write_off", evidence="董事会核销决议 12 号"),
        desk.proposes(third, kind="write_off", evidence="董事会核销决议 13 号"),
    )
    assert sorted(one.status_code for one in at_once) == [200, 409]
    off = await desk.held(Account.LOANS_WRITTEN_OFF)
    fourth = await api.staff("officer", employee=f"d-{uuid4().hex[:6]}")
    answers = await asyncio.gather(desk.answers(), desk.answers(fourth))
    assert sorted(one.status_code for one in answers) == [200, 409]
    assert await desk.held(Account.LOANS_WRITTEN_OFF) - off == 8_000_000


async def test_g8_a_no_writes_nothing_off_and_nobody_proposes_it_for_a_friend(desk: Desk) -> None:
    await desk.is_late(361)
    await desk.night()
    off = await desk.held(Account.LOANS_WRITTEN_OFF)
    assert (await desk.proposes(kind="write_off", evidence="董事会核销决议 12 号")).status_code == 200
    assert (await desk.answers(verdict="refused")).status_code == 200
    assert await desk.held(Account.LOANS_WRITTEN_OFF) == off
    line = await desk.line()
    assert (line["open"], line["proposals"][0]["verdict"], line["written_off_on"]) == (None, "refused", None)
    loan = f"(select application_id from loan where id = '{desk.loan.loan_id}')"
    staff = await scalar(desk.api, "select id from staff where login = :n", n=desk.first.name)
    employee = await scalar(desk.api, "select employee from staff where login = :n", n=desk.first.name)
    desk.loan.database.execute(
        "insert into staff_tie (employee, person_id, said_by, said_at)"
        f" select '{employee}', person_id, 'staff:{staff}', now() from application where id = {loan}"
    )
    tied = await desk.proposes(kind="write_off", evidence="董事会核销决议 12 号")
    assert (tied.status_code, tied.json()["code"]) == (409, "self_approval"), "nobody writes off a friend's loan"


async def test_g8_what_is_let_go_after_a_write_off_is_no_recovery_and_no_second_cost(desk: Desk) -> None:
    await desk.is_late(361)
    await desk.night()
    await desk.proposes(kind="write_off", evidence="董事会核销决议 12 号")
    assert (await desk.answers()).status_code == 200
    income, cost = await desk.held(Account.INCOME_RECOVERIES), await desk.held(Account.COST_WAIVERS)
    async with desk.loan.wired.sessions.begin() as session:
        now = await clocks.now(session, desk.api.settings.clock_id)
        let_go = {"cause": str(desk.loan.loan_id), "booked_at": now, "effective_on": TODAY, "source": "settlement"}
        entry = rest_waived(desk.loan.loan_id, Split(0, 100_000, 0), **let_go)
        await ledger.post(session, entry, currency="CNY")
    desk.loan.database.execute(
        f"update loan_balance set principal_minor = principal_minor - 100000 where loan_id = '{desk.loan.loan_id}'"
    )
    await desk.night()
    await desk.night()
    assert await desk.held(Account.INCOME_RECOVERIES) == income
    assert await desk.held(Account.COST_WAIVERS) == cost, "it was our cost when it was set aside"
    assert (await desk.line())["recovered"]["amount"] == "0.00"
    assert await desk.untied() == []
