"""The one list of what an applicant brings: shown alike in every channel, filled from every channel."""

import hashlib
from collections import defaultdict
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth.limits import Limit, at_most
from api.caller import Caller
from api.hands import Hand
from api.idempotency import Json, perform
from api.looking import look
from api.owner.applying import own_application
from api.owner.uploading import Upload, named, read_whole
from api.phrases import phrase
from api.problems import BadFields, FieldError, NotFound
from api.routes import PaperFile
from api.securing import may_offer
from api.views import BroughtFile, Checklist, ChecklistItem, Reason
from db import (
    audits,
    clocks,
    collateral,
    conditions,
    documents,
    identity_papers,
    on_the_spot,
    people,
    reading,
    receivables,
)
from db.tables import Application, EvidenceDocument, IdentityPaper, StatementFile
from infra import cleaning
from infra.crypto import PersonKey
from lending import checklist as rules
from lending.application_steps import Channel
from lending.applications import Stage
from lending.checklist import Brought, Item, ItemState, Need
from lending.collateral import CollateralKind
from lending.identifiers import derived_id
from lending.offline import Captured
from lending.receivables import PROOF_ITEMS, PROOFS, proof_of
from lending.refusals import NotInThisStage

KINDS = (".jpg", ".jpeg", ".png", ".webp", ".pdf")
LARGEST = 20 * 1024 * 1024
# FILE-1's fifty a day, as for bills.
PAPERS = Limit(timedelta(days=1) / 50, 50)
# Why a file could not be drawn, as the form says it.
UNDRAWN = {
    "not_a_picture": "paper_not_a_picture",
    "too_many_pixels": "paper_too_many_pixels",
    "too_many_pages": "paper_too_many_pages",
    "encrypted": "paper_encrypted",
    "broken": "paper_broken",
    "took_too_long": "paper_took_too_long",
}
# Where a paper may still change an answer; afterwards there is nothing to bring it for.
OPEN = frozenset({Stage.EVIDENCE, Stage.REVIEW, Stage.OFFERED, Stage.DECLINED})
# Asked for while a condition of a yes waits for a paper of its owner's (P34), and as long as it does.
FOR_CONDITION = Item(
    id="condition",
    brought=Brought.DOCUMENT,
    need=Need.REQUIRED,
    refusals=("unreadable", "cut_off", "not_yours", "out_of_date", "another_paper", "no_seal"),
)
# What a manager brings home of a piece, by the item that asks its owner for the same.
SEEN_OUTSIDE = {"photos": Captured.PHOTO.value, "serial_numbers": Captured.SERIAL.value}
# What proves an invoice whose buyer does not confirm it (D6), while it waits for that word: an item for each of them.
OF_PROOF = ("unreadable", "cut_off", "another_paper", "out_of_date", "no_seal")
_AS_READ = {
    "locked": ItemState.LOCKED,
    "received": ItemState.READING,
    "read": ItemState.ACCEPTED,
    "refused": ItemState.REFUSED,
}


async def of_application(session: AsyncSession, caller: Caller, application: Application) -> Checklist:
    """The list as it stands. Whoever asks may see the application."""
    items = await items_of(session, caller, application)
    found = await _files(session, caller, application)
    standing = {item.id: rules.state_of([ItemState(file.state) for file in found[item.id]]) for item in items}
    asked = FOR_CONDITION in items or any(item.kind in PROOF_ITEMS for item in items)
    invoices = await _invoices(session, caller, items)
    return Checklist(
        items=tuple(
            _item(item, standing[item.id], tuple(found[item.id]), caller.locale, invoices.get(item.id, ""))
            for item in items
        ),
        missing=rules.missing(items, standing),
        open=asked or await _is_open(session, application),
        currency=application.currency,
    )


async def _is_open(session: AsyncSession, application: Application) -> bool:
    """Before the signature; later, while a piece can be added to a loan that is short, whose papers come with it."""
    if Stage(application.stage) in OPEN:
        return True
    return may_offer(application, await collateral.of_application(session, application.id))


async def items_of(session: AsyncSession, caller: Caller, application: Application) -> tuple[Item, ...]:
    """What this applicant is asked for."""
    items = rules.items_for(caller.tools.policies.checklist, await documents.applying(session, application))
    covered = await _covered(session, application, items)
    items = tuple(item for item in items if item.id not in covered)
    if await conditions.asks_a_paper(session, application.id):
        items = (*items, FOR_CONDITION)
    unsaid = await receivables.unconfirmed(session, application.id)
    return (*items, *(proof_item(proof_of(kind, row.id)) for row in unsaid for kind in PROOFS))


