"""The invoices that carry one's line: what each counts for, what is missing, and one more."""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from starlette.background import BackgroundTask

from api import views
from api.caller import Call, Caller
from api.commands import After, carry_on
from api.owner import bringing_invoices, receiving
from api.owner.uploading import Upload
from api.policy import OWNER, OWNER_APPLIES, OWNER_SIGNS
from api.problems import BadFields, FieldError, Problem
from api.routes import Router
from api.views.receivable import FoundInvoice, InvoicePaperView
from lending.receivables import ReceivableState
from lending.refusals import Refusal
from web import brought as dress
from web.asking import again, minor, sent, shown
from web.showing import go, shell_of, show
from web.views.owner.receiving import ReceivableActs, ReceivablesPage
from web.views.parts import Form

router = Router(include_in_schema=False)
# While an invoice is being checked the page looks again by itself.
SOON = 2


def _at(line_id: UUID) -> str:
    return f"/lines/{line_id}/receivables"


@router.get("/lines/{line_id:uuid}/receivables", policy=OWNER)
async def receivables(request: Request, call: Call, line_id: UUID) -> Response:
    """What the invoices carry today, and why one does not."""
    return await _page(request, call, line_id)


async def _page(
    request: Request,
    call: Caller,
    line_id: UUID,
    form: Form | None = None,
    on: dict[str, Form] | None = None,
    bring: Form | None = None,
) -> Response:
    seen = await receiving.base(call, line_id)
    papers = await bringing_invoices.papers(call, line_id)
    waits = request.query_params.get("code", "")[:36]
    taken = _taken(papers, request.query_params.get("take", ""))
    page = ReceivablesPage(
        seen=seen,
        offer=form or shown(_at(line_id), _values(taken) if taken else None),
        acts={str(one.id): _acts(one, waits == str(one.id), (on or {}).get(str(one.id))) for one in seen.receivables},
        bring=bring or shown(f"{_at(line_id)}/invoices"),
        papers=papers,
        taken=taken,
    )
    moving = any(one.state == ReceivableState.OFFERED.value for one in seen.receivables)
    moving = moving or any(one.state == "received" for one in papers)
    around: dict[str, Any] = {"poll": SOON, "refresh": SOON} if moving and not page.typing else {}
    shell = await shell_of(request, call, "owner", tab="loans", **around)
    wrong = bool(page.offer.errors) or bool(on) or bool(page.bring.errors)
    return show(request, "owner/receivables.html", page, shell, 422 if wrong else 200)


def _taken(papers: tuple[InvoicePaperView, ...], chosen: str) -> FoundInvoice | None:
    """The invoice that its owner wants to look at: ``paper.n``."""
    return next((one for paper in papers for one in paper.found if chosen == f"{paper.id}.{one.n}"), None)


def _values(one: FoundInvoice) -> dict[str, str]:
    """What was read, in the fields of the form: its owner adds what no invoice says, and corrects the rest."""
    minor_units = one.amount_minor
    return {
        "buyer": one.buyer,
        "buyer_licence": one.buyer_licence,
        "number": one.number,
        "amount": f"{minor_units // 100}.{minor_units % 100:02}" if minor_units else "",
        "issued_on": one.issued_on.isoformat() if one.issued_on else "",
        "due_on": one.due_on.isoformat() if one.due_on else "",
    }


def _acts(one: views.ReceivableView, waits: bool, wrong: Form | None) -> ReceivableActs:
    at = f"{_at(one.line_id)}/{one.id}"
    match ReceivableState(one.state):
        case ReceivableState.ASKED:
            proven = all(paper.state == "accepted" for paper in one.proofs)
            return ReceivableActs(
                look=wrong or shown(f"{at}/look"),
                bring=shown(f"{at}/papers"),
                prove=shown(f"{at}/prove") if proven else None,
            )
        case ReceivableState.SUPPORTED:
            if wrong is not None or waits:
                return ReceivableActs(pledge=wrong or shown(f"{at}/pledge"))
            return ReceivableActs(code=shown(f"{at}/code"))
        case ReceivableState.PLEDGED:
            return ReceivableActs(release=wrong or shown(f"{at}/release"))
        case _:
            return ReceivableActs()


