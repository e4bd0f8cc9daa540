"""Who asks for what, and what the lender's own rules answer: :func:`lending.decisions.decide` with the policy played.

Answers come one after the other in the order of the days, since each yes is a part of the book on which the limits of
concentration look. What was lent counts in full from then on.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import numpy as np

from lending.decisions import decide
from lending.reasons import Outcome, ReasonCode
from lending.verdicts import PathKind, Policy, Ratios, Request, Score, Verdict
from ops.twin.assumptions import Assumptions, Play
from ops.twin.firms import NOBODY, Chunk
from policies.book import PolicyBook
from simulators.firms.trades import KEYS

MONTH_DAYS = 30
LOOKED_AT_MONTHS = 12
WORST_TENTH = 0.1
PD_PLACES = Decimal("0.0001")
CROWDED = frozenset({ReasonCode.TRADE_CONCENTRATION, ReasonCode.BUYER_CONCENTRATION})


@dataclass(frozen=True, slots=True)
class Asked:
    """One firm on the day on which it asks. ``lives_on``: the partner who pays ``tied`` of its sales, or nobody."""

    firm: int
    on: date
    ratios: Ratios
    score: Score
    request: Request
    lives_on: int
    tied: float
    fails: bool


@dataclass(frozen=True, slots=True)
class Granted:
    """A yes that its owner took, with the plan they like. ``usual_minor``: net revenue of an ordinary month."""

    firm: int
    on: date
    verdict: Verdict
    request: Request
    usual_minor: int
    lives_on: int
    fails: bool
    pd: Decimal


@dataclass(slots=True)
class Answers:
    """``reasons``: how often a "no" gave each. ``by_person``: how many a person looked at."""

    asked: int = 0
    approved: int = 0
    taken: list[Granted] = field(default_factory=list[Granted])
    by_person: int = 0
    grades: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    reasons: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    most_on_one_buyer: Decimal = Decimal(0)


def random_of(play: Play, firm: int, use: str) -> Random:
    """Chance of one firm for one use: the same whatever is played beside it."""
    return Random(f"{play.seed}/{firm}/{use}")  # noqa: S311 (a simulation)


def asked_by(chunk: Chunk, play: Play, assumed: Assumptions, policy: Policy) -> list[Asked]:
    """What the firms of a chunk ask for and what is known of each."""
    found: list[Asked] = []
    net = chunk.net
    product = policy.product
    for n in range(len(chunk)):
        firm = chunk.number * len(chunk) + n
        if firm >= play.firms:
            break
        column = int(chunk.asks_on[n])
        history = net[n, max(0, int(chunk.since[n])) : column]
        months = [int(history[max(0, end - MONTH_DAYS) : end].sum()) for end in _ends(len(history))]
        usual = int(np.median(months)) if months else 0
        wanted = product.amounts.down_to_step(int(usual * float(chunk.asks_part[n])))
        wish = assumed.asks.months[int(chunk.asks_months[n])]
        pd = Decimal(float(chunk.seen[n])).quantize(PD_PLACES)
        found.append(
            Asked(
                firm=firm,
                on=chunk.first_day + timedelta(days=column),
                ratios=Ratios(
                    months_of_history=len(history) // MONTH_DAYS,
                    monthly_net_revenue_minor=usual,
                    monthly_instalments_minor=int(chunk.instalments[n]),
                    enquiries_90d=int(chunk.enquiries[n]),
                    revenue_p10_minor=int(np.quantile(months, WORST_TENTH)) if months else None,
                    months_in_trade=len(history) // MONTH_DAYS,
                    trade=KEYS[int(chunk.firms.trade[n])],
                ),
                score=Score(pd, policy.grade_of(pd), assumed.score.confidence),
                request=Request(
                    max(wanted, product.amounts.lowest_minor),
                    min(max(wish, product.months.shortest), product.months.longest),
                    product.purposes[0] if product.purposes else "",
                ),
                lives_on=int(chunk.partner[n]),
                tied=float(chunk.tied[n]),
                fails=bool(chunk.fails[n]),
            )
        )
    return found


def answered(asked: Sequence[Asked], play: Play, assumed: Assumptions, book: PolicyBook, policy: Policy) -> Answers:
    """Every request in the order of the days."""
    answers = Answers()
    lent = 0
    by_trade: dict[str, int] = defaultdict(int)
    by_buyer: dict[int, int] = defaultdict(int)
    live_on = policy.exposure.main_buyer_from
    for one in sorted(asked, key=lambda each: (each.on, each.firm)):
        chance = random_of(play, one.firm, "asking")
        says_yes, takes, smaller = chance.random(), chance.random(), chance.random()
        buyer = one.lives_on if live_on is not None and one.tied >= live_on else NOBODY
        ratios = replace(
            one.ratios,
            book_minor=lent,
            trade_book_minor=by_trade[one.ratios.trade],
            buyer_book_minor=by_buyer[buyer] if buyer != NOBODY else 0,
        )
        request = one.request
        verdict = decide(one.score, ratios, policy, request)
        if verdict.outcome is Outcome.DECLINE and smaller < assumed.asks.takes_smaller:
            less = _smaller(verdict, request)
            if less is not None:
                request, verdict = less, decide(one.score, ratios, policy, less)
        answers.asked += 1
        yes = verdict.outcome is Outcome.APPROVE
        if verdict.outcome is Outcome.REVIEW:
            answers.by_person += 1
            crowded = any(reason.code in CROWDED for reason in verdict.reasons)
            yes = not crowded and says_yes < assumed.reviews.say_yes and request.amount_minor <= verdict.limit_minor
        if not yes:
            for code in _codes(verdict, policy):
                answers.reasons[code] += 1
        before = answers.grades.get(verdict.grade, (0, 0))
        answers.grades[verdict.grade] = (before[0] + 1, before[1] + yes)
        answers.approved += yes
        if not yes or takes >= assumed.asks.takes_offer:
            continue
        lent += request.amount_minor
        by_trade[one.ratios.trade] += request.amount_minor
        if buyer != NOBODY:
            by_buyer[buyer] += request.amount_minor
            counted = max(lent, policy.exposure.book_at_least_minor)
            answers.most_on_one_buyer = max(answers.most_on_one_buyer, Decimal(by_buyer[buyer]) / counted)
        answers.taken.append(
            Granted(
                firm=one.firm,
                on=one.on,
                verdict=verdict,
                request=request,
                usual_minor=one.ratios.monthly_net_revenue_minor,
                lives_on=buyer,
                fails=one.fails,
                pd=one.score.pd,
            )
        )
    return answers


def _ends(days: int) -> range:
    """Where the last whole months of so many days end, counted back from the last day."""
    return range(days, max(0, days - LOOKED_AT_MONTHS * MONTH_DAYS) + MONTH_DAYS - 1, -MONTH_DAYS)


def _codes(verdict: Verdict, policy: Policy) -> list[str]:
    """Why not. The stand-in for the score gives no reasons of its own: a grade that is not served counts as that."""
    codes = [str(reason.code) for reason in verdict.reasons]
    by_grade = policy.rule_of(verdict.grade).outcome is Outcome.DECLINE
    return ["grade"] if by_grade and codes == [ReasonCode.LITTLE_IS_KNOWN] else codes


def _smaller(verdict: Verdict, request: Request) -> Request | None:
    """What a smaller amount or a longer term that was told would be."""
    for way in verdict.ways_to_yes:
        if {change.kind for change in way.changes} <= {PathKind.SMALLER_AMOUNT, PathKind.LONGER_TERM}:
            return replace(request, amount_minor=way.lent_minor, months=way.lent_months or request.months)
    return None
