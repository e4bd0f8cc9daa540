"""Words that wait for a second reader: read, released, or given back."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api import second_reading
from api.caller import Call, Caller
from api.policy import WORDS
from api.problems import Problem
from api.routes import Router
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.showing import go, shell_of, show
from web.views.parts import Form
from web.views.talking import HeldCard, HeldPage

router = Router(include_in_schema=False)
HERE = "/manager/words"


@router.get(HERE, policy=WORDS)
async def waiting(request: Request, call: Call) -> Response:
    """All that wait; of one's own only that they do."""
    return await _page(request, call)


@router.post(HERE + "/{held_id:uuid}/release", policy=WORDS)
async def release(request: Request, call: Call, held_id: UUID) -> Response:
    """They leave as they were written."""
    return await _said(request, call, held_id, lambda form: second_reading.release(call, held_id, form.get("key", "")))


@router.post(HERE + "/{held_id:uuid}/return", policy=WORDS)
async def give_back(request: Request, call: Call, held_id: UUID) -> Response:
    """Their writer reads why they do not leave."""
    return await _said(
        request,
        call,
        held_id,
        lambda form: second_reading.give_back(call, held_id, form.get("reason", ""), form.get("key", "")),
    )


async def _said(
    request: Request, call: Caller, held_id: UUID, act: Callable[[dict[str, str]], Awaitable[object]]
) -> Response:
    form = await sent(request)
    try:
        await act(form)
    except (Refusal, Problem) as no:
        return await _page(request, call, (held_id, again(f"{HERE}/{held_id}", form, no, call)))
    return go(HERE)


async def _page(request: Request, call: Caller, tried: tuple[UUID, Form] | None = None) -> Response:
    cards = tuple(
        HeldCard(one, tried[1] if tried and tried[0] == one.id else shown(f"{HERE}/{one.id}"))
        for one in await second_reading.waiting(call)
    )
    # Somebody else was faster: the words are gone, what is wrong with them is not.
    lost = tried[1] if tried and all(one.seen.id != tried[0] for one in cards) else None
    shell = await shell_of(request, call, "manager", tab="inbox")
    return show(request, "manager/words.html", HeldPage(cards, lost), shell, 422 if tried else 200)
