"""The journal is chained like the audit trail, both say by whom a row was written, and roots of the chains are signed.

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SEALED = ("entry", "audit")
APPEND_ONLY = ("journal_seal", "audit_root")


def upgrade() -> None:
    transaction = sa.text("(pg_current_xact_id()::text)::bigint")
    # What was written before this revision is given its transaction, so that it is sealed first and as one.
    op.add_column("entry", sa.Column("transaction_id", sa.BigInteger(), server_default=transaction, nullable=False))
    op.create_index("ix_entry_sealing", "entry", ["transaction_id"], unique=False)
    for table in SEALED:
        # Nobody knows who wrote the earlier rows: they stay without a writer, new ones may not.
        op.add_column(table, sa.Column("written_by", sa.Text(), nullable=True))
        op.alter_column(table, "written_by", server_default=sa.text("session_user"))
        known = f"constraint ck_{table}_writer_known check (coalesce(written_by, '') <> '')"
        op.execute(f"alter table {table} add {known} not valid")
    op.add_column("audit_seal", sa.Column("border", sa.BigInteger(), nullable=True))
    op.add_column("audit_seal", sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("audit_seal", "sealed_at", server_default=sa.text("clock_timestamp()"))
    op.create_table(
        "journal_seal",
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_position", sa.BigInteger(), nullable=False),
        sa.Column("last_transaction", sa.BigInteger(), nullable=False),
        sa.Column("last_entry", sa.Uuid(), nullable=False),
        sa.Column("ids", sa.LargeBinary(), nullable=False),
        sa.Column("sizes", sa.LargeBinary(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(
            "length(ids) = 16 * length(sizes) and length(hashes) = 32 * length(sizes)",
            name=op.f("ck_journal_seal_one_of_each"),
        ),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_journal_seal")),
    )
    op.create_table(
        "audit_root",
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_audit_root")),
    )
    for table in APPEND_ONLY:
        op.execute(f"grant select, insert on {table} to huoshui_app")
        op.execute(
            f"create trigger {table}_append_only before update or delete or truncate on {table} "
            "for each statement execute function refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("audit_root")
    op.drop_table("journal_seal")
    op.drop_column("audit_seal", "sealed_at")
    op.drop_column("audit_seal", "border")
    for table in SEALED:
        op.drop_column(table, "written_by")
    op.drop_index("ix_entry_sealing", "entry")
    op.drop_column("entry", "transaction_id")
