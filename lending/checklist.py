"""What an applicant brings besides their word: which papers, for whom, why, and what a paper can be refused for.

The list depends on the product, on what kind of applicant asks, on where they trade and on how much they ask for
(lending-practice P24, P37); every channel shows the same one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lending.collateral import CollateralKind
from lending.parties import PartyKind
from lending.profiles import Capacity

# What wallets and banks export, by the end of a file's name. The reader looks at the bytes; this says "not this kind"
# early.
BILL_ENDINGS = (
    *(".csv", ".tsv", ".txt", ".xlsx", ".xls", ".zip", ".pdf", ".png", ".jpg", ".jpeg"),
    *(".xml", ".sta", ".mt940", ".940"),
)


class Brought(StrEnum):
    """In which form an item comes."""

    PHOTO = "photo"  # of an identity paper: read by recognition
    STATEMENT = "statement"
    INVOICES = "invoices"
    DOCUMENT = "document"  # looked at by a person


class Need(StrEnum):
    """What comes of it when an item is not there."""

    REQUIRED = "required"  # nothing is decided without it
    RAISES = "raises"  # a decision is made without it, and may be better with it
    SAVES = "saves"  # it only spares typing


class ItemState(StrEnum):
    """How far an item has come."""

    MISSING = "missing"
    LOCKED = "locked"  # it waits for its password
    READING = "reading"
    RECEIVED = "received"  # a person has not looked yet
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the list. ``kinds``, ``products``, ``provinces``, ``capacities``: for whom; empty is everybody.
    ``collateral``: only for whoever offers a thing of one of these kinds; empty asks for none.

    ``above_minor``: asked for only above this amount, in minor units. ``refusals``: what a person may refuse it for.
    """

    id: str
    brought: Brought
    need: Need
    kinds: frozenset[PartyKind] = frozenset()
    products: frozenset[str] = frozenset()
    provinces: frozenset[str] = frozenset()
    capacities: frozenset[Capacity] = frozenset()
    collateral: frozenset[CollateralKind] = frozenset()
    above_minor: int = 0
    refusals: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What it is, whatever it belongs to: an item of one invoice is called ``kind.invoice``."""
        return self.id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Applying:
    """What the list depends on. ``kind`` is None until the applicant has said who they are.

    ``province``: the two digits (GB/T 2260) that the credit code of their licence names; None without a licence.
    ``capacity``: in which the person speaks for the firm; ``collateral``: what they offer to secure the loan.
    """

    product_id: str
    amount_minor: int
    kind: PartyKind | None = None
    province: str | None = None
    capacity: Capacity | None = None
    collateral: frozenset[CollateralKind] = frozenset()


def items_for(catalogue: Sequence[Item], applying: Applying) -> tuple[Item, ...]:
    """The items that this applicant is asked for, in the catalogue's order."""
    return tuple(item for item in catalogue if _concerns(item, applying))


def _concerns(item: Item, applying: Applying) -> bool:
    return (
        _among(applying.kind, item.kinds)
        and _among(applying.product_id, item.products)
        and _among(applying.province, item.provinces)
        and _among(applying.capacity, item.capacities)
        and (not item.collateral or not item.collateral.isdisjoint(applying.collateral))
        and applying.amount_minor > item.above_minor
    )


def _among(value: object, wanted: Collection[object]) -> bool:
    return not wanted or value in wanted


def state_of(states: Collection[ItemState]) -> ItemState:
    """How far an item has come whose files stand so: one good file is enough, and a new one outweighs a refused."""
    order = (ItemState.ACCEPTED, ItemState.RECEIVED, ItemState.READING, ItemState.LOCKED, ItemState.REFUSED)
    return next((state for state in order if state in states), ItemState.MISSING)


def missing(items: Sequence[Item], standing: dict[str, ItemState]) -> tuple[str, ...]:
    """The required documents of which nothing usable is there, by id; bills have a rule of their own (months)."""
    usable = (ItemState.ACCEPTED, ItemState.RECEIVED)
    return tuple(
        item.id
        for item in items
        if item.need is Need.REQUIRED and item.brought is Brought.DOCUMENT and standing.get(item.id) not in usable
    )
