"""Seats: an owner gives them and takes them back; whoever has one reads for that firm, and brings what it was let."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api import checklist
from api.caller import Call, Caller
from api.hands import owners
from api.owner import seating, seeing, uploading
from api.policy import FIRM, FIRM_BRINGS, FIRM_PAPERS, FIRM_STORY, OWNER, OWNER_CONSENTS
from api.problems import BadFields, NotFound
from api.routes import Router, drawn
from lending.applications import Stage
from lending.refusals import Refusal
from lending.seats import SeatRole
from web import brought as dress
from web.asking import again, sent, shown
from web.owner.story import number_of
from web.showing import go, shell_of, show
from web.views.owner.seats import FirmPage, FirmPapersPage, FirmStory, SeatsPage
from web.views.parts import Form

router = Router(include_in_schema=False)

BILLS = "bills"
OVER = frozenset({Stage.WITHDRAWN.value, Stage.LAPSED.value})


@router.get("/seats", policy=OWNER)
async def seats(request: Request, call: Call) -> Response:
    """Who reads for one's firms, and for whom one reads."""
    return await _seats(request, call)


async def _seats(request: Request, call: Caller, wrong: Form | None = None) -> Response:
    firms, held = await seating.given(call), await seating.held(call)
    page = SeatsPage(
        firms=firms,
        offer=(wrong or shown("/seats/offer", {"role": SeatRole.ACCOUNTANT.value})) if firms else None,
        revoke={str(one.id): shown(f"/seats/{one.id}/revoke") for firm in firms for one in firm.seats if one.revocable},
        held=held,
        enter={str(one.id): shown(f"/seats/{one.id}/enter") for one in held},
        give_up={str(one.id): shown(f"/seats/{one.id}/give-up") for one in held},
    )
    shell = await shell_of(request, call, "owner", tab="profile")
    return show(request, "owner/seats.html", page, shell, 422 if wrong else 200)


@router.post("/seats/offer", policy=OWNER_CONSENTS)
async def offer(request: Request, call: Call) -> Response:
    """Offer a seat at one of one's firms."""
    form = await sent(request)
    said = seating.Offer(form.get("role", ""), form.get("phone", ""))
    try:
        await seating.offer(call, UUID(form.get("firm", "")), said, form.get("key", ""))
    except ValueError:
        raise NotFound from None
    except (Refusal, BadFields) as no:
        return await _seats(request, call, again("/seats/offer", form, no, call))
    return go("/seats")


@router.post("/seats/{seat_id:uuid}/revoke", policy=OWNER_CONSENTS)
async def revoke(request: Request, call: Call, seat_id: UUID) -> Response:
    """Take a seat back."""
    await seating.revoke(call, seat_id, (await sent(request)).get("key", ""))
    return go("/seats")


@router.post("/seats/{seat_id:uuid}/enter", policy=OWNER)
async def enter(request: Request, call: Call, seat_id: UUID) -> Response:
    """Sit down in a seat."""
    await seating.enter(call, seat_id, (await sent(request)).get("key", ""))
    return go("/firm")


@router.post("/seats/{seat_id:uuid}/give-up", policy=OWNER)
async def give_up(request: Request, call: Call, seat_id: UUID) -> Response:
    """Say no, or give it back."""
    await seating.give_up(call, seat_id, (await sent(request)).get("key", ""))
    return go("/seats")


@router.post("/seats/leave", policy=FIRM)
async def leave(call: Call) -> Response:
    """Stand up."""
    await seating.leave(call)
    return go("/seats")


# --- from a seat ------------------------------------------------------------------------------------------------------


@router.get("/firm", policy=FIRM_STORY)
async def firm(request: Request, call: Call) -> Response:
    """What there is to read and to bring; an owner's own home is elsewhere."""
    seat = await seating.current(call)
    if seat is None:
        return go("/progress")
    stories: list[FirmStory] = []
    for one in await seeing.applications(call):
        if one.stage not in OVER:
            lacking = dress.lacking(await checklist.seen(call, owners(call), one.id))
            stories.append(FirmStory(number_of(one), one.amount_minor, one.stage, f"/firm/{one.id}", lacking))
    shell = await shell_of(request, call, "owner", tab="firm")
    return show(request, "owner/firm.html", FirmPage(seat, tuple(stories)), shell)


@router.get("/firm/{application_id:uuid}", policy=FIRM_PAPERS)
async def papers(request: Request, call: Call, application_id: UUID) -> Response:
    """The list of one application."""
    return await _papers(request, call, application_id)


async def _papers(
    request: Request, call: Caller, application_id: UUID, wrong: dict[str, Form] | None = None
) -> Response:
    seen = await checklist.seen(call, owners(call), application_id)
    here = f"/firm/{application_id}"
    brings = call.may("firm.bring") and seen.open
    bills = next((item for item in seen.items if item.id == BILLS), None)
    page = FirmPapersPage(
        number=number_of(await seeing.application(call, application_id)),
        items=dress.papers(seen, "/firm/papers", bring_at=here if brings else "", wrong=wrong),
        bills=dress.files(bills, "") if bills else (),
        form=((wrong or {}).get(BILLS) or shown(here)) if brings else None,
    )
    shell = await shell_of(request, call, "owner", tab="firm")
    return show(request, "owner/firm_papers.html", page, shell, 422 if wrong else 200)


@router.post("/firm/{application_id:uuid}", policy=FIRM_BRINGS)
async def bring(request: Request, call: Call, application_id: UUID) -> Response:
    """Bring bills or a paper of the list."""
    form = await request.form(max_files=dress.MOST_FILES)
    item = str(form.get("item", ""))[:40]

    async def one(upload: uploading.Upload, key: str) -> None:
        if item == BILLS:
            await uploading.add_statement(call, application_id, upload, key)
        else:
            await checklist.bring(call, owners(call), application_id, item, upload, key)

    here = f"/firm/{application_id}"
    if problems := await dress.taken(call, form, one):
        return await _papers(request, call, application_id, {item: shown(here, errors={"files": problems[0]})})
    return go(here)


@router.get("/firm/papers/{document_id:uuid}", policy=FIRM_PAPERS)
async def paper(call: Call, document_id: UUID) -> Response:
    """A paper that was brought, as it was drawn."""
    return drawn(await checklist.opened(call, owners(call), document_id))
