"""Schedules that others published, to the cent in every column, and what must hold for any of them."""

import gzip
import json
import os
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lending.instalments import Part
from lending.loan_state import Event, Kind
from lending.servicing import replay
from ops.case_answers import answer
from ops.case_fields import BadCase
from ops.cases import shape_of

REFERENCE = Path(os.environ.get("HUOSHUI_REFERENCE_DATA", Path(__file__).parents[3] / "shared" / "data"))
PUBLISHED = REFERENCE / "schedules" / "fineract_schedules.jsonl.gz"

PARAMS: dict[str, Any] = {
    "product": "test", "currency": "EUR", "currency_decimals": 2, "currency_in_multiples_of": 0,
    "installment_amount_in_multiples_of": None, "principal": "100.00", "annual_nominal_rate_pct": "7",
    "number_of_repayments": 6, "repayment_every": 1, "repayment_unit": "MONTHS", "amortization": "EQUAL_INSTALLMENTS",
    "is_equal_amortization": False, "interest_type": "DECLINING_BALANCE", "interest_calculation_period": "DAILY",
    "allow_partial_period_interest": False, "days_in_year": "DAYS360", "days_in_month": "DAYS30",
    "days_in_year_custom_strategy": None, "rounding_mode": "HALF_EVEN", "schedule_type": "PROGRESSIVE",
    "schedule_processing_type": "HORIZONTAL", "strategy": "ADVANCED_PAYMENT_ALLOCATION",
    "allocation": [
        {
            "transaction_type": "DEFAULT",
            "order": [f"{when}_{part}" for when in ("PAST_DUE", "DUE", "IN_ADVANCE")
                      for part in ("PENALTY", "FEE", "PRINCIPAL", "INTEREST")],
            "future_installment_rule": "NEXT_INSTALLMENT",
        }
    ],
    "submitted_on": "2024-01-01", "expected_disbursement": "2024-01-01",
    "repayment_start_date_type": "DISBURSEMENT_DATE",
    "grace_on_principal": 0, "grace_on_interest_payment": 0, "interest_free_periods": 0,
    "down_payment": {"enabled": False, "percent": None, "auto": False}, "fixed_length": None, "fixed_emi": None,
    "interest_recalculation": {"enabled": True, "compounding": "NONE", "rest_frequency": "DAILY",
                               "pre_closure": "TILL_PRE_CLOSE_DATE", "disallow_interest_on_past_due": False},
}  # fmt: skip
CASE: dict[str, Any] = {
    "id": "own",
    "params": PARAMS,
    "events": [
        {"type": "approve", "business_date": "2024-01-01", "date": "2024-01-01", "amount": "100.00"},
        {"type": "disburse", "business_date": "2024-01-01", "date": "2024-01-01", "amount": "100.00"},
    ],
    "as_of": "2024-01-01",
}


def changed(**params: Any) -> dict[str, Any]:
    case = deepcopy(CASE)
    case["params"] |= params
    return case


def happened(*events: tuple[str, str, str]) -> dict[str, Any]:
    case = deepcopy(CASE)
    case["events"] += [{"type": kind, "business_date": on, "date": on, "amount": amount} for kind, on, amount in events]
    return case


def figures(case: dict[str, Any], *names: str) -> list[tuple[str, ...]]:
    return [tuple(row[name] for name in names) for row in answer(case)["periods"] if row["period"]]


