"""An e-invoice that an owner brought: read and looked up at the bureau, within minutes or given up by name."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.ports.invoice_papers import InvoicePapers, InvoiceRead, InvoiceToRead
from lending.refusals import Refusal
from workflows.acts import Progress
from workflows.calls import ours, outside
from workflows.receivable_acts import ReadInvoice, StartInvoicePaper

# A code or XML takes a second, a poor scan half a minute of recognition; a busy machine takes longer.
ONE_READING = timedelta(seconds=90)
ATTEMPTS = 2


@workflow.defn(failure_exception_types=[Refusal])
class InvoicePaper:
    """``invoice/{id}``: seconds."""

    @workflow.init
    def __init__(self, start: StartInvoicePaper) -> None:
        self._read: InvoiceRead | None = None

    @workflow.run
    async def run(self, start: StartInvoicePaper) -> str:
        """Read the file; returns ``read`` or ``refused``."""
        paper = InvoiceToRead(paper_id=start.paper_id)
        try:
            self._read = await outside(InvoicePapers.read_invoice, paper, within=ONE_READING, attempts=ATTEMPTS)
        except ActivityError:
            self._read = await ours(InvoicePapers.give_up_invoice, paper)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._read.state

    @workflow.update
    async def read(self, act: ReadInvoice) -> Progress:
        """The file is in the store: answered when it is read."""
        await workflow.wait_condition(lambda: self._read is not None)
        found = self._read
        assert found is not None  # noqa: S101
        return Progress(stage=found.state, version=0, problem=found.problem)
