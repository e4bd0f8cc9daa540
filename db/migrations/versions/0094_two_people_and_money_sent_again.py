"""A second person places much money; what the rail would not send back has a clock and is judged.

Revision: 0094, after 0099.
"""

import sqlalchemy as sa
from alembic import op

revision = "0094"
down_revision = "0099"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incoming", sa.Column("takes_two", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.add_column("incoming", sa.Column("confirmed_by", sa.Text()))
    op.add_column("incoming", sa.Column("rounds", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("outgoing", sa.Column("refused_at", sa.DateTime(timezone=True)))
    op.add_column("outgoing", sa.Column("again", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("outgoing", sa.Column("judged", sa.Text()))
    op.add_column("outgoing", sa.Column("judged_by", sa.Text()))
    op.create_check_constraint(op.f("ck_outgoing_judged_known"), "outgoing", "judged in ('again', 'suspense')")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_outgoing_judged_known"), "outgoing")
    for table, column in (
        ("outgoing", "judged_by"),
        ("outgoing", "judged"),
        ("outgoing", "again"),
        ("outgoing", "refused_at"),
        ("incoming", "rounds"),
        ("incoming", "confirmed_by"),
        ("incoming", "takes_two"),
    ):
        op.drop_column(table, column)
