"""What shows across firms, each with its planted case; two that have nothing to do with each other show nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, update

from activities.across import findings_across
from activities.storing import OldSessions
from db import doors, people
from db.tables import Application, BankAccount, Session, StatementFile
from policies.book import load

POLICY = load().fraud
AT = datetime(2027, 3, 2, 1, 0, tzinfo=UTC)
ON = AT.date() - timedelta(days=1)
LICENCE, ID_NUMBER = "92330106M3XH54111U", "330106197205287191"


@pytest.fixture
async def two(lender: Any) -> tuple[Any, Any]:
    return await lender.borrower(decided=ON), await lender.borrower(decided=ON)


async def found(lender: Any, one: Any) -> dict[str, tuple[str, float]]:
    """Rule by rule: how many, and how strongly."""
    async with lender.sessions.begin() as session:
        application = await session.get_one(Application, one.application_id)
        signs = await findings_across(session, application, AT, POLICY)
    return {sign.rule: (dict(sign.facts)["count"], float(sign.score)) for sign in signs}


async def signed_in(lender: Any, one: Any, device: str, *, ago: timedelta = timedelta(0)) -> None:
    async with lender.sessions.begin() as session:
        await doors.add_session(
            session, token_hash=uuid4().bytes, person_id=one.person_id, csrf="c", factor="code", device=device,
            now=datetime.now(UTC) - ago, lifetime=timedelta(days=30),
        )  # fmt: skip


async def filed(lender: Any, one: Any, sha256: str) -> None:
    async with lender.sessions.begin() as session:
        await session.execute(
            insert(StatementFile).values(
                id=uuid4(), application_id=one.application_id, person_id=one.person_id, firm_id=one.firm_id,
                name_sealed=b"", size=1, sha256=sha256, object_key=sha256, state="read", received_at=AT, read_at=AT,
            )
        )  # fmt: skip


async def test_strangers_share_nothing(lender: Any, two: tuple[Any, Any]) -> None:
    for n, one in enumerate(two):
        await signed_in(lender, one, f"browser {n}")
        await filed(lender, one, f"bill {n}")
    assert await found(lender, two[0]) == {}


async def test_one_document_by_two_people_is_seen_and_by_one_person_is_not(lender: Any, two: tuple[Any, Any]) -> None:
    one, other = two
    await filed(lender, one, "the bill")
    assert await found(lender, one) == {}
    await filed(lender, other, "the bill")
    assert await found(lender, one) == {"document_elsewhere": ("1", 1.0)}


async def test_one_licence_and_one_account_behind_two_people_are_seen(lender: Any) -> None:
    one = await lender.borrower(decided=ON, licence=LICENCE)
    other = await lender.borrower(decided=ON, licence=LICENCE)
    assert await found(lender, one) == {"shared_licence": ("1", 1.0)}
    async with lender.sessions.begin() as session:
        account = await session.scalar(select(BankAccount.id).where(BankAccount.person_id == one.person_id))
        same = select(BankAccount.number_index).where(BankAccount.id == account).scalar_subquery()
        await session.execute(
            update(BankAccount).where(BankAccount.person_id == other.person_id).values(number_index=same)
        )
        await session.execute(
            update(Application).where(Application.id == one.application_id).values(bank_account_id=account)
        )
    assert (await found(lender, one))["shared_account"] == ("1", 0.5)


async def test_one_browser_of_many_people_is_seen_and_a_couple_at_one_phone_is_not(lender: Any) -> None:
    crowd = [await lender.borrower(decided=ON) for _ in range(5)]
    one = crowd[0]
    await signed_in(lender, one, "the hall's phone")
    await signed_in(lender, crowd[1], "the hall's phone")
    assert await found(lender, one) == {}
    for other in crowd[2:]:
        await signed_in(lender, other, "the hall's phone")
    assert await found(lender, one) == {"shared_device": ("4", 1.0), "applications_from_device": ("5", 0.4)}
    # What lies further back than the policy looks counts for nothing.
    lender.database.execute("update session set created_at = created_at - interval '91 days'")
    assert await found(lender, one) == {}


async def test_one_identity_under_many_phones_applies_as_one_person(lender: Any) -> None:
    same = [await lender.borrower(decided=ON) for _ in range(5)]
    async with lender.sessions.begin() as session:
        for one in same:
            await people.set_identity(session, lender.vault, one.person_id, name="李秀英", id_number=ID_NUMBER)
    seen = await found(lender, same[0])
    assert seen["other_phones"] == ("4", 1.0)
    assert seen["many_applications"][0] == "5"


async def test_sessions_are_forgotten_once_no_rule_looks_at_them(lender: Any, two: tuple[Any, Any]) -> None:
    await signed_in(lender, two[0], "new")
    await signed_in(lender, two[1], "old", ago=timedelta(days=211))
    async with lender.sessions.begin() as session:
        assert await OldSessions().look(session, ON, AT) == {"forgotten": 1}
        assert await session.scalar(select(func.count()).select_from(Session)) == 1
