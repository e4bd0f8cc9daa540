"""Choosing an offer, the papers, the signature: one contract, one loan, one payout."""

from typing import Any
from uuid import UUID

from temporalio import activity

from activities import allowing
from activities.ports import contracts as port
from activities.ports.contracts import Choice, Papers, Signature, Signed
from activities.ports.intake import Standing
from activities.printing import Printer, contract_number
from activities.steps import Step, Steps
from db import applications, clocks, coupons, holds, ledger, payees, proofs, releases
from db.payees import Destination
from db.tables import Contract, Document, KeyFacts, Loan, Offer, Payout
from infra.storage import Storage
from lending.applications import PAYOUT_WITHIN, Stage
from lending.calendars import Jurisdiction, business_date
from lending.consents import Purpose
from lending.identifiers import derived_id
from lending.offers import Terms
from lending.parties import PartyKind
from lending.payment_modes import NamedPayee, payment_mode
from lending.profiles import may_be_paid
from lending.refusals import (
    AlreadySigned,
    FactorJustChanged,
    KeyFactsNotOpened,
    NotInThisStage,
    OfferExpired,
    OfferUnknown,
    PayeeNotProven,
    StepUpNeeded,
    TermsChanged,
)
from lending.release import Release, approval_hash, loan_id_of, payout_id_of, plan_release, rests_until
from lending.terms import terms_from
from policies.book import PolicyBook

# A shard is closed in one transaction; two thousand loans keep it well under a second.
LOANS_A_SHARD = 2_000
# ISO 20022 allows 35 characters: two of ours and the payout's id.
END_TO_END_PREFIX = "HS"


