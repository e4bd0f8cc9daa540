"""What a valuer's report is known by, why it waits for another person, and who took it.

Revision: 0131, after 0130.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0131"
down_revision = "0130"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "valuer_report",
        sa.Column("sha256", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("collateral_id", "person_id")),
        sa.Column("doubts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("looks", postgresql.BIT(1408)),
        sa.Column("views", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("words_sha256", sa.Text()),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_sealed", sa.LargeBinary()),
        sa.Column("taken_by", sa.Text()),
        sa.Column("taken_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "(taken_sealed is null) = (taken_by is null) and (taken_by is null) = (taken_at is null)",
            name=op.f("ck_valuer_report_taken_by_somebody"),
        ),
        sa.CheckConstraint("taken_by <> by", name=op.f("ck_valuer_report_taken_by_another")),
        sa.ForeignKeyConstraint(["collateral_id"], ["collateral.id"], name=op.f("fk_valuer_report_collateral_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_valuer_report_person_id")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_valuer_report")),
    )
    for name in ("collateral_id", "person_id"):
        op.create_index(op.f(f"ix_valuer_report_{name}"), "valuer_report", [name])
    op.execute("grant select, insert, update, delete on valuer_report to huoshui_app")
    op.execute("alter table valuer_report enable row level security")
    op.execute(
        "create policy valuer_report_of_the_lender on valuer_report "
        "using (current_setting('app.scope', true) in ('staff', 'worker'))"
    )


def downgrade() -> None:
    op.drop_table("valuer_report")
