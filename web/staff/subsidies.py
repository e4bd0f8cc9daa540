"""Subsidies at the desk: claimed by month, as a file for the body, and booked when it pays."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.policy import BOOK, SUBSIDIES
from api.problems import BadFields, FieldError
from api.routes import Router, attachment
from api.staff import subsidies
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.parts import Form
from web.views.subsidies import SubsidiesPage

router = Router(include_in_schema=False)
HERE = "/desk/subsidies"
T = TypeVar("T")


@router.get(HERE, policy=BOOK)
async def claims(request: Request, call: Call) -> Response:
    """All claims."""
    return await _page(request, call)


async def _page(request: Request, call: Caller, make: Form | None = None, paid: Form | None = None) -> Response:
    found = await subsidies.claims(call)
    may = call.may("subsidy.claim")
    owed = [one for one in found if one.state == "made" and one.total_minor]
    page = SubsidiesPage(
        claims=found,
        schemes=tuple(one.name for one in call.tools.policies.subsidies),
        make=(make or shown(HERE)) if may else None,
        paid=(paid or shown(f"{HERE}/paid")) if may and owed else None,
    )
    shell = await shell_of(request, call, "staff", tab="subsidies")
    return show(request, "staff/subsidies.html", page, shell, 422 if make or paid else 200)


@router.post(HERE, policy=SUBSIDIES)
async def make(request: Request, call: Call) -> Response:
    """Claim a month of a scheme."""
    form = await sent(request)
    try:
        said = subsidies.Claim(form.get("scheme", ""), form.get("period", "").strip())
        await subsidies.make(call, said, form.get("key", ""))
    except (Refusal, BadFields) as no:
        return await _page(request, call, make=again(HERE, form, no, call))
    return go(HERE)


@router.post(f"{HERE}/paid", policy=SUBSIDIES)
async def paid(request: Request, call: Call) -> Response:
    """A body paid a claim, in full."""
    form = await sent(request)
    try:
        claim_id = _known(UUID, form.get("claim", ""), "claim")
        on = _known(date.fromisoformat, form.get("on", "").strip(), "on")
        total = (await subsidies.claim(call, claim_id)).total_minor
        said = subsidies.Paid(total, on, form.get("reference", ""))
        await subsidies.paid(call, claim_id, said, form.get("key", ""))
    except (Refusal, BadFields) as no:
        return await _page(request, call, paid=again(f"{HERE}/paid", form, no, call))
    return go(HERE)


@router.get(HERE + "/{claim_id:uuid}", policy=BOOK)
async def file(call: Call, claim_id: UUID) -> Response:
    """The claim as a table, to save."""
    return attachment(await subsidies.file(call, claim_id))


def _known(read: Callable[[str], T], text: str, field: str) -> T:
    """What was typed, or which field is wrong."""
    try:
        return read(text)
    except ValueError:
        raise BadFields(fields=(FieldError(field, "wrong_form" if text else "missing"),)) from None
