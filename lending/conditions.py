"""Conditions of a yes (放款条件, P34): each has an owner, a time and a proof; no money while one is open.

The kinds are data (``policies/conditions.yaml``). A condition is proven by something that is there and can be shown
(a paper that was accepted, an answer of a register, a paper that was signed), or waived by a role that may, with why.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lending.refusals import ProofDoesNotFit


class Proof(StrEnum):
    """What shows that a condition is met."""

    DOCUMENT = "document"  # a paper that somebody brought and a person accepted
    REGISTER = "register"  # what a register answered after the condition was made
    SIGNED = "signed"  # a paper of ours that was signed


class Owner(StrEnum):
    """Whose act it is."""

    CUSTOMER = "customer"
    MANAGER = "manager"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class ConditionKind:
    """One line of the catalogue. ``within``: business time from the yes to when it has to be met."""

    id: str
    owner: Owner
    proofs: frozenset[Proof]
    within: timedelta


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows as the proof. ``made_at``: when the paper came in, was signed, or the register answered;
    ``accepted``: of a paper that was brought, whether a person looked at it and took it."""

    proof: Proof
    made_at: datetime
    accepted: bool = True


def prove(kind: ConditionKind, asked_at: datetime, shown: Shown) -> None:
    """Raise :class:`ProofDoesNotFit` unless this proves a condition of this kind.

    What is from before the condition was made, a register's answer or a paper, is what led to it, and proves nothing.
    """
    if shown.proof not in kind.proofs:
        raise ProofDoesNotFit(proof_problem="another_kind")
    if not shown.accepted:
        raise ProofDoesNotFit(proof_problem="not_accepted")
    if shown.made_at <= asked_at:
        raise ProofDoesNotFit(proof_problem="older")


def proves(kind: ConditionKind, asked_at: datetime, shown: Shown) -> bool:
    """Whether it does: what does not is offered to nobody."""
    try:
        prove(kind, asked_at, shown)
    except ProofDoesNotFit:
        return False
    return True
