"""The training store: decided applications without names or ids, under keys that only this installation can make.

There is no table from a key back to an application. Who breaks the glass finds it by making every key anew.
"""

import hmac
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Application, Consent, Decision, Firm, Loan, LoanBad, StoreRow
from infra.settings import Settings

Json = dict[str, Any]
AT_ONCE = 1_000
PURPOSE = "model_training"


class StoreKeys:
    """Makes the keys of one installation; another one's are different for the same application."""

    def __init__(self, settings: Settings) -> None:
        self._secret = hmac.digest(settings.secret_bytes("index_key"), b"training store", "sha256")

    def of(self, application_id: UUID) -> bytes:
        """16 bytes."""
        return hmac.digest(self._secret, application_id.bytes, "sha256")[:16]


async def decided(session: AsyncSession, on: date) -> Sequence[tuple[UUID, bool, Json]]:
    """Every application that a model decided on: id, whether its owner allows training now, its row."""
    allowed = (
        select(Consent.id)
        .where(
            Consent.person_id == Application.person_id,
            Consent.purpose == PURPOSE,
            Consent.withdrawn_at.is_(None),
            Consent.expires_on > on,
        )
        .exists()
    )
    first = (
        select(Decision.application_id, func.min(Decision.n).label("n"))
        .where(Decision.decided_by == "model", Decision.pd.is_not(None))
        .group_by(Decision.application_id)
        .subquery()
    )
    found = await session.execute(
        select(Application, Decision, Firm.trade, Firm.kind, Loan, LoanBad.bad_on, allowed)
        .join(first, first.c.application_id == Application.id)
        .join(Decision, and_(Decision.application_id == first.c.application_id, Decision.n == first.c.n))
        .outerjoin(Firm, Firm.id == Application.firm_id)
        .outerjoin(Loan, Loan.application_id == Application.id)
        .outerjoin(LoanBad, LoanBad.loan_id == Loan.id)
    )
    return [
        (application.id, bool(may), _row(application, decision, trade, kind, loan, bad_on, on))
        for application, decision, trade, kind, loan, bad_on, may in found
    ]


def _row(
    application: Application,
    decision: Decision,
    trade: str | None,
    kind: str | None,
    loan: Loan | None,
    bad_on: date | None,
    on: date,
) -> Json:
    outcome = "unknown"
    if bad_on is not None:
        outcome = "bad"
    elif loan is not None and (loan.state == "closed" or (loan.live_on and loan.live_on <= on - timedelta(days=365))):
        outcome = "good"
    facts = {
        "asked_minor": application.amount_minor,
        "months_asked": application.months,
        "currency": application.currency,
        "product": application.product_id,
        "decision": decision.outcome,
        "limit_minor": decision.limit_minor,
        "pd": str(decision.pd),
        "model": decision.model_id,
        "monthly_net_revenue_minor": decision.ratios.get("monthly_net_revenue_minor"),
        "lent_minor": loan.principal_minor if loan else None,
        "trade": trade,
        "kind": kind,
    }
    return {"month": f"{decision.decided_at:%Y-%m}", "features": decision.features, "facts": facts, "outcome": outcome}


async def put(session: AsyncSession, rows: Iterable[tuple[bytes, Json]], at: datetime) -> int:
    """Enter or renew rows."""
    count = 0
    for part in _parts(rows):
        entered = insert(StoreRow).values([{"key": key, "changed_at": at, **row} for key, row in part])
        renewed = {name: entered.excluded[name] for name in ("month", "features", "facts", "outcome", "changed_at")}
        await session.execute(entered.on_conflict_do_update(index_elements=[StoreRow.key], set_=renewed))
        count += len(part)
    return count


async def remove(session: AsyncSession, keys: Iterable[bytes]) -> int:
    """Take rows out; how many there were."""
    gone = 0
    for part in _parts(keys):
        done = await session.execute(delete(StoreRow).where(StoreRow.key.in_(part)).returning(StoreRow.key))
        gone += len(done.all())
    return gone


async def remove_person(session: AsyncSession, keys: StoreKeys, person_id: UUID) -> int:
    """Take out every row of one person, as their consent ends."""
    ids = await session.scalars(select(Application.id).where(Application.person_id == person_id))
    return await remove(session, [keys.of(application_id) for application_id in ids])


async def everything(session: AsyncSession) -> Sequence[StoreRow]:
    """The store, in the order of its keys, which is that of chance."""
    return (await session.scalars(select(StoreRow).order_by(StoreRow.key))).all()


async def newest(session: AsyncSession, limit: int) -> Sequence[StoreRow]:
    """The rows that changed last."""
    return (
        await session.scalars(select(StoreRow).order_by(StoreRow.changed_at.desc(), StoreRow.key).limit(limit))
    ).all()


async def whose(session: AsyncSession, keys: StoreKeys, key: bytes) -> Application | None:
    """The application behind a key, by making every key anew."""
    ids = (await session.scalars(select(Application.id))).all()
    found = next((one for one in ids if hmac.compare_digest(keys.of(one), key)), None)
    return None if found is None else await session.get(Application, found)


def _parts(rows: Iterable[Any]) -> Iterator[list[Any]]:
    part: list[Any] = []
    for row in rows:
        part.append(row)
        if len(part) == AT_ONCE:
            yield part
            part = []
    if part:
        yield part
