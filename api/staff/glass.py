"""Re-identification at the desk: asked with a purpose, allowed by another person, for an hour, seen by the owner."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.auth import proof
from api.caller import Caller
from api.idempotency import Json, perform, plain
from api.problems import NotFound
from db import clocks, doors, people, store
from db import glass as panes
from db.store import StoreKeys
from db.tables import GlassBreak, StoreRow

# What may be a reason to know whose row it is; all others are none.
PURPOSES = ("data_error", "owners_question", "court_order", "model_fault")
WORDS_LONGEST = 500
STORE_KEY_BYTES = 16
SHOWN = 20  # rows of the store on the page


@dataclass(frozen=True, slots=True)
class AskGlass:
    """Whose row is this, and what for. ``store_key`` is 32 hex digits."""

    store_key: str
    purpose: str
    words: str


@dataclass(frozen=True, slots=True)
class GlassView:
    """A wish and its answer; ``open_until`` while it is allowed. Names are those of staff."""

    id: UUID
    store_key: str
    purpose: str
    words: str
    state: str
    asked_by: str
    asked_at: datetime
    answered_by: str | None
    answered_at: datetime | None
    open_until: datetime | None
    looks: int
    mine: bool


@dataclass(frozen=True, slots=True)
class WhoseView:
    """Whose row it is."""

    application_id: UUID
    number: int
    customer: str = field(repr=False)
    firm: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row of the training store as it is kept: codes and amounts under a key that leads back to nothing here."""

    store_key: str
    month: date
    trade: str | None
    asked_minor: int | None
    decision: str | None
    pd: Decimal | None
    outcome: str


def is_key(text: str) -> bool:
    """Whether a text can be the key of a row: 32 hex digits."""
    return len(text) == 2 * STORE_KEY_BYTES and all(sign in "0123456789abcdef" for sign in text)


def is_open(seen: GlassView, now: datetime) -> bool:
    """Whether its hour is running."""
    return seen.state == "allowed" and seen.open_until is not None and now < seen.open_until


async def rows(caller: Caller) -> tuple[StoredRow, ...]:
    """The rows that changed last; nothing in them says whose they are."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        return tuple(_stored(row) for row in await store.newest(session, SHOWN))


async def wishes(caller: Caller) -> tuple[GlassView, ...]:
    """The newest first."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        rows = await panes.newest(session)
        names = await doors.staff_names(session)
    return tuple(_view(row, names, caller) for row in rows)


async def ask(caller: Caller, wish: AskGlass, key: str) -> tuple[GlassView, ...]:
    """Ask; nothing opens before another person has allowed it."""
    proof.need(caller)
    form = fields.Form()
    words = form.take("words", _words, wish.words, "")
    if wish.purpose not in PURPOSES:
        form.refuse("purpose", "not_one_of_these")
    form.done()
    glass_id, store_key = uuid4(), bytes.fromhex(wish.store_key)

    async def act(session: AsyncSession) -> Json:
        if await session.get(StoreRow, store_key) is None:
            raise NotFound
        now = caller.tools.wall_now()
        by = caller.principal.actor
        await panes.ask(
            session, glass_id=glass_id, store_key=store_key, purpose=wish.purpose, words=words, by=by, at=now
        )
        return {}

    await perform(caller, "staff.ask_glass", key, plain(wish), act, scope="staff", object_id=wish.store_key)
    return await wishes(caller)


async def answer(caller: Caller, glass_id: UUID, allow: bool, key: str) -> tuple[GlassView, ...]:
    """Another person allows it for an hour, or does not."""
    proof.need(caller)

    async def act(session: AsyncSession) -> Json:
        now, by = caller.tools.wall_now(), caller.principal.actor
        if await panes.answer(session, glass_id, allow=allow, by=by, at=now) is None:
            raise NotFound
        return {}

    body = {"glass_id": glass_id, "allow": allow}
    await perform(caller, "staff.answer_glass", key, body, act, scope="staff", object_id=str(glass_id))
    return await wishes(caller)


async def look(caller: Caller, glass_id: UUID) -> WhoseView:
    """Whose row it is; each look is on record, and its owner reads who looked, at what, when and why."""
    tools = caller.tools
    async with tools.sessions.begin(scope="staff") as session:
        row = await panes.look(session, glass_id, by=caller.principal.actor, at=tools.wall_now())
        application = await store.whose(session, StoreKeys(tools.settings), row.store_key) if row else None
        if row is None or application is None:
            raise NotFound
        now = await clocks.now(session, tools.settings.clock_id)
        role = min(caller.principal.roles, default="staff")
        purpose = f"glass_{row.purpose}"
        await people.record_access(
            session, application.person_id, at=now, actor=role, what="training_row", purpose=purpose
        )
        who = await people.identity_of(session, tools.vault, application.person_id)
        firm = await people.firm_of(session, tools.vault, application.firm_id) if application.firm_id else None
    name = who.name or people.masked_phone(who.phone)
    return WhoseView(application.id, application.number, name, firm.name if firm else None)


def _words(text: str) -> str:
    return fields.line(text, longest=WORDS_LONGEST, least=4)


def _stored(row: StoreRow) -> StoredRow:
    facts = row.facts
    pd = facts.get("pd")
    return StoredRow(
        store_key=row.key.hex(),
        month=date.fromisoformat(f"{row.month}-01"),
        trade=facts.get("trade"),
        asked_minor=facts.get("asked_minor"),
        decision=facts.get("decision"),
        pd=None if pd in (None, "None") else Decimal(pd),
        outcome=row.outcome,
    )


def _view(row: GlassBreak, names: dict[str, str], caller: Caller) -> GlassView:
    return GlassView(
        id=row.id,
        store_key=row.store_key.hex(),
        purpose=row.purpose,
        words=row.words,
        state=row.state,
        asked_by=names.get(row.asked_by, row.asked_by),
        asked_at=row.asked_at,
        answered_by=names.get(row.answered_by, row.answered_by) if row.answered_by else None,
        answered_at=row.answered_at,
        open_until=row.open_until,
        looks=row.looks,
        mine=row.asked_by == caller.principal.actor,
    )
