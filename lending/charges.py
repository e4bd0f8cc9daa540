"""Fees and penalties on an instalment loan: what they amount to and on which instalment they fall."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lending.amortisation import to_minor, within
from lending.instalments import Instalment, Part


class ChargeTime(StrEnum):
    """When a charge falls due."""

    DUE_DATE = "due_date"
    INSTALMENT = "instalment"
    DISBURSEMENT = "disbursement"
    TRANCHE = "tranche"


class ChargeBasis(StrEnum):
    """What a charge is reckoned on."""

    FLAT = "flat"
    AMOUNT = "percent_of_amount"
    INTEREST = "percent_of_interest"
    AMOUNT_AND_INTEREST = "percent_of_amount_and_interest"
    DISBURSED = "percent_of_disbursed"


@dataclass(frozen=True, slots=True)
class Charge:
    """One charge. ``value``: minor units if flat, else per cent. ``on``: the day it was put on the loan."""

    value: Decimal
    basis: ChargeBasis
    time: ChargeTime
    penalty: bool
    on: date
    due_on: date | None = None

    @property
    def part(self) -> Part:
        return Part.PENALTY if self.penalty else Part.FEE

    def amount(self, principal: int, interest: int) -> int:
        """The charge in minor units on this principal and interest."""
        match self.basis:
            case ChargeBasis.FLAT:
                return int(self.value)
            case ChargeBasis.AMOUNT | ChargeBasis.DISBURSED:
                base = principal
            case ChargeBasis.INTEREST:
                base = interest
            case ChargeBasis.AMOUNT_AND_INTEREST:
                base = principal + interest
        return to_minor(base * self.value / 100)


def instalment_of(charge: Charge, instalments: Sequence[Instalment], start: date) -> Instalment | None:
    """The instalment whose time holds the charge's due date; down payments take none."""
    if charge.due_on is None:
        return None
    from_on, first = start, True
    for instalment in instalments:
        if instalment.down_payment:
            continue
        if within(charge.due_on, from_on, instalment.due_on, first):
            return instalment
        from_on, first = instalment.due_on, False
    return None
