"""A firm's money by what it was: as the bills tell it and as its owner corrects it. Corrections are only ever added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import TextClause, case, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import CounterpartyName, FlowCorrection, StatementLine
from lending.flows import PRIVATE, REFUND, SALE

# What is lent (policies/shapes.py). Flows in other currencies are kept, but no rate to add them by is known here.
CURRENCY = "CNY"
VOID, ASSETS = 4, 128  # flags of imports.lines
# Of a line: at, direction, amount, kind, counterparty's key, balance after it.
LineRow = tuple[datetime, int, int, int, bytes | None, int | None]
# The owner's last word on each line of a firm and the kind that it counts as: `lending.flows.kind_as_said` in SQL: a
# page asks for sums over a year of lines. A test holds both to the same answers. Constants alone go into it.
LINES_NOW = """
    with said as materialized (
        select distinct on (target, fingerprint, counterparty_key, direction, kind, guessed) *
          from flow_correction where firm_id = :firm
         order by target, fingerprint, counterparty_key, direction, kind, guessed, n desc
    ), line as (
        select l.at, l.on_date, l.direction, l.amount_minor, l.kind, l.counterparty_key, l.fingerprint, l.flags,
               l.file_id, l.n, l.balance_minor,
               l.flags & 1 = 1 as guessed, s.to_use,
               case when s.to_use is null then l.kind
                    when s.to_use = 'private' then 9
                    when s.to_use = 'own_account' then 6
                    when l.kind not in (9, 6) then l.kind
                    when l.direction = 1 then 1 else 3 end as kind_now
          from statement_line l
          left join lateral (
              select c.to_use from said c
               where c.to_use is not null and l.kind not in (7, 8)
                 and case c.target
                     when 'line' then c.fingerprint = l.fingerprint
                     when 'counterparty' then c.counterparty_key = l.counterparty_key and c.direction = l.direction
                     else c.direction = l.direction and c.kind = l.kind
                          and c.guessed = (l.flags & 1 = 1) end
               order by case c.target when 'line' then 0 when 'counterparty' then 1 else 2 end
               limit 1
          ) s on true
         where l.firm_id = :firm and l.currency = 'CNY'
    )
"""


def over_lines(query: str) -> TextClause:
    """A query over ``line``: the lines of ``:firm`` with their owner's word ``to_use`` and ``kind_now``."""
    return text(LINES_NOW + query)


async def newest(session: AsyncSession, firm_id: UUID) -> int:
    """The number of the firm's latest correction; 0 without any. Whoever remembers sums remembers it beside them."""
    found = select(func.max(FlowCorrection.n)).where(FlowCorrection.firm_id == firm_id)
    return await session.scalar(found) or 0


async def lines_now(session: AsyncSession, firm_id: UUID) -> list[LineRow]:
    """A firm's lines as its owner has corrected them. Money in that was said to be private moved nothing of the firm's:
    it is neither sales nor unexplained. Private money out went out all the same."""
    asked = over_lines("""
        select at, case when to_use = 'private' and direction = 1 then 0 else direction end, amount_minor, kind_now,
               counterparty_key,
               case when file_id = any(:balanced) then balance_minor end
          from line order by at, case when file_id = any(:backwards) then -n else n end
        """)
    balanced, backwards = await _balanced(session, firm_id)
    rows = await session.execute(asked, {"firm": firm_id, "balanced": balanced, "backwards": backwards})
    return [(at, direction, amount, kind, who, left) for at, direction, amount, kind, who, left in rows]


async def lines_told(session: AsyncSession, firm_id: UUID) -> list[LineRow]:
    """A firm's lines as the bills tell them."""
    balanced, backwards = await _balanced(session, firm_id)
    in_order = case((StatementLine.file_id.in_(backwards), -StatementLine.n), else_=StatementLine.n)
    told = await session.execute(
        select(
            StatementLine.at,
            StatementLine.direction,
            StatementLine.amount_minor,
            StatementLine.kind,
            StatementLine.counterparty_key,
            case((StatementLine.file_id.in_(balanced), StatementLine.balance_minor)),
        )
        .where(StatementLine.firm_id == firm_id, StatementLine.currency == CURRENCY)
        .order_by(StatementLine.at, in_order)
    )
    return [(at, direction, amount, kind, who, left) for at, direction, amount, kind, who, left in told]


