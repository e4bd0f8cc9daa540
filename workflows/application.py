"""An application, from the first tap to money or no."""

import asyncio
import contextlib
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError
from temporalio.workflow import ParentClosePolicy

from activities.ports.contracts import Choice, Contracts, Papers, Signature, Signed
from activities.ports.evidence import Evidence, FileToRead
from activities.ports.intake import (
    Case,
    CheckAnswer,
    CheckOrder,
    Delay,
    Ending,
    Identified,
    Intake,
    Standing,
    TakenBack,
)
from activities.ports.underwriting import Decided, PersonDecided, ReviewWanted, Underwriting
from lending.applications import Stage
from lending.refusals import NotInThisStage, Refusal
from workflows.acts import (
    WELCOME,
    Act,
    AddStatement,
    AskReview,
    Begin,
    ChooseOffer,
    ClockMoved,
    GiveConsent,
    Identify,
    PayoutEnd,
    Progress,
    Reopen,
    Sign,
    StartApplication,
    StartLine,
    StartPayout,
    Submit,
    Withdraw,
)
from workflows.calls import ours, outside
from workflows.credit_line import CreditLine
from workflows.offline_task import ask, let_go
from workflows.payout import Payout
from workflows.waiting import BusinessClock

R = TypeVar("R")

# After this the page says who is awaited and until when, instead of turning.
PATIENCE = 3.0
# One answer of an outside party: three of these are journey 1's "timeout 30 s, three tries".
ONE_ANSWER = timedelta(seconds=30)
# A provider that is away for a day: identity is asked again later, a decision goes to a person.
GIVE_UP = timedelta(days=1)
# A bill of 20 MB is read in seconds, a scan of twenty pages by recognition in minutes; longer is a machine in trouble.
ONE_READING = timedelta(minutes=5)
# The store may be away for a while; a file that fails this often is looked at by a person.
READINGS = 20
# Two papers are printed in half a second; half a minute is a store that is away.
ONE_PRINTING = timedelta(seconds=30)


class _Ended(Exception):
    def __init__(self, stage: Stage, cause: UUID, reason: str) -> None:
        self.stage = stage
        self.cause = cause
        self.reason = reason


