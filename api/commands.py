"""The path of a command: one transaction (command, key, audit, and what the use stores), then the workflow at once.

Past the deadline the answer is "we have it" and the relay goes on; the update's id makes a second delivery the same.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.idempotency import Answered, claim, earlier_answer, plain
from api.problems import NotFound, Running, Unavailable
from api.tools import Tools
from db import audits, commands
from db.commands import Claim
from db.tables import Command, IdempotencyKey
from infra import failpoints
from infra.updates import Answer, Done, Envelope, Missing, NoAnswer, Over, Refused, send
from lending.refusals import NotInThisStage, Refusal, refusal_from, type_of

Json = dict[str, Any]
Store = Callable[[AsyncSession, UUID], Awaitable[None]]
Gate = Callable[[AsyncSession], Awaitable[Refusal | None]]
After = list[Callable[[], Awaitable[object]]]

# The relay leaves a fresh command to the request that wrote it for so long after the deadline.
OWN_CHANCE = timedelta(seconds=1)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of which workflow. ``wire`` crosses (with the command's id added); ``detail`` stays in the row."""

    workflow_type: str
    workflow_id: str
    update: str
    object_kind: str
    object_id: UUID
    wire: Json = field(default_factory=dict[str, Any])
    start: Json | None = None
    detail: Json | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a command. ``waiting``: it is stored and will be delivered; ask for it under its id."""

    command_id: UUID
    object_id: UUID
    state: str
    stage: str | None = None
    version: int | None = None
    problem: str | None = None
    replayed: bool = False


async def nothing(_session: AsyncSession, _command_id: UUID) -> None:
    """For commands that store nothing besides themselves."""


async def no_gate(_session: AsyncSession) -> Refusal | None:
    """For commands that anybody who may use the route may give."""
    return None


async def issue(
    caller: Caller,
    order: Order,
    *,
    use: str,
    key: str,
    body: object,
    store: Store = nothing,
    gate: Gate = no_gate,
    person: UUID | None = None,
    scope: str | None = None,
    audited: Json | None = None,
    after: After | None = None,
) -> Receipt:
    """Carry out one command. Raises the workflow's refusal; the same key again gives the first call's answer.

    ``store`` writes what the use must keep, in the command's transaction and under ``person``'s or ``scope``'s rights;
    what it raises undoes everything. ``gate`` runs before it and may refuse; what a refusing gate wrote (a wrong code
    is a try used up) is kept, and the key stays free.

    ``after``: for what takes seconds. The command is stored and answered with "waiting"; its delivery is put there, for
    whoever answered to begin once the answer has left. Should they die before, the relay delivers it.
    """
    tools = caller.tools
    claimed = claim(caller, use, key, body)
    command_id = uuid4()
    async with tools.sessions.begin(person=person, scope=scope) as session:
        earlier, refusal = await _write(session, caller, order, claimed, command_id, store, gate, audited or {})
    if earlier is not None:
        return await _again(caller, order, claimed, earlier)
    if refusal is not None:
        raise refusal
    failpoints.reach("command.after_commit")

    async def deliver() -> Receipt:
        answer = await _deliver(tools, order, command_id)
        failpoints.reach("command.after_delivery")
        return await _settle(caller, order, claimed, command_id, answer)

    if after is None:
        return await deliver()
    after.append(deliver)
    return Receipt(command_id, order.object_id, "waiting")


async def carry_on(after: After) -> None:
    """Deliver what was only stored, all at once. What becomes of it stands in the rows, a late one is the relay's."""
    await asyncio.gather(*(deliver() for deliver in after), return_exceptions=True)


async def _write(
    session: AsyncSession,
    caller: Caller,
    order: Order,
    claimed: Claim,
    command_id: UUID,
    store: Store,
    gate: Gate,
    audited: Json,
) -> tuple[IdempotencyKey | None, Refusal | None]:
    """(the same request before, or None; the gate's refusal, or None). Neither: the command is in the transaction."""
    tools = caller.tools
    now = tools.wall_now()
    if gate is not no_gate:
        if earlier := await commands.find_key(session, claimed):
            return earlier, None
        if refusal := await gate(session):  # it may have waited for a twin that got in first
            return await commands.find_key(session, claimed), refusal
    earlier = await commands.claim_key(session, claimed, now=now, command_id=command_id, object_id=str(order.object_id))
    if earlier is not None:
        return earlier, None
    await store(session, command_id)
    await commands.add_command(
        session,
        command_id=command_id,
        workflow_type=order.workflow_type,
        workflow_id=order.workflow_id,
        name=order.update,
        argument={"command_id": str(command_id), **plain(order.wire)},
        detail=order.detail,
        start=order.start,
        principal=caller.principal.actor,
        now=now,
        next_attempt_at=now + tools.settings.command_deadline + OWN_CHANCE,
    )
    await audits.append(
        session,
        actor=caller.principal.actor,
        action=claimed.route,
        object_kind=order.object_kind,
        object_id=str(order.object_id),
        detail={"command_id": str(command_id), "session": caller.principal.session_id, **audited},
        request_id=caller.request_id,
    )
    return None, None


