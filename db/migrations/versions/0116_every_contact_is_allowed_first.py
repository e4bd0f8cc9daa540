"""Contacts that the rules allowed, and messages that wait for their time or were stopped.

Revision: 0116, after 0104.
"""

import sqlalchemy as sa
from alembic import op

revision = "0116"
down_revision = "0104"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
OWNER = "person_id = nullif(current_setting('app.person', true), '')::uuid"
OURS = "current_setting('app.scope', true) in ('staff', 'worker')"
STATE = "ck_notice_state_known"


def upgrade() -> None:
    op.add_column("notice", sa.Column("not_before", AT))
    op.add_column("notice", sa.Column("because", sa.Text()))
    op.drop_constraint(op.f(STATE), "notice")
    op.create_check_constraint(op.f(STATE), "notice", "state in ('waiting', 'sent', 'failed', 'stopped')")
    op.create_table(
        "contact",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("id", "person_id")),
        sa.Column("at", AT, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("purpose", "channel")),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "agent", "rules")),
        sa.Column("talked", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "purpose in ('told', 'news', 'reminder', 'demand', 'offer')", name=op.f("ck_contact_purpose_known")
        ),
        sa.CheckConstraint("channel in ('app', 'message', 'call', 'visit')", name=op.f("ck_contact_channel_known")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_contact_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index("ix_contact_person_id_at", "contact", ["person_id", "at"])
    # A contact whose message did not leave is no contact: the sender takes its row back.
    op.execute("grant select, insert, update, delete on contact to huoshui_app")
    op.execute("alter table contact enable row level security")
    op.execute(f"create policy contact_of_the_principal on contact using ({OURS} or {OWNER})")


def downgrade() -> None:
    op.drop_table("contact")
    op.execute("update notice set state = 'failed' where state = 'stopped'")
    op.drop_constraint(op.f(STATE), "notice")
    op.create_check_constraint(op.f(STATE), "notice", "state in ('waiting', 'sent', 'failed')")
    op.drop_column("notice", "because")
    op.drop_column("notice", "not_before")
