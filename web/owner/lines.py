"""The line: what is free, what a draw would cost, one tap to the money; and asking for a line without typing anew."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from api import views
from api.caller import Call, Caller
from api.owner import applying, drawing, naming, seeing, shopping, uploading
from api.policy import OWNER, OWNER_APPLIES, OWNER_ASKS, OWNER_SIGNS
from api.problems import BadFields, FieldError, Problem
from api.routes import Router
from lending.applications import Stage
from lending.refusals import ConsentMissing, Refusal, StepUpNeeded
from web.asking import again, errors_of, figure, minor, sent, shown
from web.owner.places import place_of
from web.showing import go, shell_of, show
from web.views.owner import DrawPage, LinePage, LineStartPage, Range
from web.views.parts import Form

router = Router(include_in_schema=False)
# The kinds of line, by what the page calls them.
PRODUCTS = {"plain": "revolving_line", "receivables": "receivable_line"}
# What the slider stands at to somebody who has not moved it: half of what is free.
PART = 2
YUAN = 100
# While money is on its way the page looks again by itself.
SOON = 2
# A term and a share as the simulator has them: what is asked for is the limit, each draw chooses its own share.
MONTHS, SHARE = 12, Decimal("0.12")
WAIT = frozenset({"pending"})


@router.get("/lines", policy=OWNER)
async def lines(request: Request, call: Call) -> Response:
    """The newest line, or asking for one."""
    living = await drawing.living_line(call)
    if living is not None:
        return go(f"/lines/{living.id}")
    return await _start(request, call, request.query_params.get("on", ""))


async def _start(request: Request, call: Caller, kind: str, form: Form | None = None) -> Response:
    kind = kind if kind in PRODUCTS else "plain"
    product = shopping.product_of(call, PRODUCTS[kind])
    card = await shopping.product_card(call, product.id)
    amounts, rules = product.amounts, product.line
    # Where a slider stands to somebody who has not moved it: what most small firms ask for first.
    first = amounts.lowest_minor // YUAN * (6 if kind == "plain" else 2)
    page = LineStartPage(
        form=form or shown("/lines", {"amount": str(first), "on": kind}),
        kind=kind,
        amount=Range(amounts.lowest_minor // YUAN, amounts.highest_minor // YUAN, amounts.step_minor // YUAN),
        months=rules.months if rules else 0,
        lowest_draw_minor=rules.lowest_draw_minor if rules else amounts.lowest_minor,
        annual_rate=card.annual_rate,
        highest_annual_rate=card.highest_annual_rate,
    )
    shell = await shell_of(request, call, "owner", tab="loans")
    return show(request, "owner/line_start.html", page, shell, 422 if page.form.errors else 200)


@router.post("/lines", policy=OWNER_APPLIES)
async def ask(request: Request, call: Call) -> Response:
    """Ask for a line. Who one is, one's bills and permissions are taken as they stand; what is missing is asked for."""
    form = await sent(request)
    key, kind = form.get("key", ""), form.get("on", "plain")
    try:
        amount = minor(form.get("amount", ""))
        if amount is None or kind not in PRODUCTS:
            raise BadFields(fields=(FieldError("amount", "not_an_amount"),))
        wish = applying.Begin(amount, MONTHS, SHARE, product_id=PRODUCTS[kind], purpose="stock")
        begun = await applying.begin(call, wish, f"{key}.begin")
        await applying.identify_as_known(call, begun.object_id, f"{key}.identify")
        application = await seeing.application(call, begun.object_id)
        if application.stage == Stage.EVIDENCE:
            await applying.submit(call, begun.object_id, None, f"{key}.submit")
            application = await seeing.application(call, begun.object_id)
    except (Refusal, Problem) as no:
        return await _start(request, call, kind, again("/lines", form, no, call))
    return go(place_of(application))


