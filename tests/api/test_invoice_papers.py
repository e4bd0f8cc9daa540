"""Invoices brought instead of typed: read by the real reader, completed by the tax bureau, offered once."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from temporalio.worker import Worker

from activities.invoice_papers import InvoicePapers
from activities.steps import Steps
from db.sessions import Sessions
from gateways.tax import HttpTax
from infra import temporal
from lending.calendars import Jurisdiction
from simulators.firms import e_invoices
from simulators.firms.e_invoices import EInvoice
from simulators.tax import TaxParty
from tests.api.test_brought_pages import files, form
from tests.api.test_lines import Make, line
from tests.api.test_receivables import LIMIT, secured
from worker import sandbox
from worker.interceptors import OurActivities
from workflows.invoice_paper import InvoicePaper

__all__ = ["line", "secured"]

SELLER, BUYER = "苏州包装有限公司", "大润发采购有限公司"
SELLER_LICENCE, BUYER_LICENCE = "91350100M000100Y43", "91310000MA1FL0A01J"


def invoice(**changed: Any) -> EInvoice:
    plain = {
        "seller": SELLER, "seller_licence": SELLER_LICENCE, "buyer": BUYER, "buyer_licence": BUYER_LICENCE,
        "number": "24312000000012345678", "gross_minor": 10_000_050,
        "issued_on": date.today() - timedelta(days=10),
    }  # fmt: skip
    return EInvoice(**{**plain, **changed})


class Bureau:
    """The tax bureau, and an issuer's program that files invoices there."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client

    async def file(self, one: EInvoice) -> EInvoice:
        told = {
            "seller": one.seller, "seller_licence": one.seller_licence, "buyer": one.buyer,
            "buyer_licence": one.buyer_licence, "number": one.number, "gross_minor": one.gross_minor,
            "net_minor": one.net_minor, "issued_on": one.issued_on.isoformat(),
        }  # fmt: skip
        assert (await self.client.post("/issued", json=told)).status_code == 200
        return one


@asynccontextmanager
async def reading(api: Any, folder: Path) -> AsyncIterator[Bureau]:
    """A worker with the real reader, and a bureau that answers it."""
    party = TaxParty(folder)
    outside = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=party.app), base_url="http://world")
    client = await temporal.connect(api.settings)
    tools = api.tools
    sessions = Sessions(api.settings, scope="worker")
    steps = Steps(sessions, api.settings.clock_id)
    rooms = InvoicePapers(steps, tools.vault, tools.storage, HttpTax(outside), Jurisdiction.CN)
    async with Worker(
        client,
        task_queue=api.settings.temporal_task_queue,
        workflows=[InvoicePaper],
        activities=[rooms.read_invoice, rooms.give_up_invoice],
        interceptors=[OurActivities()],
        workflow_runner=sandbox.runner(),
    ):
        yield Bureau(outside)
    await outside.aclose()
    await party.stop()
    await sessions.close()


async def bring(owner: Any, fresh_key: Any, line_id: UUID, data: bytes, name: str) -> dict[str, Any]:
    """A file, as it stands once it was read or refused."""
    at = f"/v1/lines/{line_id}/invoice-papers"
    answer = await owner.client.post(at, files={"file": (name, data)}, headers=fresh_key())
    assert answer.status_code in (200, 202), answer.text
    for _ in range(120):
        items = (await owner.get(at)).json()["items"]
        mine = next(one for one in items if one["name"] == name)
        if mine["state"] != "received":
            return mine
        await asyncio.sleep(0.25)
    raise AssertionError("it was not read within half a minute")


async def offered(owner: Any, line_id: UUID, found: dict[str, Any]) -> Any:
    """What its owner sends after a look: what was read, and when it is due."""
    return await owner.post(
        f"/v1/lines/{line_id}/receivables",
        {
            **{name: found[name] for name in ("buyer", "buyer_licence", "number", "amount", "issued_on")},
            "due_on": (date.today() + timedelta(days=50)).isoformat(),
        },
    )


async def test_d1_the_same_invoice_by_code_xml_ofd_pdf_and_hand_is_one_and_the_second_is_refused(
    secured: Make, api: Any, fresh_key: Any, tmp_path: Path
) -> None:
    owner, line_id = await secured(LIMIT)
    async with reading(api, tmp_path) as bureau:
        one = await bureau.file(invoice())
        forms = {
            "photo.jpg": e_invoices.photo(one, tilt=5),
            "invoice.xml": e_invoices.xml(one),
            "invoice.ofd": e_invoices.ofd(one),
            "invoice.pdf": e_invoices.pdf(one),
        }
        read: list[dict[str, Any]] = []
        for name, data in forms.items():
            [found] = (await bring(owner, fresh_key, line_id, data, name))["found"]
            read.append(found)
    assert [found["source"] for found in read] == ["qr", "xml", "ofd", "pdf"]
    told = {
        (one["buyer"], one["buyer_licence"], one["number"], one["amount"]["amount"], one["issued_on"], one["state"])
        for one in read
    }
    assert told == {(BUYER, BUYER_LICENCE, one.number, "100000.50", one.issued_on.isoformat(), "valid")}
    answers = [await offered(owner, line_id, found) for found in read]
    by_hand = {**read[0], "number": "2431 2000 0000 1234 5678", "buyer": "大润发采购（有限公司）"}
    answers.append(await offered(owner, line_id, by_hand))
    assert answers[0].status_code in (200, 202), answers[0].text
    assert [(one.status_code, one.json()["code"]) for one in answers[1:]] == [(409, "receivable_own")] * 4
    assert len((await owner.get(f"/v1/lines/{line_id}/base")).json()["receivables"]) == 1
    again = (await owner.get(f"/v1/lines/{line_id}/invoice-papers")).json()["items"]
    assert {found["problem"] for paper in again for found in paper["found"]} == {"offered"}


