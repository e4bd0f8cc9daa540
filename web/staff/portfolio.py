"""The book at a glance: business figures beside those of the service, each chart with its table and its definition."""

from datetime import date, timedelta
from decimal import Decimal

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call
from api.manager.measures import of_work
from api.policy import BOOK
from api.routes import Router
from api.staff import portfolio
from api.views.managing import WorkMeasures
from api.views.portfolio import Portfolio
from infra import i18n
from web.charts_of_the_book import Named, days, shares
from web.showing import shell_of, show
from web.views.portfolio import PortfolioPage

router = Router(include_in_schema=False)
A_WEEK = timedelta(days=7)


@router.get("/desk/portfolio", policy=BOOK)
async def at_a_glance(request: Request, call: Call) -> Response:
    """One screen: what lives, is late, is due and was paid, how it rolls, and what does not go on by itself."""
    seen = await portfolio.at_a_glance(call)
    work = await of_work(call, "all")
    shell = await shell_of(request, call, "staff", tab="portfolio")
    return show(request, "staff/portfolio.html", page_of(seen, work, call.locale), shell)


def page_of(seen: Portfolio, work: WorkMeasures, locale: str) -> PortfolioPage:
    """The page of what was read; pure."""
    today = seen.today
    late = [line for line in seen.buckets if line.bucket != "current"]
    late_minor = sum(line.principal_minor for line in late)
    most = max((line.principal_minor for line in seen.buckets), default=0)
    rolls = shares(
        [
            Named(i18n.text("web.portfolio.roll.to_30", locale), tuple(one.to_30_share for one in seen.rolls)),
            Named(i18n.text("web.portfolio.roll.to_60", locale), tuple(one.to_60_share for one in seen.rolls)),
            Named(i18n.text("web.portfolio.roll.current", locale), tuple(one.current_share for one in seen.rolls)),
        ],
        [f"{one.last:%m}" for one in seen.rolls],
    )
    longest = max((len(one.ever) for one in seen.vintages), default=0)
    cohorts = [one for one in seen.vintages if len(one.ever) > 1][-3:]
    curves = shares(
        [
            Named(_quarter(one.begun, locale), (Decimal(0), *one.ever)) for one in cohorts
        ],
        [str(month) for month in range(longest + 1)],
    )  # fmt: skip
    first, last = today - timedelta(days=13), today + A_WEEK
    moved = {one.on: one for one in seen.days}
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rows = [(on, moved[on].paid_minor, moved[on].due_minor) if on in moved else (on, 0, 0) for on in every]
    return PortfolioPage(
        seen=seen,
        work=work,
        late_loans=sum(line.loans for line in late),
        late_minor=late_minor,
        late_share=Decimal(late_minor) / seen.owed_minor if seen.owed_minor else Decimal(0),
        paid_minor=sum(one.paid_minor for one in seen.days if today - A_WEEK < one.on <= today),
        due_minor=sum(one.due_minor for one in seen.days if today < one.on <= last),
        widths=tuple(Decimal(100 * line.principal_minor) / most if most else Decimal(0) for line in seen.buckets),
        rolls=rolls,
        vintages=curves,
        days=days(rows, first, last, today),
        months_on_book=longest,
    )


def _quarter(begun: date, locale: str) -> str:
    return i18n.text("web.portfolio.a_quarter", locale, year=str(begun.year), quarter=(begun.month + 2) // 3)
