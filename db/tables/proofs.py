"""What of a person was proven, where it served again, and when what they prove themselves with was changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Table, one_of

METHODS = ("network", "bank_card", "liveness", "register", "video", "branch")
ENDS = ("about", "expired", "device", "place", "hold", "factor", "risk")


class IdentityAssertion(Table):
    """One successful check as a proof that may serve again (:class:`lending.assertions.Assertion`). Never changed.

    ``about``: keyed hash of what was proven. ``device``: hash of the session's device; ``place``: its network. Business
    time. ``check_id``: the provider's check; ``task_id``: the manager's task in which the person was seen instead.
    """

    __tablename__ = "identity_assertion"
    __table_args__ = (
        one_of("method", *METHODS),
        CheckConstraint("level between 1 and 3", name="level_known"),
        CheckConstraint("expires_at > given_at", name="lasts"),
        CheckConstraint("(check_id is null) <> (task_id is null)", name="one_source"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    method: Mapped[str]
    level: Mapped[int] = mapped_column(SmallInteger)
    about: Mapped[bytes]
    device: Mapped[str]
    place: Mapped[str]
    channel: Mapped[str]
    check_id: Mapped[UUID | None] = mapped_column(ForeignKey("identity_check.id"))
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("task.id"))
    given_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class AssertionUse(Table):
    """A proof was looked at for an act: ``served``, or why it did not (:class:`lending.assertions.End`)."""

    __tablename__ = "assertion_use"
    __table_args__ = (one_of("outcome", "served", *ENDS),)
    assertion_id: Mapped[UUID] = mapped_column(ForeignKey("identity_assertion.id"), primary_key=True)
    cause: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    application_id: Mapped[UUID | None]
    outcome: Mapped[str]
    at: Mapped[datetime]


class FactorChange(Table):
    """A person changed what they prove themselves with; the first one of a kind is no change. Business time."""

    __tablename__ = "factor_change"
    __table_args__ = (one_of("factor", "account", "phone"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    factor: Mapped[str]
    changed_at: Mapped[datetime]