@router.get("/lines/{line_id:uuid}", policy=OWNER)
async def line(request: Request, call: Call, line_id: UUID) -> Response:
    """What is free, and what a draw would cost. ``draw``: the command of one that was not taken up yet."""
    seen = await drawing.own_line(call, line_id)
    asked = _uuid(request.query_params.get("draw", ""))
    if asked is None:
        return await _page(request, call, seen)
    made = next((one for one in seen.draws if one.command_id == asked), None)
    if made is not None:
        return go(f"/progress/{made.id}")
    told = await seeing.command(call, asked)
    if told.state == "waiting":
        return await _page(request, call, seen, taken=True)
    refused = Form(f"/lines/{line_id}", errors={"": told.refusal.text}) if told.refusal else None
    return await _page(request, call, seen, refused)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _page(
    request: Request,
    call: Caller,
    seen: views.LineView,
    form: Form | None = None,
    naming_form: Form | None = None,
    *,
    taken: bool = False,
) -> Response:
    payee = await naming.named(call, seen.application_id)
    values = {name: request.query_params.get(name, first)[:20] for name, first in _first(seen, payee).items()}
    quote, errors = None, {}
    if seen.available_minor >= seen.lowest_draw_minor:
        try:
            quote = await drawing.quote(call, seen.id, _wish(values))
        except (Refusal, Problem) as no:
            errors = errors_of(no, call.locale)
    page = LinePage(
        seen=seen,
        form=form or Form(f"/lines/{seen.id}", "", values, errors),
        amount=Range(seen.lowest_draw_minor // YUAN, max(seen.available_minor, seen.lowest_draw_minor) // YUAN, 100),
        share=Range(_percent(seen.share), _percent(seen.highest_share), _percent(seen.share_step)),
        quote=quote,
        review=shown(f"/lines/{seen.id}/review") if seen.may_ask_review else None,
        payee=payee,
        name_payee=naming_form or shown(f"/lines/{seen.id}/payee"),
        drop_payee=shown(f"/lines/{seen.id}/payee/drop") if payee else None,
        may_read_invoices=await naming.may_read_invoices(call),
        taken=taken,
    )
    asked = payee is not None and payee.state == "asked"
    moving = taken or asked or any(one.state in WAIT for one in seen.draws)
    around: dict[str, Any] = {"poll": SOON, "refresh": SOON} if moving else {}
    shell = await shell_of(request, call, "owner", tab="loans", **around)
    wrong = (form and form.errors) or (naming_form and naming_form.errors)
    return show(request, "owner/line.html", page, shell, 422 if wrong else 200)


def _first(seen: views.LineView, payee: views.PayeeView | None) -> dict[str, str]:
    """What the form stands at: a seller who was named is whom the next draw is for."""
    step = seen.step_minor
    half = max(seen.lowest_draw_minor, seen.available_minor // PART // step * step)
    paid = "1" if payee is not None and payee.state == "covered" else ""
    return {"amount": str(half // YUAN), "share": f"{_percent(seen.share):f}", "entrusted": paid}


def _percent(share: Decimal) -> Decimal:
    return (share * 100).normalize()


def _wish(values: dict[str, str]) -> drawing.Wish:
    """What the sliders say; :class:`BadFields` for what is no number."""
    amount, share = minor(values.get("amount", "")), figure(values.get("share", ""))
    wrong = [name for name, value in (("amount", amount), ("share", share)) if value is None]
    if wrong or amount is None or share is None:
        codes = {"amount": "not_an_amount", "share": "not_a_number"}
        raise BadFields(fields=tuple(FieldError(name, codes[name]) for name in wrong))
    return drawing.Wish(amount, share / 100, entrusted=values.get("entrusted") == "1")


@router.get("/lines/{line_id:uuid}/draw", policy=OWNER_SIGNS)
async def confirm(request: Request, call: Call, line_id: UUID) -> Response:
    """The cost of this draw, before the tap."""
    values = {name: request.query_params.get(name, "")[:20] for name in ("amount", "share", "entrusted")}
    return await _confirm(request, call, line_id, values)


async def _confirm(
    request: Request, call: Caller, line_id: UUID, values: dict[str, str], form: Form | None = None
) -> Response:
    seen = await drawing.own_line(call, line_id)
    try:
        quote = await drawing.quote(call, line_id, _wish(values))
    except (Refusal, Problem) as no:
        return await _page(request, call, seen, again(f"/lines/{line_id}", values, no, call))
    at = f"/lines/{line_id}"
    proof = quote.step_up.needed and not quote.step_up.proven
    page = DrawPage(
        seen=seen,
        quote=quote,
        confirm=form or shown(f"{at}/draws", values),
        prove=shown(f"{at}/step-up", values) if proof else None,
        payee=await naming.named(call, seen.application_id) if quote.mode == "entrusted" else None,
    )
    shell = await shell_of(request, call, "owner", tab="loans")
    return show(request, "owner/line_draw.html", page, shell, 422 if form and form.errors else 200)


@router.post("/lines/{line_id:uuid}/draws", policy=OWNER_SIGNS)
async def draw(request: Request, call: Call, line_id: UUID) -> Response:
    """The tap."""
    form = await sent(request)
    try:
        receipt = await drawing.draw(call, line_id, _wish(form), form.get("key", ""))
    except StepUpNeeded:
        return go(f"/lines/{line_id}/draw?{_query(form)}")
    except ConsentMissing:
        return go("/privacy#consents")
    except (Refusal, Problem) as no:
        return await _confirm(request, call, line_id, form, again(f"/lines/{line_id}/draws", form, no, call))
    seen = await drawing.own_line(call, line_id)
    made = next((one for one in seen.draws if str(one.command_id) == str(receipt.command_id)), None)
    return go(f"/progress/{made.id}" if made else f"/lines/{line_id}?draw={receipt.command_id}")


@router.post("/lines/{line_id:uuid}/step-up", policy=OWNER_SIGNS)
async def prove(request: Request, call: Call, line_id: UUID) -> Response:
    """Prove who one is, for this draw."""
    form = await sent(request)
    await drawing.prove(call, line_id, _wish(form), form.get("method", ""), form.get("key", ""))
    return go(f"/lines/{line_id}/draw?{_query(form)}")


def _query(form: dict[str, str]) -> str:
    return urlencode({name: form[name] for name in ("amount", "share", "entrusted") if form.get(name)})


@router.post("/lines/{line_id:uuid}/payee", policy=OWNER_SIGNS)
async def name_payee(request: Request, call: Call, line_id: UUID) -> Response:
    """Name a seller to be paid by the next draws, with the invoices that ask for it."""
    seen = await drawing.own_line(call, line_id)
    form = await request.form(max_files=1)
    typed = {name: value for name, value in form.items() if isinstance(value, str)}
    file = form.get("files")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise BadFields(fields=(FieldError("file", "missing"),))
        said = naming.NewPayee(typed.get("payee_name", ""), typed.get("account", ""), typed.get("bank") or None)
        listed = uploading.Upload(file.filename, uploading.chunks_of(file))
        await naming.name_payee(call, seen.application_id, said, typed.get("key", ""), listed=listed)
    except ConsentMissing:
        return go("/privacy#consents")
    except (Refusal, Problem) as no:
        back = again(f"/lines/{line_id}/payee", typed, no, call)
        errors = {"payee_name" if name == "name" else name: words for name, words in back.errors.items()}
        return await _page(request, call, seen, naming_form=replace(back, errors=errors))
    return go(f"/lines/{line_id}#payee")


@router.post("/lines/{line_id:uuid}/payee/drop", policy=OWNER_SIGNS)
async def drop_payee(request: Request, call: Call, line_id: UUID) -> Response:
    """Be paid oneself again."""
    form = await sent(request)
    seen = await drawing.own_line(call, line_id)
    await naming.drop_payee(call, seen.application_id, form.get("key", ""))
    return go(f"/lines/{line_id}")


@router.post("/lines/{line_id:uuid}/review", policy=OWNER_ASKS)
async def ask_review(request: Request, call: Call, line_id: UUID) -> Response:
    """Ask a person to look at what was done to the line."""
    form = await sent(request)
    await drawing.ask_review(call, line_id, form.get("key", ""))
    return go(f"/lines/{line_id}")
