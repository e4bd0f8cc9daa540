"""Owners change months, due day and rests of plans by dates, and the hour of their letters.

Revision: 0110, after 0114.
"""

from alembic import op

revision = "0110"
down_revision = "0114"
branch_labels = None
depends_on = None

NAME = "ck_plan_change_kind_known"
BEFORE = "kind in ('breathing', 'rhythm', 'next_window', 'lower_share')"
AFTER = BEFORE[:-1] + ", 'weights', 'due_day', 'rest', 'reminder_hour')"


def upgrade() -> None:
    op.drop_constraint(op.f(NAME), "plan_change")
    op.create_check_constraint(op.f(NAME), "plan_change", AFTER)


def downgrade() -> None:
    op.drop_constraint(op.f(NAME), "plan_change")
    op.create_check_constraint(op.f(NAME), "plan_change", BEFORE)
