"""A piece of collateral at its register: nothing is paid before its number and a fresh search, and all of it is undone
if it fails (journey 2, B6)."""

from dataclasses import replace
from datetime import date, timedelta

from temporalio import activity

from activities.collateral_steps import CollateralSteps, Seen, said_of, take_in
from activities.ports import collateral as port
from activities.ports.collateral import AddedLater, CollateralCase, CollateralStanding
from activities.steps import Step
from db import applications, collateral, collateral_claims
from db.tables import Collateral
from gateways.failures import GatewayRefused
from lending.calendars import midnight_after
from lending.collateral import (
    OVER,
    PLEDGED_FOR,
    SIGNED_BY_ANOTHER,
    Bar,
    CollateralKind,
    CollateralRules,
    CollateralState,
    added,
    is_stale,
    lends,
    spread,
)
from lending.identifiers import derived_id
from lending.parties import Role
from lending.refusals import CollateralKnown, CollateralNotShort, CollateralNotValued, NotInThisStage, PartiesNotSigned

A_DAY = timedelta(days=1)
# How often an office that looks at a registration is asked how far it is.
ASK_AGAIN = timedelta(hours=1)
LATE = "register_too_late"
REFUSED = "registration_refused"


async def secure(step: Step, rules: CollateralRules, amount_minor: int, today: date) -> None:
    """The contract is signed on these pieces: each is registered for its part, in the transaction that signs.

    Raises :class:`CollateralNotValued` where what is valued carries less than that, and :class:`CollateralKnown` where
    somebody else signed on one of them first.
    """
    rows = await collateral.held(step.session, step.application.id)
    ready = [row for row in rows if row.state == CollateralState.VALUED.value]
    parts = spread(amount_minor, collateral.valued(ready, today), rules)
    if (carries := sum(parts.values())) < amount_minor:
        raise CollateralNotValued(carries_minor=carries, asked_minor=amount_minor, currency=step.application.currency)
    if not await collateral_claims.free(step.session, ready):
        raise CollateralKnown()
    for row in ready:
        row.ours_minor = parts[str(row.id)]
        row.register_by = row.due_at = step.now + rules.register_within
        row.request_id = str(derived_id("collateral-registration", str(row.id)))
        row.state, row.changed_at = CollateralState.SECURING.value, step.now
        row.version += 1
    await step.session.flush()
    await collateral.tell(step.session, ready, "secure", cause=step.cause)
    # What nobody has valued by now secures nothing.
    await collateral.tell(step.session, [row for row in rows if row not in ready], "unwind", cause=step.cause)


