"""Is it you? What speaks against it, the hold that it leads to, and its owner's answer (lending practice P15)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.auth import codes
from api.auth.codes import CodeSent, NewCode
from api.auth.limits import CODES_BY_PHONE, CODES_BY_PHONE_DAILY, TRIES_BY_ACCOUNT, knock
from api.caller import Caller
from api.commands import Json, Order, Receipt, issue
from api.idempotency import perform, plain
from api.owner import releasing
from api.phrases import phrase
from api.problems import NotFound
from api.views import HoldView, Reason
from db import applications, clocks, doors, holds, payees, people, reading
from db.tables import Application, MoneyHold
from lending.holds import Sign, signs_of
from lending.identifiers import derived_id
from lending.refusals import CodeExpired, HoldAnswered, Refusal, StepUpNeeded
from lending.release import confirmation_hash, loan_id_of, payout_id_of


async def prove_for(caller: Caller, hold_id: UUID, method: str, key: str) -> Receipt:
    """Prove who one is, to say that it was oneself."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        row = await _own_hold(session, hold_id, person)
        bound_hash = confirmation_hash(row.id, await _approved(session, caller, row))
    return await releasing.ask_for_proof(caller, row.application_id, bound_hash, method, key)


async def suspicions(caller: Caller, amount_minor: int, application_id: UUID) -> tuple[Sign, ...]:
    """What speaks against it being the owner who signs now; nothing that they have answered for this application."""
    tools, person = caller.tools, caller.person_id
    policy = tools.policies.holds
    async with tools.sessions.begin(scope="worker") as session:
        earlier = await holds.of_person(session, person)
        if any(one.application_id == application_id and one.state == "released" for one in earlier):
            return ()
        index = tools.vault.blind_index(people.PHONE, (await people.identity_of(session, tools.vault, person)).phone)
        now = tools.wall_now()
        device = await holds.device_of(session, caller.token_hash or b"")
        return signs_of(
            wrong_tries=await holds.wrong_tries(session, index, now - policy.tries_within),
            device=device or caller.device,
            network=caller.network,
            seen=await holds.sign_ins(session, person),
            now=now,
            amount_minor=amount_minor,
            policy=policy,
        )


async def hold(
    session: AsyncSession, caller: Caller, application: Application, signs: Sequence[str], *, amount_minor: int
) -> None:
    """Freeze this person's money in the transaction at hand, and ask them; the page and the message say what for."""
    hold_id = uuid4()
    now = await clocks.now(session, caller.tools.settings.clock_id)
    due_at = now + caller.tools.policies.holds.answer_within
    if not await holds.open_hold(
        session,
        hold_id=hold_id,
        person_id=application.person_id,
        application_id=application.id,
        signs=signs,
        now=now,
        due_at=due_at,
    ):
        return
    said = {"amount_minor": amount_minor, "currency": application.currency, "until": due_at.isoformat()}
    await tell(session, application, hold_id, "payout_held", actor="system", at=now, **said)
    await applications.notify_person(
        session,
        notice_id=derived_id("notice", f"{hold_id}/payout_held"),
        person_id=application.person_id,
        application_id=application.id,
        kind="payout_held",
        params=said,
        at=now,
    )


async def tell(
    session: AsyncSession, application: Application, cause: UUID, kind: str, *, actor: str, at: datetime, **said: object
) -> None:
    """A line of the story that the API itself commits."""
    await applications.tell(
        session,
        application,
        event_id=derived_id("timeline", f"{cause}/{kind}"),
        kind=kind,
        actor=actor,
        at=at,
        params=dict(said),
    )


