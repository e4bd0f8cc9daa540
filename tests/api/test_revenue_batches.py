"""Revenue in batches: signed, once, by row, and the last word of a source on a day is the day."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from tests.api.test_hooks import a_loan, signed  # noqa: F401  (a fixture)


def day(api: Any, back: int = 0) -> str:
    return (datetime.now(UTC) + timedelta(hours=8) - timedelta(days=back)).date().isoformat()


def row(api: Any, account: str, sales: int, *, back: int = 0, refunds: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "account": account, "on": day(api, back), "sales_minor": sales, "refunds_minor": refunds,
        "chargebacks_minor": 0, "currency": "CNY", **more,
    }  # fmt: skip


async def post(
    api: Any, *rows: dict[str, Any], name: str = "", source: str = "wallet", as_csv: bool = False, body: bytes = b""
) -> Any:
    if as_csv:
        names = list(rows[0])
        body = "\n".join([",".join(names), *(",".join(str(one[key]) for key in names) for one in rows)]).encode()
    body = body or json.dumps({"rows": list(rows)}).encode()
    secrets = {"rail": api.settings.rail_webhook_secret, "wallet": api.settings.revenue_webhook_secret}
    headers = signed(secrets[source].get_secret_value(), body, name=name or f"day-{uuid4().hex}")
    headers["Content-Type"] = "text/csv" if as_csv else "application/json"
    return await api.client().post("/v1/revenue_batches", content=body, headers=headers)


async def days(api: Any, loan: UUID) -> list[tuple[Any, ...]]:
    """What stands for each day, open and closed, over all sources."""
    async with api.tools.sessions.begin(scope="worker") as session:
        found = await session.execute(
            text(
                "select on_date::text, sum(sales_minor), sum(refunds_minor) from revenue_day where loan_id = :id"
                " group by 1 order by 1"
            ),
            {"id": loan},
        )
        return [tuple(one) for one in found]


@pytest.fixture
async def loan(api: Any, a_loan: Any, database: Any) -> AsyncIterator[tuple[UUID, str]]:  # noqa: F811
    loan_id, account = await a_loan()
    database.execute(f"update loan set live_on = current_date - 30 where id = '{loan_id}'")
    yield loan_id, account


@pytest.mark.parametrize("as_csv", [False, True])
async def test_a_batch_in_json_or_csv_becomes_days_and_says_what_became_of_each_row(
    api: Any, loan: Any, as_csv: bool
) -> None:
    loan_id, account = loan
    stranger = "6229990000000000000"
    answer = await post(
        api,
        row(api, account, 100_000, refunds=5_000),
        row(api, account, 70_000, back=1),
        row(api, stranger, 1),
        row(api, account, 5, back=-2),
        row(api, account, 5, back=2, currency="USD"),
        row(api, account, 9, back=60),
        as_csv=as_csv,
    )
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["rows"], said["new"], said["without_loan"], said["refused"]) == (6, 2, 1, 3)
    assert said["errors"] == [
        {"row": 3, "code": "unknown_account", "field": ""},
        {"row": 4, "code": "future_day", "field": "on"},
        {"row": 5, "code": "other_currency", "field": ""},
    ]
    assert await days(api, loan_id) == [(day(api, 1), 70_000, 0), (day(api), 100_000, 5_000)]


async def test_the_same_batch_again_gives_the_same_answer_and_other_bytes_under_its_name_are_refused(
    api: Any, loan: Any
) -> None:
    loan_id, account = loan
    first = await post(api, row(api, account, 100), name="day-one")
    again = await post(api, row(api, account, 100), name="day-one")
    assert first.json() == again.json()
    assert len(first.json()["fingerprint"]) == 64
    other = await post(api, row(api, account, 101), name="day-one")
    assert (other.status_code, other.json()["code"]) == (409, "content_differs")
    renamed = (await post(api, row(api, account, 100), name="day-one-again")).json()
    assert (renamed["new"], renamed["repeated"]) == (0, 1), "the same day under another name changes nothing"
    assert await days(api, loan_id) == [(day(api), 100, 0)]


async def test_a_corrected_day_is_recomputed_while_open_and_settled_by_its_difference_once_closed(
    api: Any, loan: Any, database: Any
) -> None:
    loan_id, account = loan
    await post(api, row(api, account, 1_000, refunds=100, back=1))
    said = (await post(api, row(api, account, 700, refunds=100, back=1))).json()
    assert (said["new"], said["corrected"]) == (0, 1)
    assert await days(api, loan_id) == [(day(api, 1), 700, 100)]
    database.execute(f"update revenue_day set swept_on = '{day(api, 1)}' where loan_id = '{loan_id}'")
    await post(api, row(api, account, 900, refunds=400, back=1))
    async with api.tools.sessions.begin(scope="worker") as session:
        open_ = await session.execute(
            text("select sales_minor, refunds_minor from revenue_day where loan_id = :id and swept_on is null"),
            {"id": loan_id},
        )
        assert [tuple(one) for one in open_] == [(200, 300)], "the next close takes the difference, and no more"
    assert await days(api, loan_id) == [(day(api, 1), 900, 400)]


async def test_two_sources_of_one_day_add_up_and_each_corrects_its_own_word(api: Any, loan: Any) -> None:
    loan_id, account = loan
    await post(api, row(api, account, 1_000))
    await post(api, row(api, account, 300), source="rail")
    assert await days(api, loan_id) == [(day(api), 1_300, 0)]
    await post(api, row(api, account, 0), source="rail")
    assert await days(api, loan_id) == [(day(api), 1_000, 0)]


async def test_days_before_the_money_came_or_after_it_was_repaid_are_nothing_to_share(
    api: Any, loan: Any, database: Any
) -> None:
    loan_id, account = loan
    said = (await post(api, row(api, account, 5_000, back=32))).json()
    assert (said["new"], said["without_loan"], said["refused"]) == (0, 1, 0)
    database.execute(f"update loan set state = 'closed', closed_on = current_date where id = '{loan_id}'")
    assert (await post(api, row(api, account, 5_000))).json()["without_loan"] == 1
    assert await days(api, loan_id) == []


async def test_of_two_loans_of_an_account_each_has_the_days_on_which_it_was_the_newest(
    api: Any,
    loan: Any,
    a_loan: Any,  # noqa: F811
    database: Any,
) -> None:
    elder, account = loan
    younger, _ = await a_loan()
    index = api.tools.vault.blind_index("bank_account.number", account).hex()
    database.execute(
        f"update loan set live_on = current_date - 10, account_index = '\\x{index}' where id = '{younger}'"
    )
    async with api.tools.sessions.begin(scope="worker") as session:
        began = await session.scalar(text("select live_on::text from loan where id = :id"), {"id": younger})
    told = [row(api, account, 100, back=20), row(api, account, 200, back=2), row(api, account, 7) | {"on": began}]
    said = (await post(api, *told)).json()
    assert (said["new"], said["refused"], said["without_loan"]) == (3, 0, 0)
    assert await days(api, elder) == [(day(api, 20), 100, 0), (began, 7, 0)], "sales told late are the elder's"
    assert await days(api, younger) == [(day(api, 2), 200, 0)]
    database.execute(
        "alter table loan disable trigger user",  # a signed path is never written by hand
        f"""update loan set path = '{{"due": [], "left": []}}' where id = '{younger}'""",
        "alter table loan enable trigger user",
    )
    await post(api, row(api, account, 300, back=1))
    assert (await days(api, elder))[-1] == (day(api, 1), 300, 0), "a plan by dates takes no share of any day"


@pytest.mark.parametrize(
    ("body", "as_csv", "code"),
    [(b"{", False, "not_json"), (b'{"rows": []}', False, "no_rows"), (b"a,b\n1,2\n", True, "no_such_columns")],
)
async def test_what_is_no_batch_is_one_clear_line(api: Any, body: bytes, as_csv: bool, code: str) -> None:
    raw = body
    headers = signed(api.settings.revenue_webhook_secret.get_secret_value(), raw)
    headers["Content-Type"] = "text/csv" if as_csv else "application/json"
    answer = await api.client().post("/v1/revenue_batches", content=raw, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)


async def test_a_batch_that_nobody_signed_is_not_read(api: Any, loan: Any) -> None:
    body = json.dumps({"rows": [row(api, loan[1], 5)]}).encode()
    for headers in ({}, signed(api.settings.messages_webhook_secret.get_secret_value(), body)):
        answer = await api.client().post(
            "/v1/revenue_batches", content=body, headers={**headers, "Content-Type": "application/json"}
        )
        assert answer.status_code == 401
    assert await days(api, loan[0]) == []


@pytest.mark.long
async def test_a_hundred_thousand_rows_are_one_batch(api: Any, loan: Any) -> None:
    loan_id, account = loan
    rows = [row(api, f"6330{n:015d}", n % 1000) for n in range(99_999)]
    answer = await post(api, row(api, account, 12_345), *rows)
    said = answer.json()
    assert (said["rows"], said["new"], said["refused"], len(said["errors"])) == (100_000, 1, 99_999, 1_000)
    assert await days(api, loan_id) == [(day(api), 12_345, 0)]
    more = await post(api, *rows, row(api, account, 1), row(api, account, 2, back=1))
    assert more.status_code == 422, "and not one more"
