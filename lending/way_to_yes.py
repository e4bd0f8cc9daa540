"""What turns a "no" into a "yes", each way proven by judging again with it.

A way is one change, or two where no single one is enough. What changes a firm's bills is worked out by
``scoring.counterfactual``, which reads the score anew from the changed bills; this module knows the changes that need
no score, holds every changed firm to what its changes may touch, asks the rules again and puts the ways in order.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from decimal import Decimal

from lending.judging import judge, limit_of
from lending.verdicts import Change, Outcome, PathKind, PathToYes, Policy, Ratios, Request, Score, Touches, Verdict

# Facts of a firm that a kind of change may move; all others stay what they are. A request moves none.
_FREE: dict[Touches, frozenset[str]] = {
    Touches.REQUEST: frozenset(),
    Touches.BILLS: frozenset(
        {"months_of_history", "monthly_net_revenue_minor", "revenue_p10_minor", "revenue_p10_told_by"}
    ),
    Touches.BUYERS: frozenset(),
    Touches.DEBTS: frozenset(
        {
            "current_overdue_minor",
            "company_overdue_minor",
            "monthly_instalments_minor",
            "company_instalments_minor",
        }
    ),
    Touches.INVOICES: frozenset(),
    Touches.PLEDGE: frozenset(),
}


Rescored = Callable[[Request], Score]


class NotTheOwners(ValueError):
    """A changed firm differs in something that its changes cannot have changed."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A firm as it would be after its owner did ``changes``. ``pledged_minor``: open invoices that secure the loan.

    ``rescored``: the score of the same firm that asks for something else; None where what is asked for moves no score.
    """

    changes: tuple[Change, ...]
    score: Score
    ratios: Ratios
    pledged_minor: int = 0
    rescored: Rescored | None = None


@dataclass(frozen=True, slots=True)
class Prospect:
    """One kind of thing to do, or two together, from the least of it to the most; worked out only when asked for."""

    kinds: frozenset[PathKind]
    steps: tuple[Callable[[], Changed], ...]


def ways_to_yes(
    score: Score,
    ratios: Ratios,
    policy: Policy,
    request: Request,
    prospects: Iterable[Prospect] | None = None,
    rescored: Rescored | None = None,
) -> tuple[PathToYes, ...]:
    """The ways of least effort that flip the decision, at most ``policy.ways.shown_up_to``; empty where none does.

    ``prospects``: what may be done, single things before pairs; None tries what can be changed without bills. Where
    the most of a thing flips nothing, less of it is not tried. ``rescored``: see :class:`Changed`.
    """
    found: dict[frozenset[PathKind], PathToYes] = {}

    def tried(firm: Changed) -> set[frozenset[PathKind]]:
        ways = {_kinds(way): way for way in _ways_of(firm, ratios, policy, request)}
        ways = {kinds: way for kinds, way in ways.items() if len(kinds) <= policy.ways.together_up_to}
        for kinds, way in ways.items():
            found.setdefault(kinds, way)
        return set(ways)

    tried(Changed((), score, ratios, rescored=rescored))
    for prospect in firms_by_facts(score, ratios, policy) if prospects is None else prospects:
        if len(prospect.kinds) > 1 and (len(found) >= policy.ways.shown_up_to or any(len(way) == 1 for way in found)):
            break  # single things have been tried: two are never asked for where one is enough
        most = prospect.steps[-1]()
        wanted = {_kinds(way) for way in _ways_of(most, ratios, policy, request)}
        for step in prospect.steps[:-1]:
            if not wanted or wanted <= tried(step()):
                break
        else:
            tried(most)
    fewest = min((len(kinds) for kinds in found), default=0)
    ways = [way for kinds, way in found.items() if len(kinds) == fewest]
    return tuple(sorted(ways, key=lambda way: _effort(way, policy))[: policy.ways.shown_up_to])


def ways_to_a_lower_price(
    score: Score, ratios: Ratios, policy: Policy, request: Request, prospects: Iterable[Prospect]
) -> tuple[PathToYes, ...]:
    """Single things after which the same request is a yes by machine at a lower rate, the least effort first.

    Each was judged again with it. Empty where the request is no such yes today, or nothing lowers its price.
    """
    today = judge(score, ratios, policy, request)
    if today.outcome is not Outcome.APPROVE or today.annual_rate is None or today.annual_rate == policy.prices()[0]:
        return ()
    rate = today.annual_rate

    def cheaper(firm: Changed) -> PathToYes | None:
        _hold_to_its_changes(firm, ratios, policy)
        then = judge(firm.score, firm.ratios, policy, request)
        if then.outcome is not Outcome.APPROVE or then.annual_rate is None or then.annual_rate >= rate:
            return None
        return _way(firm.changes, then.outcome, request, then.annual_rate)

    found: list[PathToYes] = []
    for prospect in prospects:
        if len(prospect.kinds) > 1 or len(found) >= policy.ways.shown_up_to:
            break
        most = prospect.steps[-1]()
        if not most.pledged_minor and (way := cheaper(most)):
            less = (each for step in prospect.steps[:-1] if (each := cheaper(step())))
            found.append(next(less, way))
    return tuple(sorted(found, key=lambda way: _effort(way, policy)))


def firms_by_facts(score: Score, ratios: Ratios, policy: Policy) -> Iterator[Prospect]:
    """Changes whose effect is known without reading bills anew: an overdue settled, months that a rule asks for."""
    missing = policy.months_of_history - ratios.months_of_history
    if missing > 0:
        longer = replace(ratios, months_of_history=policy.months_of_history)
        yield from _single(policy, Changed((Change(PathKind.MORE_HISTORY, months=missing),), score, longer))
    if ratios.current_overdue_minor > policy.current_overdue_up_to_minor:
        change = Change(PathKind.SETTLE_OVERDUE, amount_minor=ratios.current_overdue_minor)
        yield from _single(policy, Changed((change,), score, replace(ratios, current_overdue_minor=0)))


def _single(policy: Policy, firm: Changed) -> Iterator[Prospect]:
    if policy.ways.way(firm.changes[0].kind):
        yield Prospect(frozenset({firm.changes[0].kind}), (lambda: firm,))


def _kinds(way: PathToYes) -> frozenset[PathKind]:
    return frozenset(change.kind for change in way.changes)


def with_pledge(policy: Policy, ratios: Ratios, pledged_minor: int) -> Policy:
    """The rules for a loan that is secured by open invoices: a person looks at it, and it may be the advance on them.

    Any grade may borrow at least that; what the sales carry binds as ever.
    """
    if pledged_minor <= 0 or ratios.monthly_net_revenue_minor <= 0:
        return policy
    months = pledged_minor * policy.ways.pledge_advance / ratios.monthly_net_revenue_minor
    return replace(
        policy,
        grades=tuple(
            replace(rule, outcome=Outcome.REVIEW, revenue_months=max(rule.revenue_months, months))
            for rule in policy.grades
        ),
    )


def _ways_of(firm: Changed, before: Ratios, policy: Policy, request: Request) -> Iterator[PathToYes]:
    """What this firm is lent: as asked for, a smaller amount, or the amount over more months."""
    _hold_to_its_changes(firm, before, policy)
    mine = with_pledge(policy, firm.ratios, firm.pledged_minor)

    def judged(again: Request, *more: Change) -> PathToYes | None:
        verdict = _judged(firm, mine, request, again)
        if verdict.outcome is Outcome.DECLINE or not (changes := (*firm.changes, *more)):
            return None
        return _way(changes, verdict.outcome, again, verdict.annual_rate)

    if way := judged(request):
        yield way
        return
    rule = mine.rule_of(firm.score.grade)
    if rule.outcome is Outcome.DECLINE:
        return
    amounts = mine.product.amounts
    limit = min(limit_of(firm.ratios, mine, rule, request.months), amounts.highest_minor)
    if policy.ways.way(PathKind.SMALLER_AMOUNT) and amounts.lowest_minor <= limit < request.amount_minor:
        smaller = replace(request, amount_minor=limit)
        if way := judged(smaller, Change(PathKind.SMALLER_AMOUNT, amount_minor=limit)):
            yield way
    if not policy.ways.way(PathKind.LONGER_TERM):
        return
    over = range(request.months + 1, mine.longest_months(rule) + 1)
    carried = next((n for n in over if limit_of(firm.ratios, mine, rule, n) >= request.amount_minor), None)
    if carried is None:
        if not firm.changes:
            yield from _longer_and_smaller(firm, mine, request)
    elif way := judged(replace(request, months=carried), Change(PathKind.LONGER_TERM, months=carried)):
        yield way


def _judged(firm: Changed, policy: Policy, request: Request, again: Request) -> Verdict:
    """The rules' answer to another request; a yes is asked for once more by the score that it has itself."""
    verdict = judge(firm.score, firm.ratios, policy, again)
    if firm.rescored is None or again == request or verdict.outcome is Outcome.DECLINE:
        return verdict
    return judge(firm.rescored(again), firm.ratios, policy, again)


