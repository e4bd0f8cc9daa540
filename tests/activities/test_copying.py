"""What COPY writes is what was given."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import text

from db.copying import copy_rows


class Mark(StrEnum):
    """A word of ours."""

    TAB = "a\tb"


ROWS = [
    (1, UUID(int=7), "as_agreed", date(2026, 11, 30), Decimal("640000000000000000000"), b"\x00\\x", True),
    (-2, UUID(int=2**128 - 1), "a\tb\\N\nc\r", None, None, None, False),
    (0, None, "", date(1, 1, 1), Decimal(0), b"", None),
    (2**62, UUID(int=0), "铁\\", None, Decimal("-1"), None, None),
    (3, None, Mark.TAB, None, None, None, None),
    (4, None, None, None, None, None, None),
]


async def test_every_kind_of_value_comes_back_from_copy_as_it_was_given(lender) -> None:
    columns = "n bigint, id uuid, words text, day date, units numeric(30, 0), bytes bytea, yes boolean"
    at = datetime(2026, 11, 30, 18, 20, 1, 5, tzinfo=UTC)
    async with lender.sessions.begin() as session:
        await session.execute(text(f"create temporary table copied ({columns}, at timestamptz) on commit drop"))
        names = ("n", "id", "words", "day", "units", "bytes", "yes", "at")
        await copy_rows(session, "copied", names, [(*row, at) for row in ROWS])
        back = (await session.execute(text("select * from copied"))).all()
    assert [tuple(row) for row in back] == [(*row, at) for row in ROWS]
