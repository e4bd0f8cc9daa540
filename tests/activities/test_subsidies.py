"""A subsidy becomes the loan's with the signature under the sheet that names it, and with nothing else (P6)."""

from decimal import Decimal

from sqlalchemy import select, update

from db.tables import KeyFacts, LoanSubsidy
from tests.activities.test_releasing import Counter, counter

__all__ = ["counter"]


async def test_p6_what_is_claimed_later_is_what_the_signed_sheet_promised(counter: Counter) -> None:
    owner, other = await counter.owner(), await counter.owner()
    signature = await counter.ready(owner, await counter.account(owner), 10_000)
    promised = {"scheme": "small_shops", "points": "0.0100", "months": 12, "cap_minor": 300_000, "pays_minor": 1}
    async with counter.steps.sessions.begin() as session:
        of_this = KeyFacts.application_id == signature.application_id
        await session.execute(update(KeyFacts).where(of_this).values(sheet={"subsidy": promised}))
    payout = await counter.sign(signature)
    await counter.sign(await counter.ready(other, await counter.account(other), 10_000))  # a sheet without one
    async with counter.steps.sessions.begin() as session:
        (granted,) = (await session.scalars(select(LoanSubsidy))).all()
    assert (granted.loan_id, granted.scheme, granted.points) == (payout.loan_id, "small_shops", Decimal("0.01"))
    assert (granted.months, granted.cap_minor) == (12, 300_000)
