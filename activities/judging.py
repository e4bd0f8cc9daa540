"""What a verdict rests on: the score of the bills, what the bureau said, the rules, and the plans that sales carry.

Scoring and plans depend on nothing but bills, date, model and request. They are worked out when a bill was read, while
its owner looks at it, and kept in this process; a verdict that finds nothing here works it out itself, to the same end.
"""

import asyncio
import json
import time
from collections import Counter, OrderedDict
from dataclasses import astuple, dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from activities.basis import basis_of
from activities.champion import UNSCORED, Champion
from activities.registers import Facts, Registers
from activities.steps import Step, Steps
from db import applications, clocks, exposure, flows, invoices, scoring_models, suspicions
from db.flows import CURRENCY
from db.scoring_models import Post
from db.tables import Application, Firm, StatementLine
from lending.bad_months import p10_of
from lending.calendars import Jurisdiction, business_date
from lending.decisions import decide
from lending.exposure import group_minor
from lending.flows import confidence_with, raised_percent
from lending.offers import Offer, make_offers
from lending.refusals import OutsidePolicy
from lending.replaying import without_model
from lending.suspicions import Finding, Level, reasons, weigh
from lending.terms import canonical
from lending.verdicts import Outcome, Policy, Ratios, Reason, ReasonCode, Request, Score, Verdict
from policies.book import PolicyBook
from scoring.assessment import Assessment, assess
from scoring.counterfactual import prospects
from scoring.evidence import Evidence
from scoring.fraud import findings_of
from scoring.fraud_across import Across, of_counts
from scoring.fraud_bills import of_notices
from scoring.fraud_invoices import InvoiceSeries
from scoring.health import Health, health_of
from scoring.invoices import Invoices
from scoring.lines import SALE, Lines
from scoring.model import Model

# Owners who look at their bills or at an amount at the same time; an entry is some kilobytes.
REMEMBERED = 256
# A firm lives on a buyer who pays it this part of its sales.
MAIN_BUYER = Decimal("0.30")
# How the book is spread over trades moves by the day: one sum a minute is as good as one for every applicant.
BOOK_SECONDS = 60.0
K = TypeVar("K")
V = TypeVar("V")
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Judged:
    """A verdict with everything that it rested on."""

    verdict: Verdict
    score: Score
    ratios: Ratios
    assessment: Assessment
    bills: "Bills"
    health: Health | None = None
    findings: tuple[Finding, ...] = ()
    found: Verdict | None = None
    registers: dict[str, str] = field(default_factory=dict[str, str])
    buyer: bytes | None = None
    request: Request | None = None

    @property
    def by_machine(self) -> Verdict:
        """What the machine answered, whatever a person made of it."""
        return self.found or self.verdict

    @property
    def model_id(self) -> str | None:
        """The model that scored; None where none could be used and a person decides."""
        return self.bills.model_id

    def approved(self, reason: Reason, *, limit_minor: int) -> "Judged":
        """The same with a person's yes, for the reason that they gave."""
        yes = replace(self.verdict, outcome=Outcome.APPROVE, reasons=(reason,), limit_minor=limit_minor)
        return replace(self, verdict=replace(yes, path_to_yes=None, ways_to_yes=()))

    def found_no_plan(self) -> "Judged":
        """The machine's own no: the rules would lend, but no plan repays it."""
        no = replace(self.verdict, outcome=Outcome.DECLINE, reasons=(Reason(ReasonCode.NO_PLAN_FITS),))
        return replace(self, verdict=no, found=no)

    def declined(self, *reasons: Reason) -> "Judged":
        """The same with a no for these reasons."""
        return replace(self, verdict=replace(self.verdict, outcome=Outcome.DECLINE, reasons=reasons))


@dataclass(frozen=True)
class Bills:
    """All that an assessment depends on: the files that were read, what the owner said of them, a date, the model."""

    firm_id: UUID
    files: tuple[UUID, ...]
    as_of: date
    model_id: str | None
    role: str = "champion"
    beside: tuple[Post, ...] = ()
    corrections: int = 0


