"""Receivables as their owner and the desk both read them."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.lining import receivable_rules, today_of
from api.phrases import phrase
from api.views import BaseView, LateClaim, ReceivableView
from api.views.incoming import BuyerPayment, Diverted
from api.views.receivable import ProofSeen
from db import incoming, lines, receivables
from db.tables import CreditLine, Diversion, Receivable
from infra import i18n
from lending.receivables import (
    HOLDS,
    PROOFS,
    Base,
    Counted,
    ReceivableState,
    due_of_large_buyer,
    late_interest,
)

INDEX = "LPR1Y"


async def base_view(session: AsyncSession, caller: Caller, line: CreditLine) -> BaseView:
    """Everything that was offered for a line, and what it counts for today."""
    today = await today_of(session, caller)
    counts = await receivables.base_of(session, line.id, receivable_rules(caller), today)
    short = await lines.short(session, line, receivable_rules(caller), today)
    lent = short.drawn_minor + short.reserved_minor
    rows = await receivables.of_line(session, line.id)
    return BaseView(
        line_id=line.id,
        currency=line.currency,
        open_minor=counts.open_minor,
        counts_minor=counts.counts_minor,
        base_minor=counts.advance_minor,
        drawn_minor=short.drawn_minor,
        available_minor=max(0, min(line.limit_minor, counts.advance_minor) - lent),
        shortfall_minor=short.whole_minor,
        reserved_minor=short.reserved_minor,
        cure_minor=short.cure_minor,
        held_minor=short.held_minor,
        receivables=tuple([await view(session, caller, row, counts) for row in rows]),
        pay_to=await _pay_to(session, caller, line),
        payments=await _payments(session, line),
        diverted=tuple(diverted(one, today) for one in await incoming.diversions_of(session, line.id)),
    )


def diverted(row: Diversion, today: date) -> Diverted:
    """What a buyer paid to the borrower instead."""
    return Diverted(
        receivable_id=row.receivable_id,
        line_id=row.line_id,
        amount_minor=row.amount_minor,
        left_minor=row.amount_minor - row.mended_minor,
        currency=row.currency,
        paid_on=row.paid_on,
        cure_on=row.cure_on,
        overdue=today > row.cure_on,
    )


async def _pay_to(session: AsyncSession, caller: Caller, line: CreditLine) -> str | None:
    account = await incoming.account_of_line(session, line.id)
    return None if account is None else await incoming.number_of(session, caller.tools.vault, account)


async def _payments(session: AsyncSession, line: CreditLine) -> tuple[BuyerPayment, ...]:
    """What buyers paid, and the borrower for them, the newest first."""
    came = [row for row in await incoming.of_line(session, line.id) if row.receivable_id is not None]
    rests = {
        one.incoming_id: one.state
        for one in await incoming.sent_on(session, [row.id for row in came])
        if one.kind == "rest"
    }
    return tuple(
        BuyerPayment(
            receivable_id=row.receivable_id,
            amount_minor=row.amount_minor,
            repaid_minor=row.repaid_minor,
            rest_minor=row.rest_minor,
            currency=row.currency,
            on=row.booked_on,
            rail_reference=row.rail_reference,
            rest_state=rests.get(row.id, ""),
            own=not row.third_party,
        )
        for row in came
        if row.receivable_id is not None
    )


async def view(session: AsyncSession, caller: Caller, row: Receivable, counts: Base) -> ReceivableView:
    """One of them."""
    paper = await receivables.paper_of(session, caller.tools.vault, row)
    known = {one.id: one for one in counts.counted}
    mine = known.get(str(row.id)) or Counted(str(row.id), (), 0, 0, 0)
    held = ReceivableState(row.state) in HOLDS
    bars = tuple(bar.value for bar in mine.bars) if row.state == ReceivableState.PLEDGED.value else ()
    return ReceivableView(
        id=row.id,
        line_id=row.line_id,
        buyer=paper.buyer,
        number=paper.number,
        state=row.state,
        amount_minor=row.amount_minor,
        currency=row.currency,
        issued_on=row.issued_on,
        due_on=row.due_on,
        support=row.support,
        confirmed_minor=row.confirmed_minor,
        open_minor=mine.open_minor if held else 0,
        counts_minor=mine.counts_minor,
        advance_minor=mine.advance_minor,
        bars=bars,
        why=tuple(i18n.text(f"lending.bar.{bar}", caller.locale) for bar in bars),
        problem=row.problem,
        problem_text=_problem(row, caller.locale),
        registration_no=row.registration_no,
        registered_until=row.registered_until,
        due_at=row.due_at,
        version=row.version,
        proofs=await _proofs(session, row, caller.locale),
    )


async def _proofs(session: AsyncSession, row: Receivable, locale: str) -> tuple[ProofSeen, ...]:
    """How far each paper is that would stand for the buyer's word; none once that word is there."""
    if row.state != ReceivableState.ASKED.value:
        return ()
    found = await receivables.proofs_of(session, row)

    def one(kind: str) -> ProofSeen:
        paper = found.get(kind)
        why = phrase(f"lending.paper_refusal.{paper.refusal}", locale, {}) if paper and paper.refusal else ""
        words = paper.words or "" if paper else ""
        return ProofSeen(kind, paper.state if paper else "missing", f"{why} {words}".strip())

    return tuple(one(kind) for kind in PROOFS)


def _problem(row: Receivable, locale: str) -> str:
    if not row.problem:
        return ""
    if row.state == ReceivableState.REFUSED.value:
        return phrase(f"lending.receivable_refused.{row.problem}", locale, {})
    return i18n.text(f"lending.receivable_waits.{row.problem}", locale)


async def late_claim(session: AsyncSession, caller: Caller, row: Receivable) -> LateClaim:
    """As of today; the agreed rate of the sales contract is not known, so the law's own is taken."""
    rules, today = receivable_rules(caller), await today_of(session, caller)
    due_on = due_of_large_buyer(row.delivered_on or row.issued_on, row.due_on, rules)
    open_minor = receivables.as_rule(row).open_minor
    index = caller.tools.policies.indices[INDEX]
    interest = late_interest(open_minor, due_on=due_on, today=today, agreed_yearly=None, index_at_contract=index)
    return LateClaim(row.id, due_on, _days(due_on, today), open_minor, interest, row.currency)


def _days(due_on: date, today: date) -> int:
    return max(0, (today - due_on).days)
