"""Stories that were really told, in tests/histories: today's workflows must be able to go on with every one of them.

``pytest tests/workflows --record-histories`` tells them anew on Temporal's development server, with invented data and
in clear, and writes the histories and, for whoever reviews a change, the order of their commands (``{story}.txt``).
"""

import asyncio
import json
import uuid
from base64 import b64decode
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import WithStartWorkflowOperation, WorkflowHistory
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.workflow import NondeterminismError

from activities.ports.intake import Intake
from activities.ports.payouts import Payouts
from lending.refusals import EvidenceMissing
from worker import sandbox
from workflows.acts import (
    ActOnLine,
    AskLineReview,
    AskReview,
    CancelPayout,
    ChooseOffer,
    Draw,
    EndPart,
    FinishTask,
    InviteParty,
    LoanSettled,
    LookAgain,
    Progress,
    ProveParty,
    SeePerson,
    SignPart,
    StartCalendar,
    StartClose,
    StartLoan,
    StartParty,
    StartPayout,
    StartSeeing,
    StartStepUp,
    StartTask,
    Submit,
    Withdraw,
)
from workflows.application import Application
from workflows.calendar import Calendar
from workflows.calls import ours
from workflows.close import DailyClose
from workflows.collateral import Collateral
from workflows.collateral_acts import (
    AddCollateral,
    Appraise,
    HoldAgainst,
    OfferCollateral,
    ReleaseCollateral,
    Search,
    Secure,
    StartCollateral,
)
from workflows.collection_acts import CaseEvent, OpenCase, StartCase
from workflows.collection_case import CollectionCase
from workflows.committee import Committee
from workflows.committee_acts import HearCommittee, StartCommittee
from workflows.leave import Leave
from workflows.loan import Loan
from workflows.offline_acts import AgreeToRecording, BookSlot, SayLeave, StartLeave, TakeRecording
from workflows.offline_task import OfflineTask
from workflows.party import Party
from workflows.payout import Payout
from workflows.receivable import Receivable
from workflows.receivable_acts import NoteReceivable, OfferReceivable, PledgeReceivable, StartReceivable
from workflows.seeing import Seeing
from workflows.step_up import StepUp
from workflows.stories import STORIES

World = Any
Told = dict[str, WorkflowHistory]
HISTORIES = Path(__file__).resolve().parents[1] / "histories"
RECORDED = sorted(path.stem for path in HISTORIES.glob("*.*.json"))
CURE = """
If the change is meant: stories that are under way were told by the old code and must go on. Keep the old order for them
    if workflow.patched("what-changed"): …new… else: …old…
and keep the recorded histories as they are: they must still replay. Only when no story of the old kind can be alive any
more (or none was ever deployed) tell them anew: pytest tests/workflows --record-histories
"""


# --- the stories ------------------------------------------------------------------------------------------------------


async def small_loan_paid(world: World) -> dict[str, Any]:
    owner = await world.begin()
    await owner.reaches_offers()
    await owner.signs()
    await owner.handle.result()
    return {"application": owner.handle, "payout": _payout(world, owner)}


async def declined_then_reviewed(world: World) -> dict[str, Any]:
    owner, world.verdicts = await world.begin(), ["decline", "approve"]
    await owner.reaches_offers()
    ask = AskReview(uuid.uuid4())
    await owner.does("ask_review", ask)
    task = world.client.get_workflow_handle(f"task/{uuid.uuid5(ask.command_id, 'task')}")
    await world.rests(task)
    await world.move(timedelta(hours=19), task)
    await world.until(lambda: "reminded" in world.told)
    await world.rests(task)
    await task.execute_update("finish", FinishTask(uuid.uuid4()))
    await world.until(lambda: world.stage == "offered")
    await owner.signs()
    await owner.handle.result()
    return {"application": owner.handle, "task": task}


async def refused_and_lapsed(world: World) -> dict[str, Any]:
    owner, world.months = await world.begin(), 1
    await owner.reaches_offers()
    await owner.is_refused("choose_offer", ChooseOffer(uuid.uuid4(), uuid.uuid4()))
    await world.move(timedelta(days=61), owner.handle)
    await owner.handle.result()
    return {"application": owner.handle}


