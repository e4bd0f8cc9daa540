"""What an owner took back is not read, asked or sent any more, from the next call on; what is left is named."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import insert, select, update

from activities import allowing
from activities.evidence import Evidence
from activities.identity_papers import IdentityPapers
from activities.intake import Intake
from activities.ports.evidence import FileToRead
from activities.ports.identity_papers import PaperToRead
from activities.ports.intake import Case, CheckOrder
from activities.prescoring import Prescorer
from activities.private import Private
from activities.watching_loans import LoanWatch
from db import clocks, identity_papers, people, permissions
from db.tables import Consent, Decision, Invoice, StatementFile
from gateways.identity import HttpIdentityProvider
from infra.storage import Storage
from lending.consents import Purpose
from lending.refusals import ConsentMissing
from policies.book import load
from scoring.catalogue import CATALOGUE, Source
from tests.activities.conftest import AT, ON, Lender
from tests.activities.test_judging import NOW, Desk
from tests.activities.test_registers_and_replay import EVERYTHING, asking, line, prepared, town

__all__ = ["town"]
INVOICED = {feature.name for feature in CATALOGUE if feature.source in (Source.INVOICES, Source.RECEIVABLES)}


async def withdraw(desk: Desk, consent_id: UUID) -> None:
    """As the privacy page does it."""
    async with desk.steps.sessions.begin() as session:
        now = await clocks.now(session, desk.steps.clock_id)
        assert await permissions.withdraw(session, consent_id, desk.person_id, now) is not None


async def bring_invoices(desk: Desk, months: int = 12) -> None:
    """A list that was read: sales to one buyer on the fifth and the twentieth, paid a month later."""
    rows = [
        {
            "firm_id": desk.firm_id, "side": 1, "fingerprint": uuid4().bytes, "file_id": uuid4(), "n": n,
            "issued_on": (issued := (NOW - timedelta(days=20 + 15 * n)).date()),
            "due_on": issued + timedelta(days=30), "settled_on": issued + timedelta(days=28), "net_minor": 900_000 + n,
            "tax_minor": 9_000, "currency": "CNY", "counterparty_key": bytes([n % 5]) * 8,
            "number_key": uuid4().bytes[:8], "cancels_key": None, "serial": n, "status": 0, "flags": 0,
        }
        for n in range(months * 2)
    ]  # fmt: skip
    async with desk.steps.sessions.begin() as session:
        await session.execute(insert(Invoice), rows)


async def judged(desk: Desk, judge: Any) -> Any:
    async with desk.steps.step(desk.application_id, uuid4()) as step:
        return await judge.judge(step)


async def test_features_of_a_source_that_was_taken_back_leave_the_next_score_and_the_source_is_named(desk):
    await bring_invoices(desk)
    consent_id = await desk.allow("invoices_analysis")
    judge = desk.judge()  # one judge for all: what it remembers must not outlive the permission
    before = await judged(desk, judge)
    assert before.left_out == ()
    assert before.assessment.features["invoiced_level"] is not None
    await withdraw(desk, consent_id)
    after = await judged(desk, judge)
    changed = {name for name, value in before.assessment.features.items() if value != after.assessment.features[name]}
    assert changed and changed <= INVOICED
    assert all(after.assessment.features[name] is None for name in INVOICED)
    assert set(after.assessment.missing_sources) - set(before.assessment.missing_sources) == {"invoices", "receivables"}
    assert after.left_out == ("invoices",)
    again = await desk.allow("invoices_analysis")
    assert (await judged(desk, judge)).assessment == before.assessment
    await withdraw(desk, again)
    async with desk.steps.step(desk.application_id, uuid4()) as step:
        basis = await judge.basis(step, await judge.judge(step), ())
    assert basis["left_out"] == ["invoices"]


@pytest.mark.parametrize("how", ["withdrawn", "expired"])
async def test_without_the_bills_permission_nothing_is_judged_and_running_out_is_taking_back(desk, how):
    judge = desk.judge()
    assert (await judged(desk, judge)).assessment.months_of_history == 12
    async with desk.steps.sessions.begin() as session:
        given = next(iter((await allowing.given_by(session, desk.person_id)).values()))
    if how == "withdrawn":
        await withdraw(desk, given)
    else:
        async with desk.steps.sessions.begin() as session:
            await session.execute(update(Consent).values(expires_on=NOW.date()))
    with pytest.raises(ConsentMissing, match="flows_analysis"):
        await judged(desk, judge)
    judge.think_ahead(desk.application_id)  # what is thought out ahead stops as well, and breaks nothing
    await judge.thought(desk.application_id)


async def test_an_answer_of_the_bureau_is_not_read_after_its_permission_ended(desk: Desk, town: httpx2.AsyncClient):
    rooms, case = asking(desk, town), await prepared(desk, consented=False)
    consent_id = await desk.allow("bureau_query", scope=EVERYTHING)
    await rooms.ask_bureau(case)
    await withdraw(desk, consent_id)
    with pytest.raises(ConsentMissing, match="bureau_query"):  # an answer that is kept is not read
        await rooms.decide_application(case)
    with pytest.raises(ConsentMissing, match="bureau_query"):  # and nobody is asked anew
        await rooms.ask_bureau(Case(application_id=desk.application_id, cause=uuid4()))
    assert len((await town.get("/bureau/book")).json()["inquiries"]) == 1
    async with desk.steps.sessions.begin() as session:
        assert (await session.scalars(select(Decision))).all() == []


async def file_of(desk: Desk, storage: Storage, holds: str) -> FileToRead:
    """A bill or a list, brought and not read yet."""
    data = uuid4().bytes
    put = await storage.put(f"statements/{uuid4()}", data, "application/octet-stream")
    file_id = uuid4()
    async with desk.steps.sessions.begin() as session:
        private = Private(desk.vault)
        name = await private.seal(session, desk.person_id, people.FILE_NAME, file_id, "bill.csv")
        await session.execute(
            insert(StatementFile).values(
                id=file_id, application_id=desk.application_id, person_id=desk.person_id, firm_id=desk.firm_id,
                name_sealed=name, size=len(data), sha256=put.sha256, object_key=put.key, state="received",
                received_at=NOW, holds=holds,
            )
        )  # fmt: skip
    return FileToRead(desk.application_id, uuid4(), file_id)


async def test_a_file_that_may_not_be_read_is_refused_by_name_before_it_is_opened(desk, s3, settings_for):
    storage: Storage = desk.champion._storage
    settings = SimpleNamespace(secret_bytes=lambda _: b"k" * 32, upload_limit_bytes=1_000_000, jurisdiction="CN")
    nobody: Any = None  # no reader: whoever opened the file would fail here
    room = Evidence(desk.steps, Private(desk.vault), storage, nobody, desk.judge(), settings)  # pyright: ignore
    assert (await room.read_statement(await file_of(desk, storage, "invoices"))).problem == "invoices_not_allowed"
    async with desk.steps.sessions.begin() as session:
        given = next(iter((await allowing.given_by(session, desk.person_id)).values()))
    await withdraw(desk, given)
    assert (await room.read_statement(await file_of(desk, storage, "statement"))).problem == "not_allowed"


async def test_identity_is_checked_and_a_photo_read_only_under_its_own_permission(desk: Desk, town: httpx2.AsyncClient):
    await prepared(desk, consented=False)
    intake = Intake(
        desk.steps,
        Private(desk.vault),
        HttpIdentityProvider(line(town, "identity"), deadline=2),
        load().release,
        load().profiles,
    )
    case = Case(application_id=desk.application_id, cause=uuid4())
    order = CheckOrder(desk.application_id, case.cause, "network")
    for asked in (intake.plan_identity(case), intake.ask_identity_check(order)):
        with pytest.raises(ConsentMissing, match="identity_check"):
            await asked
    storage: Storage = desk.champion._storage
    papers = IdentityPapers(desk.steps, desk.vault, storage)
    paper_id = uuid4()
    async with desk.steps.sessions.begin() as session:
        await identity_papers.add(
            session, paper_id=paper_id, person_id=desk.person_id, size=1, sha256="0" * 64, object_key="none", now=NOW
        )
    assert (await papers.read_paper(PaperToRead(paper_id))).problem == "not_allowed"
    await desk.allow("identity_check")
    assert (await intake.plan_identity(case)).kinds


async def test_the_night_reads_no_sales_bills_or_invoices_of_an_owner_who_took_it_back(lender: Lender) -> None:
    silent = await lender.borrower()
    await lender.sells(silent, {ON - timedelta(days=30 - n): (100_000, 0) for n in range(10)})
    consent_id = await lender.allows(silent, "flows_analysis")
    loans = LoanWatch(load().care.early_warning)

    async def rung(at: Any) -> int:
        async with lender.sessions.begin() as session:
            return (await loans.look(session, ON, at))["warnings"]

    lender.database.execute(
        f"update consent set withdrawn_at = '{AT - timedelta(minutes=1)}' where id = '{consent_id}'"
    )
    assert await rung(AT) == 0
    lender.database.execute(f"update consent set withdrawn_at = null where id = '{consent_id}'")
    assert await rung(AT) == 1


async def test_a_long_list_asks_for_permission_part_by_part(lender: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activities.prescoring.AT_ONCE", 1)
    first, second = await lender.borrower(), await lender.borrower()
    for one in (first, second):
        await lender.billed(one, date(2026, 2, 1), 380, 90_000)
    await lender.allows(first, "prescore")
    later = await lender.allows(second, "prescore")

    class Chosen:
        model, model_id = None, "trees"

        async def get(self, session: Any) -> "Chosen":
            return self

    def assessed(model: Any, shown: dict[UUID, Any], on: date) -> dict[UUID, Any]:
        lender.database.execute(f"update consent set withdrawn_at = now() where id = '{later}'")  # in the first part
        return {}

    care = load()
    prescorer = Prescorer(Chosen(), care.policy("revenue_linked_working_capital"), care.care.prescore)  # pyright: ignore
    monkeypatch.setattr(prescorer, "_assessed", assessed)
    async with lender.sessions.begin() as session:
        found = await prescorer.score(session, uuid4(), [first.firm_id, second.firm_id], on=ON, at=AT)
    assert [one.why for one in found] == ["no_flows", "consent_ended"]


async def test_whoever_gave_and_took_back_is_told_apart_from_who_never_gave(lender: Lender) -> None:
    gave, took, never = await lender.borrower(), await lender.borrower(), await lender.borrower()
    await lender.allows(gave, "sharing")
    consent_id = await lender.allows(took, "sharing")
    lender.database.execute(f"update consent set withdrawn_at = now() where id = '{consent_id}'")
    async with lender.sessions.begin() as session:
        everybody = {one.person_id for one in (gave, took, never)}
        assert await permissions.ended(session, Purpose.SHARING.value, everybody, AT) == {took.person_id}
        assert await permissions.closed(session, took.person_id, AT) == {"sharing"}
