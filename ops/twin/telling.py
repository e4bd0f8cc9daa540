"""A play, or two beside each other, as tables and charts in the reader's language."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from infra import i18n
from ops.twin import charts
from ops.twin.charts import Series
from ops.twin.running import Result
from ops.twin.tally import BUCKETS, PAID, Tally, part

Say = Callable[..., str]
MONEY, RATE = "CNY", 2
Shown = tuple[str, Callable[[Tally, str], str]]


def percent(value: float, locale: str, digits: int = RATE) -> str:
    return i18n.percent(Decimal(str(round(value, 8))), locale, digits=digits)


def money(minor: int, locale: str) -> str:
    return i18n.money(minor, MONEY, locale)


def count(value: int, locale: str) -> str:
    return i18n.number(value, locale)


def few(value: float, locale: str) -> str:
    return i18n.number(Decimal(f"{value:.2f}"), locale)


# In the order of a credit committee: who was lent to, what was lost, who was late, what it cost whom.
FIGURES: tuple[Shown, ...] = (
    ("asked", lambda one, to: count(one.asked, to)),
    ("approval", lambda one, to: percent(one.approval, to)),
    ("by_person", lambda one, to: percent(part(one.by_person, one.asked), to)),
    ("loans", lambda one, to: count(one.loans, to)),
    ("lent", lambda one, to: money(one.lent_minor, to)),
    ("left", lambda one, to: money(one.left_minor, to)),
    ("loss", lambda one, to: money(one.loss_minor, to)),
    ("loss_rate", lambda one, to: percent(one.loss, to)),
    ("late", lambda one, to: count(one.late, to)),
    ("cure", lambda one, to: percent(one.cure, to)),
    ("cure_30", lambda one, to: percent(part(one.cured_within[30], one.late), to)),
    ("self_curers", lambda one, to: _of(one.self_curers_untouched, one.self_curers, to)),
    ("contacts", lambda one, to: few(one.contacts_a_borrower, to)),
    ("contacts_late", lambda one, to: few(one.contacts_a_late_one, to)),
    ("calls", lambda one, to: count(one.contacts["call"] + one.contacts["visit"], to)),
    ("cost", lambda one, to: money(one.cost_per_10k_minor, to)),
    ("interest", lambda one, to: money(one.interest_minor, to)),
    ("result", lambda one, to: money(one.result_minor, to)),
    ("annual_p5", lambda one, to: percent(one.annual.p5, to)),
    ("annual_p50", lambda one, to: percent(one.annual.p50, to)),
    ("annual_p95", lambda one, to: percent(one.annual.p95, to)),
    ("annual_highest", lambda one, to: percent(one.annual.highest, to)),
    ("cap", lambda one, to: "–" if one.cap is None else percent(one.cap, to)),
    ("above_cap", lambda one, to: count(one.annual.above_cap, to)),
    ("largest", lambda one, to: percent(one.most_on_one_buyer, to)),
    ("largest_limit", lambda one, to: "–" if one.limit_on_one_buyer is None else percent(one.limit_on_one_buyer, to)),
    ("largest_loss", lambda one, to: percent(part(one.loss_on_largest_minor, one.lent_on_largest_minor), to)),
    ("ledger", lambda one, to: money(one.ledger_sum_minor, to)),
)


def figures(tallies: Sequence[Tally], locale: str) -> list[list[str]]:
    """One row a figure, one column a policy."""
    return [[i18n.text(f"ops.twin.{key}", locale), *(told(one, locale) for one in tallies)] for key, told in FIGURES]


def rolls(found: Tally, locale: str) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of the roll rates."""
    to = [one for one in (*BUCKETS, PAID) if any(one in row for row in found.rolls.values())]
    heads = [i18n.text("ops.twin.from", locale), *(bucket(one, locale) for one in to)]
    return heads, [
        [bucket(one, locale), *(percent(row[other], locale, 1) if other in row else "–" for other in to)]
        for one, row in found.rolls.items()
    ]


