"""Credit lines, what was done to them, and draws as applications of a line.

Revision: 0051, after 0050.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
OWNED = ("credit_line", "line_change", "line_proposal")


def upgrade() -> None:
    op.create_table(
        "credit_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("signed_limit_minor", sa.BigInteger(), nullable=False),
        sa.Column("limit_minor", sa.BigInteger(), nullable=False),
        sa.Column("revolving", sa.Boolean(), nullable=False),
        sa.Column("annual_rate", sa.Numeric(), nullable=False),
        sa.Column("terms", JSONB(), nullable=False),
        sa.Column("terms_hash", sa.Text(), nullable=False),
        sa.Column("clauses", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("grade", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("fresh_until", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("changed_at", AT, nullable=False),
        sa.CheckConstraint("state in ('open', 'frozen', 'reduced', 'closed')", name=op.f("ck_credit_line_state_known")),
        sa.CheckConstraint(
            "limit_minor > 0 and limit_minor <= signed_limit_minor", name=op.f("ck_credit_line_limit_within_signed")
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_credit_line_application_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_credit_line_person_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_credit_line_firm_id")),
        sa.ForeignKeyConstraint(["account_id"], ["bank_account.id"], name=op.f("fk_credit_line_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_line")),
        sa.UniqueConstraint("application_id", name=op.f("uq_credit_line_application_id")),
    )
    op.create_index(op.f("ix_credit_line_person_id"), "credit_line", ["person_id"])
    op.create_table(
        "line_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("state_before", sa.Text(), nullable=False),
        sa.Column("state_after", sa.Text(), nullable=False),
        sa.Column("limit_before_minor", sa.BigInteger(), nullable=False),
        sa.Column("limit_after_minor", sa.BigInteger(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("checked_by", sa.Text()),
        sa.Column("at", AT, nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["credit_line.id"], name=op.f("fk_line_change_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_change")),
    )
    op.create_index("ix_line_change_story", "line_change", ["line_id", "n"])
    op.create_table(
        "line_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("limit_minor", sa.BigInteger()),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("maker_by", sa.Text(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("checker", sa.Text()),
        sa.Column("checker_by", sa.Text()),
        sa.Column("answered_at", AT),
        sa.CheckConstraint(
            "state in ('waiting', 'applied', 'refused', 'lapsed')", name=op.f("ck_line_proposal_state_known")
        ),
        sa.CheckConstraint("checker <> maker", name=op.f("ck_line_proposal_two_people")),
        sa.CheckConstraint(
            "(state in ('applied', 'refused')) = (checker is not null)",
            name=op.f("ck_line_proposal_answered_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["line_id"], ["credit_line.id"], name=op.f("fk_line_proposal_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_proposal")),
    )
    op.create_index(
        "uq_line_proposal_waiting",
        "line_proposal",
        ["line_id"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.add_column("application", sa.Column("line_id", sa.Uuid()))
    op.create_foreign_key(op.f("fk_application_line_id"), "application", "credit_line", ["line_id"], ["id"])
    op.create_index(op.f("ix_application_line_id"), "application", ["line_id"])
    for table in OWNED:
        # What was done to a line is only ever added.
        rights = "select, insert" if table == "line_change" else "select, insert, update"
        op.execute(f"grant {rights} on {table} to huoshui_app")
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


def downgrade() -> None:
    op.drop_column("application", "line_id")
    for table in reversed(OWNED):
        op.drop_table(table)
