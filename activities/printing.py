"""From rows to papers: opens what must be opened, and hands plain values to the press."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from activities.papers.certificate import Settlement, print_certificate
from activities.papers.contract import ContractDraft, Evidence, PartyOnPaper, print_contract
from activities.papers.key_facts import print_key_facts
from activities.papers.pledge import PledgePaper, pledge_listing
from activities.papers.renewal import RenewalLine
from activities.papers.sheet import Borrower, KeyFactsSheet, Lender, key_facts
from activities.papers.slip import slip_listing
from activities.papers.subsidy import SubsidyLine, line_of
from activities.private import Private
from activities.signatures import Act
from db import applications, coupons, ledger, lines, parties, payees, people, receivables, releases, renewals
from db.receivables import Paper
from db.tables import Application, Loan, Offer, Receivable
from infra.papers.listing import print_listing
from lending.calendars import Jurisdiction
from lending.coupons import offered_cap
from lending.offers import Terms
from lending.parties import PartyKind
from lending.projection import Weathers, three_weathers
from lending.refusals import OfferUnknown
from lending.release import plan_release
from lending.renewal import renew
from lending.subsidies import Applicant, best
from lending.terms import terms_from
from policies.book import PolicyBook

# The language of the text that governs.
GOVERNING = "zh_CN"
# Working days after which the registration of a pledge that secures nothing is gone (lending practice P19).
CANCELLED_WITHIN = 10


@dataclass(frozen=True)
class Printed:
    """The papers of one offer: the sheet as data, and PDFs by kind in the owner's language."""

    terms_hash: str
    sheet: dict[str, Any]
    documents: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class Concluded:
    """A contract that was signed, its papers by kind before the signatures are put into them, and the act."""

    documents: tuple[tuple[str, bytes], ...]
    act: Act
    others: tuple[Act, ...] = ()


