"""A loan as its owner sees it: what is owed today, each booking and why, and when it will be over if sales go on so."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import case
from api.caller import Caller
from api.problems import NotFound
from api.views import Forecast, LoanCard, LoanView, Movement, PathPoint, WeekLine
from api.views.loan import InstalmentView
from db import clocks, closes, coupons, ledger, plans, reading
from db.tables import Collection, Loan, LoanBalance, RevenueDay
from lending.calendars import Jurisdiction, business_date
from lending.identifiers import derived_id
from lending.ledger import Account, Entry, EntryKind, LoanPosition, fold
from lending.paths import ahead, path_from
from lending.plans import AS_SIGNED, Change, Plan, plan_on
from lending.projection import GOOD, SLOW, Projection, daily, project_days, scaled
from lending.terms import Terms, terms_from

A_WEEK = timedelta(days=7)
# What lately means: four weeks even out weekends and a market day.
LATELY = timedelta(days=28)
A_DAY = timedelta(days=1)
DAYS_A_MONTH = Decimal(365) / 12


async def loans(caller: Caller) -> tuple[LoanCard, ...]:
    """All of one's loans, newest first."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        rows = await reading.loans_of(session, person)
    return tuple(
        LoanCard(
            id=row.id,
            application_id=row.application_id,
            state=row.state,
            principal_minor=row.principal_minor,
            currency=row.currency,
            live_on=row.live_on,
            closed_on=row.closed_on,
        )
        for row in rows
    )


