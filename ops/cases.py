"""Loan cases as JSON: parameters and dated events in, the schedule as it then stands out.

A case has the shape of the public test cases of a large open-source lending core: ``params``, ``events``, ``as_of``. A
parameter that is not known is an error; one that is known and not supported is answered with the reason.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from lending.allocation import Ahead, Rule, When
from lending.amortisation import InterestMethod
from lending.charges import Charge, ChargeBasis, ChargeTime
from lending.classic import ClassicPlan
from lending.instalments import Part
from lending.loan_state import Kind, Recalculation, Shape
from lending.money import Money
from lending.rate_factors import DIGITS, InterestPeriod, MonthDays, RateBasis, YearDays
from lending.spans import Unit
from ops.case_fields import BadCase, Fields, Json, Unsupported

# What one schedule may hold: ten thousand instalments or a rate of 10,000 % is a typing error, not a loan.
INSTALMENTS_AT_MOST = 1_000
MULTIPLE_AT_MOST = 1_000_000
RATE_AT_MOST = Decimal(1_000)


KNOWN = frozenset(
    """product currency currency_decimals currency_in_multiples_of installment_amount_in_multiples_of principal
    annual_nominal_rate_pct rate_given rate_frequency number_of_repayments repayment_every repayment_unit loan_term
    loan_term_unit amortization is_equal_amortization interest_type interest_calculation_period
    allow_partial_period_interest days_in_year days_in_month days_in_year_custom_strategy rounding_mode math_precision
    schedule_type schedule_processing_type strategy allocation credit_allocation submitted_on expected_disbursement
    repayment_start_date_type grace_on_principal grace_on_interest_payment interest_free_periods down_payment
    fixed_length fixed_emi multi_disburse allow_full_term_for_tranche expected_tranches interest_recalculation
    interest_recognition_on_disbursement_date charge_off_behaviour interest_refund_types income_capitalization
    buy_down_fee product_charges loan_charges in_arrears_tolerance principal_threshold_for_last_installment
    global_config _factory""".split()  # noqa: SIM905
)
YEARS = {
    "ACTUAL": YearDays.ACTUAL,
    "DAYS360": YearDays.D360,
    "DAYS364": YearDays.D364,
    "DAYS365": YearDays.D365,
}
MONTHS = {"ACTUAL": MonthDays.ACTUAL, "DAYS30": MonthDays.D30}
UNITS = {"DAYS": Unit.DAYS, "WEEKS": Unit.WEEKS, "MONTHS": Unit.MONTHS, "YEARS": Unit.YEARS}
PERIODS = {"DAILY": InterestPeriod.DAILY, "SAME_AS_REPAYMENT_PERIOD": InterestPeriod.REPAYMENT_PERIOD}
METHODS = {"DECLINING_BALANCE": InterestMethod.DECLINING, "FLAT": InterestMethod.FLAT}
AHEAD = {
    "NEXT_INSTALLMENT": Ahead.NEXT,
    "LAST_INSTALLMENT": Ahead.LAST,
    "NEXT_LAST_INSTALLMENT": Ahead.NEXT_THEN_LAST,
    "REAMORTIZATION": Ahead.REAMORTISE,
}
RULES = {
    "DEFAULT": None,
    "REPAYMENT": Kind.REPAYMENT,
    "DOWN_PAYMENT": Kind.DOWN_PAYMENT,
    "GOODWILL_CREDIT": Kind.GOODWILL,
    "MERCHANT_ISSUED_REFUND": Kind.MERCHANT_REFUND,
    "PAYOUT_REFUND": Kind.PAYOUT_REFUND,
    "INTEREST_PAYMENT_WAIVER": Kind.INTEREST_WAIVER,
    "INTEREST_REFUND": Kind.INTEREST_REFUND,
}
TIMES = {
    "SPECIFIED_DUE_DATE": ChargeTime.DUE_DATE,
    "INSTALLMENT_FEE": ChargeTime.INSTALMENT,
    "DISBURSEMENT": ChargeTime.DISBURSEMENT,
    "TRANCHE_DISBURSEMENT": ChargeTime.TRANCHE,
}
BASES = {
    "FLAT": ChargeBasis.FLAT,
    "PERCENTAGE_AMOUNT": ChargeBasis.AMOUNT,
    "PERCENTAGE_LOAN_AMOUNT_PLUS_INTEREST": ChargeBasis.AMOUNT_AND_INTEREST,
    "PERCENTAGE_INTEREST": ChargeBasis.INTEREST,
    "PERCENTAGE_DISBURSEMENT_AMOUNT": ChargeBasis.DISBURSED,
}
# A setting of a whole installation that would change figures.
INTEREST_FIRST = "is-interest-to-be-recovered-first-when-greater-than-emi"


# --- the shape of the loan -------------------------------------------------------------------------------------------
def shape_of(params: Json) -> Shape:
    """The terms of the loan; :class:`BadCase` or :class:`Unsupported`."""
    unknown = sorted(params.keys() - KNOWN)
    if unknown:
        raise BadCase(f"params.{unknown[0]}: unknown key")
    currency = str(params.get("currency", ""))
    fields = Fields(params, "params", currency)
    if fields.amount("principal") == 0:
        raise BadCase("params.principal: above zero")
    for key in ("submitted_on", "expected_disbursement"):
        if params.get(key) is not None:
            fields.day(key)
    percent = fields.number("annual_nominal_rate_pct")
    if not 0 <= percent <= RATE_AT_MOST:
        raise BadCase(f"params.annual_nominal_rate_pct: from 0 to {RATE_AT_MOST}, not {percent}")
    count = fields.whole("number_of_repayments", 1, INSTALMENTS_AT_MOST)
    basis = RateBasis(
        fields.one_of("days_in_year", YEARS),
        fields.one_of("days_in_month", MONTHS),
        fields.whole("repayment_every", 1, INSTALMENTS_AT_MOST),
        fields.one_of("repayment_unit", UNITS),
        fields.one_of("interest_calculation_period", PERIODS),
        leap_span_only=params.get("days_in_year_custom_strategy") == "FEB_29_PERIOD_ONLY",
        year_ends_with_december=not fields.flag("interest_recognition_on_disbursement_date"),
    )
    multiple = fields.whole_or_none("installment_amount_in_multiples_of", 0, MULTIPLE_AT_MOST)
    multiple_minor = multiple * Money.parse("1", currency).minor if multiple else None
    classic = fields.one_of("schedule_type", {"PROGRESSIVE": False, "CUMULATIVE": True})
    _supported(params, classic)
    method = fields.one_of("interest_type", METHODS)
    down = fields.object("down_payment")
    part = down.number("percent") if down.flag("enabled") else None
    if part is not None and not 0 < part < 100:
        raise BadCase(f"params.down_payment.percent: between 0 and 100, not {part}")
    starts = fields.one_of("repayment_start_date_type", {"DISBURSEMENT_DATE": False, "SUBMITTED_ON_DATE": True})
    plan = None
    if classic:
        plan = ClassicPlan(
            percent / 100,
            basis,
            method,
            equal_principal=params.get("amortization") == "EQUAL_PRINCIPAL_PAYMENTS",
            multiple_minor=multiple_minor,
            principal_grace=fields.whole("grace_on_principal", 0, count - 1),
            interest_grace=fields.whole("grace_on_interest_payment", 0, count - 1),
            interest_free=fields.whole("interest_free_periods", 0, count),
        )
    return Shape(
        annual_rate=percent / 100,
        basis=basis,
        count=count,
        method=method,
        rules=_rules(params),
        partial_period=fields.flag("allow_partial_period_interest"),
        multiple_minor=multiple_minor,
        fixed_length=fields.whole_or_none("fixed_length", 1, 100_000),
        starts_on=fields.day("submitted_on") if starts else None,
        down_payment_percent=part,
        down_payment_automatic=down.flag("auto"),
        recalculation=_recalculation(params),
        refunds_interest=frozenset(map(_refund, fields.list("interest_refund_types"))),
        full_term_tranches=fields.flag("allow_full_term_for_tranche"),
        charges=tuple(_agreed_charges(params, currency)),
        planned=tuple(_tranches(fields.list("expected_tranches"), currency)),
        classic=plan,
        credited=_credited(params),
    )


def _supported(params: Json, classic: bool) -> None:
    for key, plain in (("fixed_emi", None), ("is_equal_amortization", False)):
        if params.get(key) not in (plain, None):
            raise Unsupported(f"{key} = {params[key]}")
    if not classic:
        for key in ("grace_on_principal", "grace_on_interest_payment", "interest_free_periods"):
            if params.get(key):
                raise Unsupported(f"{key} with a progressive schedule")
        if params.get("amortization") == "EQUAL_PRINCIPAL_PAYMENTS":
            raise Unsupported("equal principal payments with a progressive schedule")
    fields = Fields(params, "params")
    fields.one_of("amortization", {"EQUAL_INSTALLMENTS": None, "EQUAL_PRINCIPAL_PAYMENTS": None})
    if params.get("math_precision") not in (None, DIGITS.prec):
        raise Unsupported(f"{params['math_precision']} significant digits")
    if params.get("days_in_year_custom_strategy") not in (None, "FEB_29_PERIOD_ONLY", "FULL_LEAP_YEAR"):
        raise Unsupported(f"days_in_year_custom_strategy = {params['days_in_year_custom_strategy']}")
    if fields.object("global_config").flag(INTEREST_FIRST):
        raise Unsupported(f"{INTEREST_FIRST} in global_config")
    settings = fields.object("interest_recalculation").values
    if settings.get("enabled") and settings.get("compounding") not in (None, "NONE"):
        raise Unsupported(f"compounding of interest: {settings['compounding']}")
    if settings.get("enabled") and settings.get("rest_frequency") not in ("DAILY", "SAME_AS_REPAYMENT"):
        raise Unsupported(f"interest recalculated {settings.get('rest_frequency')}")
    if (params.get("rounding_mode") or "HALF_EVEN") != "HALF_EVEN":
        raise Unsupported(f"rounding {params['rounding_mode']}")


def _refund(name: object) -> Kind:
    if name not in ("MERCHANT_ISSUED_REFUND", "PAYOUT_REFUND", "GOODWILL_CREDIT", "INTEREST_PAYMENT_WAIVER"):
        raise BadCase(f"params.interest_refund_types: {name!r} is no refund")
    return RULES[str(name)] or Kind.REPAYMENT


def _recalculation(params: Json) -> Recalculation | None:
    settings = Fields(params, "params").object("interest_recalculation").values
    if not settings.get("enabled"):
        return None
    return Recalculation(
        daily=settings.get("rest_frequency") == "DAILY",
        payoff_to_period_end=settings.get("pre_closure") == "TILL_REST_FREQUENCY_DATE",
        none_on_past_due=bool(settings.get("disallow_interest_on_past_due")),
    )


def _rules(params: Json) -> dict[Kind | None, Rule]:
    by_instalment = params.get("schedule_processing_type") != "VERTICAL"
    allocation = params.get("allocation")
    if isinstance(allocation, list) and allocation and isinstance(allocation[0], dict):
        rules: dict[Kind | None, Rule] = {}
        for index, given in enumerate(allocation):
            fields = Fields(given, f"params.allocation[{index}]")
            if given.get("transaction_type") not in RULES:
                continue
            ahead = fields.one_of("future_installment_rule", AHEAD)
            rules[RULES[given["transaction_type"]]] = Rule(
                tuple(map(_step, fields.list("order"))), ahead, by_instalment
            )
        if None not in rules:
            raise BadCase("params.allocation: a rule for DEFAULT is missing")
        return rules
    if isinstance(allocation, dict):
        due, ahead = allocation.get("due"), allocation.get("in_advance")
    else:
        due = ahead = allocation
    if not isinstance(due, list) or not isinstance(ahead, list) or not due:
        raise BadCase("params.allocation: a list of parts, or rules by transaction type")
    order = [(when, _part(name)) for when in (When.PAST_DUE, When.DUE) for name in due]
    order += [(When.IN_ADVANCE, _part(name)) for name in ahead]
    return {None: Rule(tuple(order), Ahead.NEXT)}


def _credited(params: Json) -> tuple[Part, ...]:
    for given in Fields(params, "params").list("credit_allocation"):
        fields = Fields(given, "params.credit_allocation")
        if fields.get("transaction_type") == "CHARGEBACK":
            return tuple(_part(name) for name in fields.list("order"))
    return (Part.PRINCIPAL,)


def _step(name: object) -> tuple[When, Part]:
    when, _, part = str(name).rpartition("_")
    if when.lower() not in set(When):
        raise BadCase(f"params.allocation: {name!r} is no step")
    return When(when.lower()), _part(part)


def _part(name: object) -> Part:
    if str(name).lower() not in set(Part):
        raise BadCase(f"params.allocation: {name!r} is no part of an instalment")
    return Part(str(name).lower())


def _agreed_charges(params: Json, currency: str) -> Iterable[Charge]:
    for key in ("product_charges", "loan_charges"):
        whole = Fields(params, "params")
        for index, given in enumerate(whole.list(key)):
            yield charge_of(Fields(given, f"params.{key}[{index}]", currency), whole.day("submitted_on"))


def charge_of(fields: Fields, on: date) -> Charge:
    basis = fields.one_of("calculation", BASES)
    value = fields.number("amount")
    if value < 0:
        raise BadCase(f"{fields.name}.amount: {value} is negative")
    if basis is ChargeBasis.FLAT:
        value = Decimal(Fields({"amount": str(fields.get("amount"))}, fields.name, fields.currency).amount("amount"))
    due_on = fields.day("due_date") if fields.values.get("due_date") else None
    return Charge(value, basis, fields.one_of("time", TIMES), fields.flag("penalty"), on, due_on)


def _tranches(given: Sequence[object], currency: str) -> Iterable[tuple[date, int]]:
    for index, each in enumerate(given):
        fields = Fields(each, f"params.expected_tranches[{index}]", currency)
        yield fields.day("date"), fields.amount("amount")
