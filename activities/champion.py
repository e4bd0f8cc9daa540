"""The scoring model in force, in this process's memory."""

import asyncio
from hashlib import sha256
from typing import TypeVar

from sqlalchemy import ColumnElement, literal
from sqlalchemy.ext.asyncio import AsyncSession

from db import scoring_models
from db.sessions import Sessions
from infra.storage import Storage
from scoring.model import Model

T = TypeVar("T")


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
        return (await self.get_beside(session, literal(None)))[0]

    async def get_beside(self, session: AsyncSession, column: ColumnElement[T]) -> tuple[tuple[str, Model], T]:
        """:meth:`get`, and one value more in the same round trip."""
        model_id, value = await scoring_models.champion_beside(session, column)
        if self._loaded is None or self._loaded[0] != model_id:
            row = await scoring_models.champion(session)
            if row is None:
                raise NoModel
            data = await self._storage.get(row.object_key)
            if sha256(data).hexdigest() != row.sha256:
                raise ModelChanged
            self._loaded = (row.id, await asyncio.to_thread(Model.load, data, row.card))
        return self._loaded, value

    async def warm(self) -> None:
        """Load it before the first applicant waits for it."""
        async with self._sessions.begin() as session:
            if await scoring_models.champion(session) is not None:
                await self.get(session)