class Securing(port.Securing):
    """Register, search, unwind, release."""

    def __init__(self, do: CollateralSteps) -> None:
        self._do = do

    @activity.defn
    async def register_collateral(self, case: CollateralCase) -> CollateralStanding:
        """Registered behind nobody whom we did not know of: searched before and after."""
        row, thing, today = await self._do.read(case.collateral_id)
        if row.state != CollateralState.SECURING.value:
            return await self._do.as_it_stands(row)
        registry = self._do.type_of(row).registry
        before = await self._do.offices.look(row, thing, registry, f"before/{row.id}/{case.cause}")
        problem = self._barred(row, before, today)
        number: str | None = None
        if problem is None:
            try:
                number = await self._do.offices.register(row, thing, registry, today + PLEDGED_FOR)
            except GatewayRefused:
                problem = REFUSED
        brought = None if problem or number else await self._brought(row)
        after: Seen | None = None
        if number is not None or brought is not None:
            row.registration_no = number or brought  # not kept: it tells the search which one is ours
            after = await self._do.offices.look(row, thing, registry, f"after/{row.id}/{case.cause}")
            problem = self._barred(row, after, today)
        if problem is not None:
            await self._do.offices.cancel(row, thing, registry, today + PLEDGED_FOR)
        return await self._conclude(case, problem=problem, number=number or brought, after=after)

    def _barred(self, row: Collateral, seen: Seen, today: date) -> str | None:
        """Why ours would secure less than was signed, if it would."""
        if seen.bar is not None:
            return seen.bar.value
        assert row.value_minor is not None  # noqa: S101
        leased = seen.leased_until is not None and seen.leased_until > today
        piece = collateral.as_piece(row, row.value_minor, today)
        now = replace(piece, prior_minor=seen.prior_minor, earlier=seen.earlier, leased=leased)
        return None if lends(now, self._do.rules) >= row.ours_minor else Bar.RANK.value

    async def _brought(self, row: Collateral) -> str | None:
        """The number that somebody brought from its window, once they have finished."""
        if row.task_id is None:
            return None
        async with self._do.sessions.begin() as session:
            task = await applications.task(session, row.task_id)
            if task.state != "done":
                return None
            return await collateral.brought_number(session, self._do.vault, row, row.task_id)

    async def _conclude(
        self, case: CollateralCase, *, problem: str | None, number: str | None, after: Seen | None
    ) -> CollateralStanding:
        row, _, _ = await self._do.read(case.collateral_id)
        async with self._do.step(row, case.cause, "collateral_registered", "collateral_refused") as step:
            row = await self._do.locked(step, case.collateral_id)
            if step.done or row.state != CollateralState.SECURING.value:
                return await self._do.standing(step, row)
            if problem is not None:
                return await self._fail(step, row, problem)
            if number is None or after is None:
                if row.register_by is not None and step.now >= row.register_by:
                    return await self._fail(step, row, LATE)
                await self._wait(step, row)
                return await self._do.standing(step, row)
            take_in(row, after, None)
            row.registration_no, row.registered_at, row.searched_at = number, step.now, step.now
            row.task_id = None
            assert row.revalue_on is not None  # noqa: S101
            due_at = midnight_after(row.revalue_on - A_DAY, self._do.jurisdiction)
            await self._do.go(step, row, CollateralState.REGISTERED, due_at)
            await step.tell("collateral_registered", registration_no=number, **said_of(row))
            if row.code_id is None:
                await step.notify("collateral_registered", registration_no=number, collateral_id=str(row.id))
                await collateral.tell_payout(step.session, row.application_id, cause=case.cause)
            else:  # the money left long ago: what was short hears of it
                rows = await collateral.held(step.session, row.application_id)
                short = [one for one in rows if one.short_minor and one.id != row.id]
                await collateral.tell(step.session, short, "hold", cause=case.cause)
            return await self._do.standing(step, row)

    async def _wait(self, step: Step, row: Collateral) -> None:
        """The office looks at it: asked again by the hour, and somebody goes to its window (B2: not our time)."""
        if row.task_id is None:
            await self._do.send(step, row, "registration")
        await self._do.go(step, row, CollateralState.SECURING, step.now + ASK_AGAIN)

    async def _fail(self, step: Step, row: Collateral, problem: str) -> CollateralStanding:
        """Ours is cancelled; the money is told that it will never leave, and all else that was registered follows."""
        row.cancelled_at = step.now
        standing = await self._do.refuse(step, row, problem, CollateralState.FAILED)
        if row.code_id is None:
            await collateral.tell_payout(step.session, row.application_id, cause=step.cause)
        return standing

    @activity.defn
    async def add_collateral(self, word: AddedLater) -> CollateralStanding:
        """Registered for what is short, under a code of its owner's own; its loan lives and goes on as it is (B8)."""
        row, _, today = await self._do.read(word.collateral_id)
        async with self._do.step(row, word.cause, "collateral_added") as step:
            row = await self._do.locked(step, word.collateral_id)
            if step.done or row.state == CollateralState.SECURING.value:
                return await self._do.standing(step, row)
            if row.state != CollateralState.VALUED.value:
                raise NotInThisStage(stage=row.state, step="add")
            if row.ownership in SIGNED_BY_ANOTHER:  # the register knows of somebody whom nobody asked
                raise PartiesNotSigned(role=Role.MORTGAGOR.value)
            short = await self._do.short_of(step, row)
            if not short:
                raise CollateralNotShort
            if not await collateral_claims.free(step.session, [row]):
                raise CollateralKnown()
            assert row.value_minor is not None  # noqa: S101
            row.ours_minor = added(collateral.as_piece(row, row.value_minor, today), short, self._do.rules)
            row.request_id = str(derived_id("collateral-registration", str(row.id)))
            row.register_by = step.now + self._do.rules.register_within
            row.code_id = word.code_id
            await self._do.go(step, row, CollateralState.SECURING, step.now + ASK_AGAIN)
            await step.tell("collateral_added", actor="owner", value_minor=row.ours_minor, **said_of(row))
            return await self._do.standing(step, row)

    @activity.defn
    async def hold_against(self, case: CollateralCase) -> CollateralStanding:
        """A cure that is done asks nobody any more."""
        row, _, _ = await self._do.read(case.collateral_id)
        async with self._do.step(row, case.cause, "collateral_held_against", "collateral_cured") as step:
            row = await self._do.locked(step, case.collateral_id)
            if step.done or row.state != CollateralState.REGISTERED.value or not row.short_minor:
                return await self._do.standing(step, row)
            row.short_minor = await self._do.short_of(step, row)
            if not row.short_minor:
                row.cure_on, row.task_id = None, None
            await self._do.go(step, row, CollateralState.REGISTERED, row.due_at)
            if row.short_minor:
                said = {"shortfall_minor": row.short_minor}
                await step.tell("collateral_held_against", **said, **said_of(row))
            else:
                await step.tell("collateral_cured", **said_of(row))
                await step.notify("collateral_cured", collateral_id=str(row.id))
            return await self._do.standing(step, row)

    @activity.defn
    async def search_collateral(self, case: CollateralCase) -> CollateralStanding:
        """Money is about to leave and the last search is old: nobody may have come before us since."""
        row, thing, today = await self._do.read(case.collateral_id)
        if row.state != CollateralState.REGISTERED.value:
            return await self._do.as_it_stands(row)
        registry = self._do.type_of(row).registry
        seen = await self._do.offices.look(row, thing, registry, f"fresh/{row.id}/{case.cause}")
        reading = None
        known = collateral.reading_of(row)
        if row.kind == CollateralKind.CROP.value and known is not None and is_stale(known, today, self._do.rules):
            reading = await self._do.offices.read(thing, f"fresh/{row.id}/{case.cause}", today)
        problem = self._barred(row, seen, today)
        if problem is not None:
            await self._do.offices.cancel(row, thing, registry, today + PLEDGED_FOR)
        async with self._do.step(row, case.cause, "collateral_searched", "collateral_refused") as step:
            row = await self._do.locked(step, case.collateral_id)
            if step.done or row.state != CollateralState.REGISTERED.value:
                return await self._do.standing(step, row)
            if problem is not None:
                return await self._fail(step, row, problem)
            take_in(row, seen, reading)
            row.searched_at = step.now
            await self._do.go(step, row, CollateralState.REGISTERED, row.due_at)
            await step.tell("collateral_searched", **said_of(row))
            await collateral.tell_payout(step.session, row.application_id, cause=case.cause)
            return await self._do.standing(step, row)

    @activity.defn
    async def unwind_collateral(self, case: CollateralCase) -> CollateralStanding:
        """Whatever was registered or asked for is cancelled first; then it is nobody's security."""
        return await self._let_go(case, CollateralState.UNWOUND, "collateral_unwound")

    @activity.defn
    async def release_collateral(self, case: CollateralCase) -> CollateralStanding:
        """The loan is paid: the owner has it free again, and is told (民法典 393)."""
        return await self._let_go(case, CollateralState.RELEASED, "collateral_released")

    async def _let_go(self, case: CollateralCase, to: CollateralState, kind: str) -> CollateralStanding:
        row, thing, today = await self._do.read(case.collateral_id)
        if CollateralState(row.state) in OVER:
            return await self._do.as_it_stands(row)
        if row.request_id is not None:
            await self._do.offices.cancel(row, thing, self._do.type_of(row).registry, today + PLEDGED_FOR)
        async with self._do.step(row, case.cause, kind) as step:
            row = await self._do.locked(step, case.collateral_id)
            if not step.done and CollateralState(row.state) not in OVER:
                row.cancelled_at = step.now if row.request_id is not None else None
                row.task_id, row.revaluing = None, False
                await self._do.go(step, row, to, None)
                await step.tell(kind, **said_of(row))
                if row.cancelled_at is not None:
                    await step.notify(kind, collateral_id=str(row.id))
            return await self._do.standing(step, row)