async def _covered(session: AsyncSession, application: Application, items: tuple[Item, ...]) -> set[str]:
    """What nobody asks the customer for, because a manager brought it home of each piece; papers that came stay."""
    wanted = {item.id: item for item in items if item.id in SEEN_OUTSIDE}
    if not wanted:
        return set()
    brought = {paper.item for paper in await documents.of_application(session, application.id)}
    there = await on_the_spot.brought_of_pieces(session, application.id)
    held = await collateral.held(session, application.id)
    return {
        item.id
        for item in wanted.values()
        if item.id not in brought
        and all(
            row.id in there.get(SEEN_OUTSIDE[item.id], ())
            for row in held
            if CollateralKind(row.kind) in item.collateral
        )
    }


def proof_item(item_id: str) -> Item:
    """The item of a paper that proves one invoice; nothing of the application waits for it."""
    return Item(id=item_id, brought=Brought.DOCUMENT, need=Need.RAISES, refusals=OF_PROOF)


async def _invoices(session: AsyncSession, caller: Caller, items: tuple[Item, ...]) -> dict[str, str]:
    """By item the number of the invoice that it proves."""
    numbers: dict[str, str] = {}
    for item in items:
        kind, _, of = item.id.partition(".")
        row = await receivables.one(session, UUID(of)) if kind in PROOF_ITEMS else None
        if row is not None:
            numbers[item.id] = (await receivables.paper_of(session, caller.tools.vault, row)).number
    return numbers


def item_of(caller: Caller, item_id: str) -> Item | None:
    """One item by its id, asked for now or not."""
    if item_id.partition(".")[0] in PROOF_ITEMS:
        return proof_item(item_id)
    return next((one for one in (*caller.tools.policies.checklist, FOR_CONDITION) if one.id == item_id), None)


def _item(
    item: Item, state: ItemState, files: tuple[BroughtFile, ...], locale: str, invoice: str = ""
) -> ChecklistItem:
    title = phrase(f"lending.item.{item.kind}", locale, {})
    return ChecklistItem(
        id=item.id,
        title=f"{title} · {invoice}" if invoice else title,
        brought=item.brought.value,
        need=item.need.value,
        why=phrase(f"lending.item.{item.kind}.why", locale, {}),
        how=phrase(f"lending.item.{item.kind}.how", locale, {}),
        sample=item.kind,
        state=state.value,
        files=files,
        refusals=tuple(refusal(code, locale) for code in item.refusals),
    )


def refusal(code: str, locale: str) -> Reason:
    """Why a paper is refused, in words that say what to do."""
    return Reason(code, {}, phrase(f"lending.paper_refusal.{code}", locale, {}))


async def _files(session: AsyncSession, caller: Caller, application: Application) -> dict[str, list[BroughtFile]]:
    """What was brought, by item."""
    found: dict[str, list[BroughtFile]] = defaultdict(list)
    key = await people.key_of(session, caller.tools.vault, application.person_id)
    for bill in await reading.files(session, application.id):
        if not (bill.problem_params or {}).get("dismissed"):
            found["invoices" if bill.holds == "invoices" else "bills"].append(_bill(caller, key, bill))
    for photo in await identity_papers.latest(session, application.person_id):
        if photo.kind:
            found[photo.kind].append(_photo(photo, caller.locale))
    for paper in await documents.of_application(session, application.id):
        found[paper.item].append(_paper(caller, key, paper))
    return found


def _bill(caller: Caller, key: PersonKey, row: StatementFile) -> BroughtFile:
    name = caller.tools.vault.open(key, people.FILE_NAME, row.id, row.name_sealed)
    state = _AS_READ[row.state].value
    refused = None
    if row.problem:
        words = phrase(f"imports.refused.{row.problem}", caller.locale, row.problem_params or {})
        refused = Reason(row.problem, row.problem_params or {}, words)
    return BroughtFile(row.id, name, row.channel, state, row.received_at, document=False, refused=refused)


def _photo(row: IdentityPaper, locale: str) -> BroughtFile:
    name = phrase(f"lending.item.{row.kind}", locale, {})
    return BroughtFile(row.id, name, "owner", _AS_READ[row.state].value, row.received_at, document=False)


def _paper(caller: Caller, key: PersonKey, row: EvidenceDocument) -> BroughtFile:
    return BroughtFile(
        id=row.id,
        name=caller.tools.vault.open(key, documents.NAME, row.id, row.name_sealed),
        channel=row.channel,
        state=row.state,
        received_at=row.received_at,
        document=True,
        refused=refusal(row.refusal, caller.locale) if row.refusal else None,
        words=row.words,
        media_type=row.media_type,
        pages=row.pages,
    )


