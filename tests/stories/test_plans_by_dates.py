"""Plans by dates over months, through the public API alone: signed, disbursed, closed every day, paid off."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from ops.demo.paying_off_journey import fen, pays
from ops.demo.town import Owner, Town, eventually
from ops.stack.testing import RunningStack
from tests.stories.test_the_books import command

__all__ = ["command"]
# The worker writes reminders once a minute of the wall clock.
ROUNDS = 150


async def signs(owner: Owner, amount: int, months: int, product: str) -> tuple[Any, Any]:
    """The key facts as they were signed, and the loan."""
    await owner.applies(amount, months=months, product=product)
    offer = await owner.choose()
    facts = await owner.read_key_facts()
    assert offer["repayment"] == facts["sheet"]["repayment"] != "revenue_share"
    await owner.sign(facts)
    await owner.until_stage("funded")
    return facts["sheet"], await owner.loan()


async def announced(stack: RunningStack, town: Town, owner: Owner, due: date) -> None:
    """Until the letter has left: the close six days before tells of it, and letters leave by day."""
    await town.until(due - timedelta(days=8))
    desk = await town.staff("operations")
    await desk.post("/v1/desk/clock", {"to": f"{await town.today() + timedelta(days=1)}T10:00:00+08:00"})
    await town.until(due - timedelta(days=5))

    async def left() -> Any:
        found = stack.sql(
            f"select 1 from notice where application_id = '{owner.application_id}' and kind = 'instalment_due'"
            f" and state = 'sent' and params ->> 'due_on' = '{due}'"
        )
        return found or None

    await eventually(left, ROUNDS)


def books_tie(run: Callable[..., tuple[int, Any]]) -> None:
    code, proof = run("audit", "verify")
    assert (code, proof["faults"]) == (0, [])
    _, again = run("rebuild")
    assert again["differences"] == [], again["differences"]
    for balance in run("ledger", "trial")[1]:
        assert balance["difference_minor"] == 0


@pytest.mark.long
async def test_x4_equal_instalments_are_debited_as_signed_until_one_is_paid_off_early(
    stack: RunningStack, town: Town, command: Callable[..., tuple[int, Any]]
) -> None:
    owner = await town.owner(await town.found(monthly_sales_minor=8_600_000, months=14, health=0.9, seed=90_210))
    sheet, loan = await signs(owner, 20_000, 6, "equal_instalments")
    signed = [fen(one["amount"]) for one in sheet["path"]]
    assert len(signed) == 6 and len(set(signed[:-1])) == 1
    assert [fen(one["amount"]) for one in loan["instalments"]] == signed, "what was signed is what will be asked"
    first = date.fromisoformat(loan["instalments"][0]["on"])
    await announced(stack, town, owner, first)
    await town.until(first + timedelta(days=1))
    seen = await owner.loan()
    assert (seen["status"], len(seen["instalments"])) == ("as_agreed", 5)
    (debit,) = (await owner.caller.get(f"/v1/loans/{loan['id']}/debits"))["debits"]
    assert (fen(debit["taken"]), debit["on"]) == (signed[0], first.isoformat())
    assert debit["notice_at"] is not None and debit["rail_reference"]
    books_tie(command)

    quote = await owner.caller.get(f"/v1/loans/{loan['id']}/payoff")
    await pays(town, owner, loan["id"], fen(quote["to_pay"]))

    async def closed() -> Any:
        now = await owner.loan()
        return now if now["state"] == "closed" else None

    ended = await eventually(closed)
    assert fen(ended["owed_today"]) == 0
    books_tie(command)


@pytest.mark.long
@pytest.mark.parametrize("product", ["seasonal_instalments", "interest_first"])
async def test_journey_5_big_and_small_months_and_interest_first_live_to_their_payoff(
    stack: RunningStack, town: Town, command: Callable[..., tuple[int, Any]], product: str
) -> None:
    seed = 90_220 + len(product)
    owner = await town.owner(await town.found(monthly_sales_minor=8_600_000, months=14, health=0.9, seed=seed))
    sheet, loan = await signs(owner, 20_000, 6, product)
    assert [fen(one["amount"]) for one in loan["instalments"]] == [fen(one["amount"]) for one in sheet["path"]]
    path = f"/v1/loans/{loan['id']}/plan"
    await town.pass_days(2)
    if product == "seasonal_instalments":
        weights = ",".join(str(10 - number % 2 * 4) for number in range(12))
        wanted: dict[str, Any] = {"kind": "weights", "weights": weights}
    else:
        wanted = {"kind": "due_day", "cycle_day": 27}
    shown = await owner.caller.get(f"{path}/preview", **wanted)
    assert shown["before"]["annual_rate"] == shown["after"]["annual_rate"] == loan["annual_rate"]
    await owner.caller.post(path, {**wanted, "sha256": shown["sha256"]})
    first = shown["after"]["instalments"][0]
    if product == "interest_first":
        assert fen(first["principal"]) == 0
    due = date.fromisoformat(first["on"])
    await announced(stack, town, owner, due)
    await town.until(due + timedelta(days=1))
    (debit,) = (await owner.caller.get(f"/v1/loans/{loan['id']}/debits"))["debits"]
    assert (debit["on"], fen(debit["taken"])) == (first["on"], fen(first["amount"])), "as it was shown"
    quote = await owner.caller.get(f"/v1/loans/{loan['id']}/payoff")
    await pays(town, owner, loan["id"], fen(quote["to_pay"]))

    async def closed() -> Any:
        return True if (await owner.loan())["state"] == "closed" else None

    await eventually(closed)
    books_tie(command)
