"""Questions that help did not answer, and the calls that came of them.

Revision: 0066, after 0065.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "help_miss",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asked_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("topics", ARRAY(sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_help_miss_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_miss")),
    )
    op.create_table(
        "help_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asked_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("words", sa.Text()),
        sa.Column("closed_by", sa.Text()),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "outcome in ('answered', 'not_reached', 'handed_over')", name=op.f("ck_help_call_outcome_known")
        ),
        sa.CheckConstraint("(closed_at is null) = (outcome is null)", name=op.f("ck_help_call_outcome_when_closed")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_help_call_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_call")),
    )
    op.create_index(
        "uq_help_call_open", "help_call", ["person_id"], unique=True, postgresql_where=sa.text("closed_at is null")
    )
    for table in ("help_miss", "help_call"):
        op.create_index(op.f(f"ix_{table}_person_id"), table, ["person_id"])
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


def downgrade() -> None:
    op.drop_table("help_call")
    op.drop_table("help_miss")
