"""A person's own data: a copy that holds all of it, and an erasure after which nobody reads it (PRV-2, PRV-3)."""

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, text
from temporalio.worker import Worker

from activities.personal_data import OldCopies, PersonalData
from activities.ports.personal_data import DataToFulfil, Fulfilled
from activities.steps import Steps
from db import audit_proof, journal_proof, ledger, people, personal_data, what_outlives
from db.sessions import Sessions
from db.tables import (
    Contract,
    CounterpartyName,
    DataRequest,
    Document,
    KeyFacts,
    Offer,
    StatementFile,
    StatementLine,
    Table,
)
from infra import temporal
from tests.api.test_seeing import lent, person_of
from worker import sandbox
from worker.interceptors import OurActivities
from workflows.data_request import DataRequest as Story

__all__ = ["lent"]

NAME, FIRM, ID_NUMBER, LICENCE = "欧阳鸿鹄卡纳里", "金丝雀面馆壹号", "11010519491231002X", "92330106M3XH54111U"
ACCOUNT, SUPPLIER, FILE = "6222021234567890123", "金丝雀粮油贰号", "金丝雀账单叁号.csv"
PAPER = b"%PDF-1.7 signed by "
# What stands in clear somewhere before an erasure is another text for every owner of the tests.
OWN: dict[str, str] = {}


@contextmanager
def own_queue(api: Any) -> Iterator[str]:
    """A task queue that nobody else of the module listens to."""
    before = api.tools.settings
    apart = before.model_copy(update={"temporal_task_queue": f"own-{uuid4().hex[:8]}"})
    object.__setattr__(api.tools, "settings", apart)
    yield apart.temporal_task_queue
    object.__setattr__(api.tools, "settings", before)


@asynccontextmanager
async def fulfilling(api: Any) -> AsyncIterator[PersonalData]:
    """A worker with the real copies and the real erasure."""
    tools = api.tools
    sessions = Sessions(api.settings, scope="worker")
    room = PersonalData(Steps(sessions, api.settings.clock_id), tools.vault, tools.storage, tools.policies, "CN")
    client = await temporal.connect(api.settings)
    with own_queue(api) as queue:
        async with Worker(
            client,
            task_queue=queue,
            workflows=[Story],
            activities=[room.fulfil_request, room.give_up_request],
            interceptors=[OurActivities()],
            workflow_runner=sandbox.runner(),
        ):
            yield room
    await sessions.close()


@pytest.fixture
async def known(api: Any, lent: Any) -> tuple[Any, UUID, UUID, UUID]:
    """An owner with a loan, of whom we hold everything: (owner, person, application, loan)."""
    owner, application_id, loan_id = lent
    tag = uuid4().hex[:8]
    OWN.update(name=NAME + tag, firm=FIRM + tag)
    person = await person_of(api, application_id)
    tools, now = api.tools, datetime.now(UTC)
    async with tools.sessions.begin(scope="worker") as session:
        await people.set_identity(session, tools.vault, person, name=OWN["name"], id_number=ID_NUMBER)
        firm = await people.know_firm(
            session,
            tools.vault,
            person,
            kind="sole_trader",
            name=OWN["firm"],
            licence=LICENCE,
            trade="catering",
            now=now,
        )
        account = await people.know_account(session, tools.vault, person, number=ACCOUNT, bank="工商银行", now=now)
        await session.execute(
            text("update application set firm_id = :firm, bank_account_id = :account where id = :id"),
            {"firm": firm, "account": account, "id": application_id},
        )
        key = await people.key_of(session, tools.vault, person)
        file_id, bill = (
            uuid4(),
            await tools.storage.put(f"statements/{uuid4()}", OWN["firm"].encode() + b",1", "text/csv"),
        )
        await session.execute(
            insert(StatementFile).values(
                id=file_id, application_id=application_id, person_id=person, firm_id=firm, size=1, sha256=bill.sha256,
                name_sealed=tools.vault.seal(key, people.FILE_NAME, file_id, FILE), object_key=bill.key, state="read",
                received_at=now, summary={"months": []},
            )
        )  # fmt: skip
        await session.execute(
            insert(StatementLine),
            [
                {
                    "firm_id": firm, "fingerprint": uuid4().bytes, "file_id": file_id, "n": n,
                    "at": datetime(2026, 1, 1), "on_date": date(2026, 1, 1), "direction": 1,
                    "amount_minor": 77_001 + n, "currency": "CNY", "kind": 1, "counterparty_key": b"k" * 8, "flags": 0,
                }
                for n in range(3)
            ],
        )  # fmt: skip
        place = people.counterparty_place(firm, b"k" * 8)
        await session.execute(
            insert(CounterpartyName).values(
                firm_id=firm, key=b"k" * 8, person_id=person,
                name_sealed=tools.vault.seal(key, people.COUNTERPARTY, place, SUPPLIER),
            )
        )  # fmt: skip
        await _sign(session, api, application_id, person)
    return owner, person, application_id, loan_id


