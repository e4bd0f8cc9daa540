"""Who takes part in a loan, and in which role (lending-practice P2)."""

from enum import StrEnum


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
