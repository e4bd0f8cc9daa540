"""Owners for a measurement: of one seed, prepared before the clock runs, and kept from one figure to the next."""

import itertools
from collections.abc import Sequence

from ops.demo.town import Owner, Town

AMOUNT = 40_000  # yuan: decided by the machine, paid without a delay
WALLETS = ("wechat", "alipay")
# A firm that a bank would lend to; each has a seed of its own, for two with the same seed are one firm.
FIRM = {"monthly_sales_minor": 9_000_000, "months": 14, "health": 0.88}
UNDECIDED = ("evidence", "deciding")


class Undecided(Exception):
    """An application got no decision: what was measured means nothing."""


class Crowd:
    """All owners of one run."""

    def __init__(self, town: Town, seed: int) -> None:
        self.town = town
        self.seed = seed
        self.approved: list[Owner] = []
        self._numbers = itertools.count()

    async def newcomers(self, count: int) -> list[tuple[Owner, dict[str, bytes]]]:
        """Owners who have downloaded their bills and said nothing yet."""
        made: list[tuple[Owner, dict[str, bytes]]] = []
        for _ in range(count):
            firm = await self.town.found(**FIRM, seed=self.seed * 1_000_000 + next(self._numbers))
            bills = {wallet: await self.town.bill(firm, wallet) for wallet in WALLETS}
            made.append((await self.town.owner(firm), bills))
        return made

    async def ready(self, count: int) -> list[Owner]:
        """Owners whose bills are read: nothing is left but to ask for a decision."""
        found: list[Owner] = []
        for owner, bills in await self.newcomers(count):
            await self.prepare(owner, bills)
            found.append(owner)
        return found

    async def prepare(self, owner: Owner, bills: dict[str, bytes]) -> None:
        """From the first tap to the last bill."""
        await owner.sign_in()
        await owner.begin(AMOUNT)
        await owner.identify()
        await owner.consent()
        for wallet, bill in bills.items():
            read = await owner.upload(wallet, bill)
            if problem := read.get("problem"):
                raise Undecided(f"{owner.firm.firm_id}: the {wallet} bill was not read: {problem}")

    async def decide(self, owner: Owner) -> None:
        """Ask for a decision and hear it: in the answer, or a little later on the page. Raises :class:`Undecided`."""
        answer = await owner.act("submit", {})
        stage, problem = answer.get("stage"), answer.get("problem")
        if stage is None or (stage in UNDECIDED and not problem):
            stage = (await owner.settled_in("deciding"))["stage"]
        if stage in UNDECIDED:
            raise Undecided(f"{owner.firm.firm_id} stands in {stage}" + (f": {problem}" if problem else ""))
        if stage == "offered":
            self.approved.append(owner)

    async def approved_owners(self, count: int) -> Sequence[Owner]:
        """So many with an offer on the table, those of an earlier figure first; each is handed out once."""
        while len(self.approved) < count:
            for owner in await self.ready(count - len(self.approved)):
                await self.decide(owner)
        taken, self.approved = self.approved[:count], self.approved[count:]
        return taken
