"""Answers of more registers, who stands behind a loan, and all that a decision rested on.

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "register_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "source in ('company_report', 'courts', 'registry')", name=op.f("ck_register_answer_source_known")
        ),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name=op.f("fk_register_answer_consent_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_register_answer_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_answer")),
    )
    op.create_index(op.f("ix_register_answer_application_id"), "register_answer", ["application_id"])
    op.create_index(op.f("ix_register_answer_person_id"), "register_answer", ["person_id"])
    op.create_table(
        "party_role",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("party_index", sa.LargeBinary(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger()),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role in ('guarantor', 'supplier', 'buyer')", name=op.f("ck_party_role_role_known")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_party_role_amount_positive")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_party_role_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_role")),
        sa.UniqueConstraint(
            "application_id", "role", "party_index", name=op.f("uq_party_role_application_id_role_party_index")
        ),
    )
    op.create_index(op.f("ix_party_role_party_index"), "party_role", ["party_index"])
    op.create_table(
        "policy_content",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_policy_content")),
    )
    op.add_column("decision", sa.Column("annual_rate", sa.Numeric()))
    op.add_column("decision", sa.Column("longest_months", sa.Integer()))
    op.add_column("decision", sa.Column("route", sa.Text()))
    op.add_column("decision", sa.Column("route_reason", sa.Text()))
    op.add_column("decision", sa.Column("policy_sha256", sa.Text()))
    op.add_column("decision", sa.Column("basis", JSONB()))
    op.create_check_constraint(
        op.f("ck_decision_route_known"), "decision", "route in ('automatic', 'hybrid', 'manual')"
    )
    reference = op.f("fk_decision_policy_sha256")
    op.create_foreign_key(reference, "decision", "policy_content", ["policy_sha256"], ["sha256"])
    for table in ("register_answer", "party_role", "policy_content"):
        op.execute(f"grant select, insert on {table} to huoshui_app")
        op.execute(
            f"create trigger {table}_append_only before update or delete or truncate on {table} "
            "for each statement execute function refuse_change()"
        )
    op.execute("alter table register_answer enable row level security")
    op.execute(
        """
        create policy register_answer_of_the_principal on register_answer
        using (
            current_setting('app.scope', true) in ('staff', 'worker')
            or person_id = nullif(current_setting('app.person', true), '')::uuid
        )
        """
    )
    # Whose hashes stand behind which loan is no owner's to read.
    op.execute("alter table party_role enable row level security")
    op.execute(
        """
        create policy party_role_of_the_house on party_role
        using (current_setting('app.scope', true) in ('staff', 'worker'))
        """
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_decision_policy_sha256"), "decision")
    op.drop_constraint(op.f("ck_decision_route_known"), "decision")
    for column in ("basis", "policy_sha256", "route_reason", "route", "longest_months", "annual_rate"):
        op.drop_column("decision", column)
    for table in ("policy_content", "party_role", "register_answer"):
        op.drop_table(table)
