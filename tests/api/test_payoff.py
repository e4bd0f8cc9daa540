"""Journey 8 through the API: what pays a loan off today, in parts, with what is saved and until when it is good."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from tests.api.test_seeing import lent

__all__ = ["lent"]


def yuan(quote: dict[str, Any], name: str) -> Decimal:
    return Decimal(quote[name]["amount"])


async def test_h1_the_quote_says_principal_interest_no_fee_what_is_saved_and_until_when(api: Any, lent: Any) -> None:
    owner, _, loan_id = lent
    quote = (await owner.get(f"/v1/loans/{loan_id}/payoff")).json()
    seen = (await owner.get(f"/v1/loans/{loan_id}")).json()
    assert yuan(quote, "total") == yuan(quote, "principal") + yuan(quote, "interest") == yuan(seen, "owed_today")
    assert yuan(quote, "fees") == 0, "paying early costs nothing"
    assert yuan(quote, "saving") == Decimal(seen["forecast"]["interest_to_come"]["amount"]) > 0
    assert quote["finish_on"] == seen["forecast"]["middle_on"]
    assert f"{quote['on']}T23:59:00" in quote["valid_until"]
    ways = (await owner.get(f"/v1/loans/{loan_id}/ways-to-pay")).json()
    assert ways["reference"] == quote["reference"], "what is written in the remark"


async def test_h3_a_debit_on_its_way_need_not_be_paid_again(api: Any, lent: Any, database: Any) -> None:
    owner, _, loan_id = lent
    database.execute(
        "insert into loan_balance (loan_id, as_of, principal_minor, accrued_units, interest_paid_minor, paid_minor,"
        " carry_minor, uncollected_minor, in_flight_minor, windows_passed, past_due_minor, days_past_due, status)"
        f" values ('{loan_id}', current_date - 1, 7900000, 0, 0, 0, 0, 0, 30000, 0, 0, 0, 'as_agreed')"
    )
    quote = (await owner.get(f"/v1/loans/{loan_id}/payoff")).json()
    assert yuan(quote, "to_pay") == yuan(quote, "total") - 300
    assert yuan(quote, "in_flight") == 300


async def test_h1_a_loan_that_is_over_or_somebody_elses_has_no_quote(api: Any, lent: Any, database: Any) -> None:
    owner, _, loan_id = lent
    stranger = await api.owner()
    assert (await stranger.get(f"/v1/loans/{loan_id}/payoff")).status_code == 404
    assert (await owner.get(f"/v1/loans/{uuid4()}/payoff")).status_code == 404
    database.execute(f"update loan set state = 'closed', closed_on = current_date where id = '{loan_id}'")
    assert (await owner.get(f"/v1/loans/{loan_id}/payoff")).status_code == 404
