"""The owner's side of money that waits: how it leaves, and a proof given anew."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth.limits import TRIES_BY_ACCOUNT, knock
from api.caller import Caller
from api.commands import Order, Receipt, issue
from api.owner import naming
from api.owner.applying import own_application
from api.problems import BadFields, FieldError
from api.standing import waits_for
from api.views import ReleaseView, StepUpView
from db import applications, clocks, holds, payees, reading, releases
from db.payees import Destination
from db.tables import Application, BankAccount, Payout, StepUp
from lending.applications import Stage
from lending.calendars import Jurisdiction, business_date
from lending.payment_modes import NamedPayee, PaymentMode, payment_mode
from lending.refusals import (
    NotInThisStage,
    PayeeNotProven,
)
from lending.release import Release, approval_hash, loan_id_of, plan_release
from lending.renewal import net_of
from lending.terms import terms_from

# Either proves the same thing: nobody has to show their face (P17).
METHODS = ("liveness", "bank_card")


@dataclass(frozen=True, slots=True)
class Leaving:
    """What would leave if the owner signed now. ``approved``: the hash of amount, payee and terms.

    ``leaves`` is False for a line, whose contract pays out nothing.
    """

    release: Release
    approved: str
    amount_minor: int
    currency: str
    to: Destination
    mode: PaymentMode
    leaves: bool = True


async def leaving(caller: Caller, application_id: UUID) -> Leaving:
    """How the chosen plan's money would leave. Raises :class:`NotInThisStage` where no plan is chosen."""
    tools, person = caller.tools, caller.person_id
    async with tools.sessions.begin(scope="worker") as session:  # a payee's day may be somebody else's too
        application = await own_application(session, application_id, person)
        offer_id = application.offer_id
        offer = await applications.offer(session, application_id, offer_id) if offer_id else None
        if offer is None:
            raise NotInThisStage(stage=application.stage, step="release")
        if application.bank_account_id is None:
            raise PayeeNotProven
        account = await session.get_one(BankAccount, application.bank_account_id)
        facts = await reading.key_facts_of(session, offer.id)  # what is read is what is signed
        now = await clocks.now(session, tools.settings.clock_id)
        jurisdiction, terms = Jurisdiction(tools.settings.jurisdiction), terms_from(offer.terms)
        to = await payees.destination(session, application_id, account)
        earlier = await releases.day_sums(
            session,
            person_id=person,
            account_index=to.index,
            on=business_date(now, jurisdiction),
            jurisdiction=jurisdiction,
        )
        signs = await releases.signs(session, person, to.index) if to.payee.own else frozenset[str]()
        up_to = await payees.self_up_to(session, tools.policies.product(terms.product_id), application.firm_id)
    approved = approval_hash(
        loan_id=loan_id_of(application_id),
        terms_hash=facts.terms_hash if facts else offer.terms_hash,
        amount_minor=net_of(facts.sheet if facts else {}, terms.amount_minor),
        currency=terms.currency,
        account_id=to.id,
        account_index=to.index,
    )
    if terms.line_months:  # nothing leaves: the code is bound to limit, account and terms all the same
        nothing = Release(tools.policies.release.tiers[0], timedelta(0), terms.amount_minor)
        return Leaving(nothing, approved, terms.amount_minor, terms.currency, to, PaymentMode.SELF, leaves=False)
    covers = NamedPayee(to.named.covers_minor) if to.named else None
    mode = payment_mode(terms.amount_minor, up_to, covers)
    release = plan_release(terms.amount_minor, to.payee, earlier, tools.policies.release, signs)
    return Leaving(release, approved, terms.amount_minor, terms.currency, to, mode)