async def _deliver(tools: Tools, order: Order, command_id: UUID) -> Answer:
    envelope = Envelope(
        workflow_type=order.workflow_type,
        workflow_id=order.workflow_id,
        update=order.update,
        update_id=str(command_id),
        argument={"command_id": str(command_id), **plain(order.wire)},
        start=order.start,
    )
    return await send(
        tools.temporal,
        envelope,
        task_queue=tools.settings.temporal_task_queue,
        deadline=tools.settings.command_deadline,
    )


async def _settle(caller: Caller, order: Order, claimed: Claim, command_id: UUID, answer: Answer) -> Receipt:
    """Write down what the workflow answered, and tell. If this fails, the relay asks again and hears the same."""
    tools = caller.tools
    refusal = refusal_in(answer, order.update)
    receipt = Receipt(command_id, order.object_id, "waiting")
    async with tools.sessions.begin() as session:
        now = tools.wall_now()
        if refusal is not None:
            await commands.refuse_command(session, command_id, type(refusal).__name__, refusal.params, now)
            await commands.answer_key(session, claimed, 409, _refused(refusal))
        elif isinstance(answer, Done):
            await commands.finish_command(session, command_id, answer.result, now)
            receipt = _receipt(command_id, order.object_id, answer.result)
            await commands.answer_key(session, claimed, 200, plain(receipt))
        else:
            await commands.answer_key(session, claimed, 202, plain(receipt))
    if refusal is not None:
        raise refusal
    if receipt.state == "waiting":
        log.warning("command.late", command_id=str(command_id), workflow_id=order.workflow_id, reason=_why(answer))
    return receipt


def refusal_in(answer: Answer, update: str) -> Refusal | None:
    """The business no in an answer. A workflow that has ended refuses every act, as one at its last stage would."""
    match answer:
        case Refused(type_name, message, details):
            return known_refusal(type_name, message, details)
        case Over():
            return NotInThisStage(stage="ended", step=update)
        case _:
            return None


def known_refusal(type_name: str, message: str, details: Json | None) -> Refusal | None:
    """The refusal that crossed as class name and message; None for a fault that only looks like an answer."""
    if details is not None and type_name in type_of:
        return type_of[type_name](**details)
    return refusal_from(type_name, message)


def _why(answer: Answer) -> str:
    match answer:
        case NoAnswer(code):
            return code
        case Missing():
            return "missing"
        case Refused(type_name):
            return type_name
        case _:
            return "unknown"


def _receipt(command_id: UUID, object_id: UUID, result: Json | None) -> Receipt:
    found = result or {}
    return Receipt(command_id, object_id, "done", found.get("stage"), found.get("version"), found.get("problem"))


def _refused(refusal: Refusal) -> Json:
    return {"refusal": type(refusal).__name__, "params": refusal.params}


async def _again(caller: Caller, order: Order, claimed: Claim, earlier: IdempotencyKey) -> Receipt:
    """The same request once more: the first one's answer, or what became of its command meanwhile."""
    found = await earlier_answer(caller, claimed, earlier, caller.tools.settings.command_deadline)
    if isinstance(found, Answered):
        return _replayed(found)
    if found.command_id is None:
        raise Running(retry_after=1)
    return await _from_row(caller, order, claimed, found.command_id)


def _replayed(answered: Answered) -> Receipt:
    response = answered.response
    if "refusal" in response:
        raise type_of[response["refusal"]](**response["params"])
    if not response:  # the stored answer was dropped after thirty days
        raise NotFound
    return Receipt(
        command_id=UUID(response["command_id"]),
        object_id=UUID(response["object_id"]),
        state=response["state"],
        stage=response.get("stage"),
        version=response.get("version"),
        problem=response.get("problem"),
        replayed=True,
    )


async def _from_row(caller: Caller, order: Order, claimed: Claim, command_id: UUID) -> Receipt:
    """The first request's process died between commit and answer: its command tells, and is told to everyone alike."""
    tools = caller.tools
    async with tools.sessions.begin() as session:
        command = await commands.find_command(session, command_id)
        if command is None:
            raise Unavailable(party="database")
        object_id = UUID(claimed_object) if (claimed_object := await _object(session, claimed)) else order.object_id
        match command.state:
            case "done":
                receipt = _receipt(command.id, object_id, command.result)
                await commands.answer_key(session, claimed, 200, plain(receipt))
            case "refused" if command.refusal:
                refusal = type_of[command.refusal](**(command.refusal_params or {}))
                await commands.answer_key(session, claimed, 409, _refused(refusal))
                receipt = None
            case _:
                receipt = _still_waiting(command, object_id, tools.wall_now(), tools.settings.command_deadline)
                await commands.answer_key(session, claimed, 202, plain(receipt))
    answered = await _kept(caller, claimed)
    return _replayed(answered)


async def _object(session: AsyncSession, claimed: Claim) -> str | None:
    found = await commands.find_key(session, claimed)
    return found.object_id if found else None


def _still_waiting(command: Command, object_id: UUID, now: datetime, deadline: timedelta) -> Receipt:
    if now - command.created_at < deadline + OWN_CHANCE:
        raise Running(retry_after=1)
    return Receipt(command.id, object_id, "waiting")


async def _kept(caller: Caller, claimed: Claim) -> Answered:
    """The answer that the key holds now: whoever wrote it first, all get the same."""
    async with caller.tools.sessions.begin() as session:
        found = await commands.find_key(session, claimed)
    if found is None or found.status is None:
        raise Running(retry_after=1)
    return Answered(found.status, found.response or {})
