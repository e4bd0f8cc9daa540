"""What the story of an owner's bill for a running loan is told."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class StartSalesFile:
    """What a ``SalesFile`` is started with."""

    file_id: UUID


@dataclass(frozen=True)
class ReadSales:
    """A bill was stored."""

    command_id: UUID
