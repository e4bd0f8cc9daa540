"""Photos of identity papers: taken in sealed, read by the worker, and what was read shown to their owner alone."""

import hashlib
from datetime import timedelta
from decimal import Decimal
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth.limits import Limit, at_most
from api.caller import Caller
from api.commands import After, Order, Receipt, issue
from api.idempotency import Json, perform
from api.owner.uploading import Upload, named, read_whole
from api.problems import NotFound
from api.views import IdentityPaperView, PaperField
from db import audits, clocks, identity_papers, people
from db.identity_papers import PHOTO
from db.tables import IdentityPaper

Chosen = Literal["mine", "photo"]
KINDS = (".jpg", ".jpeg", ".png", ".webp", ".pdf")
LARGEST = 10 * 1024 * 1024
# A card and a licence, each tried again some times; recognition is the dearest thing that an owner can ask for.
PHOTOS = Limit(timedelta(days=1) / 20, 20)


async def add_photo(caller: Caller, upload: Upload, key: str, after: After | None = None) -> Receipt:
    """Take in one photo of a card or a licence; the same bytes again are the same photo.

    With ``after`` nobody waits for the reading: its state in :func:`photos` says when it is done.
    """
    tools, person = caller.tools, caller.person_id
    named(upload.name, KINDS)
    await at_most(caller, f"photo:{person}", PHOTOS)
    data = await read_whole(upload.chunks, LARGEST)
    digest = hashlib.sha256(data).hexdigest()
    async with tools.sessions.begin(person=person) as session:
        known = await identity_papers.same_photo(session, person, digest)
        sealing = await people.key_of(session, tools.vault, person)
        now = await clocks.now(session, tools.settings.clock_id)
    paper_id = known.id if known else uuid4()
    object_key = known.object_key if known else f"identity-papers/{paper_id}"
    if known is None:
        sealed = tools.vault.seal_file(sealing, PHOTO, paper_id, data)
        await tools.storage.put(object_key, sealed, "application/octet-stream")

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        await identity_papers.add(
            session,
            paper_id=paper_id,
            person_id=person,
            size=len(data),
            sha256=digest,
            object_key=object_key,
            now=now,
        )

    order = Order(
        workflow_type="IdentityPaper",
        workflow_id=clocks.workflow_of("paper", paper_id),
        update="read",
        object_kind="identity_paper",
        object_id=paper_id,
        start={"paper_id": str(paper_id)},
    )
    return await issue(
        caller,
        order,
        use="owner.add_photo",
        key=key,
        body={"sha256": digest},
        store=store,
        person=person,
        audited={"sha256": digest},
        after=after,
    )


async def photos(caller: Caller) -> tuple[IdentityPaperView, ...]:
    """One's own newest photos and what was read of them."""
    tools, person = caller.tools, caller.person_id
    async with tools.sessions.begin(person=person) as session:
        rows = await identity_papers.latest(session, person)
        key = await people.key_of(session, tools.vault, person) if rows else None

        def view(row: IdentityPaper) -> IdentityPaperView:
            told = identity_papers.fields_of(row, tools.vault, key) if key else []
            fields = tuple(
                PaperField(one["name"], one["value"], Decimal(str(one["sure"])), one["checked"], one.get("chosen"))
                for one in told
            )
            return IdentityPaperView(row.id, row.kind, row.state, row.problem, fields, row.received_at, row.read_at)

        return tuple(view(row) for row in rows)


async def choose(caller: Caller, paper_id: UUID, field: str, chosen: Chosen, key: str) -> str:
    """The owner's word on a field where the photo and they differ; gives back what the photo says.

    Raises :class:`NotFound` for a photo that is not theirs, or that does not say this field.
    """
    tools, person = caller.tools, caller.person_id

    async def act(session: AsyncSession) -> Json:
        row = await identity_papers.own(session, paper_id, person)
        sealing = await people.key_of(session, tools.vault, person)
        if row is None or not identity_papers.choose(row, tools.vault, sealing, field, chosen):
            raise NotFound
        await audits.append(
            session,
            actor=caller.principal.actor,
            action="identity_paper.choose",
            object_kind="identity_paper",
            object_id=str(paper_id),
            detail={"field": field, "chosen": chosen},
            request_id=caller.request_id,
        )
        return {}

    body = {"paper_id": str(paper_id), "field": field, "chosen": chosen}
    await perform(caller, "owner.choose_read", key, body, act, person=person)
    said = next(one for one in await photos(caller) if one.id == paper_id).fields
    return next(one.value for one in said if one.name == field)
