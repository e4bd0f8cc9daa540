"""Lists of invoices as evidence: read in the confined child, kept once, judged by, and compared across firms."""

from collections.abc import AsyncIterator

# ruff: noqa: E501  (rows of tables: a Chinese character counts as two columns)
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from activities.knowing import invoices_of
from db import applications, invoices
from db.sessions import Sessions
from imports.invoice_cells import Side
from imports.invoice_copy import stream_invoices
from imports.invoice_list import INVOICE_COLUMNS
from imports.invoice_sides import Own
from imports.misreadings import StatementNotUnderstood
from imports.streaming import Children, stream
from scoring.assessment import assess
from scoring.evidence import Evidence
from scoring.invoices import RED, VALID, VOID

KEY = b"k" * 32
HEADING = "发票号码,销方名称,购买方名称,开票日期,金额,税额,价税合计,发票状态,备注"
OURS, BUYER = "老王面馆", "甲商行"


def listed(*rows: tuple[str, str, int], seller: str = OURS, buyer: str = BUYER, more: tuple[str, ...] = ()) -> str:
    body = [f"{number},{seller},{buyer},{day},{net},0,{net},正常," for number, day, net in rows]
    return "\n".join([HEADING, *body, *more]) + "\n"


@pytest.fixture(scope="module")
async def sessions(database, settings_for) -> AsyncIterator[Sessions]:
    made = Sessions(settings_for(database=database), scope="worker")
    yield made
    await made.close()


@pytest.fixture(scope="module")
async def children() -> AsyncIterator[Children]:
    async with Children(warm=1) as pool:
        yield pool


@pytest.fixture
def bring(sessions, children, tmp_path):
    async def bring(firm: UUID, data: str | bytes, *, name: str = OURS, **options: Any) -> tuple[int, int]:
        path = tmp_path / "list"
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        rows = stream_invoices(
            path, name="list.csv", firm_id=firm, file_id=uuid4(), index_key=KEY, own=Own(name), children=children,
            today="2026-11-21", **options,
        )  # fmt: skip
        async with sessions.begin() as session, rows:
            return await invoices.take_in(session, INVOICE_COLUMNS, rows)

    return bring


async def test_a_list_is_kept_once_and_what_became_of_an_invoice_later_counts(bring, sessions):
    firm = uuid4()
    told = listed(("00000001", "2026-01-05", 100), ("00000002", "2026-02-05", 200))
    assert await bring(firm, told) == (2, 0)
    assert await bring(firm, told.replace("2026-02-05,200,0,200,正常", "2026-02-05,200,0,200,已作废")) == (0, 2)
    async with sessions.begin() as session:
        kept = await invoices.of_firm(session, firm, date(2026, 11, 21))
        months = await invoices.months(session, firm)
    assert sorted((row.net_minor, row.status) for row in kept) == [(10_000, VALID), (20_000, VOID)]
    assert [(month.sales, month.sales_minor) for month in months] == [(1, 10_000)]


async def test_a_red_ink_invoice_of_another_list_takes_back_what_it_names_and_not_before_its_day(bring, sessions):
    firm = uuid4()
    await bring(firm, listed(("00000001", "2026-01-05", 100)))
    red = f"00000009,{OURS},{BUYER},2026-03-01,-100,0,-100,正常,被红冲蓝字发票号码：00000001"
    await bring(firm, listed(more=(red,)))
    async with sessions.begin() as session:
        before = await invoices.of_firm(session, firm, date(2026, 2, 28))
        after = await invoices.of_firm(session, firm, date(2026, 3, 1))
    assert [row.status for row in before] == [VALID]
    assert {row.status for row in after} == {VOID}
    unnamed = uuid4()
    await bring(unnamed, listed(("00000001", "2026-01-05", 100), ("00000002", "2026-03-01", -40)))
    async with sessions.begin() as session:
        assert {row.status for row in await invoices.of_firm(session, unnamed, date(2026, 3, 1))} == {VALID, RED}


async def test_the_same_invoice_by_another_seller_is_found_and_the_buyers_own_copy_is_not(bring, sessions):
    first, twin, buyer = uuid4(), uuid4(), uuid4()
    told = listed(("00000005", "2026-01-05", 777))
    await bring(first, told)
    await bring(twin, told, side=Side.SALE)
    await bring(buyer, told, name=BUYER)
    async with sessions.begin() as session:
        assert [(one.firm_id, one.invoices, one.net_minor) for one in await invoices.same_invoices_elsewhere(session, first)] == [
            (twin, 1, 77_700)
        ]  # fmt: skip
        assert await invoices.same_invoices_elsewhere(session, buyer) == []


async def test_a_list_that_cannot_be_read_leaves_no_invoice(bring, sessions):
    firm = uuid4()
    for data, code in (
        ("往来单位,发票号码,开票日期,金额\n甲,1,2026-01-02,5\n", "side_unknown"),
        ("hello", "not_invoices"),
    ):
        with pytest.raises(StatementNotUnderstood) as raised:
            await bring(firm, data, name="")
        assert raised.value.code == code
    async with sessions.begin() as session:
        assert await invoices.count(session, firm) == 0


async def test_a_parquet_list_is_read_within_the_childs_limits(bring, sessions):
    import io

    import pyarrow as pa
    from pyarrow import parquet

    out = io.BytesIO()
    rows = {"customer": ["a", "b"], "invoice_date": ["2026-01-01", "2026-01-02"], "amount": [1.5, 2.0]}
    parquet.write_table(pa.table(rows), out)
    assert await bring(uuid4(), out.getvalue()) == (2, 0)


async def test_a_list_among_the_bills_is_known_by_its_columns(tmp_path, children):
    path = tmp_path / "bill.csv"
    path.write_text(listed(("00000001", "2026-01-05", 100)))
    with pytest.raises(StatementNotUnderstood) as raised:
        async with stream(path, name="b", firm_id=uuid4(), file_id=uuid4(), index_key=KEY, children=children) as rows:
            async for _ in rows:
                pass
    assert raised.value.code == "invoice_list"


async def test_a_firm_without_any_bill_is_judged_by_its_invoices(bring, sessions):
    from activities.champion import UNSCORED

    firm = uuid4()
    rows = [
        (f"{month:04}{day:04}", f"2026-{month:02}-{day:02}", 5_000) for month in range(1, 11) for day in range(1, 29)
    ]
    await bring(firm, listed(*rows))
    async with sessions.begin() as session:
        issued, series = await invoices_of(session, firm, date(2026, 10, 31))
        assert await applications.months_covered(session, firm) == 10
    assert set(series.number) == {int(number) for number, _, _ in rows}
    found = assess(UNSCORED, Evidence(invoices=issued), date(2026, 10, 31))
    assert found.months_of_history == 10
    assert found.monthly_net_revenue_minor == 28 * 500_000
    assert assess(UNSCORED, Evidence(invoices=issued), date(2026, 4, 30)).months_of_history == 4
