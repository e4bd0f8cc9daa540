"""A lender's book in rows: firms with decisions and loans, made by the hundred."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from db import clocks, people, scoring_models
from db.sessions import Sessions
from db.tables import (
    Application,
    BankAccount,
    Close,
    Consent,
    Decision,
    Firm,
    Loan,
    LoanBalance,
    RevenueDay,
    StatementLine,
)
from infra.crypto import Vault
from infra.settings import Settings
from ops.stack import testing
from scoring.catalogue import NAMES
from tests.activities.test_judging import desk

__all__ = ["desk", "lender"]

AT = datetime(2027, 3, 2, 1, 0, tzinfo=UTC)
ON = date(2027, 3, 1)
PRODUCT = "revenue_linked_working_capital"


@dataclass
class Lent:
    """One firm of the book."""

    person_id: UUID
    firm_id: UUID
    application_id: UUID
    loan_id: UUID | None = None
    decision_id: UUID | None = None


@dataclass
class Lender:
    """A database with a registry and as many borrowers as a test wants."""

    sessions: Sessions
    settings: Settings
    vault: Vault
    database: testing.Database
    lent: list[Lent] = field(default_factory=list[Lent])
    model_card: dict[str, Any] = field(default_factory=dict[str, Any])

    async def model(self, name: str, role: str, **card: Any) -> None:
        """A model in a role; nothing lies in the store."""
        async with self.sessions.begin() as session:
            await scoring_models.register(
                session, model_id=name, object_key=f"models/{name}", sha256="0" * 64, card=card, at=AT, role=role
            )

    async def borrower(
        self,
        *,
        pd: str = "0.0300",
        decided: date = ON - timedelta(days=30),
        lived: bool = True,
        days_past_due: int = 0,
        model: str | None = "trees",
        outcome: str = "approve",
        features: dict[str, float | None] | None = None,
        decided_by: str = "model",
        grade: str = "B",
        licence: str | None = None,
        trade: str | None = None,
        limit_minor: int = 8_000_000,
        revenue_minor: int = 5_000_000,
    ) -> Lent:
        """One firm with a decision, and with a loan if it lived to have one."""
        when = datetime.combine(decided, datetime.min.time(), UTC)
        one = Lent(uuid4(), uuid4(), uuid4(), uuid4() if lived else None, uuid4())
        async with self.sessions.begin() as session:
            phone = f"139{len(self.lent):08d}"
            one.person_id = await people.know_by_phone(session, self.vault, phone, locale="zh_CN", now=when)
            one.firm_id = await people.know_firm(
                session,
                self.vault,
                one.person_id,
                kind="sole_trader",
                name="面馆",
                licence=licence,
                trade=trade,
                now=when,
            )
            await self._apply(session, one, when, outcome, revenue_minor)
            await session.execute(
                insert(Decision).values(
                    id=one.decision_id,
                    application_id=one.application_id,
                    person_id=one.person_id,
                    n=1,
                    outcome=outcome,
                    reasons=[],
                    limit_minor=limit_minor if outcome == "approve" else 0,
                    pd=Decimal(pd),
                    grade=grade,
                    confidence=Decimal("0.9"),
                    features=features if features is not None else dict.fromkeys(NAMES, 1.0),
                    ratios={"monthly_net_revenue_minor": revenue_minor, "months_of_history": 14},
                    model_id=model,
                    model_role="champion",
                    policy_version="1",
                    decided_by=decided_by,
                    decided_at=when,
                )
            )
            if lived:
                await self._lend(session, one, decided, days_past_due)
        self.lent.append(one)
        return one

    async def _apply(self, session: Any, one: Lent, when: datetime, outcome: str, revenue_minor: int) -> None:
        await session.execute(
            insert(Application).values(
                id=one.application_id,
                person_id=one.person_id,
                firm_id=one.firm_id,
                product_id=PRODUCT,
                policy_version="1",
                channel="web",
                stage="funded" if outcome == "approve" else "declined",
                amount_minor=8_000_000,
                currency="CNY",
                months=12,
                share=Decimal("0.1"),
                declared_revenue_minor=revenue_minor,
                waiting_for="nobody",
                created_at=when,
                changed_at=when,
            )
        )

    async def _lend(self, session: Any, one: Lent, on: date, days_past_due: int) -> None:
        account_id = uuid4()
        when = datetime.combine(on, datetime.min.time(), UTC)
        await session.execute(
            insert(BankAccount).values(
                id=account_id,
                person_id=one.person_id,
                number_sealed=b"x",
                number_index=account_id.bytes,
                masked="**** 1",
                created_at=when,
            )
        )
        await session.execute(
            insert(Loan).values(
                id=one.loan_id,
                application_id=one.application_id,
                person_id=one.person_id,
                firm_id=one.firm_id,
                product_id=PRODUCT,
                policy_version="1",
                jurisdiction="CN",
                currency="CNY",
                principal_minor=8_000_000,
                annual_rate=Decimal("0.073"),
                day_count="act/365",
                share=Decimal("0.1"),
                months=12,
                terms={},
                terms_hash="0" * 64,
                rate_units=1,
                units_per_minor=1,
                share_ppm=100_000,
                window_months=2,
                windows=6,
                grace_days=5,
                shard=0,
                account_id=account_id,
                account_index=account_id.bytes,
                state="live",
                created_at=when,
                live_on=on,
                matures_on=on + timedelta(days=365),
            )
        )
        await session.execute(
            insert(LoanBalance).values(
                loan_id=one.loan_id,
                as_of=ON,
                principal_minor=4_000_000,
                accrued_units=0,
                interest_paid_minor=0,
                paid_minor=0,
                carry_minor=0,
                uncollected_minor=0,
                in_flight_minor=0,
                windows_passed=0,
                past_due_minor=0,
                days_past_due=days_past_due,
                status="on_path",
            )
        )

    async def sells(self, one: Lent, days: dict[date, tuple[int, int]]) -> None:
        """Sales and refunds of days."""
        rows = [
            {
                "id": uuid4(),
                "loan_id": one.loan_id,
                "person_id": one.person_id,
                "on_date": on,
                "sales_minor": sales,
                "refunds_minor": refunds,
                "chargebacks_minor": 0,
                "batch": "test",
                "source": "wallet",
                "received_at": AT,
            }
            for on, (sales, refunds) in days.items()
        ]
        async with self.sessions.begin() as session:
            await session.execute(insert(RevenueDay), rows)

    async def billed(self, one: Lent, first: date, days: int, daily_minor: int) -> None:
        """A bill of so many days, each with one sale."""
        rows = [
            {
                "firm_id": one.firm_id, "fingerprint": f"{first}{n:06d}".encode()[-16:], "file_id": one.application_id,
                "n": n, "at": datetime.combine(on, datetime.min.time()), "on_date": on, "direction": 1,
                "amount_minor": daily_minor, "currency": "CNY", "kind": 1, "counterparty_key": None, "flags": 0,
            }
            for n in range(days)
            if (on := first + timedelta(days=n))
        ]  # fmt: skip
        async with self.sessions.begin() as session:
            await session.execute(insert(StatementLine), rows)

    async def allows(
        self, one: Lent, purpose: str, *, until: date = ON + timedelta(days=300), scope: str = "statement_lines"
    ) -> UUID:
        """A consent of the owner."""
        consent_id = uuid4()
        async with self.sessions.begin() as session:
            await session.execute(
                insert(Consent).values(
                    id=consent_id,
                    person_id=one.person_id,
                    application_id=one.application_id,
                    purpose=purpose,
                    scope=scope,
                    text_hash="0" * 64,
                    locale="zh_CN",
                    channel="web",
                    proof={},
                    given_at=AT - timedelta(days=40),
                    expires_on=until,
                )
            )
        return consent_id

    async def closed(self, on: date) -> None:
        """A finished close of a day."""
        async with self.sessions.begin() as session:
            await session.execute(
                insert(Close).values(jurisdiction="CN", on_date=on, state="closed", started_at=AT, finished_at=AT)
            )

    async def firm(self, one: Lent) -> Firm:
        async with self.sessions.begin() as session:
            return await session.get_one(Firm, one.firm_id)


@pytest.fixture
async def lender(postgres: testing.Databases, settings_for: Callable[..., Settings]) -> AsyncIterator[Lender]:
    database = postgres.fresh()
    chosen = settings_for(database=database)
    sessions = Sessions(chosen, scope="worker")
    async with sessions.begin() as session:
        await clocks.ensure(session, chosen.clock_id)
    yield Lender(sessions, chosen, Vault(chosen), database)
    await sessions.close()
    postgres.drop(database)