async def loan(caller: Caller, loan_id: UUID) -> LoanView:
    """One of them, today."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        row = await reading.loan_of(session, loan_id, person)
        if row is None or row.state not in ("live", "closed"):
            raise NotFound
        now = await clocks.now(session, caller.tools.settings.clock_id)
        seen = await loan_view(session, row, business_date(now, Jurisdiction(row.jurisdiction)))
        told = await reading.health_of_loan(session, row.application_id)
        before = await reading.assessed_before(session, told) if told else None
    return replace(seen, health=case.health(told, caller.locale, before)) if told else seen


@dataclass(frozen=True, slots=True)
class Lived:
    """How a loan has been lived so far, up to the morning after its last close. ``given_minor`` of its coupon was used,
    ``left_minor`` is left."""

    terms: Terms
    entries: Sequence[Entry]
    balance: LoanBalance | None
    today: date
    sales: Sequence[RevenueDay]
    changes: Sequence[Change]
    plan: Plan
    position: LoanPosition
    given_minor: int
    left_minor: int


async def live(session: AsyncSession, row: Loan, today: date) -> Lived:
    """What a view or a forecast of a loan is made of.

    The clock may be ahead of the closes (an outage, a demonstration that hurries): interest of days on which nothing
    was collected yet would be a debt that nobody will ever ask for.
    """
    terms = terms_from(row.terms)
    entries = await ledger.entries(session, row.id)
    balance = await reading.balance(session, row.id)
    if row.state == "live" and balance is not None:
        today = min(today, balance.as_of + A_DAY)
    changes = (await plans.changes_of(session, [row.id])).get(row.id, [])
    given = sum(p.amount_minor for one in entries if one.kind is EntryKind.COUPON for p in one.postings)
    return Lived(
        terms=terms,
        entries=entries,
        balance=balance,
        today=today,
        sales=await reading.revenue_days(session, row.id, today - LATELY, today),
        changes=changes,
        plan=plan_on(changes, date.max, signed=terms.cycle),
        position=fold(entries, terms, max(today, row.live_on or today)),
        given_minor=given,
        left_minor=max(0, await coupons.cap_of(session, row.id) - given),
    )


async def loan_view(session: AsyncSession, row: Loan, today: date) -> LoanView:
    """A loan from its entries, whoever looks, as of the morning after its last close."""
    lived = await live(session, row, today)
    terms, entries, balance, today = lived.terms, lived.entries, lived.balance, lived.today
    position, plan, sales, given, left = lived.position, lived.plan, lived.sales, lived.given_minor, lived.left_minor
    closed_to = balance.as_of if balance and row.live_on and balance.as_of >= row.live_on else None
    account = await reading.account(session, row.account_id)
    application = await reading.application(session, row.application_id)
    collected = await reading.collections(session, row.id)
    coming = _coming(row, plan, terms, position) if row.state == "live" else ()
    if coming:
        forecast = _by_dates(coming, position, sales, today, left)
    else:
        forecast = forecast_of(terms, position, sales, today, plan, coupon_minor=left) if row.state == "live" else None
    return LoanView(
        id=row.id,
        application_id=row.application_id,
        number=application.number if application else 0,
        state=row.state,
        status="paid" if row.state == "closed" else (balance.status if balance else "as_agreed"),
        product_id=row.product_id,
        principal_minor=row.principal_minor,
        currency=row.currency,
        annual_rate=terms.annual_rate,
        day_count=terms.day_count.value,
        share=terms.share if plan.share is None else plan.share,
        months=terms.months,
        window_months=terms.window_months,
        windows=terms.windows,
        account_masked=account.masked if account else "",
        live_on=row.live_on,
        matures_on=row.matures_on,
        closed_on=row.closed_on,
        closed_to=closed_to,
        as_of=today,
        principal_owed_minor=position.principal_minor,
        interest_owed_minor=position.interest_due_minor,
        owed_today_minor=position.owed_minor,
        paid_minor=position.principal_paid_minor + position.interest_paid_minor - given,
        interest_paid_minor=position.interest_paid_minor - given,
        coupon_paid_minor=given,
        principal_paid_minor=position.principal_paid_minor,
        days_past_due=balance.days_past_due if balance else 0,
        past_due_minor=closes.to_cure_of(row, balance) if balance and row.state == "live" else 0,
        projected_interest_minor=_interest_in_all(position, forecast) - given,
        week=_week(sales, collected, terms, balance, today, lived.changes),
        forecast=forecast,
        path=_path(entries),
        movements=_movements(entries, collected, terms, lived.changes),
        repayment=terms.repayment.value,
        instalments=coming,
    )


def _interest_in_all(position: LoanPosition, forecast: Forecast | None) -> int:
    owed = position.interest_paid_minor + position.interest_due_minor
    return owed + (forecast.interest_to_come_minor if forecast else 0)


def forecast_of(
    terms: Terms,
    position: LoanPosition,
    sales: Sequence[RevenueDay],
    today: date,
    plan: Plan = AS_SIGNED,
    *,
    coupon_minor: int = 0,
    part: Decimal = Decimal(1),
) -> Forecast | None:
    """When it ends if sales go on as in the last four weeks, or better or worse, or since the first day told.

    ``part``: of those sales, for whoever asks what would be.
    ``plan``: the rhythm, the share and the breathing space that its owner has chosen since. ``coupon_minor``: what is
    left of the loan's coupon pays the next interest, so that more of each day's share goes to principal; the interest
    to come is what the borrower pays.
    """
    if position.principal_minor <= 0 or not sales:
        return None
    monthly = int(monthly_of(sales, today) * part)
    if monthly <= 0:
        return Forecast(None, None, None, monthly, 0)
    share = terms.share if plan.share is None else plan.share
    rest = replace(terms, amount_minor=position.principal_minor, share=share, cycle=plan.cycle)

    def run(weather: Decimal) -> Projection:
        days = daily(scaled(monthly, weather), today)
        return project_days(rest, days, today, plan.breathings, coupon_minor=coupon_minor, cycle_day=plan.cycle_day)

    usual = run(Decimal(1))
    return Forecast(
        early_on=run(GOOD).finish_on,
        middle_on=usual.finish_on,
        late_on=run(SLOW).finish_on,
        monthly_net_revenue_minor=monthly,
        interest_to_come_minor=usual.total_interest_minor - usual.coupon_minor,
    )


def _coming(row: Loan, plan: Plan, terms: Terms, position: LoanPosition) -> tuple[InstalmentView, ...]:
    """The instalments to come of a plan by dates; none of a share of sales."""
    if row.path is None or position.principal_minor <= 0:
        return ()
    return tuple(
        InstalmentView(
            one.number, one.due_on, one.amount_minor, one.principal_minor, one.interest_minor, one.left_minor
        )
        for one in ahead(
            plan.path or path_from(row.path),
            position.as_of,
            principal_minor=position.principal_minor,
            units=position.accrued_units,
            interest_paid_minor=position.interest_paid_minor,
            rate_units=terms.rate_units,
            units_per_minor=terms.units_per_minor,
        )
    )


def _by_dates(
    coming: Sequence[InstalmentView],
    position: LoanPosition,
    sales: Sequence[RevenueDay],
    today: date,
    coupon_minor: int,
) -> Forecast:
    """It ends on its last due day, whatever is sold."""
    interest = sum(one.interest_minor for one in coming)
    last = coming[-1].on
    to_come = max(0, interest - position.interest_due_minor - min(coupon_minor, interest))
    return Forecast(last, last, last, monthly_of(sales, today), to_come)


def monthly_of(sales: Sequence[RevenueDay], today: date) -> int:
    """Usual net revenue of a month, from the days before ``today`` that were told; 0 where none were."""
    if not sales:
        return 0
    days = (today - min(day.on_date for day in sales)).days or 1
    net = sum(day.sales_minor - day.refunds_minor - day.chargebacks_minor for day in sales)
    return int(net * DAYS_A_MONTH / days)


def _week(
    sales: Sequence[RevenueDay],
    collected: Sequence[Collection],
    terms: Terms,
    balance: LoanBalance | None,
    today: date,
    changes: Sequence[Change],
) -> WeekLine | None:
    """The last seven closed days: what was sold, and what was taken of those very days. A plan by dates takes none."""
    if balance is None or terms.by_dates:
        return None
    last = min(balance.as_of, today)
    first = last - A_WEEK + A_DAY
    return WeekLine(
        first_on=first,
        last_on=last,
        net_revenue_minor=sum(
            day.sales_minor - day.refunds_minor - day.chargebacks_minor for day in sales if first <= day.on_date <= last
        ),
        share=plan_on(changes, last).share or terms.share,
        taken_minor=sum(row.received_minor for row in collected if first <= row.close_on <= last),
    )


def _path(entries: Sequence[Entry]) -> tuple[PathPoint, ...]:
    moved: defaultdict[date, int] = defaultdict(int)
    for entry in entries:
        for posting in entry.postings:
            if posting.debit is Account.LOANS_PRINCIPAL:
                moved[entry.effective_on] += posting.amount_minor
            elif posting.credit is Account.LOANS_PRINCIPAL:
                moved[entry.effective_on] -= posting.amount_minor
    principal = 0
    points: list[PathPoint] = []
    for on in sorted(moved):
        principal += moved[on]
        points.append(PathPoint(on, principal))
    return tuple(points)


def _movements(
    entries: Sequence[Entry], collected: Sequence[Collection], terms: Terms, changes: Sequence[Change]
) -> tuple[Movement, ...]:
    """Every booking, the newest first, with the day's sales that a repayment is a share of, at the share of that day;
    what was debited for the minimum path is no share of any."""
    by_entry = {derived_id("entry", f"{EntryKind.REPAYMENT}/collection/{row.id}"): row for row in collected}
    principal_after = 0
    found: list[Movement] = []
    for entry in entries:
        interest = principal = over = other = 0
        for posting in entry.postings:
            if posting.debit is Account.LOANS_PRINCIPAL:
                principal_after += posting.amount_minor
                principal += posting.amount_minor
            elif posting.credit is Account.LOANS_PRINCIPAL:
                principal_after -= posting.amount_minor
                principal += posting.amount_minor
            elif posting.credit is Account.INTEREST_RECEIVABLE:
                interest += posting.amount_minor
            elif posting.credit is Account.HELD_FOR_BORROWER:
                over += posting.amount_minor
            else:
                other += posting.amount_minor
        row = by_entry.get(entry.id)
        if row is not None and row.path_minor:
            row = None
        found.append(
            Movement(
                entry_id=entry.id,
                kind=entry.kind.value,
                on=entry.effective_on,
                amount_minor=interest + principal + over + other,
                interest_minor=interest,
                principal_minor=principal,
                over_minor=over,
                balance_after_minor=principal_after,
                revenue_on=row.close_on if row else None,
                net_revenue_minor=row.net_revenue_minor if row else None,
                share=plan_on(changes, row.close_on).share or terms.share if row else None,
                rail_reference=entry.source.removeprefix("rail:") if entry.source.startswith("rail:") else None,
            )
        )
    return tuple(reversed(found))
