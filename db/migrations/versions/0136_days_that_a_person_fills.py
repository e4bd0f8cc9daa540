"""A person's third word on an owner's bill: of the fed account itself, so that it fills what the feed lacks.

Revision: 0136, after 0133.
"""

from alembic import op

revision = "0136"
down_revision = "0133"
branch_labels = None
depends_on = None

NAME = op.f("ck_sales_file_decided_known")


def upgrade() -> None:
    op.drop_constraint(NAME, "sales_file")
    op.create_check_constraint(NAME, "sales_file", "decided in ('count', 'fill', 'leave')")


def downgrade() -> None:
    op.execute("update sales_file set decided = 'count' where decided = 'fill'")
    op.drop_constraint(NAME, "sales_file")
    op.create_check_constraint(NAME, "sales_file", "decided in ('count', 'leave')")
