"""Chains the audit rows behind their writers: one sealer at a time over all workers."""

from typing import TYPE_CHECKING

from db import audits
from infra.telemetry import counter

if TYPE_CHECKING:
    from worker.wiring import Wired

sealed = counter("audit_sealed", "Audit rows put into the chain")
A_BATCH = 5_000


class Sealer:
    """One batch a round."""

    def __init__(self, wired: "Wired") -> None:
        self._sessions = wired.sessions

    async def round(self) -> bool:
        """True if there are more."""
        async with self._sessions.begin() as session:
            count = await audits.seal(session, limit=A_BATCH) or 0
        sealed.inc(count)
        return count == A_BATCH
