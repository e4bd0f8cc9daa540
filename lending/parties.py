"""Who takes part in a loan, in which role, and which accounts money may go to (lending-practice P2, P13)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from lending.refusals import PayeeNotProven


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


@dataclass(frozen=True, slots=True)
class Payee:
    """An account to pay to. ``same_name_proven``: the bank-card check of this application matched holder and owner.

    ``paid_before``: an earlier payout to this very account was credited and not returned.
    """

    same_name_proven: bool
    paid_before: bool = False


@dataclass(frozen=True, slots=True)
class ReleaseRule:
    """Risk tiers for money going out: above ``fast_limit_minor`` it waits ``delay`` and may be cancelled meanwhile."""

    fast_limit_minor: int
    delay: timedelta
    currency: str = "CNY"

    def __post_init__(self) -> None:
        if self.fast_limit_minor < 0 or self.delay < timedelta(0):
            raise ValueError("fast limit and delay are not negative")


def release_delay(amount_minor: int, payee: Payee, rule: ReleaseRule) -> timedelta:
    """How long a payout waits before it is sent; zero is the fast path.

    Money goes only to an account proven to be the borrower's own. An account that we paid before is known (P13); a
    proven one that we never paid keeps the delay above the fast limit.
    """
    if not payee.same_name_proven:
        raise PayeeNotProven
    if payee.paid_before or amount_minor <= rule.fast_limit_minor:
        return timedelta(0)
    return rule.delay