async def release(caller: Caller, application_id: UUID) -> ReleaseView:
    """How the money leaves: planned while nothing is signed, then what it waits for and until when."""
    tools, person = caller.tools, caller.person_id
    async with tools.sessions.begin(person=person) as session:
        application = await own_application(session, application_id, person)
        paid = await reading.payout_of(session, application_id)
        now = await clocks.now(session, tools.settings.clock_id)
        if paid is not None:
            return await _signed(session, caller, application, paid[0], now)
    if application.stage != Stage.SIGNING:
        raise NotInThisStage(stage=application.stage, step="release")
    plan = await leaving(caller, application_id)
    async with tools.sessions.begin(person=person) as session:
        step_up = await step_up_view(session, person, plan.approved, needed=plan.release.tier.factors > 1)
    return ReleaseView(
        application_id=application_id,
        tier=plan.release.tier.name,
        amount_minor=plan.amount_minor,
        day_minor=plan.release.day_minor,
        currency=plan.currency,
        account_masked=plan.to.masked,
        mode=plan.mode.value,
        payee=await naming.named(caller, application_id),
        delay_seconds=int(plan.release.delay.total_seconds()),
        factors=plan.release.tier.factors,
        second_person=plan.release.tier.second_person,
        step_up=step_up,
        state="planned",
        waits_for=None,
        pay_at=None,
        seconds_left=0,
        until=None,
        cancellable=False,
    )


async def _signed(
    session: AsyncSession, caller: Caller, application: Application, payout: Payout, now: datetime
) -> ReleaseView:
    tier = next((one for one in caller.tools.policies.release.tiers if one.name == payout.tier), None)
    awaited = await releases.release_of(session, payout.id)
    to = await payees.of_payout(session, payout)
    waits = await waits_for(session, payout, now)
    return ReleaseView(
        application_id=application.id,
        tier=payout.tier,
        amount_minor=payout.amount_minor,
        day_minor=payout.amount_minor,
        currency=payout.currency,
        account_masked=to.masked,
        mode=(PaymentMode.ENTRUSTED if to.named else PaymentMode.SELF).value,
        payee=await naming.payee_view(session, caller, to.named) if to.named else None,
        delay_seconds=int((payout.pay_at - payout.created_at).total_seconds()),
        factors=tier.factors if tier else 1,
        second_person=awaited is not None,
        step_up=await step_up_view(session, payout.person_id, payout.approval_hash, needed=False),
        state=payout.state,
        waits_for=waits[0] if waits else None,
        pay_at=payout.pay_at,
        seconds_left=max(0, int((payout.pay_at - now).total_seconds())) if payout.state == "scheduled" else 0,
        until=waits[1] if waits else None,
        cancellable=payout.state == "scheduled",
    )


# --- a proof given anew -----------------------------------------------------------------------------------------------


async def prove(caller: Caller, application_id: UUID, method: str, key: str) -> Receipt:
    """Prove who one is once more, for this amount and this payee: a second factor beside the code."""
    return await ask_for_proof(caller, application_id, (await leaving(caller, application_id)).approved, method, key)


async def ask_for_proof(caller: Caller, application_id: UUID, bound_hash: str, method: str, key: str) -> Receipt:
    """A proof for what this hash names; answered when the provider has."""
    if method not in METHODS:
        raise BadFields(fields=(FieldError("method", "not_one_of_these"),))
    person = caller.person_id
    await knock(caller, "proof", (f"person:{person}", TRIES_BY_ACCOUNT))
    proof_id = uuid4()

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        await own_application(session, application_id, person)
        await holds.ask_proof(
            session,
            proof_id=proof_id,
            person_id=person,
            application_id=application_id,
            bound_hash=bound_hash,
            method=method,
            device=caller.device,
            now=caller.tools.wall_now(),
        )

    order = Order(
        workflow_type="StepUp",
        workflow_id=clocks.workflow_of("proof", proof_id),
        update="prove",
        object_kind="step_up",
        object_id=proof_id,
        start={"proof_id": str(proof_id)},
    )
    return await issue(
        caller,
        order,
        use="owner.prove",
        key=key,
        body={"application_id": application_id, "method": method, "bound_hash": bound_hash},
        store=store,
        person=person,
        audited={"method": method, "bound_hash": bound_hash},
    )


async def step_up_view(session: AsyncSession, person: UUID, bound_hash: str, *, needed: bool) -> StepUpView:
    """Whether what this hash names was proven, and what came of the last try."""
    proven = await holds.is_proven(session, person, bound_hash)
    last: StepUp | None = await holds.newest_proof(session, person, bound_hash)
    return StepUpView(
        needed=needed,
        proven=proven,
        methods=METHODS,
        last=last.outcome if last else None,
        until=last.expires_at if last and proven else None,
    )
