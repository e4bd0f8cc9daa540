"""What a person asks of their data: a copy or its erasure, done within the hour or given up by name."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.ports.personal_data import DataToFulfil, Fulfilled, PersonalData
from lending.refusals import Refusal
from workflows.acts import FulfilData, Progress, StartData
from workflows.calls import ours, outside

# A million lines are read and packed in a minute; a store that is away is waited for.
ONE_TRY = timedelta(minutes=5)
AN_HOUR = timedelta(hours=1)


@workflow.defn(failure_exception_types=[Refusal])
class DataRequest:
    """``data/{id}``: seconds, an hour at the most."""

    @workflow.init
    def __init__(self, start: StartData) -> None:
        self._done: Fulfilled | None = None

    @workflow.run
    async def run(self, start: StartData) -> str:
        """Do what was asked; returns ``ready``, ``erased`` or ``refused``."""
        wanted = DataToFulfil(request_id=start.request_id)
        try:
            self._done = await outside(PersonalData.fulfil_request, wanted, within=ONE_TRY, try_for=AN_HOUR)
        except ActivityError:
            self._done = await ours(PersonalData.give_up_request, wanted)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._done.state

    @workflow.update
    async def fulfil(self, act: FulfilData) -> Progress:
        """The request is on record: answered when it is done."""
        await workflow.wait_condition(lambda: self._done is not None)
        found = self._done
        assert found is not None  # noqa: S101
        return Progress(stage=found.state, version=0, problem=found.problem)
