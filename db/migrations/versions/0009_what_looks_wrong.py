"""What looked wrong, with its rows, beside the decision that it was weighed for; files found by their hash.

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("decision", sa.Column("findings", postgresql.JSONB()))
    op.create_index("ix_statement_file_sha256", "statement_file", ["sha256"])


def downgrade() -> None:
    op.drop_index("ix_statement_file_sha256", "statement_file")
    op.drop_column("decision", "findings")
