"""Subsidies after the signature: the body is a party of the ledger, claimed of by month in a file, booked once (P6)."""

import csv
import io
import re
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from db import ledger, subsidies
from db.tables import Loan
from lending.ledger import Account, EntryKind, Split, repayment
from lending.movements import Movement, move, reversed_by

SCHEME = "small_shops"
AT = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)


@pytest.fixture
async def lent(api: Any, a_payout: Any, database: Any) -> UUID:
    """A loan of 7.3 % since 5 September under a scheme of one point for a month and a half's worth of interest."""
    async with api.tools.sessions.begin(scope="worker") as session:
        loan_id = (await ledger.payout(session, a_payout("credited"))).loan_id
        loan = await session.get_one(Loan, loan_id)
        sheet = {"scheme": SCHEME, "points": "0.01", "cap_minor": 300_000, "months": 12, "pays_minor": 99}
        await subsidies.grant(session, loan, sheet, at=AT)
        await subsidies.grant(session, loan, {**sheet, "points": "0.05"}, at=AT)  # what was signed stays
    database.execute(f"update loan set state = 'live', live_on = '2026-09-05' where id = '{loan_id}'")
    return loan_id


async def pays(api: Any, loan_id: UUID, interest: int, on: date, *, back: bool = False) -> None:
    """The owner pays interest, or it is taken back again."""
    told = {"booked_at": AT, "effective_on": on, "source": "rail:1"}
    entry = repayment(loan_id, Split(interest, 0, 0), cause=f"{loan_id}/{on}", **told)  # type: ignore[arg-type]
    async with api.tools.sessions.begin(scope="worker") as session:
        await ledger.post(session, entry, currency="CNY")
        if back:
            await ledger.post(session, reversed_by(entry, cause="x", booked_at=AT, source="rail:2"), currency="CNY")


async def owed_by_bodies(api: Any) -> dict[str, int]:
    """Debits less credits of what subsidies moved."""
    async with api.tools.sessions.begin(scope="worker") as session:
        rows = await session.execute(
            text(
                "select account, sum(amount)::bigint from (select p.debit as account, p.amount_minor as amount "
                "from entry e join posting p on p.entry_id = e.id where e.kind = 'subsidy' union all "
                "select p.credit, -p.amount_minor from entry e join posting p on p.entry_id = e.id "
                "where e.kind = 'subsidy') moved group by 1"
            )
        )
        return {account: int(amount) for account, amount in rows if amount}