def vintages(found: Tally, locale: str) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of the vintages, every third month."""
    longest = max((len(row) for row in found.vintages.values()), default=0)
    at = list(range(2, longest, 3))
    heads = [i18n.text("ops.twin.vintage", locale), *(i18n.text("ops.twin.month_n", locale, n=n + 1) for n in at)]
    return heads, [
        [name, *(percent(row[n], locale) if n < len(row) else "" for n in at)] for name, row in found.vintages.items()
    ]


def named(result: Result, locale: str) -> str:
    """The policy played, by its files."""
    return result.policy.name or i18n.text("ops.twin.shipped", locale)


def bucket(name: str, locale: str) -> str:
    """A bucket of the book in words."""
    if name in ("current", PAID):
        return i18n.text(f"ops.twin.bucket.{name}", locale)
    return i18n.text("ops.twin.bucket.days", locale, days=name)


def plots(folder: Path, results: Sequence[Result], tallies: Sequence[Tally], locale: str) -> list[Path]:
    """The charts as files in ``folder``, which is made where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [named(result, locale) for result in results]
    written: list[Path] = []
    for name, drawn in (
        ("book", _late_book(names, tallies, locale)),
        ("vintages", _vintages(names, tallies, locale)),
        ("annual", _annual(names, tallies, locale)),
        ("rolls", _rolls(names, tallies, locale)),
        ("contacts", _contacts(names, tallies, locale)),
    ):
        path = folder / f"{name}.svg"
        path.write_text(drawn, encoding="utf-8")
        written.append(path)
    return written


def _late_book(names: Sequence[str], tallies: Sequence[Tally], locale: str) -> str:
    ticks = [str(n + 1) for n in range(max(len(one.book) for one in tallies))]
    series = [
        Series(name, [part(late, left) for left, late in one.book], n, second=n > 0)
        for n, (name, one) in enumerate(zip(names, tallies, strict=True))
    ]
    return charts.lines(i18n.text("ops.twin.chart.book", locale), series, ticks, _in_percent(locale, 1))


def _vintages(names: Sequence[str], tallies: Sequence[Tally], locale: str) -> str:
    series = [
        Series(f"{quarter} {name}" if len(names) > 1 else quarter, values, n, second=second > 0)
        for second, (name, one) in enumerate(zip(names, tallies, strict=True))
        for n, (quarter, values) in enumerate(one.vintages.items())
    ]
    longest = max((len(one.values) for one in series), default=1)
    ticks = [str(n + 1) for n in range(longest)]
    return charts.lines(i18n.text("ops.twin.chart.vintages", locale), series, ticks, _in_percent(locale, 1))


def _annual(names: Sequence[str], tallies: Sequence[Tally], locale: str) -> str:
    caps = [one.cap for one in tallies if one.cap is not None]
    rates = [rate for one in tallies for rate, _ in one.annual.counted]
    low = min(rates, default=0)
    high = max([*rates, *(int(cap * 100) for cap in caps)], default=0)
    series = [
        Series(name, [dict(one.annual.counted).get(rate, 0) for rate in range(low, high + 1)], n, second=n > 0)
        for n, (name, one) in enumerate(zip(names, tallies, strict=True))
    ]
    limit = (int(caps[0] * 100) - low, i18n.text("ops.twin.chart.cap", locale)) if caps else None
    ticks = [f"{rate}%" for rate in range(low, high + 1)]
    title = i18n.text("ops.twin.chart.annual", locale)
    return charts.bars(title, series, ticks, lambda value: count(round(value), locale), limit=limit)


def _rolls(names: Sequence[str], tallies: Sequence[Tally], locale: str) -> str:
    worse = list(pairwise(BUCKETS))
    series = [
        Series(name, [one.rolls.get(before, {}).get(after, 0.0) for before, after in worse], n, second=n > 0)
        for n, (name, one) in enumerate(zip(names, tallies, strict=True))
    ]
    ticks = [f"{bucket(before, locale)} → {bucket(after, locale)}" for before, after in worse]
    return charts.bars(i18n.text("ops.twin.chart.rolls", locale), series, ticks, _in_percent(locale, 0))


def _contacts(names: Sequence[str], tallies: Sequence[Tally], locale: str) -> str:
    channels = list(tallies[0].contacts)
    series = [
        Series(name, [part(one.contacts[channel], one.loans) for channel in channels], n, second=n > 0)
        for n, (name, one) in enumerate(zip(names, tallies, strict=True))
    ]
    ticks = [i18n.text(f"ops.twin.channel.{channel}", locale) for channel in channels]
    title = i18n.text("ops.twin.chart.contacts", locale)
    return charts.bars(title, series, ticks, lambda value: few(value, locale))


def _of(some: int, of: int, locale: str) -> str:
    return f"{count(some, locale)} / {count(of, locale)}"


def _in_percent(locale: str, digits: int) -> charts.Format:
    return lambda value: percent(value, locale, digits)
