"""Words that were to leave to a customer and did not: a rate that is none of theirs, a promise of a yes (B7).

Revision: 0090, after 0086.
"""

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0086"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "word_attempt",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("id", "staff_id")),
        sa.Column("application_id", sa.Uuid()),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("place", "kind", "said")),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_word_attempt")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_word_attempt_staff_id")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_word_attempt_application_id")),
        sa.CheckConstraint("kind in ('rate', 'promise')", name=op.f("ck_word_attempt_kind")),
    )
    op.create_index(op.f("ix_word_attempt_staff_id"), "word_attempt", ["staff_id"])
    op.create_index(op.f("ix_word_attempt_application_id"), "word_attempt", ["application_id"])
    op.create_index("ix_word_attempt_newest", "word_attempt", ["made_at"])
    op.execute("grant select, insert on word_attempt to huoshui_app")


def downgrade() -> None:
    op.drop_table("word_attempt")
