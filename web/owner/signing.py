"""Reading the key facts and signing: the server holds the reading time and the code; the page shows both."""

from collections.abc import Mapping
from dataclasses import replace

from fastapi import Request
from fastapi.responses import Response

from api import paper_checks
from api.caller import Call, Caller
from api.owner import inviting, naming, person, releasing, signing
from api.policy import OWNER_APPLIES, OWNER_SIGNS
from api.problems import Problem
from api.routes import Router
from api.views import ApplicationView, KeyFactsView
from lending.applications import Stage
from lending.refusals import AlreadySigned, KeyFactsNotOpened, Refusal
from web.asking import again, errors_of, just_asked, sent, shown
from web.owner.applying import current
from web.owner.places import events_of, place_of
from web.owner.sheet import sheet_of
from web.owner.signing_in import MINUTES, codes_url
from web.showing import go, shell_of, show
from web.views.owner import KeyFactsPage, SignPage
from web.views.parts import Action, Form
from web.wording import Say

router = Router(include_in_schema=False)
FACTS, CODE, PROOF, PAYEE = "/apply/sign", "/apply/sign/code", "/apply/sign/step-up", "/apply/sign/payee"
PAPER = "/apply/sign/paper"
ALREADY = "/progress?said=already_signed"
# The papers are being printed: the page asks again so soon.
PRINTING = 2


@router.get("/apply/key-facts", policy=OWNER_APPLIES)
async def key_facts_page(request: Request, call: Call) -> Response:
    """The sheet. Opening it starts the reading time."""
    application = await current(call)
    if application.stage == Stage.OFFERED and application.offer_id is not None:
        if await signing.printing_failed(call, application.id):
            return go("/apply/decision")
        return await _printing(request, call, application)
    if application.stage == Stage.OFFERED and just_asked(request, call):  # the choice is being taken up
        return await _printing(request, call, application)
    if application.stage != Stage.SIGNING:
        return go(place_of(application))
    return await _key_facts(request, call, await signing.key_facts(call, application.id))


async def _printing(request: Request, call: Caller, application: ApplicationView) -> Response:
    shell = await shell_of(request, call, "owner", live=events_of(application), refresh=PRINTING)
    return show(request, "owner/printing.html", None, shell)


async def _key_facts(
    request: Request, call: Caller, facts: KeyFactsView, errors: Mapping[str, Say | str] | None = None
) -> Response:
    papers = {"web.key_facts.sheet_pdf": facts.sheet_paper, "web.key_facts.contract": facts.contract}
    page = KeyFactsPage(
        sheet=sheet_of(facts.sheet, call.locale),
        form=shown(FACTS, errors=errors),
        seconds_left=facts.seconds_left,
        reading_seconds=call.tools.policies.key_facts_seconds,
        papers=tuple(Action(Say(name), f"/papers/{paper.id}") for name, paper in papers.items() if paper),
    )
    shell = await shell_of(request, call, "owner")
    return show(request, "owner/key_facts.html", page, shell, 422 if errors else 200)


@router.post("/apply/sign", policy=OWNER_SIGNS)
async def start_signing(request: Request, call: Call) -> Response:
    """It has been read: send the code that is bound to these terms."""
    form = await sent(request)
    application = await current(call)
    if application.stage in signing.SIGNED:
        return go(ALREADY)
    try:
        await signing.start_signing(call, application.id, form.get("key", ""))
    except (Refusal, Problem) as no:
        facts = await signing.key_facts(call, application.id)
        if isinstance(no, KeyFactsNotOpened) or not form.get("again"):
            return await _key_facts(request, call, facts, errors_of(no, call.locale))
        return await _sign(request, call, application, shown(CODE, errors=errors_of(no, call.locale)))
    return go("/apply/sign")


@router.get("/apply/sign", policy=OWNER_SIGNS)
async def sign_page(request: Request, call: Call) -> Response:
    """What is signed, in words, and the code."""
    application = await current(call)
    if application.stage in signing.SIGNED:
        return go(ALREADY)
    if application.to_do != "sign":
        return go(place_of(application))
    return await _sign(request, call, application, shown(CODE))


