"""The file of relief."""

from typing import Annotated

from pydantic import Field

from lending.money import Money
from lending.relief import ReliefRules
from policies.files import PolicyFile, Section
from policies.shapes import Amount, Fraction

Months = Annotated[tuple[Annotated[int, Field(ge=1, le=12)], ...], Field(max_length=4)]


class ExitSection(Section):
    months: Annotated[int, Field(ge=1, le=6)]
    at_least: Fraction


class ReliefFile(PolicyFile):
    automatic_up_to: Amount
    automatic_late_days: Annotated[int, Field(ge=0, le=360)]
    times_a_year: Annotated[int, Field(ge=1, le=12)]
    desk_hours: Annotated[int, Field(ge=1, le=240)]
    pause_months: Months
    half_months: Months
    interest_only_months: Months
    longer_months: Months
    exit: ExitSection


def relief_rules(file: ReliefFile) -> ReliefRules:
    """The rules as :mod:`lending.relief` takes them."""
    return ReliefRules(
        automatic_up_to_minor=Money.parse(file.automatic_up_to).minor,
        automatic_late_days=file.automatic_late_days,
        times_a_year=file.times_a_year,
        desk_hours=file.desk_hours,
        pause_months=file.pause_months,
        half_months=file.half_months,
        interest_only_months=file.interest_only_months,
        longer_months=file.longer_months,
        exit_months=file.exit.months,
        exit_at_least=file.exit.at_least,
    )