@dataclass(frozen=True)
class Known:
    """What bills say: the score with its facts, the whole months that they tell of, whether their own totals differ."""

    assessment: Assessment
    months: int
    differ: bool
    findings: tuple[Finding, ...]
    buyer: bytes | None = None
    unsplit_percent: int = 0
    corrected_percent: int = 0


@dataclass(frozen=True)
class Plan:
    """An offer as it is kept: ``terms`` and ``projection`` as JSON."""

    number: int
    terms: dict[str, Any]
    terms_hash: str
    projection: dict[str, Any]
    expires_at: datetime


class Judge:
    """Judges applications, and thinks ahead for those that will be judged soon."""

    def __init__(
        self, steps: Steps, registers: Registers, book: PolicyBook, champion: Champion, jurisdiction: Jurisdiction
    ) -> None:
        self._steps = steps
        self._registers = registers
        self._book = book
        self._champion = champion
        self._jurisdiction = jurisdiction
        self._known: OrderedDict[Bills, Known] = OrderedDict()
        self._plans: OrderedDict[tuple[Bills, str, Request], tuple[Plan, ...]] = OrderedDict()
        self._thinking: dict[UUID, asyncio.Task[None]] = {}
        self._foreseen: OrderedDict[UUID, None] = OrderedDict()
        self._trades: tuple[float, dict[str | None, int]] | None = None

    async def judge(self, step: Step) -> Judged:
        """The verdict on an application as it stands. Raises what ``Champion.get`` raises."""
        application = step.application
        policy = self._book.policy(application.product_id)
        bills, known = await self._read(step.session, application, step.now)
        assessment = known.assessment
        score = _graded(known, policy)
        facts = await self._registers.facts(step, bills.as_of)
        across = await self._across(step.session, application, step.now)
        suspicion = weigh([*known.findings, *across], self._book.fraud)
        ratios = Ratios(
            months_of_history=assessment.months_of_history,
            monthly_net_revenue_minor=assessment.monthly_net_revenue_minor,
            revenue_p10_minor=p10_of(assessment.monthly_series),
            bills_differ=known.differ,
            unsplit_percent=known.unsplit_percent,
            corrected_percent=known.corrected_percent,
            to_explain=reasons(suspicion, self._book.fraud),
            held=suspicion.level is Level.CERTAIN,
            **facts.ratios,
            **await self._standing(step, known, facts, policy),
        )
        verdict = await self._decide(step, bills, score, ratios, policy)
        if bills.model_id is None:
            verdict = without_model(verdict)
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
            buyer=known.buyer,
            request=_request(application),
        )

    async def _standing(self, step: Step, known: "Known", facts: Facts, policy: Policy) -> dict[str, Any]:
        """Who applies, and what hangs already on that group, that trade, that buyer."""
        firm_id = step.application.firm_id
        kind, trade = (await step.session.execute(select(Firm.kind, Firm.trade).where(Firm.id == firm_id))).one()
        with_us = await exposure.of_group(step.session, step.application.id, facts.others)
        outside = facts.guarantees_minor
        trades = await self._by_trade(step.session)
        on_buyer = await exposure.on_buyer(step.session, known.buyer) if known.buyer else 0
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
        """The verdict; where it is no, with the ways to a yes that the bills, changed and read anew, have proven."""
        request = _request(step.application)
        verdict = decide(score, ratios, policy, request, ())
        if verdict.outcome is not Outcome.DECLINE or bills.model_id is None:
            return verdict
        model = (await self._champion.get(step.session, step.application.id)).model
        evidence = Evidence(
            Lines.from_rows(await _lines(step.session, bills)),
            (await _invoices(step.session, bills.firm_id, bills.as_of))[0],
        )
        tried = prospects(model, evidence, bills.as_of, ratios, policy)
        # Some dozens of firms that might be, read by the model: others go on meanwhile.
        return await asyncio.to_thread(decide, score, ratios, policy, request, tried)

    async def _health(self, step: Step, *, judged: Judged, policy: Policy) -> Health | None:
        """How healthy the business looks beside the verdict; nothing of it goes into the verdict."""
        if judged.model_id is None:
            return None
        model = (await self._champion.get(step.session, step.application.id)).model
        trade = await step.session.scalar(select(Firm.trade).where(Firm.id == judged.bills.firm_id))
        bound = float(policy.debt_service_up_to)
        return health_of(model, judged.assessment.features, judged.ratios, bound, trade or "")

    async def _across(self, session: AsyncSession, application: Application, now: datetime) -> list[Finding]:
        """What shows across firms, asked anew for each verdict: others come and go."""
        rule = self._book.fraud.rules.get("many_applications")
        since = now - timedelta(days=int(rule.limits["days"]) if rule else 0)
        elsewhere = await invoices.same_invoices_elsewhere(session, application.firm_id) if application.firm_id else []
        counts = Across(
            documents=await suspicions.documents_elsewhere(session, application),
            invoices=sum(one.invoices for one in elsewhere),
            account_owners=await suspicions.account_owners(session, application),
            licence_owners=await suspicions.licence_owners(session, application),
            applications=await suspicions.applications_since(session, application, since),
        )
        return of_counts(counts, self._book.fraud)

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
            jurisdiction=self._jurisdiction,
            model_sha256=await scoring_models.sha256_of(step.session, model_id) if model_id else None,
            registers=judged.registers,
        )

    async def months(self, step: Step) -> int:
        """How many whole months the bills tell of."""
        _, known = await self._read(step.session, step.application, step.now)
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
                make_offers, product, judged.verdict, request, usual, as_of, self._jurisdiction
            )
        except OutsidePolicy:
            return ()
        plans = tuple(_plan(offer, assessment, as_of) for offer in offers)
        _remember(self._plans, known, plans)
        return plans

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
                bills, known = await self._read(session, application, now)
            assessment = known.assessment
            policy = self._book.policy(application.product_id)
            score = _graded(known, policy)
            ratios = Ratios(
                assessment.months_of_history,
                assessment.monthly_net_revenue_minor,
                revenue_p10_minor=p10_of(assessment.monthly_series),
            )
            verdict = decide(score, ratios, policy, _request(application), ())
            if verdict.outcome is Outcome.APPROVE:
                await self.plans(application, Judged(verdict, score, ratios, assessment, bills))
            _remember(self._foreseen, application_id, None)
        except Exception:  # nothing rests on this: the verdict itself will meet the fault and say it
            log.warning("judge.not_ahead", application_id=str(application_id), exc_info=True)

    # --- its sources --------------------------------------------------------------------------------------------------

    async def _read(self, session: AsyncSession, application: Application, now: datetime) -> tuple[Bills, Known]:
        if application.firm_id is None:
            raise LookupError("a decision came before the firm was known")
        chosen, files = await self._champion.get_beside(
            session, applications.files_read(application.firm_id), application.id
        )
        bills = Bills(
            firm_id=application.firm_id,
            files=tuple(files),
            as_of=business_date(now, self._jurisdiction),
            model_id=chosen.model_id if chosen else None,
            role=chosen.role if chosen else "nobody",
            beside=chosen.beside if chosen else (),
            corrections=await flows.newest(session, application.firm_id),
        )
        if bills not in self._known:
            told = await _lines(session, replace(bills, corrections=0))
            lines = await _lines(session, bills) if bills.corrections else told
            issued, series = await _invoices(session, bills.firm_id, bills.as_of)
            split = await flows.standing(session, bills.firm_id)
            noticed = of_notices(await suspicions.notices(session, bills.firm_id), self._book.fraud)
            # What looks wrong is looked for in what the bills tell, whatever their owner says that it was.
            found = await asyncio.to_thread(findings_of, self._book.fraud, bills.as_of, Lines.from_rows(told), series)
            known = Known(
                assessment=await asyncio.to_thread(
                    _assess, chosen.model if chosen else UNSCORED, lines, issued, bills.as_of
                ),
                months=await applications.months_covered(session, bills.firm_id),
                differ=await applications.bills_differ(session, bills.firm_id),
                findings=(*found, *noticed),
                buyer=_main_buyer(lines),
                unsplit_percent=split.unsplit_percent,
                corrected_percent=raised_percent(split.told_minor, split.raised_minor),
            )
            _remember(self._known, bills, known)
        return bills, self._known[bills]


