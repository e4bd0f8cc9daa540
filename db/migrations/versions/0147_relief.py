"""Relief: what owners in trouble asked for, what was offered and agreed, and how it went.

Revision: 0147, after 0143.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0147"
down_revision = "0143"
branch_labels = None
depends_on = None

NAME = "ck_plan_change_kind_known"
BEFORE = (
    "kind in ('breathing', 'rhythm', 'next_window', 'lower_share', 'weights', 'due_day', 'rest', 'reminder_hour',"
    " 'shorter_term', 'lower_instalments')"
)
AFTER = BEFORE[:-1] + ", 'relief')"
ENDED = "ck_collection_case_ended_known"
AT = sa.DateTime(timezone=True)
OWNER = "person_id = nullif(current_setting('app.person', true), '')::uuid"
OURS = "current_setting('app.scope', true) in ('staff', 'worker')"


def upgrade() -> None:
    op.drop_constraint(op.f(NAME), "plan_change")
    op.create_check_constraint(op.f(NAME), "plan_change", AFTER)
    op.drop_constraint(op.f(ENDED), "collection_case")
    op.create_check_constraint(op.f(ENDED), "collection_case", "ended in ('cured', 'paid', 'relieved')")
    op.create_table(
        "relief",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owed_minor", sa.BigInteger(), nullable=False),
        sa.Column("figures", JSONB(), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("due_at", AT, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", AT, nullable=True),
        sa.Column("helps_instead", sa.Text(), nullable=True),
        sa.Column("consented", sa.Boolean(), nullable=True),
        sa.Column("way", sa.Text(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("agreed_at", AT, nullable=True),
        sa.Column("ended_at", AT, nullable=True),
        sa.CheckConstraint(
            "why in ('disaster', 'illness', 'buyer', 'season', 'other')", name=op.f("ck_relief_why_known")
        ),
        sa.CheckConstraint(
            "state in ('asked', 'offered', 'declined', 'agreed', 'broken', 'over')", name=op.f("ck_relief_state_known")
        ),
        sa.CheckConstraint(
            "helps_instead in ('talk', 'pay_part', 'advice')", name=op.f("ck_relief_helps_instead_known")
        ),
        sa.CheckConstraint("(agreed_at is null) = (way is null)", name=op.f("ck_relief_agreed_to_a_way")),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f("fk_relief_loan_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_relief_person_id")),
        sa.UniqueConstraint("loan_id", "n", name=op.f("uq_relief_loan_id_n")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relief")),
    )
    op.create_index(op.f("ix_relief_person_id"), "relief", ["person_id"])
    op.create_index(
        "uq_relief_open", "relief", ["loan_id"], unique=True, postgresql_where=sa.text("state in ('asked', 'offered')")
    )
    op.execute("grant select, insert, update on relief to huoshui_app")
    op.execute("alter table relief enable row level security")
    op.execute(f"create policy relief_of_the_principal on relief using ({OURS} or {OWNER})")


def downgrade() -> None:
    op.drop_table("relief")
    op.execute("update collection_case set ended = 'cured' where ended = 'relieved'")
    op.drop_constraint(op.f(ENDED), "collection_case")
    op.create_check_constraint(op.f(ENDED), "collection_case", "ended in ('cured', 'paid')")
    op.drop_constraint(op.f(NAME), "plan_change")
    op.create_check_constraint(op.f(NAME), "plan_change", BEFORE)
