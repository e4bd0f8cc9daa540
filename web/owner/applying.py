"""Applying: who you are and what you allow. Each page sends one command and goes where the next thing is to do."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api import drafting
from api.caller import Call, Caller, cookie_name
from api.hands import owners
from api.idempotency import new_key
from api.owner import applying, being_seen, consenting, person, photographing, seeing, shopping
from api.policy import OWNER_APPLIES, OWNER_CONSENTS
from api.problems import BadFields, DraftChanged, FieldError, NotFound, Problem, Running
from api.routes import Router
from api.views import ApplicationView, ConsentText, DraftView
from lending.application_steps import KEPT
from lending.applications import Stage
from lending.consents import Purpose
from lending.profiles import Profiles
from lending.refusals import ApplicationOpen, Refusal
from web.asking import again, sent, shown
from web.drafting import asking_of, note_of, seen_in, typed_in, values_of
from web.owner import dress
from web.owner.front import CARRIED, FIRST, beyond, wish, wish_in
from web.owner.introduced import VIA
from web.owner.kinds import RENEWS, dated, meant
from web.owner.looking_back import look_back
from web.owner.photos import read_of, shown_photos, taken_of
from web.owner.places import events_of, place_of
from web.showing import go, shell_of, show
from web.views import owner
from web.views.parts import Action
from web.wording import Say

router = Router(include_in_schema=False)
ASKED = ("kind", "capacity", "presence", "name", "id_number", "firm_name", "licence", "account", "bank", "purpose")


async def current(call: Caller) -> ApplicationView:
    """The application that has not ended, else the newest; :class:`NotFound` for somebody who never applied."""
    found = await seeing.applications(call)
    if not found:
        raise NotFound
    return next((one for one in found if one.stage not in ENDED), found[0])


# While photos are read the page looks again by itself, with a script and without.
LOOK_AGAIN = 2
# How long a person looks at a page that does not answer, and how often we look meanwhile.
PATIENCE = timedelta(seconds=8)
LOOK_EVERY = timedelta(milliseconds=100)
ENDED = frozenset({Stage.FUNDED.value, Stage.OPENED.value, Stage.WITHDRAWN.value, Stage.LAPSED.value})


@router.get("/apply", policy=OWNER_APPLIES)
async def apply(request: Request, call: Call) -> Response:
    """To wherever the next thing is to do."""
    open_one = await seeing.open_application(call)
    if open_one is None:
        query = wish_in({name: request.query_params.get(name, "")[:36] for name in CARRIED})
        return go("/apply/identity" + (f"?{query}" if query else ""))
    return go(place_of(open_one))


# --- who you are ------------------------------------------------------------------------------------------------------


@router.get("/apply/identity", policy=OWNER_APPLIES)
async def identity_page(request: Request, call: Call) -> Response:
    """Who are you, and where to pay? While the checks run: how they stand."""
    open_one = await seeing.open_application(call)
    if open_one is None:
        kept = {**FIRST, **values_of(await drafting.find(call, owners(call)))}
        values = {name: request.query_params.get(name, kept.get(name, ""))[:36] for name in CARRIED}
        if beyond(call, values):  # said where it is chosen, before anything is typed
            return go(f"/?{wish_in(values)}")
        return await _identity(request, call, None, values)
    if "look" in request.query_params and open_one.stage not in (Stage.DRAFT, Stage.IDENTITY):
        return await look_back(request, call, open_one)
    if open_one.stage not in (Stage.DRAFT, Stage.IDENTITY, Stage.CONSENT):
        return go(place_of(open_one))
    return await _identity(request, call, open_one, {})


def _filled(draft: DraftView | None) -> dict[str, str]:
    """What stands in the draft; a field that was left empty there may still be filled from elsewhere."""
    return {name: value for name, value in values_of(draft).items() if value}


async def _identity(
    request: Request,
    call: Caller,
    application: ApplicationView | None,
    values: dict[str, str],
    error: Refusal | Problem | None = None,
) -> Response:
    draft = await drafting.find(call, owners(call)) if application is None else None
    seen = await seeing.identity(call, application.id) if application else None
    papers = await photographing.photos(call)
    begun = seen is not None and seen.kind is not None
    checks = dress.checks(seen) if begun and seen and error is None else ()
    if application and application.note.get("reopened") and all(check.state != "asked" for check in checks):
        checks = ()  # they stand for what was said before; the form is shown to say it anew
    looked = await being_seen.seeing(call, application.id) if application and checks else None
    failed = any(check.state == "mismatch" for check in checks)
    passed = application is not None and application.stage == Stage.CONSENT
    known = {} if application else await person.known(call)
    numbers = await person.known_numbers(call, application.id if application else None)
    if seen and begun:
        given = {
            "kind": seen.kind,
            "capacity": seen.capacity,
            "name": seen.name,
            "firm_name": seen.firm_name,
            "bank": seen.bank,
        }
        known = {name: value for name, value in given.items() if value}
    read, noted = read_of(papers)
    action = "/apply/identity"
    form = (
        again(action, values, error, call)
        if error and not isinstance(error, DraftChanged)
        else shown(action, {**read, **known, **(taken_of(papers) if application else {}), **_filled(draft), **values})
    )
    page = owner.IdentityPage(
        form,
        checks,
        passed=passed,
        again=failed and not passed,
        proceed=Action(Say("web.identity.next"), "/apply/consents") if passed else None,
        purposes=shopping.product_of(call, meant(call, form.values)).purposes if application is None else (),
        asking=asking_of(call.tools.policies.profiles),
        seeing=looked,
        slot=shown("/apply/identity/slot"),
        go_on=shown("/apply/identity/again"),
        permission=None if checks and not failed else await _asked_for_checks(call, values),
        photographing=shown(
            "/apply/identity/photos",
            {name: values.get(name, "") for name in CARRIED},
            errors={"photos": Say("web.identity.photo.not_taken")} if "photo" in request.query_params else None,
        ),
        photos=shown_photos(papers, form.values),
        kept=person.masked(numbers) if numbers else {},
        how=dated(call, form.values) if application is None else "",
        noted={name: words for name, words in noted.items() if form.values.get(name) == read[name]},
        draft=note_of(
            draft,
            error if isinstance(error, DraftChanged) else None,
            saved="kept" in request.query_params and error is None,
        ),
    )
    waiting = bool(checks) and not passed and not failed
    calm = looked is not None and not passed
    shell = await shell_of(
        request,
        call,
        "owner",
        live=events_of(application) if waiting and application else "",
        version=str(application.version) if application else "",
        poll=LOOK_AGAIN if page.reading else 0,
        refresh=20 if calm and waiting else LOOK_AGAIN if waiting or page.reading else 0,
    )
    return show(request, "owner/identity.html", page, shell, 422 if error else 200)


@router.post("/apply/identity", policy=OWNER_APPLIES)
async def identify(request: Request, call: Call) -> Response:
    """Begin, if nothing was begun, and have the identity checked."""
    form = await sent(request)
    key = form.get("key", "")
    open_one = await seeing.open_application(call)
    try:
        said = applying.Identity(
            kind=form.get("kind", ""),
            name=form.get("name", ""),
            id_number=form.get("id_number", ""),
            firm_name=form.get("firm_name"),
            licence=form.get("licence"),
            account_number=form.get("account", ""),
            bank=form.get("bank"),
            capacity=form.get("capacity"),
            presence=form.get("presence"),
        )
        if numbers := await person.known_numbers(call, open_one.id if open_one else None):
            said = person.as_known(said, numbers)
        _complete(said, form if open_one is None else None, call.tools.policies.profiles)
        via = request.cookies.get(cookie_name(VIA, call.tools))
        application_id = open_one.id if open_one else await _begin(call, form, key, via)
        await _begun(call, application_id)
        await applying.identify(call, application_id, said, key)
    except (Refusal, Problem) as no:
        return await _identity(request, call, open_one, form, no)
    return go("/apply")


@router.post("/apply/identity/slot", policy=OWNER_APPLIES)
async def be_seen(request: Request, call: Call) -> Response:
    """Be seen by a manager then, instead of a camera: one tap."""
    form = await sent(request)
    open_one = await seeing.open_application(call)
    with suppress(BadFields, Refusal, ValueError):  # a slot that is gone: the page shows those that are free
        if open_one is not None:
            at = datetime.fromisoformat(form.get("slot", ""))
            await being_seen.choose(call, open_one.id, form.get("method", ""), at, form.get("key", ""))
    return go("/apply/identity")


@router.post("/apply/identity/again", policy=OWNER_APPLIES)
async def identify_again(request: Request, call: Call) -> Response:
    """Go on after somebody looked; nothing is typed twice."""
    form = await sent(request)
    open_one = await seeing.open_application(call)
    if open_one is not None:
        with suppress(Refusal):
            await being_seen.go_on(call, open_one.id, form.get("key", ""))
    return go("/apply")


@router.post("/apply/draft", policy=OWNER_APPLIES)
async def keep(request: Request, call: Call) -> Response:
    """Keep what is typed so far. Our module asks for it at every field that was left, and wants no page."""
    form = await sent(request)
    alone = request.headers.get("x-keep") == "1"
    try:
        draft = await drafting.save(
            call, owners(call), typed_in(form), seen=seen_in(form), key=new_key() if alone else form["key"]
        )
    except DraftChanged as no:
        if alone:
            return Response(status_code=no.status)
        return await _identity(request, call, None, {name: value for name, value in form.items() if name in KEPT}, no)
    if alone:
        return Response(status_code=204, headers={"ETag": f'"v{draft.version}"'})
    return go("/apply/identity?kept=1")


@router.post("/apply/draft/reminders", policy=OWNER_APPLIES)
async def no_reminders(request: Request, call: Call) -> Response:
    """Do not be reminded."""
    form = await sent(request)
    await drafting.set_reminders(call, wanted=False, key=form.get("key", ""))
    return go("/apply/identity?kept=1")


@router.post("/apply/draft/away", policy=OWNER_APPLIES)
async def throw_away(request: Request, call: Call) -> Response:
    """Forget the draft and start with an empty page."""
    form = await sent(request)
    await drafting.throw_away(call, form.get("key", ""))
    return go("/apply/identity")


@router.post("/apply/identity/allow", policy=OWNER_CONSENTS)
async def allow_checks(request: Request, call: Call) -> Response:
    """Face and identity card are asked for by themselves, before anything is typed (个保法 29)."""
    form = await sent(request)
    given = consenting.ConsentGiven(Purpose.IDENTITY_CHECK.value, form.get("text_hash", ""))
    with suppress(BadFields):  # the words have changed since the page was made: it is shown anew
        await consenting.allow(call, given, form.get("key", ""))
    query = wish_in({name: form.get(name, "")[:36] for name in CARRIED})
    return go("/apply/identity" + (f"?{query}" if query else ""))


async def _asked_for_checks(call: Caller, values: Mapping[str, str]) -> owner.Permission | None:
    """The permission that the checks need, where it is not in force."""
    found = next(one for one in await consenting.everything(call) if one.purpose == Purpose.IDENTITY_CHECK)
    if found.given_at:
        return None
    item = owner.ConsentItem(found.purpose, found.text, found.text_hash, found.valid_days)
    hidden = {"text_hash": found.text_hash} | {name: values[name] for name in CARRIED if values.get(name)}
    return owner.Permission(item, shown("/apply/identity/allow", hidden))


def _complete(said: applying.Identity, beginning: dict[str, str] | None, profiles: Profiles) -> None:
    """Everything that is missing or wrong at once; ``beginning``: the form of somebody who begins with it."""
    wrong: list[FieldError] = []
    try:
        applying.checked(said, profiles)
    except BadFields as no:
        wrong += [FieldError("kind", "choose_kind") if one.field == "kind" else one for one in no.fields]
    if beginning is not None and not beginning.get("purpose"):
        wrong.append(FieldError("purpose", "choose_purpose"))
    if wrong:
        raise BadFields(fields=tuple(wrong))


async def _begin(call: Caller, form: dict[str, str], key: str, via: str | None) -> UUID:
    asked = wish({name: form.get(name, first) for name, first in FIRST.items()})
    begun = applying.Begin(
        amount_minor=asked.amount_minor,
        months=asked.months,
        share=asked.share,
        monthly_revenue_minor=asked.monthly_revenue_minor,
        purpose=form.get("purpose") or None,
        renews=_renewed(form),
        via=via,
        product_id=meant(call, form),
    )
    try:
        receipt = await applying.begin(call, begun, key)
    except ApplicationOpen:
        # Begun by a twin of this request that was refused after its beginning.
        found = await seeing.open_application(call)
        if found is None:
            raise
        return found.id
    return receipt.object_id


def _renewed(form: dict[str, str]) -> UUID | None:
    try:
        return UUID(form[RENEWS]) if form.get(RENEWS) else None
    except ValueError:
        raise NotFound from None


async def _begun(call: Caller, application_id: UUID) -> None:
    """Wait until the application is on its way: its beginning may take longer than a command's deadline.

    Raises :class:`Running` when it takes longer than a person waits; the form then comes back with all that was typed.
    """
    for _ in range(int(PATIENCE / LOOK_EVERY)):
        if (await seeing.application(call, application_id)).stage != Stage.DRAFT:
            return
        await asyncio.sleep(LOOK_EVERY.total_seconds())
    raise Running(retry_after=1)


# --- what you allow ---------------------------------------------------------------------------------------------------


@router.get("/apply/consents", policy=OWNER_APPLIES)
async def consents_page(request: Request, call: Call) -> Response:
    """Three things, asked one by one."""
    application = await current(call)
    if application.to_do != "consent" and application.stage != Stage.CONSENT:
        # Given already: they stand, each with its end and its way back, among the permissions.
        return go("/privacy" if "look" in request.query_params else place_of(application))
    return await _consents(request, call, application)


async def _consents(
    request: Request, call: Caller, application: ApplicationView, errors: Mapping[str, Say | str] | None = None,
    ticked: frozenset[str] = frozenset(),
) -> Response:  # fmt: skip
    texts = await consenting.consent_sheet(call, application.id)
    items = tuple(
        owner.ConsentItem(
            one.purpose,
            one.text,
            one.text_hash,
            one.valid_days,
            one.needed,
            one.given_at is not None or one.purpose in ticked,
        )
        for one in texts
    )
    page = owner.ConsentsPage(shown("/apply/consents", errors=errors), items)
    shell = await shell_of(request, call, "owner")
    return show(request, "owner/consents.html", page, shell, 422 if errors else 200)


@router.post("/apply/consents", policy=OWNER_APPLIES)
async def give_consents(request: Request, call: Call) -> Response:
    """Give those that were ticked, one by one. What the loan cannot do without and was not ticked is said beside it."""
    form = await request.form()
    ticked = frozenset(str(value) for value in form.getlist("consent"))
    application = await current(call)
    texts = await consenting.consent_sheet(call, application.id)
    missing = {one.purpose: _needed(one) for one in texts if one.needed and one.purpose not in ticked}
    if missing:
        return await _consents(request, call, application, missing, ticked)
    given = tuple(
        consenting.ConsentGiven(one.purpose, str(form.get(f"hash_{one.purpose}", "")))
        for one in texts
        if one.purpose in ticked and (one.given_at is None or application.stage == Stage.CONSENT)
    )
    try:
        await consenting.give_all(call, application.id, given, str(form.get("key", "")))
    except BadFields:
        # The words have changed since the page was made: show the new ones and ask again.
        return await _consents(request, call, application, {"": Say("lending.refusal.terms_changed")}, frozenset())
    return go("/apply")


def _needed(one: ConsentText) -> Say:
    return Say("web.error.consent", {"title": Say(f"web.consent.{one.purpose}.title")})


@router.post("/progress/withdraw", policy=OWNER_APPLIES)
async def withdraw(request: Request, call: Call) -> Response:
    """Take the application back."""
    form = await sent(request)
    await applying.withdraw(call, (await current(call)).id, form.get("key", ""))
    return go("/progress")
