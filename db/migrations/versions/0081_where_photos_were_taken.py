"""Where an address lies, live video visits, and recordings that their provider keeps.

Revision: 0081, after 0080.
"""

import sqlalchemy as sa
from alembic import op

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
FILE = "(object_key is null) = (sha256 is null)"


def upgrade() -> None:
    op.add_column("task", sa.Column("point_sealed", sa.LargeBinary()))
    op.add_column("task", sa.Column("point_precision", sa.Text()))
    op.add_column("task", sa.Column("room_sealed", sa.LargeBinary()))
    op.add_column("task", sa.Column("agreed_at", AT))
    op.add_column("task", sa.Column("agreed_words", sa.Text()))
    op.create_check_constraint(
        op.f("ck_task_point_precision_known"), "task", "point_precision in ('house', 'street', 'town', 'unknown')"
    )
    op.add_column("task_evidence", sa.Column("reference", sa.Text()))
    op.add_column("task_evidence", sa.Column("ended_at", AT))
    op.add_column("task_evidence", sa.Column("agreed_at", AT))
    op.drop_constraint(op.f("ck_task_evidence_file_with_its_hash"), "task_evidence", type_="check")
    op.create_check_constraint(
        op.f("ck_task_evidence_file_with_its_hash"), "task_evidence", f"{FILE} or reference is not null"
    )
    op.create_check_constraint(
        op.f("ck_task_evidence_recorded_with_consent"),
        "task_evidence",
        "reference is null or (sha256 is not null and agreed_at is not null and agreed_at <= taken_at)",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_task_evidence_recorded_with_consent"), "task_evidence", type_="check")
    op.drop_constraint(op.f("ck_task_evidence_file_with_its_hash"), "task_evidence", type_="check")
    op.execute("delete from task_evidence where reference is not null")
    op.create_check_constraint(op.f("ck_task_evidence_file_with_its_hash"), "task_evidence", FILE)
    for column in ("agreed_at", "ended_at", "reference"):
        op.drop_column("task_evidence", column)
    op.drop_constraint(op.f("ck_task_point_precision_known"), "task", type_="check")
    for column in ("agreed_words", "agreed_at", "room_sealed", "point_precision", "point_sealed"):
        op.drop_column("task", column)
