"""Invoices of a firm, and what its owner says that its money was.

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OWNED = ("counterparty_name", "flow_correction")


def upgrade() -> None:
    op.add_column(
        "statement_file", sa.Column("holds", sa.Text(), server_default=sa.text("'statement'"), nullable=False)
    )
    op.add_column("statement_file", sa.Column("hints", postgresql.JSONB(astext_type=sa.Text())))
    op.create_check_constraint(
        op.f("ck_statement_file_holds_known"), "statement_file", "holds in ('statement', 'invoices')"
    )
    op.create_table(
        "invoice",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.SmallInteger(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("settled_on", sa.Date()),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("counterparty_key", sa.LargeBinary()),
        sa.Column("number_key", sa.LargeBinary()),
        sa.Column("cancels_key", sa.LargeBinary()),
        sa.Column("serial", sa.BigInteger()),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("flags", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("side in (1, -1)", name=op.f("ck_invoice_side_known")),
        sa.PrimaryKeyConstraint("firm_id", "side", "fingerprint", name=op.f("pk_invoice")),
    )
    op.create_index("ix_invoice_fingerprint", "invoice", ["fingerprint"])
    op.create_table(
        "counterparty_name",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_counterparty_name_firm_id")),
        sa.PrimaryKeyConstraint("firm_id", "key", name=op.f("pk_counterparty_name")),
    )
    op.create_table(
        "flow_correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary()),
        sa.Column("counterparty_key", sa.LargeBinary()),
        sa.Column("direction", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("guessed", sa.Boolean(), nullable=False),
        sa.Column("to_use", sa.Text()),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("target in ('line', 'counterparty', 'alike')", name=op.f("ck_flow_correction_target_known")),
        sa.CheckConstraint(
            "to_use in ('business', 'private', 'own_account')", name=op.f("ck_flow_correction_to_use_known")
        ),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_flow_correction_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_correction")),
        sa.UniqueConstraint("n", name=op.f("uq_flow_correction_n")),
    )
    op.create_index("ix_flow_correction_firm_id", "flow_correction", ["firm_id", "n"])
    op.execute("grant select, insert, update on invoice, counterparty_name to huoshui_app")
    op.execute("grant select, insert on flow_correction to huoshui_app")
    op.execute("grant usage, select on all sequences in schema public to huoshui_app")
    op.execute(
        "create trigger flow_correction_append_only before update or delete or truncate on flow_correction "
        "for each statement execute function refuse_change()"
    )
    for table in OWNED:
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
    op.drop_table("flow_correction")
    op.drop_table("counterparty_name")
    op.drop_table("invoice")
    op.drop_constraint(op.f("ck_statement_file_holds_known"), "statement_file")
    op.drop_column("statement_file", "hints")
    op.drop_column("statement_file", "holds")
