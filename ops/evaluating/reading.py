"""Files as tables, and what every layout shares: a clear line for what cannot be used, a count of what is left out."""

import gzip
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas

from scoring.candidates import Sample

# pandas tells its types too seldom to be checked; what these hold is said in words.
pd: Any = pandas
Table = Any
Column = Any

IDS = ("firm_id", "company_id", "counterparty_id", "counterparty")
YES = ("1", "y", "yes", "true", "t", "bad", "default", "是", "坏")
NO = ("0", "n", "no", "false", "f", "good", "paid", "否", "好")
READABLE = (".csv", ".csv.gz", ".parquet")
LARGEST_MINOR = 10**15  # more than any small firm moves: such a cell is no amount
# What a column of a credit register or bureau is called.
BUREAU = re.compile(
    r"bureau|credit_?(score|history|bureau)|fico|delinq|enquir|inquir|inq_|overdue_(months|loans)|past_due|dpd|open_acc"
    r"|pub_rec|bankrupt|征信|信用(报告|分)|逾期(次数|月数)|查询次数|连三累六",
    re.IGNORECASE,
)


class Unusable(ValueError):
    """The data cannot be evaluated; the message says what, where, and what to do."""


@dataclass
class Data:
    """Rows to evaluate. ``left_out`` counts what could not be used, by reason; ``dropped`` names columns and why."""

    sample: Sample
    left_out: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)
    bureau: tuple[str, ...] = ()
    known_by: np.ndarray | None = None
    by_time: bool = False
    as_of: str = ""


def table(folder: Path, name: str) -> Table:
    """A file of the folder by its name without ending. Raises Unusable."""
    for ending in READABLE:
        path = folder / f"{name}{ending}"
        if path.exists():
            return frame(path)
    raise Unusable(f"{folder}: there is no {name}.csv or {name}.parquet; see --help for the layout of each kind")


def frame(path: Path) -> Table:
    """Any readable file. Raises Unusable."""
    try:
        known = dict.fromkeys(IDS, "str")  # 007 is no number
        found = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, low_memory=False, dtype=known)
    except (OSError, ValueError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise Unusable(f"{path}: cannot be read as a table ({str(error).splitlines()[0][:120]})") from None
    if found.empty:
        raise Unusable(f"{path}: there are no rows")
    return found


def only_file(place: Path) -> Path:
    """The one data file of a folder, or the file itself. Raises Unusable."""
    if place.is_file():
        return place
    if not place.is_dir():
        raise Unusable(f"{place}: there is no such folder or file")
    found = sorted(path for path in place.iterdir() if path.name.lower().endswith((*READABLE, ".xlsx", ".xls")))
    if len(found) != 1:
        raise Unusable(f"{place}: one table is expected and {len(found)} are there; name the file with --data")
    return found[0]


def plain_bytes(path: Path) -> bytes:
    """The bytes of a file, unpacked where it is gzip."""
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def need(found: Table, where: str, *columns: str) -> None:
    """Raises Unusable where a column is missing."""
    missing = [column for column in columns if column not in found.columns]
    if missing:
        raise Unusable(
            f"{where}: column {missing[0]!r} is missing; there are {', '.join(map(str, found.columns))[:200]}"
        )


def outcomes(column: Column, where: str) -> np.ndarray:
    """0 and 1 as good and bad. Raises Unusable for anything else, and where one of them is missing."""
    words = column.astype("string").str.strip().str.lower().str.removesuffix(".0")
    known = words.isin([*YES, *NO]).fillna(False)
    if not known.all():
        odd = column[~known]
        raise Unusable(
            f"{where}: row {int(odd.index[0]) + 2} of {column.name!r} holds {odd.iloc[0]!r}; 0 (good) or 1 (bad)"
        )
    bad = words.isin(YES).to_numpy(dtype=bool)
    two_classes(bad, where)
    return bad


def two_classes(bad: np.ndarray, where: str) -> None:
    """Raises Unusable where every row has the same outcome."""
    if bad.all() or not bad.any():
        raise Unusable(f"{where}: all {len(bad)} rows have the same outcome; both are needed to learn anything")


def firm_numbers(column: Column, where: str) -> dict[str, int]:
    """Firms by their id, in order. Raises Unusable for an id that stands twice."""
    ids = names(column)
    if (ids == "").any():
        raise Unusable(f"{where}: row {int(ids.index[ids == ''][0]) + 2} has no {column.name!r}")
    twice = ids[ids.duplicated()]
    if len(twice):
        raise Unusable(
            f"{where}: firm {twice.iloc[0]!r} stands twice (row {int(twice.index[0]) + 2}); keep one row each"
        )
    return {firm: number for number, firm in enumerate(ids)}


def names(column: Column) -> Column:
    """Ids as text, the same whether a file holds 7, 7.0 or "7 "; empty where there is none."""
    return column.astype("string").str.strip().str.replace(r"^(-?\d+)\.0$", r"\1", regex=True).fillna("")


def minor(column: Column) -> tuple[np.ndarray, np.ndarray]:
    """Amounts in minor units, and which of them are amounts at all."""
    if column.dtype.kind not in "iufb":
        column = column.astype("string").str.replace(r"[,，\s¥￥$€]", "", regex=True)
    values = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan) * 100
    usable = np.isfinite(values) & (np.abs(values) <= LARGEST_MINOR)
    return np.rint(np.where(usable, values, 0)).astype(np.int64), usable


