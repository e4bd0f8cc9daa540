"""Before anybody signs in: the simulator, the product and its terms, three questions, help; and the language."""

from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from api import fields
from api.caller import Call, Caller
from api.owner import helping, person, shopping
from api.policy import OWNER_ASKS, PUBLIC
from api.problems import BadFields, FieldError, Problem
from api.routes import Router
from infra.i18n import LOCALES
from lending.refusals import Refusal
from web.asking import errors_of, figure, local, minor, sent, shown
from web.owner import dress
from web.owner.kinds import HOW, ON, RENEWS, meant, offered, on_in
from web.showing import go, shell_of, show
from web.views import owner
from web.views.parts import Form
from web.wording import Say

router = Router(include_in_schema=False)

# What the sliders show to somebody who has not moved them: a noodle shop's stock.
FIRST = {"amount": "80000", "months": "12", "share": "12", "revenue": "60000"}
CARRIED = (*FIRST, HOW, RENEWS, ON)
# What a maker of parts asks for first.
FIRST_ON = {"collateral": {"amount": "1000000", "months": "24", "share": "20", "revenue": "400000"}}
QUESTIONS = ("cost", "bills", "bureau", "zero", "arrived")
A_YEAR = 365 * 24 * 3600


@router.get("/", policy=PUBLIC)
async def home(request: Request, call: Call) -> Response:
    """What would it cost me?"""
    on = on_in(request.query_params.get(ON, ""))
    product_id = meant(call, request.query_params)
    card = await shopping.product_card(call, product_id)
    values = {name: request.query_params.get(name, first)[:20] for name, first in FIRST_ON.get(on, FIRST).items()}
    quote, errors = None, {}
    try:
        asked = replace(wish(values), product_id=product_id)
        quote = dress.quote(await shopping.simulate(call, asked))
    except (Refusal, Problem) as no:
        errors = errors_of(no, call.locale)
    kinds = () if on else await offered(call)
    page = owner.HomePage(Form("/", "", values, errors), dress.ranges(card), quote, dress.product(card), on, kinds)
    return show(request, "owner/home.html", page, await shell_of(request, call, _audience(call)))


def wish(values: dict[str, str]) -> shopping.Simulate:
    """What the sliders say; :class:`BadFields` for what is no number."""
    found = {name: figure(values.get(name, "")) for name in FIRST}
    amounts = {name: minor(values.get(name, "")) for name in ("amount", "revenue")}
    wrong = [name for name, value in {**found, **amounts}.items() if value is None]
    if found["months"] is not None and found["months"] != int(found["months"]):
        wrong.append("months")
    if wrong:
        raise BadFields(fields=tuple(unreadable(name) for name in wrong))
    return shopping.Simulate(
        amount_minor=amounts["amount"] or 0,
        months=int(found["months"] or 0),
        share=(found["share"] or Decimal(0)) / 100,
        monthly_revenue_minor=amounts["revenue"] or 0,
    )


def beyond(call: Caller, values: dict[str, str]) -> bool:
    """Whether what is wished for is nothing that its product lends; a renewal is asked on its own loan's terms."""
    if values.get(RENEWS):
        return False
    product = shopping.product_of(call, meant(call, values))
    try:
        said = wish({**FIRST, **{name: value for name, value in values.items() if value}})
        form, amount = fields.Form(), said.amount_minor
        shopping.chosen_terms(product, form, amount_minor=amount, months=said.months, share=said.share)
    except (Refusal, Problem):
        return True
    return False


def unreadable(name: str) -> FieldError:
    """What a field that was to be a number is told, with an example of its own."""
    codes = {"months": "not_a_whole_number", "share": "not_a_number"}
    return FieldError(name, codes.get(name, "not_an_amount"))


def wish_in(values: dict[str, str]) -> str:
    """The same as the query of an address."""
    return urlencode({name: values[name] for name in CARRIED if values.get(name)})


def _audience(call: Caller) -> str:
    return "owner" if call.principal.kind == "owner" else "public"


@router.get("/product", policy=PUBLIC)
async def product(request: Request, call: Call) -> Response:
    """The product in its own numbers, and whether it fits."""
    card = await shopping.product_card(call)
    answers = {name: request.query_params.get(name, "") for name in owner.ELIGIBILITY}
    given = {name: answer for name, answer in answers.items() if answer in ("yes", "no")}
    verdict, blockers, errors = None, (), {}
    if len(given) == len(owner.ELIGIBILITY):
        found = await shopping.eligibility(call, _eligibility(given, card.history_months))
        verdict, blockers = "yes" if found.ok else "no", tuple(reason.text for reason in found.missing)
    elif any(answers.values()):
        errors = {name: Say("web.error.choose") for name in owner.ELIGIBILITY if name not in given}
    form = Form("/product", "", given, errors)
    page = owner.ProductPage(dress.product(card), form, verdict, blockers, await offered(call))
    return show(request, "owner/product.html", page, await shell_of(request, call, _audience(call)))


def _eligibility(given: dict[str, str], needed: int) -> shopping.Eligibility:
    return shopping.Eligibility(
        kind="sole_trader",
        months_in_trade=needed if given["months"] == "yes" else 0,
        months_of_bills=needed if given["takings"] == "yes" else 0,
        overdue_now=given["overdue"] == "yes",
    )


@router.get("/terms", policy=PUBLIC)
async def terms(request: Request, call: Call) -> Response:
    """All the rules on one page, to print or to keep."""
    page = dress.product(await shopping.product_card(call))
    return show(request, "owner/terms.html", page, await shell_of(request, call, _audience(call)))


@router.get("/help", policy=PUBLIC)
async def help_page(request: Request, call: Call) -> Response:
    """Answers to what people ask; somebody who is signed in can say that they do not help."""
    asked = request.query_params.get("q", "").strip()[: helping.ASKED_LONGEST]
    answers = await helping.answered(call, asked)
    about = request.query_params.get("about", "")
    signed_in = call.may("own.ask")
    page = owner.HelpPage(
        answers,
        about if any(one.id == about for one in answers) else answers[0].id if answers else "",
        asked=asked,
        miss=shown("/help/missed", {"asked": asked}) if asked and signed_in else None,
        person=helping.for_a_person(call, asked),
        noted="noted" in request.query_params,
        call=await helping.waiting(call) if signed_in else None,
    )
    return show(request, "owner/help.html", page, await shell_of(request, call, _audience(call)))


@router.post("/help/missed", policy=OWNER_ASKS)
async def help_missed(request: Request, call: Call) -> Response:
    """The answer did not help; the second time a manager calls."""
    form = await sent(request)
    waits = await helping.missed(call, form.get("asked", ""), form.get("key", ""))
    return go("/help" if waits else "/help?noted=1")


@router.post("/language", policy=PUBLIC)
async def language(request: Request, call: Call) -> Response:
    """Read on in the other language; for somebody who is signed in also next time and in messages."""
    form = await sent(request)
    answer = go(local(form.get("back", "/")))
    if (wanted := form.get("locale", "")) in LOCALES:
        answer.set_cookie("lang", wanted, max_age=A_YEAR, samesite="lax", secure=call.tools.secure, httponly=True)
        if call.principal.kind == "owner" and (key := form.get("key")):
            await person.change_profile(call, person.ChangeProfile(locale=wanted), key)
    return answer
