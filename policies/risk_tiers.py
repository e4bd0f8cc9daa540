"""The file of risk tiers, as the rules take it."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from lending.holds import HoldPolicy
from lending.money import Money
from lending.release import ReleasePolicy, Tier
from policies.files import PolicyError, PolicyFile, Section
from policies.shapes import Amount

# Signs that a payout can bear when it is planned.
Sign = Literal["account_shared"]


class TierSection(Section):
    name: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    above: Amount
    delay: timedelta
    factors: Annotated[int, Field(ge=1, le=2)]
    second_person: bool


class PayeesSection(Section):
    new_waits: timedelta
    supplier_known_after_days: Annotated[int, Field(ge=1)]


class SuspicionSection(Section):
    wrong_tries: Annotated[int, Field(ge=1)]
    tries_within: timedelta
    large: Amount
    known_after: timedelta
    answer_within: Annotated[timedelta, Field(gt=timedelta(0))]
    call_back_within: Annotated[timedelta, Field(gt=timedelta(0))]
    proof_lasts: Annotated[timedelta, Field(gt=timedelta(0))]


class RiskTiersFile(PolicyFile):
    """``release_within``: how long a second person may take. ``factor_rest``: not under a day (security AUTHN-6)."""

    currency: Literal["CNY"]
    automatic_limit: Amount
    tiers: Annotated[tuple[TierSection, ...], Field(min_length=1)]
    raised_by: tuple[Sign, ...]
    payees: PayeesSection
    release_within: Annotated[timedelta, Field(gt=timedelta(0))]
    factor_rest: Annotated[timedelta, Field(ge=timedelta(hours=24))]
    suspicion: SuspicionSection


def release_policy(file: RiskTiersFile) -> ReleasePolicy:
    """As :func:`lending.release.plan_release` takes it. Raises :class:`PolicyError` for tiers out of order."""
    try:
        return ReleasePolicy(
            tiers=tuple(
                Tier(one.name, Money.parse(one.above).minor, one.delay, one.factors, one.second_person)
                for one in file.tiers
            ),
            new_payee_delay=file.payees.new_waits,
            supplier_known_after_days=file.payees.supplier_known_after_days,
            raised_by=frozenset(file.raised_by),
            release_within=file.release_within,
            currency=file.currency,
            factor_rest=file.factor_rest,
        )
    except ValueError as error:
        raise PolicyError("risk_tiers.yaml", "tiers", str(error)) from error


def hold_policy(file: RiskTiersFile) -> HoldPolicy:
    """As :func:`lending.holds.signs_of` takes it."""
    said = file.suspicion
    return HoldPolicy(
        wrong_tries=said.wrong_tries,
        tries_within=said.tries_within,
        large_minor=Money.parse(said.large).minor,
        known_after=said.known_after,
        answer_within=said.answer_within,
        call_back_within=said.call_back_within,
        proof_lasts=said.proof_lasts,
    )