def _longer_and_smaller(firm: Changed, policy: Policy, request: Request) -> Iterator[PathToYes]:
    """Both at once: the first term over which the sales carry anything that is lent at all."""
    amounts, rule = policy.product.amounts, policy.rule_of(firm.score.grade)
    for months in range(request.months + 1, policy.longest_months(rule) + 1):
        limit = min(limit_of(firm.ratios, policy, rule, months), amounts.highest_minor)
        if not amounts.lowest_minor <= limit < request.amount_minor:
            continue
        again = replace(request, amount_minor=limit, months=months)
        verdict = _judged(firm, policy, request, again)
        if verdict.outcome is not Outcome.DECLINE:
            changes = (
                Change(PathKind.LONGER_TERM, months=months),
                Change(PathKind.SMALLER_AMOUNT, amount_minor=limit),
            )
            yield _way(changes, verdict.outcome, again, verdict.annual_rate)
            return


def _way(changes: tuple[Change, ...], outcome: Outcome, lent: Request, rate: Decimal | None) -> PathToYes:
    first = changes[0]
    borrowed = first.kind in (PathKind.SMALLER_AMOUNT, PathKind.LONGER_TERM, PathKind.MORE_HISTORY)
    return PathToYes(
        kind=first.kind,
        outcome=outcome,
        amount_minor=lent.amount_minor if borrowed else first.amount_minor,
        months=first.months,
        changes=changes,
        lent_minor=lent.amount_minor,
        lent_months=lent.months,
        annual_rate=rate,
    )


def _effort(way: PathToYes, policy: Policy) -> tuple[int, bool, int]:
    """Less effort first; of the same effort a yes before a look, then the larger amount."""
    efforts = {each.kind: each.effort for each in policy.ways.kinds}
    total = sum(efforts[change.kind] for change in way.changes)
    return total, way.outcome is not Outcome.APPROVE, -way.lent_minor


def _hold_to_its_changes(firm: Changed, before: Ratios, policy: Policy) -> None:
    free: set[str] = set()
    for change in firm.changes:
        way = policy.ways.way(change.kind)
        if way is None:
            raise NotTheOwners(f"{change.kind}: not something that an owner can do here")
        free |= _FREE[way.touches]
    moved = {each.name for each in fields(Ratios) if getattr(firm.ratios, each.name) != getattr(before, each.name)}
    if moved - free:
        raise NotTheOwners(f"{', '.join(sorted(moved - free))}: not moved by {', '.join(c.kind for c in firm.changes)}")
