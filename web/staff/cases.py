"""The credit desk's pages: what waits and why, one case in one screen, who has it, and what its money hangs on."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api import conditions
from api.caller import Call, Caller
from api.manager import own_views, tasks
from api.policy import CASES, CASES_DECIDE
from api.problems import Problem
from api.routes import Router
from api.staff import case_acts, cases, desk
from api.views import CaseView, ClockView, ConditionView, OwnView
from lending.refusals import Refusal
from web.asking import again, sent, shown, shown_id
from web.manager.cases import amount_of, task_page
from web.showing import go, shell_of, show
from web.views.desk import CaseForms, CasePage, QueuePage
from web.views.manager import TaskPage
from web.views.parts import Form

router = Router(include_in_schema=False)
HERE = "/desk/cases"
POLL = 30


@router.get(HERE, policy=CASES)
async def queue(request: Request, call: Call) -> Response:
    """Everything that waits for a person at the desk."""
    found = await cases.queue(call)
    page = QueuePage(
        mine=tuple(one for one in found if one.mine),
        free=tuple(one for one in found if not one.mine and one.holder is None),
        others=tuple(one for one in found if not one.mine and one.holder is not None),
        conditions=await cases.open_conditions(call),
        table=await cases.table(call),
    )
    shell = await shell_of(request, call, "staff", tab="cases", poll=POLL, refresh=POLL)
    return show(request, "staff/cases.html", page, shell)


@router.get(HERE + "/{application_id:uuid}", policy=CASES)
async def case(request: Request, call: Call, application_id: UUID) -> Response:
    """One case, read in one transaction."""
    async with call.tools.sessions.reading(scope="staff"):
        clock = await desk.clock(call, "staff")
        seen = await cases.case(call, application_id)
        case = await task_page(call, seen.task, f"{HERE}/{application_id}", now=clock.now)
    return await _case(request, call, seen, case=case, clock=clock)


async def _case(
    request: Request,
    call: Caller,
    seen: CaseView,
    *,
    case: TaskPage | None = None,
    clock: ClockView | None = None,
    view: Form | None = None,
    decide: Form | None = None,
    correct: Form | None = None,
    wrong: tuple[str, Form] | None = None,
) -> Response:
    here = f"{HERE}/{seen.application_id}"
    page = CasePage(
        seen=seen,
        case=case or await task_page(call, seen.task, here, view=view, decide=decide, correct=correct),
        forms=_forms(call, seen, here, wrong),
    )
    bad = any(form is not None and form.errors for form in (view, decide, correct, wrong and wrong[1]))
    shell = await shell_of(request, call, "staff", hour=clock, tab="cases")
    return show(request, "staff/case.html", page, shell, 422 if bad else 200)


def _forms(call: Caller, seen: CaseView, here: str, wrong: tuple[str, Form] | None) -> CaseForms:
    acts, open_still = call.may("case.decide"), seen.task.state == "open"

    def of(name: str, when: bool) -> Form | None:
        if wrong and wrong[0] == name:
            return wrong[1]
        return shown(f"{here}/{name}") if when and acts else None

    tied = seen.authority.refused == "self_approval"
    return CaseForms(
        take=of("take", open_still and seen.card.holder is None and not tied),
        give_back=of("give-back", open_still and seen.card.mine),
        looked=of("looked", bool(seen.looked.changed)),
        up=of("up", open_still and (seen.card.mine or seen.card.holder is None)),
        tie=of("tie", open_still and not tied),
        ends={str(one.id): _end(here, one, wrong) for one in seen.conditions if one.state == "open" and acts},
    )


def _end(here: str, one: ConditionView, wrong: tuple[str, Form] | None) -> Form:
    name = f"conditions/{one.id}"
    return wrong[1] if wrong and wrong[0] == name else shown(f"{here}/{name}")


Act = Callable[[dict[str, str]], Awaitable[object]]


async def _do(request: Request, call: Caller, application_id: UUID, name: str, act: Act) -> Response:
    """Carry out one act of the page; a no is shown beside its form."""
    form = await sent(request)
    here = f"{HERE}/{application_id}"
    try:
        await act(form)
    except (Refusal, Problem) as no:
        back = again(f"{here}/{name}", form, no, call)
        return await _case(request, call, await cases.case(call, application_id), wrong=(name, back))
    return go(here)


@router.post(HERE + "/{application_id:uuid}/take", policy=CASES_DECIDE)
async def take(request: Request, call: Call, application_id: UUID) -> Response:
    """Have this case."""
    return await _do(
        request, call, application_id, "take", lambda form: case_acts.take(call, application_id, form.get("key", ""))
    )


@router.post(HERE + "/{application_id:uuid}/give-back", policy=CASES_DECIDE)
async def give_back(request: Request, call: Call, application_id: UUID) -> Response:
    """Let somebody else have it."""
    return await _do(
        request,
        call,
        application_id,
        "give-back",
        lambda form: case_acts.give_back(call, application_id, form.get("key", "")),
    )


@router.post(HERE + "/{application_id:uuid}/looked", policy=CASES_DECIDE)
async def looked(request: Request, call: Call, application_id: UUID) -> Response:
    """I have seen what changed."""
    return await _do(
        request,
        call,
        application_id,
        "looked",
        lambda form: case_acts.looked(call, application_id, form.get("seen_hash", ""), form.get("key", "")),
    )


@router.post(HERE + "/{application_id:uuid}/up", policy=CASES_DECIDE)
async def send_up(request: Request, call: Call, application_id: UUID) -> Response:
    """Hand it up."""
    return await _do(
        request,
        call,
        application_id,
        "up",
        lambda form: case_acts.send_up(call, application_id, form.get("words", ""), form.get("key", "")),
    )


@router.post(HERE + "/{application_id:uuid}/tie", policy=CASES_DECIDE)
async def tie(request: Request, call: Call, application_id: UUID) -> Response:
    """This customer is mine, a relative or a friend."""
    return await _do(
        request, call, application_id, "tie", lambda form: case_acts.tie(call, application_id, form.get("key", ""))
    )


@router.post(HERE + "/{application_id:uuid}/conditions/{condition_id:uuid}", policy=CASES_DECIDE)
async def end_condition(request: Request, call: Call, application_id: UUID, condition_id: UUID) -> Response:
    """A condition is met by what is shown, or let go with a reason."""

    async def act(form: dict[str, str]) -> object:
        key = form.get("key", "")
        if form.get("say") == "waive":
            return await conditions.waive(call, condition_id, form.get("why", ""), key)
        proof, _, proof_id = form.get("proof", "").partition(":")
        return await conditions.meet(call, condition_id, proof, shown_id(proof_id), key)

    return await _do(request, call, application_id, f"conditions/{condition_id}", act)


@router.post(HERE + "/{application_id:uuid}/view", policy=CASES_DECIDE)
async def own_view(request: Request, call: Call, application_id: UUID) -> Response:
    """Put one's own view on record; the score opens after it."""
    form = await sent(request)
    seen = await cases.case(call, application_id)
    try:
        said = OwnView(form.get("verdict", ""), amount_of(form), form.get("reason", ""))
        await own_views.give_own_view(call, seen.task.card.id, said, form.get("key", ""), opens=False)
    except (Refusal, Problem) as no:
        return await _case(request, call, seen, view=again(f"{HERE}/{application_id}/view", form, no, call))
    return go(f"{HERE}/{application_id}")


