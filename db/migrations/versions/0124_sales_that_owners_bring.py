"""Bills that owners bring for running loans; a feed's word on a day takes the place of what a bill told of it.

Revision: 0124, after 0123.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0124"
down_revision = "0123"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sales_file",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("id", "person_id", "loan_id")),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text()),
        sa.Column("problem_params", postgresql.JSONB()),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("layout", sa.Text()),
        sa.Column("aside", postgresql.JSONB()),
        sa.Column("doubt", sa.Text()),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("counted", postgresql.JSONB()),
        sa.Column("waits", sa.BigInteger(), nullable=False),
        sa.Column("decided", sa.Text()),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("words", sa.Text()),
        sa.CheckConstraint(
            "state in ('received', 'read', 'refused', 'counted')", name=op.f("ck_sales_file_state_known")
        ),
        sa.CheckConstraint("decided in ('count', 'leave')", name=op.f("ck_sales_file_decided_known")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sales_file_person_id")),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f("fk_sales_file_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_file")),
        sa.UniqueConstraint("loan_id", "sha256", name=op.f("uq_sales_file_loan_id")),
    )
    op.create_index(op.f("ix_sales_file_person_id"), "sales_file", ["person_id"])
    op.create_index(
        "ix_sales_file_waits", "sales_file", ["confirmed_at"], postgresql_where=sa.text("waits > 0 and decided is null")
    )
    op.create_table(
        "sales_line",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("sort", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.CheckConstraint("sort in ('sale', 'refund', 'chargeback')", name=op.f("ck_sales_line_sort_known")),
        sa.ForeignKeyConstraint(["file_id"], ["sales_file.id"], name=op.f("fk_sales_line_file_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sales_line_person_id")),
        sa.PrimaryKeyConstraint("file_id", "fingerprint", name=op.f("pk_sales_line")),
    )
    op.create_index(
        "uq_sales_line_counts",
        "sales_line",
        ["person_id", "fingerprint"],
        unique=True,
        postgresql_where=sa.text("counts"),
    )
    for table in ("sales_file", "sales_line"):
        op.execute(f"grant select, insert, update, delete on {table} to huoshui_app")
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
    # Few days come from bills: whether a feed tells one of them must cost a batch of a hundred thousand nothing.
    op.create_index(
        "ix_revenue_day_brought",
        "revenue_day",
        ["loan_id", "on_date"],
        postgresql_where=sa.text("source = 'statement'"),
    )


def downgrade() -> None:
    op.drop_index("ix_revenue_day_brought", table_name="revenue_day")
    op.drop_table("sales_line")
    op.drop_table("sales_file")
