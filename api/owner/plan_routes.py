"""The plan of a loan: seen, tried, and changed by its owner alone."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from api.caller import Call
from api.idempotency import Key
from api.owner import planning
from api.owner.if_sales import if_sales
from api.owner.living_plan import Wanted
from api.policy import FIRM_LOANS, OWNER_SIGNS
from api.problems import BadFields, FieldError
from api.replies import one, shown
from api.routes import Router
from api.views.loan import IfSales
from api.views.plan import PlanPreview, PlanView, Prepayment
from lending.money import Money, MoneyError

router = Router(prefix="/v1", tags=["owner"])
KINDS = "^(breathing|rhythm|next_window|lower_share|weights|due_day|rest|reminder_hour|shorter_term|lower_instalments)$"
# Twelve whole numbers with commas between them.
WEIGHTS = "^([0-9]{1,3}(,[0-9]{1,3}){11})?$"
Kind = Annotated[str, Field(pattern=KINDS)]


class PlanBody(BaseModel):
    """A change and the hash of what was shown of it."""

    model_config = ConfigDict(extra="forbid")
    kind: Kind
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    first_on: date | None = None
    days: Annotated[int, Field(ge=0, le=366)] = 0
    factor: Annotated[Decimal, Field(ge=0, lt=1)] = Decimal(0)
    cycle: str = ""
    cycle_day: Annotated[int, Field(ge=0, le=31)] = 0
    share: Annotated[Decimal, Field(ge=0, le=1)] = Decimal(0)
    weights: Annotated[str, Field(pattern=WEIGHTS)] = ""
    hour: Annotated[int, Field(ge=0, le=23)] = 0

    def wanted(self) -> Wanted:
        """What is asked for."""
        one = (self.kind, self.first_on, self.days, self.factor, self.cycle, self.cycle_day, self.share)
        return Wanted(*one, self.weights, self.hour)


@router.get("/loans/{loan_id}/plan", policy=FIRM_LOANS, **one(PlanView))
async def plan(call: Call, loan_id: UUID) -> Response:
    """How the loan is repaid now, and what may be changed of it without asking anybody."""
    return shown(await planning.plan(call, loan_id))


@router.get("/loans/{loan_id}/if-sales", policy=FIRM_LOANS, **one(IfSales))
async def sales_change(call: Call, loan_id: UUID, percent: Annotated[int, Query(ge=10, le=300)]) -> Response:
    """When the loan would be over, and what interest would come, if sales were so much of what they are lately."""
    return shown(await if_sales(call, loan_id, percent))


@router.get("/loans/{loan_id}/plan/preview", policy=FIRM_LOANS, **one(PlanPreview))
async def preview(
    call: Call,
    loan_id: UUID,
    kind: Annotated[str, Query(pattern=KINDS)],
    first_on: date | None = None,
    days: Annotated[int, Query(ge=0, le=366)] = 0,
    factor: Annotated[Decimal, Query(ge=0, lt=1)] = Decimal(0),
    cycle: str = "",
    cycle_day: Annotated[int, Query(ge=0, le=31)] = 0,
    share: Annotated[Decimal, Query(ge=0, le=1)] = Decimal(0),
    weights: Annotated[str, Query(pattern=WEIGHTS)] = "",
    hour: Annotated[int, Query(ge=0, le=23)] = 0,
) -> Response:
    """The key facts of a change: finish, interest and next look, without it and with it."""
    wanted = Wanted(kind, first_on, days, factor, cycle, cycle_day, share, weights, hour)
    return shown(await planning.preview(call, loan_id, wanted))


@router.get("/loans/{loan_id}/prepayment", policy=FIRM_LOANS, **one(Prepayment))
async def prepayment(call: Call, loan_id: UUID, amount: str) -> Response:
    """What paying ``amount`` (in the main unit) today would do: an earlier end, or less of each day's sales."""
    try:
        minor = Money.parse(amount).minor
    except MoneyError:
        raise BadFields(fields=(FieldError("amount", "not_a_number"),)) from None
    return shown(await planning.prepayment(call, loan_id, minor))


@router.post("/loans/{loan_id}/plan", policy=OWNER_SIGNS, **one(PlanPreview))
async def change(call: Call, loan_id: UUID, body: PlanBody, key: Key) -> Response:
    """Agree to a change, by the hash of its key facts."""
    return shown(await planning.change(call, loan_id, body.wanted(), body.sha256, key))