async def _sign(
    request: Request,
    call: Caller,
    application: ApplicationView,
    form: Form,
    payee: Form | None = None,
    *,
    paper: Form | None = None,
) -> Response:
    facts = await signing.key_facts(call, application.id)
    leaves = await releasing.release(call, application.id)
    unproven = leaves.step_up.needed and not leaves.step_up.proven
    page = SignPage(
        sheet=sheet_of(facts.sheet, call.locale),
        form=form,
        phone_masked=(await person.profile(call)).phone_masked,
        resend=shown(FACTS, {"again": "yes"}),
        codes_url=codes_url(call, await person.phone(call)) if call.tools.simulated else None,
        code_minutes=MINUTES,
        release=leaves,
        prove=shown(PROOF) if unproven else None,
        name_payee=payee or (shown(PAYEE) if await naming.invoice_lists(call, application.id) else None),
        drop_payee=shown(f"{PAYEE}/drop") if leaves.payee else None,
        awaited=(await inviting.of_application(call, application.id)).awaited,
        paper=paper or shown(PAPER),
        paper_same=request.query_params.get("paper") == "same",
    )
    shell = await shell_of(request, call, "owner")
    wrong = form.errors or (payee and payee.errors) or (paper and paper.errors)
    return show(request, "owner/sign.html", page, shell, 422 if wrong else 200)


@router.post("/apply/sign/code", policy=OWNER_SIGNS)
async def sign(request: Request, call: Call) -> Response:
    """Sign."""
    form = await sent(request)
    application = await current(call)
    if application.stage in signing.SIGNED:
        return go(ALREADY)
    if application.stage != Stage.SIGNING:
        return go(place_of(application))
    try:
        signature = signing.Signature(form.get("code", ""), form.get("terms_hash", ""))
        await signing.sign(call, application.id, signature, form.get("key", ""))
    except AlreadySigned:  # in another tab, or on another phone
        return go(ALREADY)
    except (Refusal, Problem) as no:
        return await _sign(request, call, application, again(CODE, form, no, call, ("code",)))
    return go("/progress")


@router.post("/apply/sign/step-up", policy=OWNER_SIGNS)
async def step_up(request: Request, call: Call) -> Response:
    """So much money takes a fresh proof of identity; what came of it stands on the page."""
    form = await sent(request)
    application = await current(call)
    if application.stage in signing.SIGNED:
        return go(ALREADY)
    await releasing.prove(call, application.id, form.get("method", ""), form.get("key", ""))
    return go(FACTS)


@router.post(PAPER, policy=OWNER_SIGNS)
async def check_paper(request: Request, call: Call) -> Response:
    """Hold the contract on paper beside the one on the screen (B5)."""
    form = await sent(request)
    application = await current(call)
    if application.stage != Stage.SIGNING:
        return go(place_of(application))
    code, key = form.get("paper_code", ""), form.get("key", "")
    try:
        seen = await paper_checks.check(call, application.id, code, key, person=call.person_id)
    except (Refusal, Problem) as no:
        back = again(PAPER, form, no, call)
        errors = {"paper_code" if name == "code" else name: words for name, words in back.errors.items()}
        return await _sign(request, call, application, shown(CODE), paper=replace(back, errors=errors))
    if seen.same:
        return go(f"{FACTS}?paper=same")
    differs = Say("lending.refusal.paper_differs", {"printed": seen.printed, "shown": seen.shown})
    return await _sign(request, call, application, shown(CODE), paper=shown(PAPER, errors={"paper_code": differs}))


@router.post(PAYEE, policy=OWNER_SIGNS)
async def name_payee(request: Request, call: Call) -> Response:
    """Have a seller paid straight, against the newest list of invoices; a code that was sent before is void."""
    form = await sent(request)
    application = await current(call)
    if application.stage in signing.SIGNED:
        return go(ALREADY)
    lists = await naming.invoice_lists(call, application.id)
    if not lists:
        return go(FACTS)
    said = naming.NewPayee(form.get("payee_name", ""), form.get("account", ""), form.get("bank") or None, lists[0])
    try:
        await naming.name_payee(call, application.id, said, form.get("key", ""))
    except (Refusal, Problem) as no:
        back = again(PAYEE, form, no, call)
        errors = {"payee_name" if name == "name" else name: words for name, words in back.errors.items()}
        return await _sign(request, call, application, shown(CODE), replace(back, errors=errors))
    return go(FACTS)


@router.post(f"{PAYEE}/drop", policy=OWNER_SIGNS)
async def drop_payee(request: Request, call: Call) -> Response:
    """Be paid oneself again."""
    form = await sent(request)
    application = await current(call)
    if application.stage in signing.SIGNED:
        return go(ALREADY)
    await naming.drop_payee(call, application.id, form.get("key", ""))
    return go(FACTS)
