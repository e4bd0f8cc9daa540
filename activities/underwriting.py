"""From submitted evidence to a verdict and offers, each in one transaction with the projection."""

import asyncio
import json
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from temporalio import activity

from activities.allowing import consents_of
from activities.champion import Champion
from activities.ports import underwriting as port
from activities.ports.intake import Case
from activities.ports.underwriting import Decided, PersonDecided, ReviewWanted, Submitted
from activities.private import Private
from activities.steps import Step, Steps
from db import applications
from db.tables import Application, BureauReport, Decision, Offer, StatementLine, Task
from gateways.bureau import Bureau, ReportOrder
from infra.settings import Settings
from lending import consents
from lending.applications import REVIEW_WITHIN, Stage
from lending.calendars import Jurisdiction, business_date
from lending.consents import Purpose
from lending.decisions import Outcome, Ratios, Reason, ReasonCode, Request, Score, Verdict, decide
from lending.identifiers import derived_id
from lending.offers import Offer as Plan
from lending.offers import make_offers
from lending.refusals import OutsidePolicy
from lending.terms import canonical
from policies.book import PolicyBook
from scoring.assessment import Assessment, Lines, assess


@dataclass(frozen=True)
class Judged:
    """A verdict with everything that it rested on."""

    verdict: Verdict
    score: Score
    ratios: Ratios
    assessment: Assessment
    model_id: str

    def approved(self, *, limit_minor: int) -> "Judged":
        """The same with a person's yes."""
        verdict = replace(self.verdict, outcome=Outcome.APPROVE, reasons=(), limit_minor=limit_minor, path_to_yes=None)
        return replace(self, verdict=verdict)

    def declined(self, *reasons: Reason) -> "Judged":
        """The same with a no for these reasons."""
        return replace(self, verdict=replace(self.verdict, outcome=Outcome.DECLINE, reasons=reasons))


