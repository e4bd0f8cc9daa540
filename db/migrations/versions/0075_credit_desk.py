"""The credit desk: looks at a case, conditions of a yes, the committee, and a release by no approver.

Revision: 0075, after 0074.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
OURS = "current_setting('app.scope', true) in ('staff', 'worker')"
OWN = "person_id = nullif(current_setting('app.person', true), '')::uuid"


def upgrade() -> None:
    op.add_column(
        "payout_release", sa.Column("approvers", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False)
    )
    op.execute("update payout_release set approvers = array[maker] where maker is not null")
    op.create_check_constraint(
        op.f("ck_payout_release_not_by_an_approver"),
        "payout_release",
        "checker is null or not (checker = any(approvers))",
    )
    # Who filled in for a customer has a part in their case: asked with each verdict.
    op.create_index("ix_audit_assisted", "audit", ["object_id"], postgresql_where=sa.text("action = 'draft.assist'"))
    _looks()
    _conditions()
    _committee()


def _looks() -> None:
    op.create_table(
        "case_look",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("employee", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("seen_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_case_look_application_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_look_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_look")),
        sa.UniqueConstraint("application_id", "employee", "n", name=op.f("uq_case_look_application_id_employee_n")),
    )
    op.create_index(op.f("ix_case_look_person_id"), "case_look", ["person_id"])
    op.create_table(
        "case_look_field",
        sa.Column("look_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["look_id"], ["case_look.id"], name=op.f("fk_case_look_field_look_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("look_id", "name", name=op.f("pk_case_look_field")),
    )
    op.create_table(
        "staff_tie",
        sa.Column("employee", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("said_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_staff_tie_person_id")),
        sa.PrimaryKeyConstraint("employee", "person_id", name=op.f("pk_staff_tie")),
    )
    op.create_index(op.f("ix_staff_tie_person_id"), "staff_tie", ["person_id"])
    # A look is never changed; it goes with its person.
    for table in ("case_look", "case_look_field", "staff_tie"):
        op.execute(f"grant select, insert, delete on {table} to huoshui_app")
    for table in ("case_look", "staff_tie"):
        _house_only(table)


def _conditions() -> None:
    op.create_table(
        "loan_condition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.Text()),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("proof", sa.Text()),
        sa.Column("proof_id", sa.Uuid()),
        sa.Column("ended_by", sa.Text()),
        sa.Column("ended_at", AT),
        sa.Column("why", sa.Text()),
        sa.CheckConstraint("owner in ('customer', 'manager', 'desk')", name=op.f("ck_loan_condition_owner_known")),
        sa.CheckConstraint(
            "state in ('open', 'met', 'waived', 'replaced')", name=op.f("ck_loan_condition_state_known")
        ),
        sa.CheckConstraint("proof in ('document', 'register', 'signed')", name=op.f("ck_loan_condition_proof_known")),
        sa.CheckConstraint("(state = 'met') = (proof_id is not null)", name=op.f("ck_loan_condition_met_by_something")),
        sa.CheckConstraint("(proof is null) = (proof_id is null)", name=op.f("ck_loan_condition_proof_with_its_kind")),
        sa.CheckConstraint(
            "(state = 'waived') = (why is not null)", name=op.f("ck_loan_condition_waived_for_a_reason")
        ),
        sa.CheckConstraint("(state = 'open') = (ended_at is null)", name=op.f("ck_loan_condition_ended_when_over")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_loan_condition_application_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_loan_condition_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_condition")),
    )
    op.create_index(op.f("ix_loan_condition_person_id"), "loan_condition", ["person_id"])
    op.create_index(op.f("ix_loan_condition_application_id"), "loan_condition", ["application_id"])
    op.create_index(
        "ix_loan_condition_open", "loan_condition", ["application_id"], postgresql_where=sa.text("state = 'open'")
    )
    op.execute("grant select, insert, update on loan_condition to huoshui_app")
    op.execute("alter table loan_condition enable row level security")
    op.execute(f"create policy loan_condition_of_the_principal on loan_condition using ({OURS} or {OWN})")
    # The second wall behind the payout's own gate: no money leaves while a condition of its yes is open.
    op.execute(
        """
        create function refuse_payout_under_condition() returns trigger language plpgsql as $$
        begin
            if exists (
                select 1 from loan_condition c
                 where c.state = 'open' and (
                    c.application_id = new.application_id
                    or c.application_id = (select l.application_id from application a
                                             join credit_line l on l.id = a.line_id where a.id = new.application_id)
                 )
            ) then
                raise exception 'a condition of this loan is open' using errcode = 'check_violation';
            end if;
            return new;
        end $$
        """
    )
    op.execute(
        "create trigger payout_under_condition before update of state on payout for each row "
        "when (new.state = 'submitting' and old.state = 'scheduled') "
        "execute function refuse_payout_under_condition()"
    )


def _committee() -> None:
    op.create_table(
        "committee_sitting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("called_by", sa.Text(), nullable=False),
        sa.Column("chair", sa.Text(), nullable=False),
        sa.Column("members", ARRAY(sa.Text()), nullable=False),
        sa.Column("rules", JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("called_at", AT, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("closed_at", AT),
        sa.Column("minutes_key", sa.Text()),
        sa.Column("minutes_sha256", sa.Text()),
        sa.CheckConstraint("state in ('open', 'closed')", name=op.f("ck_committee_sitting_state_known")),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at is not null)", name=op.f("ck_committee_sitting_closed_when_over")
        ),
        sa.CheckConstraint("chair = any(members)", name=op.f("ck_committee_sitting_chair_is_a_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_sitting")),
    )
    op.create_table(
        "committee_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("conditions", JSONB(), nullable=False),
        sa.Column("case_hash", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_at", AT),
        sa.CheckConstraint(
            "state in ('open', 'passed', 'refused', 'no_quorum', 'void')", name=op.f("ck_committee_item_state_known")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_committee_item_amount_positive")),
        sa.ForeignKeyConstraint(["sitting_id"], ["committee_sitting.id"], name=op.f("fk_committee_item_sitting_id")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_committee_item_application_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_committee_item_person_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_committee_item_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_item")),
        sa.UniqueConstraint("sitting_id", "application_id", name=op.f("uq_committee_item_sitting_id_application_id")),
    )
    op.create_index(op.f("ix_committee_item_application_id"), "committee_item", ["application_id"])
    op.create_index(op.f("ix_committee_item_person_id"), "committee_item", ["person_id"])
    op.create_index(
        "uq_committee_item_open", "committee_item", ["task_id"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "committee_vote",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("employee", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("say", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("case_hash", sa.Text(), nullable=False),
        sa.Column("said_at", AT, nullable=False),
        sa.CheckConstraint("say in ('yes', 'no', 'abstain', 'recused')", name=op.f("ck_committee_vote_say_known")),
        sa.ForeignKeyConstraint(["item_id"], ["committee_item.id"], name=op.f("fk_committee_vote_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_vote")),
        sa.UniqueConstraint("item_id", "employee", "n", name=op.f("uq_committee_vote_item_id_employee_n")),
    )
    op.execute("grant select, insert, update on committee_sitting, committee_item to huoshui_app")
    # A vote stands as it was given; only its words go where its customer has their data erased.
    op.execute("grant select, insert on committee_vote to huoshui_app")
    op.execute("grant update (words) on committee_vote to huoshui_app")
    _house_only("committee_item")


def _house_only(table: str) -> None:
    """Rows about a person that are the lender's own work: no owner's session reads them."""
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"create policy {table}_of_the_house on {table} using ({OURS})")


def downgrade() -> None:
    for table in ("committee_vote", "committee_item", "committee_sitting"):
        op.drop_table(table)
    op.execute("drop trigger payout_under_condition on payout")
    op.execute("drop function refuse_payout_under_condition()")
    for table in ("loan_condition", "staff_tie", "case_look_field", "case_look"):
        op.drop_table(table)
    op.drop_index("ix_audit_assisted", table_name="audit")
    op.drop_constraint(op.f("ck_payout_release_not_by_an_approver"), "payout_release", type_="check")
    op.drop_column("payout_release", "approvers")
