"""The key-facts sheet (贷款明白纸, 综合融资成本清单): one structure that page, paper and ledger share.

It holds figures and :class:`~activities.papers.words.Words`, no finished sentences, so that one stored sheet is shown
in every language. What is not on it is not charged (lending-practice P7, P8, P10, P12).
"""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from activities.papers import dated
from activities.papers.renewal import RenewalLine, paid_to
from activities.papers.sheet_lines import Cost, Estimate, LateExample, PathPoint, ThirdPartyCost
from activities.papers.subsidy import SubsidyLine, subsidised
from activities.papers.words import Words
from lending.calendars import BusinessCalendar, DayRule
from lending.lateness import late_interest
from lending.minimum_path import checkpoints
from lending.money import round_half_even
from lending.products import Product, RepaymentKind
from lending.projection import GOOD, SLOW, Projection, Weathers
from lending.rates import DayCount, interest
from lending.terms import Terms, plain, terms_hash

FORMAT = 1
THIRD_PARTY_COSTS = ("appraisal", "registration", "guarantee", "insurance", "notary")
LATE_DAYS = (1, 7, 30)


@dataclass(frozen=True)
class Borrower:
    """Whom the papers name. Numbers arrive masked: a paper needs to identify, not to reveal.

    ``firm_name`` is None for the self-employed without a licence. A company borrows itself: ``name`` and ``id_masked``
    are its name and credit code, ``speaker`` is who signs for it, in this ``capacity``; both None for anybody else.
    """

    name: str
    id_masked: str
    firm_name: str | None
    account_masked: str
    phone_masked: str
    speaker: str | None = None
    capacity: str | None = None


@dataclass(frozen=True)
class Lender:
    """Who lends, and where to complain. ``registration``: 统一社会信用代码; ``court``: at the lender's seat."""

    name: str
    name_en: str
    registration: str
    address: str
    address_en: str
    service_phone: str
    complaint_phone: str
    email: str
    court: str
    court_en: str
    regulator_phone: str


