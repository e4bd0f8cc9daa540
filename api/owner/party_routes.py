"""Parties as JSON: the applicant's invitations, and each party's own part."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field, StringConstraints

from api.auth.codes import CodeSent
from api.caller import Call
from api.idempotency import Key
from api.owner import being_seen, inviting, taking_part
from api.policy import OWNER, OWNER_APPLIES, OWNER_SIGNS
from api.problems import NotFound
from api.replies import RECEIPT, listed, many, one, shown, told
from api.routes import Router
from api.views import PartiesView, PartView, SeeingView
from api.wire import Input, MoneyInput, Text

router = Router(prefix="/v1", tags=["owner"])

Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class InviteInput(Input):
    """Who is asked for what; ``liability`` (joint or general) and ``amount`` of a guarantor only."""

    role: Text
    phone: Text
    liability: Text | None = None
    amount: MoneyInput | None = None


class PartyIdentityInput(Input):
    """Who the party is."""

    name: Text
    id_number: Text


class PartSignatureInput(Input):
    """The code and what it is for."""

    code: Text
    terms_hash: Hash


@router.get("/applications/{application_id}/parties", policy=OWNER, **one(PartiesView))
async def parties(call: Call, application_id: UUID) -> Response:
    """Who was asked to take part, how they stand, and whose signature is awaited."""
    return shown(await inviting.of_application(call, application_id))


@router.post("/applications/{application_id}/parties", policy=OWNER_APPLIES, **RECEIPT)
async def invite(call: Call, application_id: UUID, body: InviteInput, key: Key) -> Response:
    """Ask somebody to take part, by their phone."""
    amount = body.amount.minor if body.amount else None
    said = inviting.Invite(body.role, body.phone, body.liability, amount)
    return told(await inviting.invite(call, application_id, said, key))


@router.post("/applications/{application_id}/parties/{party_id}/remove", policy=OWNER_APPLIES, **RECEIPT)
async def remove(call: Call, application_id: UUID, party_id: UUID, key: Key) -> Response:
    """Take an invitation back."""
    return told(await inviting.remove(call, application_id, party_id, key))


class SlotInput(Input):
    """When and how one wants to be seen: ``method`` is video or branch."""

    method: Text
    slot_at: Annotated[datetime, Field(strict=False)]


@router.get("/applications/{application_id}/being-seen", policy=OWNER, **one(SeeingView))
async def being_seen_view(call: Call, application_id: UUID) -> Response:
    """How being seen by a manager stands, and the free slots."""
    found = await being_seen.seeing(call, application_id)
    if found is None:
        raise NotFound
    return shown(found)


@router.post("/applications/{application_id}/being-seen", policy=OWNER_APPLIES, **RECEIPT)
async def be_seen(call: Call, application_id: UUID, body: SlotInput, key: Key) -> Response:
    """Be seen by a manager instead of a camera, then: free, and it counts the same."""
    return told(await being_seen.choose(call, application_id, body.method, body.slot_at, key))


@router.post("/applications/{application_id}/identity/again", policy=OWNER_APPLIES, **RECEIPT)
async def identify_again(call: Call, application_id: UUID, key: Key) -> Response:
    """Have the identity looked at again; nothing is typed twice."""
    return told(await being_seen.go_on(call, application_id, key))


@router.get("/parts", policy=OWNER, **many(PartView))
async def parts(call: Call) -> Response:
    """One's own parts in other people's loans."""
    return listed(await taking_part.parts(call))


@router.get("/parts/{party_id}", policy=OWNER, **one(PartView))
async def part(call: Call, party_id: UUID) -> Response:
    """One of them: what concerns one, and nothing else."""
    return shown(await taking_part.part(call, party_id))


@router.post("/parts/{party_id}/identity", policy=OWNER_APPLIES, **RECEIPT)
async def identify(call: Call, party_id: UUID, body: PartyIdentityInput, key: Key) -> Response:
    """Say who one is."""
    return told(await taking_part.identify(call, party_id, taking_part.PartyIdentity(body.name, body.id_number), key))


@router.post("/parts/{party_id}/key-facts", policy=OWNER, **one(PartView))
async def key_facts(call: Call, party_id: UUID) -> Response:
    """Read what the part means; the first look starts the reading time."""
    return shown(await taking_part.read_facts(call, party_id))


@router.post("/parts/{party_id}/signing-code", policy=OWNER_SIGNS, **one(CodeSent))
async def signing_code(call: Call, party_id: UUID, key: Key) -> Response:
    """Have a code sent to one's own phone."""
    return shown(await taking_part.start_signing(call, party_id, key))


@router.post("/parts/{party_id}/signature", policy=OWNER_SIGNS, **RECEIPT)
async def sign(call: Call, party_id: UUID, body: PartSignatureInput, key: Key) -> Response:
    """Sign one's part."""
    return told(await taking_part.sign(call, party_id, taking_part.PartSignature(body.code, body.terms_hash), key))


@router.post("/parts/{party_id}/decline", policy=OWNER_APPLIES, **RECEIPT)
async def decline(call: Call, party_id: UUID, key: Key) -> Response:
    """Say no."""
    return told(await taking_part.decline(call, party_id, key))