async def cancelled_in_the_delay(world: World) -> dict[str, Any]:
    world.payout_delay = timedelta(hours=2)
    owner = await world.begin()
    await owner.reaches_offers()
    await owner.signs()
    payout = _payout(world, owner)
    await world.rests(payout)
    await payout.execute_update("cancel", CancelPayout(uuid.uuid4()))
    await owner.handle.result()
    return {"application": owner.handle, "payout": payout}


async def unknown_payout_resolved(world: World) -> dict[str, Any]:
    world.fails["submit_payout"] = RuntimeError("killed at the rail")
    world.rail_says = ["unknown overdue", "credited"]
    payout_id = uuid.uuid4()
    payout = await world.start(Payout.run, StartPayout(payout_id, "main"), id=f"payout/{payout_id}")
    await payout.result()
    return {"payout": payout}


async def released_by_a_second_person(world: World) -> dict[str, Any]:
    world.payout_delay, world.gate = timedelta(hours=2), "unreleased"
    payout_id = uuid.uuid4()
    payout = await world.start(Payout.run, StartPayout(payout_id, "main"), id=f"payout/{payout_id}")
    await world.rests(payout)
    await world.move(timedelta(hours=3), payout)
    await world.until(lambda: "waits: unreleased" in world.told)
    await world.rests(payout)
    world.gate = ""
    await payout.execute_update("look_again", LookAgain(uuid.uuid4()))
    await payout.result()
    return {"payout": payout}


async def blocked_and_called_back(world: World) -> dict[str, Any]:
    world.gate, world.theirs = "held", False
    payout_id = uuid.uuid4()
    payout = await world.start(Payout.run, StartPayout(payout_id, "main"), id=f"payout/{payout_id}")
    await world.until(lambda: "waits: held" in world.told)
    await world.rests(payout)
    world.gate = "called"
    await payout.execute_update("look_again", LookAgain(uuid.uuid4()))
    task = world.client.get_workflow_handle(f"task/{uuid.uuid5(payout_id, 'call')}")
    await world.rests(task)
    await task.execute_update("finish", FinishTask(uuid.uuid4()))
    await payout.result()
    return {"payout": payout}


async def proven_anew(world: World) -> dict[str, Any]:
    proof_id = uuid.uuid4()
    proof = await world.start(StepUp.run, StartStepUp(proof_id), id=f"proof/{proof_id}")
    await proof.result()
    return {"proof": proof}


async def loan_parked_and_settled(world: World) -> dict[str, Any]:
    loan_id = uuid.uuid4()
    loan = await world.start(Loan.run, StartLoan(loan_id, "main"), id=f"loan/{loan_id}")
    await world.parks(loan)
    await loan.execute_update("settled", LoanSettled(date(2026, 12, 1)))
    await loan.result()
    first = world.client.get_workflow_handle(loan.id, run_id=loan.first_execution_run_id)
    return {"loan_first": first, "loan_last": world.client.get_workflow_handle(loan.id)}


async def line_opened_drawn_on_and_over(world: World) -> dict[str, Any]:
    owner, world.line, world.stale = await world.begin(), uuid.uuid4(), True
    await owner.reaches_offers()
    world.verdicts = ["approve"]
    await owner.signs()
    await owner.handle.result()
    await world.until(lambda: "line contract filed" in world.told)
    line = world.client.get_workflow_handle(f"line/{world.line}")
    first = (await line.describe()).run_id
    while (await line.describe()).run_id == first:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    second = (await line.describe()).run_id
    await line.execute_update("draw", Draw(uuid.uuid4(), 3_000_000))
    await line.execute_update("ask_review", AskLineReview(uuid.uuid4()))
    await line.execute_update("act_on", ActOnLine(uuid.uuid4()))
    await world.move(timedelta(days=366), line)
    await line.result()
    opened = world.client.get_workflow_handle(line.id, run_id=first)
    drawn = world.client.get_workflow_handle(line.id, run_id=second)
    return {"application": owner.handle, "line_first": opened, "line_drawn": drawn, "line_last": line}


