"""Seats of a firm: somebody with a sign-in of their own who reads for its owner, and never acts for them (P2, P32).

What a role may do is data (``policies/roles.yaml``); what no seat ever may stands here, and the file is refused that
says otherwise.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from lending.parties import PartyKind
from lending.profiles import Capacity, has_representative_beside

# An invitation that nobody took in two weeks was to the wrong number, or is no longer meant.
ANSWER_WITHIN = timedelta(days=14)
# A seat that nobody thought of for a year is asked for anew: people leave firms, and nobody tells the bank.
LASTS = timedelta(days=365)
# More people than this around a small firm's books is a matter for a person.
MOST = 10


class SeatRole(StrEnum):
    """Who sits there."""

    ACCOUNTANT = "accountant"  # 财务: reads, brings bills and papers, prints receipts
    REPRESENTATIVE = "representative"  # 法定代表人 of a firm whose agent (经办人) applies: reads


def seats_of(kind: PartyKind | None, capacity: Capacity | None) -> tuple[SeatRole, ...]:
    """The seats that a firm can give: a representative's only where that is somebody else than its applicant."""
    beside = has_representative_beside(kind, capacity)
    return tuple(role for role in SeatRole if role is not SeatRole.REPRESENTATIVE or beside)


class SeatState(StrEnum):
    """Where a seat stands."""

    INVITED = "invited"
    TAKEN = "taken"
    DECLINED = "declined"
    REVOKED = "revoked"
    LAPSED = "lapsed"  # the invitation was not taken, or the seat's time is over
    GIVEN_UP = "given_up"


LIVES = frozenset({SeatState.INVITED, SeatState.TAKEN})
# Everything that a seat can be granted; signing, drawing, accounts, consents and applying are not among it.
FIRM_PERMISSIONS = frozenset({"firm.read", "firm.bring", "firm.print"})


def standing(state: SeatState, *, answer_by: datetime, ends_at: datetime, now: datetime) -> SeatState:
    """The state at an instant (wall time, as a session's): what nobody ended is ended by its day."""
    over = (state is SeatState.INVITED and now >= answer_by) or (state is SeatState.TAKEN and now >= ends_at)
    return SeatState.LAPSED if over else state


def beyond(granted: Collection[str]) -> frozenset[str]:
    """What a seat's role was granted and no seat may hold; empty: it is in order."""
    return frozenset(granted) - FIRM_PERMISSIONS
