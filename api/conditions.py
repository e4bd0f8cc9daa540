"""Conditions of a yes: asked for with it, read by their owners in plain words, met by a proof or waived."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields, words_out
from api.caller import Caller
from api.commands import Order, issue
from api.idempotency import Json, perform
from api.looking import look
from api.owner.questions import tell
from api.problems import BadFields, FieldError, NotFound
from api.views import ConditionView, ProofChoice
from db import applications, audits, case_fields, clocks, commands, committee, conditions, desk, reading, releases
from db.tables import Application, LoanCondition
from infra import i18n
from lending.authority import not_by, strongest
from lending.case_changes import case_hash
from lending.conditions import Proof, Shown, prove, proves
from lending.refusals import AuthorityExceeded, CaseChanged, ProofDoesNotFit
from lending.refusals_at_desk import WaivedByApprover

WORDS_LONGEST = 300
WHY_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """A condition that somebody wants to make: a kind of the catalogue, and what exactly in words."""

    kind: str
    words: str = ""


def checked(caller: Caller, wanted: Sequence[Wanted]) -> tuple[Wanted, ...]:
    """With clean words. Raises :class:`BadFields` for what the catalogue does not have, or the same asked twice."""
    known = caller.tools.policies.conditions
    form = fields.Form()
    clean: list[Wanted] = []
    for n, one in enumerate(wanted):
        if one.kind not in known or one.kind in {earlier.kind for earlier in clean}:
            form.refuse(f"conditions/{n}/kind", "not_one_of_these")
            continue
        words = form.take(f"conditions/{n}/words", _words, one.words, "") if one.words.strip() else ""
        clean.append(Wanted(one.kind, words))
    form.done()
    return tuple(clean)


def _words(text: str) -> str:
    return fields.line(text, longest=WORDS_LONGEST, least=2)


async def unchanged(session: AsyncSession, application: Application, seen_hash: str) -> None:
    """Raise :class:`CaseChanged` unless the case is what was seen under this hash."""
    if case_hash(await case_fields.fields_of(session, application)) != seen_hash:
        raise CaseChanged


# --- reading ----------------------------------------------------------------------------------------------------------


async def of_application(session: AsyncSession, caller: Caller, application_id: UUID) -> tuple[ConditionView, ...]:
    """What stands or stood, as both sides read it."""
    now = await clocks.now(session, caller.tools.settings.clock_id)
    rows = await conditions.of_application(session, application_id)
    return tuple(view(row, caller.locale, now) for row in rows)


def view(row: LoanCondition, locale: str, now: datetime) -> ConditionView:
    """One of them in words: what it is, and what to do about it."""
    return ConditionView(
        id=row.id,
        kind=row.kind,
        name=i18n.text(f"lending.condition.{row.kind}", locale),
        how=i18n.text(f"lending.condition_how.{row.kind}", locale),
        words=row.words or "",
        owner=row.owner,
        state=row.state,
        asked_at=row.asked_at,
        due_at=row.due_at,
        late=row.state == "open" and now >= row.due_at,
        proof=row.proof,
        proof_id=row.proof_id,
        ended_at=row.ended_at,
        why=row.why or "",
    )


async def mine(caller: Caller, application_id: UUID) -> tuple[ConditionView, ...]:
    """The owner's own: what has to be met before the money leaves, and what to do."""
    async with caller.tools.sessions.begin(person=caller.person_id) as session:
        if await reading.application_of(session, application_id, caller.person_id) is None:
            raise NotFound
        return await of_application(session, caller, application_id)


async def proofs(session: AsyncSession, caller: Caller, application_id: UUID) -> tuple[ProofChoice, ...]:
    """What of an application proves a condition that is open: of its kind, and newer than it."""
    rows = [one for one in await conditions.of_application(session, application_id) if one.state == "open"]
    kinds = caller.tools.policies.conditions
    found: list[ProofChoice] = []
    for one in await conditions.candidates(session, application_id):
        fits = tuple(row.id for row in rows if proves(kinds[row.kind], row.asked_at, Shown(one.proof, one.at)))
        if fits:
            found.append(ProofChoice(one.proof.value, one.id, one.what, _what(one, caller.locale), one.at, fits))
    return tuple(found)


def _what(one: conditions.Candidate, locale: str) -> str:
    keys = {
        Proof.DOCUMENT: f"lending.checklist.{one.what}",
        Proof.REGISTER: f"web.register.{one.what}",
        Proof.SIGNED: f"web.papers.kind.{one.what}",
    }
    key = keys[one.proof]
    return i18n.text(key, locale) if i18n.known(key) else one.what


# --- ending one -------------------------------------------------------------------------------------------------------


async def meet(caller: Caller, condition_id: UUID, proof: str, proof_id: UUID, key: str) -> ConditionView:
    """Show what proves it. The payout that waits for it looks again at once."""
    if proof not in {one.value for one in Proof}:
        raise BadFields(fields=(FieldError("proof", "not_one_of_these"),))

    async def act(session: AsyncSession, row: LoanCondition, _application: Application, now: datetime) -> None:
        shown = await conditions.shown(session, row, Proof(proof), proof_id)
        if shown is None:
            raise ProofDoesNotFit(proof_problem="not_there")
        kind = caller.tools.policies.conditions[row.kind]
        prove(kind, row.asked_at, shown)
        conditions.meet(row, Proof(proof), proof_id, by=caller.principal.actor, now=now)

    said: Json = {"proof": proof, "proof_id": str(proof_id)}
    return await _end(caller, condition_id, "met", said, act, key)


