"""The layouts ``invoices`` and ``statements``: labels of firms, and the rows that they are judged by."""

from datetime import date
from pathlib import Path

import numpy as np

from imports.kinds import is_own_move, kind_of, words_in, words_in_name
from ops.evaluating.reading import (
    Column,
    Data,
    Table,
    Unusable,
    bureau_columns,
    days,
    firm_numbers,
    keys,
    minor,
    moments,
    names,
    need,
    outcomes,
    pd,
    table,
)
from scoring.candidates import Sample
from scoring.catalogue import MONOTONE, NAMES
from scoring.evidence import Declared, Evidence
from scoring.features import features_of_many
from scoring.invoices import BOUGHT, RED, SOLD, VALID, VOID, Invoices
from scoring.lines import NO_BALANCE, TRANSFER_SELF, Lines

VOID_WORDS = r"void|cancel|invalid|作废|废"
DIRECTIONS = {
    "in": 1,
    "out": -1,
    "neutral": 0,
    "1": 1,
    "-1": -1,
    "0": 0,
    "credit": 1,
    "debit": -1,
    "收入": 1,
    "支出": -1,
}


def invoice_firms(folder: Path, as_of: date | None) -> tuple[Table, Evidence, np.ndarray, dict[str, int]]:
    """Labels, evidence, each firm's as-of date, and what was left out."""
    labels = table(folder, "labelled_companies")
    need(labels, "labelled_companies", "company_id", "default")
    numbers = firm_numbers(labels["company_id"], "labelled_companies")
    left_out: dict[str, int] = {}
    invoices = _both_sides(folder, numbers, left_out)
    day = np.datetime64(as_of, "D") if as_of else np.datetime64(int(invoices.issued.max()), "D")
    return labels, Evidence(invoices=invoices), np.full(len(labels), day), left_out


def statement_firms(folder: Path, invoices: Path | None = None) -> tuple[Table, Evidence, np.ndarray, dict[str, int]]:
    """Labels, evidence with what each firm asked for, each firm's as-of date, and what was left out. ``invoices`` is a
    folder with lists of the same firms, whose ``company_id`` is our ``firm_id``."""
    labels = table(folder, "labels")
    need(labels, "labels", "firm_id", "as_of", "bad")
    numbers = firm_numbers(labels["firm_id"], "labels")
    limit, dated = days(labels["as_of"])
    if not dated.all():
        raise Unusable(f"labels: row {int(np.flatnonzero(~dated)[0]) + 2} has no date in 'as_of'")
    left_out: dict[str, int] = {}
    lines = _lines(table(folder, "lines"), numbers, left_out)
    if not len(lines):
        raise Unusable(f"{folder}: no line belongs to a labelled firm; firm_id must be the same in labels and lines")
    asked = _asked(labels, limit)
    billed = Invoices.none() if invoices is None else _both_sides(invoices, numbers, left_out)
    return labels, Evidence(lines, billed, declared=asked), limit.astype("datetime64[D]"), left_out


def data_of(labels: Table, label: str, evidence: Evidence, as_of: np.ndarray, left_out: dict[str, int]) -> Data:
    """Features of the catalogue, and columns of a credit register beside the labels where there are any."""
    bad = outcomes(labels[label], "labels")
    features = features_of_many(evidence, as_of)
    known = ("company_id", "company_name_masked", "firm_id", "as_of", "bad", "default", "amount_asked", "months_asked")
    bureau = bureau_columns(labels, known)
    whole = pd.concat([features.reset_index(drop=True), bureau.reset_index(drop=True)], axis=1)
    shown = whole.notna().any().to_numpy()
    told = tuple(name for name, there in zip(whole.columns, shown, strict=True) if there)
    risk = dict(zip(NAMES, MONOTONE, strict=True))
    day = as_of.astype("datetime64[D]").astype(np.int64)
    sample = Sample(
        whole.loc[:, list(told)].to_numpy(np.float64),
        told,
        tuple(risk.get(name, 0) for name in told),
        bad,
        day=day if len(np.unique(day)) > 20 else None,
    )
    dates = np.unique(as_of.astype("datetime64[D]"))
    span = str(dates[0]) if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    return Data(sample, left_out, bureau=tuple(name for name in bureau.columns if name in told), as_of=span)


def _both_sides(folder: Path, numbers: dict[str, int], left_out: dict[str, int]) -> Invoices:
    parts = [
        _invoices(table(folder, name), name, side, numbers, left_out)
        for name, side in (("labelled_sales", SOLD), ("labelled_purchases", BOUGHT))
    ]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    if not len(columns["issued"]):
        raise Unusable(f"{folder}: no invoice belongs to a labelled firm")
    return Invoices.from_columns(columns)


