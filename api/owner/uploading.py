"""Taking in a bill: streamed and counted, stored under a random key first, its row in the command's transaction.

If the store is away nothing is written anywhere. The same bytes again are the same file.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile

from api import case, fields
from api.auth.limits import Limit, at_most
from api.caller import Caller
from api.commands import Receipt
from api.hands import Hand, owners
from api.idempotency import Json, perform
from api.owner.applying import command, own_application
from api.problems import (
    BadFields,
    FieldError,
    FileDoesNotOpen,
    FileNeedsPassword,
    FilePasswordWrong,
    NotFound,
)
from api.views import Evidence
from db import clocks, intake, people
from infra import unlocking
from lending.checklist import BILL_ENDINGS
from lending.refusals import FileTooLarge, IdentityNotProven

# Fifty a day: a wallet's export is one file a quarter.
FILES = Limit(timedelta(days=1) / 50, 50)
MEGABYTE = 1024 * 1024
CHUNK = 256 * 1024
NAME_LONGEST = 200
PASSWORD_LONGEST = 128
LISTS = (*BILL_ENDINGS, ".parquet")
SIDES = ("sale", "purchase")
MAPPED_AT_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in."""

    name: str
    chunks: AsyncIterator[bytes]
    password: str = field(default="", repr=False)  # opens the file on its way in; kept nowhere


async def add_statement(
    caller: Caller, application_id: UUID, upload: Upload, key: str, *, hand: Hand | None = None
) -> Receipt:
    """Take in one bill; what was understood of it is in the evidence. A list of invoices is known by its columns."""
    return await _add(caller, application_id, upload, key, hand=hand or owners(caller), holds="statement")


async def add_invoices(
    caller: Caller,
    application_id: UUID,
    upload: Upload,
    key: str,
    *,
    side: str = "",
    mapping: str = "",
    hand: Hand | None = None,
) -> Receipt:
    """Take in one list of invoices. ``side`` is sale or purchase, ``mapping`` like ``buyer=客户``; or empty."""
    form = fields.Form()
    if side and side not in SIDES:
        form.refuse("side", "not_one_of_these")
    if len(mapping) > MAPPED_AT_MOST:
        form.refuse("map", "too_long", most=MAPPED_AT_MOST)
    form.done()
    hints: Json = {"side": side} if side else {}
    if mapping:
        hints["mapping"] = [mapping]
    return await _add(caller, application_id, upload, key, hand=hand or owners(caller), holds="invoices", hints=hints)


