"""A consent names the source that it opens; those given before are told by their purpose.

Revision: 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SOURCES = {
    "flows_analysis": "bills",
    "bureau_query": "registers",
    "sharing": "bank_and_signing_authority",
    "prescore": "bills_and_invoices",
    "model_training": "decided_cases",
}


def upgrade() -> None:
    op.add_column("consent", sa.Column("source", sa.Text(), nullable=False, server_default=""))
    consent = sa.table("consent", sa.column("purpose", sa.Text()), sa.column("source", sa.Text()))
    for purpose, source in SOURCES.items():
        told = consent.update().where(consent.c.purpose == purpose).values(source=source)
        op.execute(told)


def downgrade() -> None:
    op.drop_column("consent", "source")
