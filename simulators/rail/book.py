"""The rail's book: every movement once, and payments, batches and receipts that point at them."""

import sqlite3
from dataclasses import dataclass
from datetime import date

from simulators import callbacks

SETTLEMENT = "6200000000000000001"  # the lender's own account at the rail
SETTLEMENT_HOLDER = "活水信贷结算户"
FUNDING_MINOR = 10_000_000_000_00  # ¥10 billion, so that the lender never runs dry by accident

SCHEMA = f"""
create table if not exists account (
    account text primary key,
    holder text not null,
    kind text not null,              -- bank, wechat, alipay, settlement
    status text not null default 'open',
    balance_minor integer not null default 0 check (balance_minor >= 0),
    opened_at real not null
);
create table if not exists movement (
    n integer primary key,
    account text not null references account,
    amount_minor integer not null check (amount_minor <> 0),
    kind text not null,              -- payment, return, collection, settlement, spending, transfer, funding
    order_id text,
    reference text not null,
    counterparty text not null,
    at real not null,
    booked_on text not null
);
create index if not exists movement_day on movement (account, booked_on);
create index if not exists movement_order on movement (order_id);
create table if not exists payment (
    end_to_end_id text primary key,
    content_hash text not null,
    amount_minor integer not null check (amount_minor > 0),
    currency text not null,
    payee_account text not null,
    payee_name text not null,
    reference text not null,
    requested_on text,
    state text not null,             -- accepted, credited, rejected, returned
    reason text,
    rail_reference text not null,
    accepted_at real not null,
    credit_at real not null,
    at real not null,
    booked_on text
);
create index if not exists payment_waiting on payment (credit_at) where state = 'accepted';
create table if not exists hidden (  -- payments that queries do not show yet (a rail of eventual consistency)
    end_to_end_id text primary key,
    times integer,
    until real
);
create table if not exists batch (
    batch_id text primary key,
    content_hash text not null,
    at real not null
);
create table if not exists receipt (
    instruction_id text primary key,
    content_hash text not null,
    batch_id text not null,
    n integer not null,
    amount_minor integer not null,
    state text not null,             -- full, partial, refused
    reason text,
    rail_reference text not null,
    at real not null,
    booked_on text not null
);
create table if not exists revoked_mandate (mandate text primary key, at real not null);
create table if not exists collection_account (  -- numbers that lead to the settlement account
    request_id text primary key,
    account text not null unique,
    name text not null,
    at real not null
);
create table if not exists credit (  -- what came to the settlement account unasked, numbered without a gap
    n integer primary key,
    movement integer not null unique references movement,
    via text not null,
    payer text not null,
    payer_name text not null,
    rail text not null
);
create table if not exists given_back (
    return_id text primary key,
    content_hash text not null,
    of text not null,
    amount_minor integer not null,
    movement integer not null,
    at real not null,
    booked_on text not null
);
create table if not exists booked (id text primary key, content_hash text not null, answer text not null);
{callbacks.SCHEMA}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """``amount_minor`` is signed: what it adds to the account's balance."""

    account: str
    amount_minor: int
    kind: str
    order_id: str | None
    reference: str
    counterparty: str
    at: float
    booked_on: date


def move(book: sqlite3.Connection, movement: Movement) -> int:
    """Book a movement and its balance; returns its number. Raises sqlite3.IntegrityError when funds are short."""
    book.execute(
        "update account set balance_minor = balance_minor + ? where account = ?",
        (movement.amount_minor, movement.account),
    )
    row = book.execute(
        "insert into movement (account, amount_minor, kind, order_id, reference, counterparty, at, booked_on)"
        " values (?, ?, ?, ?, ?, ?, ?, ?) returning n",
        (
            movement.account,
            movement.amount_minor,
            movement.kind,
            movement.order_id,
            movement.reference,
            movement.counterparty,
            movement.at,
            movement.booked_on.isoformat(),
        ),
    ).fetchone()
    return row["n"]


def transfer(book: sqlite3.Connection, *, payer: str, movement: Movement) -> int:
    """Move ``movement.amount_minor`` (> 0) from ``payer`` to ``movement.account``; returns the receiving number."""
    move(
        book,
        Movement(
            account=payer,
            amount_minor=-movement.amount_minor,
            kind=movement.kind,
            order_id=movement.order_id,
            reference=movement.reference,
            counterparty=movement.account,
            at=movement.at,
            booked_on=movement.booked_on,
        ),
    )
    return move(book, movement)


def open_account(book: sqlite3.Connection, account: str, holder: str, kind: str, at: float) -> sqlite3.Row:
    """The account, opened now if it was not; an existing one keeps its holder."""
    book.execute(
        "insert into account (account, holder, kind, opened_at) values (?, ?, ?, ?) on conflict do nothing",
        (account, holder, kind, at),
    )
    return account_of(book, account)


def account_of(book: sqlite3.Connection, account: str) -> sqlite3.Row:
    return book.execute("select * from account where account = ?", (account,)).fetchone()


def reference_of(n: int, on: date, letter: str = "M") -> str:
    """The rail's own reference: M for a movement, P for a payment order, C for a collection."""
    return f"{letter}{on:%Y%m%d}{n:010d}"


def next_payment(book: sqlite3.Connection) -> int:
    return book.execute("select coalesce(max(rowid), 0) + 1 as n from payment").fetchone()["n"]


def next_receipt(book: sqlite3.Connection) -> int:
    return book.execute("select coalesce(max(rowid), 0) + 1 as n from receipt").fetchone()["n"]
