"""The workbench as JSON: clocks, the day, the book, codes and territories, quotes."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response
from pydantic import Field, StringConstraints

from api import words_out
from api.belonging import behind
from api.caller import Call
from api.idempotency import Key
from api.manager import book, codes, measures, quoting, workbench
from api.policy import CARE, LEADS, MANAGER, MANAGER_DECIDES, PUBLIC
from api.replies import listed, many, one, shown
from api.routes import Router
from api.views import (
    CatalogueTerm,
    ClockCard,
    DayView,
    HandedOver,
    Introduced,
    ManagerBook,
    ManagerCodeView,
    QuoteAttempt,
    QuoteView,
    TerritoryView,
    WorkMeasures,
)
from api.views.managing import WordAttemptView
from api.wire import Input, MoneyInput, Share, Text

router = Router(prefix="/v1", tags=["manager"])

Id = Annotated[UUID, Field(strict=False)]


class CheckedInput(Input):
    """What somebody saw who looked at a loan."""

    result: Text
    words: Annotated[str, StringConstraints(max_length=2_000)]


class HandOverInput(Input):
    """To whom a customer goes."""

    to: Id


class TerritoryInput(Input):
    """Whose an area is; None: nobody's."""

    staff_id: Id | None


class QuoteInput(Input):
    """What somebody wants to hear; ``annual_rate``: one that the product has; ``application_id``: of the customer who
    hears it, and reads it in their story."""

    product_id: Text
    amount: MoneyInput
    months: Annotated[int, Field(ge=0, le=1_200)]
    share: Share
    monthly_revenue: MoneyInput
    annual_rate: Share
    application_id: Annotated[UUID | None, Field(strict=False)] = None


@router.get("/manager/clocks", policy=MANAGER, **many(ClockCard))
async def clocks(call: Call, whose: Annotated[str, Query(max_length=10)] = "mine") -> Response:
    """Everything that waits for a person, what burns on top; ``whose``: ``mine`` or ``all``."""
    return listed(await workbench.waiting(call, whose))


@router.get("/manager/day", policy=MANAGER_DECIDES, **one(DayView))
async def day(call: Call, on: date | None = None) -> Response:
    """Where to be by the hour, whom to call back, when one is away."""
    return shown(await workbench.day(call, on))


@router.get("/manager/book", policy=MANAGER_DECIDES, **one(ManagerBook))
async def my_book(call: Call) -> Response:
    """One's customers: who is late, whom to look at, whose end is near."""
    return shown(await book.book(call))


@router.post("/manager/book/loans/{loan_id}/check", policy=MANAGER_DECIDES, **one(ManagerBook))
async def checked(call: Call, loan_id: UUID, body: CheckedInput, key: Key) -> Response:
    """Put down that a loan was looked at."""
    return shown(await book.checked(call, loan_id, result=body.result, words=body.words, key=key))


@router.post("/manager/customers/{application_id}/hand-over", policy=MANAGER_DECIDES, **one(HandedOver))
async def hand_over(call: Call, application_id: UUID, body: HandOverInput, key: Key) -> Response:
    """Give a customer to a colleague; the customer is told."""
    return shown(await book.hand_over(call, application_id, to=body.to, key=key))


@router.get("/manager/measures", policy=MANAGER, **one(WorkMeasures))
async def of_work(call: Call, whose: Annotated[str, Query(max_length=10)] = "all") -> Response:
    """How soon customers were answered, how long each stage took, and whose time it was; of ``mine`` or ``all``."""
    return shown(await measures.of_work(call, whose))


@router.get("/manager/code", policy=MANAGER_DECIDES, **one(ManagerCodeView))
async def my_code(call: Call) -> Response:
    """One's own code and what came of it."""
    return shown(await codes.mine(call))


@router.post("/manager/code", policy=MANAGER_DECIDES, **one(ManagerCodeView))
async def another_code(call: Call, key: Key) -> Response:
    """A new one; the old one leads nowhere."""
    return shown(await codes.anew(call, key))


@router.get("/managers/{code}", policy=PUBLIC, **one(Introduced))
async def who(call: Call, code: str) -> Response:
    """Who stands behind a code."""
    return shown(await behind(call, code))


@router.get("/manager/catalogue", policy=MANAGER, **many(CatalogueTerm))
async def catalogue(call: Call) -> Response:
    """Every product with all that it may cost."""
    return listed(await quoting.catalogue(call))


@router.post("/manager/quotes", policy=MANAGER_DECIDES, **one(QuoteView))
async def quote(call: Call, body: QuoteInput, key: Key) -> Response:
    """The catalogue's facts of one choice; a rate that it does not have is refused, and the attempt kept."""
    ask = quoting.Ask(
        product_id=body.product_id,
        amount_minor=body.amount.minor,
        months=body.months,
        share=Decimal(body.share),
        monthly_revenue_minor=body.monthly_revenue.minor,
        annual_rate=Decimal(body.annual_rate),
        application_id=body.application_id,
    )
    return shown(await quoting.quote(call, ask, key))


@router.get("/desk/quotes", policy=CARE, **many(QuoteAttempt))
async def attempts(call: Call) -> Response:
    """Rates that managers wanted to promise and that no product has."""
    return listed(await quoting.attempts(call))


@router.get("/desk/word-attempts", policy=CARE, **many(WordAttemptView))
async def word_attempts(call: Call) -> Response:
    """Words to customers that did not leave: a rate that is none of theirs, or a promise of a yes."""
    return listed(await words_out.attempts(call))


@router.get("/desk/territories", policy=LEADS, **many(TerritoryView))
async def territories(call: Call) -> Response:
    """Every area with whose it is."""
    return listed(await codes.territories(call))


@router.post("/desk/territories/{area}", policy=LEADS, **many(TerritoryView))
async def set_territory(call: Call, area: str, body: TerritoryInput, key: Key) -> Response:
    """An area is somebody's, or nobody's."""
    return listed(await codes.set_territory(call, area, body.staff_id, key))