class Printer:
    """Prints key facts, contract and certificate."""

    def __init__(self, private: Private, book: PolicyBook, jurisdiction: str) -> None:
        self._private = private
        self._book = book
        self._jurisdiction = jurisdiction

    async def papers(self, session: AsyncSession, application: Application, offer_id: UUID) -> Printed:
        """The key-facts sheet and the contract, unsigned, of one of the application's offers."""
        offer = await applications.offer(session, application.id, offer_id)
        if offer is None:
            raise OfferUnknown
        terms = terms_from(offer.terms)
        sheet = await self._sheet(session, application, offer, terms)
        owner = await self._private.owner(session, application.person_id)
        draft = ContractDraft(
            number=contract_number(application),
            sheet=sheet,
            terms=terms,
            policy_version=application.policy_version,
            parties=await self._parties(session, application),
        )
        facts = await asyncio.to_thread(print_key_facts, sheet, owner.locale)
        contracts = await asyncio.to_thread(_press, "contract", draft, owner.locale)
        return Printed(offer.terms_hash, sheet.to_json(), (("key_facts", facts), *contracts))

    async def signed(self, session: AsyncSession, application: Application) -> Concluded:
        """The contract as signed: the sheet that was shown, and the evidence of the act."""
        if application.line_id is not None:
            return await self.slip(session, application)
        contract = await ledger.contract_of(session, application.id)
        if contract is None:
            raise LookupError("nothing was signed")
        offer = await applications.offer(session, application.id, contract.offer_id)
        facts = await applications.key_facts(session, contract.offer_id)
        shown = await applications.document(session, application.id, "contract")
        if offer is None or facts is None or facts.opened_at is None or shown is None:
            raise LookupError("a signed contract has its offer, its key facts and its paper")
        draft = ContractDraft(
            number=contract.number,
            sheet=KeyFactsSheet.from_json(facts.sheet),
            terms=terms_from(offer.terms),
            policy_version=application.policy_version,
            evidence=Evidence(
                signed_at=contract.signed_at,
                code_id=contract.evidence["code_id"],
                key_facts_opened_at=facts.opened_at,
                shown_sha256=shown.sha256,
            ),
            parties=await self._parties(session, application),
        )
        owner = await self._private.owner(session, application.person_id)
        act = Act(
            number=contract.number,
            terms_hash=contract.terms_hash,
            signer=owner.name,
            evidence={**contract.evidence, "shown_sha256": shown.sha256, "signed_at": contract.signed_at.isoformat()},
        )
        others = await self._acts(session, application, contract.number)
        return Concluded(await asyncio.to_thread(_press, "contract_signed", draft, owner.locale), act, others)

    async def _parties(self, session: AsyncSession, application: Application) -> tuple[PartyOnPaper, ...]:
        """Everybody besides the borrower whose part is open or bound, as the paper names them."""
        found: list[PartyOnPaper] = []
        for row in await parties.of_application(session, application.id):
            if row.state in parties.LIVE or row.state == "bound":
                who = await self._private.owner(session, row.person_id)
                number = people.masked_id_number(who.id_number) if who.id_number else ""
                signed = (row.signed_at, str(row.code_id)) if row.signed_at and row.state == "bound" else None
                found.append(
                    PartyOnPaper(
                        role=row.role,
                        name=who.name or row.phone_masked,
                        id_masked=number,
                        phone_masked=row.phone_masked,
                        liability=row.liability,
                        answers_minor=row.amount_minor,
                        signed=signed,
                    )
                )
        return tuple(found)

    async def _acts(self, session: AsyncSession, application: Application, number: str) -> tuple[Act, ...]:
        """One act of signing a party that is bound, with its own evidence."""
        return tuple(
            [
                Act(
                    number=number,
                    terms_hash=row.signed_for,
                    signer=(await self._private.owner(session, row.person_id)).name,
                    evidence={
                        "party": str(row.id),
                        "role": row.role,
                        "liability": row.liability or "-",
                        "amount_minor": str(row.amount_minor or "-"),
                        "code_id": str(row.code_id),
                        "signed_at": row.signed_at.isoformat(),
                    },
                )
                for row in await parties.of_application(session, application.id)
                if row.state == "bound" and row.signed_for and row.signed_at
            ]
        )

    async def draw_sheet(self, session: AsyncSession, application: Application, offer: Offer) -> KeyFactsSheet:
        """The key facts of a draw: the same sheet as a loan's, since it is one."""
        return await self._sheet(session, application, offer, terms_from(offer.terms))

    async def slip(self, session: AsyncSession, application: Application) -> Concluded:
        """The slip (借据) of a draw: its own terms under the line's contract, and the tap that made it."""
        contract = await ledger.contract_of(session, application.id)
        facts = await applications.key_facts(session, contract.offer_id) if contract else None
        if contract is None or facts is None:
            raise LookupError("a draw has its slip's row and its key facts")
        owner = await self._private.owner(session, application.person_id)
        sheet = KeyFactsSheet.from_json(facts.sheet)
        act = Act(
            number=contract.number,
            terms_hash=contract.terms_hash,
            signer=owner.name,
            evidence={**contract.evidence, "signed_at": contract.signed_at.isoformat()},
        )
        listing = slip_listing(sheet, contract.number, contract.evidence, contract.signed_at, owner.locale)
        pdf = await asyncio.to_thread(print_listing, listing, owner.locale)
        return Concluded((("slip", pdf),), act)

    async def pledge(self, session: AsyncSession, row: Receivable, paper: Paper) -> Concluded:
        """The contract of a pledge with what its owner's code bound; the Chinese text governs and is always there."""
        application = await session.get_one(Application, row.application_id)
        line = await lines.line_of(session, row.line_id)
        if row.registration_no is None or row.registered_until is None or row.noticed_at is None:
            raise LookupError("a pledge has its registration, and its buyer was told")
        owner, borrower = await self._private.owner(session, row.person_id), await self._borrower(session, application)
        fingerprint = receivables.pledge_hash(row)
        said = PledgePaper(
            number=f"{contract_number(application)}-Z{row.id.hex[:6].upper()}",
            line_contract=contract_number(application),
            limit_minor=line.limit_minor,
            currency=row.currency,
            pledgor=paper.seller,
            pledgor_id=borrower.id_masked,
            lender=self._lender(),
            buyer=paper.buyer,
            buyer_licence=paper.buyer_licence,
            invoice=paper.number,
            amount_minor=row.amount_minor,
            confirmed_minor=row.confirmed_minor,
            issued_on=row.issued_on,
            due_on=row.due_on,
            registration_no=row.registration_no,
            registered_until=row.registered_until,
            signed_at=row.noticed_at,
            code_id=str(row.code_id),
            fingerprint=fingerprint,
            days=CANCELLED_WITHIN,
        )
        act = Act(
            number=said.number,
            terms_hash=fingerprint,
            signer=owner.name,
            evidence={"code_id": said.code_id, "signed_at": said.signed_at.isoformat()},
        )
        locales = dict.fromkeys((GOVERNING, owner.locale))
        made = [
            (
                "pledge" if locale == GOVERNING else f"pledge_{locale}",
                await asyncio.to_thread(print_listing, pledge_listing(said, locale), locale),
            )
            for locale in locales
        ]
        return Concluded(tuple(made), act)

    async def certificate(self, session: AsyncSession, application: Application, loan: Loan) -> bytes:
        """That the loan is repaid."""
        contract = await ledger.contract_of(session, application.id)
        if contract is None or loan.live_on is None or loan.closed_on is None:
            raise LookupError("a certificate is for a loan that lived and closed")
        facts = await applications.key_facts(session, contract.offer_id)
        balance = await ledger.balance(session, loan.id)
        cap = await coupons.cap_of(session, loan.id)
        if facts is None or balance is None:
            raise LookupError("a closed loan has its key facts and its balance")
        owner = await self._private.owner(session, application.person_id)
        settlement = Settlement(
            number=f"{contract.number}-C",
            contract_number=contract.number,
            sheet=KeyFactsSheet.from_json(facts.sheet),
            credited_on=loan.live_on,
            closed_on=loan.closed_on,
            principal_paid_minor=loan.principal_minor - balance.principal_minor,
            interest_paid_minor=balance.interest_paid_minor - (cap - balance.coupon_left_minor),
        )
        return await asyncio.to_thread(print_certificate, settlement, owner.locale)

    async def _sheet(
        self, session: AsyncSession, application: Application, offer: Offer, terms: Terms
    ) -> KeyFactsSheet:
        product = self._book.product(terms.product_id)
        on = date.fromisoformat(offer.projection["as_of"])
        cap = offered_cap(offer.projection)
        usual = tuple(offer.projection["monthly_series"]) or int(offer.projection["monthly_net_revenue_minor"])
        calendar = self._book.calendars[self._jurisdiction]
        weathers = three_weathers(terms, usual, on, coupon_minor=cap, calendar=calendar)
        return key_facts(
            terms,
            weathers,
            product,
            borrower=await self._borrower(session, application),
            lender=self._lender(),
            number=f"HS-{application.number}-{offer.n}",
            on=on,
            purpose=application.purpose or product.purposes[0],
            release_delay=await self._delay(session, application, terms, on),
            coupon_minor=cap,
            calendar=calendar,
            renewal=await _renewal(session, application, terms),
            subsidy=await self._subsidy(session, application, terms, weathers, on),
        )

    async def _subsidy(
        self, session: AsyncSession, application: Application, terms: Terms, weathers: Weathers, on: date
    ) -> SubsidyLine | None:
        """The one scheme that pays most of this very plan, as its offer shows it; lines and draws have no offers."""
        if application.firm_id is None or terms.line_months or application.line_id is not None:
            return None
        firm = await applications.firm(session, application.firm_id)
        return line_of(
            best(
                self._book.subsidies,
                Applicant(firm.kind, firm.trade, firm.region),
                amount_minor=terms.amount_minor,
                annual_rate=terms.annual_rate,
                interest_by_month_minor=[row.interest_minor for row in weathers.normal.rows],
                on=on,
            )
        )

    async def _delay(self, session: AsyncSession, application: Application, terms: Terms, on: date) -> timedelta:
        """How long it would wait if it were signed on the sheet's day."""
        if application.bank_account_id is None:
            raise LookupError("papers are printed after identity")
        account = await ledger.account(session, application.bank_account_id)
        to = await payees.destination(session, application.id, account)
        earlier = await releases.day_sums(
            session,
            person_id=application.person_id,
            account_index=to.index,
            on=on,
            jurisdiction=Jurisdiction(self._jurisdiction),
        )
        signs = await releases.signs(session, application.person_id, to.index) if to.payee.own else frozenset[str]()
        return plan_release(terms.amount_minor, to.payee, earlier, self._book.release, signs).delay

    async def _borrower(self, session: AsyncSession, application: Application) -> Borrower:
        owner = await self._private.owner(session, application.person_id)
        firm = await applications.firm(session, application.firm_id) if application.firm_id else None
        account_id = application.bank_account_id
        number = await self._private.account_number(session, account_id) if account_id else ""
        firm_name = await self._private.firm_name(session, firm) if firm and firm.licence_sealed else None
        company = firm_name is not None and firm is not None and PartyKind(firm.kind) is PartyKind.COMPANY
        licence = await self._private.licence(session, firm) if company and firm is not None else None
        return Borrower(
            name=firm_name if company and firm_name else owner.name,
            id_masked=licence or people.masked_id_number(owner.id_number),
            firm_name=firm_name,
            speaker=owner.name if company else None,
            capacity=firm.capacity if company and firm is not None else None,
            account_masked=people.masked_account(number),
            phone_masked=people.masked_phone(owner.phone),
        )

    def _lender(self) -> Lender:
        own = self._book.lender
        return Lender(
            name=own.name.zh_CN,
            name_en=own.name.en,
            registration=own.registration,
            address=own.address.zh_CN,
            address_en=own.address.en,
            service_phone=own.service_phone,
            complaint_phone=own.complaint_phone,
            email=own.email,
            court=own.court.zh_CN,
            court_en=own.court.en,
            regulator_phone=self._book.jurisdiction(self._jurisdiction).regulator_phone,
        )


async def _renewal(session: AsyncSession, application: Application, terms: Terms) -> RenewalLine | None:
    """What pays the old loan off, as its last close left it; fixed from here on."""
    owed = await renewals.owed(session, application.renews_loan_id)
    if owed is None:
        return None
    found = renew(terms.amount_minor, principal_minor=owed.principal_minor, interest_minor=owed.interest_minor)
    return RenewalLine(
        owed.number,
        found.principal_minor,
        found.interest_minor,
        found.rebate_minor,
        found.payoff_minor,
        found.net_minor,
    )


def contract_number(application: Application) -> str:
    """One contract, one number, on every paper."""
    return f"HS-{application.number}"


def _press(kind: str, draft: ContractDraft, locale: str) -> tuple[tuple[str, bytes], ...]:
    """The Chinese text, which governs, always; the owner's language beside it when that is another."""
    governing = ((kind, print_contract(draft, GOVERNING)),)
    return governing if locale == GOVERNING else (*governing, (f"{kind}_{locale}", print_contract(draft, locale)))
