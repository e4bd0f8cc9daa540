"""Journey 5, E5–E7: an owner changes the plan of a living loan alone, sees its cost first, and the closes keep it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from activities.closing import Closing
from activities.ports.servicing import ShardToClose
from db import ledger, projections
from gateways.payments import CollectionOrder, Receipt, ReceiptState
from lending.calendars import BEIJING
from lending.ledger import disbursed, payout_sent
from lending.minimum_path import check_on
from lending.offers import terms_of
from lending.terms import canonical, terms_hash
from ops.rebuilding import compared
from tests.api.test_seeing import person_of
from worker.background.reminder import Reminder

TODAY = datetime.now(UTC).date()
A_DAY = timedelta(days=1)
# Quiet is some other hour than this one, whenever the tests run.
LATER = datetime.now(BEIJING) + timedelta(hours=6)
AWAKE = (time(LATER.hour), time(LATER.hour, 1))
SALES = 500_000


class Bank:
    """A bank that takes everything it is asked for."""

    async def collect(self, batch: str, orders: Sequence[CollectionOrder], *, requested_on: date) -> list[Receipt]:
        return [
            Receipt(
                instruction_id=one.instruction_id,
                amount_minor=one.amount_minor,
                state=ReceiptState.FULL,
                rail_reference=f"C{one.instruction_id[:12]}",
                at=datetime.now(UTC),
            )
            for one in orders
        ]


class Accounts:
    async def account_number(self, _session: Any, _account_id: UUID) -> str:
        return "6222020200112233"


@dataclass
class Living:
    """A loan of ¥80,000 from today on, closed day by day by the worker's own close."""

    owner: Any
    loan_id: UUID
    shard: int
    wired: Any
    database: Any
    closing: Closing
    closed_to: date = TODAY - A_DAY

    async def closes(self, until: date, sales_minor: int = SALES) -> None:
        """Every day up to ``until``, each with the same sales, and what its debit brings."""
        while self.closed_to < until:
            self.closed_to += A_DAY
            if sales_minor:
                self.sells(self.closed_to, sales_minor)
            day = ShardToClose("CN", self.closed_to, self.shard)
            if (await self.closing.close_shard(day)).instructed:
                await self.closing.collect_shard(day)

    def sells(self, on: date, sales_minor: int) -> None:
        self.database.execute(
            "insert into revenue_day (id, loan_id, person_id, on_date, sales_minor, refunds_minor, chargebacks_minor,"
            f" batch, source, received_at) select '{uuid4()}', id, person_id, '{on}', {sales_minor}, 0, 0, 'b',"
            f" 'wallet', now() from loan where id = '{self.loan_id}'"
        )

    async def debited(self) -> dict[date, tuple[int, int]]:
        """(Debit, what of it is for the path) by the day whose close asked for it."""
        said = "select close_on, amount_minor, path_minor from collection where loan_id = :loan order by 1"
        return {row[0]: (row[1], row[2]) for row in await self._rows(said)}

    async def notices(self) -> list[tuple[str, date]]:
        said = "select kind, due_on from path_notice where loan_id = :loan order by found_on"
        return [(row[0], row[1]) for row in await self._rows(said)]

    async def _rows(self, said: str) -> Sequence[Any]:
        from sqlalchemy import text

        async with self.wired.sessions.begin() as session:
            return (await session.execute(text(said), {"loan": self.loan_id})).all()

    async def told(self, at: date) -> None:
        """The reminder writes what is to be told, and the courier has it sent in the morning of a day."""
        await Reminder(self.wired, AWAKE).round()
        self.database.execute(f"update notice set state = 'sent', sent_at = '{at} 02:00+00' where kind like 'path_%'")

    async def balances_are_what_they_are_made_of(self) -> None:
        async with self.wired.sessions.begin() as session:
            found = await projections.sources(session, UUID(int=self.loan_id.int - 1), 1)
        assert [compared(one) for one in found] == [[]]

    async def tries(self, **wanted: Any) -> Any:
        return await self.owner.get(f"/v1/loans/{self.loan_id}/plan/preview", params=wanted)

    async def agrees(self, sha256: str, **wanted: Any) -> Any:
        return await self.owner.post(f"/v1/loans/{self.loan_id}/plan", {**wanted, "sha256": sha256})

    async def changes(self, **wanted: Any) -> dict[str, Any]:
        shown = await self.tries(**wanted)
        assert shown.status_code == 200, shown.text
        answer = await self.agrees(shown.json()["sha256"], **wanted)
        assert answer.status_code == 200, answer.text
        assert answer.json() == shown.json(), "what is agreed is what was shown"
        return answer.json()


