"""What secures a loan, what it is worth, and a mortgagor among those who take part.

Revision: 0074, after 0073.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
KINDS = "kind in ('real_estate', 'equipment', 'inventory', 'warehouse_receipt', 'vehicle', 'receivable', 'crop', 'ip')"
STATES = (
    "state in ('offered', 'valuing', 'second', 'valued', 'securing', 'registered', "
    "'released', 'refused', 'failed', 'unwound', 'lapsed')"
)
HOLDS = "state in ('offered', 'valuing', 'second', 'valued', 'securing', 'registered')"
ROLES = "role in ('co_borrower', 'guarantor', 'mortgagor', 'agent', 'representative')"
ROLES_BEFORE = "role in ('co_borrower', 'guarantor', 'agent', 'representative')"


def upgrade() -> None:
    op.create_table(
        "collateral",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("id", "application_id", "person_id")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "ownership")),
        sa.Column("facts", JSONB(), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("paper_sealed", "title_key")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("currency", "state")),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        *(sa.Column(name, sa.BigInteger()) for name in ("desktop_minor", "value_minor")),
        sa.Column("valued_on", sa.Date()),
        sa.Column("round", sa.Integer(), server_default="0", nullable=False),
        sa.Column("prior_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("earlier", sa.Integer(), server_default="0", nullable=False),
        sa.Column("leased_until", sa.Date()),
        sa.Column("reading", JSONB()),
        sa.Column("ours_minor", sa.BigInteger(), server_default="0", nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("request_id", "registration_no")),
        *(sa.Column(name, AT) for name in ("registered_at", "register_by", "searched_at", "cancelled_at")),
        sa.Column("revalue_on", sa.Date()),
        sa.Column("revaluing", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("short_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cure_on", sa.Date()),
        sa.Column("task_id", sa.Uuid()),
        sa.Column("due_at", AT),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        *(sa.Column(name, AT, nullable=False) for name in ("created_at", "changed_at")),
        sa.CheckConstraint(KINDS, name=op.f("ck_collateral_kind_known")),
        sa.CheckConstraint(
            "ownership in ('own', 'co_owned', 'third_party')", name=op.f("ck_collateral_ownership_known")
        ),
        sa.CheckConstraint(STATES, name=op.f("ck_collateral_state_known")),
        sa.CheckConstraint(
            "prior_minor >= 0 and earlier >= 0 and ours_minor >= 0", name=op.f("ck_collateral_claims_count")
        ),
        sa.CheckConstraint(
            "(state = 'registered') <= (registration_no is not null)",
            name=op.f("ck_collateral_registered_with_a_number"),
        ),
        sa.CheckConstraint(
            "(state in ('valued', 'securing', 'registered')) <= (value_minor is not null)",
            name=op.f("ck_collateral_valued"),
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_collateral_application_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_collateral_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collateral")),
    )
    for column in ("application_id", "person_id"):
        op.create_index(op.f(f"ix_collateral_{column}"), "collateral", [column])
    op.create_index("uq_collateral_title", "collateral", ["title_key"], unique=True, postgresql_where=sa.text(HOLDS))
    op.create_table(
        "appraisal",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("id", "collateral_id", "person_id")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("round", "n")),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("valuer", "reference")),
        sa.Column("valued_on", sa.Date(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.CheckConstraint("value_minor >= 0 and n >= 0", name=op.f("ck_appraisal_value_counts")),
        sa.CheckConstraint("(n = 0) = (valuer is null)", name=op.f("ck_appraisal_valuer_said")),
        sa.ForeignKeyConstraint(["collateral_id"], ["collateral.id"], name=op.f("fk_appraisal_collateral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal")),
    )
    op.create_index(op.f("ix_appraisal_person_id"), "appraisal", ["person_id"])
    op.create_index("uq_appraisal_round_n", "appraisal", ["collateral_id", "round", "n"], unique=True)
    op.execute("grant select, insert, update on collateral to huoshui_app")
    op.execute("grant select, insert on appraisal to huoshui_app")
    for table in ("collateral", "appraisal"):
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"""
            create policy {table}_of_the_principal on {table}
            using (
                current_setting('app.scope', true) in ('staff', 'worker')
                or person_id = nullif(current_setting('app.person', true), '')::uuid
            )
            """
        )
    _roles(ROLES)


def downgrade() -> None:
    op.drop_table("appraisal")
    op.drop_table("collateral")
    _roles(ROLES_BEFORE)


def _roles(known: str) -> None:
    op.drop_constraint(op.f("ck_loan_party_role_known"), "loan_party")
    op.create_check_constraint(op.f("ck_loan_party_role_known"), "loan_party", known)
