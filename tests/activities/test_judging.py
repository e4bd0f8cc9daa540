"""What was thought out ahead is what would have been found without it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from uuid import UUID, uuid4

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy import insert, select, update

from activities.champion import Champion
from activities.judged import Judged
from activities.judging import Judge
from activities.ports.intake import Case
from activities.private import Private
from activities.registers import Registers
from activities.steps import Steps
from activities.underwriting import Underwriting
from db import clocks, documents, flows, people, permissions
from db.sessions import Sessions
from db.tables import Application, Decision, Firm, Offer, ScoringModel, StatementFile, StatementLine, Task
from gateways.bureau import HttpBureau
from gateways.courts import HttpCourts
from gateways.registry import HttpRegistry
from infra.crypto import Vault
from infra.settings import Settings
from infra.storage import Storage
from lending.bad_months import p10_of
from lending.calendars import Jurisdiction
from lending.refusals import PapersMissing
from lending.verdicts import Outcome, PathKind, Reason, Request
from ops.default_model import ensure_default_model
from ops.stack import testing
from policies.book import load
from scoring.lines import OTHER, PRIVATE, PURCHASE, SALE

NOW = datetime.now(UTC)
PRODUCT = "revenue_linked_working_capital"


@dataclass
class Desk:
    """A judge with one application before it."""

    steps: Steps
    registers: Registers
    champion: Champion
    vault: Vault
    application_id: UUID = field(default_factory=uuid4)
    firm_id: UUID = field(default_factory=uuid4)
    person_id: UUID = field(default_factory=uuid4)
    environment: dict[str, str] = field(default_factory=dict[str, str])

    def judge(self) -> Judge:
        """One that remembers nothing."""
        return Judge(self.steps, self.registers, load(), self.champion, Jurisdiction("CN"))

    async def apply(self) -> None:
        """A person with a firm asks for 40,000 yuan."""
        async with self.steps.sessions.begin() as session:
            self.person_id = await people.know_by_phone(session, self.vault, "13800000000", locale="zh_CN", now=NOW)
            self.firm_id = await people.know_firm(
                session,
                self.vault,
                self.person_id,
                kind="sole_trader",
                name="面馆",
                licence=None,
                trade="catering",
                now=NOW,
            )
            self.application_id = uuid4()
            await session.execute(
                insert(Application).values(
                    id=self.application_id,
                    person_id=self.person_id,
                    firm_id=self.firm_id,
                    product_id=PRODUCT,
                    policy_version="1",
                    channel="web",
                    stage="evidence",
                    amount_minor=4_000_000,
                    currency="CNY",
                    months=12,
                    share=Decimal("0.1"),
                    waiting_for="owner",
                    created_at=NOW,
                    changed_at=NOW,
                )
            )
        await self.allow("flows_analysis")

    async def allow(self, purpose: str, *, scope: str = "", until: date | None = None) -> UUID:
        """The owner allows something for a year, or until a day."""
        consent_id = uuid4()
        async with self.steps.sessions.begin() as session:
            await permissions.add(
                session,
                consent_id=consent_id,
                person_id=self.person_id,
                application_id=self.application_id,
                purpose=purpose,
                scope=scope,
                text_hash="ab" * 32,
                locale="zh_CN",
                channel="web",
                proof={},
                given_at=NOW - timedelta(minutes=1),
                expires_on=until or (NOW + timedelta(days=365)).date(),
            )
        return consent_id

    async def read_bill(self, first: date, months: int, daily_minor: int) -> None:
        """A bill that sells the same every day and buys once a week."""
        file_id, days = uuid4(), months * 31
        lines = [
            {
                "firm_id": self.firm_id,
                "fingerprint": sha256(f"{file_id}/{day}/{kind}".encode()).digest()[:16],
                "file_id": file_id,
                "n": day,
                "at": datetime.combine(first + timedelta(days=day), datetime.min.time()),
                "on_date": first + timedelta(days=day),
                "direction": 1 if kind == SALE else -1,
                "amount_minor": daily_minor if kind == SALE else daily_minor * 3,
                "currency": "CNY",
                "kind": kind,
                "counterparty_key": sha256(f"{day % 40}/{kind}".encode()).digest()[:8],
                "flags": 0,
            }
            for day in range(days)
            for kind in ((SALE, PURCHASE) if day % 7 == 0 else (SALE,))
        ]
        async with self.steps.sessions.begin() as session:
            await session.execute(
                insert(StatementFile).values(
                    id=file_id,
                    application_id=self.application_id,
                    person_id=self.person_id,
                    firm_id=self.firm_id,
                    name_sealed=b"",
                    size=1,
                    sha256=file_id.hex,
                    object_key=file_id.hex,
                    state="read",
                    received_at=NOW,
                    read_at=NOW,
                )
            )
            await session.execute(insert(StatementLine), lines)

    async def found_by(self, judge: Judge) -> tuple[object, ...]:
        """All that a verdict of this judge would write."""
        async with self.steps.step(self.application_id, uuid4()) as step:
            judged = await judge.judge(step)
            # Without a report from the bureau a person decides; the plans are those of that person's yes.
            plans = await judge.plans(
                step.application, judged.approved(Reason("a_good_street"), limit_minor=judged.verdict.limit_minor)
            )
            return judged.verdict, judged.score, judged.ratios, judged.assessment, plans


def environment_of(chosen: Settings) -> dict[str, str]:
    """Settings as the environment names them, for a command beside the same system."""
    values = chosen.model_dump(exclude_none=True, exclude_defaults=True)
    return {
        f"HUOSHUI_{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in values.items()
    }


@pytest.fixture
async def desk(postgres, s3, settings_for) -> AsyncIterator[Desk]:
    database = postgres.fresh()
    chosen = settings_for(database=database, s3=s3)
    sessions, storage = Sessions(chosen, scope="worker"), Storage(chosen)
    await storage.ensure_bucket()
    await ensure_default_model(chosen, lambda _: None, cache=testing.model_cache())
    async with sessions.begin() as session:
        await clocks.ensure(session, chosen.clock_id)
    vault = Vault(chosen)
    steps, private, nobody = Steps(sessions, chosen.clock_id), Private(vault), httpx2.AsyncClient()
    registers = Registers(steps, private, vault, HttpBureau(nobody), HttpCourts(nobody), HttpRegistry(nobody))
    made = Desk(steps, registers, Champion(sessions, storage, chosen.clock_id), vault)
    made.environment = environment_of(chosen)
    await made.apply()
    await made.read_bill((NOW - timedelta(days=400)).date(), 12, 300_000)
    yield made
    storage.close()
    await sessions.close()
    postgres.drop(database)


async def test_a_verdict_thought_out_ahead_is_the_verdict_found_at_once(desk):
    ahead = desk.judge()
    ahead.think_ahead(desk.application_id)
    await ahead.thought(desk.application_id)
    found = await desk.found_by(ahead)
    assert found == await desk.found_by(desk.judge())
    verdict, _, _, assessment, plans = found
    assert verdict.outcome is not Outcome.DECLINE
    assert assessment.months_of_history == 12
    assert plans


async def test_affordability_rests_on_the_forecast_and_says_so(desk):
    _, _, ratios, assessment, _ = await desk.found_by(desk.judge())
    assert ratios.revenue_p10_told_by == "forecast"
    assert 0 < ratios.revenue_p10_minor < assessment.monthly_net_revenue_minor
    async with desk.steps.sessions.begin() as session:  # half of the bill is gone: the months of what is left speak
        early = StatementLine.on_date < (NOW - timedelta(days=150)).date()
        await session.execute(update(StatementLine).where(early).values(firm_id=uuid4()))
    _, _, ratios, assessment, _ = await desk.found_by(desk.judge())
    assert ratios.revenue_p10_told_by == "short_history"
    assert ratios.revenue_p10_minor == p10_of(assessment.monthly_series)


async def test_balances_and_what_the_owner_states_reach_the_score(desk):
    async with desk.steps.sessions.begin() as session:
        # Newest first, as many banks write it: of two lines of one day the upper one is the later one.
        await session.execute(update(StatementLine).values(n=10_000 - StatementLine.n))
        await session.execute(update(StatementLine).values(balance_minor=5_000_000))
        asked = {"declared_revenue_minor": 9_000_000, "amount_minor": 4_000_000}
        await session.execute(update(Application).where(Application.id == desk.application_id).values(**asked))
    assessment = (await desk.found_by(desk.judge()))[3]
    features = assessment.features
    assert features["balance_usual"] is not None
    assert features["asked_term"] == 12
    assert features["asked_months"] == pytest.approx(4_000_000 / assessment.monthly_net_revenue_minor, rel=0.2)
    assert features["declared_gap"] > 0
    assert "declared" not in assessment.missing_sources
    # Another account over the same months: what both hold is no balance of one.
    async with desk.steps.sessions.begin() as session:
        before = set(await session.scalars(select(StatementLine.fingerprint)))
    await desk.read_bill((NOW - timedelta(days=300)).date(), 3, 1_000)
    async with desk.steps.sessions.begin() as session:
        second = StatementLine.fingerprint.not_in(before)
        await session.execute(update(StatementLine).where(second).values(balance_minor=-1))
    assert (await desk.found_by(desk.judge()))[3].features["days_overdrawn"] == 0


async def test_money_that_left_for_securities_lets_a_person_ask_what_the_loan_is_for(desk):
    async with desk.steps.sessions.begin() as session:
        recent = StatementLine.on_date > (NOW - timedelta(days=120)).date()
        await session.execute(update(StatementLine).where(recent, StatementLine.direction == -1).values(flags=128))
    verdict, _, ratios, _, _ = await desk.found_by(desk.judge())
    assert ratios.assets_bought_minor > 0
    assert "purpose_in_doubt" in [reason.code for reason in verdict.reasons]


async def test_where_no_plan_fits_a_smaller_amount_leads_to_one(desk):
    judge = desk.judge()
    async with desk.steps.step(desk.application_id, uuid4()) as step:
        judged = await judge.judge(step)
        # The rules lend more than a tenth of such sales could repay in the longest term.
        month = judged.assessment.monthly_net_revenue_minor // 12
        poor = replace(judged.assessment, monthly_series=(month,) * 12, monthly_net_revenue_minor=month)
        yes = replace(judged.approved(Reason("rules"), limit_minor=20_000_000), assessment=poor)
        yes = replace(yes, request=Request(20_000_000, 12))
        (way,) = await judge.ways_to_a_plan(step.application, yes)
    no = yes.found_no_plan((way,))
    assert (no.verdict.outcome, no.verdict.path_to_yes) == (Outcome.DECLINE, way)
    assert way.kind is PathKind.SMALLER_AMOUNT
    assert 0 < way.lent_minor < 12_000_000
    assert way.lent_months <= 24


async def test_private_money_in_is_nothing_of_the_firms_once_its_owner_said_so(desk):
    """What the way "say where the money came from" is worked out with is what the owner's word does."""

    async def unexplained() -> float:
        return (await desk.found_by(desk.judge()))[3].features["unexplained_income"]

    async with desk.steps.sessions.begin() as session:
        income = StatementLine.direction == 1
        await session.execute(update(StatementLine).where(income, StatementLine.n % 5 == 0).values(kind=OTHER))
    assert await unexplained() > 0.1
    async with desk.steps.sessions.begin() as session:
        await flows.correct(
            session, correction_id=uuid4(), firm_id=desk.firm_id, person_id=desk.person_id,
            application_id=desk.application_id, target="alike", fingerprint=None, counterparty_key=None,
            direction=1, kind=OTHER, guessed=False, to_use="private", actor="owner", now=NOW,
        )  # fmt: skip
    assert await unexplained() == 0


