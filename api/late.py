"""What the pages of a late loan share: its promises, disputes and contacts in views, and the word to its case."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.views.late import ContactLine, DisputeLine, LateView, PromiseLine
from db import clocks, collecting, commands, contacts, people
from db.collecting import Open
from db.tables import ItemDispute, PaymentPromise
from infra.crypto import PersonKey
from lending.calendars import Jurisdiction, business_date
from lending.refusals_at_desk import NotPastDue, PromiseStands

WORDS, ANSWER = "item_dispute.words", "item_dispute.answer"


async def view(session: AsyncSession, caller: Caller, found: Open) -> LateView:
    """A late loan for its borrower; the words are their own."""
    now, today = await clock(session, caller, found)
    key = await people.key_of(session, caller.tools.vault, found.row.person_id)
    told = await collecting.disputes(session, found.row.id)
    days = ((found.row.ended_on or today) - found.row.since).days
    rules = caller.tools.policies.collections.thresholds
    return LateView(
        loan_id=found.loan.id,
        number=found.number,
        currency=found.loan.currency,
        since=found.row.since,
        days_past_due=max(0, days),
        past_due_minor=found.past_due_minor,
        ended=found.row.ended,
        frozen=any(one.verdict is None for one in told),
        latest_promise_on=today + timedelta(days=rules.promise_days),
        promises=tuple(promise_line(one) for one in await collecting.promises(session, found.row.id)),
        disputes=tuple(dispute_line(caller, key, one) for one in told),
        contacts=tuple(
            ContactLine(one.at, one.kind, one.purpose, one.channel, one.agent, one.talked)
            for one in await contacts.since(session, found.row.person_id, found.row.opened_at, now)
        ),
    )


def promise_line(row: PaymentPromise) -> PromiseLine:
    """A promise as it is shown."""
    return PromiseLine(row.amount_minor, row.promised_on, row.made_at, row.made_by, row.state)


def dispute_line(caller: Caller, key: PersonKey, row: ItemDispute) -> DisputeLine:
    """A dispute in clear."""
    vault = caller.tools.vault
    answer = vault.open(key, ANSWER, row.id, row.answer_sealed) if row.answer_sealed else None
    words = vault.open(key, WORDS, row.id, row.words_sealed)
    return DisputeLine(row.id, row.reason, words, row.made_at, row.due_at, row.verdict, answer, row.answered_at)


async def clock(session: AsyncSession, caller: Caller, found: Open) -> tuple[datetime, date]:
    """Business time, and the day that it is where the loan is."""
    now = await clocks.now(session, caller.tools.settings.clock_id)
    return now, business_date(now, Jurisdiction(found.loan.jurisdiction))


async def promise(session: AsyncSession, caller: Caller, found: Open, amount: int | None, on: date, by: str) -> None:
    """The word of the borrower, given by themselves or to whoever called; one at a time."""
    if found.row.ended is not None or not found.past_due_minor:
        raise NotPastDue
    if await collecting.promise_of(session, found.loan.id) is not None:
        raise PromiseStands
    now, _ = await clock(session, caller, found)
    session.add(
        PaymentPromise(
            id=uuid4(),
            case_id=found.row.id,
            loan_id=found.loan.id,
            person_id=found.row.person_id,
            amount_minor=amount or found.past_due_minor,
            promised_on=on,
            made_at=now,
            made_by=by,
            paid_before_minor=found.balance.paid_minor,
            state="open",
        )
    )
    await session.flush()


async def wake(session: AsyncSession, caller: Caller, case_id: UUID) -> None:
    """Tell the case that something happened: its segment is assigned anew at once. The relay delivers it."""
    now, command_id = caller.tools.wall_now(), uuid4()
    wire: dict[str, Any] = {"command_id": str(command_id)}
    await commands.add_command(
        session,
        command_id=command_id,
        workflow_type="CollectionCase",
        workflow_id=clocks.workflow_of("case", case_id),
        name="happened",
        argument=wire,
        detail=None,
        start={"case_id": str(case_id), "clock_id": caller.tools.settings.clock_id},
        principal=caller.principal.actor,
        now=now,
        next_attempt_at=now,
    )