@pytest.fixture
async def living(api: Any, begun: Any, database: Any, a_payout: Any, wired: Any, numbers: Any) -> Living:
    owner, application_id = begun
    person = await person_of(api, application_id)
    product = api.tools.policies.products["revenue_linked_working_capital"]
    terms = terms_of(product, amount_minor=8_000_000, months=12, share=Decimal("0.12"))
    payout_id, loan_id, shard = a_payout("credited"), uuid4(), 1_000 + numbers()
    database.execute(
        f"insert into loan (id, application_id, person_id, firm_id, product_id, policy_version, jurisdiction, currency,"
        f" principal_minor, annual_rate, day_count, share, months, terms, terms_hash, rate_units, units_per_minor,"
        f" share_ppm, window_months, windows, grace_days, shard, account_id, account_index, state, created_at, live_on,"
        f" path_debit) select '{loan_id}', '{application_id}', '{person}', firm_id, '{product.id}', 'v', 'CN', 'CNY',"
        f" 8000000, 0.073, 'ACT/365', 0.12, 12, '{canonical(terms)}', '{terms_hash(terms)}', {terms.rate_units},"
        f" {terms.units_per_minor}, 120000, 3, 8, 3, {shard}, account_id, '\\x00', 'live', now(), '{TODAY}',"
        f" {terms.path_debit} from loan where id = (select loan_id from payout where id = '{payout_id}')",
        f"update application set stage = 'funded', loan_id = '{loan_id}' where id = '{application_id}'",
        "insert into loan_balance (loan_id, as_of, principal_minor, accrued_units, interest_paid_minor, paid_minor,"
        " carry_minor, uncollected_minor, in_flight_minor, windows_passed, past_due_minor, days_past_due, status)"
        f" values ('{loan_id}', '{TODAY - A_DAY}', 8000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'as_agreed')",
    )
    async with api.tools.sessions.begin(scope="worker") as session:
        for make in (payout_sent, disbursed):
            entry = make(
                loan_id, 8_000_000, cause=str(loan_id), effective_on=TODAY, booked_at=datetime.now(UTC), source="rail:R"
            )
            await ledger.post(session, entry, currency="CNY")
    closing = Closing(
        wired.sessions,
        cast("Any", Accounts()),
        cast("Any", Bank()),
        cast("Any", None),
        task_queue="q",
        clock_id=wired.settings.clock_id,
        calendars=api.tools.policies.calendars,
    )
    return Living(owner, loan_id, shard, wired, database, closing)


def minor(amount: dict[str, str]) -> int:
    return int(Decimal(amount["amount"]) * 100)


