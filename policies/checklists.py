"""The file of what applicants bring, as the rules take it."""

from typing import Annotated, Literal

from pydantic import Field

from lending.checklist import Brought, Item, Need
from lending.collateral import CollateralKind
from lending.money import Money
from lending.parties import PartyKind
from lending.profiles import Capacity
from policies.files import PolicyError, PolicyFile, Section
from policies.shapes import Amount

# Why a person may refuse a paper; each has its words.
Refused = Literal["unreadable", "cut_off", "not_yours", "out_of_date", "another_paper", "no_seal"]


class ItemSection(Section):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    brought: Brought
    need: Need
    kinds: tuple[PartyKind, ...] = ()
    products: tuple[str, ...] = ()
    provinces: tuple[Annotated[str, Field(pattern=r"^[1-9][0-9]$")], ...] = ()
    capacities: tuple[Capacity, ...] = ()
    collateral: tuple[CollateralKind, ...] = ()
    above: Amount = "0.00"
    refusals: tuple[Refused, ...] = ()


class ChecklistsFile(PolicyFile):
    """All items of all products."""

    currency: Literal["CNY"]
    items: Annotated[tuple[ItemSection, ...], Field(min_length=1)]


def checklist(file: ChecklistsFile) -> tuple[Item, ...]:
    """As :func:`lending.checklist.items_for` takes it. Raises :class:`PolicyError` for items that contradict."""
    seen: set[str] = set()
    for one in file.items:
        if one.id in seen:
            raise PolicyError("checklists.yaml", f"items.{one.id}", "stands here twice")
        if (one.brought is Brought.DOCUMENT) != bool(one.refusals):
            raise PolicyError(
                "checklists.yaml", f"items.{one.id}.refusals", "documents, and only they, are refused by a person"
            )
        seen.add(one.id)
    return tuple(
        Item(
            id=one.id,
            brought=one.brought,
            need=one.need,
            kinds=frozenset(one.kinds),
            products=frozenset(one.products),
            provinces=frozenset(one.provinces),
            capacities=frozenset(one.capacities),
            collateral=frozenset(one.collateral),
            above_minor=Money.parse(one.above).minor,
            refusals=one.refusals,
        )
        for one in file.items
    )
