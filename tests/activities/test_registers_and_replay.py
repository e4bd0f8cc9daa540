"""Registers are asked once and kept; a decision is found again after policy and champion have changed."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, select, text, update

from activities.basis import Replay
from activities.ports.intake import Case
from activities.registers import Registers
from activities.underwriting import Underwriting
from db import clocks, exposure, people, permissions
from db.tables import AccessRecord, Application, BureauReport, Decision, Loan, RegisterAnswer
from gateways.bureau import HttpBureau
from gateways.courts import HttpCourts
from gateways.failures import GatewayUnavailable
from gateways.registry import HttpRegistry
from infra.settings import settings
from infra.storage import Storage
from lending.refusals import ConsentMissing
from ops.cli import main
from policies.book import load
from simulators.settings import WorldSettings
from simulators.world import world
from tests.activities.test_judging import NOW, Desk

SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSB0ZXN0cywgMzIgYnl0ZXMgbG9uZw=="
LICENCE, ID_NUMBER = "92330106M3XH54111U", "330106197205287191"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    app = world(
        WorldSettings(
            host="",
            port=0,
            data=tmp_path,
            public_url="http://x",
            rail_secret=SECRET,
            revenue_secret=SECRET,
            messages_secret=SECRET,
        )
    )
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://world") as client,
    ):
        yield client


def line(town: httpx2.AsyncClient, party: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=town._transport, base_url=f"http://world/{party}")


def asking(desk: Desk, town: httpx2.AsyncClient) -> Underwriting:
    private = desk.registers._private
    desk.registers = Registers(
        desk.steps,
        private,
        desk.vault,
        HttpBureau(line(town, "bureau"), deadline=2),
        HttpCourts(line(town, "courts"), deadline=2),
        HttpRegistry(line(town, "registry"), deadline=2),
    )
    return Underwriting(desk.steps, desk.registers, load(), desk.judge())


EVERYTHING = "credit_report,company_credit_report,court_records,company_register"


async def prepared(desk: Desk, *, consented: bool = True, scope: str = EVERYTHING) -> Case:
    """The owner is known, has a registered firm and, unless told otherwise, allowed the inquiries."""
    async with desk.steps.sessions.begin() as session:
        await people.set_identity(session, desk.vault, desk.person_id, name="李秀英", id_number=ID_NUMBER)
        if consented:
            await permissions.add(
                session,
                consent_id=uuid4(),
                person_id=desk.person_id,
                application_id=desk.application_id,
                purpose="bureau_query",
                scope=scope,
                text_hash="ab" * 32,
                locale="zh_CN",
                channel="web",
                proof={},
                given_at=await clocks.now(session, desk.steps.clock_id) - timedelta(minutes=1),
                expires_on=(NOW + timedelta(days=30)).date(),
            )
        await session.execute(update(Application).where(Application.id == desk.application_id).values(stage="deciding"))
    return Case(application_id=desk.application_id, cause=uuid4())


async def licensed(desk: Desk) -> None:
    from simulators.numbers import code_check

    head = LICENCE[:17]
    async with desk.steps.sessions.begin() as session:
        firm = await people.know_firm(
            session, desk.vault, desk.person_id, kind="company", name="面馆", licence=head + code_check(head),
            trade="catering", now=NOW,
        )  # fmt: skip
        await session.execute(
            text("update statement_line set firm_id = :new where firm_id = :old"), {"new": firm, "old": desk.firm_id}
        )
        await session.execute(
            text("update statement_file set firm_id = :new where firm_id = :old"), {"new": firm, "old": desk.firm_id}
        )
        await session.execute(update(Application).where(Application.id == desk.application_id).values(firm_id=firm))
        desk.firm_id = firm


async def rows(desk: Desk, table: Any) -> list[Any]:
    async with desk.steps.sessions.begin() as session:
        return list((await session.scalars(select(table))).all())


async def test_all_registers_are_asked_and_each_answer_is_kept_once(desk: Desk, town: httpx2.AsyncClient) -> None:
    rooms, case = asking(desk, town), await prepared(desk)
    await licensed(desk)
    await town.post("/courts/faults", json={"mode": "down"})
    with pytest.raises(GatewayUnavailable, match="courts_error"):
        await rooms.ask_bureau(case)
    assert len(await rows(desk, BureauReport)) == 1
    assert {row.source for row in await rows(desk, RegisterAnswer)} == {"company_report", "registry"}
    await town.delete("/courts/faults")
    await rooms.ask_bureau(case)
    await rooms.ask_bureau(case)
    assert {row.source for row in await rows(desk, RegisterAnswer)} == {"company_report", "registry", "courts"}
    for party, times in (("bureau", [1, 1]), ("registry", [1]), ("courts", [1])):
        told = (await town.get(f"/{party}/book")).json()["inquiries"]
        assert [one["times"] for one in told] == times
    sealed = [bytes(row.answer_sealed) for row in await rows(desk, RegisterAnswer)]
    assert not any(b"normal" in one or b"claims" in one for one in sealed)


async def test_who_was_asked_is_shown_to_the_person(desk: Desk, town: httpx2.AsyncClient) -> None:
    rooms, case = asking(desk, town), await prepared(desk)
    await licensed(desk)
    await rooms.ask_bureau(case)
    await rooms.ask_bureau(case)
    seen = await rows(desk, AccessRecord)
    assert sorted(row.what for row in seen) == sorted(EVERYTHING.split(","))
    assert {(row.person_id, row.actor, row.purpose) for row in seen} == {(desk.person_id, "system", "bureau_query")}


async def test_a_consent_that_does_not_name_courts_asks_none_and_a_person_asks_for_a_new_one(
    desk: Desk, town: httpx2.AsyncClient
) -> None:
    rooms, case = asking(desk, town), await prepared(desk, scope="credit_report")
    await licensed(desk)
    await rooms.ask_bureau(case)
    assert [(await town.get(f"/{party}/book")).json()["inquiries"] for party in ("courts", "registry")] == [[], []]
    assert len((await town.get("/bureau/book")).json()["inquiries"]) == 1
    await rooms.decide_application(case)
    [row] = await rows(desk, Decision)
    assert (row.outcome, row.route, row.route_reason) == ("review", "manual", "registers_not_allowed")
    assert row.reasons[0]["code"] == "registers_not_allowed"


async def test_without_consent_nobody_is_asked(desk: Desk, town: httpx2.AsyncClient) -> None:
    rooms, case = asking(desk, town), await prepared(desk, consented=False)
    with pytest.raises(ConsentMissing):
        await rooms.ask_bureau(case)
    assert (await town.get("/courts/book")).json()["inquiries"] == []


async def test_a_decision_is_found_again_after_policy_and_champion_changed(
    desk: Desk, town: httpx2.AsyncClient, s3: Any, settings_for: Any
) -> None:
    rooms, case = asking(desk, town), await prepared(desk)
    await licensed(desk)
    await rooms.ask_bureau(case)
    await rooms.decide_application(case)
    [row] = await rows(desk, Decision)
    assert row.basis is not None
    assert set(row.basis["registers"]) == {"bureau", "company_report", "courts", "registry"}
    assert (row.ratios["register_state"], row.ratios["courts_silent"]) == ("normal", False)
    async with desk.steps.sessions.begin() as session:
        await session.execute(text("update scoring_model set role = 'retired' where role = 'champion'"))
    storage: Storage = desk.champion._storage

    async def differs() -> set[str]:
        async with desk.steps.sessions.begin() as session:
            fresh = await session.get_one(Decision, row.id, populate_existing=True)
            return {one["what"] for one in (await Replay(storage).replay(session, fresh)).differs}

    assert await differs() == set()

    async def tampered(column: str, value: str) -> set[str]:
        async with desk.steps.sessions.begin() as session:
            before = await session.scalar(text(f"select {column} from decision where id = :id"), {"id": row.id})
            await session.execute(text(f"update decision set {value} where id = :id"), {"id": row.id})
        found = await differs()
        async with desk.steps.sessions.begin() as session:
            await session.execute(update(Decision).where(Decision.id == row.id).values({column: before}))
        return found

    assert "limit_minor" in await tampered("limit_minor", "limit_minor = limit_minor + 10000")
    assert "pd" in await tampered("pd", "pd = 0.0001")
    assert await tampered("ratios", "ratios = jsonb_set(ratios, '{dishonest}', 'true')") >= {"found.outcome"}
    assert "score.pd" in await tampered("features", "features = '{}'")
    assert await differs() == set()


async def test_a_replay_tells_an_altered_file_from_a_missing_one_and_another_version(
    desk: Desk, town: httpx2.AsyncClient
) -> None:
    rooms, case = asking(desk, town), await prepared(desk)
    await licensed(desk)
    await rooms.ask_bureau(case)
    await rooms.decide_application(case)
    [row] = await rows(desk, Decision)
    assert row.basis is not None
    kept, storage = row.basis["model_sha256"], desk.champion._storage
    altered = await storage.put(f"models/altered-{uuid4().hex}", b"other bytes", "application/octet-stream")
    other = "0" * 64

    async def told(change: str) -> dict[str, Any]:
        """What a replay says of the model where the registry was changed so; the change is taken back."""
        async with desk.steps.sessions.begin() as session:
            await session.execute(text(f"update scoring_model set {change} where id = :id"), {"id": row.model_id})
            found = await Replay(storage).replay(session, await session.get_one(Decision, row.id))
            await session.rollback()
        [one] = [one for one in found.differs if one["what"] == "model"]
        return one

    expected = {"what": "model", "kept": kept}
    assert await told(f"object_key = '{altered.key}'") == expected | {"found": altered.sha256, "why": "file_altered"}
    assert await told("object_key = 'models/nowhere'") == expected | {"found": None, "why": "file_missing"}
    assert await told(f"sha256 = '{other}'") == expected | {"found": other, "why": "other_version"}
    assert await told("card = '{}'") == expected | {"found": kept, "why": "unreadable"}


async def test_the_command_finds_decisions_again_years_later_by_the_policy_of_then(
    desk: Desk, town: httpx2.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms, case = asking(desk, town), await prepared(desk)
    await licensed(desk)
    await rooms.ask_bureau(case)
    await rooms.decide_application(case)
    [row] = await rows(desk, Decision)
    assert row.basis is not None
    # Seven years on: another champion, and policy files of today that nobody could read a decision of then by.
    async with desk.steps.sessions.begin() as session:
        await session.execute(text("update decision set decided_at = decided_at - interval '7 years'"))
        await session.execute(text("update scoring_model set role = 'retired' where role = 'champion'"))
    monkeypatch.setattr("policies.book.load", lambda *_, **__: pytest.fail("a replay read today's policy"))
    env_file = tmp_path / "stack.env"
    env_file.write_text("".join(f"{name}={value}\n" for name, value in desk.environment.items()), encoding="utf-8")
    hidden = dict.fromkeys(name for name in os.environ if name.startswith("HUOSHUI_"))
    around = {**hidden, "HUOSHUI_ENV_FILE": str(env_file), "HUOSHUI_LOCALE": "en"}

    async def replayed(*words: str, as_json: bool = True) -> Result:
        settings.cache_clear()
        try:
            with ThreadPoolExecutor(1) as apart:
                said = apart.submit(
                    CliRunner().invoke, main, ["decision", "replay", *words, *["--json"] * as_json], env=around
                )
                return await asyncio.wrap_future(said)
        finally:
            settings.cache_clear()

    same = await replayed("--all")
    assert same.exit_code == 0, same.output
    assert json.loads(same.stdout)["decisions"] == [
        {"decision": str(row.id), "application": str(desk.application_id), "same": True, "differs": []}
    ]
    async with desk.steps.sessions.begin() as session:
        await session.execute(text("update decision set pd = 0.0001"))
    other = await replayed(str(row.id))
    assert other.exit_code == 1
    assert "pd" in {one["what"] for one in json.loads(other.stdout)["decisions"][0]["differs"]}
    assert (await replayed(str(uuid4()))).exit_code == 2
    async with desk.steps.sessions.begin() as session:
        await session.execute(text("update scoring_model set sha256 = repeat('0', 64)"))
    plain = await replayed(str(row.id), as_json=False)
    async with desk.steps.sessions.begin() as session:
        kept = {"kept": row.basis["model_sha256"]}
        await session.execute(text("update scoring_model set sha256 = :kept where sha256 = repeat('0', 64)"), kept)
    assert f"another version under this id; SHA-256 kept {row.basis['model_sha256']}, found {'0' * 64}" in plain.stdout


async def lent(desk: Desk, phone: str, principal_minor: int, trade: str = "catering") -> tuple[UUID, UUID]:
    """Another person with a firm and a signed loan; their id and their application's."""
    async with desk.steps.sessions.begin() as session:
        person = await people.know_by_phone(session, desk.vault, phone, locale="zh_CN", now=NOW)
        firm = await people.know_firm(
            session, desk.vault, person, kind="sole_trader", name="店", licence=None, trade=trade, now=NOW
        )
        account = await people.know_account(session, desk.vault, person, number=f"62{phone}", bank=None, now=NOW)
        mine = await session.get_one(Application, desk.application_id)
        theirs = {
            each.name: getattr(mine, each.name) for each in Application.__table__.columns if each.name != "number"
        }
        application = uuid4()
        theirs |= {"id": application, "person_id": person, "firm_id": firm}
        await session.execute(insert(Application).values(theirs))
        await session.execute(
            insert(Loan).values(
                id=uuid4(), application_id=application, person_id=person, firm_id=firm, product_id=mine.product_id,
                policy_version="v", jurisdiction="CN", currency="CNY", principal_minor=principal_minor,
                annual_rate=Decimal("0.073"), day_count="ACT/365", share=Decimal("0.12"), months=12, terms={},
                terms_hash="h", rate_units=7_300_000, units_per_minor=36_500_000_000, share_ppm=120_000,
                window_months=3, windows=8, grace_days=3, shard=0, account_id=account, account_index=b"x",
                state="pending", created_at=NOW,
            )
        )  # fmt: skip
    return person, application


