"""``huoshui schedule``: how a loan would be repaid, by the rules that the ledger uses."""

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TextIO

import click

from lending.schedules import Shape
from ops import money_cli, plan_cli
from ops.commands import answers


@click.command()
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
@click.option("--jsonl", is_flag=True, help="Many cases, one JSON object a line.")
@click.option("--amount", help="Amount in yuan, like 80000.00.")
@click.option("--months", type=int, default=12, show_default=True, help="Normal horizon in months.")
@click.option("--share", default="10%", show_default=True, help="Share of net revenue, like 12% or 0.12.")
@click.option("--revenue", help="Usual net revenue a month in yuan, or a CSV file of days or months and net revenue.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="Day on which the money arrives.")
@click.option("--product", help="Product id; the first that is repaid by a share of revenue when none is named.")
@click.option("--shape", type=click.Choice([shape.value for shape in Shape if shape is not Shape.CUSTOM]))
@click.option("--fee", help="A flat fee in yuan instead of interest; the realised rate stays below the cap of the law.")
@click.option("--band", "as_band", is_flag=True, help="P10, P50 and P90 over 1,000 drawn courses of the revenue.")
@click.option("--shock", help="A shock of your own on the band: 30%:3 is sales 30 % lower for 3 months.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def schedule(
    file: TextIO,
    jsonl: bool,
    amount: str | None,
    months: int,
    share: str,
    revenue: str | None,
    start: datetime | None,
    product: str | None,
    shape: str | None,
    fee: str | None,
    as_band: bool,
    shock: str | None,
    as_json: bool,
) -> None:
    """Show how a loan is repaid.

    With --revenue: a loan that is repaid by a share of net revenue, in three weathers, or on the series of a CSV
    file. With --product of a loan that is repaid on dates: its instalments, fees and annual rate. Without: FILE (or
    standard input) holds a case as JSON: params, events, as_of.
    """
    if revenue is None and product is None:
        money_cli.schedules(file, jsonl=jsonl)
        return
    if amount is None:
        raise click.UsageError("--revenue and --product need --amount")
    series = money_cli.revenue_series(Path(revenue)) if revenue and Path(revenue).is_file() else None
    begins = series[0][0] if start is None and series else start.date() if start else None
    if begins is None:
        raise click.UsageError("an amount needs --start")
    if revenue is None:
        plan_cli.dated(amount, months, product or "", shape, begins, as_json=as_json)
        return
    if fee is not None or as_band or shock is not None:
        asked = plan_cli.Asked(answers.money(amount), months, _share(share), begins, product)
        usual = answers.money(revenue) if series is None else list(money_cli.from_day(series, begins))
        if as_band or shock is not None:
            plan_cli.band(asked, usual, fee, shock, as_json=as_json)
        else:
            plan_cli.flat(asked, usual, fee or "", as_json=as_json)
        return
    _revenue_linked(amount, months, share, revenue, series, begins, product, as_json)


def _revenue_linked(
    amount: str,
    months: int,
    share: str,
    revenue: str,
    series: list[tuple[date, int]] | None,
    begins: date,
    product: str | None,
    as_json: bool,
) -> None:
    from infra import i18n
    from lending.projection import Projection, project_days, three_weathers
    from lending.terms import terms_of
    from ops.stack.telling import terminal_locale
    from policies import load
    from policies.files import PolicyError

    locale = terminal_locale()
    try:
        book = load()
        chosen = book.product(product or next(iter(book.products)))
    except PolicyError as error:
        raise click.ClickException(str(error)) from error
    with answers.refusals_told(locale):
        terms = terms_of(chosen, amount_minor=answers.money(amount), months=months, share=_share(share))
        if series is None:
            weathers = three_weathers(terms, answers.money(revenue), begins)
            kinds: dict[str, Projection] = {"good": weathers.good, "normal": weathers.normal, "slow": weathers.slow}
        else:
            kinds = {"normal": project_days(terms, money_cli.from_day(series, begins), begins)}
    if as_json:
        answers.as_json({"terms": asdict(terms), **{kind: asdict(told) for kind, told in kinds.items()}})
        return

    def shown(minor: int) -> str:
        return i18n.money(minor, terms.currency, locale)

    for kind, told in kinds.items():
        finish = i18n.day(told.finish_on, locale) if told.finish_on else i18n.text("ops.schedule.no_end", locale)
        words = {"weather": i18n.text(f"ops.schedule.{kind}", locale), "finish": finish}
        figures = {"interest": shown(told.total_interest_minor), "total": shown(told.total_minor)}
        click.echo(i18n.text("ops.schedule.summary", locale, **words, **figures))
    names = ("month", "opening", "sales", "payment", "interest", "principal", "closing")
    rows = [
        [
            str(row.month),
            *map(
                shown,
                (
                    row.opening_minor,
                    row.sales_minor,
                    row.payment_minor,
                    row.interest_minor,
                    row.principal_minor,
                    row.closing_minor,
                ),
            ),
        ]
        for row in kinds["normal"].rows
    ]
    answers.table([i18n.text(f"ops.schedule.{name}", locale) for name in names], rows)


def _share(text: str) -> Decimal:
    try:
        return Decimal(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except InvalidOperation as error:
        raise click.BadParameter(f"{text!r} is not a share like 12%") from error