def _main_buyer(lines: list[tuple[datetime, int, int, int, bytes | None]]) -> bytes | None:
    """The keyed hash of whoever pays most, if it is much of all sales."""
    paid: Counter[bytes | None] = Counter()
    for _, direction, amount, kind, who in lines:
        if kind == SALE and direction == 1:
            paid[who] += amount
    total = paid.total()
    named = [(amount, who) for who, amount in paid.items() if who is not None]
    amount, who = max(named, default=(0, None))
    return who if who is not None and amount >= total * MAIN_BUYER else None


def _graded(known: Known, policy: Policy) -> Score:
    """The score with this policy's grade, and less sure where much of the money is unclear."""
    score = known.assessment.score
    confidence = confidence_with(score.confidence, known.unsplit_percent, policy.unsplit_costs)
    return replace(score, grade=policy.grade_of(score.pd), confidence=confidence)


def _request(application: Application) -> Request:
    return Request(application.amount_minor, application.months, application.purpose or "")


async def _invoices(session: AsyncSession, firm_id: UUID, as_of: date) -> tuple[Invoices, InvoiceSeries]:
    """A firm's invoices as the score reads them, and as the series that the rules of suspicion look through."""
    rows = await invoices.of_firm(session, firm_id, as_of)
    told = Invoices.from_rows([astuple(row) for row in rows])
    number = np.fromiter((-1 if row.serial is None else row.serial for row in rows), np.int64, len(rows))
    return told, InvoiceSeries(told.side, told.issued, told.net_minor, number, told.counterparty, told.status)


