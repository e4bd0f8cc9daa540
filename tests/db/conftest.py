"""A database with a few days of a lender's work in it, sealed, and somebody who may do everything with it."""

import base64
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from db import audits, clocks, journal_chain, ledger
from db.sessions import Sessions
from infra.settings import Settings, settings
from infra.storage import Storage
from lending.identifiers import derived_id
from lending.ledger import Account, Entry, EntryKind, Posting
from ops.cli import main
from ops.stack import testing
from worker.background.sealer import Notary

ROOT = Path(__file__).resolve().parents[2]
KEY = base64.b64encode(bytes(range(32))).decode()
AT = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
ON = date(2026, 11, 21)
ROUNDS, A_ROUND = 3, 4


def entry(n: int, *postings: Posting) -> Entry:
    """The n-th entry: a repayment in three moves."""
    return Entry(
        id=derived_id("test-entry", str(n)),
        loan_id=UUID(int=7),
        kind=EntryKind.REPAYMENT,
        booked_at=AT,
        effective_on=ON,
        source=f"rail:{n}",
        postings=postings
        or (
            Posting(Account.CASH_WALLET, Account.INTEREST_RECEIVABLE, 100 + n),
            Posting(Account.CASH_WALLET, Account.LOANS_PRINCIPAL, 5_000 + n),
            Posting(Account.CASH_WALLET, Account.HELD_FOR_BORROWER, 7 + n),
        ),
    )


class Book:
    """Sealed rows, and what a superuser does to them behind the triggers' back."""

    def __init__(self, database: testing.Database, sessions: Sessions) -> None:
        self.database = database
        self.sessions = sessions

    async def fill(self) -> None:
        """Three rounds of four acts and entries, each sealed before the next begins."""
        async with self.sessions.begin() as session:
            await clocks.ensure(session, "main")
        for start in range(0, ROUNDS * A_ROUND, A_ROUND):
            for n in range(start, start + A_ROUND):
                async with self.sessions.begin() as session:
                    await ledger.post(session, entry(n), currency="CNY")
                    await self.act(session, n)
            await self.seal()

    async def act(self, session: Any, n: int) -> None:
        await audits.append(
            session,
            actor="clerk",
            action="act",
            object_kind="thing",
            object_id=str(n),
            detail={"n": n},
            request_id=None,
        )

    async def seal(self) -> None:
        async with self.sessions.begin() as session:
            assert await audits.seal(session) is not None
            assert await journal_chain.seal(session) is not None

    def tamper(self, *statements: str) -> None:
        """As the superuser, with every trigger off."""
        tables = ("audit", "audit_seal", "entry", "posting", "journal_seal", "audit_root")
        self.database.execute(*(f"alter table {table} disable trigger all" for table in tables))
        self.database.execute(*statements)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        url = self.database.server.url("postgres", self.database.name, driver="postgresql")
        with psycopg.connect(url) as connection:
            return connection.execute(statement.encode()).fetchall()


@pytest.fixture(scope="session")
async def filled(postgres: testing.Databases, settings_for: Callable[..., Settings]) -> testing.Database:
    """The book as every test finds it; filled once, copied for each."""
    database = postgres.fresh()
    sessions = Sessions(settings_for(database=database), scope="worker")
    await Book(database, sessions).fill()
    await sessions.close()
    return database


@pytest.fixture
async def book(
    postgres: testing.Databases, filled: testing.Database, settings_for: Callable[..., Settings]
) -> AsyncIterator[Book]:
    database = postgres.copy(filled)
    sessions = Sessions(settings_for(database=database), scope="worker")
    made = Book(database, sessions)
    yield made
    await sessions.close()
    postgres.drop(database)


@pytest.fixture
def entry_of() -> Callable[..., Entry]:
    return entry


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def command(book: Book, s3: Any, tmp_path: Path) -> Callable[..., Said]:
    """``huoshui`` beside the system of the book, in a thread with its own loop; ``env`` adds or changes settings."""
    chosen = settings_of(book, s3)

    def run(*words: str, **env: str) -> Said:
        path = tmp_path / "stack.env"
        values = {**chosen, **env}
        path.write_text("".join(f"{name}={value}\n" for name, value in values.items()), encoding="utf-8")
        hidden = dict.fromkeys(name for name in os.environ if name.startswith("HUOSHUI_"))
        around = {**hidden, "HUOSHUI_ENV_FILE": str(path), "HUOSHUI_LOCALE": "en"}
        settings.cache_clear()
        try:
            with ThreadPoolExecutor(1) as apart:
                said = apart.submit(CliRunner().invoke, main, words, env=around).result(60)
        finally:
            settings.cache_clear()
        if said.exception is not None and not isinstance(said.exception, SystemExit):
            raise said.exception
        return Said(said.exit_code, said.stdout, said.stderr)

    return run


def settings_of(book: Book, s3: Any) -> dict[str, str]:
    """The settings of the book's system as environment names, with a bucket of its own."""
    made = testing.settings_for(
        database=book.database, s3=s3, audit_key=KEY, s3_bucket=f"book-{book.database.name[5:]}"
    )
    values = made.model_dump(exclude_none=True, exclude_defaults=True)
    return {
        f"HUOSHUI_{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in values.items()
    }


@pytest.fixture
async def notary(book: Book, s3: Any) -> AsyncIterator[Any]:
    """Signs what the book has sealed and lays it into the store; ``storage`` is that store."""
    chosen = testing.settings_from(settings_of(book, s3))
    storage = Storage(chosen)
    await storage.ensure_bucket()
    yield Notary(SimpleNamespace(sessions=book.sessions, storage=storage, settings=chosen))
    storage.close()
