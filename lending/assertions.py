"""What a proof of identity is worth later: where and until when it serves instead of a new check (S1-20).

A proof that served is as good as one given now; so it is bound to what it was about, to the device and the place that
it was given from, and to no more risk than it was given for. What ends it is named.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from lending.being_seen import SEEN_FOR
from lending.identity import VALID_FOR, CheckKind
from lending.release import ReleasePolicy


class Method(StrEnum):
    """How something was proven: by a provider's check, or by a manager who saw the person and their card (P17)."""

    NETWORK = "network"
    BANK_CARD = "bank_card"
    LIVENESS = "liveness"
    REGISTER = "register"
    VIDEO = "video"
    BRANCH = "branch"


# Being seen by a person proves what a face before a camera proves, no more and no less.
PROVES: dict[Method, CheckKind] = {
    Method.NETWORK: CheckKind.NETWORK,
    Method.BANK_CARD: CheckKind.BANK_CARD,
    Method.LIVENESS: CheckKind.LIVENESS,
    Method.REGISTER: CheckKind.REGISTER,
    Method.VIDEO: CheckKind.LIVENESS,
    Method.BRANCH: CheckKind.LIVENESS,
}


# Seen by a person of ours, by video or at a branch (P17).
SEEN = (Method.VIDEO, Method.BRANCH)


def valid_for(method: Method) -> timedelta:
    """How long a proof may serve at most."""
    return SEEN_FOR if method in SEEN else VALID_FOR[PROVES[method]]


class Level(IntEnum):
    """For how much risk a proof was given, by the tier of the money that was asked for."""

    LOW = 1
    SUBSTANTIAL = 2
    HIGH = 3


class End(StrEnum):
    """Why a proof serves no more."""

    ABOUT = "about"  # it was about another name, number, account or firm
    EXPIRED = "expired"
    DEVICE = "device"
    PLACE = "place"
    HOLD = "hold"  # money was held on suspicion since (P15)
    FACTOR = "factor"  # what the person proves themselves with was changed since
    RISK = "risk"  # more is asked for than it was given for


@dataclass(frozen=True, slots=True)
class Assertion:
    """One proof. ``about``: the keyed hash of what was proven. ``device`` and ``place`` as sessions know them; an empty
    one is not known, and what is not known is not the same."""

    method: Method
    level: Level
    about: bytes
    at: datetime
    expires_at: datetime
    device: str
    place: str

    @property
    def proves(self) -> CheckKind:
        """The check that it stands for."""
        return PROVES[self.method]


@dataclass(frozen=True, slots=True)
class Here:
    """Where a proof should serve now. Instants are business time.

    ``about``: what has to be proven, check by check. ``device`` and ``place`` are None in a channel in which the person
    is not at a device of their own (a manager's workbench, a partner's ERP): the channel answers for its own people,
    and whatever binds the person is still done on their phone. ``held_at``, ``factor_at``: the last time that money of
    theirs was held on suspicion, and that a factor of theirs was changed.
    """

    now: datetime
    about: Mapping[CheckKind, bytes]
    level: Level
    device: str | None = None
    place: str | None = None
    held_at: datetime | None = None
    factor_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proofs:
    """``serving``: the proof of each check that has one; ``ended``: the newest of those that have none, and why."""

    serving: dict[CheckKind, Assertion]
    ended: dict[CheckKind, tuple[Assertion, End]]
    missing: tuple[CheckKind, ...]


def level_of(amount_minor: int, policy: ReleasePolicy) -> Level:
    """How sure we must be for so much money: as sure as the tier it will leave by asks."""
    tier = next((one for one in reversed(policy.tiers) if amount_minor > one.above_minor), policy.tiers[0])
    if tier.factors > 1 or tier.second_person:
        return Level.HIGH
    return Level.SUBSTANTIAL if tier.delay else Level.LOW


def why_not(proof: Assertion, here: Here) -> End | None:
    """Why a proof does not serve here; None where it does. Nothing that ended it lets it serve again later."""
    if here.about.get(proof.proves) != proof.about:
        return End.ABOUT
    if not proof.at <= here.now < min(proof.expires_at, proof.at + valid_for(proof.method)):
        return End.EXPIRED
    if here.device is not None and (not proof.device or here.device != proof.device):
        return End.DEVICE
    # Whoever was seen was seen where they were: the place of their phone says nothing of it.
    if proof.method not in SEEN and here.place is not None and (not proof.place or here.place != proof.place):
        return End.PLACE
    if here.held_at is not None and here.held_at >= proof.at:
        return End.HOLD
    if here.factor_at is not None and here.factor_at > proof.at:
        return End.FACTOR
    return End.RISK if proof.level < here.level else None


def proofs(required: Collection[CheckKind], held: Iterable[Assertion], here: Here) -> Proofs:
    """What of the required checks is proven already, and which must be asked for, in their order."""
    serving: dict[CheckKind, Assertion] = {}
    ended: dict[CheckKind, tuple[Assertion, End]] = {}
    for proof in sorted(held, key=lambda one: one.at, reverse=True):
        end = why_not(proof, here)
        if end is None:
            serving.setdefault(proof.proves, proof)
        else:
            ended.setdefault(proof.proves, (proof, end))
    return Proofs(
        serving={kind: serving[kind] for kind in required if kind in serving},
        ended={kind: ended[kind] for kind in required if kind in ended and kind not in serving},
        missing=tuple(kind for kind in required if kind not in serving),
    )
