"""What is kept for the owner: papers, messages, consents and who looked, their own settings and devices."""

from contextlib import suppress
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call
from api.owner import consenting, data_rights, person, seeing
from api.policy import FIRM_PAPERS, OWNER, OWNER_CONSENTS
from api.problems import BadFields
from api.routes import Router, attachment
from api.views import PaperView
from infra import i18n
from web.asking import sent, shown
from web.owner.story import number_of
from web.showing import go, shell_of, show
from web.views.owner import (
    ConsentItem,
    Copy,
    GivenConsent,
    Message,
    MessagesPage,
    Paper,
    PapersPage,
    Permission,
    PrivacyPage,
    ProfilePage,
    Reading,
    Seat,
)
from web.views.trust import Trust
from web.wording import Say

router = Router(include_in_schema=False)
A_YEAR = 365 * 24 * 3600


@router.get("/papers", policy=FIRM_PAPERS)
async def papers(request: Request, call: Call) -> Response:
    """Everything that was printed, newest first."""
    found: list[Paper] = []
    for one in await seeing.applications(call):
        found += [_paper(paper, number_of(one)) for paper in await seeing.papers(call, one.id)]
    found.sort(key=lambda paper: paper.at, reverse=True)
    shell = await shell_of(request, call, "owner", tab="papers")
    return show(request, "owner/papers.html", PapersPage(tuple(found)), shell)


def _paper(seen: PaperView, number: str) -> Paper:
    return Paper(seen.kind, number, seen.created_at, seen.sha256, seen.size, f"/papers/{seen.id}")


@router.get("/papers/{document_id:uuid}", policy=FIRM_PAPERS)
async def paper(call: Call, document_id: UUID) -> Response:
    """One paper, to save; its hash was checked."""
    return attachment(await seeing.paper(call, document_id))


@router.get("/messages", policy=OWNER)
async def messages(request: Request, call: Call) -> Response:
    """Everything that we sent."""
    found = tuple(
        Message(
            one.text,
            one.sent_at or one.created_at,
            one.state,
            "text",
            purpose=one.purpose,
            because=one.because,
            not_before=one.not_before,
        )
        for one in await person.messages(call)
    )
    shell = await shell_of(request, call, "owner", tab="messages")
    return show(request, "owner/messages.html", MessagesPage(found), shell)


@router.get("/privacy", policy=OWNER)
async def privacy(request: Request, call: Call) -> Response:
    """What was allowed, and who looked."""
    after = request.query_params.get("after") or None
    seen = await person.privacy(call, after)
    asked = tuple(
        Permission(
            ConsentItem(one.purpose, one.text, one.text_hash, one.valid_days, needed=one.needed),
            shown("/privacy/allow", {"purpose": one.purpose, "text_hash": one.text_hash}),
        )
        for one in await consenting.everything(call)
        if one.given_at is None
    )
    page = PrivacyPage(
        consents=tuple(
            GivenConsent(
                purpose=one.purpose,
                given_at=one.given_at,
                expires_on=one.expires_on,
                withdrawn_at=one.withdrawn_at,
                in_force=one.in_force,
                withdraw=shown("/privacy/withdraw", {"consent_id": str(one.id)}) if one.in_force else None,
            )
            for one in seen.consents
        ),
        readings=tuple(
            Reading(one.at, _named("actor", one.actor), _named("what", one.what), _named("purpose", one.purpose))
            for one in seen.reads
        ),
        older=f"/privacy?after={seen.next}#looks" if seen.next else "",
        asked=asked,
        copies=tuple(
            Copy(
                one.state,
                one.asked_at,
                one.expires_at,
                one.size or 0,
                f"/privacy/exports/{one.id}" if one.state == "ready" else "",
            )
            for one in await data_rights.copies(call)
        ),
        export=shown("/privacy/code", {"kind": "export"}),
        offers=shown("/privacy/offers"),
        offers_wanted=(await person.profile(call)).offers_wanted,
    )
    shell = await shell_of(request, call, "owner", tab="profile")
    return show(request, "owner/privacy.html", page, shell)


def _named(kind: str, code: str) -> Say | str:
    """The words of an actor, a thing or a purpose; "application 1042" is a purpose with its number."""
    name, _, rest = code.partition(" ")
    key = f"web.privacy.{kind}.{name.partition(':')[0]}"
    if not i18n.known(key):
        return code
    return Say(key, {"number": rest} if "number" in i18n.parameters(key) else {})


@router.post("/privacy/withdraw", policy=OWNER_CONSENTS)
async def withdraw(request: Request, call: Call) -> Response:
    """Take a consent back."""
    form = await sent(request)
    await consenting.withdraw_consent(call, UUID(form.get("consent_id", "")), form.get("key", ""))
    return go("/privacy")


@router.post("/privacy/allow", policy=OWNER_CONSENTS)
async def allow(request: Request, call: Call) -> Response:
    """Allow one thing, here as well as where it was asked first."""
    form = await sent(request)
    given = consenting.ConsentGiven(form.get("purpose", ""), form.get("text_hash", ""))
    with suppress(BadFields):  # the words have changed since the page was made: they are shown anew
        await consenting.allow(call, given, form.get("key", ""))
    return go("/privacy")


@router.post("/privacy/offers", policy=OWNER)
async def offers(request: Request, call: Call) -> Response:
    """Whether to be offered credit; no is for every letter of that kind, from this moment on."""
    form = await sent(request)
    wanted = form.get("wanted") == "yes"
    await person.change_profile(call, person.ChangeProfile(offers_wanted=wanted), form.get("key", ""))
    return go("/privacy#offers")


@router.get("/me", policy=OWNER)
async def me(request: Request, call: Call) -> Response:
    """One's own settings and devices."""
    seen = await person.profile(call)
    newest = next(iter(await seeing.applications(call)), None)
    who = await seeing.identity(call, newest.id) if newest else None
    page = ProfilePage(
        phone_masked=seen.phone_masked,
        name=seen.name or "",
        firm=(who.firm_name if who else None) or "",
        account_masked=(who.account_masked if who else None) or "",
        language=shown("/language"),
        type_size=shown("/me/type"),
        sign_out=shown("/sign-out"),
        sessions=tuple(
            Seat(
                one.created_at, one.last_seen_at, one.current, None if one.current else shown("/me/end", {"id": one.id})
            )
            for one in seen.sessions
        ),
        large_type=seen.large_type,
        trust=Trust(await person.trust(call), await person.coupons(call)),
    )
    return show(request, "owner/profile.html", page, await shell_of(request, call, "owner", tab="profile"))


@router.post("/me/type", policy=OWNER)
async def type_size(request: Request, call: Call) -> Response:
    """Larger letters, or the usual ones."""
    form = await sent(request)
    large = form.get("large") == "yes"
    await person.change_profile(call, person.ChangeProfile(large_type=large), form.get("key", ""))
    answer = go("/me")
    answer.set_cookie("type", "large" if large else "usual", max_age=A_YEAR, samesite="lax", httponly=True)
    return answer


@router.post("/me/end", policy=OWNER)
async def end_seat(request: Request, call: Call) -> Response:
    """Sign another browser out."""
    form = await sent(request)
    await person.end_session(call, form.get("id", ""), form.get("key", ""))
    return go("/me")
