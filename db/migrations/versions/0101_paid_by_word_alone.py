"""Of what was paid on a receivable, what somebody only told us.

Revision: 0101, after 0100.
"""

import sqlalchemy as sa
from alembic import op

revision = "0101"
down_revision = "0100"
branch_labels = None
depends_on = None

NAME = "ck_receivable_told_of_paid"


def upgrade() -> None:
    op.add_column("receivable", sa.Column("told_minor", sa.BigInteger(), server_default="0", nullable=False))
    op.create_check_constraint(op.f(NAME), "receivable", "told_minor between 0 and paid_minor")


def downgrade() -> None:
    op.drop_constraint(op.f(NAME), "receivable")
    op.drop_column("receivable", "told_minor")
