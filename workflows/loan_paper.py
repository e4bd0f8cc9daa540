"""A paper about a loan: printed and filed within minutes, or given up by name."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.ports.loan_papers import LoanPapers, PaperMade, PaperWanted
from lending.refusals import Refusal
from workflows.acts import PrintPaper, Progress, StartLoanPaper
from workflows.calls import ours, outside

# A page is printed and sealed in a second; the authority that stamps it may be away for a while.
ONE_PRINTING = timedelta(seconds=30)
PATIENCE = timedelta(minutes=10)


@workflow.defn(failure_exception_types=[Refusal])
class LoanPaper:
    """``loan-paper/{id}``: seconds."""

    @workflow.init
    def __init__(self, start: StartLoanPaper) -> None:
        self._made: PaperMade | None = None

    @workflow.run
    async def run(self, start: StartLoanPaper) -> str:
        """Print it; returns ``ready`` or ``refused``."""
        wanted = PaperWanted(order_id=start.order_id)
        try:
            self._made = await outside(LoanPapers.print_loan_paper, wanted, within=ONE_PRINTING, try_for=PATIENCE)
        except ActivityError:
            self._made = await ours(LoanPapers.give_up_loan_paper, wanted)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._made.state

    @workflow.update
    async def print_paper(self, act: PrintPaper) -> Progress:
        """The order is on record: answered when the paper is filed."""
        await workflow.wait_condition(lambda: self._made is not None)
        found = self._made
        assert found is not None  # noqa: S101
        return Progress(stage=found.state, version=0, problem=found.problem)
