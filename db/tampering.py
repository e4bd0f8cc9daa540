"""What a walk over a chain of hashes finds: which row of which table was touched behind the service's back, and how."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


class Kind(StrEnum):
    """What happened to a row."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    SEAL_REMOVED = "seal_removed"  # the row stands, its place in the chain is gone
    ROOT = "root"  # a signed root says other than the chain
    UNTIED = "untied"  # the books do not tie: a figure has no entry behind it, or an entry nothing that it is about


@dataclass(frozen=True, slots=True)
class Fault:
    """``row`` is its key in ``table``; ``position`` its place in the chain, from 1; ``note`` a code that says more."""

    table: str
    row: str
    kind: Kind
    position: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome of a walk: sealed rows, the last hash in hex, rows that no sealer came to yet, what is wrong."""

    rows: int
    head: str
    waiting: int
    faults: tuple[Fault, ...]


# No transaction of ours is open that long: a row that is sealed later than this after another was written after it.
LONGEST_TRANSACTION = timedelta(minutes=10)
A_MOMENT = timedelta(seconds=10)


class Earlier:
    """What had been sealed by when: a row cannot be older than what was sealed long before it."""

    def __init__(self) -> None:
        self._runs: list[tuple[datetime, int]] = []
        self._began = datetime.min.replace(tzinfo=UTC)
        self._passed = -1

    def sealed(self, at: datetime, highest_id: int) -> None:
        """A row was sealed, and with it all up to this number; rows come in order of time."""
        if self._runs and at - self._began < A_MOMENT:
            self._runs[-1] = (at, highest_id)  # a run of the sealer, or some of them
        else:
            self._runs.append((at, highest_id))
            self._began = at

    def contradicts(self, row_id: int, written_at: datetime, sealed_at: datetime) -> bool:
        """Whether a row's number or instant says that it was there when an earlier run did not see it."""
        limit = sealed_at - LONGEST_TRANSACTION
        while self._passed + 1 < len(self._runs) and self._runs[self._passed + 1][0] < limit:
            self._passed += 1
        if self._passed < 0:
            return False
        at, highest = self._runs[self._passed]
        return row_id < highest or written_at < at - LONGEST_TRANSACTION


async def service_roles(session: AsyncSession) -> frozenset[str]:
    """The roles that write for the service: members of its role that are no superusers, and the one that asks."""
    rows = await session.scalars(
        text(
            """
            select rolname::text from pg_roles
             where rolname = session_user or rolname = 'huoshui_app' or (not rolsuper and exists (
                   select from pg_auth_members m where m.member = pg_roles.oid
                      and m.roleid = (select oid from pg_roles where rolname = 'huoshui_app')))
            """
        )
    )
    return frozenset(rows)


def foreign(writer: str | None, roles: frozenset[str]) -> bool:
    """Whether somebody else than the service wrote a row; rows from before writers were kept have none."""
    return writer is not None and writer not in roles
