"""The workbench on a phone: what burns, the day by the hour, one's customers."""

from datetime import date, timedelta
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call, Caller
from api.manager import book, leaves, measures, tasks, workbench
from api.policy import MANAGER, MANAGER_DECIDES
from api.problems import BadFields, FieldError, NotFound, Problem
from api.routes import Router
from lending.refusals import Refusal
from web.asking import again, sent, shown
from web.owner.story import number_of
from web.showing import go, kept_on_the_road, shell_of, show
from web.views.parts import Form
from web.views.workbench import BookPage, CheckPage, ClockItem, ClocksPage, DayPage, DayStop, HandOverPage, MeasuresPage

router = Router(include_in_schema=False)
POLL = 15
BOOK = "/manager/book"
A_DAY = timedelta(days=1)


@router.get("/manager", policy=MANAGER)
async def inbox(request: Request, call: Call) -> Response:
    """Everything that waits for one, the most urgent on top."""
    whose = "all" if request.query_params.get("whose") == "all" else "mine"
    releases = call.may("release.answer")
    page = ClocksPage(tuple(ClockItem(one, releases) for one in await workbench.waiting(call, whose)), whose)
    shell = await shell_of(request, call, "manager", tab="inbox", poll=POLL, refresh=POLL)
    headers = kept_on_the_road(call) if page.away_matters and whose == "mine" else None
    return show(request, "manager/inbox.html", page, shell, headers=headers)


@router.get("/manager/day", policy=MANAGER_DECIDES)
async def day(request: Request, call: Call) -> Response:
    """One day, by the hour."""
    on = _day(request.query_params.get("on", ""))
    seen = await workbench.day(call, on)
    today = (await workbench.today(call)).date()
    page = DayPage(
        seen=seen,
        stops=tuple(DayStop(one) for one in seen.items),
        calls=tuple(ClockItem(one, call.may("release.answer")) for one in seen.calls),
        today=today,
        before=seen.on - A_DAY,
        after=seen.on + A_DAY,
        kept=on is None,
    )
    headers = kept_on_the_road(call) if page.kept else None
    shell = await shell_of(request, call, "manager", tab="day")
    return show(request, "manager/day.html", page, shell, headers=headers)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise NotFound from None


@router.get("/manager/measures", policy=MANAGER)
async def measured(request: Request, call: Call) -> Response:
    """How soon, how long, and whose time it was."""
    whose = "mine" if request.query_params.get("whose") == "mine" else "all"
    page = MeasuresPage(await measures.of_work(call, whose))
    return show(request, "manager/measures.html", page, await shell_of(request, call, "manager", tab="inbox"))


@router.get(BOOK, policy=MANAGER_DECIDES)
async def my_book(request: Request, call: Call) -> Response:
    """One's customers."""
    page = BookPage(await book.book(call))
    return show(request, "manager/book.html", page, await shell_of(request, call, "manager", tab="customers"))


@router.get(BOOK + "/loans/{loan_id:uuid}", policy=MANAGER_DECIDES)
async def check(request: Request, call: Call, loan_id: UUID) -> Response:
    """A loan that is to be looked at."""
    return await _check(request, call, loan_id, shown(f"{BOOK}/loans/{loan_id}"))


async def _check(request: Request, call: Caller, loan_id: UUID, form: Form) -> Response:
    seen = await book.book(call)
    found = next(((one, loan) for one in seen.customers for loan in one.loans if loan.loan_id == loan_id), None)
    if found is None:
        raise NotFound
    page = CheckPage(*found, form, book.RESULTS)
    shell = await shell_of(request, call, "manager", tab="customers")
    return show(request, "manager/check.html", page, shell, 422 if form.errors else 200)


@router.post(BOOK + "/loans/{loan_id:uuid}", policy=MANAGER_DECIDES)
async def checked(request: Request, call: Call, loan_id: UUID) -> Response:
    """Put down what was seen."""
    form = await sent(request)
    try:
        said = {"result": form.get("result", ""), "words": form.get("words", "")}
        await book.checked(call, loan_id, **said, key=form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _check(request, call, loan_id, again(f"{BOOK}/loans/{loan_id}", form, no, call))
    return go(BOOK)


# --- a customer goes to a colleague -----------------------------------------------------------------------------------


@router.get("/manager/customers/{application_id:uuid}/hand-over", policy=MANAGER_DECIDES)
async def hand_over(request: Request, call: Call, application_id: UUID) -> Response:
    """To whom."""
    return await _hand_over(request, call, application_id, shown(_here(application_id)))


def _here(application_id: UUID) -> str:
    return f"/manager/customers/{application_id}/hand-over"


async def _hand_over(request: Request, call: Caller, application_id: UUID, form: Form) -> Response:
    who = await tasks.customer_card(call, application_id)
    application = await tasks.application(call, application_id)
    page = HandOverPage(
        customer=who.name or number_of(application),
        number=number_of(application),
        back=f"/manager/customers/{application_id}",
        now=await book.own_manager(call, application_id),
        colleagues=await leaves.colleagues(call),
        form=form,
        clocks=tuple(ClockItem(one) for one in await workbench.of_customer(call, application_id)),
    )
    shell = await shell_of(request, call, "manager", tab="customers")
    return show(request, "manager/hand_over.html", page, shell, 422 if form.errors else 200)


@router.post("/manager/customers/{application_id:uuid}/hand-over", policy=MANAGER_DECIDES)
async def handed_over(request: Request, call: Call, application_id: UUID) -> Response:
    """Done; the customer is told."""
    form = await sent(request)
    try:
        await book.hand_over(call, application_id, to=_colleague(form), key=form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _hand_over(request, call, application_id, again(_here(application_id), form, no, call))
    return go(f"/manager/customers/{application_id}")


def _colleague(form: dict[str, str]) -> UUID:
    try:
        return UUID(form.get("to", ""))
    except ValueError:
        raise BadFields(fields=(FieldError("to", "missing"),)) from None