async def _sign(session: Any, api: Any, application_id: UUID, person: UUID) -> None:
    """A contract with its sheet and its signed paper, and a paper that was never signed."""
    now, offer, facts, decision = datetime.now(UTC), uuid4(), uuid4(), uuid4()
    await session.execute(
        text(
            "insert into decision (id, application_id, person_id, n, outcome, reasons, limit_minor, features, ratios, "
            "policy_version, decided_by, decided_at) values (:id, :a, :p, 1, 'approve', '[]', 1, '{}', '{}', 'v', "
            "'model', now())"
        ),
        {"id": decision, "a": application_id, "p": person},
    )
    await session.execute(
        insert(Offer).values(
            id=offer, application_id=application_id, person_id=person, decision_id=decision, n=1, terms={},
            terms_hash="h", projection={}, expires_at=now,
        )
    )  # fmt: skip
    sheet = {"borrower": {"name": OWN["name"], "firm_name": OWN["firm"], "id_masked": "11"}, "amount_minor": 8_000_000}
    await session.execute(
        insert(KeyFacts).values(
            id=facts, application_id=application_id, person_id=person, offer_id=offer, terms_hash="h", sheet=sheet
        )
    )
    await session.execute(
        insert(Contract).values(
            id=uuid4(), application_id=application_id, person_id=person, offer_id=offer, key_facts_id=facts,
            number=f"HS-{uuid4().hex[:12]}", terms_hash="h", evidence={}, signed_at=now,
        )
    )  # fmt: skip
    put = await api.tools.storage.put(
        f"papers/{uuid4()}", PAPER + OWN["name"].encode() + uuid4().bytes, "application/pdf"
    )
    await session.execute(
        insert(Document).values(
            id=uuid4(), application_id=application_id, person_id=person, kind="contract_signed", object_key=put.key,
            sha256=put.sha256, size=put.size, created_at=now,
        )
    )  # fmt: skip


async def confirmed(api: Any, owner: Any, kind: str) -> dict[str, str]:
    """The code that came for one request."""
    sent = await owner.post("/v1/privacy/code", {"kind": kind})
    assert sent.status_code == 200, sent.text
    return {"code": api.phones.code(owner.name)}


async def settled(api: Any, request_id: UUID) -> tuple[str, str | None]:
    """How a request ended; the machine may be slow, its asker may be signed out by then."""
    for _ in range(300):
        async with api.tools.sessions.begin(scope="worker") as session:
            row = await session.get_one(DataRequest, request_id)
            if row.state != "asked" and not (row.state == "erased" and (row.kept or {}).get("going")):
                return row.state, row.problem
        await asyncio.sleep(0.1)
    raise AssertionError("nothing came of it within half a minute")


