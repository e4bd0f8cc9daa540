"""A loan's plan: the rhythm of its debits, breathing space, a window put off. The cost stands there before the yes."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.owner import planning
from api.owner.living_plan import Wanted
from api.policy import FIRM_LOANS, OWNER_SIGNS
from api.problems import BadFields, FieldError, Problem
from api.routes import Router
from api.views.plan import PlanView
from lending.cycles import MONTH_DAYS
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.parts import Form
from web.views.plans import PlanPage

router = Router(include_in_schema=False)

LENGTHS = (7, 14, 21, 31)
MONTHLY = (0, 1, 5, 10, 15, 20, 21, 25, MONTH_DAYS)
NAMES = ("kind", "first_on", "days", "factor", "cycle", "cycle_day", "share", "weights", "hour")
DONE = ("breathing", "rhythm", "next_window", "lower_share", "weights", "due_day", "rest", "reminder_hour")
DONE += ("shorter_term", "lower_instalments")
MONTHS = 12


@router.get("/loans/{loan_id:uuid}/plan", policy=FIRM_LOANS)
async def plan(request: Request, call: Call, loan_id: UUID) -> Response:
    """How it is repaid; with ``kind`` in the address, what that change would cost."""
    values = {name: request.query_params[name] for name in NAMES if name in request.query_params}
    if values.get("kind") == "weights":
        # Twelve choices of the page are one word of the interface.
        values["weights"] = ",".join(request.query_params.get(f"m{n}", "") for n in range(1, MONTHS + 1))
    page = _page(await planning.plan(call, loan_id), values)
    if "kind" in values:
        page = await _tried(call, loan_id, page, values)
    done = request.query_params.get("done", "")
    if done in DONE:
        page = replace(page, done=done)
    return show(request, "owner/plan.html", page, await shell_of(request, call, "owner", tab="loans"))


@router.post("/loans/{loan_id:uuid}/plan", policy=OWNER_SIGNS)
async def change(request: Request, call: Call, loan_id: UUID) -> Response:
    """Agree to what was shown."""
    form = await sent(request)
    values = {name: form[name] for name in NAMES if name in form}
    try:
        await planning.change(call, loan_id, _wanted(values), form.get("sha256", ""), form.get("key", ""))
    except (Refusal, Problem) as no:
        page = _page(await planning.plan(call, loan_id), values)
        page = replace(await _tried(call, loan_id, page, values), ask=again(_here(loan_id), values, no, call))
        return show(request, "owner/plan.html", page, await shell_of(request, call, "owner", tab="loans"), status=409)
    return go(f"/loans/{loan_id}/plan?done={values.get('kind', '')}")


def _here(loan_id: UUID) -> str:
    return f"/loans/{loan_id}/plan"


def _page(seen: PlanView, values: dict[str, str]) -> PlanPage:
    may = seen.choices
    starts: tuple[date, ...] = ()
    if may.breathing_from is not None and may.breathing_to is not None:
        days = (may.breathing_to - may.breathing_from).days
        starts = tuple(may.breathing_from + timedelta(days=n) for n in range(days + 1))
    lengths = tuple(n for n in LENGTHS if n <= may.longest_days) or ((may.longest_days,) if may.longest_days else ())
    first = {
        "first_on": starts[0].isoformat() if starts else "",
        "days": str(lengths[-1]) if lengths else "",
        "factor": str(may.factors[0]) if may.factors else "",
        "cycle": seen.cycle,
        "cycle_day": str(seen.cycle_day),
    }
    return PlanPage(
        seen=seen,
        ask=Form(_here(seen.loan_id), values={**first, **values}),
        starts=starts,
        lengths=lengths,
        week_days=tuple(range(1, 8)),
        month_days=MONTHLY,
        weights=seen.weights,
        hours=tuple(range(may.reminder_from, may.reminder_to + 1)),
    )


async def _tried(call: Caller, loan_id: UUID, page: PlanPage, values: dict[str, str]) -> PlanPage:
    """With the cost of what was asked for, or why it cannot be."""
    try:
        preview = await planning.preview(call, loan_id, _wanted(values))
    except (Refusal, BadFields) as no:
        return replace(page, ask=again(_here(loan_id), dict(page.ask.values), no, call))
    return replace(page, preview=preview, confirm=shown(_here(loan_id), {**values, "sha256": preview.sha256}))


def _wanted(values: dict[str, str]) -> Wanted:
    """What the address or the form asks for; :class:`BadFields` for what is no date or number."""
    name = "first_on"
    try:
        first = date.fromisoformat(values["first_on"]) if values.get("first_on") else None
        name = "days"
        days = int(values.get("days") or 0)
        name = "factor"
        factor = Decimal(values.get("factor") or 0)
        name = "share"
        share = Decimal(values.get("share") or 0)
        name = "cycle_day"
        cycle, chosen = _rhythm(values)
        name = "hour"
        hour = int(values.get("hour") or 0)
    except (ValueError, InvalidOperation):
        raise BadFields(fields=(FieldError(name, "not_one_of_these"),)) from None
    return Wanted(values.get("kind", ""), first, days, factor, cycle, chosen, share, values.get("weights", ""), hour)


def _rhythm(values: dict[str, str]) -> tuple[str, int]:
    """The page's one choice names both: "week-5" is every Friday; the interface's two fields stay apart."""
    cycle, _, day = values.get("cycle", "").partition("-")
    return cycle, int(day or values.get("cycle_day") or 0)
