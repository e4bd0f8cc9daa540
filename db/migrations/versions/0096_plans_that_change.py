"""What owners change of a loan's plan, and notices that progress is slower than the path.

Revision: 0096, after 0093.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0096"
down_revision = "0093"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
OWNER = "person_id = nullif(current_setting('app.person', true), '')::uuid"
OURS = "current_setting('app.scope', true) in ('staff', 'worker')"


def _column(name: str, kind: Any, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null)


def upgrade() -> None:
    # Within a week or month revenue adds up until it is asked for.
    op.drop_constraint(op.f("ck_loan_balance_carry_not_positive"), "loan_balance")
    op.add_column("loan", _column("plan", JSONB(), null=True))
    # Loans signed before there was such a clause are never debited for their path.
    op.add_column("loan", sa.Column("path_debit", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("collection", sa.Column("path_minor", sa.BigInteger(), server_default="0", nullable=False))
    op.create_table(
        "plan_change",
        *(_column(name, sa.Uuid()) for name in ("id", "loan_id", "person_id")),
        _column("n", sa.Integer()),
        _column("kind", sa.Text()),
        _column("said", JSONB()),
        _column("effective_on", sa.Date()),
        _column("shown", JSONB()),
        *(_column(name, sa.Text()) for name in ("shown_hash", "policy_version")),
        _column("agreed_at", AT),
        sa.CheckConstraint("kind in ('breathing', 'rhythm', 'next_window')", name=op.f("ck_plan_change_kind_known")),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f("fk_plan_change_loan_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_plan_change_person_id")),
        sa.UniqueConstraint("loan_id", "n", name=op.f("uq_plan_change_loan_id_n")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_change")),
    )
    op.create_index(op.f("ix_plan_change_person_id"), "plan_change", ["person_id"])
    op.create_table(
        "path_notice",
        *(_column(name, sa.Uuid()) for name in ("loan_id", "person_id")),
        _column("number", sa.Integer()),
        _column("kind", sa.Text()),
        *(_column(name, sa.Date()) for name in ("due_on", "found_on")),
        *(_column(name, sa.BigInteger()) for name in ("short_minor", "most_minor")),
        _column("told_at", AT, null=True),
        sa.CheckConstraint("kind in ('half', 'three_quarters', 'debit')", name=op.f("ck_path_notice_kind_known")),
        sa.PrimaryKeyConstraint("loan_id", "number", "kind", "due_on", name=op.f("pk_path_notice")),
    )
    op.create_index(op.f("ix_path_notice_person_id"), "path_notice", ["person_id"])
    op.create_index("ix_path_notice_untold", "path_notice", ["found_on"], postgresql_where=sa.text("told_at is null"))
    op.create_index(
        "ix_path_notice_due", "path_notice", ["due_on", "loan_id"], postgresql_where=sa.text("kind = 'debit'")
    )
    op.execute("grant select, insert on plan_change to huoshui_app")
    op.execute("grant select, insert, update on path_notice to huoshui_app")
    op.execute("alter table plan_change enable row level security")
    op.execute(f"create policy plan_change_is_read on plan_change for select using ({OURS} or {OWNER})")
    # E6: only the owner agrees to a change; neither staff nor a worker can write one.
    op.execute(f"create policy plan_change_is_the_owners on plan_change for insert with check ({OWNER})")
    op.execute("alter table path_notice enable row level security")
    op.execute(f"create policy path_notice_of_the_principal on path_notice using ({OURS} or {OWNER})")


def downgrade() -> None:
    op.create_check_constraint(op.f("ck_loan_balance_carry_not_positive"), "loan_balance", "carry_minor <= 0")
    op.drop_table("path_notice")
    op.drop_table("plan_change")
    op.drop_column("collection", "path_minor")
    op.drop_column("loan", "path_debit")
    op.drop_column("loan", "plan")
