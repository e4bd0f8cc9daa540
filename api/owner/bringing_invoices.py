"""Bringing an invoice for one's line instead of typing it: taken in sealed, read by the worker, shown for a look.

Nothing that was read is a receivable yet: its owner looks at it, adds when it is due, and offers it.
"""

import hashlib
from datetime import date, timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth.limits import Limit, at_most
from api.caller import Caller
from api.commands import After, Order, Receipt, issue
from api.lining import today_of
from api.owner.receiving import may_pledge, own_line
from api.owner.uploading import Upload, named, read_whole
from api.views.receivable import FoundInvoice, InvoicePaperView
from db import clocks, invoice_papers, people, receivables
from db.invoice_papers import FILE, NAME, Found
from db.receivables import Paper
from db.tables import CreditLine, InvoicePaper
from infra import i18n
from infra.crypto import PersonKey
from lending.checklist import BILL_ENDINGS

KINDS = (".jpg", ".jpeg", ".png", ".webp", ".ofd", ".xml", ".txt", *BILL_ENDINGS)
LARGEST = 20 * 1024 * 1024
# A busy seller brings a month's invoices in an evening.
INVOICES = Limit(timedelta(days=1) / 200, 100)


async def bring(caller: Caller, line_id: UUID, upload: Upload, key: str, after: After | None = None) -> Receipt:
    """Take in one file: a photo of an invoice's square code, its XML, OFD or PDF, or a list of invoices.

    With ``after`` nobody waits for the reading: its state in :func:`papers` says when it is done.
    """
    tools, person = caller.tools, caller.person_id
    name = named(upload.name, KINDS, "not_an_invoice_file")
    async with tools.sessions.begin(person=person) as session:
        line = await own_line(session, caller, line_id)
        may_pledge(line, await today_of(session, caller))
    await at_most(caller, f"invoice:{person}", INVOICES)
    data = await read_whole(upload.chunks, LARGEST)
    digest = hashlib.sha256(data).hexdigest()
    async with tools.sessions.begin(person=person) as session:
        known = await invoice_papers.same_file(session, line_id, digest)
        sealing = await people.key_of(session, tools.vault, person)
        now = await clocks.now(session, tools.settings.clock_id)
    paper_id = known.id if known else uuid4()
    object_key = known.object_key if known else f"invoice-papers/{paper_id}"
    if known is None:
        sealed = tools.vault.seal_file(sealing, FILE, paper_id, data)
        await tools.storage.put(object_key, sealed, "application/octet-stream")

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        row = {
            "id": paper_id,
            "person_id": person,
            "line_id": line_id,
            "name_sealed": tools.vault.seal(sealing, NAME, paper_id, name),
            "size": len(data),
            "sha256": digest,
            "object_key": object_key,
            "received_at": now,
        }
        await invoice_papers.add(session, row)

    order = Order(
        workflow_type="InvoicePaper",
        workflow_id=clocks.workflow_of("invoice", paper_id),
        update="read",
        object_kind="invoice_paper",
        object_id=paper_id,
        start={"paper_id": str(paper_id)},
    )
    return await issue(
        caller,
        order,
        use="owner.bring_invoice",
        key=key,
        body={"line_id": line_id, "sha256": digest},
        store=store,
        person=person,
        audited={"sha256": digest},
        after=after,
    )


async def papers(caller: Caller, line_id: UUID) -> tuple[InvoicePaperView, ...]:
    """What was brought for one's line and what was read of it, the newest first."""
    tools, person = caller.tools, caller.person_id
    async with tools.sessions.begin(person=person) as session:
        line = await own_line(session, caller, line_id)
        rows = await invoice_papers.of_line(session, line_id)
        if not rows:
            return ()
        key = await people.key_of(session, tools.vault, person)
        firm = await people.firm_of(session, tools.vault, line.firm_id)
        return tuple([await _view(session, caller, line, firm.name, row, key) for row in rows])


async def _view(
    session: AsyncSession, caller: Caller, line: CreditLine, seller: str, row: InvoicePaper, key: PersonKey
) -> InvoicePaperView:
    tools, locale = caller.tools, caller.locale
    found = invoice_papers.found_in(row, tools.vault, key)
    index_key = tools.settings.secret_bytes("index_key")
    held = await receivables.held_among(
        session,
        [
            receivables.mark_of(Paper(seller, one.buyer, "", one.number), one.amount_minor, one.issued_on, index_key)
            for one in found
        ],
    )
    why = row.problem and i18n.text(f"imports.refused.{row.problem}", locale, **(row.problem_params or {}))
    return InvoicePaperView(
        id=row.id,
        name=tools.vault.open(key, NAME, row.id, row.name_sealed),
        state=row.state,
        problem=row.problem,
        problem_text=why or "",
        received_at=row.received_at,
        found=tuple(
            _found(n, one, line.currency, locale, held=is_held)
            for n, (one, is_held) in enumerate(zip(found, held, strict=True))
        ),
    )


def _found(n: int, one: Found, currency: str, locale: str, *, held: bool) -> FoundInvoice:
    problem = "offered" if held and not one.problem else one.problem
    return FoundInvoice(
        n=n,
        source=one.source,
        number=one.number,
        buyer=one.buyer,
        buyer_licence=one.buyer_licence,
        amount_minor=one.amount_minor or None,
        currency=currency,
        issued_on=date.fromisoformat(one.issued_on) if one.issued_on else None,
        due_on=date.fromisoformat(one.due_on) if one.due_on else None,
        state=one.state,
        problem=problem,
        why=i18n.text(f"api.found_invoice.{problem}", locale) if problem else "",
    )