async def _balanced(session: AsyncSession, firm_id: UUID) -> tuple[list[UUID], list[UUID]]:
    """The files whose balances are read, those of the fullest account; and the files that begin with the newest line.

    Of a file that overlaps another only lines that the other did not have were kept. Files whose kept lines still lie
    over each other in time are of two accounts, and what two accounts hold is not one balance.
    """
    rows = await session.execute(
        select(
            StatementLine.file_id,
            func.min(StatementLine.on_date),
            func.max(StatementLine.on_date),
            func.corr(StatementLine.n, func.extract("epoch", StatementLine.at)) < 0,
            func.count().label("lines"),
        )
        .where(
            StatementLine.firm_id == firm_id,
            StatementLine.currency == CURRENCY,
            StatementLine.balance_minor.is_not(None),
        )
        .group_by(StatementLine.file_id)
        .order_by(text("lines desc"), StatementLine.file_id)
    )
    taken: list[tuple[UUID, date, date]] = []
    backwards: list[UUID] = []
    for file_id, first, last, newest_first, _ in rows:
        if all(last <= begins or ends <= first for _, begins, ends in taken):
            taken.append((file_id, first, last))
        if newest_first:
            backwards.append(file_id)
    return [file_id for file_id, _, _ in taken], backwards


async def assets_bought(session: AsyncSession, firm_id: UUID, since: date, until: date) -> int:
    """What left the bills for securities or property from ``since`` to ``until``, in minor units."""
    found = await session.scalar(
        select(func.sum(StatementLine.amount_minor)).where(
            StatementLine.firm_id == firm_id,
            StatementLine.currency == CURRENCY,
            StatementLine.direction == -1,
            StatementLine.flags.op("&")(ASSETS) != 0,
            StatementLine.flags.op("&")(VOID) == 0,
            StatementLine.on_date.between(since, until),
        )
    )
    return int(found or 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the split of a firm's money says of how far it can be trusted; minor units.

    ``unsplit_minor`` of ``moved_minor`` is what no word tells and no owner has said. ``told_minor`` is revenue by the
    bills alone; ``raised_minor`` is what the owner's word has made a sale, or no refund any more.
    """

    moved_minor: int
    unsplit_minor: int
    told_minor: int
    raised_minor: int

    @property
    def unsplit_percent(self) -> int:
        return round(self.unsplit_minor * 100 / self.moved_minor) if self.moved_minor else 0


async def standing(session: AsyncSession, firm_id: UUID) -> Standing:
    """How much is unsplit, and how much revenue rests on the owner's word alone."""
    row = (
        await session.execute(
            over_lines("""
                select coalesce(sum(amount_minor) filter (where direction <> 0), 0)::bigint as moved,
                       coalesce(sum(amount_minor) filter (where direction <> 0 and guessed and kind <> :private
                                                          and to_use is null), 0)::bigint as unsplit,
                       (coalesce(sum(amount_minor) filter (where direction = 1 and kind = :sale), 0)
                        - coalesce(sum(amount_minor) filter (where direction = -1 and kind = :refund), 0))::bigint
                       as told,
                       coalesce(sum(amount_minor) filter (
                           where (direction = 1 and kind_now = :sale and kind <> :sale)
                              or (direction = -1 and kind = :refund and kind_now <> :refund)), 0)::bigint as raised
                  from line where flags & :void = 0
                """),
            {"firm": firm_id, "sale": SALE, "refund": REFUND, "private": PRIVATE, "void": VOID},
        )
    ).one()
    return Standing(row.moved, row.unsplit, row.told, row.raised)


@dataclass(frozen=True, slots=True)
class GroupSums:
    """Lines of one counterparty (None: all others together) that were read alike and are now taken alike."""

    direction: int
    kind: int
    guessed: bool
    to_use: str | None
    counterparty_key: bytes | None
    counterparties: int
    lines: int
    amount_minor: int
    first_day: date
    last_day: date


async def groups(session: AsyncSession, firm_id: UUID, most: int) -> list[GroupSums]:
    """All that moved, by how it was read, the ``most`` largest named counterparties of each reading apart."""
    rows = await session.execute(
        over_lines("""
            , one as (
                select l.direction, l.kind, l.guessed, l.to_use, l.counterparty_key, count(*) as lines,
                       sum(l.amount_minor)::bigint as amount, min(l.on_date) as first_day, max(l.on_date) as last_day,
                       row_number() over (partition by l.direction, l.kind, l.guessed
                                          order by c.key is null, sum(l.amount_minor) desc) as place,
                       c.key is not null as named
                  from line l left join counterparty_name c on c.firm_id = :firm and c.key = l.counterparty_key
                 where l.direction <> 0 and l.flags & :void = 0
                 group by 1, 2, 3, 4, 5, c.key
            )
            select direction, kind, guessed, to_use,
                   case when named and place <= :most then counterparty_key end as counterparty_key,
                   count(*) as counterparties, sum(lines)::bigint as lines, sum(amount)::bigint as amount,
                   min(first_day) as first_day, max(last_day) as last_day
              from one group by 1, 2, 3, 4, 5 order by amount desc
            """),
        {"firm": firm_id, "most": most, "void": VOID},
    )
    return [
        GroupSums(
            row.direction, row.kind, row.guessed, row.to_use, row.counterparty_key, int(row.counterparties),
            int(row.lines), int(row.amount), row.first_day, row.last_day,
        )
        for row in rows
    ]  # fmt: skip


async def months_by_use(session: AsyncSession, firm_id: UUID) -> list[tuple[date, int, int, bool, str | None, int]]:
    """Sums by calendar month: month, direction, kind, guessed, the owner's word, minor units."""
    rows = await session.execute(
        over_lines("""
            select date_trunc('month', on_date)::date, direction, kind, guessed, to_use, sum(amount_minor)::bigint
              from line where direction <> 0 and flags & :void = 0 group by 1, 2, 3, 4, 5 order by 1
            """),
        {"firm": firm_id, "void": VOID},
    )
    return [(month, way, kind, guessed, said, int(minor)) for month, way, kind, guessed, said, minor in rows]


async def names(session: AsyncSession, firm_id: UUID) -> Sequence[CounterpartyName]:
    """The sealed names of the firm's weightiest counterparties."""
    return (await session.scalars(select(CounterpartyName).where(CounterpartyName.firm_id == firm_id))).all()


async def keep_names(session: AsyncSession, firm_id: UUID, person_id: UUID, sealed: dict[bytes, bytes]) -> None:
    """Keep sealed names by their keys; one that is known stays."""
    if sealed:
        rows = [
            {"firm_id": firm_id, "key": key, "person_id": person_id, "name_sealed": name}
            for key, name in sealed.items()
        ]
        await session.execute(insert(CounterpartyName).values(rows).on_conflict_do_nothing())


async def correct(
    session: AsyncSession,
    *,
    correction_id: UUID,
    firm_id: UUID,
    person_id: UUID,
    application_id: UUID,
    target: str,
    fingerprint: bytes | None,
    counterparty_key: bytes | None,
    direction: int,
    kind: int,
    guessed: bool,
    to_use: str | None,
    actor: str,
    now: datetime,
) -> None:
    """Add the owner's word on a line, a counterparty or all that was read alike; ``to_use`` None takes it back."""
    session.add(
        FlowCorrection(
            id=correction_id,
            firm_id=firm_id,
            person_id=person_id,
            application_id=application_id,
            target=target,
            fingerprint=fingerprint,
            counterparty_key=counterparty_key,
            direction=direction,
            kind=kind,
            guessed=guessed,
            to_use=to_use,
            actor=actor,
            made_at=now,
        )
    )
    await session.flush()


async def has_lines(session: AsyncSession, firm_id: UUID, target: str, direction: int, key: bytes | None) -> bool:
    """Whether a firm has the line (``key`` is its fingerprint) or lines with the counterparty of this direction."""
    found = select(StatementLine.n).where(StatementLine.firm_id == firm_id)
    if target == "line":
        found = found.where(StatementLine.fingerprint == key)
    else:
        found = found.where(StatementLine.counterparty_key == key, StatementLine.direction == direction)
    return await session.scalar(found.limit(1)) is not None


async def corrections(session: AsyncSession, firm_id: UUID) -> Sequence[FlowCorrection]:
    """All that the owner ever said of the firm's money, newest first."""
    found = select(FlowCorrection).where(FlowCorrection.firm_id == firm_id).order_by(FlowCorrection.n.desc())
    return (await session.scalars(found)).all()
