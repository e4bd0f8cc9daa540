"""Revenue in batches: what a source told of a day, and what each batch came to.

Revision: 0080, after 0079.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None

COUNTS = ("rows", "new", "corrected", "repeated", "without_loan", "refused")


def upgrade() -> None:
    op.create_table(
        "revenue_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("source", "name", "sha256")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.Column("errors", postgresql.JSONB(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revenue_batch")),
    )
    op.create_index("ix_revenue_batch_newest", "revenue_batch", ["received_at"])
    op.execute("grant select, insert on revenue_batch to huoshui_app")
    # Until now one feed told everything, and it was the wallets'.
    op.add_column("revenue_day", sa.Column("source", sa.Text(), nullable=False, server_default="wallet"))
    op.alter_column("revenue_day", "source", server_default=None)
    op.create_index("ix_revenue_day_told", "revenue_day", ["loan_id", "on_date", "source"])


def downgrade() -> None:
    op.drop_index("ix_revenue_day_told", table_name="revenue_day")
    op.drop_column("revenue_day", "source")
    op.drop_table("revenue_batch")
