"""The walk over the journal's chain: every entry or posting that was changed, removed, put in or moved is named."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.audits import oldest_running
from db.journal_chain import DIGEST, GENESIS, ID, LAST_ID, NOBODY, Link, links, stretches
from db.tables import Entry, JournalSeal
from db.tampering import Fault, Kind, Verified, foreign, service_roles

TABLE = "entry"
OUT_OF_PLACE = "older_than_its_place"
EXPLAINED = 300  # more broken links than this are told, not compared with each other
SHOWN = 100


@dataclass(frozen=True, slots=True)
class _Broken:
    """A link whose line does not give the hash that stands beside it; ``size`` is how many postings were sealed."""

    position: int
    previous: bytes
    digest: bytes
    size: int
    link: Link

    def holds(self, line: str) -> bool:
        return hashlib.sha256(self.previous + line.encode()).digest() == self.digest


@dataclass(slots=True)
class _Walk:
    """What is known so far; ``previous`` is None where the chain has a hole."""

    roles: frozenset[str]
    place: tuple[int, UUID] = (0, NOBODY)
    previous: bytes | None = GENESIS
    number: int = 0
    position: int = 0
    count: int = 0
    faults: list[Fault] = field(default_factory=list[Fault])
    broken: list[_Broken] = field(default_factory=list[_Broken])
    moved: set[UUID] = field(default_factory=set[UUID])  # they stand where another transaction's entries do

    def found(self, kind: Kind, row: UUID, position: int | None = None, note: str = "") -> None:
        self.faults.append(Fault(TABLE, str(row), kind, position, note))


async def verify(session: AsyncSession) -> Verified:
    """Walk the whole chain. Entries of running transactions and of the last moment may be unsealed without fault."""
    walk = _Walk(await service_roles(session))
    border = await oldest_running(session)
    async for stretch in stretches(session):
        await _stretch(session, walk, stretch)
    rest = await links(session, walk.place, (border - 1, LAST_ID))
    for link in rest:
        _writer(walk, link, None)
    moved = {str(entry_id) for entry_id in walk.moved}
    faults = [fault for fault in walk.faults if fault.note != OUT_OF_PLACE or fault.row not in moved]
    faults += [*_explained(walk.broken), *await _orphans(session)]
    faults.sort(key=lambda fault: (fault.position is None, fault.position or 0, fault.row))
    return Verified(walk.count, (walk.previous or b"").hex(), len(rest), tuple(faults))


async def _stretch(session: AsyncSession, walk: _Walk, seal: JournalSeal) -> None:
    hole = seal.n != walk.number + 1
    if hole:
        for number in range(walk.number + 1, min(seal.n, walk.number + SHOWN)):
            walk.faults.append(Fault("journal_seal", str(number), Kind.SEAL_REMOVED, walk.position + 1))
        walk.previous = None
    sealed = [UUID(bytes=seal.ids[n : n + ID]) for n in range(0, len(seal.ids), ID)]
    until = (seal.last_transaction, seal.last_entry)
    there = {link.id: link for link in await links(session, walk.place, until)}
    known = set(sealed)
    # After a hole nobody knows which of the entries before this stretch were sealed.
    strangers = [link for link in there.values() if link.id not in known]
    if not hole:
        for link in strangers:
            if not _writer(walk, link, None):
                walk.found(Kind.INSERTED, link.id, None, OUT_OF_PLACE)
    missing = [entry_id for entry_id in sealed if entry_id not in there]
    moved = set(await session.scalars(select(Entry.id).where(Entry.id.in_(missing)))) if missing else set[UUID]()
    walk.moved |= moved
    for n, entry_id in enumerate(sealed):
        position = seal.first_position + n
        digest = seal.hashes[n * DIGEST : (n + 1) * DIGEST]
        link = there.get(entry_id)
        if link is None:
            kind = Kind.REORDERED if entry_id in moved else Kind.REMOVED
            walk.found(kind, entry_id, position, "moved_to_another_transaction" if entry_id in moved else "")
        else:
            _writer(walk, link, position)
            if walk.previous is not None:
                broken = _Broken(position, walk.previous, digest, seal.sizes[n], link)
                if not broken.holds(link.line):
                    walk.broken.append(broken)
        walk.previous = digest
    _order(walk, sealed, there, seal.first_position)
    walk.number, walk.place = seal.n, until
    walk.count += len(sealed)
    walk.position = seal.first_position + len(sealed) - 1


def _order(walk: _Walk, sealed: Sequence[UUID], there: dict[UUID, Link], first: int) -> None:
    """Entries that stand in another order than they were sealed in."""
    known = set(sealed)
    standing = [entry_id for entry_id in there if entry_id in known]
    expected = [entry_id for entry_id in sealed if entry_id in there]
    places = {entry_id: first + n for n, entry_id in enumerate(sealed)}
    for one, other in zip(standing, expected, strict=True):
        if one != other:
            walk.found(Kind.REORDERED, one, places[one])


def _writer(walk: _Walk, link: Link, position: int | None) -> bool:
    """Tells an entry that somebody else than the service wrote."""
    if foreign(link.written_by, walk.roles):
        walk.found(Kind.INSERTED, link.id, position, f"written_by_{link.written_by}")
        return True
    return False


# --- what a broken link tells -----------------------------------------------------------------------------------------
def _explained(broken: list[_Broken]) -> Iterator[Fault]:
    for one in broken:
        other = next(
            (b for b in broken[:EXPLAINED] if b is not one and any(map(one.holds, _exchanged(one.link, b.link)))), None
        )
        if other is not None:
            note = f"its_content_stands_in_{other.link.id}"
            yield Fault(TABLE, str(one.link.id), Kind.REORDERED, one.position, note)
        else:
            yield _of_postings(one) or Fault(TABLE, str(one.link.id), Kind.CHANGED, one.position)


def _parts(line: str) -> tuple[str, str, str]:
    """The id, the columns of the entry, its postings."""
    entry_id, _, rest = line.partition("|")
    columns, _, moves = rest.rpartition("|")
    return entry_id, columns, moves


def _exchanged(link: Link, other: Link) -> Iterator[str]:
    """The line of a link if its id, or its postings, had been exchanged with another's."""
    (entry_id, columns, moves), (_, their_columns, their_moves) = _parts(link.line), _parts(other.line)
    yield f"{entry_id}|{their_columns}|{their_moves}"
    yield f"{entry_id}|{their_columns}|{moves}"
    yield f"{entry_id}|{columns}|{their_moves}"


