"""Issue 8.6: a stated sample of the twin's loans through the real close, rail and till gives the same fen each day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from activities.cashbook import Cashbook
from activities.closing import Closing
from activities.ports.servicing import ShardToClose
from activities.private import Private
from db import incoming, ledger, people, plans, projections
from db.tables import Loan, LoanBalance, Notice, PathNotice
from gateways.payments import CollectionOrder, Receipt, ReceiptState
from lending.calendars import Jurisdiction
from lending.incoming import By
from lending.ledger import disbursed, payout_sent
from lending.minimum_path import Warned, ends_text
from lending.terms import canonical, terms_hash
from ops.rebuilding import compared
from ops.twin.assumptions import Play
from ops.twin.lived import Lived
from tests.ops.test_twin import lives

A_DAY = timedelta(days=1)
# The sample: of the first 250 firms of seed 5 in a downturn of twelve months, twenty loans, the most eventful first.
PLAY = Play(250, 12, 5, "downturn")
SAMPLE = 20


def sample() -> list[Lived]:
    found, _ = lives(PLAY)
    eventful = sorted(found, key=lambda one: (-len(one.episodes), -len(one.by_hand), one.loan_id))
    return eventful[:SAMPLE]


@dataclass
class Bank:
    """Brings what the twin's owners had on their accounts."""

    by_loan: dict[UUID, Lived]

    async def collect(self, batch: str, orders: Sequence[CollectionOrder], *, requested_on: date) -> list[Receipt]:
        return [self._receipt(one, requested_on) for one in orders]

    def _receipt(self, order: CollectionOrder, on: date) -> Receipt:
        asked, brought = self.by_loan[UUID(order.mandate[3:])].debits[on]
        assert order.amount_minor == asked, "the real close asks for what the twin's did"
        state = ReceiptState.FULL if brought == asked else ReceiptState.PARTIAL if brought else ReceiptState.REFUSED
        reference = f"C{order.instruction_id[:12]}"
        return Receipt(
            instruction_id=order.instruction_id,
            amount_minor=brought,
            state=state,
            rail_reference=reference,
            at=datetime.now(UTC),
        )


class Accounts:
    async def account_number(self, _session: Any, _account_id: UUID) -> str:
        return "6222020200112233"