@pytest.mark.skipif(not PUBLISHED.exists(), reason=f"reference data is not at {REFERENCE}")
def test_every_published_case_is_exact_in_every_column() -> None:
    wrong: list[str] = []
    with gzip.open(PUBLISHED, "rt", encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    for case in cases:
        said = answer(case)
        if said.get("periods") != case["expected"] or (case["totals"] and said["totals"] != case["totals"]):
            wrong.append(case["id"])
    assert len(cases) == 635
    assert wrong == []


def test_a_hundred_at_seven_percent_in_six_months() -> None:
    assert figures(CASE, "date", "balance", "principal", "interest", "due") == [
        ("2024-02-01", "83.57", "16.43", "0.58", "17.01"),
        ("2024-03-01", "67.05", "16.52", "0.49", "17.01"),
        ("2024-04-01", "50.43", "16.62", "0.39", "17.01"),
        ("2024-05-01", "33.71", "16.72", "0.29", "17.01"),
        ("2024-06-01", "16.90", "16.81", "0.20", "17.01"),
        ("2024-07-01", "0.00", "16.90", "0.10", "17.00"),
    ]


def test_overdue_principal_bears_interest_until_the_day_of_the_last_recalculation() -> None:
    case = happened(("cob", "2024-02-15", "0.00"))
    assert figures(case, "principal", "interest")[1] == ("16.48", "0.53")


def test_paying_early_lowers_the_interest_and_the_last_instalment() -> None:
    early = figures(happened(("repay", "2024-01-15", "17.01")), "interest", "due", "in_advance", "paid_date")
    assert early[0] == ("0.26", "17.01", "17.01", "2024-01-15")
    assert Decimal(early[-1][1]) < Decimal("17.00")


def test_an_undone_payment_never_happened() -> None:
    case = happened(("repay", "2024-02-01", "17.01"), ("repay", "2024-03-01", "17.01"))
    undo = {"kind": "repay", "nth": 1, "date": "2024-02-01", "amount": "17.01"}
    case["events"].append({"type": "undo", "business_date": "2024-03-01", "date": "2024-03-01", "target": undo})
    assert answer(case)["periods"] == answer(happened(("repay", "2024-03-01", "17.01")))["periods"]


def test_a_month_end_is_kept_through_february() -> None:
    case = changed(submitted_on="2024-01-31", repayment_start_date_type="SUBMITTED_ON_DATE", number_of_repayments=4)
    case["events"][-1] |= {"business_date": "2024-01-31", "date": "2024-01-31"}
    assert [row[0] for row in figures(case, "date")] == ["2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"]


def event(kind: str, on: str, **more: object) -> dict[str, object]:
    return {"type": kind, "business_date": on, "date": on, **more}


FIRST = {"kind": "repay", "nth": 1}


@pytest.mark.parametrize(
    ("happens", "figure"),
    [
        (event("chargeback", "2024-02-10", amount="17.01", target=FIRST), ("117.01", "2.12", "102.12")),
        (event("rate_change", "2024-02-01", annual_nominal_rate_pct="4"), ("100.00", "1.42", "84.41")),
        (event("interest_pause", "2024-02-09", until="2024-03-10"), ("100.00", "1.57", "84.56")),
        (event("reschedule", "2024-02-01", number_of_repayments=3), ("100.00", "1.56", "84.55")),
        (
            event("reage", "2024-02-15", first_due_date="2024-03-15", number_of_repayments=2),
            ("100.00", "1.54", "84.53"),
        ),
        (event("payoff", "2024-02-15"), ("100.00", "0.82", "0.00")),
        (event("charge_off", "2024-02-15"), ("100.00", "2.05", "85.04")),
    ],
)
def test_later_agreements_are_read_from_a_case(happens: dict[str, object], figure: tuple[str, str, str]) -> None:
    case = happened(("repay", "2024-02-01", "17.01"))
    case["events"].append(happens)
    totals = answer(case)["totals"]
    assert (totals["principal"], totals["interest"], totals["outstanding"]) == figure


def test_a_charge_is_waived_and_arrears_are_spread() -> None:
    case = happened()
    fee = {"amount": "3.00", "calculation": "FLAT", "time": "SPECIFIED_DUE_DATE", "due_date": "2024-02-01"}
    case["events"].append(event("charge", "2024-01-10", **fee))
    case["events"].append(event("waive_charge", "2024-02-10", target={"kind": "charge", "nth": 1}))
    assert answer(case)["periods"][1]["fees"] == "3.00"
    assert Decimal(answer(case)["periods"][1]["outstanding"]) == Decimal(answer(case)["periods"][1]["due"]) - 3
    case["events"].append(event("reamortize", "2024-03-10"))
    assert answer(case)["periods"][1]["outstanding"] == "0.00"


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (event("rate_change", "2024-02-01", annual_nominal_rate_pct="10000"), "from 0 to 1000"),
        (event("interest_pause", "2024-02-09", until="2024-02-09"), "until: after 2024-02-09"),
        (
            event("chargeback", "2024-02-09", amount="1.00", target={"kind": "repay", "nth": 9}),
            "there is no such event",
        ),
        (event("reschedule", "2025-02-01"), "no due date is left"),
        (event("reage", "2024-02-01", repayment_every=1), "repayment_unit: missing"),
    ],
)
def test_an_agreement_that_cannot_be_is_one_clear_line(happens: dict[str, object], said: str) -> None:
    case = happened(("repay", "2024-02-01", "17.01"))
    case["events"].append(happens)
    with pytest.raises(BadCase, match=said):
        answer(case)


