"""The nightly filling of the training store: what may be in it goes in, what may no longer be goes out."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db import store, suspicions
from db.store import StoreKeys


class StoreFill:
    """Makes the store what consents and outcomes of a closed day allow."""

    def __init__(self, keys: StoreKeys) -> None:
        self._keys = keys

    async def look(self, session: AsyncSession, on: date, at: datetime) -> dict[str, Any]:
        """How many rows are in, and how many went out."""
        found = await store.decided(session, on)
        kept = [(self._keys.of(application_id), row) for application_id, may, row in found if may]
        gone = [self._keys.of(application_id) for application_id, may, _ in found if not may]
        return {"rows": await store.put(session, kept, at), "removed": await store.remove(session, gone)}


class OldSessions:
    """Forgets sign-ins that ended so long ago that nothing looks at them any more."""

    async def look(self, session: AsyncSession, on: date, at: datetime) -> dict[str, Any]:
        """How many sessions were taken away."""
        return {"forgotten": await suspicions.forget_sessions(session)}
