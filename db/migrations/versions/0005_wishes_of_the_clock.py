"""What was asked of a simulated clock, beside the segment that serves it.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clock_segment", sa.Column("wish_speed", sa.Integer()))
    op.add_column("clock_segment", sa.Column("wish_until", sa.DateTime(timezone=True)))
    op.create_check_constraint(
        op.f("ck_clock_segment_wish_has_a_speed"), "clock_segment", "wish_speed is not null or wish_until is null"
    )


def downgrade() -> None:
    op.drop_column("clock_segment", "wish_until")
    op.drop_column("clock_segment", "wish_speed")
