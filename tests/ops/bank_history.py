"""A bank's transaction history in the layout ``statements``, shaped like the public ones: a tenth goes bad, balances,
three months to five years of lines, few descriptions, amounts as floats. Made up: only its shape is real."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

BEGIN = np.datetime64("1993-01-01")


def history(firms: int = 200, seed: int = 1, bad_share: float = 0.11) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Labels and lines. Firms that end badly earn less beside what they spend, unsteadily, and asked for more."""
    rng = np.random.default_rng(seed)
    weak = np.clip(rng.normal(size=firms), -2, 2.5)
    bad = np.zeros(firms, int)
    bad[np.argsort(-(weak + rng.normal(0, 0.7, firms)))[: round(firms * bad_share)]] = 1
    months = rng.integers(3, 61, firms)
    as_of = BEGIN + rng.integers(300, 2_100, firms).astype("timedelta64[D]")
    wage = rng.lognormal(9.6, 0.4, firms)
    labels = pd.DataFrame(
        {
            "firm_id": np.arange(firms) + 1787,
            "as_of": as_of.astype("datetime64[ns]"),
            "bad": bad,
            "amount_asked": np.round(wage * rng.uniform(2, 14, firms) * np.exp(0.25 * weak), -1),
            "months_asked": rng.choice([12, 24, 36, 48, 60], firms),
        }
    )
    parts = []
    for firm in range(firms):
        count = int(months[firm]) * 6
        age = np.sort(rng.integers(0, int(months[firm]) * 30, count))[::-1]
        out = rng.random(count) < 0.66
        spend = 0.485 * (1 + 0.06 * weak[firm])
        amount = np.where(out, spend, 0.94) * wage[firm] / 2 * rng.lognormal(0, 0.35 + 0.12 * weak[firm], count)
        amount = np.round(amount, 1)
        balance = np.round(wage[firm] * (2.0 - 0.5 * weak[firm]) + np.cumsum(np.where(out, -amount, amount)), 1)
        parts.append(
            pd.DataFrame(
                {
                    "firm_id": labels["firm_id"][firm],
                    "at": (as_of[firm] - age.astype("timedelta64[D]")).astype("datetime64[ns]"),
                    "direction": np.where(out, "out", "in"),
                    "amount": amount,
                    "balance": balance,
                    "currency": "CZK",
                    "counterparty": None,
                    "description": rng.choice(["SIPO", "UROK", "POJISTNE", ""], count, p=[0.1, 0.1, 0.02, 0.78]),
                }
            )
        )
    return labels, pd.concat(parts, ignore_index=True)


def written(folder: Path, labels: pd.DataFrame, lines: pd.DataFrame) -> Path:
    """The folder with both files."""
    folder.mkdir(exist_ok=True)
    labels.to_csv(folder / "labels.csv", index=False)
    lines.to_parquet(folder / "lines.parquet")
    return folder


def after(lines: pd.DataFrame, days: int = 2_500) -> pd.DataFrame:
    """The same lines long after every as-of date, turned round."""
    return lines.assign(at=lines["at"] + timedelta(days=days), direction="in", amount=9e6, balance=-9e6)


def on(day: pd.Series) -> list[date]:
    """Plain dates."""
    return list(day.dt.date)
