"""One thread for each application, and complaints with number, clock and outcome.

Revision: 0063, after 0062.
"""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
OWNED = ("thread_message", "complaint")


def upgrade() -> None:
    op.create_table(
        "thread_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", AT, nullable=False),
        sa.Column("read_at", AT),
        sa.CheckConstraint("author in ('owner', 'lender')", name=op.f("ck_thread_message_author_known")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_thread_message_application_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_thread_message_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread_message")),
    )
    op.create_index("ix_thread_message_application", "thread_message", ["application_id", "sent_at"])
    op.create_index(op.f("ix_thread_message_person_id"), "thread_message", ["person_id"])
    op.create_table(
        "complaint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True, start=1001), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("answer_sealed", sa.LargeBinary()),
        sa.Column("answered_by", sa.Text()),
        sa.Column("answered_at", AT),
        sa.CheckConstraint("outcome in ('upheld', 'partly', 'not_upheld')", name=op.f("ck_complaint_outcome_known")),
        sa.CheckConstraint(
            "(outcome is null) = (answered_at is null)", name=op.f("ck_complaint_answered_with_an_outcome")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_complaint_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("number", name=op.f("uq_complaint_number")),
    )
    op.create_index(op.f("ix_complaint_person_id"), "complaint", ["person_id"])
    op.create_index("ix_complaint_open", "complaint", ["due_at"], postgresql_where=sa.text("answered_at is null"))
    for table in OWNED:
        op.execute(f"grant select, insert, update on {table} to huoshui_app")
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
    for table in reversed(OWNED):
        op.drop_table(table)
