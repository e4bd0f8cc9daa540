"""Days of revenue without a foreign key: a third of what it takes to take them in.

Revision: 0083, after 0082.
"""

from alembic import op

revision = "0083"
down_revision = "0082"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint("fk_revenue_day_loan_id", "revenue_day", type_="foreignkey")


def downgrade() -> None:
    op.create_foreign_key("fk_revenue_day_loan_id", "revenue_day", "loan", ["loan_id"], ["id"])
