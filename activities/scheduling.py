"""How a signed loan's money is scheduled: its tier by the sum of the day, its factors, its second person.

The same for a loan that was applied for and for a draw on a line.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from activities.steps import Step
from db import applications, clocks, conditions, coupons, holds, ledger, payees, proofs, releases
from db.payees import Destination
from db.tables import Application, Loan, Offer, Payout
from lending.applications import PAYOUT_WITHIN
from lending.calendars import Jurisdiction, business_date
from lending.offers import Terms
from lending.parties import PartyKind
from lending.payment_modes import NamedPayee, payment_mode
from lending.profiles import may_be_paid
from lending.refusals import FactorJustChanged, PayeeNotProven, StepUpNeeded, TermsChanged
from lending.release import Release, approval_hash, loan_id_of, payout_id_of, plan_release, rests_until
from lending.terms import terms_from
from policies.book import PolicyBook

# A shard is closed in one transaction; two thousand loans keep it well under a second.
LOANS_A_SHARD = 2_000
# ISO 20022 allows 35 characters: two of ours and the payout's id.
END_TO_END_PREFIX = "HS"


@dataclass(frozen=True)
class Scheduled:
    """A payout that was written, and until when the owner is told that it will have left."""

    payout: Payout
    leaves: datetime
    second_person: bool


class Scheduler:
    """Writes pending loans and scheduled payouts."""

    def __init__(self, book: PolicyBook, jurisdiction: Jurisdiction) -> None:
        self._book = book
        self._jurisdiction = jurisdiction

    async def loan(self, step: Step, application: Application, offer: Offer) -> Loan:
        """The loan of an application on an offer's terms, pending until its money is credited."""
        if application.bank_account_id is None or application.firm_id is None:
            raise PayeeNotProven
        account = await ledger.account(step.session, application.bank_account_id)
        firm = await applications.firm(step.session, application.firm_id)
        profile = self._book.profiles[PartyKind(firm.kind)]
        may_be_paid(profile, firms_account=account.firm_id == firm.id)
        agreed = terms_from(offer.terms)
        loan = Loan(
            id=loan_id_of(application.id),
            application_id=application.id,
            person_id=application.person_id,
            firm_id=application.firm_id,
            product_id=agreed.product_id,
            policy_version=application.policy_version,
            jurisdiction=self._jurisdiction.value,
            shard=application.number // LOANS_A_SHARD,
            account_id=account.id,
            account_index=account.number_index,
            state="pending",
            created_at=step.now,
            renewed_minor=0,
            terms=offer.terms,
            terms_hash=offer.terms_hash,
            **_columns(agreed),
        )
        step.session.add(loan)
        await step.session.flush()
        coupon = offer.projection.get("coupon")
        if coupon and not await coupons.use(step.session, UUID(coupon["id"]), loan.id):
            raise TermsChanged
        return loan

    async def payout(
        self, step: Step, loan: Loan, to: Destination, *, covers_minor: int | None = None, prove: bool = False
    ) -> Scheduled:
        """Schedule the money of a loan to an account. Raises what stands against it: no payee where one is needed, no
        fresh proof where the tier takes one, or where ``prove`` asks for it.

        ``covers_minor``: what the papers of a named seller still ask for; None: all that they ask for.
        """
        covers = NamedPayee(to.named.covers_minor if covers_minor is None else covers_minor) if to.named else None
        up_to = await payees.self_up_to(step.session, self._book.product(loan.product_id), step.application.firm_id)
        payment_mode(loan.principal_minor, up_to, covers)
        release = await self._release(step, loan, to)
        approved = approval_hash(
            loan_id=loan.id,
            terms_hash=loan.terms_hash,
            amount_minor=loan.principal_minor - loan.renewed_minor,
            currency=loan.currency,
            account_id=to.id,
            account_index=to.index,
        )
        needs_proof = release.tier.factors > 1 or prove
        if needs_proof and not await holds.is_proven(step.session, loan.person_id, approved):
            raise StepUpNeeded
        changed = await proofs.last_change(step.session, loan.person_id)
        if rests := rests_until(release.tier, changed, step.now, self._book.release):
            raise FactorJustChanged(until_at=rests.isoformat())
        account = await ledger.account(step.session, loan.account_id)
        payout_id = payout_id_of(loan.id)
        payout = Payout(
            id=payout_id,
            application_id=loan.application_id,
            person_id=loan.person_id,
            loan_id=loan.id,
            end_to_end_id=f"{END_TO_END_PREFIX}{payout_id.hex}",
            amount_minor=loan.principal_minor - loan.renewed_minor,
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
        await clocks.note_wait(step.session, step.clock_id, clocks.workflow_of("payout", payout.id), payout.pay_at)
        leaves = payout.pay_at
        # Money under a condition is let go by somebody who looks whether it is met (P34), whatever its amount.
        second_person = release.tier.second_person or await conditions.any_of(step.session, loan.application_id)
        if second_person:
            open_ = await conditions.in_the_way(step.session, loan.application_id)
            begins = max((one.due_at for one in open_), default=step.now)
            leaves = max(leaves, max(begins, step.now) + self._book.release.release_within)
            await releases.await_second_person(step.session, payout, now=step.now, due_at=leaves)
        return Scheduled(payout, leaves, second_person)

    async def tell(self, step: Step, scheduled: Scheduled) -> None:
        """The lines of the story about the money, and a message where there is time to cancel it.

        What leaves at once is told when it has arrived; what a second person looks at leaves when they have, or not.
        """
        payout = scheduled.payout
        said: dict[str, Any] = {
            "amount_minor": payout.amount_minor,
            "currency": payout.currency,
            "pay_at": payout.pay_at.isoformat(),
        }
        await step.tell("payout_scheduled", **said, tier=payout.tier)
        if scheduled.second_person:
            await step.tell("release_asked", until=scheduled.leaves.isoformat())
            await step.notify("payout_checked", **said, until=scheduled.leaves.isoformat())
        elif scheduled.leaves > step.now:
            await step.notify("payout_scheduled", **said)

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


def until(scheduled: Scheduled) -> datetime:
    """By when the page says that the money has arrived."""
    return scheduled.leaves + PAYOUT_WITHIN


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
        "share_ppm": terms.share_ppm,
        "window_months": terms.window_months,
        "windows": terms.windows,
        "grace_days": terms.grace_days,
        "path_debit": terms.path_debit,
    }
