"""What a manager weighs besides the bills' months: who pays and is paid, and what the bureau said.

The bureau's answer and everything that the model found stay shut until the manager's own view is on record: a figure
that was seen first is hard to disagree with.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import case
from api.caller import Caller
from api.phrases import phrase
from api.views import BureauView, Counterparty, FindingRow, FindingView, OwnView, Reason
from api.views.staff import Corrected
from db import counterparties as counterparties_of
from db import desk, documents, reading, registers
from db.tables import Application, Task

MOST = 5
# Papers that nobody has looked at: a reason that ends while the case waits.
UNSEEN = "papers_to_look_at"
# Facts that the owner is asked to explain.
TO_EXPLAIN = frozenset(
    {"shown_by_another", "flows_to_explain", "invoices_to_explain", "bill_to_check", "details_shared"}
)
# Reasons that say a fact or a rule; all others are the model's opinion of the firm.
FACTS = frozenset(
    {"above_automatic_limit", "asked_by_owner", "bureau_silent", "no_model", "bills_differ", "little_is_known"}
    | {UNSEEN}
    | TO_EXPLAIN
)
MODEL_ASKS: dict[str, Any] = {"code": "model_asks", "params": {}}


def own_view(row: Task, caller: Caller) -> dict[str, Any] | None:
    """The view that opens the score of a case to its reader: while it is open, to whoever decides only their own, and
    that when they have said that it is right and opened the score."""
    view = said(row, caller)
    if view is None or row.state != "open" or not caller.may("task.decide"):
        return view
    return view if desk.has_looked(view) else None


def said(row: Task, caller: Caller) -> dict[str, Any] | None:
    """The view that its reader has said, whether they have opened the score since or not."""
    if row.state != "open" or not caller.may("task.decide"):
        return row.own_view
    return desk.view_of(row, caller.staff_id)


async def why(session: AsyncSession, row: Task, caller: Caller) -> tuple[Reason, ...]:
    """Why it was referred, as far as its reader may know yet."""
    found: Sequence[dict[str, Any]] = row.params.get("reasons", ())
    if row.state == "open" and own_view(row, caller) is None:
        known = [reason for reason in found if reason["code"] in FACTS]
        found = known if len(known) == len(found) else [*known, MODEL_ASKS]
    return case.reasons(await as_of_now(session, row.application_id, found), caller.locale, staff=True)


async def as_of_now(
    session: AsyncSession, application_id: UUID, reasons: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The reasons, of which papers that somebody has looked at since are none any more."""
    if not any(one["code"] == UNSEEN for one in reasons):
        return list(reasons)
    left = await documents.unlooked(session, application_id)
    said = [one if one["code"] != UNSEEN else {**one, "params": {"n": str(left)}} for one in reasons]
    return [one for one in said if one["code"] != UNSEEN or left]


async def counterparties(session: AsyncSession, application: Application) -> tuple[Counterparty, ...]:
    """The largest payers and the largest suppliers by what went through the bills; names are not kept, only shares."""
    if application.firm_id is None:
        return ()
    found: list[Counterparty] = []
    sides = await counterparties_of.largest_counterparties(
        session, application.firm_id, (reading.SALE, reading.PURCHASE), MOST
    )
    for side, kind in (("customer", reading.SALE), ("supplier", reading.PURCHASE)):
        total, largest = sides[kind]
        found += [Counterparty(side, n, one.lines, one.amount_minor, total) for n, one in enumerate(largest, start=1)]
    return tuple(found)


async def findings(session: AsyncSession, application: Application, locale: str) -> tuple[FindingView, ...]:
    """What looked wrong when the application was last decided, each with its rows. Facts: shown before the own view."""
    decided = await reading.decisions(session, application.id)
    kept = decided[0].findings if decided else None
    return tuple(_finding(one, application.currency, locale) for one in kept or ())


def _finding(kept: dict[str, Any], currency: str, locale: str) -> FindingView:
    rows = tuple(
        FindingRow(date.fromisoformat(row["on"]), row["amount_minor"], row["direction"]) for row in kept["rows"]
    )
    text = phrase(f"api.finding.{kept['rule']}", locale, kept["facts"])
    return FindingView(kept["rule"], Decimal(kept["score"]), text, rows, currency)


async def bureau(session: AsyncSession, caller: Caller, application: Application) -> BureauView | None:
    """The bureau's newest answer for this application; None if it never answered."""
    found, _ = await registers.entries(session, caller.tools.vault, application.id)
    row = found.get("bureau")
    if row is None:
        return None
    said = row.said
    return BureauView(
        reference=row.reference,
        received_at=row.received_at,
        outstanding_minor=int(said["outstanding_minor"]),
        monthly_instalments_minor=int(said["monthly_instalments_minor"]),
        current_overdue_minor=int(said["current_overdue_minor"]),
        overdue_months_24=int(said["overdue_months_24"]),
        enquiries_90d=int(said["enquiries_90d"]),
        dishonest=bool(said["dishonest"]),
        currency=application.currency,
    )


def corrections(said: dict[str, Any]) -> tuple[Corrected, ...]:
    """What was corrected in a view, or remarked on it after the look, oldest first; each beside what it became."""
    kept = said.get("corrected", ())
    found: list[Corrected] = []
    became = said["verdict"]
    for one in reversed(kept):
        given = one.get("given_at")
        found.append(
            Corrected(
                one["verdict"],
                one.get("amount_minor"),
                one["reason"],
                one["why"],
                datetime.fromisoformat(one["at"]),
                one["after_look"],
                datetime.fromisoformat(given) if given else None,
                one["verdict"] != became,
            )
        )
        became = became if one["after_look"] else one["verdict"]
    return tuple(reversed(found))


def seen_of(said: dict[str, Any] | None) -> OwnView | None:
    """A view as its reader sees it."""
    if said is None:
        return None
    given_at = datetime.fromisoformat(said["given_at"])
    return OwnView(said["verdict"], said.get("amount_minor"), said["reason"], given_at, corrections(said))
