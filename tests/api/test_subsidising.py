"""What a subsidy takes off a plan, as the offer shows it."""

from datetime import date
from typing import Any
from uuid import uuid4

from tests.api.test_signing import signer

__all__ = ["signer"]


async def test_p6_an_offer_shows_its_cost_before_and_after_one_subsidy_and_no_term_moves(
    api: Any, signer: Any, database: Any
) -> None:
    owner, application_id, hash_ = signer
    place, firm = f"/v1/applications/{application_id}/offers", uuid4()
    database.execute(
        "insert into firm (id, person_id, kind, name_sealed, created_at) "
        f"select '{firm}', person_id, 'sole_trader', 'x', now() from application where id = '{application_id}'",
        f"update application set firm_id = '{firm}' where id = '{application_id}'",
    )
    today = date.fromisoformat((await owner.get("/v1/clock")).json()["date"])
    alive = {
        one.name for one in api.tools.policies.subsidies if one.first_on <= today <= one.last_on and not one.trades
    }
    offer = (await owner.get(place)).json()["items"][0]
    found = offer["subsidy"]
    assert offer["terms_hash"] == hash_
    assert (found is not None) == bool(alive)
    if found is not None:
        assert found["scheme"] in alive
        pays, before, after = (float(found[name]["amount"]) for name in ("pays", "before", "after"))
        assert pays > 0
        assert round(before - pays, 2) == after
        usual = next(one for one in offer["simulation"]["weathers"] if one["kind"] == "normal")
        assert before == round(float(usual["total"]["amount"]) - float(offer["amount"]["amount"]), 2)
