"""The policy as JSON: what is in force, proposals with what they touch, and the other person's answer."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field, StringConstraints

from api.caller import Call
from api.idempotency import Key
from api.policy import CARE, POLICY_PROPOSES, POLICY_RELEASES
from api.replies import one, shown
from api.routes import Router, attachment
from api.staff import policies
from api.views.policy import PolicyInForce, ReleaseFile
from api.wire import Input, Share, Text

router = Router(prefix="/v1/desk/policy", tags=["desk"])

Words = Annotated[str, StringConstraints(max_length=2_000)]


class PublicationInput(Input):
    """A reference rate as it was published: 2.9 % is "0.029"."""

    index: Text
    on: Annotated[date, Field(strict=False)]
    value: Share
    reason: Words


class ProposalInput(Input):
    """A file of the policy, whole, as YAML."""

    room: Text
    text: Annotated[str, StringConstraints(max_length=100_000)]
    reason: Words


class PolicyAnswerInput(Input):
    """The other person's answer to what was shown under ``shown_hash``."""

    release: bool
    reason: Words
    shown_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


@router.get("", policy=CARE, **one(PolicyInForce))
async def in_force(call: Call) -> Response:
    """What counts today, and every proposal."""
    return shown(await policies.in_force(call))


@router.post("/publications", policy=POLICY_PROPOSES, **one(ReleaseFile))
async def publish(call: Call, body: PublicationInput, key: Key) -> Response:
    """Propose a published reference rate. Needs a second factor from a moment ago."""
    said = policies.Publication(body.index, body.on, Decimal(body.value), body.reason)
    return shown(await policies.publish(call, said, key))


@router.post("/proposals", policy=POLICY_PROPOSES, **one(ReleaseFile))
async def propose(call: Call, body: ProposalInput, key: Key) -> Response:
    """Propose a file of the policy. Needs a second factor from a moment ago."""
    return shown(await policies.propose(call, policies.Proposal(body.room, body.text, body.reason), key))


@router.get("/releases/{release_id}", policy=CARE, **one(ReleaseFile))
async def release(call: Call, release_id: UUID) -> Response:
    """A proposal: the rows that it changes, and the live loans, lines, offers and applications that it touches."""
    return shown(await policies.release(call, release_id))


@router.get("/releases/{release_id}/touched", policy=CARE, response_model=None)
async def touched(call: Call, release_id: UUID) -> Response:
    """All that it touches as a table, a line each."""
    return attachment(await policies.touched(call, release_id))


@router.post("/releases/{release_id}/answer", policy=POLICY_RELEASES, **one(ReleaseFile))
async def answer(call: Call, release_id: UUID, body: PolicyAnswerInput, key: Key) -> Response:
    """Release or turn down what another person proposed. Needs a second factor from a moment ago."""
    said = policies.Answer(body.release, body.reason, body.shown_hash)
    return shown(await policies.answer(call, release_id, said, key))
