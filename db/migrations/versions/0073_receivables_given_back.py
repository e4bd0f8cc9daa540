"""When a receivable was given back: from then on it counts for nothing, whenever the register cancels it.

Revision: 0073, after 0072.
"""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("receivable", sa.Column("given_back_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("receivable", "given_back_at")
