"""Bringing a bill for one's running loan: taken in sealed, read by the worker, looked at, and counted by one yes."""

import hashlib
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import sales
from api.auth.limits import Limit, at_most
from api.caller import Caller
from api.commands import After, Order, Receipt, issue
from api.idempotency import Json, perform
from api.owner.uploading import LISTS, Upload, named, opened, read_whole
from api.problems import NotFound
from api.views.sales import SalesFileView
from db import audits, clocks, people, reading, sales_files
from db.sales_files import FILE, NAME
from db.tables import Loan
from lending.identifiers import derived_id
from lending.refusals import NotInThisStage
from lending.refusals_of_plans import NothingToShare

# A wallet's export is one file a quarter; ten a day is a whole drawer of accounts.
FILES = Limit(timedelta(days=1) / 10, 10)


async def own_loan(session: AsyncSession, caller: Caller, loan_id: UUID) -> Loan:
    """One's loan that lives or lived."""
    row = await reading.loan_of(session, loan_id, caller.person_id)
    if row is None or row.state not in ("live", "closed"):
        raise NotFound
    return row


async def bring(caller: Caller, loan_id: UUID, upload: Upload, key: str, after: After | None = None) -> Receipt:
    """Take in one bill, as the wallet or bank exported it. With ``after`` nobody waits for the reading."""
    tools, person = caller.tools, caller.person_id
    name = named(upload.name, LISTS)
    async with tools.sessions.begin(person=person) as session:
        if not await sales_files.shares(session, await own_loan(session, caller, loan_id)):
            raise NothingToShare
    await at_most(caller, f"sales:{person}", FILES)
    given = await read_whole(upload.chunks, tools.settings.upload_limit_bytes)
    data = await opened(given, upload.password)
    digest = hashlib.sha256(data).hexdigest()
    async with tools.sessions.begin(person=person) as session:
        known = await sales_files.same_file(session, loan_id, digest)
        sealing = await people.key_of(session, tools.vault, person)
        now = await clocks.now(session, tools.settings.clock_id)
    if known is not None and known.state != "received" and known.problem != sales_files.READER_FAILED:
        return Receipt(command_id=known.id, object_id=known.id, state="done", stage=known.state)
    file_id = known.id if known else uuid4()
    object_key = known.object_key if known else f"sales-files/{file_id}"
    if known is None:
        sealed = tools.vault.seal_file(sealing, FILE, file_id, data)
        await tools.storage.put(object_key, sealed, "application/octet-stream")

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        row = {
            "id": file_id,
            "person_id": person,
            "loan_id": loan_id,
            "name_sealed": tools.vault.seal(sealing, NAME, file_id, name),
            "size": len(data),
            "sha256": digest,
            "object_key": object_key,
            "received_at": now,
        }
        await sales_files.add(session, row)
        await sales_files.again(session, file_id, now)

    order = Order(
        workflow_type="SalesFile",
        workflow_id=clocks.workflow_of("sales", derived_id("sales", f"{file_id}/{known.read_at if known else None}")),
        update="read",
        object_kind="sales_file",
        object_id=file_id,
        start={"file_id": str(file_id)},
    )
    return await issue(
        caller,
        order,
        use="owner.bring_sales",
        key=key,
        body={"loan_id": loan_id, "sha256": hashlib.sha256(given).hexdigest()},
        store=store,
        person=person,
        audited={"sha256": digest},
        after=after,
    )


async def files(caller: Caller, loan_id: UUID) -> tuple[SalesFileView, ...]:
    """What was brought for one's loan and what it says, the newest first."""
    tools, person = caller.tools, caller.person_id
    async with tools.sessions.begin(person=person) as session:
        await own_loan(session, caller, loan_id)
        rows = await sales_files.of_loan(session, loan_id)
        if not rows:
            return ()
        key = await people.key_of(session, tools.vault, person)
        return tuple(
            [
                await sales.view(session, row, tools.vault.open(key, NAME, row.id, row.name_sealed), caller.locale)
                for row in rows
            ]
        )


async def may_bring(caller: Caller, loan_id: UUID) -> bool:
    """Whether sales are this loan's to share now."""
    async with caller.tools.sessions.begin(person=caller.person_id) as session:
        return await sales_files.shares(session, await own_loan(session, caller, loan_id))


async def confirm(caller: Caller, loan_id: UUID, file_id: UUID, key: str) -> SalesFileView:
    """Say yes to what was read: its days enter the book, once; what a person has to look at waits for them."""
    tools, person = caller.tools, caller.person_id

    async def act(session: AsyncSession) -> Json:
        loan = await own_loan(session, caller, loan_id)
        row = await sales_files.of(session, file_id, locked=True)
        if row is None or row.loan_id != loan_id:
            raise NotFound
        if row.state != "read":
            raise NotInThisStage(stage=row.state, step="confirm_sales")
        if not await sales_files.shares(session, loan):
            raise NothingToShare
        now = await clocks.now(session, tools.settings.clock_id)
        days = await sales_files.enter(session, row, now)
        row.state, row.confirmed_at = "counted", now
        row.counted, row.waits = sales_files.as_json(days), sum(one.became.waits for one in days)
        await audits.append(
            session,
            actor=caller.principal.actor,
            action="sales_file.confirm",
            object_kind="sales_file",
            object_id=str(file_id),
            detail={"sha256": row.sha256, "days": len(days), "waits": row.waits},
            request_id=caller.request_id,
        )
        return {}

    body = {"loan_id": loan_id, "file_id": file_id}
    await perform(caller, "owner.confirm_sales", key, body, act, person=person, object_id=str(file_id))
    return next(one for one in await files(caller, loan_id) if one.id == file_id)
