"""What a verdict rests on: the score of the bills, what the bureau said, the rules, and the plans that sales carry.

Scoring and plans depend on nothing but bills, date, model and request. They are worked out when a bill was read, while
its owner looks at it, and kept in this process; a verdict that finds nothing here works it out itself, to the same end.
"""

import asyncio
import time
from collections import OrderedDict
from dataclasses import replace
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from activities.across import findings_across
from activities.basis import basis_of
from activities.champion import Champion
from activities.judged import Judged, Plan, plan_of
from activities.knowing import Bills, Knowing, Known, graded, remember
from activities.registers import Facts, Registers
from activities.steps import Step, Steps
from db import clocks, documents, exposure, scoring_models
from db.tables import Application, Firm
from lending.calendars import Jurisdiction
from lending.decisions import decide
from lending.exposure import group_minor
from lending.offers import make_offers, most_that_fits
from lending.refusals import ConsentMissing, OutsidePolicy
from lending.replaying import without_model
from lending.suspicions import Level, reasons, weigh
from lending.verdicts import Change, Outcome, PathKind, PathToYes, Policy, Ratios, Request, Score, Verdict
from lending.way_to_yes import ways_to_a_lower_price
from policies.book import PolicyBook
from scoring.counterfactual import prospects, rescoring
from scoring.health import Health, health_of

# How the book is spread over trades moves by the day: one sum a minute is as good as one for every applicant.
BOOK_SECONDS = 60.0
log = structlog.get_logger(__name__)


