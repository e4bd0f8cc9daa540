"""The page after signing: days, amounts, ways to pay, whom to call; to keep in the calendar or on paper."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from api.caller import Call
from api.owner import packing
from api.policy import OWNER
from api.routes import Router, attachment
from api.views import PackView, PaperView
from web.owner.applying import current
from web.showing import shell_of, show
from web.views.owner import PackMark, PackPage
from web.views.parts import Action
from web.wording import Say

router = Router(include_in_schema=False)

# Kinds of papers that bear the signatures; the contract as it was read before them does not.
SIGNED = ("contract_signed", "slip")


@router.get("/pack", policy=OWNER)
async def newest(request: Request, call: Call) -> Response:
    """That of the newest application."""
    return await pack(request, call, (await current(call)).id)


@router.get("/pack/{application_id:uuid}", policy=OWNER)
async def pack(request: Request, call: Call, application_id: UUID) -> Response:
    """One loan's."""
    page = pack_page(await packing.pack(call, application_id))
    return show(request, "owner/pack.html", page, await shell_of(request, call, "owner", tab="papers"))


@router.get("/pack/{application_id:uuid}/calendar", policy=OWNER)
async def calendar(call: Call, application_id: UUID) -> Response:
    """Its days as a file."""
    return attachment(await packing.calendar(call, application_id))


def pack_page(seen: PackView) -> PackPage:
    """What the page shows."""
    return PackPage(
        number=seen.number,
        signed_at=seen.signed_at,
        amount_minor=seen.amount_minor,
        annual_rate=seen.annual_rate,
        share=seen.share,
        account_masked=seen.account_masked,
        arrived=seen.credited_on,
        pay_at=seen.pay_at,
        days=tuple(PackMark(one.mark, one.number, one.on, one.amount_minor) for one in seen.days),
        ways=seen.ways,
        contacts=tuple((one.kind, one.value) for one in seen.contacts),
        calendar=f"/pack/{seen.application_id}/calendar",
        papers=tuple(_link(one) for one in seen.papers if one.kind.startswith(SIGNED)),
        others=tuple(_link(one) for one in seen.papers if not one.kind.startswith(SIGNED)),
    )


def _link(paper: PaperView) -> Action:
    return Action(Say(f"api.paper.{paper.kind}"), f"/papers/{paper.id}")
