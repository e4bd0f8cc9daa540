"""What a partner's ERP may do with its customer's draft. The door that speaks for it comes with the partners."""

from typing import Protocol

from api.views import DraftView


class PartnerDrafts(Protocol):
    """One partner. Customers are named by their phone, as their contract with the partner has it."""

    async def save(self, phone: str, fields: dict[str, str], *, seen: int, key: str) -> DraftView:
        """Type into the customer's draft; ``seen``: the version that the ERP last got, 0 for none. Idempotent by
        ``key``; :class:`api.problems.DraftChanged` where others changed the same. Only the customer signs."""
        ...

    async def read(self, phone: str) -> DraftView | None:
        """The draft as it stands, None if there is none; the customer sees that the partner looked."""
        ...
