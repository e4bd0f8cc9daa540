"""In what capacity a person speaks for a firm, and accounts that stand in a firm's name.

Revision: 0041, after 0040.
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("firm", sa.Column("capacity", sa.Text()))
    op.create_check_constraint(
        op.f("ck_firm_capacity_known"), "firm", "capacity in ('operator', 'legal_representative', 'agent')"
    )
    op.add_column("bank_account", sa.Column("firm_id", sa.Uuid()))
    op.create_foreign_key(op.f("fk_bank_account_firm_id"), "bank_account", "firm", ["firm_id"], ["id"])


def downgrade() -> None:
    op.drop_column("bank_account", "firm_id")
    op.drop_column("firm", "capacity")
