"""From a plan to the signature: choose, read the key facts, confirm with a code that is bound to the very terms."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields, securing
from api.auth import codes
from api.auth.by_code import Code
from api.auth.codes import CodeSent, NewCode
from api.auth.limits import CODES_BY_PHONE, CODES_BY_PHONE_DAILY, TRIES_BY_ACCOUNT, knock
from api.caller import Caller
from api.commands import Json, Order, Receipt, issue
from api.idempotency import perform, plain
from api.owner import questions, releasing
from api.owner.applying import command, own_application
from api.problems import NotFound
from api.views import KeyFactsView, PaperView
from db import clocks, commands, holds, intake, paper_checks, parties, people, proofs, reading
from db.tables import Application, Document, KeyFacts
from lending.applications import Stage
from lending.parties import Role
from lending.refusals import (
    AlreadySigned,
    FactorJustChanged,
    KeyFactsNotOpened,
    NotInThisStage,
    PartiesNotSigned,
    PayoutNotCancellable,
    Refusal,
    StepUpNeeded,
    TermsChanged,
)
from lending.release import rests_until

# Where an application can only be after its contract was signed.
SIGNED = frozenset({Stage.PAYING.value, Stage.FUNDED.value, Stage.OPENED.value})


@dataclass(frozen=True, slots=True)
class Signature:
    """The owner confirms the terms of this hash with the code that was sent for them."""

    code: str = field(repr=False)
    terms_hash: str


async def choose_offer(caller: Caller, application_id: UUID, offer_id: UUID, key: str) -> Receipt:
    """Take one of the plans; before signing another one may be taken instead."""
    return await command(
        caller, application_id, "choose_offer", key=key, body={"offer_id": offer_id}, wire={"offer_id": offer_id}
    )


async def printing_failed(caller: Caller, application_id: UUID) -> bool:
    """Whether the papers of the plan that was chosen last could not be printed: it stands and can be chosen again."""
    async with caller.tools.sessions.begin(person=caller.person_id) as session:
        await own_application(session, application_id, caller.person_id)
        workflow_id = clocks.workflow_of("application", application_id)
        said = await commands.newest_result(session, workflow_id, "choose_offer")
    return said.get("problem") == "printing_failed"


async def key_facts(caller: Caller, application_id: UUID) -> KeyFactsView:
    """The sheet of the chosen plan. The first look at it starts the reading time."""
    person = caller.person_id
    reading_time = timedelta(seconds=caller.tools.policies.key_facts_seconds)
    async with caller.tools.sessions.begin(person=person) as session:
        application = await own_application(session, application_id, person)
        if application.offer_id is None:
            raise NotInThisStage(stage=application.stage, step="key_facts")
        facts = await intake.open_key_facts(session, application.offer_id, reading_time)
        if facts is None or facts.opened_at is None or facts.readable_from is None:
            raise NotInThisStage(stage=application.stage, step="key_facts")
        papers = {paper.kind: paper for paper in reversed(await reading.papers(session, application_id))}
        wall_now = await intake.wall_time(session)
    return _view(facts, facts.opened_at, facts.readable_from, wall_now, papers)


def _view(
    facts: KeyFacts, opened_at: datetime, readable_from: datetime, wall_now: datetime, papers: dict[str, Document]
) -> KeyFactsView:
    left = (readable_from - wall_now).total_seconds()
    return KeyFactsView(
        id=facts.id,
        offer_id=facts.offer_id,
        terms_hash=facts.terms_hash,
        sheet=facts.sheet,
        opened_at=opened_at,
        readable_from=readable_from,
        seconds_left=max(0, int(left) + 1) if left > 0 else 0,
        confirmed_at=facts.confirmed_at,
        contract=paper_view(papers["contract"]) if "contract" in papers else None,
        sheet_paper=paper_view(papers["key_facts"]) if "key_facts" in papers else None,
    )


def paper_view(paper: Document) -> PaperView:
    """A paper in a list."""
    return PaperView(paper.id, paper.kind, paper.sha256, paper.size, paper.created_at)


async def start_signing(caller: Caller, application_id: UUID, key: str) -> CodeSent:
    """Send a code that is good for these terms only. The key facts must have been open for the reading time."""
    tools, person = caller.tools, caller.person_id
    async with tools.sessions.begin(person=person) as session:
        application = await own_application(session, application_id, person)
        facts = await _read_facts(session, application)
        await paper_checks.require(session, application_id, facts.terms_hash)
        phone = (await people.identity_of(session, tools.vault, person)).phone
        wall_now = await intake.wall_time(session)
    if facts.readable_from is None:
        raise KeyFactsNotOpened(seconds_left=tools.policies.key_facts_seconds)
    left = (facts.readable_from - wall_now).total_seconds()
    if left > 0:
        raise KeyFactsNotOpened(seconds_left=int(left) + 1)
    index = tools.vault.blind_index(people.PHONE, phone).hex()
    await knock(caller, "code", (f"phone:{index}", CODES_BY_PHONE), (f"daily:{index}", CODES_BY_PHONE_DAILY))

    plan = await releasing.leaving(caller, application_id)

    async def act(session: AsyncSession) -> Json:
        return plain(await codes.make_code(session, tools, phone, "sign", bound_hash=plan.approved))

    made = await perform(
        caller,
        "owner.start_signing",
        key,
        {"application_id": application_id, "approved": plan.approved},
        act,
        object_id=str(application_id),
    )
    said = {"amount_minor": plan.amount_minor, "currency": plan.currency, "account": plan.to.masked}
    return await codes.send_code(caller, phone, "sign", NewCode.again(made), hash=facts.terms_hash[:8], **said)


async def _read_facts(session: AsyncSession, application: Application) -> KeyFacts:
    """The sheet of the chosen plan, while it can be signed. Raises :class:`AlreadySigned` afterwards."""
    if application.stage in SIGNED:
        raise AlreadySigned
    if application.stage != Stage.SIGNING or application.offer_id is None:
        raise NotInThisStage(stage=application.stage, step="sign")
    facts = await reading.key_facts_of(session, application.offer_id)
    if facts is None:
        raise NotInThisStage(stage=application.stage, step="sign")
    return facts


async def sign(caller: Caller, application_id: UUID, signature: Signature, key: str) -> Receipt:
    """Sign the chosen plan. The code is used up in the transaction that writes the command."""
    tools, person = caller.tools, caller.person_id
    form = fields.Form()
    digits = form.take("code", fields.code, signature.code, "")
    form.done()
    await knock(caller, "sign", (f"person:{person}", TRIES_BY_ACCOUNT))
    plan = await releasing.leaving(caller, application_id)
    # The contract of a line moves no money: whoever draws on it is looked at then.
    signs = await questions.suspicions(caller, plan.release.day_minor, application_id) if plan.leaves else ()
    signed = Code(caller, digits, terms_hash=signature.terms_hash)

    async def gate(session: AsyncSession) -> Refusal | None:
        application = await own_application(session, application_id, person)
        facts = await _read_facts(session, application)
        if facts.terms_hash != signature.terms_hash:
            return TermsChanged()
        if roles := await parties.awaited(session, application_id, application.firm_id, facts.terms_hash):
            return PartiesNotSigned(role=roles[0].value)
        if await securing.another_owner_awaited(caller, application_id, facts.terms_hash):
            return PartiesNotSigned(role=Role.MORTGAGOR.value)
        await paper_checks.require(session, application_id, facts.terms_hash)
        now = await clocks.now(session, tools.settings.clock_id)
        changed = await proofs.last_change(session, person)
        if until := rests_until(plan.release.tier, changed, now, tools.policies.release):
            return FactorJustChanged(until_at=until.isoformat())
        if plan.release.tier.factors > 1 and not await holds.is_proven(session, person, plan.approved):
            return StepUpNeeded()
        return await signed.check(session, plan.approved)

    async def store(session: AsyncSession, command_id: UUID) -> None:
        await signed.use(session, command_id)
        if signs:  # with the signature, so that no money of it can leave before its owner was asked
            application = await own_application(session, application_id, person)
            await questions.hold(session, caller, application, signs, amount_minor=plan.amount_minor)

    return await command(
        caller,
        application_id,
        "sign",
        key=key,
        body={"code": digits, "terms_hash": signature.terms_hash},
        wire=signed.wire,
        gate=gate,
        store=store,
        audited={"terms_hash": signature.terms_hash},
    )


async def cancel_payout(caller: Caller, application_id: UUID, key: str) -> Receipt:
    """Stop the money if it has not left; whichever came first is decided by one row in the database."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        await own_application(session, application_id, person)
        found = await reading.payout_of(session, application_id)
    if found is None:
        raise NotFound
    payout = found[0]
    if payout.state in ("credited", "returned"):
        raise PayoutNotCancellable
    order = Order(
        workflow_type="Payout",
        workflow_id=clocks.workflow_of("payout", payout.id),
        update="cancel",
        object_kind="payout",
        object_id=payout.id,
    )
    return await issue(
        caller,
        order,
        use="owner.cancel_payout",
        key=key,
        body={"application_id": application_id},
        person=person,
    )
