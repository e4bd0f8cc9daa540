"""One order of e-invoices: whoever offers a number at the same instant as another customer comes second.

Rows from before keep an empty key: their numbers are sealed, and they are found by their other hash as before.

Revision: 0106, after 0115.
"""

import sqlalchemy as sa
from alembic import op

revision = "0106"
down_revision = "0115"
branch_labels = None
depends_on = None

NAME = "uq_receivable_e_number"


def upgrade() -> None:
    op.add_column("receivable", sa.Column("e_number_key", sa.LargeBinary(), nullable=True))
    op.create_index(
        NAME,
        "receivable",
        ["e_number_key"],
        unique=True,
        postgresql_where=sa.text("state in ('offered', 'review', 'asked', 'supported', 'pledged')"),
    )


def downgrade() -> None:
    op.drop_index(NAME, "receivable")
    op.drop_column("receivable", "e_number_key")
