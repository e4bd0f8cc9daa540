"""A loan by dates carries its path; what was signed of any loan is never written again.

Revision: 0109, after 0113.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0109"
down_revision = "0113"
branch_labels = None
depends_on = None

# E6: how a loan is repaid is what was signed. These alone may be written after it: where it stands, and its plan.
WRITTEN = (
    *("state", "live_on", "matures_on", "closed_on", "renews_loan_id", "renewed_minor", "renewal_label"),
    *("windows", "plan", "path"),
)


def upgrade() -> None:
    op.add_column("loan", sa.Column("path", JSONB(), nullable=True))
    op.execute("revoke update on loan from huoshui_app")
    op.execute(f"grant update ({', '.join(WRITTEN)}) on loan to huoshui_app")
    op.execute(
        """
        create function loan_is_repaid_as_agreed() returns trigger language plpgsql as $$
        begin
            if old.path is distinct from new.path and (old.path is not null or old.state <> 'pending') then
                raise exception 'the signed path of a loan is written once, with its money'
                    using errcode = 'insufficient_privilege';
            end if;
            if (old.plan is distinct from new.plan or old.windows is distinct from new.windows)
                and old.person_id is distinct from nullif(current_setting('app.person', true), '')::uuid then
                raise exception 'only its owner changes how a loan is repaid' using errcode = 'insufficient_privilege';
            end if;
            if new.windows < old.windows then
                raise exception 'nobody is given less time than was agreed'
                    using errcode = 'insufficient_privilege';
            end if;
            return new;
        end $$
        """
    )
    op.execute(
        "create trigger loan_is_repaid_as_agreed before update of plan, path, windows on loan"
        " for each row execute function loan_is_repaid_as_agreed()"
    )


def downgrade() -> None:
    op.execute("drop trigger loan_is_repaid_as_agreed on loan")
    op.execute("drop function loan_is_repaid_as_agreed()")
    op.execute("grant update on loan to huoshui_app")
    op.drop_column("loan", "path")