async def waive(caller: Caller, condition_id: UUID, why: str, key: str) -> ConditionView:
    """Let it go, with a reason; only a role that the authority table lets, nobody with a part in the case, and nobody
    who said the yes that hangs on it or asked for it: :class:`WaivedByApprover`."""
    form = fields.Form()
    words = form.take("why", lambda text: fields.line(text, longest=WHY_LONGEST, least=4), why, "")
    form.done()
    await words_out.may_leave(caller, _of_condition(condition_id), [words], place="condition", key=key)

    async def act(session: AsyncSession, row: LoanCondition, application: Application, now: datetime) -> None:
        table = caller.tools.policies.authority
        role = strongest(table, caller.principal.roles)
        if role is None or not role.waives:
            raise AuthorityExceeded(exceeds="waiver", goes_to=next(one.role for one in table.rows if one.waives))
        me = await desk.employee(session, caller.staff_id)
        not_by(me, await desk.involved(session, application))
        if me in await _bound(session, row, application):
            raise WaivedByApprover
        conditions.waive(row, words, by=caller.principal.actor, now=now)

    return await _end(caller, condition_id, "waived", {"why": words}, act, key)


async def _bound(session: AsyncSession, row: LoanCondition, application: Application) -> frozenset[str]:
    """By person: whoever said yes on this condition, alone or by vote, and whoever asked for it or called that vote."""
    asked = {row.asked_by, *await committee.callers_of(session, application.id)}
    return await desk.employees(session, asked) | await releases.approvers_of(session, application.id)


def _of_condition(condition_id: UUID) -> words_out.Find:
    async def find(session: AsyncSession) -> words_out.Reader | None:
        row = await conditions.one(session, condition_id)
        return words_out.Reader(row.person_id, row.application_id) if row else None

    return find


Act = Callable[[AsyncSession, LoanCondition, Application, datetime], Awaitable[None]]


async def _end(caller: Caller, condition_id: UUID, end: str, said: Json, act: Act, key: str) -> ConditionView:
    """One condition ends; every payout that waited for it is told to look again, the first within this request."""

    async def store(session: AsyncSession, cause: UUID) -> None:
        row, application = await _locked(session, condition_id)
        now = await clocks.now(session, caller.tools.settings.clock_id)
        await look(session, caller, application, "case")
        await act(session, row, application, now)
        await tell(session, application, cause, f"condition_{end}", actor="manager", at=now, condition=row.kind)
        for payout_id in (await conditions.payouts_waiting(session, application.id))[1:]:
            await _wake(session, caller, payout_id)

    body = {"condition_id": condition_id, **said}
    audited = {"end": end, **said}
    async with caller.tools.sessions.begin(scope="staff") as session:
        known = await conditions.one(session, condition_id)
        waits = await conditions.payouts_waiting(session, known.application_id) if known else ()
    use = f"staff.condition_{end}"
    if waits:
        order = Order("Payout", clocks.workflow_of("payout", waits[0]), "look_again", "condition", condition_id)
        await issue(caller, order, use=use, key=key, body=body, store=store, scope="staff", audited=audited)
    else:

        async def alone(session: AsyncSession) -> Json:
            await store(session, cause := uuid4())
            await audits.append(
                session,
                actor=caller.principal.actor,
                action=use,
                object_kind="condition",
                object_id=str(condition_id),
                detail={"cause": str(cause), **audited},
                request_id=caller.request_id,
            )
            return {}

        await perform(caller, use, key, body, alone, scope="staff", object_id=str(condition_id))
    async with caller.tools.sessions.begin(scope="staff") as session:
        row, _ = await _locked(session, condition_id)
        return view(row, caller.locale, await clocks.now(session, caller.tools.settings.clock_id))


async def _locked(session: AsyncSession, condition_id: UUID) -> tuple[LoanCondition, Application]:
    """A condition and its application, both locked, the application first as everybody locks it."""
    known = await conditions.one(session, condition_id)
    if known is None:
        raise NotFound
    application = await applications.locked(session, known.application_id)
    row = await conditions.one(session, condition_id, locked=True)
    if row is None:
        raise NotFound
    return row, application


async def _wake(session: AsyncSession, caller: Caller, payout_id: UUID) -> None:
    """One more payout of the same line looks again; the relay tells it."""
    now, command_id = caller.tools.wall_now(), uuid4()
    await commands.add_command(
        session,
        command_id=command_id,
        workflow_type="Payout",
        workflow_id=clocks.workflow_of("payout", payout_id),
        name="look_again",
        argument={"command_id": str(command_id)},
        detail=None,
        start=None,
        principal=caller.principal.actor,
        now=now,
        next_attempt_at=now,
    )
