"""What was understood of a bill, in figures: shown to the owner, kept beside the file, printed by the command line."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from imports.columns import Columns
from imports.headings import Role
from imports.lines import Direction, Flag, Kind
from imports.misreadings import Notice, Params
from imports.preamble import Preamble, StatedTotal
from imports.tally import Source, Tally


@dataclass(frozen=True, slots=True)
class MonthTotals:
    """One calendar month of a bill, minor units. ``revenue_minor`` is sales less refunds given and may be negative."""

    month: str
    lines: int
    in_minor: int
    out_minor: int
    sales_minor: int
    refunds_minor: int
    revenue_minor: int


@dataclass(frozen=True, slots=True)
class TotalCheck:
    """A total that the file states beside what its rows add up to. Minor units; a count may be absent."""

    direction: str
    stated_minor: int
    found_minor: int
    stated_count: int | None
    found_count: int
    agrees: bool


@dataclass(frozen=True, slots=True)
class StatementSummary:
    """What was understood of one file. Dates are ``YYYY-MM-DD``, in the source's own time.

    ``not_understood`` names at most 200 rows (``not_understood_count`` counts all); each is (row, code, figures).
    ``columns`` says which heading was taken for what.
    """

    layout: str
    encoding: str
    currency: str
    first_day: str
    last_day: str
    period_from: str
    period_to: str
    lines: int
    in_minor: int
    out_minor: int
    revenue_minor: int
    neutral_lines: int
    void_lines: int
    guessed_lines: int
    months: tuple[MonthTotals, ...]
    duplicates: int
    not_understood_count: int
    not_understood: tuple[tuple[int, str, Params], ...]
    totals: tuple[TotalCheck, ...]
    notices: tuple[Notice, ...]
    columns: dict[str, str]
    account_tail: str = ""

    @property
    def months_covered(self) -> int:
        """Months that hold at least one line."""
        return len(self.months)

    def as_json(self) -> dict[str, Any]:
        """The summary as plain JSON values; amounts are integers of minor units."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "StatementSummary":
        """The inverse of ``as_json``."""
        return cls(
            **{
                **data,
                "months": tuple(MonthTotals(**month) for month in data["months"]),
                "not_understood": tuple((row, code, params) for row, code, params in data["not_understood"]),
                "totals": tuple(TotalCheck(**total) for total in data["totals"]),
                "notices": tuple(Notice(**notice) for notice in data["notices"]),
            }
        )


def summarise(*, tally: Tally, source: Source, columns: Columns, encoding: str) -> StatementSummary:
    """The summary of a file that was read to its end."""
    months = month_totals(tally)
    totals = tuple(_check(stated, tally) for stated in (*source.preamble.totals, *tally.footer_totals))
    days = sorted(tally.days)
    guessed = void = 0
    by_direction = {direction: [0, 0] for direction in Direction}
    currency = main_currency(tally)
    for (_, direction, _, flags, of), (lines, minor) in tally.sums.items():
        guessed += lines if flags & Flag.GUESSED else 0
        void += lines if flags & Flag.VOID else 0
        if of != currency:
            continue
        by_direction[Direction(direction)][0] += lines
        by_direction[Direction(direction)][1] += minor
    return StatementSummary(
        layout=source.layout,
        encoding=encoding,
        currency=currency,
        first_day=days[0] if days else "",
        last_day=days[-1] if days else "",
        period_from=source.preamble.period_from,
        period_to=source.preamble.period_to,
        lines=tally.lines,
        in_minor=by_direction[Direction.IN][1],
        out_minor=by_direction[Direction.OUT][1],
        revenue_minor=sum(month.revenue_minor for month in months),
        neutral_lines=by_direction[Direction.NEUTRAL][0],
        void_lines=void,
        guessed_lines=guessed,
        months=months,
        duplicates=tally.duplicates,
        not_understood_count=tally.not_understood_count,
        not_understood=tuple(sorted(tally.not_understood, key=lambda found: found[0])),
        totals=totals,
        notices=tuple(_notices(tally, source.preamble, columns, totals, months, days)),
        columns=_columns(columns),
        account_tail=source.preamble.account_tail,
    )


def main_currency(tally: Tally) -> str:
    """The currency of most lines: sums are in it alone, since no rate is known here."""
    lines: dict[str, int] = {}
    for (*_, currency), (count, _) in tally.sums.items():
        lines[currency] = lines.get(currency, 0) + count
    return max(lines, key=lambda currency: lines[currency], default=tally.currency or "CNY")


def month_totals(tally: Tally) -> tuple[MonthTotals, ...]:
    """The sums of the loop by calendar month, oldest first, in the currency of most lines."""
    found: dict[str, list[int]] = {}
    main = main_currency(tally)
    for (month, direction, kind, _, currency), (lines, minor) in tally.sums.items():
        if currency != main:
            continue
        sums = found.setdefault(month, [0, 0, 0, 0, 0])
        sums[0] += lines
        sums[1] += minor if direction == Direction.IN else 0
        sums[2] += minor if direction == Direction.OUT else 0
        sums[3] += minor if kind == Kind.SALE and direction == Direction.IN else 0
        sums[4] += minor if kind == Kind.REFUND and direction == Direction.OUT else 0
    return tuple(
        MonthTotals(month, lines, into, out, sales, refunds, sales - refunds)
        for month, (lines, into, out, sales, refunds) in sorted(found.items())
    )


