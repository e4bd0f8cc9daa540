"""From submitted evidence to a verdict and offers, each in one transaction with the projection."""

from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from temporalio import activity

from activities import promising
from activities.collateral_steps import WHY
from activities.judged import Judged, Plan
from activities.judging import Judge
from activities.ports import underwriting as port
from activities.ports.intake import Case
from activities.ports.underwriting import Decided, PersonDecided, ReviewWanted, Submitted
from activities.registers import Registers
from activities.sending import ask_outside, open_review, wait_for_people, wanted_outside
from activities.steps import Step, Steps
from db import (
    applications,
    collateral,
    coupons,
    decisions,
    documents,
    exposure,
    invoices,
    offline,
    trust,
)
from db.tables import Decision, Offer
from db.writing import into
from lending.applications import REVIEW_WITHIN, Stage
from lending.calendars import business_date
from lending.collateral import carried
from lending.coupons import Coupon, as_offered, best
from lending.identifiers import derived_id
from lending.parties import GUARANTEE_ASKED
from lending.refusals import PapersMissing
from lending.suspicions import Finding
from lending.trust import Benefits
from lending.verdicts import REASONS_AT_MOST, Outcome, PathToYes, Reason, ReasonCode
from policies.book import PolicyBook
from policies.kept import content_hash, written

# How the story tells that people were asked.
ASKED = ("review_opened", "offline_asked")


