"""A company's way over the public API: its representative applies, its own account is paid (P2)."""

import pytest

from ops.demo.town import Owner, Town

AMOUNT = 40_000


async def to_the_rail(town: Town, owner: Owner) -> list[int]:
    """What the lender paid to the account in the firm's card, as the bank tells it."""
    account = await town.world.get(f"/rail/accounts/{owner.firm.account}")
    return [one["amount_minor"] for one in account["movements"] if one["kind"] == "payment"]


@pytest.mark.long
async def test_p2_a_company_applies_by_its_representative_and_money_comes_to_its_own_account(town: Town) -> None:
    owner = await town.owner("parts-works")
    assert owner.firm.kind == "company"
    assert not owner.firm.account.startswith("62"), "a company's account is no card"
    loan = await owner.borrows(AMOUNT)
    assert (loan["state"], loan["principal"]["amount"]) == ("live", f"{AMOUNT}.00")
    assert await to_the_rail(town, owner) == [AMOUNT * 100]
    identity = await owner.see("identity")
    assert (identity["kind"], identity["capacity"]) == ("company", "legal_representative")
    assert {check["kind"] for check in identity["checks"]} >= {"register", "bank_card", "network", "liveness"}
