"""What the uses work with, opened once a process: database, Temporal, storage, messages, policies, the wall clock."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from temporalio.client import Client

from api.auth.passwords import Passwords
from api.events import EventHub
from db import clocks, policy_releases
from db.sessions import Sessions
from gateways.fields import Fields, HttpFields
from gateways.messages import HttpMessages, Messages
from infra import http, temporal
from infra.crypto import KeyRing, Vault
from infra.settings import Profile, Settings
from infra.storage import Storage
from lending.calendars import Jurisdiction, business_date
from policies.book import PolicyBook, load
from policies.in_force import LOOK, InForce
from policies.releases import Released

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Tools:
    """Handed to every use. The Temporal client is lazy: a process starts while Temporal is away."""

    settings: Settings
    sessions: Sessions
    vault: Vault
    keys: KeyRing
    storage: Storage
    temporal: Client
    messages: Messages
    fields: Fields
    policies: PolicyBook
    passwords: Passwords
    events: EventHub

    def wall_now(self) -> datetime:
        """Wall time, for codes, sessions and retries; business time is :func:`db.clocks.now`."""
        return datetime.now(UTC)

    @property
    def simulated(self) -> bool:
        """Whether this installation is a demonstration: its clock may be moved, its logins are printed."""
        return self.settings.profile is not Profile.PRODUCTION

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by https, and cookies can say so."""
        return self.settings.public_url.startswith("https://")


@asynccontextmanager
async def opened(settings: Settings) -> AsyncGenerator[Tools]:
    """The tools of one process, closed at the end of the block."""
    sessions = Sessions(settings)
    storage = Storage(settings)
    hub = EventHub(settings)
    seconds = settings.gateway_timeout.total_seconds()
    async with (
        http.client(settings.messages_url, timeout=seconds) as messages,
        http.client(settings.fields_url, timeout=seconds) as fields,
    ):
        tools = Tools(
            settings=settings,
            sessions=sessions,
            vault=Vault(settings),
            keys=KeyRing(
                settings.key_encryption_key_id,
                settings.secret_bytes("key_encryption_key"),
                settings.retired_key_bytes(),
            ),
            storage=storage,
            temporal=await temporal.connect(settings, lazy=True),
            messages=HttpMessages(messages, deadline=seconds),
            fields=HttpFields(fields, deadline=seconds),
            policies=load(),
            passwords=Passwords(settings),
            events=hub,
        )
        turning = asyncio.create_task(_turning(tools))
        try:
            async with hub.listening():
                yield tools
        finally:
            turning.cancel()
            with suppress(asyncio.CancelledError):
                await turning
            tools.passwords.close()
            storage.close()
            await sessions.close()


async def _turning(tools: Tools) -> None:
    """The policy of this process stays what is in force: a new rate or rule reaches every page without a new start."""
    kept = InForce(tools.policies)
    while True:
        try:
            async with tools.sessions.begin() as session:
                now = await clocks.now(session, tools.settings.clock_id)
                released = [Released(*one) for one in await policy_releases.released(session)]
            await kept.turn(business_date(now, Jurisdiction(tools.settings.jurisdiction)), released)
        except Exception as error:
            # The database may be away for a while; what was in force goes on being so.
            log.warning("policy.not_looked_up", error=type(error).__name__)
        await asyncio.sleep(LOOK)
