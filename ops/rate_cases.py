"""Annual-rate cases as JSON: flows in unit periods, in years, on days, or told in a few inputs."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation, localcontext
from typing import Any

from lending import apr_eu, apr_us
from lending.apr import Flow, daily_rate, told
from lending.rate_of_return import PRECISION, Timed, rate_per_step
from lending.refusals import NoAnnualRate, Refusal, SeveralAnnualRates
from ops.case_fields import BadCase

PLACES = Decimal("0.000001")
SEASON = re.compile(r"weights = 1 ([+-]) ([0-9.]+)\*sin\(2\*pi\*\(k-1\)/([0-9]+)\)")
Json = Mapping[str, Any]


def answers(given: object) -> list[dict[str, Any]]:
    """One answer per case: ``apr_pct`` and ``nominal_pct`` as texts with six decimals, or ``refused`` with its code.

    ``given`` is one case, a list of them, or an object with ``vectors``. :class:`BadCase` names what is not understood.
    """
    if isinstance(given, dict) and "vectors" in given:
        given = given["vectors"]
    cases = given if isinstance(given, list) else [given]
    return [answer(case, f"case {number}") for number, case in enumerate(cases, start=1)]


def answer(case: object, name: str) -> dict[str, Any]:
    """The annual rate of one case by its own convention, and the nominal rate."""
    if not isinstance(case, dict):
        raise BadCase(f"{name}: an object is expected")
    identity = case.get("id")
    name = str(identity or name)
    try:
        rate, nominal = map(told, _rates(case, name))
    except (NoAnnualRate, SeveralAnnualRates) as refusal:
        return {"id": identity, "refused": refusal.code, **_params(refusal)}
    return {"id": identity, "apr_pct": _percent(rate), "nominal_pct": _percent(nominal)}


def _params(refusal: Refusal) -> dict[str, Any]:
    return dict(refusal.params)


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).quantize(PLACES, rounding=ROUND_HALF_EVEN):f}"


def _rates(case: Json, name: str) -> tuple[Decimal, Decimal]:
    """The rate by the case's convention, and the nominal one."""
    with localcontext(PRECISION):
        if "drawdowns" in case:
            rate = apr_eu.annual_rate(_at_years(case, "drawdowns", name), _at_years(case, "payments", name))
            return rate, 12 * ((1 + rate) ** (Decimal(1) / 12) - 1)
        if "unit_periods_per_year" in case:
            flows = [Timed(_number(case, "advance", name), 0)]
            flows += [_in_periods(flow, name) for flow in _list(case, "flows", name)]
            rate = apr_us.annual_rate(flows, _per_year(case, "unit_periods_per_year", name))
            return rate, rate
        if "flows" in case:
            daily = daily_rate([_dated(flow, name) for flow in _list(case, "flows", name)])
            return (1 + daily) ** 365 - 1, daily * 365
        return _from_inputs(case, name)


def _from_inputs(case: Json, name: str) -> tuple[Decimal, Decimal]:
    inputs = case.get("inputs")
    if not isinstance(inputs, dict):
        raise BadCase(f"{name}: flows, drawdowns or inputs are expected")
    keys = set(inputs)
    if {"monthly_fee_rate_on_original_pct", "principal", "n"} <= keys:
        count, principal = _count(inputs, "n", name), _number(inputs, "principal", name)
        part = principal / count + principal * _number(inputs, "monthly_fee_rate_on_original_pct", name) / 100
        rate = 12 * rate_per_step(_even(principal, part, count))
        return rate, rate
    if {"amount_financed", "total_repaid", "n", "per_year"} <= keys:
        count = _count(inputs, "n", name)
        part = _number(inputs, "total_repaid", name) / count
        rate = rate_per_step(_even(_number(inputs, "amount_financed", name), part, count))
        rate *= _per_year(inputs, "per_year", name)
        return rate, rate
    if {"advance", "total_repaid", "n_weekly"} <= keys:
        count = _count(inputs, "n_weekly", name)
        part = _number(inputs, "total_repaid", name) / count
        rate = 52 * rate_per_step(_even(_number(inputs, "advance", name), part, count))
        return rate, rate
    if {"net", "payment", "n"} <= keys:
        count = _count(inputs, "n", name)
        daily = rate_per_step(_even(_number(inputs, "net", name), _number(inputs, "payment", name), count))
        return (1 + daily) ** 365 - 1, 365 * daily
    if {"advance", "total_repaid", "days"} <= keys:
        weights = _weights(inputs, name, falling=name.endswith("_down"))
        total = _number(inputs, "total_repaid", name)
        whole = sum(weights)
        flows = [Timed(_number(inputs, "advance", name), 0)]
        flows += [Timed(-total * weight / whole, day) for day, weight in enumerate(weights, start=1)]
        daily = rate_per_step(flows)
        return (1 + daily) ** 365 - 1, 365 * daily
    raise BadCase(f"{name}: inputs {', '.join(sorted(keys))} are not understood")


