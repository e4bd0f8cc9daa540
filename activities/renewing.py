"""The old loan of a renewal ends in the transaction in which the new one begins, and its own story is told so."""

from datetime import date, timedelta

from temporalio.client import Client

from activities.steps import Step
from db import applications, clocks, ledger, renewals
from db.tables import Loan, Payout
from infra.updates import Done, Envelope, Missing, Over, send
from lending.identifiers import derived_id
from lending.maturity import label_of
from lending.renewal import entries_of, settled

ONE_WORD = timedelta(seconds=20)


class NotHeard(Exception):
    """The old loan's workflow did not answer; the activity is tried again."""


async def pay_off(step: Step, payout: Payout, loan: Loan, on: date) -> int:
    """Entries and balances of a renewal on the day of the money; gives back what of the old loan's payments repays the
    new one at once, in minor units. 0 for a loan that renews none."""
    if loan.renews_loan_id is None or not loan.renewed_minor:
        return 0
    old = await ledger.loan(step.session, loan.renews_loan_id)
    balance = await renewals.locked_balance(step.session, old.id)
    owed = renewals.owed_of(old, balance)
    used = settled(loan.renewed_minor, principal_minor=owed.principal_minor, interest_minor=owed.interest_minor)
    label = label_of(past_due=balance.past_due_minor > 0, on=on, matures_on=old.matures_on or date.max)
    loan.renewal_label = label.value
    source = f"renewal:{payout.id}"
    for entry in entries_of(
        used, loan.renewed_minor, new=loan.id, old=old.id, booked_at=step.now, on=on, source=source, label=label
    ):
        await ledger.post(step.session, entry, currency=loan.currency)
    balance.principal_minor = used.left_minor
    balance.interest_paid_minor += used.interest_minor + used.waived_minor
    if not used.left_minor:
        balance.status, balance.past_due_since, balance.past_due_minor, balance.days_past_due = "paid", None, 0, 0
        old.state, old.closed_on = "closed", on
        await _told(step, old, on)
    return used.surplus_minor


async def _told(step: Step, old: Loan, on: date) -> None:
    application = await applications.locked(step.session, old.application_id)
    await applications.tell(
        step.session,
        application,
        event_id=derived_id("timeline", f"{old.id}/loan_paid"),
        kind="loan_paid",
        actor="system",
        at=step.now,
        params={"on": on.isoformat()},
    )
    application.version += 1


async def tell_the_old(temporal: Client, task_queue: str, old: Loan | None) -> None:
    """Its workflow writes its last page: the certificate, the notice. Told again until it was heard."""
    if old is None or old.state != "closed" or old.closed_on is None:
        return
    envelope = Envelope(
        "Loan",
        clocks.workflow_of("loan", old.id),
        "settled",
        f"settled/{old.id}",
        {"on": old.closed_on.isoformat()},
    )
    match await send(temporal, envelope, task_queue=task_queue, deadline=ONE_WORD):
        case Done() | Over() | Missing():
            return
        case _:
            raise NotHeard(envelope.update)
