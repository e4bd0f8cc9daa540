"""Somebody who was here before: a renewal that pays the old loan off, with a coupon, on the running system."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from ops.demo.town import Owner, Town, eventually, yuan
from ops.stack.testing import RunningStack
from tests.stories.test_the_books import command

__all__ = ["command"]

COUPON_MINOR = 2_000


async def asks_to_renew(owner: Owner, loan_id: str, amount: int) -> Any:
    """A new loan that pays this one off; who one is, bills and permissions stand."""
    body = {"amount": yuan(amount), "months": 12, "share": "0.12", "purpose": "stock", "renews": loan_id}
    owner.application_id = (await owner.caller.post("/v1/applications", body))["object_id"]
    await owner.act("identity/known")
    await owner.settled_in("identity")
    return await owner.submit()


@pytest.mark.long
async def test_i3_i4_x4_a_known_borrower_renews_and_what_was_shown_is_what_is_posted(
    stack: RunningStack, town: Town, command: Callable[..., tuple[int, Any]]
) -> None:
    owner = await town.owner(await town.found(monthly_sales_minor=8_600_000, months=14, health=0.9, seed=90_104))
    old = await owner.borrows(20_000, months=12)
    first_application = owner.application_id
    await town.until(await town.today() + timedelta(days=5))
    stack.sql(
        "insert into coupon (id, person_id, kind, cap_minor, least_minor, currency, valid_until, given_at) "
        f"select '{uuid4()}', person_id, 'level_two', {COUPON_MINOR}, 500000, 'CNY', '2030-01-01', now() "
        f"from application where id = '{first_application}'"
    )

    assert (await asks_to_renew(owner, old["id"], 50_000))["stage"] == "offered"
    offer = (await owner.see("offers"))["items"][0]
    assert offer["coupon"]["amount"] == "20.00"
    assert float(offer["pays_off"]["amount"]) + float(offer["net"]["amount"]) == 50_000
    await owner.choose()
    facts = await owner.read_key_facts()
    renewal = facts["sheet"]["renewal"]
    payoff, net = (round(float(renewal[name]["amount"]) * 100) for name in ("payoff", "net"))
    assert payoff + net == 5_000_000
    (line,) = [cost for cost in facts["sheet"]["costs"] if cost["name"] == "papers.cost.coupon"]
    assert line["amount"]["amount"] == "-20.00"
    await owner.sign(facts)
    await owner.until_stage("funded")

    ((left,),) = stack.sql(f"select amount_minor from payout where application_id = '{owner.application_id}'")
    assert left == net, "the net payout that was shown is the one that left"
    ended = await owner.caller.get(f"/v1/loans/{old['id']}")
    assert (ended["state"], ended["owed_today"]["amount"]) == ("closed", "0.00")

    async def certificate() -> Any:
        papers = (await owner.caller.get(f"/v1/applications/{first_application}/papers"))["items"]
        return next((paper for paper in papers if paper["kind"] == "certificate"), None)

    assert await eventually(certificate), "the old loan ends with its certificate"

    await town.until(await town.today() + timedelta(days=4))
    new = await owner.loan()
    assert new["coupon_paid"]["amount"] == "20.00", "the coupon paid what the key facts said"
    assert new["principal"]["amount"] == "50000.00"
    code, proof = command("audit", "verify")
    assert (code, proof["faults"]) == (0, [])
    code, again = command("rebuild")
    assert (code, again["differences"]) == (0, [])
    for balance in command("ledger", "trial")[1]:
        assert balance["difference_minor"] == 0