class Underwriting(port.Underwriting):
    """Submission, bureau, decision, review."""

    def __init__(self, steps: Steps, registers: Registers, book: PolicyBook, judge: Judge) -> None:
        self._steps = steps
        self._registers = registers
        self._book = book
        self._judge = judge
        self._jurisdiction = judge.jurisdiction

    @activity.defn
    async def accept_submission(self, case: Case) -> Submitted:
        """Enough months, or what is missing and how to get it; nothing is lost either way."""
        async with self._steps.step(case.application_id, case.cause, "submitted", "not_enough_history") as step:
            application = step.application
            needed = self._book.policy(application.product_id).months_of_history
            months = await self._judge.months(step)
            enough = months >= needed
            if not step.done:
                if enough:
                    await self._papers(step)
                    await self._carried(step, step.application.amount_minor, valued=False)
                    step.move(Stage.DECIDING)
                    await step.tell("submitted", actor="owner", months=months)
                else:
                    step.stay(problem="not_enough_history", months_seen=months, months_needed=needed)
                    await step.tell("not_enough_history", months_seen=months, months_needed=needed)
            submitted = Submitted(standing=await step.standing(), enough=enough, months=months)
        if enough:
            self._judge.think_ahead(case.application_id, anew=False)  # while the bureau is asked
        return submitted

    async def _papers(self, step: Step) -> None:
        """What has to be brought is there; raises :class:`PapersMissing` with the first that is not."""
        if lacking := await documents.missing_of(step.session, self._book.checklist, step.application):
            raise PapersMissing(item=lacking[0])

    async def _carried(self, step: Step, amount_minor: int, *, valued: bool) -> None:
        """A secured loan is asked for within what its pieces may carry, and agreed to within what valuers have found.

        Raises :class:`CollateralShort`, or :class:`CollateralNotValued` where only values are missing.
        """
        application = step.application
        if self._book.product(application.product_id).secured_by is None:
            return
        today = business_date(step.now, self._jurisdiction)
        found, expected = await collateral.covers(step.session, application.id, self._book.collateral, today)
        carried(amount_minor, found=found, expected=expected, valued=valued, currency=application.currency)

    @activity.defn
    async def ask_bureau(self, case: Case) -> None:
        """Bureau, courts and register at once, under the consent in force; without one, none is asked."""
        await self._registers.ask(case)

    @activity.defn
    async def decide_application(self, case: Case) -> Decided:
        """Features, score, rules, verdict, offers."""
        await self._judge.thought(case.application_id)
        async with self._steps.step(case.application_id, case.cause, "approved", "declined", *ASKED) as step:
            decision_id = derived_id("decision", str(case.cause))
            if step.done:
                return await self._as_decided(step, decision_id)
            judged = await self._judge.judge(step)
            await self._looked(step, judged)
            plans = (
                await self._judge.plans(step.application, judged) if judged.verdict.outcome is Outcome.APPROVE else ()
            )
            if judged.verdict.outcome is Outcome.APPROVE and not plans:
                judged = judged.found_no_plan(await self._judge.ways_to_a_plan(step.application, judged))
            await self.keep(step, decision_id, judged, plans)
            match judged.verdict.outcome:
                case Outcome.APPROVE:
                    await self._offer(step, decision_id, judged, plans)
                case Outcome.REVIEW:
                    await self._ask(step, judged.verdict.reasons)
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
        async with self._steps.step(decided.application_id, decided.task_id, "approved", "declined", *ASKED) as step:
            decision_id = derived_id("decision", str(decided.task_id))
            if step.done:
                return await self._as_decided(step, decision_id)
            task = await applications.task(step.session, decided.task_id)
            outcome: dict[str, Any] = task.outcome or {}
            if outside := self._book.offline.kind(str(outcome.get("offline", ""))):
                await ask_outside(step, (outside,), why="person", words=str(outcome.get("reason", "")))
                return await self._as_decided(step, decision_id)
            judged = await self._judge.judge(step)
            await self._looked(step, judged)
            by, words = str(outcome.get("staff_id", "")), str(outcome.get("reason", ""))
            plans: tuple[Plan, ...] = ()
            if outcome.get("verdict") == "approve":
                await self._papers(step)
                asked = step.application.amount_minor
                amount = int(outcome.get("amount_minor") or asked)
                await self._carried(step, amount, valued=True)
                step.application.amount_minor = amount
                judged = judged.approved(_persons_yes(asked, amount, words), limit_minor=amount)
                policy, grade = self._book.policy(step.application.product_id), judged.verdict.grade
                # A condition stands in the decision, the person's own or the policy's; whoever pays out reads it there.
                if outcome.get("guarantor") or policy.takes_a_guarantor(grade, amount):
                    reasons = (*judged.verdict.reasons, Reason(GUARANTEE_ASKED))
                    judged = replace(judged, verdict=replace(judged.verdict, reasons=reasons))
                plans = await self._judge.plans(step.application, judged)
            if plans:
                await self.keep(step, decision_id, judged, plans, by=by)
                await promising.make(step, self._book, decision_id, outcome.get("conditions") or (), by=by)
                await self._offer(step, decision_id, judged, plans, actor="manager")
            else:
                judged = judged.declined(*_persons_no(judged, words))
                await self.keep(step, decision_id, judged, plans, by=by)
                await self._decline(step, judged, actor="manager")
            return await self._as_decided(step, decision_id)

    @activity.defn
    async def go_on_to_review(self, decided: PersonDecided) -> Decided:
        """The case opens with its own clock: whoever decides has not had it before."""
        async with self._steps.step(decided.application_id, decided.task_id, *ASKED) as step:
            last = await applications.last_decision(step.session, decided.application_id)
            if last is None:
                raise LookupError("a task outside came before a decision")
            if not step.done:
                reasons = tuple(Reason(one["code"], tuple(one["params"].items())) for one in last.reasons)
                await self._ask(step, reasons)
            return await self._as_decided(step, last.id)

    async def _looked(self, step: Step, judged: Judged) -> None:
        """What the verdict read of the owner's, for the record that they see."""
        await step.look("flows")
        firm_id = step.application.firm_id
        if "invoices" in judged.bills.sources and not judged.left_out and await invoices.any_of(step.session, firm_id):
            await step.look("invoices")

    async def _decline(self, step: Step, judged: Judged, *, actor: str = "system") -> None:
        """An answer and no dead end: reasons, a way to yes, a person who looks again."""
        step.move(Stage.DECLINED)
        reasons = [reason.code for reason in judged.verdict.reasons]
        await step.tell("declined", actor=actor, reasons=reasons)
        await step.notify("declined", reasons=reasons)

    # --- what it writes -----------------------------------------------------------------------------------------------

    async def keep(
        self, step: Step, decision_id: UUID, judged: Judged, plans: tuple[Plan, ...], *, by: str = "model"
    ) -> None:
        """Write a verdict down with all that it rested on, and its policy."""
        verdict, path = judged.verdict, judged.verdict.path_to_yes
        found, policy = judged.by_machine, self._book.policy(step.application.product_id)
        content = written(policy)
        await decisions.keep_policy(
            step.session,
            sha256=(policy_sha256 := content_hash(content)),
            product_id=policy.product.id,
            version=policy.version,
            content=content,
        )
        await step.session.execute(
            into(Decision).values(
                id=decision_id,
                application_id=step.application.id,
                person_id=step.application.person_id,
                n=applications.next_decision(step.application.id),
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
                ways_to_yes=[_way(way) for way in verdict.ways_to_yes],
                health=judged.health.as_json() if judged.health else None,
                limit_minor=verdict.limit_minor,
                pd=judged.score.pd if judged.model_id else None,
                grade=judged.score.grade if judged.model_id else None,
                confidence=judged.score.confidence if judged.model_id else None,
                features=judged.assessment.features,
                ratios=asdict(judged.ratios),
                model_id=judged.model_id,
                model_role=judged.bills.role,
                findings=[finding_as_json(one) for one in judged.findings],
                policy_version=self._book.version,
                decided_by=by,
                decided_at=step.now,
                annual_rate=found.annual_rate,
                longest_months=found.longest_months,
                route=found.route.value,
                route_reason=found.route_reason,
                policy_sha256=policy_sha256,
                basis=await self._judge.basis(step, judged, plans if by == "model" else ()),
            )
        )
        await self._judge.score_beside(step, decision_id, judged)

    async def _offer(
        self, step: Step, decision_id: UUID, judged: Judged, plans: tuple[Plan, ...], *, actor: str = "system"
    ) -> None:
        """Plans on the table; the amount asked for is never above what was approved."""
        application = step.application
        if judged.buyer is not None:
            role_id = derived_id("party-role", f"{application.id}/buyer/{judged.buyer.hex()}")
            await exposure.note_role(
                step.session,
                role_id=role_id,
                application_id=application.id,
                role="buyer",
                key=judged.buyer,
                at=step.now,
            )
        chosen = await self._coupons(step, plans)
        longer = timedelta(days=(await self._benefits(step)).offer_days)
        await step.session.execute(
            into(Offer).values(
                [
                    {
                        "id": derived_id("offer", f"{decision_id}/{plan.number}"),
                        "application_id": application.id,
                        "person_id": application.person_id,
                        "decision_id": decision_id,
                        "n": plan.number,
                        "terms": plan.terms,
                        "terms_hash": plan.terms_hash,
                        "projection": {**plan.projection, **as_offered(chosen.get(plan.number))},
                        "expires_at": plan.expires_at + longer,
                    }
                    for plan in plans
                ]
            )
        )
        step.move(Stage.OFFERED, until=plans[0].expires_at + longer)
        said: dict[str, Any] = {"limit_minor": judged.verdict.limit_minor, "currency": application.currency}
        await step.tell("approved", actor=actor, **said)
        # Somebody who moves a slider reads the new plans on the page: a message is for what they do not know.
        if actor != "system" or await decisions.limit_before(step.session, decision_id) != judged.verdict.limit_minor:
            await step.notify("offer_ready", **said)

    async def _ask(self, step: Step, reasons: tuple[Reason, ...]) -> None:
        """What the rules want seen outside comes first; then somebody decides."""
        if outside := await wanted_outside(step, self._book.offline):
            await ask_outside(step, outside, why="rule")
        else:
            await self._ask_person(step, reasons)

    async def _ask_person(self, step: Step, reasons: tuple[Reason, ...]) -> None:
        """A task with an owner's role and a time, and the customer reads the same time."""
        due_at = step.now + min(REVIEW_WITHIN, (await self._benefits(step)).review_within)
        codes = [reason.code for reason in reasons]
        await open_review(step, reasons, due_at)
        wait_for_people(step, due_at)
        await step.tell("review_opened", reasons=codes, due_at=due_at.isoformat())
        await step.notify("review_opened", due_at=due_at.isoformat())

    async def _coupons(self, step: Step, plans: tuple[Plan, ...]) -> dict[int, Coupon]:
        """The best coupon for each plan, kept for this application while it is open; the terms know nothing of it."""
        if plans[0].terms.get("line_months"):
            return {}  # a line pays no interest of its own: each draw takes the best one then
        on = date.fromisoformat(plans[0].projection["as_of"])
        application = step.application
        held = await coupons.usable(step.session, application.person_id, on=on, application=application.id)
        chosen: dict[int, Coupon] = {}
        for plan in plans:
            interest = int(plan.projection["weathers"]["normal"]["total_interest_minor"])
            amount = int(plan.terms["amount_minor"])
            coupon = best(held, amount_minor=amount, interest_minor=interest, on=on)
            if coupon is not None:
                chosen[plan.number] = coupon
        await coupons.keep_for(step.session, {one.id for one in chosen.values()}, application.id)
        return chosen

    async def _benefits(self, step: Step) -> Benefits:
        """What the owner has earned: longer offers, a person's answer sooner. No verdict and no price hangs on it."""
        return self._book.trust.benefits(await trust.level_of(step.session, step.application.person_id))

    async def _as_decided(self, step: Step, decision_id: UUID) -> Decided:
        await step.session.flush()
        in_review = step.stage is Stage.REVIEW
        task = await applications.open_task(step.session, step.application.id) if in_review else None
        outside = await offline.of_application(step.session, step.application.id) if in_review and not task else ()
        outcomes = {Stage.OFFERED: "approve", Stage.REVIEW: "review"}
        return Decided(
            standing=await step.standing(),
            outcome=outcomes.get(step.stage, "decline"),
            decision_id=decision_id,
            task_id=task.id if task else None,
            offline=tuple(one.id for one in outside if one.state == "open" and one.params.get("why") != WHY),
        )


