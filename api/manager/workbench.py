"""What waits for a manager with its clock, and the day: one list over everything that a person has to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import pieces, sites
from api.caller import Caller
from api.looking import look, names
from api.manager import calling, conditions_due, evidence, held_words
from api.manager import offline as outside
from api.manager import warnings as signs
from api.phrases import phrase
from api.problems import BadFields, FieldError, NotFound
from api.views import ClockCard, DayItem, DayView
from db import clocks, handing_up, helping, leaves, managing, offline, people, reading, warnings
from db.reading import REVIEW
from db.seeings import SEE_PERSON
from db.tables import Application, Task
from infra import i18n
from infra.phrases import BEIJING
from lending.workbench import Burn, clock, heat

WHOSE = ("mine", "all")
# Kinds that are done by calling somebody.
BY_PHONE = frozenset({"help_call", "call_back", "phone_call"})


@dataclass(frozen=True, slots=True)
class Said:
    """Whom a call or a sign is about, and what it says."""

    customer: str
    why: str
    application: Application | None


async def waiting(caller: Caller, whose: str = "mine") -> tuple[ClockCard, ...]:
    """Everything that is open, what burns on top. ``mine``: one's own, and what is nobody's yet."""
    if whose not in WHOSE:
        raise BadFields(fields=(FieldError("whose", "not_one_of_these"),))
    async with caller.tools.sessions.begin(scope="staff") as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        found = [
            *await _tasks(session, caller, now, whose),
            *await _borrowers(session, caller, now, whose),
            *await conditions_due.cards(session, caller, now, whose),
            *await held_words.cards(session, caller, now, whose),
        ]
    return tuple(sorted(found, key=lambda one: heat(Burn(one.burn), one.due_at)))


async def of_customer(caller: Caller, application_id: UUID) -> tuple[ClockCard, ...]:
    """What is open for one customer, whoever has it."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        application = await reading.application(session, application_id)
        if application is None:
            raise NotFound
        rows = [row for row in await managing.open_tasks(session) if row[0].person_id == application.person_id]
        known = await managing.manager_of(session, application.person_id)
        found: list[ClockCard] = []
        for task, its in rows:
            mine = _mine(caller, task.owner_id or (known.staff_id if known else None))
            found.append(await _card(session, caller, task, its, now, mine=mine))
    return tuple(sorted(found, key=lambda one: heat(Burn(one.burn), one.due_at)))


async def day(caller: Caller, on: date | None = None) -> DayView:
    """Where one has to be on a day (today), by the hour, and whom one calls back until its end."""
    calls = [one for one in await waiting(caller) if one.kind in BY_PHONE]
    async with caller.tools.sessions.begin(scope="staff") as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        asked = on or now.astimezone(BEIJING).date()
        items: list[DayItem] = []
        for task, application in await managing.open_tasks(session):
            at = _hour(task)
            if at is None or at.astimezone(BEIJING).date() != asked or not await _is_mine(session, caller, task):
                continue
            items.append(await _item(session, caller, task, application, at))
        away = [leave for leave, _ in await leaves.of_staff(session, caller.staff_id, now)]
    return DayView(
        on=asked,
        items=tuple(sorted(items, key=lambda one: (one.at, str(one.id)))),
        calls=tuple(one for one in calls if one.due_at.astimezone(BEIJING).date() <= asked),
        away=tuple(sorted(_days(((leave.begins_at, leave.ends_at) for leave in away), asked))),
    )


async def today(caller: Caller) -> datetime:
    """The moment at the lender's clock."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        return (await clocks.now(session, caller.tools.settings.clock_id)).astimezone(BEIJING)


# --- tasks ------------------------------------------------------------------------------------------------------------


async def _tasks(session: AsyncSession, caller: Caller, now: datetime, whose: str) -> list[ClockCard]:
    rows = await managing.open_tasks(session)
    known = await managing.managers_of(session, [task.person_id for task, _ in rows])
    found: list[ClockCard] = []
    for task, application in rows:
        # What was handed up stands with its lead as well as with whoever has it.
        leads = handing_up.lead_id(task) == caller.staff_id
        mine = leads or _mine(caller, task.owner_id or known.get(task.person_id))
        if whose == "mine" and not mine:
            continue
        found.append(await _card(session, caller, task, application, now, mine=mine))
    return found


async def _card(
    session: AsyncSession, caller: Caller, task: Task, application: Application, now: datetime, *, mine: bool
) -> ClockCard:
    due_at = offline.promised_at(task)
    stands = clock(task.created_at, due_at, now)
    handed = task.params.get("handed_from")
    return ClockCard(
        kind=task.kind,
        id=task.id,
        application_id=application.id,
        number=application.number,
        customer=await _named(session, caller, task, application),
        why=await _why(session, task, caller),
        created_at=task.created_at,
        due_at=due_at,
        spent=stands.spent,
        burn=stands.burn.value,
        mine=mine,
        owner=await offline.name_of(session, task.owner_id),
        handed_from=await offline.name_of(session, UUID(handed)) if handed else None,
        slot_at=_hour(task),
        piece=await _piece(session, caller, task),
        lead=await handing_up.lead_of(session, task),
        late_minutes=handing_up.late_minutes(task, now),
    )


async def _piece(session: AsyncSession, caller: Caller, task: Task) -> str:
    """Which thing somebody goes out for, or which ones a case rests on."""
    if task.kind == REVIEW:
        comma = "、" if caller.locale.startswith("zh") else ", "
        return comma.join(await pieces.of_case(session, caller, task.application_id))
    return (await pieces.of_tasks(session, caller, [task.id])).get(task.id, "") if offline.is_outside(task) else ""


async def _named(session: AsyncSession, caller: Caller, task: Task, application: Application) -> str:
    """Whose it is; nobody's name opens in a list of people who did not want a camera."""
    if task.kind == SEE_PERSON:
        return ""
    return " · ".join(part for part in await names(session, caller, application) if part)