async def say_side(caller: Caller, application_id: UUID, file_id: UUID, side: str, key: str) -> Receipt:
    """Say whether the invoices of a list that could not tell were issued or received; it is then read."""
    if side not in SIDES:
        raise BadFields(fields=(FieldError("side", "not_one_of_these"),))

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        if await intake.hint(session, application_id, file_id, "invoices", {"side": side}) is None:
            raise NotFound

    return await command(
        caller,
        application_id,
        "add_statement",
        key=key,
        body={"file_id": str(file_id), "side": side},
        wire={"file_id": file_id},
        store=store,
        audited={"file_id": str(file_id), "side": side},
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that is in the store. ``keep`` writes its row in a command's transaction; ``given``: the hash of what was
    sent, ``sha256`` of what is kept."""

    file_id: UUID
    given: str
    sha256: str
    keep: Callable[[AsyncSession], Awaitable[None]]


async def _add(
    caller: Caller,
    application_id: UUID,
    upload: Upload,
    key: str,
    *,
    hand: Hand,
    holds: str,
    hints: Json | None = None,
) -> Receipt:
    taken = await taken_in(caller, application_id, upload, hand=hand, holds=holds, hints=hints)

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        await taken.keep(session)

    return await command(
        caller,
        application_id,
        "add_statement",
        key=key,
        body={"sha256": taken.given, **({"hints": hints} if hints else {})},
        wire={"file_id": taken.file_id},
        store=store,
        audited={"file_id": str(taken.file_id), "sha256": taken.sha256},
        hand=hand,
    )


async def taken_in(
    caller: Caller, application_id: UUID, upload: Upload, *, hand: Hand, holds: str, hints: Json | None = None
) -> Taken:
    """The file in the store, without its password; the same bytes again are the file that is there."""
    tools, person = caller.tools, hand.person_id
    name = named(upload.name, LISTS)
    async with tools.sessions.begin(person=hand.person, scope=hand.scope) as session:
        application = await own_application(session, application_id, person)
        now = await clocks.now(session, tools.settings.clock_id)
    firm_id = application.firm_id
    if firm_id is None:
        raise IdentityNotProven
    await at_most(caller, f"upload:{person}", FILES)
    data = await read_whole(upload.chunks, tools.settings.upload_limit_bytes)
    given = hashlib.sha256(data).hexdigest()
    data = await opened(data, upload.password)
    digest = hashlib.sha256(data).hexdigest()
    async with tools.sessions.begin(person=hand.person, scope=hand.scope) as session:
        known = await intake.same_file(session, application_id, digest)
    file_id = known.id if known else uuid4()
    object_key = known.object_key if known else f"statements/{file_id}"
    if known is None:
        await tools.storage.put(object_key, data, "application/octet-stream")

    async def keep(session: AsyncSession) -> None:
        await intake.dismiss_file(session, application_id, file_id, dismissed=False)
        sealing = await people.key_of(session, tools.vault, person)
        await intake.add_file(
            session,
            file_id=file_id,
            application_id=application_id,
            person_id=person,
            firm_id=firm_id,
            name_sealed=tools.vault.seal(sealing, people.FILE_NAME, file_id, name),
            size=len(data),
            sha256=digest,
            object_key=object_key,
            now=now,
            channel=hand.channel.value,
            holds=holds,
            hints=hints,
        )
        if hints:
            await intake.hint(session, application_id, file_id, holds, hints)

    return Taken(file_id, given, digest, keep)


async def opened(data: bytes, password: str) -> bytes:
    """The file without its password, opened by a confined child; what is stored needs none."""
    try:
        return await unlocking.unlocked(data, password[:PASSWORD_LONGEST])
    except unlocking.NeedsPassword:
        raise FileNeedsPassword from None
    except unlocking.WrongPassword:
        raise FilePasswordWrong from None
    except unlocking.CannotUnlock:
        raise FileDoesNotOpen from None


async def dismiss_statement(caller: Caller, application_id: UUID, file_id: UUID, key: str) -> Evidence:
    """Put a bill that could not be read out of sight; the evidence without it."""
    person = caller.person_id

    async def act(session: AsyncSession) -> Json:
        await own_application(session, application_id, person)
        if not await intake.dismiss_file(session, application_id, file_id, dismissed=True):
            raise NotFound
        return {}

    body = {"application_id": application_id, "file_id": file_id}
    await perform(caller, "owner.dismiss_statement", key, body, act, person=person, object_id=str(file_id))
    async with caller.tools.sessions.begin(person=person) as session:
        return await case.evidence(session, caller, await own_application(session, application_id, person))


async def chunks_of(file: UploadFile) -> AsyncIterator[bytes]:
    """A file of a form, piece by piece."""
    while chunk := await file.read(CHUNK):
        yield chunk


def named(value: str, kinds: tuple[str, ...], other: str = "not_a_photo") -> str:
    """The name that a file came with, of one of the kinds. Raises :class:`BadFields`."""
    form = fields.Form()
    # Browsers on Windows send whole paths; only the last part is a name.
    name = form.take("file", lambda text: fields.line(text, longest=NAME_LONGEST), value.replace("\\", "/"), "")
    name = name.rsplit("/", 1)[-1]
    if not form.wrong and not name.lower().endswith(kinds):
        form.refuse("file", "not_a_bill_file" if kinds is LISTS else other, kinds=", ".join(kinds))
    form.done()
    return name


async def read_whole(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    """A file of at most ``limit`` bytes. Raises :class:`FileTooLarge`, :class:`BadFields` for an empty one."""
    read = bytearray()
    async for chunk in chunks:
        read += chunk
        if len(read) > limit:
            raise FileTooLarge(limit_mb=limit // MEGABYTE)
    if not read:
        raise BadFields(fields=(FieldError("file", "empty_file"),))
    return bytes(read)
