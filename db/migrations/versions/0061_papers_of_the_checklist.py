"""Papers of the checklist that a person looks at, and through which door a bill came.

Revision: 0061, after 0060.
"""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("brought_by", sa.Text(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("refusal", sa.Text()),
        sa.Column("words", sa.Text()),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_by", sa.Text()),
        sa.Column("judged_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "state in ('received', 'accepted', 'refused')", name=op.f("ck_evidence_document_state_known")
        ),
        sa.CheckConstraint(
            "channel in ('owner', 'manager', 'partner')", name=op.f("ck_evidence_document_channel_known")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_evidence_document_application_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_evidence_document_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_document")),
        sa.UniqueConstraint("application_id", "sha256", name=op.f("uq_evidence_document_application_id")),
    )
    op.create_index(op.f("ix_evidence_document_person_id"), "evidence_document", ["person_id"])
    op.create_index("ix_evidence_document_sha256", "evidence_document", ["sha256"])
    # Gone at an erasure: no law keeps them where no loan came of it.
    op.execute("grant select, insert, update, delete on evidence_document to huoshui_app")
    op.execute("alter table evidence_document enable row level security")
    op.execute(
        """
        create policy evidence_document_of_the_principal on evidence_document
        using (
            current_setting('app.scope', true) in ('staff', 'worker')
            or person_id = nullif(current_setting('app.person', true), '')::uuid
        )
        """
    )
    op.add_column("statement_file", sa.Column("channel", sa.Text(), nullable=False, server_default=sa.text("'owner'")))
    op.create_check_constraint(
        op.f("ck_statement_file_channel_known"),
        "statement_file",
        "channel in ('owner', 'manager', 'partner', 'mailbox')",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_statement_file_channel_known"), "statement_file", type_="check")
    op.drop_column("statement_file", "channel")
    op.drop_table("evidence_document")
