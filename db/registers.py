"""What registers answered about an applicant: kept sealed, once for each question."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from db import people
from db.people import BUREAU_REPORT
from db.tables import Application, BureauReport, Consent, RegisterAnswer
from db.writing import into
from infra.crypto import Vault

ANSWER = "register_answer.answer"
OF_THE_OWNER = "bureau"


@dataclass(frozen=True)
class Answer:
    """One answer, sealed; ``source`` is ``bureau`` or one of :data:`db.tables.REGISTER_SOURCES`."""

    id: UUID
    source: str
    reference: str
    sealed: bytes


def kept(ids: Sequence[UUID]) -> ColumnElement[Sequence[UUID]]:
    """Which of these questions are answered, as a column beside others."""
    both = union_all(
        select(BureauReport.id).where(BureauReport.id.in_(ids)),
        select(RegisterAnswer.id).where(RegisterAnswer.id.in_(ids)),
    ).subquery()
    return func.array(select(both.c.id).scalar_subquery(), type_=ARRAY(Uuid()))


async def keep(
    session: AsyncSession,
    answers: Sequence[Answer],
    *,
    person_id: UUID,
    application_id: UUID,
    consent_id: UUID,
    at: datetime,
) -> None:
    """Keep answers that were given under one consent; one that is kept already stays as it is."""
    common = {"person_id": person_id, "application_id": application_id, "consent_id": consent_id, "received_at": at}
    owners = [one for one in answers if one.source == OF_THE_OWNER]
    others = [one for one in answers if one.source != OF_THE_OWNER]
    if owners:
        rows = [{"id": o.id, "reference": o.reference, "report_sealed": o.sealed, **common} for o in owners]
        await session.execute(into(BureauReport).values(rows).on_conflict_do_nothing())
    if others:
        rows = [
            {"id": o.id, "source": o.source, "reference": o.reference, "answer_sealed": o.sealed, **common}
            for o in others
        ]
        await session.execute(into(RegisterAnswer).values(rows).on_conflict_do_nothing())


@dataclass(frozen=True)
class Entry:
    """One register's newest answer: its number, when it came, under the consent of when, in clear and as it is kept."""

    source: str
    reference: str
    consent_at: datetime
    received_at: datetime
    said: dict[str, Any] = field(repr=False)
    sealed: bytes = field(repr=False)


async def received(session: AsyncSession, application_id: UUID) -> list[tuple[str, UUID, str, datetime]]:
    """(source, id, reference, when) of every answer, the oldest first; nothing is opened."""
    rows = await _kept(session, application_id)
    return [(row.source, row.id, row.reference, row.received_at) for row in rows]


async def _kept(session: AsyncSession, application_id: UUID) -> Sequence[Any]:
    """Every answer as it is kept, with the time of its consent, the oldest first."""
    rows = await session.execute(
        select(
            BureauReport.id,
            literal(OF_THE_OWNER, Text()).label("source"),
            BureauReport.report_sealed,
            BureauReport.received_at,
            BureauReport.reference,
            Consent.given_at,
        )
        .join(Consent, Consent.id == BureauReport.consent_id)
        .where(BureauReport.application_id == application_id)
        .union_all(
            select(
                RegisterAnswer.id,
                RegisterAnswer.source,
                RegisterAnswer.answer_sealed,
                RegisterAnswer.received_at,
                RegisterAnswer.reference,
                Consent.given_at,
            )
            .join(Consent, Consent.id == RegisterAnswer.consent_id)
            .where(RegisterAnswer.application_id == application_id)
        )
        .order_by("received_at")
    )
    return rows.all()


async def answers(
    session: AsyncSession, vault: Vault, application_id: UUID
) -> tuple[dict[str, dict[str, Any]], dict[str, bytes], bool]:
    """The newest answer of each source in clear and as it is sealed, and whether the applicant has a registered firm.

    Raises :class:`db.people.Erased`.
    """
    found, licensed = await entries(session, vault, application_id)
    return (
        {source: one.said for source, one in found.items()},
        {source: one.sealed for source, one in found.items()},
        licensed,
    )


async def entries(session: AsyncSession, vault: Vault, application_id: UUID) -> tuple[dict[str, Entry], bool]:
    """The newest answer of each source, and whether the applicant has a registered firm.

    Raises :class:`db.people.Erased`.
    """
    application = await session.get_one(Application, application_id)
    firm = await people.firm_row(session, application)
    licence = firm.licence_index if firm else None
    newest = {row.source: row for row in await _kept(session, application_id)}
    if not newest:
        return {}, licence is not None
    person_key = await people.key_of(session, vault, application.person_id)
    found: dict[str, Entry] = {}
    for source, (answer_id, _, sealed, received_at, reference, given_at) in newest.items():
        column = BUREAU_REPORT if source == OF_THE_OWNER else ANSWER
        said = json.loads(vault.open(person_key, column, answer_id, sealed))
        found[source] = Entry(source, reference, given_at, received_at, said, sealed)
    return found, licence is not None
