"""Words on what people are harmed by wait for a second reader; asking for somebody's codes is kept as such.

Revision: 0133, after 0131.
"""

import sqlalchemy as sa
from alembic import op

revision = "0133"
down_revision = "0131"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
KIND = "ck_word_attempt_kind"
OVER = "(state = 'waiting') = (ended_at is null) and (ended_at is null) = (ended_by is null)"


def upgrade() -> None:
    op.create_table(
        "held_words",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("id", "staff_id", "person_id")),
        *(sa.Column(name, sa.Uuid(), nullable=True) for name in ("application_id", "lead_id", "ended_by")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("place", "sha256", "state")),
        sa.Column("topics", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("held_at", AT, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("ended_at", AT, nullable=True),
        sa.CheckConstraint("state in ('waiting', 'released', 'returned')", name=op.f("ck_held_words_state_known")),
        sa.CheckConstraint(OVER, name=op.f("ck_held_words_ended_by_somebody")),
        sa.CheckConstraint("ended_by <> staff_id", name=op.f("ck_held_words_another_reads")),
        sa.CheckConstraint(
            "(state = 'returned') = (reason_sealed is not null)", name=op.f("ck_held_words_returned_with_a_reason")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_held_words_staff_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["staff.id"], name=op.f("fk_held_words_lead_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"], name=op.f("fk_held_words_ended_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_held_words_person_id")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_held_words_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_words")),
    )
    op.create_index(
        "uq_held_words_waiting",
        "held_words",
        ["staff_id", "person_id", "place", "sha256"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(op.f("ix_held_words_person_id"), "held_words", ["person_id"])
    op.create_index(op.f("ix_held_words_application_id"), "held_words", ["application_id"])
    # What was written stays what was written: only how it ended is ever set.
    op.execute("grant select, insert on held_words to huoshui_app")
    op.execute("grant update (state, ended_at, ended_by, reason_sealed) on held_words to huoshui_app")
    op.execute("alter table held_words enable row level security")
    op.execute(
        "create policy held_words_of_the_principal on held_words "
        "using (current_setting('app.scope', true) in ('staff', 'worker'))"
    )
    op.drop_constraint(op.f(KIND), "word_attempt", type_="check")
    op.create_check_constraint(op.f(KIND), "word_attempt", "kind in ('rate', 'promise', 'private', 'credential')")


def downgrade() -> None:
    op.execute("delete from word_attempt where kind = 'credential'")
    op.drop_constraint(op.f(KIND), "word_attempt", type_="check")
    op.create_check_constraint(op.f(KIND), "word_attempt", "kind in ('rate', 'promise', 'private')")
    op.drop_table("held_words")
