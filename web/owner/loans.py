"""Loans: what is left, what was taken and why, when it will be over."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api import views
from api.caller import Call
from api.owner import debits, drawing, loan_papers, paying, person, planning, repaying, shopping, surveying
from api.owner.if_sales import if_sales
from api.policy import FIRM_LOANS, FIRM_PRINTS
from api.problems import BadFields, FieldError, NotFound
from api.routes import Router
from web.asking import again, minor, sent, shown
from web.owner import dress
from web.showing import go, shell_of, show
from web.views.figures import Path
from web.views.incoming import DebitsPage, PayPage
from web.views.owner import LoanCard, LoanEntry, LoanPage, LoansPage, Range, Week
from web.views.owner.owning import IfSalesPart
from web.views.parts import Action, Form
from web.wording import Say

router = Router(include_in_schema=False)

# Entries shown before "see all", and points of the drawn path.
ENTRIES, POINTS = 10, 25
# The close writes once a business day; where a day passes in a second the page looks each second.
POLL_LIVE, POLL_FAST = 30, 1
SALES = Range(30, 150, 5)
# What may be printed any day, beside the receipt of each movement.
ANY_DAY = ("interest_list", "interest_invoice", "balance_statement")
TO_OWNER = frozenset({"disbursed", "overpayment_returned"})
# What moves between our own accounts before the money has arrived is no line of the owner's.
OURS = frozenset({"payout_sent", "payout_returned"})


@router.get("/loans", policy=FIRM_LOANS)
async def loans(request: Request, call: Call) -> Response:
    """All of one's loans."""
    cards: list[LoanCard] = []
    for one in await repaying.loans(call):
        seen = await repaying.loan(call, one.id) if one.state in ("live", "closed") else None
        cards.append(
            LoanCard(
                loan_id=str(one.id),
                number=f"A-{seen.number}" if seen else "",
                state=one.state,
                principal_minor=one.principal_minor,
                owed_minor=seen.owed_today_minor if seen else 0,
                href=f"/loans/{one.id}" if seen else "/progress",
                closed_on=one.closed_on,
            )
        )
    shell = await shell_of(request, call, "owner", tab="loans")
    if call.principal.seat is not None:  # from a seat there is nothing to draw, to ask for or to rise to
        return show(request, "owner/loans.html", LoansPage(tuple(cards)), shell)
    line = await drawing.living_line(call)
    level = (await person.trust(call)).level if cards else 0
    borrowed = any(card.state in ("live", "closed") for card in cards)
    page = LoansPage(tuple(cards), level, line, may_ask=line is None and borrowed)
    return show(request, "owner/loans.html", page, shell)


@router.get("/loans/{loan_id:uuid}", policy=FIRM_LOANS)
async def loan(request: Request, call: Call, loan_id: UUID) -> Response:
    """One loan, today."""
    seen = await repaying.loan(call, loan_id)
    shell = await shell_of(request, call, "owner", tab="loans")
    if seen.state == "live":
        every = POLL_FAST if shell.speed > 1 else POLL_LIVE
        shell = replace(shell, poll=every, refresh=every + 1)
    simulated = call.tools.simulated
    everything = request.query_params.get("all") == "1"
    renewable = call.principal.seat is None and seen.product_id == shopping.product_of(call, None).id
    page = loan_page(seen, simulated=simulated, everything=everything, renewable=renewable)
    if not call.may("firm.print"):
        unprinted = tuple(replace(entry, receipt=None) for entry in page.entries)
        page = replace(page, papers=(), entries=unprinted)
    if page.path and not page.by_dates:
        page = replace(page, if_sales=await _if_sales(call, loan_id, request.query_params.get("sales")))
    if not call.may("own.apply"):
        page = replace(page, brings_sales=False)
    if seen.state == "closed" and call.may("own.sign"):
        page = replace(page, survey=(await surveying.survey(call, loan_id)).asks)
    return show(request, "owner/loan.html", page, shell)


async def _if_sales(call: Call, loan_id: UUID, typed: str | None) -> IfSalesPart:
    """A third less is what a bad season takes; the slider goes from three tenths to half as much again."""
    form = Form(f"/loans/{loan_id}", values={"sales": typed or "70"})
    low, high = int(SALES.low), int(SALES.high)
    percent = int(typed or "70") if (typed or "70").isdecimal() and len(typed or "70") <= 3 else 0
    if not low <= percent <= high:
        errors = {"sales": Say("web.loan.if.bounds", {"low": low, "high": high})}
        return IfSalesPart(replace(form, errors=errors), SALES, None)
    return IfSalesPart(form, SALES, await if_sales(call, loan_id, percent))


