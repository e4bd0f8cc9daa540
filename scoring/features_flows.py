"""What lines say whatever their kind: balances, money that only turns round, and how well the lines can be read."""

import numpy as np

from scoring.lines import NO_BALANCE, TRANSFER_SELF, Floats, Ints, Lines
from scoring.series import BLOCK, DAYS, MONTH_DAYS, mean, positive, quantile, sums

ROUND_MINOR = 100_00  # an amount of whole hundreds was rather agreed than added up
MOST_MONTHS = 24.0


def flows(lines: Lines, age: Ints, history: Floats, back_and_forth: Floats, firms: int) -> dict[str, Floats]:
    """Features by name. ``age`` is the days from each line to its firm's newest; all lines are of the last 364 days."""
    firm, amount = lines.firm, lines.amount_minor.astype(np.float64)
    own = lines.kind == TRANSFER_SELF
    came, went = (lines.direction == 1) & ~own, (lines.direction == -1) & ~own
    money_in, money_out = sums(firm[came], amount[came], firms), sums(firm[went], amount[went], firms)
    moved = sums(firm[own], amount[own], firms)
    count = np.bincount(firm, minlength=firms)
    unnamed = np.bincount(firm[lines.counterparty == 0], minlength=firms)
    even = np.bincount(firm[(lines.amount_minor % ROUND_MINOR == 0) & (lines.amount_minor > 0)], minlength=firms)
    with np.errstate(divide="ignore", invalid="ignore"):
        months = np.minimum(history, DAYS) / MONTH_DAYS
        found = {
            "flow_level": np.log10(positive(money_in / months / 100)),
            "net_flow": np.clip((money_in - money_out) / positive(money_in), -1.0, 1.0),
            "round_trips": back_and_forth,
            "self_transfers": np.minimum(moved / positive(money_in), 5.0),
            "round_amounts": even / count,
            "unnamed_lines": unnamed / count,
        }
        return found | _balances(lines, age, money_out / months, history, firms)


def _balances(lines: Lines, age: Ints, monthly_out: Floats, history: Floats, firms: int) -> dict[str, Floats]:
    """How much was left at the end of each day, in months of what goes out."""
    names = ("balance_usual", "balance_low", "balance_least", "balance_change", "balance_level", "days_overdrawn")
    told = None if lines.balance_minor is None else lines.balance_minor != NO_BALANCE
    if lines.balance_minor is None or told is None or not told.any():
        return {name: np.full(firms, np.nan) for name in names}
    # Oldest day first; the last line of a day wins, and a day without lines keeps the balance of the day before.
    daily = np.full((firms, DAYS), np.nan)
    daily[lines.firm[told], DAYS - 1 - age[told]] = lines.balance_minor[told]
    position = np.maximum.accumulate(np.where(np.isfinite(daily), np.arange(DAYS)[None, :], 0), axis=1)
    daily = np.take_along_axis(daily, position, axis=1)
    daily[:, : DAYS - 1][np.arange(DAYS - 1)[None, :] < (DAYS - history)[:, None]] = np.nan
    spent, seen = positive(monthly_out), np.isfinite(daily)
    usual, recent = mean(daily), mean(daily[:, -BLOCK:])

    def months(balance: Floats) -> Floats:
        return np.clip(balance / spent, -MOST_MONTHS, MOST_MONTHS)

    lowest = np.where(seen.any(axis=1), np.min(np.where(seen, daily, np.inf), axis=1), np.nan)
    return {
        "balance_usual": months(quantile(daily, 0.5)),
        "balance_low": months(quantile(daily, 0.1)),
        "balance_least": months(lowest),
        "balance_change": np.log(np.clip(positive(recent) / positive(usual), 0.05, 20.0)),
        "balance_level": np.log10(np.maximum(usual / 100, 1.0)),
        "days_overdrawn": np.where(seen.any(axis=1), (daily < 0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1), np.nan),
    }
