"""What a person may ask of their data: a copy to take away, and erasure (个保法 45, 47). A code on the phone confirms.

A session left open on a counter takes nothing away and destroys nothing.
"""

import hashlib
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.auth import codes
from api.auth.codes import CodeSent, NewCode
from api.auth.limits import CODES_BY_PHONE, CODES_BY_PHONE_DAILY, TRIES_BY_ACCOUNT, Limit, at_most, knock
from api.caller import Caller
from api.commands import Order, Receipt, issue
from api.idempotency import Json, perform, plain
from api.phrases import phrase
from api.problems import BadFields, FieldError, NotFound, Unavailable
from api.routes import PaperFile
from api.views import DataRequestView, ErasureView, KeptView, Reason
from db import audits, clocks, doors, people, personal_data
from db.tables import DataRequest
from lending.calendars import Jurisdiction, business_date
from lending.refusals import ApplicationOpen, CodeExpired, LoanLives, Refusal
from policies.retention import Kept, kept_after

KINDS = ("export", "erasure")
COPY = "data_request.copy"
SHOWN = 5
# A copy reads all that there is: five a day are enough for anybody.
COPIES = Limit(timedelta(days=1) / 5, 5)


async def confirm(caller: Caller, kind: str, key: str) -> CodeSent:
    """Send a code that is good for this one request only."""
    tools, person = caller.tools, caller.person_id
    _known(kind)
    async with tools.sessions.begin(person=person) as session:
        phone = (await people.identity_of(session, tools.vault, person)).phone
    index = tools.vault.blind_index(people.PHONE, phone).hex()
    await knock(caller, "code", (f"phone:{index}", CODES_BY_PHONE), (f"daily:{index}", CODES_BY_PHONE_DAILY))

    async def act(session: AsyncSession) -> Json:
        return plain(await codes.make_code(session, tools, phone, "data", bound_hash=_bound(kind, person)))

    made = await perform(caller, "owner.confirm_data", key, {"kind": kind}, act)
    what = phrase(f"api.code.data.{kind}", caller.locale, {})
    return await codes.send_code(caller, phone, "data", NewCode.again(made), what=what)


async def ask(caller: Caller, kind: str, code: str, key: str) -> Receipt:
    """Ask for a copy or for erasure with the code that came. What stands in the way of an erasure is said at once."""
    tools, person = caller.tools, caller.person_id
    _known(kind)
    form = fields.Form()
    digits = form.take("code", fields.code, code, "")
    form.done()
    await knock(caller, "confirm", (f"person:{person}", TRIES_BY_ACCOUNT))
    if kind == "export":
        await at_most(caller, f"copy:{person}", COPIES)
    right: list[UUID] = []
    request_id = uuid4()

    async def gate(session: AsyncSession) -> Refusal | None:
        if kind == "erasure" and (no := _in_the_way(await personal_data.standing(session, person))):
            return no
        phone = (await people.identity_of(session, tools.vault, person)).phone
        checked = await codes.check_code(session, tools, phone, "data", digits, bound_hash=_bound(kind, person))
        if isinstance(checked, Refusal):
            return checked
        right.append(checked)
        return None

    async def store(session: AsyncSession, _command_id: UUID) -> None:
        now = tools.wall_now()
        if not await doors.use_code(session, right[0], now):
            raise CodeExpired
        await personal_data.ask(session, request_id, person, kind=kind, locale=caller.locale, at=now)

    order = Order(
        workflow_type="DataRequest",
        workflow_id=clocks.workflow_of("data", request_id),
        update="fulfil",
        object_kind="data_request",
        object_id=request_id,
        start={"request_id": str(request_id)},
    )
    return await issue(
        caller,
        order,
        use=f"owner.{kind}",
        key=key,
        body={"kind": kind, "code": digits},
        store=store,
        gate=gate,
        person=person,
        audited={"kind": kind},
    )


async def copies(caller: Caller) -> tuple[DataRequestView, ...]:
    """One's newest copies."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        found = await personal_data.requests_of(session, person, "export", SHOWN)
    return tuple(_view(row, caller) for row in found)


async def copy(caller: Caller, request_id: UUID) -> PaperFile:
    """One copy, opened with the person's own key; its link lives for a day. The reading is on record."""
    tools, person = caller.tools, caller.person_id
    async with tools.sessions.begin(person=person) as session:
        row = await session.get(DataRequest, request_id)
        if row is None or row.person_id != person or not _lives(row, caller) or row.object_key is None:
            raise NotFound
        key = await people.key_of(session, tools.vault, person)
        await audits.append(
            session,
            actor=caller.principal.actor,
            action="person.copy_read",
            object_kind="data_request",
            object_id=str(request_id),
            detail={"sha256": row.sha256},
            request_id=caller.request_id,
        )
    data = tools.vault.open_file(key, COPY, request_id, await tools.storage.get(row.object_key))
    if hashlib.sha256(data).hexdigest() != row.sha256:
        raise Unavailable(party="storage")
    return PaperFile(data, f"huoshui-{row.asked_at:%Y%m%d}.zip", "application/zip", row.sha256 or "")


async def erasure(caller: Caller) -> ErasureView:
    """What erasing would leave, why and until when; and what stands in the way."""
    tools, person = caller.tools, caller.person_id
    async with tools.sessions.begin(person=person) as session:
        found = await personal_data.standing(session, person)
        now = await clocks.now(session, tools.settings.clock_id)
    on = business_date(now, Jurisdiction(tools.settings.jurisdiction))
    kept = kept_after(tools.policies.retention, erased_on=on, last_closed_on=found.last_closed_on)
    no = _in_the_way(found)
    reason = Reason(no.code, {}, phrase(f"lending.refusal.{no.code}", caller.locale, {})) if no else None
    return ErasureView(no is None, reason, tuple(_kept(one, caller.locale) for one in kept))


def _in_the_way(found: personal_data.Standing) -> Refusal | None:
    if found.loan_lives:
        return LoanLives()
    return ApplicationOpen() if found.application_open else None


def _kept(one: Kept, locale: str) -> KeptView:
    law = phrase(f"api.kept.{one.what}.law", locale, {})
    return KeptView(one.what, phrase(f"api.kept.{one.what}", locale, {}), law, one.until)


def _view(row: DataRequest, caller: Caller) -> DataRequestView:
    state = row.state if row.state != "ready" or _lives(row, caller) else "expired"
    return DataRequestView(
        row.id, row.kind, state, row.problem, row.asked_at, row.done_at, row.expires_at, row.size, row.sha256
    )


def _lives(row: DataRequest, caller: Caller) -> bool:
    return row.state == "ready" and row.expires_at is not None and caller.tools.wall_now() < row.expires_at


def _known(kind: str) -> None:
    if kind not in KINDS:
        raise BadFields(fields=(FieldError("kind", "not_one_of_these"),))


def _bound(kind: str, person: UUID) -> str:
    return hashlib.sha256(f"{kind}/{person}".encode()).hexdigest()
