"""What a person asks of their data: a copy, or its erasure; and what erasure takes away.

Revision: 0018, after 0017.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# What nobody must keep: gone at an erasure, and never otherwise.
GOES = (
    "statement_line",
    "invoice",
    "counterparty_name",
    "statement_file",
    "identity_paper",
    "bureau_report",
    "prescore",
    "order_limit",
)


def upgrade() -> None:
    op.create_table(
        "data_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text()),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("object_key", sa.Text()),
        sa.Column("sha256", sa.Text()),
        sa.Column("size", sa.BigInteger()),
        sa.Column("kept", JSONB()),
        sa.CheckConstraint("kind in ('export', 'erasure')", name=op.f("ck_data_request_kind_known")),
        sa.CheckConstraint(
            "state in ('asked', 'ready', 'erased', 'refused')", name=op.f("ck_data_request_state_known")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_data_request_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_request")),
    )
    op.create_index(op.f("ix_data_request_person_id"), "data_request", ["person_id"])
    op.execute("grant select, insert, update on data_request to huoshui_app")
    op.execute("alter table data_request enable row level security")
    op.execute(
        """
        create policy data_request_of_the_principal on data_request
        using (
            current_setting('app.scope', true) in ('staff', 'worker')
            or person_id = nullif(current_setting('app.person', true), '')::uuid
        )
        """
    )
    for table in GOES:
        op.execute(f"grant delete on {table} to huoshui_app")
    op.drop_constraint(op.f("ck_one_time_code_purpose_known"), "one_time_code", type_="check")
    op.create_check_constraint(
        op.f("ck_one_time_code_purpose_known"), "one_time_code", "purpose in ('sign_in', 'sign', 'confirm', 'data')"
    )


def downgrade() -> None:
    op.execute("delete from one_time_code where purpose = 'data'")
    op.drop_constraint(op.f("ck_one_time_code_purpose_known"), "one_time_code", type_="check")
    op.create_check_constraint(
        op.f("ck_one_time_code_purpose_known"), "one_time_code", "purpose in ('sign_in', 'sign', 'confirm')"
    )
    for table in GOES:
        op.execute(f"revoke delete on {table} from huoshui_app")
    op.drop_table("data_request")
