"""Of a photo that does not count by itself: who took it as evidence, when and why, and who opened it before; of every
photo: by what it is known.

Revision: 0117, after 0110.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0117"
down_revision = "0110"
branch_labels = None
depends_on = None

SOMEBODY, ANOTHER = "ck_task_evidence_vouched_by_somebody", "ck_task_evidence_vouched_by_another"


def upgrade() -> None:
    op.add_column("task_evidence", sa.Column("looks", postgresql.BIT(1408)))
    op.add_column("task_evidence", sa.Column("like_id", sa.Uuid()))
    op.add_column("task_evidence", sa.Column("vouched_sealed", sa.LargeBinary()))
    op.add_column("task_evidence", sa.Column("vouched_by", sa.Text()))
    op.add_column("task_evidence", sa.Column("vouched_at", sa.DateTime(timezone=True)))
    op.create_check_constraint(
        op.f(SOMEBODY),
        "task_evidence",
        "(vouched_sealed is null) = (vouched_by is null) and (vouched_by is null) = (vouched_at is null)",
    )
    op.create_check_constraint(op.f(ANOTHER), "task_evidence", "vouched_by <> by")
    op.create_index("ix_audit_opened", "audit", ["object_id"], postgresql_where=sa.text("action = 'offline.open'"))


def downgrade() -> None:
    op.drop_index("ix_audit_opened", "audit")
    op.drop_constraint(op.f(ANOTHER), "task_evidence")
    op.drop_constraint(op.f(SOMEBODY), "task_evidence")
    for name in ("vouched_sealed", "vouched_by", "vouched_at", "like_id", "looks"):
        op.drop_column("task_evidence", name)