def test_what_is_not_supported_says_what() -> None:
    capitalised = answer(happened(("capitalized_income", "2024-02-01", "0.00")))
    assert capitalised == {"id": "own", "unsupported": "event capitalized_income"}
    case = changed(interest_recalculation={"enabled": True, "compounding": "FEE", "rest_frequency": "DAILY"})
    assert answer(case)["unsupported"] == "compounding of interest: FEE"


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"colour": "red"}, "params.colour: unknown key"),
        ({"principal": "-5.00"}, "params.principal: -5.00 is negative"),
        ({"principal": "0.00"}, "params.principal: above zero"),
        ({"principal": "100.001"}, "more decimals than EUR has coins"),
        ({"principal": 100.0}, "an amount is a text"),
        ({"annual_nominal_rate_pct": "10000"}, "from 0 to 1000, not 10000"),
        ({"annual_nominal_rate_pct": "NaN"}, "is no number"),
        ({"number_of_repayments": 10_000}, "a whole number from 1 to 1000, not 10000"),
        ({"number_of_repayments": True}, "a whole number from 1"),
        ({"repayment_unit": "FORTNIGHTS"}, "one of DAYS, WEEKS, MONTHS, YEARS, not 'FORTNIGHTS'"),
        ({"currency": "XXX"}, "unknown currency 'XXX'"),
        ({"allocation": []}, "params.allocation"),
        ({"submitted_on": "2024-02-31", "repayment_start_date_type": "SUBMITTED_ON_DATE"}, "'2024-02-31' is no day"),
        ({"interest_recalculation": [1]}, "params.interest_recalculation: an object"),
        ({"credit_allocation": 5}, "params.credit_allocation: a list"),
        ({"interest_refund_types": ["COUPON"]}, "params.interest_refund_types: 'COUPON' is no refund"),
        ({"installment_amount_in_multiples_of": -5}, "params.installment_amount_in_multiples_of: a whole number"),
        ({"installment_amount_in_multiples_of": "x"}, "params.installment_amount_in_multiples_of: a whole number"),
        ({"down_payment": {"enabled": True, "percent": 200}}, "params.down_payment.percent: between 0 and 100"),
        ({"repayment_unit": "YEARS", "repayment_every": 1000, "number_of_repayments": 9}, "out of range"),
        (
            {"loan_charges": [{"amount": "-5", "calculation": "FLAT", "time": "INSTALLMENT_FEE"}]},
            "params.loan_charges[0].amount: -5 is negative",
        ),
        (
            {"loan_charges": [{"amount": "5.001", "calculation": "FLAT", "time": "INSTALLMENT_FEE"}]},
            "params.loan_charges[0].amount: 5.001 has more decimals",
        ),
        ({"submitted_on": "2024-02-31"}, "params.submitted_on: '2024-02-31' is no day"),
        ({"expected_disbursement": "31.02.2024"}, "params.expected_disbursement: '31.02.2024' is no day"),
    ],
)
def test_a_bad_parameter_is_named(params: dict[str, Any], said: str) -> None:
    with pytest.raises(BadCase) as error:
        answer(changed(**params))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("params", "events", "said"),
    [
        ({"repayment_start_date_type": "SUBMITTED_ON_DATE", "submitted_on": "2024-01-02"}, [], "before the schedule"),
        ({}, [event("disburse", "2024-07-01", amount="5.00")], "on the last due date or after it"),
        (
            {"allow_full_term_for_tranche": True},
            [event("disburse", "2024-07-02", amount="5.00")],
            "on the last due date",
        ),
        ({}, [event("repay", "2023-12-31", amount="5.00")], "before money is lent"),
        (
            {"interest_refund_types": ["MERCHANT_ISSUED_REFUND"]},
            [event("merchant_issued_refund", "2023-12-31", amount="5.00")],
            "before money is lent",
        ),
        (
            {"schedule_type": "CUMULATIVE", "expected_tranches": [{"date": "2024-07-01", "amount": "5.00"}]},
            [],
            "planned to be lent on the last due date",
        ),
    ],
)
def test_a_story_that_cannot_be_is_refused_and_loses_no_money(
    params: dict[str, Any], events: list[dict[str, Any]], said: str
) -> None:
    case = changed(**params)
    case["events"] += events
    with pytest.raises(BadCase) as error:
        answer(case)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"amortization": "ANNUITY"}, "params.amortization: one of"),
        ({"math_precision": 34}, "34 significant digits"),
        ({"days_in_year_custom_strategy": "EVERY_SECOND"}, "days_in_year_custom_strategy"),
        (
            {"global_config": {"is-interest-to-be-recovered-first-when-greater-than-emi": True}},
            "is-interest-to-be-recovered-first",
        ),
    ],
)
def test_a_wish_that_nobody_grants_is_not_silently_dropped(params: dict[str, Any], said: str) -> None:
    try:
        found = answer(changed(**params)).get("unsupported", "")
    except BadCase as error:
        found = str(error)
    assert said in found


