"""A receivable that secures a line: checked, confirmed or proven, registered, watched until nothing is owed on it."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.ports.receivables import Pledging, ReceivableCase, Receivables, ReceivableStanding, ReceivableWord
from lending.receivables import ReceivableState
from lending.refusals import NotInThisStage, Refusal, RegistersSilent
from workflows.acts import ClockMoved, Progress
from workflows.answering import Hearing
from workflows.calls import ours, outside
from workflows.receivable_acts import (
    JudgeReceivable,
    LookAtReceivable,
    NoteReceivable,
    OfferReceivable,
    PledgeReceivable,
    ProveReceivable,
    ReceivableAct,
    ReleaseReceivable,
    StartReceivable,
)
from workflows.waiting import BusinessClock

# Three questions and one search more: each has ten seconds.
ONE_ANSWER = timedelta(seconds=60)
# An owner waits while they pledge, so a register that is away is told; and nobody is heard while one is asked.
A_WHILE = timedelta(minutes=2)
# A new invoice has nobody else to hear: its checks are seen through.
CHECKS = timedelta(days=5)
# A registration is cancelled within ten working days once nothing is owed on it (P19); ten days are fewer.
RELEASE_WITHIN = timedelta(days=10)
OVER = frozenset({ReceivableState.RELEASED, ReceivableState.REFUSED, ReceivableState.LAPSED})


@workflow.defn(failure_exception_types=[Refusal])
class Receivable:
    """``receivable/{id}``: some months at most; a buyer is looked for once a day."""

    @workflow.init
    def __init__(self, start: StartReceivable) -> None:
        self._id = start.receivable_id
        self._clock = BusinessClock(start.clock_id)
        self._hearing = Hearing[ReceivableAct]()
        self._standing = ReceivableStanding(ReceivableState.OFFERED.value, 1)

    @workflow.run
    async def run(self, start: StartReceivable) -> str:
        """Until it is released, refused or lapsed; returns which."""
        while ReceivableState(self._standing.state) not in OVER:
            act = await self._next()
            if act is None:
                await self._by_itself()
            else:
                await self._take(act)
        for act in self._hearing.waiting:
            self._hearing.answer(act, self._over(act))
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._standing.state

    # --- what comes by itself -----------------------------------------------------------------------------------------

    async def _by_itself(self) -> None:
        """Its day has come. While the world outside is away it is put off, and whoever says something is heard."""
        case = ReceivableCase(self._id, workflow.uuid4())
        try:
            self._standing = await self._looked_at(case)
        except ActivityError:
            self._standing = await ours(Receivables.put_off_receivable, case)
        await self._filed()

    async def _looked_at(self, case: ReceivableCase) -> ReceivableStanding:
        """Look for the buyer's answer, ask the tax bureau again, or give up."""
        match ReceivableState(self._standing.state):
            case ReceivableState.ASKED:  # it lapses there once its month is over
                return await outside(Receivables.ask_buyer, case, within=ONE_ANSWER, try_for=A_WHILE)
            case ReceivableState.PLEDGED:
                standing = await outside(Pledging.verify_again, case, within=ONE_ANSWER, try_for=A_WHILE)
                return await self._release(case) if standing.release else standing
            case _:
                return await ours(Receivables.end_receivable, case)

    # --- what people say ----------------------------------------------------------------------------------------------

    async def _take(self, act: ReceivableAct) -> None:
        try:
            self._standing = await self._done(act)
        except Refusal as refusal:
            self._hearing.answer(act, refusal)
            return
        except ActivityError:  # nothing was decided by it: said again, it is tried again
            self._hearing.answer(act, RegistersSilent())
            return
        standing = self._standing
        self._hearing.answer(act, Progress(standing.state, standing.version, standing.problem))
        if isinstance(act, PledgeReceivable):
            await self._filed()

    async def _filed(self) -> None:
        """The contract of the pledge. Nobody waits for it; what cannot be signed today is signed at the next look."""
        if ReceivableState(self._standing.state) is ReceivableState.PLEDGED:
            with suppress(ActivityError):
                case = ReceivableCase(self._id, workflow.uuid4())
                await outside(Pledging.file_pledge, case, within=ONE_ANSWER, try_for=A_WHILE)

    async def _done(self, act: ReceivableAct) -> ReceivableStanding:
        case = ReceivableCase(self._id, act.command_id)
        match act:
            case OfferReceivable():
                # Its row holds the invoice against everybody else, so it is seen through or ended.
                checked = await outside(Receivables.check_receivable, case, within=ONE_ANSWER, try_for=CHECKS)
                return await self._asked(act.command_id, checked)
            case JudgeReceivable():
                word = ReceivableWord(self._id, act.command_id, "judge", clears=act.clears)
                return await self._asked(act.command_id, await ours(Receivables.hear_receivable, word))
            case LookAtReceivable():
                return await outside(Receivables.ask_buyer, case, within=ONE_ANSWER, try_for=A_WHILE)
            case ProveReceivable():
                word = ReceivableWord(self._id, act.command_id, "prove", proofs=act.proofs)
                return await ours(Receivables.hear_receivable, word)
            case PledgeReceivable():
                word = ReceivableWord(self._id, act.command_id, "pledge", code_id=act.code_id)
                return await outside(Pledging.pledge_receivable, word, within=ONE_ANSWER, try_for=A_WHILE)
            case NoteReceivable():
                word = ReceivableWord(self._id, act.command_id, "note", fact=act.fact, amount_minor=act.amount_minor)
                standing = await ours(Receivables.hear_receivable, word)
                return await self._release(case) if standing.release else standing
            case ReleaseReceivable():
                return await self._release(case)

    async def _release(self, case: ReceivableCase) -> ReceivableStanding:
        return await outside(Pledging.release_receivable, case, within=ONE_ANSWER, try_for=RELEASE_WITHIN)

    async def _asked(self, cause: UUID, standing: ReceivableStanding) -> ReceivableStanding:
        """A receivable that passed its checks goes to its buyer at once."""
        if ReceivableState(standing.state) is not ReceivableState.ASKED:
            return standing
        self._standing = standing
        return await outside(Receivables.ask_buyer, ReceivableCase(self._id, cause), within=ONE_ANSWER, try_for=CHECKS)

    @workflow.update
    async def offer(self, act: OfferReceivable) -> Progress:
        """The owner offers it."""
        return await self._perform(act)

    @workflow.update
    async def judge(self, act: JudgeReceivable) -> Progress:
        """A person looked at it and the one that it is like."""
        return await self._perform(act)

    @workflow.update
    async def look(self, act: LookAtReceivable) -> Progress:
        """The owner says that the buyer has answered."""
        return await self._perform(act)

    @workflow.update
    async def prove(self, act: ProveReceivable) -> Progress:
        """The owner brings papers instead of the buyer's word."""
        return await self._perform(act)

    @workflow.update
    async def pledge(self, act: PledgeReceivable) -> Progress:
        """The owner pledges it."""
        return await self._perform(act)

    @workflow.update
    async def note(self, act: NoteReceivable) -> Progress:
        """The desk heard something of it."""
        return await self._perform(act)

    @workflow.update
    async def release(self, act: ReleaseReceivable) -> Progress:
        """The owner takes it back."""
        return await self._perform(act)

    @workflow.update
    async def clock_moved(self, moved: ClockMoved) -> None:
        """Business time jumped or changed speed."""
        self._clock.move()

    # --- platform -----------------------------------------------------------------------------------------------------

    async def _perform(self, act: ReceivableAct) -> Progress:
        return await self._hearing.say(
            act, over=self._over(act) if ReceivableState(self._standing.state) in OVER else None
        )

    async def _next(self) -> ReceivableAct | None:
        """The next act; None once its day has come."""
        standing, waiting = self._standing, self._hearing.waiting
        if not await self._clock.wait(lambda: bool(waiting), until=standing.due_at, seconds=standing.seconds):
            return None
        return waiting.pop(0)

    def _over(self, act: ReceivableAct) -> NotInThisStage:
        return NotInThisStage(stage=self._standing.state, step=type(act).__name__)
