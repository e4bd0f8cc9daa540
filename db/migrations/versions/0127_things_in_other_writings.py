"""Things that secure a loan are found by their number in other writings too.

Revision: 0127, after 0126. What is held already gets its keys when the next thing is offered: each needs its owner's.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0127"
down_revision = "0126"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("collateral", sa.Column("looks_keys", ARRAY(sa.LargeBinary()), nullable=True))
    op.create_index("ix_collateral_looks_keys", "collateral", ["looks_keys"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_index("ix_collateral_looks_keys", "collateral")
    op.drop_column("collateral", "looks_keys")
