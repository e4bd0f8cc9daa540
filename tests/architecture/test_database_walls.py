"""Walls that hold even against our own code: the journal's past, one payout at a time, other people's rows."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from db import ledger
from db.sessions import Sessions
from db.tables import Application, BankAccount, Firm, Loan, Payout, Person, Table
from infra.settings import Settings
from lending.identifiers import derived_id
from lending.ledger import Account, Entry, EntryKind, Posting
from lending.refusals import ContentDiffers

AT = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
ON = date(2026, 11, 21)


def fixed(name: str) -> UUID:
    return derived_id("test", name)


@pytest.fixture(scope="module")
async def worker(database: Any, settings_for: Callable[..., Settings]) -> AsyncIterator[Sessions]:
    sessions = Sessions(settings_for(database=database), scope="worker")
    yield sessions
    await sessions.close()


@pytest.fixture(scope="module")
async def door(database: Any, settings_for: Callable[..., Settings]) -> AsyncIterator[Sessions]:
    """As the doors connect: nobody's rows until a transaction names its person."""
    sessions = Sessions(settings_for(database=database))
    yield sessions
    await sessions.close()


@pytest.fixture(scope="module")
async def two_owners(worker: Sessions) -> tuple[UUID, UUID]:
    """Two owners, each with a firm, an account, an application and a pending loan of ¥80,000."""
    for name in ("first", "second"):
        await _owner(worker, name)
    return fixed("first"), fixed("second")


async def _owner(worker: Sessions, name: str) -> None:
    """The rows of one owner, each id derived from the owner's name."""

    def own(what: str) -> UUID:
        return fixed(f"{name}/{what}")

    dates = {"created_at": AT}
    async with worker.begin() as session:
        session.add(Person(id=fixed(name), phone_index=own("phone").bytes, phone_sealed=b"x", **dates))
        await session.flush()
        session.add(Firm(id=own("firm"), person_id=fixed(name), kind="self_employed", name_sealed=b"x", **dates))
        session.add(
            BankAccount(
                id=own("account"),
                person_id=fixed(name),
                number_sealed=b"x",
                number_index=own("number").bytes,
                masked="6225",
                **dates,
            )
        )
        await session.flush()
        session.add(
            Application(
                id=own("application"),
                person_id=fixed(name),
                product_id="p",
                policy_version="v",
                channel="web",
                stage="paying",
                amount_minor=8_000_000,
                currency="CNY",
                months=12,
                share=Decimal("0.12"),
                waiting_for="bank",
                changed_at=AT,
                **dates,
            )
        )
        await session.flush()
        session.add(
            Loan(
                id=own("loan"),
                application_id=own("application"),
                person_id=fixed(name),
                firm_id=own("firm"),
                product_id="p",
                policy_version="v",
                jurisdiction="CN",
                currency="CNY",
                principal_minor=8_000_000,
                annual_rate=Decimal("0.073"),
                day_count="ACT/365",
                share=Decimal("0.12"),
                months=12,
                terms={},
                terms_hash="h",
                rate_units=7_300_000,
                units_per_minor=36_500_000_000,
                share_ppm=120_000,
                window_months=3,
                windows=8,
                grace_days=3,
                shard=0,
                account_id=own("account"),
                account_index=own("number").bytes,
                state="pending",
                **dates,
            )
        )


def payout(owner: str, name: str, state: str) -> Payout:
    return Payout(
        id=fixed(name),
        application_id=fixed(f"{owner}/application"),
        person_id=fixed(owner),
        loan_id=fixed(f"{owner}/loan"),
        end_to_end_id=f"HS{fixed(name).hex}",
        amount_minor=8_000_000,
        currency="CNY",
        account_id=fixed(f"{owner}/account"),
        approval_hash="h",
        tier="fast",
        state=state,
        pay_at=AT,
        created_at=AT,
    )


def entry(cause: str, amount_minor: int) -> Entry:
    return Entry(
        id=derived_id("test-entry", cause),
        loan_id=fixed("first/loan"),
        kind=EntryKind.PAYOUT_SENT,
        booked_at=AT,
        effective_on=ON,
        source="test",
        postings=(Posting(Account.PAYOUTS_IN_FLIGHT, Account.CASH_BANK, amount_minor),),
    )


# --- the journal ------------------------------------------------------------------------------------------------------