def _invoices(
    found: Table, where: str, side: int, numbers: dict[str, int], left_out: dict[str, int]
) -> dict[str, np.ndarray]:
    need(found, where, "company_id", "invoice_date", "amount_net")
    firm = names(found["company_id"]).map(numbers).fillna(-1).to_numpy(np.int64)
    issued, dated = days(found["invoice_date"])
    net, amounts = minor(found["amount_net"])
    tax, _ = minor(found["tax"]) if "tax" in found else (np.zeros(len(found), np.int64), amounts)
    keep = (firm >= 0) & dated & amounts
    _count(left_out, f"{where}: of firms without a label", int((firm < 0).sum()))
    _count(left_out, f"{where}: without a date", int((~dated).sum()))
    _count(left_out, f"{where}: without an amount that can be one", int((~amounts).sum()))
    told = found["status"].astype(str) if "status" in found else pd.Series("valid", index=found.index)
    void = told.str.contains(VOID_WORDS, case=False, regex=True).to_numpy() & ~told.str.contains("valid").to_numpy()
    party = keys(found["counterparty_id"]) if "counterparty_id" in found else np.zeros(len(found), np.uint64)
    columns = {
        "firm": firm,
        "side": np.full(len(found), side),
        "issued": issued,
        "net_minor": net,
        "tax_minor": tax,
        "counterparty": party,
        "status": np.where(void | told.eq("void").to_numpy(), VOID, np.where(net < 0, RED, VALID)),
    }
    for name, column in (("due", "due_date"), ("settled", "settled_date")):
        at, there = days(found[column]) if column in found else (issued, np.zeros(len(found), np.bool_))
        columns[name] = np.where(there, at, -1)
    return {name: column[keep] for name, column in columns.items()}


def _lines(found: Table, numbers: dict[str, int], left_out: dict[str, int]) -> Lines:
    need(found, "lines", "firm_id", "at", "direction", "amount")
    firm = names(found["firm_id"]).map(numbers).fillna(-1).to_numpy(np.int64)
    day, dated = days(found["at"])
    amount, amounts = minor(found["amount"])
    way = names(found["direction"]).str.lower().map(DIRECTIONS).astype("Float64")
    directed = way.notna().to_numpy()
    direction = way.fillna(0).to_numpy(np.int64)
    # A negative amount is money that went the other way.
    direction = np.where(amount < 0, -direction, direction)
    repeated = _repeats(found) if "balance" in found else np.zeros(len(found), np.bool_)
    keep = (firm >= 0) & dated & amounts & directed & ~repeated
    _count(left_out, "lines: the same to the balance as an earlier one", int(repeated.sum()))
    _count(left_out, "lines: of firms without a label", int((firm < 0).sum()))
    _count(left_out, "lines: without a date", int((~dated).sum()))
    _count(left_out, "lines: without an amount that can be one", int((~amounts).sum()))
    _count(left_out, "lines: neither in nor out", int((~directed).sum()))
    name = found["counterparty"] if "counterparty" in found else pd.Series("", index=found.index)
    kind = _kinds(found.get("description", pd.Series("", index=found.index)), name, direction)
    balance, told = minor(found["balance"]) if "balance" in found else (amount, np.zeros(len(found), np.bool_))
    # Lines of one time keep their order, the last one states the day's balance; in a list that begins with the newest,
    # the first one does.
    at = moments(found["at"]).to_numpy().astype("datetime64[s]").astype(np.int64)
    steps = np.diff(at)[(firm[1:] == firm[:-1]) & dated[1:] & dated[:-1]]
    place = np.arange(len(found)) * (-1 if (steps < 0).sum() > (steps > 0).sum() else 1)
    order = np.lexsort((place, at, firm))
    order = order[keep[order]]
    columns = {
        "firm": firm,
        "at": day.astype("datetime64[D]"),
        "direction": np.where(kind == TRANSFER_SELF, 0, direction),
        "amount_minor": np.abs(amount),
        "kind": kind,
        "counterparty": keys(name),
        "balance_minor": np.where(told, balance, NO_BALANCE),
    }
    return Lines.from_columns({column: values[order] for column, values in columns.items()})


def _repeats(found: Table) -> np.ndarray:
    """Lines that files which overlap tell twice: nothing differs, not even the balance after it."""
    told = found["balance"].notna() & (pd.to_numeric(found["amount"], errors="coerce") != 0)
    return (found.duplicated() & told).to_numpy(dtype=bool)


def _kinds(description: Column, name: Column, direction: np.ndarray) -> np.ndarray:
    """What each line is to the business, by the words that the importer knows."""
    words, at = _texts(description)
    names, who = _texts(name)
    bits = np.array([words_in(text) for text in words])[at] | np.array([words_in_name(text) for text in names])[who]
    pairs, place = np.unique(np.column_stack([bits, direction]), axis=0, return_inverse=True)
    kinds = [
        TRANSFER_SELF if is_own_move(int(bit)) else int(kind_of(int(bit), int(way))[0]) for bit, way in pairs.tolist()
    ]
    return np.array(kinds, np.int8)[place.reshape(-1)]


def _texts(column: Column) -> tuple[list[str], np.ndarray]:
    """The different texts, and which one stands in each row."""
    at, texts = pd.factorize(column.astype("string").fillna(""))
    return [str(text) for text in texts], at


def _asked(labels: Table, limit: np.ndarray) -> Declared:
    nothing = np.full(len(labels), -1, np.int64)

    def said(column: str, scale: int) -> np.ndarray:
        if column not in labels:
            return nothing
        values = pd.to_numeric(labels[column], errors="coerce").to_numpy(np.float64) * scale
        return np.where(np.isfinite(values) & (values >= 0), values, -1).astype(np.int64)

    firm = np.arange(len(labels))
    asked = (said("amount_asked", 100), said("months_asked", 1))
    return Declared(firm, limit, nothing, nothing, nothing, nothing, *asked)


def _count(left_out: dict[str, int], why: str, number: int) -> None:
    if number:
        left_out[why] = number
