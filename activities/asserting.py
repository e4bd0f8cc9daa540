"""Proofs of identity that serve again: where a person proves themselves, what serves there, and all on record."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import audits, commands, people, proofs
from lending import assertions
from lending.assertions import Assertion, Here, Level, Method, valid_for
from lending.consents import Purpose
from lending.identity import CheckKind


@dataclass(frozen=True, slots=True)
class Whence:
    """From which device, place and channel somebody proves who they are; empty texts where that is not known.

    ``presence``: by which method they want to be seen instead of showing their face to a camera; empty: they do that.
    """

    device: str = ""
    place: str = ""
    channel: str = ""
    presence: str = ""


async def whence(session: AsyncSession, cause: UUID) -> Whence:
    """Where the command was given that asks for the checks."""
    command = await commands.find_command(session, cause)
    told = (command.detail if command else None) or {}
    return Whence(**{name: str(told.get(name, "")) for name in ("device", "place", "channel", "presence")})


async def lacking(
    session: AsyncSession,
    *,
    person_id: UUID,
    application_id: UUID,
    required: Collection[CheckKind],
    about: Mapping[CheckKind, bytes],
    level: Level,
    cause: UUID,
    now: datetime,
) -> tuple[CheckKind, ...]:
    """The checks that no earlier proof serves for; each use and each refusal of one is on the audit record."""
    at = await whence(session, cause)
    await people.record_access(
        session, person_id, at=now, actor=people.SYSTEM, what="identity", purpose=Purpose.IDENTITY_CHECK.value
    )
    here = Here(
        now=now,
        about=about,
        level=level,
        device=at.device,
        place=at.place,
        held_at=await proofs.last_held(session, person_id),
        factor_at=await proofs.last_change(session, person_id),
    )
    held = await proofs.held_by(session, person_id)
    found = assertions.proofs(required, held, here)
    uses = [(proof, "served") for proof in found.serving.values()]
    uses += [(proof, end.value) for proof, end in found.ended.values()]
    for proof, outcome in uses:
        noted = await proofs.note_use(
            session,
            held[proof],
            cause=cause,
            person_id=person_id,
            application_id=application_id,
            outcome=outcome,
            at=now,
        )
        if noted:
            await audits.append(
                session,
                actor=f"owner:{person_id}",
                action="identity_assertion.used" if outcome == "served" else "identity_assertion.refused",
                object_kind="identity_assertion",
                object_id=str(held[proof]),
                detail={"application_id": str(application_id), "method": proof.method.value, "outcome": outcome},
                request_id=None,
            )
    return found.missing


async def keep(
    session: AsyncSession,
    *,
    person_id: UUID,
    method: Method,
    level: Level,
    about: bytes,
    at: Whence,
    now: datetime,
    check_id: UUID | None = None,
    task_id: UUID | None = None,
) -> None:
    """A check succeeded: what it proves serves from now on in every channel, until it ends."""
    proof = Assertion(
        method=method,
        level=level,
        about=about,
        at=now,
        expires_at=now + valid_for(method),
        device=at.device,
        place=at.place,
    )
    proof_id = await proofs.add(
        session, proof, person_id=person_id, channel=at.channel, check_id=check_id, task_id=task_id
    )
    await audits.append(
        session,
        actor="system",
        action="identity_assertion.given",
        object_kind="identity_assertion",
        object_id=str(proof_id),
        detail={"method": method.value, "level": level.value, "until": proof.expires_at.isoformat()},
        request_id=None,
    )
