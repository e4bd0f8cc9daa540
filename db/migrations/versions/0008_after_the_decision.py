"""What is watched after a decision: models, live loans, pre-scores and order limits, and the training store.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OWNED = ("early_warning", "prescore", "order_limit")


def upgrade() -> None:
    op.create_table(
        "night",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("job", "jurisdiction", "on_date", name=op.f("pk_night")),
    )
    op.create_table(
        "model_watch",
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(12, 6)),
        sa.Column("expected", sa.Numeric(12, 6)),
        sa.Column("low", sa.Numeric(12, 6)),
        sa.Column("high", sa.Numeric(12, 6)),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("measure in ('drift', 'calibration')", name=op.f("ck_model_watch_measure_known")),
        sa.CheckConstraint("state in ('calm', 'watch', 'alarm', 'too_few')", name=op.f("ck_model_watch_state_known")),
        sa.ForeignKeyConstraint(["model_id"], ["scoring_model.id"], name=op.f("fk_model_watch_model_id")),
        sa.PrimaryKeyConstraint("on_date", "model_id", "measure", "subject", name=op.f("pk_model_watch")),
    )
    op.create_table(
        "loan_bad",
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("bad_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f("fk_loan_bad_loan_id")),
        sa.PrimaryKeyConstraint("loan_id", name=op.f("pk_loan_bad")),
    )
    op.create_table(
        "early_warning",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("closed_by", sa.Text()),
        sa.Column("outcome", sa.Text()),
        sa.Column("words", sa.Text()),
        sa.CheckConstraint(
            "(closed_at is null) = (closed_by is null)", name=op.f("ck_early_warning_closed_by_somebody")
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_early_warning_application_id")),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name=op.f("fk_early_warning_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_early_warning")),
    )
    op.create_index(
        "uq_early_warning_open",
        "early_warning",
        ["loan_id", "cause"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_table(
        "prescore",
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("model_id", sa.Text()),
        sa.Column("pd", sa.Numeric(5, 4)),
        sa.Column("grade", sa.Text()),
        sa.Column("confidence", sa.Numeric(5, 4)),
        sa.Column("limit_minor", sa.BigInteger()),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state in ('scored', 'refused')", name=op.f("ck_prescore_state_known")),
        sa.CheckConstraint("(state = 'scored') = (pd is not null)", name=op.f("ck_prescore_scored_has_pd")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_prescore_firm_id")),
        sa.PrimaryKeyConstraint("list_id", "firm_id", name=op.f("pk_prescore")),
    )
    op.create_index("ix_prescore_firm_id", "prescore", ["firm_id"])
    op.create_table(
        "order_limit",
        sa.Column("firm_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("limit_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("basis", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("limit_minor >= 0", name=op.f("ck_order_limit_limit_not_negative")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_order_limit_firm_id")),
        sa.PrimaryKeyConstraint("firm_id", name=op.f("pk_order_limit")),
    )
    op.create_table(
        "store_row",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("features", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("outcome in ('unknown', 'good', 'bad')", name=op.f("ck_store_row_outcome_known")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_store_row")),
    )
    op.create_table(
        "glass_break",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("store_key", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Text()),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("open_until", sa.DateTime(timezone=True)),
        sa.Column("looks", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("state in ('asked', 'allowed', 'refused')", name=op.f("ck_glass_break_state_known")),
        sa.CheckConstraint(
            "(state = 'asked') = (answered_by is null)", name=op.f("ck_glass_break_answered_by_somebody")
        ),
        sa.CheckConstraint("answered_by <> asked_by", name=op.f("ck_glass_break_two_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glass_break")),
    )
    tables = "night, model_watch, loan_bad, early_warning, prescore, order_limit, store_row, glass_break"
    op.execute(f"grant select, insert, update on {tables} to huoshui_app")
    # A consent that is taken back takes its rows out of the store.
    op.execute("grant delete on store_row, model_watch to huoshui_app")
    for table in OWNED:
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
    op.add_column("firm", sa.Column("region", sa.Text()))


def downgrade() -> None:
    op.drop_column("firm", "region")
    for table in ("glass_break", "store_row", "order_limit", "prescore", "early_warning", "loan_bad", "model_watch"):
        op.drop_table(table)
    op.drop_table("night")
