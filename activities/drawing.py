"""A draw on a credit line: reserved, signed and scheduled in one transaction, under the line's lock."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities import allowing
from activities.judging import Judge
from activities.lines import Starter, application_of, ask_person, rules_of
from activities.ports import lines as port
from activities.ports.intake import Case
from activities.ports.lines import Drawn, DrawWanted, LineDone
from activities.printing import Printer, contract_number
from activities.registers import Registers
from activities.scheduling import Scheduler, until
from activities.steps import Step, Steps
from activities.underwriting import Underwriting
from db import applications, coupons, holds, ledger, lines, payees
from db.payees import Destination
from db.tables import Application, Contract, CreditLine, KeyFacts, Offer
from lending.applications import Actor, Stage
from lending.calendars import Jurisdiction, add_months, business_date, midnight_after
from lending.consents import Purpose
from lending.coupons import as_offered, best
from lending.identifiers import derived_id
from lending.line import draw_id_of, draw_terms, is_fresh, refuse_draw
from lending.products import Product
from lending.projection import three_weathers
from lending.refusals import NotOnPaper
from lending.terms import Terms, canonical, terms_from, terms_hash
from lending.verdicts import Outcome, Reason
from policies.book import PolicyBook

log = structlog.get_logger()
# The draws of a line stand behind the plans of the verdict that it rests on.
BEHIND_THE_PLANS = 100


class Draws(port.Draws):
    """Draw, and ask again where what is known is old."""

    def __init__(
        self,
        steps: Steps,
        book: PolicyBook,
        printer: Printer,
        registers: Registers,
        judge: Judge,
        underwriting: Underwriting,
        starter: Starter,
        *,
        jurisdiction: str,
    ) -> None:
        self._steps = steps
        self._book = book
        self._printer = printer
        self._registers = registers
        self._judge = judge
        self._underwriting = underwriting
        self._starter = starter
        self._jurisdiction = Jurisdiction(jurisdiction)
        self._receivables = book.receivables[jurisdiction]
        self._scheduler = Scheduler(book, self._jurisdiction)

    @activity.defn
    async def draw(self, wanted: DrawWanted) -> Drawn:
        """The draw's rows, or a refusal and nothing; said twice it is one draw."""
        async with self._steps.step(await application_of(self._steps, wanted.line_id), wanted.cause, "drawn") as step:
            line = await lines.locked(step.session, wanted.line_id)
            if step.done:
                drawn, paid = await lines.draw_told(step.session, step.event_id("drawn"))
                return Drawn("paying", line.version, drawn.id, paid.id)
            product, rules = rules_of(self._book, line)
            today = business_date(step.now, self._jurisdiction)
            facts = await lines.facts(step.session, line, self._receivables, today)
            refuse_draw(facts, rules, product, wanted.amount_minor, today)
            for purpose in (Purpose.SHARING, Purpose.FLOWS_ANALYSIS):
                await allowing.require(step.session, line.person_id, purpose, step.now)
            if not is_fresh(facts, today):
                return Drawn("stale", line.version)
            terms = await self._terms(step, line, product, wanted, today)
            draw = await self._application(step, line, terms, wanted)
            offer = await self._signed(step, line, draw, terms, today, wanted.cause)
            own = Step(step.session, draw.application, step.clock, step.clock_id, wanted.cause, done=False)
            loan = await self._scheduler.loan(own, draw.application, offer)
            to, left = await self._destination(step.session, line, entrusted=wanted.entrusted)
            risen = await self._has_risen(step.session, line)
            scheduled = await self._scheduler.payout(own, loan, to, covers_minor=left, prove=risen)
            draw.application.loan_id = loan.id
            draw.application.due_at = until(scheduled)
            said = {"amount_minor": terms.amount_minor, "currency": terms.currency}
            await own.tell("draw_signed", actor="owner", number=contract_number(draw.application), **said)
            await self._scheduler.tell(own, scheduled)
            if wanted.signs:
                await self._hold(own, wanted.signs, terms)
            step.stay(**step.application.note)
            await step.tell("drawn", actor="owner", draw_id=str(draw.application.id), **said)
            return Drawn("paying", line.version, draw.application.id, scheduled.payout.id)

    async def _terms(self, step: Step, line: CreditLine, product: Product, wanted: DrawWanted, today: date) -> Terms:
        return draw_terms(
            terms_from(line.terms),
            product,
            amount_minor=wanted.amount_minor,
            share=Decimal(wanted.share) if wanted.share else None,
            usual=await lines.usual_months(step.session, line.application_id),
            start=today,
        )

    async def _application(self, step: Step, line: CreditLine, terms: Terms, wanted: DrawWanted) -> "_Draw":
        """The draw as an application that its line has answered already, so that everything that is true of a loan's
        application is true of it."""
        number = await lines.draws_so_far(step.session, line.id) + 1
        application = Application(
            id=draw_id_of(line.id, number),
            person_id=line.person_id,
            firm_id=line.firm_id,
            bank_account_id=line.account_id,
            product_id=line.product_id,
            policy_version=self._book.version,
            channel=step.application.channel,
            stage=Stage.PAYING.value,
            amount_minor=terms.amount_minor,
            currency=terms.currency,
            months=terms.months,
            share=terms.share,
            declared_revenue_minor=None,
            purpose=step.application.purpose,
            waiting_for=Actor.BANK.value,
            due_at=None,
            note={},
            version=1,
            line_id=line.id,
            created_at=step.now,
            changed_at=step.now,
        )
        step.session.add(application)
        await step.session.flush()
        return _Draw(application, number)

    async def _signed(
        self, step: Step, line: CreditLine, draw: "_Draw", terms: Terms, today: date, cause: UUID
    ) -> Offer:
        """What the owner was shown and tapped: terms, key facts, and the slip's row under the line's contract."""
        application = draw.application
        verdict = await applications.last_decision(step.session, line.application_id)
        if verdict is None:
            raise LookupError("a line rests on a verdict")
        usual = await lines.usual_months(step.session, line.application_id)
        offer = Offer(
            id=derived_id("offer", f"draw/{application.id}"),
            application_id=application.id,
            person_id=application.person_id,
            decision_id=verdict.id,
            n=BEHIND_THE_PLANS + draw.number,
            terms=json.loads(canonical(terms)),
            terms_hash=terms_hash(terms),
            projection=await self._projection(step.session, application, terms, usual, today),
            expires_at=midnight_after(today, self._jurisdiction),
            chosen_at=step.now,
        )
        application.offer_id = offer.id
        step.session.add(offer)
        await step.session.flush()
        sheet = await self._printer.draw_sheet(step.session, application, offer)
        wall = step.clock.real_now
        facts = KeyFacts(
            id=derived_id("key-facts", str(offer.id)),
            application_id=application.id,
            person_id=application.person_id,
            offer_id=offer.id,
            terms_hash=offer.terms_hash,
            sheet=sheet.to_json(),
            opened_at=wall,
            readable_from=wall,
            confirmed_at=wall,
        )
        step.session.add(facts)
        await step.session.flush()
        frame = await lines.contract(step.session, line)
        step.session.add(
            Contract(
                id=derived_id("contract", str(application.id)),
                application_id=application.id,
                person_id=application.person_id,
                offer_id=offer.id,
                key_facts_id=facts.id,
                number=contract_number(application),
                terms_hash=offer.terms_hash,
                evidence={
                    "command_id": str(cause),
                    "line_contract": frame.number,
                    "line_terms_hash": frame.terms_hash,
                    "line_code_id": frame.evidence["code_id"],
                },
                signed_at=step.now,
            )
        )
        return offer

    async def _projection(
        self, session: AsyncSession, draw: Application, terms: Terms, usual: tuple[int, ...] | int, today: date
    ) -> dict[str, Any]:
        """What the draw would cost, with the best coupon that its owner holds; the terms know nothing of it."""
        plain = three_weathers(terms, usual, today).normal.total_interest_minor
        held = await coupons.usable(session, draw.person_id, on=today, application=draw.id)
        coupon = best(held, amount_minor=terms.amount_minor, interest_minor=plain, on=today)
        if coupon is not None:
            await coupons.keep_for(session, {coupon.id}, draw.id)
        return {**_projection(terms, usual, today, coupon.cap_minor if coupon else 0), **as_offered(coupon)}

    async def _destination(
        self, session: AsyncSession, line: CreditLine, *, entrusted: bool
    ) -> tuple[Destination, int | None]:
        """Where the draw goes, and what the papers of a named seller still ask for."""
        account = await ledger.account(session, line.account_id)
        if not entrusted:
            return payees.own(account), None
        to = await payees.destination(session, line.application_id, account)
        if to.named is None:
            raise NotOnPaper(covers_minor=0)
        return to, to.named.covers_minor - await lines.paid_to(session, to.named.id)

    async def _has_risen(self, session: AsyncSession, line: CreditLine) -> bool:
        """Whether the chance of default is a grade worse than when the line was signed."""
        verdict = await applications.last_decision(session, line.application_id)
        return bool(verdict and verdict.grade and line.grade and verdict.grade > line.grade)

    async def _hold(self, own: Step, signs: tuple[str, ...], terms: Terms) -> None:
        """Freeze this person's money in the transaction at hand, and ask them (P15)."""
        hold_id = derived_id("hold", str(own.cause))
        due_at = own.now + self._book.holds.answer_within
        if await holds.open_hold(
            own.session,
            hold_id=hold_id,
            person_id=own.application.person_id,
            application_id=own.application.id,
            signs=signs,
            now=own.now,
            due_at=due_at,
        ):
            until_ = due_at.isoformat()
            await own.tell("payout_held", amount_minor=terms.amount_minor, currency=terms.currency, until=until_)
            await own.notify("payout_held", amount_minor=terms.amount_minor, currency=terms.currency, until=until_)

    @activity.defn
    async def ask_again(self, wanted: DrawWanted) -> None:
        """Without a word to the owner; without their consent, a refusal that says which is missing."""
        application_id = await application_of(self._steps, wanted.line_id)
        await self._registers.ask(Case(application_id=application_id, cause=wanted.cause))

    @activity.defn
    async def judge_again(self, wanted: DrawWanted) -> LineDone:
        """A verdict of its own on the line's application. A yes makes it fresh; else a person looks before more is
        paid: that is the condition of every draw, and no change of the line."""
        async with self._steps.step(
            await application_of(self._steps, wanted.line_id), wanted.cause, "line_refreshed", "line_looked_at"
        ) as step:
            line = await lines.locked(step.session, wanted.line_id)
            if not step.done:
                _, rules = rules_of(self._book, line)
                judged = await self._judge.judge(step)
                await self._underwriting.keep(step, derived_id("decision", str(wanted.cause)), judged, ())
                today = business_date(step.now, self._jurisdiction)
                if today >= line.review_on:
                    line.review_on = add_months(today, rules.review_months)
                if judged.verdict.outcome is Outcome.APPROVE:
                    line.fresh_until = today + timedelta(days=rules.fresh_days)
                    await step.tell("line_refreshed", until=line.fresh_until.isoformat())
                else:
                    codes = [_reason(one) for one in judged.verdict.reasons]
                    await ask_person(step, line, codes, asked_by_owner=False)
                    await step.tell("line_looked_at")
                step.stay(**step.application.note)
            task = await lines.open_review(step.session, line.application_id)
            today = business_date(step.now, self._jurisdiction)
            fresh = is_fresh(await lines.facts(step.session, line, self._receivables, today), today)
            return LineDone("fresh" if fresh else "looked_at", line.version, task.id if task else None)

    @activity.defn
    async def start_draw(self, drawn: Drawn) -> None:
        """As an activity, since a line continues as new and would take a child with it."""
        if drawn.payout_id is None:
            raise LookupError("only a draw that was made has a payout")
        await self._starter.start("Payout", "payout", drawn.payout_id, "payout_id")


class _Draw:
    """A draw's application and its place among the draws of its line, from 1."""

    def __init__(self, application: Application, number: int) -> None:
        self.application = application
        self.number = number


def _reason(reason: Reason) -> dict[str, Any]:
    return {"code": str(reason.code), "params": dict(reason.params)}


def _projection(terms: Terms, usual: tuple[int, ...] | int, today: date, coupon_minor: int) -> dict[str, Any]:
    """As an offer's is kept."""
    weathers = three_weathers(terms, usual, today, coupon_minor=coupon_minor)
    monthly = usual if isinstance(usual, int) else sum(usual) // len(usual)
    named = (("good", weathers.good), ("normal", weathers.normal), ("slow", weathers.slow))
    return {
        "shape": "as_asked",
        "monthly_net_revenue_minor": monthly,
        "monthly_series": [] if isinstance(usual, int) else list(usual),
        "as_of": today.isoformat(),
        "weathers": {
            name: {
                "finish_on": one.finish_on.isoformat() if one.finish_on else None,
                "months": one.months,
                "total_interest_minor": one.total_interest_minor,
                "total_minor": one.total_minor,
            }
            for name, one in named
        },
    }
