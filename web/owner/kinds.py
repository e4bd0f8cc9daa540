"""How somebody wants to repay: the kinds that are offered before an application begins, and the one that is meant."""

from collections.abc import Mapping

from api.caller import Caller
from api.owner import shopping
from web.views import owner

# How it is repaid, a product's id; the loan that the new one would pay off; and what secures the new one.
HOW, RENEWS, ON = "how", "renews", "on"
# What a loan may be asked for on.
PRODUCTS = {"collateral": "collateral_backed"}


def on_in(value: str) -> str:
    """What a loan is asked for on; empty for one that nothing secures."""
    return value if value in PRODUCTS else ""


def meant(caller: Caller, values: Mapping[str, str]) -> str | None:
    """The product that a page asks for; None is a share of sales, which is also meant by what nobody offers.

    What secures a loan, or the loan that it pays off, settles how it is repaid: a kind is chosen without them only.
    """
    if on := on_in(values.get(ON, "")):
        return PRODUCTS[on]
    kinds = {one.id for one in shopping.kinds(caller)}
    how = values.get(HOW, "")
    return how if how in kinds and not values.get(RENEWS) else None


async def offered(caller: Caller) -> tuple[owner.Kind, ...]:
    """The kinds by their names and sentences in the catalogue; the share of sales first."""
    found: list[owner.Kind] = []
    for product in shopping.kinds(caller):
        card = await shopping.product_card(caller, product.id)
        found.append(owner.Kind(product.id, card.name, card.text, product.repayment.value))
    return tuple(found)


def dated(caller: Caller, values: Mapping[str, str]) -> str:
    """The product by dates that is meant; empty for a share of sales."""
    product = shopping.product_of(caller, meant(caller, values))
    return product.id if product.repayment.by_dates else ""
