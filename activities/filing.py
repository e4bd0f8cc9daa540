"""Signed papers in the store, once each, and their rows."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from db.tables import Document
from infra.storage import ObjectMissing, Storage, StoredObject
from lending.identifiers import derived_id


async def stored_once(storage: Storage, cause: str, sign: Callable[[], Awaitable[bytes]]) -> StoredObject:
    """No two signatures are alike: the first that was stored is the paper's."""
    key = f"papers/{derived_id('paper', cause)}"
    try:
        kept = await storage.get(key)
    except ObjectMissing:
        return await storage.put(key, await sign(), "application/pdf")
    return StoredObject(key=key, sha256=hashlib.sha256(kept).hexdigest(), size=len(kept))


def document(
    cause: str, *, application_id: UUID, person_id: UUID, kind: str, put: StoredObject, at: datetime
) -> Document:
    """The row of a paper: one for each cause."""
    return Document(
        id=derived_id("document", cause),
        application_id=application_id,
        person_id=person_id,
        kind=kind,
        object_key=put.key,
        sha256=put.sha256,
        size=put.size,
        created_at=at,
    )