async def _lines(session: AsyncSession, bills: Bills) -> list[tuple[datetime, int, int, int, bytes | None]]:
    if bills.corrections:
        return await flows.lines_now(session, bills.firm_id)
    told = await session.execute(
        select(
            StatementLine.at,
            StatementLine.direction,
            StatementLine.amount_minor,
            StatementLine.kind,
            StatementLine.counterparty_key,
        ).where(StatementLine.firm_id == bills.firm_id, StatementLine.currency == CURRENCY)
    )
    return [(at, direction, amount, kind, who) for at, direction, amount, kind, who in told]


def _assess(
    model: Model, lines: list[tuple[datetime, int, int, int, bytes | None]], issued: Invoices, as_of: date
) -> Assessment:
    return assess(model, Evidence(Lines.from_rows(lines), issued), as_of)


def _plan(offer: Offer, assessment: Assessment, as_of: date) -> Plan:
    weathers = (
        ("good", offer.weathers.good),
        ("normal", offer.weathers.normal),
        ("slow", offer.weathers.slow),
    )
    return Plan(
        number=offer.number,
        terms=json.loads(canonical(offer.terms)),
        terms_hash=offer.terms_hash,
        projection={
            "shape": offer.shape.value,
            "monthly_net_revenue_minor": assessment.monthly_net_revenue_minor,
            "monthly_series": list(assessment.monthly_series),
            "as_of": as_of.isoformat(),
            "weathers": {
                name: {
                    "finish_on": projection.finish_on.isoformat() if projection.finish_on else None,
                    "months": projection.months,
                    "total_interest_minor": projection.total_interest_minor,
                    "total_minor": projection.total_minor,
                }
                for name, projection in weathers
            },
        },
        expires_at=offer.expires_at,
    )


def _remember(memory: OrderedDict[K, V], key: K, value: V) -> None:
    memory[key] = value
    while len(memory) > REMEMBERED:
        memory.popitem(last=False)