async def test_p6_a_month_is_claimed_once_in_a_file_with_sums_and_booked_when_it_is_paid(api: Any, lent: UUID) -> None:
    desk = await api.staff("operations")
    await pays(api, lent, 7_300, date(2026, 9, 20))
    await pays(api, lent, 3_650, date(2026, 10, 2))
    await pays(api, lent, 730, date(2026, 10, 3), back=True)
    coupon = {"loan_id": lent, "cause": "c", "booked_at": AT, "effective_on": date(2026, 9, 21), "source": "close"}
    async with api.tools.sessions.begin(scope="worker") as session:
        await ledger.post(session, move(Movement.COUPON_USED, 500, **coupon), currency="CNY")  # type: ignore[arg-type]

    made = (await desk.post("/v1/desk/subsidy-claims", {"scheme": SCHEME, "period": "2026-09"})).json()
    assert (made["loans"], made["total"]["amount"], made["state"]) == (1, "10.00", "made")
    again = (await desk.post("/v1/desk/subsidy-claims", {"scheme": SCHEME, "period": "2026-09"})).json()
    assert again == made, "twice is once"
    after = (await desk.post("/v1/desk/subsidy-claims", {"scheme": SCHEME, "period": "2026-10"})).json()
    assert after["total"]["amount"] == "5.00", "what the owner paid with money, and nothing of what was taken back"
    assert await owed_by_bodies(api) == {Account.SUBSIDY_RECEIVABLE: 1_500, Account.HELD_FOR_BORROWER: -1_500}

    for locale, head, total in (("zh_CN", "合同号", "合计"), ("en", "Contract", "Total")):
        answer = await desk.client.get(
            f"/v1/desk/subsidy-claims/{after['id']}/file", headers={"Accept-Language": locale.replace("_", "-")}
        )
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert (rows[0][0], rows[-1][0]) == (head, total)
        assert rows[1][1:] == ["2026-09-05", "1.00", "0.073", "0.01", "36.50", "5.00", "15.00"]
        assert rows[-1][5:] == ["36.50", "5.00", "15.00"]

    here = f"/v1/desk/subsidy-claims/{made['id']}/paid"
    body = {"amount": {"amount": "10.00"}, "on": "2026-10-20", "reference": "财政 2026-118"}
    short = await desk.post(here, {**body, "amount": {"amount": "9.99"}})
    assert short.json()["errors"][0]["code"] == "not_the_claim"
    assert (await desk.post(here, body)).json()["state"] == "paid"
    assert (await desk.post(here, body)).json()["state"] == "paid"
    assert (await desk.post(here, {**body, "reference": "another"})).json()["code"] == "content_differs"
    assert await owed_by_bodies(api) == {
        Account.SUBSIDY_RECEIVABLE: 500,
        Account.CASH_BANK: 1_000,
        Account.HELD_FOR_BORROWER: -1_500,
    }
    listed = (await desk.get("/v1/desk/subsidy-claims")).json()["items"]
    assert [(one["period"], one["state"]) for one in listed] == [("2026-10", "made"), ("2026-09", "paid")]
    assert EntryKind.SUBSIDY not in {entry.kind for entry in await entries(api, lent)}, "the loan itself owes the same"


async def entries(api: Any, loan_id: UUID) -> Any:
    async with api.tools.sessions.begin(scope="worker") as session:
        return await ledger.entries(session, loan_id)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"scheme": "nobody"}, "scheme", "not_one_of_these"),
        ({"period": "2026-13"}, "period", "wrong_form"),
        ({"period": "2090-01"}, "period", "too_large"),
    ],
)
async def test_a_claim_that_makes_no_sense_is_named(api: Any, change: dict[str, str], field: str, code: str) -> None:
    desk = await api.staff("operations")
    answer = await desk.post("/v1/desk/subsidy-claims", {"scheme": SCHEME, "period": "2026-09"} | change)
    (found,) = answer.json()["errors"]
    assert (found["pointer"], found["code"]) == (f"#/{field}", code)


async def test_p6_the_desk_claims_saves_the_file_and_books_what_came_on_one_page(
    api: Any, pages: Any, lent: UUID
) -> None:
    await pays(api, lent, 7_300, date(2026, 10, 2))
    page = pages(await api.staff("operations"))
    page.cookies.set("lang", "zh_CN")
    wrong = await page.post("/desk/subsidies", data={"key": "k-sub-00", "scheme": "city_catering", "period": "2026-13"})
    assert wrong.status_code == 422 and 'id="e-period"' in wrong.text
    sent = {"key": "k-sub-01", "scheme": "small_shops", "period": "2026-08"}
    assert (await page.post("/desk/subsidies", data=sent)).status_code == 303
    shown = (await page.get("/desk/subsidies")).text
    assert "2026-08" in shown and "小店贴息" in shown
    [claim, *_] = re.findall(r"/desk/subsidies/([0-9a-f-]{36})", shown)
    saved = await page.get(f"/desk/subsidies/{claim}")
    assert saved.headers["content-disposition"].startswith("attachment")
    bare = await page.post("/desk/subsidies/paid", data={"key": "k-sub-02", "claim": claim, "on": "", "reference": "r"})
    assert bare.status_code == 422
    auditor = pages(await api.staff("auditor"))
    assert (await auditor.get("/desk/subsidies")).status_code == 200
    assert (await auditor.post("/desk/subsidies", data=sent)).status_code == 404