# --- breathing space --------------------------------------------------------------------------------------------------
async def test_e7_a_breathing_space_is_shown_with_its_cost_agreed_by_its_hash_and_kept_by_the_closes(
    living: Living,
) -> None:
    await living.closes(TODAY + timedelta(days=34))
    before = (await living.owner.get(f"/v1/loans/{living.loan_id}/plan")).json()
    first = living.closed_to + timedelta(days=3)
    wanted = {"kind": "breathing", "first_on": first.isoformat(), "days": 14, "factor": "0"}
    shown = await living.changes(**wanted)
    assert shown["before"]["annual_rate"] == shown["after"]["annual_rate"]
    assert shown["after"]["finish_on"] > shown["before"]["finish_on"]
    extra = minor(shown["extra_interest"])
    assert extra == minor(shown["after"]["interest_to_come"]) - minor(shown["before"]["interest_to_come"]) > 0
    assert extra < 8_000_000 * 73 * 14 // 365_000 + 100, "no more than the interest of those days"
    await living.closes(first + timedelta(days=20))
    debits = await living.debited()
    rested = [first + timedelta(days=n) for n in range(14)]
    assert not set(rested) & set(debits)
    assert debits[first - A_DAY] == debits[first + timedelta(days=14)] == (60_000, 0)
    after = (await living.owner.get(f"/v1/loans/{living.loan_id}/plan")).json()
    assert date.fromisoformat(after["next_look_on"]) - date.fromisoformat(before["next_look_on"]) == timedelta(days=14)
    assert [one["kind"] for one in after["changes"]] == ["breathing"]
    await living.balances_are_what_they_are_made_of()


async def test_a_day_of_breathing_space_that_is_told_late_still_counts_for_half(living: Living) -> None:
    await living.closes(TODAY + timedelta(days=30))
    first = living.closed_to + A_DAY
    await living.changes(kind="breathing", first_on=first.isoformat(), days=7, factor="0.5")
    await living.closes(first + timedelta(days=6), sales_minor=0)
    living.sells(first, 1_000_000)
    await living.closes(first + timedelta(days=7), sales_minor=0)
    assert (await living.debited())[first + timedelta(days=7)] == (60_000, 0), "12 % of half of ¥10,000"
    await living.balances_are_what_they_are_made_of()


async def test_a_breathing_space_keeps_within_the_policy(living: Living) -> None:
    young = await living.tries(kind="breathing", first_on=(TODAY + A_DAY).isoformat(), days=7, factor="0")
    assert (young.status_code, young.json()["code"]) == (422, "breathing_too_soon")
    await living.closes(TODAY + timedelta(days=40))
    first = living.closed_to + A_DAY
    long = await living.tries(kind="breathing", first_on=first.isoformat(), days=32, factor="0")
    assert (long.status_code, long.json()["code"]) == (422, "breathing_too_long")
    await living.changes(kind="breathing", first_on=first.isoformat(), days=31, factor="0")
    twice = await living.tries(kind="breathing", first_on=first.isoformat(), days=7, factor="0")
    assert twice.json()["code"] == "breathing_too_soon", "one after the other"
    await living.closes(first + timedelta(days=31))
    again = living.closed_to + A_DAY
    await living.changes(kind="breathing", first_on=again.isoformat(), days=31, factor="0")
    await living.closes(again + timedelta(days=31))
    third = living.closed_to + A_DAY
    spent = await living.tries(kind="breathing", first_on=third.isoformat(), days=7, factor="0")
    assert (spent.status_code, spent.json()["code"]) == (409, "breathing_used_up")


# --- rhythm -----------------------------------------------------------------------------------------------------------
async def test_a_week_is_debited_on_its_day_and_a_second_change_waits(living: Living) -> None:
    await living.closes(TODAY + timedelta(days=2))
    await living.changes(kind="rhythm", cycle="week", cycle_day=5)
    await living.closes(TODAY + timedelta(days=16))
    debits = await living.debited()
    weekly = [on for on in debits if on > TODAY + timedelta(days=2)]
    assert weekly and all(on.isoweekday() == 5 for on in weekly)
    assert debits[weekly[1]] == (7 * 60_000, 0), "a week's share at once, the same share"
    soon = await living.tries(kind="rhythm", cycle="day")
    assert (soon.status_code, soon.json()["code"]) == (409, "plan_changed_lately")
    same = await living.tries(kind="rhythm", cycle="week", cycle_day=5)
    assert same.json()["code"] == "nothing_changes"
    await living.balances_are_what_they_are_made_of()


