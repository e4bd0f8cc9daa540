"""Drafts as rows: one a person, sealed with their key, reminded of, forgotten."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from db import identity_papers
from db.tables import Draft, Person
from infra.crypto import PersonKey, Vault
from infra.storage import Storage
from lending import drafts as rules
from lending.application_steps import Channel

FIELDS = "draft.fields"


async def of_person(session: AsyncSession, person_id: UUID, *, lock: bool = False) -> Draft | None:
    """A person's draft; ``lock`` for whoever is about to save."""
    found = select(Draft).where(Draft.person_id == person_id)
    return await session.scalar(found.with_for_update() if lock else found)


async def by_id(session: AsyncSession, draft_id: UUID, *, lock: bool = False) -> Draft | None:
    """One draft by its own id, for the lender's people."""
    found = select(Draft).where(Draft.id == draft_id)
    return await session.scalar(found.with_for_update() if lock else found)


def opened(row: Draft, vault: Vault, key: PersonKey) -> rules.Draft:
    """What stands in it."""
    told = json.loads(vault.open(key, FIELDS, row.id, row.fields_sealed))
    kept = {name: rules.Kept(one["value"], one["version"], Channel(one["channel"])) for name, one in told.items()}
    return rules.Draft(kept, row.version)


async def put(
    session: AsyncSession,
    row: Draft | None,
    draft: rules.Draft,
    vault: Vault,
    key: PersonKey,
    *,
    person_id: UUID,
    channel: Channel,
    now: datetime,
) -> Draft:
    """Write what was saved; whoever types again is reminded anew."""
    row = row or Draft(id=uuid4(), person_id=person_id, begun_at=now, reminders_wanted=True)
    told = {
        name: {"value": one.value, "version": one.version, "channel": one.channel.value}
        for name, one in draft.fields.items()
    }
    row.fields_sealed = vault.seal(key, FIELDS, row.id, json.dumps(told, ensure_ascii=False, sort_keys=True))
    row.version, row.channel = draft.version, channel.value
    row.changed_at, row.reminded = now, 0
    session.add(row)
    await session.flush()
    return row


async def forget(session: AsyncSession, person_id: UUID) -> None:
    """It was sent, or thrown away."""
    await session.execute(delete(Draft).where(Draft.person_id == person_id))


async def forget_old(session: AsyncSession, storage: Storage, now: datetime, older_than: timedelta) -> int:
    """Drafts that nobody touched for so long go, and the photos that served nothing but them; how many drafts."""
    old = select(Draft).where(Draft.changed_at < now - older_than).order_by(Draft.id).with_for_update(skip_locked=True)
    gone = (await session.scalars(old)).all()
    for row in gone:
        await identity_papers.destroy_since(session, storage, row.person_id, row.begun_at)
        await session.delete(row)
    return len(gone)


async def waiting(session: AsyncSession, now: datetime) -> Sequence[Draft]:
    """Those whose people might be reminded: untouched for a day and not told that they do not want it."""
    found = await session.scalars(
        select(Draft)
        .where(Draft.reminders_wanted, Draft.changed_at <= now - rules.REMIND_AFTER)
        .where(Draft.reminded < len(rules.REMINDERS))
        .where(Draft.person_id.in_(select(Person.id).where(Person.offers_wanted)))
        .order_by(Draft.changed_at)
        .with_for_update(skip_locked=True)
    )
    return found.all()
