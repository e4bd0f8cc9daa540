"""Which identity checks an applicant needs, and how long an answer may be used again (S1-20, S4-15)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lending.parties import PartyKind


class CheckKind(StrEnum):
    """The four checks, by what they prove."""

    NETWORK = "network"  # name and identity number exist together in the police register (联网核查)
    BANK_CARD = "bank_card"  # name, number, phone and account belong together (银联鉴权)
    LIVENESS = "liveness"  # a living person with that face is there now
    REGISTER = "register"  # the firm exists, is in business, and this person speaks for it


class CheckOutcome(StrEnum):
    MATCH = "match"
    MISMATCH = "mismatch"
    PENDING = "pending"


# How long a match may serve again, in every channel. Papers change slowly, a face may be borrowed within minutes.
VALID_FOR: dict[CheckKind, timedelta] = {
    CheckKind.NETWORK: timedelta(days=180),
    CheckKind.BANK_CARD: timedelta(days=180),
    CheckKind.LIVENESS: timedelta(minutes=30),
    CheckKind.REGISTER: timedelta(days=30),
}


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """One answered check; ``at`` is when the provider answered."""

    kind: CheckKind
    outcome: CheckOutcome
    at: datetime

    def serves_at(self, now: datetime) -> bool:
        """Whether this answer still proves what it proved."""
        return self.outcome is CheckOutcome.MATCH and self.at <= now < self.at + VALID_FOR[self.kind]


def required_checks(kind: PartyKind) -> tuple[CheckKind, ...]:
    """The checks before credit, in the order that they are shown; the self-employed have no entry in the register."""
    person = (CheckKind.NETWORK, CheckKind.BANK_CARD, CheckKind.LIVENESS)
    match kind:
        case PartyKind.COMPANY | PartyKind.SOLE_TRADER:
            return (*person, CheckKind.REGISTER)
        case PartyKind.SELF_EMPLOYED:
            return person


def missing_checks(kind: PartyKind, answered: Iterable[IdentityCheck], now: datetime) -> tuple[CheckKind, ...]:
    """The checks that must still be done (or done again), in order; empty means proven."""
    serving = {check.kind for check in answered if check.serves_at(now)}
    return tuple(kind for kind in required_checks(kind) if kind not in serving)
