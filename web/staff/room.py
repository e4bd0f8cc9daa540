"""The desk: the book and its proof, the closes, what is stuck, the clock."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from fastapi import Request
from fastapi.responses import Response

from api import views
from api.caller import Call, Caller
from api.policy import BOOK, CLOCK, CLOSES, STUCK
from api.problems import BadFields, FieldError, Problem
from api.routes import Router
from api.staff import desk
from web.asking import again, sent, shown
from web.charts import month_after
from web.showing import go, shell_of, show
from web.views import staff
from web.views.parts import Form, Shell
from web.wording import BEIJING, Say

router = Router(include_in_schema=False)

POLL_FAST, POLL_CALM = 2, 20
JUMPS = ("day", "week", "month", "quarter")
SPEEDS = (1, 3_600, 86_400, 604_800)
HERE = "/desk/clock"
# A jump lands in the morning of the day: its midnight has passed and the close before it has begun.
MORNING = time(9, 0, tzinfo=BEIJING)


async def _shell(request: Request, call: Caller, tab: str) -> Shell:
    shell = await shell_of(request, call, "staff", tab=tab)
    every = POLL_FAST if shell.speed > 1 else POLL_CALM
    return replace(shell, poll=every, refresh=every)


@router.get("/desk", policy=BOOK)
async def book(request: Request, call: Call) -> Response:
    """All loans, their sums, and the proof that the ledger holds."""
    seen = await desk.book(call, after=request.query_params.get("after"))
    proofs = await desk.trial_balance(call)
    sums = seen.sums[0] if seen.sums else None
    page = staff.BookPage(
        closed_to=seen.closed_to,
        live=sums.live if sums else 0,
        past_due=sums.past_due if sums else 0,
        lent_minor=sums.lent_minor if sums else 0,
        owed_minor=sums.owed_minor if sums else 0,
        paid_minor=sums.repaid_minor if sums else 0,
        rows=tuple(_row(one) for one in seen.loans),
        balances=tuple(
            staff.BalanceRow(line.account, max(0, line.balance_minor), max(0, -line.balance_minor))
            for line in proofs[0].accounts
        ),
        proofs=_proofs(proofs[0]),
        more=f"/desk?after={seen.next}" if seen.next else None,
    )
    return show(request, "staff/book.html", page, await _shell(request, call, "book"))


def _row(one: views.BookLine) -> staff.BookRow:
    return staff.BookRow(
        number=f"A-{one.number}",
        state=one.state,
        principal_minor=one.principal_minor,
        owed_minor=one.owed_minor,
        paid_minor=one.paid_minor,
        live_on=one.live_on,
        days_past_due=one.days_past_due,
        href=f"/desk/loans/{one.loan_id}",
    )


def _proofs(proof: views.TrialBalance) -> tuple[staff.Proof, ...]:
    whole = proof.postings_without_entry + proof.entries_without_postings
    zero = Say("web.proof.zero_sum.detail", {"entries": proof.entries, "difference_minor": proof.difference_minor})
    tie = Say("web.proof.balances.detail", {"loans": proof.loans, "mismatches": len(proof.mismatches)})
    return (
        staff.Proof("zero_sum", proof.difference_minor == 0, zero),
        staff.Proof("balances", not proof.mismatches, tie),
        staff.Proof("references", whole == 0, Say("web.proof.references.detail", {"orphans": whole})),
    )


@router.get("/desk/closes", policy=CLOSES)
async def closes(request: Request, call: Call) -> Response:
    """Business days and what their closes did."""
    rows = tuple(
        staff.CloseRow(
            on=one.on,
            state=one.state,
            loans=one.loans,
            of_loans=one.of_loans,
            accrued_minor=one.accrued_minor,
            instructed_minor=one.instructed_minor,
            received_minor=one.received_minor,
            difference_minor=one.difference_minor,
            shards=one.shards,
        )
        for one in await desk.closes(call)
    )
    return show(request, "staff/closes.html", staff.ClosesPage(rows), await _shell(request, call, "closes"))


@router.get("/desk/stuck", policy=STUCK)
async def stuck(request: Request, call: Call) -> Response:
    """What should have moved on and did not."""
    ui = call.tools.settings.temporal_ui_url
    commands = tuple(
        staff.StuckRow(
            kind="command",
            name=one.name,
            object_id=one.workflow_id,
            since=one.created_at,
            attempts=one.attempts,
            last=one.refusal or one.state,
            next_at=one.next_attempt_at,
            href=f"{ui.rstrip('/')}/namespaces/{call.tools.settings.temporal_namespace}/workflows/{one.workflow_id}"
            if ui
            else None,
        )
        for one in await desk.stuck(call)
    )
    inbound = tuple(
        staff.StuckRow("inbound", one.source, one.event_id, one.received_at, 1, one.problem)
        for one in await desk.inbound_problems(call)
    )
    page = staff.StuckPage(commands + inbound, call.tools.wall_now())
    return show(request, "staff/stuck.html", page, await _shell(request, call, "stuck"))


# --- the clock --------------------------------------------------------------------------------------------------------


@router.get("/desk/clock", policy=CLOCK)
async def clock_page(request: Request, call: Call) -> Response:
    """What time it is in the simulated world, and moving it."""
    return await _clock(request, call, shown(HERE))


async def _clock(request: Request, call: Caller, form: Form) -> Response:
    seen = await desk.clock(call)
    done = [one.on for one in await desk.closes(call) if one.state == "closed"]
    closed_to = max(done, default=None)
    page = staff.ClockPage(
        business_at=seen.now,
        speed=seen.speed,
        jumps=tuple(staff.Jump(Say(f"web.clock.jump.{name}"), _jump(name, seen.date), shown(HERE)) for name in JUMPS),
        speeds=SPEEDS,
        form=form,
        speed_form=shown(f"{HERE}/speed"),
        closed_to=closed_to,
        running_to=seen.until.astimezone(BEIJING).date() if seen.until else None,
    )
    shell = await _shell(request, call, "clock")
    return show(request, "staff/clock.html", page, shell, 422 if form.errors else 200)


@router.post("/desk/clock", policy=CLOCK)
async def jump(request: Request, call: Call) -> Response:
    """Jump to the morning of a day."""
    form = await sent(request)
    try:
        to = _morning(form.get("until", ""))
        await desk.move_clock(call, desk.MoveClock(to=to), form.get("key", ""))
    except BadFields as no:
        named = BadFields(fields=tuple(FieldError("until", one.code, one.params) for one in no.fields))
        return await _clock(request, call, again(HERE, form, named, call))
    return go(HERE)


def _jump(name: str, today: date) -> date:
    """The day that a button's words mean: a month from the 21st is the 21st."""
    match name:
        case "month":
            return month_after(today, 1)
        case "quarter":
            return month_after(today, 3)
        case _:
            return today + timedelta(days=7 if name == "week" else 1)


def _morning(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), MORNING)
    except ValueError:
        raise BadFields(fields=(FieldError("until", "not_a_date"),)) from None


@router.post("/desk/clock/speed", policy=CLOCK)
async def set_speed(request: Request, call: Call) -> Response:
    """Let time run faster or as it does."""
    form = await sent(request)
    text = form.get("speed", "")
    if text not in {str(speed) for speed in SPEEDS}:
        raise BadFields(fields=(FieldError("speed", "not_one_of_these"),))
    try:
        await desk.move_clock(call, desk.MoveClock(speed=int(text)), form.get("key", ""))
    except Problem as no:
        return await _clock(request, call, again(HERE, form, no, call))
    return go(HERE)
