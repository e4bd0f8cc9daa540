"""Claiming subsidies of the bodies that pay them: a file a scheme and month, booked when made and when paid (P6).

The body is a party of the ledger: what is claimed is receivable of it and held for the borrowers, until it pays.
"""

import csv
import hashlib
import io
import re
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.idempotency import Json, perform, plain
from api.problems import BadFields, FieldError, NotFound
from api.routes import PaperFile
from api.views import SubsidyClaimView
from db import audits, clocks, ledger, subsidies
from db.tables import SubsidyClaim, SubsidyClaimLine
from infra import i18n
from lending.calendars import Jurisdiction, add_months, business_date
from lending.identifiers import derived_id
from lending.money import Money
from lending.movements import Movement, move
from lending.refusals import ContentDiffers
from lending.subsidies import claimable

PERIOD = re.compile(r"20\d\d-(0[1-9]|1[0-2])", re.ASCII)
COLUMNS = ("contract", "live_on", "principal", "annual_rate", "points", "interest", "claimed", "claimed_so_far")


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed: a scheme of the catalogue, a month that is over (``2027-03``)."""

    scheme: str
    period: str


@dataclass(frozen=True, slots=True)
class Paid:
    """What the body paid, on which day, under which reference of the bank."""

    amount_minor: int
    on: date
    reference: str


async def claims(caller: Caller) -> tuple[SubsidyClaimView, ...]:
    """All claims, the newest month first."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        return tuple(_view(caller, row) for row in await subsidies.claims(session))


async def make(caller: Caller, said: Claim, key: str) -> SubsidyClaimView:
    """Claim a month of a scheme, once: whoever asks again gets the same claim. Each loan adds what its scheme pays of
    all the interest paid so far, less what was claimed before; so a month that was left out is caught up with."""
    tools = caller.tools
    if said.scheme not in {one.name for one in tools.policies.subsidies}:
        raise BadFields(fields=(FieldError("scheme", "not_one_of_these"),))
    if not PERIOD.fullmatch(said.period):
        raise BadFields(fields=(FieldError("period", "wrong_form"),))
    first = date.fromisoformat(f"{said.period}-01")
    last = add_months(first, 1) - timedelta(days=1)
    claim_id = derived_id("subsidy-claim", f"{said.scheme}/{said.period}")

    async def act(session: AsyncSession) -> Json:
        await subsidies.lock(session, said.scheme)
        if await subsidies.claim(session, claim_id) is not None:
            return {}
        now = await clocks.now(session, tools.settings.clock_id)
        if last >= business_date(now, Jurisdiction(tools.settings.jurisdiction)):
            raise BadFields(fields=(FieldError("period", "too_large"),))
        found = [
            (one, due)
            for one in await subsidies.of_scheme(session, said.scheme, first, last)
            if (due := claimable(one.granted, one.annual_rate, one.paid_minor, one.claimed_minor))
        ]
        total, currency = sum(due for _, due in found), _currency({one.currency for one, _ in found})
        row = SubsidyClaim(
            id=claim_id,
            scheme=said.scheme,
            period=said.period,
            currency=currency,
            loans=len(found),
            total_minor=total,
            state="made",
            made_by=caller.principal.actor,
            made_at=now,
        )
        lines = [
            SubsidyClaimLine(
                claim_id=claim_id,
                loan_id=one.loan_id,
                interest_minor=one.in_period_minor,
                claimed_before_minor=one.claimed_minor,
                claimed_minor=due,
            )
            for one, due in found
        ]
        await subsidies.add_claim(session, row, lines)
        if total:
            entry = move(
                Movement.SUBSIDY_CLAIMED,
                total,
                loan_id=None,
                cause=str(claim_id),
                booked_at=now,
                effective_on=last,
                source=f"subsidy:{said.scheme}/{said.period}",
            )
            await ledger.post(session, entry, currency=currency)
        await _on_record(session, caller, "subsidy.claim", claim_id, total_minor=str(total), loans=str(len(found)))
        return {}

    await perform(caller, "desk.claim_subsidy", key, plain(said), act, scope="staff", object_id=str(claim_id))
    return await claim(caller, claim_id)


