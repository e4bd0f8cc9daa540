"""A person is seen by a manager instead of a camera: the proof is of the same level, for the same check (P17)."""

from uuid import UUID

from temporalio import activity

from activities import asserting
from activities.ports import seeing as port
from activities.ports.seeing import SeeingDone, Seen
from activities.private import Private
from activities.steps import Steps
from db import applications, clocks
from lending.assertions import Method, level_of
from lending.being_seen import proves
from lending.identity import CheckKind
from lending.release import ReleasePolicy


class Seeings(port.Seeings):
    """Turns what was seen into a proof."""

    def __init__(self, steps: Steps, private: Private, release: ReleasePolicy) -> None:
        self._steps = steps
        self._private = private
        self._release = release

    @activity.defn
    async def conclude_seeing(self, done: SeeingDone) -> Seen:
        """The device is the one on which the person asked to be seen: there they go on."""
        async with self._steps.sessions.begin() as session:
            application_id = (await applications.task(session, done.task_id)).application_id
        kinds = {"match": "person_seen", "mismatch": "person_not_recognised", "not_seen": "person_not_seen"}
        async with self._steps.step(application_id, done.task_id, *kinds.values()) as step:
            task = await applications.task(step.session, done.task_id)
            said = task.outcome or {}
            matches = proves(
                card_matches=said.get("card_matches") is True, face_matches=said.get("face_matches") is True
            )
            outcome = "not_seen" if done.end != "done" else "match" if matches else "mismatch"
            if step.done:
                return Seen(outcome)
            application = step.application
            if outcome == "match":
                about = await self._private.proven_by(step.session, application)
                await asserting.keep(
                    step.session,
                    person_id=application.person_id,
                    method=Method(task.params["method"]),
                    level=level_of(application.amount_minor, self._release),
                    about=about[CheckKind.LIVENESS],
                    at=await asserting.whence(step.session, UUID(task.params["command_id"])),
                    now=step.now,
                    task_id=task.id,
                )
            step.stay(**({"seen": outcome} if application.stage == "identity" else application.note))
            await step.tell(kinds[outcome], actor="manager")
            await step.notify(kinds[outcome])
            await clocks.forget(step.session, clocks.workflow_of("seeing", task.id))
            return Seen(outcome)
