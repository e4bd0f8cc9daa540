"""Whoever answers for a loan is told by the one sender of letters when it falls overdue.

Revision: 0070, after 0069.
"""

from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

BEFORE = "kind in ('level_rose', 'may_borrow_again')"
AFTER = "kind in ('level_rose', 'may_borrow_again', 'guaranteed_overdue')"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_nudge_kind_known"), "nudge", type_="check")
    op.create_check_constraint(op.f("ck_nudge_kind_known"), "nudge", AFTER)


def downgrade() -> None:
    op.execute("delete from nudge where kind = 'guaranteed_overdue'")
    op.drop_constraint(op.f("ck_nudge_kind_known"), "nudge", type_="check")
    op.create_check_constraint(op.f("ck_nudge_kind_known"), "nudge", BEFORE)
