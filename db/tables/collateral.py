"""What secures a loan: each piece, every value that anybody found for it, and what a register says."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, BIT
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Json, Table, one_of

# As lending.collateral.HOLDS: so long its owner cannot offer the same thing again.
HOLDS = "state in ('offered', 'valuing', 'second', 'valued', 'securing', 'registered')"
# As lending.collateral.SECURES: so long nobody can; a mere claim keeps nobody else out.
SECURES = "state in ('securing', 'registered')"


class Collateral(Table):
    """One piece that a firm offers for a loan; amounts in minor units.

    ``paper_sealed``: JSON with its name, its number in a register, where it is and whose it is, with the owner's key;
    ``title_key``: a keyed hash of that number, ``near_keys``: of what is one character off, ``looks_keys``: of its
    number in other writings; ``apart``: who said why it is another thing than one whose number is near.
    ``facts``: the figures of its kind. ``prior_minor``, ``earlier``: claims before ours in the register, at their
    maximum. ``ours_minor``: for how much ours is; ``request_id``: the id that the register was asked by.
    ``searched_at``: of the newest search that found nobody new before us.
    ``reading``: of a field. ``short_minor``: what was owed above all pieces when it was valued anew; ``task_id``: whom
    it waits for. ``code_id``: by which its owner added it to a loan that was short;
    ``receivable_id``: which invoice of a line it is.
    """

    __tablename__ = "collateral"
    __table_args__ = (
        one_of(
            "kind", "real_estate", "equipment", "inventory", "warehouse_receipt", "vehicle", "receivable", "crop", "ip"
        ),
        one_of("ownership", "own", "co_owned", "third_party"),
        one_of(
            "state",
            *("offered", "valuing", "second", "valued", "securing", "registered"),
            *("released", "refused", "failed", "unwound", "lapsed"),
        ),
        CheckConstraint("prior_minor >= 0 and earlier >= 0 and ours_minor >= 0", name="claims_count"),
        CheckConstraint("(state = 'registered') <= (registration_no is not null)", name="registered_with_a_number"),
        CheckConstraint("(state in ('valued', 'securing', 'registered')) <= (value_minor is not null)", name="valued"),
        CheckConstraint(
            "(apart_sealed is null) = (apart_by is null) and (apart_by is null) = (apart_at is null)",
            name="apart_by_somebody",
        ),
        Index("ix_collateral_near_keys", "near_keys", postgresql_using="gin"),
        Index("ix_collateral_looks_keys", "looks_keys", postgresql_using="gin"),
        Index("uq_collateral_own", "person_id", "title_key", unique=True, postgresql_where=text(HOLDS)),
        Index("uq_collateral_secures", "title_key", unique=True, postgresql_where=text(SECURES)),
        Index("ix_collateral_title_key", "title_key"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]
    ownership: Mapped[str]
    facts: Mapped[Json]
    paper_sealed: Mapped[bytes]
    title_key: Mapped[bytes]
    near_keys: Mapped[list[bytes] | None] = mapped_column(ARRAY(LargeBinary))
    looks_keys: Mapped[list[bytes] | None] = mapped_column(ARRAY(LargeBinary))
    apart_sealed: Mapped[bytes | None]
    apart_by: Mapped[str | None]
    apart_at: Mapped[datetime | None]
    currency: Mapped[str]
    state: Mapped[str]
    problem: Mapped[str] = mapped_column(server_default="")
    desktop_minor: Mapped[int | None]
    value_minor: Mapped[int | None]
    valued_on: Mapped[date | None]
    round: Mapped[int] = mapped_column(Integer, server_default="0")
    prior_minor: Mapped[int] = mapped_column(server_default="0")
    earlier: Mapped[int] = mapped_column(Integer, server_default="0")
    leased_until: Mapped[date | None]
    reading: Mapped[Json | None]
    ours_minor: Mapped[int] = mapped_column(server_default="0")
    request_id: Mapped[str | None]
    registration_no: Mapped[str | None]
    registered_at: Mapped[datetime | None]
    register_by: Mapped[datetime | None]
    searched_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    revalue_on: Mapped[date | None]
    revaluing: Mapped[bool] = mapped_column(server_default=text("false"))
    short_minor: Mapped[int] = mapped_column(server_default="0")
    cure_on: Mapped[date | None]
    task_id: Mapped[UUID | None]
    code_id: Mapped[UUID | None]
    receivable_id: Mapped[UUID | None] = mapped_column(ForeignKey("receivable.id"))
    due_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Appraisal(Table):
    """One value that somebody found for a piece; none is ever changed or taken away (journey 2, B4).

    ``round``: 0 before the loan, then each time it is valued anew; ``n``: the desktop model is 0, valuers follow.
    ``valuer_id``: of the list (policies/valuers.yaml), with the ``licence`` that it had; ``report_*``: the file that
    came with the figure, by the hash of what was brought, drawn anew and sealed with the customer's key; ``report_no``:
    its number however it was written. A report stands behind one value.
    """

    __tablename__ = "appraisal"
    __table_args__ = (
        CheckConstraint("value_minor >= 0 and n >= 0", name="value_counts"),
        CheckConstraint("(n = 0) = (valuer is null)", name="valuer_said"),
        CheckConstraint("(valuer_id is null) = (report_sha256 is null)", name="valuer_with_a_report"),
        Index("uq_appraisal_round_n", "collateral_id", "round", "n", unique=True),
        Index("uq_appraisal_report", "report_sha256", unique=True),
        Index("uq_appraisal_report_no", "valuer_id", "report_no", unique=True),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    collateral_id: Mapped[UUID] = mapped_column(ForeignKey("collateral.id"))
    person_id: Mapped[UUID] = mapped_column(index=True)
    round: Mapped[int] = mapped_column(Integer)
    n: Mapped[int] = mapped_column(Integer)
    value_minor: Mapped[int]
    valuer: Mapped[str | None]
    reference: Mapped[str | None]
    valued_on: Mapped[date]
    valuer_id: Mapped[str | None]
    licence: Mapped[str | None]
    report_key: Mapped[str | None]
    report_sha256: Mapped[str | None]
    report_type: Mapped[str | None]
    report_no: Mapped[str | None]
    by: Mapped[str]
    at: Mapped[datetime]


class ValuerReport(Table):
    """A report that came with a value, by the hash of its file: what it is known by (``looks`` and ``views``, the
    points of its pages; ``words_sha256``: of what it says but for figures), and why it waits for another person than
    whoever brought it, until one took it with why, sealed with the customer's key."""

    __tablename__ = "valuer_report"
    __table_args__ = (
        CheckConstraint(
            "(taken_sealed is null) = (taken_by is null) and (taken_by is null) = (taken_at is null)",
            name="taken_by_somebody",
        ),
        CheckConstraint("taken_by <> by", name="taken_by_another"),
    )
    sha256: Mapped[str] = mapped_column(primary_key=True)
    collateral_id: Mapped[UUID] = mapped_column(ForeignKey("collateral.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    doubts: Mapped[list[str]] = mapped_column(ARRAY(Text))
    looks: Mapped[str | None] = mapped_column(BIT(1408))
    views: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary))
    words_sha256: Mapped[str | None]
    by: Mapped[str]
    at: Mapped[datetime]
    taken_sealed: Mapped[bytes | None]
    taken_by: Mapped[str | None]
    taken_at: Mapped[datetime | None]
