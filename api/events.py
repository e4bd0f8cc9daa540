"""Live pages: one LISTEN connection a process hears which applications changed and wakes the streams that watch them.

Notifications carry ids only. Whoever is woken reads the row again under its own rights; a lost notification costs a
heartbeat's time, since every stream looks again then.
"""

import asyncio
import contextlib
from collections import OrderedDict, defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

import psycopg
import structlog

from infra.settings import Settings

CHANNEL = "huoshui_timeline"
HEARTBEAT = 15.0  # seconds; proxies close what is silent for longer
RECONNECT = 1.0  # seconds
# Streams of one session: tabs of one browser share six connections to a host, and pages need some of them.
STREAMS = 3

log = structlog.get_logger(__name__)


class EventHub:
    """Wakes streams when an application changes."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.database_url.get_secret_value().replace("postgresql+psycopg", "postgresql", 1)
        self._watchers: defaultdict[UUID, set[asyncio.Event]] = defaultdict(set)
        self._open: OrderedDict[tuple[str, int], asyncio.Event] = OrderedDict()
        self._count = 0
        self.connected = False

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None]:
        """Listen in the background until the end of the block."""
        task = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            task.cancel()
            for closing in self._open.values():
                closing.set()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def stream(self, application_id: UUID, session_id: str) -> AsyncGenerator[bool]:
        """True when the application changed (and once at the start), False as a heartbeat; ends when a session opens
        more than :data:`STREAMS` streams after it, or the process stops."""
        changed, closing = asyncio.Event(), self._enter(session_id)
        self._watchers[application_id].add(changed)
        try:
            yield True
            while not closing.is_set():
                woken = await self._either(changed, closing)
                if closing.is_set():
                    return
                changed.clear()
                yield woken
        finally:
            self._watchers[application_id].discard(changed)
            if not self._watchers[application_id]:
                del self._watchers[application_id]
            for key, event in list(self._open.items()):
                if event is closing:
                    del self._open[key]

    @property
    def streams(self) -> int:
        """How many streams are open."""
        return len(self._open)

    def _enter(self, session_id: str) -> asyncio.Event:
        mine = [key for key in self._open if key[0] == session_id]
        for key in mine[: len(mine) - STREAMS + 1]:
            self._open.pop(key).set()
        self._count += 1
        closing = asyncio.Event()
        self._open[session_id, self._count] = closing
        return closing

    async def _either(self, changed: asyncio.Event, closing: asyncio.Event) -> bool:
        waits = [asyncio.ensure_future(event.wait()) for event in (changed, closing)]
        try:
            await asyncio.wait(waits, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
            return changed.is_set()
        finally:
            for wait in waits:
                wait.cancel()

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._url, autocommit=True, connect_timeout=2) as link:
                    await link.execute(f"listen {CHANNEL}")
                    self.connected = True
                    self._wake_all()  # what happened while nobody listened
                    async for notice in link.notifies():
                        self._wake(notice.payload)
            except (psycopg.Error, OSError) as error:
                log.warning("events.disconnected", reason=type(error).__name__)
            self.connected = False
            await asyncio.sleep(RECONNECT)

    def _wake(self, payload: str) -> None:
        with contextlib.suppress(ValueError):
            for changed in self._watchers.get(UUID(payload), ()):
                changed.set()

    def _wake_all(self) -> None:
        for watchers in self._watchers.values():
            for changed in watchers:
                changed.set()
