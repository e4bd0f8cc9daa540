"""A receivable before it is pledged: what the world says of it, and what people say, each in one transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from temporalio import activity

from activities.ports import receivables as port
from activities.ports.receivables import ReceivableCase, ReceivableStanding, ReceivableWord
from activities.receivable_steps import DAY, ReceivableSteps, must_stand, others, said_of
from activities.steps import Step
from db import collateral, people, receivables
from db.receivables import Paper
from db.tables import Receivable
from gateways.pledges import Stated
from gateways.tax import InvoiceCheck
from imports.lines import counterparty_key
from lending.calendars import business_date, midnight_after
from lending.receivables import (
    BINDS,
    BUYER_UNKNOWN,
    PROOFS,
    Answer,
    Bar,
    Means,
    ReceivableState,
    Support,
    UnknownBuyer,
    confirmed,
)
from lending.refusals import (
    InvoiceNotVerified,
    NotSupported,
    ReceivableKnown,
    ReceivableNotFit,
    Refusal,
)
from lending.refusals_of_security import InvoiceDiffers

ACCOUNT, SIGNER = "receivable.account", "receivable.signer"
YEAR = timedelta(days=365)
# Somebody at the desk compares two invoices.
LOOKED_AT_WITHIN = timedelta(days=5)
# A platform or register that is away for minutes is away for an hour.
AGAIN_AFTER = timedelta(hours=1)
# What the company register says of a credit code that it never gave.
UNKNOWN = "not_found"
# Time to bring papers or to pledge, once it may be.
USED_WITHIN = timedelta(days=30)
# How often one that secures a loan of its own is looked at.
STAYS = timedelta(days=30)


class Receivables(port.Receivables):
    """Check, ask the buyer, hear people."""

    def __init__(self, do: ReceivableSteps) -> None:
        self._do = do

    # --- the checks ---------------------------------------------------------------------------------------------------

    @activity.defn
    async def check_receivable(self, case: ReceivableCase) -> ReceivableStanding:
        """Refused where the tax bureau or the register says no; to a person where another is like it (D1)."""
        row, paper = await self._do.read(case.receivable_id)
        if row.state != ReceivableState.OFFERED.value:
            return await self._do.as_it_stands(row)
        check = await self._do.invoice_check(row, paper, f"check/{row.id}")
        taken = others(await self._do.registrations(paper, f"before/{row.id}"))
        stands = await self._do.standing_of_buyer(paper, f"check/{row.id}")
        async with self._do.step(row, case.cause, "receivable_checked") as step:
            row = await self._do.locked(step, case.receivable_id)
            if not step.done:
                row.own_buyer = self._licence_index(paper) in await receivables.own_firms(step.session, row.person_id)
                await self._read_dilution(step, row, paper)
                row.buyer_standing = stands
                near = await receivables.near(step.session, row)
                row.near_id = near.id if near else None
                row.verified_at = step.now
                unknown = self._do.rules.unknown_buyer if stands == UNKNOWN else None
                problem = await self._do.known(step.session, row, paper)
                problem = problem or _unfit(row, check, taken=taken, refused=unknown is UnknownBuyer.REFUSE)
                if problem is None and await receivables.same(step.session, row):
                    problem = ReceivableKnown()
                if problem is not None:
                    return await self._do.refuse(step, row, problem)
                if near is not None or unknown is not None:
                    row.problem = "" if unknown is None else BUYER_UNKNOWN
                    await self._do.go(step, row, ReceivableState.REVIEW, step.now + LOOKED_AT_WITHIN)
                else:
                    await self._to_buyer(step, row)
                await step.tell("receivable_checked", **said_of(row))
            return await self._do.standing(step, row)

    async def _read_dilution(self, step: Step, row: Receivable, paper: Paper) -> None:
        buyer = counterparty_key(self._do.index_key, paper.buyer)
        if buyer is not None:
            since = self._do.today(step) - YEAR
            row.dilution = await receivables.dilution(step.session, row.firm_id, buyer, since=since)

    # --- the buyer ----------------------------------------------------------------------------------------------------

    @activity.defn
    async def ask_buyer(self, case: ReceivableCase) -> ReceivableStanding:
        """A one-time code alone is evidence and supports nothing; a month without an answer ends the waiting."""
        row, paper = await self._do.read(case.receivable_id)
        if row.state != ReceivableState.ASKED.value:
            return await self._do.as_it_stands(row)
        stated, number = await self._do.ask(row, paper)
        bound = confirmed(
            self._answers(stated), owed_minor=row.amount_minor, account=self._do.vault.blind_index(ACCOUNT, number)
        )
        async with self._do.step(row, case.cause, "receivable_answered") as step:
            row = await self._do.locked(step, case.receivable_id)
            if step.done or row.state != ReceivableState.ASKED.value:
                return await self._do.standing(step, row)
            if bound is not None:
                row.support, row.confirmed_minor, row.problem = Support.CONFIRMED.value, bound.amount_minor, ""
                row.due_on, row.defences_waived = bound.due_on, bound.defences_waived
                await self._do.go(step, row, ReceivableState.SUPPORTED, step.now + USED_WITHIN)
                await step.tell("receivable_answered", confirmed_minor=bound.amount_minor, **said_of(row))
                await step.notify("receivable_confirmed", **{**said_of(row), "amount_minor": bound.amount_minor})
                return await self._do.standing(step, row)
            last = self._last_hour(row)
            if step.now >= last:
                return await self._do.lapse(step, row)
            row.problem = _waits_for(stated)
            await self._do.go(step, row, ReceivableState.ASKED, min(step.now + DAY, last))
            return await self._do.standing(step, row)

    def _last_hour(self, row: Receivable) -> datetime:
        """Until when a buyer may answer: the law's days from the day on which it was offered."""
        offered_on = business_date(row.created_at, self._do.jurisdiction)
        return midnight_after(offered_on + self._confirm_within, self._do.jurisdiction)

    @activity.defn
    async def put_off_receivable(self, case: ReceivableCase) -> ReceivableStanding:
        """Nothing is known that was not known before, so nothing but the clock moves."""
        row, _ = await self._do.read(case.receivable_id)
        async with self._do.step(row, case.cause, "receivable_lapsed") as step:
            row = await self._do.locked(step, case.receivable_id)
            asked = row.state == ReceivableState.ASKED.value
            if not step.done and asked and step.now >= self._last_hour(row):
                return await self._do.lapse(step, row)
            if not step.done and (asked or row.state == ReceivableState.PLEDGED.value):
                again = step.now + AGAIN_AFTER
                row.due_at = min(again, self._last_hour(row)) if asked else again
                await step.session.flush()
            return await self._do.standing(step, row)

    def _answers(self, stated: Sequence[Stated]) -> tuple[Answer, ...]:
        return tuple(
            Answer(
                signer=self._do.vault.blind_index(SIGNER, one.signer),
                means=Means(one.means),
                amount_minor=one.amount_minor,
                due_on=one.due_on,
                defences_waived=one.defences_waived,
                account=self._do.vault.blind_index(ACCOUNT, one.account),
            )
            for one in stated
        )

    # --- people -------------------------------------------------------------------------------------------------------

    @activity.defn
    async def hear_receivable(self, word: ReceivableWord) -> ReceivableStanding:
        """A word that does not belong to where it stands is a refusal, and changes nothing."""
        row, paper = await self._do.read(word.receivable_id)
        async with self._do.step(row, word.cause, "receivable_judged", "receivable_proven", "receivable_noted") as step:
            row = await self._do.locked(step, word.receivable_id)
            if not step.done:
                match word.kind:
                    case "judge":
                        return await self._judge(step, row, paper, clears=word.clears)
                    case "prove":
                        await self._prove(step, row)
                    case _:
                        await self._note(step, row, word)
            return await self._do.standing(step, row)

    async def _judge(self, step: Step, row: Receivable, paper: Paper, *, clears: bool) -> ReceivableStanding:
        must_stand(row, ReceivableState.REVIEW, step="judge")
        known = await self._do.known(step.session, row, paper)
        if known is not None:  # whatever two people say: of such a number there is one invoice
            return await self._do.refuse(step, row, known)
        if not clears:
            unknown = row.problem == BUYER_UNKNOWN and row.near_id is None
            why = ReceivableNotFit(bar=BUYER_UNKNOWN) if unknown else ReceivableKnown()
            return await self._do.refuse(step, row, why)
        row.problem = ""
        await self._to_buyer(step, row)
        await step.tell("receivable_judged", actor="manager", **said_of(row))
        return await self._do.standing(step, row)

    async def _prove(self, step: Step, row: Receivable) -> None:
        """Order, delivery and how this buyer has paid before, each of which a person looked at and took; the e-invoice
        itself was verified (D6)."""
        must_stand(row, ReceivableState.ASKED, step="prove")
        found = await receivables.proofs_of(step.session, row)
        lacking = next((kind for kind in PROOFS if kind not in found or found[kind].state != "accepted"), None)
        if lacking is not None:
            raise NotSupported(proof=lacking)
        row.support, row.problem = Support.PROVEN.value, ""
        row.proofs = {kind: str(found[kind].id) for kind in PROOFS}
        await self._do.go(step, row, ReceivableState.SUPPORTED, step.now + USED_WITHIN)
        await step.tell("receivable_proven", actor="owner", **said_of(row))

    async def _note(self, step: Step, row: Receivable, word: ReceivableWord) -> None:
        """What became of it since: what it counts for falls by itself, and nobody decides that (D3)."""
        before = await self._do.shortfall(step, row)
        match word.fact:
            case "disputed" | "undisputed":
                row.disputed = word.fact == "disputed"
            case "barred" | "unbarred":
                row.buyer_barred = word.fact == "barred"
            case "credited":
                row.credited_minor = min(row.amount_minor, row.credited_minor + word.amount_minor)
            case "paid":
                heard = min(row.amount_minor - row.paid_minor, word.amount_minor)
                row.paid_minor += heard
                row.told_minor += heard  # until the money is found
            case "uncredited":  # the desk took a mistyped credit note back
                row.credited_minor -= min(row.credited_minor, word.amount_minor)
            case "unpaid":  # or a payment that was only told; what money brought stays
                heard = min(row.told_minor, word.amount_minor)
                row.paid_minor -= heard
                row.told_minor -= heard
            case "received" | "repaid":
                pass  # counted with its money, in the transaction that placed it
            case other:
                raise LookupError(other)
        await self._do.go(step, row, ReceivableState(row.state), row.due_at)
        said = {"fact": word.fact, "fact_minor": word.amount_minor}
        await step.tell("receivable_noted", actor="officer", **said, **said_of(row))
        await self._do.tell_shortfall(step, row, before)
        # An invoice may secure a loan of its own instead of a line: what it still carries there is looked at now.
        await collateral.tell(
            step.session, await collateral.registered_of(step.session, row.id), "revalue", cause=step.cause
        )

    def _licence_index(self, paper: Paper) -> bytes:
        return self._do.vault.blind_index(people.LICENCE, paper.buyer_licence)

    async def _to_buyer(self, step: Step, row: Receivable) -> None:
        await self._do.go(step, row, ReceivableState.ASKED, step.now + DAY)
        confirm_on = (self._do.today(step) + self._confirm_within).isoformat()
        await step.notify("receivable_asked", confirm_on=confirm_on, receivable_id=str(row.id))

    @property
    def _confirm_within(self) -> timedelta:
        return timedelta(days=self._do.rules.confirm_days)

    @activity.defn
    async def end_receivable(self, case: ReceivableCase) -> ReceivableStanding:
        """Its invoice is free for whoever lends on it next."""
        row, _ = await self._do.read(case.receivable_id)
        async with self._do.step(row, case.cause, "receivable_lapsed") as step:
            row = await self._do.locked(step, case.receivable_id)
            if step.done:
                return await self._do.standing(step, row)
            if await collateral.is_linked(step.session, row.id):  # it secures a loan: it stays as long as that does
                row.due_at = step.now + STAYS
                await step.session.flush()
                return await self._do.standing(step, row)
            return await self._do.lapse(step, row)


def _unfit(row: Receivable, check: InvoiceCheck, *, taken: bool, refused: bool) -> Refusal | None:
    if check.differs:
        return InvoiceDiffers(invoice_field=check.differs[0])
    if check.state != "valid":
        return InvoiceNotVerified(state=check.state)
    if taken:
        return ReceivableKnown()
    if row.buyer_standing not in receivables.STANDS:
        return ReceivableNotFit(bar=Bar.BUYER_STRUCK.value)
    if refused:
        return ReceivableNotFit(bar=BUYER_UNKNOWN)
    if row.own_buyer:
        return ReceivableNotFit(bar=Bar.OWN_BUYER.value)
    return None


def _waits_for(stated: Sequence[Stated]) -> str:
    """What is still missing on the buyer's side, for its seller to ask for."""
    binding = [one for one in stated if Means(one.means) in BINDS]
    if not stated:
        return "no_answer"
    if len({one.signer for one in binding}) < 2:
        return "second_person" if binding else "code_alone"
    return "answers_differ"
