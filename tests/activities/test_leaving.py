"""What a draw's security counts for is looked at again when the money would leave (journey 4, D3)."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from activities.payouts import Payouts
from activities.ports.payouts import PayoutCase
from activities.releasing import Gate
from db.tables import Payout
from tests.activities.test_lines import counter, desk
from tests.activities.test_paying_sellers import HOURS_2, Private, Rail, settings
from tests.activities.test_receivables import Yard, yard

__all__ = ["counter", "desk", "settings", "yard"]


class Leaving:
    """A line on one invoice, and the gate through which its draws leave."""

    def __init__(self, place: Yard, claim: UUID) -> None:
        self.place, self.claim = place, claim
        counter = place.desk.counter
        private, gate = Private(counter.vault), Gate(counter.book, "CN")
        self.payouts = Payouts(counter.steps, private, Rail(), None, gate, task_queue="none", cutoff=HOURS_2)  # type: ignore[arg-type]

    async def draws(self, yuan: int) -> UUID:
        """A draw whose time to leave has come; its payout."""
        payout = await self.place.desk.payout(await self.place.desk.draw(self.place.line, yuan))
        async with self.place.desk.counter.steps.sessions.begin() as session:
            row = await session.get_one(Payout, payout.id)
            row.pay_at = row.created_at
        return payout.id

    async def leaves(self, payout_id: UUID) -> tuple[str, str | None]:
        said = await self.payouts.claim_payout(PayoutCase(payout_id))
        return said.state, said.reason


@pytest.fixture
async def leaving(yard: Callable[..., Awaitable[Yard]]) -> Leaving:
    place = await yard()
    claim = await place.confirmed()
    await place.pledge(claim)
    return Leaving(place, claim)


async def test_d3_a_draw_that_a_credit_note_outran_pays_nothing_out(leaving: Leaving) -> None:
    payout = await leaving.draws(40_000)
    await leaving.place.note(leaving.claim, "credited", 59_000)
    assert await leaving.leaves(payout) == ("cancelled", "above_base")
    standing = await leaving.place.desk.standing(leaving.place.line)
    assert standing.drawn_minor == 0


async def test_d3_a_draw_within_what_is_left_leaves(leaving: Leaving) -> None:
    payout = await leaving.draws(15_000)
    await leaving.place.note(leaving.claim, "credited", 59_000)
    assert await leaving.leaves(payout) == ("submitting", None)


async def test_d3_of_two_draws_that_no_longer_fit_together_the_first_to_leave_does(leaving: Leaving) -> None:
    first, second = await leaving.draws(24_000), await leaving.draws(24_000)
    await leaving.place.note(leaving.claim, "credited", 40_000)
    assert await leaving.leaves(first) == ("submitting", None)
    assert await leaving.leaves(second) == ("cancelled", "above_base")
