"""Each trick is seen, honest firms are left alone, and nothing that looks wrong declines by itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from imports.statements import read
from lending.suspicions import Finding, Level, Suspicion, weigh
from policies.book import load
from scoring.fraud import examine
from scoring.fraud_across import Across, of_counts
from scoring.fraud_bills import of_notices
from scoring.fraud_invoices import BOUGHT, RED, SOLD, VALID, InvoiceSeries
from scoring.lines import Lines, day_number
from simulators.firms import tricks

POLICY = load().fraud
TODAY = date(2030, 1, 1)
AS_OF = date(2025, 6, 30)


def one_firm(firms, number: int) -> dict[str, np.ndarray]:
    mine = firms["lines"]["firm"] == number
    return {name: column[mine] for name, column in firms["lines"].items()}


def test_at_most_one_honest_firm_in_a_hundred_is_flagged(firms) -> None:
    lines = Lines.from_columns(firms["lines"])
    count = len(firms["firms"]["firm"])
    bounds = np.searchsorted(lines.firm, np.arange(count + 1))
    parts = [lines.where(slice(bounds[n], bounds[n + 1])) for n in range(0, count, 2)]
    flagged = sum(examine(POLICY, TODAY, lines=part).level is not Level.NONE for part in parts)
    assert len(parts) > 300 and flagged <= 0.01 * len(parts)


@pytest.mark.parametrize(
    ("trick", "rule"),
    [
        (tricks.money_of_ones_own, "self_transfers"),
        (tricks.there_and_back, "there_and_back"),
        (tricks.round_trip, "round_trips"),
        (tricks.ring_of_three, "rings_of_three"),
    ],
)
def test_a_firm_that_moves_money_in_circles_is_looked_at(firms, trick: Callable, rule: str) -> None:
    for number in (3, 40, 77):
        honest = one_firm(firms, number)
        seen = examine(POLICY, TODAY, lines=Lines.from_columns(trick(honest)))
        found = {one.rule: one for one in seen.findings}
        assert seen.level is Level.STRONG and found[rule].score == 1
        assert found[rule].rows and int(dict(found[rule].facts)["amount_minor"]) > 0
        assert examine(POLICY, TODAY, lines=Lines.from_columns(honest)).level is Level.NONE


def test_a_burst_of_sales_is_weak_evidence(firms) -> None:
    seen = examine(POLICY, TODAY, lines=Lines.from_columns(tricks.sudden_sales(one_firm(firms, 3))))
    assert [one.rule for one in seen.findings] == ["burst_before_applying"] and seen.level is Level.NONE


def test_lines_after_the_day_change_nothing(firms) -> None:
    honest = one_firm(firms, 3)
    tricked = tricks.there_and_back(honest)
    last = honest["at"].min().astype("datetime64[D]").astype(date)
    assert examine(POLICY, last, lines=Lines.from_columns(tricked)).findings == ()


def test_no_lines_no_findings() -> None:
    nothing = Lines.from_rows([])
    assert examine(POLICY, TODAY, lines=nothing).level is Level.NONE
    assert examine(POLICY, TODAY, invoices=series(0)).findings == ()


# --- invoices ---------------------------------------------------------------------------------------------------------


def series(count: int = 400, seed: int = 1) -> InvoiceSeries:
    """An honest year of sales invoices: numbers follow dates, amounts span several sizes, forty buyers."""
    rng = np.random.default_rng(seed)
    issued = np.sort(rng.integers(day_number(AS_OF) - 363, day_number(AS_OF) + 1, count))
    return InvoiceSeries(
        side=np.full(count, SOLD),
        issued=issued,
        net_minor=np.rint(np.exp(rng.normal(12.5, 1.3, count))).astype(np.int64) + 137,
        number=np.arange(count) + 8_000,
        counterparty=rng.integers(100, 140, count).astype(np.uint64),
        status=np.full(count, VALID),
    )


def seen_in(invoices: InvoiceSeries) -> dict[str, Finding]:
    return {one.rule: one for one in examine(POLICY, AS_OF, invoices=invoices).findings}


def test_honest_invoices_say_nothing() -> None:
    for seed in range(40):
        assert seen_in(series(seed=seed)) == {}


def test_numbers_out_of_order_are_seen() -> None:
    honest = series()
    issued = honest.issued.copy()
    issued[200:260] = honest.issued[20]
    assert seen_in(replace(honest, issued=issued))["numbers_out_of_order"].score == 1


def test_missing_numbers_are_seen_unless_a_platform_deals_them_out() -> None:
    honest = series()
    shown = np.arange(400) % 2 == 0
    part = InvoiceSeries(*(getattr(honest, name)[shown] for name in ("side", "issued", "net_minor", "number",
                                                                    "counterparty", "status")))  # fmt: skip
    assert "number_gaps" in seen_in(part)
    assert "number_gaps" not in seen_in(replace(honest, number=honest.number * 1_000_003))


def test_one_amount_over_and_over_is_seen() -> None:
    honest = series()
    net = honest.net_minor.copy()
    net[::3] = 4_999_937
    assert "same_amounts" in seen_in(replace(honest, net_minor=net))


def test_amounts_that_somebody_made_up_are_far_from_benford() -> None:
    honest = series()
    net = 50_000_00 + np.arange(400) * 9_973
    found = seen_in(replace(honest, net_minor=net))
    assert "first_digits" in found and weigh([found["first_digits"]], POLICY).level is Level.NONE


def test_sales_to_a_related_party_and_to_who_sells_back_are_seen() -> None:
    honest = series()
    assert "related_party_sales" in seen_in(replace(honest, related=tuple(range(100, 120))))
    back = replace(honest, side=np.where(np.arange(400) % 2, SOLD, BOUGHT), number=np.full(400, -1),
                   counterparty=np.full(400, 5, np.uint64))  # fmt: skip
    assert seen_in(back)["related_party_sales"].score == 1


def test_red_ink_after_the_application_is_seen() -> None:
    honest = series()
    late = honest.issued >= day_number(AS_OF) - 40

    def twice(column: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([column, column[late]])

    after = InvoiceSeries(
        side=twice(honest.side),
        issued=twice(honest.issued),
        net_minor=twice(honest.net_minor),
        number=twice(honest.number),
        counterparty=twice(honest.counterparty),
        status=twice(honest.status),
    )
    count = int(late.sum())
    issued, net, status = after.issued.copy(), after.net_minor.copy(), after.status.copy()
    issued[-count:], net[-count:], status[-count:] = day_number(AS_OF) + 9, -net[-count:], RED
    found = seen_in(replace(after, issued=issued, net_minor=net, status=status))
    assert found["red_after_applying"].score == 1
    assert "red_after_applying" not in seen_in(honest)


def test_invoices_all_at_once_are_seen() -> None:
    honest = series()
    net = np.where(honest.issued > day_number(AS_OF) - 20, honest.net_minor * 9, honest.net_minor)
    assert "invoices_burst" in seen_in(replace(honest, net_minor=net))


# --- bills and other firms --------------------------------------------------------------------------------------------


def test_what_a_bill_gave_away_counts_over_all_bills() -> None:
    notices = [
        {"code": "order_numbers", "where": "31", "params": {"rows": 2}},
        {"code": "order_numbers", "where": "9", "params": {"rows": 3}},
        {"code": "count_differs", "where": "", "params": {"stated": 90, "found": 80}},
        {"code": "no_reference_numbers", "where": "", "params": {}},
    ]
    seen = weigh(of_notices(notices, POLICY), POLICY)
    assert {one.rule for one in seen.findings} == {"order_numbers", "totals_differ"} and seen.level is Level.STRONG
    assert of_notices([{"code": "count_differs", "where": "", "params": {"stated": 80, "found": 90}}], POLICY) == []


def test_lines_that_were_taken_out_of_a_bill_break_its_running_balance() -> None:
    lines = [f"2024-01-{day:02},10.00,{1000 + 10 * day}.00,收款" for day in range(1, 29)]

    def seen(kept: list[str]) -> Suspicion:
        told = read("\n".join(["交易日期,交易金额,余额,摘要", *kept]).encode()).summary.as_json()["notices"]
        return weigh(of_notices(told, POLICY), POLICY)

    assert seen(lines).findings == ()
    edited = seen([line for n, line in enumerate(lines) if n not in (5, 12, 20)])
    assert [(one.rule, one.score) for one in edited.findings] == [("balance_breaks", 1)]
    assert edited.level is Level.STRONG


def test_the_same_document_by_another_firm_holds_the_application() -> None:
    assert weigh(of_counts(Across(documents=1), POLICY), POLICY).level is Level.CERTAIN
    assert weigh(of_counts(Across(invoices=3), POLICY), POLICY).level is Level.CERTAIN


def test_shared_accounts_and_many_applications_add_up() -> None:
    assert of_counts(Across(applications=1), POLICY) == []
    assert weigh(of_counts(Across(account_owners=1), POLICY), POLICY).level is Level.NONE
    busy = weigh(of_counts(Across(account_owners=2, applications=9), POLICY), POLICY)
    assert busy.level is Level.STRONG and busy.weight > Decimal("0.6")


def test_a_rule_that_the_policy_does_not_name_counts_for_nothing() -> None:
    assert weigh([Finding("hunch", Decimal(1))], POLICY).findings == ()
