"""E-invoices that owners bring for their lines, and what was read of them.

Revision: 0093, after 0090.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0093"
down_revision = "0090"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invoice_paper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text()),
        sa.Column("problem_params", postgresql.JSONB()),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("found_sealed", sa.LargeBinary()),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state in ('received', 'read', 'refused')", name=op.f("ck_invoice_paper_state_known")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invoice_paper_person_id")),
        sa.ForeignKeyConstraint(["line_id"], ["credit_line.id"], name=op.f("fk_invoice_paper_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_paper")),
        sa.UniqueConstraint("line_id", "sha256", name=op.f("uq_invoice_paper_line_id")),
    )
    op.create_index(op.f("ix_invoice_paper_person_id"), "invoice_paper", ["person_id"])
    op.execute("grant select, insert, update, delete on invoice_paper to huoshui_app")
    op.execute("alter table invoice_paper enable row level security")
    op.execute(
        """
        create policy invoice_paper_of_the_principal on invoice_paper
        using (
            current_setting('app.scope', true) in ('staff', 'worker')
            or person_id = nullif(current_setting('app.person', true), '')::uuid
        )
        """
    )


def downgrade() -> None:
    op.drop_table("invoice_paper")