async def test_a_bill_read_after_the_thought_is_seen(desk):
    ahead = desk.judge()
    ahead.think_ahead(desk.application_id)
    await ahead.thought(desk.application_id)
    before = await desk.found_by(ahead)
    await desk.read_bill((NOW - timedelta(days=400)).date(), 12, 100_000)
    after = await desk.found_by(ahead)
    assert after == await desk.found_by(desk.judge()) != before


async def test_another_amount_gets_its_own_plans(desk):
    ahead = desk.judge()
    ahead.think_ahead(desk.application_id)
    await ahead.thought(desk.application_id)
    async with desk.steps.sessions.begin() as session:
        await session.execute(
            update(Application).where(Application.id == desk.application_id).values(amount_minor=2_000_000)
        )
    *_, plans = await desk.found_by(ahead)
    assert {plan.terms["amount_minor"] for plan in plans} <= set(range(2_000_001))
    assert plans == (await desk.found_by(desk.judge()))[-1]


async def test_a_thought_that_fails_costs_nothing_but_time(desk):
    judge = desk.judge()
    judge.think_ahead(uuid4())  # an application that is not there
    await judge.thought(desk.application_id)
    assert (await desk.found_by(judge))[0].outcome is not Outcome.DECLINE


async def test_a_no_has_ways_that_the_same_judge_says_yes_to(desk):
    async def asks(**what: int) -> Judged:
        async with desk.steps.sessions.begin() as session:
            await session.execute(update(Application).where(Application.id == desk.application_id).values(**what))
        async with desk.steps.step(desk.application_id, uuid4()) as step:
            return await desk.judge().judge(step)

    declined = await asks(amount_minor=30_000_000)
    assert declined.verdict.outcome is Outcome.DECLINE
    assert declined.health is not None
    ways = declined.verdict.ways_to_yes
    assert ways
    assert declined.verdict.path_to_yes == ways[0]
    for way in ways:
        if {change.kind for change in way.changes} <= {PathKind.SMALLER_AMOUNT, PathKind.LONGER_TERM}:
            again = await asks(amount_minor=way.lent_minor, months=way.lent_months)
            assert again.verdict.outcome is not Outcome.DECLINE


