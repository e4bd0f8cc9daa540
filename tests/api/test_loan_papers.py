"""Papers about a loan, any day: printed from the journal by the real press, sealed where they certify (P32)."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pypdfium2
import pytest
from sqlalchemy import select
from temporalio.worker import Worker

from activities.loan_papers import LoanPapers
from activities.private import Private
from activities.signatures import LENDER, Signatures
from activities.steps import Steps
from db.sessions import Sessions
from db.tables import PaperOrder
from gateways.authority import HttpAuthority
from infra import temporal
from infra.pades import check
from simulators.settings import WorldSettings
from simulators.world import world
from tests.api.test_data_rights import ACCOUNT, FIRM, ID_NUMBER, NAME, known, own_queue
from tests.api.test_seeing import lent
from worker import sandbox
from worker.interceptors import OurActivities
from workflows.loan_paper import LoanPaper

__all__ = ["known", "lent"]
SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSB0ZXN0cywgMzIgYnl0ZXMgbG9uZw=="


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """The signing authority of the simulated world."""
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
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://world/authority") as client,
    ):
        yield client


@asynccontextmanager
async def printing(api: Any, outside: httpx2.AsyncClient) -> AsyncIterator[None]:
    tools = api.tools
    sessions = Sessions(api.settings, scope="worker")
    seal = api.settings.secret_bytes("seal_key")
    room = LoanPapers(
        Steps(sessions, api.settings.clock_id),
        Private(tools.vault),
        Signatures(HttpAuthority(outside, deadline=5), seal, tools.policies.lender.name.zh_CN),
        tools.storage,
        tools.policies,
        "CN",
    )
    client = await temporal.connect(api.settings)
    with own_queue(api) as queue:
        async with Worker(
            client,
            task_queue=queue,
            workflows=[LoanPaper],
            activities=[room.print_loan_paper, room.give_up_loan_paper],
            interceptors=[OurActivities()],
            workflow_runner=sandbox.runner(),
        ):
            yield
    await sessions.close()


async def settled(api: Any, answer: httpx2.Response) -> str:
    """How an order ended; the machine may be slow, and its answer late."""
    assert answer.status_code in (200, 202), answer.text
    if answer.json()["stage"] is not None:
        return answer.json()["stage"]
    newest = select(PaperOrder.state).order_by(PaperOrder.asked_at.desc()).limit(1)
    for _ in range(300):
        async with api.tools.sessions.begin(scope="worker") as session:
            state = await session.scalar(newest)
        if state != "asked":
            return str(state)
        await asyncio.sleep(0.1)
    raise AssertionError("nothing came of it within half a minute")


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "".join(document[n].get_textpage().get_text_range() for n in range(len(document)))


async def test_p32_every_paper_about_a_loan_is_there_any_day_from_the_journal_and_sealed(
    api: Any, known: Any, outside: httpx2.AsyncClient
) -> None:
    owner, _, application_id, loan_id = known
    root = (await outside.get("root.pem")).content
    movements = (await owner.get(f"/v1/loans/{loan_id}")).json()["movements"]
    repaid = next(one for one in movements if one["kind"] == "repayment")
    async with printing(api, outside):

        async def printed(**wanted: Any) -> tuple[bytes, dict[str, Any]]:
            answer = await owner.post(f"/v1/loans/{loan_id}/papers", wanted)
            assert await settled(api, answer) == "ready"
            file = await owner.get(f"/v1/papers/{answer.json()['object_id']}")
            return file.content, answer.json()

        receipt, first = await printed(kind="receipt", entry_id=repaid["entry_id"])
        listed, _ = await printed(kind="interest_list")
        invoice, _ = await printed(kind="interest_invoice")
        balance, _ = await printed(kind="balance_statement")
        again, second = await printed(kind="receipt", entry_id=repaid["entry_id"])
        assert (again, second["object_id"]) == (receipt, first["object_id"]), "the same order is one paper"
        nothing = await owner.post(
            f"/v1/loans/{loan_id}/papers", {"kind": "interest_invoice", "to_on": movements[-1]["on"]}
        )
        assert await settled(api, nothing) == "refused", "no interest by then: no invoice"
    # ¥1,200.00 came in, of which ¥480.00 were interest: on every paper the same figures as in the journal.
    assert all(figure in text_of(receipt) for figure in ("1,200.00", "480.00", "720.00", "壹仟贰佰元"))
    assert all(figure in text_of(listed) for figure in ("480.00", "720.00", "7.3%"))
    assert all(figure in text_of(invoice) for figure in ("452.83", "27.17", "480.00"))
    assert "79,280.00" in text_of(balance)
    for paper in (receipt, listed, invoice, balance):
        told = text_of(paper)
        assert NAME in told and FIRM in told
        assert ID_NUMBER not in told and ACCOUNT not in told, "numbers are masked on what others are shown"
    for paper, seals in ((receipt, 1), (listed, 0), (invoice, 1), (balance, 1)):
        signatures = await check(paper, root)
        assert [(one.field, one.good) for one in signatures] == [(LENDER, True)] * seals
    filed = (await owner.get(f"/v1/applications/{application_id}/papers")).json()["items"]
    assert {one["kind"] for one in filed} >= {"receipt", "interest_list", "interest_invoice", "balance_statement"}
    assert hashlib.sha256(receipt).hexdigest() in {one["sha256"] for one in filed}


async def test_a_paper_of_another_loan_or_of_what_is_no_movement_is_not_there(api: Any, known: Any) -> None:
    owner, _, _, loan_id = known
    stranger = await api.owner()
    assert (await stranger.post(f"/v1/loans/{loan_id}/papers", {"kind": "interest_list"})).status_code == 404
    wrong = {"kind": "receipt", "entry_id": str(loan_id)}
    assert (await owner.post(f"/v1/loans/{loan_id}/papers", wrong)).status_code == 404
    assert (await owner.post(f"/v1/loans/{loan_id}/papers", {"kind": "poem"})).status_code == 422
    assert (await owner.post(f"/v1/loans/{loan_id}/papers", {"kind": "receipt"})).status_code == 422