class Contracts(port.Contracts):
    """From offer to signed contract."""

    def __init__(self, steps: Steps, printer: Printer, storage: Storage, book: PolicyBook, jurisdiction: str) -> None:
        self._steps = steps
        self._printer = printer
        self._storage = storage
        self._book = book
        self._jurisdiction = Jurisdiction(jurisdiction)

    @activity.defn
    async def choose_offer(self, choice: Choice) -> Standing:
        """The offer is taken if it stands; before the signature another one may be taken instead."""
        async with self._steps.step(choice.application_id, choice.cause, "offer_chosen") as step:
            if step.done:
                return await step.standing()
            offer = await applications.offer(step.session, step.application.id, choice.offer_id)
            if offer is None:
                raise OfferUnknown
            if step.now >= offer.expires_at:
                raise OfferExpired
            if step.stage is Stage.SIGNING:
                step.move(Stage.OFFERED)
            terms = terms_from(offer.terms)
            offer.chosen_at = step.now
            step.application.offer_id = offer.id
            step.stay(chosen=str(offer.id))
            await step.tell(
                "offer_chosen",
                actor="owner",
                amount_minor=terms.amount_minor,
                months=terms.months,
                share=str(terms.share),
            )
            return await step.standing()

    @activity.defn
    async def print_papers(self, papers: Papers) -> Standing:
        """The sheet and the contract exist, unsigned, before the owner is asked to read them."""
        async with self._steps.sessions.begin() as session:
            application = await applications.locked(session, papers.application_id)
            printed = await self._printer.papers(session, application, papers.offer_id)
        stored = [
            await self._storage.put(f"papers/{derived_id('paper', f'{papers.cause}/{kind}')}", data, "application/pdf")
            for kind, data in printed.documents
        ]
        async with self._steps.step(papers.application_id, papers.cause, "papers_ready") as step:
            if step.done:
                return await step.standing()
            for (kind, _), put in zip(printed.documents, stored, strict=True):
                step.session.add(
                    Document(
                        id=derived_id("document", f"{papers.cause}/{kind}"),
                        application_id=step.application.id,
                        person_id=step.application.person_id,
                        kind=kind,
                        object_key=put.key,
                        sha256=put.sha256,
                        size=put.size,
                        created_at=step.now,
                    )
                )
            if await applications.key_facts(step.session, papers.offer_id) is None:
                step.session.add(
                    KeyFacts(
                        id=derived_id("key-facts", str(papers.offer_id)),
                        application_id=step.application.id,
                        person_id=step.application.person_id,
                        offer_id=papers.offer_id,
                        terms_hash=printed.terms_hash,
                        sheet=printed.sheet,
                    )
                )
            step.move(Stage.SIGNING)
            await step.tell("papers_ready")
            return await step.standing()

    @activity.defn
    async def sign_contract(self, signature: Signature) -> Signed:
        """Contract, loan and payout, all or nothing; a second signature finds the first."""
        async with self._steps.step(signature.application_id, signature.cause, "signed") as step:
            if step.done:
                return await self._as_signed(step)
            if await ledger.contract_of(step.session, signature.application_id) is not None:
                raise AlreadySigned
            # What is signed goes to the bank and to the signing authority: looked at now, not when it was given.
            await allowing.require(step.session, step.application.person_id, Purpose.SHARING, step.now)
            offer = await self._chosen(step)
            facts = await self._read_facts(step, offer)
            if signature.terms_hash != offer.terms_hash or facts.terms_hash != offer.terms_hash:
                raise TermsChanged
            facts.confirmed_at = step.clock.real_now
            number = contract_number(step.application)
            step.session.add(
                Contract(
                    id=derived_id("contract", str(step.application.id)),
                    application_id=step.application.id,
                    person_id=step.application.person_id,
                    offer_id=offer.id,
                    key_facts_id=facts.id,
                    number=number,
                    terms_hash=offer.terms_hash,
                    evidence={"code_id": str(signature.code_id), "command_id": str(signature.cause)},
                    signed_at=step.now,
                )
            )
            loan = await self._pending_loan(step, offer)
            payout, release = await self._scheduled_payout(step, loan)
            step.application.loan_id = loan.id
            leaves = payout.pay_at
            if release.tier.second_person:
                leaves = max(leaves, step.now + self._book.release.release_within)
                await releases.await_second_person(step.session, payout, now=step.now, due_at=leaves)
            step.move(Stage.PAYING, until=leaves + PAYOUT_WITHIN)
            await step.tell("signed", actor="owner", number=number)
            await step.tell(
                "payout_scheduled",
                amount_minor=payout.amount_minor,
                currency=payout.currency,
                pay_at=payout.pay_at.isoformat(),
                tier=payout.tier,
            )
            if release.tier.second_person:
                await step.tell("release_asked", until=leaves.isoformat())
            if payout.tier != "fast":
                await step.notify(
                    "payout_scheduled",
                    amount_minor=payout.amount_minor,
                    currency=payout.currency,
                    pay_at=payout.pay_at.isoformat(),
                )
            return Signed(standing=await step.standing(), loan_id=loan.id, payout_id=payout.id)

    async def _as_signed(self, step: Step) -> Signed:
        loan_id = loan_id_of(step.application.id)
        return Signed(standing=await step.standing(), loan_id=loan_id, payout_id=payout_id_of(loan_id))

    async def _chosen(self, step: Step) -> Offer:
        offer_id = step.application.offer_id
        offer = await applications.offer(step.session, step.application.id, offer_id) if offer_id else None
        if offer is None:
            raise NotInThisStage(stage=step.stage.value, step="sign")
        if step.now >= offer.expires_at:
            raise OfferExpired
        return offer

    async def _read_facts(self, step: Step, offer: Offer) -> KeyFacts:
        """The sheet was open for the legal reading time, in the owner's own time and not the business clock's."""
        facts = await applications.key_facts(step.session, offer.id)
        if facts is None or facts.readable_from is None:
            raise KeyFactsNotOpened(seconds_left=self._book.key_facts_seconds)
        left = (facts.readable_from - step.clock.real_now).total_seconds()
        if left > 0:
            raise KeyFactsNotOpened(seconds_left=int(left) + 1)
        return facts

    async def _pending_loan(self, step: Step, offer: Offer) -> Loan:
        application, terms = step.application, terms_from(offer.terms)
        if application.bank_account_id is None or application.firm_id is None:
            raise PayeeNotProven
        account = await ledger.account(step.session, application.bank_account_id)
        firm = await applications.firm(step.session, application.firm_id)
        profile = self._book.profiles[PartyKind(firm.kind)]
        may_be_paid(profile, firms_account=account.firm_id == firm.id)
        loan = Loan(
            id=loan_id_of(application.id),
            application_id=application.id,
            person_id=application.person_id,
            firm_id=application.firm_id,
            product_id=terms.product_id,
            policy_version=application.policy_version,
            jurisdiction=self._jurisdiction.value,
            shard=application.number // LOANS_A_SHARD,
            account_id=account.id,
            account_index=account.number_index,
            state="pending",
            created_at=step.now,
            terms=offer.terms,
            terms_hash=offer.terms_hash,
            **_columns(terms),
        )
        step.session.add(loan)
        await step.session.flush()
        coupon = offer.projection.get("coupon")
        if coupon and not await coupons.use(step.session, UUID(coupon["id"]), loan.id):
            raise TermsChanged
        return loan

    async def _scheduled_payout(self, step: Step, loan: Loan) -> tuple[Payout, Release]:
        account = await ledger.account(step.session, loan.account_id)
        to = await payees.destination(step.session, loan.application_id, account)
        covers = NamedPayee(to.named.covers_minor) if to.named else None
        payment_mode(loan.principal_minor, self._book.product(loan.product_id).self_payment_minor, covers)
        release = await self._release(step, loan, to)
        approved = approval_hash(
            loan_id=loan.id,
            terms_hash=loan.terms_hash,
            amount_minor=loan.principal_minor,
            currency=loan.currency,
            account_id=to.id,
            account_index=to.index,
        )
        if release.tier.factors > 1 and not await holds.is_proven(step.session, loan.person_id, approved):
            raise StepUpNeeded
        changed = await proofs.last_change(step.session, loan.person_id)
        if until := rests_until(release.tier, changed, step.now, self._book.release):
            raise FactorJustChanged(until_at=until.isoformat())
        payout_id = payout_id_of(loan.id)
        payout = Payout(
            id=payout_id,
            application_id=loan.application_id,
            person_id=loan.person_id,
            loan_id=loan.id,
            end_to_end_id=f"{END_TO_END_PREFIX}{payout_id.hex}",
            amount_minor=loan.principal_minor,
            currency=loan.currency,
            account_id=account.id,
            payee_id=to.named.id if to.named else None,
            tier=release.tier.name,
            state="scheduled",
            pay_at=step.now + release.delay,
            created_at=step.now,
            approval_hash=approved,
        )
        step.session.add(payout)
        await clocks.note_wait(
            step.session, self._steps.clock_id, clocks.workflow_of("payout", payout.id), payout.pay_at
        )
        return payout, release

    async def _release(self, step: Step, loan: Loan, to: Destination) -> Release:
        """The tier by the sum of the day, of the borrower and of the payee, with both locked: two at once add up."""
        await releases.lock(step.session, loan.person_id, to.index)
        earlier = await releases.day_sums(
            step.session,
            person_id=loan.person_id,
            account_index=to.index,
            on=business_date(step.now, self._jurisdiction),
            jurisdiction=self._jurisdiction,
        )
        signs = await releases.signs(step.session, loan.person_id, to.index) if to.payee.own else frozenset[str]()
        return plan_release(loan.principal_minor, to.payee, earlier, self._book.release, signs)


def _columns(terms: Terms) -> dict[str, Any]:
    """What the daily close reads of the terms, as columns, so that no JSON is parsed a million times."""
    return {
        "currency": terms.currency,
        "principal_minor": terms.amount_minor,
        "annual_rate": terms.annual_rate,
        "day_count": terms.day_count.value,
        "share": terms.share,
        "months": terms.months,
        "rate_units": terms.rate_units,
        "units_per_minor": terms.units_per_minor,
        "share_ppm": terms.plan.share_ppm,
        "window_months": terms.window_months,
        "windows": terms.windows,
        "grace_days": terms.grace_days,
    }
