"""Journey E3: what becomes of a loan if sales change, asked on its page and through the API."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.api.test_bounds import is_problem
from tests.api.test_plans import TODAY, Living, living

__all__ = ["living"]


def day(text: str) -> date:
    return date.fromisoformat(text)


async def asked(living: Living, percent: int) -> dict[str, Any]:
    answer = await living.owner.get(f"/v1/loans/{living.loan_id}/if-sales", params={"percent": percent})
    assert answer.status_code == 200
    return answer.json()


async def test_e3_fewer_sales_end_the_loan_later_cost_more_interest_and_change_no_rate(living: Living) -> None:
    await living.closes(living.closed_to + timedelta(days=3), sales_minor=600_000)
    same, fewer, more = [await asked(living, percent) for percent in (100, 70, 130)]
    assert same["then"] == same["usual"] == fewer["usual"]
    assert day(more["then"]["middle_on"]) < day(same["then"]["middle_on"]) < day(fewer["then"]["middle_on"])
    for one in (same, fewer, more):
        assert day(one["then"]["early_on"]) <= day(one["then"]["middle_on"]) <= day(one["then"]["late_on"])
    interest = [int(float(one["then"]["interest_to_come"]["amount"]) * 100) for one in (more, same, fewer)]
    assert interest == sorted(interest)
    assert len(set(interest)) == 3
    assert same["annual_rate"] == fewer["annual_rate"], "P8: the rate is what it is, whatever is sold"
    loan = (await living.owner.get(f"/v1/loans/{living.loan_id}")).json()
    assert loan["forecast"]["middle_on"] == same["then"]["middle_on"], "asking has changed nothing"


async def test_e3_a_loan_that_would_not_be_over_in_time_is_said_to_be_so(living: Living) -> None:
    await living.closes(living.closed_to + timedelta(days=3), sales_minor=300_000)
    living.database.execute(
        f"update loan set matures_on = '{TODAY + timedelta(days=365)}' where id = '{living.loan_id}'"
    )
    assert [(await asked(living, percent))["in_time"] for percent in (300, 10)] == [True, False]


@pytest.mark.parametrize("percent", ["9", "301", "-5", "x"])
async def test_a_part_of_sales_that_is_none_is_refused(living: Living, percent: str) -> None:
    answer = await living.owner.get(f"/v1/loans/{living.loan_id}/if-sales", params={"percent": percent})
    is_problem(answer, 422, "bad_fields")


async def test_another_owner_learns_nothing_of_a_loan_by_asking_what_if(living: Living, api: Any) -> None:
    other = await api.owner()
    answer = await other.get(f"/v1/loans/{living.loan_id}/if-sales", params={"percent": 70})
    is_problem(answer, 404, "not_found")
