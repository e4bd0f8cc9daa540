"""A valuer is one of a list, and their figure comes with their report.

Revision: 0099, after 0096.
"""

import sqlalchemy as sa
from alembic import op

revision = "0099"
down_revision = "0096"
branch_labels = None
depends_on = None

COLUMNS = ("valuer_id", "licence", "report_key", "report_sha256", "report_type")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("appraisal", sa.Column(name, sa.Text()))
    op.create_check_constraint(
        op.f("ck_appraisal_valuer_with_a_report"), "appraisal", "(valuer_id is null) = (report_sha256 is null)"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_appraisal_valuer_with_a_report"), "appraisal", type_="check")
    for name in COLUMNS:
        op.drop_column("appraisal", name)