@router.post(HERE + "/{application_id:uuid}/correct", policy=CASES_DECIDE)
async def correct(request: Request, call: Call, application_id: UUID) -> Response:
    """A slip in one's own view, or after the look a remark."""
    form = await sent(request)
    seen = await cases.case(call, application_id)
    try:
        said = OwnView(form.get("verdict", ""), amount_of(form), form.get("reason", ""))
        await own_views.correct_own_view(call, seen.task.card.id, said, form.get("why", ""), form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _case(request, call, seen, correct=again(f"{HERE}/{application_id}/correct", form, no, call))
    return go(f"{HERE}/{application_id}")


@router.post(HERE + "/{application_id:uuid}/open", policy=CASES_DECIDE)
async def open_score(request: Request, call: Call, application_id: UUID) -> Response:
    """One's own view is right: the score opens."""
    form = await sent(request)
    seen = await cases.case(call, application_id)
    await own_views.open_score(call, seen.task.card.id, form.get("key", ""))
    return go(f"{HERE}/{application_id}")


@router.post(HERE + "/{application_id:uuid}/decide", policy=CASES_DECIDE)
async def decide(request: Request, call: Call, application_id: UUID) -> Response:
    """Decide the case as it was seen, with the conditions of a yes."""
    form = await sent(request)
    seen = await cases.case(call, application_id)
    try:
        verdict = tasks.Finish(
            verdict=form.get("verdict", ""),
            amount_minor=amount_of(form),
            reason=form.get("reason", ""),
            cause=form.get("cause", ""),
            guarantor=form.get("guarantor") == "yes",
            conditions=wanted(form, tuple(one.kind for one in seen.kinds)),
            seen_hash=form.get("seen_hash", ""),
        )
        await tasks.finish(call, seen.task.card.id, verdict, form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _case(request, call, seen, decide=again(f"{HERE}/{application_id}/decide", form, no, call))
    return go(f"{HERE}/{application_id}")


def wanted(form: dict[str, str], kinds: tuple[str, ...]) -> tuple[conditions.Wanted, ...]:
    """The conditions that were ticked, in the catalogue's order."""
    ticked = [kind for kind in kinds if form.get(f"condition-{kind}") == "yes"]
    return tuple(conditions.Wanted(kind, form.get(f"words-{kind}", "")) for kind in ticked)
