"""After a part prepayment an owner may lower the share.

Revision: 0100, after 0094.
"""

from alembic import op

revision = "0100"
down_revision = "0094"
branch_labels = None
depends_on = None

NAME = "ck_plan_change_kind_known"
BEFORE = "kind in ('breathing', 'rhythm', 'next_window')"
AFTER = "kind in ('breathing', 'rhythm', 'next_window', 'lower_share')"


def upgrade() -> None:
    op.drop_constraint(op.f(NAME), "plan_change")
    op.create_check_constraint(op.f(NAME), "plan_change", AFTER)


def downgrade() -> None:
    op.drop_constraint(op.f(NAME), "plan_change")
    op.create_check_constraint(op.f(NAME), "plan_change", BEFORE)
