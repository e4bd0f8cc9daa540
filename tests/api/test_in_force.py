"""What a loan's page foretells and what the mandate's page says: by the rhythm, share and rest that are in force."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

import policies
from api.owner.repaying import forecast_of
from infra import i18n
from lending.cycles import Breathing, Cycle
from lending.offers import terms_of
from lending.plans import AS_SIGNED, Plan
from tests.api.test_plans import A_DAY, TODAY, Living, living

__all__ = ["living"]


def foretold(plan: Plan) -> Any:
    product = policies.load().product("revenue_linked_working_capital")
    terms = terms_of(product, amount_minor=8_000_000, months=12, share=Decimal("0.12"))
    sold = {"sales_minor": 5_600_000, "refunds_minor": 0, "chargebacks_minor": 0}
    sales = [SimpleNamespace(on_date=date(2026, 11, 3), **sold)]
    position = SimpleNamespace(principal_minor=8_000_000)
    return forecast_of(terms, cast("Any", position), cast("Any", sales), date(2026, 12, 1), plan)


@pytest.mark.parametrize(
    ("plan", "least_days"),
    [
        (AS_SIGNED._replace(share=Decimal("0.06")), 300),
        (AS_SIGNED._replace(breathings=(Breathing(date(2027, 1, 1), date(2027, 1, 31)),)), 30),
        (AS_SIGNED._replace(breathings=(Breathing(date(2027, 1, 1), date(2027, 1, 31), Decimal("0.5")),)), 14),
    ],
)
def test_less_of_each_day_or_a_rest_ends_the_foretold_loan_later_and_costs_more(plan: Plan, least_days: int) -> None:
    signed, now = foretold(AS_SIGNED), foretold(plan)
    for name in ("early_on", "middle_on", "late_on"):
        assert getattr(now, name) - getattr(signed, name) >= timedelta(days=least_days // 2), name
    assert now.middle_on - signed.middle_on >= timedelta(days=least_days)
    assert now.interest_to_come_minor > signed.interest_to_come_minor


def test_a_month_that_is_debited_at_once_costs_the_days_that_it_waits() -> None:
    signed, monthly = foretold(AS_SIGNED), foretold(AS_SIGNED._replace(cycle=Cycle.MONTH))
    assert monthly.interest_to_come_minor > signed.interest_to_come_minor
    assert monthly.middle_on.day == 1, "debited the morning after the month's end"
    later = foretold(AS_SIGNED._replace(cycle=Cycle.MONTH, cycle_day=15))
    assert later.middle_on.day == 16


async def test_the_mandates_page_says_the_rhythm_and_the_share_that_are_in_force(living: Living) -> None:
    path = f"/v1/loans/{living.loan_id}/debits"
    await living.closes(TODAY + timedelta(days=2))
    mandate = (await living.owner.get(path)).json()["mandate"]
    assert (mandate["cycle"], mandate["rests_until"]) == ("day", None)
    await living.changes(kind="rhythm", cycle="week", cycle_day=5)
    mandate = (await living.owner.get(path)).json()["mandate"]
    assert (mandate["cycle"], mandate["cycle_day"], mandate["share"]) == ("week", 5, "0.12")
    living.database.execute(
        f"""update plan_change set kind = 'breathing', said = '{{"first_on": "{TODAY - A_DAY}",
        "last_on": "{TODAY + timedelta(days=9)}", "factor": "0.5"}}' where loan_id = '{living.loan_id}'"""
    )
    mandate = (await living.owner.get(path)).json()["mandate"]
    assert (mandate["rests_until"], mandate["rest_part"]) == ((TODAY + timedelta(days=9)).isoformat(), "0.5")


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_each_rhythm_has_its_own_lead_and_only_the_daily_one_speaks_of_the_day_before(locale: str) -> None:
    leads = {
        name: i18n.text(f"web.debits.lead{name}", locale, tries=2, share="12%") for name in ("", "_week", "_month")
    }
    assert len(set(leads.values())) == 3
    before = {"zh_CN": "前一天", "en": "day before"}[locale]
    assert [before in said for said in leads.values()] == [True, False, False]
