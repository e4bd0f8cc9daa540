"""What anybody may ask: the product, a simulation, three questions, the clock, what a problem code means."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from fastapi.responses import Response
from pydantic import Field, StringConstraints

from api.caller import Call
from api.owner import shopping
from api.phrases import phrase
from api.policy import PUBLIC
from api.problem_words import title_key
from api.problems import ALL_PROBLEMS, NotFound
from api.problems import STATUS as REFUSALS
from api.replies import one, shown
from api.routes import Router
from api.staff import desk
from api.views import ClockView, EligibilityAnswer, ProductCard, Simulation
from api.wire import Input, MoneyInput, Share, Text

router = Router(prefix="/v1", tags=["public"])

Months = Annotated[int, Field(ge=0, le=1_200)]


class SimulationInput(Input):
    """Amount, months, share of net revenue, revenue of a usual month; the rate of an offer, if it is known."""

    amount: MoneyInput
    months: Months
    share: Share
    monthly_revenue: MoneyInput
    product_id: Text | None = None
    annual_rate: Share | None = None


class EligibilityInput(Input):
    """The three questions."""

    kind: Text
    months_in_trade: Annotated[int, Field(ge=-(10**6), le=10**6)]
    months_of_bills: Annotated[int, Field(ge=-(10**6), le=10**6)]
    overdue_now: bool


@dataclass(frozen=True, slots=True)
class ProblemMeaning:
    """What a problem code means."""

    code: str
    status: int
    title_zh: str
    title_en: str


@router.post("/simulations", policy=PUBLIC, **one(Simulation))
async def simulate(call: Call, body: SimulationInput) -> Response:
    """What a loan would cost. Changes nothing and needs no key."""
    command = shopping.Simulate(
        amount_minor=body.amount.minor,
        months=body.months,
        share=Decimal(body.share),
        monthly_revenue_minor=body.monthly_revenue.minor,
        product_id=body.product_id,
        annual_rate=None if body.annual_rate is None else Decimal(body.annual_rate),
    )
    return shown(await shopping.simulate(call, command))


@router.post("/eligibility", policy=PUBLIC, **one(EligibilityAnswer))
async def eligibility(call: Call, body: EligibilityInput) -> Response:
    """Whether it is worth applying. Nothing is kept."""
    command = shopping.Eligibility(body.kind, body.months_in_trade, body.months_of_bills, body.overdue_now)
    return shown(await shopping.eligibility(call, command))


@router.get("/product", policy=PUBLIC, **one(ProductCard))
async def product(call: Call) -> Response:
    """What is lent and by which rules."""
    return shown(await shopping.product_card(call))


@router.get("/clock", policy=PUBLIC, **one(ClockView))
async def clock(call: Call) -> Response:
    """Business time now."""
    return shown(await desk.clock(call))


@router.get("/problems/{code}", policy=PUBLIC, **one(ProblemMeaning))
async def problem(call: Call, code: Annotated[str, StringConstraints(max_length=60)]) -> Response:
    """What a problem's ``type`` points to."""
    statuses = {kind.code: status for kind, status in REFUSALS.items()}
    statuses |= {name: kind.status for name, kind in ALL_PROBLEMS.items()}
    if code not in statuses:
        raise NotFound
    zh, en = (phrase(title_key(code), locale, {}) for locale in ("zh_CN", "en"))
    return shown(ProblemMeaning(code, statuses[code], zh, en))
