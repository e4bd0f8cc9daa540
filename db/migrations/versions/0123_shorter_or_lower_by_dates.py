"""After a part prepayment the owner of a plan by dates chooses fewer instalments or lower ones.

Revision: 0123, after 0122.
"""

from alembic import op

revision = "0123"
down_revision = "0122"
branch_labels = None
depends_on = None

NAME = "ck_plan_change_kind_known"
BEFORE = "kind in ('breathing', 'rhythm', 'next_window', 'lower_share', 'weights', 'due_day', 'rest', 'reminder_hour')"
AFTER = BEFORE[:-1] + ", 'shorter_term', 'lower_instalments')"


def upgrade() -> None:
    op.drop_constraint(op.f(NAME), "plan_change")
    op.create_check_constraint(op.f(NAME), "plan_change", AFTER)


def downgrade() -> None:
    op.drop_constraint(op.f(NAME), "plan_change")
    op.create_check_constraint(op.f(NAME), "plan_change", BEFORE)
