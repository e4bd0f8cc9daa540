"""Money that comes in unasked, on real rows and a rail that answers: kept once, placed, split, sent on, to the fen."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from activities.cashbook import Cashbook
from activities.cashier import Cashier
from activities.diverting import DiversionWatch
from activities.ports.receivables import ReceivableCase
from activities.private import Private
from activities.sending_on import SendingOn
from db import clocks, incoming, ledger, people, projections, reconciling
from db.tables import (
    Application,
    BankAccount,
    Collection,
    Command,
    Consent,
    Entry,
    Incoming,
    Loan,
    LoanBalance,
    Notice,
    Outgoing,
)
from gateways.failures import GatewayUnavailable
from gateways.incoming import HttpIncoming
from gateways.payments import HttpRail
from gateways.pledges import HttpPledges
from lending.accounts import Account
from lending.calendars import Jurisdiction
from lending.camt053 import read
from lending.incoming import reference_of
from lending.ledger import EntryKind
from lending.reconciliation import reconcile
from lending.refusals import NotInThisStage
from ops.rebuilding import compared
from simulators.rail.book import SETTLEMENT
from tests.activities.test_lines import counter, desk
from tests.activities.test_paying_sellers import settings
from tests.activities.test_receivables import BUYER, Yard, yard

__all__ = ["counter", "desk", "settings", "yard"]

OWNER = "王小满"
BUYERS_ACCOUNT, STRANGERS = "6200020000004445556", "6200020000007778889"


@dataclass
class Till:
    """A line on receivables, our cashier and the rail."""

    place: Yard
    cashier: Cashier
    sending: SendingOn
    account: str  # the borrower's own

    @property
    def sessions(self) -> Any:
        return self.place.desk.counter.steps.sessions

    async def opens(self, account: str, holder: str, yuan: int = 1_000_000, kind: str = "bank") -> None:
        """Somebody has an account at the rail with money on it."""
        rail = self.place.rail
        await rail.post("/accounts", json={"account": account, "holder": holder, "kind": kind})
        if yuan:
            day = {"account": account, "on": "2026-11-01", "received_minor": yuan * 100, "spent_minor": 0,
                   "keep_minor": 0}  # fmt: skip
            await rail.post("/settlements", json={"settlement_id": f"open-{account}", "days": [day]})

    async def sends(self, account: str, yuan: float, remark: str = "货款", to: str = SETTLEMENT) -> str:
        """A transfer; the rail's own reference."""
        wish = {
            "transfer_id": f"t-{uuid4().hex[:12]}", "from_account": account, "to_account": to,
            "amount_minor": round(yuan * 100), "reference": remark,
            "requested_on": (await self.place.today()).isoformat(),
        }  # fmt: skip
        said = await self.place.rail.post("/transfers", json=wish)
        assert said.status_code == 201, said.text
        return said.json()["rail_reference"]

    async def round(self) -> None:
        """As the worker does, until nothing moves."""
        while await self.cashier.take_in() or await self.cashier.place_all():
            pass
        for _ in range(3):
            await self.sending.send_all()

    async def came(self, reference: str) -> Incoming:
        async with self.sessions.begin() as session:
            return (await session.scalars(select(Incoming).where(Incoming.rail_reference == reference))).one()

    async def went(self, reference: str) -> list[tuple[str, int, str]]:
        row = await self.came(reference)
        async with self.sessions.begin() as session:
            return sorted((one.kind, one.amount_minor, one.state) for one in await incoming.sent_on(session, [row.id]))

    async def balance(self, account: str) -> int:
        return (await self.place.rail.get(f"/accounts/{account}")).json()["balance_minor"]

    async def draws(self, yuan: int, owed: int | None = None) -> UUID:
        """A draw of the line that is out; its loan."""
        drawn = await self.place.desk.draw(self.place.line, yuan)
        await self.place.desk.arrives(drawn, owed)
        loan_id = (await self.place.desk.payout(drawn)).loan_id
        return loan_id

    async def loan(self, loan_id: UUID) -> tuple[Loan, LoanBalance, int]:
        async with self.sessions.begin() as session:
            loan = await session.get_one(Loan, loan_id)
            number = (await session.get_one(Application, loan.application_id)).number
            return loan, await session.get_one(LoanBalance, loan_id), number

    async def top_up(self, account: str, yuan: int) -> None:
        """Money from somewhere."""
        day = {"account": account, "on": "2026-11-02", "received_minor": yuan * 100, "spent_minor": 0,
               "keep_minor": 0}  # fmt: skip
        await self.place.rail.post("/settlements", json={"settlement_id": f"up-{uuid4().hex}", "days": [day]})

    async def decide(self, reference: str, what: str, on: UUID | None) -> None:
        """What a person at the desk says of money in suspense, once it is there."""
        await self.cashier.take_in()
        async with self.sessions.begin() as session:
            said = update(Incoming).where(Incoming.rail_reference == reference)
            await session.execute(said.values(decided=what, decided_id=on, decided_by="staff:x", words="电话核实"))

    async def payment_of(self, outgoing_id: UUID) -> dict[str, Any]:
        """The order that a rest is sent by."""
        async with self.sessions.begin() as session:
            row = await session.get_one(Outgoing, outgoing_id)
            wish = await self.sending.payment(session, row)
        return {
            "end_to_end_id": wish.end_to_end_id, "amount_minor": wish.amount_minor, "currency": wish.currency,
            "payee_account": wish.payee_account, "payee_name": wish.payee_name, "reference": wish.reference,
            "requested_on": wish.requested_on.isoformat() if wish.requested_on else None,
        }  # fmt: skip

    async def entries(self) -> list[UUID]:
        async with self.sessions.begin() as session:
            return list(await session.scalars(select(Entry.id)))

    async def commands(self, workflow: str) -> list[Command]:
        async with self.sessions.begin() as session:
            loans = select(Application.id).where(Application.line_id == self.place.line.id)
            mine = await session.scalars(select(Loan.id).where(Loan.application_id.in_(loans)))
            names = [f"{workflow.lower()}/{one}" for one in mine]
            return list(await session.scalars(select(Command).where(Command.workflow_id.in_(names))))

    async def trial(self) -> dict[Account, int]:
        async with self.sessions.begin() as session:
            found = await ledger.trial_balance(session)
        return {Account(account): amount for (account, _), amount in found.items()}

    async def notices(self) -> list[str]:
        async with self.sessions.begin() as session:
            found = await session.scalars(
                select(Notice.kind).where(Notice.person_id == self.place.line.person_id).order_by(Notice.created_at)
            )
            return list(found)


