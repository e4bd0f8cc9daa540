"""A line as its owner and the desk both read it."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.phrases import phrase
from api.views import DrawView, LineChangeView, LineView
from db import clocks, ledger, lines, reading
from db.tables import CreditLine, LineChange
from lending.calendars import Jurisdiction, business_date
from lending.line import LineState, is_fresh
from lending.receivables import ReceivableRules
from lending.terms import terms_from

BINDING = (LineState.FROZEN, LineState.REDUCED, LineState.CLOSED)


async def line_view(session: AsyncSession, caller: Caller, row: CreditLine) -> LineView:
    """A line with its draws and everything that was done to it."""
    product = caller.tools.policies.product(row.product_id)
    rules, terms = product.line, terms_from(row.terms)
    today = await today_of(session, caller)
    facts = await lines.facts(session, row, receivable_rules(caller), today)
    application = await reading.application(session, row.application_id)
    task = await lines.open_review(session, row.application_id)
    over = today > row.expires_on and row.state != LineState.CLOSED
    locale = caller.locale
    return LineView(
        id=row.id,
        application_id=row.application_id,
        number=application.number if application else 0,
        product_id=row.product_id,
        state="over" if over else row.state,
        currency=row.currency,
        limit_minor=row.limit_minor,
        signed_limit_minor=row.signed_limit_minor,
        available_minor=facts.standing.available_minor if row.state in ("open", "reduced") and not over else 0,
        drawn_minor=facts.standing.drawn_minor,
        reserved_minor=facts.standing.reserved_minor,
        base_minor=facts.standing.base_minor,
        shortfall_minor=facts.standing.shortfall_minor,
        lowest_draw_minor=rules.lowest_draw_minor if rules else product.amounts.lowest_minor,
        step_minor=product.amounts.step_minor,
        revolving=row.revolving,
        annual_rate=row.annual_rate,
        share=terms.share,
        highest_share=product.share.highest,
        share_step=product.share.step,
        opened_on=row.opened_on,
        expires_on=row.expires_on,
        review_on=row.review_on,
        fresh=is_fresh(facts, today),
        clause=row.clause,
        clause_text=clause_text(row.clause, locale),
        reason=row.reason,
        review_due_at=task.due_at if task else None,
        may_ask_review=row.state in BINDING and task is None,
        version=row.version,
        draws=await _draws(session, row),
        changes=tuple(_change(one, row.currency, locale) for one in await lines.changes(session, row.id)),
    )


def receivable_rules(caller: Caller) -> ReceivableRules:
    """What receivables count for under the law that this lender lends under."""
    return caller.tools.policies.receivables[caller.tools.settings.jurisdiction]


async def today_of(session: AsyncSession, caller: Caller) -> date:
    """The business date."""
    now = await clocks.now(session, caller.tools.settings.clock_id)
    return business_date(now, Jurisdiction(caller.tools.settings.jurisdiction))


async def _draws(session: AsyncSession, row: CreditLine) -> tuple[DrawView, ...]:
    found: list[DrawView] = []
    for application, loan, balance, payout in await lines.draws(session, row.id):
        slip = await ledger.contract_of(session, application.id)
        owed = balance.principal_minor if balance else loan.principal_minor
        found.append(
            DrawView(
                id=application.id,
                number=application.number,
                loan_id=loan.id,
                command_id=slip.evidence.get("command_id") if slip else None,
                amount_minor=loan.principal_minor,
                left_minor=owed if loan.state in ("pending", "live") else 0,
                currency=loan.currency,
                annual_rate=loan.annual_rate,
                share=loan.share,
                state=loan.state,
                payout_state=payout.state if payout else None,
                drawn_at=application.created_at,
                credited_on=loan.live_on,
            )
        )
    return tuple(found)


def _change(one: LineChange, currency: str, locale: str) -> LineChangeView:
    return LineChangeView(
        act=one.act,
        state_before=one.state_before,
        state_after=one.state_after,
        limit_before_minor=one.limit_before_minor,
        limit_after_minor=one.limit_after_minor,
        currency=currency,
        clause=one.clause,
        clause_text=clause_text(one.clause, locale),
        reason=one.reason,
        at=one.at,
    )


def clause_text(clause: str, locale: str) -> str:
    """The words of a clause as the contract has them; empty for none."""
    return phrase(f"papers.clause.line_changes.{clause}", locale, {}) if clause else ""