async def test_a_group_owes_in_every_role_and_a_loan_counts_once(desk: Desk) -> None:
    async def of_group() -> int:
        async with desk.steps.sessions.begin() as session:
            return await exposure.of_group(session, desk.application_id, ())

    await prepared(desk)
    assert await of_group() == 0
    # The same owner under a second phone, a stranger whose guarantor the owner is, and a stranger.
    second, _ = await lent(desk, "13900000001", 3_000_000)
    async with desk.steps.sessions.begin() as session:
        await people.set_identity(session, desk.vault, second, name="李秀英", id_number=ID_NUMBER)
    assert await of_group() == 3_000_000
    _, guaranteed = await lent(desk, "13900000002", 5_000_000)
    await lent(desk, "13900000003", 7_000_000, trade="florist")
    assert await of_group() == 3_000_000
    key = desk.vault.blind_index(people.ID_NUMBER, ID_NUMBER)
    async with desk.steps.sessions.begin() as session:
        for role in ("guarantor", "supplier"):
            await exposure.note_role(session, role_id=uuid4(), application_id=guaranteed, role=role, key=key, at=NOW)
        await exposure.note_role(
            session, role_id=uuid4(), application_id=guaranteed, role="buyer", key=b"b" * 8, at=NOW
        )
    assert await of_group() == 8_000_000
    async with desk.steps.sessions.begin() as session:
        assert await exposure.by_trade(session) == {"catering": 8_000_000, "florist": 7_000_000}
        assert await exposure.on_buyer(session, b"b" * 8) == 5_000_000
        assert await exposure.on_buyer(session, b"c" * 8) == 0
