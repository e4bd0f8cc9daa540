"""The jobs behind the workflows, each for ever: deliver, compare, seal, send, apply, take money in."""

from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from db.intake import INBOUND
from policies.in_force import LOOK
from worker.background.applier import Applier
from worker.background.bell import Bell
from worker.background.cashier import Till
from worker.background.courier import CHANNEL as NOTICES
from worker.background.courier import Courier
from worker.background.endings import EndClock
from worker.background.night import NightWatch
from worker.background.nudger import Nudger
from worker.background.policies import PolicyWatch
from worker.background.reconciler import Reconciler
from worker.background.relay import Relay
from worker.background.reminder import Reminder
from worker.background.rounds import every, for_ever
from worker.background.sealer import Notary, Sealer
from worker.background.weekly import Weekly

if TYPE_CHECKING:
    from worker.wiring import Wired

# Seconds between looks where nothing rings.
RELAY, SEALER, RECONCILER, NOTARY, NIGHT, REMINDER, NUDGER, TILL = 1.0, 1.0, 30.0, 60.0, 10.0, 60.0, 60.0, 5.0
WEEKLY = 60.0
# The net below the bell.
AT_THE_LATEST = 1.0
# A notice leaves after the answer to whoever made it: both are work of this process, and a person waits for one.
AFTER_THE_ANSWER = 0.25


def crew(wired: "Wired") -> list[Coroutine[Any, Any, None]]:
    """All background jobs of a worker process; several processes may run them side by side."""
    contact = wired.book.contact
    bell = Bell(wired.settings, NOTICES, INBOUND)
    pauses: dict[str, tuple[Callable[[], Awaitable[bool]], Callable[[], Awaitable[None]]]] = {
        "relay": (Relay(wired).round, every(RELAY)),
        "reconciler": (Reconciler(wired).round, every(RECONCILER)),
        "sealer": (Sealer(wired).round, every(SEALER)),
        "notary": (Notary(wired).round, every(NOTARY)),
        "reminder": (Reminder(wired, contact.quiet_hours).round, every(REMINDER)),
        "weekly": (Weekly(wired, contact.quiet_hours).round, every(WEEKLY)),
        "nudger": (
            Nudger(wired, contact.quiet_hours, a_day=contact.per_day, a_week=contact.per_week).round,
            every(NUDGER),
        ),
        "till": (Till(wired).round, every(TILL)),
        "policies": (PolicyWatch(wired).round, every(LOOK)),
        "endings": (EndClock(wired, contact.quiet_hours).round, every(REMINDER)),
        "night": (NightWatch(wired).round, every(NIGHT)),
        "courier": (Courier(wired).round, partial(bell.wait, NOTICES, AT_THE_LATEST, AFTER_THE_ANSWER)),
        "applier": (Applier(wired).round, partial(bell.wait, INBOUND, AT_THE_LATEST)),
    }
    jobs = [for_ever(name, work, pause) for name, (work, pause) in pauses.items()]
    return [bell.listening(), *jobs]
