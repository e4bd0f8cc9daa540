"""Seats of a firm, the seat that a browser sits in, and the wall around one firm's rows.

Revision: 0069, after 0068.
"""

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
OF_A_FIRM = ("application", "loan", "credit_line")


def upgrade() -> None:
    op.create_table(
        "firm_seat",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("phone_masked", sa.Text(), nullable=False),
        sa.Column("given_at", AT, nullable=False),
        sa.Column("answer_by", AT, nullable=False),
        sa.Column("ends_at", AT, nullable=False),
        sa.Column("taken_at", AT),
        sa.Column("ended_at", AT),
        sa.CheckConstraint("role in ('accountant', 'representative')", name=op.f("ck_firm_seat_role_known")),
        sa.CheckConstraint(
            "state in ('invited', 'taken', 'declined', 'revoked', 'lapsed', 'given_up')",
            name=op.f("ck_firm_seat_state_known"),
        ),
        sa.CheckConstraint("person_id <> holder_id", name=op.f("ck_firm_seat_somebody_else")),
        sa.CheckConstraint(
            "(state in ('invited', 'taken')) = (ended_at is null)", name=op.f("ck_firm_seat_ended_when_over")
        ),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_firm_seat_firm_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_firm_seat_person_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["person.id"], name=op.f("fk_firm_seat_holder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm_seat")),
    )
    for column in ("person_id", "holder_id"):
        op.create_index(op.f(f"ix_firm_seat_{column}"), "firm_seat", [column])
    op.create_index(
        "uq_firm_seat_live",
        "firm_seat",
        ["firm_id", "holder_id"],
        unique=True,
        postgresql_where=sa.text("state in ('invited', 'taken')"),
    )
    op.execute("grant select, insert, update on firm_seat to huoshui_app")
    op.execute("alter table firm_seat enable row level security")
    op.execute(
        """
        create policy firm_seat_of_the_two on firm_seat
        using (
            current_setting('app.scope', true) in ('staff', 'worker')
            or person_id = nullif(current_setting('app.person', true), '')::uuid
            or holder_id = nullif(current_setting('app.person', true), '')::uuid
        )
        """
    )
    op.add_column("session", sa.Column("seat_id", sa.Uuid()))
    op.create_foreign_key(op.f("fk_session_seat_id"), "session", "firm_seat", ["seat_id"], ["id"])
    op.create_index("ix_session_seat_id", "session", ["seat_id"], postgresql_where=sa.text("seat_id is not null"))
    # Somebody in a seat sees what is of its firm and nothing else of the same owner, whatever the query asked for. The
    # setting is read once a statement, not once a row: the nightly close reads a million of them.
    for table in OF_A_FIRM:
        op.execute(
            f"""
            create policy {table}_of_the_seats_firm on {table} as restrictive
            using (
                (select coalesce(current_setting('app.firm', true), '')) = ''
                or firm_id = (select nullif(current_setting('app.firm', true), '')::uuid)
            )
            """
        )


def downgrade() -> None:
    for table in OF_A_FIRM:
        op.execute(f"drop policy {table}_of_the_seats_firm on {table}")
    op.drop_index("ix_session_seat_id", "session")
    op.drop_constraint(op.f("fk_session_seat_id"), "session", type_="foreignkey")
    op.drop_column("session", "seat_id")
    op.drop_table("firm_seat")
