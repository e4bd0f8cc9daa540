"""Papers that a person looks at: brought through any door into one list, the same bytes once, judged once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, literal, select, union_all, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import collateral
from db.tables import Application, EvidenceDocument, Firm, IdentityPaper, StatementFile
from lending.checklist import Applying, Item, ItemState, items_for, missing, state_of
from lending.collateral import CollateralKind
from lending.parties import PartyKind
from lending.profiles import Capacity

# What a paper and its name are sealed for.
PAPER = "evidence_document.paper"
NAME = "evidence_document.name"


@dataclass(frozen=True, slots=True)
class Known:
    """The same bytes, brought before: through which door and when."""

    id: UUID
    channel: str
    received_at: datetime


async def applying(session: AsyncSession, application: Application) -> Applying:
    """What the list of an application depends on; of an unknown firm what concerns everybody."""
    firm = await session.get(Firm, application.firm_id) if application.firm_id else None
    kind, province, capacity = (firm.kind, firm.region, firm.capacity) if firm else (None, None, None)
    offered = [one.kind for one in await collateral.held(session, application.id)]
    return Applying(
        application.product_id,
        application.amount_minor,
        PartyKind(kind) if kind else None,
        province,
        Capacity(capacity) if capacity else None,
        frozenset(CollateralKind(one) for one in offered),
    )


async def missing_of(session: AsyncSession, catalogue: Sequence[Item], application: Application) -> tuple[str, ...]:
    """The required items of which nothing usable is there, by id, for whoever submits and whoever says yes."""
    states: dict[str, list[ItemState]] = defaultdict(list)
    for paper in await of_application(session, application.id):
        states[paper.item].append(ItemState(paper.state))
    standing = {item: state_of(found) for item, found in states.items()}
    return missing(items_for(catalogue, await applying(session, application)), standing)


async def same_bytes(session: AsyncSession, application_id: UUID, person_id: UUID, sha256: str) -> Known | None:
    """What the applicant brought before with these very bytes, as whatever it was brought."""
    papers = select(EvidenceDocument.id, EvidenceDocument.channel, EvidenceDocument.received_at).where(
        EvidenceDocument.application_id == application_id, EvidenceDocument.sha256 == sha256
    )
    bills = select(StatementFile.id, StatementFile.channel, StatementFile.received_at).where(
        StatementFile.application_id == application_id, StatementFile.sha256 == sha256
    )
    photos = select(IdentityPaper.id, literal("owner"), IdentityPaper.received_at).where(
        IdentityPaper.person_id == person_id, IdentityPaper.sha256 == sha256
    )
    row = (await session.execute(union_all(papers, bills, photos).limit(1))).first()
    return Known(*row) if row else None


async def add(session: AsyncSession, **values: object) -> bool:
    """A paper that nobody looked at yet, by the columns of the table; False if the same bytes came in meanwhile."""
    added = await session.scalar(
        insert(EvidenceDocument)
        .values(state="received", **values)
        .on_conflict_do_nothing(index_elements=["application_id", "sha256"])
        .returning(EvidenceDocument.id)
    )
    return added is not None


async def of_application(session: AsyncSession, application_id: UUID) -> Sequence[EvidenceDocument]:
    """All of them, oldest first."""
    found = await session.scalars(
        select(EvidenceDocument)
        .where(EvidenceDocument.application_id == application_id)
        .order_by(EvidenceDocument.received_at, EvidenceDocument.id)
    )
    return found.all()


async def by_id(session: AsyncSession, document_id: UUID) -> EvidenceDocument | None:
    """One of them."""
    return await session.get(EvidenceDocument, document_id)


async def unlooked(session: AsyncSession, application_id: UUID) -> int:
    """How many no person has looked at."""
    return int(
        await session.scalar(
            select(func.count()).where(
                EvidenceDocument.application_id == application_id, EvidenceDocument.state == "received"
            )
        )
        or 0
    )


async def judge(
    session: AsyncSession, document_id: UUID, *, state: str, refusal: str | None, words: str, by: str, at: datetime
) -> bool:
    """What a person says of a paper; the first word counts. False if it was judged before."""
    changed = await session.execute(
        update(EvidenceDocument)
        .where(EvidenceDocument.id == document_id, EvidenceDocument.state == "received")
        .values(state=state, refusal=refusal, words=words or None, judged_by=by, judged_at=at)
        .returning(EvidenceDocument.id)
    )
    return changed.first() is not None
