"""A world in memory for the workflows: the real stories on real servers, with activities that only remember.

Every test here ends within ``LIMIT``, come what may. ``world`` lives on the time-skipping server, ``real`` on
Temporal's development server, ``sealed`` there too with everything encrypted as in production.
"""

import asyncio
import functools
import inspect
import uuid
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from sysconfig import get_path
from typing import Any
from uuid import UUID

import pytest
from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WithStartWorkflowOperation, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor, Worker

from activities.ports.bill_mail import MailTaken, MailToTake
from activities.ports.clockwork import CloseDue, Left, NextClose, Until
from activities.ports.collateral import AddedLater, Appraised, CollateralCase, CollateralStanding, CollateralTaskEnded
from activities.ports.collecting import CaseStanding, CollectionLook
from activities.ports.committee import Counted, SittingCase, SittingPlan
from activities.ports.contracts import Choice, Papers, Signature, Signed
from activities.ports.evidence import FileRead, FileToRead
from activities.ports.identity_papers import PaperRead, PaperToRead
from activities.ports.intake import (
    Case,
    CheckAnswer,
    CheckOrder,
    CheckPlan,
    Delay,
    Ending,
    Identified,
    Standing,
    TakenBack,
)
from activities.ports.invoice_papers import InvoiceRead, InvoiceToRead
from activities.ports.leaves import HandedOver, LeaveCase, LeavePlan
from activities.ports.lines import Drawn, DrawWanted, LineActWanted, LineCase, LineDone, LineStanding, TaskToEnd
from activities.ports.loan_papers import PaperMade, PaperWanted
from activities.ports.offline import Booked, SlotWanted
from activities.ports.parties import PartyCase, PartyCheck, PartyChecked, PartyEnding, PartySignature, PartyStanding
from activities.ports.payees import PayeeChecked, PayeeNamed
from activities.ports.payouts import CalledBack, LoanStarted, PayoutCase, PayoutPlan, PayoutState
from activities.ports.personal_data import DataToFulfil, Fulfilled
from activities.ports.receivables import ReceivableCase, ReceivableStanding, ReceivableWord
from activities.ports.sales_files import SalesRead, SalesToRead
from activities.ports.seeing import SeeingDone, Seen
from activities.ports.servicing import DayToClose, LoanCase, LoanStanding, ShardClosed, Shards, ShardToClose
from activities.ports.step_up import ProofGiven, ProofWanted
from activities.ports.tasks import TaskCase, TaskDone, TaskPlan
from activities.ports.underwriting import Decided, PersonDecided, ReviewWanted, Submitted
from activities.ports.visiting import RecordingWanted
from infra.temporal import data_converter
from lending.applications import LAPSES_AFTER, PAYOUT_WITHIN
from lending.refusals import AboveAvailable, NotSupported
from worker import sandbox
from worker.interceptors import OurActivities
from workflows.acts import (
    AddStatement,
    Begin,
    ChooseOffer,
    ClockMoved,
    GiveConsent,
    Identify,
    Progress,
    Sign,
    StartApplication,
    Submit,
)
from workflows.application import Application
from workflows.stories import STORIES

