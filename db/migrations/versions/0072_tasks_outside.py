"""Tasks outside: slot, pack, what is brought home, and who stands in.

Revision: 0072, after 0071.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("task", sa.Column("slot_at", AT))
    op.add_column("task", sa.Column("way", sa.Text()))
    op.add_column("task", sa.Column("place_sealed", sa.LargeBinary()))
    op.add_column("task", sa.Column("pack", JSONB()))
    op.add_column("task", sa.Column("pack_at", AT))
    op.create_check_constraint(op.f("ck_task_way_known"), "task", "way in ('on_site', 'video')")
    op.create_index("ix_task_owner_id", "task", ["owner_id"], postgresql_where=sa.text("state = 'open'"))
    op.create_table(
        "task_evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary()),
        sa.Column("place_sealed", sa.LargeBinary()),
        sa.Column("place_source", sa.Text()),
        sa.Column("taken_at", AT),
        sa.Column("sha256", sa.Text()),
        sa.Column("object_key", sa.Text()),
        sa.Column("media_type", sa.Text()),
        sa.Column("size", sa.BigInteger()),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("received_at", AT, nullable=False),
        sa.CheckConstraint(
            "kind in ('photo', 'serial', 'note', 'recording', 'reference')", name=op.f("ck_task_evidence_kind_known")
        ),
        sa.CheckConstraint("place_source in ('picture', 'page')", name=op.f("ck_task_evidence_place_source_known")),
        sa.CheckConstraint("(object_key is null) = (sha256 is null)", name=op.f("ck_task_evidence_file_with_its_hash")),
        sa.CheckConstraint(
            "(place_source is null) = (place_sealed is null)", name=op.f("ck_task_evidence_place_with_its_source")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_evidence_task_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_task_evidence_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_evidence")),
    )
    op.create_index(op.f("ix_task_evidence_person_id"), "task_evidence", ["person_id"])
    op.create_index("ix_task_evidence_task_id", "task_evidence", ["task_id", "received_at"])
    op.execute("grant select, insert, update, delete on task_evidence to huoshui_app")
    op.execute("alter table task_evidence enable row level security")
    op.execute(
        """
        create policy task_evidence_of_the_principal on task_evidence
        using (
            current_setting('app.scope', true) in ('staff', 'worker')
            or person_id = nullif(current_setting('app.person', true), '')::uuid
        )
        """
    )
    op.create_table(
        "staff_leave",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("deputy_id", sa.Uuid(), nullable=False),
        sa.Column("begins_at", AT, nullable=False),
        sa.Column("ends_at", AT, nullable=False),
        sa.Column("said_at", AT, nullable=False),
        sa.Column("handed_at", AT),
        sa.Column("ended_at", AT),
        sa.CheckConstraint("staff_id <> deputy_id", name=op.f("ck_staff_leave_somebody_else")),
        sa.CheckConstraint("ends_at > begins_at", name=op.f("ck_staff_leave_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_leave_staff_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["staff.id"], name=op.f("fk_staff_leave_deputy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_leave")),
    )
    op.create_index(op.f("ix_staff_leave_staff_id"), "staff_leave", ["staff_id"])
    op.execute("grant select, insert, update on staff_leave to huoshui_app")


def downgrade() -> None:
    op.drop_table("staff_leave")
    op.drop_table("task_evidence")
    op.drop_index("ix_task_owner_id", table_name="task")
    op.drop_constraint(op.f("ck_task_way_known"), "task", type_="check")
    for column in ("pack_at", "pack", "place_sealed", "way", "slot_at"):
        op.drop_column("task", column)
