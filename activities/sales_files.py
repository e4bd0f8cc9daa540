"""Bills for running loans: read by a confined child, sorted into sales, refunds and chargebacks; none counts yet."""

import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.ports import sales_files as port
from activities.ports.sales_files import SalesRead, SalesToRead
from activities.private import Private
from activities.steps import Steps
from db import audits, clocks, people, sales_files
from db.sales_files import FILE, Line
from db.tables import BankAccount, Loan, SalesFile
from imports.aside import read_aside
from imports.layouts import WALLETS
from imports.lines import Flag, NormalisedLine
from imports.misreadings import StatementNotUnderstood
from imports.overlaps import twins
from imports.statements import Statement
from imports.streaming import Children
from infra.crypto import PersonKey, Vault
from infra.storage import Storage
from lending.brought_sales import LINES_AT_MOST, Aside, Doubt, Known, Moved, own_names, sorted_out
from lending.calendars import Jurisdiction, business_date
from lending.revenue import OLDEST

# Its owner asked to be forgotten while it was being read: nothing is left to say of it.
THROWN_AWAY = SalesRead("refused", "thrown_away")
# Signs that somebody typed in a bill (imports.edited).
TYPED_IN = frozenset({"order_numbers", "order_number_shape", "pasted_rows"})


class FileChanged(Exception):
    """The stored file is not the one that was brought."""


class _Stored(NamedTuple):
    id: UUID
    object_key: str
    sha256: str


@dataclass(frozen=True, slots=True)
class _Ours:
    """What the loan's side knows before a line is read."""

    first: date
    last: date
    today: date
    currency: str
    paid_out: frozenset[tuple[date, int]]
    names: frozenset[str]
    tails: frozenset[str]


class SalesFiles(port.SalesFiles):
    """Reads bills for the loans whose share they are to tell."""

    def __init__(
        self,
        steps: Steps,
        private: Private,
        vault: Vault,
        storage: Storage,
        children: Children | None,
        *,
        limit_bytes: int,
        jurisdiction: str,
    ) -> None:
        self._steps = steps
        self._private = private
        self._vault = vault
        self._storage = storage
        self._children = children
        self._limit = limit_bytes
        self._jurisdiction = Jurisdiction(jurisdiction)

    @activity.defn
    async def read_sales(self, file: SalesToRead) -> SalesRead:
        """What the bill says of the loan's days, or why it could not be read; the reading is on record."""
        async with self._steps.sessions.begin() as session:
            row = await sales_files.of(session, file.file_id)
            if row is None:
                return THROWN_AWAY
            if row.state != "received":
                return SalesRead(row.state, row.problem)
            key = await people.key_of(session, self._vault, row.person_id)
            ours = await self._ours(session, row)
            this = _stored(row)
        try:
            told = await self._read(key, this, ours)
        except StatementNotUnderstood as problem:
            return await self._refuse(file, problem.code, problem.all_params)
        earlier: dict[UUID, Statement] = {}
        while True:
            known = await self._keep(file, told, earlier, ours)
            if isinstance(known, SalesRead):
                return known
            # Bills of the same days, also any that was read to its end meanwhile.
            earlier |= {one.id: await self._read(key, one, ours) for one in known if one.id not in earlier}

    async def _keep(
        self, file: SalesToRead, told: Statement, earlier: dict[UUID, Statement], ours: _Ours
    ) -> SalesRead | Sequence[_Stored]:
        """Keep what a bill tells, or the bills of the same days that are to be looked at first."""
        lines, aside = _sorted(_by_their_first_name(told, earlier.values()), ours, told.summary.layout)
        if not lines:
            span = {"first": ours.first.isoformat(), "last": ours.last.isoformat()}
            return await self._refuse(file, "no_sales_of_this_loan", span)
        if len(lines) > LINES_AT_MOST:
            return await self._refuse(file, "too_many_sales", {"most": LINES_AT_MOST})
        async with self._steps.sessions.begin() as session:
            row = await sales_files.of(session, file.file_id, locked=True)
            if row is None:
                return THROWN_AWAY
            if row.state == "received":
                first, last = min(line.on for line in lines), max(line.on for line in lines)
                before = await sales_files.read_before(session, row, first, last)
                if any(one.id not in earlier for one in before):
                    return [_stored(one) for one in before]
                now = await self._now(session)
                row.state, row.problem, row.read_at = "read", None, now
                row.layout, row.aside, row.doubt = told.summary.layout, aside, _doubt(told, ours)
                await sales_files.keep_lines(session, row, lines)
                await self._on_record(session, row, lines=len(lines))
                await people.record_access(
                    session,
                    row.person_id,
                    at=now,
                    actor=people.SYSTEM,
                    what="sales_file",
                    purpose="sales",
                )
            return SalesRead(row.state, row.problem)

    async def _read(self, key: PersonKey, file: _Stored, ours: _Ours) -> Statement:
        """A stored bill's lines. Raises StatementNotUnderstood."""
        data = self._vault.open_file(key, FILE, file.id, await self._storage.get(file.object_key))
        if sha256(data).hexdigest() != file.sha256:
            raise FileChanged
        with tempfile.TemporaryDirectory(prefix="huoshui-sales-") as folder:
            path = Path(folder) / "bill"
            path.write_bytes(data)
            return await read_aside(
                str(path), today=ours.today.isoformat(), children=self._children, limit_bytes=self._limit
            )

    async def _ours(self, session: AsyncSession, row: SalesFile) -> _Ours:
        loan = await session.get_one(Loan, row.loan_id)
        owner = await self._private.owner(session, row.person_id)
        firms = await people.firms_of(session, row.person_id)
        names = [await self._private.firm_name(session, firm) for firm in firms]
        masked = await session.scalars(select(BankAccount.masked).where(BankAccount.person_id == row.person_id))
        today = business_date(await self._now(session), self._jurisdiction)
        return _Ours(
            first=max(await sales_files.since(session, loan), today - OLDEST),
            last=min(await sales_files.until(session, loan), today),
            today=today,
            currency=loan.currency,
            paid_out=await sales_files.paid_out(session, row.person_id),
            names=own_names(owner.name, *names),
            tails=frozenset(number[-4:] for number in masked),
        )

    @activity.defn
    async def give_up_sales(self, file: SalesToRead) -> SalesRead:
        """The reader itself does not work today."""
        return await self._refuse(file, "reader_failed", {})

    async def _refuse(self, file: SalesToRead, problem: str, params: dict[str, Any]) -> SalesRead:
        async with self._steps.sessions.begin() as session:
            row = await sales_files.of(session, file.file_id, locked=True)
            if row is None:
                return THROWN_AWAY
            if row.state == "received":
                row.state, row.problem, row.problem_params = "refused", problem, params
                row.read_at = await self._now(session)
                await self._on_record(session, row, problem=problem)
            return SalesRead(row.state, row.problem)

    async def _on_record(self, session: AsyncSession, row: SalesFile, **detail: str | int) -> None:
        await audits.append(
            session,
            actor="system",
            action="sales_file.read",
            object_kind="sales_file",
            object_id=str(row.id),
            detail={"sha256": row.sha256, "state": row.state, **detail},
            request_id=None,
        )

    async def _now(self, session: AsyncSession) -> datetime:
        return await clocks.now(session, self._steps.clock_id)


