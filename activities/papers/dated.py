"""What the key facts of a plan by dates say: each instalment to the fen, how it is debited, what lateness is."""

from datetime import date

from activities.papers.sheet_lines import PathPoint
from activities.papers.words import Words
from lending.calendars import BusinessCalendar
from lending.paths import first_path, instalments
from lending.terms import Terms, plain


def points(terms: Terms, on: date, calendar: BusinessCalendar | None) -> tuple[PathPoint, ...]:
    """The schedule as if the money were credited ``on``."""
    return tuple(
        PathPoint(
            one.number,
            one.due_on,
            terms.amount_minor - one.left_minor,
            one.left_minor,
            amount_minor=one.amount_minor,
            interest_minor=one.interest_minor,
        )
        for one in instalments(first_path(terms, on, calendar), terms, on)
    )


def repayment(terms: Terms, path: tuple[PathPoint, ...]) -> tuple[Words, ...]:
    """How it is repaid, in order."""
    ends = {"n": len(path), "first_on": path[0].on.isoformat(), "last_on": path[-1].on.isoformat()}
    return (
        Words(f"papers.dated.{terms.repayment}", {**ends, "amount_minor": path[0].amount_minor}),
        Words("papers.dated.sales"),
        Words("papers.dated.holiday"),
        Words("papers.dated.debit", {"n": terms.grace_days}),
    )


def lateness(terms: Terms) -> tuple[Words, ...]:
    """When it is late and what that costs."""
    return (
        Words("papers.dated.late"),
        Words("papers.dated.grace", {"n": terms.grace_days}),
        Words("papers.late.nothing_extra"),
    )


def timeline(terms: Terms, on: date, path: tuple[PathPoint, ...]) -> tuple[Words, ...]:
    """Each day or event on which something could be charged, in their order."""
    params = {
        "on": on.isoformat(),
        "annual_rate": plain(terms.annual_rate),
        "first_on": path[0].on.isoformat(),
        "last_on": path[-1].on.isoformat(),
        "n": terms.grace_days,
        "fee_rate": plain(terms.prepayment_fee_rate),
    }
    early = "early" if not terms.prepayment_fee_rate else "early_fee"
    names = ("time.credit", "dated.time_due", "dated.time_late", f"time.{early}", "time.end")
    return tuple(Words(f"papers.{name}", params) for name in names)
