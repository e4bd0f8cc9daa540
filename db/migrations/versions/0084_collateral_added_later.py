"""By which code an owner added a piece to a loan whose security had come to carry less than is owed, and which invoice
of a line a pledged receivable is.

Revision: 0084, after 0083.
"""

import sqlalchemy as sa
from alembic import op

revision = "0084"
down_revision = "0083"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("collateral", sa.Column("code_id", sa.Uuid()))
    op.add_column("collateral", sa.Column("receivable_id", sa.Uuid()))
    op.create_foreign_key(op.f("fk_collateral_receivable_id"), "collateral", "receivable", ["receivable_id"], ["id"])


def downgrade() -> None:
    op.drop_constraint(op.f("fk_collateral_receivable_id"), "collateral")
    op.drop_column("collateral", "receivable_id")
    op.drop_column("collateral", "code_id")
