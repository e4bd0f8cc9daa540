"""What a firm would be after its owner did this or that: its evidence changed consistently and read by the same model.

A counterfactual here is never a moved feature. It is what would be uploaded or known next time: bills with more months
of the same trade, without the lines whose origin was unclear, with a largest buyer that is a smaller part of the same
sales; an invoice list that bears the bills out; an overdue or a loan that was repaid. Features, chance of default,
months of history and usual sales are all read anew from it, and ``lending.way_to_yes`` shows only what flips.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from itertools import combinations, zip_longest

import numpy as np
from numpy.typing import NDArray

from lending.verdicts import Change, PathKind, Policy, Ratios, Request, Score, Way
from lending.way_to_yes import Changed, Prospect, Rescored
from scoring.assessment import assess
from scoring.bad_months import BadMonths, by_bills
from scoring.evidence import Evidence
from scoring.invoices import SOLD, UNKNOWN_DAY, VALID, Invoices
from scoring.lines import LOAN_IN, LOAN_REPAY, NO_BALANCE, OTHER, PRIVATE, SALE, Floats, Ints, Lines, day_number
from scoring.model import Model

YEAR = 364  # days that the score looks back
LEAST_UNCLEAR = 0.02  # of what came in: less is not worth anybody's evening
OPEN_UP_TO = 90  # days: an open invoice without a due date counts as not late for so long

# What the bureau tells of debts; what the bills tell themselves is read anew, and all other facts stay.
_DEBTS = frozenset({"monthly_instalments_minor", "company_instalments_minor"})
_OVERDUE = frozenset({"current_overdue_minor", "company_overdue_minor"})


@dataclass(frozen=True, slots=True)
class Edit:
    """One change with what it does to the evidence and to the facts that the bills do not tell."""

    change: Change
    evidence: Callable[[Evidence], Evidence] = lambda same: same
    cleared: frozenset[str] = frozenset()  # facts that become zero
    bills: bool = False  # whether months and sales are read anew
    pledged_minor: int = 0


def prospects(
    model: Model,
    evidence: Evidence,
    as_of: date,
    ratios: Ratios,
    policy: Policy,
    bad_months: BadMonths = by_bills,
) -> Iterator[Prospect]:
    """Each thing that the owner can do, then each two of them; nothing is read before it is asked for.

    ``evidence`` is one firm's, ``ratios`` the facts that it was judged by, ``bad_months`` how its bad month was found.
    """
    known = evidence.known(as_of)

    def read(*edits: Edit) -> Callable[[], Changed]:
        return lambda: _read(model, known, as_of, ratios, policy, bad_months, edits)

    steps: dict[PathKind, list[Edit]] = {}
    for edit in edited(known, as_of, ratios, policy):
        steps.setdefault(edit.change.kind, []).append(edit)
    for kind, edits in steps.items():
        yield Prospect(frozenset({kind}), tuple(read(edit) for edit in edits))
    if policy.ways.together_up_to < 2:
        return
    for one, other in combinations(steps, 2):
        pairs = zip_longest(steps[one], steps[other])
        last = steps[one][-1], steps[other][-1]
        together = tuple(read(first or last[0], second or last[1]) for first, second in pairs)
        yield Prospect(frozenset({one, other}), together)


def rescoring(model: Model, evidence: Evidence, as_of: date, policy: Policy) -> Rescored | None:
    """The score of a firm that asks for another amount or term; None where it said nothing of what it asks for."""
    if not len(evidence.declared):
        return None

    def rescored(request: Request) -> Score:
        asks = np.full(len(evidence.declared), request.amount_minor, np.int64)
        declared = replace(evidence.declared, asked_minor=asks, months_asked=np.full_like(asks, request.months))
        score = assess(model, replace(evidence, declared=declared), as_of).score
        return replace(score, grade=policy.grade_of(score.pd))

    return rescored


def _read(
    model: Model,
    evidence: Evidence,
    as_of: date,
    ratios: Ratios,
    policy: Policy,
    bad_months: BadMonths,
    edits: tuple[Edit, ...],
) -> Changed:
    for edit in edits:
        evidence = edit.evidence(evidence)
    assessment = assess(model, evidence, as_of)
    score = assessment.score
    moved: dict[str, int | str | None] = {name: 0 for edit in edits for name in edit.cleared}
    if any(edit.bills for edit in edits):
        bad = bad_months(evidence, assessment.monthly_series)
        moved |= {
            "months_of_history": assessment.months_of_history,
            "monthly_net_revenue_minor": assessment.monthly_net_revenue_minor,
            "revenue_p10_minor": bad.revenue_minor,
            "revenue_p10_told_by": bad.told_by,
        }
    return Changed(
        changes=tuple(edit.change for edit in edits),
        score=Score(score.pd, policy.grade_of(score.pd), score.confidence),
        ratios=replace(ratios, **moved),  # pyright: ignore[reportArgumentType]
        pledged_minor=sum(edit.pledged_minor for edit in edits),
        rescored=rescoring(model, evidence, as_of, policy),
    )


# --- what can be done -------------------------------------------------------------------------------------------------


def edited(evidence: Evidence, as_of: date, ratios: Ratios, policy: Policy) -> Iterator[Edit]:
    """Everything that this owner could do, of the kinds that exist here."""
    makers: dict[PathKind, Callable[[Way], Iterator[Edit]]] = {
        PathKind.CLEAR_LINES: lambda _: _clear(evidence.lines),
        PathKind.ADD_INVOICES: lambda _: _add_invoices(evidence),
        PathKind.MORE_HISTORY: lambda way: _more_history(evidence.lines, way, policy, ratios),
        PathKind.PLEDGE_INVOICES: lambda _: _pledge(evidence.invoices, as_of),
        PathKind.SETTLE_OVERDUE: lambda _: _settle(ratios),
        PathKind.REPAY_LOAN: lambda _: _repay(evidence.lines, ratios),
        PathKind.FEWER_LARGE_BUYERS: lambda way: _spread(evidence, way),
    }
    for kind, edits in makers.items():
        if way := policy.ways.way(kind):
            yield from edits(way)


def _clear(lines: Lines) -> Iterator[Edit]:
    """Money without a business reason is set apart as private: it counts as nothing, above all not as sales."""
    unclear = _unclear(lines)
    recent = lines.day > _newest(lines) - YEAR
    amount = int(lines.amount_minor[unclear & recent].sum())
    came_in = int(lines.amount_minor[(lines.direction == 1) & recent].sum())
    if amount and amount >= LEAST_UNCLEAR * came_in:
        yield Edit(Change(PathKind.CLEAR_LINES, amount_minor=amount), lambda e: replace(e, lines=_cleared(e.lines)))


def _more_history(lines: Lines, way: Way, policy: Policy, ratios: Ratios) -> Iterator[Edit]:
    """More months of the trade that the bills show."""
    if not len(lines):
        return
    missing = policy.months_of_history - ratios.months_of_history
    for months in sorted({*way.months, *((missing,) if missing > 0 else ())}):
        change = Change(PathKind.MORE_HISTORY, months=months)
        yield Edit(change, lambda e, n=months: replace(e, lines=_extended(e.lines, n)), bills=True)


def _add_invoices(evidence: Evidence) -> Iterator[Edit]:
    """A list of sales invoices that says the same as the bills: their buyers, their amounts, paid when they paid."""
    sold = _sold(evidence.lines)
    if not (evidence.invoices.side == SOLD).any() and (evidence.lines.counterparty[sold] != 0).any():
        yield Edit(Change(PathKind.ADD_INVOICES), lambda e: replace(e, invoices=_borne_out(e.lines)))


def _pledge(invoices: Invoices, as_of: date) -> Iterator[Edit]:
    """Open sales invoices that are not late."""
    today = day_number(as_of)
    due = np.where(invoices.due == UNKNOWN_DAY, invoices.issued + OPEN_UP_TO, invoices.due)
    open_now = (invoices.side == SOLD) & (invoices.status == VALID) & (invoices.settled == UNKNOWN_DAY) & (due >= today)
    amount = int((invoices.net_minor + invoices.tax_minor)[open_now].sum())
    if amount > 0:
        yield Edit(Change(PathKind.PLEDGE_INVOICES, amount_minor=amount), pledged_minor=amount)


def _settle(ratios: Ratios) -> Iterator[Edit]:
    amount = _sum(ratios, _OVERDUE)
    if amount > 0:
        yield Edit(Change(PathKind.SETTLE_OVERDUE, amount_minor=amount), cleared=_there(ratios, _OVERDUE))


def _repay(lines: Lines, ratios: Ratios) -> Iterator[Edit]:
    """No instalments any more; and the next bill shows the last repayment of what the bills know to be owed."""
    monthly, owed = _sum(ratios, _DEBTS), _owed(lines)
    if monthly > 0 or owed > 0:
        change = Change(PathKind.REPAY_LOAN, amount_minor=monthly or owed)
        yield Edit(change, lambda e: replace(e, lines=_repaid(e.lines)), cleared=_there(ratios, _DEBTS))


def _spread(evidence: Evidence, way: Way) -> Iterator[Edit]:
    """The same sales, of which the largest buyer is a smaller part."""
    largest = max(_largest(*_of_lines(evidence.lines)), _largest(*_of_invoices(evidence.invoices)))
    for share in way.shares:
        if largest > share:
            change = Change(PathKind.FEWER_LARGE_BUYERS, share=share)
            yield Edit(change, lambda e, most=share: _spread_out(e, most))


# --- what it does to the evidence -------------------------------------------------------------------------------------


def _cleared(lines: Lines) -> Lines:
    return replace(lines, direction=np.where(_unclear(lines), 0, lines.direction).astype(lines.direction.dtype))


def _extended(lines: Lines, months: int) -> Lines:
    """``months`` more before the first line: whole months of the latest year repeated, each line on its day of the
    month, so that rent day and pay day stay what they are."""
    first, last = int(lines.day.min()), _newest(lines)
    start = _months_before(np.array([first]), months)[0]
    step = max(1, min(12, int((last - first + 1) / 30.4375)))
    pattern = lines.where(lines.day > last - 365)
    parts, begin = [lines], first
    for back in range(step, 12 * step + months + 1, step):
        day = _months_before(pattern.day, back)
        parts.append(replace(pattern, day=day).where((day < begin) & (day >= start)))
        begin = min(begin, int(day.min()))
        if begin <= start:
            break
    return _joined(parts)


def _borne_out(lines: Lines) -> Invoices:
    """One invoice for each named buyer and month, on the day of the month's last sale to them, paid on that day."""
    mine = lines.where(_sold(lines) & (lines.counterparty != 0))
    month = mine.day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    order = np.lexsort((mine.day, month, mine.counterparty))
    party, month, day = mine.counterparty[order], month[order], mine.day[order].astype(np.int64)
    begins = np.flatnonzero(np.append(True, (party[1:] != party[:-1]) | (month[1:] != month[:-1])))
    ends = np.append(begins[1:], len(party)) - 1
    count = len(begins)
    return Invoices(
        firm=np.zeros(count, np.int32),
        side=np.full(count, SOLD, np.int8),
        issued=day[ends],
        due=day[ends],
        settled=day[ends],
        net_minor=np.add.reduceat(mine.amount_minor[order], begins),
        tax_minor=np.zeros(count, np.int64),
        counterparty=party[begins],
        status=np.full(count, VALID, np.int8),
    )