@router.post("/lines/{line_id:uuid}/receivables", policy=OWNER_APPLIES)
async def offer(request: Request, call: Call, line_id: UUID) -> Response:
    """One more invoice."""
    form = await sent(request)
    try:
        await receiving.offer(call, line_id, _invoice(form), form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, line_id, again(_at(line_id), form, no, call))
    return go(_at(line_id))


def _invoice(form: dict[str, str]) -> receiving.NewReceivable:
    amount = minor(form.get("amount", ""))
    days = {name: _day(form.get(name, "")) for name in ("issued_on", "due_on")}
    wrong = [
        FieldError(name, "missing" if not form.get(name) else "not_a_date") for name, day in days.items() if not day
    ]
    if amount is None:
        wrong.append(FieldError("amount", "not_an_amount"))
    delivered = _day(form["delivered_on"]) if form.get("delivered_on", "").strip() else None
    if form.get("delivered_on", "").strip() and delivered is None:
        wrong.append(FieldError("delivered_on", "not_a_date"))
    issued, due = days["issued_on"], days["due_on"]
    if wrong or amount is None or issued is None or due is None:
        raise BadFields(fields=tuple(wrong))
    former = tuple(name.strip() for name in form.get("former_names", "").splitlines() if name.strip())
    return receiving.NewReceivable(
        buyer=form.get("buyer", ""),
        buyer_licence=form.get("buyer_licence", ""),
        number=form.get("number", ""),
        amount_minor=amount,
        issued_on=issued,
        due_on=due,
        former_names=former,
        delivered_on=delivered,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


@router.post("/lines/{line_id:uuid}/receivables/invoices", policy=OWNER_APPLIES)
async def bring(request: Request, call: Call, line_id: UUID) -> Response:
    """Invoices instead of typing: taken in and answered at once, read behind it."""
    form = await request.form(max_files=dress.MOST_FILES)
    after: After = []

    async def one(upload: Upload, key: str) -> None:
        await bringing_invoices.bring(call, line_id, upload, key, after)

    if problems := await dress.taken(call, form, one):
        wrong = shown(f"{_at(line_id)}/invoices", errors={"files": problems[0]})
        answer = await _page(request, call, line_id, bring=wrong)
    else:
        answer = go(f"{_at(line_id)}#bring")
    answer.background = BackgroundTask(carry_on, after)
    return answer


@router.post("/lines/{line_id:uuid}/receivables/{receivable_id:uuid}/papers", policy=OWNER_APPLIES)
async def bring_proof(request: Request, call: Call, line_id: UUID, receivable_id: UUID) -> Response:
    """A paper that stands for the buyer's word; a person looks at it."""
    form = await request.form(max_files=dress.MOST_FILES)
    kind, at = str(form.get("kind", "")), _at(line_id)

    async def one(upload: Upload, key: str) -> None:
        await receiving.bring_proof(call, receivable_id, kind, upload, key)

    if problems := await dress.taken(call, form, one):
        wrong = shown(f"{at}/{receivable_id}/look", errors={"": problems[0]})
        return await _page(request, call, line_id, on={str(receivable_id): wrong})
    return go(f"{at}#r-{receivable_id}")


@router.post("/lines/{line_id:uuid}/receivables/{receivable_id:uuid}/{act}", policy=OWNER_SIGNS)
async def act(request: Request, call: Call, line_id: UUID, receivable_id: UUID, act: str) -> Response:
    """Look for the buyer's answer, ask for a code, pledge with it, take it back."""
    form = await sent(request)
    key, at = form.get("key", ""), _at(line_id)
    try:
        match act:
            case "look":
                await receiving.look(call, receivable_id, key)
            case "prove":
                await receiving.prove(call, receivable_id, key)
            case "code":
                await receiving.start_pledging(call, receivable_id, key)
                return go(f"{at}?code={receivable_id}#r-{receivable_id}")
            case "pledge":
                await receiving.pledge(call, receivable_id, form.get("code", ""), key)
            case "release":
                await receiving.release(call, receivable_id, key)
            case _:
                return go(at)
    except (Refusal, Problem) as no:
        wrong = again(f"{at}/{receivable_id}/{act}", form, no, call)
        return await _page(request, call, line_id, on={str(receivable_id): wrong})
    return go(f"{at}#r-{receivable_id}")