async def test_what_is_read_becomes_no_receivable_before_its_owner_looked(
    secured: Make, api: Any, fresh_key: Any, tmp_path: Path
) -> None:
    owner, line_id = await secured(LIMIT)
    async with reading(api, tmp_path) as bureau:
        one = await bureau.file(invoice(number="24312000000012345601"))
        await bring(owner, fresh_key, line_id, e_invoices.xml(one), "one.xml")
    assert (await owner.get(f"/v1/lines/{line_id}/base")).json()["receivables"] == []
    stranger = await api.owner()
    assert (await stranger.get(f"/v1/lines/{line_id}/invoice-papers")).status_code == 404


@pytest.mark.parametrize(
    ("changed", "forged", "problem"),
    [
        ({"seller": "别家包装有限公司", "seller_licence": "91310000MA1FL0A028"}, {}, "other_seller"),
        ({"number": "24312000000012345902"}, {}, "void"),
        ({"number": "24312000000012345603"}, {"gross_minor": 20_000_000}, "unknown"),
        ({"number": "24312000000012345604"}, {"buyer": "永辉采购有限公司"}, "differs"),
    ],
    ids=["another firm's", "voided", "amount forged", "buyer forged"],
)
async def test_an_invoice_that_the_bureau_has_otherwise_is_named_and_not_offered(
    secured: Make, api: Any, fresh_key: Any, tmp_path: Path, changed: dict[str, Any], forged: dict[str, Any],
    problem: str,
) -> None:  # fmt: skip
    owner, line_id = await secured(LIMIT)
    async with reading(api, tmp_path) as bureau:
        await bureau.file(invoice(**changed))
        shown = e_invoices.xml(invoice(**{**changed, **forged}))
        [found] = (await bring(owner, fresh_key, line_id, shown, "one.xml"))["found"]
    assert (found["problem"], bool(found["why"])) == (problem, True)


async def test_a_picture_without_an_invoice_says_what_to_do(
    secured: Make, api: Any, fresh_key: Any, tmp_path: Path
) -> None:
    owner, line_id = await secured(LIMIT)
    async with reading(api, tmp_path):
        blank = e_invoices.photo(invoice(), code="https://example.com/menu")
        paper = await bring(owner, fresh_key, line_id, blank, "menu.jpg")
    assert (paper["state"], paper["problem"], paper["found"]) == ("refused", "no_invoice", [])
    assert "XML" in paper["problem_text"]


async def test_on_the_page_an_invoice_is_brought_looked_at_and_offered_without_typing_it(
    secured: Make, api: Any, pages: Any, tmp_path: Path
) -> None:
    owner, line_id = await secured(LIMIT)
    mine, at = pages(owner), f"/lines/{line_id}/receivables"
    async with reading(api, tmp_path) as bureau:
        one = await bureau.file(invoice(number="24312000000012345605"))
        nothing = await mine.post(f"{at}/invoices", data=form())
        assert nothing.status_code == 422
        sent = await mine.post(f"{at}/invoices", data=form(), files=files(("photo.jpg", e_invoices.photo(one))))
        assert (sent.status_code, sent.headers["location"]) == (303, f"{at}#bring")
        for _ in range(120):
            seen = (await mine.get(at)).text
            if "?take=" in seen:
                break
            await asyncio.sleep(0.25)
    [take] = re.findall(r'href="(/lines/[^"]*[?]take=[^"#]*)', seen)
    looked = await mine.get(take)
    for said in (BUYER, BUYER_LICENCE, one.number, "100000.50", one.issued_on.isoformat()):
        assert f'value="{said}"' in looked.text, said
    due = (date.today() + timedelta(days=50)).isoformat()
    typed = {
        "buyer": BUYER, "buyer_licence": BUYER_LICENCE, "number": one.number, "amount": "100000.50",
        "issued_on": one.issued_on.isoformat(), "due_on": due,
    }  # fmt: skip
    assert (await mine.post(at, data=form(**typed))).status_code == 303
    [held] = (await owner.get(f"/v1/lines/{line_id}/base")).json()["receivables"]
    assert (held["buyer"], held["number"]) == (BUYER, one.number)


async def test_what_is_no_invoice_file_is_refused_at_the_door(secured: Make, fresh_key: Any) -> None:
    owner, line_id = await secured(LIMIT)
    answer = await owner.client.post(
        f"/v1/lines/{line_id}/invoice-papers", files={"file": ("a.exe", b"x")}, headers=fresh_key()
    )
    assert (answer.status_code, "not_an_invoice_file" in answer.text) == (422, True)
