"""A credit line (额度): what it lets its owner draw, on which terms, and by which signed clause it may be changed.

额度合同 is not 借据: the line is a limit with an end; each draw is a loan with terms of its own. Nothing is paid for
what is not drawn. Repaying restores at once where the line revolves (lending practice P1, P14, P16).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from lending.calendars import add_months
from lending.identifiers import derived_id
from lending.offers import share_for
from lending.products import LineRules, Product
from lending.projection import months_to_repay
from lending.receivables import shortfall
from lending.refusals import (
    AboveAvailable,
    AboveBase,
    AmountOutOfRange,
    ClauseNotSigned,
    LineClosed,
    LineFrozen,
    LineOver,
    LineStays,
    OutsidePolicy,
    ReasonMissing,
)
from lending.terms import Terms, terms_of


class LineState(StrEnum):
    """``reduced``: open within a lower limit than was signed."""

    OPEN = "open"
    FROZEN = "frozen"
    REDUCED = "reduced"
    CLOSED = "closed"


class LineAct(StrEnum):
    """What the lender may do to a line. ``call``: ask for drawn money before its day; ``keep``: a person looked, and it
    stays as it is."""

    FREEZE = "freeze"
    REDUCE = "reduce"
    CLOSE = "close"
    CALL = "call"
    REOPEN = "reopen"
    KEEP = "keep"


# What each clause of the line's contract allows (papers.clause.line_changes.*, which print these ids). None of them
# touches money that is drawn: a draw ends by its own terms, whatever becomes of the line.
CLAUSES: dict[str, frozenset[LineAct]] = {
    "L1": frozenset({LineAct.FREEZE, LineAct.REDUCE}),  # the chance of repayment has become clearly worse
    "L2": frozenset({LineAct.FREEZE, LineAct.REDUCE, LineAct.CLOSE}),  # a draw is overdue past its grace, or misused
    "L3": frozenset({LineAct.FREEZE}),  # somebody else may be drawing
    "L4": frozenset({LineAct.REDUCE, LineAct.CLOSE}),  # the yearly review
}
# What gives back is no burden: it needs a reason and no clause.
GIVES_BACK = frozenset({LineAct.REOPEN, LineAct.KEEP})


@dataclass(frozen=True, slots=True)
class Standing:
    """What a line stands at, in minor units. ``drawn``: what its loans still owe in principal, or for a line that does
    not revolve what was ever paid out; ``reserved``: draws whose money has not arrived; ``base``: what its security
    counts for today, None for a line without one."""

    limit_minor: int
    drawn_minor: int
    reserved_minor: int
    base_minor: int | None = None

    @property
    def available_minor(self) -> int:
        """What may be drawn now; a limit that was cut below what is drawn leaves nothing, and takes nothing."""
        most = self.limit_minor if self.base_minor is None else min(self.limit_minor, self.base_minor)
        return max(0, most - self.drawn_minor - self.reserved_minor)

    @property
    def shortfall_minor(self) -> int:
        """What is lent above what the security counts for; 0 for a line without one."""
        return 0 if self.base_minor is None else shortfall(self.base_minor, self.drawn_minor + self.reserved_minor)


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line as a rule looks at it. ``fresh_until``: the last day on which what is known of its owner is new enough."""

    state: LineState
    clause: str
    expires_on: date
    fresh_until: date
    standing: Standing


def last_day(terms: Terms, today: date) -> date:
    """The last day on which a line that is signed today can be drawn on."""
    return add_months(today, terms.line_months) - timedelta(days=1)


# So long before its last day a line is looked at: time to know what becomes of it, and to ask for the next one.
REVIEW_BEFORE_END = timedelta(days=30)


def review_day(rules: LineRules, opened_on: date, expires_on: date) -> date:
    """The day of the yearly look (P1, P16): after the rules' months, and in any case so long before the end that the
    owner knows it in time; of a line shorter than that, its last day."""
    wished = min(add_months(opened_on, rules.review_months), expires_on - REVIEW_BEFORE_END)
    return wished if wished > opened_on else expires_on