@pytest.fixture
async def till(yard: Callable[..., Awaitable[Yard]]) -> AsyncIterator[Till]:
    place = await yard()
    counter = place.desk.counter
    rail = HttpIncoming(place.rail)
    book = Cashbook(Private(counter.vault), counter.vault, counter.book.receivables["CN"], Jurisdiction.CN)
    sessions: Any = counter.steps.sessions
    async with sessions.begin() as session:
        seen = await incoming.last_seen(session)

    def numbered_on(book: Any) -> None:
        """This rail's numbers go on behind those of the tests before: a reference means one credit for ever."""
        n = 1_000 * (seen + 1)
        book.execute(
            "insert into movement (n, account, amount_minor, kind, reference, counterparty, at, booked_on)"
            " values (?, ?, 1, 'funding', 'x', 'x', 0, '2000-01-01')",
            (n, SETTLEMENT),
        )
        if seen:
            book.execute("insert into credit values (?, ?, ?, 'x', 'x', 'bank')", (seen, n, SETTLEMENT))

    assert place.party is not None
    await place.party.book.write(numbered_on)
    cashier = Cashier(sessions, counter.vault, rail, book, place.settings)
    sending = SendingOn(sessions, Private(counter.vault), HttpRail(place.rail), rail, place.settings)
    made = Till(place, cashier, sending, f"62000100{uuid4().int % 10**11:011d}")
    async with sessions.begin() as session:
        await people.set_identity(
            session, counter.vault, place.line.person_id, name=OWNER, id_number="320501199001011234"
        )
        account = await session.get_one(BankAccount, place.line.account_id)
        key = await people.key_of(session, counter.vault, place.line.person_id)
        account.number_sealed = counter.vault.seal(key, people.ACCOUNT, account.id, made.account)
        account.number_index = counter.vault.blind_index(people.ACCOUNT, made.account)
    await made.opens(made.account, OWNER, 0)
    yield made


