"""Who takes part in a loan besides its borrower, each with their own part.

Revision: 0064, after 0063.
"""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
STATES = "state in ('invited', 'proven', 'signed', 'bound', 'declined', 'lapsed', 'removed', 'released')"
LIVES = "state in ('invited', 'proven', 'signed')"


def upgrade() -> None:
    op.create_table(
        "loan_party",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("liability", sa.Text()),
        sa.Column("amount_minor", sa.BigInteger()),
        sa.Column("required", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("phone_masked", sa.Text(), nullable=False),
        sa.Column("invited_at", AT, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("facts_for", sa.Text()),
        sa.Column("facts_opened_at", AT),
        sa.Column("facts_readable_from", AT),
        sa.Column("signed_for", sa.Text()),
        sa.Column("code_id", sa.Uuid()),
        sa.Column("signed_at", AT),
        sa.Column("ended_at", AT),
        sa.Column("reason", sa.Text()),
        sa.CheckConstraint(
            "role in ('co_borrower', 'guarantor', 'agent', 'representative')", name=op.f("ck_loan_party_role_known")
        ),
        sa.CheckConstraint("liability in ('joint', 'general')", name=op.f("ck_loan_party_liability_known")),
        sa.CheckConstraint(STATES, name=op.f("ck_loan_party_state_known")),
        sa.CheckConstraint("(role = 'guarantor') = (liability is not null)", name=op.f("ck_loan_party_liability_said")),
        sa.CheckConstraint(
            "amount_minor is null or (role = 'guarantor' and amount_minor > 0)",
            name=op.f("ck_loan_party_amount_of_guarantor"),
        ),
        sa.CheckConstraint(
            "(state in ('signed', 'bound')) <= (signed_for is not null)",
            name=op.f("ck_loan_party_signed_for_something"),
        ),
        sa.CheckConstraint("person_id <> invited_by", name=op.f("ck_loan_party_somebody_else")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_loan_party_application_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_loan_party_person_id")),
        sa.ForeignKeyConstraint(["invited_by"], ["person.id"], name=op.f("fk_loan_party_invited_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_party")),
    )
    for column in ("application_id", "person_id", "invited_by"):
        op.create_index(op.f(f"ix_loan_party_{column}"), "loan_party", [column])
    op.create_index(
        "uq_loan_party_live",
        "loan_party",
        ["application_id", "person_id", "role"],
        unique=True,
        postgresql_where=sa.text(LIVES),
    )
    op.execute("grant select, insert, update on loan_party to huoshui_app")
    op.execute("alter table loan_party enable row level security")
    op.execute(
        """
        create policy loan_party_of_the_two on loan_party
        using (
            current_setting('app.scope', true) in ('staff', 'worker')
            or person_id = nullif(current_setting('app.person', true), '')::uuid
            or invited_by = nullif(current_setting('app.person', true), '')::uuid
        )
        """
    )
    op.drop_constraint(op.f("ck_party_role_role_known"), "party_role", type_="check")
    op.create_check_constraint(
        op.f("ck_party_role_role_known"), "party_role", "role in ('guarantor', 'supplier', 'buyer', 'co_borrower')"
    )


def downgrade() -> None:
    op.drop_table("loan_party")
    op.drop_constraint(op.f("ck_party_role_role_known"), "party_role", type_="check")
    # Rows of co-borrowers are facts and stay: the narrower rule binds only what comes after.
    op.execute(
        "alter table party_role add constraint ck_party_role_role_known "
        "check (role in ('guarantor', 'supplier', 'buyer')) not valid"
    )
