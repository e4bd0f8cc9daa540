"""The database engine of one process, and transactions with a principal for row-level security."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

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
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={**_NETWORK, "options": options},
        )
        self._make = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def begin(self, *, person: UUID | None = None, scope: str | None = None) -> AsyncGenerator[AsyncSession]:
        """One transaction: commits at the end of the block, rolls back on any exception."""
        async with self._make() as session, session.begin():
            if person is not None or scope is not None:
                await session.execute(
                    text("select set_config('app.person', :person, true), set_config('app.scope', :scope, true)"),
                    {"person": str(person) if person else "", "scope": scope or ""},
                )
            yield session

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()