async def bring(caller: Caller, hand: Hand, application_id: UUID, item_id: str, upload: Upload, key: str) -> Checklist:
    """Bring one paper for an item, through any door; the same bytes again change nothing.

    Raises :class:`BadFields` for an item that is not asked for or a file that cannot be drawn,
    :class:`NotInThisStage` where no paper is of use any more.
    """
    tools = caller.tools
    name = named(upload.name, KINDS)
    async with tools.sessions.begin(person=hand.person, scope=hand.scope) as session:
        application = await _theirs(session, caller, hand, application_id)
        item = next((one for one in await items_of(session, caller, application) if one.id == item_id), None)
        if item is None or item.brought is not Brought.DOCUMENT:
            raise BadFields(fields=(FieldError("item", "not_one_of_these"),))
        beside = item is FOR_CONDITION or item.kind in PROOF_ITEMS
        if not beside and not await _is_open(session, application):
            raise NotInThisStage(stage=application.stage, step="bring")
        sealing = await people.key_of(session, tools.vault, hand.person_id)
    await at_most(caller, f"paper:{hand.person_id}", PAPERS)
    data = await read_whole(upload.chunks, LARGEST)
    digest = hashlib.sha256(data).hexdigest()
    async with tools.sessions.begin(person=hand.person, scope=hand.scope) as session:
        known = await documents.same_bytes(session, application_id, hand.person_id, digest)
    if known is None:
        try:
            clean = await cleaning.cleaned(data)
        except cleaning.CannotClean as problem:
            raise BadFields(fields=(FieldError("file", UNDRAWN[problem.code]),)) from None
        # Derived, so that a twin of this request puts the same object and none is left that no row names.
        document_id = derived_id("paper", f"{application_id}/{digest}")
        object_key = f"papers-brought/{document_id}"
        sealed = tools.vault.seal_file(sealing, documents.PAPER, document_id, clean.data)
        await tools.storage.put(object_key, sealed, "application/octet-stream")

        async def act(session: AsyncSession) -> Json:
            await documents.add(
                session,
                id=document_id,
                application_id=application_id,
                person_id=hand.person_id,
                item=item_id,
                channel=hand.channel.value,
                brought_by=caller.principal.actor,
                name_sealed=tools.vault.seal(sealing, documents.NAME, document_id, name),
                sha256=digest,
                object_key=object_key,
                media_type=clean.media_type,
                pages=clean.pages,
                size=len(clean.data),
                received_at=await clocks.now(session, tools.settings.clock_id),
            )
            await _on_record(session, caller, "paper.bring", document_id, item=item_id, sha256=digest)
            return {}

        body = {"application_id": application_id, "item": item_id, "sha256": digest}
        use = f"{hand.channel.value}.bring"
        await perform(caller, use, key, body, act, person=hand.person, scope=hand.scope, object_id=str(application_id))
    return await seen(caller, hand, application_id)


async def seen(caller: Caller, hand: Hand, application_id: UUID) -> Checklist:
    """The list of one application, through one's own door."""
    async with caller.tools.sessions.begin(person=hand.person, scope=hand.scope) as session:
        return await of_application(session, caller, await _theirs(session, caller, hand, application_id))


async def opened(caller: Caller, hand: Hand, document_id: UUID) -> PaperFile:
    """One paper as it was redrawn; a look by the lender's people is on record."""
    tools = caller.tools
    async with tools.sessions.begin(person=hand.person, scope=hand.scope) as session:
        row = await documents.by_id(session, document_id)
        if row is None or row.person_id != hand.person_id:
            raise NotFound
        await _theirs(session, caller, hand, row.application_id)
        key = await people.key_of(session, tools.vault, row.person_id)
        name = tools.vault.open(key, documents.NAME, row.id, row.name_sealed)
        object_key, media_type, item = row.object_key, row.media_type, row.item
    data = tools.vault.open_file(key, documents.PAPER, document_id, await tools.storage.get(object_key))
    kept = f"{name.rsplit('.', 1)[0] or item}{'.jpg' if media_type == cleaning.JPEG else '.pdf'}"
    return PaperFile(data, kept, media_type, hashlib.sha256(data).hexdigest())


async def _theirs(session: AsyncSession, caller: Caller, hand: Hand, application_id: UUID) -> Application:
    application = await own_application(session, application_id, hand.person_id)
    if hand.channel is not Channel.OWNER:
        await look(session, caller, application, "papers")
    return application


async def _on_record(session: AsyncSession, caller: Caller, action: str, document_id: UUID, **detail: str) -> None:
    await audits.append(
        session,
        actor=caller.principal.actor,
        action=action,
        object_kind="evidence_document",
        object_id=str(document_id),
        detail=detail,
        request_id=caller.request_id,
    )
