"""Coupons, and what is left of the one that a loan uses.

Revision: 0050, after 0041.
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coupon",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cap_minor", sa.BigInteger(), nullable=False),
        sa.Column("least_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("application_id", sa.Uuid()),
        sa.Column("loan_id", sa.Uuid()),
        sa.CheckConstraint("cap_minor > 0 and least_minor >= 0", name=op.f("ck_coupon_amounts")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_coupon_person_id")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_coupon_application_id")),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f("fk_coupon_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon")),
        sa.UniqueConstraint("loan_id", name=op.f("uq_coupon_loan_id")),
    )
    op.create_index(op.f("ix_coupon_person_id"), "coupon", ["person_id"])
    op.execute("grant select, insert, update on coupon to huoshui_app")
    op.execute("alter table coupon enable row level security")
    op.execute(
        """
        create policy coupon_of_the_principal on coupon
        using (
            current_setting('app.scope', true) in ('staff', 'worker')
            or person_id = nullif(current_setting('app.person', true), '')::uuid
        )
        """
    )
    op.add_column("loan_balance", sa.Column("coupon_left_minor", sa.BigInteger(), server_default="0", nullable=False))
    op.create_check_constraint(
        op.f("ck_loan_balance_coupon_left_not_negative"), "loan_balance", "coupon_left_minor >= 0"
    )


def downgrade() -> None:
    op.drop_column("loan_balance", "coupon_left_minor")
    op.drop_table("coupon")
