"""Under which reference a buyer paid the borrower; when goods were delivered; how a buyer stands; who looked at proofs.

Revision: 0085, after 0084.
"""

import sqlalchemy as sa
from alembic import op

revision = "0085"
down_revision = "0084"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("diversion", sa.Column("rail_reference", sa.Text(), nullable=False))
    op.create_index(op.f("ix_diversion_rail_reference"), "diversion", ["rail_reference"])
    op.add_column("receivable", sa.Column("delivered_on", sa.Date()))
    op.add_column("receivable", sa.Column("buyer_standing", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("receivable", "buyer_standing")
    op.drop_column("receivable", "delivered_on")
    op.drop_index(op.f("ix_diversion_rail_reference"), "diversion")
    op.drop_column("diversion", "rail_reference")
