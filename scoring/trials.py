"""Which applications a challenger takes: a stable draw, the same for one application however often it is asked."""

from decimal import Decimal
from hashlib import sha256
from uuid import UUID

WHOLE = 1 << 64


def takes(model_id: str, application_id: UUID, share: Decimal) -> bool:
    """Whether this application is the challenger's; ``share`` of all are, whatever they look like."""
    drawn = sha256(f"{model_id}\x1f{application_id}".encode()).digest()
    return int.from_bytes(drawn[:8]) < share * WHOLE