async def claim(caller: Caller, claim_id: UUID) -> SubsidyClaimView:
    """One claim."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        return _view(caller, await _one(session, claim_id))


async def file(caller: Caller, claim_id: UUID) -> PaperFile:
    """The claim as a table for the body: a line a loan, the sums last, headed in the reader's language. It names no
    person: the body has the contracts' numbers from the lender's own filing."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        row = await _one(session, claim_id)
        found = await subsidies.lines(session, claim_id)
        await _on_record(session, caller, "subsidy.file", claim_id)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([i18n.text(f"api.subsidy_file.{name}", caller.locale) for name in COLUMNS])
    for one in found:
        writer.writerow(
            [
                one.contract,
                one.live_on.isoformat(),
                _figure(one.principal_minor),
                f"{one.annual_rate.normalize():f}",
                f"{one.points.normalize():f}",
                _figure(one.interest_minor),
                _figure(one.claimed_minor),
                _figure(one.claimed_before_minor + one.claimed_minor),
            ]
        )
    interest = _figure(sum(one.interest_minor for one in found))
    so_far = _figure(sum(one.claimed_before_minor + one.claimed_minor for one in found))
    total = i18n.text("api.subsidy_file.total", caller.locale)
    writer.writerow([total, "", "", "", "", interest, _figure(row.total_minor), so_far])
    # With a mark at its head, since the spreadsheets of offices read Chinese without one as something else.
    data = out.getvalue().encode("utf-8-sig")
    name = f"{i18n.text(f'lending.subsidy.{row.scheme}', caller.locale)} {row.period}.csv"
    return PaperFile(data, name, "text/csv; charset=utf-8", hashlib.sha256(data).hexdigest())


async def paid(caller: Caller, claim_id: UUID, said: Paid, key: str) -> SubsidyClaimView:
    """The body paid a claim in full: booked once. Another amount, day or reference for a paid one is refused loudly."""
    form = fields.Form()
    reference = form.take("reference", lambda text: fields.line(text, longest=64), said.reference, "")
    form.done()

    async def act(session: AsyncSession) -> Json:
        row = await subsidies.claim(session, claim_id, locked=True)
        if row is None:
            raise NotFound
        if said.amount_minor != row.total_minor or not row.total_minor:
            raise BadFields(fields=(FieldError("amount", "not_the_claim"),))
        if row.state == "paid":
            if (row.paid_on, row.reference) != (said.on, reference):
                raise ContentDiffers
            return {}
        now = await clocks.now(session, caller.tools.settings.clock_id)
        if said.on > business_date(now, Jurisdiction(caller.tools.settings.jurisdiction)):
            raise BadFields(fields=(FieldError("on", "too_large"),))
        entry = move(
            Movement.SUBSIDY_RECEIVED,
            row.total_minor,
            loan_id=None,
            cause=str(claim_id),
            booked_at=now,
            effective_on=said.on,
            source=f"subsidy:{row.scheme}/{row.period}",
        )
        await ledger.post(session, entry, currency=row.currency)
        row.state, row.paid_on, row.reference = "paid", said.on, reference
        await _on_record(session, caller, "subsidy.paid", claim_id, total_minor=str(row.total_minor))
        return {}

    body = {"claim_id": claim_id, **plain(said)}
    await perform(caller, "desk.subsidy_paid", key, body, act, scope="staff", object_id=str(claim_id))
    return await claim(caller, claim_id)


def _figure(amount_minor: int) -> str:
    """An amount as a table takes it: 1234.50."""
    return str(Money(amount_minor)).replace(",", "")


def _currency(found: set[str]) -> str:
    """The catalogue's own; a scheme pays in one currency."""
    if len(found) > 1:
        raise LookupError("a scheme pays in one currency")
    return next(iter(found), "CNY")


async def _one(session: AsyncSession, claim_id: UUID) -> SubsidyClaim:
    row = await subsidies.claim(session, claim_id)
    if row is None:
        raise NotFound
    return row


def _view(caller: Caller, row: SubsidyClaim) -> SubsidyClaimView:
    return SubsidyClaimView(
        id=row.id,
        scheme=row.scheme,
        scheme_name=i18n.text(f"lending.subsidy.{row.scheme}", caller.locale),
        period=row.period,
        currency=row.currency,
        loans=row.loans,
        total_minor=row.total_minor,
        state=row.state,
        made_at=row.made_at,
        paid_on=row.paid_on,
        reference=row.reference,
    )


async def _on_record(session: AsyncSession, caller: Caller, action: str, claim_id: UUID, **detail: str) -> None:
    await audits.append(
        session,
        actor=caller.principal.actor,
        action=action,
        object_kind="subsidy_claim",
        object_id=str(claim_id),
        detail=detail,
        request_id=caller.request_id,
    )
