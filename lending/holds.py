"""When money that is about to leave is held and its owner asked: is it you? (lending practice P15)"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Sign(StrEnum):
    """What makes us ask."""

    WRONG_TRIES = "wrong_tries"
    NEW_DEVICE = "new_device"
    NEW_PLACE = "new_place"


@dataclass(frozen=True, slots=True)
class HoldPolicy:
    """``wrong_tries`` of a code within ``tries_within`` ask at any amount; a new place or device above ``large_minor``.

    A device or place is known once it was first seen ``known_after`` ago, or if it was the person's first.
    ``answer_within``: then somebody calls, within ``call_back_within``. ``proof_lasts``: wall time in which a proof of
    identity given anew still counts for the act that it was given for.
    """

    wrong_tries: int
    tries_within: timedelta
    large_minor: int
    known_after: timedelta
    answer_within: timedelta
    call_back_within: timedelta
    proof_lasts: timedelta


@dataclass(frozen=True, slots=True)
class Seen:
    """One sign-in: from which device, from which neighbourhood (None where it was not yet kept), when."""

    device: str
    network: str | None
    at: datetime


def signs_of(
    *,
    wrong_tries: int,
    device: str,
    network: str,
    seen: Sequence[Seen],
    now: datetime,
    amount_minor: int,
    policy: HoldPolicy,
) -> tuple[Sign, ...]:
    """What speaks against it being the owner; empty where nothing does. ``seen``: all sign-ins that are kept."""
    found: list[Sign] = []
    if wrong_tries >= policy.wrong_tries:
        found.append(Sign.WRONG_TRIES)
    if amount_minor > policy.large_minor:
        if not _is_known(device, [(one.device, one.at) for one in seen], now, policy):
            found.append(Sign.NEW_DEVICE)
        if not _is_known(network, [(one.network, one.at) for one in seen if one.network], now, policy):
            found.append(Sign.NEW_PLACE)
    return tuple(found)


def _is_known(what: str, earlier: Sequence[tuple[str, datetime]], now: datetime, policy: HoldPolicy) -> bool:
    if not earlier:
        return True  # nothing was kept to compare with: what is not known accuses nobody
    first_ever = min(earlier, key=lambda one: one[1])[0]
    own = [at for name, at in earlier if name == what]
    return what == first_ever or bool(own and now - min(own) >= policy.known_after)
