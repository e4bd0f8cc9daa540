"""Money that comes in unasked: collection accounts, credits, what is sent on, what a buyer paid to the wrong account.

Revision: 0082, after 0081.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None

AT, NO, NONE = sa.DateTime(timezone=True), sa.text("false"), sa.text("0")
TABLES = ("collection_account", "incoming", "outgoing", "diversion")


def _column(name: str, kind: Any, *, null: bool = False, server_default: Any = None) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null, server_default=server_default)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "collection_account",
        *(_column(name, sa.Uuid()) for name in ("id", "line_id", "person_id")),
        *(_column(name, sa.LargeBinary()) for name in ("number_sealed", "number_index")),
        _column("masked", sa.Text()),
        _column("opened_at", AT),
        _to("collection_account", "line_id", "credit_line"),
        _to("collection_account", "person_id", "person"),
        sa.UniqueConstraint("line_id", name=op.f("uq_collection_account_line_id")),
        sa.UniqueConstraint("number_index", name=op.f("uq_collection_account_number_index")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_account")),
    )
    op.create_table(
        "incoming",
        _column("id", sa.Uuid()),
        _column("seq", sa.BigInteger()),
        *(_column(name, sa.Text()) for name in ("rail", "rail_reference")),
        _column("order_id", sa.Text(), null=True),
        _column("amount_minor", sa.BigInteger()),
        _column("currency", sa.Text()),
        _column("booked_on", sa.Date()),
        _column("came_at", AT),
        *(_column(name, sa.LargeBinary()) for name in ("payer_kept", "payer_index", "payer_key")),
        _column("state", sa.Text()),
        _column("problem", sa.Text(), server_default=""),
        _column("due_at", AT, null=True),
        _column("via_line_id", sa.Uuid(), null=True),
        _column("decided", sa.Text(), null=True),
        _column("decided_id", sa.Uuid(), null=True),
        *(_column(name, sa.Text(), null=True) for name in ("decided_by", "words", "by")),
        *(_column(name, sa.Uuid(), null=True) for name in ("person_id", "line_id", "receivable_id", "loan_id")),
        _column("third_party", sa.Boolean(), server_default=NO),
        *(_column(name, sa.BigInteger(), server_default=NONE) for name in ("repaid_minor", "rest_minor")),
        _column("placed_at", AT, null=True),
        sa.CheckConstraint(
            "state in ('arrived', 'suspense', 'placed', 'given_back')", name=op.f("ck_incoming_state_known")
        ),
        sa.CheckConstraint("rail in ('bank', 'wechat', 'alipay')", name=op.f("ck_incoming_rail_known")),
        sa.CheckConstraint("decided in ('loan', 'receivable', 'give_back')", name=op.f("ck_incoming_decided_known")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_incoming_amount_positive")),
        sa.CheckConstraint("(state = 'suspense') <= (due_at is not null)", name=op.f("ck_incoming_somebody_looks_by")),
        _to("incoming", "via_line_id", "credit_line"),
        _to("incoming", "line_id", "credit_line"),
        *(_to("incoming", f"{name}_id", name) for name in ("person", "receivable", "loan")),
        sa.UniqueConstraint("seq", name=op.f("uq_incoming_seq")),
        sa.UniqueConstraint("rail_reference", name=op.f("uq_incoming_rail_reference")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming")),
    )
    for column in ("person_id", "receivable_id", "loan_id"):
        op.create_index(op.f(f"ix_incoming_{column}"), "incoming", [column])
    op.create_index(
        "ix_incoming_waiting", "incoming", ["seq"], postgresql_where=sa.text("state in ('arrived', 'suspense')")
    )
    op.create_table(
        "outgoing",
        _column("id", sa.Uuid()),
        _column("kind", sa.Text()),
        *(_column(name, sa.Uuid(), null=True) for name in ("incoming_id", "collection_id", "person_id", "loan_id")),
        _column("of", sa.Text(), null=True),
        _column("account_id", sa.Uuid(), null=True),
        _column("from_suspense", sa.Boolean(), server_default=NO),
        _column("amount_minor", sa.BigInteger()),
        *(_column(name, sa.Text()) for name in ("currency", "state")),
        _column("problem", sa.Text(), server_default=""),
        _column("rail_reference", sa.Text(), null=True),
        _column("created_at", AT),
        _column("done_at", AT, null=True),
        _column("done_on", sa.Date(), null=True),
        sa.CheckConstraint("kind in ('return', 'rest')", name=op.f("ck_outgoing_kind_known")),
        sa.CheckConstraint("state in ('owed', 'sent', 'done', 'refused')", name=op.f("ck_outgoing_state_known")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_outgoing_amount_positive")),
        sa.CheckConstraint("(kind = 'return') = (of is not null)", name=op.f("ck_outgoing_returned_of_something")),
        sa.CheckConstraint("(kind = 'rest') <= (account_id is not null)", name=op.f("ck_outgoing_rest_goes_somewhere")),
        *(_to("outgoing", f"{name}_id", name) for name in ("incoming", "collection", "person", "loan")),
        _to("outgoing", "account_id", "bank_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing")),
    )
    for column in ("incoming_id", "collection_id", "person_id", "loan_id"):
        op.create_index(op.f(f"ix_outgoing_{column}"), "outgoing", [column])
    op.create_index(
        "ix_outgoing_open", "outgoing", ["created_at"], postgresql_where=sa.text("state in ('owed', 'sent')")
    )
    op.create_table(
        "diversion",
        *(_column(name, sa.Uuid()) for name in ("id", "receivable_id", "line_id", "person_id")),
        _column("amount_minor", sa.BigInteger()),
        _column("mended_minor", sa.BigInteger(), server_default=NONE),
        _column("currency", sa.Text()),
        _column("paid_on", sa.Date()),
        _column("seen_at", AT),
        _column("cure_on", sa.Date()),
        _column("state", sa.Text()),
        _column("mended_at", AT, null=True),
        sa.CheckConstraint("state in ('open', 'mended')", name=op.f("ck_diversion_state_known")),
        sa.CheckConstraint(
            "amount_minor > 0 and mended_minor between 0 and amount_minor", name=op.f("ck_diversion_amounts_count")
        ),
        _to("diversion", "line_id", "credit_line"),
        *(_to("diversion", f"{name}_id", name) for name in ("receivable", "person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diversion")),
    )
    for column in ("receivable_id", "person_id"):
        op.create_index(op.f(f"ix_diversion_{column}"), "diversion", [column])
    op.create_index("ix_diversion_open", "diversion", ["cure_on"], postgresql_where=sa.text("state = 'open'"))
    op.create_index(op.f("ix_collection_account_person_id"), "collection_account", ["person_id"])
    for table in TABLES:
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
    op.add_column("receivable", sa.Column("diverted_minor", sa.BigInteger(), server_default="0", nullable=False))
    op.drop_constraint(op.f("ck_receivable_amounts_count"), "receivable")
    op.create_check_constraint(
        op.f("ck_receivable_amounts_count"),
        "receivable",
        "amount_minor > 0 and credited_minor >= 0 and paid_minor >= 0 and diverted_minor >= 0",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_receivable_amounts_count"), "receivable")
    op.create_check_constraint(
        op.f("ck_receivable_amounts_count"),
        "receivable",
        "amount_minor > 0 and credited_minor >= 0 and paid_minor >= 0",
    )
    op.drop_column("receivable", "diverted_minor")
    for table in reversed(TABLES):
        op.drop_table(table)
