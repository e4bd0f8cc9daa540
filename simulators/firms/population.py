"""A population of firms for training: their lines, and whether they defaulted in the twelve months after.

The same seed gives the same population; the first firms of a larger population are those of a smaller one (in steps of
:data:`CHUNK`). The chance of default is :func:`default_chance`; about eight in a hundred firms default.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from simulators.firms import invoices
from simulators.firms.character import Firms, draw
from simulators.firms.course import Standing, step
from simulators.firms.lines import Lines, Stretch, write
from simulators.firms.trades import EPOCH, KEYS, MONTH, TRADES, ordinal

INVOICES = 1  # what a seed is used for beside the lines
CHUNK = 250  # firms at a time: their lines stay in the processor's cache
AS_OF_FIRST = date(2023, 7, 1)
AS_OF_LAST = date(2025, 6, 30)
YOUNG = 0.22  # share of firms with less history than asked
BASE = -3.50  # log-odds of default of an ordinary firm in an ordinary month
USUAL_STOCK = np.array([trade.stock for trade in TRADES])


@dataclass(slots=True)
class End:
    """How firms stand on the last day: the month's swing, a bad spell, and what they owe elsewhere in monthly sales."""

    swing: np.ndarray
    spell: np.ndarray
    debt: np.ndarray


def default_chance(firms: Firms, end: End) -> np.ndarray:
    """The chance of default within twelve months: health most, then growth, the last month, debts, a bad spell."""
    logit = (
        BASE
        - 0.90 * firms.z
        - 24.0 * firms.trend
        - 1.6 * end.swing
        + 0.9 * (end.spell > 0)
        + 1.1 * np.minimum(end.debt, 2.0)
        + 5.0 * (firms.stock - USUAL_STOCK[firms.trade])
    )
    return 1 / (1 + np.exp(-logit))


def population(n_firms: int, months: int, seed: int) -> dict[str, Mapping[str, np.ndarray]]:
    """``{"lines": …, "invoices": …, "firms": …}``.

    ``lines`` (in order of firm and time): firm int32, at datetime64[s] (Beijing time), direction int8 (+1 in, −1 out,
    0 own money moved), amount_minor int64 (fen, ≥ 0), counterparty uint64 (0 none), kind int8
    (:data:`simulators.firms.lines.Kind`).
    ``firms``: firm int32, trade int8 (index into ``trade_names``), as_of datetime64[D] (the last day of the lines),
    first_day datetime64[D], default bool (within twelve months after), health float64 (hidden: never a feature).
    ``invoices``: the columns of :func:`simulators.firms.invoices.write`, days counted since 1970-01-01.
    ``trade_names`` is among the firms' arrays, one name a trade.
    """
    chunks = [_chunk(np.random.default_rng([seed, n]), months) for n in range(-(-n_firms // CHUNK))]
    billed = _invoices(chunks, n_firms, seed)
    lines = {
        "firm": np.concatenate([part.firm + np.int32(CHUNK * n) for n, (_, part, *_) in enumerate(chunks)]),
        "at": np.datetime64(EPOCH, "s")
        + np.concatenate([part.second for _, part, *_ in chunks]).astype("timedelta64[s]"),
        "direction": np.concatenate([part.direction for _, part, *_ in chunks]),
        "amount_minor": np.concatenate([part.amount for _, part, *_ in chunks]),
        "counterparty": np.concatenate([part.counterparty for _, part, *_ in chunks]),
        "kind": np.concatenate([part.kind for _, part, *_ in chunks]),
    }
    wanted = np.searchsorted(lines["firm"], n_firms)
    firms = {
        "firm": np.arange(n_firms, dtype=np.int32),
        "trade": np.concatenate([firms.trade for firms, *_ in chunks])[:n_firms].astype(np.int8),
        "as_of": np.datetime64(EPOCH) + np.concatenate([as_of for *_, as_of, _, _ in chunks])[:n_firms],
        "first_day": np.datetime64(EPOCH) + np.concatenate([first for *_, first, _ in chunks])[:n_firms],
        "default": np.concatenate([failed for *_, failed in chunks])[:n_firms],
        "health": np.concatenate([firms.z for firms, *_ in chunks])[:n_firms],
        "trade_names": np.array(KEYS),
    }
    return {"lines": {name: column[:wanted] for name, column in lines.items()}, "invoices": billed, "firms": firms}


def _invoices(
    chunks: list[tuple[Firms, Lines, np.ndarray, np.ndarray, np.ndarray]], n_firms: int, seed: int
) -> dict[str, np.ndarray]:
    epoch = int(np.datetime64(EPOCH).astype(np.int64))
    parts: list[dict[str, np.ndarray]] = []
    for n, (firms, _, as_of, first, _) in enumerate(chunks):
        rng = np.random.default_rng([seed, n, INVOICES])
        part = invoices.write(rng, firms, as_of.astype(np.int64) + epoch, as_of - first + 1)
        parts.append({**part, "firm": part["firm"] + np.int32(CHUNK * n)})
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(whole["firm"], kind="stable")
    order = order[: np.searchsorted(whole["firm"][order], n_firms)]
    return {name: column[order] for name, column in whole.items()}


def _chunk(rng: np.random.Generator, months: int) -> tuple[Firms, Lines, np.ndarray, np.ndarray, np.ndarray]:
    """Firms, their lines, as_of and first day (ordinals), and who defaulted."""
    firms = draw(rng, CHUNK)
    as_of = rng.integers(ordinal(AS_OF_FIRST), ordinal(AS_OF_LAST) + 1, CHUNK)
    young = rng.random(CHUNK) < YOUNG
    kept = np.where(young, 90 + rng.random(CHUNK) * max(1.0, months * 30.44 - 90), months * 30.44).astype(np.int64)
    width = int(np.ceil(months * 30.44))
    day = as_of[:, None] - width + 1 + np.arange(width)[None, :]
    live = day > (as_of - kept)[:, None]
    stretch, end = _live_through(rng, firms, day, live)
    failed = rng.random(CHUNK) < default_chance(firms, end)
    return firms, write(rng, firms, stretch), as_of, as_of - kept + 1, failed


def _live_through(rng: np.random.Generator, firms: Firms, day: np.ndarray, live: np.ndarray) -> tuple[Stretch, End]:
    """The months that the days lie in, lived one after the other; each firm's months are its own calendar's."""
    month = MONTH[day] - MONTH[day[:, 0]][:, None]
    standing = Standing.fresh(len(firms))
    lived = [step(firms, standing, n, rng) for n in range(int(month.max()) + 1)]
    at = (month, np.arange(len(firms))[:, None])

    def column(name: str) -> np.ndarray:
        return np.stack([getattr(one, name) for one in lived])[at]

    factor = column("factor")
    stretch = Stretch(day, factor, live, column("lent"), column("repaid"), column("late"))
    last = lived[-1].factor / (1 + firms.trend) ** (len(lived) - 1)
    end = End(np.log(np.maximum(last, 0.05)), standing.spell, standing.due.sum(axis=1) / firms.level)
    return stretch, end