async def asked(caller: Caller) -> tuple[HoldView, ...]:
    """One's own questions, newest first."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        return tuple([await view(session, caller, one) for one in await holds.of_person(session, person)])


async def start_confirming(caller: Caller, hold_id: UUID, key: str) -> CodeSent:
    """Send a code that is good for this answer alone; it says amount and account."""
    tools, person = caller.tools, caller.person_id
    async with tools.sessions.begin(person=person) as session:
        row = await _own_hold(session, hold_id, person)
        if row.state != "asked":
            raise HoldAnswered
        seen = await view(session, caller, row)
        bound_hash = confirmation_hash(row.id, await _approved(session, caller, row))
        phone = (await people.identity_of(session, tools.vault, person)).phone
    index = tools.vault.blind_index(people.PHONE, phone).hex()
    await knock(caller, "code", (f"phone:{index}", CODES_BY_PHONE), (f"daily:{index}", CODES_BY_PHONE_DAILY))

    async def act(session: AsyncSession) -> Json:
        return plain(await codes.make_code(session, tools, phone, "confirm", bound_hash=bound_hash))

    made = await perform(
        caller, "owner.start_confirming", key, {"hold_id": hold_id, "hash": bound_hash}, act, object_id=str(hold_id)
    )
    said = {"amount_minor": seen.amount_minor, "currency": seen.currency, "account": seen.account_masked}
    return await codes.send_code(caller, phone, "confirm", NewCode.again(made), **said)


async def answer(caller: Caller, hold_id: UUID, *, mine: bool, code: str, key: str) -> Receipt:
    """It was me: a fresh proof and the code, and the money may leave. It was not: nothing leaves, somebody calls."""
    tools, person = caller.tools, caller.person_id
    digits = ""
    if mine:
        form = fields.Form()
        digits = form.take("code", fields.code, code, "")
        form.done()
    await knock(caller, "confirm", (f"person:{person}", TRIES_BY_ACCOUNT))
    async with tools.sessions.begin(person=person) as session:
        row = await _own_hold(session, hold_id, person)
        application_id = row.application_id
        bound_hash = confirmation_hash(row.id, await _approved(session, caller, row))
    right: list[UUID] = []

    async def gate(session: AsyncSession) -> Refusal | None:
        if (await _own_hold(session, hold_id, person)).state != "asked":
            return HoldAnswered()
        if not mine:
            return None
        if not await holds.is_proven(session, person, bound_hash):
            return StepUpNeeded()
        phone = (await people.identity_of(session, tools.vault, person)).phone
        checked = await codes.check_code(session, tools, phone, "confirm", digits, bound_hash=bound_hash)
        if isinstance(checked, Refusal):
            return checked
        right.append(checked)
        return None

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        if mine and not await doors.use_code(session, right[0], tools.wall_now()):
            raise CodeExpired
        await _apply(session, caller, hold_id, mine=mine)

    # The signature may still be on its way: then the payout hears it once it is there.
    order = Order(
        workflow_type="Payout",
        workflow_id=clocks.workflow_of("payout", payout_id_of(loan_id_of(application_id))),
        update="look_again",
        object_kind="money_hold",
        object_id=hold_id,
    )
    return await issue(
        caller,
        order,
        use="owner.answer_hold",
        key=key,
        body={"hold_id": hold_id, "mine": mine},
        store=store,
        gate=gate,
        person=person,
        audited={"mine": mine},
    )


async def _apply(session: AsyncSession, caller: Caller, hold_id: UUID, *, mine: bool) -> None:
    """The answer, in one transaction with its command. A "no" opens the call at once: no request is lost."""
    known = await holds.one(session, hold_id, locked=False)
    if known is None:
        raise HoldAnswered
    # The application before the hold, as the payout's claim locks them: the two never wait for each other.
    application = await applications.locked(session, known.application_id)
    row = await holds.one(session, hold_id)
    if row is None or row.state != "asked":
        raise HoldAnswered
    now = await clocks.now(session, caller.tools.settings.clock_id)
    row.answer, row.answered_at = "yes" if mine else "no", now
    if mine:
        holds.end(row, "released", now)
        await tell(session, application, hold_id, "payout_confirmed", actor="owner", at=now)
        return
    due_at = now + caller.tools.policies.holds.call_back_within
    await holds.have_called(session, row, task_id=derived_id("task", f"hold/{hold_id}"), now=now, due_at=due_at)
    await tell(session, application, hold_id, "payout_blocked", actor="owner", at=now, due_at=due_at.isoformat())


async def _own_hold(session: AsyncSession, hold_id: UUID, person: UUID) -> MoneyHold:
    found = await holds.one(session, hold_id, locked=False)
    if found is None or found.person_id != person:
        raise NotFound
    return found


async def _approved(session: AsyncSession, caller: Caller, row: MoneyHold) -> str:
    """What the held money is: the payout's own hash once it is signed, else that of the chosen plan."""
    paid = await reading.payout_of(session, row.application_id)
    return paid[0].approval_hash if paid is not None else (await releasing.leaving(caller, row.application_id)).approved


async def view(session: AsyncSession, caller: Caller, row: MoneyHold) -> HoldView:
    """The question as its owner sees it."""
    paid = await reading.payout_of(session, row.application_id)
    if paid is not None:
        amount_minor, currency, approved = paid[0].amount_minor, paid[0].currency, paid[0].approval_hash
        account = (await payees.of_payout(session, paid[0])).masked
    else:
        plan = await releasing.leaving(caller, row.application_id)
        amount_minor, currency, account, approved = plan.amount_minor, plan.currency, plan.to.masked, plan.approved
    task = await reading.task(session, row.task_id) if row.task_id else None
    bound_hash = confirmation_hash(row.id, approved)
    pay_at = paid[0].pay_at if paid else None
    now = await clocks.now(session, caller.tools.settings.clock_id)
    return HoldView(
        id=row.id,
        application_id=row.application_id,
        state=row.state,
        signs=signs_view(row.signs, caller.locale),
        amount_minor=amount_minor,
        currency=currency,
        account_masked=account,
        opened_at=row.opened_at,
        due_at=row.due_at,
        call_by=task[0].due_at if task and row.state == "blocked" else None,
        step_up=await releasing.step_up_view(session, row.person_id, bound_hash, needed=row.state == "asked"),
        pay_at=pay_at,
        seconds_left=max(0, int((pay_at - now).total_seconds())) if pay_at else 0,
    )


def signs_view(signs: Sequence[str], locale: str) -> tuple[Reason, ...]:
    """Why we ask, in the reader's words."""
    return tuple(Reason(sign, {}, phrase(f"api.hold_sign.{sign}", locale, {})) for sign in signs)
