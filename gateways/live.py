"""Live video visits: a room for two people at an hour, and the recording that the provider keeps of it.

A recording is made only of who agreed to it before; its hash, its times and where it lies are what we keep.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

import httpx2
from pydantic import AwareDatetime, Field

from gateways.asking import ask
from gateways.exchange import Words
from gateways.failures import GatewayUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomOrder:
    """``session_id`` names one visit at one hour; the room opens at ``opens_at`` and shuts at ``shuts_at``."""

    session_id: str
    opens_at: datetime
    shuts_at: datetime


@dataclass(frozen=True, slots=True)
class Room:
    """Where each of the two goes in; whoever has a link is who it was made for, so it goes to nobody else."""

    guest_link: str = field(repr=False)
    host_link: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Recording:
    """What was recorded. ``sha256``: of the file, ``size`` in bytes; ``reference``: its provider's."""

    reference: str
    media_type: str
    sha256: str
    size: int
    began_at: datetime
    ended_at: datetime


@runtime_checkable
class LiveVisits(Protocol):
    """Every call is idempotent by its session; raises GatewayUnavailable (again) or GatewayRefused (no)."""

    async def open(self, order: RoomOrder) -> Room:
        """Make the room, or tell the one that was made."""
        ...

    async def agree(self, session_id: str, agreed_at: datetime, words_sha256: str) -> None:
        """The guest agreed to be recorded, by words of this hash; without that nothing is recorded."""
        ...

    async def recording(self, session_id: str) -> Recording | None:
        """What was recorded; None while there is nothing, or it is being made ready."""
        ...


class _RoomWords(Words):
    session_id: str
    guest_link: str = Field(pattern=r"^https?://\S{1,500}$")
    host_link: str = Field(pattern=r"^https?://\S{1,500}$")


class _AgreedWords(Words):
    session_id: str
    agreed_at: AwareDatetime


class _FileWords(Words):
    reference: str = Field(min_length=1, max_length=64)
    media_type: Literal["video/mp4", "video/webm"]
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(gt=0)
    began_at: AwareDatetime
    ended_at: AwareDatetime


class _RecordingWords(Words):
    session_id: str
    state: Literal["none", "preparing", "ready"]
    file: _FileWords | None


class HttpLiveVisits:
    """The provider over HTTP. ``deadline`` is seconds for one whole exchange."""

    def __init__(self, client: httpx2.AsyncClient, *, deadline: float = 10.0) -> None:
        self._client = client
        self._deadline = deadline

    async def open(self, order: RoomOrder) -> Room:
        body = {
            "session_id": order.session_id,
            "opens_at": order.opens_at.isoformat(),
            "shuts_at": order.shuts_at.isoformat(),
        }
        words = await ask(self._client, "live", "POST", "sessions", _RoomWords, body=body, deadline=self._deadline)
        self._same(order.session_id, words.session_id)
        return Room(words.guest_link, words.host_link)

    async def agree(self, session_id: str, agreed_at: datetime, words_sha256: str) -> None:
        body = {"agreed_at": agreed_at.isoformat(), "words_sha256": words_sha256}
        path = f"sessions/{session_id}/consent"
        words = await ask(self._client, "live", "POST", path, _AgreedWords, body=body, deadline=self._deadline)
        self._same(session_id, words.session_id)

    async def recording(self, session_id: str) -> Recording | None:
        path = f"sessions/{session_id}/recording"
        words = await ask(self._client, "live", "GET", path, _RecordingWords, deadline=self._deadline)
        self._same(session_id, words.session_id)
        if (words.state == "ready") != (words.file is not None):
            raise GatewayUnavailable("live_answered_something_else")
        if (file := words.file) is None:
            return None
        if file.ended_at <= file.began_at:
            raise GatewayUnavailable("live_answered_something_else")
        return Recording(file.reference, file.media_type, file.sha256, file.size, file.began_at, file.ended_at)

    def _same(self, asked: str, told: str) -> None:
        if asked != told:
            raise GatewayUnavailable("live_answered_something_else")
