"""The committee's JSON."""

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field, StringConstraints

from api.caller import Call
from api.conditions import Wanted as Condition
from api.idempotency import Key
from api.policy import CASES, CASES_DECIDE
from api.replies import one, shown
from api.routes import Router, drawn
from api.staff import committee
from api.views import CommitteeDesk, SittingView
from api.wire import Input, MoneyInput, Text

router = Router(prefix="/v1/desk/committee", tags=["desk"])

Id = Annotated[UUID, Field(strict=False)]


class AskedInput(Input):
    """A condition that a yes of the committee would make."""

    kind: Text
    words: Annotated[str, StringConstraints(max_length=300)] = ""


class AgendaInput(Input):
    """A case to vote on."""

    application_id: Id
    amount: MoneyInput | None = None
    conditions: Annotated[list[AskedInput], Field(max_length=10, default_factory=list[AskedInput])]


class CallInput(Input):
    """Who sits, who presides, on what, and for how many hours."""

    members: Annotated[list[Text], Field(max_length=20)]
    chair: Text
    cases: Annotated[list[AgendaInput], Field(max_length=20)]
    hours: Annotated[int | None, Field(ge=-(10**6), le=10**6)] = None


class VoteInput(Input):
    """A member's word on the case as they saw it."""

    say: Text
    words: Annotated[str, StringConstraints(max_length=2_000)]
    seen_hash: Annotated[str, StringConstraints(max_length=64)]


@router.get("", policy=CASES, **one(CommitteeDesk))
async def overview(call: Call) -> Response:
    """What waits for a committee, who can sit on it, and its sittings."""
    return shown(await committee.overview(call))


@router.post("", policy=CASES_DECIDE, **one(SittingView))
async def convene(call: Call, body: CallInput, key: Key) -> Response:
    """Call a sitting."""
    agenda = tuple(
        committee.Wanted(
            one.application_id,
            one.amount.minor if one.amount else None,
            tuple(Condition(asked.kind, asked.words) for asked in one.conditions),
        )
        for one in body.cases
    )
    wanted = committee.Calling(tuple(body.members), body.chair, agenda, body.hours)
    return shown(await committee.call(call, wanted, key))


@router.get("/{sitting_id}", policy=CASES, **one(SittingView))
async def sitting(call: Call, sitting_id: UUID) -> Response:
    """One sitting; what the others said is shown once one has voted."""
    return shown(await committee.sitting(call, sitting_id))


@router.post("/{sitting_id}/items/{item_id}/vote", policy=CASES_DECIDE, **one(SittingView))
async def vote(call: Call, sitting_id: UUID, item_id: UUID, body: VoteInput, key: Key) -> Response:
    """Vote, or step back."""
    said = committee.Voting(body.say, body.words, body.seen_hash)
    return shown(await committee.vote(call, sitting_id, item_id, said, key))


@router.post("/{sitting_id}/close", policy=CASES_DECIDE, **one(SittingView))
async def close(call: Call, sitting_id: UUID, key: Key) -> Response:
    """Take no more votes; the chair alone."""
    return shown(await committee.close(call, sitting_id, key))


@router.get("/{sitting_id}/minutes", policy=CASES, response_model=None)
async def minutes(call: Call, sitting_id: UUID) -> Response:
    """The sealed minutes."""
    return drawn(await committee.minutes(call, sitting_id))
