"""What each person said who compared two invoices that are alike, and two things whose numbers are.

Revision: 0119, after 0118.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0119"
down_revision = "0118"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invoice_comparison",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("id", "receivable_id", "person_id")),
        sa.Column("like_id", sa.Uuid()),
        sa.Column("clears", sa.Boolean(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("employee", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["receivable_id"], ["receivable.id"], name=op.f("fk_invoice_comparison_receivable_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invoice_comparison_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_comparison")),
    )
    for name in ("receivable_id", "person_id"):
        op.create_index(op.f(f"ix_invoice_comparison_{name}"), "invoice_comparison", [name])
    # What somebody said stays as they said it.
    op.execute("grant select, insert on invoice_comparison to huoshui_app")
    op.execute("alter table invoice_comparison enable row level security")
    op.execute(
        "create policy invoice_comparison_of_the_lender on invoice_comparison "
        "using (current_setting('app.scope', true) in ('staff', 'worker'))"
    )

    op.add_column("collateral", sa.Column("near_keys", postgresql.ARRAY(sa.LargeBinary())))
    op.add_column("collateral", sa.Column("apart_sealed", sa.LargeBinary()))
    op.add_column("collateral", sa.Column("apart_by", sa.Text()))
    op.add_column("collateral", sa.Column("apart_at", sa.DateTime(timezone=True)))
    op.create_check_constraint(
        op.f("ck_collateral_apart_by_somebody"),
        "collateral",
        "(apart_sealed is null) = (apart_by is null) and (apart_by is null) = (apart_at is null)",
    )
    op.create_index("ix_collateral_near_keys", "collateral", ["near_keys"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_index("ix_collateral_near_keys", "collateral")
    op.drop_constraint(op.f("ck_collateral_apart_by_somebody"), "collateral")
    for name in ("near_keys", "apart_sealed", "apart_by", "apart_at"):
        op.drop_column("collateral", name)
    op.drop_table("invoice_comparison")