def _repaid(lines: Lines) -> Lines:
    owed = _owed(lines)
    if owed <= 0:
        return lines
    lent = np.flatnonzero((lines.kind == LOAN_IN) & (lines.direction == 1))
    one = lines.where(lent[[np.argmax(lines.day[lent])]])
    last = replace(
        one,
        day=np.array([_newest(lines)], lines.day.dtype),
        direction=np.array([-1], lines.direction.dtype),
        amount_minor=np.array([owed], lines.amount_minor.dtype),
        kind=np.array([LOAN_REPAY], lines.kind.dtype),
        balance_minor=None if lines.balance_minor is None else np.array([NO_BALANCE], np.int64),
    )
    return _joined([lines, last])


def _spread_out(evidence: Evidence, most: Decimal) -> Evidence:
    lines, invoices = evidence.lines, evidence.invoices
    if _largest(*_of_lines(lines)) > most:
        lines = replace(lines, counterparty=_reassigned(*_of_lines(lines), most))
    if _largest(*_of_invoices(invoices)) > most:
        invoices = replace(invoices, counterparty=_reassigned(*_of_invoices(invoices), most))
    return replace(evidence, lines=lines, invoices=invoices)


def _reassigned(
    counts: NDArray[np.bool_], amount: Floats, party: NDArray[np.uint64], most: Decimal
) -> NDArray[np.uint64]:
    """Sales of every buyer above ``most`` go to new buyers, none of whom is above half of that."""
    out = party.copy()
    whole = float(amount[counts].sum())
    new = np.uint64(1)
    named = counts & (party != 0)
    buyers_now, pair = np.unique(party[named], return_inverse=True)
    for buyer in buyers_now[np.bincount(pair, amount[named]) > float(most) * whole]:
        rows = np.flatnonzero(counts & (party == buyer))
        surplus = float(amount[rows].sum()) - float(most) * whole
        rows = np.random.default_rng(len(rows)).permutation(rows)  # spread over the year, the same each time
        moved = rows[: int(np.searchsorted(np.cumsum(amount[rows]), surplus)) + 1]
        buyers = int(np.ceil(surplus / (float(most) / 2 * whole)))
        out[moved] = (new + np.arange(len(moved), dtype=np.uint64) % np.uint64(buyers)).astype(np.uint64)
        new += np.uint64(buyers)
    return out


