"""The balance after each line of a bill, where its source states one.

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("statement_line", sa.Column("balance_minor", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("statement_line", "balance_minor")
