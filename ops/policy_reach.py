"""What a folder of policy files, or one published rate, would change in a running system, and whom it would touch."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from db import clocks, policy_releases
from db.policy_releases import Reach
from db.sessions import Sessions
from infra.settings import Settings
from lending import reach
from lending.calendars import BEIJING, Jurisdiction, business_date
from lending.terms import plain
from policies.book import load
from policies.comparing import Row, indices_of, products_of, rows, values_of
from policies.releases import INDICES, Released, publication


@dataclass(frozen=True, slots=True)
class Touched:
    """A contract, offer or application by its number, and what becomes of it."""

    kind: str
    number: int
    product: str
    annual_rate: str
    effect: str
    on: str
    rate_after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows, counts, and everything that is touched; ``on``: the day whose books were compared."""

    on: date
    before: str
    after: str
    rows: Sequence[Row]
    reach: Reach
    touched: Sequence[Touched]

    def as_json(self) -> dict[str, Any]:
        told = {name: [asdict(one) for one in getattr(self, name)] for name in ("rows", "touched")}
        return {
            "on": self.on.isoformat(),
            "before": self.before,
            "after": self.after,
            "reach": asdict(self.reach),
            **told,
        }


async def in_force(settings: Settings) -> tuple[date, str, dict[str, Decimal]]:
    """The business day, the version and the reference rates of a running system."""
    sessions = Sessions(settings, scope="worker")
    try:
        async with sessions.begin() as session:
            on = business_date(await clocks.now(session, settings.clock_id), Jurisdiction(settings.jurisdiction))
            known = [Released(*one) for one in await policy_releases.released(session)]
    finally:
        await sessions.close()
    book = load(on, None, known)
    return on, book.version, book.indices


async def difference(
    settings: Settings,
    *,
    root: Path | None = None,
    rate: tuple[str, date, Decimal] | None = None,
    on: date | None = None,
) -> Difference:
    """Compare what is in force with the files of ``root``, or with a ``rate`` as it was published.

    ``on``: a day on which both would be in force; today, or the rate's own day, where none is named.
    """
    sessions = Sessions(settings, scope="worker")
    try:
        async with sessions.begin() as session:
            now = await clocks.now(session, settings.clock_id)
            today = business_date(now, Jurisdiction(settings.jurisdiction))
            known = [Released(*one) for one in await policy_releases.released(session)]
            added = known
            if rate is not None:
                index, published, value = rate
                added = [*known, Released(2**62, INDICES, publication(index, published, plain(value)))]
                on = on or max(published, today)
            day = on or today
            before, after = load(day, None, known), load(day, root, added)
            found = rows(before, after)
            products, indices, values = products_of(found), indices_of(found), values_of(found)
            counts = await policy_releases.reach(session, products, indices, now)
            touched = [
                _told(one, day, values) async for one in policy_releases.reached(session, products, indices, now)
            ]
    finally:
        await sessions.close()
    return Difference(day, before.version, after.version, found, counts, touched)


def _told(one: policy_releases.Reached, on: date, values: dict[str, Decimal]) -> Touched:
    until = one.until.astimezone(BEIJING).date() if one.until else None
    touch = reach.touch(one.kind, one.terms, began=one.began, until=until, effective_on=on, values=values)
    return Touched(
        kind=one.kind,
        number=one.number,
        product=one.product_id,
        annual_rate="" if one.annual_rate is None else plain(one.annual_rate),
        effect=touch.effect.value,
        on=touch.on.isoformat() if touch.on else "",
        rate_after="" if touch.rate_after is None else plain(touch.rate_after),
    )
