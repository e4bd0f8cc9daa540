"""A quote may be one for a customer.

Revision: 0086, after 0085.
"""

import sqlalchemy as sa
from alembic import op

revision = "0086"
down_revision = "0085"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("quote", sa.Column("application_id", sa.Uuid()))
    op.create_foreign_key(op.f("fk_quote_application_id"), "quote", "application", ["application_id"], ["id"])
    op.create_index(op.f("ix_quote_application_id"), "quote", ["application_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_quote_application_id"), table_name="quote")
    op.drop_constraint(op.f("fk_quote_application_id"), "quote", type_="foreignkey")
    op.drop_column("quote", "application_id")
