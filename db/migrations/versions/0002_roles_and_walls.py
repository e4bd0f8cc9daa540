"""What the application's role may not do, and whose rows it may see.

Revision: 0002, after 0001.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Facts: written once. Corrections are new rows.
APPEND_ONLY = ("entry", "posting", "audit", "audit_seal", "clock_segment", "timeline_event", "access_record")
# What may be thrown away: limits that are over, waits that have ended.
DISPOSABLE = ("rate_limit", "clock_waiter")
# Rows that belong to one person. Bulk tables of the close are read through the loan, since COPY and policies exclude
# each other.
OWNED = (
    "firm",
    "bank_account",
    "identity_check",
    "consent",
    "access_record",
    "application",
    "timeline_event",
    "statement_file",
    "bureau_report",
    "decision",
    "offer",
    "key_facts",
    "contract",
    "document",
    "task",
    "notice",
    "loan",
    "payout",
)


def upgrade() -> None:
    op.execute(
        """
        do $$ begin
            if not exists (select from pg_roles where rolname = 'huoshui_app') then
                create role huoshui_app nologin;
            end if;
        end $$
        """
    )
    op.execute("grant usage on schema public to huoshui_app")
    op.execute("grant select, insert, update on all tables in schema public to huoshui_app")
    op.execute("grant usage, select on all sequences in schema public to huoshui_app")
    op.execute("revoke insert, update on alembic_version from huoshui_app")
    for table in DISPOSABLE:
        op.execute(f"grant delete on {table} to huoshui_app")
    op.execute(
        """
        create function refuse_change() returns trigger language plpgsql as $$
        begin
            raise exception '% is append-only: book a reversing row instead', tg_table_name
                using errcode = 'insufficient_privilege';
        end $$
        """
    )
    for table in APPEND_ONLY:
        op.execute(f"revoke update on {table} from huoshui_app")
        op.execute(
            f"create trigger {table}_append_only before update or delete or truncate on {table} "
            "for each statement execute function refuse_change()"
        )
    for table in OWNED:
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"""
            create policy {table}_of_the_principal on {table}
            using (
                current_setting('app.scope', true) in ('staff', 'worker')
                or person_id = nullif(current_setting('app.person', true), '')::uuid
            )
            """
        )


def downgrade() -> None:
    for table in OWNED:
        op.execute(f"drop policy {table}_of_the_principal on {table}")
        op.execute(f"alter table {table} disable row level security")
    for table in APPEND_ONLY:
        op.execute(f"drop trigger {table}_append_only on {table}")
    op.execute("drop function refuse_change()")
    op.execute("revoke all on all tables in schema public from huoshui_app")
