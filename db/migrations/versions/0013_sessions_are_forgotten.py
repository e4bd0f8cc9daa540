"""Sessions that ended long ago may be taken away.

Revision: 0013, after 0012.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("grant delete on session to huoshui_app")


def downgrade() -> None:
    op.execute("revoke delete on session from huoshui_app")
