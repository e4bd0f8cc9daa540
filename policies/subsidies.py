"""The catalogue of subsidies, as the rules take it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from lending.money import Money
from lending.subsidies import Scheme
from policies.files import PolicyError, PolicyFile, Section
from policies.shapes import Amount, Fraction

Code = Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]


class SchemeSection(Section):
    name: Code
    points: Fraction
    cap: Amount
    months: Annotated[int, Field(ge=1)]
    most: Amount
    first_on: date
    last_on: date
    kinds: tuple[Literal["company", "sole_trader", "self_employed"], ...] = ()
    trades: tuple[Code, ...] = ()
    regions: tuple[Annotated[str, Field(pattern=r"^\d{2,6}$")], ...] = ()


class SubsidiesFile(PolicyFile):
    currency: Literal["CNY"]
    schemes: tuple[SchemeSection, ...]


def schemes_of(file: SubsidiesFile) -> tuple[Scheme, ...]:
    """The schemes. Raises :class:`PolicyError` for one that pays nothing or ends before it begins."""
    found: list[Scheme] = []
    for one in file.schemes:
        try:
            found.append(
                Scheme(
                    name=one.name,
                    points=one.points,
                    cap_minor=Money.parse(one.cap).minor,
                    months=one.months,
                    most_minor=Money.parse(one.most).minor,
                    first_on=one.first_on,
                    last_on=one.last_on,
                    kinds=frozenset(one.kinds),
                    trades=frozenset(one.trades),
                    regions=one.regions,
                )
            )
        except ValueError as error:
            raise PolicyError("subsidies.yaml", f"schemes.{one.name}", str(error)) from error
    return tuple(found)