class Judge:
    """Judges applications, and thinks ahead for those that will be judged soon."""

    def __init__(
        self, steps: Steps, registers: Registers, book: PolicyBook, champion: Champion, jurisdiction: Jurisdiction
    ) -> None:
        self._steps = steps
        self._registers = registers
        self._book = book
        self._champion = champion
        self.jurisdiction = jurisdiction
        self.calendar = book.calendars.get(jurisdiction.value)
        self._knowing = Knowing(book, champion, jurisdiction)
        self._plans: OrderedDict[tuple[Bills, str, Request], tuple[Plan, ...]] = OrderedDict()
        self._thinking: dict[UUID, asyncio.Task[None]] = {}
        self._foreseen: OrderedDict[UUID, None] = OrderedDict()
        self._trades: tuple[float, dict[str | None, int]] | None = None

    async def judge(self, step: Step) -> Judged:
        """The verdict on an application as it stands. Raises what ``Champion.get`` raises."""
        application = step.application
        policy = self._book.policy(application.product_id)
        bills, known = await self._knowing.read(step.session, application, step.now)
        assessment = known.assessment
        score = graded(known, policy)
        facts = await self._registers.facts(step, bills.as_of)
        across = await findings_across(step.session, application, step.now, self._book.fraud)
        suspicion = weigh([*known.findings, *across], self._book.fraud)
        ratios = Ratios(
            months_of_history=assessment.months_of_history,
            monthly_net_revenue_minor=assessment.monthly_net_revenue_minor,
            revenue_p10_minor=known.bad_month.revenue_minor,
            revenue_p10_told_by=known.bad_month.told_by,
            bills_differ=known.differ,
            unsplit_percent=known.unsplit_percent,
            corrected_percent=known.corrected_percent,
            assets_bought_minor=known.assets_bought_minor,
            to_explain=reasons(suspicion, self._book.fraud),
            held=suspicion.level is Level.CERTAIN,
            papers_to_look_at=await documents.unlooked(step.session, application.id),
            **facts.ratios,
            **await self._standing(step, known, facts, policy),
        )
        verdict = await self._decide(step, bills, score, ratios, policy)
        if bills.model_id is None:
            verdict = without_model(verdict, ratios, policy, _request(application))
        health = await self._health(step, judged=Judged(verdict, score, ratios, assessment, bills), policy=policy)
        return Judged(
            verdict,
            score,
            ratios,
            assessment,
            bills,
            health,
            suspicion.findings,
            found=verdict,
            registers=facts.hashes,
            buyer=known.main_buyer(policy.exposure),
            request=_request(application),
            left_out=known.left_out,
        )

    async def _standing(self, step: Step, known: "Known", facts: Facts, policy: Policy) -> dict[str, Any]:
        """Who applies, and what hangs already on that group, that trade, that buyer."""
        firm_id = step.application.firm_id
        kind, trade = (await step.session.execute(select(Firm.kind, Firm.trade).where(Firm.id == firm_id))).one()
        with_us = await exposure.of_group(step.session, step.application.id, facts.others)
        outside = facts.guarantees_minor
        trades = await self._by_trade(step.session)
        buyer = known.main_buyer(policy.exposure)
        on_buyer = await exposure.on_buyer(step.session, buyer) if buyer else 0
        return {
            "kind": kind,
            "trade": trade or "",
            "group_minor": group_minor(policy.exposure, with_us_minor=with_us, outside_guarantees_minor=outside),
            "book_minor": sum(trades.values()),
            "trade_book_minor": trades.get(trade, 0) if trade else 0,
            "buyer_book_minor": on_buyer,
        }

    async def _by_trade(self, session: AsyncSession) -> dict[str | None, int]:
        now = time.monotonic()
        if self._trades is None or now - self._trades[0] > BOOK_SECONDS:
            self._trades = now, await exposure.by_trade(session)
        return self._trades[1]

    async def _decide(self, step: Step, bills: Bills, score: Score, ratios: Ratios, policy: Policy) -> Verdict:
        """The verdict, with the ways to a yes or a lower price that the bills, changed and read anew, have proven."""
        request = _request(step.application)
        verdict = decide(score, ratios, policy, request, ())
        if verdict.outcome is Outcome.REVIEW or bills.model_id is None:
            return verdict
        model = (await self._champion.get(step.session, step.application.id)).model
        evidence = await self._knowing.evidence(step.session, bills)
        bad_months = await self._knowing.bad_months(step.session, bills)
        tried = prospects(model, evidence, bills.as_of, ratios, policy, bad_months)
        # Some dozens of firms that might be, read by the model: others go on meanwhile.
        if verdict.outcome is Outcome.APPROVE:
            cheaper = await asyncio.to_thread(ways_to_a_lower_price, score, ratios, policy, request, tried)
            return replace(verdict, ways_to_yes=cheaper)
        rescored = rescoring(model, evidence, bills.as_of, policy)
        return await asyncio.to_thread(decide, score, ratios, policy, request, tried, rescored)

    async def _health(self, step: Step, *, judged: Judged, policy: Policy) -> Health | None:
        """How healthy the business looks beside the verdict; nothing of it goes into the verdict."""
        if judged.model_id is None:
            return None
        model = (await self._champion.get(step.session, step.application.id)).model
        trade = await step.session.scalar(select(Firm.trade).where(Firm.id == judged.bills.firm_id))
        bound = float(policy.debt_service_up_to)
        return health_of(model, judged.assessment.features, judged.ratios, bound, trade or "")

    async def score_beside(self, step: Step, decision_id: UUID, judged: Judged) -> None:
        """What the other models at work say of the same firm goes beside the decision: stored, never used."""
        beside, features = judged.bills.beside, judged.assessment.features
        for post, pd in await self._champion.score_beside(step.session, beside, features):
            await scoring_models.keep_shadow(
                step.session, decision_id=decision_id, model_id=post.model_id, role=post.role, pd=pd, at=step.now
            )

    async def basis(self, step: Step, judged: Judged, plans: tuple[Plan, ...]) -> dict[str, Any]:
        """All that the machine's answer can be found again from, beside the row's own columns."""
        model_id, assessment = judged.model_id, judged.assessment
        return basis_of(
            score=judged.score,
            request=judged.request or _request(step.application),
            verdict=judged.by_machine,
            plans=tuple(plan.terms_hash for plan in plans),
            series=assessment.monthly_series or assessment.monthly_net_revenue_minor,
            as_of=judged.bills.as_of,
            jurisdiction=self.jurisdiction,
            model_sha256=await scoring_models.sha256_of(step.session, model_id) if model_id else None,
            instead=judged.bills.instead,
            registers=judged.registers,
            left_out=judged.left_out,
        )

    async def months(self, step: Step) -> int:
        """How many whole months the bills tell of."""
        _, known = await self._knowing.read(step.session, step.application, step.now)
        return known.months

    async def plans(self, application: Application, judged: Judged) -> tuple[Plan, ...]:
        """The plans that the sales carry; none where even the longest horizon is too short for them."""
        request = _request(application)
        known = (judged.bills, application.product_id, request)
        within = judged.verdict.outcome is Outcome.APPROVE and request.amount_minor <= judged.verdict.limit_minor
        if within and known in self._plans:
            return self._plans[known]
        product = self._book.product(application.product_id)
        assessment, as_of = judged.assessment, judged.bills.as_of
        usual = assessment.monthly_series or assessment.monthly_net_revenue_minor
        try:
            # Three plans in three weathers are tens of milliseconds of walking: others go on meanwhile.
            offers = await asyncio.to_thread(
                make_offers, product, judged.verdict, request, usual, as_of, self.jurisdiction, self.calendar
            )
        except OutsidePolicy:
            return ()
        plans = tuple(plan_of(offer, assessment, as_of) for offer in offers)
        remember(self._plans, known, plans)
        return plans

    async def ways_to_a_plan(self, application: Application, judged: Judged) -> tuple[PathToYes, ...]:
        """Where no plan repays what was asked for: the most that one does repay, with its plans made. The longest term
        and the largest share have been tried already, so that only a smaller amount is left."""
        request = judged.request or _request(application)
        policy = self._book.policy(application.product_id)
        product, as_of = self._book.product(application.product_id), judged.bills.as_of
        months = judged.assessment.monthly_series or judged.assessment.monthly_net_revenue_minor
        amount = await asyncio.to_thread(most_that_fits, product, judged.verdict, months, as_of)
        if amount is None or amount >= request.amount_minor or not policy.ways.way(PathKind.SMALLER_AMOUNT):
            return ()
        smaller = replace(request, amount_minor=amount)
        try:
            offers = await asyncio.to_thread(
                make_offers, product, judged.verdict, smaller, months, as_of, self.jurisdiction, self.calendar
            )
        except OutsidePolicy:
            return ()
        term = offers[0].terms.months
        change = Change(PathKind.SMALLER_AMOUNT, amount_minor=amount)
        rate = judged.verdict.annual_rate
        way = PathToYes(PathKind.SMALLER_AMOUNT, Outcome.APPROVE, amount, None, (change,), amount, term, rate)
        return (way,)

    # --- thinking ahead -----------------------------------------------------------------------------------------------

    def think_ahead(self, application_id: UUID, *, anew: bool = True) -> None:
        """Work out in the background what a verdict will ask for; unless ``anew``, only where nothing was yet."""
        before = self._thinking.get(application_id)
        if not anew and (before is not None or application_id in self._foreseen):
            return
        task = asyncio.create_task(self._think(application_id, before))
        self._thinking[application_id] = task
        task.add_done_callback(lambda done: self._forget(application_id, done))

    async def thought(self, application_id: UUID) -> None:
        """Wait for what is being worked out: doing it a second time would take longer."""
        if task := self._thinking.get(application_id):
            await asyncio.wait((task,))

    def _forget(self, application_id: UUID, task: asyncio.Task[None]) -> None:
        if self._thinking.get(application_id) is task:
            del self._thinking[application_id]

    async def _think(self, application_id: UUID, before: asyncio.Task[None] | None) -> None:
        if before is not None:  # a bill that was read meanwhile: the newest thought sees all of them
            await asyncio.wait((before,))
        try:
            async with self._steps.sessions.begin() as session:
                application = await session.get_one(Application, application_id)
                now = await clocks.now(session, self._steps.clock_id)
                bills, known = await self._knowing.read(session, application, now)
            assessment = known.assessment
            policy = self._book.policy(application.product_id)
            score = graded(known, policy)
            ratios = Ratios(
                assessment.months_of_history,
                assessment.monthly_net_revenue_minor,
                revenue_p10_minor=known.bad_month.revenue_minor,
                revenue_p10_told_by=known.bad_month.told_by,
            )
            verdict = decide(score, ratios, policy, _request(application), ())
            if verdict.outcome is Outcome.APPROVE:
                await self.plans(application, Judged(verdict, score, ratios, assessment, bills))
            remember(self._foreseen, application_id, None)
        except ConsentMissing:  # taken back meanwhile: nothing is worked out, and the verdict will say so
            pass
        except Exception:  # nothing rests on this: the verdict itself will meet the fault and say it
            log.warning("judge.not_ahead", application_id=str(application_id), exc_info=True)


def _request(application: Application) -> Request:
    return Request(application.amount_minor, application.months, application.purpose or "")
