"""What stands behind a fact of a receivable: a paper by its hash, or a second person's word.

Revision: 0122, after 0119.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0122"
down_revision = "0119"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
TABLE = "receivable_word"
RAISES = "('undisputed', 'unbarred', 'uncredited', 'unpaid', 'cleared')"


def _column(name: str, kind: Any, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null)


def upgrade() -> None:
    op.create_table(
        TABLE,
        *(_column(name, sa.Uuid()) for name in ("id", "receivable_id", "person_id")),
        _column("fact", sa.Text()),
        _column("amount_minor", sa.BigInteger()),
        *(_column(name, sa.Uuid(), null=True) for name in ("takes_back", "document_id", "command_id")),
        _column("sha256", sa.Text(), null=True),
        *(_column(name, sa.Text()) for name in ("words", "said_by", "employee", "state")),
        _column("said_at", AT),
        *(_column(name, sa.Text(), null=True) for name in ("second_by", "second_employee", "second_words")),
        _column("second_at", AT, null=True),
        sa.CheckConstraint("state in ('stands', 'waits', 'turned_down')", name=op.f(f"ck_{TABLE}_state_known")),
        sa.CheckConstraint("second_employee <> employee", name=op.f(f"ck_{TABLE}_two_people")),
        sa.CheckConstraint("(document_id is null) = (sha256 is null)", name=op.f(f"ck_{TABLE}_paper_by_its_hash")),
        *(
            sa.ForeignKeyConstraint([f"{name}_id"], [f"{name}.id"], name=op.f(f"fk_{TABLE}_{name}_id"))
            for name in ("receivable", "person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    for column in ("receivable_id", "person_id"):
        op.create_index(op.f(f"ix_{TABLE}_{column}"), TABLE, [column])
    op.create_index(
        f"uq_{TABLE}_waits",
        TABLE,
        ["receivable_id", "fact"],
        unique=True,
        postgresql_where=sa.text(f"state = 'waits' and fact in {RAISES}"),
    )
    op.execute(f"grant select, insert, update on {TABLE} to huoshui_app")
    op.execute(f"alter table {TABLE} enable row level security")
    op.execute(
        f"""
        create policy {TABLE}_of_the_principal on {TABLE}
        using (
            current_setting('app.scope', true) in ('staff', 'worker')
            or person_id = nullif(current_setting('app.person', true), '')::uuid
        )
        """
    )


def downgrade() -> None:
    op.drop_table(TABLE)
