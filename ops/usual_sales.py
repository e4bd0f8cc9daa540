"""What simulated firms teach about sales: ``scoring/usual.json``. Run it anew when the method or the firms change:
``python -m ops.usual_sales``. Nobody reads a real firm's days out of it."""

import json
from collections.abc import Iterable
from datetime import date

import numpy as np

from policies.book import load
from scoring.lines import day_number
from scoring.sales import Sales, TradeCalendar
from scoring.usual import SHIPPED, learn, to_json
from simulators.firms.life import Life, Plan
from simulators.firms.trades import KEYS

FIRMS = 300
SEED = 1_000
FIRST, LAST = date(2021, 1, 4), date(2025, 12, 31)
HISTORIES = (75, 140, 270, 500)
LABEL = "learned from simulated firms"


def main() -> None:
    """Writes the file; takes minutes."""
    firms = list(simulated(range(SEED, SEED + FIRMS)))
    usual = learn(
        [sales for sales, _ in firms],
        trade_calendar("CN"),
        trades=[key for _, key in firms],
        histories=HISTORIES,
        every=90,
        label=LABEL,
    )
    SHIPPED.write_text(json.dumps(to_json(usual), indent=1) + "\n", encoding="utf-8")


def simulated(seeds: Iterable[int], first: date = FIRST, last: date = LAST) -> Iterable[tuple[Sales, str]]:
    """A firm a seed, of each trade in turn, of any size and health: its sales and its trade."""
    for seed in seeds:
        rng = np.random.default_rng(seed)
        key = KEYS[seed % len(KEYS)]
        size = float(8_000 + 30_000 * np.exp(0.8 * rng.standard_normal()))
        life = Life(Plan(seed=seed, trade=key, monthly_sales=size, health=float(rng.random()), opened_on=first))
        yield Sales(day_number(first), net_days(life, first, last)), key


def net_days(life: Life, first: date, last: date) -> np.ndarray:
    """Net sales of each day in fen, none below zero."""
    return np.array([max(day.net, 0) for day in life.days(first, last)], np.float64)


def trade_calendar(jurisdiction: str | None) -> TradeCalendar:
    """Holidays and festivals from the policies; the empty calendar where none is named."""
    if jurisdiction is None:
        return TradeCalendar()
    book = load()
    return TradeCalendar.of(book.calendars.get(jurisdiction), book.festivals.get(jurisdiction, ()))


if __name__ == "__main__":
    main()