async def party_proven_signed_and_lapsed(world: World) -> dict[str, Any]:
    party = await _invited(world)
    await party.execute_update("prove_party", ProveParty(uuid.uuid4()))
    await party.execute_update("sign_part", SignPart(uuid.uuid4(), uuid.uuid4(), "these"))
    declined = await _invited(world)
    await declined.execute_update("end_part", EndPart(uuid.uuid4(), "declined"))
    await declined.result()
    await world.rests(party)
    await world.move(timedelta(days=61), party)
    await party.result()
    return {"party": party, "declined": declined}


async def _invited(world: World) -> Any:
    party_id = uuid.uuid4()
    begun = await _begun(world, Party.run, StartParty(party_id, "main"), f"party/{party_id}", "invite", InviteParty)
    await world.rests(begun)
    return begun


async def _begun(world: World, story: Any, start: Any, name: str, update: str, act: Any) -> Any:
    """A story with its first word, as the API starts one: both are in its first task, whatever the machine does."""
    starting: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        story, start, id=name, task_queue=world.queue, id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING
    )
    said = act(uuid.uuid4())
    await world.client.execute_update_with_start_workflow(
        update, said, start_workflow_operation=starting, id=str(said.command_id), result_type=Progress
    )
    return await starting.workflow_handle()


async def seen_instead_of_a_camera(world: World) -> dict[str, Any]:
    task_id = uuid.uuid4()
    start = StartSeeing(task_id, "main")
    seeing = await _begun(world, Seeing.run, start, f"seeing/{task_id}", "see", SeePerson)
    task = world.client.get_workflow_handle(f"task/{task_id}")
    await world.rests(task)
    await task.execute_update("finish", FinishTask(uuid.uuid4()))
    await seeing.result()
    return {"seeing": seeing}


async def receivable_confirmed_pledged_and_paid(world: World) -> dict[str, Any]:
    receivable_id = uuid.uuid4()
    start = StartReceivable(receivable_id, "main")
    claim = await _begun(world, Receivable.run, start, f"receivable/{receivable_id}", "offer", OfferReceivable)
    await world.rests(claim)
    world.buyer_confirms = True
    await world.move(timedelta(days=1), claim)
    await world.until(lambda: "buyer confirmed" in world.told)
    await world.rests(claim, by=EventType.EVENT_TYPE_TIMER_STARTED)
    await claim.execute_update("pledge", PledgeReceivable(uuid.uuid4(), uuid.uuid4()))
    await world.rests(claim, by=EventType.EVENT_TYPE_TIMER_STARTED)
    await world.move(timedelta(days=31), claim)
    await world.until(lambda: "verified again" in world.told)
    await world.rests(claim, by=EventType.EVENT_TYPE_TIMER_STARTED)
    await claim.execute_update("note", NoteReceivable(uuid.uuid4(), "paid", 100))
    await claim.result()
    return {"receivable": claim}


async def collateral_registered_valued_anew_and_given_back(world: World) -> dict[str, Any]:
    piece_id = uuid.uuid4()
    start = StartCollateral(piece_id, "main")
    piece = await _begun(world, Collateral.run, start, f"collateral/{piece_id}", "offer", OfferCollateral)

    async def visited(times: int) -> None:
        await world.until(lambda: world.piece.task_id is not None)
        task = world.client.get_workflow_handle(f"task/{world.piece.task_id}")
        await world.rests(task)
        await task.execute_update("finish", FinishTask(uuid.uuid4()))
        await world.until(lambda: world.told.count("collateral task done") == times)
        await world.rests(piece, by=EventType.EVENT_TYPE_TIMER_STARTED)

    await visited(1)
    await piece.execute_update("appraise", Appraise(uuid.uuid4()))
    await world.rests(piece)
    await piece.execute_update("secure", Secure(uuid.uuid4()))
    await world.rests(piece)
    await piece.execute_update("search", Search(uuid.uuid4()))
    await world.rests(piece)
    await world.move(timedelta(days=366), piece)
    await world.until(lambda: "revaluing" in world.told)
    await visited(2)
    await piece.execute_update("appraise", Appraise(uuid.uuid4()))
    await world.rests(piece)
    await piece.execute_update("release", ReleaseCollateral(uuid.uuid4()))
    await piece.result()
    return {"collateral": piece}