def _even(received: Decimal, part: Decimal, count: int) -> list[Timed]:
    return [Timed(received, 0), *(Timed(-part, step) for step in range(1, count + 1))]


def _weights(inputs: Json, name: str, *, falling: bool) -> list[Decimal]:
    """How the repayments of the days compare; a seasonal profile may begin with the high or with the low season."""
    days, profile = _count(inputs, "days", name), inputs.get("profile", "flat")
    if profile == "flat":
        return [Decimal(1)] * days
    found = SEASON.fullmatch(str(profile))
    if not found:
        raise BadCase(f"{name}: profile {profile!r} is not understood")
    sign = -1 if (found[1] == "-") != falling else 1
    turn = 2 * math.pi / int(found[3])
    return [1 + sign * Decimal(found[2]) * Decimal(str(math.sin(turn * day))) for day in range(days)]


def _in_periods(flow: object, name: str) -> Timed:
    if not isinstance(flow, dict):
        raise BadCase(f"{name}: a flow is an object")
    full = flow.get("t_full_unit_periods")
    if type(full) is not int or full < 0:
        raise BadCase(f"{name}: t_full_unit_periods is a whole number, not {full!r}")
    odd = _number(flow, "f_fraction", name)
    if not 0 <= odd < 1:
        raise BadCase(f"{name}: f_fraction is a part of a unit period, from 0 to below 1, not {odd}")
    return Timed(-_number(flow, "amount", name), full, odd)


def _dated(flow: object, name: str) -> Flow:
    if not isinstance(flow, dict):
        raise BadCase(f"{name}: a flow is an object")
    try:
        on = date.fromisoformat(str(flow.get("date")))
    except ValueError:
        raise BadCase(f"{name}: {flow.get('date')!r} is no day") from None
    minor = _number(flow, "amount", name) * 100
    if minor != int(minor):
        raise BadCase(f"{name}: {flow['amount']} has more than two decimals")
    return Flow(on, int(minor))


def _at_years(case: Json, key: str, name: str) -> list[tuple[Decimal, Decimal]]:
    found: list[tuple[Decimal, Decimal]] = []
    for flow in _list(case, key, name):
        if not isinstance(flow, dict):
            raise BadCase(f"{name}: {key} holds an object per flow")
        found.append((_number(flow, "amount", name), _number(flow, "years", name)))
    return found


def _list(case: Json, key: str, name: str) -> Sequence[object]:
    value = case.get(key)
    if not isinstance(value, list):
        raise BadCase(f"{name}: {key} is a list")
    return value


def _count(values: Json, key: str, name: str) -> int:
    value = values.get(key)
    if type(value) is not int or not 1 <= value <= 10_000:
        raise BadCase(f"{name}: {key} is a whole number from 1 to 10000, not {value!r}")
    return value


def _per_year(values: Json, key: str, name: str) -> Decimal:
    number = _number(values, key, name)
    if not 0 < number <= 366:
        raise BadCase(f"{name}: {key} is above 0 and at most 366, not {number}")
    return number


def _number(values: Json, key: str, name: str) -> Decimal:
    value = values.get(key)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite() or abs(number) > Decimal("1e15"):
        raise BadCase(f"{name}: {key} is a number, not {value!r}")
    return number
