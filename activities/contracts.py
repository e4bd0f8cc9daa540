"""Choosing an offer, the papers, the signature: one contract, one loan, one payout."""

from datetime import timedelta
from typing import Any

from temporalio import activity

from activities import allowing
from activities.ports import contracts as port
from activities.ports.contracts import Choice, Papers, Signature, Signed
from activities.ports.intake import Standing
from activities.printing import Printer, contract_number
from activities.scheduling import Scheduler, until
from activities.securing import secure
from activities.steps import Step, Steps
from db import applications, clocks, ledger, lines, paper_checks, parties, payees, renewals, subsidies
from db.tables import Contract, CreditLine, Document, KeyFacts, Offer
from infra.storage import Storage
from lending.applications import Stage
from lending.calendars import Jurisdiction, business_date
from lending.consents import Purpose
from lending.identifiers import derived_id
from lending.line import CLAUSES, last_day, line_id_of, review_day
from lending.offers import Terms
from lending.refusals import (
    AlreadySigned,
    KeyFactsNotOpened,
    NotInThisStage,
    OfferExpired,
    OfferUnknown,
    PartiesNotSigned,
    PayeeNotProven,
    TermsChanged,
)
from lending.release import loan_id_of, payout_id_of
from lending.renewal import renew
from lending.terms import terms_from
from policies.book import PolicyBook


class Contracts(port.Contracts):
    """From offer to signed contract."""

    def __init__(self, steps: Steps, printer: Printer, storage: Storage, book: PolicyBook, jurisdiction: str) -> None:
        self._steps = steps
        self._printer = printer
        self._storage = storage
        self._book = book
        self._jurisdiction = Jurisdiction(jurisdiction)
        self._scheduler = Scheduler(book, self._jurisdiction)

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
            owed = await renewals.owed(step.session, step.application.renews_loan_id)
            if owed is not None:
                renew(terms.amount_minor, principal_minor=owed.principal_minor, interest_minor=owed.interest_minor)
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
            application = step.application
            await paper_checks.require(step.session, application.id, offer.terms_hash)
            if roles := await parties.awaited(step.session, application.id, application.firm_id, offer.terms_hash):
                raise PartiesNotSigned(role=roles[0].value)
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
            for party in await parties.bind(step.session, application.id, offer.terms_hash):
                await applications.notify_person(
                    step.session,
                    notice_id=derived_id("notice", f"{step.cause}/{party.id}/party_bound"),
                    person_id=party.person_id,
                    application_id=None,
                    kind="party_bound",
                    params={"role": party.role, "part": f"/part/{party.id}"},
                    at=step.now,
                )
            terms = terms_from(offer.terms)
            if terms.line_months:
                return await self._opened(step, offer, terms, number)
            if self._book.product(terms.product_id).secured_by is not None:
                today = business_date(step.now, self._jurisdiction)
                await secure(step, self._book.collateral, terms.amount_minor, today)
            loan = await self._scheduler.loan(step, step.application, offer)
            renewed = facts.sheet.get("renewal")
            if renewed:
                loan.renews_loan_id = step.application.renews_loan_id
                loan.renewed_minor = int(renewed["payoff_minor"])
            if granted := facts.sheet.get("subsidy"):
                await subsidies.grant(step.session, loan, granted, at=step.now)
            account = await ledger.account(step.session, loan.account_id)
            to = await payees.destination(step.session, loan.application_id, account)
            scheduled = await self._scheduler.payout(step, loan, to)
            step.application.loan_id = loan.id
            step.move(Stage.PAYING, until=until(scheduled))
            await step.tell("signed", actor="owner", number=number)
            await self._scheduler.tell(step, scheduled)
            return Signed(standing=await step.standing(), loan_id=loan.id, payout_id=scheduled.payout.id)

    async def _as_signed(self, step: Step) -> Signed:
        loan_id = loan_id_of(step.application.id)
        line = await lines.of_application(step.session, step.application.id)
        return Signed(
            standing=await step.standing(),
            loan_id=loan_id,
            payout_id=payout_id_of(loan_id),
            line_id=line.id if line else None,
        )

    async def _opened(self, step: Step, offer: Offer, terms: Terms, number: str) -> Signed:
        """A line is open: nothing is paid out, and nothing is owed before its first draw."""
        application = step.application
        product = self._book.product(terms.product_id)
        if application.bank_account_id is None or application.firm_id is None or product.line is None:
            raise PayeeNotProven
        today = business_date(step.now, self._jurisdiction)
        verdict = await applications.last_decision(step.session, application.id)
        line = CreditLine(
            id=line_id_of(application.id),
            application_id=application.id,
            person_id=application.person_id,
            firm_id=application.firm_id,
            account_id=application.bank_account_id,
            product_id=terms.product_id,
            policy_version=application.policy_version,
            currency=terms.currency,
            signed_limit_minor=terms.amount_minor,
            limit_minor=terms.amount_minor,
            revolving=product.line.revolving,
            secured_by=product.line.secured_by,
            annual_rate=terms.annual_rate,
            terms=offer.terms,
            terms_hash=offer.terms_hash,
            clauses=sorted(CLAUSES),
            grade=verdict.grade if verdict else None,
            state="open",
            opened_on=today,
            expires_on=last_day(terms, today),
            review_on=review_day(product.line, today, last_day(terms, today)),
            fresh_until=today + timedelta(days=product.line.fresh_days),
            changed_at=step.now,
        )
        step.session.add(line)
        step.move(Stage.OPENED, line_id=str(line.id))
        await clocks.forget(step.session, clocks.workflow_of("application", application.id))
        said: dict[str, Any] = {"limit_minor": terms.amount_minor, "currency": terms.currency}
        said["expires_on"] = line.expires_on.isoformat()
        await step.tell("signed", actor="owner", number=number)
        await step.tell("line_opened", **said)
        await step.notify("line_opened", **said)
        loan_id = loan_id_of(application.id)  # of no loan: the wire's first fields have no default
        return Signed(standing=await step.standing(), loan_id=loan_id, payout_id=payout_id_of(loan_id), line_id=line.id)

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
