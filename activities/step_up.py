"""The second factor of an owner: liveness or the bank card once more, bound to what it is given for."""

from temporalio import activity

from activities.ports import step_up as port
from activities.ports.step_up import ProofGiven, ProofWanted
from activities.private import Private
from activities.steps import Steps
from db import applications, audits, clocks, holds, people
from gateways import identity as provider
from lending.holds import HoldPolicy

PENDING = "the provider has not finished this proof"


class StillPending(Exception):
    """The provider wants to be asked again with the same id."""


class StepUps(port.StepUps):
    """Asks for proofs that are given anew."""

    def __init__(
        self, steps: Steps, private: Private, identity: provider.IdentityProvider, holding: HoldPolicy
    ) -> None:
        self._steps = steps
        self._private = private
        self._identity = identity
        self._holding = holding

    @activity.defn
    async def ask_proof(self, wanted: ProofWanted) -> ProofGiven:
        """What the provider says; the owner sees that their data was read for it."""
        async with self._steps.sessions.begin() as session:
            row = await holds.proof(session, wanted.proof_id)
            if row.outcome != "asked":
                return ProofGiven(row.outcome)
            application = await applications.locked(session, row.application_id)
            owner = await self._private.owner(session, row.person_id)
            account_id = application.bank_account_id
            question = provider.CheckOrder(
                check_id=str(row.id),
                kind=provider.CheckKind(row.method),
                name=owner.name,
                id_number=owner.id_number,
                account=await self._private.account_number(session, account_id) if account_id else None,
            )
        answer = await self._identity.check(question)
        if answer.outcome is provider.CheckOutcome.PENDING:
            raise StillPending(PENDING)
        return await self._record(wanted, answer.outcome.value, answer.reference)

    @activity.defn
    async def give_up_proof(self, wanted: ProofWanted) -> ProofGiven:
        """Nobody answered: that is no proof, and nothing against the owner."""
        return await self._record(wanted, "no_answer", None)

    async def _record(self, wanted: ProofWanted, outcome: str, reference: str | None) -> ProofGiven:
        async with self._steps.sessions.begin() as session:
            reading = await clocks.read(session, self._steps.clock_id)
            wall = reading.real_now
            lasts = wall + self._holding.proof_lasts if outcome == "match" else None
            await holds.answer_proof(
                session, wanted.proof_id, outcome=outcome, reference=reference, now=wall, expires_at=lasts
            )
            row = await holds.proof(session, wanted.proof_id)
            await people.record_access(
                session, row.person_id, at=reading.now, actor="system", what="identity", purpose="step_up"
            )
            await audits.append(
                session,
                actor=f"owner:{row.person_id}",
                action="step_up.answered",
                object_kind="step_up",
                object_id=str(row.id),
                detail={"method": row.method, "outcome": row.outcome, "bound_hash": row.bound_hash},
                request_id=None,
            )
            return ProofGiven(row.outcome)