def _check(stated: StatedTotal, tally: Tally) -> TotalCheck:
    # Wallets count closed and refunded rows in some years and not in others: either reading may agree.
    readings = [tally.stated.get(stated.direction, [0, 0]), tally.stated_live.get(stated.direction, [0, 0])]
    for count, minor in readings:
        if minor == stated.amount_minor and stated.count in (None, count):
            return TotalCheck(stated.direction.word, stated.amount_minor, minor, stated.count, count, True)
    count, minor = readings[0]
    return TotalCheck(stated.direction.word, stated.amount_minor, minor, stated.count, count, False)


def _notices(
    tally: Tally,
    preamble: Preamble,
    columns: Columns,
    totals: Sequence[TotalCheck],
    months: Sequence[MonthTotals],
    days: Sequence[str],
) -> list[Notice]:
    notices = [
        Notice(
            f"total_differs_{total.direction}",
            params={"stated_minor": total.stated_minor, "found_minor": total.found_minor},
        )
        for total in totals
        if not total.agrees
    ]
    notices += tally.notices
    found = tally.lines + tally.duplicates + tally.not_understood_count
    if preamble.stated_count is not None and preamble.stated_count != found:
        notices.append(Notice("count_differs", params={"stated": preamble.stated_count, "found": found}))
    if preamble.period_from and preamble.period_to:
        outside = [day for day in days if not preamble.period_from <= day <= preamble.period_to]
        if outside:
            notices.append(
                Notice(
                    "outside_period",
                    where=outside[0],
                    params={"days": len(outside), "from": preamble.period_from, "to": preamble.period_to},
                )
            )
    notices += [
        Notice("negative_month", where=month.month, params={"revenue_minor": month.revenue_minor})
        for month in months
        if month.revenue_minor < 0
    ]
    if missing := months_between([month.month for month in months]):
        notices.append(Notice("months_without_lines", where=missing[0], params={"n": len(missing)}))
    if tally.recognised:
        notices.append(Notice("read_from_picture", params={"steps": tally.balance_steps}))
    breaks = min((tally.balance_breaks_up, tally.balance_breaks_down), key=len)
    if breaks and tally.balance_steps:
        notices.append(
            Notice(
                "balance_breaks",
                where=str(breaks[0]),
                params={"breaks": len(breaks), "steps": tally.balance_steps, "rows": ", ".join(map(str, breaks[:20]))},
            )
        )
    if columns.position(Role.REFERENCE) is None:
        notices.append(Notice("no_reference_numbers"))
    if columns.order_guessed:
        notices.append(
            Notice({"dmy": "dates_day_first", "mdy": "dates_month_first", "ymd": "dates_year_first"}[columns.order])
        )
    if tally.doubly_out and not _signed_throughout(tally):
        notices.append(Notice("negative_out", where=str(min(tally.doubly_out)), params={"n": len(tally.doubly_out)}))
    others = sum(count for (*_, currency), (count, _) in tally.sums.items() if currency != main_currency(tally))
    if others:
        named = sorted({key[-1] for key in tally.sums} - {main_currency(tally)})
        notices.append(Notice("several_currencies", params={"n": others, "others": ", ".join(named)}))
    if isinstance(columns.money, int) and columns.direction is None and tally.lines > 1 and _all_one_way(tally):
        notices.append(Notice("direction_not_stated"))
    return notices


def _signed_throughout(tally: Tally) -> bool:
    """Whether all that is marked as out is negative, as some banks write it: then the sign says what the word says."""
    count = len(tally.doubly_out)
    return count > 1 and tally.stated.get(int(Direction.OUT), [0, 0])[0] <= count


def _all_one_way(tally: Tally) -> bool:
    return set(tally.stated) <= {int(Direction.IN)}


def months_between(months: Sequence[str]) -> list[str]:
    """The calendar months that are missing inside a sorted run of ``YYYY-MM``."""
    if len(months) < 2:
        return []
    present = set(months)
    month = date.fromisoformat(f"{months[0]}-01")
    missing = []
    while (text := month.isoformat()[:7]) < months[-1]:
        if text not in present:
            missing.append(text)
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return missing


def _columns(columns: Columns) -> dict[str, str]:
    money = ("amount",) if isinstance(columns.money, int) else ("money_in", "money_out")
    named = {
        "date": columns.date,
        "time": columns.time,
        "direction": columns.direction,
        **dict(zip(money, columns.money_columns, strict=True)),
        "description": columns.descriptions[0] if columns.descriptions else None,
        **{role.value: position for role, position in columns.one.items()},
    }
    return {role: columns.headings[position] for role, position in named.items() if position is not None}