# --- small facts ------------------------------------------------------------------------------------------------------


def _unclear(lines: Lines) -> NDArray[np.bool_]:
    return (lines.direction == 1) & ((lines.kind == OTHER) | (lines.kind == PRIVATE))


def _sold(lines: Lines) -> NDArray[np.bool_]:
    return (lines.kind == SALE) & (lines.direction == 1)


def _newest(lines: Lines) -> int:
    return int(lines.day.max()) if len(lines) else 0


def _owed(lines: Lines) -> int:
    """Borrowed less repaid within the year that the score looks at; never below zero."""
    recent = lines.day > _newest(lines) - YEAR
    taken = int(lines.amount_minor[recent & (lines.kind == LOAN_IN) & (lines.direction == 1)].sum())
    back = int(lines.amount_minor[recent & (lines.kind == LOAN_REPAY) & (lines.direction == -1)].sum())
    return max(taken - back, 0)


def _of_lines(lines: Lines) -> tuple[NDArray[np.bool_], Floats, NDArray[np.uint64]]:
    counts = _sold(lines) & (lines.day > _newest(lines) - YEAR)
    return counts, lines.amount_minor.astype(np.float64), lines.counterparty


def _of_invoices(invoices: Invoices) -> tuple[NDArray[np.bool_], Floats, NDArray[np.uint64]]:
    counts = (invoices.side == SOLD) & (invoices.status == VALID)
    return counts, invoices.net_minor.astype(np.float64), invoices.counterparty


