"""Conditions of a yes (放款条件): made with it, met by a proof or waived, and in the way of the money until then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, extract, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db import documents, registers
from db.tables import (
    Application,
    BureauReport,
    Contract,
    CreditLine,
    Document,
    EvidenceDocument,
    LoanCondition,
    Payout,
    RegisterAnswer,
)
from lending.conditions import Proof, Shown
from lending.identifiers import derived_id
from lending.refusals import ConditionClosed

BUREAU = "bureau"


@dataclass(frozen=True, slots=True)
class New:
    """A condition to be made: its kind, what exactly in words, whose act, and how long it may take."""

    kind: str
    words: str
    owner: str
    within: timedelta


async def make(
    session: AsyncSession,
    application: Application,
    decision_id: UUID,
    wanted: Sequence[New],
    *,
    by: str,
    now: datetime,
) -> Sequence[LoanCondition]:
    """The conditions of one yes; what was open of an earlier yes is replaced by it."""
    await session.execute(
        update(LoanCondition)
        .where(
            LoanCondition.application_id == application.id,
            LoanCondition.state == "open",
            LoanCondition.decision_id != decision_id,
        )
        .values(state="replaced", ended_at=now, ended_by=by)
    )
    made = [
        LoanCondition(
            id=derived_id("loan-condition", f"{decision_id}/{n}"),
            application_id=application.id,
            person_id=application.person_id,
            decision_id=decision_id,
            n=n,
            kind=one.kind,
            words=one.words or None,
            owner=one.owner,
            state="open",
            asked_by=by,
            asked_at=now,
            due_at=now + one.within,
        )
        for n, one in enumerate(wanted, start=1)
    ]
    session.add_all(made)
    await session.flush()
    return made


async def of_application(session: AsyncSession, application_id: UUID) -> Sequence[LoanCondition]:
    """All that stand or stood, those of the newest yes last; without those that another yes replaced."""
    found = await session.scalars(
        select(LoanCondition)
        .where(LoanCondition.application_id == application_id, LoanCondition.state != "replaced")
        .order_by(LoanCondition.asked_at, LoanCondition.n)
    )
    return found.all()


async def ever(session: AsyncSession, application_id: UUID) -> Sequence[LoanCondition]:
    """All that stood at any time, also those that another yes replaced."""
    found = await session.scalars(
        select(LoanCondition)
        .where(LoanCondition.application_id == application_id)
        .order_by(LoanCondition.asked_at, LoanCondition.n)
    )
    return found.all()


def _governs(application_id: UUID) -> ColumnElement[bool]:
    """The conditions of an application's own yes, and of a draw those of its line's."""
    line = (
        select(CreditLine.application_id)
        .join(Application, Application.line_id == CreditLine.id)
        .where(Application.id == application_id)
        .scalar_subquery()
    )
    return or_(LoanCondition.application_id == application_id, LoanCondition.application_id == line)


async def in_the_way(session: AsyncSession, application_id: UUID) -> Sequence[LoanCondition]:
    """What is open before money of this application may leave, by when it is due."""
    found = await session.scalars(
        select(LoanCondition)
        .where(_governs(application_id), LoanCondition.state == "open")
        .order_by(LoanCondition.due_at, LoanCondition.n)
    )
    return found.all()


async def asks_a_paper(session: AsyncSession, application_id: UUID) -> bool:
    """Whether an open condition of this application is its customer's to meet."""
    stand = await of_application(session, application_id)
    return any(one.state == "open" and one.owner == "customer" for one in stand)


async def payouts_waiting(session: AsyncSession, application_id: UUID) -> Sequence[UUID]:
    """Payouts of this application, and of the draws on its line, that have not left."""
    draws = (
        select(Application.id)
        .join(CreditLine, CreditLine.id == Application.line_id)
        .where(CreditLine.application_id == application_id)
    )
    found = await session.scalars(
        select(Payout.id)
        .where(
            or_(Payout.application_id == application_id, Payout.application_id.in_(draws)),
            Payout.state == "scheduled",
        )
        .order_by(Payout.created_at, Payout.id)
    )
    return found.all()


