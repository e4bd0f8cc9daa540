"""The desk's page about the training store: what it holds, and the glass that two people break together."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.auth import proof
from api.caller import Call, Caller
from api.policy import GLASS_ANSWERS, GLASS_ASKS
from api.problems import BadFields, FieldError, Problem
from api.routes import Router
from api.staff import glass
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.staff.proving import proved_again
from web.views.glass import GlassPage, Wish
from web.views.parts import Form

router = Router(include_in_schema=False)
HERE = "/desk/glass"


@router.get(HERE, policy=GLASS_ANSWERS)
async def wishes(request: Request, call: Call, row: str = "") -> Response:
    """What the store holds, who asked whose rows they are, and what was answered. ``row`` fills the form."""
    known = {"store_key": row} if glass.is_key(row) else {}
    return await _page(request, call, ask=shown(HERE, known))


async def _page(
    request: Request,
    call: Caller,
    *,
    ask: Form | None = None,
    answered: tuple[UUID, Form] | None = None,
    whose: tuple[UUID, glass.WhoseView] | None = None,
) -> Response:
    found = tuple(_wish(one, call, answered, whose) for one in await glass.wishes(call))
    page = GlassPage(
        rows=await glass.rows(call),
        waiting=tuple(one for one in found if one.open or one.seen.state == "asked"),
        over=tuple(one for one in found if not one.open and one.seen.state != "asked"),
        ask=(ask or shown(HERE)) if call.may("glass.ask") else None,
        purposes=glass.PURPOSES,
        fresh=proof.is_fresh(call),
    )
    wrong = (ask and ask.errors) or answered
    shell = await shell_of(request, call, "staff", tab="glass")
    return show(request, "staff/glass.html", page, shell, 422 if wrong else 200)


def _wish(
    seen: glass.GlassView,
    call: Caller,
    answered: tuple[UUID, Form] | None,
    whose: tuple[UUID, glass.WhoseView] | None,
) -> Wish:
    opened = glass.is_open(seen, call.tools.wall_now())
    form = answered[1] if answered and answered[0] == seen.id else None
    answers = seen.state == "asked" and not seen.mine
    looks = opened and seen.mine and call.may("glass.ask")
    return Wish(
        seen=seen,
        open=opened,
        answer=(form or shown(f"{HERE}/{seen.id}/answer")) if answers else None,
        look=(form or shown(f"{HERE}/{seen.id}/look")) if looks else None,
        whose=whose[1] if whose and whose[0] == seen.id else None,
        no=form if not answers and not looks else None,
    )


@router.post(HERE, policy=GLASS_ASKS)
async def ask(request: Request, call: Call) -> Response:
    """Ask whose row it is."""
    form = await sent(request)
    try:
        store_key = form.get("store_key", "").strip().lower()
        if not glass.is_key(store_key):
            raise BadFields(fields=(FieldError("store_key", "not_a_store_key"),))
        wish = glass.AskGlass(store_key, form.get("purpose", ""), form.get("words", ""))
        await glass.ask(await proof.proven(call, form.get("totp", "")), wish, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, ask=proved_again(HERE, form, no, call))
    return go(HERE)


@router.post(HERE + "/{glass_id:uuid}/answer", policy=GLASS_ANSWERS)
async def answer(request: Request, call: Call, glass_id: UUID) -> Response:
    """Allow it for an hour, or do not."""
    form = await sent(request)
    try:
        proven = await proof.proven(call, form.get("totp", ""))
        await glass.answer(proven, glass_id, form.get("say") == "allow", form.get("key", ""))
    except (Refusal, Problem) as no:
        back = proved_again(f"{HERE}/{glass_id}/answer", form, no, call)
        return await _page(request, call, answered=(glass_id, back))
    return go(HERE)


@router.post(HERE + "/{glass_id:uuid}/look", policy=GLASS_ASKS)
async def look(request: Request, call: Call, glass_id: UUID) -> Response:
    """Look: the name is on this one page and nowhere else; the look is on record."""
    form = await sent(request)
    try:
        seen = await glass.look(call, glass_id)
    except (Refusal, Problem) as no:
        return await _page(request, call, answered=(glass_id, again(f"{HERE}/{glass_id}/look", form, no, call)))
    return await _page(request, call, whose=(glass_id, seen))