def _largest(counts: NDArray[np.bool_], amount: Floats, party: NDArray[np.uint64]) -> float:
    """The part of sales that the largest named buyer is; 0 where nobody is named."""
    named = counts & (party != 0)
    if not named.any():
        return 0.0
    _, pair = np.unique(party[named], return_inverse=True)
    return float(np.bincount(pair, amount[named]).max() / amount[counts].sum())


def _months_before(day: Ints, months: int) -> Ints:
    """Each day so many calendar months earlier, on its day of the month or the month's last."""
    month = day.astype("datetime64[D]").astype("datetime64[M]")
    of_month = day - month.astype("datetime64[D]").astype(np.int64)
    then = month - months
    length = ((then + 1).astype("datetime64[D]") - then.astype("datetime64[D]")).astype(np.int64)
    return (then.astype("datetime64[D]").astype(np.int64) + np.minimum(of_month, length - 1)).astype(day.dtype)


def _joined(parts: list[Lines]) -> Lines:
    columns = ([getattr(part, column.name) for part in parts] for column in fields(Lines))
    return Lines(*(None if column[0] is None else np.concatenate(column) for column in columns))  # pyright: ignore[reportArgumentType]


def _sum(ratios: Ratios, names: frozenset[str]) -> int:
    return sum(int(getattr(ratios, name)) for name in _there(ratios, names))


def _there(ratios: Ratios, names: frozenset[str]) -> frozenset[str]:
    """Those of the facts that this version of the rules knows and that are above nothing."""
    return frozenset(name for name in names if getattr(ratios, name, 0))
