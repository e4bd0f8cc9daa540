"""Of what was brought home: what a photo shows, and whether a number is that of its piece.

Revision: 0103, after 0106.
"""

import sqlalchemy as sa
from alembic import op

revision = "0103"
down_revision = "0106"
branch_labels = None
depends_on = None

COLUMNS = ("picture_sha256", "collateral_id", "matches", "explained_sealed", "explained_by", "explained_at")
INDEXED = ("sha256", "picture_sha256", "collateral_id")
EXPLAINED = "ck_task_evidence_explained_by_somebody"
COMPARED = "ck_task_evidence_compared_with_a_piece"


def upgrade() -> None:
    op.add_column("task_evidence", sa.Column("picture_sha256", sa.Text()))
    op.add_column("task_evidence", sa.Column("collateral_id", sa.Uuid()))
    op.add_column("task_evidence", sa.Column("matches", sa.Boolean()))
    op.add_column("task_evidence", sa.Column("explained_sealed", sa.LargeBinary()))
    op.add_column("task_evidence", sa.Column("explained_by", sa.Text()))
    op.add_column("task_evidence", sa.Column("explained_at", sa.DateTime(timezone=True)))
    op.create_check_constraint(
        op.f(EXPLAINED),
        "task_evidence",
        "(explained_sealed is null) = (explained_by is null) and (explained_by is null) = (explained_at is null)",
    )
    op.create_check_constraint(op.f(COMPARED), "task_evidence", "matches is null or collateral_id is not null")
    for name in INDEXED:
        op.create_index(op.f(f"ix_task_evidence_{name}"), "task_evidence", [name])


def downgrade() -> None:
    op.drop_index("ix_task_evidence_collateral_id", "task_evidence")
    op.drop_index("ix_task_evidence_picture_sha256", "task_evidence")
    op.drop_constraint(op.f(COMPARED), "task_evidence")
    op.drop_constraint(op.f(EXPLAINED), "task_evidence")
    for name in COLUMNS:
        op.drop_column("task_evidence", name)
