"""The database engine of one process, and transactions with a principal for row-level security."""

import asyncio
import select
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from copy import copy
from typing import Any
from uuid import UUID

from psycopg.pq import ConnStatus
from sqlalchemy import event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from db import once
from infra.settings import Settings

# A dropped packet must not hold a request: measured, 18 s without these and 2.4 s with them.
_NETWORK = {
    "connect_timeout": 2,
    "tcp_user_timeout": 2_000,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}

# The transaction that a page reads in, with whose it is: engine, seat, scope.
_PAGE: ContextVar[tuple[AsyncEngine, UUID | None, str, AsyncSession] | None] = ContextVar("page", default=None)

AS_WHOM = text(
    "select set_config('app.person', :person, true), set_config('app.scope', :scope, true), "
    "set_config('app.firm', :firm, true)"
)


class Sessions:
    """Transactions on the service's database.

    ``scope`` is what row-level security sees of everything opened here: ``worker`` and ``staff`` see all persons' rows,
    the empty scope sees none until a transaction names its person.
    """

    def __init__(self, settings: Settings, *, scope: str = "") -> None:
        options = f"-c app.scope={scope} -c timezone=UTC" if scope else "-c timezone=UTC"
        self.engine: AsyncEngine = create_async_engine(
            settings.database_url.get_secret_value(),
            pool_size=settings.database_pool,
            max_overflow=0,
            pool_timeout=3,
            hide_parameters=True,
            connect_args={**_NETWORK, "options": options},
        )
        event.listen(self.engine.sync_engine, "checkout", _alive)
        self._make = async_sessionmaker(self.engine, expire_on_commit=False)
        self._alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._firm: UUID | None = None

    def within(self, firm_id: UUID) -> "Sessions":
        """The same database, seen from a seat of one firm: of applications, lines and loans only that firm's exist,
        whatever a query asks for and under whatever scope."""
        seen = copy(self)
        seen._firm = firm_id
        return seen

    @asynccontextmanager
    async def reading(self, *, scope: str) -> AsyncGenerator[AsyncSession]:
        """One transaction for all that a page reads: whatever is begun within it under the same scope joins it, and a
        question that was asked is not asked again (:mod:`db.once`). Nothing is kept beyond it."""
        if self._page(scope) is not None:  # a part of a larger page
            async with self.begin(scope=scope) as session:
                yield session
            return
        async with self.begin(scope=scope) as session:
            once.each(session)
            token = _PAGE.set((self.engine, self._firm, scope, session))
            try:
                yield session
            finally:
                _PAGE.reset(token)

    def _page(self, scope: str | None) -> AsyncSession | None:
        """The transaction of the page that this is a part of: the same database, eyes and seat, or none."""
        open_ = _PAGE.get()
        if open_ is None or scope is None or open_[:3] != (self.engine, self._firm, scope):
            return None
        return open_[3]

    @asynccontextmanager
    async def begin(self, *, person: UUID | None = None, scope: str | None = None) -> AsyncGenerator[AsyncSession]:
        """One transaction: commits at the end of the block, rolls back on any exception."""
        page = self._page(scope) if person is None else None
        if page is not None:
            yield page
            return
        # By hand what ``async with session, session.begin()`` does: that takes a task and two changes of stack more,
        # a third of what a short transaction costs us.
        session = self._make()
        session.info["scope"] = scope or ""  # whose eyes read: staff's looks are on record before anything opens
        try:
            if person is not None or scope is not None or self._firm is not None:
                await session.execute(
                    AS_WHOM,
                    {"person": str(person or ""), "scope": scope or "", "firm": str(self._firm or "")},
                )
            yield session
            await session.commit()
        except BaseException:
            await asyncio.shield(session.rollback())
            raise
        finally:
            if session.in_transaction():
                await asyncio.shield(session.close())
            else:  # the connection is back in its pool: nothing to wait for
                session.sync_session.close()

    @asynccontextmanager
    async def glance(self) -> AsyncGenerator[AsyncSession]:
        """Statements that each stand alone: none begins or ends a transaction, which would be two round trips more."""
        session = self._make(bind=self._alone)
        try:
            yield session
        finally:
            await asyncio.shield(session.close())

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def _alive(dbapi_connection: Any, record: Any, proxy: Any) -> None:
    """Refuse a connection whose server went away: it has said so on the socket, and looking costs no round trip.

    A ping would cost half of every short transaction; a network that fell silent is bounded by ``tcp_user_timeout``.
    """
    pgconn = dbapi_connection.driver_connection.pgconn
    looking = select.poll()
    looking.register(pgconn.socket, select.POLLIN | select.POLLHUP | select.POLLERR)
    if pgconn.status != ConnStatus.OK or looking.poll(0):
        raise DisconnectionError