# --- E6 ---------------------------------------------------------------------------------------------------------------
async def test_e6_a_change_that_was_shown_a_day_ago_is_shown_anew(living: Living) -> None:
    await living.closes(TODAY + timedelta(days=31))
    wanted = {"kind": "breathing", "first_on": (living.closed_to + timedelta(days=5)).isoformat(), "days": 7}
    shown = (await living.tries(**wanted)).json()
    await living.closes(living.closed_to + A_DAY)
    late = await living.agrees(shown["sha256"], **wanted)
    assert (late.status_code, late.json()["code"]) == (409, "plan_moved")
    assert (await living.owner.get(f"/v1/loans/{living.loan_id}/plan")).json()["changes"] == []


async def test_e6_nobody_but_the_owner_changes_a_plan_and_none_becomes_fixed(api: Any, living: Living) -> None:
    await living.closes(TODAY + timedelta(days=2))
    wanted = {"kind": "rhythm", "cycle": "month"}
    shown = (await living.tries(**wanted)).json()
    stranger = await api.owner()
    path = f"/v1/loans/{living.loan_id}/plan"
    assert (await stranger.post(path, {**wanted, "sha256": shown["sha256"]})).status_code == 404
    for role in ("manager", "officer"):
        staff = await api.staff(role)
        assert (await staff.post(path, {**wanted, "sha256": shown["sha256"]})).status_code in (403, 404)
    fixed = await living.agrees(shown["sha256"], kind="equal_instalments")
    assert fixed.status_code == 422
    from sqlalchemy.exc import DBAPIError, ProgrammingError

    with pytest.raises((DBAPIError, ProgrammingError), match="row-level security"):
        async with living.wired.sessions.begin() as session:
            from sqlalchemy import text

            await session.execute(
                text(
                    "insert into plan_change (id, loan_id, person_id, n, kind, said, effective_on, shown, shown_hash,"
                    " policy_version, agreed_at) select :id, id, person_id, 1, 'rhythm', '{}', live_on, '{}', '', '',"
                    " now() from loan where id = :loan"
                ),
                {"id": uuid4(), "loan": living.loan_id},
            )


# --- E5 ---------------------------------------------------------------------------------------------------------------
async def test_e5_slow_progress_is_told_twice_and_debited_only_after_five_days_notice(living: Living) -> None:
    end = check_on(TODAY, 3, 1)
    await living.closes(end - timedelta(days=6), sales_minor=0)
    assert await living.notices() == [("half", end), ("three_quarters", end), ("debit", end)]
    await living.told(end - timedelta(days=5))
    plan = (await living.owner.get(f"/v1/loans/{living.loan_id}/plan")).json()
    assert (plan["debit_on"], plan["choices"]["puts_off"]) == (end.isoformat(), True)
    most = minor(plan["debit_at_most"])
    assert minor(plan["short"]) == 1_000_000 < most
    await living.closes(end + A_DAY, sales_minor=0)
    assert await living.debited() == {end - A_DAY: (most, most)}
    loan = (await living.owner.get(f"/v1/loans/{living.loan_id}")).json()
    assert loan["status"] == "as_agreed"
    debits = (await living.owner.get(f"/v1/loans/{living.loan_id}/debits")).json()["debits"]
    assert minor(debits[0]["path"]) == most and debits[0]["notice_at"] is not None
    await living.balances_are_what_they_are_made_of()


async def test_e5_a_notice_that_left_late_debits_nothing(living: Living) -> None:
    end = check_on(TODAY, 3, 1)
    await living.closes(end - timedelta(days=6), sales_minor=0)
    await living.told(end - timedelta(days=4))
    await living.closes(end, sales_minor=0)
    assert await living.debited() == {}
    assert (await living.owner.get(f"/v1/loans/{living.loan_id}")).json()["status"] == "grace"
    await living.balances_are_what_they_are_made_of()


