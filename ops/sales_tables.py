"""Tables of sales, one row a day or a sale: which column is the firm, which the day, which the amount."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ops.money_cli import BadInput
from scoring.sales import Sales

if TYPE_CHECKING:
    import pandas as pd

FIRM = (
    "firm_id",
    "firm",
    "store_id",
    "shop_id",
    "merchant_id",
    "air_store_id",
    "store",
    "shop",
    "merchant",
    "企业代号",
)
DAY = (
    "visit_date",
    "invoicedate",
    "order_date",
    "date",
    "day",
    "at",
    "time",
    "timestamp",
    "开票日期",
    "日期",
    "交易时间",
)
AMOUNT = ("net_revenue", "revenue", "amount_minor", "amount", "sales", "visitors", "value", "total", "金额", "价税合计")
TIMES = (("quantity", "unitprice"), ("quantity", "price"), ("quantity", "unit_price"))
READABLE = (".parquet", ".csv", ".csv.gz")


def panel(where: Path, *, firm: str | None, day: str | None, amount: str | None) -> tuple[list[Sales], dict[str, str]]:
    """Each firm's days, in order of its name, and which columns were read. Raises BadInput in one clear line."""
    frame = _table(where)
    columns = {str(name).strip().lower(): str(name) for name in frame.columns}
    when = _column(frame, columns, day, DAY, "the day", "--day")
    how_much, amounts = _amounts(frame, columns, amount)
    who = firm if firm is not None else next((columns[name] for name in FIRM if name in columns), None)
    if who is not None and who not in frame.columns:
        raise BadInput(f"{where.name}: no column {who!r}; it has {', '.join(map(str, frame.columns))}")
    days = _days(frame, when, where)
    good = np.isfinite(amounts) & (days != np.iinfo(np.int64).min)
    if not good.any():
        raise BadInput(f"{where.name}: no row with a day in {when!r} and an amount in {how_much!r}")
    codes = np.zeros(len(frame), np.int64)
    if who is not None:
        import pandas as pd

        codes = np.asarray(pd.factorize(frame[who].astype(str), sort=True)[0], np.int64)
    said = {"firm": who or "one firm", "day": when, "amount": how_much, "rows": str(int(good.sum()))}
    return list(_series(codes[good], days[good], amounts[good])), said


def _series(codes: np.ndarray, days: np.ndarray, amounts: np.ndarray) -> Iterator[Sales]:
    order = np.argsort(codes, kind="stable")
    codes, days, amounts = codes[order], days[order], amounts[order]
    for rows in np.split(np.arange(len(codes)), np.flatnonzero(np.diff(codes)) + 1):
        yield Sales.of_days(days[rows], amounts[rows])


def _table(where: Path) -> "pd.DataFrame":
    import pandas as pd

    if where.is_dir():
        files = sorted(path for path in where.iterdir() if path.name.endswith(READABLE))
        if len(files) != 1:
            names = ", ".join(path.name for path in files) or "none"
            raise BadInput(f"{where}: one table is expected ({' or '.join(READABLE)}), found {names}; name the file")
        where = files[0]
    if not where.is_file():
        raise BadInput(f"{where}: no such file")
    try:
        return pd.read_parquet(where) if where.suffix == ".parquet" else pd.read_csv(where)
    except (ValueError, OSError, pd.errors.ParserError) as error:
        raise BadInput(f"{where.name}: not a table: {' '.join(str(error).split())[:100]}") from error


def _column(
    frame: "pd.DataFrame", columns: dict[str, str], given: str | None, known: tuple[str, ...], what: str, option: str
) -> str:
    if given is not None and given not in frame.columns:
        raise BadInput(f"no column {given!r} for {what}; the table has {', '.join(map(str, frame.columns))}")
    found = given or next((columns[name] for name in known if name in columns), None)
    if found is None:
        raise BadInput(f"which column is {what}? Name it with {option}: {', '.join(map(str, frame.columns))}")
    return found


def _amounts(frame: "pd.DataFrame", columns: dict[str, str], given: str | None) -> tuple[str, np.ndarray]:
    if given is None and not any(name in columns for name in AMOUNT):
        for one, other in TIMES:
            if one in columns and other in columns:
                product = _numbers(frame, columns[one]) * _numbers(frame, columns[other])
                return f"{columns[one]} x {columns[other]}", product
    name = _column(frame, columns, given, AMOUNT, "the amount", "--amount")
    return name, _numbers(frame, name)


def _numbers(frame: "pd.DataFrame", column: str) -> np.ndarray:
    """NaN where a cell is no number."""
    import pandas as pd

    return np.asarray(pd.to_numeric(frame[column], errors="coerce"), np.float64)


def _days(frame: "pd.DataFrame", column: str, where: Path) -> np.ndarray:
    """Days since 1970-01-01; the smallest number where a cell is no day."""
    import pandas as pd

    told = pd.to_datetime(frame[column], errors="coerce")
    if told.isna().all():
        raise BadInput(f"{where.name}: {column!r} holds no day that can be read")
    return told.to_numpy("datetime64[D]").astype(np.int64)


def three_quarters(panel: list[Sales]) -> date:
    """The first day of the last quarter of the time that the table spans, as the first of the nearest month."""
    first = min(sales.first for sales in panel)
    last = max(sales.first + len(sales) for sales in panel)
    day = np.datetime64(int(first + 0.75 * (last - first)) + 15, "D").astype("datetime64[M]").astype("datetime64[D]")
    return day.astype(date)