def loan_page(seen: views.LoanView, *, everything: bool, simulated: bool = False, renewable: bool = False) -> LoanPage:
    """What the page shows of a loan; ``renewable``: a new one of its product may pay it off."""
    renews = renewable and seen.state == "live" and seen.status == "as_agreed"
    entries = tuple(_entry(one, seen.id) for one in seen.movements if one.kind not in OURS)
    more = None if everything or len(entries) <= ENTRIES else Action(Say("web.loan.all_entries"), "?all=1")
    return LoanPage(
        loan_id=str(seen.id),
        number=f"A-{seen.number}",
        state=seen.state,
        status=seen.status,
        principal_minor=seen.principal_minor,
        paid_minor=seen.paid_minor,
        principal_paid_minor=seen.principal_paid_minor,
        owed_minor=seen.owed_today_minor,
        interest_today_minor=seen.interest_owed_minor,
        past_due_minor=seen.past_due_minor,
        annual_rate=seen.annual_rate,
        share=seen.share,
        matures_on=seen.matures_on or seen.as_of,
        as_of=seen.as_of,
        closed_to=seen.closed_to,
        path=path_of(seen),
        week=_week(seen.week),
        entries=entries if everything else entries[:ENTRIES],
        more=more,
        closed_on=seen.closed_on,
        interest_total_minor=seen.interest_paid_minor,
        health=dress.health(seen.health, simulated=simulated),
        waits_for_money=seen.repayment == "revenue_share"
        and (seen.week is None or not seen.movements or seen.paid_minor == 0),
        pack=f"/pack/{seen.application_id}",
        renew=f"/apply/identity?renews={seen.id}" if renews else "",
        papers=tuple(shown(f"/loans/{seen.id}/papers", {"kind": kind}) for kind in ANY_DAY),
        instalments=seen.instalments,
        by_dates=seen.repayment != "revenue_share",
        brings_sales=seen.repayment == "revenue_share" and seen.state == "live",
    )


@router.get("/loans/{loan_id:uuid}/pay", policy=FIRM_LOANS)
async def pay(request: Request, call: Call, loan_id: UUID) -> Response:
    """How to pay by oneself."""
    typed = request.query_params.get("amount")
    page = PayPage(
        await paying.ways(call, loan_id),
        await paying.payoff(call, loan_id),
        Form(f"/loans/{loan_id}/pay", values={"amount": typed or ""}),
    )
    if typed is not None:
        try:
            amount = minor(typed)
            if amount is None:
                raise BadFields(fields=(FieldError("amount", "not_a_number"),))
            page = replace(page, part=await planning.prepayment(call, loan_id, amount))
        except BadFields as no:
            page = replace(page, ask=again(page.ask.action, page.ask.values, no, call))
    return show(request, "owner/pay.html", page, await shell_of(request, call, "owner", tab="loans"))


@router.get("/loans/{loan_id:uuid}/debits", policy=FIRM_LOANS)
async def debited(request: Request, call: Call, loan_id: UUID) -> Response:
    """The mandate and everything that was done by it."""
    page = DebitsPage(await debits.debits(call, loan_id))
    return show(request, "owner/debits.html", page, await shell_of(request, call, "owner", tab="loans"))


@router.post("/loans/{loan_id:uuid}/papers", policy=FIRM_PRINTS)
async def ask_paper(request: Request, call: Call, loan_id: UUID) -> Response:
    """Have a paper printed; it opens at once when it is ready, and is filed with the others."""
    form = await sent(request)
    entry = form.get("entry", "")
    try:
        wanted = loan_papers.Wanted(form.get("kind", ""), UUID(entry) if entry else None)
    except ValueError:
        raise NotFound from None
    receipt = await loan_papers.ask(call, loan_id, wanted, form.get("key", ""))
    return go(f"/papers/{receipt.object_id}" if receipt.stage == "ready" else "/papers")


def _entry(one: views.Movement, loan_id: UUID) -> LoanEntry:
    basis = None
    if one.revenue_on is not None and one.net_revenue_minor is not None and one.share is not None:
        figures = {"on": one.revenue_on, "net_minor": one.net_revenue_minor, "share": one.share}
        before = one.revenue_on == one.on - timedelta(days=1)
        basis = Say("web.loan.basis_day_before" if before else "web.loan.basis", figures)
    repaid = one.kind == "repayment"
    return LoanEntry(
        on=one.on,
        text=Say(f"web.loan.entry.{one.kind}"),
        amount_minor=one.amount_minor if one.kind in TO_OWNER else -one.amount_minor,
        basis=basis,
        reference=one.rail_reference,
        interest_minor=one.interest_minor if repaid else 0,
        principal_minor=one.principal_minor if repaid else 0,
        receipt=shown(f"/loans/{loan_id}/papers", {"kind": "receipt", "entry": str(one.entry_id)})
        if one.kind in loan_papers.MOVES
        else None,
    )


def _week(week: views.WeekLine | None) -> Week | None:
    if week is None or week.net_revenue_minor == 0 == week.taken_minor:
        return None
    return Week(week.first_on, week.last_on, week.net_revenue_minor, week.share, week.taken_minor)


def path_of(seen: views.LoanView) -> Path | None:
    """The drawn path: principal at even steps until today, then the days on which it may end."""
    ahead = seen.forecast
    if seen.state != "live" or seen.live_on is None or ahead is None or ahead.middle_on is None:
        return None
    days = (seen.as_of - seen.live_on).days
    if days < 1 or len(seen.path) < 2:
        return None
    steps = min(POINTS, days)
    marks = [date.fromordinal(seen.live_on.toordinal() + days * n // steps) for n in range(steps + 1)]
    return Path(
        start=seen.live_on,
        today=seen.as_of,
        actual_minor=tuple(_owed_at(seen, mark) for mark in marks),
        early_on=ahead.early_on or ahead.middle_on,
        middle_on=ahead.middle_on,
        late_on=ahead.late_on or ahead.middle_on,
    )


def _owed_at(seen: views.LoanView, on: date) -> int:
    owed = seen.principal_minor
    for point in seen.path:
        if point.on > on:
            break
        owed = point.principal_minor
    return owed
