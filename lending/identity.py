"""The identity checks, and how long an answer may serve at most (S1-20, S4-15).

Which an applicant needs: :mod:`lending.profiles`. Where and until when it does serve: :mod:`lending.assertions`.
"""

from datetime import timedelta
from enum import StrEnum


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
