"""What every step of a piece of collateral shares: its row, its register, where it goes, who is sent, who is told."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from activities.ports.collateral import CollateralStanding
from activities.steps import Step, Steps
from db import clocks, collateral, offline, people
from db.collateral import Thing
from db.offline import New
from db.tables import Collateral
from gateways.failures import GatewayRefused
from gateways.fields import Fields, ParcelOrder
from gateways.pledges import Found, Pledges, RegistrationOrder, SearchOrder
from gateways.titles import ChargeOrder, TitleOrder, Titles
from infra.crypto import Vault
from infra.settings import Settings
from lending.calendars import Jurisdiction, business_date
from lending.collateral import (
    Bar,
    CollateralKind,
    CollateralState,
    CollateralType,
    CropReading,
    Ownership,
    Registry,
    shortfall,
)
from lending.identifiers import derived_id
from policies.book import PolicyBook

# How a task of a piece is told from one of its application: nobody's decision waits for it.
WHY = "collateral"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a register says today. ``bar``: why it cannot be taken at all; ``prior_minor``, ``earlier``: maximum claims
    of others before ours, all of them while ours does not stand there."""

    bar: Bar | None = None
    shared: bool = False
    leased_until: date | None = None
    prior_minor: int = 0
    earlier: int = 0


class Offices:
    """The offices, by what they register. ``pledges`` takes things that have no title."""

    def __init__(self, titles: dict[Registry, Titles], pledges: Pledges, fields: Fields) -> None:
        self._titles = titles
        self._pledges = pledges
        self._fields = fields

    async def look(self, row: Collateral, thing: Thing, registry: Registry, question: str) -> Seen:
        """Who has it, and what stands on it before us."""
        request_id = str(derived_id("collateral-search", question))
        if registry is Registry.PLEDGES:
            names = tuple(dict.fromkeys((thing.owner, *thing.former_names)))
            order = SearchOrder(request_id=request_id, names=names, subject=thing.title)
            before = _before(await self._pledges.search(order), row.registration_no)
            # Anybody who pledged it before has all of it: no maximum is told there.
            return Seen(bar=Bar.RANK if before else None, earlier=before)
        told = await self._titles[registry].look(
            TitleOrder(request_id=request_id, title=thing.title, owner=thing.owner)
        )
        bars = ((not told.known, Bar.UNKNOWN), (not told.owned, Bar.NOT_THEIRS), (told.sealed, Bar.SEALED))
        numbers = [one.number for one in told.charges]
        ours = numbers.index(row.registration_no) if row.registration_no in numbers else len(numbers)
        others = [one for one in told.charges[:ours] if not one.ours]
        return Seen(
            bar=next((bar for holds, bar in bars if holds), None),
            shared=told.shared,
            leased_until=told.leased_until,
            prior_minor=sum(one.max_minor for one in others),
            earlier=len(others),
        )

    async def register(self, row: Collateral, thing: Thing, registry: Registry, until: date) -> str | None:
        """Ours; None while the office looks at it. Raises GatewayRefused where it says no."""
        assert row.request_id is not None  # noqa: S101
        if registry is Registry.PLEDGES:
            made = await self._pledges.register(
                RegistrationOrder(
                    request_id=row.request_id,
                    pledgor=thing.owner,
                    subject=thing.title,
                    amount_minor=row.ours_minor,
                    until=until,
                )
            )
            return made.number
        order = ChargeOrder(request_id=row.request_id, title=thing.title, owner=thing.owner, max_minor=row.ours_minor)
        return (await self._titles[registry].register(order)).number

    async def cancel(self, row: Collateral, thing: Thing, registry: Registry, until: date) -> None:
        """Take ours back, registered or asked for; nothing where it never came so far."""
        if row.request_id is None:
            return
        if registry is not Registry.PLEDGES:
            try:
                await self._titles[registry].cancel(row.request_id)
            except GatewayRefused as refused:
                if refused.code != "unknown_registration":
                    raise
            return
        number = row.registration_no
        if number is None:  # an attempt may have registered it and died: the same order tells its number
            try:
                number = await self.register(row, thing, registry, until)
            except GatewayRefused:
                return
        if number is not None:
            await self._pledges.cancel(number)

    async def read(self, thing: Thing, question: str, on: date) -> CropReading:
        """What stands in its field."""
        seen = await self._fields.read(
            ParcelOrder(
                request_id=str(derived_id("parcel", question)),
                polygon=tuple((Decimal(x), Decimal(y)) for x, y in thing.parcel),
                on=on,
            )
        )
        return CropReading(seen.crop, seen.area_m2, seen.stage, seen.confidence, seen.seen_on)