async def test_a_payment_that_was_only_told_lowers_the_base_and_frees_no_pledge_before_its_money_is_found(
    till: Till,
) -> None:
    await till.opens(BUYERS_ACCOUNT, BUYER)
    found = await till.place.confirmed(100_000)
    await till.place.pledge(found)
    await till.draws(40_000)
    told = await till.place.note(found, "paid", 100_000)
    assert (told.state, told.release) == ("pledged", False)
    assert (await till.place.base()).advance_minor == 0, "what it carries falls by the word alone"
    assert "receivable_shortfall" in await till.place.notices()
    case = ReceivableCase(found, uuid4())
    with pytest.raises(NotInThisStage):
        await till.place.pledging.release_receivable(case)
    assert not (await till.place.pledging.verify_again(ReceivableCase(found, uuid4()))).release
    assert [one["cancelled"] for one in (await till.place.pledges.get("/book")).json()["registrations"]] == [0]
    reference = await till.sends(BUYERS_ACCOUNT, 100_000, to=await till.place.account())
    await till.round()
    assert ((await till.came(reference)).state, (await till.came(reference)).receivable_id) == ("placed", found)
    row = await till.place.row(found)
    assert (row.paid_minor, row.told_minor) == (10_000_000, 0), "it is the same money, counted once"
    assert (await till.place.note(found, "received", 100_000)).release
    assert (await till.place.pledging.release_receivable(case)).state == "released"


async def test_a_credit_note_of_the_rest_after_real_money_frees_no_pledge_that_money_rests_on(till: Till) -> None:
    await till.opens(BUYERS_ACCOUNT, BUYER)
    found = await till.place.confirmed(100_000)
    await till.place.pledge(found)
    loan_id = await till.draws(40_000)
    await till.sends(BUYERS_ACCOUNT, 10_000, to=await till.place.account())
    await till.round()
    _, balance, _ = await till.loan(loan_id)
    assert balance.principal_minor > 0, "money is still out"
    told = await till.place.note(found, "credited", 90_000)
    assert (told.state, told.release) == ("pledged", False), "one word of one person frees nothing"
    case = ReceivableCase(found, uuid4())
    with pytest.raises(NotInThisStage):
        await till.place.pledging.release_receivable(case)
    assert not (await till.place.pledging.verify_again(ReceivableCase(found, uuid4()))).release
    assert [one["cancelled"] for one in (await till.place.pledges.get("/book")).json()["registrations"]] == [0]


@pytest.mark.parametrize("word", ["disputed", "barred"])
async def test_a_word_that_makes_a_claim_count_for_nothing_lets_nobody_give_it_back_while_money_rests_on_it(
    till: Till, word: str
) -> None:
    found = await till.place.confirmed(100_000)
    await till.place.pledge(found)
    await till.draws(40_000)
    await till.place.note(found, word)
    with pytest.raises(NotInThisStage):
        await till.place.pledging.release_receivable(ReceivableCase(found, uuid4()))


async def test_a_told_payment_frees_its_pledge_as_soon_as_real_money_repaid_what_was_lent(till: Till) -> None:
    await till.opens(BUYERS_ACCOUNT, BUYER)
    told = await till.place.confirmed(100_000)
    other = await till.place.confirmed(80_000, number="24312000000098765432")
    for one in (told, other):
        await till.place.pledge(one)
    loan_id = await till.draws(40_000)
    assert not (await till.place.note(told, "paid", 100_000)).release
    await till.sends(BUYERS_ACCOUNT, 80_000, to=await till.place.account(), remark="24312000000098765432")
    await till.round()
    loan, _, _ = await till.loan(loan_id)
    assert loan.state == "closed"
    async with till.sessions.begin() as session:
        asked = await session.scalars(
            select(Command).where(
                Command.workflow_id == clocks.workflow_of("receivable", told),
                Command.argument["fact"].astext == "repaid",
            )
        )
        assert asked.first() is not None, "it does not wait for the daily look"
    assert (await till.place.note(told, "repaid")).release


async def test_a_payment_that_was_only_told_frees_the_pledge_where_nothing_is_lent_on_its_line(till: Till) -> None:
    found = await till.place.confirmed(100_000)
    await till.place.pledge(found)
    assert (await till.place.note(found, "paid", 100_000)).release
    assert (await till.place.pledging.release_receivable(ReceivableCase(found, uuid4()))).state == "released"


async def test_the_buyer_pays_the_lines_account_and_the_draw_the_rest_and_nothing_else_share_it(till: Till) -> None:
    await till.opens(BUYERS_ACCOUNT, BUYER)
    found = await till.place.confirmed(100_000)
    await till.place.pledge(found)
    loan_id = await till.draws(40_000)
    before = await till.trial()
    reference = await till.sends(BUYERS_ACCOUNT, 60_000, to=await till.place.account())
    await till.round()
    row = await till.came(reference)
    assert (row.state, row.by, row.third_party) == ("placed", "account", True)
    assert (row.repaid_minor, row.rest_minor) == (4_000_000, 2_000_000), (
        "eight tenths were lent on it, and no more owed"
    )
    loan, balance, _ = await till.loan(loan_id)
    assert (loan.state, balance.principal_minor) == ("closed", 0)
    assert (await till.place.row(found)).paid_minor == 6_000_000
    assert await till.went(reference) == [("rest", 2_000_000, "done")]
    assert await till.balance(till.account) == 2_000_000, "the rest is the borrower's, the same day"
    after = await till.trial()
    moved = {account: after.get(account, 0) - before.get(account, 0) for account in after}
    assert {account: amount for account, amount in moved.items() if amount} == {
        Account.CASH_BANK: 4_000_000,
        Account.LOANS_PRINCIPAL: -4_000_000,
    }, "nothing stays unexplained, nothing stays with us"
    assert (await till.notices())[-2:] == ["buyer_paid", "rest_paid"]