async def test_prv_2_a_copy_holds_everything_for_programs_and_for_people_and_its_link_runs_out(
    api: Any, known: Any, database: Any
) -> None:
    owner, *_ = known
    async with fulfilling(api):
        wrong = await owner.post("/v1/privacy/exports", {"code": "000000"})
        assert wrong.status_code in (410, 422)
        answer = await owner.post("/v1/privacy/exports", await confirmed(api, owner, "export"))
        assert answer.status_code in (200, 202), answer.text
        assert await settled(api, UUID(answer.json()["object_id"])) == ("ready", None)
    [made] = (await owner.get("/v1/privacy/exports")).json()["items"]
    packed = await owner.get(f"/v1/privacy/exports/{made['id']}/file")
    assert packed.status_code == 200
    assert hashlib.sha256(packed.content).hexdigest() == made["sha256"]
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        told = {
            name.removeprefix("data/").removesuffix(".json"): json.loads(archive.read(name))
            for name in archive.namelist()
            if name.startswith("data/")
        }
        papers = [archive.read(name) for name in archive.namelist() if name.startswith("papers/")]
        assert archive.read("summary.pdf").startswith(b"%PDF")
    assert told["person"][0]["name"] == OWN["name"] and told["person"][0]["id_number"] == ID_NUMBER
    assert told["firm"][0]["licence"] == LICENCE and told["statement_file"][0]["name"] == FILE
    assert ACCOUNT in {one["number"] for one in told["bank_account"]}
    assert [one["amount_minor"] for one in told["statement_line"]] and told["counterparty_name"][0]["name"] == SUPPLIER
    assert told["entry"] and told["posting"] and told["collection"]
    assert any(paper.startswith(PAPER) for paper in papers)
    owned = {name for name, table in Table.metadata.tables.items() if "person_id" in table.c}
    assert owned - personal_data.NOT_TOLD <= set(told)
    # In the store it is sealed, for others it is not there, and after a day for nobody.
    stored = await api.tools.storage.get(f"copies/{made['id']}")
    assert NAME.encode() not in stored and not stored.startswith(b"PK")
    stranger = await api.owner()
    assert (await stranger.get(f"/v1/privacy/exports/{made['id']}/file")).status_code == 404
    database.execute(f"update data_request set expires_at = now() - interval '1 second' where id = '{made['id']}'")
    assert (await owner.get(f"/v1/privacy/exports/{made['id']}/file")).status_code == 404
    assert (await owner.get("/v1/privacy/exports")).json()["items"][0]["state"] == "expired"
    async with api.tools.sessions.begin(scope="worker") as session:
        assert await OldCopies(api.tools.storage).look(session, date.today(), datetime.now(UTC)) == {"removed": 1}
        assert (await session.get_one(DataRequest, UUID(made["id"]))).object_key is None


async def test_prv_3_nothing_is_erased_while_a_loan_lives(api: Any, known: Any, database: Any) -> None:
    owner, person, application_id, _ = known
    seen = (await owner.get("/v1/privacy/erasure")).json()
    assert (seen["possible"], seen["reason"]["code"]) == (False, "loan_lives")
    refused = await owner.post("/v1/privacy/erasure", await confirmed(api, owner, "erasure"))
    assert (refused.status_code, refused.json()["code"]) == (409, "loan_lives")
    database.execute(
        f"update loan set state = 'closed', closed_on = now() where person_id = '{person}'",
        f"update application set stage = 'evidence' where id = '{application_id}'",
    )
    assert (await owner.get("/v1/privacy/erasure")).json()["reason"]["code"] == "application_open"
    # Whatever the door said, the act looks itself: a request that slipped through is refused by name.
    request_id = uuid4()
    sessions = Sessions(api.settings, scope="worker")
    async with sessions.begin() as session:
        await personal_data.ask(session, request_id, person, kind="erasure", locale="zh_CN", at=datetime.now(UTC))
    tools = api.tools
    room = PersonalData(Steps(sessions, api.settings.clock_id), tools.vault, tools.storage, tools.policies, "CN")
    assert await room.fulfil_request(DataToFulfil(request_id)) == Fulfilled("refused", "application_open")
    await sessions.close()
    assert (await owner.get("/v1/profile")).status_code == 200


def texts(value: str) -> Iterator[str]:
    """As a text stands in a dump: itself, and in hex."""
    yield value
    yield value.encode().hex()


