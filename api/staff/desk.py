"""The desk: the book, the proof of the ledger, the closes, what is stuck, the audit trail, the clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import cursors
from api.caller import Caller
from api.idempotency import Json, perform, plain
from api.problems import BadFields, FieldError, Forbidden
from api.views import (
    AccountLine,
    AuditLine,
    Book,
    BookLine,
    BookSums,
    ClockView,
    CloseLine,
    InboundProblem,
    InboundState,
    StuckCommand,
    TrialBalance,
)
from db import audits, clocks, commands, pacing
from db import book as books
from db.book import AccountSums, BookRow, JournalCounts
from infra.clock import ClockWouldGoBack
from lending.calendars import Jurisdiction, business_date

STATES = ("pending", "live", "closed", "cancelled")
PAGE = 50
CLOSES = 60
# A command that has waited for so long is somebody's business.
STUCK_AFTER = timedelta(minutes=1)
BREAKS_SHOWN = 100
FURTHEST = timedelta(days=366 * 3)
FASTEST = 86_400 * 7


@dataclass(frozen=True, slots=True)
class MoveClock:
    """Jump ``to`` an instant, or by whole ``days``, or run at another ``speed`` from now on; any of them."""

    to: datetime | None = None
    days: int | None = None
    speed: int | None = None


async def book(caller: Caller, *, state: str | None = None, after: str | None = None, limit: int = PAGE) -> Book:
    """A page of the book, newest first, and the sums over all of it."""
    if state is not None and state not in STATES:
        raise BadFields(fields=(FieldError("state", "not_one_of_these"),))
    below = cursors.opened(caller, f"book:{state}", after)
    async with caller.tools.sessions.begin(scope="staff") as session:
        rows = await books.book(session, state=state, after=below, limit=limit + 1)
        sums = await books.book_totals(session)
        closed_to = await books.closed_to(session)
    more = len(rows) > limit
    return Book(
        loans=tuple(_line(row) for row in rows[:limit]),
        sums=tuple(
            BookSums(one.currency, one.live, one.closed, one.past_due, one.lent_minor, one.owed_minor, one.repaid_minor)
            for one in sums
        ),
        next=cursors.sealed(caller, f"book:{state}", rows[limit - 1].number) if more else None,
        closed_to=closed_to,
    )


def _line(row: BookRow) -> BookLine:
    loan, balance = row.loan, row.balance
    return BookLine(
        loan_id=loan.id,
        application_id=loan.application_id,
        number=row.number,
        state=loan.state,
        status=balance.status if balance else None,
        principal_minor=loan.principal_minor,
        owed_minor=balance.principal_minor if balance else 0,
        paid_minor=balance.paid_minor if balance else 0,
        currency=loan.currency,
        live_on=loan.live_on,
        matures_on=loan.matures_on,
        days_past_due=balance.days_past_due if balance else 0,
        as_of=balance.as_of if balance else None,
    )


async def trial_balance(caller: Caller) -> tuple[TrialBalance, ...]:
    """The proof of the ledger, one for each currency; of an empty book one that is all zero."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        sums = await books.account_sums(session)
        counts = await books.journal_counts(session)
        breaks = await books.balance_breaks(session, BREAKS_SHOWN)
    by_currency: dict[str, list[AccountSums]] = {}
    for one in sums:
        by_currency.setdefault(one.currency, []).append(one)
    found = by_currency or {"CNY": []}
    return tuple(_proof(currency, accounts, counts, breaks) for currency, accounts in found.items())


def _proof(currency: str, sums: list[AccountSums], counts: JournalCounts, breaks: list[UUID]) -> TrialBalance:
    debit, credit = sum(one.debit_minor for one in sums), sum(one.credit_minor for one in sums)
    broken = bool(debit - credit or breaks or counts.postings_without_entry or counts.entries_without_postings)
    return TrialBalance(
        currency=currency,
        accounts=tuple(
            AccountLine(one.account, one.debit_minor, one.credit_minor, one.debit_minor - one.credit_minor, currency)
            for one in sums
        ),
        debit_minor=debit,
        credit_minor=credit,
        difference_minor=debit - credit,
        entries=counts.entries,
        loans=counts.loans,
        postings_without_entry=counts.postings_without_entry,
        entries_without_postings=counts.entries_without_postings,
        mismatches=tuple(breaks),
        proven=not broken,
    )


