"""The business clock: its segments, and who waits for an hour of it."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Integer,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Table


class ClockSegment(Table):
    """From ``real_at`` on, business time runs from ``business_at`` at ``speed``. Append-only.

    ``wish_speed`` and ``wish_until``: what was asked of a simulated clock beyond this segment (:mod:`db.pacing`).
    """

    __tablename__ = "clock_segment"
    __table_args__ = (
        CheckConstraint("speed >= 0", name="speed_forward"),
        CheckConstraint("wish_speed is not null or wish_until is null", name="wish_has_a_speed"),
    )
    clock_id: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    real_at: Mapped[datetime]
    business_at: Mapped[datetime]
    speed: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str]
    wish_speed: Mapped[int | None] = mapped_column(Integer)
    wish_until: Mapped[datetime | None]


class ClockWaiter(Table):
    """A workflow that waits for a business instant: whoever moves the clock wakes it."""

    __tablename__ = "clock_waiter"
    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    clock_id: Mapped[str] = mapped_column(index=True)
    until: Mapped[datetime]
