"""What secures one's loan: what it carries, where each piece stands, one more, and taking one back."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from api.caller import Call, Caller
from api.owner import adding, parcel_files, parcel_numbers, securing
from api.owner.uploading import Upload, chunks_of
from api.policy import OWNER, OWNER_APPLIES, OWNER_SIGNS
from api.problems import BadFields, FieldError, Problem
from api.routes import Router
from lending.collateral import CollateralKind, CollateralState
from lending.refusals import Refusal
from web.asking import again, figure, minor, sent, shown
from web.showing import go, shell_of, show
from web.views.parts import Form
from web.views.securing import SecurityPage

router = Router(include_in_schema=False)
HERE = "/collateral/{application_id:uuid}"
# While a register is asked the page looks again by itself.
SOON = 2
CORNERS = re.compile(r"[\s;]+")
NAMES = re.compile(r"[\n,;\u3001]+")


@router.get(HERE, policy=OWNER)
async def collateral(request: Request, call: Call, application_id: UUID) -> Response:
    """What it carries, and what each piece waits for."""
    return await _page(request, call, application_id, request.query_params.get("kind", ""))


async def _page(
    request: Request,
    call: Caller,
    application_id: UUID,
    kind: str,
    wrong: Form | None = None,
    on: str = "",
    *,
    looked: bool = False,
) -> Response:
    seen = await securing.seen(call, application_id)
    at = f"/collateral/{application_id}"
    may = {str(one.id) for one in seen.pieces if CollateralState(one.state) in securing.MAY_TAKE_BACK}
    takes_back = {name: shown(f"{at}/{name}/back") for name in may}
    if wrong is not None and wrong.action.endswith("/back"):
        takes_back[on] = wrong
    waits = request.query_params.get("code", "")[:36]
    adds = {
        str(one.id): shown(f"{at}/{one.id}/{'add' if waits == str(one.id) else 'code'}")
        for one in seen.pieces
        if one.state == CollateralState.VALUED.value and any(other.short_minor for other in seen.pieces)
    }
    if wrong is not None and on in adds and wrong.action.endswith(("/add", "/code")):
        adds[on], waits = wrong, on if wrong.action.endswith("/add") else waits
    page = SecurityPage(
        seen=seen,
        adds=adds,
        claims=await securing.claims(call) if kind == CollateralKind.RECEIVABLE.value and seen.may_offer else (),
        code_waits=waits,
        offer=wrong if wrong is not None and not on else shown(at, {"kind": kind, "ownership": "own"}),
        kind=next((one for one in seen.kinds if one.kind == kind), None) if seen.may_offer else None,
        uses=tuple(call.tools.policies.collateral.prices.square_metre),
        takes_back=takes_back,
    )
    moving = any(one.state == CollateralState.OFFERED.value for one in seen.pieces)
    around: dict[str, Any] = {"poll": SOON, "refresh": SOON} if moving else {}
    shell = await shell_of(request, call, "owner", tab="progress", **around)
    return show(request, "owner/collateral.html", page, shell, 422 if wrong and not looked else 200)


@router.post(HERE, policy=OWNER_APPLIES)
async def offer(request: Request, call: Call, application_id: UUID) -> Response:
    """Offer a piece."""
    form = await sent(request)
    kind = form.get("kind", "")
    try:
        await securing.offer(call, application_id, _said(form), form.get("key", ""))
    except (Refusal, Problem) as no:
        return await _page(request, call, application_id, kind, again(f"/collateral/{application_id}", form, no, call))
    return go(f"/collateral/{application_id}")


@router.post(HERE + "/parcel", policy=OWNER_APPLIES)
async def border(request: Request, call: Call, application_id: UUID) -> Response:
    """A field's border from a file, shown for a look beside all that was typed; nothing is offered yet."""
    form = await request.form(max_files=1)
    typed = {name: value for name, value in form.items() if isinstance(value, str)}
    at, kind = f"/collateral/{application_id}", typed.get("kind", "")
    file = form.get("border")
    if not isinstance(file, UploadFile) or not file.filename:
        raw = again(at, typed, BadFields(fields=(FieldError("parcel", "missing"),)), call)
        return await _page(request, call, application_id, kind, raw)
    try:
        corners = await parcel_files.corners_of(Upload(file.filename, chunks_of(file)))
    except (Refusal, Problem) as no:
        return await _page(request, call, application_id, kind, again(at, typed, no, call))
    return await _looked(request, call, application_id, typed, corners)


