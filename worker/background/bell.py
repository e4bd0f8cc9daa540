"""Wakes background jobs the moment there is work: one LISTEN connection for all of them, polling as the net below."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

import psycopg
import structlog
from psycopg.sql import SQL, Identifier

from infra.settings import Settings

log = structlog.get_logger(__name__)

RECONNECT = 1.0  # seconds


class Bell:
    """Channels and who waits on them."""

    def __init__(self, settings: Settings, *channels: str) -> None:
        self._url = settings.database_url.get_secret_value().replace("postgresql+psycopg", "postgresql", 1)
        self._rung = {channel: asyncio.Event() for channel in channels}

    async def wait(self, channel: str, seconds: float, pause: float = 0) -> None:
        """Until the channel is rung, or so long; and a pause in which the one who rang goes first."""
        event = self._rung[channel]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()
                await asyncio.sleep(pause)
        event.clear()

    def listening(self) -> Coroutine[Any, Any, None]:
        """The job that listens, for ever."""
        return self._listen()

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._url, autocommit=True, connect_timeout=2) as link:
                    for channel in self._rung:
                        await link.execute(SQL("listen {}").format(Identifier(channel)))
                    for event in self._rung.values():  # what happened while nobody listened
                        event.set()
                    async for notice in link.notifies():
                        self._rung[notice.channel].set()
            except (psycopg.Error, OSError) as error:
                log.warning("bell.disconnected", reason=type(error).__name__)
            await asyncio.sleep(RECONNECT)
