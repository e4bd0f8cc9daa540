"""``huoshui schedule``: how a loan would be repaid, by the rules that the ledger uses."""

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

import click

from ops.commands import answers


@click.command()
@click.option("--amount", required=True, help="Amount in yuan, like 80000.00.")
@click.option("--months", type=int, required=True, help="Longest term in months.")
@click.option("--share", required=True, help="Share of net revenue, like 12% or 0.12.")
@click.option("--revenue", required=True, help="Usual net revenue a month in yuan.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Day on which the money arrives.")
@click.option("--product", help="Product id; the only one when there is one.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def schedule(
    amount: str, months: int, share: str, revenue: str, start: datetime, product: str | None, as_json: bool
) -> None:
    """Project a loan's repayment in three weathers: good, normal, slow."""
    from infra import i18n
    from lending.projection import three_weathers
    from lending.terms import terms_of
    from ops.stack.telling import terminal_locale
    from policies import load
    from policies.files import PolicyError

    locale = terminal_locale()
    begins: date = start.date()
    try:
        book = load()
        chosen = book.product(product or next(iter(book.products)))
    except PolicyError as error:
        raise click.ClickException(str(error)) from error
    with answers.refusals_told(locale):
        terms = terms_of(chosen, amount_minor=answers.money(amount), months=months, share=_share(share))
        weathers = three_weathers(terms, answers.money(revenue), begins)
    kinds = {"good": weathers.good, "normal": weathers.normal, "slow": weathers.slow}
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
        for row in weathers.normal.rows
    ]
    answers.table([i18n.text(f"ops.schedule.{name}", locale) for name in names], rows)


def _share(text: str) -> Decimal:
    try:
        return Decimal(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except InvalidOperation as error:
        raise click.BadParameter(f"{text!r} is not a share like 12%") from error
