"""The scoring model in force, in this process's memory."""

import asyncio
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncSession

from db import scoring_models
from db.sessions import Sessions
from infra.storage import Storage
from scoring.model import Model


class NoModel(Exception):
    """No champion is registered: nothing can be decided by machine."""


class ModelChanged(Exception):
    """The model's file is not the one that the registry names."""


class Champion:
    """The model that decides, loaded once and again when another one is registered."""

    def __init__(self, sessions: Sessions, storage: Storage) -> None:
        self._sessions = sessions
        self._storage = storage
        self._loaded: tuple[str, Model] | None = None

    async def get(self, session: AsyncSession) -> tuple[str, Model]:
        """Its id and itself. Raises :class:`NoModel`, :class:`ModelChanged`."""
        if self._loaded is not None and self._loaded[0] == await scoring_models.champion_id(session):
            return self._loaded
        row = await scoring_models.champion(session)
        if row is None:
            raise NoModel
        if self._loaded is None or self._loaded[0] != row.id:
            data = await self._storage.get(row.object_key)
            if sha256(data).hexdigest() != row.sha256:
                raise ModelChanged
            self._loaded = (row.id, await asyncio.to_thread(Model.load, data, row.card))
        return self._loaded

    async def warm(self) -> None:
        """Load it before the first applicant waits for it."""
        async with self._sessions.begin() as session:
            if await scoring_models.champion(session) is not None:
                await self.get(session)
