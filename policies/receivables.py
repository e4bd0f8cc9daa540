"""What receivables are lent on, as the rules take it."""

from typing import Annotated

from pydantic import Field

from lending.money import Money
from lending.receivables import ReceivableRules, UnknownBuyer
from policies.files import PolicyError, PolicyFile
from policies.shapes import Amount, Fraction, JurisdictionFile

Days = Annotated[int, Field(ge=1, le=365)]


class ReceivablesFile(PolicyFile):
    advance_rate: Fraction
    proven_rate: Fraction
    amount_most: Amount
    term_days_most: Annotated[int, Field(ge=1, le=1_100)]
    unknown_buyer: UnknownBuyer
    oldest_days: Days
    overdue_days: Annotated[int, Field(ge=0, le=365)]
    buyer_share_most: Fraction
    dilution_most: Fraction
    cure_days: Days
    verify_again_days: Days


def receivable_rules(file: ReceivablesFile, law: JurisdictionFile) -> ReceivableRules:
    """The rules under one law. Raises :class:`PolicyError` for rates that contradict each other."""
    try:
        return ReceivableRules(
            **file.model_dump(exclude={"version", "effective_from", "amount_most"}),
            most_minor=Money.parse(file.amount_most).minor,
            confirm_days=law.receivable.confirm_days,
            large_buyer_days=law.receivable.large_buyer_days,
        )
    except ValueError as error:
        raise PolicyError("receivables.yaml", "advance_rate", str(error)) from error
