"""A piece of collateral: valued, signed on, registered, watched while the loan lives, and given back."""

from datetime import timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.ports.collateral import (
    AddedLater,
    Appraised,
    CollateralCase,
    CollateralStanding,
    CollateralTaskEnded,
    Securing,
    Valuing,
)
from lending.collateral import OVER, CollateralState
from lending.refusals import NotInThisStage, Refusal, RegistersSilent
from workflows.acts import ClockMoved, Progress
from workflows.answering import Hearing
from workflows.calls import ours, outside
from workflows.collateral_acts import (
    AddCollateral,
    Appraise,
    CollateralAct,
    HoldAgainst,
    OfferCollateral,
    ReleaseCollateral,
    Revalue,
    Search,
    Secure,
    StartCollateral,
    Unwind,
)
from workflows.offline_task import Running, ask, let_go
from workflows.waiting import BusinessClock

# A search, a registration and a search more: each has ten seconds.
ONE_ANSWER = timedelta(seconds=60)
# A register that is away for minutes is put off by the hour, and whoever says something is heard meanwhile.
A_WHILE = timedelta(minutes=2)
# Nobody else is awaited for what must be cancelled: it is seen through.
UNDO_WITHIN = timedelta(days=10)


@workflow.defn(failure_exception_types=[Refusal])
class Collateral:
    """``collateral/{id}``: as long as its loan; woken by people, by the money, and once a year by itself.

    It never continues as new, so that whoever is sent out for it is its child: some dozens of events a year.
    """

    @workflow.init
    def __init__(self, start: StartCollateral) -> None:
        self._id = start.collateral_id
        self._clock = BusinessClock(start.clock_id)
        self._hearing = Hearing[CollateralAct]()
        self._standing = CollateralStanding(CollateralState.OFFERED.value, 1)
        self._sent: Running | None = None
        self._heard_of: list[UUID] = []
        self._undoing: CollateralAct | None = None

    @workflow.run
    async def run(self, start: StartCollateral) -> str:
        """Until it is released, or nothing came of it; returns which."""
        while CollateralState(self._standing.state) not in OVER:
            act = await self._next()
            if act is not None:
                await self._take(act)
            elif self._is_back():
                await self._hear_of_the_task()
            else:
                await self._by_itself()
            await self._send()
        for act in self._hearing.waiting:
            self._hearing.answer(act, self._over(act))
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._standing.state

    # --- what comes by itself -----------------------------------------------------------------------------------------

    async def _by_itself(self) -> None:
        """Its day has come. While the world outside is away it is put off, and whoever says something is heard."""
        case = CollateralCase(self._id, workflow.uuid4())
        try:
            if self._undoing is not None:  # what is to be cancelled is never registered anew
                self._standing = await self._done(self._undoing)
                return
            match CollateralState(self._standing.state):
                case CollateralState.OFFERED if not self._was_offered():
                    self._standing = await ours(Valuing.end_collateral, case)
                case CollateralState.OFFERED:
                    self._standing = await outside(Valuing.check_collateral, case, within=ONE_ANSWER, try_for=A_WHILE)
                case CollateralState.SECURING:
                    self._standing = await self._registered(case)
                case CollateralState.REGISTERED:
                    self._standing = await outside(Valuing.revalue_collateral, case, within=ONE_ANSWER, try_for=A_WHILE)
                case _:
                    self._standing = await ours(Valuing.end_collateral, case)
        except ActivityError:
            self._standing = await ours(Valuing.put_off_collateral, case)

    def _was_offered(self) -> bool:
        """Whether its owner has said so: then a register was away, and is asked again."""
        return self._standing.due_at is not None

    async def _registered(self, case: CollateralCase) -> CollateralStanding:
        return await outside(Securing.register_collateral, case, within=ONE_ANSWER, try_for=A_WHILE)

    # --- whoever is sent out ------------------------------------------------------------------------------------------

    async def _send(self) -> None:
        """Somebody goes out for it as long as its row says so, and nobody else."""
        wanted = self._standing.task_id
        running = self._sent is not None and self._sent.id == f"task/{wanted}"
        if running:
            return
        if self._sent is not None and not self._sent.done():
            await let_go([self._sent])
        self._sent = None
        if wanted is not None:
            self._sent = await ask(wanted, self._clock.clock_id)

    def _is_back(self) -> bool:
        return self._sent is not None and self._sent.done() and self._standing.task_id not in self._heard_of

    async def _hear_of_the_task(self) -> None:
        """Somebody has come back: what that means stands in the rows."""
        assert self._sent is not None and self._standing.task_id is not None  # noqa: S101
        task_id = self._standing.task_id
        self._heard_of.append(task_id)
        ended = CollateralTaskEnded(self._id, task_id, await self._sent)
        self._standing = await ours(Valuing.hear_collateral_task, ended)
        if self._standing.state == CollateralState.SECURING.value:  # a number may have come along
            await self._by_itself()

    # --- what people and other stories say ----------------------------------------------------------------------------

    async def _take(self, act: CollateralAct) -> None:
        try:
            self._standing = await self._done(act)
        except Refusal as refusal:
            self._hearing.answer(act, refusal)
            return
        except ActivityError:
            # The row stands as it was, and its story goes on with it: said again, or by itself in an hour.
            self._standing = await ours(Valuing.put_off_collateral, CollateralCase(self._id, workflow.uuid4()))
            self._hearing.answer(act, RegistersSilent())
            return
        standing = self._standing
        self._hearing.answer(act, Progress(standing.state, standing.version, standing.problem))

    async def _done(self, act: CollateralAct) -> CollateralStanding:
        case = CollateralCase(self._id, act.command_id)
        match act:
            case OfferCollateral():
                return await outside(Valuing.check_collateral, case, within=ONE_ANSWER, try_for=A_WHILE)
            case Appraise():
                return await ours(Valuing.appraise_collateral, Appraised(self._id, act.command_id))
            case Secure():
                return await self._registered(case)
            case AddCollateral():
                # Said in one transaction; then it is registered as at a signature.
                await ours(Securing.add_collateral, AddedLater(self._id, act.command_id, act.code_id))
                return await self._registered(case)
            case HoldAgainst():
                return await ours(Securing.hold_against, case)
            case Revalue():
                return await outside(Valuing.revalue_collateral, case, within=ONE_ANSWER, try_for=A_WHILE)
            case Search():
                return await outside(Securing.search_collateral, case, within=ONE_ANSWER, try_for=A_WHILE)
            case Unwind():
                self._undoing = act
                return await outside(Securing.unwind_collateral, case, within=ONE_ANSWER, try_for=UNDO_WITHIN)
            case ReleaseCollateral():
                self._undoing = act
                return await outside(Securing.release_collateral, case, within=ONE_ANSWER, try_for=UNDO_WITHIN)

    @workflow.update
    async def offer(self, act: OfferCollateral) -> Progress:
        """The owner offers it."""
        return await self._perform(act)

    @workflow.update
    async def appraise(self, act: Appraise) -> Progress:
        """A valuer's figure is written down."""
        return await self._perform(act)

    @workflow.update
    async def secure(self, act: Secure) -> Progress:
        """The contract on it is signed."""
        return await self._perform(act)

    @workflow.update
    async def add(self, act: AddCollateral) -> Progress:
        """The owner adds it to a loan that is short."""
        return await self._perform(act)

    @workflow.update
    async def hold(self, act: HoldAgainst) -> Progress:
        """Another piece of the same loan was registered."""
        return await self._perform(act)

    @workflow.update
    async def revalue(self, act: Revalue) -> Progress:
        """What it is has changed: an invoice was credited, disputed or paid."""
        return await self._perform(act)

    @workflow.update
    async def search(self, act: Search) -> Progress:
        """The money wants a fresh search."""
        return await self._perform(act)

    @workflow.update
    async def unwind(self, act: Unwind) -> Progress:
        """Nothing came of the loan, or its owner takes it back."""
        return await self._perform(act)

    @workflow.update
    async def release(self, act: ReleaseCollateral) -> Progress:
        """The loan is paid."""
        return await self._perform(act)

    @workflow.update
    async def clock_moved(self, moved: ClockMoved) -> None:
        """Business time jumped or changed speed."""
        self._clock.move()

    # --- platform -----------------------------------------------------------------------------------------------------

    async def _perform(self, act: CollateralAct) -> Progress:
        return await self._hearing.say(
            act, over=self._over(act) if CollateralState(self._standing.state) in OVER else None
        )

    async def _next(self) -> CollateralAct | None:
        """The next act; None once its day has come or somebody is back."""
        standing, waiting = self._standing, self._hearing.waiting

        def called() -> bool:
            return bool(waiting) or self._is_back()

        if await self._clock.wait(called, until=standing.due_at, seconds=standing.seconds) and waiting:
            return waiting.pop(0)
        return None

    def _over(self, act: CollateralAct) -> NotInThisStage:
        return NotInThisStage(stage=self._standing.state, step=type(act).__name__)