@dataclass(frozen=True)
class KeyFactsSheet:
    """One offer's key facts. Dates are computed as if the money were credited ``on``; rates are fractions a year.

    ``annual_total_rate``: all costs in normal performance, simple. ``late_annual_rate``: on overdue principal, ordinary
    interest included. ``release_hours``: how long the payout waits, cancellable. ``*_words``: sentences in their order.
    """

    number: str
    on: date
    product: str
    product_version: str
    purpose: str
    lender: Lender
    borrower: Borrower
    amount_minor: int
    currency: str
    months: int
    share: Decimal
    annual_rate: Decimal
    day_count: DayCount
    annual_total_rate: Decimal
    late_factor: Decimal
    late_annual_rate: Decimal
    grace_days: int
    window_months: int
    windows: int
    withdrawal_days: int
    release_hours: int
    terms_hash: str
    costs: tuple[Cost, ...]
    third_party: tuple[ThirdPartyCost, ...]
    estimates: tuple[Estimate, ...]
    path: tuple[PathPoint, ...]
    late_examples: tuple[LateExample, ...]
    repayment_words: tuple[Words, ...]
    late_words: tuple[Words, ...]
    freedom_words: tuple[Words, ...]
    payment_words: tuple[Words, ...]
    complaint_words: tuple[Words, ...]
    nothing_else: Words
    # What is charged when, and what sets it off; empty on sheets that were stored before it stood there.
    timeline_words: tuple[Words, ...] = ()
    # What makes it the sheet of a credit line; empty on the sheet of a loan or a draw.
    line_words: tuple[Words, ...] = ()
    format: int = FORMAT
    renewal: RenewalLine | None = None
    subsidy: SubsidyLine | None = None
    path_debit: bool = False
    # Of a loan past due for longer than so many days a payment settles principal first; 0: never.
    principal_first_days: int = 0
    # How it is repaid; anything but a share of revenue goes by dates, and ``path`` is its schedule.
    repayment: RepaymentKind = RepaymentKind.REVENUE_SHARE
    # What becomes of a check day that is no working day (P9).
    day_rule: DayRule = DayRule.NONE

    @property
    def by_dates(self) -> bool:
        return self.repayment.by_dates

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values: dates in ISO form, rates as strings, the same for equal sheets."""
        return _ADAPTER.dump_python(self, mode="json")

    @staticmethod
    def from_json(stored: dict[str, Any]) -> "KeyFactsSheet":
        """The sheet that was stored; ``pydantic.ValidationError`` for anything else."""
        return _ADAPTER.validate_python(stored)


_ADAPTER = TypeAdapter(KeyFactsSheet)


def key_facts(
    terms: Terms,
    weathers: Weathers,
    product: Product,
    *,
    borrower: Borrower,
    lender: Lender,
    number: str,
    on: date,
    purpose: str,
    release_delay: timedelta = timedelta(0),
    coupon_minor: int = 0,
    renewal: RenewalLine | None = None,
    subsidy: SubsidyLine | None = None,
    calendar: BusinessCalendar | None = None,
) -> KeyFactsSheet:
    """The sheet of one offer, made on ``on``. ``weathers`` must start on that day; ``purpose`` is one of the product's;
    ``coupon_minor`` is what a coupon pays of the interest at most, as the projection was made with.

    Raises ValueError if terms, projection and product do not belong together: a sheet never mixes two offers.
    """
    if terms.product_id != product.id or purpose not in product.purposes:
        raise ValueError(f"{purpose!r} under {terms.product_id} is not what {product.id} is lent for")
    if weathers.normal.annual_rate_simple != terms.annual_rate or weathers.normal.flows[0].on != on:
        raise ValueError("the projection was made for other terms or another day")
    path = dated.points(terms, on, calendar) if terms.by_dates else _checkpoints(terms, on, calendar)
    overdue_minor = next(point.repaid_minor for point in path if point.repaid_minor)
    release_hours = math.ceil(release_delay / timedelta(hours=1))
    return KeyFactsSheet(
        number=number,
        on=on,
        product=product.name_key,
        product_version=product.version,
        purpose=f"papers.purpose.{purpose}",
        lender=lender,
        borrower=borrower,
        amount_minor=terms.amount_minor,
        currency=terms.currency,
        months=terms.months,
        share=terms.share,
        annual_rate=terms.annual_rate,
        day_count=terms.day_count,
        annual_total_rate=terms.annual_rate,
        late_factor=terms.late_factor,
        late_annual_rate=terms.annual_rate * terms.late_factor,
        grace_days=terms.grace_days,
        window_months=terms.window_months,
        windows=terms.windows,
        withdrawal_days=product.withdrawal_days,
        release_hours=release_hours,
        terms_hash=terms_hash(terms),
        costs=(*_costs(terms), *_coupon(coupon_minor, weathers.normal)),
        third_party=tuple(
            ThirdPartyCost(f"papers.third.{name}", 0, Words("papers.third.not_needed")) for name in THIRD_PARTY_COSTS
        ),
        estimates=_estimates(terms, weathers),
        path=path,
        path_debit=terms.path_debit,
        day_rule=terms.day_rule,
        late_examples=tuple(_late(terms, overdue_minor, days) for days in LATE_DAYS),
        repayment=terms.repayment,
        repayment_words=dated.repayment(terms, path) if terms.by_dates else _repayment(terms, path),
        principal_first_days=terms.principal_first_days,
        late_words=dated.lateness(terms) if terms.by_dates else _lateness(terms),
        freedom_words=_freedom(terms, product.withdrawal_days, release_hours),
        payment_words=(
            paid_to(renewal, borrower.account_masked, company=borrower.speaker is not None),
            Words("papers.payment.interest_from_credit"),
            *subsidised(subsidy),
        ),
        complaint_words=(
            Words(
                "papers.complaint.ours",
                {"service": lender.service_phone, "complaint": lender.complaint_phone, "email": lender.email},
            ),
            Words("papers.complaint.regulator", {"phone": lender.regulator_phone}),
        ),
        nothing_else=Words("papers.nothing_else"),
        timeline_words=dated.timeline(terms, on, path) if terms.by_dates else _timeline(terms, on, path),
        renewal=renewal,
        subsidy=subsidy,
        line_words=_line(terms, product) if terms.line_months else (),
    )


def _line(terms: Terms, product: Product) -> tuple[Words, ...]:
    """That it is a limit and no debt, that it costs nothing unused, and for what the figures of the sheet stand."""
    least = product.line.lowest_draw_minor if product.line else 0
    params = {
        "limit_minor": terms.amount_minor,
        "currency": terms.currency,
        "n": terms.line_months,
        "lowest_minor": least,
        "annual_rate": plain(terms.annual_rate),
    }
    return tuple(
        Words(f"papers.line.{name}", params) for name in ("limit", "free", "draws", "restores", "example", "changes")
    )


def _costs(terms: Terms) -> tuple[Cost, ...]:
    return (
        Cost(
            name="papers.cost.interest",
            method=Words(
                "papers.cost.interest_method",
                {"annual_rate": plain(terms.annual_rate), "n": terms.day_count.days_in_year},
            ),
            payee=Words("papers.payee.lender"),
            annual_rate=terms.annual_rate,
            amount_minor=None,
        ),
        Cost(
            name="papers.cost.service_fees",
            method=Words("papers.cost.not_charged"),
            payee=Words("papers.payee.nobody"),
            annual_rate=Decimal(0),
            amount_minor=0,
        ),
    )


def _coupon(cap_minor: int, usual: Projection) -> tuple[Cost, ...]:
    """The line of a coupon: what it takes off at usual sales. It is no condition of the loan and changes none."""
    if not cap_minor:
        return ()
    return (
        Cost(
            name="papers.cost.coupon",
            method=Words("papers.cost.coupon_method", {"cap_minor": cap_minor}),
            payee=Words("papers.payee.lender"),
            annual_rate=None,
            amount_minor=-usual.coupon_minor,
        ),
    )


def _checkpoints(terms: Terms, on: date, calendar: BusinessCalendar | None) -> tuple[PathPoint, ...]:
    return tuple(
        PathPoint(
            point.number, point.on, terms.amount_minor - point.principal_at_most_minor, point.principal_at_most_minor
        )
        for point in checkpoints(terms, on, calendar)
    )


def _estimates(terms: Terms, weathers: Weathers) -> tuple[Estimate, ...]:
    """In three weathers; a plan by dates asks for the same in each."""
    if terms.by_dates:
        return (_estimate("kept", Decimal(1), weathers.normal),)
    return (
        _estimate("good", GOOD, weathers.good),
        _estimate("usual", Decimal(1), weathers.normal),
        _estimate("slow", SLOW, weathers.slow),
    )


def _estimate(weather: str, factor: Decimal, projection: Projection) -> Estimate:
    return Estimate(weather, factor, projection.finish_on, projection.total_interest_minor, projection.total_minor)


def _late(terms: Terms, overdue_minor: int, days: int) -> LateExample:
    return LateExample(
        days=days,
        overdue_minor=overdue_minor,
        ordinary_minor=round_half_even(interest(overdue_minor, terms.annual_rate, days, terms.day_count)),
        late_minor=round_half_even(late_interest(terms, overdue_minor, days)),
    )


def _repayment(terms: Terms, path: tuple[PathPoint, ...]) -> tuple[Words, ...]:
    return (
        Words("papers.repayment.share", {"share": plain(terms.share)}),
        Words("papers.repayment.no_sales"),
        Words("papers.repayment.never_more"),
        Words(
            "papers.repayment.path",
            {"window": terms.window_months, "first_on": path[0].on.isoformat(), "last_on": path[-1].on.isoformat()},
        ),
        *((Words("papers.repayment.holiday"),) if terms.day_rule is DayRule.FOLLOWING else ()),
        *((Words("papers.repayment.path_debit"),) if terms.path_debit else ()),
    )


def _timeline(terms: Terms, on: date, path: tuple[PathPoint, ...]) -> tuple[Words, ...]:
    """Each day or event on which something could be charged, in their order; what costs nothing is said too."""
    late = "late_same" if terms.late_factor == 1 else "late_more"
    early = "early" if not terms.prepayment_fee_rate else "early_fee"
    params = {
        "on": on.isoformat(),
        "share": plain(terms.share),
        "annual_rate": plain(terms.annual_rate),
        "window": terms.window_months,
        "first_on": path[0].on.isoformat(),
        "last_on": path[-1].on.isoformat(),
        "n": terms.grace_days,
        "late_rate": plain(terms.annual_rate * terms.late_factor),
        "fee_rate": plain(terms.prepayment_fee_rate),
    }
    return tuple(Words(f"papers.time.{name}", params) for name in ("credit", "daily", "look", late, early, "end"))


def _lateness(terms: Terms) -> tuple[Words, ...]:
    grace = Words("papers.late.grace", {"n": terms.grace_days}) if terms.grace_days else Words("papers.late.no_grace")
    if terms.late_factor == 1:
        return (Words("papers.late.only_shortfall"), grace, Words("papers.late.nothing_extra"))
    return (
        Words("papers.late.only_shortfall"),
        grace,
        Words(
            "papers.late.factor",
            {
                "factor": plain(terms.late_factor),
                "annual_rate": plain(terms.annual_rate),
                "late_rate": plain(terms.annual_rate * terms.late_factor),
            },
        ),
        Words("papers.late.nothing_besides"),
    )


def _freedom(terms: Terms, withdrawal_days: int, release_hours: int) -> tuple[Words, ...]:
    early = (
        Words("papers.freedom.early")
        if not terms.prepayment_fee_rate
        else Words("papers.freedom.early_fee", {"fee_rate": plain(terms.prepayment_fee_rate)})
    )
    cancel = (
        Words("papers.freedom.cancel_until", {"n": release_hours})
        if release_hours
        else Words("papers.freedom.cancel_before_signing")
    )
    back = (
        Words("papers.freedom.hand_back", {"n": withdrawal_days})
        if withdrawal_days
        else Words("papers.freedom.no_hand_back")
    )
    return (early, cancel, back)
