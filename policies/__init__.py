"""The policy in force: products, law, our own limits, underwriting, roles; read once at start, checked whole.

>>> book = load()
>>> book.product("revenue_linked_working_capital").price.annual_rate
Decimal('0.073')
"""

from policies.book import PolicyBook, load
from policies.files import PolicyError

__all__ = ["PolicyBook", "PolicyError", "load"]
