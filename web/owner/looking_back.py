"""A step that is behind one: what was said there, and the way back to change it while nothing is signed."""

from contextlib import suppress

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.owner import applying, seeing
from api.policy import OWNER_APPLIES
from api.routes import Router
from api.views import ApplicationView
from lending.applications import Stage, next_stages
from lending.refusals import Refusal
from web.asking import sent, shown
from web.owner import dress
from web.owner.places import place_of
from web.showing import go, shell_of, show
from web.views import owner
from web.views.parts import Action
from web.wording import Say

router = Router(include_in_schema=False)

# Where the owner may go back to who they are: it is their move, and nothing is signed.
REOPENS = frozenset(stage.value for stage in Stage if Stage.IDENTITY in next_stages(stage)) - {Stage.DRAFT.value}


async def look_back(request: Request, call: Caller, application: ApplicationView) -> Response:
    """What was said of oneself, and the way back to change it while nothing is signed."""
    seen = await seeing.identity(call, application.id)
    if seen.kind is None:
        return go(place_of(application))
    facts = (
        ("web.identity.kind", Say(f"web.identity.kind.{seen.kind}")),
        ("web.identity.name", seen.name),
        ("web.identity.id_number", seen.id_number_masked),
        ("web.identity.firm_name", seen.firm_name),
        ("web.identity.licence", seen.licence_masked),
        ("web.identity.account", seen.account_masked),
        ("web.identity.bank", seen.bank),
    )
    page = owner.IdentityLook(
        facts=tuple((Say(name), value) for name, value in facts if value),
        checks=dress.checks(seen),
        go_on=Action(Say("web.identity.back_to_now"), place_of(application)),
        reopen=shown("/apply/identity/reopen") if application.stage in REOPENS else None,
    )
    return show(request, "owner/identity_look.html", page, await shell_of(request, call, "owner"))


@router.post("/apply/identity/reopen", policy=OWNER_APPLIES)
async def reopen(request: Request, call: Call) -> Response:
    """Back to who one is, with all that was typed."""
    form = await sent(request)
    open_one = await seeing.open_application(call)
    if open_one is not None:
        with suppress(Refusal):  # decided on or signed meanwhile: the page that follows says so
            await applying.reopen(call, open_one.id, form.get("key", ""))
    return go("/apply/identity")