class Underwriting(port.Underwriting):
    """Submission, bureau, decision, review."""

    def __init__(
        self, steps: Steps, private: Private, bureau: Bureau, book: PolicyBook, champion: Champion, settings: Settings
    ) -> None:
        self._steps = steps
        self._private = private
        self._bureau = bureau
        self._book = book
        self._champion = champion
        self._jurisdiction = Jurisdiction(settings.jurisdiction)

    @activity.defn
    async def accept_submission(self, case: Case) -> Submitted:
        """Enough months, or what is missing and how to get it; nothing is lost either way."""
        async with self._steps.step(case.application_id, case.cause, "submitted", "not_enough_history") as step:
            application = step.application
            needed = self._book.policy(application.product_id).months_of_history
            months = await applications.months_covered(step.session, _firm(application))
            enough = months >= needed
            if not step.done:
                if enough:
                    step.move(Stage.DECIDING)
                    await step.tell("submitted", actor="owner", months=months)
                else:
                    step.stay(problem="not_enough_history", months_seen=months, months_needed=needed)
                    await step.tell("not_enough_history", months_seen=months, months_needed=needed)
            return Submitted(standing=await step.standing(), enough=enough, months=months)

    @activity.defn
    async def ask_bureau(self, case: Case) -> None:
        """One inquiry under the consent in force; without one, the question is not asked."""
        report_id = derived_id("bureau-report", str(case.cause))
        async with self._steps.step(case.application_id, case.cause, "bureau_asked") as step:
            if await step.session.get(BureauReport, report_id) is not None:
                return
            person_id = step.application.person_id
            given = consents_of(await applications.consents(step.session, person_id))
            consent = consents.require(Purpose.BUREAU_QUERY, given, step.now)
            owner = await self._private.owner(step.session, person_id)
        report = await self._bureau.report(
            ReportOrder(
                inquiry_id=str(report_id),
                name=owner.name,
                id_number=owner.id_number,
                consent_hash=consent.text_hash,
            )
        )
        text = json.dumps(asdict(report), default=str)
        async with self._steps.step(case.application_id, case.cause, "bureau_asked") as step:
            sealed = await self._private.seal(step.session, person_id, "bureau_report.report", report_id, text)
            await step.session.execute(
                insert(BureauReport)
                .values(
                    id=report_id,
                    person_id=person_id,
                    application_id=case.application_id,
                    consent_id=given[consent],
                    reference=report.reference,
                    report_sealed=sealed,
                    received_at=step.now,
                )
                .on_conflict_do_nothing()
            )

    @activity.defn
    async def decide_application(self, case: Case) -> Decided:
        """Features, score, rules, verdict, offers."""
        async with self._steps.step(case.application_id, case.cause, "approved", "declined", "review_opened") as step:
            decision_id = derived_id("decision", str(case.cause))
            if step.done:
                return await self._as_decided(step, decision_id)
            judged = await self._judge(step)
            plans = await self._plans(step, judged) if judged.verdict.outcome is Outcome.APPROVE else ()
            if judged.verdict.outcome is Outcome.APPROVE and not plans:
                judged = judged.declined(Reason(ReasonCode.SALES_CANNOT_CARRY))
            await self._record(step, decision_id, judged)
            match judged.verdict.outcome:
                case Outcome.APPROVE:
                    await self._offer(step, decision_id, judged, plans)
                case Outcome.REVIEW:
                    await self._ask_person(step, judged.verdict.reasons)
                case Outcome.DECLINE:
                    await self._decline(step, judged)
            return await self._as_decided(step, decision_id)

    @activity.defn
    async def open_review(self, wanted: ReviewWanted) -> Decided:
        """A machine's no is looked at by a person; the machine's score is not shown before that person's own view."""
        async with self._steps.step(wanted.application_id, wanted.cause, "review_opened") as step:
            last = await applications.last_decision(step.session, wanted.application_id)
            if last is None:
                raise LookupError("a review came before a decision")
            if not step.done:
                await self._ask_person(step, (Reason("asked_by_owner"),))
            return await self._as_decided(step, last.id)

    @activity.defn
    async def apply_review(self, decided: PersonDecided) -> Decided:
        """The person's verdict, within what the rules of the product allow at all."""
        async with self._steps.step(decided.application_id, decided.task_id, "approved", "declined") as step:
            decision_id = derived_id("decision", str(decided.task_id))
            if step.done:
                return await self._as_decided(step, decision_id)
            task = await applications.task(step.session, decided.task_id)
            outcome: dict[str, Any] = task.outcome or {}
            judged = await self._judge(step)
            by = str(outcome.get("staff_id", ""))
            plans: tuple[Plan, ...] = ()
            if outcome.get("verdict") == "approve":
                amount = int(outcome.get("amount_minor") or step.application.amount_minor)
                step.application.amount_minor = amount
                judged = judged.approved(limit_minor=amount)
                plans = await self._plans(step, judged)
            if plans:
                await self._record(step, decision_id, judged, by=by)
                await self._offer(step, decision_id, judged, plans, actor="manager")
            else:
                judged = judged.declined(*(judged.verdict.reasons or (Reason("a_person_declined"),)))
                await self._record(step, decision_id, judged, by=by)
                await self._decline(step, judged, actor="manager")
            return await self._as_decided(step, decision_id)

    async def _decline(self, step: Step, judged: Judged, *, actor: str = "system") -> None:
        """An answer and no dead end: reasons, a way to yes, a person who looks again."""
        step.move(Stage.DECLINED)
        reasons = [reason.code for reason in judged.verdict.reasons]
        await step.tell("declined", actor=actor, reasons=reasons)
        await step.notify("declined", reasons=reasons)

    # --- judging ------------------------------------------------------------------------------------------------------

    async def _judge(self, step: Step) -> Judged:
        application = step.application
        as_of = business_date(step.now, self._jurisdiction)
        policy = self._book.policy(application.product_id)
        model_id, model = await self._champion.get(step.session)
        told = await step.session.execute(
            select(
                StatementLine.at,
                StatementLine.direction,
                StatementLine.amount_minor,
                StatementLine.kind,
                StatementLine.counterparty_key,
            ).where(StatementLine.firm_id == _firm(application))
        )
        lines = [(at, direction, amount, kind, who) for at, direction, amount, kind, who in told]
        assessment = assess(model, Lines.from_rows(lines), as_of)
        score = replace(assessment.score, grade=policy.grade_of(assessment.score.pd))
        report = await self._report(step)
        ratios = Ratios(
            months_of_history=assessment.months_of_history,
            monthly_net_revenue_minor=assessment.monthly_net_revenue_minor,
            **(report or {}),
        )
        request = Request(amount_minor=application.amount_minor, months=application.months)
        verdict = decide(score, ratios, policy, request)
        if report is None and verdict.outcome is Outcome.APPROVE:
            # Nobody may be lent to by machine without a look at the register.
            verdict = replace(verdict, outcome=Outcome.REVIEW, reasons=(Reason("bureau_silent"),))
        return Judged(verdict=verdict, score=score, ratios=ratios, assessment=assessment, model_id=model_id)

    async def _report(self, step: Step) -> dict[str, Any] | None:
        """What the bureau said, as the ratios read it; None if it never answered."""
        row = await applications.bureau_report(step.session, step.application.id)
        if row is None:
            return None
        text = await self._private.open(step.session, row.person_id, "bureau_report.report", row.id, row.report_sealed)
        report: dict[str, Any] = json.loads(text)
        return {
            "monthly_instalments_minor": report["monthly_instalments_minor"],
            "current_overdue_minor": report["current_overdue_minor"],
            "overdue_months_24": report["overdue_months_24"],
            "enquiries_90d": report["enquiries_90d"],
            "dishonest": report["dishonest"],
        }

    async def _record(self, step: Step, decision_id: UUID, judged: Judged, *, by: str = "model") -> None:
        verdict, path = judged.verdict, judged.verdict.path_to_yes
        step.session.add(
            Decision(
                id=decision_id,
                application_id=step.application.id,
                person_id=step.application.person_id,
                n=await applications.decisions_so_far(step.session, step.application.id) + 1,
                outcome=verdict.outcome.value,
                reasons=[{"code": reason.code, "params": dict(reason.params)} for reason in verdict.reasons],
                path_to_yes=None
                if path is None
                else {
                    "kind": path.kind.value,
                    "outcome": path.outcome.value,
                    "amount_minor": path.amount_minor,
                    "months": path.months,
                },
                limit_minor=verdict.limit_minor,
                pd=judged.score.pd,
                grade=judged.score.grade,
                confidence=judged.score.confidence,
                features=judged.assessment.features,
                ratios=asdict(judged.ratios),
                model_id=judged.model_id,
                policy_version=self._book.version,
                decided_by=by,
                decided_at=step.now,
            )
        )
        await step.session.flush()

    async def _plans(self, step: Step, judged: Judged) -> tuple[Plan, ...]:
        """The plans that the sales carry; none where even the longest horizon is too short for them."""
        application = step.application
        product = self._book.product(application.product_id)
        request = Request(amount_minor=application.amount_minor, months=application.months)
        usual = judged.assessment.monthly_series or judged.assessment.monthly_net_revenue_minor
        as_of = business_date(step.now, self._jurisdiction)
        try:
            # Three plans in three weathers are tens of milliseconds of walking: others go on meanwhile.
            return await asyncio.to_thread(
                make_offers, product, judged.verdict, request, usual, as_of, self._jurisdiction
            )
        except OutsidePolicy:
            return ()

    async def _offer(
        self, step: Step, decision_id: UUID, judged: Judged, plans: tuple[Plan, ...], *, actor: str = "system"
    ) -> None:
        """Plans on the table; the amount asked for is never above what was approved."""
        application = step.application
        as_of = business_date(step.now, self._jurisdiction)
        for offer in plans:
            step.session.add(
                Offer(
                    id=derived_id("offer", f"{decision_id}/{offer.number}"),
                    application_id=application.id,
                    person_id=application.person_id,
                    decision_id=decision_id,
                    n=offer.number,
                    terms=json.loads(canonical(offer.terms)),
                    terms_hash=offer.terms_hash,
                    projection={
                        "shape": offer.shape.value,
                        "monthly_net_revenue_minor": judged.assessment.monthly_net_revenue_minor,
                        "monthly_series": list(judged.assessment.monthly_series),
                        "as_of": as_of.isoformat(),
                        "weathers": {
                            name: {
                                "finish_on": projection.finish_on.isoformat() if projection.finish_on else None,
                                "months": projection.months,
                                "total_interest_minor": projection.total_interest_minor,
                                "total_minor": projection.total_minor,
                            }
                            for name, projection in (
                                ("good", offer.weathers.good),
                                ("normal", offer.weathers.normal),
                                ("slow", offer.weathers.slow),
                            )
                        },
                    },
                    expires_at=offer.expires_at,
                )
            )
        step.move(Stage.OFFERED, until=plans[0].expires_at)
        said: dict[str, Any] = {"limit_minor": judged.verdict.limit_minor, "currency": application.currency}
        await step.tell("approved", actor=actor, **said)
        await step.notify("offer_ready", **said)

    async def _ask_person(self, step: Step, reasons: tuple[Reason, ...]) -> None:
        """A task with an owner's role and a time, and the customer reads the same time."""
        due_at = step.now + REVIEW_WITHIN
        codes = [reason.code for reason in reasons]
        step.session.add(
            Task(
                id=derived_id("task", str(step.cause)),
                kind="review",
                application_id=step.application.id,
                person_id=step.application.person_id,
                role="manager",
                state="open",
                params={"reasons": [{"code": reason.code, "params": dict(reason.params)} for reason in reasons]},
                created_at=step.now,
                due_at=due_at,
            )
        )
        step.move(Stage.REVIEW, until=due_at)
        await step.tell("review_opened", reasons=codes, due_at=due_at.isoformat())
        await step.notify("review_opened", due_at=due_at.isoformat())

    async def _as_decided(self, step: Step, decision_id: UUID) -> Decided:
        await step.session.flush()
        task = await applications.open_task(step.session, step.application.id)
        outcomes = {Stage.OFFERED: "approve", Stage.REVIEW: "review"}
        return Decided(
            standing=await step.standing(),
            outcome=outcomes.get(step.stage, "decline"),
            decision_id=decision_id,
            task_id=task.id if task else None,
        )


def _firm(application: Application) -> UUID:
    if application.firm_id is None:
        raise LookupError("a decision came before the firm was known")
    return application.firm_id
