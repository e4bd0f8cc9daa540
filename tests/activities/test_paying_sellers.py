"""Entrusted payment (P14): a seller is paid what their invoices ask for, by exactly their name, and nothing more."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from activities.payees import Payees
from activities.payouts import Payouts
from activities.ports.payees import PayeeNamed
from activities.ports.payouts import PayoutCase
from activities.private import Private
from activities.releasing import Gate
from db import clocks, ledger, payees, people
from db.tables import Application, BankAccount, Invoice, Loan, LoanBalance, Payout, Person, StatementFile
from gateways.payments import PaymentOrder, PaymentState, PaymentStatus
from imports.invoice_cells import Status
from imports.invoice_list import InvoiceFlag
from imports.lines import counterparty_key
from infra.settings import Settings
from lending.ledger import Account, Entry, EntryKind
from lending.refusals import NotOnPaper, PayeeMissing, PayeeNotProven
from tests.activities.test_releasing import HOURS_2, PRODUCT, Counter, counter, waits

__all__ = ["counter"]

SELLER, NUMBER = "盛源粮油批发有限公司", "6222021001112223334"


class Rail:
    """Takes orders and answers as it is told."""

    def __init__(self) -> None:
        self.orders: list[PaymentOrder] = []
        self.says = PaymentStatus(state=PaymentState.ACCEPTED)

    async def pay(self, order: PaymentOrder) -> PaymentStatus:
        self.orders.append(order)
        return self.says

    async def find(self, end_to_end_id: str) -> PaymentStatus:
        return self.says


@pytest.fixture
async def rail(counter: Counter) -> AsyncIterator[Rail]:
    made, nobody, before = Rail(), None, counter.payouts
    private, gate, tools = Private(counter.vault), Gate(counter.book, "CN"), {"task_queue": "none", "cutoff": HOURS_2}
    counter.payouts = Payouts(counter.steps, private, made, nobody, gate, **tools)  # type: ignore[arg-type]
    yield made
    counter.payouts = before


@pytest.fixture
def checker(counter: Counter, settings: Settings) -> Payees:
    return Payees(counter.steps, Private(counter.vault), settings)


async def named(
    counter: Counter,
    checker: Payees,
    application_id: UUID,
    settings: Settings,
    *invoices: tuple[str, int, Status, InvoiceFlag],
    name: str = SELLER,
) -> payees.Destination:
    """The owner uploads a list of invoices and names a seller; where the money goes then."""
    file_id, payee_id = uuid4(), uuid4()
    async with counter.steps.sessions.begin() as session:
        application = await session.get_one(Application, application_id)
        now = await clocks.now(session, counter.steps.clock_id)
        await _identified(counter, session, application.person_id)
        session.add(
            StatementFile(
                id=file_id, application_id=application_id, person_id=application.person_id,
                firm_id=application.firm_id, holds="invoices", name_sealed=b"x", size=1, sha256=file_id.hex,
                object_key=file_id.hex, state="read", received_at=now, read_at=now,
            )
        )  # fmt: skip
        await session.flush()
        for n, (seller, yuan, status, flags) in enumerate(invoices):
            session.add(
                Invoice(
                    firm_id=application.firm_id, side=-1, fingerprint=uuid4().bytes, file_id=file_id, n=n,
                    issued_on=date(2026, 11, 1), net_minor=yuan * 100, tax_minor=0, currency="CNY",
                    counterparty_key=counterparty_key(settings.secret_bytes("index_key"), seller),
                    status=int(status), flags=int(flags),
                )
            )  # fmt: skip
        await payees.name(
            session, counter.vault, payee_id=payee_id, application_id=application_id,
            person_id=application.person_id, name=name, number=NUMBER, bank="工商银行", file_id=file_id, now=now,
        )  # fmt: skip
    await checker.check_payee(PayeeNamed(payee_id))
    async with counter.steps.sessions.begin() as session:
        account = await session.get_one(BankAccount, application.bank_account_id)
        return await payees.destination(session, application_id, account)


async def _identified(counter: Counter, session: Any, person_id: UUID) -> None:
    key = await people.key_of(session, counter.vault, person_id)
    person = await session.get_one(Person, person_id)
    person.name_sealed = counter.vault.seal(key, "person.name", person_id, "陈小满")


VALID, NO_FLAG = Status.VALID, InvoiceFlag(0)


@pytest.fixture
def settings(database: Any, settings_for: Callable[..., Settings]) -> Settings:
    return settings_for(database=database)


async def test_p14_the_named_seller_is_paid_by_name_and_account_and_waits_as_a_new_payee(
    counter: Counter, checker: Payees, settings: Settings, rail: Rail
) -> None:
    owner = await counter.owner()
    signature = await counter.ready(owner, await counter.account(owner, used=True), 30_000)
    to = await named(
        counter, checker, signature.application_id, settings,
        (SELLER, 20_000, VALID, NO_FLAG), (SELLER, 15_000, VALID, NO_FLAG), ("别家", 90_000, VALID, NO_FLAG),
    )  # fmt: skip
    assert to.named is not None
    assert to.named.covers_minor == 3_500_000
    payout = await counter.sign(signature)
    assert (payout.payee_id, waits(payout)) == (to.named.id, HOURS_2)  # small, and still a new payee
    await _leave_at_once(counter, payout)
    assert (await counter.payouts.claim_payout(PayoutCase(payout.id))).state == "submitting"
    await counter.payouts.submit_payout(PayoutCase(payout.id))
    order = rail.orders[0]
    assert (order.payee_name, order.payee_account, order.amount_minor) == (
        SELLER,
        NUMBER,
        3_000_000,
    )  # all of it: no fee


async def _leave_at_once(counter: Counter, payout: Payout) -> None:
    async with counter.steps.sessions.begin() as session:
        row = await session.get_one(Payout, payout.id)
        row.pay_at = row.created_at


async def test_p14_a_name_that_is_not_on_the_invoices_is_not_paid(
    counter: Counter, checker: Payees, settings: Settings
) -> None:
    owner = await counter.owner()
    account = await counter.account(owner)
    signature = await counter.ready(owner, account, 10_000)
    to = await named(
        counter, checker, signature.application_id, settings, (SELLER, 20_000, VALID, NO_FLAG), name="盛源"
    )
    assert (to.named, to.id) == (None, account)
    assert (await counter.sign(signature)).payee_id is None


@pytest.mark.parametrize(
    ("status", "flags"), [(Status.VOID, NO_FLAG), (VALID, InvoiceFlag.REVERSED)], ids=["void", "reversed"]
)
async def test_p14_invoices_that_are_not_in_force_owe_nothing(
    counter: Counter, checker: Payees, settings: Settings, status: Status, flags: InvoiceFlag
) -> None:
    owner = await counter.owner()
    signature = await counter.ready(owner, await counter.account(owner), 10_000)
    to = await named(
        counter, checker, signature.application_id, settings,
        (SELLER, 9_000, VALID, NO_FLAG), (SELLER, 90_000, status, flags), (SELLER, -1_000, Status.RED, NO_FLAG),
    )  # fmt: skip
    assert to.named is not None
    assert to.named.covers_minor == 800_000
    with pytest.raises(NotOnPaper):
        await counter.sign(signature)


async def test_p14_above_the_products_limit_a_seller_must_be_named(counter: Counter) -> None:
    owner = await counter.owner()
    signature = await counter.ready(owner, await counter.account(owner), 10_000)
    product = counter.book.product(PRODUCT)
    counter.book.products[PRODUCT] = replace(product, self_payment_minor=900_000)
    try:
        with pytest.raises(PayeeMissing):
            await counter.sign(signature)
    finally:
        counter.book.products[PRODUCT] = product


async def test_p14_a_payment_that_the_seller_s_bank_sends_back_leaves_no_debt_and_no_interest(
    counter: Counter, checker: Payees, settings: Settings, rail: Rail
) -> None:
    owner = await counter.owner()
    account = await counter.account(owner)
    signature = await counter.ready(owner, account, 10_000)
    await named(counter, checker, signature.application_id, settings, (SELLER, 20_000, VALID, NO_FLAG))
    payout = await counter.sign(signature)
    await _leave_at_once(counter, payout)
    case = PayoutCase(payout.id)
    await counter.payouts.claim_payout(case)
    await counter.payouts.submit_payout(case)
    rail.says = PaymentStatus(state=PaymentState.RETURNED, reason="account_closed")
    assert (await counter.payouts.ask_rail(case)).state == "returned"
    await counter.payouts.settle_payout(case)
    async with counter.steps.sessions.begin() as session:
        loan = await session.get_one(Loan, payout.loan_id)
        assert (loan.state, await session.get(LoanBalance, loan.id)) == ("cancelled", None)
        booked = await ledger.entries(session, loan.id)
        assert [entry.kind for entry in booked] == [EntryKind.PAYOUT_SENT, EntryKind.PAYOUT_RETURNED]
        assert _left(booked) == {}
        assert (await session.get_one(BankAccount, account)).first_paid_on is None


def _left(booked: list[Entry]) -> dict[Account, int]:
    """What the entries leave on each account."""
    sums: dict[Account, int] = {}
    for move in (move for entry in booked for move in entry.postings):
        sums[move.debit] = sums.get(move.debit, 0) + move.amount_minor
        sums[move.credit] = sums.get(move.credit, 0) - move.amount_minor
    return {account: left for account, left in sums.items() if left}


async def test_p2_a_company_is_paid_in_its_own_name_to_its_own_account_and_never_to_a_persons(
    counter: Counter, rail: Rail
) -> None:
    owner, number = await counter.owner(), "1203001209000123456"
    persons = await counter.account(owner)
    signature = await counter.ready(owner, persons, 10_000)
    async with counter.steps.sessions.begin() as session:
        now = await clocks.now(session, counter.steps.clock_id)
        firm = await people.know_firm(
            session, counter.vault, owner, kind="company", name="小满餐饮有限公司", licence="91350211M000100Y46",
            trade=None, now=now,
        )  # fmt: skip
        firms = await people.know_account(
            session, counter.vault, owner, number=number, bank=None, now=now, firm_id=firm
        )
        (await session.get_one(BankAccount, firms)).proven_at = now
        (await session.get_one(Application, signature.application_id)).firm_id = firm
    with pytest.raises(PayeeNotProven):
        await counter.sign(signature)
    async with counter.steps.sessions.begin() as session:
        (await session.get_one(Application, signature.application_id)).bank_account_id = firms
    payout = await counter.sign(signature)
    await _leave_at_once(counter, payout)
    await counter.payouts.claim_payout(PayoutCase(payout.id))
    await counter.payouts.submit_payout(PayoutCase(payout.id))
    assert (rail.orders[0].payee_name, rail.orders[0].payee_account) == ("小满餐饮有限公司", number)