def _of_postings(broken: _Broken) -> Fault | None:
    """Which posting was removed, put in or exchanged, if that explains the broken link."""
    link = broken.link
    entry_id, columns, told = _parts(link.line)
    numbers, moves = link.numbers or [], told.split(";") if told else []
    if link.size < broken.size:
        gone = sorted(set(range(broken.size)) - set(numbers))
        rows = ",".join(map(str, gone))
        return Fault("posting", f"{link.id}/{rows}", Kind.REMOVED, broken.position)

    def line(candidates: Sequence[str]) -> str:
        return f"{entry_id}|{columns}|{';'.join(candidates)}"

    if link.size > broken.size:
        for n, number in enumerate(numbers):
            if broken.holds(line([*moves[:n], *moves[n + 1 :]])):
                return Fault("posting", f"{link.id}/{number}", Kind.INSERTED, broken.position)
        return Fault("posting", str(link.id), Kind.INSERTED, broken.position)
    for one, other in combinations(range(len(moves)), 2):
        swapped = list(moves)
        (a, content), (b, others) = (moves[n].split(":", 1) for n in (one, other))
        swapped[one], swapped[other] = f"{a}:{others}", f"{b}:{content}"
        if broken.holds(line(swapped)):
            return Fault("posting", f"{link.id}/{a},{b}", Kind.REORDERED, broken.position)
    return None


async def _orphans(session: AsyncSession) -> list[Fault]:
    """Postings without an entry: no link of the chain can name them."""
    rows = await session.execute(
        text(
            """
            select entry_id, n from posting p where not exists (select from entry e where e.id = p.entry_id)
             order by 1, 2 limit :shown
            """
        ),
        {"shown": SHOWN},
    )
    return [Fault("posting", f"{entry_id}/{n}", Kind.INSERTED, None, "without_an_entry") for entry_id, n in rows]