async def test_e5_a_loan_signed_without_the_clause_is_never_debited_for_its_path(living: Living) -> None:
    living.database.execute(f"update loan set path_debit = false where id = '{living.loan_id}'")
    end = check_on(TODAY, 3, 1)
    await living.closes(end, sales_minor=0)
    assert [kind for kind, _ in await living.notices()] == ["half", "three_quarters"]
    assert await living.debited() == {}


async def test_e5_a_window_is_put_off_once_and_its_shortfall_is_looked_at_with_the_next(living: Living) -> None:
    end, next_end = check_on(TODAY, 3, 1), check_on(TODAY, 3, 2)
    await living.closes(end - timedelta(days=6), sales_minor=0)
    await living.told(end - timedelta(days=5))
    shown = await living.changes(kind="next_window")
    assert shown["after"]["next_look_on"] == next_end.isoformat()
    await living.closes(end + A_DAY, sales_minor=0)
    assert await living.debited() == {}, "what was announced is off, since the owner chose otherwise"
    assert (await living.owner.get(f"/v1/loans/{living.loan_id}")).json()["status"] == "as_agreed"
    again = await living.tries(kind="next_window")
    assert (again.status_code, again.json()["code"]) == (409, "windows_put_off")
    await living.closes(next_end, sales_minor=0)
    loan = (await living.owner.get(f"/v1/loans/{living.loan_id}")).json()
    assert loan["status"] == "grace"
    interest = 8_000_000 * 73 * ((next_end - TODAY).days + 1) // 365_000
    assert minor(loan["past_due"]) == 2_000_000 + interest, "what a payment pays first is in what ends it"
    late = await living.tries(kind="rhythm", cycle="month")
    assert late.status_code == 200, "less often is no way out of being late, and no harm either"
    refused = await living.tries(kind="breathing", first_on=(living.closed_to + A_DAY).isoformat(), days=7, factor="0")
    assert (refused.status_code, refused.json()["code"]) == (409, "loan_is_late")
    await living.balances_are_what_they_are_made_of()


# --- H6 ---------------------------------------------------------------------------------------------------------------
def pays(living: Living, amount_minor: int) -> None:
    """The owner's own transfer, as the till books one: principal falls, and the money that came stands beside it."""
    loan = f"select person_id from loan where id = '{living.loan_id}'"
    living.database.execute(
        f"update loan_balance set principal_minor = principal_minor - {amount_minor},"
        f" paid_minor = paid_minor + {amount_minor} where loan_id = '{living.loan_id}'",
        "insert into incoming (id, seq, rail, rail_reference, amount_minor, currency, booked_on, came_at, payer_kept,"
        " payer_index, payer_key, state, by, person_id, loan_id, repaid_minor, placed_at) select"
        f" '{uuid4()}', (select coalesce(max(seq), 0) + 1 from incoming), 'bank', 'M{uuid4().hex}', {amount_minor},"
        f" 'CNY', '{living.closed_to}', now(), '', '', '', 'placed', 'reference', ({loan}), '{living.loan_id}',"
        f" {amount_minor}, now()",
    )


