"""Papers about a loan that its owner asks for, any day.

Revision: 0019, after 0018.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "paper_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid()),
        sa.Column("from_on", sa.Date()),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Uuid()),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind in ('receipt', 'interest_list', 'interest_invoice', 'balance_statement')",
            name=op.f("ck_paper_order_kind_known"),
        ),
        sa.CheckConstraint("state in ('asked', 'ready', 'refused')", name=op.f("ck_paper_order_state_known")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_paper_order_person_id")),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f("fk_paper_order_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_order")),
    )
    op.create_index(op.f("ix_paper_order_person_id"), "paper_order", ["person_id"])
    op.execute("grant select, insert, update on paper_order to huoshui_app")
    op.execute("alter table paper_order enable row level security")
    op.execute(
        """
        create policy paper_order_of_the_principal on paper_order
        using (
            current_setting('app.scope', true) in ('staff', 'worker')
            or person_id = nullif(current_setting('app.person', true), '')::uuid
        )
        """
    )


def downgrade() -> None:
    op.drop_table("paper_order")