async def outside_booked_packed_handed_up_and_done(world: World) -> dict[str, Any]:
    """Arranged, arranged anew, its pack built, reminded, handed up, left for a month, recorded, and done by the second
    word."""
    world.review_hours, task_id = 96, uuid.uuid4()
    task = await world.start(OfflineTask.run, StartTask(task_id, "main"), id=f"task/{task_id}")
    await world.rests(task)
    for n in range(2):
        await task.execute_update("book", BookSlot(uuid.uuid4()))
        await world.until(lambda n=n: world.told.count("visit prepared") == n + 1)
        await world.rests(task, by=EventType.EVENT_TYPE_TIMER_STARTED)
    for hours, told in ((37, "pack"), (36, "reminded"), (25, "escalated")):
        await world.move(timedelta(hours=hours), task)
        await world.until(lambda told=told: told in world.told)
        await world.rests(task, by=EventType.EVENT_TYPE_TIMER_STARTED)
    await world.move(timedelta(days=30), task)
    await world.rests(task, by=EventType.EVENT_TYPE_TIMER_STARTED)
    await task.execute_update("agree", AgreeToRecording(uuid.uuid4()))
    await world.until(lambda: world.told.count("visit prepared") == 3)
    await world.rests(task, by=EventType.EVENT_TYPE_TIMER_STARTED)
    await task.execute_update("take_recording", TakeRecording(uuid.uuid4()))
    await world.rests(task)
    world.fails["finish_task"] = EvidenceMissing(captured="photo", offline_kind="visit", lackings=[])
    await world.refusal_of(task, "finish", FinishTask(uuid.uuid4()))
    world.fails.clear()
    await task.execute_update("finish", FinishTask(uuid.uuid4()))
    await task.result()
    return {"task": task}


async def outside_stood_still_and_handed_up(world: World) -> dict[str, Any]:
    """Our clock stands while somebody else has the case, is set anew, reminds and hands up afterwards."""
    world.away, task_id = True, uuid.uuid4()
    task = await world.start(OfflineTask.run, StartTask(task_id, "main"), id=f"task/{task_id}")
    await world.rests(task)
    await world.move(timedelta(hours=19), task)
    await world.until(lambda: "not ours" in world.told)
    await world.rests(task, by=EventType.EVENT_TYPE_TIMER_STARTED)
    world.away = False
    for hours, told in ((24, "reminded"), (7, "escalated")):
        await world.move(timedelta(hours=hours), task)
        await world.until(lambda told=told: told in world.told)
        await world.rests(task, by=EventType.EVENT_TYPE_TIMER_STARTED)
    await task.execute_update("finish", FinishTask(uuid.uuid4()))
    await task.result()
    return {"task": task}


async def outside_nobody_came(world: World) -> dict[str, Any]:
    world.kept_open, task_id = timedelta(days=120), uuid.uuid4()
    task = await world.start(OfflineTask.run, StartTask(task_id, "main"), id=f"task/{task_id}")
    await world.rests(task)
    for hours, told in ((19, "reminded"), (6, "escalated")):
        await world.move(timedelta(hours=hours), task)
        await world.until(lambda told=told: told in world.told)
        await world.rests(task, by=EventType.EVENT_TYPE_TIMER_STARTED)
    await world.move(timedelta(days=121), task)
    await task.result()
    return {"task": task}


async def sent_outside_and_withdrawn(world: World) -> dict[str, Any]:
    """The application waits for a visit, and its owner goes: whoever would have come is free."""
    owner = await world.begin()
    world.verdicts = ["outside"]
    await owner.reaches_evidence()
    submit = Submit(uuid.uuid4())
    await owner.does("submit", submit)
    task = world.client.get_workflow_handle(f"task/{uuid.uuid5(submit.command_id, 'task')}")
    await world.rests(task)
    await owner.does("withdraw", Withdraw(uuid.uuid4()))
    await owner.handle.result()
    return {"application": owner.handle, "task": task}