async def test_a_case_that_no_model_can_score_goes_to_a_person_and_not_to_a_guess(desk):
    async with desk.steps.sessions.begin() as session:
        await session.execute(update(ScoringModel).values(role="retired"))
        await session.execute(update(Application).values(stage="deciding"))
    deciding = Underwriting(desk.steps, desk.registers, load(), desk.judge())
    case = Case(desk.application_id, uuid4())
    decided = await deciding.decide_application(case)
    assert decided.outcome == "review"
    again = await deciding.decide_application(case)  # done again, it is the same
    assert (again.decision_id, again.task_id) == (decided.decision_id, decided.task_id)
    async with desk.steps.sessions.begin() as session:
        decision = (await session.scalars(select(Decision))).one()
        task = (await session.scalars(select(Task))).one()
        assert await session.scalar(select(Application.stage)) == "review"
        assert not (await session.scalars(select(Offer))).all()
    assert (task.id, task.role, task.state) == (decided.task_id, "manager", "open")
    assert [reason["code"] for reason in task.params["reasons"]] == ["no_model"]
    assert [reason["code"] for reason in decision.reasons] == ["no_model"]
    assert (decision.outcome, decision.model_id, decision.pd, decision.grade) == ("review", None, None, None)
    assert (decision.path_to_yes, decision.health, decision.ratios["months_of_history"]) == (None, None, 12)


