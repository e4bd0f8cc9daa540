"""Papers about a loan for its owner's books: from the journal, in the look of all papers, sealed if they certify."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.papers.amounts import chinese_amount
from activities.papers.words import day, percent
from activities.ports import loan_papers as port
from activities.ports.loan_papers import PaperMade, PaperWanted
from activities.printing import contract_number
from activities.private import Private
from activities.signatures import Signatures
from activities.steps import Steps
from db import applications, clocks, ledger, people
from db.loan_papers import document_of
from db.tables import Application, Document, Loan, PaperOrder
from infra import i18n
from infra.papers.listing import Listing, Part, print_listing
from infra.storage import ObjectMissing, Storage, StoredObject
from lending.accounts import Account
from lending.calendars import Jurisdiction, business_date
from lending.identifiers import derived_id
from lending.ledger import Entry, EntryKind, LoanPosition, fold
from lending.parties import PartyKind
from lending.terms import terms_from
from policies.book import PolicyBook

# What says something for others is sealed by the lender; a list for one's own books needs no seal.
CERTIFIES = frozenset({"receipt", "interest_invoice", "balance_statement"})
MOVES = frozenset({EntryKind.DISBURSED, EntryKind.REPAYMENT})


@dataclass(frozen=True, slots=True)
class Paid:
    """A repayment as a list shows it; amounts in minor units."""

    entry_id: UUID
    on: date
    interest_minor: int
    principal_minor: int
    left_minor: int
    reference: str


class LoanPapers(port.LoanPapers):
    """Prints what the journal says."""

    def __init__(
        self,
        steps: Steps,
        private: Private,
        signatures: Signatures,
        storage: Storage,
        book: PolicyBook,
        jurisdiction: str,
    ) -> None:
        self._steps = steps
        self._private = private
        self._signatures = signatures
        self._storage = storage
        self._book = book
        self._jurisdiction = Jurisdiction(jurisdiction)

    @activity.defn
    async def print_loan_paper(self, wanted: PaperWanted) -> PaperMade:
        """One paper, filed once."""
        async with self._steps.sessions.begin() as session:
            order = await session.get_one(PaperOrder, wanted.order_id)
            if order.state != "asked":
                return PaperMade(order.state)
            listing, kind, locale = await self._listing(session, order), order.kind, order.locale
        if listing is None:
            return await self._end(wanted.order_id, "refused", "not_in_the_journal")
        pdf = await asyncio.to_thread(print_listing, listing, locale)
        reason = f"{listing.heading} {listing.number}" if kind in CERTIFIES else ""
        put = await self._stored(wanted.order_id, pdf, reason)
        async with self._steps.sessions.begin() as session:
            order = await session.get_one(PaperOrder, wanted.order_id)
            if order.state == "asked":
                loan = await ledger.loan(session, order.loan_id)
                document_id = document_of(order.id)
                session.add(
                    Document(
                        id=document_id,
                        application_id=loan.application_id,
                        person_id=loan.person_id,
                        kind=order.kind,
                        object_key=put.key,
                        sha256=put.sha256,
                        size=put.size,
                        created_at=await clocks.now(session, self._steps.clock_id),
                    )
                )
                order.state, order.document_id = "ready", document_id
        return PaperMade("ready")

    @activity.defn
    async def give_up_loan_paper(self, wanted: PaperWanted) -> PaperMade:
        """The owner may ask again."""
        return await self._end(wanted.order_id, "refused", "printing_failed")

    async def _end(self, order_id: UUID, state: str, problem: str) -> PaperMade:
        async with self._steps.sessions.begin() as session:
            order = await session.get_one(PaperOrder, order_id)
            if order.state == "asked":
                order.state = state
            return PaperMade(order.state, problem if order.state == state else None)

    async def _stored(self, order_id: UUID, pdf: bytes, reason: str) -> StoredObject:
        """In the store; no two seals are alike, so that the first that was stored is the paper."""
        key = f"papers/{derived_id('paper', f'paper-order/{order_id}')}"
        try:
            kept = await self._storage.get(key)
        except ObjectMissing:
            data = await self._signatures.sealed(pdf, reason) if reason else pdf
            return await self._storage.put(key, data, "application/pdf")
        return StoredObject(key=key, sha256=hashlib.sha256(kept).hexdigest(), size=len(kept))

    # --- what it says -------------------------------------------------------------------------------------------------

    async def _listing(self, session: AsyncSession, order: PaperOrder) -> Listing | None:
        loan = await ledger.loan(session, order.loan_id)
        application = await session.get_one(Application, loan.application_id)
        entries = await ledger.entries(session, loan.id)
        on = business_date(await clocks.now(session, self._steps.clock_id), self._jurisdiction)
        paper = _Paper(self._book, loan, application, order, on)
        parties = await self._parties(session, application, paper)
        match order.kind:
            case "receipt":
                return paper.receipt(parties, entries)
            case "interest_list":
                return paper.interest_list(parties, entries)
            case "interest_invoice":
                return paper.invoice(parties, entries)
            case _:
                return paper.balance(parties, fold(entries, terms_from(loan.terms), order.to_on))

    async def _parties(self, session: AsyncSession, application: Application, paper: "_Paper") -> list[tuple[str, str]]:
        """Who it is about, with numbers masked: a paper is shown to accountants and landlords."""
        owner, key = await self._private.applicant(session, application.id)
        firm, licence = await self._private.firm_of_application(session, application.id, key)
        loan = paper.loan
        await people.record_access(
            session, owner.id, at=await clocks.now(session, self._steps.clock_id), actor=people.SYSTEM, what="name",
            purpose="own_paper",
        )  # fmt: skip
        account = await ledger.account(session, loan.account_id)
        rows = [
            (paper.t("borrower"), owner.name),
            (paper.t("id"), people.masked_id_number(owner.id_number) if owner.id_number else ""),
            *([(paper.t("firm"), f"{firm} {licence or ''}".strip())] if firm and licence else []),
        ]
        row = await applications.firm(session, application.firm_id) if application.firm_id else None
        if row is not None and row.kind == PartyKind.COMPANY:  # a legal person borrows; who acts for it stands below
            rows = [(paper.t("borrower"), f"{firm} {licence or ''}".strip()), (paper.t("acts_by"), owner.name)]
        return [
            *rows,
            (paper.t("contract"), contract_number(application)),
            (paper.t("account"), account.masked),
        ]


class _Paper:
    """The words of one order."""

    def __init__(self, book: PolicyBook, loan: Loan, application: Application, order: PaperOrder, on: date) -> None:
        self.loan, self._order, self._on = loan, order, on
        self._locale, self._own = order.locale, book.lender
        self._number = f"{contract_number(application)}-{order.id.hex[:8].upper()}"

    def t(self, key: str, **params: Any) -> str:
        """A text of these papers."""
        return i18n.text(f"papers.loan.{key}", self._locale, **params)

    def _money(self, minor: int) -> str:
        return i18n.money(minor, self.loan.currency, self._locale)

    def _made(self, heading: str, parts: Sequence[Part], *notes: str) -> Listing:
        name = self._own.name.zh_CN if self._locale == "zh_CN" else self._own.name.en
        return Listing(
            heading=heading,
            number=self._number,
            parts=parts,
            issuer=name,
            dated=self._on,
            day=day(self._on, self._locale),
            notes=notes,
            footer=self.t("footer", lender=name, phone=self._own.service_phone),
        )

    def receipt(self, parties: list[tuple[str, str]], entries: Sequence[Entry]) -> Listing | None:
        """One movement of money (回单): what, when, how much, in which parts."""
        entry = next((one for one in entries if one.id == self._order.subject and one.kind in MOVES), None)
        if entry is None:
            return None
        paid = next((one for one in _paid(entries) if one.entry_id == entry.id), None)
        amount = sum(posting.amount_minor for posting in entry.postings)
        lent = entry.kind is EntryKind.DISBURSED
        facts = [
            (self.t("what"), self.t("disbursed" if lent else "repaid")),
            (self.t("on"), day(entry.effective_on, self._locale)),
            (self.t("amount"), self._money(amount)),
            *([(self.t("in_words"), chinese_amount(amount))] if self._locale == "zh_CN" else []),
            (self.t("reference"), entry.source.removeprefix("rail:")),
        ]
        if not lent and paid is not None:
            facts += [
                (self.t("of_interest"), self._money(paid.interest_minor)),
                (self.t("of_principal"), self._money(paid.principal_minor)),
                (self.t("left"), self._money(paid.left_minor)),
            ]
        return self._made(self.t("receipt"), (Part(facts=parties), Part(self.t("movement"), facts=facts)))

    def interest_list(self, parties: list[tuple[str, str]], entries: Sequence[Entry]) -> Listing:
        """Interest paid in a period (利息清单), day by day."""
        rows = self._within(entries)
        table = [
            (day(one.on, self._locale), self._money(one.interest_minor), self._money(one.principal_minor),
             self._money(one.left_minor), one.reference.removeprefix("rail:"))
            for one in rows
        ]  # fmt: skip
        head = (self.t("on"), self.t("of_interest"), self.t("of_principal"), self.t("left"), self.t("reference"))
        total = sum(one.interest_minor for one in rows)
        sums = [
            (self.t("period"), self._period()),
            (self.t("rate"), percent(self.loan.annual_rate, self._locale)),
            (self.t("interest_total"), self._money(total)),
            (self.t("principal_total"), self._money(sum(one.principal_minor for one in rows))),
        ]
        return self._made(
            self.t("interest_list"),
            (
                Part(facts=parties),
                Part(self.t("sums"), facts=sums),
                Part(self.t("days"), head=head, rows=table, right=frozenset({1, 2, 3}), wide=frozenset({4})),
            ),
        )

    def invoice(self, parties: list[tuple[str, str]], entries: Sequence[Entry]) -> Listing | None:
        """What was charged as interest in a period, as an invoice says it; nothing was charged: no invoice."""
        total = sum(one.interest_minor for one in self._within(entries))
        if not total:
            return None
        net, tax = _without_tax(total)
        head = (self.t("item"), self.t("period"), self.t("net"), self.t("tax_rate"), self.t("tax"), self.t("gross"))
        row = (self.t("loan_interest"), self._period(), self._money(net), "6%", self._money(tax), self._money(total))
        words = [(self.t("in_words"), chinese_amount(total))] if self._locale == "zh_CN" else []
        seller = [(self.t("seller"), f"{self._own.name.zh_CN} {self._own.registration}")]
        return self._made(
            self.t("interest_invoice"),
            (
                Part(self.t("buyer"), facts=parties),
                Part(facts=seller),
                Part(head=head, rows=(row,), right=frozenset({2, 3, 4, 5}), wide=frozenset({1})),
                Part(facts=words),
            ),
            self.t("no_deduction"),
        )

    def balance(self, parties: list[tuple[str, str]], position: LoanPosition) -> Listing:
        """What is owed on a day."""
        facts = [
            (self.t("as_of"), day(self._order.to_on, self._locale)),
            (self.t("lent"), self._money(self.loan.principal_minor)),
            (self.t("left"), self._money(position.principal_minor)),
            (self.t("interest_due"), self._money(position.interest_due_minor)),
            (self.t("owed"), self._money(position.owed_minor)),
        ]
        return self._made(self.t("balance_statement"), (Part(facts=parties), Part(self.t("sums"), facts=facts)))

    def _within(self, entries: Sequence[Entry]) -> list[Paid]:
        first = self._order.from_on or date.min
        return [one for one in _paid(entries) if first <= one.on <= self._order.to_on]

    def _period(self) -> str:
        first = self._order.from_on or self.loan.live_on or self._order.to_on
        return f"{day(first, self._locale)} – {day(self._order.to_on, self._locale)}"


def _paid(entries: Sequence[Entry]) -> list[Paid]:
    """Repayments in the order of the journal, each with what was left after it."""
    left, found = 0, list[Paid]()
    for entry in entries:
        interest = principal = 0
        for posting in entry.postings:
            if posting.debit is Account.LOANS_PRINCIPAL:
                left += posting.amount_minor
            elif posting.credit is Account.LOANS_PRINCIPAL:
                left -= posting.amount_minor
                principal += posting.amount_minor
            elif posting.credit is Account.INTEREST_RECEIVABLE:
                interest += posting.amount_minor
        if entry.kind is EntryKind.REPAYMENT:
            found.append(Paid(entry.id, entry.effective_on, interest, principal, left, entry.source))
    return found


def _without_tax(gross_minor: int) -> tuple[int, int]:
    """(net, tax) of an amount that includes value added tax of 6 % (贷款服务, 营改增), the tax rounded half-even."""
    doubled, rest = divmod(gross_minor * 6 * 2, 106)
    tax = doubled // 2 + (1 if doubled % 2 and (rest or (doubled // 2) % 2) else 0)
    return gross_minor - tax, tax
