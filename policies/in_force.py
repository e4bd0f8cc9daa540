"""The book of one process, kept at what is in force: every use holds the same book, and it turns its page for all."""

import asyncio
from collections.abc import Sequence
from dataclasses import fields
from datetime import date

import structlog

from policies.book import PolicyBook, load
from policies.files import PolicyError
from policies.releases import Released

log = structlog.get_logger(__name__)
# Seconds between two looks; an hour is what the public was promised.
LOOK = 5.0


class InForce:
    """Turns a process's book when a day has come or two people released something; nothing is started anew for it."""

    def __init__(self, book: PolicyBook) -> None:
        self.book = book
        self._seen: tuple[date, tuple[Released, ...]] | None = None

    async def turn(self, on: date, released: Sequence[Released]) -> bool:
        """Whether another version counts from now on. A book that does not hold together is never turned to."""
        wanted = (on, tuple(released))
        if wanted == self._seen:
            return False
        try:
            found = await asyncio.to_thread(load, on, None, released)
        except PolicyError as error:
            log.error("policy.not_turned", file=error.file, key=error.key)
            self._seen = wanted
            return False
        self._seen = wanted
        if found.version == self.book.version:
            return False
        for each in fields(PolicyBook):
            # In one step of the loop: no use sees half of either. Whoever holds the book holds the new one.
            object.__setattr__(self.book, each.name, getattr(found, each.name))
        log.info("policy.turned", version=found.version, on=on.isoformat())
        return True
