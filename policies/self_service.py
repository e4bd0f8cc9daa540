"""The file of what owners change by themselves."""

from typing import Annotated

from pydantic import Field

from lending.cycles import Cycle
from lending.plans import SelfService
from policies.files import PolicyFile, Section
from policies.shapes import Fraction

Days = Annotated[int, Field(ge=0, le=366)]


class BreathingSection(Section):
    factors: Annotated[tuple[Annotated[Fraction, Field(lt=1)], ...], Field(min_length=1)]
    longest_days: Annotated[int, Field(ge=1, le=366)]
    days_a_year: Annotated[int, Field(ge=1, le=366)]
    not_before_days: Days
    starts_within_days: Days


class RhythmSection(Section):
    choices: Annotated[tuple[Cycle, ...], Field(min_length=1)]
    every_days: Days


class PrepaidSection(Section):
    at_least: Fraction
    within_days: Days


class WeightsSection(Section):
    small_month_at_least: Annotated[Fraction, Field(gt=0)]
    heaviest: Annotated[int, Field(ge=1, le=100)]


class ReminderSection(Section):
    from_hour: Annotated[int, Field(ge=0, le=23)]
    to_hour: Annotated[int, Field(ge=0, le=23)]


class SelfServiceFile(PolicyFile):
    breathing: BreathingSection
    rhythm: RhythmSection
    prepaid: PrepaidSection
    windows_put_off: Annotated[int, Field(ge=0, le=12)]
    weights: WeightsSection
    reminder: ReminderSection


def self_service(file: SelfServiceFile) -> SelfService:
    """The rules as :mod:`lending.plans` takes them."""
    return SelfService(
        factors=file.breathing.factors,
        longest_days=file.breathing.longest_days,
        days_a_year=file.breathing.days_a_year,
        not_before_days=file.breathing.not_before_days,
        starts_within_days=file.breathing.starts_within_days,
        rhythms=file.rhythm.choices,
        rhythm_every_days=file.rhythm.every_days,
        windows_put_off=file.windows_put_off,
        prepaid_at_least=file.prepaid.at_least,
        prepaid_within_days=file.prepaid.within_days,
        small_month_at_least=file.weights.small_month_at_least,
        heaviest=file.weights.heaviest,
        reminder_from=file.reminder.from_hour,
        reminder_to=file.reminder.to_hour,
    )