async def closes(caller: Caller) -> tuple[CloseLine, ...]:
    """The newest closes with their proof."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        rows = await books.closes(session, CLOSES)
    return tuple(
        CloseLine(
            on=row.on_date,
            jurisdiction=row.jurisdiction,
            state=row.state,
            shards=row.shards,
            loans=row.loans,
            of_loans=row.of_loans,
            accrued_minor=row.accrued_minor,
            instructed_minor=row.instructed_minor,
            received_minor=row.received_minor,
            difference_minor=row.difference_minor,
            currency="CNY",
            started_at=row.started_at,
            finished_at=row.finished_at,
        )
        for row in rows
    )


async def stuck(caller: Caller) -> tuple[StuckCommand, ...]:
    """Commands that wait too long, and those that nobody can take."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        rows = await commands.stuck(session, caller.tools.wall_now(), older_than=STUCK_AFTER, limit=200)
    return tuple(
        StuckCommand(
            id=row.id,
            workflow_id=row.workflow_id,
            name=row.name,
            state=row.state,
            attempts=row.attempts,
            refusal=row.refusal,
            created_at=row.created_at,
            next_attempt_at=row.next_attempt_at,
        )
        for row in rows
    )


async def inbound_problems(caller: Caller) -> tuple[InboundProblem, ...]:
    """Events from outside that could not be applied; none is lost."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        rows = await books.inbound_problems(session, 200)
    return tuple(InboundProblem(row.source, row.event_id, row.problem or "", row.received_at) for row in rows)


async def inbound(caller: Caller) -> InboundState:
    """Whether everything that came in has been taken in."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        waiting, problems = await books.inbound_counts(session)
    return InboundState(waiting, problems)


async def audit_trail(caller: Caller, *, after: int = 0, limit: int = 200) -> tuple[AuditLine, ...]:
    """Who did what, oldest first, after an id."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        rows = await audits.trail(session, after=after, limit=limit)
    return tuple(
        AuditLine(
            id=row.id,
            at=row.at,
            actor=row.actor,
            action=row.action,
            object_kind=row.object_kind,
            object_id=row.object_id,
            detail=row.detail,
            request_id=row.request_id,
            sealed=sealed,
        )
        for row, sealed in rows
    )


# --- the clock --------------------------------------------------------------------------------------------------------


async def clock(caller: Caller, scope: str | None = None) -> ClockView:
    """Business time now; everybody may know it. ``scope``: of the page that it is a part of."""
    async with caller.tools.sessions.begin(scope=scope) as session:
        return await _clock(session, caller)


async def _clock(session: AsyncSession, caller: Caller) -> ClockView:
    settings = caller.tools.settings
    found = await clocks.read(session, settings.clock_id)
    today = business_date(found.now, Jurisdiction(settings.jurisdiction))
    return ClockView(
        clock_id=settings.clock_id,
        now=found.now,
        date=today,
        speed=max(found.speed, found.wish.speed),
        movable=caller.tools.simulated,
        until=found.wish.until,
    )


async def move_clock(caller: Caller, move: MoveClock, key: str) -> ClockView:
    """Move business time ahead where nobody lives by it; every wait looks again. Never in production.

    It goes no further than what is promised (a payout's hour) and than the closes of the days before; what is left of
    the way stands in ``until`` and is gone as they finish.
    """
    if not caller.tools.simulated:
        raise Forbidden
    _check_move(move)
    clock_id = caller.tools.settings.clock_id

    async def act(session: AsyncSession) -> Json:
        found = await clocks.read(session, clock_id)
        jump_to = move.to if move.days is None else found.now + timedelta(days=move.days)
        if jump_to is not None and jump_to > found.now + FURTHEST:
            raise BadFields(fields=(FieldError("to", "too_large"),))
        try:
            await pacing.go(
                session,
                clock_id,
                caller.tools.settings.jurisdiction,
                to=jump_to,
                speed=move.speed,
                reason=caller.principal.actor,
            )
        except ClockWouldGoBack:
            raise BadFields(fields=(FieldError("to", "in_the_past"),)) from None
        await audits.append(
            session,
            actor=caller.principal.actor,
            action="clock.move",
            object_kind="clock",
            object_id=clock_id,
            detail=plain(move),
            request_id=caller.request_id,
        )
        return {}

    await perform(caller, "staff.move_clock", key, plain(move), act, scope="staff")
    return await clock(caller)


def _check_move(move: MoveClock) -> None:
    wrong: list[FieldError] = []
    if move.to is None and move.days is None and move.speed is None:
        wrong.append(FieldError("to", "missing"))
    if move.to is not None and move.days is not None:
        wrong.append(FieldError("days", "one_of_these_only"))
    if move.to is not None and move.to.tzinfo is None:
        wrong.append(FieldError("to", "needs_a_zone"))
    if move.days is not None and not 0 < move.days <= FURTHEST.days:
        wrong.append(FieldError("days", "too_small" if move.days <= 0 else "too_large"))
    if move.speed is not None and not 0 <= move.speed <= FASTEST:
        wrong.append(FieldError("speed", "too_small" if move.speed < 0 else "too_large"))
    if wrong:
        raise BadFields(fields=tuple(wrong))
