"""Every balance is written each day: room beside it lets the new row stay on its page, out of the index.

Revision: 0115, after 0101.
"""

from alembic import op

revision = "0115"
down_revision = "0101"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table loan_balance set (fillfactor = 45)")


def downgrade() -> None:
    op.execute("alter table loan_balance reset (fillfactor)")
