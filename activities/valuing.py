"""A piece of collateral until its value is known, and each time it is found anew: every value is kept."""

from datetime import date, datetime, timedelta
from typing import Any

from temporalio import activity

from activities.collateral_steps import CollateralSteps, Seen, said_of, take_in
from activities.ports import collateral as port
from activities.ports.collateral import Appraised, CollateralCase, CollateralStanding, CollateralTaskEnded
from activities.steps import Step
from db import applications, collateral
from db.collateral import Thing
from db.tables import Appraisal, Collateral, Command
from gateways.failures import GatewayRefused
from lending.calendars import add_months, midnight_after
from lending.collateral import (
    Bar,
    CollateralKind,
    CollateralState,
    CropReading,
    Valuer,
    desktop,
    lends,
    value_of,
)
from lending.identifiers import derived_id
from lending.invoices import plain_party
from lending.refusals import NotInThisStage, ReportUsed, SameValuer, ValuationOpen

A_DAY = timedelta(days=1)
# A register that is away for minutes is away for an hour.
AGAIN_AFTER = timedelta(hours=1)
# A report that comes with no visit: valuers of patents take weeks.
REPORT_WITHIN = timedelta(days=45)
# What nobody could look at is tried again after a while.
MISSED_AGAIN = timedelta(days=30)
# What is kept of the firm and of its report (db.tables.Appraisal).
OF_THE_REPORT = ("valuer_id", "licence", "report_key", "report_sha256", "report_type")
ASKS_VALUER = (CollateralState.VALUING.value, CollateralState.SECOND.value)