def _stored(row: SalesFile) -> _Stored:
    return _Stored(row.id, row.object_key, row.sha256)


def _by_their_first_name(told: Statement, earlier: Iterable[Statement]) -> Iterable[NormalisedLine]:
    """The lines of a bill, each that an earlier bill told in another form under that one's fingerprint."""
    known = twins(earlier, told)
    for at, line in enumerate(told.lines):
        yield line._replace(fingerprint=known[at].fingerprint) if at in known else line


def _sorted(lines: Iterable[NormalisedLine], ours: _Ours, layout: str) -> tuple[list[Line], dict[str, Any]]:
    """What may count, and what does not: {reason: [lines, minor units]}."""
    known = Known(ours.first, ours.last, ours.currency, ours.paid_out, ours.names, bank=layout not in WALLETS)
    found: list[Line] = []
    counts, sums = Counter[str](), Counter[str]()
    for line in lines:
        moved = Moved(
            fingerprint=line.fingerprint,
            on=date.fromisoformat(line.on_date),
            direction=line.direction,
            amount_minor=line.amount_minor,
            currency=line.currency,
            kind=line.kind,
            void=bool(line.flags & Flag.VOID),
            own_name=bool(line.flags & Flag.OWN_NAME),
            words=line.description,
            who=line.counterparty,
        )
        sort = sorted_out(moved, known)
        if isinstance(sort, Aside):
            counts[sort.value] += 1
            sums[sort.value] += line.amount_minor if line.currency == ours.currency else 0
        else:
            found.append(Line(line.fingerprint, moved.on, sort.value, line.amount_minor))
    return found, {why: [n, sums[why]] for why, n in sorted(counts.items())}


def _doubt(told: Statement, ours: _Ours) -> str | None:
    """Why all of a bill waits for a person: it was typed in, or is of an account that nobody has proven."""
    if any(notice.code in TYPED_IN for notice in told.summary.notices):
        return Doubt.EDITED.value
    tail = told.summary.account_tail
    if told.summary.layout not in WALLETS and tail and tail not in ours.tails:
        return Doubt.OTHER_ACCOUNT.value
    return None
