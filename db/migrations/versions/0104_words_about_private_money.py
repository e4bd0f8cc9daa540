"""Words to a customer that ask for money beside the lender's ways are kept as such.

Revision: 0104, after 0103.
"""

from alembic import op

revision = "0104"
down_revision = "0103"
branch_labels = None
depends_on = None

NAME = "ck_word_attempt_kind"


def upgrade() -> None:
    op.drop_constraint(op.f(NAME), "word_attempt", type_="check")
    op.create_check_constraint(op.f(NAME), "word_attempt", "kind in ('rate', 'promise', 'private')")


def downgrade() -> None:
    op.execute("delete from word_attempt where kind = 'private'")
    op.drop_constraint(op.f(NAME), "word_attempt", type_="check")
    op.create_check_constraint(op.f(NAME), "word_attempt", "kind in ('rate', 'promise')")
