"""The policy at the desk: a published rate or a file, proposed, looked at with what it touches, and released."""

from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.auth import proof
from api.caller import Call, Caller
from api.policy import CARE, POLICY_PROPOSES, POLICY_RELEASES
from api.problems import BadFields, FieldError, Problem
from api.routes import Router, attachment
from api.staff import policies
from lending.refusals import Refusal
from web.asking import sent, shown
from web.showing import go, shell_of, show
from web.staff.proving import proved_again
from web.views.parts import Form
from web.views.policies import PolicyPage, ProposePage, ReleasePage

router = Router(include_in_schema=False)
HERE = "/desk/policy"
PERCENT = Decimal(100)


@router.get(HERE, policy=CARE)
async def in_force(request: Request, call: Call) -> Response:
    """What counts today, and every proposal."""
    return await _page(request, call)


async def _page(request: Request, call: Caller, publish: Form | None = None) -> Response:
    form = (publish or shown(f"{HERE}/publications")) if call.may("policy.propose") else None
    page = PolicyPage(await policies.in_force(call), form)
    shell = await shell_of(request, call, "staff", tab="policy")
    return show(request, "staff/policy.html", page, shell, 422 if publish else 200)


@router.post(f"{HERE}/publications", policy=POLICY_PROPOSES)
async def publish(request: Request, call: Call) -> Response:
    """Propose a published rate, typed in per cent as it is published."""
    form = await sent(request)
    try:
        proven = await proof.proven(call, form.get("totp", ""))
        said = policies.Publication(form.get("index", ""), _day(form), _rate(form), form.get("reason", ""))
        made = await policies.publish(proven, said, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, publish=proved_again(f"{HERE}/publications", form, no, call))
    return go(f"{HERE}/{made.line.id}")


@router.get(f"{HERE}/propose", policy=POLICY_PROPOSES)
async def proposing(request: Request, call: Call) -> Response:
    """The form for a file."""
    return await _proposing(request, call)


async def _proposing(request: Request, call: Caller, propose: Form | None = None) -> Response:
    page = ProposePage(await policies.in_force(call), propose or shown(f"{HERE}/proposals"))
    shell = await shell_of(request, call, "staff", tab="policy")
    return show(request, "staff/policy_propose.html", page, shell, 422 if propose else 200)


@router.post(f"{HERE}/proposals", policy=POLICY_PROPOSES)
async def propose(request: Request, call: Call) -> Response:
    """Propose a file."""
    form = await sent(request)
    try:
        proven = await proof.proven(call, form.get("totp", ""))
        text = form.get("text", "").replace("\r\n", "\n")
        said = policies.Proposal(form.get("room", ""), text, form.get("reason", ""))
        made = await policies.propose(proven, said, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _proposing(request, call, proved_again(f"{HERE}/proposals", form, no, call))
    return go(f"{HERE}/{made.line.id}")


@router.get(HERE + "/{release_id:uuid}", policy=CARE)
async def release(request: Request, call: Call, release_id: UUID) -> Response:
    """One proposal, row by row, and whom it touches."""
    return await _release(request, call, release_id)


async def _release(request: Request, call: Caller, release_id: UUID, answer: Form | None = None) -> Response:
    seen = await policies.release(call, release_id)
    may = call.may("policy.release") and seen.line.state == "open"
    page = ReleasePage(seen, (answer or shown(f"{HERE}/{release_id}/answer")) if may else None)
    shell = await shell_of(request, call, "staff", tab="policy")
    return show(request, "staff/policy_release.html", page, shell, 422 if answer else 200)


@router.get(HERE + "/{release_id:uuid}/touched", policy=CARE)
async def touched(call: Call, release_id: UUID) -> Response:
    """All that it touches, as a table to save."""
    return attachment(await policies.touched(call, release_id))


@router.post(HERE + "/{release_id:uuid}/answer", policy=POLICY_RELEASES)
async def answer(request: Request, call: Call, release_id: UUID) -> Response:
    """Release it, turn it down, or take one's own back."""
    form = await sent(request)
    try:
        proven = await proof.proven(call, form.get("totp", ""))
        said = policies.Answer(form.get("say") == "release", form.get("reason", ""), form.get("shown", ""))
        await policies.answer(proven, release_id, said, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _release(request, call, release_id, proved_again(f"{HERE}/{release_id}/answer", form, no, call))
    return go(f"{HERE}/{release_id}")


def _day(form: dict[str, str]) -> date:
    try:
        return date.fromisoformat(form.get("on", "").strip())
    except ValueError:
        raise BadFields(fields=(FieldError("on", "not_a_date"),)) from None


def _rate(form: dict[str, str]) -> Decimal:
    try:
        found = Decimal(form.get("value", "").strip().removesuffix("%"))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) > PERCENT:
        raise BadFields(fields=(FieldError("value", "not_a_number"),))
    return found / PERCENT
