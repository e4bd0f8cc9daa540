"""Somebody's part in somebody else's loan: invited, proven, signed; or declined, or not answered."""

import asyncio
from collections.abc import Awaitable

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.ports.intake import CheckAnswer
from activities.ports.parties import (
    Parties,
    PartyCase,
    PartyCheck,
    PartyChecked,
    PartyEnding,
    PartySignature,
    PartyStanding,
)
from lending.parties import LIVES, PartyState
from lending.refusals import NotInThisStage, Refusal
from workflows.acts import ClockMoved, EndPart, InviteParty, PartyAct, Progress, ProveParty, SignPart, StartParty
from workflows.answering import Hearing
from workflows.application import GIVE_UP, ONE_ANSWER
from workflows.calls import ours, outside
from workflows.waiting import BusinessClock


@workflow.defn(failure_exception_types=[Refusal])
class Party:
    """``party/{id}``: two weeks to answer; once signed, as long as the application may live."""

    @workflow.init
    def __init__(self, start: StartParty) -> None:
        self._id = start.party_id
        self._clock = BusinessClock(start.clock_id)
        self._hearing = Hearing[PartyAct]()
        self._standing = PartyStanding(state=PartyState.INVITED.value)

    @workflow.run
    async def run(self, start: StartParty) -> str:
        """Until the part ends or is bound; returns its last state."""
        while PartyState(self._standing.state) in LIVES:
            act = await self._next()
            match act:
                case None:
                    await self._end(PartyEnding(self._id, workflow.uuid4(), PartyState.LAPSED.value))
                case InviteParty():
                    await self._step(act, ours(Parties.invite_party, PartyCase(self._id, act.command_id)))
                case ProveParty():
                    await self._prove(act)
                case SignPart():
                    signature = PartySignature(self._id, act.command_id, act.code_id, act.terms_hash)
                    await self._step(act, ours(Parties.sign_party, signature))
                case EndPart():
                    await self._step(act, ours(Parties.end_party, PartyEnding(self._id, act.command_id, act.state)))
        for act in self._hearing.waiting:
            self._hearing.answer(act, self._over(act))
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._standing.state

    async def _prove(self, act: ProveParty) -> None:
        try:
            plan = await ours(Parties.plan_party_checks, PartyCase(self._id, act.command_id))
            answers = await asyncio.gather(*(self._ask(act, kind) for kind in plan.kinds))
        except Refusal as refusal:
            self._hearing.answer(act, refusal)
            return
        except ActivityError:  # a provider that is away for a day: nothing is lost, the party tries again
            answers = [CheckAnswer(kind="provider", outcome="no_answer")]
        checked = PartyChecked(self._id, act.command_id, tuple(answers))
        await self._step(act, ours(Parties.conclude_party_checks, checked))

    async def _ask(self, act: ProveParty, kind: str) -> CheckAnswer:
        check = PartyCheck(self._id, act.command_id, kind)
        return await outside(Parties.ask_party_check, check, within=ONE_ANSWER, try_for=GIVE_UP)

    async def _end(self, ending: PartyEnding) -> None:
        self._standing = await ours(Parties.end_party, ending)

    # --- what people say ----------------------------------------------------------------------------------------------

    @workflow.update
    async def invite(self, act: InviteParty) -> Progress:
        """The applicant invites."""
        return await self._perform(act)

    @workflow.update
    async def prove_party(self, act: ProveParty) -> Progress:
        """The party said who they are."""
        return await self._perform(act)

    @workflow.update
    async def sign_part(self, act: SignPart) -> Progress:
        """The party signs."""
        return await self._perform(act)

    @workflow.update
    async def end_part(self, act: EndPart) -> Progress:
        """The party declines, or the applicant takes the invitation back."""
        return await self._perform(act)

    @workflow.update
    async def clock_moved(self, moved: ClockMoved) -> None:
        """Business time jumped or changed speed."""
        self._clock.move()

    # --- platform -----------------------------------------------------------------------------------------------------

    async def _perform(self, act: PartyAct) -> Progress:
        lives = PartyState(self._standing.state) in LIVES
        return await self._hearing.say(act, over=None if lives else self._over(act))

    async def _next(self) -> PartyAct | None:
        """The next act; None once nobody acted until the part was due."""
        standing, waiting = self._standing, self._hearing.waiting
        if not await self._clock.wait(lambda: bool(waiting), until=standing.due_at, seconds=standing.seconds):
            return None
        return waiting.pop(0)

    async def _step(self, act: PartyAct, doing: Awaitable[PartyStanding]) -> None:
        try:
            self._standing = await doing
        except Refusal as refusal:
            self._hearing.answer(act, refusal)
            return
        self._hearing.answer(act, Progress(stage=self._standing.state, version=0))

    def _over(self, act: PartyAct) -> NotInThisStage:
        return NotInThisStage(stage=self._standing.state, step=type(act).__name__)