def test_a_bad_event_is_named() -> None:
    for event, said in (
        (("repay", "2024-02-31", "5.00"), "events[2].business_date: '2024-02-31' is no day"),
        (("repay", "2024-02-01", "5.001"), "events[2].amount: 5.001 has more decimals"),
        (("repay", "2024-02-01", "5.000"), "events[2].amount: 5.000 has more decimals"),
        (("repay", "2024-02-01", "-5.00"), "events[2].amount: -5.00 is negative"),
    ):
        with pytest.raises(BadCase) as error:
            answer(happened(event))
        assert said in str(error.value)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"colour": "red"}, "events[2].colour: unknown key"),
        ({"currency": "USD"}, "events[2].currency: 'USD' in a loan"),
    ],
)
def test_a_key_that_nobody_reads_and_money_of_another_currency_are_refused(more: dict[str, str], said: str) -> None:
    case = happened(("repay", "2024-02-01", "5.00"))
    answer(case)
    case["events"][2] |= more
    with pytest.raises(BadCase) as error:
        answer(case)
    assert str(error.value).startswith(said)


# --- what must hold for any life of a loan ----------------------------------------------------------------------------
START = date(2024, 1, 1)
# A life that fails is shown as it was found: making it smaller takes minutes.
AS_FOUND = (Phase.explicit, Phase.reuse, Phase.generate)
lives = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 6_000)), max_size=8)
parameters = st.fixed_dictionaries(
    {
        "annual_nominal_rate_pct": st.sampled_from(["0", "7", "12", "24", "9.4822"]),
        "days_in_year": st.sampled_from(["DAYS360", "ACTUAL", "DAYS365"]),
        "days_in_month": st.sampled_from(["DAYS30", "ACTUAL"]),
        "number_of_repayments": st.integers(1, 12),
        "installment_amount_in_multiples_of": st.sampled_from([None, 1]),
        "interest_type": st.sampled_from(["DECLINING_BALANCE", "FLAT"]),
        "interest_recalculation": st.sampled_from([PARAMS["interest_recalculation"], {"enabled": False}]),
        "schedule_type": st.sampled_from(["PROGRESSIVE", "PROGRESSIVE", "CUMULATIVE"]),
    }
)


def loan_of(params: dict[str, Any], life: list[tuple[int, int]], until: int = 300):
    events = [Event(Kind.DISBURSEMENT, START, START, 10_000)]
    events += [Event(Kind.REPAYMENT, on, on, amount) for on, amount in ((START + timedelta(d), a) for d, a in life)]
    return replay(shape_of(changed(**params)["params"]), events, START + timedelta(until))


@settings(max_examples=60, deadline=None, phases=AS_FOUND)
@given(parameters, lives)
def test_no_cent_is_lost_and_the_principal_returns(params: dict[str, Any], life: list[tuple[int, int]]) -> None:
    loan = loan_of(params, life)
    paid = sum(i.total_paid for i in loan.instalments)
    assert paid + loan.overpaid == sum(amount for _, amount in life)
    assert sum(i.due[Part.PRINCIPAL] for i in loan.instalments) == 10_000
    for instalment in loan.instalments:
        assert instalment.total_outstanding >= 0
        assert all(0 <= instalment.paid[part] <= instalment.due[part] for part in Part)
        assert instalment.in_advance + instalment.late <= instalment.total_paid
        assert instalment.met == (instalment.total_outstanding == 0)
    if loan.overpaid:
        assert all(instalment.met for instalment in loan.instalments)


@settings(max_examples=25, deadline=None, phases=AS_FOUND)
@given(parameters, lives, st.randoms(use_true_random=False))
def test_the_order_in_which_events_are_told_does_not_matter(params: dict[str, Any], life, random) -> None:
    life = sorted(dict(life).items())
    shuffled = list(life)
    random.shuffle(shuffled)
    one, other = loan_of(params, life), loan_of(params, shuffled)
    assert [(i.due, i.paid, i.met_on) for i in one.instalments] == [
        (i.due, i.paid, i.met_on) for i in other.instalments
    ]