async def test_a_cause_is_booked_once_and_the_same_cause_with_other_content_is_refused_loudly(worker: Sessions) -> None:
    async with worker.begin() as session:
        assert await ledger.post(session, entry("one", 100), currency="CNY") is True
    async with worker.begin() as session:
        assert await ledger.post(session, entry("one", 100), currency="CNY") is False
    with pytest.raises(ContentDiffers):
        async with worker.begin() as session:
            await ledger.post(session, entry("one", 101), currency="CNY")
    async with worker.begin() as session:
        balance = await ledger.trial_balance(session)
    assert sum(balance.values()) == 0
    assert balance[Account.PAYOUTS_IN_FLIGHT, "CNY"] == 100


@pytest.mark.parametrize("table", ["entry", "posting", "audit", "timeline_event", "clock_segment"])
@pytest.mark.parametrize("change", ["update {} set {} = {}", "delete from {}", "truncate {}"])
async def test_what_was_written_once_is_never_changed_not_even_by_the_owner_of_the_tables(
    database: Any, worker: Sessions, table: str, change: str
) -> None:
    column = list(Table.metadata.tables[table].columns)[-1].name
    statement = change.format(table, column, column)
    with pytest.raises(DBAPIError, match=r"permission denied|append-only"):
        async with worker.begin() as session:
            await session.execute(text(statement))
    with pytest.raises(Exception, match="append-only"):
        database.execute(statement)


async def test_an_amount_of_nothing_or_less_cannot_be_posted(worker: Sessions) -> None:
    for amount in (0, -1):
        with pytest.raises(IntegrityError, match="ck_posting_amount_positive"):
            async with worker.begin() as session:
                await session.execute(
                    text("insert into posting values (:id, 9, 'a', 'b', :amount)"), {"id": fixed("x"), "amount": amount}
                )


# --- payouts ----------------------------------------------------------------------------------------------------------


async def test_while_a_payout_is_unknown_or_credited_no_second_can_start(
    worker: Sessions, two_owners: tuple[UUID, UUID]
) -> None:
    async with worker.begin() as session:
        session.add(payout("first", "payout-1", "unknown"))
    for state in ("scheduled", "submitting", "submitted", "unknown", "credited"):
        with pytest.raises(IntegrityError, match="uq_payout_under_way"):
            async with worker.begin() as session:
                session.add(payout("first", f"payout-2-{state}", state))
    async with worker.begin() as session:
        await session.execute(text("update payout set state = 'returned' where id = :id"), {"id": fixed("payout-1")})
        session.add(payout("first", "payout-3", "scheduled"))


# --- whose rows -------------------------------------------------------------------------------------------------------


async def test_a_person_sees_their_own_rows_and_nobody_elses(door: Sessions, two_owners: tuple[UUID, UUID]) -> None:
    first, second = two_owners
    for person, other in ((first, second), (second, first)):
        async with door.begin(person=person) as session:
            for table in ("application", "loan", "firm", "bank_account"):
                seen = set(await session.scalars(text(f"select person_id from {table}")))
                assert seen == {person}, table
            await session.execute(text("update application set note = '{}' where person_id = :id"), {"id": other})
            assert await session.scalar(text("select count(*) from loan where person_id = :id"), {"id": other}) == 0


async def test_without_a_person_nothing_is_seen_and_a_worker_sees_all(
    door: Sessions, worker: Sessions, two_owners: tuple[UUID, UUID]
) -> None:
    async with door.begin() as session:
        assert await session.scalar(text("select count(*) from application")) == 0
    async with worker.begin() as session:
        assert await session.scalar(text("select count(*) from application")) == 2


async def test_a_person_cannot_write_a_row_that_belongs_to_somebody_else(
    door: Sessions, two_owners: tuple[UUID, UUID]
) -> None:
    first, second = two_owners
    with pytest.raises(DBAPIError, match="row-level security"):
        async with door.begin(person=first) as session:
            await session.execute(
                text("insert into firm (id, person_id, kind, name_sealed, created_at) values (:id, :p, :k, '', :at)"),
                {"id": fixed("stolen"), "p": second, "k": "company", "at": AT},
            )


async def test_every_table_with_a_persons_rows_stands_behind_the_wall_or_says_why_not(worker: Sessions) -> None:
    # Read through the loan or by the key alone; COPY and policies exclude each other.
    bulk = {"collection", "revenue_day", "person_key", "session"}
    async with worker.begin() as session:
        walled = set(await session.scalars(text("select relname from pg_class where relrowsecurity")))
    owned = {name for name, table in Table.metadata.tables.items() if "person_id" in table.columns}
    assert owned - walled == bulk
