"""账单直投: the address that a wallet sends bills to, and the password that opens what came."""

import hashlib
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth.limits import Limit, at_most
from api.caller import Caller
from api.commands import Receipt
from api.idempotency import Json, perform
from api.owner.applying import command, own_application
from api.owner.uploading import opened
from api.problems import NotFound
from api.views import MailboxView
from db import intake, mailboxes
from lending.applications import Stage
from lending.mailboxes import OPEN
from lending.refusals import BillKnown, NotInThisStage

# A wallet's password has six digits: so many tries an hour find none of a million.
TRIES = Limit(timedelta(hours=1) / 10, 10)


async def mailbox(caller: Caller, application_id: UUID) -> MailboxView:
    """The address of one's own application; ``open`` while bills still change an answer."""
    tools, person = caller.tools, caller.person_id
    async with tools.sessions.begin(person=person) as session:
        row = await own_application(session, application_id, person)
    key = tools.settings.secret_bytes("index_key")
    return MailboxView(
        address=mailboxes.address_of(key, row.id, row.number, tools.settings.mail_domain),
        open=Stage(row.stage) in OPEN,
        senders=tools.policies.mailbox.senders,
    )


async def unlock(caller: Caller, application_id: UUID, file_id: UUID, password: str, key: str) -> Receipt:
    """Open a bill that came by mail; it is then read as an uploaded one. The password is used once and kept nowhere.

    Raises :class:`FilePasswordWrong`, and :class:`BillKnown` where the same bill is there already.
    """
    tools, person = caller.tools, caller.person_id
    async with tools.sessions.begin(person=person) as session:
        application = await own_application(session, application_id, person)
        row = await intake.locked_file(session, application_id, file_id)
        if row is None:
            raise NotFound
        if Stage(application.stage) not in OPEN:
            raise NotInThisStage(stage=application.stage, step="unlock")
        locked_key = row.object_key
    await at_most(caller, f"unlock:{file_id}", TRIES)
    data = await opened(await tools.storage.get(locked_key), password)
    digest = hashlib.sha256(data).hexdigest()
    async with tools.sessions.begin(person=person) as session:
        known = await intake.same_file(session, application_id, digest)
    if known is not None and known.id != file_id:
        await _set_aside(caller, file_id, key)
        raise BillKnown
    open_key = f"statements/{file_id}.open"
    await tools.storage.put(open_key, data, "application/octet-stream")

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        if not await intake.unlock_file(session, file_id, sha256=digest, size=len(data), object_key=open_key):
            raise NotFound

    receipt = await command(
        caller,
        application_id,
        "add_statement",
        key=key,
        body={"file_id": str(file_id), "sha256": digest},
        wire={"file_id": file_id},
        store=store,
        audited={"file_id": str(file_id), "sha256": digest},
    )
    await tools.storage.destroy(locked_key)
    return receipt


async def _set_aside(caller: Caller, file_id: UUID, key: str) -> None:
    async def act(session: AsyncSession) -> Json:
        await intake.set_aside(session, file_id, "bill_known")
        return {}

    body = {"file_id": file_id}
    await perform(caller, "owner.set_bill_aside", key, body, act, person=caller.person_id, object_id=str(file_id))
