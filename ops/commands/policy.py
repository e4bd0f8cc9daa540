"""``huoshui policy``: what is in force, and whom a change would touch before anybody releases it."""

import csv
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops.commands import answers
from ops.commands.system import answered

if TYPE_CHECKING:
    from ops.policy_reach import Difference

DAY = click.DateTime(["%Y-%m-%d"])
SHOWN = 20


@click.group()
def policy() -> None:
    """Show the policy in force; what a change would touch."""


@policy.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show(as_json: bool) -> None:
    """The version and the reference rates that count today, with what two people released."""
    from ops.policy_reach import in_force

    on, version, indices = answered(in_force)
    rates = {name: f"{value:f}" for name, value in sorted(indices.items())}
    if as_json:
        answers.as_json({"on": on.isoformat(), "version": version, "indices": rates})
        return
    _line("in_force", on=on.isoformat(), version=version)
    for name, value in rates.items():
        click.echo(f"{name:<8} {value}")


@policy.command()
@click.option("--root", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A folder of policy files.")
@click.option("--index", type=click.Choice(["LPR1Y", "LPR5Y"]), help="A reference rate, with --value and --published.")
@click.option("--value", help="What was published, as a fraction: 0.029 is 2.9 %.")
@click.option("--published", type=DAY, help="The day of its publication.")
@click.option("--on", type=DAY, help="Compare the books of this day.  [default: today, or --published]")
@click.option("--csv", "to", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write all touched.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def diff(
    root: Path | None,
    index: str | None,
    value: str | None,
    published: datetime | None,
    on: datetime | None,
    to: Path | None,
    as_json: bool,
) -> None:
    """Which rows would change, and which live loans, lines, offers and applications that touches.

    Nothing is written. A loan with a fixed rate is listed and keeps it.
    """
    from ops.policy_reach import difference
    from policies.files import PolicyError

    if (root is None) == (index is None):
        raise click.UsageError("either --root, or --index with --value and --published")
    if index is not None and (value is None or published is None):
        raise click.UsageError("--index needs --value and --published")
    rate = (index, published.date(), _fraction(value)) if index and published and value else None
    day = on.date() if on else None
    try:
        found = answered(lambda settings: difference(settings, root=root, rate=rate, on=day))
    except PolicyError as error:
        raise click.ClickException(str(error)) from None
    if to is not None:
        _table(found, to)
    if as_json:
        answers.as_json(found.as_json())
    else:
        _told(found, to)


def _fraction(value: str) -> Decimal:
    try:
        found = Decimal(value)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or not 0 < found < 1:
        raise click.BadParameter("a fraction above 0 and below 1, such as 0.029", param_hint="--value")
    return found


def _table(found: "Difference", to: Path) -> None:
    with to.open("w", newline="", encoding="utf-8-sig") as out:
        writer = csv.writer(out)
        writer.writerow(["kind", "number", "product", "annual_rate", "effect", "on", "rate_after"])
        for one in found.touched:
            writer.writerow([one.kind, one.number, one.product, one.annual_rate, one.effect, one.on, one.rate_after])


def _told(found: "Difference", to: Path | None) -> None:
    _line("compared", on=found.on.isoformat(), before=found.before, after=found.after)
    for row in found.rows:
        click.echo(f"  {row.path}: {row.before or '–'} → {row.after or '–'}")
    counts = found.reach
    _line(
        "reach",
        loans=counts.loans,
        floating=counts.floating,
        lines=counts.lines,
        offers=counts.offers,
        applications=counts.applications,
    )
    for one in found.touched[:SHOWN]:
        rate = f" {one.annual_rate}" if one.annual_rate else ""
        after = f" → {one.rate_after}" if one.rate_after else ""
        click.echo(f"  {one.kind} {one.number} {one.product}{rate}: {one.effect} {one.on}{after}".rstrip())
    if len(found.touched) > SHOWN:
        _line("more", n=len(found.touched) - SHOWN)
    if to is not None:
        click.echo(str(to))


def _line(key: str, **params: object) -> None:
    from infra import i18n
    from ops.stack.telling import terminal_locale

    click.echo(i18n.text(f"ops.policy.{key}", terminal_locale(), **params))
