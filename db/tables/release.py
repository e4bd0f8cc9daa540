"""Tables of money that leaves: whom it goes to besides its borrower, and what it waits for.

The second person's release, a proof of identity given anew, a hold on suspicion.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Table

OPEN_HOLD = "state in ('asked', 'blocked')"


class NamedPayee(Table):
    """Whom the owner wants paid instead of themselves (受托支付), and what the named list of invoices owes that name.

    ``name_sealed`` and ``number_sealed`` with the owner's key. ``covered``: the list names this seller; ``unknown``: it
    does not; ``dropped``: the owner named somebody else since, or themselves.
    """

    __tablename__ = "named_payee"
    __table_args__ = (
        CheckConstraint("state in ('asked', 'covered', 'unknown', 'dropped')", name="state_known"),
        CheckConstraint("covers_minor >= 0", name="covers_counts"),
        Index("uq_named_payee_current", "application_id", unique=True, postgresql_where=text("state <> 'dropped'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    person_id: Mapped[UUID]
    name_sealed: Mapped[bytes]
    number_sealed: Mapped[bytes]
    number_index: Mapped[bytes] = mapped_column(index=True)
    masked: Mapped[str]
    bank: Mapped[str | None]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("statement_file.id"))
    state: Mapped[str]
    covers_minor: Mapped[int] = mapped_column(server_default="0")
    named_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]


class PayoutRelease(Table):
    """What a second person of the lender must let go before it leaves: one a payout of the tier that takes two.

    ``maker`` and ``checker`` are employees, not logins; their ``_by`` is how timelines name the login that they used.
    ``approvers``: everybody who said yes to the loan, so the whole committee; none of them lets its money go (P34).
    """

    __tablename__ = "payout_release"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'held_back', 'released', 'void', 'lapsed')", name="state_known"),
        CheckConstraint("checker <> maker", name="two_people"),
        CheckConstraint("checker is null or not (checker = any(approvers))", name="not_by_an_approver"),
        CheckConstraint("(state = 'released') = (checker is not null)", name="released_by_somebody"),
        CheckConstraint("checker is null or maker is not null", name="approved_before"),
        Index("ix_payout_release_waiting", "due_at", postgresql_where=text("state in ('waiting', 'held_back')")),
    )
    payout_id: Mapped[UUID] = mapped_column(ForeignKey("payout.id"), primary_key=True)
    person_id: Mapped[UUID]
    approval_hash: Mapped[str]
    state: Mapped[str]
    maker: Mapped[str | None]
    maker_by: Mapped[str | None]
    made_at: Mapped[datetime | None]
    checker: Mapped[str | None]
    approvers: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]


class StepUp(Table):
    """A proof of identity given anew for one act, which ``bound_hash`` names. Wall time; good until it expires."""

    __tablename__ = "step_up"
    __table_args__ = (
        CheckConstraint("method in ('liveness', 'bank_card')", name="method_known"),
        CheckConstraint("outcome in ('asked', 'match', 'mismatch', 'no_answer')", name="outcome_known"),
        Index("ix_step_up_bound", "person_id", "bound_hash"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    bound_hash: Mapped[str]
    method: Mapped[str]
    outcome: Mapped[str]
    reference: Mapped[str | None]
    device: Mapped[str]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class MoneyHold(Table):
    """Nothing leaves for this person until they, or a person who calls them, have said that it is them.

    ``asked``: the owner has not answered; ``blocked``: they said no, or nothing, and somebody calls; ``released`` and
    ``stopped`` are its ends. Business time.
    """

    __tablename__ = "money_hold"
    __table_args__ = (
        CheckConstraint("state in ('asked', 'blocked', 'released', 'stopped')", name="state_known"),
        CheckConstraint(f"({OPEN_HOLD}) = (ended_at is null)", name="ended_when_over"),
        Index("uq_money_hold_open", "person_id", unique=True, postgresql_where=text(OPEN_HOLD)),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    signs: Mapped[list[str]]
    state: Mapped[str]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("task.id"))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
