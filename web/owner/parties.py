"""Whom an applicant asks to take part, and each party's own pages: by their own sign-in, on their own phone."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.owner import consenting, inviting, person, taking_part
from api.policy import OWNER, OWNER_APPLIES, OWNER_CONSENTS, OWNER_SIGNS
from api.problems import BadFields, FieldError, Problem
from api.routes import Router
from api.views import ConsentText, PartView
from lending.applications import Stage
from lending.refusals import Refusal
from web.asking import again, minor, sent, shown
from web.owner.applying import current
from web.owner.signing_in import MINUTES, codes_url
from web.showing import go, shell_of, show
from web.views.owner import ConsentItem, Permission
from web.views.owner.parties import PartiesPage, PartPage, PartsPage
from web.views.parts import Form

router = Router(include_in_schema=False)
HERE = "/apply/parties"
# A part whose checks are under way is looked at again so soon.
POLL = 3


@router.get(HERE, policy=OWNER_APPLIES)
async def parties_page(request: Request, call: Call) -> Response:
    """Who takes part, how they stand, and the form that asks somebody."""
    return await _parties(request, call, shown(HERE, {"role": request.query_params.get("role", "guarantor")[:20]}))


async def _parties(request: Request, call: Caller, form: Form) -> Response:
    application = await current(call)
    seen = await inviting.of_application(call, application.id)
    page = PartiesPage(
        seen=seen,
        invite=form if Stage(application.stage) in inviting.MAY_INVITE else None,
        remove={str(one.id): shown(f"{HERE}/{one.id}/remove") for one in seen.items if one.removable},
    )
    shell = await shell_of(request, call, "owner", tab="progress", refresh=15 if seen.awaited else 0)
    return show(request, "owner/parties.html", page, shell, 422 if form.errors else 200)


@router.post(HERE, policy=OWNER_APPLIES)
async def invite(request: Request, call: Call) -> Response:
    """Ask somebody."""
    form = await sent(request)
    role = form.get("role", "")
    amount = minor(form["amount"]) if form.get("amount", "").strip() and role == "guarantor" else None
    try:
        if amount is None and form.get("amount", "").strip() and role == "guarantor":
            raise BadFields(fields=(FieldError("amount", "not_a_number"),))
        liability = form.get("liability") if role == "guarantor" else None
        said = inviting.Invite(role, form.get("phone", ""), liability, amount)
        await inviting.invite(call, (await current(call)).id, said, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _parties(request, call, again(HERE, form, no, call))
    return go(HERE)


@router.post(HERE + "/{party_id:uuid}/remove", policy=OWNER_APPLIES)
async def remove(request: Request, call: Call, party_id: UUID) -> Response:
    """Take the invitation back."""
    form = await sent(request)
    try:
        await inviting.remove(call, (await current(call)).id, party_id, form.get("key", ""))
    except Refusal as no:
        return await _parties(request, call, again(HERE, {}, no, call))
    return go(HERE)


# --- the party's own --------------------------------------------------------------------------------------------------


@router.get("/part", policy=OWNER)
async def parts_page(request: Request, call: Call) -> Response:
    """One's parts in other people's loans; if it is one, straight to it."""
    found = await taking_part.parts(call)
    if len(found) == 1:
        return go(f"/part/{found[0].id}")
    shell = await shell_of(request, call, "owner", tab="progress")
    return show(request, "owner/parts.html", PartsPage(found), shell)


@router.get("/part/{party_id:uuid}", policy=OWNER)
async def part_page(request: Request, call: Call, party_id: UUID) -> Response:
    """What one is asked for, and the next thing to do. Opening the key facts starts their reading time."""
    found = await taking_part.part(call, party_id)
    if found.to_do == "read":
        found = await taking_part.read_facts(call, party_id)
    return await _part(request, call, found)


async def _part(
    request: Request, call: Caller, part: PartView, *, identify: Form | None = None, sign: Form | None = None
) -> Response:
    at = f"/part/{part.id}"
    lacking = next((one for one in part.consents if one.given_at is None), None) if part.to_do == "consent" else None
    page = PartPage(
        part=part,
        permission=_permission(lacking, at) if lacking else None,
        identify=identify or (shown(f"{at}/identity") if part.to_do == "identify" else None),
        send_code=shown(f"{at}/code") if part.to_do == "sign" and sign is None else None,
        sign=sign,
        decline=shown(f"{at}/decline") if part.state in ("invited", "proven", "signed") else None,
        phone_masked=(await person.profile(call)).phone_masked,
        codes_url=codes_url(call, await person.phone(call)) if call.tools.simulated else None,
        code_minutes=MINUTES,
    )
    wrong = bool((identify and identify.errors) or (sign and sign.errors))
    shell = await shell_of(request, call, "owner", tab="progress", refresh=POLL * 5 if part.to_do == "wait" else 0)
    return show(request, "owner/part.html", page, shell, 422 if wrong else 200)


def _permission(asked: ConsentText, at: str) -> Permission:
    item = ConsentItem(asked.purpose, asked.text, asked.text_hash, asked.valid_days)
    return Permission(item, shown(f"{at}/allow", {"purpose": asked.purpose, "text_hash": asked.text_hash}))


@router.post("/part/{party_id:uuid}/allow", policy=OWNER_CONSENTS)
async def allow(request: Request, call: Call, party_id: UUID) -> Response:
    """One thing in one act, in its own words."""
    form = await sent(request)
    await taking_part.part(call, party_id)  # one's own, or not there
    given = consenting.ConsentGiven(form.get("purpose", ""), form.get("text_hash", ""))
    try:
        await consenting.allow(call, given, form.get("key", ""))
    except BadFields:  # the words have changed since the page was made: it is shown anew
        return go(f"/part/{party_id}")
    return go(f"/part/{party_id}")


@router.post("/part/{party_id:uuid}/identity", policy=OWNER_APPLIES)
async def identify(request: Request, call: Call, party_id: UUID) -> Response:
    """Say who one is."""
    form = await sent(request)
    said = taking_part.PartyIdentity(form.get("name", ""), form.get("id_number", ""))
    try:
        await taking_part.identify(call, party_id, said, form.get("key", ""))
    except (Refusal, Problem) as no:
        back = again(f"/part/{party_id}/identity", form, no, call)
        return await _part(request, call, await taking_part.part(call, party_id), identify=back)
    return go(f"/part/{party_id}")


@router.post("/part/{party_id:uuid}/code", policy=OWNER_SIGNS)
async def send_code(request: Request, call: Call, party_id: UUID) -> Response:
    """It has been read: send the code that is bound to this part and these terms."""
    form = await sent(request)
    back = shown(f"/part/{party_id}/sign")
    try:
        await taking_part.start_signing(call, party_id, form.get("key", ""))
    except (Refusal, Problem) as no:
        back = again(f"/part/{party_id}/sign", form, no, call)
    return await _part(request, call, await taking_part.part(call, party_id), sign=back)


@router.post("/part/{party_id:uuid}/sign", policy=OWNER_SIGNS)
async def sign(request: Request, call: Call, party_id: UUID) -> Response:
    """Sign one's part."""
    form = await sent(request)
    said = taking_part.PartSignature(form.get("code", ""), form.get("terms_hash", ""))
    try:
        await taking_part.sign(call, party_id, said, form.get("key", ""))
    except (Refusal, Problem) as no:
        back = again(f"/part/{party_id}/sign", form, no, call, ("code",))
        return await _part(request, call, await taking_part.part(call, party_id), sign=back)
    return go(f"/part/{party_id}")


@router.post("/part/{party_id:uuid}/decline", policy=OWNER_APPLIES)
async def decline(request: Request, call: Call, party_id: UUID) -> Response:
    """No, without a reason."""
    form = await sent(request)
    await taking_part.decline(call, party_id, form.get("key", ""))
    return go(f"/part/{party_id}")