async def leave_said_and_handed_over(world: World) -> dict[str, Any]:
    leave_id = uuid.uuid4()
    leave = await _begun(world, Leave.run, StartLeave(leave_id, "main"), f"leave/{leave_id}", "say", SayLeave)
    await world.rests(leave, by=EventType.EVENT_TYPE_TIMER_STARTED)
    await world.move(timedelta(days=2), leave)
    await world.rests(leave, by=EventType.EVENT_TYPE_TIMER_STARTED)
    await world.move(timedelta(days=2), leave)
    await leave.result()
    return {"leave": leave}


async def collateral_added_to_a_loan_that_is_short(world: World) -> dict[str, Any]:
    """One that comes later: registered by its own code, and then held against what is owed as the others are."""
    piece_id = uuid.uuid4()
    start = StartCollateral(piece_id, "main")
    piece = await _begun(world, Collateral.run, start, f"collateral/{piece_id}", "offer", OfferCollateral)
    await world.until(lambda: world.piece.task_id is not None)
    task = world.client.get_workflow_handle(f"task/{world.piece.task_id}")
    await world.rests(task)
    await task.execute_update("finish", FinishTask(uuid.uuid4()))
    await world.until(lambda: "collateral task done" in world.told)
    await world.rests(piece, by=EventType.EVENT_TYPE_TIMER_STARTED)
    await piece.execute_update("appraise", Appraise(uuid.uuid4()))
    await world.rests(piece)
    await piece.execute_update("add", AddCollateral(uuid.uuid4(), uuid.uuid4()))
    await world.rests(piece)
    await piece.execute_update("hold", HoldAgainst(uuid.uuid4()))
    await world.rests(piece)
    await piece.execute_update("release", ReleaseCollateral(uuid.uuid4()))
    await piece.result()
    return {"collateral": piece}


async def committee_heard_and_counted(world: World) -> dict[str, Any]:
    sitting_id = uuid.uuid4()
    start = StartCommittee(sitting_id, "main")
    sitting = await _begun(world, Committee.run, start, f"committee/{sitting_id}", "hear", HearCommittee)
    await world.rests(sitting, by=EventType.EVENT_TYPE_TIMER_STARTED)
    await sitting.execute_update("hear", HearCommittee(uuid.uuid4()))
    await world.rests(sitting)
    await world.move(timedelta(days=4), sitting)
    await sitting.result()
    return {"committee": sitting}


async def case_looked_at_told_and_cured(world: World) -> dict[str, Any]:
    case_id = uuid.uuid4()
    case = await _begun(world, CollectionCase.run, StartCase(case_id, "main"), f"case/{case_id}", "open_case", OpenCase)
    await world.rests(case, by=EventType.EVENT_TYPE_TIMER_STARTED)
    await world.move(timedelta(days=1, hours=1), case)
    await world.until(lambda: world.told.count("case looked at") == 2)
    await world.rests(case, by=EventType.EVENT_TYPE_TIMER_STARTED)
    await case.execute_update("happened", CaseEvent(uuid.uuid4()))
    await world.until(lambda: world.told.count("case looked at") == 3)
    await world.rests(case, by=EventType.EVENT_TYPE_TIMER_STARTED)
    world.cured = True
    await case.execute_update("happened", CaseEvent(uuid.uuid4()))
    await case.result()
    return {"case": case}


async def calendar_of_three_days(world: World) -> dict[str, Any]:
    jurisdiction, world.days_behind = uuid.uuid4().hex, 3
    start = StartCalendar(jurisdiction, "main")
    calendar = await world.start(Calendar.run, start, id=f"calendar/{jurisdiction}")
    await world.until(lambda: len(world.closed_days) == 3)
    await world.rests(calendar, by=EventType.EVENT_TYPE_TIMER_STARTED)
    return {"calendar": calendar}


async def a_close(world: World) -> dict[str, Any]:
    start = StartClose(uuid.uuid4().hex, date(2026, 12, 1))
    world.shards = (0,)
    close = await world.start(DailyClose.run, start, id=f"close/{start.jurisdiction}/{start.on}")
    await close.result()
    return {"close": close}


