"""Is it you? Money that is held until its owner has said so, and the proof that the largest payouts take."""

import contextlib
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.owner import person, questions
from api.policy import OWNER_SIGNS
from api.problems import NotFound, Problem
from api.routes import Router
from api.views import HoldView
from lending.refusals import HoldAnswered, Refusal
from web.asking import again, sent, shown
from web.owner.signing_in import MINUTES, codes_url
from web.owner.story import left_of
from web.showing import go, shell_of, show
from web.views.owner import HoldPage
from web.views.parts import Form

router = Router(include_in_schema=False)
HERE = "/progress/hold"
# A person who is called should see at once what came of it.
POLL = 5


@router.get(HERE, policy=OWNER_SIGNS)
async def hold(request: Request, call: Call) -> Response:
    """The newest question, if one is open."""
    found = await _newest(call)
    if found is None or found.state in ("released", "stopped"):
        return go("/progress")
    return await _page(request, call, found)


async def _newest(call: Caller) -> HoldView | None:
    found = await questions.asked(call)
    return found[0] if found else None


async def _page(
    request: Request, call: Caller, seen: HoldView, *, yes: Form | None = None, coded: bool = False
) -> Response:
    at = f"{HERE}/{seen.id}"
    page = HoldPage(
        seen=seen,
        prove=shown(f"{at}/step-up"),
        send_code=shown(f"{at}/code"),
        yes=yes or shown(f"{at}/yes"),
        no=shown(f"{at}/no"),
        coded=coded or bool(yes and not yes.errors.get("")),
        phone_masked=(await person.profile(call)).phone_masked,
        codes_url=codes_url(call, await person.phone(call)) if call.tools.simulated else None,
        code_minutes=MINUTES,
        left=left_of(seen.seconds_left, held=True) if seen.seconds_left else None,
    )
    blocked = seen.state == "blocked"
    around: dict[str, Any] = {"poll": POLL, "refresh": POLL} if blocked else {}
    shell = await shell_of(request, call, "owner", **around)
    return show(request, "owner/hold.html", page, shell, 422 if yes and yes.errors else 200)


async def _own(call: Caller, hold_id: UUID) -> HoldView:
    found = next((one for one in await questions.asked(call) if one.id == hold_id), None)
    if found is None:
        raise NotFound
    return found


@router.post(HERE + "/{hold_id:uuid}/step-up", policy=OWNER_SIGNS)
async def prove(request: Request, call: Call, hold_id: UUID) -> Response:
    """Prove who one is; what came of it stands on the page."""
    form = await sent(request)
    await questions.prove_for(call, hold_id, form.get("method", ""), form.get("key", ""))
    return go(HERE)


@router.post(HERE + "/{hold_id:uuid}/code", policy=OWNER_SIGNS)
async def send_code(request: Request, call: Call, hold_id: UUID) -> Response:
    """Send the code that is good for this answer alone."""
    form = await sent(request)
    try:
        await questions.start_confirming(call, hold_id, form.get("key", ""))
    except HoldAnswered:
        return go(HERE)
    except (Refusal, Problem) as no:
        return await _page(request, call, await _own(call, hold_id), yes=again(f"{HERE}/{hold_id}/yes", form, no, call))
    return await _page(request, call, await _own(call, hold_id), coded=True)


@router.post(HERE + "/{hold_id:uuid}/yes", policy=OWNER_SIGNS)
async def yes(request: Request, call: Call, hold_id: UUID) -> Response:
    """It was me."""
    form = await sent(request)
    try:
        await questions.answer(call, hold_id, mine=True, code=form.get("code", ""), key=form.get("key", ""))
    except HoldAnswered:
        return go(HERE)
    except (Refusal, Problem) as no:
        back = again(f"{HERE}/{hold_id}/yes", form, no, call, ("code",))
        return await _page(request, call, await _own(call, hold_id), yes=back)
    return go("/progress")


@router.post(HERE + "/{hold_id:uuid}/no", policy=OWNER_SIGNS)
async def not_me(request: Request, call: Call, hold_id: UUID) -> Response:
    """It was not: nothing leaves, and somebody calls."""
    form = await sent(request)
    with contextlib.suppress(HoldAnswered):
        await questions.answer(call, hold_id, mine=False, code="", key=form.get("key", ""))
    return go(HERE)
