"""The file of what may secure a loan, as the rules take it."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from lending.collateral import CollateralKind, CollateralRules, CollateralType, DesktopPrices, Registry, Right, Valuer
from lending.money import Money
from policies.files import PolicyError, PolicyFile, Section
from policies.shapes import Amount, Fraction

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Days = Annotated[int, Field(ge=1, le=365)]
# Which number of it is copied on the spot (lending.captured.*).
NumberName = Literal["serial", "certificate", "frame", "count_sheet", "receipt", "invoice", "parcel", "ip_number"]
# What an owner can be asked for; each has a word on the page and a check in the API.
FACTS = ("area_m2", "use", "bought_minor", "bought_on", "quantity", "unit_minor", "receivable_id", "parcel")


class NamesSection(Section):
    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


class TypeSection(Section):
    kind: CollateralKind
    name: NamesSection
    evidence: Annotated[tuple[Name, ...], Field(min_length=1)]
    facts: tuple[Name, ...]
    valuer: Valuer
    independent: bool
    visit: bool
    advance_rate: Fraction
    registry: Registry
    revalue_months: Annotated[int, Field(ge=1, le=12)]
    ranks: Annotated[int, Field(ge=1, le=3)] = 1
    number: NumberName = "serial"
    right: Right


class PricesSection(Section):
    square_metre: dict[Name, Amount]
    yearly_loss: dict[CollateralKind, Fraction]
    never_below: Fraction
    mu: dict[Name, Amount]
    stages: dict[Name, Fraction]


class CollateralFile(PolicyFile):
    """All kinds of collateral, and what the desktop model reckons with."""

    band: Fraction
    lease_cut: Fraction
    search_days: Days
    crop_days: Days
    crop_confidence: Fraction
    register_within: Annotated[timedelta, Field(gt=timedelta(0))]
    cure_days: Days
    types: Annotated[tuple[TypeSection, ...], Field(min_length=1)]
    prices: PricesSection


def collateral_rules(file: CollateralFile) -> CollateralRules:
    """As the rules take it. Raises :class:`PolicyError` for what contradicts itself or names a fact nobody asks."""
    kinds = [one.kind for one in file.types]
    if twice := next((kind for kind in kinds if kinds.count(kind) > 1), None):
        raise PolicyError("collateral.yaml", f"types.{twice.value}", "stands here twice")
    for one in file.types:
        if unknown := next((fact for fact in one.facts if fact not in FACTS), None):
            raise PolicyError("collateral.yaml", f"types.{one.kind.value}.facts", f"{unknown}: one of {FACTS}")
    try:
        return CollateralRules(
            version=file.version,
            types={one.kind: _type(one) for one in file.types},
            prices=DesktopPrices(
                square_metre=_minor(file.prices.square_metre),
                yearly_loss=file.prices.yearly_loss,
                never_below=file.prices.never_below,
                mu=_minor(file.prices.mu),
                stages=file.prices.stages,
            ),
            band=file.band,
            lease_cut=file.lease_cut,
            search_days=file.search_days,
            crop_days=file.crop_days,
            crop_confidence=file.crop_confidence,
            register_within=file.register_within,
            cure_days=file.cure_days,
        )
    except ValueError as error:
        key, _, problem = str(error).partition(": ")
        raise PolicyError("collateral.yaml", key, problem) from error


def _type(one: TypeSection) -> CollateralType:
    return CollateralType(
        kind=one.kind,
        names={"zh_CN": one.name.zh, "en": one.name.en},
        evidence=one.evidence,
        facts=one.facts,
        valuer=one.valuer,
        independent=one.independent,
        visit=one.visit,
        advance_rate=one.advance_rate,
        registry=one.registry,
        revalue_months=one.revalue_months,
        ranks=one.ranks,
        number=one.number,
        right=one.right,
    )


def _minor(amounts: dict[str, str]) -> dict[str, int]:
    return {name: Money.parse(amount).minor for name, amount in amounts.items()}
