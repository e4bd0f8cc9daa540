"""Somebody's part in somebody else's loan: told to both, checked under the party's own consent, signed by the party."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities import allowing, asserting
from activities.intake import StillPending
from activities.ports import parties as port
from activities.ports.intake import CheckAnswer, CheckPlan
from activities.ports.parties import (
    PartyCase,
    PartyCheck,
    PartyChecked,
    PartyEnding,
    PartySignature,
    PartyStanding,
)
from activities.private import Private
from activities.steps import Step, Steps
from db import applications, audits, clocks, parties, people
from db.tables import Application, IdentityCheck, LoanParty
from gateways import identity as provider
from lending.applications import LAPSES_AFTER, Stage
from lending.assertions import Method, level_of
from lending.consents import ROLE_PURPOSE, Purpose, identity_of, require_one
from lending.identifiers import derived_id
from lending.identity import VALID_FOR, CheckKind, CheckOutcome
from lending.parties import LIVES, Liability, PartyState, Role, part_hash
from lending.profiles import PartyChecks
from lending.refusals import IdentityNotProven, KeyFactsNotOpened, NotInThisStage, TermsChanged
from lending.release import ReleasePolicy

PENDING = "provider_pending"


class Parties(port.Parties):
    """Invite, check, sign, end."""

    def __init__(
        self,
        steps: Steps,
        private: Private,
        identity: provider.IdentityProvider,
        release: ReleasePolicy,
        checks: PartyChecks,
    ) -> None:
        self._steps = steps
        self._private = private
        self._identity = identity
        self._release = release
        self._checks = checks

    @activity.defn
    async def invite_party(self, case: PartyCase) -> PartyStanding:
        """The message goes to the party's own phone; the applicant sees that it went."""
        async with self._steps.step(await self._application_of(case.party_id), case.cause, "party_invited") as step:
            row = await self._row(step.session, case.party_id)
            if not step.done:
                step.stay(**step.application.note)
                await step.tell("party_invited", actor="owner", **_said(row))
                inviter = await self._private.owner(step.session, row.invited_by)
                name = f"{inviter.name[:1]}**" if inviter.name else people.masked_phone(inviter.phone)
                await self._notify(step, row, "party_invited", name=name, until_at=row.due_at.isoformat())
            return await self._standing(step, row)

    @activity.defn
    async def plan_party_checks(self, case: PartyCase) -> CheckPlan:
        """A party who was proven before, on this device and for so much, is not asked again."""
        async with self._steps.sessions.begin() as session:
            row = await self._row(session, case.party_id)
            now = await clocks.now(session, self._steps.clock_id)
            await self._may_be_checked(session, row, now)
            application = await applications.locked(session, row.application_id)
            lacking = await asserting.lacking(
                session,
                person_id=row.person_id,
                application_id=row.application_id,
                required=self._checks[Role(row.role)],
                about=await self._private.proven_of(session, row.person_id, application.firm_id),
                level=level_of(_answers_for(row, application), self._release),
                cause=case.cause,
                now=now,
            )
            return CheckPlan(kinds=tuple(kind.value for kind in lacking))

    @activity.defn
    async def ask_party_check(self, check: PartyCheck) -> CheckAnswer:
        """One question of a provider; the answer is a row, and the same question is one question."""
        check_id = derived_id("identity-check", f"{check.cause}/{check.kind}")
        kind = CheckKind(check.kind)
        async with self._steps.sessions.begin() as session:
            known = await session.get(IdentityCheck, check_id)
            if known is not None:
                return CheckAnswer(kind=known.kind, outcome=known.outcome)
            row = await self._row(session, check.party_id)
            now = await clocks.now(session, self._steps.clock_id)
            await self._may_be_checked(session, row, now)
            party = await self._private.owner(session, row.person_id)
            at = await asserting.whence(session, check.cause)
            application = await applications.locked(session, row.application_id)
            about = await self._private.proven_of(session, row.person_id, application.firm_id)
            firm = await applications.firm(session, application.firm_id) if application.firm_id else None
            level = level_of(_answers_for(row, application), self._release)
            question = provider.CheckOrder(
                check_id=str(check_id),
                kind=provider.CheckKind(check.kind),
                name=party.name,
                id_number=party.id_number,
                licence=await self._private.licence(session, firm) if firm and kind is CheckKind.REGISTER else None,
            )
        answer = await self._identity.check(question)
        if answer.outcome is provider.CheckOutcome.PENDING:
            raise StillPending(PENDING)
        async with self._steps.sessions.begin() as session:
            now = await clocks.now(session, self._steps.clock_id)
            await people.record_access(
                session, party.id, at=now, actor=people.SYSTEM, what="identity", purpose=Purpose.IDENTITY_CHECK.value
            )
            await session.execute(
                insert(IdentityCheck)
                .values(
                    id=check_id,
                    person_id=party.id,
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
            detail = {"kind": kind.value, "outcome": answer.outcome.value, "reference": answer.reference}
            await _on_record(session, "identity_check.answered", "identity_check", check_id, **detail)
            if answer.outcome is provider.CheckOutcome.MATCH:
                await asserting.keep(
                    session,
                    person_id=party.id,
                    method=Method(kind.value),
                    level=level,
                    about=about[kind],
                    at=at,
                    now=now,
                    check_id=check_id,
                )
        return CheckAnswer(kind=kind.value, outcome=answer.outcome.value)

    @activity.defn
    async def conclude_party_checks(self, checked: PartyChecked) -> PartyStanding:
        """The applicant learns that the party was proven, not who they are nor why a check failed."""
        application_id = await self._application_of(checked.party_id)
        async with self._steps.step(application_id, checked.cause, "party_proven") as step:
            row = await self._row(step.session, checked.party_id)
            failed = [one.kind for one in checked.answers if one.outcome != CheckOutcome.MATCH.value]
            row.reason = f"identity:{','.join(failed)}" if failed else None
            if not failed and not step.done and row.state == PartyState.INVITED.value:
                row.state = PartyState.PROVEN.value
                step.stay(**step.application.note)
                await step.tell("party_proven", actor="party", **_said(row))
            return await self._standing(step, row)

    @activity.defn
    async def sign_party(self, signature: PartySignature) -> PartyStanding:
        """Own identity, own words allowed, own key facts read for the legal time, for the plan that is chosen now."""
        application_id = await self._application_of(signature.party_id)
        async with self._steps.step(application_id, signature.cause, "party_signed") as step:
            row = await self._row(step.session, signature.party_id)
            if step.done:
                return await self._standing(step, row)
            if row.state not in (PartyState.PROVEN.value, PartyState.SIGNED.value):
                raise IdentityNotProven
            offer_id = step.application.offer_id
            offer = await applications.offer(step.session, application_id, offer_id) if offer_id else None
            if offer is None or step.stage is not Stage.SIGNING:
                raise NotInThisStage(stage=step.stage.value, step="sign_part")
            if signature.terms_hash != offer.terms_hash:
                raise TermsChanged
            role, liability = Role(row.role), Liability(row.liability) if row.liability else None
            for purpose in (ROLE_PURPOSE[(role, liability)], Purpose.SHARING):
                await allowing.require(step.session, row.person_id, purpose, step.now)
            wall = step.clock.real_now
            if row.facts_for != offer.terms_hash or row.facts_readable_from is None or wall < row.facts_readable_from:
                raise KeyFactsNotOpened(seconds_left=1)
            row.state, row.signed_for, row.code_id = PartyState.SIGNED.value, offer.terms_hash, signature.code_id
            row.signed_at = step.now
            row.due_at = step.application.due_at or step.now + LAPSES_AFTER
            step.stay(**step.application.note)
            await step.tell("party_signed", actor="party", **_said(row))
            await step.notify("party_has_signed", role=row.role)
            bound = part_hash(
                party_id=str(row.id),
                terms_hash=offer.terms_hash,
                role=role,
                liability=liability,
                amount_minor=row.amount_minor,
            )
            detail = {"role": row.role, "bound_hash": bound, "code_id": str(signature.code_id)}
            await _on_record(step.session, "party.signed", "loan_party", row.id, **detail)
            return await self._standing(step, row)

    @activity.defn
    async def end_party(self, ending: PartyEnding) -> PartyStanding:
        """Declined, removed or lapsed: by its name, to both sides. Whoever is bound by a contract stays so."""
        kind = f"party_{ending.state}"
        async with self._steps.step(await self._application_of(ending.party_id), ending.cause, kind) as step:
            row = await self._row(step.session, ending.party_id)
            if step.done or PartyState(row.state) not in LIVES:
                await clocks.forget(step.session, clocks.workflow_of("party", row.id))
                return PartyStanding(state=row.state)
            if ending.state == PartyState.LAPSED.value and row.due_at > step.now:
                return await self._standing(step, row)  # it was given more time meanwhile
            row.state, row.ended_at = ending.state, step.now
            step.stay(**step.application.note)
            await step.tell(
                kind, actor={"removed": "owner", "declined": "party"}.get(ending.state, "system"), **_said(row)
            )
            await step.notify(f"part_{ending.state}", role=row.role)
            if ending.state != PartyState.DECLINED.value:
                await self._notify(step, row, f"party_{ending.state}")
            await _on_record(step.session, f"party.{ending.state}", "loan_party", row.id, role=row.role)
            await clocks.forget(step.session, clocks.workflow_of("party", row.id))
            return PartyStanding(state=row.state)

    async def _may_be_checked(self, session: AsyncSession, row: LoanParty, now: datetime) -> None:
        """Under the party's own permission for just its role's checks, or a wider one that was given before."""
        own = identity_of(self._checks[Role(row.role)])
        given = await allowing.given_by(session, row.person_id)
        require_one((own, Purpose.IDENTITY_CHECK), given, now)

    async def _application_of(self, party_id: UUID) -> UUID:
        async with self._steps.sessions.begin() as session:
            return (await self._row(session, party_id)).application_id

    async def _row(self, session: AsyncSession, party_id: UUID) -> LoanParty:
        row = await parties.one(session, party_id)
        if row is None:
            raise LookupError("no such part")
        return row

    async def _standing(self, step: Step, row: LoanParty) -> PartyStanding:
        await step.session.flush()
        await clocks.note_wait(step.session, self._steps.clock_id, clocks.workflow_of("party", row.id), row.due_at)
        return PartyStanding(state=row.state, due_at=row.due_at, seconds=step.clock.seconds_until(row.due_at))

    async def _notify(self, step: Step, row: LoanParty, kind: str, **params: Any) -> None:
        """A message to the party. It names no application of somebody else's in the party's own list."""
        await applications.notify_person(
            step.session,
            notice_id=derived_id("notice", f"{step.cause}/{row.id}/{kind}"),
            person_id=row.person_id,
            application_id=None,
            kind=kind,
            params={"role": row.role, "part": f"/part/{row.id}", **params},
            at=step.now,
        )


def _said(row: LoanParty) -> dict[str, Any]:
    return {"role": row.role, "phone": row.phone_masked}


def _answers_for(row: LoanParty, application: Application) -> int:
    """What the party may have to pay at most, in minor units."""
    return row.amount_minor or application.amount_minor


async def _on_record(session: AsyncSession, action: str, what: str, object_id: UUID, /, **detail: str) -> None:
    await audits.append(
        session,
        actor="system",
        action=action,
        object_kind=what,
        object_id=str(object_id),
        detail=detail,
        request_id=None,
    )
