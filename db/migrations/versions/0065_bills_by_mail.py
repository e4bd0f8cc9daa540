"""Bills that come by mail wait for their password.

Revision: 0065, after 0064.
"""

from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

CHECK = op.f("ck_statement_file_state_known")


def upgrade() -> None:
    op.drop_constraint(CHECK, "statement_file", type_="check")
    op.create_check_constraint(CHECK, "statement_file", "state in ('locked', 'received', 'read', 'refused')")


def downgrade() -> None:
    op.execute("update statement_file set state = 'refused', problem = 'needs_password' where state = 'locked'")
    op.drop_constraint(CHECK, "statement_file", type_="check")
    op.create_check_constraint(CHECK, "statement_file", "state in ('received', 'read', 'refused')")