async def test_prv_3_after_erasure_no_field_can_be_read_by_anybody_and_the_ledger_still_proves(
    api: Any, known: Any, database: Any
) -> None:
    owner, person, application_id, loan_id = known
    phone, tools = owner.name, api.tools
    canaries = (*OWN.values(), ID_NUMBER, LICENCE, ACCOUNT, SUPPLIER, FILE)
    database.execute(
        f"update loan set state = 'closed', live_on = '2026-01-05', closed_on = '2026-06-30' where id = '{loan_id}'"
    )
    survey = await owner.post(f"/v1/loans/{loan_id}/survey", {"answer": 2, "words": f"{OWN['name']}：客服慢"})
    assert survey.status_code == 200, survey.text
    async with tools.sessions.begin(scope="worker") as session:
        before = await ledger.trial_balance(session)
        entries = await ledger.entries(session, loan_id)
        document = (await session.scalars(select(Document).where(Document.person_id == person))).one()
        bill = (await session.scalars(select(StatementFile.object_key).where(StatementFile.person_id == person))).one()
    told = (await owner.get("/v1/privacy/erasure")).json()
    kept = {one["what"]: (one["law"], one["until"]) for one in told["kept"]}
    assert told["possible"] and kept["ledger"] == ("会计档案管理办法第十四条", "2056-06-30")
    assert kept["contract"] == ("反洗钱法第三十四条", "2036-06-30")
    assert all(one["text"] for one in told["kept"])
    async with fulfilling(api):
        done = await owner.post("/v1/privacy/erasure", await confirmed(api, owner, "erasure"))
        assert done.status_code in (200, 202), done.text
        assert await settled(api, UUID(done.json()["object_id"])) == ("erased", None)
    assert (await owner.client.get("/v1/profile")).status_code == 401  # their session ended with it

    # No canary anywhere: every table as text, every object in the store as it lies there.
    async with tools.sessions.begin(scope="worker") as session:
        for table in Table.metadata.tables:
            for row in (await session.execute(text(f"select t::text from {table} t"))).scalars():
                for canary in (*canaries, phone):
                    assert not any(form in row for form in texts(canary)), (table, canary)
        client, bucket = tools.storage._client, tools.storage.bucket
        for one in client.list_object_versions(Bucket=bucket).get("Versions", ()):
            lies = client.get_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])["Body"].read()
            assert not any(canary.encode() in lies for canary in OWN.values()), one["Key"]
        assert bill not in {one["Key"] for one in client.list_object_versions(Bucket=bucket).get("Versions", ())}
        with pytest.raises(people.Erased):
            await people.identity_of(session, tools.vault, person)
        asked = text("select count(*) from payoff_survey where person_id = :person or loan_id = :loan")
        assert await session.scalar(asked, {"person": person, "loan": loan_id}) == 0, "the answer itself"
        # What the law keeps: the same paper, sealed under our own key, its hash in its row.
        row = await session.get_one(Document, document.id, populate_existing=True)
        paper = tools.vault.open_kept(row.id, await tools.storage.get(row.object_key))
        assert row.object_key.startswith("kept/") and hashlib.sha256(paper).hexdigest() == row.sha256
        # The books are as they were, and prove.
        assert await ledger.trial_balance(session) == before
        assert await ledger.entries(session, loan_id) == entries
    async with tools.sessions.begin(scope="worker") as session:
        assert not (await journal_proof.verify(session)).faults
        assert not (await audit_proof.verify(session)).faults
        erased = await session.scalar(text("select count(*) from audit where action = 'person.erased'"))
    assert erased == 1
    # Staff meet a customer without a name, not a fault; the same phone begins anew and finds nothing.
    manager = await api.staff("manager")
    for path in ("", "/timeline"):
        assert (await manager.client.get(f"/v1/manager/customers/{application_id}{path}")).status_code in (200, 410)
    again = await api.owner(phone)
    assert (await again.get("/v1/loans")).json()["items"] == []
    assert (await again.get("/v1/applications")).json()["items"] == []


def test_every_table_of_a_person_says_what_becomes_of_it_at_an_erasure() -> None:
    owned = {name for name, table in Table.metadata.tables.items() if "person_id" in table.c}
    goes = {table.__tablename__ for table in personal_data.GOES}
    said = goes | personal_data.BLANKED | what_outlives.KEPT_AS_IT_IS | what_outlives.SHREDDED
    assert owned <= said, f"say in db/personal_data.py what an erasure does with {sorted(owned - said)}"
    parts = (goes, personal_data.BLANKED, what_outlives.KEPT_AS_IT_IS, what_outlives.SHREDDED)
    assert sum(map(len, parts)) == len(said), "a table stands in two of them"


def test_what_was_kept_is_kept_by_years_from_its_day() -> None:
    from policies.book import load
    from policies.retention import kept_after

    file = load().retention
    never = kept_after(file, erased_on=date(2028, 2, 29), last_closed_on=None)
    assert {one.what for one in never} == {"consents", "records"}
    assert {one.until for one in never} == {date(2031, 3, 1)}
