"""Drafts of applications: what was typed and not sent yet, to go on with in any channel.

Revision: 0015, after 0014.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("fields_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminders_wanted", sa.Boolean(), nullable=False, server_default="true"),
        sa.Column("reminded", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("reminded_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("version > 0", name=op.f("ck_draft_version_counts")),
        sa.CheckConstraint("channel in ('owner', 'manager', 'partner')", name=op.f("ck_draft_channel_known")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draft_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("person_id", name=op.f("uq_draft_person_id")),
    )
    op.create_index("ix_draft_changed_at", "draft", ["changed_at"])
    op.execute("grant select, insert, update, delete on draft to huoshui_app")
    op.execute("alter table draft enable row level security")
    op.execute(
        """
        create policy draft_of_the_principal on draft
        using (
            current_setting('app.scope', true) in ('staff', 'worker')
            or person_id = nullif(current_setting('app.person', true), '')::uuid
        )
        """
    )


def downgrade() -> None:
    op.drop_table("draft")