def refuse_draw(line: LineFacts, rules: LineRules, product: Product, amount_minor: int, today: date) -> None:
    """Raise why this much cannot be drawn today; nothing where it can.

    A refusal names what would help: the clause and a review, a new line, the amount that is there.
    """
    match line.state:
        case LineState.FROZEN:
            raise LineFrozen(clause=line.clause)
        case LineState.CLOSED:
            raise LineClosed(clause=line.clause)
        case LineState.OPEN | LineState.REDUCED:
            pass
    if today > line.expires_on:
        raise LineOver(on=line.expires_on.isoformat())
    available, base = line.standing.available_minor, line.standing.base_minor
    if amount_minor > available and base is not None and base < line.standing.limit_minor:
        raise AboveBase(base_minor=base, available_minor=available, currency=product.amounts.currency)
    if amount_minor > available:
        raise AboveAvailable(available_minor=available, currency=product.amounts.currency)
    if amount_minor < rules.lowest_draw_minor or amount_minor % product.amounts.step_minor:
        raise AmountOutOfRange(
            lowest_minor=rules.lowest_draw_minor, highest_minor=available, currency=product.amounts.currency
        )


def is_fresh(line: LineFacts, today: date) -> bool:
    """Whether what was asked of bills and registers is new enough to pay on (journey 9, I2)."""
    return today <= line.fresh_until


def draw_terms(
    line: Terms,
    product: Product,
    *,
    amount_minor: int,
    share: Decimal | None,
    usual: Sequence[int] | int,
    start: date,
    annual_rate: Decimal | None = None,
) -> Terms:
    """The own terms of one draw: its term is what usual sales need at its share, its rate the line's or a lower one.

    ``share`` None: the smallest that repays within the product's longest term, and not below the line's own.
    ``annual_rate``: what a coupon makes of the line's rate; it never makes it dearer.
    """
    rate = line.annual_rate if annual_rate is None else min(line.annual_rate, annual_rate)
    rules = product.line
    if rules is None:
        raise OutsidePolicy(rule="no_line")
    amounts = replace(product.amounts, lowest_minor=rules.lowest_draw_minor)
    # The order of payments is what the line's agreement says, whatever the product says since.
    order = line.principal_first_days
    drawn = replace(product.priced(rate, None), amounts=amounts, line=None, principal_first_days=order)
    longest = drawn.months.longest
    chosen = max(line.share, share_for(drawn, amount_minor, longest, usual, start)) if share is None else share
    trial = terms_of(drawn, amount_minor=amount_minor, months=longest, share=chosen)
    needed = months_to_repay(trial, usual, start)
    if needed is None or needed > longest:
        raise OutsidePolicy(rule="no_plan_fits")
    return terms_of(drawn, amount_minor=amount_minor, months=max(needed, drawn.months.shortest), share=chosen)


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change leaves of a line. ``touches_drawn``: only where the signed clause says so."""

    state: LineState
    limit_minor: int
    touches_drawn: bool


def change(
    *,
    act: LineAct,
    clause: str,
    reason: str,
    signed: Iterable[str],
    state: LineState,
    limit_minor: int,
    signed_limit_minor: int,
    new_limit_minor: int | None = None,
) -> Changed:
    """What the lender may make of a line (P16), or a refusal: a clause that was signed and allows it, and a reason.

    ``signed``: the ids of the clauses that this line's contract has. ``new_limit_minor``: for ``reduce`` the limit from
    now on; ``reopen`` gives back what was signed.
    """
    if not reason.strip():
        raise ReasonMissing
    if act not in GIVES_BACK and (clause not in set(signed) or act not in CLAUSES.get(clause, frozenset())):
        raise ClauseNotSigned(clause=clause)
    if state is LineState.CLOSED:
        raise LineClosed(clause=clause)
    match act:
        case LineAct.FREEZE:
            if state is LineState.FROZEN:
                raise LineStays(state=state.value)
            return Changed(LineState.FROZEN, limit_minor, touches_drawn=False)
        case LineAct.REDUCE:
            if new_limit_minor is None or not 0 < new_limit_minor < limit_minor:
                raise LineStays(state=state.value)
            return Changed(LineState.REDUCED, new_limit_minor, touches_drawn=False)
        case LineAct.CLOSE:
            return Changed(LineState.CLOSED, limit_minor, touches_drawn=False)
        case LineAct.CALL:
            return Changed(LineState.CLOSED, limit_minor, touches_drawn=True)
        case LineAct.REOPEN:
            if state is LineState.OPEN:
                raise LineStays(state=state.value)
            return Changed(LineState.OPEN, signed_limit_minor, touches_drawn=False)
        case LineAct.KEEP:
            return Changed(state, limit_minor, touches_drawn=False)


# --- ids --------------------------------------------------------------------------------------------------------------


def line_id_of(application_id: UUID) -> UUID:
    """One application, one line."""
    return derived_id("line", str(application_id))


def draw_id_of(line_id: UUID, number: int) -> UUID:
    """The application row of a line's draw, counted from 1: known before it is asked for, so that a proof of identity
    can be bound to the very loan that it is given for."""
    return derived_id("draw", f"{line_id}/{number}")
