"""Loans past due: cases, why each is late, what was done, what was promised, what is disputed.

Revision: 0126, after 0125.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0126"
down_revision = "0125"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
OWNER = "person_id = nullif(current_setting('app.person', true), '')::uuid"
OURS = "current_setting('app.scope', true) in ('staff', 'worker')"
SEGMENTS = "('self_curer', 'forgetful', 'squeezed', 'disputing', 'unreachable', 'unwilling')"
STAGES = "('due', 'early', 'middle', 'late')"
TABLES = ("collection_case", "case_segment", "collection_step", "payment_promise", "item_dispute")


def upgrade() -> None:
    _table(
        "collection_case",
        _ids("id", "loan_id", "person_id"),
        _days("since", "opened_on"),
        [_column("opened_at", AT)],
        _texts("segment", "stage", "reason", "treatment", "ended", null=True),
        [_column("figures", JSONB()), _column("next_at", AT, null=True), _column("ended_on", sa.Date(), null=True)],
        [_column("unaided", sa.Boolean(), null=True)],
        checks={
            "segment_known": f"segment in {SEGMENTS}",
            "stage_known": f"stage in {STAGES}",
            "ended_known": "ended in ('cured', 'paid')",
            "ended_on_a_day": "(ended is null) = (ended_on is null)",
        },
        refers=("loan", "person"),
    )
    _index("uq_collection_case_open", "collection_case", ["loan_id"], unique=True, where="ended is null")
    op.create_index("ix_collection_case_loan_id_since", "collection_case", ["loan_id", "since"])
    _table(
        "case_segment",
        _ids("id", "case_id", "person_id"),
        [_column("n", sa.Integer()), _column("at", AT), _column("figures", JSONB())],
        _texts("segment", "stage", "reason"),
        [_column("days_past_due", sa.Integer())],
        checks={},
        refers=("case", "person"),
        unique=("case_id", "n"),
    )
    _table(
        "collection_step",
        _ids("id", "case_id", "person_id"),
        _texts("name", "does", "purpose", "segment", "treatment"),
        [_column("offers_relief", sa.Boolean()), _column("days_past_due", sa.Integer()), _column("taken_at", AT)],
        [_column("due_at", AT, null=True), _column("done_at", AT, null=True)],
        _texts("done_by", "outcome", null=True),
        checks={
            "does_known": "does in ('letter', 'call', 'visit', 'legal')",
            "outcome_known": "outcome in ('talked', 'no_answer', 'promised', 'disputed', 'not_needed', 'sent')",
            "done_with_an_outcome": "(outcome is null) = (done_at is null)",
        },
        refers=("case", "person"),
        unique=("case_id", "name"),
    )
    _index("ix_collection_step_open", "collection_step", ["due_at"], where="done_at is null")
    _table(
        "payment_promise",
        _ids("id", "case_id", "loan_id", "person_id"),
        [_column("amount_minor", sa.BigInteger()), _column("paid_before_minor", sa.BigInteger())],
        [_column("promised_on", sa.Date()), _column("made_at", AT), _column("settled_at", AT, null=True)],
        _texts("made_by", "state"),
        checks={"state_known": "state in ('open', 'kept', 'broken')", "amount_positive": "amount_minor > 0"},
        refers=("case", "loan", "person"),
    )
    _index("uq_payment_promise_open", "payment_promise", ["loan_id"], unique=True, where="state = 'open'")
    op.create_index(op.f("ix_payment_promise_case_id"), "payment_promise", ["case_id"])
    _table(
        "item_dispute",
        _ids("id", "case_id", "loan_id", "person_id"),
        _texts("reason"),
        [_column("words_sealed", sa.LargeBinary()), _column("answer_sealed", sa.LargeBinary(), null=True)],
        [_column("made_at", AT), _column("due_at", AT), _column("answered_at", AT, null=True)],
        _texts("verdict", "answered_by", null=True),
        checks={
            "reason_known": "reason in ('paid_already', 'wrong_sum', 'not_mine', 'goods', 'other')",
            "verdict_known": "verdict in ('upheld', 'not_upheld')",
            "answered_with_a_verdict": "(verdict is null) = (answered_at is null)",
        },
        refers=("case", "loan", "person"),
    )
    _index("uq_item_dispute_open", "item_dispute", ["loan_id"], unique=True, where="verdict is null")
    op.create_index(op.f("ix_item_dispute_case_id"), "item_dispute", ["case_id"])
    for name in TABLES:
        op.create_index(op.f(f"ix_{name}_person_id"), name, ["person_id"])
        op.execute(f"grant select, insert, update on {name} to huoshui_app")
        op.execute(f"alter table {name} enable row level security")
        op.execute(f"create policy {name}_of_the_principal on {name} using ({OURS} or {OWNER})")


def _column(name: str, kind: Any, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null)


def _ids(*names: str) -> list[sa.Column[Any]]:
    return [_column(name, sa.Uuid()) for name in names]


def _days(*names: str) -> list[sa.Column[Any]]:
    return [_column(name, sa.Date()) for name in names]


def _texts(*names: str, null: bool = False) -> list[sa.Column[Any]]:
    return [_column(name, sa.Text(), null=null) for name in names]


def _table(
    name: str,
    *columns: list[sa.Column[Any]],
    checks: dict[str, str],
    refers: tuple[str, ...],
    unique: tuple[str, ...] = (),
) -> None:
    tables = {"case": "collection_case", "loan": "loan", "person": "person"}
    more: list[Any] = [sa.UniqueConstraint(*unique, name=op.f(f"uq_{name}_{'_'.join(unique)}"))] if unique else []
    op.create_table(
        name,
        *(one for some in columns for one in some),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{name}_{what}")) for what, rule in checks.items()),
        *(
            sa.ForeignKeyConstraint([f"{to}_id"], [f"{tables[to]}.id"], name=op.f(f"fk_{name}_{to}_id"))
            for to in refers
        ),
        *more,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )


def _index(name: str, table: str, columns: list[str], *, where: str, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, postgresql_where=sa.text(where))


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
