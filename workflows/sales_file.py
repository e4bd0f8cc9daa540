"""A bill for a running loan: read within minutes, or given up by name. That it counts is said by its owner."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.ports.sales_files import SalesFiles, SalesRead, SalesToRead
from lending.refusals import Refusal
from workflows.acts import Progress
from workflows.calls import ours, outside
from workflows.sales_acts import ReadSales, StartSalesFile

# A wallet's export takes a second, a scan some minutes of recognition; a busy machine takes longer.
ONE_READING = timedelta(minutes=5)
ATTEMPTS = 3


@workflow.defn(failure_exception_types=[Refusal])
class SalesFile:
    """``sales/{id}``: seconds."""

    @workflow.init
    def __init__(self, start: StartSalesFile) -> None:
        self._read: SalesRead | None = None

    @workflow.run
    async def run(self, start: StartSalesFile) -> str:
        """Read the file; returns ``read`` or ``refused``."""
        file = SalesToRead(file_id=start.file_id)
        try:
            self._read = await outside(SalesFiles.read_sales, file, within=ONE_READING, attempts=ATTEMPTS)
        except ActivityError:
            self._read = await ours(SalesFiles.give_up_sales, file)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._read.state

    @workflow.update
    async def read(self, act: ReadSales) -> Progress:
        """The file is in the store: answered when it is read."""
        await workflow.wait_condition(lambda: self._read is not None)
        found = self._read
        assert found is not None  # noqa: S101
        return Progress(stage=found.state, version=0, problem=found.problem)