def days(column: Column) -> tuple[np.ndarray, np.ndarray]:
    """Days since 1970, and which cells are dates at all. Days as whole numbers: 20250106, 250106, or an epoch."""
    at = moments(column)
    there = at.notna().to_numpy()
    numbers = at.to_numpy().astype("datetime64[D]").astype(np.int64)
    return np.where(there, numbers, 0), there


def moments(column: Column) -> Column:
    """Dates and times in the source's own time; NaT for what is none."""
    if column.dtype.kind == "M":
        return column.dt.tz_localize(None)
    place, different = pd.factorize(column.astype("string").str.strip().str.removesuffix(".0"))
    text = pd.Series(different, dtype="string")
    out = pd.Series(pd.NaT, index=text.index, dtype="datetime64[ns]")
    digits = text.str.fullmatch(r"\d{6,14}").to_numpy(dtype=bool)
    if digits.any():
        out[digits] = _written_in_digits(text[digits])
    if not digits.all():
        # An offset says where the clock stood; the day is that of the clock on the wall.
        rest = text[~digits].str.replace(r"(:\d{2}(?:\.\d+)?)\s*(?:Z|UTC|[+-]\d{2}:?\d{2})$", r"\1", regex=True)
        out[~digits] = pd.to_datetime(rest, errors="coerce", format="mixed")
    whole = np.append(out.to_numpy(), np.datetime64("NaT"))  # a missing cell is at -1
    return pd.Series(whole[place], index=column.index)


def _written_in_digits(text: Column) -> Column:
    out = pd.Series(pd.NaT, index=text.index, dtype="datetime64[ns]")
    for length, form in ((6, "%y%m%d"), (8, "%Y%m%d"), (14, "%Y%m%d%H%M%S")):
        these = (text.str.len() == length).to_numpy(dtype=bool)
        out[these] = pd.to_datetime(text[these], errors="coerce", format=form)
    for length, unit in ((10, "s"), (13, "ms")):
        these = (text.str.len() == length).to_numpy(dtype=bool)
        out[these] = pd.to_datetime(pd.to_numeric(text[these]), unit=unit, errors="coerce")
    return out


def keys(column: Column) -> np.ndarray:
    """Names as numbers, 0 where there is none."""
    text = column.astype("string").fillna("").str.strip()
    hashed: Any = pd.util.hash_array(text.to_numpy(dtype=object), categorize=True)
    return np.where(text.eq("").to_numpy(), 0, np.maximum(hashed, 1)).astype(np.uint64)


def bureau_columns(found: Table, known: tuple[str, ...]) -> Table:
    """Columns beside the known ones that read like a credit register's, as numbers."""
    names = [name for name in found.columns if name not in known and BUREAU.search(str(name))]
    return pd.DataFrame({str(name): pd.to_numeric(found[name], errors="coerce") for name in names})
