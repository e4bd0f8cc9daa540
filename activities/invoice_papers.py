"""E-invoices that owners bring: opened for one reading by a confined child, completed by the tax bureau."""

import tempfile
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.ports import invoice_papers as port
from activities.ports.invoice_papers import InvoiceRead, InvoiceToRead
from activities.steps import Steps
from db import audits, clocks, invoice_papers, lines, people
from db.invoice_papers import FILE, NAME, Found
from db.tables import InvoicePaper
from gateways.failures import GatewayRefused, GatewayUnavailable
from gateways.tax import LookupOrder, Tax
from imports.invoice_faces import Face
from imports.invoice_papers import faces_on
from imports.invoice_sides import Own
from imports.misreadings import StatementNotUnderstood
from infra.crypto import Vault
from infra.storage import Storage
from lending.calendars import Jurisdiction, business_date
from lending.identifiers import derived_id
from lending.invoices import plain_party

# Its owner asked to be forgotten while it was being read: nothing is left to say of it.
THROWN_AWAY = InvoiceRead("refused", "thrown_away")
# Brought one by one, each is looked up now; those of a list when it is offered, as all are.
LOOKED_UP_AT_MOST = 5
VALID, UNCHECKED = "valid", "unchecked"


class InvoiceChanged(Exception):
    """The stored file is not the one that was brought."""


class InvoicePapers(port.InvoicePapers):
    """Reads invoices for the lines that they are to secure."""

    def __init__(self, steps: Steps, vault: Vault, storage: Storage, tax: Tax, jurisdiction: Jurisdiction) -> None:
        self._steps = steps
        self._vault = vault
        self._storage = storage
        self._tax = tax
        self._jurisdiction = jurisdiction

    @activity.defn
    async def read_invoice(self, paper: InvoiceToRead) -> InvoiceRead:
        """What the file says, or why it could not be read; the reading is on record."""
        async with self._steps.sessions.begin() as session:
            row = await invoice_papers.of(session, paper.paper_id)
            if row is None:
                return THROWN_AWAY
            if row.state != "received":
                return InvoiceRead(row.state, row.problem)
            key = await people.key_of(session, self._vault, row.person_id)
            line = await lines.line_of(session, row.line_id)
            firm = await people.firm_of(session, self._vault, line.firm_id)
            own = Own(firm.name, firm.licence or "")
            name = self._vault.open(key, NAME, row.id, row.name_sealed)
            object_key, digest = row.object_key, row.sha256
            today = business_date(await self._now(session), self._jurisdiction).isoformat()
        data = self._vault.open_file(key, FILE, paper.paper_id, await self._storage.get(object_key))
        if sha256(data).hexdigest() != digest:
            raise InvoiceChanged
        with tempfile.TemporaryDirectory(prefix="huoshui-invoice-") as folder:
            path = Path(folder) / "invoice"
            path.write_bytes(data)
            try:
                faces = await faces_on(path, name=name, own=own, today=today)
            except StatementNotUnderstood as problem:
                return await self._refuse(paper, problem.code, problem.all_params)
        found = [await self._completed(paper.paper_id, n, face, own) for n, face in enumerate(faces)]
        async with self._steps.sessions.begin() as session:
            row = await invoice_papers.of(session, paper.paper_id)
            if row is None:
                return THROWN_AWAY
            invoice_papers.keep(row, self._vault, key, found, await self._now(session))
            await self._on_record(session, row, invoices=len(found))
            await people.record_access(
                session,
                row.person_id,
                at=await self._now(session),
                actor=people.SYSTEM,
                what="invoice_paper",
                purpose=f"line {row.line_id}",
            )
            return InvoiceRead(row.state)

    async def _completed(self, paper_id: UUID, n: int, face: Face, own: Own) -> Found:
        """One invoice, its face from the bureau where it tells one; what its file says otherwise is a problem."""
        found = Found(
            source=face.source,
            number=face.number,
            buyer=face.buyer,
            buyer_licence=face.buyer_licence,
            amount_minor=face.gross_minor,
            issued_on=face.issued_on,
            due_on=face.due_on,
            state=UNCHECKED,
            problem="" if _is_own(face.seller, face.seller_licence, own) else "other_seller",
        )
        amount = face.gross_minor or face.net_minor
        if amount <= 0:
            return replace(found, problem="red" if amount < 0 else found.problem)
        if n >= LOOKED_UP_AT_MOST or face.source == "list" or not face.issued_on:
            return found
        order = LookupOrder(
            inquiry_id=str(derived_id("invoice-lookup", f"{paper_id}/{n}")),
            number=face.number,
            code=face.code,
            check_code=face.check_code,
            amount_minor=amount,
            issued_on=date.fromisoformat(face.issued_on),
        )
        try:
            told = await self._tax.look_up(order)
        except (GatewayUnavailable, GatewayRefused):
            return found  # it is asked again before the invoice counts for anything
        if told.state != VALID:
            return replace(found, state=told.state, problem=told.state)
        issued = told.issued_on.isoformat() if told.issued_on else face.issued_on
        seller_is_own = _is_own(told.seller, told.seller_licence, own)
        differs = bool(
            (face.gross_minor and told.gross_minor and face.gross_minor != told.gross_minor)
            or (face.buyer and told.buyer and plain_party(face.buyer) != plain_party(told.buyer))
        )
        return replace(
            found,
            buyer=told.buyer or face.buyer,
            buyer_licence=told.buyer_licence or face.buyer_licence,
            amount_minor=told.gross_minor or face.gross_minor,
            issued_on=issued,
            state=VALID,
            problem="differs" if differs else found.problem or ("" if seller_is_own else "other_seller"),
        )

    @activity.defn
    async def give_up_invoice(self, paper: InvoiceToRead) -> InvoiceRead:
        """The reader itself does not work today."""
        return await self._refuse(paper, "reader_failed", {})

    async def _refuse(self, paper: InvoiceToRead, problem: str, params: dict[str, Any]) -> InvoiceRead:
        async with self._steps.sessions.begin() as session:
            row = await invoice_papers.of(session, paper.paper_id)
            if row is None:
                return THROWN_AWAY
            if row.state == "received":
                invoice_papers.refuse(row, problem, params, await self._now(session))
                await self._on_record(session, row, problem=problem)
            return InvoiceRead(row.state, row.problem)

    async def _on_record(self, session: AsyncSession, row: InvoicePaper, **detail: str | int) -> None:
        await audits.append(
            session,
            actor="system",
            action="invoice_paper.read",
            object_kind="invoice_paper",
            object_id=str(row.id),
            detail={"sha256": row.sha256, "state": row.state, **detail},
            request_id=None,
        )

    async def _now(self, session: AsyncSession) -> datetime:
        return await clocks.now(session, self._steps.clock_id)


def _is_own(seller: str, licence: str, own: Own) -> bool:
    """Whether the seller is this firm, as far as anything is told of it."""
    known = own.is_party(seller, licence)
    return known is None or known
