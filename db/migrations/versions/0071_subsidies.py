"""What signed sheets promise of subsidies, and the claims of their bodies.

Revision: 0071, after 0070.
"""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "loan_subsidy",
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("points", sa.Numeric(), nullable=False),
        sa.Column("cap_minor", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("noted_at", AT, nullable=False),
        sa.CheckConstraint("points > 0 and cap_minor > 0 and months > 0", name=op.f("ck_loan_subsidy_pays_something")),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f("fk_loan_subsidy_loan_id")),
        sa.PrimaryKeyConstraint("loan_id", name=op.f("pk_loan_subsidy")),
    )
    op.create_table(
        "subsidy_claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("loans", sa.Integer(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("paid_on", sa.Date()),
        sa.Column("reference", sa.Text()),
        sa.CheckConstraint("state in ('made', 'paid')", name=op.f("ck_subsidy_claim_state_known")),
        sa.CheckConstraint(
            "(state = 'paid') = (paid_on is not null and reference is not null)",
            name=op.f("ck_subsidy_claim_paid_says_how"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_claim")),
        sa.UniqueConstraint("scheme", "period", "currency", name=op.f("uq_subsidy_claim_scheme_period_currency")),
    )
    op.create_table(
        "subsidy_claim_line",
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("interest_minor", sa.BigInteger(), nullable=False),
        sa.Column("claimed_before_minor", sa.BigInteger(), nullable=False),
        sa.Column("claimed_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "claimed_minor > 0 and claimed_before_minor >= 0", name=op.f("ck_subsidy_claim_line_claims_something")
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["subsidy_claim.id"], name=op.f("fk_subsidy_claim_line_claim_id")),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f("fk_subsidy_claim_line_loan_id")),
        sa.PrimaryKeyConstraint("claim_id", "loan_id", name=op.f("pk_subsidy_claim_line")),
    )
    op.create_index(op.f("ix_subsidy_claim_line_loan_id"), "subsidy_claim_line", ["loan_id"])
    for table, more in (("loan_subsidy", ""), ("subsidy_claim", ", update"), ("subsidy_claim_line", "")):
        own = "or person_id = nullif(current_setting('app.person', true), '')::uuid" if table == "loan_subsidy" else ""
        op.execute(f"grant select, insert{more} on {table} to huoshui_app")
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"""
            create policy {table}_of_the_house on {table}
            using (current_setting('app.scope', true) in ('staff', 'worker') {own})
            """
        )


def downgrade() -> None:
    op.drop_table("subsidy_claim_line")
    op.drop_table("subsidy_claim")
    op.drop_table("loan_subsidy")