async def _why(session: AsyncSession, task: Task, caller: Caller) -> str:
    locale = caller.locale
    if offline.is_outside(task):
        return outside.why(task, locale)
    if task.kind == SEE_PERSON:
        return phrase(f"api.clock.see_person.{task.params['method']}", locale, {})
    if task.kind == REVIEW and (told := [reason.text for reason in await evidence.why(session, task, caller)]):
        return ("；" if locale.startswith("zh") else "; ").join(told)
    key = f"api.clock.{task.kind}"
    return phrase(key if i18n.known(key) else "api.clock.other", locale, {})


def _hour(task: Task) -> datetime | None:
    """When somebody is to be there."""
    said = task.params.get("slot_at")
    return task.slot_at or (datetime.fromisoformat(said) if said else None)


def _mine(caller: Caller, owner: UUID | None) -> bool:
    return owner is None or owner == caller.staff_id


async def _is_mine(session: AsyncSession, caller: Caller, task: Task) -> bool:
    owner = task.owner_id
    if owner is None and (known := await managing.manager_of(session, task.person_id)) is not None:
        owner = known.staff_id
    return _mine(caller, owner)


async def _item(session: AsyncSession, caller: Caller, task: Task, application: Application, at: datetime) -> DayItem:
    await look(session, caller, application, "visit")
    who = await people.identity_of(session, caller.tools.vault, application.person_id)
    return DayItem(
        kind=task.kind,
        id=task.id,
        application_id=application.id,
        number=application.number,
        customer=await _named(session, caller, task, application),
        at=at,
        way=task.way or str(task.params.get("method", "")),
        place=await sites.place(session, caller, task),
        phone=who.phone,
        pack_ready=task.pack is not None,
        piece=await _piece(session, caller, task),
    )


# --- borrowers --------------------------------------------------------------------------------------------------------


async def _borrowers(session: AsyncSession, caller: Caller, now: datetime, whose: str) -> list[ClockCard]:
    """Who waits for a call because help did not answer, and loans with signs of difficulty."""
    calls, rung = await helping.open_calls(session), await warnings.open_warnings(session)
    people_ids = [row.person_id for row in calls] + [row.person_id for row, _ in rung]
    known = await managing.managers_of(session, people_ids)
    newest = await managing.newest_of(session, [row.person_id for row in calls])
    found: list[ClockCard] = []

    async def add(kind: str, one: UUID, at: datetime, due_at: datetime, person: UUID, said: Said) -> None:
        owner = known.get(person)
        stands = clock(at, due_at, now)
        found.append(
            ClockCard(
                kind=kind,
                id=one,
                application_id=said.application.id if said.application else None,
                number=said.application.number if said.application else None,
                customer=said.customer,
                why=said.why,
                created_at=at,
                due_at=due_at,
                spent=stands.spent,
                burn=stands.burn.value,
                mine=_mine(caller, owner),
                owner=await offline.name_of(session, owner),
                handed_from=None,
                slot_at=None,
            )
        )

    for row in calls:
        if whose == "all" or _mine(caller, known.get(row.person_id)):
            seen = await calling.seen(session, caller, row)
            said = Said(seen.customer or seen.phone_masked or "", seen.asked, newest.get(row.person_id))
            await add("help_call", row.id, row.asked_at, row.due_at, row.person_id, said)
    for row, application in rung:
        if whose == "all" or _mine(caller, known.get(row.person_id)):
            seen = await signs.card_of(session, caller, row, application)
            customer = " · ".join(part for part in (seen.customer, seen.firm) if part)
            said = Said(customer, seen.text, application)
            await add("warning", row.id, row.raised_at, row.due_at, row.person_id, said)
    return found


def _days(spans: Iterable[tuple[datetime, datetime]], today: date) -> set[date]:
    """The days from today on that somebody is away."""
    found: set[date] = set()
    for begins_at, ends_at in spans:
        first, last = begins_at.astimezone(BEIJING).date(), (ends_at - timedelta(seconds=1)).astimezone(BEIJING).date()
        found |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return {one for one in found if one >= today}
