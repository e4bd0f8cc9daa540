"""The one question after a loan was paid off.

Revision: 0114, after 0109.
"""

import sqlalchemy as sa
from alembic import op

revision = "0114"
down_revision = "0109"
branch_labels = None
depends_on = None

OWNER = "person_id = nullif(current_setting('app.person', true), '')::uuid"
OURS = "current_setting('app.scope', true) in ('staff', 'worker')"


def upgrade() -> None:
    op.create_table(
        "payoff_survey",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("id", "loan_id", "person_id")),
        sa.Column("answer", sa.SmallInteger()),
        sa.Column("never", sa.Boolean(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("answer between 1 and 5", name=op.f("ck_payoff_survey_answer_of_five")),
        sa.CheckConstraint(
            "answer is not null or words_sealed is null", name=op.f("ck_payoff_survey_words_with_an_answer")
        ),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f("fk_payoff_survey_loan_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_payoff_survey_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payoff_survey")),
        sa.UniqueConstraint("loan_id", name=op.f("uq_payoff_survey_loan_id")),
    )
    op.create_index(op.f("ix_payoff_survey_person_id"), "payoff_survey", ["person_id"])
    # An answer is given once: nobody rewrites it, and only an erasure takes it away.
    op.execute("grant select, insert, delete on payoff_survey to huoshui_app")
    op.execute("alter table payoff_survey enable row level security")
    op.execute(f"create policy payoff_survey_of_the_principal on payoff_survey using ({OURS} or {OWNER})")


def downgrade() -> None:
    op.drop_table("payoff_survey")
