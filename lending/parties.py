"""Who takes part in a loan, and in which role (lending-practice P2)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

from lending.reasons import ReasonCode


class PartyKind(StrEnum):
    """What kind of applicant: each has its own evidence (S2-4)."""

    COMPANY = "company"
    SOLE_TRADER = "sole_trader"
    SELF_EMPLOYED = "self_employed"

    @property
    def is_natural_person(self) -> bool:
        """Sole traders and the self-employed are: personal-data and personal-loan rules bind in full."""
        return self is not PartyKind.COMPANY


class Role(StrEnum):
    """What a party is to one loan; one party may hold several roles on several loans."""

    BORROWER = "borrower"
    CO_BORROWER = "co_borrower"
    GUARANTOR = "guarantor"
    MORTGAGOR = "mortgagor"
    AGENT = "agent"  # 经办人: acts for a company by a power of attorney (授权书)
    REPRESENTATIVE = "representative"  # 法定代表人: gives that power and signs for the company


# Whom an applicant may invite. A mortgagor owns what secures the loan, besides or instead of the borrower (P18).
INVITED = (Role.CO_BORROWER, Role.GUARANTOR, Role.MORTGAGOR, Role.AGENT, Role.REPRESENTATIVE)
# They owe the loan themselves, or answer for it.
ANSWERS = frozenset({Role.CO_BORROWER, Role.GUARANTOR})
# Whoever is asked to answer for somebody else's debt gets time to think and to ask; longer than that is no answer.
ANSWER_WITHIN = timedelta(days=14)


class Liability(StrEnum):
    """How a guarantor answers, always said (民法典 686): unsaid it would be 一般保证, and nobody should guess."""

    JOINT = "joint"  # 连带责任保证: may be asked as soon as the borrower is late (民法典 688)
    GENERAL = "general"  # 一般保证: only after the borrower's property was enforced upon in vain (民法典 687)


class PartyState(StrEnum):
    """Where a party's own part stands."""

    INVITED = "invited"
    PROVEN = "proven"  # own identity checked
    SIGNED = "signed"
    BOUND = "bound"  # the contract was concluded with it
    DECLINED = "declined"
    LAPSED = "lapsed"
    REMOVED = "removed"  # by the applicant, before it signed
    RELEASED = "released"  # the application ended without a contract


# The condition of a decision that was a yes with a guarantor, as its reason's code.
GUARANTEE_ASKED = ReasonCode.GUARANTEE_ASKED.value
LIVES = frozenset({PartyState.INVITED, PartyState.PROVEN, PartyState.SIGNED})


@dataclass(frozen=True, slots=True)
class Party:
    """One party as the rule sees it. ``signed_for``: the hash of what it signed; ``required``: not the applicant's
    own wish, but a condition of the decision or of who applies."""

    role: Role
    state: PartyState
    required: bool = False
    signed_for: str | None = None


def in_the_way(parties: Collection[Party], signed_for: str, required: Collection[Role] = ()) -> tuple[Role, ...]:
    """The roles without whose signature on these very terms no money moves; empty: every party has signed.

    Whoever was invited and has not answered stands in the way until they do, or are removed. A part that has ended
    does not, unless its role is required: then somebody else must take it.
    """

    def signed(party: Party) -> bool:
        return party.state in (PartyState.SIGNED, PartyState.BOUND) and party.signed_for == signed_for

    awaited = {party.role for party in parties if party.state in LIVES and not signed(party)}
    needed = {party.role for party in parties if party.required} | set(required)
    missing = needed - {party.role for party in parties if signed(party)}
    return tuple(role for role in Role if role in awaited | missing)


def part_hash(
    *, party_id: str, terms_hash: str, role: Role, liability: Liability | None, amount_minor: int | None
) -> str:
    """What a party's code is bound to: who, for which terms, as what, and for how much."""
    told = (party_id, terms_hash, role.value, liability.value if liability else "-", str(amount_minor or "-"))
    return sha256("\x1f".join(told).encode()).hexdigest()
