"""E-invoices that owners bring for their lines: taken in once, read once, shown to their owner."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import InvoicePaper
from infra.crypto import PersonKey, Vault

# What the file, its name and what was read of it are sealed for.
FILE, NAME, FOUND = "invoice_paper.file", "invoice_paper.name", "invoice_paper.found"
SHOWN = 10  # of the newest: a page is for what is being brought, the invoices themselves stand above it


@dataclass(frozen=True, slots=True)
class Found:
    """One invoice in a file, completed by the tax bureau. Days are ``YYYY-MM-DD`` or empty, the amount is with tax, 0
    where nobody told it. ``state``: valid, void, red, unknown (as the bureau says) or unchecked. ``problem``: why it
    cannot be offered, as a code; empty where it can."""

    source: str
    number: str = field(repr=False)
    buyer: str = field(repr=False)
    buyer_licence: str = field(repr=False)
    amount_minor: int
    issued_on: str
    due_on: str
    state: str
    problem: str = ""


async def same_file(session: AsyncSession, line_id: UUID, sha256: str) -> InvoicePaper | None:
    """The file if the very same bytes were brought for this line before."""
    return await session.scalar(
        select(InvoicePaper).where(InvoicePaper.line_id == line_id, InvoicePaper.sha256 == sha256)
    )


async def add(session: AsyncSession, row: dict[str, Any]) -> None:
    """A file that is not read yet; the same bytes for the same line are one."""
    values = {**row, "state": "received"}
    await session.execute(insert(InvoicePaper).values(**values).on_conflict_do_nothing())


async def of(session: AsyncSession, paper_id: UUID) -> InvoicePaper | None:
    """One file, for whoever reads it."""
    return await session.get(InvoicePaper, paper_id)


async def of_line(session: AsyncSession, line_id: UUID) -> list[InvoicePaper]:
    """The newest files of a line, the newest first."""
    newest = select(InvoicePaper).where(InvoicePaper.line_id == line_id)
    return list(await session.scalars(newest.order_by(InvoicePaper.received_at.desc(), InvoicePaper.id).limit(SHOWN)))


def keep(row: InvoicePaper, vault: Vault, key: PersonKey, found: Iterable[Found], now: datetime) -> None:
    """What was read, sealed with its person's key."""
    told = json.dumps([asdict(one) for one in found], ensure_ascii=False)
    row.state, row.problem, row.read_at = "read", None, now
    row.found_sealed = vault.seal(key, FOUND, row.id, told)


def refuse(row: InvoicePaper, problem: str, params: dict[str, Any], now: datetime) -> None:
    """Nothing could be read."""
    row.state, row.problem, row.problem_params, row.read_at = "refused", problem, params, now


def found_in(row: InvoicePaper, vault: Vault, key: PersonKey) -> tuple[Found, ...]:
    """The invoices in a file; none before it was read."""
    if not row.found_sealed:
        return ()
    return tuple(Found(**one) for one in json.loads(vault.open(key, FOUND, row.id, row.found_sealed)))
