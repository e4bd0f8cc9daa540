"""The end of a loan before it comes, and how it was called in the books.

Revision: 0113, after 0112.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0113"
down_revision = "0112"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
OWNER = "person_id = nullif(current_setting('app.person', true), '')::uuid"
OURS = "current_setting('app.scope', true) in ('staff', 'worker')"
CHECKS = {
    "wish_known": "wish in ('renew', 'extend', 'pay_off')",
    "verdict_known": "verdict in ('renew', 'extend', 'none')",
    "answered_with_a_verdict": "(verdict is null) = (answered_at is null)",
    "months_of_an_extension": "(verdict = 'extend') = (months is not null)",
    "agreed_to_what_was_shown": "(agreed_at is null) = (shown_hash is null)",
    "agreed_to_an_extension": "agreed_at is null or verdict = 'extend'",
}


def _column(name: str, kind: Any, *, null: bool = True) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null)


def upgrade() -> None:
    op.add_column("loan", sa.Column("renewal_label", sa.Text()))
    op.create_check_constraint(
        op.f("ck_loan_renewal_label_known"), "loan", "renewal_label in ('renewal', 'refinancing')"
    )
    op.create_table(
        "loan_end",
        *(_column(name, sa.Uuid(), null=False) for name in ("loan_id", "person_id")),
        _column("opened_at", AT, null=False),
        _column("matures_on", sa.Date(), null=False),
        _column("answer_due_at", AT, null=False),
        *(_column(name, sa.Text()) for name in ("wish", "verdict", "reason", "answered_by", "shown_hash")),
        *(_column(name, AT) for name in ("wished_at", "asked_again_at", "reminded_at", "escalated_at")),
        *(_column(name, AT) for name in ("promised_at", "answered_at", "agreed_at")),
        _column("months", sa.Integer()),
        _column("extended_from", sa.Date()),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_loan_end_{name}")) for name, rule in CHECKS.items()),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f("fk_loan_end_loan_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_loan_end_person_id")),
        sa.PrimaryKeyConstraint("loan_id", name=op.f("pk_loan_end")),
    )
    op.create_index(op.f("ix_loan_end_person_id"), "loan_end", ["person_id"])
    op.create_index(
        "ix_loan_end_waiting",
        "loan_end",
        ["answer_due_at"],
        postgresql_where=sa.text("wish is not null and verdict is null"),
    )
    op.execute("grant select, insert, update on loan_end to huoshui_app")
    op.execute("alter table loan_end enable row level security")
    op.execute(f"create policy loan_end_of_the_principal on loan_end using ({OURS} or {OWNER})")


def downgrade() -> None:
    op.drop_table("loan_end")
    op.drop_constraint(op.f("ck_loan_renewal_label_known"), "loan")
    op.drop_column("loan", "renewal_label")
