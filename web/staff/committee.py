"""The committee's pages: who is called to vote on what, each vote beside the case as voted on, and the minutes."""

from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.policy import CASES, CASES_DECIDE
from api.problems import Problem
from api.routes import Router, drawn
from api.staff import cases, committee
from api.views import AgendaItem, DutyView, SittingView
from lending.refusals import Refusal
from web.asking import again, figure, sent, shown
from web.showing import go, shell_of, show
from web.staff.cases import wanted
from web.views.desk import CommitteePage, SittingPage
from web.views.diligence import OwedPage, owed
from web.views.parts import Form

router = Router(include_in_schema=False)
HERE = "/desk/committee"
POLL = 20


@router.get(HERE, policy=CASES)
async def overview(request: Request, call: Call) -> Response:
    """What waits for a vote, and the sittings."""
    return await _overview(request, call)


async def _overview(request: Request, call: Caller, wrong: Form | None = None) -> Response:
    found = await committee.overview(call)
    form = wrong or (shown(HERE) if found.waiting and call.may("case.decide") else None)
    page = CommitteePage(found, form, cases.kinds(call))
    shell = await shell_of(request, call, "staff", tab="committee")
    return show(request, "staff/committee.html", page, shell, 422 if wrong else 200)


@router.post(HERE, policy=CASES_DECIDE)
async def convene(request: Request, call: Call) -> Response:
    """Call a sitting for the cases that were ticked, each under the conditions that were."""
    form = await sent(request)
    terms = wanted(form, tuple(one.kind for one in cases.kinds(call)))
    hours = figure(form.get("hours", ""))
    try:
        seen = await committee.call(
            call,
            committee.Calling(
                members=tuple(name.removeprefix("member-") for name in form if name.startswith("member-")),
                chair=form.get("chair", ""),
                cases=tuple(
                    committee.Wanted(UUID(name.removeprefix("case-")), None, terms)
                    for name in form
                    if name.startswith("case-")
                ),
                hours=int(hours) if hours is not None else None,
            ),
            form.get("key", ""),
        )
    except (Refusal, Problem) as no:
        return await _overview(request, call, again(HERE, form, no, call))
    return go(f"{HERE}/{seen.id}")


@router.get(HERE + "/{sitting_id:uuid}", policy=CASES)
async def sitting(request: Request, call: Call, sitting_id: UUID) -> Response:
    """One sitting."""
    return await _sitting(request, call, await committee.sitting(call, sitting_id))


async def _sitting(
    request: Request, call: Caller, seen: SittingView, wrong: tuple[str, Form] | None = None
) -> Response:
    votes = {
        str(item.id): wrong[1] if wrong and wrong[0] == str(item.id) else shown(f"{HERE}/{seen.id}/{item.id}")
        for item in seen.items
        # A vote stands; whoever found out that they are tied may still step back.
        if item.state == "open"
        and seen.member
        and call.may("case.decide")
        and (not item.mine or (item.recuse and item.mine != "recused"))
    }
    close = wrong[1] if wrong and wrong[0] == "close" else shown(f"{HERE}/{seen.id}/close")
    owing = {str(item.id): _owed(item, item.duties) for item in seen.items if item.duties is not None}
    page = SittingPage(seen, votes, close if seen.chairs and seen.state == "open" else None, owing)
    around: dict[str, Any] = {"poll": POLL, "refresh": POLL} if seen.minutes_sha256 is None and not votes else {}
    shell = await shell_of(request, call, "staff", tab="committee", **around)
    return show(request, "staff/sitting.html", page, shell, 422 if wrong else 200)


def _owed(item: AgendaItem, duties: DutyView) -> OwedPage:
    case = f"/desk/cases/{item.application_id}"
    return owed(duties, case, desk=True).seen_from(case)


@router.post(HERE + "/{sitting_id:uuid}/close", policy=CASES_DECIDE)
async def close(request: Request, call: Call, sitting_id: UUID) -> Response:
    """The chair takes no more votes."""
    form = await sent(request)
    try:
        await committee.close(call, sitting_id, form.get("key", ""))
    except (Refusal, Problem) as no:
        back = again(f"{HERE}/{sitting_id}/close", form, no, call)
        return await _sitting(request, call, await committee.sitting(call, sitting_id), ("close", back))
    return go(f"{HERE}/{sitting_id}")


@router.get(HERE + "/{sitting_id:uuid}/minutes", policy=CASES)
async def minutes(call: Call, sitting_id: UUID) -> Response:
    """The sealed minutes."""
    return drawn(await committee.minutes(call, sitting_id))


@router.post(HERE + "/{sitting_id:uuid}/{item_id:uuid}", policy=CASES_DECIDE)
async def vote(request: Request, call: Call, sitting_id: UUID, item_id: UUID) -> Response:
    """A member's word on a case as they saw it."""
    form = await sent(request)
    said = committee.Voting(form.get("say", ""), form.get("words", ""), form.get("seen_hash", ""))
    try:
        await committee.vote(call, sitting_id, item_id, said, form.get("key", ""))
    except (Refusal, Problem) as no:
        back = again(f"{HERE}/{sitting_id}/{item_id}", form, no, call)
        return await _sitting(request, call, await committee.sitting(call, sitting_id), (str(item_id), back))
    return go(f"{HERE}/{sitting_id}")
