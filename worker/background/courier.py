"""Sends notices that the rules of contact allow: the text is made when it leaves, in the person's language; the gateway
knows a repeat by its id."""

from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from db import clocks, contacts, letters, people, pieces_named
from db.people import Erased
from db.tables import Notice
from gateways.failures import GatewayRefused, GatewayUnavailable
from gateways.messages import MessageOrder
from infra.phrases import notice as worded
from infra.telemetry import counter
from lending.calendars import Jurisdiction
from lending.contact_policy import Channel, ContactToken
from policies.contact_rules import contact_rules

if TYPE_CHECKING:
    from worker.wiring import Wired

log = structlog.get_logger(__name__)
sent = counter("notices", "Notices by what became of them", ("outcome",))

A_BATCH = 50
CHANNEL = "huoshui_notices"
# The reference of a message that is shown in the app alone.
IN_APP = "app"


class Courier:
    """Takes waiting notices, oldest first."""

    def __init__(self, wired: "Wired") -> None:
        self._sessions = wired.sessions
        self._vault = wired.vault
        self._messages = wired.messages
        self._clock_id = wired.settings.clock_id
        self._site = wired.settings.public_url
        self._book = wired.book  # turned while this runs, so that nothing of it is copied
        self._jurisdiction = Jurisdiction(wired.settings.jurisdiction)

    async def round(self) -> bool:
        """One batch. A gateway that is away ends the round; nothing is marked, everything is tried again."""
        async with self._sessions.begin() as session:
            now = await clocks.now(session, self._clock_id)
        return await self.look(now) == A_BATCH

    async def look(self, now: datetime) -> int:
        """Every message whose time has come, as of ``now``; how many there were."""
        async with self._sessions.begin() as session:
            waiting = await letters.waiting(session, now, A_BATCH)
        for notice in waiting:
            await self._send(notice, now)
        return len(waiting)

    async def _send(self, notice: Notice, now: datetime) -> None:
        async with self._sessions.begin() as session:
            try:
                who = await people.identity_of(session, self._vault, notice.person_id)
            except Erased:
                await letters.give_up(session, notice.id)
                sent.labels("erased").inc()
                return
            locale = await people.locale_of(session, notice.person_id)
            book, code = self._book, self._jurisdiction.value
            named = await pieces_named.about(session, self._vault, book.collateral.types, notice.params, locale)
            asked = await contacts.ask(
                session,
                notice,
                self._vault.blind_index(people.PHONE, who.phone),
                book.purposes[notice.kind],
                contact_rules(book.jurisdiction(code), book.contact, book.calendars.get(code)),
                channel=Channel.APP if notice.kind in book.in_app else Channel.MESSAGE,
                jurisdiction=self._jurisdiction,
                version=book.version,
                now=now,
            )
        if asked is None:
            return
        if not isinstance(asked, ContactToken):
            sent.labels(str(asked.because)).inc()
            return
        if notice.kind in self._book.in_app:
            async with self._sessions.begin() as session:
                await letters.mark_sent(session, notice.id, IN_APP, now)
            sent.labels("in_app").inc()
            return
        text = worded(notice.kind, locale, named, self._site)
        order = MessageOrder(
            token=asked, message_id=f"notice-{notice.id}", phone=who.phone, text=text, purpose=notice.kind
        )
        try:
            reference = await self._messages.send(order)
        except GatewayRefused as refused:
            log.error("notice.refused", message_id=str(notice.id), code=refused.code)
            async with self._sessions.begin() as session:
                await contacts.did_not_leave(session, notice.id)
                await letters.give_up(session, notice.id)
            sent.labels("refused").inc()
            return
        except GatewayUnavailable:
            sent.labels("unavailable").inc()
            async with self._sessions.begin() as session:
                await contacts.did_not_leave(session, notice.id)
            raise
        async with self._sessions.begin() as session:
            await letters.mark_sent(session, notice.id, reference, now)
        sent.labels("sent").inc()