async def test_a_round_that_is_done_again_moves_nothing_twice(till: Till) -> None:
    await till.opens(BUYERS_ACCOUNT, BUYER)
    found = await till.place.confirmed(100_000)
    await till.place.pledge(found)
    await till.draws(40_000)
    reference = await till.sends(BUYERS_ACCOUNT, 60_000, to=await till.place.account())
    await till.cashier.take_in()
    await till.cashier.place_all()
    row = await till.came(reference)
    async with till.sessions.begin() as session:  # killed after the rail had paid, before we knew
        [rest] = await incoming.sent_on(session, [row.id])
    order = await till.payment_of(rest.id)
    paid = await till.place.rail.post("/payments", json=order)
    assert paid.status_code == 201, paid.text
    entries = await till.entries()
    await till.round()
    await till.round()
    assert await till.balance(till.account) == 2_000_000
    assert len(await till.entries()) == len(entries) + 1, "only that the rest has arrived"
    assert (await till.place.row(found)).paid_minor == 6_000_000


@pytest.mark.parametrize("kind", ["bank", "wechat", "alipay"])
async def test_each_of_three_rails_repays_a_loan_by_its_reference(till: Till, kind: str) -> None:
    await till.opens(STRANGERS[:-1] + str(len(kind)), "一位朋友", kind=kind)
    await till.place.pledge(await till.place.confirmed(100_000))
    loan_id = await till.draws(40_000)
    _, _, number = await till.loan(loan_id)
    written = reference_of(number)
    reference = await till.sends(
        STRANGERS[:-1] + str(len(kind)), 1_000.05, f"还款 {written[:3].lower()} {written[3:]} 谢谢"
    )
    await till.round()
    row = await till.came(reference)
    assert (row.rail, row.state, row.by, row.loan_id) == (kind, "placed", "reference", loan_id)
    assert row.third_party, "somebody else paid for the borrower: written down as such (代偿)"
    _, balance, _ = await till.loan(loan_id)
    assert balance.principal_minor == 4_000_000 - 100_005
    assert (await till.notices())[-1] == "payment_received"


async def test_part_payments_from_several_sources_in_a_day_add_up_and_the_oldest_due_comes_first(till: Till) -> None:
    wallet = "6200030000001112223"
    await till.opens(wallet, OWNER, kind="wechat")
    await till.top_up(till.account, 50_000)
    await till.place.pledge(await till.place.confirmed(100_000))
    first, second = await till.draws(20_000), await till.draws(10_000)
    async with till.sessions.begin() as session:
        await session.execute(
            update(LoanBalance).where(LoanBalance.loan_id == second).values(past_due_since=date(2026, 11, 1))
        )
    _, _, number = await till.loan(first)
    await till.sends(till.account, 12_000, "还款")
    await till.sends(wallet, 3_000, reference_of(number))
    await till.sends(wallet, 0.01, reference_of(number))
    await till.round()
    assert (await till.loan(second))[0].state == "closed", "what is past due is paid before what is not"
    assert (await till.loan(first))[1].principal_minor == 2_000_000 - 200_000 - 300_000 - 1


async def test_the_till_leaves_what_takes_two_people_until_the_second_has_spoken(till: Till) -> None:
    await till.opens(STRANGERS, "路人甲")
    before = await till.balance(STRANGERS)
    reference = await till.sends(STRANGERS, 20_000, "hello")
    await till.round()
    await till.decide(reference, "give_back", None)
    async with till.sessions.begin() as session:
        said = update(Incoming).where(Incoming.rail_reference == reference)
        await session.execute(said.values(takes_two=True))
    await till.round()
    assert (await till.came(reference)).state == "suspense"
    async with till.sessions.begin() as session:
        await session.execute(said.values(confirmed_by="staff:y"))
    await till.round()
    assert (await till.came(reference)).state == "given_back"
    assert await till.balance(STRANGERS) == before, "all of it is back"


