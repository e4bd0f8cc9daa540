"""Several ways to a yes beside a verdict, and how healthy the business looked.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("decision", sa.Column("ways_to_yes", postgresql.JSONB(astext_type=sa.Text())))
    op.add_column("decision", sa.Column("health", postgresql.JSONB(astext_type=sa.Text())))


def downgrade() -> None:
    op.drop_column("decision", "health")
    op.drop_column("decision", "ways_to_yes")
