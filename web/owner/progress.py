"""The home after signing in: what there is to do, what is happening, what happened, what comes next."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api import checklist, drafting, talking
from api.caller import Call, Caller
from api.hands import owners
from api.owner import drawing, inviting, seating, seeing, signing, taking_part, visits
from api.policy import FIRM, OWNER, OWNER_SIGNS
from api.routes import Router
from api.views import ApplicationView
from lending.applications import Stage
from web.asking import sent, shown
from web.brought import lacking
from web.owner.applying import ENDED, current
from web.owner.places import events_of
from web.owner.story import number_of, story_of
from web.showing import go, shell_of, show
from web.views.owner import ProgressPage
from web.views.parts import Action, Shell
from web.wording import Say

router = Router(include_in_schema=False)

# A browser without our module asks again: sooner while something is under way.
SOON, LATER = 2, 15
COUNTED = 5
MOVING = frozenset({Stage.DECIDING.value, Stage.PAYING.value, Stage.DRAFT.value})
# What another page sends somebody here with.
SAID = {"already_signed": Say("web.progress.already_signed")}
WITHDRAWABLE = frozenset({"identity", "consent", "evidence", "review", "offered", "signing", "declined"})


@router.get("/progress", policy=FIRM)
async def progress(request: Request, call: Call) -> Response:
    """Where does it stand?"""
    if call.principal.seat is not None:
        return go("/firm")
    found = await seeing.applications(call)
    mine = await taking_part.has_parts(call)
    if not found and mine:
        return go("/part")
    if not found and await seating.held(call):
        return go("/seats")
    if not found:
        draft = await drafting.find(call, owners(call))
        if draft is not None:
            page = ProgressPage(None, Action(Say("web.progress.go_on"), "/apply"), draft_until=draft.kept_until)
            return show(request, "owner/progress.html", page, await _shell(request, call, None))
        start = Action(Say("web.progress.start"), "/")
        return show(request, "owner/progress.html", ProgressPage(None, start), await _shell(request, call, None))
    newest = next((one for one in found if one.stage not in ENDED), found[0])
    return await _progress(request, call, newest, found)


@router.get("/progress/{application_id:uuid}", policy=OWNER)
async def one_progress(request: Request, call: Call, application_id: UUID) -> Response:
    """The story of one application."""
    found = await seeing.applications(call)
    return await _progress(request, call, await seeing.application(call, application_id), found)


def _is_secured(call: Caller, application: ApplicationView) -> bool:
    return call.tools.policies.product(application.product_id).secured_by is not None


async def _progress(
    request: Request, call: Caller, application: ApplicationView, all_of_them: tuple[ApplicationView, ...]
) -> Response:
    seen = await seeing.timeline(call, application.id)
    others = tuple(
        Action(
            Say("web.progress.other", {"number": number_of(one), "amount_minor": one.amount_minor}),
            f"/progress/{one.id}",
        )
        for one in all_of_them
        if one.id != application.id
    )
    in_review = application.stage == Stage.REVIEW.value
    line = await drawing.living_line(call)
    page = ProgressPage(
        story_of(seen, acts=True),
        withdraw=shown("/progress/withdraw") if application.stage in WITHDRAWABLE else None,
        others=others,
        pack=f"/pack/{application.id}" if application.stage in signing.SIGNED else "",
        thread=f"/thread/{application.id}",
        unread=await talking.unread(call, application.id),
        parties="/apply/parties" if Stage(application.stage) in inviting.MAY_INVITE else "",
        collateral=f"/collateral/{application.id}" if _is_secured(call, application) else "",
        lacking=lacking(await checklist.seen(call, owners(call), application.id)) if in_review else (),
        part="/part" if await taking_part.has_parts(call) else "",
        line=line,
        line_first=line is not None and application.stage in ENDED and line.available_minor >= line.lowest_draw_minor,
        visits=await visits.steps(call, application.id) if in_review else (),
    )
    return show(request, "owner/progress.html", page, await _shell(request, call, seen.application))


async def _shell(request: Request, call: Caller, application: ApplicationView | None) -> Shell:
    ended = application is None or application.stage in (Stage.WITHDRAWN, Stage.LAPSED)
    counting = application is not None and application.to_do == "wait_or_cancel"
    return await shell_of(
        request,
        call,
        "owner",
        tab="progress",
        # While a countdown runs nothing happens that a stream would tell: the page looks again by itself.
        live="" if ended or application is None or counting else events_of(application),
        poll=COUNTED if counting else 0,
        version=str(application.version) if application else "",
        refresh=0 if ended or application is None else SOON if application.stage in MOVING else LATER,
        notice=SAID.get(request.query_params.get("said", "")),
    )


@router.post("/progress/cancel-payout", policy=OWNER_SIGNS)
async def cancel(request: Request, call: Call) -> Response:
    """Stop the money, if it has not left."""
    form = await sent(request)
    await signing.cancel_payout(call, (await current(call)).id, form.get("key", ""))
    return go("/progress")
