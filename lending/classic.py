"""The classic schedule: one instalment from the annuity formula, the last one takes what is left.

Interest is reckoned on 365 days in any year (or 360 where the product says so), or by twelfths and fifty-seconds
where the period of interest is the period of repayment; flat interest is on all that was paid out, shared evenly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lending.amortisation import InterestMethod, to_minor
from lending.money import divide_half_even
from lending.rate_factors import DIGITS, InterestPeriod, RateBasis, YearDays
from lending.spans import Span, Unit


@dataclass(frozen=True, slots=True)
class ClassicPlan:
    """What the classic schedule depends on; amounts in minor units.

    ``principal_grace`` and ``interest_grace``: so many instalments ask for no principal, for no interest (it is asked
    for with the next); ``interest_free``: so many earn none.
    """

    annual_rate: Decimal
    basis: RateBasis
    method: InterestMethod
    equal_principal: bool = False
    multiple_minor: int | None = None
    principal_grace: int = 0
    interest_grace: int = 0
    interest_free: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    principal: int
    interest: int


def classic_rows(plan: ClassicPlan, spans: Sequence[Span], principal: int, lent: int) -> list[Row]:
    """One row per span for ``principal`` to be repaid; ``lent`` is all that was paid out, for flat interest."""
    return (
        _flat(plan, spans, principal, lent)
        if plan.method is InterestMethod.FLAT
        else _declining(plan, spans, principal)
    )


def _year(basis: RateBasis) -> int:
    return 360 if basis.year_days is YearDays.D360 else 365


def periodic_rate(plan: ClassicPlan, span: Span) -> Decimal:
    """The part of the annual rate that one span costs."""
    basis = plan.basis
    if basis.interest_period is InterestPeriod.DAILY:
        return DIGITS.multiply(DIGITS.divide(plan.annual_rate, Decimal(_year(basis))), Decimal(span.days))
    in_year = {Unit.DAYS: 365, Unit.WEEKS: 52, Unit.MONTHS: 12, Unit.YEARS: 1}[basis.unit]
    return DIGITS.multiply(DIGITS.divide(plan.annual_rate, Decimal(in_year)), Decimal(basis.every))


def _flat(plan: ClassicPlan, spans: Sequence[Span], principal: int, lent: int) -> list[Row]:
    count = len(spans)
    if plan.basis.interest_period is InterestPeriod.DAILY:
        days = (spans[-1].due_on - spans[0].from_on).days
        interest_left = to_minor(lent * plan.annual_rate * days / _year(plan.basis))
    else:
        interest_left = to_minor(lent * periodic_rate(plan, spans[0]) * count)
    each = divide_half_even(interest_left, count)
    share = divide_half_even(principal, count - plan.principal_grace)
    rows: list[Row] = []
    for number in range(count):
        last = number == count - 1
        # Rounded up many times, shares can reach the whole before the end: none is asked for beyond it.
        interest = interest_left if last else min(each, interest_left)
        pays = 0 if number < plan.principal_grace else principal if last else _rounded(plan, share, interest)
        pays = min(pays, principal)
        rows.append(Row(pays, interest))
        principal -= pays
        interest_left -= interest
    return rows


def _rounded(plan: ClassicPlan, principal: int, interest: int) -> int:
    """The principal that makes the instalment a whole multiple, where the product wants that."""
    if not plan.multiple_minor:
        return principal
    whole = divide_half_even(principal + interest, plan.multiple_minor) * plan.multiple_minor
    return whole - interest if whole > interest else principal


def _declining(plan: ClassicPlan, spans: Sequence[Span], principal: int) -> list[Row]:
    rows: list[Row] = []
    balance, carried = principal, 0
    count = len(spans)
    first = spans[min(plan.principal_grace, count - 1)]
    emi = _instalment(plan, balance, periodic_rate(plan, first), count - plan.principal_grace)
    for number, span in enumerate(spans):
        earned = 0 if number < plan.interest_free else to_minor(balance * periodic_rate(plan, span))
        carried += earned
        interest = 0 if number < plan.interest_grace else carried
        carried -= interest
        if number < plan.principal_grace:
            pays = 0
        elif number == count - 1:
            pays = balance
        else:
            pays = min(balance, emi if plan.equal_principal else max(0, emi - earned))
        rows.append(Row(pays, interest))
        balance -= pays
    return rows


def _instalment(plan: ClassicPlan, balance: int, rate: Decimal, count: int) -> int:
    """The equal instalment (or the equal principal) that repays ``balance`` in ``count`` parts."""
    if plan.equal_principal:
        return divide_half_even(balance, count)
    if rate == 0:
        amount = divide_half_even(balance, count)
    else:
        growth = (1 + rate) ** count
        amount = to_minor(balance * rate * growth / (growth - 1))
    if plan.multiple_minor:
        return divide_half_even(amount, plan.multiple_minor) * plan.multiple_minor or amount
    return amount
