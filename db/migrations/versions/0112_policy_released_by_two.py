"""Published rates and files of the policy, released into the running system by two people.

Revision: 0112, after 0116.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0112"
down_revision = "0116"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "policy_release",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("room", "subject")),
        sa.Column("effective_on", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("content", "base_version")),
        sa.Column("diff", JSONB(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("shown_hash", "reason", "state", "proposed_by")),
        sa.Column("proposed_at", AT, nullable=False),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", AT),
        sa.Column("answer", sa.Text()),
        sa.CheckConstraint(
            "state in ('open', 'released', 'rejected', 'withdrawn')", name=op.f("ck_policy_release_state_known")
        ),
        sa.CheckConstraint(
            "(state = 'open') = (decided_by is null)", name=op.f("ck_policy_release_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "state <> 'released' or decided_by <> proposed_by", name=op.f("ck_policy_release_two_people")
        ),
        sa.UniqueConstraint("number", name=op.f("uq_policy_release_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_release")),
    )
    op.create_index(
        "uq_policy_release_open",
        "policy_release",
        ["room", "subject"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.execute("grant select, insert on policy_release to huoshui_app")
    # What was released is never written again: only the answer is added to it.
    op.execute("grant update (state, decided_by, decided_at, answer) on policy_release to huoshui_app")


def downgrade() -> None:
    op.drop_table("policy_release")