@workflow.defn(failure_exception_types=[Refusal])
class Application:
    """``application/{id}``: draft to money or no, at most 60 days of nobody acting."""

    @workflow.init
    def __init__(self, start: StartApplication) -> None:
        self._id = start.application_id
        self._clock = BusinessClock(start.clock_id)
        self._acts: list[Act] = []
        self._answers: dict[UUID, Progress | Refusal] = {}
        self._standing = Standing(stage=Stage.DRAFT, version=0)
        self._doing: Act | None = None

    # --- the story ----------------------------------------------------------------------------------------------------

    @workflow.run
    async def run(self, start: StartApplication) -> str:
        """The whole story; returns the last stage."""
        try:
            await self._begin()
            await self._know_the_owner()
            await self._get_consents()
            signed = await self._reach_a_signature()
            last = await self._pay(signed) if signed.line_id is None else await self._open(signed.line_id)
        except _Ended as ended:
            last = await self._end(ended)
        # Not in a ``finally``: a fault must fail loudly, not wait for handlers that nobody answers any more.
        await workflow.wait_condition(workflow.all_handlers_finished)
        return last

    async def _begin(self) -> None:
        act = await self._next()
        await self._step(act, ours(Intake.begin_application, self._case(act)))

    async def _know_the_owner(self) -> None:
        while self._stage is Stage.IDENTITY:
            act = await self._next()
            plan = await self._try(act, ours(Intake.plan_identity, self._case(act)))
            if plan is not None:
                await self._prove(act, plan.kinds)

    async def _get_consents(self) -> None:
        while self._stage is Stage.CONSENT:
            act = await self._next()
            if isinstance(act, Reopen):
                await self._go_back(act)
            else:
                await self._step(act, ours(Intake.conclude_consent, self._case(act)))

    async def _go_back(self, act: Reopen) -> None:
        """To who the owner is, and on from there: consents, bills and decision follow anew where they hang on it."""
        await self._step(act, ours(Intake.reopen_identity, self._case(act)))
        await self._know_the_owner()

    async def _reach_a_signature(self) -> Signed:
        while True:
            act = await self._next()
            match act:
                case AddStatement():
                    await self._read(act)
                case Submit():
                    await self._decide(act)
                case AskReview():
                    await self._review(
                        act,
                        await self._try(act, ours(Underwriting.open_review, ReviewWanted(self._id, act.command_id))),
                    )
                case ChooseOffer():
                    await self._prepare(act)
                case Sign():
                    signed = await self._sign(act)
                    if signed is not None:
                        return signed
                case Reopen():
                    await self._go_back(act)
                    await self._get_consents()
                case Begin() | Identify() | GiveConsent() | Withdraw():
                    self._refuse(act)  # not welcome in these stages, so never here

    async def _pay(self, signed: Signed) -> str:
        end: PayoutEnd = await workflow.execute_child_workflow(
            Payout.run,
            StartPayout(payout_id=signed.payout_id, clock_id=self._clock.clock_id),
            id=f"payout/{signed.payout_id}",
            parent_close_policy=ParentClosePolicy.ABANDON,
        )
        return (Stage.FUNDED if end.state == "credited" else Stage.WITHDRAWN).value

    async def _open(self, line_id: UUID) -> str:
        """A line is signed: it lives on its own, and so does each draw."""
        start, alone = StartLine(line_id=line_id, clock_id=self._clock.clock_id), ParentClosePolicy.ABANDON
        await workflow.start_child_workflow(CreditLine.run, start, id=f"line/{line_id}", parent_close_policy=alone)
        return Stage.OPENED.value

    async def _end(self, ended: _Ended) -> str:
        ending = Ending(self._id, ended.cause, ended.stage.value, ended.reason)
        self._stand(await ours(Intake.end_application, ending))
        self._answer(ended.cause)
        return self._standing.stage

    # --- its steps ----------------------------------------------------------------------------------------------------

    async def _prove(self, act: Act, kinds: tuple[str, ...]) -> None:
        asking = asyncio.gather(*(self._ask_check(act, kind) for kind in kinds))
        await self._patiently(asking, act, "identity")
        try:
            answers: list[CheckAnswer] | None = await self._try(act, asking)
        except ActivityError:
            await self._step(act, ours(Intake.tell_delay, Delay(self._id, workflow.uuid4(), "identity_again")))
            return
        if answers is not None:
            await self._step(act, ours(Intake.conclude_identity, Identified(self._id, act.command_id, tuple(answers))))

    async def _ask_check(self, act: Act, kind: str) -> CheckAnswer:
        return await outside(
            Intake.ask_identity_check,
            CheckOrder(self._id, act.command_id, kind),
            within=ONE_ANSWER,
            try_for=GIVE_UP,
        )

    async def _read(self, act: AddStatement) -> None:
        file = FileToRead(self._id, act.command_id, act.file_id)
        try:
            read = await self._try(act, outside(Evidence.read_statement, file, within=ONE_READING, attempts=READINGS))
        except ActivityError:  # the store or the reader fails again and again: say so beside the file
            read = await ours(Evidence.give_up_reading, file)
        if read is not None:
            self._stand(read.standing)
            self._answer(act.command_id, read.problem)

    async def _decide(self, act: Submit) -> None:
        submitted = await self._try(act, ours(Underwriting.accept_submission, self._case(act)))
        if submitted is None:
            return
        self._stand(submitted.standing)
        if not submitted.enough:
            self._answer(act.command_id, "not_enough_history")
            return
        asking = asyncio.ensure_future(
            outside(Underwriting.ask_bureau, self._case(act), within=ONE_ANSWER, try_for=GIVE_UP)
        )
        await self._patiently(asking, act, "bureau")
        try:
            with contextlib.suppress(ActivityError):  # no report after a day: decide_application sends it to a person
                await asking
            decided = await ours(Underwriting.decide_application, self._case(act))
        except Refusal as refusal:
            await self._take_back(act, refusal)
            return
        await self._review(act, decided)

    async def _take_back(self, act: Act, refusal: Refusal) -> None:
        """What was asked for cannot be decided on: the application waits for the owner again."""
        self._stand(await ours(Intake.take_back, TakenBack(self._id, act.command_id, refusal.code)))
        self._answers.setdefault(act.command_id, refusal)

    async def _review(self, act: Act, decided: Decided | None) -> None:
        """Answer the owner; when a person must look, wait for that person as long as it takes."""
        if decided is None:
            return
        self._stand(decided.standing)
        self._answer(act.command_id)
        while decided.outcome == "review" and (asked := decided.people):
            await self._people(asked)
            person = PersonDecided(self._id, act.command_id, asked[-1])
            try:
                # First what has to be seen outside, then somebody decides on it.
                step = Underwriting.go_on_to_review if decided.offline else Underwriting.apply_review
                decided = await ours(step, person)
            except Refusal as refusal:
                await self._take_back(act, refusal)
                return
            self._stand(decided.standing)

    async def _people(self, task_ids: tuple[UUID, ...]) -> None:
        """People's tasks run beside the owner, who may withdraw; each ends by itself after ``OfflineTask``'s time."""
        self._doing = None
        tasks = [await ask(task_id, self._clock.clock_id) for task_id in task_ids]
        await workflow.wait_condition(lambda: all(task.done() for task in tasks) or bool(self._acts))
        if self._acts:
            await let_go(tasks)
            await self._next()  # only a withdrawal is welcome here, and it ends the story
        for task_id, task in zip(task_ids, tasks, strict=True):
            if await task == "unanswered":
                raise _Ended(Stage.LAPSED, task_id, "nobody_decided")

    async def _prepare(self, act: ChooseOffer) -> None:
        chosen = await self._try(act, ours(Contracts.choose_offer, Choice(self._id, act.command_id, act.offer_id)))
        if chosen is None:
            return
        self._stand(chosen)
        papers = Papers(self._id, act.command_id, act.offer_id)
        try:
            await self._step(act, outside(Contracts.print_papers, papers, within=ONE_PRINTING))
        except ActivityError:  # the offer stands and can be chosen again
            self._answer(act.command_id, "printing_failed")

    async def _sign(self, act: Sign) -> Signed | None:
        signature = Signature(self._id, act.command_id, act.code_id, act.terms_hash)
        signed = await self._try(act, ours(Contracts.sign_contract, signature))
        if signed is not None:
            self._stand(signed.standing)
            self._answer(act.command_id)
        return signed

    # --- what people say ----------------------------------------------------------------------------------------------

    @workflow.update
    async def begin(self, act: Begin) -> Progress:
        """The application's row exists."""
        return await self._perform(act)

    @workflow.update
    async def identify(self, act: Identify) -> Progress:
        """The owner said who they are."""
        return await self._perform(act)

    @workflow.update
    async def reopen(self, act: Reopen) -> Progress:
        """The owner wants to say anew who they are."""
        return await self._perform(act)

    @workflow.update
    async def give_consent(self, act: GiveConsent) -> Progress:
        """The owner allowed what the product needs."""
        return await self._perform(act)

    @workflow.update
    async def add_statement(self, act: AddStatement) -> Progress:
        """A bill was uploaded."""
        return await self._perform(act)

    @workflow.update
    async def submit(self, act: Submit) -> Progress:
        """The owner wants a decision."""
        return await self._perform(act)

    @workflow.update
    async def ask_review(self, act: AskReview) -> Progress:
        """The owner wants a person to look."""
        return await self._perform(act)

    @workflow.update
    async def choose_offer(self, act: ChooseOffer) -> Progress:
        """The owner takes an offer."""
        return await self._perform(act)

    @workflow.update
    async def sign(self, act: Sign) -> Progress:
        """The owner signs."""
        return await self._perform(act)

    @workflow.update
    async def withdraw(self, act: Withdraw) -> Progress:
        """The owner takes the application back."""
        return await self._perform(act)

    @workflow.update
    async def clock_moved(self, moved: ClockMoved) -> None:
        """Business time jumped or changed speed."""
        self._clock.move()

    # --- platform -----------------------------------------------------------------------------------------------------

    @property
    def _stage(self) -> Stage:
        return Stage(self._standing.stage)

    def _case(self, act: Act) -> Case:
        return Case(application_id=self._id, cause=act.command_id)

    async def _perform(self, act: Act) -> Progress:
        if act.command_id not in self._answers:
            if not self._welcomes(act) or self._is_second_tap(act):
                raise NotInThisStage(stage=self._standing.stage, step=type(act).__name__)
            self._acts.append(act)
            await workflow.wait_condition(lambda: act.command_id in self._answers)
        answer = self._answers[act.command_id]
        if isinstance(answer, Refusal):
            raise answer
        return answer

    def _welcomes(self, act: Act) -> bool:
        return isinstance(act, WELCOME.get(self._stage, ()))

    def _is_second_tap(self, act: Act) -> bool:
        """A second tap on submit, choose or sign while the first is under way is the same wish, not a second one."""
        under_way = (*self._acts, self._doing)
        return not isinstance(act, AddStatement) and any(type(act) is type(one) for one in under_way)

    async def _next(self) -> Act:
        """The next act of the owner; ends the application when nobody acts until it is due."""
        self._doing = None
        standing = self._standing
        if not await self._clock.wait(lambda: bool(self._acts), until=standing.due_at, seconds=standing.seconds):
            raise _Ended(Stage.LAPSED, workflow.uuid4(), "nobody_acted")
        act = self._doing = self._acts.pop(0)
        if isinstance(act, Withdraw):
            raise _Ended(Stage.WITHDRAWN, act.command_id, "owner")
        return act

    def _stand(self, standing: Standing) -> None:
        """A step is committed; what was asked for meanwhile and does not belong to where we are now is refused."""
        self._standing = standing
        for act in self._acts:
            if not self._welcomes(act):
                self._refuse(act)
        self._acts[:] = [act for act in self._acts if self._welcomes(act)]

    async def _try(self, act: Act, doing: Awaitable[R]) -> R | None:
        """What ``doing`` gives, or None after telling the refusal to whoever asked."""
        try:
            return await doing
        except Refusal as refusal:
            self._answers[act.command_id] = refusal
            return None

    async def _step(self, act: Act, doing: Awaitable[Standing]) -> None:
        standing = await self._try(act, doing)
        if standing is not None:
            self._stand(standing)
            self._answer(act.command_id)

    def _answer(self, cause: UUID, problem: str | None = None) -> None:
        self._answers.setdefault(cause, Progress(self._standing.stage, self._standing.version, problem))

    def _refuse(self, act: Act) -> None:
        self._answers[act.command_id] = NotInThisStage(stage=self._standing.stage, step=type(act).__name__)

    async def _patiently(self, asking: asyncio.Future[Any], act: Act, party: str) -> None:
        """Wait a little; if the outside party needs longer, say so and answer whoever asked."""
        await workflow.wait([asking], timeout=PATIENCE)
        if not asking.done():
            self._stand(await ours(Intake.tell_delay, Delay(self._id, act.command_id, party)))
            self._answer(act.command_id)