def _way(way: PathToYes) -> dict[str, Any]:
    """A way to a yes as it is kept: rates and shares as texts."""
    return {
        "outcome": way.outcome.value,
        "lent_minor": way.lent_minor,
        "lent_months": way.lent_months,
        "annual_rate": None if way.annual_rate is None else str(way.annual_rate),
        "changes": [
            {
                "kind": change.kind.value,
                "amount_minor": change.amount_minor,
                "months": change.months,
                "share": None if change.share is None else str(change.share),
            }
            for change in way.changes
        ],
    }


def finding_as_json(finding: Finding) -> dict[str, Any]:
    """As the decision keeps it: what was found, how strongly, and the rows to show."""
    return {
        "rule": finding.rule,
        "score": str(finding.score),
        "facts": dict(finding.facts),
        "rows": [{"on": row.on, "amount_minor": row.amount_minor, "direction": row.direction} for row in finding.rows],
    }


def _persons_yes(asked_minor: int, amount_minor: int, words: str) -> Reason:
    """What the owner reads of a person's yes: how much of what was asked for, and why in that person's own words."""
    if amount_minor == asked_minor:
        return Reason("person_approved", (("words", words),))
    figures = (("amount_minor", str(amount_minor)), ("asked_minor", str(asked_minor)))
    return Reason("person_approved_other", (*figures, ("words", words)))


def _persons_no(judged: Judged, words: str) -> tuple[Reason, ...]:
    """The person's own words first, then what the rules said; a yes that no plan fits has the rules' word alone."""
    if judged.verdict.outcome is Outcome.APPROVE:
        return (Reason(ReasonCode.NO_PLAN_FITS),)
    return (Reason("person_declined", (("words", words),)), *judged.verdict.reasons)[:REASONS_AT_MOST]
