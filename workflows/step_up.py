"""A proof of identity given anew: asked of the provider for half a minute, and then told that it did not answer."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.ports.step_up import ProofGiven, ProofWanted, StepUps
from lending.refusals import Refusal
from workflows.acts import Progress, ProveAnew, StartStepUp
from workflows.calls import ours, outside

# The owner waits in front of the page; a provider that is slower than this is tried again by them, or the other way.
ONE_ANSWER = timedelta(seconds=10)
AT_MOST = timedelta(seconds=30)


@workflow.defn(failure_exception_types=[Refusal])
class StepUp:
    """``proof/{id}``: seconds."""

    @workflow.init
    def __init__(self, start: StartStepUp) -> None:
        self._given: ProofGiven | None = None

    @workflow.run
    async def run(self, start: StartStepUp) -> str:
        """Ask; returns ``match``, ``mismatch`` or ``no_answer``."""
        wanted = ProofWanted(proof_id=start.proof_id)
        try:
            self._given = await outside(StepUps.ask_proof, wanted, within=ONE_ANSWER, try_for=AT_MOST)
        except ActivityError:
            self._given = await ours(StepUps.give_up_proof, wanted)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._given.outcome

    @workflow.update
    async def prove(self, act: ProveAnew) -> Progress:
        """The owner stands in front of the camera, or has the card in hand: answered when the provider has."""
        await workflow.wait_condition(lambda: self._given is not None)
        given = self._given
        assert given is not None  # noqa: S101
        return Progress(stage=given.outcome, version=0, problem=None if given.outcome == "match" else given.outcome)
