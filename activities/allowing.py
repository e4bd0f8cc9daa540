"""The consent ledger as the rules read it."""

from collections.abc import Sequence
from uuid import UUID

from db.tables import Consent as Row
from lending.consents import Consent, Purpose

KNOWN = {purpose.value for purpose in Purpose}


def consents_of(rows: Sequence[Row]) -> dict[Consent, UUID]:
    """Each consent with its row's id; purposes that no product knows any more allow nothing."""
    return {
        Consent(
            Purpose(row.purpose), row.text_hash, row.given_at, row.withdrawn_at, tuple(row.scope.split(","))
        ): row.id
        for row in rows
        if row.purpose in KNOWN
    }
