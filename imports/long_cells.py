"""Why a text stopped: a cell that is too long to be one, or a quote that nobody closed."""

import csv
import io

from imports.misreadings import StatementNotUnderstood
from imports.remarks import holds_rows
from imports.sheets import LONGEST_CELL, Text


def stopped(text: Text | None, delimiter: str, where: str = "") -> StatementNotUnderstood:
    """The refusal of a text in which the csv reader met a cell over its limit: ``cell_too_long`` or ``truncated``.

    A quote that is opened and never closed swallows what follows until the cell is too long to be one: that file is
    broken. A cell that ends where it should is only long.
    """
    row = _long_row(text, delimiter) if text is not None else None
    if row is None:
        return StatementNotUnderstood("truncated", where=where, reason="quote")
    return StatementNotUnderstood("cell_too_long", where=str(row), limit=LONGEST_CELL)


def _long_row(text: Text, delimiter: str) -> int | None:
    """The row, from 1, whose cell is too long; None where it has swallowed others."""
    open_at_end = text.data.count(b'"') % 2 == 1
    lines = io.TextIOWrapper(io.BytesIO(text.data), text.encoding, newline="")
    csv.field_size_limit(len(text.data) + 1)
    try:
        for number, row in enumerate(csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter != "\t"), 1):
            if any(len(cell) > LONGEST_CELL for cell in row):
                swallowed = open_at_end and any(len(cell) > LONGEST_CELL and "\n" in cell for cell in row)
                return None if swallowed or holds_rows(row) else number
    except csv.Error:
        return None
    finally:
        csv.field_size_limit(LONGEST_CELL)
    return None
