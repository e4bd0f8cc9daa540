"""The file of one loan, as the desk reads it."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api import views
from api.caller import Call
from api.policy import BOOK
from api.routes import Router
from api.staff import loans
from web.owner.story import story_of
from web.showing import shell_of, show
from web.views import staff

router = Router(include_in_schema=False)
# Lines of each table before "see all"; a loan of a year has some four hundred.
LINES = 30
POLL = 20


@router.get("/desk/loans/{loan_id:uuid}", policy=BOOK)
async def loan(request: Request, call: Call, loan_id: UUID) -> Response:
    """What is owed, every posting, every debit, and the story."""
    seen = await loans.loan(call, loan_id)
    href = f"/manager/customers/{seen.loan.application_id}" if call.may("task.read") else ""
    page = file_of(seen, everything=request.query_params.get("all") == "1", customer_href=href)
    shell = await shell_of(request, call, "staff", tab="book", poll=POLL, refresh=POLL)
    return show(request, "staff/loan.html", page, shell)


def file_of(seen: views.LoanFile, *, everything: bool, customer_href: str = "") -> staff.LoanFilePage:
    """What the page shows of a loan's file."""
    one = seen.loan
    journal = tuple(
        staff.JournalRow(line.effective_on, line.kind, line.debit, line.credit, line.amount_minor, line.source)
        for line in seen.journal
    )
    debits = tuple(
        staff.DebitRow(line.close_on, line.net_revenue_minor, line.asked_minor, line.received_minor, line.state)
        for line in seen.collections
    )
    return staff.LoanFilePage(
        number=f"A-{one.number}",
        state=one.state,
        status=one.status,
        closed_to=one.closed_to,
        principal_minor=one.principal_minor,
        owed_minor=one.owed_today_minor,
        interest_owed_minor=one.interest_owed_minor,
        principal_owed_minor=one.principal_owed_minor,
        paid_minor=one.paid_minor,
        interest_paid_minor=one.interest_paid_minor,
        principal_paid_minor=one.principal_paid_minor,
        days_past_due=one.days_past_due,
        past_due_minor=one.past_due_minor,
        annual_rate=one.annual_rate,
        share=one.share,
        window_months=one.window_months,
        windows=one.windows,
        account_masked=one.account_masked,
        live_on=one.live_on,
        matures_on=one.matures_on,
        closed_on=one.closed_on,
        early_on=one.forecast.early_on if one.forecast else None,
        late_on=one.forecast.late_on if one.forecast else None,
        journal=journal if everything else journal[:LINES],
        more_journal=not everything and len(journal) > LINES,
        debits=debits if everything else debits[:LINES],
        more_debits=not everything and len(debits) > LINES,
        story=story_of(seen.timeline, acts=False),
        customer_href=customer_href,
    )
