"""Sends notices: the text is made when it leaves, in the person's language; the gateway knows a repeat by its id."""

from typing import TYPE_CHECKING

import structlog

from db import clocks, letters, people
from db.people import Erased
from db.tables import Notice
from gateways.failures import GatewayRefused, GatewayUnavailable
from gateways.messages import MessageOrder
from infra.phrases import notice as worded
from infra.telemetry import counter

if TYPE_CHECKING:
    from worker.wiring import Wired

log = structlog.get_logger(__name__)
sent = counter("notices", "Notices by what became of them", ("outcome",))

A_BATCH = 50
CHANNEL = "huoshui_notices"


class Courier:
    """Takes waiting notices, oldest first."""

    def __init__(self, wired: "Wired") -> None:
        self._sessions = wired.sessions
        self._vault = wired.vault
        self._messages = wired.messages
        self._clock_id = wired.settings.clock_id
        self._site = wired.settings.public_url

    async def round(self) -> bool:
        """One batch. A gateway that is away ends the round; nothing is marked, everything is tried again."""
        async with self._sessions.begin() as session:
            waiting = await letters.waiting(session, A_BATCH)
        for notice in waiting:
            await self._send(notice)
        return len(waiting) == A_BATCH

    async def _send(self, notice: Notice) -> None:
        async with self._sessions.begin() as session:
            try:
                who = await people.identity_of(session, self._vault, notice.person_id)
            except Erased:
                await letters.give_up(session, notice.id)
                sent.labels("erased").inc()
                return
            locale = await people.locale_of(session, notice.person_id)
        text = worded(notice.kind, locale, notice.params, self._site)
        order = MessageOrder(message_id=f"notice-{notice.id}", phone=who.phone, text=text, purpose=notice.kind)
        try:
            reference = await self._messages.send(order)
        except GatewayRefused as refused:
            log.error("notice.refused", message_id=str(notice.id), code=refused.code)
            async with self._sessions.begin() as session:
                await letters.give_up(session, notice.id)
            sent.labels("refused").inc()
            return
        except GatewayUnavailable:
            sent.labels("unavailable").inc()
            raise
        async with self._sessions.begin() as session:
            await letters.mark_sent(session, notice.id, reference, await clocks.now(session, self._clock_id))
        sent.labels("sent").inc()
