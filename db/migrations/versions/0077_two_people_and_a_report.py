"""Two people who look into a firm, the report on it, and their signatures.

Revision: 0077, after 0076.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
TABLES = ("investigation", "case_report", "report_signature")
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
    op.create_table(
        "investigation",
        *(needed(name, sa.Uuid()) for name in ("application_id", "person_id", "lead_id", "second_id")),
        needed("named_at", AT),
        sa.CheckConstraint("lead_id <> second_id", name=op.f("ck_investigation_two_people")),
        key("investigation", "application_id", "application"),
        key("investigation", "person_id", "person"),
        key("investigation", "lead_id", "staff"),
        key("investigation", "second_id", "staff"),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_investigation")),
    )
    op.create_table(
        "case_report",
        *(needed(name, sa.Uuid()) for name in ("id", "application_id", "person_id")),
        needed("n", sa.Integer()),
        needed("content_sealed", sa.LargeBinary()),
        needed("sha256"),
        needed("by"),
        needed("made_at", AT),
        key("case_report", "application_id", "application"),
        key("case_report", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_report")),
        sa.UniqueConstraint("application_id", "n", name=op.f("uq_case_report_application_id_n")),
    )
    op.create_table(
        "report_signature",
        needed("report_id", sa.Uuid()),
        needed("part"),
        *(needed(name, sa.Uuid()) for name in ("application_id", "person_id", "staff_id")),
        needed("employee"),
        needed("sha256"),
        needed("signed_at", AT),
        sa.CheckConstraint("part in ('lead', 'second')", name=op.f("ck_report_signature_part_known")),
        key("report_signature", "report_id", "case_report"),
        key("report_signature", "application_id", "application"),
        key("report_signature", "person_id", "person"),
        key("report_signature", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("report_id", "part", name=op.f("pk_report_signature")),
    )
    for table in TABLES:
        op.create_index(op.f(f"ix_{table}_person_id"), table, ["person_id"])
        op.execute(f"alter table {table} enable row level security")
        op.execute(OF_THE_PRINCIPAL.format(name=table))
    op.create_index(op.f("ix_report_signature_application_id"), "report_signature", ["application_id"])
    op.execute("grant select, insert, update on investigation to huoshui_app")
    op.execute("grant select, insert on case_report, report_signature to huoshui_app")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
