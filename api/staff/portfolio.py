"""The book at a glance: what lives, is due, was paid, is late, rolls on; what is stuck, and what does not tie."""

from datetime import date, timedelta
from itertools import pairwise

from api.caller import Caller
from api.staff.desk import BREAKS_SHOWN, STUCK_AFTER
from api.views.portfolio import BucketLine, MoneyDay, Portfolio, RollLine, VintageLine
from db import book as books
from db import clocks, commands, portfolio
from lending.calendars import Jurisdiction, business_date
from lending.portfolio import Bucket, Roll, bucketed, month_ends, quarter, roll, vintages

MONTHS, QUARTERS = 7, 8
DAYS_BACK, DAYS_AHEAD = timedelta(days=13), timedelta(days=7)
CURRENCY = "CNY"


async def at_a_glance(caller: Caller) -> Portfolio:
    """Everything of one currency; sums are the database's, stretches of lateness are walked one by one."""
    tools = caller.tools
    async with tools.sessions.begin(scope="staff") as session:
        now = await clocks.now(session, tools.settings.clock_id)
        today = business_date(now, Jurisdiction(tools.settings.jurisdiction))
        closed_to = await books.closed_to(session)
        as_of = closed_to or today - timedelta(days=1)
        sums = bucketed(await portfolio.by_lateness(session, CURRENCY))
        ends = month_ends(as_of, MONTHS)
        since = _quarters_before(as_of, QUARTERS)
        stretches = await portfolio.stretches(session, CURRENCY, min(ends[0], since))
        rolls = [
            roll(first, last, await portfolio.living(session, CURRENCY, first, last), stretches)
            for first, last in pairwise(ends)
        ]
        lent = await portfolio.lent_by_quarter(session, CURRENCY, since)
        days = await portfolio.money_by_day(session, CURRENCY, today - DAYS_BACK, today + DAYS_AHEAD)
        waiting = await portfolio.waiting(session, CURRENCY, today, now)
        newest = await books.closes(session, 1)
        breaks = len(await books.balance_breaks(session, BREAKS_SHOWN))
        stuck = await commands.stuck(session, tools.wall_now(), older_than=STUCK_AFTER, limit=200)
    running = next((one for one in newest if one.state == "running"), None)
    return Portfolio(
        today=today,
        closed_to=closed_to,
        currency=CURRENCY,
        live=sum(loans for loans, _ in sums.values()),
        owed_minor=sum(minor for _, minor in sums.values()),
        buckets=tuple(BucketLine(bucket.value, *of, CURRENCY) for bucket, of in sums.items()),
        days=tuple(MoneyDay(one.on, one.paid_minor, one.due_minor, CURRENCY) for one in days),
        rolls=tuple(_line(one) for one in rolls),
        vintages=tuple(
            VintageLine(one.begun, one.loans, one.lent_minor, CURRENCY, one.ever)
            for one in vintages(lent, stretches, as_of)
        ),
        below_path=waiting.below_path,
        warned=waiting.warned,
        suspense=waiting.suspense,
        suspense_minor=waiting.suspense_minor,
        stuck=len(stuck),
        overdue_tasks=waiting.overdue_tasks,
        closing_loans=running.loans if running else None,
        closing_of=running.of_loans if running else None,
        breaks=breaks + sum(one.difference_minor != 0 for one in newest),
    )


def _line(one: Roll) -> RollLine:
    return RollLine(
        first=one.first,
        last=one.last,
        current=one.of(Bucket.CURRENT),
        current_share=one.share(Bucket.CURRENT),
        to_30=one.of(Bucket.TO_30),
        to_30_share=one.share(Bucket.TO_30),
        to_60=one.of(Bucket.TO_60),
        to_60_share=one.share(Bucket.TO_60),
        to_90=one.of(Bucket.TO_90),
        to_90_share=one.share(Bucket.TO_90),
    )


def _quarters_before(day: date, count: int) -> date:
    begun = quarter(day)
    for _ in range(count - 1):
        begun = quarter(begun - timedelta(days=1))
    return begun
