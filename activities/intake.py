"""An application's own steps, before and after judgement."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities import allowing, asserting, letting_go
from activities.ports import intake as port
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
from activities.private import Private
from activities.steps import Step, Steps
from db import applications, audits, clocks, ledger, people
from db.tables import Application, Firm, IdentityCheck
from gateways import identity as provider
from lending import consents
from lending.applications import Stage
from lending.assertions import SEEN, Method, level_of
from lending.consents import Purpose
from lending.identifiers import derived_id
from lending.identity import VALID_FOR, CheckKind, CheckOutcome
from lending.parties import PartyKind
from lending.profiles import Profiles
from lending.release import ReleasePolicy

# Shown when an outside party is slow: by then we have asked many times.
ASK_UNTIL = timedelta(minutes=30)
# The checks were given up for now: the owner asks again.
IDENTITY_AGAIN = "identity_again"
# A provider that says "pending" is asked again by the retry.
PENDING = "provider_pending"


class StillPending(Exception):
    """The provider has not finished: the activity is tried again."""


class Intake(port.Intake):
    """Begin, identity, consent, end."""

    def __init__(
        self,
        steps: Steps,
        private: Private,
        identity: provider.IdentityProvider,
        release: ReleasePolicy,
        profiles: Profiles,
    ) -> None:
        self._steps = steps
        self._private = private
        self._identity = identity
        self._release = release
        self._profiles = profiles

    @activity.defn
    async def begin_application(self, case: Case) -> Standing:
        """The first line of the story."""
        async with self._steps.step(case.application_id, case.cause, "began") as step:
            if not step.done:
                step.move(Stage.IDENTITY)
                await step.tell("began", actor="owner", amount_minor=step.application.amount_minor)
            return await step.standing()

    @activity.defn
    async def plan_identity(self, case: Case) -> CheckPlan:
        """The checks that no earlier proof serves for; what served and what did not is on record."""
        async with self._steps.sessions.begin() as session:
            application = await applications.locked(session, case.application_id)
            firm = await self._firm(application, session)
            now = await clocks.now(session, self._steps.clock_id)
            await allowing.require(session, application.person_id, Purpose.IDENTITY_CHECK, now)
            lacking = await asserting.lacking(
                session,
                person_id=application.person_id,
                application_id=application.id,
                required=self._profiles[PartyKind(firm.kind)].checks,
                about=await self._private.proven_by(session, application),
                level=level_of(application.amount_minor, self._release),
                cause=case.cause,
                now=now,
            )
            seen = await _wants_to_be_seen(session, case.cause)
            asked = (kind for kind in lacking if not (seen and kind is CheckKind.LIVENESS))
            return CheckPlan(kinds=tuple(kind.value for kind in asked))

    @activity.defn
    async def ask_identity_check(self, order: CheckOrder) -> CheckAnswer:
        """Ask the provider; the answer is a row, the same question is one question."""
        check_id = derived_id("identity-check", f"{order.cause}/{order.kind}")
        async with self._steps.sessions.begin() as session:
            known = await session.get(IdentityCheck, check_id)
            if known is not None:
                return CheckAnswer(kind=known.kind, outcome=known.outcome)
            application = await applications.locked(session, order.application_id)
            now = await clocks.now(session, self._steps.clock_id)
            await allowing.require(session, application.person_id, Purpose.IDENTITY_CHECK, now)
            owner = await self._private.owner(session, application.person_id)
            firm = await self._firm(application, session)
            about = await self._private.proven_by(session, application)
            at = await asserting.whence(session, order.cause)
            account_id = application.bank_account_id
            question = provider.CheckOrder(
                check_id=str(check_id),
                kind=provider.CheckKind(order.kind),
                name=owner.name,
                id_number=owner.id_number,
                account=await self._private.account_number(session, account_id) if account_id else None,
                licence=await self._private.licence(session, firm),
                firm=await self._of_the_firm(session, application, firm),
            )
        answer = await self._identity.check(question)
        if answer.outcome is provider.CheckOutcome.PENDING:
            raise StillPending(PENDING)
        kind = CheckKind(order.kind)
        async with self._steps.sessions.begin() as session:
            now = await clocks.now(session, self._steps.clock_id)
            await people.record_access(
                session, owner.id, at=now, actor=people.SYSTEM, what="identity", purpose=Purpose.IDENTITY_CHECK.value
            )
            await session.execute(
                insert(IdentityCheck)
                .values(
                    id=check_id,
                    person_id=application.person_id,
                    application_id=application.id,
                    kind=kind.value,
                    outcome=answer.outcome.value,
                    reference=answer.reference,
                    asked_at=now,
                    answered_at=now,
                    valid_until=now + VALID_FOR[kind],
                )
                .on_conflict_do_nothing()
            )
            await audits.append(
                session,
                actor="system",
                action="identity_check.answered",
                object_kind="identity_check",
                object_id=str(check_id),
                detail={"kind": kind.value, "outcome": answer.outcome.value, "reference": answer.reference},
                request_id=None,
            )
            if answer.outcome is provider.CheckOutcome.MATCH:
                await asserting.keep(
                    session,
                    person_id=application.person_id,
                    method=Method(kind.value),
                    level=level_of(application.amount_minor, self._release),
                    about=about[kind],
                    at=at,
                    now=now,
                    check_id=check_id,
                )
        return CheckAnswer(kind=kind.value, outcome=answer.outcome.value)

    @activity.defn
    async def conclude_identity(self, identified: Identified) -> Standing:
        """All match: on to consent. Else the failed checks are named and nothing typed is lost."""
        case = (identified.application_id, identified.cause)
        async with self._steps.step(*case, "identity_proven", "identity_failed", "being_seen") as step:
            if step.done:
                return await step.standing()
            failed = [answer.kind for answer in identified.answers if answer.outcome != CheckOutcome.MATCH.value]
            if failed:
                step.stay(problem="identity_mismatch", checks=failed)
                await step.tell("identity_failed", checks=failed)
                return await step.standing()
            method = await _wants_to_be_seen(step.session, identified.cause)
            if method and await self._unseen(step, identified.cause):
                step.stay(being_seen=method)
                await step.tell("being_seen", actor="owner")
                return await step.standing()
            if step.application.bank_account_id is not None:
                account = await ledger.account(step.session, step.application.bank_account_id)
                account.proven_at = account.proven_at or step.now
            step.move(Stage.CONSENT)
            await step.tell("identity_proven")
            given = await allowing.given_by(step.session, step.application.person_id)
            if not consents.missing(given, step.now) and await applications.was_signed(step.session, step.application):
                step.move(Stage.EVIDENCE)  # a customer whose permissions all stand is asked for none
                await step.tell("consents_stand")
            return await step.standing()

    @activity.defn
    async def reopen_identity(self, case: Case) -> Standing:
        """Back to who the owner is: offers that stood are made anew, since they were made for somebody."""
        async with self._steps.step(case.application_id, case.cause, "identity_reopened") as step:
            if not step.done:
                step.move(Stage.IDENTITY, reopened=True)
                await step.tell("identity_reopened", actor="owner")
            return await step.standing()

    @activity.defn
    async def conclude_consent(self, case: Case) -> Standing:
        """Each needed purpose is allowed now, and the application moves on; else it waits for the others."""
        async with self._steps.step(case.application_id, case.cause, "consents_given") as step:
            if step.done:
                return await step.standing()
            given = await allowing.given_by(step.session, step.application.person_id)
            if lacking := consents.missing(given, step.now):
                step.stay(lacking=[purpose.value for purpose in lacking])
                return await step.standing()
            step.move(Stage.EVIDENCE)
            await step.tell("consents_given", actor="owner")
            return await step.standing()

    @activity.defn
    async def end_application(self, ending: Ending) -> Standing:
        """Nothing is owed, nothing is asked again; what was given is kept as the law says."""
        async with self._steps.step(ending.application_id, ending.cause, ending.stage) as step:
            if not step.done:
                step.move(Stage(ending.stage), reason=ending.reason)
                await letting_go.release(step.session, step.application, ending.cause, step.now)
                await step.tell(ending.stage, actor="owner" if ending.stage == Stage.WITHDRAWN.value else "system")
                if ending.stage == Stage.LAPSED.value:
                    await step.notify("application_lapsed")
                await clocks.forget(step.session, clocks.workflow_of("application", ending.application_id))
            return await step.standing()

    @activity.defn
    async def tell_delay(self, delay: Delay) -> Standing:
        """No blank page: who is awaited, until when."""
        async with self._steps.step(delay.application_id, delay.cause, "awaiting") as step:
            if not step.done:
                until = step.now + ASK_UNTIL
                step.stay(awaiting=delay.party, until=until.isoformat())
                await step.tell("awaiting", party=delay.party, until=until.isoformat())
                if delay.party == IDENTITY_AGAIN:
                    await audits.append(
                        step.session,
                        actor="system",
                        action="identity_check.unanswered",
                        object_kind="application",
                        object_id=str(delay.application_id),
                        detail={"cause": str(delay.cause)},
                        request_id=None,
                    )
            return await step.standing()

    @activity.defn
    async def take_back(self, taken: TakenBack) -> Standing:
        """What was given stays; the page says what is in the way."""
        async with self._steps.step(taken.application_id, taken.cause, "taken_back") as step:
            if not step.done:
                step.move(Stage.EVIDENCE, problem=taken.problem)
                await step.tell("taken_back", problem=taken.problem)
            return await step.standing()

    async def _unseen(self, step: Step, cause: UUID) -> bool:
        """Whether nobody has seen the person yet, neither a camera nor a manager."""
        application = step.application
        lacking = await asserting.lacking(
            step.session,
            person_id=application.person_id,
            application_id=application.id,
            required=(CheckKind.LIVENESS,),
            about=await self._private.proven_by(step.session, application),
            level=level_of(application.amount_minor, self._release),
            cause=cause,
            now=step.now,
        )
        return bool(lacking)

    async def _of_the_firm(self, session: AsyncSession, application: Application, firm: Firm) -> str | None:
        """The name that the account must stand in if that is the firm's (对公账户)."""
        if application.bank_account_id is None:
            return None
        account = await ledger.account(session, application.bank_account_id)
        return await self._private.firm_name(session, firm) if account.firm_id == firm.id else None

    async def _firm(self, application: Application, session: AsyncSession) -> Firm:
        if application.firm_id is None:
            raise LookupError("identify came before the firm was known")
        return await applications.firm(session, application.firm_id)


async def _wants_to_be_seen(session: AsyncSession, cause: UUID) -> str | None:
    """By which method a person is seen instead of showing their face to a camera (P17)."""
    method = (await asserting.whence(session, cause)).presence
    return method if method in {one.value for one in SEEN} else None
