"""Whose customer somebody is, codes and territories, checks of loans, quotes; who said a leave.

Revision: 0076, after 0075.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
OF_THE_PRINCIPAL = """
    create policy {name}_of_the_principal on {name}
    using (
        current_setting('app.scope', true) in ('staff', 'worker')
        or person_id = nullif(current_setting('app.person', true), '')::uuid
    )
"""


def key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def needed(name: str, kind: Any = None) -> sa.Column[Any]:
    return sa.Column(name, kind or sa.Text(), nullable=False)


def upgrade() -> None:
    op.add_column("application", sa.Column("manager_code", sa.Text()))
    op.add_column("staff_leave", sa.Column("said_by", sa.Text()))
    op.create_table(
        "customer_manager",
        *(needed(name, sa.Uuid()) for name in ("id", "person_id", "staff_id")),
        *(needed(name) for name in ("source", "code", "given_by")),
        needed("given_at", AT),
        sa.Column("ended_at", AT),
        sa.CheckConstraint(
            "source in ('qr', 'territory', 'handed_over')", name=op.f("ck_customer_manager_source_known")
        ),
        key("customer_manager", "person_id", "person"),
        key("customer_manager", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_manager")),
    )
    op.create_index(op.f("ix_customer_manager_person_id"), "customer_manager", ["person_id"])
    now = sa.text("ended_at is null")
    op.create_index("uq_customer_manager_now", "customer_manager", ["person_id"], unique=True, postgresql_where=now)
    op.create_index("ix_customer_manager_staff_id", "customer_manager", ["staff_id"], postgresql_where=now)
    op.create_table(
        "manager_code",
        needed("code"),
        needed("staff_id", sa.Uuid()),
        needed("made_at", AT),
        sa.Column("ended_at", AT),
        sa.CheckConstraint("code ~ '^[a-z2-7]{10}$'", name=op.f("ck_manager_code_code_known")),
        key("manager_code", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_manager_code")),
    )
    op.create_index("uq_manager_code_now", "manager_code", ["staff_id"], unique=True, postgresql_where=now)
    op.create_table(
        "territory",
        needed("area"),
        needed("staff_id", sa.Uuid()),
        needed("said_by"),
        needed("said_at", AT),
        sa.CheckConstraint("area ~ '^[1-9][0-9]{1,5}$'", name=op.f("ck_territory_area_known")),
        key("territory", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("area", name=op.f("pk_territory")),
    )
    op.create_table(
        "loan_check",
        *(needed(name, sa.Uuid()) for name in ("id", "loan_id", "person_id")),
        needed("due_on", sa.Date()),
        needed("result"),
        needed("words_sealed", sa.LargeBinary()),
        needed("by"),
        needed("done_at", AT),
        sa.CheckConstraint("result in ('in_order', 'watch', 'trouble')", name=op.f("ck_loan_check_result_known")),
        key("loan_check", "loan_id", "loan"),
        key("loan_check", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_check")),
        sa.UniqueConstraint("loan_id", "due_on", name=op.f("uq_loan_check_loan_id_due_on")),
    )
    op.create_index(op.f("ix_loan_check_person_id"), "loan_check", ["person_id"])
    op.create_table(
        "quote",
        *(needed(name, sa.Uuid()) for name in ("id", "staff_id")),
        needed("product_id"),
        needed("asked", JSONB()),
        needed("annual_rate", sa.Numeric()),
        needed("state"),
        needed("policy_version"),
        sa.Column("facts_sha256", sa.Text()),
        needed("made_at", AT),
        sa.CheckConstraint("state in ('given', 'refused')", name=op.f("ck_quote_state_known")),
        sa.CheckConstraint(
            "(state = 'given') = (facts_sha256 is not null)", name=op.f("ck_quote_given_with_its_facts")
        ),
        key("quote", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
    )
    op.create_index(op.f("ix_quote_staff_id"), "quote", ["staff_id"])
    op.create_index("ix_quote_refused", "quote", ["made_at"], postgresql_where=sa.text("state = 'refused'"))
    op.execute("grant select, insert, update on customer_manager, manager_code, territory to huoshui_app")
    op.execute("grant delete on territory to huoshui_app")
    op.execute("grant select, insert on loan_check, quote to huoshui_app")
    for table in ("customer_manager", "loan_check"):
        op.execute(f"alter table {table} enable row level security")
        op.execute(OF_THE_PRINCIPAL.format(name=table))


def downgrade() -> None:
    for table in ("quote", "loan_check", "territory", "manager_code", "customer_manager"):
        op.drop_table(table)
    op.drop_column("staff_leave", "said_by")
    op.drop_column("application", "manager_code")
