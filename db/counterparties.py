"""Whom a firm trades with, by what went through its bills: no names, only shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.flows import CURRENCY


@dataclass(frozen=True, slots=True)
class CounterpartySums:
    """What went between a firm and one counterparty, whose name is kept as a keyed hash only."""

    lines: int
    amount_minor: int


async def largest_counterparties(
    session: AsyncSession, firm_id: UUID, kinds: Sequence[int], most: int
) -> dict[int, tuple[int, list[CounterpartySums]]]:
    """(all lines of a kind, the largest counterparties of them by amount) of each kind, minor units."""
    rows = await session.execute(
        text(
            """
            select * from (
                select kind, counterparty_key, count(*) as lines, sum(amount_minor)::bigint as amount,
                       sum(sum(amount_minor)) over (partition by kind)::bigint as total,
                       row_number() over (partition by kind
                           order by counterparty_key is null, sum(amount_minor) desc) as n
                  from statement_line where firm_id = :firm and kind = any(:kinds) and currency = :currency
                 group by kind, counterparty_key) sums
             where n <= :most order by kind, n
            """
        ),
        {"firm": firm_id, "kinds": list(kinds), "currency": CURRENCY, "most": most},
    )
    found: dict[int, tuple[int, list[CounterpartySums]]] = {kind: (0, []) for kind in kinds}
    for row in rows:
        named = found[row.kind][1]
        if row.counterparty_key is not None:
            named.append(CounterpartySums(int(row.lines), int(row.amount)))
        found[row.kind] = (int(row.total), named)
    return found
