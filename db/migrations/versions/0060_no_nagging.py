"""Whether somebody wants to be offered credit, and every ask to write to them about it.

Revision: 0060, after 0051.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0060"
down_revision = "0051"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
STATES = "'asked', 'sent', 'not_wanted', 'too_soon', 'applying', 'late', 'stale'"


def upgrade() -> None:
    op.add_column("person", sa.Column("offers_wanted", sa.Boolean(), server_default="true", nullable=False))
    op.create_table(
        "nudge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("params", JSONB(), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answered_at", AT),
        sa.CheckConstraint("kind in ('level_rose', 'may_borrow_again')", name=op.f("ck_nudge_kind_known")),
        sa.CheckConstraint(f"state in ({STATES})", name=op.f("ck_nudge_state_known")),
        sa.CheckConstraint("(state = 'asked') = (answered_at is null)", name=op.f("ck_nudge_answered_when_over")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_nudge_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nudge")),
    )
    op.create_index(op.f("ix_nudge_person_id"), "nudge", ["person_id"])
    op.create_index("ix_nudge_open", "nudge", ["asked_at"], postgresql_where=sa.text("state = 'asked'"))
    op.execute("grant select, insert, update on nudge to huoshui_app")
    op.execute("alter table nudge enable row level security")
    op.execute(
        """
        create policy nudge_of_the_principal on nudge
        using (
            current_setting('app.scope', true) in ('staff', 'worker')
            or person_id = nullif(current_setting('app.person', true), '')::uuid
        )
        """
    )


def downgrade() -> None:
    op.drop_table("nudge")
    op.drop_column("person", "offers_wanted")
