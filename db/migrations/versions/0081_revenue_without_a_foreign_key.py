"""Days of revenue without a foreign key: a third of what it takes to take them in.

Revision: 0081, after 0080.
"""

from alembic import op

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint("fk_revenue_day_loan_id", "revenue_day", type_="foreignkey")


def downgrade() -> None:
    op.create_foreign_key("fk_revenue_day_loan_id", "revenue_day", "loan", ["loan_id"], ["id"])
