"""Tables of the credit desk: what somebody saw of a case, conditions of a yes, the committee and its votes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Json, Table, one_of


class CaseLook(Table):
    """A case as one employee saw it: its hash, and the fields beside it. Looks are added, never changed."""

    __tablename__ = "case_look"
    __table_args__ = (UniqueConstraint("application_id", "employee", "n"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    employee: Mapped[str]
    n: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str]
    seen_at: Mapped[datetime]


class CaseLookField(Table):
    """One field of such a case: codes, counts, amounts in minor units and hashes, never a name."""

    __tablename__ = "case_look_field"
    look_id: Mapped[UUID] = mapped_column(ForeignKey("case_look.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class StaffTie(Table):
    """An employee said that a customer is themselves, a relative or a friend: they decide nothing of theirs."""

    __tablename__ = "staff_tie"
    employee: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    said_by: Mapped[str]
    said_at: Mapped[datetime]


class LoanCondition(Table):
    """A condition of a yes (放款条件): whose act, until when, and what proved it, or who let it go and why.

    ``words``: what exactly is asked, in the desk's words, which the customer reads. ``proof_id``: of the paper, answer
    or signature that was shown. ``replaced``: another yes took the place of the one that it belonged to.
    ``reminded_at``: when its customer was told that it is nearly due.
    """

    __tablename__ = "loan_condition"
    __table_args__ = (
        one_of("owner", "customer", "manager", "desk"),
        one_of("state", "open", "met", "waived", "replaced"),
        one_of("proof", "document", "register", "signed"),
        CheckConstraint("(state = 'met') = (proof_id is not null)", name="met_by_something"),
        CheckConstraint("(proof is null) = (proof_id is null)", name="proof_with_its_kind"),
        CheckConstraint("(state = 'waived') = (why is not null)", name="waived_for_a_reason"),
        CheckConstraint("(state = 'open') = (ended_at is null)", name="ended_when_over"),
        Index("ix_loan_condition_open", "application_id", postgresql_where=text("state = 'open'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    decision_id: Mapped[UUID]
    n: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str]
    words: Mapped[str | None]
    owner: Mapped[str]
    state: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    proof: Mapped[str | None]
    proof_id: Mapped[UUID | None]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    why: Mapped[str | None]
    reminded_at: Mapped[datetime | None]


class CommitteeSitting(Table):
    """A sitting of the committee (贷审会): who votes, who presides, until when, and its sealed minutes.

    ``members`` and ``chair`` are employees. ``rules``: those in force when it was called, by which it is counted.
    """

    __tablename__ = "committee_sitting"
    __table_args__ = (
        one_of("state", "open", "closed"),
        CheckConstraint("(state = 'closed') = (closed_at is not null)", name="closed_when_over"),
        CheckConstraint("chair = any(members)", name="chair_is_a_member"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    called_by: Mapped[str]
    chair: Mapped[str]
    members: Mapped[list[str]]
    rules: Mapped[Json]
    state: Mapped[str]
    called_at: Mapped[datetime]
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    minutes_key: Mapped[str | None]
    minutes_sha256: Mapped[str | None]


class CommitteeItem(Table):
    """One case of the agenda: what is voted on, under the hash of the case as it was put there.

    ``void``: the case changed after it was put on the agenda and no vote that stands was enough.
    """

    __tablename__ = "committee_item"
    __table_args__ = (
        one_of("state", "open", "passed", "refused", "no_quorum", "void"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        UniqueConstraint("sitting_id", "application_id"),
        Index("uq_committee_item_open", "task_id", unique=True, postgresql_where=text("state = 'open'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    sitting_id: Mapped[UUID] = mapped_column(ForeignKey("committee_sitting.id"))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"))
    n: Mapped[int] = mapped_column(Integer)
    amount_minor: Mapped[int]
    conditions: Mapped[list[Any]] = mapped_column(JSONB)
    case_hash: Mapped[str]
    state: Mapped[str]
    decided_at: Mapped[datetime | None]


class CommitteeVote(Table):
    """One vote, bound to the hash of the case as voted on. A member's last one counts; none is changed."""

    __tablename__ = "committee_vote"
    __table_args__ = (
        one_of("say", "yes", "no", "abstain", "recused"),
        UniqueConstraint("item_id", "employee", "n"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("committee_item.id"))
    employee: Mapped[str]
    n: Mapped[int] = mapped_column(Integer)
    said_by: Mapped[str]
    say: Mapped[str]
    words: Mapped[str]
    case_hash: Mapped[str]
    said_at: Mapped[datetime]
