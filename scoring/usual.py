"""What is usual of many firms, learned from their days: each trade's week, year and festivals, and how far forecasts
were from what was sold. ``usual.json`` beside this file was learned from simulated firms (``ops.usual_sales``)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from scoring.forecasts import AHEAD, HISTORIES, LEVELS, Usual, day_spread, history_class, month_spread
from scoring.lines import Floats
from scoring.patterns import WEEK, YEAR, Pattern, Trade, pattern_of
from scoring.sales import Sales, TradeCalendar

SHIPPED = Path(__file__).with_name("usual.json")
MONTH = 30  # days of a month that is compared with its forecast
ENOUGH = 200  # errors that make quantiles
LEAST_HISTORY = 28
NOTHING_SOLD = -3.0  # the logarithm at which a month without sales counts, beside what was expected
TOGETHER = 20  # firms that make a trade

Errors = Mapping[tuple[str, int, int], list[Floats]]


@lru_cache(maxsize=1)
def shipped() -> Usual:
    """What the simulated firms taught; its label says so."""
    return from_json(json.loads(SHIPPED.read_text(encoding="utf-8")))


def unlearned() -> Usual:
    """Errors of a normal distribution, and a trade that is the same every day."""
    table = np.broadcast_to([-1.2816, 0.0, 1.2816], (len(HISTORIES) + 1, len(AHEAD), len(LEVELS))).copy()
    return Usual({"": Trade()}, table, table, table, "no firms")


def learn(
    panel: Sequence[Sales],
    calendar: TradeCalendar,
    *,
    trades: Sequence[str] | None = None,
    histories: Sequence[int] = (),
    every: int = 30,
    before: Usual | None = None,
    label: str,
) -> Usual:
    """Learns from whole series: first the trades, then the errors of forecasts from earlier days of the same series.

    ``histories``: lengths in days at which a series is also read as if the firm had begun no earlier. ``every``: days
    between the days from which a forecast is compared with what came. ``before`` is kept where too little was seen.
    """
    before = before or unlearned()
    keys = list(trades) if trades is not None else [""] * len(panel)
    learned = _trades(panel, keys, calendar, before)
    found: dict[tuple[str, int, int], list[Floats]] = defaultdict(list)
    draft = Usual(learned, before.days, before.months, before.courses, label)
    for sales, key in zip(panel, keys, strict=True):
        for origin in _origins(sales, every):
            for history in (len(sales), *histories):
                known = sales.until(origin)
                cut = max(0, len(known) - history)
                if history < len(sales) and not cut:
                    continue
                seen = Sales(known.first + cut, known.amount[cut:])
                if np.count_nonzero(np.nan_to_num(seen.amount) > 0) >= LEAST_HISTORY // 2:
                    _compare(found, seen, sales, draft, calendar, key)
    return Usual(
        learned,
        _quantiles(found, "days", before.days),
        _quantiles(found, "months", before.months),
        _quantiles(found, "courses", before.courses),
        label,
    )


def _origins(sales: Sales, every: int) -> Iterable[int]:
    """Days from which forecasts are compared, the last one so that a month of it is known."""
    last = sales.first + len(sales) - MONTH
    return range(last, sales.first + LEAST_HISTORY, -every)


def _compare(
    found: dict[tuple[str, int, int], list[Floats]],
    seen: Sales,
    sales: Sales,
    usual: Usual,
    calendar: TradeCalendar,
    key: str,
) -> None:
    pattern = pattern_of(seen, usual.trade(key), calendar)
    if pattern is None:
        return
    start = seen.first + len(seen)
    came = sales.amount[start - sales.first :][: AHEAD[-1]]
    row = history_class(pattern.history)
    ahead = np.arange(1, len(came) + 1)
    opened = np.nan_to_num(came) > 0
    expected = pattern.usual(calendar.kinds(start, len(came)))
    error = (np.log(np.where(opened, came, 1.0)) - expected) / day_spread(pattern, ahead)
    place = np.searchsorted(AHEAD, ahead)
    for at in np.unique(place[opened]):
        # A month of days that failed together would count thirty times: a few of them tell the same.
        found["days", row, int(at)].append(error[opened & (place == at)][::3])
    months = len(came) // MONTH
    if months:
        _compare_months(found, np.nan_to_num(came[: months * MONTH]), pattern, usual, calendar, start)


def _compare_months(
    found: dict[tuple[str, int, int], list[Floats]],
    came: Floats,
    pattern: Pattern,
    usual: Usual,
    calendar: TradeCalendar,
    start: int,
) -> None:
    row = history_class(pattern.history)
    means = pattern.mean_of(calendar.kinds(start, len(came))).reshape(-1, MONTH).sum(axis=1)
    sums = came.reshape(-1, MONTH).sum(axis=1)
    place = np.searchsorted(AHEAD, np.arange(1, len(means) + 1) * MONTH)
    for kind, got, expected in (("months", sums, means), ("courses", np.cumsum(sums), np.cumsum(means))):
        ratio = got / np.maximum(expected, 1e-9)
        error = np.maximum(np.log(np.maximum(ratio, 1e-9)), NOTHING_SOLD) / month_spread(pattern)
        for at in np.unique(place):
            found[kind, row, int(at)].append(error[place == at])


def _quantiles(found: Errors, kind: str, before: Floats) -> Floats:
    """Of the class's own errors; of all histories' where it has few; else as wide as a step less far ahead."""
    table = before.copy()
    for ahead in range(len(AHEAD)):
        everybody: list[Floats] = []
        for history in range(len(HISTORIES) + 1):
            everybody += found.get((kind, history, ahead), [])
        for history in range(len(HISTORIES) + 1):
            for errors in (found.get((kind, history, ahead), []), everybody):
                if sum(map(len, errors)) >= ENOUGH:
                    table[history, ahead] = np.quantile(np.concatenate(errors), LEVELS)
                    break
            else:
                wider = table[history, ahead - 1] if ahead else before[history, 0]
                table[history, ahead] = [
                    min(before[history, ahead, 0], wider[0]),
                    wider[1],
                    max(before[history, ahead, 2], wider[2]),
                ]
    # Farther ahead nothing is known better, whatever the few seasons that were compared say.
    table[:, :, 0] = np.minimum.accumulate(table[:, :, 0], axis=1)
    table[:, :, 2] = np.maximum.accumulate(table[:, :, 2], axis=1)
    return table


# --- trades -----------------------------------------------------------------------------------------------------------


def _trades(panel: Sequence[Sales], keys: Sequence[str], calendar: TradeCalendar, before: Usual) -> dict[str, Trade]:
    members: dict[str, list[Sales]] = defaultdict(list)
    for sales, key in zip(panel, keys, strict=True):
        members[""].append(sales)
        if key:
            members[key].append(sales)
    learned = dict(before.trades)
    for key, firms in sorted(members.items()):
        if len(firms) >= TOGETHER:
            learned[key] = _trade(firms, calendar, before.trade(key))
    years = np.array([trade.year for key, trade in learned.items() if key])
    if len(years) > 1:  # who is of no known trade may have the year of any of them
        apart = years - np.array(learned[""].year)
        learned[""] = replace(learned[""], unseen=round(float(np.sqrt(np.mean(apart**2))), 4))
    return learned


def _trade(firms: Sequence[Sales], calendar: TradeCalendar, before: Trade) -> Trade:
    """The year first, then what the firms' own weeks and festivals are once it is known."""
    year = _year(firms)
    draft = before if year is None else replace(before, year=tuple(np.round(year, 4).tolist()), unseen=0.0)
    patterns = [found for sales in firms if (found := pattern_of(sales, draft, calendar)) is not None]
    week = np.median([pattern.week for pattern in patterns], axis=0)
    festivals: dict[str, tuple[float, float]] = {}
    for number, name in enumerate(calendar.names):
        effect = float(np.median([pattern.festivals[number] for pattern in patterns]))
        opened = float(np.median([pattern.festival_open[number] for pattern in patterns]))
        festivals[name] = (round(effect, 4), round(float(np.log(max(opened, 0.01))), 4))
    return replace(
        draft,
        week=tuple(np.round(week - week.mean(), 4).tolist()),
        festivals=festivals,
        noise=round(float(np.median([pattern.noise for pattern in patterns])), 4),
        drift=round(float(np.median([pattern.drift for pattern in patterns])), 4),
    )