async def test_h6_a_part_prepayment_shows_an_earlier_end_and_a_lower_share_and_the_owner_chooses(
    living: Living,
) -> None:
    await living.closes(TODAY + timedelta(days=10))
    path = f"/v1/loans/{living.loan_id}"
    shown = (await living.owner.get(f"{path}/prepayment", params={"amount": "40000.00"})).json()
    assert shown["shorter"]["finish_on"] < shown["now"]["finish_on"]
    assert minor(shown["shorter"]["interest_to_come"]) < minor(shown["lower"]["interest_to_come"])
    assert minor(shown["lower"]["interest_to_come"]) < minor(shown["now"]["interest_to_come"])
    assert Decimal(shown["lower_share"]) == Decimal("0.055"), "half is paid: about half of the share is as long"
    gap = date.fromisoformat(shown["lower"]["finish_on"]) - date.fromisoformat(shown["now"]["finish_on"])
    assert abs(gap) <= timedelta(days=21)
    small = (await living.owner.get(f"{path}/prepayment", params={"amount": "1000.00"})).json()
    assert small["lower_share"] is None and small["lower"] is None
    for wrong in ("0", "90000.00", "viel"):
        assert (await living.owner.get(f"{path}/prepayment", params={"amount": wrong})).status_code == 422
    assert (await living.tries(kind="lower_share", share="0.055")).json()["code"] == "nothing_changes"
    pays(living, 4_000_000)
    choice = (await living.owner.get(f"{path}/plan")).json()["choices"]["lowest_share"]
    await living.changes(kind="lower_share", share=choice)
    await living.closes(living.closed_to + A_DAY)
    assert (await living.debited())[living.closed_to] == (int(SALES * Decimal(choice)), 0)
    again = await living.tries(kind="lower_share", share="0.05")
    assert again.json()["code"] == "nothing_changes", "one prepayment lowers the share once"


# --- the page ---------------------------------------------------------------------------------------------------------
async def test_the_page_shows_the_cost_before_it_takes_a_yes(api: Any, living: Living, pages: Any) -> None:
    await living.closes(TODAY + timedelta(days=31))
    page = pages(living.owner)
    path = f"/loans/{living.loan_id}/plan"
    first = (living.closed_to + A_DAY).isoformat()
    tried = await page.get(f"{path}?kind=breathing&first_on={first}&days=14&factor=0")
    assert "多花利息约" in tried.text and "看过了，同意这样改" in tried.text
    wrong = await page.get(f"{path}?kind=breathing&first_on=soon&days=14&factor=0")
    assert wrong.status_code == 200 and "看过了，同意这样改" not in wrong.text
    asked = dict(
        re.findall(
            r'<input type="hidden" name="(\w+)" value="([^"]*)"', tried.text.split("verdict")[1].split("</form>")[0]
        )
    )
    done = await page.post(path, data=asked)
    assert done.status_code == 303, done.text
    assert "好了，喘息期记下了" in (await page.get(done.headers["location"])).text


async def test_p26_a_letter_to_somebody_who_lets_no_bank_be_told_asks_to_pay_and_announces_no_debit(
    living: Living,
) -> None:
    end = check_on(TODAY, 3, 1)
    living.database.execute(
        "insert into consent (id, person_id, application_id, purpose, scope, text_hash, locale, channel, proof,"
        f" given_at, expires_on, source, withdrawn_at) select '{uuid4()}', person_id, application_id, 'sharing', '',"
        " '', 'zh_CN', 'web', '{}', now() - interval '2 days', '2030-01-01', '', now() - interval '1 day' from loan"
        f" where id = '{living.loan_id}'"
    )
    await living.closes(end - timedelta(days=6), sales_minor=0)
    await Reminder(living.wired, AWAKE).round()
    said = "select kind from notice where person_id = (select person_id from loan where id = :loan)"
    kinds = {row[0] for row in await living._rows(said)}
    assert "due_by_hand" in kinds and "path_debit" not in kinds


async def test_p26_a_letter_that_is_late_asks_to_pay_by_hand_and_announces_no_debit_that_will_not_come(
    living: Living,
) -> None:
    end = check_on(TODAY, 3, 1)
    await living.closes(end - timedelta(days=6), sales_minor=0)
    living.database.execute(f"update path_notice set due_on = '{TODAY + timedelta(days=4)}' where kind = 'debit'")
    await Reminder(living.wired, AWAKE).round()
    said = "select kind from notice where person_id = (select person_id from loan where id = :loan)"
    kinds = {row[0] for row in await living._rows(said)}
    assert "due_told_late" in kinds and "path_debit" not in kinds
