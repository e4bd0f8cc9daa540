"""A mail with bills: fetched from the gateway, put to its application, within a day or given up by name."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.ports.bill_mail import BillMails, MailTaken, MailToTake
from lending.refusals import Refusal
from workflows.acts import Progress, StartMail, TakeMail
from workflows.calls import ours, outside

# Some files of up to 20 MB each, from the gateway and into the store.
ONE_FETCH = timedelta(minutes=2)
GIVE_UP = timedelta(days=1)


@workflow.defn(failure_exception_types=[Refusal])
class BillMail:
    """``mail/{id}``: seconds."""

    @workflow.init
    def __init__(self, start: StartMail) -> None:
        self._taken: MailTaken | None = None

    @workflow.run
    async def run(self, start: StartMail) -> str:
        """Take what the mail holds; returns ``taken`` or ``left``."""
        mail = MailToTake(mail_id=start.mail_id, application_id=start.application_id)
        try:
            self._taken = await outside(BillMails.take_mail, mail, within=ONE_FETCH, try_for=GIVE_UP)
        except ActivityError:
            self._taken = await ours(BillMails.give_up_mail, mail)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._taken.state

    @workflow.update
    async def take(self, act: TakeMail) -> Progress:
        """The gateway said that a mail is there: answered when what it holds is with its application."""
        await workflow.wait_condition(lambda: self._taken is not None)
        found = self._taken
        assert found is not None  # noqa: S101
        return Progress(stage=found.state, version=0, problem=found.problem)
