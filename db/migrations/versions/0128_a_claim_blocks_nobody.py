"""Typing the number of somebody's thing blocks nobody: one secures one loan, and a mere claim stands beside others.

Revision: 0128, after 0127.
"""

import sqlalchemy as sa
from alembic import op

revision = "0128"
down_revision = "0127"
branch_labels = None
depends_on = None

HOLDS = "state in ('offered', 'valuing', 'second', 'valued', 'securing', 'registered')"
SECURES = "state in ('securing', 'registered')"


def upgrade() -> None:
    op.drop_index("uq_collateral_title", "collateral")
    own = ["person_id", "title_key"]
    op.create_index("uq_collateral_own", "collateral", own, unique=True, postgresql_where=sa.text(HOLDS))
    only = ["title_key"]
    op.create_index("uq_collateral_secures", "collateral", only, unique=True, postgresql_where=sa.text(SECURES))
    op.create_index("ix_collateral_title_key", "collateral", only)


def downgrade() -> None:
    for name in ("ix_collateral_title_key", "uq_collateral_secures", "uq_collateral_own"):
        op.drop_index(name, "collateral")
    only = ["title_key"]
    op.create_index("uq_collateral_title", "collateral", only, unique=True, postgresql_where=sa.text(HOLDS))
