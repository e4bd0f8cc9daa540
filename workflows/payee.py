"""A seller whom an owner named is looked for in the invoices: one transaction of ours."""

from temporalio import workflow

from activities.ports.payees import PayeeChecked, PayeeNamed, Payees
from lending.refusals import Refusal
from workflows.acts import NamePayee, Progress, StartPayee
from workflows.calls import ours


@workflow.defn(failure_exception_types=[Refusal])
class Payee:
    """``payee/{id}``: a moment."""

    @workflow.init
    def __init__(self, start: StartPayee) -> None:
        self._checked: PayeeChecked | None = None

    @workflow.run
    async def run(self, start: StartPayee) -> str:
        """Ask the invoices; returns ``covered`` or ``unknown``."""
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
