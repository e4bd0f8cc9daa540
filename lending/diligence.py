"""尽职免责: what a lender's people owe to a case before they say yes, and whether it was done (P33).

The list is data. Each duty is met by proofs of the file: what, when, by whom, with a hash where there is one. A duty
that a case does not have (nobody decided against the score) is not asked. A gap is shown before anybody decides.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """How a duty stands."""

    MET = "met"
    GAP = "gap"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class DutyList:
    """What is owed, in its order, and the rule that it follows. ``looked_up``: that rule's words were held beside the
    list; else it is recalled. ``required``: without these nobody says yes."""

    codes: tuple[str, ...]
    document: str
    looked_up: bool
    required: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing of the file that speaks for a duty. ``what``: a code; ``by``: who did it, None for the program."""

    what: str
    ref: str
    at: datetime | None
    by: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a case has for one duty. ``asked``: whether this case has the duty at all; ``lacks``: what is still open
    (a paper that nobody looked at), whatever else is there."""

    asked: bool = True
    proofs: Sequence[Proof] = ()
    lacks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """A line of the list with how it stands."""

    code: str
    standing: Standing
    proofs: tuple[Proof, ...]
    lacks: tuple[str, ...]


def stand(duties: Sequence[str], found: Mapping[str, Found]) -> tuple[Duty, ...]:
    """The list with how each line stands. Raises ``KeyError`` for a duty that nobody can prove: a list says nothing
    that is not looked at."""
    return tuple(_stand(code, found[code]) for code in duties)


def _stand(code: str, one: Found) -> Duty:
    met = Standing.MET if one.proofs and not one.lacks else Standing.GAP
    standing = met if one.asked else Standing.NOT_ASKED
    return Duty(code, standing, tuple(one.proofs), tuple(one.lacks))


def stops(duties: Sequence[Duty], required: Collection[str]) -> tuple[str, ...]:
    """The codes of what nobody says yes over, alone or by vote: required, and something of it is open."""
    return tuple(one.code for one in duties if one.code in required and one.standing is Standing.GAP and one.lacks)


def gaps(duties: Sequence[Duty]) -> tuple[str, ...]:
    """The codes of what is open."""
    return tuple(one.code for one in duties if one.standing is Standing.GAP)