class CollateralSteps:
    """Handed to whoever takes a step."""

    def __init__(self, steps: Steps, vault: Vault, offices: Offices, book: PolicyBook, settings: Settings) -> None:
        self._steps = steps
        self.vault = vault
        self.offices = offices
        self.rules = book.collateral
        self.offline = book.offline
        self.is_working = book.calendars[settings.jurisdiction].is_business_day
        self.jurisdiction = Jurisdiction(settings.jurisdiction)
        self.sessions = steps.sessions

    def type_of(self, row: Collateral) -> CollateralType:
        """Its kind as the policy in force has it."""
        return self.rules.types[CollateralKind(row.kind)]

    def step(self, row: Collateral, cause: UUID, *kinds: str) -> AbstractAsyncContextManager[Step]:
        """A step of its application."""
        return self._steps.step(row.application_id, cause, *kinds)

    async def read(self, collateral_id: UUID) -> tuple[Collateral, Thing, date]:
        """(the row, what it is, today); the look is on record."""
        async with self.sessions.begin() as session:
            row = await _known(session, collateral_id)
            now = await clocks.now(session, self._steps.clock_id)
            await people.record_access(
                session,
                row.person_id,
                at=now,
                actor=people.SYSTEM,
                what="collateral",
                purpose=f"collateral {row.id}",
            )
            thing = await collateral.thing_of(session, self.vault, row)
            return row, thing, business_date(now, self.jurisdiction)

    async def locked(self, step: Step, collateral_id: UUID) -> Collateral:
        return await _known(step.session, collateral_id, locked=True)

    def today(self, step: Step) -> date:
        return business_date(step.now, self.jurisdiction)

    async def go(self, step: Step, row: Collateral, to: CollateralState, due_at: datetime | None) -> None:
        row.state, row.due_at = to.value, due_at
        row.version += 1
        row.changed_at = step.now
        step.stay(**step.application.note)
        await step.session.flush()

    async def send(self, step: Step, row: Collateral, kind: str) -> datetime:
        """Somebody goes out for it; until when that is kept open. One for each round, kind and turn."""
        wanted = self.offline.kind(kind)
        if wanted is None:
            raise LookupError(f"no kind of task {kind!r} in offline.yaml")
        turn = len(await collateral.said(step.session, row))
        task_id = derived_id("task", f"{row.id}/{row.round}/{kind}/{turn}")
        number = self.type_of(row).number
        new = New(task_id, kind, wanted.role, wanted.within, wanted.kept_open, WHY, number=number, piece=row.id)
        task = await offline.open_task(step.session, step.application, new, now=step.now)
        row.task_id = task.id
        said: dict[str, Any] = {"offline_kinds": [kind], "due_at": task.due_at.isoformat()}
        await step.tell("offline_asked", **said)
        if wanted.booked:  # the customer chooses when
            await step.notify("offline_asked", task_id=str(task.id), collateral_id=str(row.id), **said)
        return task.due_at + wanted.kept_open

    async def short_of(self, step: Step, row: Collateral) -> int:
        """What is owed above what all registered pieces of its loan carry today, in minor units."""
        rows = await collateral.of_application(step.session, row.application_id)
        registered = [one for one in rows if one.state == CollateralState.REGISTERED.value]
        owed = await collateral.owed(step.session, row.application_id)
        return shortfall(owed, collateral.valued(registered, self.today(step)), self.rules)

    async def refuse(self, step: Step, row: Collateral, why: str, to: CollateralState) -> CollateralStanding:
        """It ends there; its owner reads why."""
        row.problem, row.task_id = why, None
        await self.go(step, row, to, None)
        await step.tell("collateral_refused", bar=why, **said_of(row))
        await step.notify("collateral_refused", bar=why, collateral_id=str(row.id))
        return await self.standing(step, row)

    async def standing(self, step: Step, row: Collateral) -> CollateralStanding:
        """Where it stands, with the wait noted for whoever moves the clock."""
        name = clocks.workflow_of("collateral", row.id)
        problem = row.problem or None
        if row.due_at is None:
            await clocks.forget(step.session, name)
            return CollateralStanding(row.state, row.version, problem=problem, task_id=row.task_id)
        await clocks.note_wait(step.session, self._steps.clock_id, name, row.due_at)
        left = step.clock.seconds_until(row.due_at)
        return CollateralStanding(row.state, row.version, row.due_at, left, problem, row.task_id)

    async def as_it_stands(self, row: Collateral) -> CollateralStanding:
        async with self.step(row, derived_id("look", str(row.id))) as step:
            return await self.standing(step, await self.locked(step, row.id))


def take_in(row: Collateral, seen: Seen, reading: CropReading | None) -> None:
    """What the register and the field say, on its row. A co-owner whom the register knows signs."""
    row.prior_minor, row.earlier, row.leased_until = seen.prior_minor, seen.earlier, seen.leased_until
    if seen.shared and row.ownership == Ownership.OWN.value:
        row.ownership = Ownership.CO_OWNED.value
    if reading is not None:
        row.reading = {
            "crop": reading.crop,
            "area_m2": reading.area_m2,
            "stage": reading.stage,
            "confidence": str(reading.confidence),
            "seen_on": reading.seen_on.isoformat(),
        }


def said_of(row: Collateral) -> dict[str, Any]:
    """What a line of the story carries: no name, no number of a title."""
    return {"collateral_kind": row.kind, "currency": row.currency, "collateral_id": str(row.id)}


def _before(found: tuple[Found, ...], number: str | None) -> int:
    """How many others stand before ours; all of them while ours is not among them."""
    before = 0
    for one in found:
        if one.number == number:
            break
        before += not one.ours
    return before


async def _known(session: AsyncSession, collateral_id: UUID, *, locked: bool = False) -> Collateral:
    row = await collateral.one(session, collateral_id, locked=locked)
    if row is None:
        raise LookupError(f"no collateral {collateral_id}")
    return row
