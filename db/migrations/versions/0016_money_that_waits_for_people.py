"""Named payees, two persons before the largest payouts, proofs of identity given anew, holds on suspicion.

Revision: 0016, after 0015.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
OPEN_HOLD = "state in ('asked', 'blocked')"
OWNED = ("named_payee", "payout_release", "step_up", "money_hold")


def upgrade() -> None:
    op.add_column("staff", sa.Column("employee", sa.Text()))
    op.execute("update staff set employee = id::text")
    op.alter_column("staff", "employee", nullable=False)
    op.add_column("session", sa.Column("network", sa.Text()))
    op.create_index(op.f("ix_payout_person_id"), "payout", ["person_id"])
    op.drop_constraint(op.f("ck_one_time_code_purpose_known"), "one_time_code", type_="check")
    op.create_check_constraint(
        op.f("ck_one_time_code_purpose_known"), "one_time_code", "purpose in ('sign_in', 'sign', 'confirm')"
    )
    op.create_table(
        "named_payee",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.Column("masked", sa.Text(), nullable=False),
        sa.Column("bank", sa.Text()),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("covers_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("named_at", AT, nullable=False),
        sa.Column("checked_at", AT),
        sa.CheckConstraint(
            "state in ('asked', 'covered', 'unknown', 'dropped')", name=op.f("ck_named_payee_state_known")
        ),
        sa.CheckConstraint("covers_minor >= 0", name=op.f("ck_named_payee_covers_counts")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_named_payee_application_id")),
        sa.ForeignKeyConstraint(["file_id"], ["statement_file.id"], name=op.f("fk_named_payee_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_named_payee")),
    )
    op.create_index(op.f("ix_named_payee_number_index"), "named_payee", ["number_index"])
    op.create_index(
        "uq_named_payee_current",
        "named_payee",
        ["application_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'dropped'"),
    )
    op.add_column("payout", sa.Column("payee_id", sa.Uuid()))
    op.create_foreign_key(op.f("fk_payout_payee_id"), "payout", "named_payee", ["payee_id"], ["id"])
    op.create_table(
        "payout_release",
        sa.Column("payout_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("approval_hash", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("maker", sa.Text()),
        sa.Column("maker_by", sa.Text()),
        sa.Column("made_at", AT),
        sa.Column("checker", sa.Text()),
        sa.Column("answered_by", sa.Text()),
        sa.Column("answered_at", AT),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.CheckConstraint(
            "state in ('waiting', 'held_back', 'released', 'void', 'lapsed')",
            name=op.f("ck_payout_release_state_known"),
        ),
        sa.CheckConstraint("checker <> maker", name=op.f("ck_payout_release_two_people")),
        sa.CheckConstraint(
            "(state = 'released') = (checker is not null)", name=op.f("ck_payout_release_released_by_somebody")
        ),
        sa.CheckConstraint("checker is null or maker is not null", name=op.f("ck_payout_release_approved_before")),
        sa.ForeignKeyConstraint(["payout_id"], ["payout.id"], name=op.f("fk_payout_release_payout_id")),
        sa.PrimaryKeyConstraint("payout_id", name=op.f("pk_payout_release")),
    )
    op.create_index(
        "ix_payout_release_waiting",
        "payout_release",
        ["due_at"],
        postgresql_where=sa.text("state in ('waiting', 'held_back')"),
    )
    op.create_table(
        "step_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("bound_hash", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text()),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("answered_at", AT),
        sa.Column("expires_at", AT),
        sa.CheckConstraint("method in ('liveness', 'bank_card')", name=op.f("ck_step_up_method_known")),
        sa.CheckConstraint(
            "outcome in ('asked', 'match', 'mismatch', 'no_answer')", name=op.f("ck_step_up_outcome_known")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_step_up_person_id")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_step_up_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_up")),
    )
    op.create_index("ix_step_up_bound", "step_up", ["person_id", "bound_hash"])
    op.create_table(
        "money_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("signs", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text()),
        sa.Column("answered_at", AT),
        sa.Column("task_id", sa.Uuid()),
        sa.Column("opened_at", AT, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("ended_at", AT),
        sa.CheckConstraint(
            "state in ('asked', 'blocked', 'released', 'stopped')", name=op.f("ck_money_hold_state_known")
        ),
        sa.CheckConstraint(f"({OPEN_HOLD}) = (ended_at is null)", name=op.f("ck_money_hold_ended_when_over")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_money_hold_person_id")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_money_hold_application_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_money_hold_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_hold")),
    )
    op.create_index(op.f("ix_money_hold_application_id"), "money_hold", ["application_id"])
    op.create_index("uq_money_hold_open", "money_hold", ["person_id"], unique=True, postgresql_where=sa.text(OPEN_HOLD))
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
    op.drop_column("payout", "payee_id")
    for table in reversed(OWNED):
        op.drop_table(table)
    op.execute("delete from one_time_code where purpose = 'confirm'")
    op.drop_constraint(op.f("ck_one_time_code_purpose_known"), "one_time_code", type_="check")
    op.create_check_constraint(
        op.f("ck_one_time_code_purpose_known"), "one_time_code", "purpose in ('sign_in', 'sign')"
    )
    op.drop_index(op.f("ix_payout_person_id"), "payout")
    op.drop_column("session", "network")
    op.drop_column("staff", "employee")