@dataclass
class Town:
    """The real activities on real rows, with the twin's sales, receipts and payments as what comes from outside."""

    api: Any
    database: Any
    closing: Closing
    cashbook: Cashbook
    shard: int
    loans: dict[UUID, Lived]
    came: int = 0

    async def begins(self, one: Lived, payout_id: UUID) -> None:
        terms, on, day = one.terms, one.started_on, one.position
        account = str(one.loan_id.int)[:16]
        index = self.api.tools.vault.blind_index(people.ACCOUNT, account).hex()
        ends = ends_text(day.ends) if day.ends else ""
        application_id = uuid4()
        self.database.execute(
            "insert into application (id, person_id, firm_id, product_id, policy_version, channel, stage, amount_minor,"
            " currency, months, share, waiting_for, created_at, changed_at, loan_id)"
            f" select '{application_id}', person_id, firm_id, product_id, 'v', 'api', 'funded', {terms.amount_minor},"
            f" 'CNY', {terms.months}, {terms.share}, 'nobody', now(), now(), '{one.loan_id}' from application"
            f" where id = (select application_id from payout where id = '{payout_id}')",
            "insert into loan (id, application_id, person_id, firm_id, product_id, policy_version, jurisdiction,"
            " currency, principal_minor, annual_rate, day_count, share, months, terms, terms_hash, rate_units,"
            " units_per_minor, share_ppm, window_months, windows, grace_days, shard, account_id, account_index, state,"
            f" created_at, live_on, path_debit, window_ends) select '{one.loan_id}', '{application_id}', person_id,"
            f" firm_id, '{terms.product_id}', 'v', 'CN', 'CNY', {terms.amount_minor}, {terms.annual_rate},"
            f" '{terms.day_count.value}', {terms.share}, {terms.months}, '{canonical(terms)}', '{terms_hash(terms)}',"
            f" {terms.rate_units}, {terms.units_per_minor}, {terms.share_ppm}, {terms.window_months}, {terms.windows},"
            f" {terms.grace_days}, {self.shard}, account_id, '\\x00', 'live', now(), '{on}', {terms.path_debit},"
            f" nullif('{ends}', '') from loan where id = (select loan_id from payout where id = '{payout_id}')",
            f"update bank_account set number_index = '\\x{index}' where id = (select account_id from payout"
            f" where id = '{payout_id}')",
            "insert into loan_balance (loan_id, as_of, principal_minor, accrued_units, interest_paid_minor, paid_minor,"
            " carry_minor, uncollected_minor, in_flight_minor, windows_passed, past_due_minor, days_past_due, status,"
            " coupon_left_minor)"
            f" values ('{one.loan_id}', '{on - A_DAY}', {terms.amount_minor}, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'as_agreed',"
            f" {one.given_minor})",
        )
        if one.given_minor:
            self.database.execute(
                "insert into coupon (id, person_id, kind, cap_minor, least_minor, currency, valid_until, given_at,"
                " loan_id)"
                f" select '{uuid4()}', person_id, 'level_two', {one.given_minor}, 0, 'CNY', '{on}', now(), id from loan"
                f" where id = '{one.loan_id}'"
            )
        async with self.api.tools.sessions.begin(scope="worker") as session:
            for make in (payout_sent, disbursed):
                told = {
                    "cause": str(one.loan_id),
                    "effective_on": on,
                    "booked_at": datetime.now(UTC),
                    "source": "rail:R",
                }
                await ledger.post(session, make(one.loan_id, terms.amount_minor, **told), currency="CNY")

    def sells(self, one: Lived, on: date) -> None:
        if on in one.told:
            sold = one.told[on]
            self.database.execute(
                "insert into revenue_day (id, loan_id, person_id, on_date, sales_minor, refunds_minor,"
                f" chargebacks_minor, batch, source, received_at) select '{uuid4()}', id, person_id, '{on}',"
                f" {sold.sales_minor}, {sold.refunds_minor}, {sold.chargebacks_minor}, 'b', 'wallet', now()"
                f" from loan where id = '{one.loan_id}'"
            )

    async def pays(self, one: Lived, on: date, amount_minor: int) -> None:
        """By hand: credited by the rail in the morning of the day, placed by the till's own book."""
        self.came += 1
        incoming_id, at = uuid4(), datetime.combine(on, datetime.min.time(), UTC) + timedelta(hours=2)
        row = {
            "id": incoming_id, "seq": 7_700_000 + self.came, "rail": "wechat", "rail_reference": f"T{incoming_id.hex}",
            "order_id": None, "amount_minor": amount_minor, "currency": "CNY", "booked_on": on, "came_at": at,
            "via_line_id": None,
        }  # fmt: skip
        async with self.api.tools.sessions.begin(scope="worker") as session:
            payer = incoming.Payer("店主", str(one.loan_id.int)[:16], "还款")
            assert await incoming.keep(session, self.api.tools.vault, payer, row)
            kept = await incoming.one(session, incoming_id)
            assert kept is not None
            await self.cashbook.repay(session, kept, [one.loan_id], By.PAYER, at)

    async def tells(self, on: date) -> None:
        """The letters that announce a debit leave the morning after the close that found them."""
        async with self.api.tools.sessions.begin(scope="worker") as session:
            found = await session.scalars(
                select(PathNotice).where(
                    PathNotice.found_on == on - A_DAY,
                    PathNotice.kind == Warned.DEBIT.value,
                    PathNotice.loan_id.in_(self.loans),
                )
            )
            for row in found.all():
                sent = datetime.combine(on, datetime.min.time(), UTC) + timedelta(hours=1)
                notice_id = plans.notice_of(row.loan_id, row.number, row.kind, row.due_on)
                session.add(
                    Notice(
                        id=notice_id,
                        person_id=row.person_id,
                        kind="path_debit",
                        params={},
                        state="sent",
                        created_at=sent,
                        sent_at=sent,
                    )
                )

    async def day(self, on: date, payouts: Any, *, last: bool) -> None:
        """Letters and payments of the morning, then the close, then what it asks for: not on the last day, which ends
        with its close in the twin too."""
        await self.tells(on)
        for one in self.loans.values():
            if one.started_on == on:
                await self.begins(one, payouts("credited"))
            for amount in one.by_hand.get(on, ()):
                await self.pays(one, on, amount)
            self.sells(one, on)
        shard = ShardToClose("CN", on, self.shard)
        if (await self.closing.close_shard(shard)).instructed and not last:
            await self.closing.collect_shard(shard)