async def test_a_word_of_the_owner_changes_the_verdict_and_much_of_it_brings_a_person(desk):
    ahead = desk.judge()
    ahead.think_ahead(desk.application_id)
    await ahead.thought(desk.application_id)

    async def found():
        async with desk.steps.step(desk.application_id, uuid4()) as step:
            return await ahead.judge(step)

    before = (await found()).assessment

    async def say(kind: int, direction: int, use: str | None) -> None:
        async with desk.steps.sessions.begin() as session:
            await flows.correct(
                session, correction_id=uuid4(), firm_id=desk.firm_id, person_id=desk.person_id,
                application_id=desk.application_id, target="alike", fingerprint=None, counterparty_key=None,
                direction=direction, kind=kind, guessed=False, to_use=use, actor="owner", now=NOW,
            )  # fmt: skip

    await say(SALE, 1, "private")
    private = await found()
    assert private.assessment.monthly_net_revenue_minor == 0 < before.monthly_net_revenue_minor
    assert private.verdict.outcome is Outcome.DECLINE
    await say(SALE, 1, None)
    assert (await found()).assessment == before
    async with desk.steps.sessions.begin() as session:
        await session.execute(
            update(StatementLine)
            .where(StatementLine.firm_id == desk.firm_id, StatementLine.direction == 1, StatementLine.n % 5 == 0)
            .values(kind=PRIVATE)
        )
    await say(PRIVATE, 1, "business")
    raised = await found()
    assert raised.assessment.monthly_net_revenue_minor == before.monthly_net_revenue_minor
    assert raised.ratios.corrected_percent > 10
    assert raised.verdict.outcome is Outcome.REVIEW
    assert "revenue_by_correction" in [reason.code for reason in raised.verdict.reasons]


async def test_somebody_without_a_licence_brings_a_paper_and_a_person_looks_at_it_before_anything_is_decided(desk):
    deciding = Underwriting(desk.steps, desk.registers, load(), desk.judge())
    async with desk.steps.sessions.begin() as session:
        await session.execute(update(Firm).where(Firm.id == desk.firm_id).values(kind="self_employed"))
        await session.execute(update(Application).where(Application.id == desk.application_id).values(stage="evidence"))
    with pytest.raises(PapersMissing) as no:
        await deciding.accept_submission(Case(desk.application_id, uuid4()))
    assert no.value.params == {"item": "trade_proof"}
    paper = uuid4()
    async with desk.steps.sessions.begin() as session:
        await documents.add(
            session, id=paper, application_id=desk.application_id, person_id=desk.person_id, item="trade_proof",
            channel="owner", brought_by="owner", name_sealed=b"", sha256="0" * 64, object_key="paper",
            media_type="image/jpeg", pages=1, size=1, received_at=NOW,
        )  # fmt: skip
    assert (await deciding.accept_submission(Case(desk.application_id, uuid4()))).enough
    verdict, _, ratios, _, _ = await desk.found_by(desk.judge())
    assert ratios.papers_to_look_at == 1
    assert "papers_to_look_at" in [reason.code for reason in verdict.reasons]
    async with desk.steps.sessions.begin() as session:
        await documents.judge(session, paper, state="accepted", refusal=None, words="", by="staff", at=NOW)
    assert (await desk.found_by(desk.judge()))[2].papers_to_look_at == 0