async def _a_draw_past_due(till: Till, days: int) -> UUID:
    """A draw with interest earned and not paid, past due for so many days."""
    await till.opens(BUYERS_ACCOUNT, BUYER)
    await till.place.pledge(await till.place.confirmed(100_000))
    loan_id = await till.draws(40_000)
    async with till.sessions.begin() as session:
        row = await session.get_one(Loan, loan_id)
        owed = 500_00 * row.units_per_minor
        since = await till.place.today() - timedelta(days=days)
        await session.execute(
            update(LoanBalance)
            .where(LoanBalance.loan_id == loan_id)
            .values(
                past_due_since=since,
                accrued_units=owed,
                interest_paid_minor=0,
                past_due_minor=1_000_000,
                as_of=await till.place.today() - timedelta(days=1),
            )
        )
    return loan_id


async def _by_a_buyer(till: Till, number: int) -> None:
    await till.sends(BUYERS_ACCOUNT, 10_000, to=await till.place.account())


async def _by_the_owner(till: Till, number: int) -> None:
    await till.top_up(till.account, 50_000)
    await till.sends(till.account, 10_000, reference_of(number))


@pytest.mark.parametrize("pays", [_by_a_buyer, _by_the_owner], ids=["the buyer pays", "the owner pays"])
@pytest.mark.parametrize(
    ("days", "says", "interest_left"),
    [(91, 90, 500_00), (90, 90, 0), (91, 0, 0)],
    ids=["past 90 days", "not yet past", "the contract does not say so"],
)
async def test_p10_of_a_loan_long_past_due_principal_is_paid_first_where_its_contract_says_so(
    till: Till, pays: Any, days: int, says: int, interest_left: int, database: Any
) -> None:
    loan_id = await _a_draw_past_due(till, days)
    async with till.sessions.begin() as session:
        row = await session.get_one(Loan, loan_id)
        plain = {name: value for name, value in row.terms.items() if name != "principal_first_days"}
        agreed = {**plain, "principal_first_days": says} if says else plain
    database.execute(f"update loan set terms = '{json.dumps(agreed)}' where id = '{loan_id}'")
    _, before, number = await till.loan(loan_id)
    await pays(till, number)
    await till.round()
    after = (await till.loan(loan_id))[1]
    paid_interest = after.interest_paid_minor - before.interest_paid_minor
    paid_principal = before.principal_minor - after.principal_minor
    assert (500_00 - paid_interest, paid_principal + paid_interest) == (interest_left, 10_000_00)


async def test_money_that_nobody_explains_stands_in_suspense_until_a_person_finds_its_place(
    till: Till,
) -> None:
    await till.opens(STRANGERS, "路人甲")
    await till.place.pledge(await till.place.confirmed(100_000))
    loan_id = await till.draws(40_000)
    before = (await till.trial()).get(Account.SUSPENSE, 0)
    reference = await till.sends(STRANGERS, 500, "hello")
    wrong = await till.sends(STRANGERS, 700, "HS12345 is no number of ours")
    await till.round()
    row = await till.came(reference)
    assert (row.state, row.problem, row.person_id) == ("suspense", "unmatched", None)
    assert row.due_at is not None and row.due_at - row.came_at <= timedelta(days=1)
    assert (await till.trial())[Account.SUSPENSE] - before == -120_000
    await till.decide(reference, "loan", loan_id)
    await till.decide(wrong, "give_back", None)
    await till.round()
    assert (await till.loan(loan_id))[1].principal_minor == 3_950_000
    assert ((await till.came(reference)).by, (await till.came(wrong)).state) == ("person", "given_back")
    assert await till.went(wrong) == [("return", 70_000, "done")]
    assert await till.balance(STRANGERS) == 100_000_000 - 50_000, "back on the account that it came from"
    assert (await till.trial()).get(Account.SUSPENSE, 0) == before