@pytest.fixture
def town(api: Any, database: Any, wired: Any, numbers: Any) -> Town:
    loans = {one.loan_id: one for one in sample()}
    book = api.tools.policies
    closing = Closing(
        wired.sessions,
        cast("Any", Accounts()),
        cast("Any", Bank(loans)),
        cast("Any", None),
        task_queue="q",
        clock_id=wired.settings.clock_id,
        calendars=book.calendars,
    )
    vault = api.tools.vault
    cashbook = Cashbook(Private(vault), vault, book.receivables["CN"], Jurisdiction.CN)
    return Town(api, database, closing, cashbook, 7_000 + numbers(), loans)


async def test_twenty_loans_of_the_twin_are_what_the_real_close_makes_of_them_to_the_fen(
    town: Town, a_payout: Any
) -> None:
    loans = town.loans.values()
    assert len(loans) == SAMPLE
    assert sum(bool(one.episodes) for one in loans) >= 5 and sum(len(one.by_hand) for one in loans) >= 20
    assert any(brought < asked for one in loans for asked, brought in one.debits.values()), "some debits fail"
    assert any(due in one.debits for one in loans for due in one.announced), "some are for the path"
    assert any(one.coupon_minor for one in loans), "some have a coupon"
    first, last = min(one.started_on for one in loans), max(max(one.told) for one in loans)
    on = first
    while on <= last:
        await town.day(on, a_payout, last=on == last)
        on += A_DAY
    async with town.api.tools.sessions.begin(scope="worker") as session:
        rows = {
            loan.id: (loan, balance)
            for loan, balance in await session.execute(
                select(Loan, LoanBalance)
                .join(LoanBalance, LoanBalance.loan_id == Loan.id)
                .where(Loan.id.in_(town.loans))
            )
        }
    for one in loans:
        loan, balance = rows[one.loan_id]
        assert (loan.state == "closed") is (one.paid_off_on is not None)
        assert loan.closed_on == one.paid_off_on
        if one.paid_off_on is not None:
            continue
        ours = one.position
        assert (balance.in_flight_minor, balance.uncollected_minor) == (ours.in_flight_minor, ours.uncollected_minor)
        assert (balance.principal_minor, int(balance.accrued_units), balance.interest_paid_minor) == (
            ours.principal_minor, ours.accrued_units, ours.interest_paid_minor,
        ), one.loan_id  # fmt: skip
        assert (balance.windows_passed, balance.past_due_since) == (ours.windows_passed, ours.past_due_since)
        assert (balance.days_past_due, balance.carry_minor) == (one.days_past_due, ours.carry_minor)
        assert balance.coupon_left_minor == ours.coupon_minor
    async with town.api.tools.sessions.begin(scope="worker") as session:
        for one in loans:
            found = await projections.sources(session, UUID(int=one.loan_id.int - 1), 1)
            assert [compared(row) for row in found] == [[]]
