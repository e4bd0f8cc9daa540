"""Of a photo its points, by which it is known turned and cut, and the photo of its own task that shows the same view.

Revision: 0130, after 0128.
"""

import sqlalchemy as sa
from alembic import op

revision = "0130"
down_revision = "0128"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task_evidence", sa.Column("points", sa.LargeBinary()))
    op.add_column("task_evidence", sa.Column("again_id", sa.Uuid()))


def downgrade() -> None:
    op.drop_column("task_evidence", "again_id")
    op.drop_column("task_evidence", "points")
