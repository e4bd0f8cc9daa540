"""``counterfactual``: a firm judged, explained and shown what turns its "no", its bills read anew for each thing."""

import time
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from ops.bench.figures import Bar, Figure, spread

if TYPE_CHECKING:
    from lending.verdicts import Policy
    from scoring.evidence import Evidence
    from scoring.model import Model

NAMES = ("counterfactual",)
POPULATION, MONTHS = 1_000, 12
FIRMS = 20  # the riskiest: those that are declined, and for whom everything is tried
LINES, INVOICES = 5_000, 500
HALF_A_SECOND = Bar("ours", 500)
OVERDUE_MINOR = 50_000  # declined for sure, whatever the model says


def measure(names: Collection[str], seed: int) -> list[Figure]:
    """Milliseconds from evidence to a verdict with reasons and ways; the floor reads the firm once, unexplained."""
    if "counterfactual" not in names:
        return []
    from ops.default_model import train_default
    from policies.book import load
    from scoring.model import Model

    trained = train_default(lambda _: None, trained_on="2026-01-01", firms=POPULATION, months=MONTHS, seed=seed)
    model = Model.load(trained.model_bytes, trained.card)
    policy = load().policy("revenue_linked_working_capital")
    mine: list[float] = []
    floor: list[float] = []
    for evidence, as_of in risky(model, seed):
        mine.append(milliseconds(lambda: explained(model, evidence, as_of, policy)))  # noqa: B023 (called at once)
        floor.append(milliseconds(lambda: bare(model, evidence, as_of)))  # noqa: B023
    meaning = "features and one chance of default, with no reason and no way"
    return spread("counterfactual", mine, floor, seed=seed, meaning=meaning, p95=(HALF_A_SECOND,))


def explained(model: "Model", evidence: "Evidence", as_of: date, policy: "Policy") -> object:
    """A firm with something overdue that asks for the most that is lent: score with reasons, verdict, ways, health."""
    from lending.decisions import decide
    from lending.verdicts import Outcome, Ratios, Request
    from scoring.assessment import assess
    from scoring.counterfactual import prospects
    from scoring.health import health_of

    known = assess(model, evidence, as_of)
    score = replace(known.score, grade=policy.grade_of(known.score.pd))
    ratios = Ratios(
        known.months_of_history,
        known.monthly_net_revenue_minor,
        monthly_instalments_minor=100_000,
        current_overdue_minor=OVERDUE_MINOR,
    )
    asked = Request(policy.product.amounts.highest_minor, 12)
    verdict = decide(score, ratios, policy, asked, prospects(model, evidence, as_of, ratios, policy))
    if verdict.outcome is not Outcome.DECLINE:
        raise RuntimeError("a firm of the bench was not declined: nothing would be searched for")
    return verdict, health_of(model, known.features, ratios, float(policy.debt_service_up_to))


def bare(model: "Model", evidence: "Evidence", as_of: date) -> Decimal:
    """Features by numpy and one prediction."""
    from scoring.features import features_of

    return model.pd(features_of(evidence, as_of))


def risky(model: "Model", seed: int) -> "list[tuple[Evidence, date]]":
    """The riskiest firms of a population, each with its lines drawn again to 5,000 and 500 invoices of them."""
    from scoring.evidence import Evidence
    from scoring.invoices import SOLD, Invoices
    from scoring.lines import SALE, Lines
    from simulators.firms.population import population

    made = population(POPULATION // 4, MONTHS, seed + 1)
    lines, known = Lines.from_columns(made["lines"]), made["firms"]
    whole = Evidence(lines)
    alone = [whole.of(firm) for firm in range(POPULATION // 4)]
    days = [known["as_of"][firm].astype(object) for firm in range(len(alone))]
    chances = [float(bare(model, one, day)) for one, day in zip(alone, days, strict=True)]
    rng = np.random.default_rng(seed)
    found: list[tuple[Evidence, date]] = []
    for firm in np.argsort(chances)[-FIRMS:]:
        told = alone[int(firm)].lines
        drawn = told.where(np.sort(rng.integers(0, len(told), LINES)))
        amount = np.maximum(drawn.amount_minor * len(told) // LINES, 1)
        drawn = replace(drawn, amount_minor=amount)
        sold = np.flatnonzero((drawn.kind == SALE) & (drawn.direction == 1))
        some = drawn.where(np.sort(rng.choice(sold, INVOICES)))
        issued = some.day.astype(np.int64)
        invoices = Invoices.from_columns(
            {
                "firm": some.firm,
                "side": np.full(INVOICES, SOLD),
                "issued": issued,
                "due": issued + 30,
                "settled": issued,
                "net_minor": some.amount_minor,
                "counterparty": some.counterparty,
            }
        )
        found.append((Evidence(drawn, invoices), days[int(firm)]))
    return found


def milliseconds(act: Callable[[], object]) -> float:
    """How long an act took."""
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1_000
