"""What ``huoshui schedule`` shows of loans on dates, of a flat fee, and of the band over many courses of revenue."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from ops.commands import answers

if TYPE_CHECKING:
    from lending.flat_fee import FlatTerms
    from policies.book import PolicyBook

PATHS = 1_000
MONTHS_AHEAD = 24


@dataclass(frozen=True)
class Asked:
    """One choice on the sliders; ``product`` None is the first that is repaid by a share of revenue."""

    amount_minor: int
    months: int
    share: Decimal
    begins: date
    product: str | None


# Usual net revenue a month, or net revenue day by day; minor units.
Revenue = int | list[tuple[date, int]]


def dated(amount: str, months: int, product: str, shape: str | None, begins: date, *, as_json: bool) -> None:
    """The key facts of a loan that is repaid on dates: instalments, fees, what it costs a year."""
    from infra import i18n
    from lending.instalment_terms import instalment_terms
    from lending.key_facts import key_facts
    from lending.schedules import Shape
    from ops.stack.telling import terminal_locale

    locale, book = terminal_locale(), _book()
    chosen = book.instalment_products.get(product)
    if chosen is None:
        known = ", ".join(book.instalment_products)
        raise click.UsageError(f"--product: one of {known}, or --revenue for a loan that is repaid by a share of it")
    with answers.refusals_told(locale):
        terms = instalment_terms(
            chosen,
            amount_minor=answers.money(amount),
            months=months,
            shape=Shape(shape) if shape else chosen.shapes[0],
            start=begins,
            indices=book.indices,
        )
        facts = key_facts(terms, begins, book.calendars["CN"])
    rows = facts.schedule.rows()
    if as_json:
        answers.as_json(
            {
                "terms": asdict(terms),
                "terms_hash": facts.terms_hash,
                "periods": [row._asdict() | {"payment_minor": row.payment_minor} for row in rows],
                "fees": [asdict(fee) for fee in facts.fees],
                "interest_minor": facts.interest_minor,
                "fees_minor": facts.fees_minor,
                "total_minor": facts.total_minor,
                "annual_rate_nominal": str(round(facts.annual_rate_nominal, 8)),
                "annual_rate_effective": str(round(facts.annual_rate_effective, 8)),
            }
        )
        return

    def shown(minor: int) -> str:
        return i18n.money(minor, terms.currency, locale)

    figures = {"interest": shown(facts.interest_minor), "fees": shown(facts.fees_minor)}
    figures |= {"total": shown(facts.total_minor), "rate": i18n.percent(facts.annual_rate_nominal, locale, digits=4)}
    click.echo(i18n.text("ops.schedule.facts", locale, **figures))
    for fee in facts.fees:
        said = {
            "code": fee.code,
            "day": i18n.day(fee.on, locale),
            "amount": shown(fee.amount_minor),
            "payee": fee.payee,
        }
        click.echo(i18n.text(f"ops.schedule.fee_{fee.borne_by}", locale, **said))
    names = ("number", "due", "payment", "interest", "principal", "closing")
    answers.table(
        [i18n.text(f"ops.schedule.{name}", locale) for name in names],
        [
            [
                str(row.number),
                i18n.day(row.due_on, locale),
                *map(shown, (row.payment_minor, row.interest_minor, row.principal_minor, row.balance_minor)),
            ]
            for row in rows
        ],
    )


def flat(asked: Asked, revenue: Revenue, fee: str, *, as_json: bool) -> None:
    """A flat fee on a course of revenue: what is paid each month, the rebate at the close, the realised rate."""
    from infra import i18n
    from lending.apr import irr_effective
    from lending.flat_fee import run
    from lending.projection import daily
    from ops.stack.telling import terminal_locale

    locale = terminal_locale()
    terms = _flat_terms(asked, fee)
    done = run(terms, asked.begins, revenue if isinstance(revenue, list) else list(daily(revenue, asked.begins)))
    closing = done.closing
    rate = irr_effective(done.flows(terms, asked.begins)) if closing else None
    if as_json:
        told: dict[str, Any] = {"terms": asdict(terms), "payments": done.payments, "closing": None}
        if closing:
            told |= {"closing": asdict(closing), "annual_rate_effective": str(round(rate or Decimal(0), 8))}
        answers.as_json(told)
        return

    def shown(minor: int) -> str:
        return i18n.money(minor, "CNY", locale)

    if closing is None or rate is None:
        click.echo(i18n.text("ops.schedule.flat_open", locale))
    else:
        said = {
            "finish": i18n.day(closing.on, locale),
            "fee": shown(terms.fee_minor),
            "last": shown(closing.last_payment_minor),
        }
        said |= {"rebate": shown(closing.rebate_minor), "back": shown(closing.given_back_minor)}
        said |= {"rate": i18n.percent(rate, locale, digits=4), "cap": i18n.percent(terms.cap, locale)}
        click.echo(i18n.text("ops.schedule.flat", locale, **said))
    rows = [
        [f"{month[0]}-{month[1]:02}", shown(sum(amount for _, amount in each))]
        for month, each in groupby(done.payments, key=lambda payment: (payment[0].year, payment[0].month))
    ]
    answers.table([i18n.text(f"ops.schedule.{name}", locale) for name in ("month", "payment")], rows)


def band(asked: Asked, revenue: Revenue, fee: str | None, shock: str | None, *, as_json: bool) -> None:
    """P10, P50 and P90 over many courses of revenue, each month drawn from the months that were; and after a shock."""
    from infra import i18n
    from lending import bulk
    from lending.terms import terms_of
    from ops.stack.telling import terminal_locale

    locale, book = terminal_locale(), _book()
    paths = _paths(revenue)
    courses = {"usual": paths}
    if shock is not None:
        factor, months = _shock(shock)
        courses["shock"] = bulk.shocked(paths, factor, months)
    found: dict[str, bulk.Band | bulk.FlatBand] = {}
    with answers.refusals_told(locale):
        for name, course in courses.items():
            if fee is not None:
                found[name] = bulk.flat_band(_flat_terms(asked, fee), course, asked.begins)
                continue
            chosen = book.product(asked.product or next(iter(book.products)))
            terms = terms_of(chosen, amount_minor=asked.amount_minor, months=asked.months, share=asked.share)
            found[name] = bulk.band(terms, course, asked.begins)
    if as_json:
        answers.as_json({name: asdict(each) for name, each in found.items()})
        return
    never = i18n.text("ops.schedule.never", locale)

    def shown(minor: int) -> str:
        return i18n.money(minor, "CNY", locale)

    rows: list[list[str]] = []
    for name, each in found.items():
        label = i18n.text(f"ops.schedule.course_{name}", locale)
        days = [never if day is None else str(day) for day in each.days]
        rows.append([f"{label} {i18n.text('ops.schedule.days', locale)}", *days])
        if isinstance(each, bulk.FlatBand):
            rates = [never if rate is None else i18n.percent(rate, locale) for rate in each.effective_rate]
            rows.append([f"{label} {i18n.text('ops.schedule.fee', locale)}", *map(shown, each.fee_minor)])
            rows.append([f"{label} {i18n.text('ops.schedule.rate', locale)}", *rates])
        else:
            rows.append([f"{label} {i18n.text('ops.schedule.interest', locale)}", *map(shown, each.interest_minor)])
            risk = shown(each.cash_flow_at_risk_minor)
            rows.append([f"{label} {i18n.text('ops.schedule.at_risk', locale)}", "", risk, ""])
    answers.table(["", "P10", "P50", "P90"], rows)


def _paths(revenue: Revenue) -> Any:
    """Many courses of months, each month drawn from the months that were; one figure varies by a fifth."""
    import numpy as np

    # The same file shows the same band: a figure that changes by itself would be no figure.
    draw = np.random.default_rng(20_261_121)
    if isinstance(revenue, int):
        return (revenue * np.maximum(0, draw.normal(1, 0.2, (PATHS, MONTHS_AHEAD)))).astype(np.int64)
    seen = [sum(net for _, net in days) for _, days in groupby(revenue, key=lambda day: (day[0].year, day[0].month))]
    return draw.choice(np.array(seen, np.int64), (PATHS, MONTHS_AHEAD))


def _flat_terms(asked: Asked, fee: str) -> "FlatTerms":
    from lending.flat_fee import FlatTerms
    from lending.products import PPM
    from policies.within_the_law import price_cap

    cap = price_cap(_book().jurisdiction("CN"))
    if cap is None:
        raise click.UsageError("--fee: the cap of this lender hangs on an index and is known at signing")
    return FlatTerms(asked.amount_minor, answers.money(fee), int(asked.share * PPM), cap)


def _shock(text: str) -> tuple[Decimal, int]:
    part, _, months = text.partition(":")
    try:
        lost, count = Decimal(part.removesuffix("%")) / 100, int(months)
    except (InvalidOperation, ValueError):
        lost, count = Decimal(-1), 0
    if not 0 <= lost <= 1 or not 1 <= count <= MONTHS_AHEAD:
        raise click.BadParameter(f"{text!r} is not a shock like 30%:3 (from 0% to 100%, 1 to {MONTHS_AHEAD} months)")
    return 1 - lost, count


def _book() -> "PolicyBook":
    from policies import load
    from policies.files import PolicyError

    try:
        return load()
    except PolicyError as error:
        raise click.ClickException(str(error)) from error
