"""Firms that value collateral: which kinds each may value, under which licence, and until when (资产评估法)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lending.collateral import CollateralKind, CollateralRules, Valuer

# The second look is another firm's than the first (journey 2, B4).
LEAST = 2


@dataclass(frozen=True, slots=True)
class ValuerFirm:
    """One firm on the list. ``names``: by language; ``licence``: its number; ``valid_until``: its last day."""

    id: str
    names: Mapping[str, str]
    kinds: frozenset[CollateralKind]
    licence: str
    valid_until: date

    def may_value(self, kind: CollateralKind, on: date) -> bool:
        """Whether its word on such a thing counts on that day."""
        return kind in self.kinds and on <= self.valid_until


def allowed(firms: Sequence[ValuerFirm], kind: CollateralKind, on: date) -> tuple[ValuerFirm, ...]:
    """Who may value such a thing on that day, in the order of the list."""
    return tuple(one for one in firms if one.may_value(kind, on))


def checked(firms: Sequence[ValuerFirm], rules: CollateralRules) -> tuple[ValuerFirm, ...]:
    """The list, if each kind that somebody values has firms for a first and a second look; else ``ValueError``."""
    for what, of_all in (("id", [one.id for one in firms]), ("licence", [one.licence for one in firms])):
        if twice := next((one for one in of_all if of_all.count(one) > 1), None):
            raise ValueError(f"valuers.{twice}: this {what} stands here twice")
    for kind, one in rules.types.items():
        if one.valuer is not Valuer.MODEL and sum(kind in firm.kinds for firm in firms) < LEAST:
            raise ValueError(f"valuers: {kind.value} needs two firms, since a second look is another's")
    return tuple(firms)
