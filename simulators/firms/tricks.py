"""What a few firms do to look larger than they are. Each changes honest lines or an honest bill.

Lines are columns as in :func:`simulators.firms.population.population`, of one firm.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulators.firms.lines import Kind

Columns = Mapping[str, np.ndarray]
FRIEND, OTHER_FRIEND, SELF = 7_001, 7_002, 7_003  # counterparties that no honest line has
DAY = 86_400


def money_of_ones_own(lines: Columns, share: float = 0.2) -> dict[str, np.ndarray]:
    """Moves the firm's own money in and calls it sales; an honest transfer gives the account away."""
    amount = _part_of_sales(lines, share, 24)
    day = _days(lines, 24)
    return _with(lines, day, 1, amount, Kind.SALE, SELF, (day[::8] + 2, 0, amount[::8], Kind.TRANSFER_SELF, SELF))


def there_and_back(lines: Columns, share: float = 0.2) -> dict[str, np.ndarray]:
    """Sends money to a friend who pays it back as a customer two days later."""
    amount, day = _part_of_sales(lines, share, 20), _days(lines, 20)
    return _with(lines, day + 2, 1, amount, Kind.SALE, FRIEND, (day, -1, amount, Kind.PURCHASE, FRIEND))


def round_trip(lines: Columns, share: float = 0.2) -> dict[str, np.ndarray]:
    """A friend buys, and gets the money back as a supplier three days later."""
    amount, day = _part_of_sales(lines, share, 20), _days(lines, 20)
    return _with(lines, day, 1, amount, Kind.SALE, FRIEND, (day + 3, -1, amount, Kind.PURCHASE, FRIEND))


def ring_of_three(lines: Columns, share: float = 0.2) -> dict[str, np.ndarray]:
    """Pays one friend, and another friend buys for the same."""
    amount, day = _part_of_sales(lines, share, 20), _days(lines, 20)
    return _with(lines, day + 1, 1, amount, Kind.SALE, OTHER_FRIEND, (day, -1, amount, Kind.PURCHASE, FRIEND))


def sudden_sales(lines: Columns, times: float = 6.0) -> dict[str, np.ndarray]:
    """Sells in the last three weeks what it never sold in months."""
    last = lines["at"].max().astype("datetime64[D]").astype(np.int64)
    amount = _part_of_sales(lines, times / 12, 40)
    return _with(lines, last - np.arange(40) % 20, 1, amount, Kind.SALE, FRIEND)


def moved_rows(bill: bytes, old_day: str, new_day: str) -> bytes:
    """Gives the rows of one day another day and leaves their order numbers as they were. Days as ``2025-01-31``."""
    text = bill.decode("utf-8-sig")
    return (
        b"\xef\xbb\xbf"
        + "\n".join(
            line.replace(old_day, new_day, 1) if line.startswith(old_day) else line for line in text.split("\n")
        ).encode()
    )


def pasted_day(bill: bytes, from_day: str, to_day: str) -> bytes:
    """Copies the rows of one day to another day, order numbers dressed up to fit."""
    text = bill.decode("utf-8-sig")
    lines = text.split("\n")
    copied = [
        line.replace(from_day, to_day).replace(from_day.replace("-", ""), to_day.replace("-", ""))
        for line in lines
        if line.startswith(from_day)
    ]
    at = next((n for n, line in enumerate(lines) if line[:4].isdigit() and line[:10] < to_day), len(lines))
    return b"\xef\xbb\xbf" + "\n".join([*lines[:at], *copied, *lines[at:]]).encode()


def invented_numbers(bill: bytes, rows: int) -> bytes:
    """Shortens the order numbers of some rows, as somebody does who types them."""
    text = bill.decode("utf-8-sig")
    lines = text.split("\n")
    for n in [n for n, line in enumerate(lines) if "1000050001" in line][5 : 5 + rows]:
        lines[n] = lines[n].replace("1000050001", "100005", 1)
    return b"\xef\xbb\xbf" + "\n".join(lines).encode()


def _part_of_sales(lines: Columns, share: float, parts: int) -> np.ndarray:
    """Uneven amounts that are together this share of the firm's sales."""
    total = lines["amount_minor"][lines["kind"] == Kind.SALE].sum() * share
    each = total / parts * (0.7 + 0.6 * (np.arange(parts) * 0.618 % 1))
    return np.rint(each).astype(np.int64)


def _days(lines: Columns, parts: int) -> np.ndarray:
    day = lines["at"].astype("datetime64[D]").astype(np.int64)
    return np.linspace(day.min() + 5, day.max() - 5, parts).astype(np.int64)


def _with(
    lines: Columns, day: Any, direction: int, amount: Any, kind: int, who: int, *more: Any
) -> dict[str, np.ndarray]:
    parts = [(day, direction, amount, kind, who), *more]
    made = {name: [column] for name, column in lines.items()}
    for days, way, amounts, sort, party in parts:
        count = len(days)
        made["firm"].append(np.full(count, lines["firm"][0]))
        made["at"].append((days * DAY + 11 * 3600).astype("datetime64[s]"))
        made["direction"].append(np.full(count, way))
        made["amount_minor"].append(amounts)
        made["counterparty"].append(np.full(count, party, np.uint64))
        made["kind"].append(np.full(count, int(sort)))
    return {name: np.concatenate(columns) for name, columns in made.items()}
