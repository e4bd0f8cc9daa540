"""Models in roles that two people give them, what other models say beside them, and alarms for the desk.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ROLES = ("candidate", "champion", "challenger", "shadow", "fallback", "retired")


def _one_of(column: str, *values: str) -> str:
    return f"{column} in ({', '.join(repr(value) for value in values)})"


def upgrade() -> None:
    op.add_column("session", sa.Column("proven_at", sa.DateTime(timezone=True)))
    op.add_column("decision", sa.Column("model_role", sa.Text()))
    op.add_column("scoring_model", sa.Column("card_sha256", sa.Text()))
    op.add_column("scoring_model", sa.Column("share", sa.Numeric(5, 4)))
    op.add_column("scoring_model", sa.Column("stood_down_at", sa.DateTime(timezone=True)))
    op.add_column("scoring_model", sa.Column("stood_down_why", sa.Text()))
    op.drop_constraint(op.f("ck_scoring_model_role_known"), "scoring_model")
    op.create_check_constraint(op.f("ck_scoring_model_role_known"), "scoring_model", _one_of("role", *ROLES))
    op.execute("update scoring_model set role = 'retired' where role = 'challenger'")
    for name, rule in (
        ("share_of_a_challenger", "(role = 'challenger') = (share is not null)"),
        ("share_is_a_part", "share > 0 and share <= 0.5"),
        ("champions_stand_down", "stood_down_at is null or role = 'champion'"),
    ):
        op.create_check_constraint(op.f(f"ck_scoring_model_{name}"), "scoring_model", rule)
    for role in ("fallback", "challenger"):
        where = sa.text(f"role = '{role}'")
        op.create_index(f"uq_scoring_model_{role}", "scoring_model", ["role"], unique=True, postgresql_where=where)
    _moves()
    op.create_table(
        "shadow_score",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("pd", sa.Numeric(5, 4), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_shadow_score_decision_id")),
        sa.ForeignKeyConstraint(["model_id"], ["scoring_model.id"], name=op.f("fk_shadow_score_model_id")),
        sa.PrimaryKeyConstraint("decision_id", "model_id", name=op.f("pk_shadow_score")),
    )
    _alarms()
    op.execute("grant select, insert on shadow_score to huoshui_app")
    op.execute("grant select, insert, update on model_move, alarm to huoshui_app")


def _moves() -> None:
    op.create_table(
        "model_move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("card_sha256", sa.Text(), nullable=False),
        sa.Column("from_role", sa.Text(), nullable=False),
        sa.Column("to_role", sa.Text(), nullable=False),
        sa.Column("share", sa.Numeric(5, 4)),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("answer", sa.Text()),
        sa.CheckConstraint(_one_of("to_role", *ROLES), name=op.f("ck_model_move_to_role_known")),
        sa.CheckConstraint(
            _one_of("state", "open", "approved", "rejected", "withdrawn"), name=op.f("ck_model_move_state_known")
        ),
        sa.CheckConstraint("(state = 'open') = (decided_by is null)", name=op.f("ck_model_move_decided_by_somebody")),
        sa.CheckConstraint("state <> 'approved' or decided_by <> proposed_by", name=op.f("ck_model_move_two_people")),
        sa.ForeignKeyConstraint(["model_id"], ["scoring_model.id"], name=op.f("fk_model_move_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_move")),
    )
    op.create_index("ix_model_move_model_id", "model_move", ["model_id"])
    still_open = sa.text("state = 'open'")
    op.create_index("uq_model_move_open", "model_move", ["model_id"], unique=True, postgresql_where=still_open)


def _alarms() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("closed_by", sa.Text()),
        sa.Column("outcome", sa.Text()),
        sa.CheckConstraint("(closed_at is null) = (closed_by is null)", name=op.f("ck_alarm_closed_by_somebody")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
    still_open = sa.text("closed_at is null")
    op.create_index("uq_alarm_open", "alarm", ["kind", "object_id"], unique=True, postgresql_where=still_open)


def downgrade() -> None:
    for table in ("alarm", "shadow_score", "model_move"):
        op.drop_table(table)
    op.drop_index("uq_scoring_model_fallback", table_name="scoring_model")
    op.drop_index("uq_scoring_model_challenger", table_name="scoring_model")
    for name in ("share_of_a_challenger", "share_is_a_part", "champions_stand_down", "role_known"):
        op.drop_constraint(op.f(f"ck_scoring_model_{name}"), "scoring_model")
    op.execute("update scoring_model set role = 'retired' where role in ('candidate', 'fallback', 'challenger')")
    op.create_check_constraint(
        op.f("ck_scoring_model_role_known"),
        "scoring_model",
        _one_of("role", "champion", "challenger", "shadow", "retired"),
    )
    for column in ("card_sha256", "share", "stood_down_at", "stood_down_why"):
        op.drop_column("scoring_model", column)
    op.drop_column("decision", "model_role")
    op.drop_column("session", "proven_at")
