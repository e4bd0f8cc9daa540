"""The last days of a loan's windows are kept with it, as the signed day rule moved them (P9).

Revision: 0125, after 0124.
"""

import sqlalchemy as sa
from alembic import op

revision = "0125"
down_revision = "0124"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Null is what was signed before: windows end by months alone.
    op.add_column("loan", sa.Column("window_ends", sa.Text(), nullable=True))
    op.execute("grant update (window_ends) on loan to huoshui_app")
    op.execute(
        """
        create function windows_end_as_agreed() returns trigger language plpgsql as $$
        begin
            if old.window_ends is not distinct from new.window_ends or old.state = 'pending' then
                return new;
            end if;
            if old.window_ends is null or new.window_ends is null
                or not starts_with(new.window_ends, old.window_ends || ',')
                or new.windows <= old.windows
                or old.person_id is distinct from nullif(current_setting('app.person', true), '')::uuid then
                raise exception 'windows end as they were agreed; an extension adds to them'
                    using errcode = 'insufficient_privilege';
            end if;
            return new;
        end $$
        """
    )
    op.execute(
        "create trigger windows_end_as_agreed before update of window_ends on loan"
        " for each row execute function windows_end_as_agreed()"
    )


def downgrade() -> None:
    op.execute("drop trigger windows_end_as_agreed on loan")
    op.execute("drop function windows_end_as_agreed()")
    op.drop_column("loan", "window_ends")