async def any_of(session: AsyncSession, application_id: UUID) -> bool:
    """Whether this money hangs on a yes that was given under a condition, met by now or not."""
    found = select(LoanCondition.id).where(_governs(application_id), LoanCondition.state != "replaced")
    return bool(await session.scalar(select(found.exists())))


async def open_everywhere(session: AsyncSession, limit: int = 200) -> Sequence[tuple[LoanCondition, Application]]:
    """Everything that is open, by when it is due."""
    found = await session.execute(
        select(LoanCondition, Application)
        .join(Application, Application.id == LoanCondition.application_id)
        .where(LoanCondition.state == "open")
        .order_by(LoanCondition.due_at, LoanCondition.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in found]


async def nearly_due(session: AsyncSession, now: datetime) -> Sequence[LoanCondition]:
    """Those whose customers are to be reminded: theirs to meet, open, with a quarter of their time left, told once."""
    left = extract("epoch", LoanCondition.due_at - now)
    whole = extract("epoch", LoanCondition.due_at - LoanCondition.asked_at)
    found = await session.scalars(
        select(LoanCondition)
        .where(LoanCondition.state == "open", LoanCondition.owner == "customer", LoanCondition.reminded_at.is_(None))
        .where(LoanCondition.due_at > now, left * 4 <= whole)
        .order_by(LoanCondition.due_at, LoanCondition.id)
        .with_for_update(skip_locked=True)
    )
    return found.all()


async def one(session: AsyncSession, condition_id: UUID, *, locked: bool = False) -> LoanCondition | None:
    """One of them."""
    query = select(LoanCondition).where(LoanCondition.id == condition_id)
    return await session.scalar(query.with_for_update() if locked else query)


async def shown(session: AsyncSession, condition: LoanCondition, proof: Proof, proof_id: UUID) -> Shown | None:
    """What somebody shows as a proof, if it is there and belongs to this very application; None else."""
    mine = condition.application_id
    match proof:
        case Proof.DOCUMENT:
            paper = await session.get(EvidenceDocument, proof_id)
            if paper is None or paper.application_id != mine:
                return None
            return Shown(proof, paper.received_at, accepted=paper.state == "accepted")
        case Proof.SIGNED:
            signed = await session.get(Document, proof_id)
            if signed is None or signed.application_id != mine:
                return None
            concluded = select(Contract.id).where(Contract.application_id == mine)
            return Shown(proof, signed.created_at, accepted=bool(await session.scalar(select(concluded.exists()))))
        case Proof.REGISTER:
            for table in (RegisterAnswer, BureauReport):
                answer = await session.get(table, proof_id)
                if answer is not None and answer.application_id == mine:
                    return Shown(proof, answer.received_at)
            return None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something of an application that can be shown as a proof."""

    proof: Proof
    id: UUID
    what: str
    at: datetime


async def candidates(session: AsyncSession, application_id: UUID) -> list[Candidate]:
    """All that could be shown, the newest first; what a person refused or has not looked at is none."""
    papers = [one for one in await documents.of_application(session, application_id) if one.state == "accepted"]
    found = [Candidate(Proof.DOCUMENT, row.id, row.item, row.received_at) for row in papers]
    signed = select(Contract.id).where(Contract.application_id == application_id).exists()
    ours = await session.scalars(select(Document).where(Document.application_id == application_id, signed))
    found += [Candidate(Proof.SIGNED, row.id, row.kind, row.created_at) for row in ours]
    answers = await registers.received(session, application_id)
    found += [Candidate(Proof.REGISTER, id_, source, at) for source, id_, _, at in answers]
    return sorted(found, key=lambda one: one.at, reverse=True)


def meet(row: LoanCondition, proof: Proof, proof_id: UUID, *, by: str, now: datetime) -> None:
    """It is met. Raises :class:`ConditionClosed` where it is not open."""
    _open(row)
    row.state, row.proof, row.proof_id, row.ended_by, row.ended_at = "met", proof.value, proof_id, by, now


def waive(row: LoanCondition, why: str, *, by: str, now: datetime) -> None:
    """It is let go. Raises :class:`ConditionClosed` where it is not open."""
    _open(row)
    row.state, row.why, row.ended_by, row.ended_at = "waived", why, by, now


def _open(row: LoanCondition) -> None:
    if row.state != "open":
        raise ConditionClosed