SCENES: dict[str, Callable[[World], Awaitable[dict[str, Any]]]] = {
    scene.__name__: scene
    for scene in (
        small_loan_paid,
        declined_then_reviewed,
        refused_and_lapsed,
        cancelled_in_the_delay,
        unknown_payout_resolved,
        released_by_a_second_person,
        blocked_and_called_back,
        proven_anew,
        loan_parked_and_settled,
        line_opened_drawn_on_and_over,
        party_proven_signed_and_lapsed,
        seen_instead_of_a_camera,
        receivable_confirmed_pledged_and_paid,
        collateral_registered_valued_anew_and_given_back,
        collateral_added_to_a_loan_that_is_short,
        outside_booked_packed_handed_up_and_done,
        outside_nobody_came,
        outside_stood_still_and_handed_up,
        sent_outside_and_withdrawn,
        leave_said_and_handed_over,
        committee_heard_and_counted,
        case_looked_at_told_and_cured,
        calendar_of_three_days,
        a_close,
    )
}


def _payout(world: World, owner: Any) -> Any:
    return world.client.get_workflow_handle(f"payout/{owner.payout_id}")


# --- what a history commands ------------------------------------------------------------------------------------------


def commands(history: WorkflowHistory) -> list[str]:
    """What the workflow asked Temporal for, in order: activities, timers, children, patches, answers, its end."""
    updates: dict[str, str] = {}
    found: list[str] = []
    for event in history.events:
        match event.event_type:
            case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                found.append(f"activity {event.activity_task_scheduled_event_attributes.activity_type.name}")
            case EventType.EVENT_TYPE_MARKER_RECORDED:
                found.append(_marker(MessageToDict(event.marker_recorded_event_attributes)))
            case EventType.EVENT_TYPE_TIMER_STARTED:
                found.append(f"timer {_roughly(event.timer_started_event_attributes.start_to_fire_timeout)}")
            case EventType.EVENT_TYPE_TIMER_CANCELED:
                found.append("timer cancelled")
            case EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED:
                child = event.start_child_workflow_execution_initiated_event_attributes
                found.append(f"child {child.workflow_type.name}")
            case EventType.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED:
                found.append("child cancelled")
            case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
                accepted = event.workflow_execution_update_accepted_event_attributes
                updates[accepted.protocol_instance_id] = accepted.accepted_request.input.name
                found.append(f"hear {accepted.accepted_request.input.name}")
            case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED:
                completed = event.workflow_execution_update_completed_event_attributes
                answer = "refuse" if completed.outcome.HasField("failure") else "answer"
                found.append(f"{answer} {updates[completed.meta.update_id]}")
            case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
                again = event.workflow_execution_continued_as_new_event_attributes
                found.append(f"continue as new after {_roughly(again.backoff_start_interval)}")
            case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
                found.append("end")
            case _:
                pass
    return found


def _marker(marker: dict[str, Any]) -> str:
    def said(key: str) -> dict[str, Any]:
        return json.loads(b64decode(marker["details"][key]["payloads"][0]["data"]))

    if marker["markerName"] == "core_local_activity":
        return f"local {said('data')['activity_type']}"
    return f"{marker['markerName']} {said('patch-data')['id']}"


def _roughly(duration: Any) -> timedelta:
    """Real seconds pass while a story is recorded: an hour less a moment is an hour."""
    exact = duration.ToTimedelta()
    if exact < timedelta(minutes=10):
        return exact
    return timedelta(minutes=round(exact / timedelta(minutes=1)))


def _listing(told: dict[str, WorkflowHistory]) -> str:
    return "\n".join(f"# {name}\n" + "\n".join(commands(history)) + "\n" for name, history in sorted(told.items()))


# --- reading and writing ----------------------------------------------------------------------------------------------


def _read(name: str) -> WorkflowHistory:
    return WorkflowHistory.from_json(name, (HISTORIES / f"{name}.json").read_text(encoding="utf-8"))


def _write(name: str, history: WorkflowHistory) -> None:
    """One event a line; without what only tells which machine it was."""
    events = [json.dumps(_plain(event), ensure_ascii=False) for event in history.to_json_dict()["events"]]
    (HISTORIES / f"{name}.json").write_text('{"events": [\n' + ",\n".join(events) + "\n]}\n", encoding="utf-8")


