"""Five classes, how they changed, who proposed what of them, and what was set aside each night.

Revision: 0143, after 0136.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0143"
down_revision = "0136"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
# Of the lender alone: no owner's session reads them.
OURS = "current_setting('app.scope', true) in ('staff', 'worker')"
CLASSES = "('normal', 'special_mention', 'substandard', 'doubtful', 'loss')"
BECAUSE = "('as_agreed', 'days', 'refinanced', 'extended', 'debtor', 'observed', 'people')"


def upgrade() -> None:
    op.create_table(
        "loan_class",
        _column("loan_id", sa.Uuid()),
        *(_column(name, sa.Text()) for name in ("klass", "because")),
        _column("stage", sa.Integer()),
        *(_column(name, sa.Date()) for name in ("since", "as_of")),
        _column("accrues", sa.Boolean()),
        _money("suspended_minor"),
        _column("late_on", sa.Date(), null=True),
        _column("said", sa.Text(), null=True),
        *(_column(name, sa.Date(), null=True) for name in ("said_since", "ended_on", "off_on")),
        _column("off_at", AT, null=True),
        *(_money(name) for name in ("off_minor", "off_interest_minor", "off_waived_minor", "recovered_minor")),
        _check("loan_class", "klass_known", f"klass in {CLASSES}"),
        _check("loan_class", "because_known", f"because in {BECAUSE}"),
        _check("loan_class", "said_known", f"said in {CLASSES}"),
        _check("loan_class", "suspended_not_negative", "suspended_minor >= 0"),
        _loan("loan_class"),
        sa.PrimaryKeyConstraint("loan_id", name=op.f("pk_loan_class")),
    )
    op.create_index("ix_loan_class_klass", "loan_class", ["klass"], postgresql_where=sa.text("ended_on is null"))
    op.create_table(
        "class_change",
        *(_column(name, sa.Uuid()) for name in ("id", "loan_id")),
        _column("n", sa.Integer()),
        _column("on_date", sa.Date()),
        _column("at", AT),
        *(_column(name, sa.Text()) for name in ("klass", "because", "was", "policy")),
        _column("accrues", sa.Boolean()),
        _column("figures", JSONB()),
        _check("class_change", "klass_known", f"klass in {CLASSES}"),
        _loan("class_change"),
        sa.UniqueConstraint("loan_id", "n", name=op.f("uq_class_change_loan_id_n")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_change")),
    )
    op.create_table(
        "class_proposal",
        *(_column(name, sa.Uuid()) for name in ("id", "loan_id")),
        _column("kind", sa.Text()),
        _column("klass", sa.Text(), null=True),
        _column("since", sa.Date(), null=True),
        _column("amount_minor", sa.BigInteger()),
        *(_column(name, sa.Text()) for name in ("words", "evidence", "made_by")),
        _column("made_at", AT),
        *(_column(name, sa.Text(), null=True) for name in ("verdict", "answered_by", "answer")),
        _column("answered_at", AT, null=True),
        _check("class_proposal", "kind_known", "kind in ('class', 'write_off')"),
        _check("class_proposal", "klass_known", f"klass in {CLASSES}"),
        _check("class_proposal", "verdict_known", "verdict in ('agreed', 'refused')"),
        _check("class_proposal", "class_of_a_class", "(kind = 'class') = (klass is not null)"),
        _check("class_proposal", "answered_with_a_verdict", "(verdict is null) = (answered_at is null)"),
        _check("class_proposal", "by_two", "answered_by <> made_by"),
        _loan("class_proposal"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_proposal")),
    )
    op.create_index(
        "uq_class_proposal_open",
        "class_proposal",
        ["loan_id"],
        unique=True,
        postgresql_where=sa.text("verdict is null"),
    )
    op.create_index("ix_class_proposal_loan_id", "class_proposal", ["loan_id"])
    op.create_table(
        "provision_line",
        _column("jurisdiction", sa.Text()),
        _column("on_date", sa.Date()),
        *(_column(name, sa.Text()) for name in ("currency", "klass")),
        _column("stage", sa.Integer()),
        *(_column(name, sa.BigInteger()) for name in ("loans", "principal_minor", "amount_minor")),
        _column("rate", sa.Numeric()),
        _check("provision_line", "klass_known", f"klass in {CLASSES}"),
        sa.PrimaryKeyConstraint("jurisdiction", "on_date", "currency", "klass", name=op.f("pk_provision_line")),
    )
    for name, verbs in (
        ("loan_class", "select, insert, update"),
        ("class_change", "select, insert"),
        ("class_proposal", "select, insert, update"),
        ("provision_line", "select, insert"),
    ):
        op.execute(f"grant {verbs} on {name} to huoshui_app")
        op.execute(f"alter table {name} enable row level security")
        op.execute(f"create policy {name}_of_the_lender on {name} using ({OURS})")


def _column(name: str, kind: Any, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null)


def _money(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def _check(table: str, what: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{what}"))


def _loan(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f(f"fk_{table}_loan_id"))


def downgrade() -> None:
    for name in ("provision_line", "class_proposal", "class_change", "loan_class"):
        op.drop_table(name)
