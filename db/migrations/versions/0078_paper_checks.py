"""A paper contract held beside the screen.

Revision: 0078, after 0077.
"""

import sqlalchemy as sa
from alembic import op

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "paper_check",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("id", "application_id", "person_id")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("number", "printed_hash", "terms_hash", "by")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_paper_check_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_check")),
    )
    op.create_index("ix_paper_check_newest", "paper_check", ["application_id", "at"])
    op.create_index(op.f("ix_paper_check_person_id"), "paper_check", ["person_id"])
    op.execute("grant select, insert on paper_check to huoshui_app")
    op.execute("alter table paper_check enable row level security")
    op.execute(
        """
        create policy paper_check_of_the_principal on paper_check
        using (
            current_setting('app.scope', true) in ('staff', 'worker')
            or person_id = nullif(current_setting('app.person', true), '')::uuid
        )
        """
    )


def downgrade() -> None:
    op.drop_table("paper_check")
