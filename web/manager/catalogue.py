"""What may be told and to whom it leads: quotes from the catalogue, one's own code, attempts and territories."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import segno
from fastapi import Request
from fastapi.responses import Response

from api import words_out
from api.caller import Call, Caller
from api.manager import codes, leaves, quoting, tasks
from api.policy import CARE, LEADS, MANAGER, MANAGER_DECIDES
from api.problems import BadFields, FieldError, NotFound, Problem
from api.routes import Router
from api.views import QuoteView
from lending.refusals import Refusal
from web.asking import again, figure, minor, sent, shown
from web.showing import go, shell_of, show
from web.views.parts import Form
from web.views.workbench import AttemptsPage, CataloguePage, CodePage, Hears, TerritoriesPage

router = Router(include_in_schema=False)
HERE, CODE, AREAS = "/manager/catalogue", "/manager/code", "/desk/territories"
FIRST = {"amount": "80000", "months": "12", "share": "12", "revenue": "60000"}
QUIET = 4  # squares of white around the code, ISO/IEC 18004


@router.get(HERE, policy=MANAGER)
async def catalogue(request: Request, call: Call) -> Response:
    """Every product with all that it may cost, and a quote; ``for``: the application of whoever hears it."""
    return await _catalogue(request, call, shown(HERE, {**FIRST, "for": request.query_params.get("for", "")}))


async def _catalogue(request: Request, call: Caller, form: Form, told: QuoteView | None = None) -> Response:
    products = await quoting.catalogue(call)
    if not form.values.get("product") and products:
        form = replace(form, values={**form.values, "product": products[0].product_id})
    hears = await _hears(call, form.values.get("for", ""))
    page = CataloguePage(products, form if call.may("task.decide") else None, told, hears)
    shell = await shell_of(request, call, "manager", tab="catalogue")
    return show(request, "manager/catalogue.html", page, shell, 422 if form.errors else 200)


@router.post(HERE, policy=MANAGER_DECIDES)
async def quote(request: Request, call: Call) -> Response:
    """The facts of one choice; a rate of one's own is refused, and that it was tried is kept."""
    form = await sent(request)
    try:
        told = await quoting.quote(call, _ask(form), form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _catalogue(request, call, again(HERE, form, no, call))
    return await _catalogue(request, call, shown(HERE, form), told)


async def _hears(call: Caller, application_id: str) -> Hears | None:
    """Whose customer the quote is for; their name is a look that is on record."""
    if not application_id:
        return None
    try:
        known = UUID(application_id)
    except ValueError:
        raise NotFound from None
    who = await tasks.customer_card(call, known)
    return Hears(application_id, who.name or who.firm or "")


def _ask(form: dict[str, str]) -> quoting.Ask:
    numbers = {name: figure(form.get(name, "")) for name in ("months", "share", "rate")}
    amounts = {name: minor(form.get(name, "")) for name in ("amount", "revenue")}
    wrong = [name for name, value in {**numbers, **amounts}.items() if value is None]
    months = numbers["months"]
    if months is not None and months != int(months):
        wrong.append("months")
    if wrong:
        raise BadFields(fields=tuple(FieldError(name, "not_a_number") for name in wrong))
    return quoting.Ask(
        product_id=form.get("product", ""),
        amount_minor=amounts["amount"] or 0,
        months=int(months or 0),
        share=(numbers["share"] or Decimal(0)) / 100,
        monthly_revenue_minor=amounts["revenue"] or 0,
        annual_rate=(numbers["rate"] or Decimal(0)) / 100,
        application_id=UUID(form["for"]) if form.get("for") else None,
    )


@router.get(CODE, policy=MANAGER_DECIDES)
async def code(request: Request, call: Call) -> Response:
    """One's own code, large enough to be scanned from the screen."""
    seen = await codes.mine(call)
    path, size = squares(seen.url)
    page = CodePage(seen, path, size, shown(CODE))
    return show(request, "manager/code.html", page, await shell_of(request, call, "manager", tab="catalogue"))


def squares(text: str) -> tuple[str, int]:
    """A QR code (ISO/IEC 18004) as the path of an SVG and the length of its side, with the white around it."""
    rows = segno.make(text, error="m", micro=False).matrix
    drawn = "".join(
        f"M{x + QUIET} {y + QUIET}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )
    return drawn, len(rows) + 2 * QUIET


@router.post(CODE, policy=MANAGER_DECIDES)
async def another_code(request: Request, call: Call) -> Response:
    """A new one; the old one leads nowhere."""
    form = await sent(request)
    await codes.anew(call, form.get("key", ""))
    return go(CODE)


# --- for who leads ----------------------------------------------------------------------------------------------------


@router.get("/desk/quotes", policy=CARE)
async def attempts(request: Request, call: Call) -> Response:
    """Rates that somebody wanted to promise."""
    page = AttemptsPage(await quoting.attempts(call), await words_out.attempts(call))
    return show(request, "staff/attempts.html", page, await shell_of(request, call, "staff", tab="quotes"))


@router.get(AREAS, policy=LEADS)
async def territories(request: Request, call: Call) -> Response:
    """Whose each area is."""
    return await _territories(request, call, shown(AREAS))


async def _territories(request: Request, call: Caller, form: Form) -> Response:
    page = TerritoriesPage(await codes.territories(call), await leaves.managers(call), form)
    shell = await shell_of(request, call, "staff", tab="territories")
    return show(request, "staff/territories.html", page, shell, 422 if form.errors else 200)


@router.post(AREAS, policy=LEADS)
async def set_territory(request: Request, call: Call) -> Response:
    """An area is somebody's, or nobody's."""
    form = await sent(request)
    try:
        whose = form.get("staff_id", "")
        await codes.set_territory(
            call, form.get("area", "").strip(), UUID(whose) if whose else None, form.get("key", "")
        )
    except ValueError:
        no = BadFields(fields=(FieldError("staff_id", "not_one_of_these"),))
        return await _territories(request, call, again(AREAS, form, no, call))
    except (Refusal, Problem) as no:
        return await _territories(request, call, again(AREAS, form, no, call))
    return go(AREAS)
