"""A loan that pays another one off.

Revision: 0062, after 0061.
"""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("application", sa.Column("renews_loan_id", sa.Uuid()))
    op.add_column("loan", sa.Column("renews_loan_id", sa.Uuid()))
    op.add_column("loan", sa.Column("renewed_minor", sa.BigInteger(), server_default="0", nullable=False))
    op.create_foreign_key(op.f("fk_loan_renews_loan_id"), "loan", "loan", ["renews_loan_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_loan_renewed_leaves_some"), "loan", "renewed_minor >= 0 and renewed_minor < principal_minor"
    )


def downgrade() -> None:
    op.drop_column("loan", "renewed_minor")
    op.drop_column("loan", "renews_loan_id")
    op.drop_column("application", "renews_loan_id")