@pytest.mark.parametrize("paid", [500, 41_000], ids=["a part", "all of it"])
async def test_money_that_waited_in_suspense_counts_from_its_own_day_as_if_it_had_been_placed_at_once(
    till: Till, paid: int
) -> None:
    await till.opens(STRANGERS, "路人甲")
    await till.place.pledge(await till.place.confirmed(100_000))
    loan_id = await till.draws(40_000)
    reference = await till.sends(STRANGERS, paid, "hello")
    await till.round()
    nights = 5
    loan, before, _ = await till.loan(loan_id)
    async with till.sessions.begin() as session:
        row = await session.get_one(Incoming, (await till.came(reference)).id)
        row.booked_on = before.as_of + timedelta(days=1 - nights)
        late = update(LoanBalance).where(LoanBalance.loan_id == loan_id)
        await session.execute(late.values(accrued_units=4_000_000 * loan.rate_units * nights))
        earlier = before.as_of - timedelta(days=9)
        await session.execute(update(Loan).where(Loan.id == loan_id).values(live_on=earlier))
    interest = round(4_000_000 * loan.rate_units * nights / loan.units_per_minor)
    await till.decide(reference, "loan", loan_id)
    await till.round()
    loan, after, _ = await till.loan(loan_id)
    owed = after.principal_minor + interest - after.interest_paid_minor if paid == 500 else 0
    on_its_day = 4_000_000 - paid * 100
    later = -(-on_its_day * loan.rate_units * nights // loan.units_per_minor)
    assert (loan.state, abs(owed - max(0, on_its_day + later)) <= 1) == ("live" if paid == 500 else "closed", True)
    async with till.sessions.begin() as session:
        waived = [one for one in await ledger.entries(session, loan_id) if one.kind is EntryKind.WAIVED]
    (let_go,) = [sum(posting.amount_minor for posting in one.postings) for one in waived]
    assert let_go - (interest - later if paid == 500 else interest) in (0, 1), "a broken fen is the borrower's"
    assert paid == 500 or (await till.went(reference)) == [("return", paid * 100 - 4_000_000, "done")]


async def test_a_rule_places_later_what_it_could_not_place_at_first(till: Till) -> None:
    await till.opens(BUYERS_ACCOUNT, BUYER)
    found = await till.place.confirmed(80_000)
    reference = await till.sends(BUYERS_ACCOUNT, 80_000, "货款")
    await till.round()
    assert (await till.came(reference)).state == "suspense", "nothing is pledged yet"
    await till.place.pledge(found)
    await till.round()
    row = await till.came(reference)
    assert (row.state, row.by, row.receivable_id, row.due_at) == ("placed", "buyer", found, None)
    assert (await till.place.row(found)).paid_minor == 8_000_000


async def test_what_is_too_much_goes_back_the_way_it_came_once(till: Till) -> None:
    await till.top_up(till.account, 50_000)
    await till.place.pledge(await till.place.confirmed(100_000))
    loan_id = await till.draws(40_000)
    reference = await till.sends(till.account, 40_100, "全部还清")
    await till.round()
    await till.round()
    assert (await till.loan(loan_id))[0].state == "closed"
    assert await till.went(reference) == [("return", 10_000, "done")]
    assert await till.balance(till.account) == 1_000_000
    again = await till.sends(till.account, 50, reference_of((await till.loan(loan_id))[2]))
    await till.round()
    assert await till.went(again) == [("return", 5_000, "done")], "a loan that is over owes nothing"
    assert "payment_received_over" in await till.notices()
    told = await till.commands("Loan")
    assert [one.name for one in told] == ["settled"], "its own last page is written once"


@pytest.mark.parametrize(("short", "state", "waived"), [(1.00, "closed", 100), (1.01, "live", 0)])
async def test_h2_a_payoff_that_misses_a_yuan_or_less_closes_the_loan_and_the_rest_is_our_cost(
    till: Till, short: float, state: str, waived: int
) -> None:
    await till.top_up(till.account, 50_000)
    await till.place.pledge(await till.place.confirmed(100_000))
    loan_id = await till.draws(40_000)
    before = (await till.trial()).get(Account.COST_WAIVERS, 0)
    await till.sends(till.account, 40_000 - short, "全部还清")
    await till.round()
    await till.round()
    loan, balance, _ = await till.loan(loan_id)
    assert (loan.state, balance.principal_minor) == (state, 0 if state == "closed" else round(short * 100))
    assert (await till.trial()).get(Account.COST_WAIVERS, 0) - before == waived, "booked once, and tied"


async def test_h3_a_debit_that_came_after_the_payoff_is_returned_to_the_account_it_took_from(till: Till) -> None:
    await till.top_up(till.account, 100)
    await till.place.pledge(await till.place.confirmed(100_000))
    loan_id = await till.draws(40_000)
    batch = {
        "batch_id": f"b-{loan_id}", "requested_on": None,
        "instructions": [{
            "instruction_id": f"i-{loan_id}", "account": till.account, "amount_minor": 10_000, "currency": "CNY",
            "mandate": "m", "reference": "r",
        }],
    }  # fmt: skip
    receipt = (await till.place.rail.post("/collections", json=batch)).json()["receipts"][0]
    async with till.sessions.begin() as session:
        debit = Collection(
            id=uuid4(), loan_id=loan_id, person_id=till.place.line.person_id, close_on=date(2026, 11, 30), shard=0,
            net_revenue_minor=1, amount_minor=10_000, received_minor=10_000, state="received",
            rail_reference=receipt["rail_reference"],
        )  # fmt: skip
        session.add(debit)
        await session.flush()
        now = await clocks.now(session, till.place.desk.counter.steps.clock_id)
        incoming.give_back_of_debit(session, debit, "CNY", 4_000, now)
    await till.round()
    assert await till.balance(till.account) == 10_000 - 10_000 + 4_000


async def test_what_the_owner_pays_by_hand_takes_the_place_of_a_debit_that_bounced_and_the_rebuild_agrees(
    till: Till,
) -> None:
    await till.top_up(till.account, 50_000)
    await till.place.pledge(await till.place.confirmed(100_000))
    loan_id = await till.draws(40_000)
    _, before, _ = await till.loan(loan_id)
    async with till.sessions.begin() as session:
        session.add(
            Collection(
                id=uuid4(), loan_id=loan_id, person_id=till.place.line.person_id, close_on=before.as_of, shard=0,
                net_revenue_minor=1, amount_minor=250_000, received_minor=0, state="failed", rail_reference="C1",
            )
        )  # fmt: skip
        bounced = update(LoanBalance).where(LoanBalance.loan_id == loan_id)
        await session.execute(bounced.values(uncollected_minor=250_000))
    await till.sends(till.account, 1_000, "还款")
    await till.round()
    async with till.sessions.begin() as session:
        source = next(one for one in await projections.sources(session, UUID(int=0), 50) if one.loan.id == loan_id)
    assert source.balance.uncollected_minor == 250_000 - 100_000, "the next sales ask for what is still missing"
    assert [one for one in compared(source) if one.column == "uncollected_minor"] == []


async def test_money_waits_for_the_close_of_the_day_before_its_own_so_that_interest_is_right(till: Till) -> None:
    await till.top_up(till.account, 50_000)
    await till.place.pledge(await till.place.confirmed(100_000))
    loan_id = await till.draws(40_000)
    today = await till.place.today()
    async with till.sessions.begin() as session:
        late = update(LoanBalance).where(LoanBalance.loan_id == loan_id)
        await session.execute(late.values(as_of=today - timedelta(days=2)))
    reference = await till.sends(till.account, 100, "还款")
    await till.round()
    assert ((await till.came(reference)).state, (await till.came(reference)).problem) == ("arrived", "close_runs")
    async with till.sessions.begin() as session:
        await session.execute(late.values(as_of=today - timedelta(days=1)))
    await till.round()
    assert (await till.came(reference)).state == "placed"
    async with till.sessions.begin() as session:
        [entry] = (
            await session.scalars(select(Entry).where(Entry.loan_id == loan_id, Entry.kind == "repayment"))
        ).all()
    assert entry.effective_on == today


async def test_a_buyer_who_pays_several_invoices_pays_the_oldest_first_and_too_much_goes_back(
    till: Till,
) -> None:
    await till.opens(BUYERS_ACCOUNT, BUYER)
    today = await till.place.today()
    older = await till.place.confirmed(30_000, number="24312000000011110001", due_on=today + timedelta(days=20))
    newer = await till.place.confirmed(50_000, number="24312000000022220002")
    for one in (older, newer):
        await till.place.pledge(one)
    reference = await till.sends(BUYERS_ACCOUNT, 90_000, to=await till.place.account())
    named = await till.sends(BUYERS_ACCOUNT, 1, "发票 2431-2000-0000-2222-0002", to=await till.place.account())
    await till.round()
    assert [(await till.place.row(one)).paid_minor for one in (older, newer)] == [3_000_000, 5_000_000]
    assert await till.went(reference) == [("rest", 8_000_000, "done"), ("return", 1_000_000, "done")]
    assert (await till.came(named)).state == "suspense", "nothing is open that it could be for"


async def test_the_banks_own_statement_agrees_with_everything_that_came_and_went(till: Till) -> None:
    await till.opens(BUYERS_ACCOUNT, BUYER)
    await till.opens(STRANGERS, "路人甲")
    await till.place.pledge(await till.place.confirmed(100_000))
    await till.draws(40_000)
    await till.sends(BUYERS_ACCOUNT, 60_000, to=await till.place.account())
    await till.decide(await till.sends(STRANGERS, 700, "?"), "give_back", None)
    await till.sends(STRANGERS, 5, "?")
    await till.round()
    today = await till.place.today()
    document = (await till.place.rail.get("/statement.camt053", params={"on": today.isoformat()})).content
    [statement] = read(document)
    named = {row.reference for row in statement.rows} | {row.order_id for row in statement.rows if row.order_id}
    async with till.sessions.begin() as session:
        ours = await reconciling.our_rows(session, today, today, named, "CNY")
    found = reconcile(ours.rows, statement)
    assert [one for one in found.breaks if one.theirs is not None] == []
    assert len(found.matched) == len(statement.rows) == 5


async def test_credits_are_asked_for_by_number_so_that_a_callback_that_got_lost_loses_nothing(till: Till) -> None:
    await till.opens(STRANGERS, "路人甲")
    await till.place.rail.post("/faults", json={"mode": "no_credit_callback"})
    references = [await till.sends(STRANGERS, n + 1) for n in range(3)]
    await till.place.rail.post("/faults", json={"mode": "credits_down", "times": 1})
    with pytest.raises(GatewayUnavailable):
        await till.cashier.take_in()
    assert await till.cashier.take_in() == 3
    assert await till.cashier.take_in() == 0
    assert [(await till.came(one)).amount_minor for one in references] == [100, 200, 300]


@pytest.fixture
async def watch(till: Till) -> DiversionWatch:
    """The night's look at what buyers paid to the borrower."""
    counter = till.place.desk.counter
    rules = counter.book.receivables["CN"]
    pledges = HttpPledges(till.place.pledges)
    return DiversionWatch(Private(counter.vault), counter.vault, HttpIncoming(till.place.rail), pledges, rules)


async def looked(till: Till, watch: DiversionWatch) -> dict[str, Any]:
    """One night."""
    async with till.sessions.begin() as session:
        now = await clocks.now(session, till.place.desk.counter.steps.clock_id)
        return await watch.look(session, await till.place.today(), now)


async def test_d4_a_buyer_who_pays_the_borrower_is_found_the_same_day_told_again_and_it_is_to_be_sent_on(
    till: Till, watch: DiversionWatch
) -> None:
    await till.opens(BUYERS_ACCOUNT, BUYER)
    await till.opens(STRANGERS, "路人甲")
    found = await till.place.confirmed(100_000)
    await till.place.pledge(found)
    loan_id = await till.draws(40_000)
    await till.sends(BUYERS_ACCOUNT, 60_000, to=till.account)
    await till.sends(STRANGERS, 60_000, to=till.account)
    assert (await looked(till, watch))["found"] == 1, "what others pay the borrower is nobody's business"
    assert (await looked(till, watch))["found"] == 0, "seen once"
    row = await till.place.row(found)
    assert (row.diverted_minor, row.paid_minor) == (6_000_000, 0)
    assert (await till.place.base()).advance_minor == 1_920_000, "what is left carries, what was diverted does not"
    book = (await till.place.pledges.get("/book")).json()
    assert book["redirects"] == [str(found)], "its buyer was told once more whom it has to pay"
    assert {"receivable_diverted", "receivable_shortfall"} <= set(await till.notices())
    with pytest.raises(NotInThisStage):
        await till.place.pledging.release_receivable(ReceivableCase(found, uuid4()))
    async with till.sessions.begin() as session:
        [one] = await incoming.diversions_of(session, till.place.line.id)
        rules = till.place.desk.counter.book.receivables["CN"]
        assert one.cure_on - one.seen_at.date() == timedelta(days=rules.cure_days)
    assert (await till.loan(loan_id))[0].state == "live", "nothing is called"

    part = await till.sends(till.account, 25_000, "转交货款", to=await till.place.account())
    await till.round()
    assert (await till.came(part)).repaid_minor == 2_080_000, "eight tenths of it, and what lost its cover"
    await till.sends(till.account, 35_000, "转交货款", to=await till.place.account())
    await till.round()
    row = await till.place.row(found)
    assert (row.diverted_minor, row.paid_minor) == (0, 6_000_000)
    assert (await till.loan(loan_id))[0].state == "closed"
    async with till.sessions.begin() as session:
        assert await incoming.diversions_of(session, till.place.line.id) == [], "mended"


async def test_d4_nobody_looks_at_an_account_whose_owner_took_the_leave_back(till: Till, watch: DiversionWatch) -> None:
    await till.opens(BUYERS_ACCOUNT, BUYER)
    await till.place.pledge(await till.place.confirmed(100_000))
    await till.sends(BUYERS_ACCOUNT, 60_000, to=till.account)
    async with till.sessions.begin() as session:
        now = await clocks.now(session, till.place.desk.counter.steps.clock_id)
        mine = update(Consent).where(Consent.person_id == till.place.line.person_id)
        await session.execute(mine.where(Consent.purpose == "flows_analysis").values(withdrawn_at=now))
    assert (await looked(till, watch))["found"] == 0
