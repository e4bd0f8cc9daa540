"""A seller whom an owner named is looked for in the invoices, which may have come with the name."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.ports.evidence import Evidence, FileToRead
from activities.ports.payees import PayeeChecked, PayeeNamed, Payees
from lending.refusals import Refusal
from workflows.acts import NamePayee, Progress, StartPayee
from workflows.calls import ours, outside

# As an application has a bill read.
ONE_READING = timedelta(minutes=5)
READINGS = 20


@workflow.defn(failure_exception_types=[Refusal])
class Payee:
    """``payee/{id}``: a moment."""

    @workflow.init
    def __init__(self, start: StartPayee) -> None:
        self._checked: PayeeChecked | None = None

    @workflow.run
    async def run(self, start: StartPayee) -> str:
        """Read the list that came with the name, ask the invoices; returns ``covered`` or ``unknown``."""
        if start.application_id is not None and start.file_id is not None:
            file = FileToRead(application_id=start.application_id, cause=start.payee_id, file_id=start.file_id)
            try:
                await outside(Evidence.read_statement, file, within=ONE_READING, attempts=READINGS)
            except ActivityError:  # the store or the reader fails again and again: say so beside the file
                await ours(Evidence.give_up_reading, file)
        self._checked = await ours(Payees.check_payee, PayeeNamed(payee_id=start.payee_id))
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._checked.state

    @workflow.update
    async def name(self, act: NamePayee) -> Progress:
        """The owner named somebody: answered when the invoices were asked."""
        await workflow.wait_condition(lambda: self._checked is not None)
        checked = self._checked
        assert checked is not None  # noqa: S101
        problem = None if checked.state == "covered" else "not_on_paper"
        return Progress(stage=checked.state, version=0, problem=problem)
