"""What an owner wants at the end of a loan, and an extension that they agree to by what was shown (P27)."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import rfc8785
from sqlalchemy.ext.asyncio import AsyncSession

from api.caller import Caller
from api.idempotency import Json, perform, plain
from api.loan_record import on_record
from api.problems import NotFound
from api.views.ending import EndView
from db import clocks, endings
from db.endings import Ending
from db.tables import Loan
from lending import maturity
from lending.calendars import BusinessCalendar, Jurisdiction, business_date, midnight_after
from lending.maturity import Label, Verdict, Wish
from lending.minimum_path import ends_from, ends_text, window_ends
from lending.refusals import PlanMoved
from lending.refusals_at_desk import EndAnswered, EndNotOffered

# A wish that comes late is answered within so long, and before the end.
LATE_WISH = timedelta(days=5)
MONTHS_A_TERM = 12


@dataclass(frozen=True, slots=True)
class Said:
    """What is wanted: renew, extend, pay_off."""

    wish: str


async def end(caller: Caller, loan_id: UUID) -> EndView:
    """The radar of one's loan; it exists from sixty days before the end on."""
    person = caller.person_id
    async with caller.tools.sessions.begin(person=person) as session:
        return await _view(session, caller, await _one(session, loan_id, person))


async def wish(caller: Caller, loan_id: UUID, said: Said, key: str) -> EndView:
    """Say what is wanted; another word counts until it was answered."""
    person, wanted = caller.person_id, Wish(said.wish)

    async def act(session: AsyncSession) -> Json:
        found = await _one(session, loan_id, person, lock=True)
        row, now = found.row, await clocks.now(session, caller.tools.settings.clock_id)
        if row.verdict is not None or found.loan.state != "live":
            raise EndAnswered
        if row.wished_at is None:
            row.wished_at = now
            jurisdiction = Jurisdiction(found.loan.jurisdiction)
            last = midnight_after(row.matures_on - timedelta(days=1), jurisdiction)
            row.answer_due_at = min(max(row.answer_due_at, now + LATE_WISH), max(last, now))
        row.wish = wanted.value
        await on_record(session, caller, "loan_end.wish", loan_id, wish=wanted.value)
        return {}

    body = {"loan_id": loan_id, **plain(said)}
    await perform(caller, "loan.end_wish", key, body, act, person=person, object_id=str(loan_id))
    return await end(caller, loan_id)


async def agree(caller: Caller, loan_id: UUID, shown_hash: str, key: str) -> EndView:
    """Take the extension that was offered, by the hash of what was shown: the same contract, a later end (展期)."""
    person = caller.person_id

    async def act(session: AsyncSession) -> Json:
        found = await _one(session, loan_id, person, lock=True)
        row, loan = found.row, found.loan
        if row.agreed_at is not None:
            raise EndAnswered
        shown = await _view(session, caller, found)
        if row.verdict != Verdict.EXTEND.value or row.months is None or shown.until_on is None or loan.state != "live":
            raise EndNotOffered
        if shown.shown_hash != shown_hash:
            raise PlanMoved
        row.agreed_at = await clocks.now(session, caller.tools.settings.clock_id)
        row.shown_hash, row.extended_from = shown_hash, loan.matures_on
        # The signed terms stay as they are; the path that the closes walk is longer by whole windows.
        loan.windows += row.months // loan.window_months
        if loan.window_ends is not None and loan.live_on is not None:
            ends = window_ends(loan.live_on, loan.window_months, loan.windows, _calendar(caller, loan))
            kept = ends_from(loan.window_ends)
            loan.window_ends = ends_text((*kept, *ends[len(kept) :]))
        loan.matures_on = shown.until_on
        await on_record(session, caller, "loan_end.extend", loan_id, months=str(row.months), sha256=shown_hash)
        return {}

    body = {"loan_id": loan_id, "shown_hash": shown_hash}
    await perform(caller, "loan.end_extend", key, body, act, person=person, object_id=str(loan_id))
    return await end(caller, loan_id)


# --- parts ------------------------------------------------------------------------------------------------------------
async def _one(session: AsyncSession, loan_id: UUID, person: UUID, *, lock: bool = False) -> Ending:
    found = await endings.ending(session, loan_id, person, lock=lock)
    if found is None:
        raise NotFound
    return found


def _calendar(caller: Caller, loan: Loan) -> BusinessCalendar:
    return caller.tools.policies.calendars[loan.jurisdiction]


def _until(caller: Caller, found: Ending, before: date, months: int) -> date:
    """The later end: of whole windows, the last of which ends on a working day where it was signed so (P9)."""
    loan = found.loan
    if loan.window_ends is None or loan.live_on is None:
        return maturity.extended(before, months)
    more = 0 if found.row.agreed_at is not None else months // loan.window_months
    return window_ends(loan.live_on, loan.window_months, loan.windows + more, _calendar(caller, loan))[-1]


async def _view(session: AsyncSession, caller: Caller, found: Ending) -> EndView:
    row, loan, balance = found.row, found.loan, found.balance
    now = await clocks.now(session, caller.tools.settings.clock_id)
    today = business_date(now, Jurisdiction(loan.jurisdiction))
    standing = await endings.standing(session, loan, balance, today)
    until = cost = None
    if row.verdict == Verdict.EXTEND.value and row.months is not None:
        before = row.extended_from or row.matures_on
        until = _until(caller, found, before, row.months)
        cost = maturity.most_interest(balance.principal_minor, loan.annual_rate, before, until)
    view = EndView(
        loan_id=loan.id,
        number=found.number,
        product_id=loan.product_id,
        currency=loan.currency,
        matures_on=loan.matures_on or row.matures_on,
        principal_minor=balance.principal_minor,
        annual_rate=loan.annual_rate,
        answer_due_at=row.answer_due_at,
        wish=row.wish,
        missing=maturity.missing(standing, today) if loan.state == "live" else (),
        extensions=extensions_of(found),
        verdict=row.verdict,
        reason=row.reason or None,
        answered_at=row.answered_at,
        promised_at=row.promised_at if row.verdict is None else None,
        months=row.months,
        until_on=until,
        most_interest_minor=cost,
        shown_hash=row.shown_hash,
        agreed_at=row.agreed_at,
        label=await label_of(session, found),
    )
    if until is None or row.agreed_at is not None:
        return view
    return replace(view, shown_hash=_hash(loan.id, row.matures_on, until, row.months, balance.principal_minor))


def extensions_of(found: Ending) -> tuple[int, ...]:
    """By how many months this loan could be extended, whole windows; none twice, and none where a path of dates is
    signed: such a plan ends by its own days."""
    if found.row.agreed_at is not None or found.loan.state != "live" or found.loan.path is not None:
        return ()
    term = found.loan.windows * found.loan.window_months
    return tuple(maturity.extensions(term, found.loan.window_months))


async def label_of(session: AsyncSession, found: Ending) -> str | None:
    """How the end of a loan is called, once there was one."""
    if found.row.agreed_at is not None:
        return Label.EXTENSION.value
    return await endings.label_of(session, found.loan.id)


def _hash(loan_id: UUID, before: date, until: date, months: int | None, principal_minor: int) -> str:
    shown: dict[str, Any] = {
        "loan_id": str(loan_id),
        "before": before.isoformat(),
        "until": until.isoformat(),
        "months": months,
        "principal_minor": principal_minor,
    }
    return hashlib.sha256(rfc8785.dumps(shown)).hexdigest()


def in_time(answered_at: datetime | None, promised: datetime) -> bool | None:
    """Whether it was said by when we promised first."""
    return None if answered_at is None else answered_at <= promised
