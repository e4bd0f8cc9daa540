"""An owner who throws a draft away takes the photos that it was filled from with it.

Revision: 0068, after 0067.
"""

from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("grant delete on identity_paper to huoshui_app")


def downgrade() -> None:
    op.execute("revoke delete on identity_paper from huoshui_app")
