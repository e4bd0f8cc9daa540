"""The ends of loans at the desk: who waits for an answer by when, the answer, and how each end is called (P27)."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import fields
from api.caller import Caller
from api.idempotency import Json, perform, plain
from api.owner.ending import extensions_of, in_time, label_of
from api.problems import NotFound
from api.views.ending import EndLine
from db import alarms, applications, audits, clocks, endings
from db.endings import Ending
from lending import maturity
from lending.calendars import Jurisdiction, business_date
from lending.identifiers import derived_id
from lending.maturity import Label, Verdict, Wish
from lending.refusals_at_desk import EndAnswered, EndNotOffered

MOST = 200
# Why not, in words that the catalogue has for the owner too.
REASONS = ("past_due", "sales_fell", "other_debts", "firm_changed", "security_fell")


@dataclass(frozen=True, slots=True)
class EndAnswer:
    """``extend`` by so many ``months``, or ``none`` for a reason. A renewal is answered by the new loan's decision."""

    verdict: str
    months: int | None = None
    reason: str = ""


async def ends(caller: Caller) -> tuple[EndLine, ...]:
    """Every loan whose owner was asked: those that wait for us first."""
    async with caller.tools.sessions.begin(scope="staff") as session:
        now = await clocks.now(session, caller.tools.settings.clock_id)
        today = business_date(now, Jurisdiction(caller.tools.settings.jurisdiction))
        found = await endings.endings(session, MOST)
        lines: list[EndLine] = []
        for one in found:
            row, label = one.row, await label_of(session, one)
            standing = await endings.standing(session, one.loan, one.balance, today)
            lines.append(
                EndLine(
                    loan_id=row.loan_id,
                    number=one.number,
                    product_id=one.loan.product_id,
                    currency=one.loan.currency,
                    principal_minor=one.balance.principal_minor,
                    matures_on=one.loan.matures_on or row.matures_on,
                    opened_at=row.opened_at,
                    wish=row.wish,
                    wished_at=row.wished_at,
                    answer_due_at=row.answer_due_at,
                    escalated_at=row.escalated_at,
                    promised_at=row.promised_at,
                    missing=maturity.missing(standing, today) if one.loan.state == "live" else (),
                    extensions=extensions_of(one),
                    verdict=row.verdict,
                    reason=row.reason or None,
                    answered_at=row.answered_at,
                    in_time=in_time(row.answered_at, row.answer_due_at),
                    agreed_at=row.agreed_at,
                    label=label,
                    kept_class=maturity.class_of(one.balance.days_past_due, Label(label) if label else None).value,
                )
            )
    return tuple(lines)


async def answer(caller: Caller, loan_id: UUID, said: EndAnswer, key: str) -> tuple[EndLine, ...]:
    """Tell the owner: an extension within what may be, or no with a reason."""
    form = fields.Form()
    if said.verdict not in (Verdict.EXTEND.value, Verdict.NONE.value):
        form.refuse("verdict", "not_one_of_these")
    if said.verdict == Verdict.NONE.value and said.reason not in REASONS:
        form.refuse("reason", "not_one_of_these")
    form.done()

    async def act(session: AsyncSession) -> Json:
        found = await endings.ending(session, loan_id, lock=True)
        if found is None:
            raise NotFound
        row, now = found.row, await clocks.now(session, caller.tools.settings.clock_id)
        if row.verdict is not None:
            raise EndAnswered
        _may(found, said)
        row.verdict, row.answered_by, row.answered_at = said.verdict, caller.principal.actor, now
        row.months = said.months if said.verdict == Verdict.EXTEND.value else None
        row.reason = said.reason if said.verdict == Verdict.NONE.value else ""
        await applications.notify_person(
            session,
            notice_id=derived_id("notice", f"{loan_id}/end_answered"),
            person_id=row.person_id,
            application_id=None,
            kind=f"end_{said.verdict}",
            params={"ends_on": row.matures_on.isoformat(), "months": row.months or 0},
            at=now,
        )
        for kind in ("loan_end_late", "loan_end_waits"):
            await alarms.close_of(session, kind, str(loan_id), by=caller.principal.actor, outcome=said.verdict, at=now)
        await audits.append(
            session,
            actor=caller.principal.actor,
            action="loan_end.answer",
            object_kind="loan",
            object_id=str(loan_id),
            detail={"verdict": said.verdict, "months": str(row.months or 0)},
            request_id=caller.request_id,
        )
        return {}

    body = {"loan_id": loan_id, **plain(said)}
    await perform(caller, "desk.answer_end", key, body, act, scope="staff", object_id=str(loan_id))
    return await ends(caller)


def _may(found: Ending, said: EndAnswer) -> None:
    """An extension was wished for, and is no longer than may be; nobody answers what nobody asked."""
    if found.row.wish not in (Wish.RENEW.value, Wish.EXTEND.value) or found.loan.state != "live":
        raise EndNotOffered
    if said.verdict == Verdict.EXTEND.value and said.months not in extensions_of(found):
        raise EndNotOffered
