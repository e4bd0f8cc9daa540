"""A valuer's report stands behind one value: by its file, and by its number however it was written.

Revision: 0118, after 0117.
"""

import sqlalchemy as sa
from alembic import op

revision = "0118"
down_revision = "0117"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appraisal", sa.Column("report_no", sa.Text()))
    op.create_index("uq_appraisal_report", "appraisal", ["report_sha256"], unique=True)
    op.create_index("uq_appraisal_report_no", "appraisal", ["valuer_id", "report_no"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_appraisal_report_no", "appraisal")
    op.drop_index("uq_appraisal_report", "appraisal")
    op.drop_column("appraisal", "report_no")
