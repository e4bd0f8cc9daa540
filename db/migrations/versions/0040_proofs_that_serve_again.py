"""Proofs of identity that serve again, where they did, and changes of what a person proves themselves with.

Revision: 0040, after 0030.
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0030"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
METHODS = "method in ('network', 'bank_card', 'liveness', 'register', 'video', 'branch')"
OUTCOMES = "outcome in ('served', 'about', 'expired', 'device', 'place', 'hold', 'factor', 'risk')"
OWNED = ("identity_assertion", "assertion_use", "factor_change")


def upgrade() -> None:
    op.create_table(
        "identity_assertion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("about", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("check_id", sa.Uuid()),
        sa.Column("task_id", sa.Uuid()),
        sa.Column("given_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.CheckConstraint(METHODS, name=op.f("ck_identity_assertion_method_known")),
        sa.CheckConstraint("level between 1 and 3", name=op.f("ck_identity_assertion_level_known")),
        sa.CheckConstraint("expires_at > given_at", name=op.f("ck_identity_assertion_lasts")),
        sa.CheckConstraint("(check_id is null) <> (task_id is null)", name=op.f("ck_identity_assertion_one_source")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_identity_assertion_person_id")),
        sa.ForeignKeyConstraint(["check_id"], ["identity_check.id"], name=op.f("fk_identity_assertion_check_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_identity_assertion_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_assertion")),
    )
    op.create_index(op.f("ix_identity_assertion_person_id"), "identity_assertion", ["person_id"])
    op.create_table(
        "assertion_use",
        sa.Column("assertion_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid()),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.CheckConstraint(OUTCOMES, name=op.f("ck_assertion_use_outcome_known")),
        sa.ForeignKeyConstraint(
            ["assertion_id"], ["identity_assertion.id"], name=op.f("fk_assertion_use_assertion_id")
        ),
        sa.PrimaryKeyConstraint("assertion_id", "cause", name=op.f("pk_assertion_use")),
    )
    op.create_index(op.f("ix_assertion_use_person_id"), "assertion_use", ["person_id"])
    op.create_table(
        "factor_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("factor", sa.Text(), nullable=False),
        sa.Column("changed_at", AT, nullable=False),
        sa.CheckConstraint("factor in ('account', 'phone')", name=op.f("ck_factor_change_factor_known")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_factor_change_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_change")),
    )
    op.create_index(op.f("ix_factor_change_person_id"), "factor_change", ["person_id"])
    for table in ("identity_assertion", "assertion_use"):
        op.execute(f"grant delete on {table} to huoshui_app")  # an erasure takes them away
    for table in OWNED:
        op.execute(f"grant select, insert on {table} to huoshui_app")
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
