"""The release desk: what takes a second person before it leaves, and whom to call about money that is held."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.auth import proof
from api.caller import Caller
from api.commands import Order, Receipt, issue
from api.looking import look
from api.owner.questions import signs_view, tell
from api.problems import NotFound
from api.staff import gates
from api.views import CallBackCase, ReleaseCase
from db import clocks, doors, holds, payees, people, reading, releases
from db.people import Erased
from db.tables import Application, Loan, Payout, PayoutRelease
from lending.refusals import ReviewClosed

SAY = ("approve", "release", "hold_back")
TOLD = {"approve": "release_approved", "release": "release_given", "hold_back": "release_held_back"}
WORDS_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """Approve, release or hold back what was shown under this hash; a reason where it is held back."""

    say: str
    approval_hash: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Called:
    """What the call found out: whether the customer asked for this money themselves."""

    theirs: bool
    words: str


async def cases(caller: Caller) -> tuple[ReleaseCase, ...]:
    """What waits, by when it is due, then what was answered. Each look at a customer's case is on record."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        names = await doors.staff_names(session)
        employee = await releases.employee_of(session, caller.principal.actor)
        return tuple([await _case(session, caller, *row, names, employee) for row in await releases.waiting(session)])


async def _case(
    session: AsyncSession,
    caller: Caller,
    row: PayoutRelease,
    payout: Payout,
    loan: Loan,
    application: Application,
    names: dict[str, str],
    employee: str | None,
) -> ReleaseCase:
    to = await payees.of_payout(session, payout)
    await look(session, caller, application, "release")
    customer, firm = await _names(session, caller, application)
    waits = row.state in ("waiting", "held_back")
    void = waits and await releases.approved(session, loan, payout) != row.approval_hash
    return ReleaseCase(
        payout_id=payout.id,
        application_id=application.id,
        number=application.number,
        customer=customer,
        firm=firm,
        amount_minor=payout.amount_minor,
        currency=payout.currency,
        account_masked=to.masked,
        bank=to.bank,
        tier=payout.tier,
        terms_hash=loan.terms_hash,
        approval_hash=row.approval_hash,
        state="void" if void else row.state,
        approved_by=names.get(row.maker_by, row.maker_by) if row.maker_by else None,
        approved_at=row.made_at,
        mine=row.maker is not None and row.maker == employee,
        answered_by=names.get(row.answered_by, row.answered_by) if row.answered_by else None,
        answered_at=row.answered_at,
        reason=row.reason,
        pay_at=payout.pay_at,
        due_at=row.due_at,
        held=await holds.open_of(session, payout.person_id) is not None,
        gates=await gates.of_release(session, caller, row, payout, loan, names) if waits else (),
        refused=no.code if waits and (no := await gates.refusal(session, row, payout, loan, employee)) else None,
        who_can=await gates.who_can(session, caller, row) if waits else (),
    )


async def answer(caller: Caller, payout_id: UUID, said: Answer, key: str) -> Receipt:
    """Let it go, hold it back, or approve what only the model approved. The payout looks again at once."""
    proof.need(caller)
    form = fields.Form()
    if said.say not in SAY:
        form.refuse("say", "not_one_of_these")
    words = said.reason.strip()
    if said.say == "hold_back" or words:
        words = form.take("reason", _words, said.reason, "")
    form.done()

    async def store(session: AsyncSession, command_id: UUID) -> None:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        row = await releases.answer(
            session,
            payout_id,
            say=said.say,
            seen_hash=said.approval_hash,
            by=caller.principal.actor,
            reason=words,
            now=now,
        )
        payout = await session.get(Payout, payout_id)
        application = await session.get(Application, payout.application_id) if payout else None
        if row is None or application is None:
            raise NotFound
        if said.say == "release":
            await gates.require(session, payout_id)
        until = {"until": row.due_at.isoformat()}
        await tell(session, application, command_id, TOLD[said.say], actor="manager", at=now, **until)

    order = Order(
        workflow_type="Payout",
        workflow_id=clocks.workflow_of("payout", payout_id),
        update="look_again",
        object_kind="payout",
        object_id=payout_id,
    )
    return await issue(
        caller,
        order,
        use="staff.answer_release",
        key=key,
        body={"payout_id": payout_id, "say": said.say, "hash": said.approval_hash, "reason": words},
        store=store,
        scope="staff",
        audited={"say": said.say, "approval_hash": said.approval_hash, "reason": words},
    )


# --- whom to call -----------------------------------------------------------------------------------------------------


async def call_backs(caller: Caller) -> tuple[CallBackCase, ...]:
    """Whom to call, by when. The number is shown, since somebody must dial it; the customer reads who saw it."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        found: list[CallBackCase] = []
        for task, application in await reading.call_backs(session):
            paid = await reading.payout_of(session, application.id)
            held = await holds.of_task(session, task.id)
            if held is None:
                continue
            account = (await payees.of_payout(session, paid[0])).masked if paid else ""
            await look(session, caller, application, "phone")
            customer, _ = await _names(session, caller, application)
            phone = (await people.identity_of(session, caller.tools.vault, application.person_id)).phone
            found.append(
                CallBackCase(
                    task_id=task.id,
                    application_id=application.id,
                    number=application.number,
                    customer=customer,
                    phone=phone,
                    signs=signs_view(held.signs, caller.locale),
                    owner_said=held.answer,
                    amount_minor=paid[0].amount_minor if paid else application.amount_minor,
                    currency=application.currency,
                    account_masked=account,
                    opened_at=held.opened_at,
                    due_at=task.due_at,
                    escalated=task.escalated_at is not None,
                )
            )
        return tuple(found)


async def called(caller: Caller, task_id: UUID, said: Called, key: str) -> Receipt:
    """Say what came of the call: it was the customer, and the money may leave, or it is stopped."""
    proof.need(caller)
    form = fields.Form()
    words = form.take("words", _words, said.words, "")
    form.done()

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        found = await reading.task(session, task_id)
        if found is None or found[0].kind != reading.CALL_BACK:
            raise NotFound
        if found[0].state != "open":
            raise ReviewClosed

    order = Order(
        workflow_type="OfflineTask",
        workflow_id=clocks.workflow_of("task", task_id),
        update="finish",
        object_kind="task",
        object_id=task_id,
        detail={"theirs": said.theirs, "words": words, "staff_id": str(caller.staff_id)},
    )
    return await issue(
        caller,
        order,
        use="staff.called_back",
        key=key,
        body={"task_id": task_id, "theirs": said.theirs, "words": words},
        store=store,
        scope="staff",
        audited={"theirs": said.theirs, "words": words},
    )


async def _names(session: AsyncSession, caller: Caller, application: Application) -> tuple[str, str | None]:
    """(name, firm) in clear; empty where the person was erased."""
    vault = caller.tools.vault
    try:
        who = await people.identity_of(session, vault, application.person_id)
        firm = await people.firm_of(session, vault, application.firm_id) if application.firm_id else None
    except Erased:
        return "", None
    return who.name or people.masked_phone(who.phone), firm.name if firm else None


def _words(text: str) -> str:
    return fields.line(text, longest=WORDS_LONGEST, least=4)
