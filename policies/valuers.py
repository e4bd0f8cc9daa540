"""The file of firms that value collateral, as the rules take it."""

from datetime import date
from typing import Annotated

from pydantic import Field

from lending.collateral import CollateralKind, CollateralRules
from lending.valuers import ValuerFirm, checked
from policies.collateral import NamesSection
from policies.files import PolicyError, PolicyFile, Section


class FirmSection(Section):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: NamesSection
    kinds: Annotated[tuple[CollateralKind, ...], Field(min_length=1)]
    licence: Annotated[str, Field(min_length=4, max_length=60)]
    valid_until: date


class ValuersFile(PolicyFile):
    valuers: Annotated[tuple[FirmSection, ...], Field(min_length=1)]


def valuers_of(file: ValuersFile, rules: CollateralRules) -> tuple[ValuerFirm, ...]:
    """As the rules take them. Raises :class:`PolicyError` for two of one id, and where no second firm is."""
    firms = [
        ValuerFirm(
            one.id, {"zh_CN": one.name.zh, "en": one.name.en}, frozenset(one.kinds), one.licence, one.valid_until
        )
        for one in file.valuers
    ]
    try:
        return checked(firms, rules)
    except ValueError as error:
        key, _, problem = str(error).partition(": ")
        raise PolicyError("valuers.yaml", key, problem) from error
