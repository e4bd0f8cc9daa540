"""Only firms whose owner allows it are read; limits rest on living pre-scores; the store knows no names."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select

from activities.champion import Chosen
from activities.fairness import told
from activities.prescoring import OrderLimits, Prescorer
from activities.storing import StoreFill
from db import prescores, store, treatment
from db.store import StoreKeys
from db.tables import AccessRecord, Consent, Invoice, LoanBad, Prescore, StatementLine, StoreRow
from lending.verdicts import Score
from policies.book import load
from scoring.assessment import Assessment

BOOK = load()
AT = datetime(2027, 3, 2, 1, 0, tzinfo=UTC)
ON = date(2027, 3, 1)
PRODUCT = "revenue_linked_working_capital"


class Deciding:
    """Who decides: a model that is never asked, since the assessment is given."""

    async def get(self, session: Any) -> Chosen:
        return Chosen("trees", SimpleNamespace(), "champion")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@pytest.fixture
def prescorer(monkeypatch: pytest.MonkeyPatch) -> Prescorer:
    def assessed(model: Any, evidence: Any, as_of: date) -> Assessment:
        score = Score(pd=Decimal("0.0300"), grade="B", confidence=Decimal("0.90"), reasons=())
        return Assessment(score, 14, 5_000_000, (5_000_000,) * 12, {})

    monkeypatch.setattr("activities.prescoring.assess", assessed)
    return Prescorer(Deciding(), BOOK.policy(PRODUCT), BOOK.care.prescore)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def sold(lender: Any, one: Any, monthly_minor: int) -> None:
    """A statement with one sale a month in the last quarter."""
    rows = [
        {
            "firm_id": one.firm_id,
            "fingerprint": f"{one.firm_id}{n}".encode()[:40],
            "file_id": uuid4(),
            "n": n,
            "at": datetime.combine(ON - timedelta(days=20 + 30 * n), datetime.min.time()),
            "on_date": ON - timedelta(days=20 + 30 * n),
            "direction": 1,
            "amount_minor": monthly_minor,
            "currency": "CNY",
            "kind": 1,
            "counterparty_key": None,
            "flags": 0,
        }
        for n in range(3)
    ]
    async with lender.sessions.begin() as session:
        await session.execute(insert(StatementLine), rows)


async def test_only_firms_whose_owner_allows_it_are_scored_and_all_others_are_named_with_the_reason(
    lender: Any, prescorer: Prescorer
) -> None:
    await lender.model("trees", "champion")
    allowed, never, ended, silent = [await lender.borrower(lived=False) for _ in range(4)]
    for one in (allowed, never, ended):
        await sold(lender, one, 5_000_000)
    await lender.allows(allowed, "prescore")
    await lender.allows(silent, "prescore")
    await lender.allows(ended, "prescore", until=ON - timedelta(days=1))
    stranger, list_id = uuid4(), uuid4()
    wanted = [allowed.firm_id, never.firm_id, ended.firm_id, silent.firm_id, stranger, allowed.firm_id]
    async with lender.sessions.begin() as session:
        found = await prescorer.score(session, list_id, wanted, on=ON, at=AT)
        read = (await session.scalars(select(AccessRecord.person_id).where(AccessRecord.purpose == "prescore"))).all()
        kept = await session.scalar(select(func.count()).select_from(Prescore).where(Prescore.list_id == list_id))
    assert [one.why for one in found] == [None, "no_consent", "consent_ended", "no_flows", "unknown_firm"]
    assert (found[0].grade, found[0].limit_minor) == ("B", 12_500_000)
    assert found[0].valid_until == AT + timedelta(days=BOOK.care.prescore.valid_days)
    assert read == [allowed.person_id]  # whoever was read can see it; nobody else was
    assert kept == 4


async def test_order_limits_rest_on_flows_and_grade_less_what_is_owed_and_end_with_the_consent(
    lender: Any, prescorer: Prescorer
) -> None:
    await lender.model("trees", "champion")
    free, owing = await lender.borrower(lived=False), await lender.borrower(lived=True)
    consents = {}
    for one in (free, owing):
        await sold(lender, one, 10_000_000)
        consents[one.firm_id] = await lender.allows(one, "prescore")
    async with lender.sessions.begin() as session:
        await prescorer.score(session, uuid4(), [free.firm_id, owing.firm_id], on=ON, at=AT)
    limits = OrderLimits(BOOK.care.order_limits)
    async with lender.sessions.begin() as session:
        assert await limits.look(session, ON, AT) == {"firms": 2, "with_limit": 2}
        first = await prescores.order_limit(session, free.firm_id, AT)
        second = await prescores.order_limit(session, owing.firm_id, AT)
    # Half of a month's flows of ¥100,000; the other owes ¥40,000 of it.
    assert first is not None and first.limit_minor == 5_000_000
    assert second is not None and second.limit_minor == 1_000_000
    lender.database.execute(f"update consent set withdrawn_at = now() where id = '{consents[free.firm_id]}'")
    async with lender.sessions.begin() as session:
        assert (await limits.look(session, ON + timedelta(days=1), AT + timedelta(hours=1)))["firms"] == 1
        assert await prescores.order_limit(session, free.firm_id, AT + timedelta(hours=1)) is None
        # A night that is missed twice leaves nothing in force.
        assert await prescores.order_limit(session, owing.firm_id, AT + timedelta(days=3)) is None


async def test_invoices_are_read_as_in_an_application_where_the_consent_names_them(
    lender: Any, prescorer: Prescorer
) -> None:
    await lender.model("trees", "champion")
    covered, older = await lender.borrower(lived=False), await lender.borrower(lived=False)
    for one in (covered, older):
        rows = [
            {
                "firm_id": one.firm_id, "side": 1, "fingerprint": f"{n}".encode(), "file_id": uuid4(), "n": n,
                "issued_on": ON - timedelta(days=20 + 30 * n), "net_minor": 10_000_000, "tax_minor": 0,
                "currency": "CNY", "status": 0, "flags": 0,
            }
            for n in range(3)
        ]  # fmt: skip
        async with lender.sessions.begin() as session:
            await session.execute(insert(Invoice), rows)
    await lender.allows(covered, "prescore", scope="statement_lines,invoices")
    await lender.allows(older, "prescore")
    async with lender.sessions.begin() as session:
        found = await prescorer.score(session, uuid4(), [covered.firm_id, older.firm_id], on=ON, at=AT)
    assert [one.why for one in found] == [None, "no_flows"]
    async with lender.sessions.begin() as session:
        assert await OrderLimits(BOOK.care.order_limits).look(session, ON, AT) == {"firms": 1, "with_limit": 1}
        limit = await prescores.order_limit(session, covered.firm_id, AT)
    assert limit is not None and limit.limit_minor == 5_000_000


async def test_the_store_keeps_features_and_outcomes_without_names_and_only_under_living_consent(lender: Any) -> None:
    may, may_not = await lender.borrower(decided=ON - timedelta(days=400)), await lender.borrower()
    await lender.allows(may, "model_training")
    keys = StoreKeys(lender.settings)
    fill = StoreFill(keys)
    async with lender.sessions.begin() as session:
        assert await fill.look(session, ON, AT) == {"rows": 1, "removed": 0}
        (row,) = await store.everything(session)
    assert (row.key, row.outcome, row.month) == (keys.of(may.application_id), "good", "2026-01")
    text = json.dumps([row.month, row.features, row.facts, row.key.hex()], default=str)
    for secret in (may.person_id, may.firm_id, may.application_id, may.loan_id, may.decision_id):
        assert str(secret) not in text and secret.hex not in text
    assert row.facts["asked_minor"] == 8_000_000
    async with lender.sessions.begin() as session:
        found = await store.whose(session, keys, row.key)
        assert found is not None and found.id == may.application_id
        assert await store.whose(session, keys, b"\0" * 16) is None
        # A default that comes later is learned; a consent that ends takes the row out.
        session.add(LoanBad(loan_id=may.loan_id, bad_on=ON))
        await session.flush()
        await fill.look(session, ON, AT)
    async with lender.sessions.begin() as session:
        assert [one.outcome for one in await store.everything(session)] == ["bad"]
        consent = (await session.scalars(select(Consent).where(Consent.person_id == may.person_id))).one()
        consent.withdrawn_at = AT
    async with lender.sessions.begin() as session:
        assert await fill.look(session, ON, AT) == {"rows": 0, "removed": 1}
        assert await session.scalar(select(func.count()).select_from(StoreRow)) == 0
    assert may_not.application_id != may.application_id


async def test_a_bias_planted_in_the_book_is_found_by_the_nightly_report(lender: Any) -> None:
    for n in range(50):
        worse = n % 2 == 0
        await lender.borrower(
            trade="catering" if worse else "retail",
            licence=f"91{'44' if worse else '31'}0000MA5{n:07d}"[:18],
            limit_minor=4_000_000 if worse else 8_000_000 + n * 10_000,
            lived=False,
        )
    async with lender.sessions.begin() as session:
        rows = await treatment.treated(session, AT - timedelta(days=365), AT)
    report = told(rows, BOOK.care.fairness, ON)
    found = {
        (group["kind"], group["group"]): [gap["measure"] for gap in group["gaps"] if gap["found"]]
        for group in report["groups"]
    }
    assert found[("trade", "catering")] == ["limit"]
    assert report["decisions"] == 50 and report["two_prices"] == []
    assert ("region", "44") in found