class Valuing(port.Valuing):
    """Check, appraise, value anew."""

    def __init__(self, do: CollateralSteps) -> None:
        self._do = do

    @activity.defn
    async def check_collateral(self, case: CollateralCase) -> CollateralStanding:
        """Nobody is sent for what its register or its rank bars."""
        row, thing, today = await self._do.read(case.collateral_id)
        if row.state != CollateralState.OFFERED.value:
            return await self._do.as_it_stands(row)
        seen, reading = await self._ask(row, thing, today, f"first/{row.id}")
        async with self._do.step(row, case.cause, "collateral_checked", "collateral_refused") as step:
            row = await self._do.locked(step, case.collateral_id)
            if step.done:
                return await self._do.standing(step, row)
            take_in(row, seen, reading)
            bar = seen.bar or await self._modelled(step, row, reading)
            if bar is not None:
                return await self._do.refuse(step, row, bar.value, CollateralState.REFUSED)
            await step.tell("collateral_checked", **self._worth(row), **said_of(row))
            if self._do.type_of(row).valuer is Valuer.MODEL:
                await self._found(step, row)
            else:
                await self._send_valuer(step, row, CollateralState.VALUING)
            return await self._do.standing(step, row)

    async def _ask(self, row: Collateral, thing: Thing, today: date, question: str) -> tuple[Seen, CropReading | None]:
        seen = await self._do.offices.look(row, thing, self._do.type_of(row).registry, question)
        if row.kind != CollateralKind.CROP.value or seen.bar is not None:
            return seen, None
        try:
            return seen, await self._do.offices.read(thing, question, today)
        except GatewayRefused:
            return Seen(bar=Bar.UNREADABLE), None

    async def _modelled(self, step: Step, row: Collateral, reading: CropReading | None) -> Bar | None:
        """The desktop model's figure, kept as the first value of the round; why it carries nothing, if it does."""
        today = self._do.today(step)
        kind = CollateralKind(row.kind)
        if (face := await collateral.face_of(step.session, row)) is not None:
            row.facts = {**row.facts, "face_minor": face}  # a credit note, a payment or a dispute since
        figure = row.desktop_minor = desktop(kind, row.facts, self._do.rules, today, reading)
        if figure is None:
            return Bar.UNREADABLE if kind is CollateralKind.CROP else None
        await collateral.appraise(
            step.session,
            row,
            id=derived_id("appraisal", f"{row.id}/{row.round}/desktop"),
            n=0,
            value_minor=figure,
            valuer=None,
            reference=self._do.rules.version,
            valued_on=today,
            by="model",
            at=step.now,
        )
        piece = collateral.as_piece(row, figure, today)
        if piece.rank > self._do.type_of(row).ranks:
            return Bar.RANK
        return None if lends(piece, self._do.rules) else Bar.EXHAUSTED

    async def _send_valuer(self, step: Step, row: Collateral, to: CollateralState) -> None:
        """A licensed firm looks at it, where there is something to see; else its report is awaited."""
        until = step.now + REPORT_WITHIN
        row.task_id = None
        if self._do.type_of(row).visit:
            until = await self._do.send(step, row, "valuation")
        await self._do.go(step, row, to, until)

    # --- what valuers say ---------------------------------------------------------------------------------------------

    @activity.defn
    async def appraise_collateral(self, word: Appraised) -> CollateralStanding:
        """What was seen comes before what it is worth, and a second look is another firm's."""
        row, _, _ = await self._do.read(word.collateral_id)
        async with self._do.step(row, word.command_id, "collateral_appraised") as step:
            row = await self._do.locked(step, word.collateral_id)
            if step.done:
                return await self._do.standing(step, row)
            if row.state not in ASKS_VALUER and not (row.revaluing and row.state == CollateralState.REGISTERED.value):
                raise NotInThisStage(stage=row.state, step="appraise")
            if row.task_id is not None and (await applications.task(step.session, row.task_id)).state != "done":
                raise ValuationOpen
            told: dict[str, Any] = (await step.session.get_one(Command, word.command_id)).detail or {}
            earlier = await collateral.said(step.session, row)
            if any(_is_same(one, told) for one in earlier):
                raise SameValuer
            if told.get("report_sha256") and await collateral.report_used(
                step.session, told["report_sha256"], told["valuer_id"], told["reference"]
            ):
                raise ReportUsed  # two who brought one report for two pieces at once: the second has none
            await collateral.appraise(
                step.session,
                row,
                id=derived_id("appraisal", str(word.command_id)),
                n=len(earlier) + 1,
                value_minor=int(told["value_minor"]),
                valuer=told["valuer"],
                reference=told["reference"],
                valued_on=date.fromisoformat(told["valued_on"]),
                **{name: told.get(name) for name in OF_THE_REPORT},
                by=told["by"],
                at=step.now,
            )
            worth = {"value_minor": int(told["value_minor"]), "n": len(earlier) + 1}
            await step.tell("collateral_appraised", actor="manager", **worth, **said_of(row))
            await self._weigh(step, row)
            return await self._do.standing(step, row)

    async def _weigh(self, step: Step, row: Collateral) -> None:
        """One valuer near the model counts; else another is sent, and the lower of the two counts."""
        said = await collateral.said(step.session, row)
        value = value_of(row.desktop_minor, [one.value_minor for one in said], self._do.rules)
        if value is None:
            to = CollateralState.REGISTERED if row.revaluing else CollateralState.SECOND
            await self._send_valuer(step, row, to)
            first = {"value_minor": said[0].value_minor, "desktop_minor": row.desktop_minor}
            await step.tell("collateral_second_valuer", **first, **said_of(row))
            await step.notify("collateral_second_valuer", collateral_id=str(row.id))
            return
        row.value_minor, row.valued_on = value, max(one.valued_on for one in said)
        await self._counts(step, row)

    async def _found(self, step: Step, row: Collateral) -> None:
        """The model's figure counts by itself."""
        row.value_minor, row.valued_on = row.desktop_minor, self._do.today(step)
        await self._counts(step, row)

    async def _counts(self, step: Step, row: Collateral) -> None:
        assert row.value_minor is not None and row.valued_on is not None  # noqa: S101
        row.task_id, row.revaluing = None, False
        again_on = row.revalue_on = add_months(row.valued_on, self._do.type_of(row).revalue_months)
        due_at = self._on(again_on)
        if row.state == CollateralState.REGISTERED.value:
            await self._do.go(step, row, CollateralState.REGISTERED, due_at)
            await self._held_against(step, row)
            return
        if not lends(collateral.as_piece(row, row.value_minor, self._do.today(step)), self._do.rules):
            await self._do.refuse(step, row, Bar.EXHAUSTED.value, CollateralState.REFUSED)
            return
        await self._do.go(step, row, CollateralState.VALUED, due_at)
        await step.tell("collateral_valued", **self._worth(row), **said_of(row))
        await step.notify("collateral_valued", **self._worth(row), currency=row.currency, collateral_id=str(row.id))

    def _on(self, day: date) -> datetime:
        return midnight_after(day - A_DAY, self._do.jurisdiction)

    def _worth(self, row: Collateral) -> dict[str, int]:
        value = row.value_minor if row.value_minor is not None else row.desktop_minor
        return {} if value is None else {"value_minor": value}

    # --- whoever was sent ---------------------------------------------------------------------------------------------

    @activity.defn
    async def hear_collateral_task(self, ended: CollateralTaskEnded) -> CollateralStanding:
        """A visit that was done leaves its value to be written down; one that was not possible ends or puts off."""
        row, _, _ = await self._do.read(ended.collateral_id)
        async with self._do.step(row, ended.task_id, "collateral_task_heard", "collateral_refused") as step:
            row = await self._do.locked(step, ended.collateral_id)
            if step.done or row.task_id != ended.task_id:
                return await self._do.standing(step, row)
            task = await applications.task(step.session, ended.task_id)
            done = ended.end == "done" and (task.outcome or {}).get("result") == "done"
            match CollateralState(row.state):
                case CollateralState.VALUING | CollateralState.SECOND if not done:
                    lapsed = ended.end == "unanswered"
                    to = CollateralState.LAPSED if lapsed else CollateralState.REFUSED
                    return await self._do.refuse(step, row, "not_looked_at" if lapsed else "not_possible", to)
                case CollateralState.REGISTERED if row.short_minor:
                    row.task_id = None
                    await self._held_against(step, row, asks=False)
                case CollateralState.REGISTERED if row.revaluing and not done:
                    row.task_id, row.revaluing = None, False
                    await self._do.go(step, row, CollateralState.REGISTERED, step.now + MISSED_AGAIN)
                case _:  # a valuer's figure, or a register's number, is what comes next
                    await self._do.go(step, row, CollateralState(row.state), row.due_at)
            await step.tell("collateral_task_heard", **said_of(row))
            return await self._do.standing(step, row)

    # --- year by year -------------------------------------------------------------------------------------------------

    @activity.defn
    async def revalue_collateral(self, case: CollateralCase) -> CollateralStanding:
        """The register and the model are asked again, and a valuer goes where one went before."""
        row, thing, today = await self._do.read(case.collateral_id)
        if row.state != CollateralState.REGISTERED.value or row.revaluing:
            return await self._do.as_it_stands(row)
        seen, reading = await self._ask(row, thing, today, f"again/{row.id}/{case.cause}")
        async with self._do.step(row, case.cause, "collateral_revaluing") as step:
            row = await self._do.locked(step, case.collateral_id)
            if step.done or row.state != CollateralState.REGISTERED.value:
                return await self._do.standing(step, row)
            take_in(row, seen, reading)
            row.problem = seen.bar.value if seen.bar else ""
            row.round += 1
            await self._modelled(step, row, reading)
            await step.tell("collateral_revaluing", **said_of(row))
            if self._do.type_of(row).valuer is Valuer.MODEL:
                # What cannot be read, or what a court has, carries nothing until it can again.
                row.desktop_minor = 0 if seen.bar else row.desktop_minor or 0
                await self._found(step, row)
            else:
                row.revaluing = True
                await self._send_valuer(step, row, CollateralState.REGISTERED)
            return await self._do.standing(step, row)

    async def _held_against(self, step: Step, row: Collateral, *, asks: bool = True) -> None:
        """What is owed against what all pieces carry now. Less asks for a cure with a day, and calls nothing (B8)."""
        today = self._do.today(step)
        row.short_minor = await self._do.short_of(step, row)
        if not row.short_minor or not asks:
            row.cure_on = row.cure_on if row.short_minor else None
            await step.session.flush()
            return
        cure_on = row.cure_on = today + timedelta(days=self._do.rules.cure_days)
        await self._do.send(step, row, "cure")
        said: dict[str, Any] = {"shortfall_minor": row.short_minor, "currency": row.currency}
        said["cure_on"] = cure_on.isoformat()
        await step.tell("collateral_shortfall", **said)
        await step.notify("collateral_shortfall", collateral_id=str(row.id), **said)
        await step.session.flush()

    # --- nobody answers -----------------------------------------------------------------------------------------------

    @activity.defn
    async def put_off_collateral(self, case: CollateralCase) -> CollateralStanding:
        """Nothing is known that was not known before, so nothing but the clock moves."""
        row, _, _ = await self._do.read(case.collateral_id)
        async with self._do.step(row, case.cause, "collateral_put_off") as step:
            row = await self._do.locked(step, case.collateral_id)
            if not step.done and CollateralState(row.state) in (
                CollateralState.OFFERED, CollateralState.SECURING, CollateralState.REGISTERED,
            ):  # fmt: skip
                row.due_at = step.now + AGAIN_AFTER
                await step.session.flush()
            return await self._do.standing(step, row)

    @activity.defn
    async def end_collateral(self, case: CollateralCase) -> CollateralStanding:
        """It is free for whoever lends on it next."""
        row, _, _ = await self._do.read(case.collateral_id)
        async with self._do.step(row, case.cause, "collateral_refused") as step:
            row = await self._do.locked(step, case.collateral_id)
            if step.done or CollateralState(row.state) not in (
                CollateralState.OFFERED, CollateralState.VALUING, CollateralState.SECOND, CollateralState.VALUED,
            ):  # fmt: skip
                return await self._do.standing(step, row)
            return await self._do.refuse(step, row, "not_used", CollateralState.LAPSED)


def _is_same(one: Appraisal, told: dict[str, Any]) -> bool:
    """Whether it is the firm that spoke before, by the list or by its name."""
    by_list = one.valuer_id is not None and one.valuer_id == told.get("valuer_id")
    return by_list or plain_party(one.valuer or "") == plain_party(told["valuer"])
