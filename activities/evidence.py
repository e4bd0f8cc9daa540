"""Bills into lines: read by a confined child, copied in one transaction, all of it or nothing."""

import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities import allowing
from activities.judging import Judge
from activities.ports import evidence as port
from activities.ports.evidence import FileRead, FileToRead
from activities.private import Private
from activities.steps import Step, Steps
from db import applications, clocks, flows, invoices
from db.copying import copy_blocks
from db.tables import StatementFile
from imports.invoice_cells import Side
from imports.invoice_copy import stream_invoices
from imports.invoice_list import INVOICE_COLUMNS
from imports.invoice_sides import Own
from imports.lines import COPY_COLUMNS
from imports.misreadings import StatementNotUnderstood
from imports.streaming import Children, stream
from infra.settings import Settings
from infra.storage import Storage
from lending.calendars import Jurisdiction, business_date
from lending.consents import Purpose
from lending.refusals import ConsentMissing


class ObjectChanged(Exception):
    """The stored file is not the one that was uploaded: its hash differs from the row's."""


class Evidence(port.Evidence):
    """Reads uploaded bills and lists of invoices."""

    def __init__(
        self, steps: Steps, private: Private, storage: Storage, children: Children, judge: Judge, settings: Settings
    ) -> None:
        self._steps = steps
        self._private = private
        self._judge = judge
        self._storage = storage
        self._children = children
        self._index_key = settings.secret_bytes("index_key")
        self._limit = settings.upload_limit_bytes
        self._jurisdiction = Jurisdiction(settings.jurisdiction)

    @activity.defn
    async def read_statement(self, file: FileToRead) -> FileRead:
        """A file that cannot be understood, or may not be read (any more), is refused by name and leaves no line."""
        async with self._steps.sessions.begin() as session:
            row = await applications.file(session, file.file_id)
            key, digest, holds = row.object_key, row.sha256, row.holds
            barred = await self._barred(session, row, holds)
        if barred is not None:
            return await self._refuse(file, barred)
        data = await self._storage.get(key)
        if sha256(data).hexdigest() != digest:
            raise ObjectChanged
        with tempfile.TemporaryDirectory(prefix="huoshui-bill-") as folder:
            path = Path(folder) / "bill"
            path.write_bytes(data)
            try:
                read = await self._read(file, path, holds)
            except StatementNotUnderstood as problem:
                return await self._refuse(file, problem)
        self._judge.think_ahead(file.application_id)  # while the owner looks at what was understood
        return read

    async def _barred(self, session: AsyncSession, row: StatementFile, holds: str) -> StatementNotUnderstood | None:
        """Why a file may not be read now: its owner does not allow what it holds."""
        purpose = Purpose.FLOWS_ANALYSIS if holds == "statement" else Purpose.INVOICES_ANALYSIS
        try:
            await allowing.require(session, row.person_id, purpose, await clocks.now(session, self._steps.clock_id))
        except ConsentMissing:
            return StatementNotUnderstood("not_allowed" if holds == "statement" else "invoices_not_allowed")
        return None

    @activity.defn
    async def give_up_reading(self, file: FileToRead) -> FileRead:
        """No page says "reading" for ever."""
        return await self._refuse(file, StatementNotUnderstood("reader_failed"))

    async def _read(self, file: FileToRead, path: Path, holds: str) -> FileRead:
        """As what it was brought as; a list of invoices among the bills is known by its columns and read as one."""
        if holds == "statement":
            try:
                return await self._take(file, path)
            except StatementNotUnderstood as problem:
                if problem.code != "invoice_list":
                    raise
        return await self._take_invoices(file, path)

    async def _take_invoices(self, file: FileToRead, path: Path) -> FileRead:
        async with self._steps.step(file.application_id, file.cause, "invoices_read", "statement_refused") as step:
            row = await applications.file(step.session, file.file_id)
            if not step.done and row.state != "read":
                if barred := await self._barred(step.session, row, "invoices"):
                    raise barred
                await step.look("invoices")
                await self._copy_invoices(step, row, path)
                summary: dict[str, Any] = row.summary or {}
                step.stay(file=str(row.id))
                told = {name: summary[name] for name in ("sales", "purchases", "duplicates")}
                await step.tell("invoices_read", actor="owner", file_id=str(row.id), **told)
            return await _as_read(step, row)

    async def _copy_invoices(self, step: Step, row: StatementFile, path: Path) -> None:
        firm = await applications.firm(step.session, row.firm_id)
        hints = row.hints or {}
        rows = stream_invoices(
            path,
            name=await self._private.file_name(step.session, row),
            firm_id=row.firm_id,
            file_id=row.id,
            index_key=self._index_key,
            own=Own(
                await self._private.firm_name(step.session, firm),
                await self._private.licence(step.session, firm) or "",
            ),
            side=Side[hints["side"].upper()] if hints.get("side") else None,
            mapping=hints.get("mapping", ()),
            children=self._children,
            today=business_date(step.now, self._jurisdiction).isoformat(),
            limit_bytes=self._limit,
        )
        async with rows:
            added, repeated = await invoices.take_in(step.session, INVOICE_COLUMNS, rows)
        row.holds, row.state, row.read_at, row.problem = "invoices", "read", step.now, None
        row.summary = {**rows.understood.as_json(), "lines": added, "duplicates_dropped": repeated}

    async def _take(self, file: FileToRead, path: Path) -> FileRead:
        async with self._steps.step(file.application_id, file.cause, "statement_read", "statement_refused") as step:
            row = await applications.file(step.session, file.file_id)
            if not step.done and row.state != "read":  # the same bill brought again was read already
                await step.look("bill")
                dropped = await self._copy(step, row, path)
                summary: dict[str, Any] = row.summary or {}
                step.stay(file=str(row.id))
                await step.tell(
                    "statement_read",
                    actor="owner",
                    file_id=str(row.id),
                    lines=summary["lines"],
                    months=len(summary["months"]),
                    duplicates=dropped + summary["duplicates"],
                )
            return await _as_read(step, row)

    async def _copy(self, step: Step, row: StatementFile, path: Path) -> int:
        """Rows go into the table while the child still reads; an error at the end takes them all back."""
        known = await applications.fingerprints(step.session, row.firm_id)
        rows = stream(
            path,
            name="bill",
            firm_id=row.firm_id,
            file_id=row.id,
            index_key=self._index_key,
            known=known,
            left=await applications.left(step.session, row.firm_id) if known else (),
            children=self._children,
            today=business_date(step.now, self._jurisdiction).isoformat(),
            limit_bytes=self._limit,
        )
        async with rows:
            await copy_blocks(step.session, "statement_line", COPY_COLUMNS, rows)
        sealed = await self._private.counterparties(step.session, row.person_id, row.firm_id, rows.names)
        await flows.keep_names(step.session, row.firm_id, row.person_id, sealed)
        row.state, row.read_at = "read", step.now
        # What counts is what was kept: a line that an earlier file told is not a line more.
        kept = {"lines": rows.rows_streamed, "duplicates_dropped": rows.duplicates_dropped}
        row.summary = {**rows.summary.as_json(), **kept}
        return rows.duplicates_dropped

    async def _refuse(self, file: FileToRead, problem: StatementNotUnderstood) -> FileRead:
        async with self._steps.step(file.application_id, file.cause, "statement_refused", "statement_read") as step:
            row = await applications.file(step.session, file.file_id)
            if not step.done:
                row.state, row.problem, row.read_at = "refused", problem.code, step.now
                row.problem_params = {"where": problem.where, **problem.params}
                step.stay(problem="statement_not_understood", file=str(row.id))
                await step.tell("statement_refused", actor="owner", file_id=str(row.id), problem=problem.code)
            return await _as_read(step, row)


async def _as_read(step: Step, row: StatementFile) -> FileRead:
    await step.session.flush()
    summary: dict[str, Any] = row.summary or {}
    return FileRead(
        standing=await step.standing(),
        months=await _months(step.session, row),
        lines=int(summary.get("lines", 0)),
        duplicates=int(summary.get("duplicates", 0)) + int(summary.get("duplicates_dropped", 0)),
        problem=row.problem,
    )


async def _months(session: AsyncSession, row: StatementFile) -> int:
    return await applications.months_covered(session, row.firm_id)
