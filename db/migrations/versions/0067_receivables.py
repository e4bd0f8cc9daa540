"""Receivables that secure a line.

Revision: 0067, after 0066.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
NO = sa.text("false")
STATES = "state in ('offered', 'review', 'asked', 'supported', 'pledged', 'released', 'refused', 'lapsed')"
HOLDS = "state in ('offered', 'review', 'asked', 'supported', 'pledged')"


def upgrade() -> None:
    op.add_column("credit_line", sa.Column("secured_by", sa.Text()))
    op.create_check_constraint(op.f("ck_credit_line_secured_by_known"), "credit_line", "secured_by in ('receivables')")
    op.create_table(
        "receivable",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        *(
            sa.Column(name, sa.LargeBinary(), nullable=False)
            for name in ("fingerprint", "seller_key", "buyer_key", "number_key")
        ),
        sa.Column("serial", sa.BigInteger()),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("paper_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("near_id", sa.Uuid()),
        sa.Column("support", sa.Text()),
        sa.Column("confirmed_minor", sa.BigInteger()),
        sa.Column("defences_waived", sa.Boolean(), server_default=NO, nullable=False),
        sa.Column("proofs", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("credited_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), server_default="0", nullable=False),
        *(
            sa.Column(name, sa.Boolean(), server_default=NO, nullable=False)
            for name in ("disputed", "buyer_barred", "own_buyer")
        ),
        sa.Column("dilution", sa.Numeric(), server_default=sa.text("0"), nullable=False),
        sa.Column("verified_at", AT),
        sa.Column("registration_no", sa.Text()),
        sa.Column("registered_until", sa.Date()),
        *(sa.Column(name, AT) for name in ("searched_at", "noticed_at", "cancelled_at")),
        sa.Column("code_id", sa.Uuid()),
        sa.Column("due_at", AT),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("changed_at", AT, nullable=False),
        sa.CheckConstraint(STATES, name=op.f("ck_receivable_state_known")),
        sa.CheckConstraint("support in ('confirmed', 'proven')", name=op.f("ck_receivable_support_known")),
        sa.CheckConstraint(
            "amount_minor > 0 and credited_minor >= 0 and paid_minor >= 0", name=op.f("ck_receivable_amounts_count")
        ),
        sa.CheckConstraint(
            "(state = 'pledged') <= (registration_no is not null)", name=op.f("ck_receivable_pledged_when_registered")
        ),
        sa.CheckConstraint(
            "(support = 'confirmed') = (confirmed_minor is not null)", name=op.f("ck_receivable_confirmed_for_so_much")
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_receivable_{column}"))
            for column, table in (
                ("line_id", "credit_line"),
                ("application_id", "application"),
                ("person_id", "person"),
                ("firm_id", "firm"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receivable")),
    )
    for column in ("line_id", "person_id", "number_key"):
        op.create_index(op.f(f"ix_receivable_{column}"), "receivable", [column])
    op.create_index("ix_receivable_like", "receivable", ["amount_minor", "issued_on"])
    op.create_index(
        "uq_receivable_fingerprint", "receivable", ["fingerprint"], unique=True, postgresql_where=sa.text(HOLDS)
    )
    op.execute("grant select, insert, update on receivable to huoshui_app")
    op.execute("alter table receivable enable row level security")
    op.execute(
        """
        create policy receivable_of_the_principal on receivable
        using (
            current_setting('app.scope', true) in ('staff', 'worker')
            or person_id = nullif(current_setting('app.person', true), '')::uuid
        )
        """
    )


def downgrade() -> None:
    op.drop_table("receivable")
    op.drop_column("credit_line", "secured_by")
