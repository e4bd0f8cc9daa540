"""Lateness that the balance forgets, the level of each person, and every change of it.

Revision: 0030, after 0019.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLES = ("late_stretch", "trust_standing", "trust_change")
REASONS = "'first_loan', 'clean_months', 'repaid', 'late', 'very_late', 'rules_changed'"


def upgrade() -> None:
    op.create_table(
        "late_stretch",
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.CheckConstraint("first_on <= last_on and days > 0", name=op.f("ck_late_stretch_in_order")),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f("fk_late_stretch_loan_id")),
        sa.PrimaryKeyConstraint("loan_id", "since", name=op.f("pk_late_stretch")),
    )
    op.create_index(op.f("ix_late_stretch_person_id"), "late_stretch", ["person_id"])
    op.create_table(
        "trust_standing",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("counts_from", sa.Date()),
        sa.Column("rises_on", sa.Date()),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("looked_on", sa.Date(), nullable=False),
        sa.CheckConstraint("level between 1 and 5", name=op.f("ck_trust_standing_level_known")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_trust_standing_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_trust_standing")),
    )
    op.create_index("ix_trust_standing_rises", "trust_standing", ["rises_on"])
    op.create_table(
        "trust_change",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level between 1 and 5", name=op.f("ck_trust_change_level_known")),
        sa.CheckConstraint(f"reason in ({REASONS})", name=op.f("ck_trust_change_reason_known")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_trust_change_person_id")),
        sa.PrimaryKeyConstraint("person_id", "n", name=op.f("pk_trust_change")),
    )
    op.execute("grant select, insert, update on late_stretch, trust_standing to huoshui_app")
    op.execute("grant select, insert on trust_change to huoshui_app")
    for table in TABLES:
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
    for table in reversed(TABLES):
        op.drop_table(table)
