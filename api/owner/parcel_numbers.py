"""A field's border by the field's number, as its register has it: shown for a look, nothing is offered yet."""

from uuid import UUID, uuid4

from api import fields
from api.caller import Caller
from api.owner.applying import own_application
from api.owner.securing import TITLE_LONGEST, secured
from api.problems import BadFields, FieldError
from api.securing import may_offer
from api.views.collateral import BorderView
from db import collateral
from gateways.failures import GatewayRefused
from gateways.fields import NumberOrder
from lending import parcels
from lending.invoices import plain_number
from lending.refusals import NotInThisStage


async def border_of(caller: Caller, application_id: UUID, title: str) -> BorderView:
    """The corners of the field with that number. The register is asked by somebody who may offer it and by nobody else:
    a number tells where a field is, and is easily guessed."""
    async with caller.tools.sessions.begin(person=caller.person_id) as session:
        application = await own_application(session, application_id, caller.person_id)
        secured(caller, application)
        if not may_offer(application, await collateral.of_application(session, application.id)):
            raise NotInThisStage(stage=application.stage, step="offer_collateral")
    form = fields.Form()
    number = form.take("title", lambda text: fields.line(text, longest=TITLE_LONGEST, least=4), title, "")
    form.done()
    try:
        # As numbers are compared when a piece is offered: what is one title there is one field here.
        found = await caller.tools.fields.border(NumberOrder(request_id=str(uuid4()), number=plain_number(number)))
    except GatewayRefused:
        raise BadFields(fields=(FieldError("title", "no_such_parcel"),)) from None
    area = parcels.area_m2([(float(longitude), float(latitude)) for longitude, latitude in found])
    return BorderView(number, tuple((f"{longitude:f}", f"{latitude:f}") for longitude, latitude in found), area)
