"""Papers about one's loan, any day: receipts, lists of interest, invoices, statements of balance (P32)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.commands import Order, Receipt, issue
from api.idempotency import plain
from api.problems import NotFound
from db import clocks, ledger, loan_papers, reading
from db.tables import Loan
from lending.calendars import Jurisdiction, business_date
from lending.identifiers import derived_id
from lending.ledger import EntryKind

KINDS = ("receipt", "interest_list", "interest_invoice", "balance_statement")
OF_A_PERIOD = ("interest_list", "interest_invoice")
MOVES = frozenset({EntryKind.DISBURSED, EntryKind.REPAYMENT})


@dataclass(frozen=True, slots=True)
class Wanted:
    """``entry_id`` of a receipt; ``from_on`` and ``to_on`` of a list or an invoice, from the first to today if None."""

    kind: str
    entry_id: UUID | None = None
    from_on: date | None = None
    to_on: date | None = None


async def ask(caller: Caller, loan_id: UUID, wanted: Wanted, key: str) -> Receipt:
    """Have a paper printed; the same paper twice is one, and the receipt's object is where it is filed."""
    person, settings = caller.person_id, caller.tools.settings
    async with caller.tools.sessions.begin(person=person) as session:
        loan = await reading.loan_of(session, loan_id, person)
        if loan is None or loan.state not in ("live", "closed"):
            raise NotFound
        today = business_date(await clocks.now(session, settings.clock_id), Jurisdiction(loan.jurisdiction))
        clean = _checked(wanted, loan, today)
        if clean.entry_id is not None:
            entries = await ledger.entries(session, loan_id)
            if not any(one.id == clean.entry_id and one.kind in MOVES for one in entries):
                raise NotFound
        known = await loan_papers.ready(session, _order_of(loan_id, caller.locale, clean))
    if known is not None:
        return Receipt(command_id=known.id, object_id=loan_papers.document_of(known.id), state="done", stage="ready")
    order_id = _order_of(loan_id, caller.locale, clean)

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        await loan_papers.order(
            session,
            order_id,
            person_id=person,
            loan_id=loan_id,
            kind=clean.kind,
            subject=clean.entry_id,
            from_on=clean.from_on,
            to_on=clean.to_on or today,
            locale=caller.locale,
            at=caller.tools.wall_now(),
        )

    order = Order(
        workflow_type="LoanPaper",
        workflow_id=clocks.workflow_of("loan-paper", uuid4()),  # an order that was refused may be tried anew
        update="print_paper",
        object_kind="paper_order",
        object_id=loan_papers.document_of(order_id),
        start={"order_id": str(order_id)},
    )
    return await issue(
        caller,
        order,
        use="owner.ask_paper",
        key=key,
        body={"loan_id": loan_id, **plain(clean)},
        store=store,
        person=person,
        audited={"kind": clean.kind},
    )


def _order_of(loan_id: UUID, locale: str, wanted: Wanted) -> UUID:
    """The same paper in the same language is the same order."""
    return derived_id("paper-order", f"{loan_id}/{locale}/{plain(wanted)}")


def _checked(wanted: Wanted, loan: Loan, today: date) -> Wanted:
    """The same with its bounds inside the loan's life, or everything that is wrong with it."""
    form = fields.Form()
    first, last = loan.live_on or today, min(today, loan.closed_on or today)
    if wanted.kind not in KINDS:
        form.refuse("kind", "not_one_of_these")
    if wanted.kind == "receipt" and wanted.entry_id is None:
        form.refuse("entry_id", "missing")
    from_on, to_on = wanted.from_on, wanted.to_on or last
    if from_on is not None and from_on > to_on:
        form.refuse("from_on", "too_large")
    if to_on > today:
        form.refuse("to_on", "too_large")
    form.done()
    if wanted.kind in OF_A_PERIOD:
        return Wanted(wanted.kind, None, max(from_on or first, first), to_on)
    return Wanted(wanted.kind, wanted.entry_id if wanted.kind == "receipt" else None, None, to_on)
