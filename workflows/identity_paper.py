"""A photo of an identity paper: read, within two minutes or given up by name."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.ports.identity_papers import IdentityPapers, PaperRead, PaperToRead
from lending.refusals import Refusal
from workflows.acts import Progress, ReadPaper, StartPaper
from workflows.calls import ours, outside

# Recognition takes some seconds of processor time; a busy machine may take ten times as long.
ONE_READING = timedelta(seconds=90)
ATTEMPTS = 2


@workflow.defn(failure_exception_types=[Refusal])
class IdentityPaper:
    """``paper/{id}``: seconds."""

    @workflow.init
    def __init__(self, start: StartPaper) -> None:
        self._read: PaperRead | None = None

    @workflow.run
    async def run(self, start: StartPaper) -> str:
        """Read the photo; returns ``read`` or ``refused``."""
        paper = PaperToRead(paper_id=start.paper_id)
        try:
            self._read = await outside(IdentityPapers.read_paper, paper, within=ONE_READING, attempts=ATTEMPTS)
        except ActivityError:
            self._read = await ours(IdentityPapers.give_up_paper, paper)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._read.state

    @workflow.update
    async def read(self, act: ReadPaper) -> Progress:
        """The photo is in the store: answered when it is read."""
        await workflow.wait_condition(lambda: self._read is not None)
        found = self._read
        assert found is not None  # noqa: S101
        return Progress(stage=found.state, version=0, problem=found.problem)