@router.post(HERE + "/numbered", policy=OWNER_APPLIES)
async def numbered(request: Request, call: Call, application_id: UUID) -> Response:
    """The same by the field's number, which is typed above."""
    typed = await sent(request)
    try:
        found = await parcel_numbers.border_of(call, application_id, typed.get("title", ""))
    except (Refusal, Problem) as no:
        wrong = again(f"/collateral/{application_id}", typed, no, call)
        return await _page(request, call, application_id, typed.get("kind", ""), wrong)
    return await _looked(request, call, application_id, typed, found.corners)


async def _looked(
    request: Request, call: Caller, application_id: UUID, typed: Mapping[str, str], corners: parcel_files.Corners
) -> Response:
    """The form with these corners and all that was typed."""
    read = {**typed, "parcel": "\n".join(",".join(corner) for corner in corners)}
    form = shown(f"/collateral/{application_id}", read)
    return await _page(request, call, application_id, typed.get("kind", ""), form, looked=True)


@router.post(HERE + "/{collateral_id:uuid}/back", policy=OWNER_APPLIES)
async def take_back(request: Request, call: Call, application_id: UUID, collateral_id: UUID) -> Response:
    """Take one back before anything is signed on it."""
    form = await sent(request)
    here = f"/collateral/{application_id}"
    try:
        await securing.take_back(call, collateral_id, form.get("key", ""), form.get("reason", ""))
    except (Refusal, Problem) as no:
        wrong = again(f"{here}/{collateral_id}/back", form, no, call)
        return await _page(request, call, application_id, "", wrong, str(collateral_id))
    return go(here)


@router.post(HERE + "/{collateral_id:uuid}/{act}", policy=OWNER_SIGNS)
async def add(request: Request, call: Call, application_id: UUID, collateral_id: UUID, act: str) -> Response:
    """Ask for the code, and with it add a piece to a loan that is short."""
    form = await sent(request)
    here, key = f"/collateral/{application_id}", form.get("key", "")
    try:
        match act:
            case "code":
                await adding.start(call, collateral_id, key)
                return go(f"{here}?code={collateral_id}#c-{collateral_id}")
            case "add":
                await adding.add(call, collateral_id, form.get("code", ""), key)
            case _:
                return go(here)
    except (Refusal, Problem) as no:
        wrong = again(f"{here}/{collateral_id}/{act}", form, no, call)
        return await _page(request, call, application_id, "", wrong, str(collateral_id))
    return go(f"{here}#c-{collateral_id}")


def _said(form: Mapping[str, str]) -> securing.NewCollateral:
    return securing.NewCollateral(
        kind=form.get("kind", ""),
        label=form.get("label", ""),
        title=form.get("title", ""),
        place=form.get("place", ""),
        ownership=form.get("ownership", ""),
        owner=form.get("owner", ""),
        area_m2=_count(form, "area_m2"),
        use=form.get("use", ""),
        bought_minor=_money(form, "bought"),
        bought_on=form.get("bought_on", "").strip(),
        quantity=_count(form, "quantity"),
        unit_minor=_money(form, "unit"),
        parcel=_corners(form.get("parcel", "")),
        receivable_id=_id(form.get("receivable_id", "")),
        former_names=_names(form.get("former_names", "")),
    )


def _names(text: str) -> tuple[str, ...]:
    """Names with commas between, Chinese ones or others."""
    plain = unicodedata.normalize("NFKC", text)
    return tuple(name.strip() for name in NAMES.split(plain) if name.strip())


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _money(form: Mapping[str, str], name: str) -> int | None:
    if not form.get(name, "").strip():
        return None
    found = minor(form[name])
    if found is None:
        raise BadFields(fields=(FieldError(name, "not_an_amount"),))
    return found


def _count(form: Mapping[str, str], name: str) -> int | None:
    if not form.get(name, "").strip():
        return None
    found = figure(form[name])
    if found is None or found != int(found):
        raise BadFields(fields=(FieldError(name, "not_a_number"),))
    return int(found)


def _corners(text: str) -> tuple[tuple[str, str], ...]:
    """A corner a line, longitude and latitude between a comma."""
    found: list[tuple[str, str]] = []
    plain = unicodedata.normalize("NFKC", text).replace(", ", ",")
    for line in CORNERS.split(plain.strip()):
        longitude, _, latitude = line.partition(",")
        if longitude:
            found.append((longitude, latitude))
    return tuple(found)
