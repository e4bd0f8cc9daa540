"""A customer's page: what the customer sees, the thread, and beside it what only staff sees."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api import conditions, second_reading, talking
from api.caller import Call, Caller
from api.manager import book, conditions_due, tasks, workbench
from api.policy import MANAGER, MANAGER_DECIDES
from api.problems import Problem
from api.routes import Router
from api.staff import lines
from lending.applications import Stage
from lending.conditions import Owner
from lending.refusals import Refusal
from web.asking import again, sent, shown, shown_id
from web.owner.story import number_of, story_of
from web.showing import go, shell_of, show
from web.views import manager
from web.views.parts import Form
from web.views.talking import ThreadPage
from web.views.trust import Trust
from web.views.workbench import ClockItem
from web.wording import Say

router = Router(include_in_schema=False)
POLL = 15


@router.get("/manager/customers", policy=MANAGER)
async def customers(request: Request, call: Call) -> Response:
    """The newest applications."""
    rows = tuple(
        manager.CustomerRow(
            customer=" · ".join(part for part in (one.customer, one.firm) if part) or f"A-{one.number}",
            number=f"A-{one.number}",
            amount_minor=one.amount_minor,
            stage=Say(f"lending.stage.{one.stage}"),
            changed_at=one.changed_at,
            href=f"/manager/customers/{one.application_id}",
        )
        for one in await tasks.customers(call)
    )
    assist = "/manager/drafts" if call.may("application.assist") else ""
    shell = await shell_of(request, call, "manager", tab="customers")
    return show(request, "manager/customers.html", manager.CustomersPage(rows, assist), shell)


def _here(application_id: UUID) -> str:
    return f"/manager/customers/{application_id}"


@router.get("/manager/customers/{application_id:uuid}", policy=MANAGER)
async def customer(request: Request, call: Call, application_id: UUID) -> Response:
    """Exactly what the customer sees, and beside it what staff sees."""
    return await _customer(request, call, application_id, shown(f"{_here(application_id)}/thread"))


async def _customer(
    request: Request, call: Caller, application_id: UUID, form: Form, ends: dict[str, Form] | None = None
) -> Response:
    here = _here(application_id)
    stands, proofs = await conditions_due.of_customer(call, application_id)
    seen = await tasks.customer(call, application_id)
    who = await tasks.customer_card(call, application_id)
    line = await lines.of_application(call, application_id)
    acts = call.may("task.decide")
    ours = [str(one.id) for one in stands if acts and one.state == "open" and one.owner == Owner.MANAGER.value]
    page = manager.CustomerPage(
        customer=who.name or number_of(seen.application),
        story=story_of(seen, acts=False),
        firm=who.firm or "",
        phone_masked=who.phone_masked,
        exposure_minor=who.exposure_minor,
        trust=Trust(who.trust),
        thread=ThreadPage(
            await talking.read(call, application_id, talking.LENDER), form, second_reading.sendable(call)
        ),
        scan_href=f"{here}/papers" if call.may("application.assist") else "",
        line=line.line if line else None,
        line_href=f"/desk/lines/{line.line.id}" if line and call.may("book.read") else "",
        belongs=await book.own_manager(call, application_id),
        hand_over=f"{here}/hand-over" if acts else "",
        report=f"{here}/report",
        paper_check=f"{here}/paper" if acts and seen.application.stage == Stage.SIGNING.value else "",
        quote=f"/manager/catalogue?for={application_id}" if acts else "",
        clocks=tuple(
            ClockItem(one, call.may("release.answer")) for one in await workbench.of_customer(call, application_id)
        ),
        conditions=stands,
        proofs=proofs,
        ends={one: shown(f"{here}/conditions/{one}") for one in ours} | (ends or {}),
    )
    shell = await shell_of(
        request,
        call,
        "manager",
        tab="customers",
        live=f"/v1/manager/customers/{application_id}/events",
        version=str(seen.application.version),
        refresh=POLL,
    )
    return show(request, "manager/customer.html", page, shell, 422 if form.errors or ends else 200)


@router.post("/manager/customers/{application_id:uuid}/thread", policy=MANAGER)
async def say(request: Request, call: Call, application_id: UUID) -> Response:
    """Write into the thread."""
    form = await sent(request)
    try:
        said = form.get("phrase") or form.get("text", "")
        await talking.say(call, application_id, said, form.get("key", ""), talking.LENDER)
    except (Refusal, Problem) as no:
        again_ = again(f"{_here(application_id)}/thread", form, no, call)
        return await _customer(request, call, application_id, again_)
    return go(_here(application_id) + "#thread")


@router.post("/manager/customers/{application_id:uuid}/conditions/{condition_id:uuid}", policy=MANAGER_DECIDES)
async def end_condition(request: Request, call: Call, application_id: UUID, condition_id: UUID) -> Response:
    """A condition of our own is met by what is shown, or let go with a reason by whoever may."""
    form, here = await sent(request), _here(application_id)
    try:
        if form.get("say") == "waive":
            await conditions.waive(call, condition_id, form.get("why", ""), form.get("key", ""))
        else:
            proof, _, proof_id = form.get("proof", "").partition(":")
            await conditions.meet(call, condition_id, proof, shown_id(proof_id), form.get("key", ""))
    except (Refusal, Problem) as no:
        back = again(f"{here}/conditions/{condition_id}", form, no, call)
        return await _customer(request, call, application_id, shown(f"{here}/thread"), {str(condition_id): back})
    return go(f"{here}#terms-title")