def _year(firms: Sequence[Sales]) -> Floats | None:
    """Each month of the year against the year around it, in the median of the firms; None where months lack.

    A step from one month to the next says the same of every firm that lived through it, old or young, grown or not.
    """
    steps: list[list[float]] = [[] for _ in range(YEAR)]
    for sales in firms:
        stamp = sales.days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        month = stamp - stamp[0] if len(stamp) else stamp
        if not len(month):
            continue
        count = np.bincount(month)
        known = np.bincount(month, ~np.isnan(sales.amount))
        total = np.bincount(month, np.nan_to_num(sales.amount))
        whole = (count >= 28) & (total > 0) & (known >= 10)
        level = np.log(np.maximum(total, 1e-9) / np.maximum(known, 1))
        for one in np.flatnonzero(whole[1:] & whole[:-1]):
            steps[int(stamp[0] + one + 1) % YEAR].append(float(level[one + 1] - level[one]))
    if min(map(len, steps)) < TOGETHER:
        return None
    step = np.array([np.median(one) for one in steps])
    step -= step.mean()  # growth is no season
    year = np.cumsum(step)
    return year - year.mean()


# --- as a file --------------------------------------------------------------------------------------------------------


def to_json(usual: Usual) -> dict[str, Any]:
    """As kept in ``usual.json``."""
    return {
        "label": usual.label,
        "levels": list(LEVELS),
        "histories": list(HISTORIES),
        "ahead": list(AHEAD),
        **{name: np.round(getattr(usual, name), 4).tolist() for name in ("days", "months", "courses")},
        "trades": {
            key: {
                "week": list(trade.week),
                "year": list(trade.year),
                "festivals": {name: list(pair) for name, pair in trade.festivals.items()},
                "noise": trade.noise,
                "drift": trade.drift,
                "unseen": trade.unseen,
            }
            for key, trade in usual.trades.items()
        },
    }


def from_json(kept: Mapping[str, Any]) -> Usual:
    """Raises ValueError for a file of another method."""
    axes = (tuple(kept["levels"]), tuple(kept["histories"]), tuple(kept["ahead"]))
    if axes != (LEVELS, HISTORIES, AHEAD):
        raise ValueError("usual.json was learned for other horizons: learn it again")
    trades = {
        key: Trade(
            week=tuple(one["week"]),
            year=tuple(one["year"]),
            festivals={name: (pair[0], pair[1]) for name, pair in one["festivals"].items()},
            noise=one["noise"],
            drift=one["drift"],
            unseen=one["unseen"],
        )
        for key, one in kept["trades"].items()
        if len(one["week"]) == WEEK and len(one["year"]) == YEAR
    }
    tables = [np.array(kept[name], np.float64) for name in ("days", "months", "courses")]
    return Usual(trades, *tables, label=kept["label"])
