"""Money that came in: asked for when the rail says so, and every little while in case it did not."""

from typing import TYPE_CHECKING

from infra.telemetry import counter

if TYPE_CHECKING:
    from worker.wiring import Wired

took = counter("incoming_credits", "Credits by what was done with them", ("what",))


class Till:
    """Take in, place, send on; each is done again by the next round where it was cut off."""

    def __init__(self, wired: "Wired") -> None:
        self._cashier = wired.cashier
        self._sending = wired.sending_on

    async def round(self) -> bool:
        """True if something came or found its place: there may be more at once."""
        came = await self._cashier.take_in()
        placed = await self._cashier.place_all()
        sent = await self._sending.send_all()
        for what, count in (("came", came), ("placed", placed), ("sent", sent)):
            took.labels(what).inc(count)
        return bool(came or placed)