def _plain(found: Any) -> Any:
    match found:
        case {"kind": "TASK_QUEUE_KIND_STICKY"}:
            return found | {"name": "recorder"}
        case dict():
            kept = {key: _plain(value) for key, value in found.items() if key not in ("stackTrace", "workerVersion")}
            return kept | ({"identity": "recorder"} if "identity" in found else {})
        case list():
            return [_plain(one) for one in found]
        case _:
            return found


async def _tell(name: str, world: World) -> Told:
    """Tell one story; the histories of its workflows by ``scene.workflow``."""
    return {f"{name}.{who}": await handle.fetch_history() for who, handle in (await SCENES[name](world)).items()}


async def _replay(history: WorkflowHistory, runner: Any = None) -> None:
    replayer = Replayer(
        workflows=STORIES, data_converter=pydantic_data_converter, workflow_runner=runner or sandbox.runner()
    )
    await replayer.replay_workflow(history)


# --- the tests --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCENES)
async def test_todays_workflows_give_the_commands_that_were_recorded(
    name: str, real: World, request: pytest.FixtureRequest
) -> None:
    told = await _tell(name, real)
    listing = HISTORIES / f"{name}.txt"
    if request.config.getoption("--record-histories", default=False):
        for old in HISTORIES.glob(f"{name}.*.json"):
            old.unlink()
        for which, history in told.items():
            _write(which, history)
        listing.write_text(_listing(told), encoding="utf-8")
    assert _listing(told).splitlines() == listing.read_text(encoding="utf-8").splitlines(), CURE


@pytest.mark.parametrize("name", SCENES)
def test_the_listing_of_commands_is_that_of_the_recorded_histories(name: str) -> None:
    recorded = {path.stem: _read(path.stem) for path in HISTORIES.glob(f"{name}.*.json")}
    assert recorded, f"{name} was never recorded: pytest tests/workflows --record-histories"
    assert _listing(recorded) == (HISTORIES / f"{name}.txt").read_text(encoding="utf-8"), CURE


@pytest.mark.parametrize("name", RECORDED)
async def test_every_recorded_story_can_be_gone_on_with(name: str) -> None:
    try:
        await _replay(_read(name))
    except NondeterminismError as other:
        pytest.fail(f"{name}: {other}\n{CURE}")


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_history_is_small_and_tells_nothing_of_the_machine(name: str) -> None:
    text = (HISTORIES / f"{name}.json").read_text(encoding="utf-8")
    assert len(text) < 100_000
    assert not [word for word in ("stackTrace", "@", ".venv", "site-packages") if word in text]


async def _one_wait_more(self: Payout) -> None:
    await ours(Payouts.plan_payout, self._case)
    await workflow.sleep(1)


async def _no_patience(self: Application, asking: asyncio.Future[Any], act: Any, party: str) -> None:
    await asyncio.wait_for(asking, None)


async def _consents_first(self: Application) -> None:
    act = await self._next()
    await self._step(act, ours(Intake.conclude_consent, self._case(act)))


@pytest.mark.parametrize(
    ("story", "method", "changed", "name"),
    [
        (Payout, "_wait_for_the_hour", _one_wait_more, "small_loan_paid.payout"),
        (Application, "_patiently", _no_patience, "small_loan_paid.application"),
        (Application, "_begin", _consents_first, "small_loan_paid.application"),
    ],
)
async def test_a_workflow_that_was_changed_is_caught(
    story: type, method: str, changed: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _replay(_read(name), UnsandboxedWorkflowRunner())
    monkeypatch.setattr(story, method, changed)
    with pytest.raises(NondeterminismError):
        await _replay(_read(name), UnsandboxedWorkflowRunner())


async def test_a_change_behind_a_patch_goes_on_with_old_stories(monkeypatch: pytest.MonkeyPatch) -> None:
    async def careful(self: Payout) -> None:
        if workflow.patched("plan-twice"):
            await ours(Payouts.plan_payout, self._case)
        await before(self)

    before = Payout._wait_for_the_hour
    monkeypatch.setattr(Payout, "_wait_for_the_hour", careful)
    await _replay(_read("small_loan_paid.payout"), UnsandboxedWorkflowRunner())