# A workflow that waits for ever must cost seconds, not the run.
LIMIT = 40.0
DAY = date(2026, 12, 1)
# After these a workflow task is over and the workflow waits.
AT_REST = {
    EventType.EVENT_TYPE_TIMER_STARTED,
    EventType.EVENT_TYPE_TIMER_CANCELED,
    EventType.EVENT_TYPE_MARKER_RECORDED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """``pytest tests/workflows --record-histories`` writes tests/histories anew."""
    parser.addoption("--record-histories", action="store_true", help="write tests/histories from today's workflows")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give every asynchronous test of this folder an end."""
    if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
        item.obj = _ending(item.obj)


def _ending(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    @functools.wraps(test)
    async def limited(*args: Any, **kwargs: Any) -> None:
        async with asyncio.timeout(LIMIT):
            await test(*args, **kwargs)

    return limited


class Applicant:
    """An owner who says things to a running application."""

    def __init__(self, handle: WorkflowHandle[Any, Any], *, begun: bool = False) -> None:
        self.handle = handle
        self._begun = begun
        self.id = UUID(handle.id.partition("/")[2])
        self.payout_id = uuid.uuid5(uuid.uuid5(self.id, "loan"), "payout")

    async def does(self, name: str, act: Any) -> Progress:
        return await self.handle.execute_update(name, act, id=str(act.command_id), result_type=Progress)

    async def reaches_evidence(self) -> None:
        if not self._begun:
            await self.does("begin", Begin(uuid.uuid4()))
        await self.does("identify", Identify(uuid.uuid4()))
        await self.does("give_consent", GiveConsent(uuid.uuid4()))

    async def reaches_offers(self) -> Progress:
        await self.reaches_evidence()
        await self.does("add_statement", AddStatement(uuid.uuid4(), uuid.uuid4()))
        return await self.does("submit", Submit(uuid.uuid4()))

    async def signs(self) -> Progress:
        await self.does("choose_offer", ChooseOffer(uuid.uuid4(), uuid.uuid4()))
        return await self.does("sign", Sign(uuid.uuid4(), uuid.uuid4(), "hash"))

    async def is_refused(self, name: str, act: Any) -> str:
        """Says it and hears no; the refusal's class name."""
        return await _refusal_of(self.handle, name, act)


async def _refusal_of(story: WorkflowHandle[Any, Any], name: str, act: Any) -> str:
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await story.execute_update(name, act, id=str(act.command_id))
    assert isinstance(failed.value.cause, ApplicationError)
    return failed.value.cause.type or ""


WEEKS_18, YEAR = timedelta(weeks=18), timedelta(days=365)


@dataclass
class World:
    """What the activities remember, and how they are told to answer.

    Business time is the server's time plus ``ahead``. ``held`` activities wait for their event, ``fails`` raise.
    """

    client: Client
    queue: str
    clock: Callable[[], Awaitable[datetime]]
    ahead: timedelta = timedelta(0)
    instant: datetime = datetime(2026, 11, 22, tzinfo=UTC)
    told: list[str] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    fails: dict[str, Exception] = field(default_factory=dict)
    stage: str = "draft"
    version: int = 0
    due_at: datetime | None = None
    verdicts: list[str] = field(default_factory=lambda: ["approve"])
    checks: dict[str, str] = field(default_factory=dict)
    months: int = 12
    payout_state: str = "scheduled"
    payout_delay: timedelta = timedelta(0)
    gate: str = ""
    gate_for: timedelta = timedelta(days=3)
    gate_until: datetime | None = None
    theirs: bool = True
    proofs: list[str] = field(default_factory=lambda: ["match"])
    rail_says: list[str] = field(default_factory=lambda: ["credited"])
    review_hours: float = 24
    away: bool = False
    task_due: datetime | None = None
    slot_in: timedelta = timedelta(days=3)
    votes_within: timedelta = timedelta(days=3)
    sat_from: datetime | None = None
    all_voted: bool = False
    kept_open: timedelta | None = None
    loan_state: str = "live"
    checkpoints: list[timedelta] = field(default_factory=lambda: [timedelta(days=90)])
    days_behind: int = 0
    first_day: date | None = None
    closed_days: list[date] = field(default_factory=list)
    shards: tuple[int, ...] = (0, 1, 2)
    instructed: int = 100
    line: UUID | None = None
    line_ends: datetime | None = None
    available: int = 8_000_000
    stale: bool = False
    part_state: str = ""
    claim_state: str = "asked"
    claim_due: datetime | None = None
    buyer_confirms: bool = False
    claim_paid: bool = False
    part_due: datetime | None = None
    piece: CollateralStanding = field(default_factory=lambda: CollateralStanding("offered", 1))
    second: bool = False
    register_says: str = "registered"
    cured: bool = False

    # --- for tests

    async def apply(self, **options: Any) -> Applicant:
        """A new application, not yet begun."""
        application_id = uuid.uuid4()
        start = StartApplication(application_id, "main", "CN")
        return Applicant(await self.start(Application.run, start, id=f"application/{application_id}", **options))

    async def begin(self) -> Applicant:
        """A new application with its first word, as the API starts one."""
        application_id, command_id = uuid.uuid4(), uuid.uuid4()
        starting: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            Application.run,
            StartApplication(application_id, "main", "CN"),
            id=f"application/{application_id}",
            task_queue=self.queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        await self.client.execute_update_with_start_workflow(
            "begin", Begin(command_id), start_workflow_operation=starting, id=str(command_id), result_type=Progress
        )
        return Applicant(await starting.workflow_handle(), begun=True)

    async def start(self, story: Any, argument: Any, *, id: str, **options: Any) -> WorkflowHandle[Any, Any]:
        return await self.client.start_workflow(story, argument, id=id, task_queue=self.queue, **options)

    async def move(self, by: timedelta, *stories: WorkflowHandle[Any, Any]) -> None:
        """Somebody moves the business clock, and the waiting workflows are told."""
        self.ahead += by
        for story in stories:
            await story.execute_update("clock_moved", ClockMoved(1))

    async def refusal_of(self, story: WorkflowHandle[Any, Any], name: str, act: Any) -> str:
        """Somebody says it to a workflow and hears no; the refusal's class name."""
        return await _refusal_of(story, name, act)

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    async def parks(self, loan: WorkflowHandle[Any, Any]) -> None:
        """Wait until a loan's first run has ended and the second waits for its checkpoint."""
        while (await loan.describe()).run_id == loan.first_execution_run_id:  # noqa: ASYNC110
            await asyncio.sleep(0.02)

    async def rests(self, story: WorkflowHandle[Any, Any], *, by: EventType.ValueType | None = None) -> None:
        """Wait until a workflow waits: it exists, and its last workflow task has ended in a command or an answer.

        ``by`` names what it waits by, where an answer may come a task before the rest of what was to be done.
        """
        while True:
            with suppress(Exception):
                last = (await story.fetch_history()).events[-1].event_type
                if last == by or (by is None and last in AT_REST):
                    return
            await asyncio.sleep(0.02)

    async def hears(self, story: WorkflowHandle[Any, Any], name: str) -> None:
        """Wait until a workflow has accepted an update (beside a local activity that takes most of a task's time)."""
        while True:
            for event in (await story.fetch_history()).events:
                accepted = event.workflow_execution_update_accepted_event_attributes
                if accepted.accepted_request.input.name == name:
                    return
            await asyncio.sleep(0.02)

    async def begins(self, name: str) -> None:
        """Wait until an activity has been called."""
        await self.until(lambda: self.calls[name] > 0)

    def hold(self, name: str) -> asyncio.Event:
        """The activity waits until the event is set."""
        self.held[name] = asyncio.Event()
        return self.held[name]

    def now(self) -> datetime:
        """Business time, as the activity that runs has read it."""
        return self.instant + self.ahead

    def tell(self, what: str) -> None:
        self.told.append(what)

    def stand(self, stage: str | None = None, due: timedelta | None = LAPSES_AFTER) -> Standing:
        if stage is not None:
            self.stage = stage
            self.due_at = self.now() + due if due is not None else None
        self.version += 1
        if self.due_at is None:
            return Standing(stage=self.stage, version=self.version)
        left = self._left(self.due_at)
        return Standing(stage=self.stage, version=self.version, due_at=self.due_at, seconds=left)

    # --- clock
    @activity.defn
    async def how_long(self, until: Until) -> Left:
        return Left(now=self.now(), seconds=self._left(until.instant))

    @activity.defn
    async def next_close(self, asked: NextClose) -> CloseDue:
        today = self.now().date()
        self.first_day = self.first_day or today - timedelta(days=self.days_behind)
        on = asked.last_closed + timedelta(days=1) if asked.last_closed else self.first_day
        ends = datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(days=1)
        return CloseDue(on=on, ready=on < today, ends_at=ends, seconds=self._left(ends))

    # --- intake
    @activity.defn
    async def begin_application(self, case: Case) -> Standing:
        self.tell("begin")
        return self.stand("identity")

    @activity.defn
    async def plan_identity(self, case: Case) -> CheckPlan:
        return CheckPlan(kinds=("network", "bank_card"))

    @activity.defn
    async def ask_identity_check(self, order: CheckOrder) -> CheckAnswer:
        return CheckAnswer(kind=order.kind, outcome=self.checks.get(order.kind, "match"))

    @activity.defn
    async def conclude_identity(self, identified: Identified) -> Standing:
        ok = all(answer.outcome == "match" for answer in identified.answers)
        self.tell("identity_proven" if ok else "identity_failed")
        return self.stand("consent" if ok else "identity")

    @activity.defn
    async def reopen_identity(self, case: Case) -> Standing:
        self.tell("reopened")
        return self.stand("identity")

    @activity.defn
    async def conclude_consent(self, case: Case) -> Standing:
        self.tell("consented")
        return self.stand("evidence")

    @activity.defn
    async def read_statement(self, file: FileToRead) -> FileRead:
        self.tell("read")
        return FileRead(standing=self.stand(), months=self.months, lines=10, duplicates=0)

    @activity.defn
    async def give_up_reading(self, file: FileToRead) -> FileRead:
        self.tell("set aside")
        return FileRead(standing=self.stand(), months=self.months, lines=0, duplicates=0, problem="reader_failed")

    @activity.defn
    async def read_paper(self, paper: PaperToRead) -> PaperRead:
        self.tell("paper read")
        return PaperRead("read")

    @activity.defn
    async def read_invoice(self, paper: InvoiceToRead) -> InvoiceRead:
        self.tell("invoice read")
        return InvoiceRead("read")

    @activity.defn
    async def give_up_invoice(self, paper: InvoiceToRead) -> InvoiceRead:
        self.tell("invoice given up")
        return InvoiceRead("refused", "reader_failed")

    @activity.defn
    async def read_sales(self, file: SalesToRead) -> SalesRead:
        self.tell("sales read")
        return SalesRead("read")

    @activity.defn
    async def give_up_sales(self, file: SalesToRead) -> SalesRead:
        self.tell("sales given up")
        return SalesRead("refused", "reader_failed")

    @activity.defn
    async def take_mail(self, mail: MailToTake) -> MailTaken:
        self.tell("mail taken")
        return MailTaken("taken", 1)

    @activity.defn
    async def give_up_mail(self, mail: MailToTake) -> MailTaken:
        self.tell("mail given up")
        return MailTaken("left", problem="gateway_silent")

    @activity.defn
    async def print_loan_paper(self, wanted: PaperWanted) -> PaperMade:
        self.tell("loan paper printed")
        return PaperMade("ready")

    @activity.defn
    async def give_up_loan_paper(self, wanted: PaperWanted) -> PaperMade:
        self.tell("loan paper given up")
        return PaperMade("refused", "printing_failed")

    @activity.defn
    async def fulfil_request(self, wanted: DataToFulfil) -> Fulfilled:
        self.tell("copy made")
        return Fulfilled("ready")

    @activity.defn
    async def give_up_request(self, wanted: DataToFulfil) -> Fulfilled:
        self.tell("copy given up")
        return Fulfilled("refused", "failed")

    @activity.defn
    async def give_up_paper(self, paper: PaperToRead) -> PaperRead:
        self.tell("paper given up")
        return PaperRead("refused", "reader_failed")

    @activity.defn
    async def end_application(self, ending: Ending) -> Standing:
        self.tell(ending.stage)
        return self.stand(ending.stage, None)

    @activity.defn
    async def tell_delay(self, delay: Delay) -> Standing:
        self.tell(f"awaiting {delay.party}")
        return self.stand()

    @activity.defn
    async def take_back(self, taken: TakenBack) -> Standing:
        self.tell(f"taken back: {taken.problem}")
        return self.stand("evidence")

    # --- parties
    def part(self, state: str, due: timedelta = timedelta(days=14)) -> PartyStanding:
        if state != self.part_state:
            self.part_due = self.now() + due
        self.part_state = state
        return PartyStanding(state=state, due_at=self.part_due, seconds=self._left(self.part_due or self.now()))

    @activity.defn
    async def invite_party(self, case: PartyCase) -> PartyStanding:
        self.tell("invited")
        return self.part("invited")

    @activity.defn
    async def plan_party_checks(self, case: PartyCase) -> CheckPlan:
        return CheckPlan(kinds=("network", "liveness"))

    @activity.defn
    async def ask_party_check(self, check: PartyCheck) -> CheckAnswer:
        return CheckAnswer(kind=check.kind, outcome=self.checks.get(check.kind, "match"))

    @activity.defn
    async def conclude_party_checks(self, checked: PartyChecked) -> PartyStanding:
        ok = all(answer.outcome == "match" for answer in checked.answers)
        self.tell("party proven" if ok else "party not proven")
        return self.part("proven" if ok else "invited")

    @activity.defn
    async def sign_party(self, signature: PartySignature) -> PartyStanding:
        self.tell("party signed")
        return self.part("signed", timedelta(days=60))

    @activity.defn
    async def end_party(self, ending: PartyEnding) -> PartyStanding:
        self.tell(f"party {ending.state}")
        return self.part(ending.state)

    @activity.defn
    async def conclude_seeing(self, done: SeeingDone) -> Seen:
        self.tell(f"seen {done.end}")
        return Seen("match" if done.end == "done" else "not_seen")

    # --- receivables
    def claim(
        self, state: str, due: timedelta | None = None, problem: str | None = None, *, release: bool = False
    ) -> ReceivableStanding:
        self.claim_state = state
        self.claim_due = self.now() + due if due is not None else None
        left = self._left(self.claim_due) if self.claim_due else None
        return ReceivableStanding(state, 1, self.claim_due, left, problem, release)

    @activity.defn
    async def check_receivable(self, case: ReceivableCase) -> ReceivableStanding:
        self.tell(f"receivable {self.claim_state}")
        return self.claim(self.claim_state, timedelta(days=1 if self.claim_state == "asked" else 5))

    @activity.defn
    async def ask_buyer(self, case: ReceivableCase) -> ReceivableStanding:
        if self.buyer_confirms:
            self.tell("buyer confirmed")
            return self.claim("supported", timedelta(days=30))
        self.tell("buyer asked")
        if self.told.count("buyer asked") > 30:
            return self.claim("lapsed")
        return self.claim("asked", timedelta(days=1), "no_answer")

    @activity.defn
    async def hear_receivable(self, word: ReceivableWord) -> ReceivableStanding:
        self.tell(f"receivable {word.kind} {word.fact}".strip())
        match word.kind:
            case "judge":
                return self.claim("asked" if word.clears else "refused", timedelta(days=1))
            case "prove":
                if not word.proofs:
                    raise NotSupported(proof="order")
                return self.claim("supported", timedelta(days=30))
            case _:
                return self.claim(self.claim_state, timedelta(days=30), release=word.fact == "paid")

    @activity.defn
    async def pledge_receivable(self, word: ReceivableWord) -> ReceivableStanding:
        self.tell("pledged")
        return self.claim("pledged", timedelta(days=30))

    @activity.defn
    async def file_pledge(self, case: ReceivableCase) -> None:
        self.tell("pledge filed")

    @activity.defn
    async def verify_again(self, case: ReceivableCase) -> ReceivableStanding:
        self.tell("verified again")
        return self.claim("pledged", timedelta(days=30), release=self.claim_paid)

    @activity.defn
    async def release_receivable(self, case: ReceivableCase) -> ReceivableStanding:
        self.tell("released")
        return self.claim("released")

    @activity.defn
    async def put_off_receivable(self, case: ReceivableCase) -> ReceivableStanding:
        self.tell("put off")
        return self.claim(self.claim_state, timedelta(hours=1))

    @activity.defn
    async def end_receivable(self, case: ReceivableCase) -> ReceivableStanding:
        self.tell("receivable lapsed")
        return self.claim("lapsed")

    # --- collateral
    def stood(self, state: str, due: timedelta | None, **other: Any) -> CollateralStanding:
        due_at = self.now() + due if due is not None else None
        left = self._left(due_at) if due_at else None
        if other.get("task_id") not in (None, self.piece.task_id):
            self.task_due = None  # somebody is sent anew
        self.piece = CollateralStanding(state, self.piece.version + 1, due_at, left, **other)
        return self.piece

    @activity.defn
    async def check_collateral(self, case: CollateralCase) -> CollateralStanding:
        self.tell("collateral checked")
        return self.stood("valuing", timedelta(days=127), task_id=uuid.uuid5(case.collateral_id, "first"))

    @activity.defn
    async def appraise_collateral(self, word: Appraised) -> CollateralStanding:
        if self.second:
            self.second = False
            self.tell("second valuer")
            task_id = uuid.uuid5(word.collateral_id, "second")
            return self.stood(
                self.piece.state if self.piece.state == "registered" else "second", WEEKS_18, task_id=task_id
            )
        self.tell("valued")
        return self.stood("registered" if self.piece.state == "registered" else "valued", YEAR)

    @activity.defn
    async def hear_collateral_task(self, ended: CollateralTaskEnded) -> CollateralStanding:
        self.tell(f"collateral task {ended.end}")
        if ended.end == "unanswered":
            return self.stood("lapsed", None)
        return self.stood(self.piece.state, timedelta(days=127), task_id=self.piece.task_id)

    @activity.defn
    async def revalue_collateral(self, case: CollateralCase) -> CollateralStanding:
        self.tell("revaluing")
        return self.stood("registered", WEEKS_18, task_id=uuid.uuid5(case.cause, "again"))

    @activity.defn
    async def put_off_collateral(self, case: CollateralCase) -> CollateralStanding:
        self.tell("collateral put off")
        return self.stood(self.piece.state, timedelta(hours=1), task_id=self.piece.task_id)

    @activity.defn
    async def end_collateral(self, case: CollateralCase) -> CollateralStanding:
        self.tell("collateral lapsed")
        return self.stood("lapsed", None)

    @activity.defn
    async def register_collateral(self, case: CollateralCase) -> CollateralStanding:
        if self.register_says == "waits":
            self.register_says = "registered"
            self.tell("register looks at it")
            return self.stood("securing", timedelta(hours=1), task_id=uuid.uuid5(case.collateral_id, "window"))
        self.tell(f"collateral {self.register_says}")
        return self.stood(self.register_says, YEAR if self.register_says == "registered" else None)

    @activity.defn
    async def add_collateral(self, word: AddedLater) -> CollateralStanding:
        self.tell("collateral added")
        return self.stood("securing", timedelta(hours=1))

    @activity.defn
    async def hold_against(self, case: CollateralCase) -> CollateralStanding:
        self.tell("cured")
        return self.stood("registered", YEAR)

    @activity.defn
    async def search_collateral(self, case: CollateralCase) -> CollateralStanding:
        self.tell("searched")
        return self.stood(self.piece.state, YEAR)

    @activity.defn
    async def unwind_collateral(self, case: CollateralCase) -> CollateralStanding:
        self.tell("unwound")
        return self.stood("unwound", None)

    @activity.defn
    async def release_collateral(self, case: CollateralCase) -> CollateralStanding:
        self.tell("collateral released")
        return self.stood("released", None)

    # --- underwriting
    @activity.defn
    async def accept_submission(self, case: Case) -> Submitted:
        enough = self.months >= 3
        standing = self.stand("deciding") if enough else self.stand("evidence")
        return Submitted(standing=standing, enough=enough, months=self.months)

    @activity.defn
    async def ask_bureau(self, case: Case) -> None:
        self.tell("bureau")

    @activity.defn
    async def decide_application(self, case: Case) -> Decided:
        return self._decided(self.verdicts.pop(0), case.cause)

    @activity.defn
    async def open_review(self, wanted: ReviewWanted) -> Decided:
        return self._decided("review", wanted.cause)

    @activity.defn
    async def apply_review(self, decided: PersonDecided) -> Decided:
        return self._decided(self.verdicts.pop(0), decided.task_id)

    @activity.defn
    async def go_on_to_review(self, decided: PersonDecided) -> Decided:
        return self._decided("review", decided.task_id)

    def _decided(self, outcome: str, cause: UUID) -> Decided:
        self.tell(outcome)
        if outcome == "outside":
            self.task_due = None
            standing = self.stand("review", timedelta(hours=self.review_hours))
            return Decided(standing=standing, outcome="review", decision_id=cause, offline=(uuid.uuid5(cause, "task"),))
        stage = {"approve": "offered", "review": "review", "decline": "declined"}[outcome]
        due = timedelta(hours=self.review_hours) if outcome == "review" else timedelta(days=7)
        task_id = uuid.uuid5(cause, "task") if outcome == "review" else None
        return Decided(standing=self.stand(stage, due), outcome=outcome, decision_id=cause, task_id=task_id)

    # --- contracts
    @activity.defn
    async def choose_offer(self, choice: Choice) -> Standing:
        self.tell("chosen")
        return self.stand("offered")

    @activity.defn
    async def print_papers(self, papers: Papers) -> Standing:
        self.tell("printed")
        return self.stand("signing")

    @activity.defn
    async def sign_contract(self, signature: Signature) -> Signed:
        self.tell("signed")
        loan_id = uuid.uuid5(signature.application_id, "loan")
        payout_id = uuid.uuid5(loan_id, "payout")
        if self.line is not None:
            return Signed(self.stand("opened", None), loan_id, payout_id, line_id=self.line)
        return Signed(standing=self.stand("paying", PAYOUT_WITHIN), loan_id=loan_id, payout_id=payout_id)

    # --- payouts
    @activity.defn
    async def plan_payout(self, case: PayoutCase) -> PayoutPlan:
        pay_at = self.now() + self.payout_delay
        return PayoutPlan(pay_at=pay_at, seconds=self.payout_delay.total_seconds(), cancellable=True)

    @activity.defn
    async def claim_payout(self, case: PayoutCase) -> PayoutState:
        if self.payout_state == "scheduled" and self.gate:
            return self._waits(case)
        if self.payout_state == "scheduled":
            self.tell("claimed")
            self.payout_state = "submitting"
        return PayoutState(state=self.payout_state)

    def _waits(self, case: PayoutCase) -> PayoutState:
        """``gate``: "called" while somebody calls the owner; else what the money waits for, until ``gate_until``."""
        if self.gate == "called":
            return PayoutState(state="scheduled", reason="held", task_id=uuid.uuid5(case.payout_id, "call"))
        until = self.gate_until = self.gate_until or self.now() + self.gate_for
        if self.now() >= until:
            self.tell(f"undone: {self.gate}")
            self.payout_state = "cancelled"
            return PayoutState(state="cancelled", reason=self.gate)
        self.tell(f"waits: {self.gate}")
        return PayoutState(state="scheduled", reason=self.gate, until=until, seconds=self._left(until))

    @activity.defn
    async def apply_call_back(self, called: CalledBack) -> PayoutState:
        theirs = self.theirs and called.end == "done"
        self.tell(f"called back: {called.end}, {'theirs' if theirs else 'not theirs'}")
        self.gate = ""
        self.payout_state = self.payout_state if theirs else "cancelled"
        return PayoutState(state=self.payout_state)

    @activity.defn
    async def cancel_payout(self, case: PayoutCase) -> PayoutState:
        if self.payout_state == "scheduled":
            self.tell("cancelled")
            self.payout_state = "cancelled"
        return PayoutState(state=self.payout_state)

    @activity.defn
    async def submit_payout(self, case: PayoutCase) -> PayoutState:
        self.tell("submitted")
        return PayoutState(state="submitted")

    @activity.defn
    async def ask_rail(self, case: PayoutCase) -> PayoutState:
        said = self.rail_says.pop(0) if len(self.rail_says) > 1 else self.rail_says[0]
        self.tell(f"rail: {said}")
        self.payout_state, _, reason = said.partition(" ")
        return PayoutState(state=self.payout_state, reason=reason or None)

    @activity.defn
    async def settle_payout(self, case: PayoutCase) -> LoanStarted:
        self.tell(f"settled: {self.payout_state}")
        return LoanStarted(loan_id=uuid.uuid5(case.payout_id, "loan"), application_id=case.payout_id)

    @activity.defn
    async def hand_to_desk(self, case: PayoutCase) -> PayoutState:
        self.tell("desk")
        return PayoutState(state=self.payout_state)

    @activity.defn
    async def start_loan(self, started: LoanStarted) -> None:
        self.tell("loan started")

    @activity.defn
    async def check_payee(self, named: PayeeNamed) -> PayeeChecked:
        self.tell("payee looked for")
        return PayeeChecked("covered")

    # --- proofs given anew
    @activity.defn
    async def ask_proof(self, wanted: ProofWanted) -> ProofGiven:
        self.tell("proof asked")
        return ProofGiven(self.proofs.pop(0))

    @activity.defn
    async def give_up_proof(self, wanted: ProofWanted) -> ProofGiven:
        self.tell("proof given up")
        return ProofGiven("no_answer")

    # --- tasks
    @activity.defn
    async def plan_task(self, case: TaskCase) -> TaskPlan:
        due = self.task_due = self.task_due or self.now() + timedelta(hours=self.review_hours)
        remind_at = due - timedelta(hours=self.review_hours / 4)
        return TaskPlan(
            kept_until=due + self.kept_open if self.kept_open else None,
            remind_at=remind_at,
            escalate_at=due,
            remind_in=None if "reminded" in self.told else self._left(remind_at),
            escalate_in=None if "escalated" in self.told else self._left(due),
        )

    def _left(self, until: datetime) -> float:
        return max(0.0, (until - self.now()).total_seconds())

    @activity.defn
    async def remind_task(self, case: TaskCase) -> None:
        if not self._stands():
            self.tell("reminded")

    @activity.defn
    async def escalate_task(self, case: TaskCase) -> Standing:
        if self._stands():
            return replace(self.stand(), again=True)
        self.tell("escalated")
        return self.stand()

    def _stands(self) -> bool:
        """Somebody outside has the case: our time moves with theirs, by a day each time that is looked."""
        if self.away:
            self.task_due = (self.task_due or self.now()) + timedelta(days=1)
            self.tell("not ours")
        return self.away

    @activity.defn
    async def finish_task(self, done: TaskDone) -> Standing:
        self.tell("task done")
        return self.stand()

    @activity.defn
    async def cancel_task(self, case: TaskCase) -> None:
        self.tell("task cancelled")

    # --- outside
    @activity.defn
    async def book_slot(self, wanted: SlotWanted) -> Booked:
        self.tell("booked")
        slot_at = self.now() + self.slot_in
        return Booked(slot_at=slot_at, pack_at=slot_at - timedelta(hours=36), stage=self.stage, version=self.version)

    @activity.defn
    async def build_pack(self, case: TaskCase) -> None:
        self.tell("pack")

    @activity.defn
    async def prepare_visit(self, case: TaskCase) -> None:
        self.tell("visit prepared")

    @activity.defn
    async def take_recording(self, wanted: RecordingWanted) -> Standing:
        self.tell("recording taken")
        return self.stand()

    # --- the committee

    @activity.defn
    async def plan_sitting(self, case: SittingCase) -> SittingPlan:
        self.sat_from = self.sat_from or self.now()
        due_at = self.sat_from + self.votes_within
        self.tell("votes looked at")
        return SittingPlan(due_at, self._left(due_at), over=self.all_voted or self.now() >= due_at)

    @activity.defn
    async def count_votes(self, case: SittingCase) -> Counted:
        self.tell("votes counted")
        return Counted(1)

    @activity.defn
    async def seal_minutes(self, case: SittingCase) -> None:
        self.tell("minutes sealed")

    @activity.defn
    async def plan_leave(self, case: LeaveCase) -> LeavePlan:
        begins_at = self.now() + self.slot_in
        return LeavePlan(begins_at=begins_at, seconds=self._left(begins_at))

    @activity.defn
    async def hand_over(self, case: LeaveCase) -> HandedOver:
        self.tell("handed over")
        return HandedOver(tasks=2)

    # --- collections
    @activity.defn
    async def look_at_case(self, look: CollectionLook) -> CaseStanding:
        self.tell("case looked at")
        if self.cured:
            return CaseStanding(ended="cured")
        next_at = self.now() + timedelta(days=1)
        return CaseStanding(next_at=next_at, seconds=self._left(next_at))

    # --- lines
    @activity.defn
    async def look_at_line(self, case: LineCase) -> LineStanding:
        ends = self.line_ends = self.line_ends or self.now() + timedelta(days=365)
        if self.now() >= ends:
            self.tell("line over")
            return LineStanding("over", 1, None, 0.0)
        left = self._left(ends)
        return LineStanding("open", 1, ends, left)

    @activity.defn
    async def file_line_contract(self, case: LineCase) -> None:
        self.tell("line contract filed")

    @activity.defn
    async def draw(self, wanted: DrawWanted) -> Drawn:
        if wanted.amount_minor > self.available:
            raise AboveAvailable(available_minor=self.available, currency="CNY")
        if self.stale:
            return Drawn("stale", 1)
        self.available -= wanted.amount_minor
        self.tell(f"drawn {wanted.amount_minor}")
        return Drawn("paying", 1, uuid.uuid5(wanted.cause, "draw"), uuid.uuid5(wanted.cause, "payout"))

    @activity.defn
    async def ask_again(self, wanted: DrawWanted) -> None:
        self.tell("registers asked again")

    @activity.defn
    async def judge_again(self, wanted: DrawWanted) -> LineDone:
        self.stale = self.verdicts.pop(0) != "approve"
        self.tell("looked at" if self.stale else "fresh")
        return LineDone("looked_at", 1, uuid.uuid5(wanted.line_id, "look")) if self.stale else LineDone("fresh", 1)

    @activity.defn
    async def start_draw(self, drawn: Drawn) -> None:
        self.tell("payout started")

    @activity.defn
    async def act_on_line(self, wanted: LineActWanted) -> LineDone:
        self.tell("line changed")
        return LineDone("frozen", 2, uuid.uuid5(wanted.line_id, "look") if "person asked" in self.told else None)

    @activity.defn
    async def open_line_review(self, case: LineCase) -> LineDone:
        self.tell("person asked")
        return LineDone("frozen", 2, uuid.uuid5(case.line_id, "look"))

    @activity.defn
    async def start_line_task(self, task: TaskToEnd) -> None:
        self.tell("task started")

    @activity.defn
    async def end_line_task(self, task: TaskToEnd) -> None:
        self.tell("task ended")

    # --- servicing
    @activity.defn
    async def file_contract(self, case: LoanCase) -> None:
        self.tell("contract filed")

    @activity.defn
    async def welcome_borrower(self, case: LoanCase) -> LoanStanding:
        self.tell("welcome")
        return self._loan()

    @activity.defn
    async def check_loan(self, case: LoanCase) -> LoanStanding:
        self.tell("looked at")
        return self._loan()

    def _loan(self) -> LoanStanding:
        ahead = self.checkpoints.pop(0) if self.checkpoints else timedelta(days=30)
        return LoanStanding(state=self.loan_state, checkpoint=self.now() + ahead, seconds=ahead.total_seconds())

    @activity.defn
    async def close_out_loan(self, case: LoanCase) -> LoanStanding:
        self.tell("closed out")
        return LoanStanding(state="closed", checkpoint=None, seconds=0)

    # --- closing
    @activity.defn
    async def start_close(self, day: DayToClose) -> None:
        self.closed_days.append(day.on)
        handle = self.client.get_workflow_handle(f"calendar/{day.jurisdiction}")
        await handle.execute_update("day_closed", {"on": day.on.isoformat()}, id=f"closed/{day.on}")

    @activity.defn
    async def open_close(self, day: DayToClose) -> Shards:
        self.tell("opened")
        return Shards(numbers=self.shards)

    @activity.defn
    async def close_shard(self, shard: ShardToClose) -> ShardClosed:
        self.tell(f"shard {shard.shard}")
        return ShardClosed(loans=1, instructed=self.instructed)

    @activity.defn
    async def collect_shard(self, shard: ShardToClose) -> ShardClosed:
        self.tell(f"collected {shard.shard}")
        return ShardClosed(loans=1, instructed=self.instructed)

    @activity.defn
    async def wake_loans(self, day: DayToClose) -> None:
        self.tell("woken")

    @activity.defn
    async def finish_close(self, day: DayToClose) -> None:
        self.tell("finished")

    def all(self) -> list[Any]:
        names = [
            name for name in dir(self) if hasattr(getattr(type(self), name, None), "__temporal_activity_definition")
        ]
        return [getattr(self, name) for name in names]


class _Around(ActivityInboundInterceptor):
    """Reads the clock before each activity, holds it and makes it fail as the world says."""

    def __init__(self, next: ActivityInboundInterceptor, world: World) -> None:
        super().__init__(next)
        self._world = world

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        name = activity.info().activity_type
        self._world.instant = await self._world.clock()
        self._world.calls[name] += 1
        if name in self._world.held:
            await self._world.held[name].wait()
        if name in self._world.fails:
            raise self._world.fails[name]
        return await super().execute_activity(input)


class _Holding(Interceptor):
    def __init__(self, world: World) -> None:
        self._world = world

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Around(next, self._world)


@asynccontextmanager
async def _living(client: Client, clock: Callable[[], Awaitable[datetime]]) -> AsyncGenerator[World]:
    """A world with a worker that runs the real workflows on it, as the real worker does."""
    world = World(client, f"tests-{uuid.uuid4()}", clock)
    async with Worker(
        client,
        task_queue=world.queue,
        workflows=STORIES,
        activities=world.all(),
        workflow_runner=sandbox.runner(),
        interceptors=[OurActivities(), _Holding(world)],
    ):
        yield world


def _morning_of(day: date) -> Callable[[], Awaitable[datetime]]:
    """A clock that shows nine o'clock of a day now, so that what is recorded depends on no day's hour."""
    set_at = datetime.now(UTC)

    async def clock() -> datetime:
        return datetime(day.year, day.month, day.day, 9, tzinfo=UTC) + (datetime.now(UTC) - set_at)

    return clock


@pytest.fixture
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    """A time-skipping server of this test's own: its clock is the server's, so tests may not share one."""
    path = Path(get_path("scripts")) / "temporal-test-server"
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=pydantic_data_converter,
        test_server_existing_path=str(path),
        test_server_startup_timeout=timedelta(seconds=LIMIT),
    ) as environment:
        yield environment


@pytest.fixture
async def world(skipping: WorkflowEnvironment) -> AsyncIterator[World]:
    """The world on the time-skipping server."""
    async with _living(skipping.client, skipping.get_current_time) as world:
        yield world


@pytest.fixture
async def real(temporal_server: Any) -> AsyncIterator[World]:
    """The world on Temporal's development server, in clear, as histories are recorded."""
    client = await Client.connect(temporal_server.address, data_converter=pydantic_data_converter)
    async with _living(client, _morning_of(DAY)) as world:
        yield world


@pytest.fixture
async def sealed(temporal_server: Any, settings_for: Any) -> AsyncIterator[World]:
    """The world on Temporal's development server with production's encryption."""
    converter = data_converter(settings_for(temporal=temporal_server))
    client = await Client.connect(temporal_server.address, data_converter=converter)
    async with _living(client, _morning_of(DAY)) as world:
        yield world


@pytest.fixture
async def applicant(world: World) -> Applicant:
    """Somebody who has an application, on the time-skipping server."""
    return await world.apply()
