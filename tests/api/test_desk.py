"""The desk: the book page by page, a proof that is false when a fen is missing, a clock that only goes ahead."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from db import ledger, reading
from lending.ledger import disbursed, payout_sent
from lending.terms import canonical, terms_of
from tests.api.test_plans import Living, living

__all__ = ["living"]


async def test_the_proof_of_an_empty_book_holds(api: Any) -> None:
    desk = await api.staff("operations")
    proof = (await desk.get("/v1/desk/trial-balance")).json()["items"][0]
    assert (proof["proven"], proof["difference"]["amount"]) == (True, "0.00")


async def test_the_proof_finds_what_does_not_tie(api: Any, database: Any, a_payout: Any) -> None:
    desk = await api.staff("operations")
    payout_id = a_payout("credited")
    async with api.tools.sessions.begin(scope="worker") as session:
        payout = await ledger.payout(session, payout_id)
        for make in (payout_sent, disbursed):
            entry = make(
                payout.loan_id,
                payout.amount_minor,
                cause=str(payout.id),
                booked_at=datetime.now(UTC),
                effective_on=datetime.now(UTC).date(),
                source="test",
            )
            await ledger.post(session, entry, currency="CNY")
        loan_id = payout.loan_id
    database.execute(
        f"insert into loan_balance (loan_id, as_of, principal_minor, accrued_units, interest_paid_minor, paid_minor, "
        f"carry_minor, uncollected_minor, in_flight_minor, windows_passed, past_due_minor, days_past_due, status) "
        f"values ('{loan_id}', current_date, 100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'as_agreed')"
    )
    proof = (await desk.get("/v1/desk/trial-balance")).json()["items"][0]
    assert proof["proven"] is True
    by_account = {line["account"]: line["balance"]["amount"] for line in proof["accounts"]}
    assert by_account == {"cash.bank": "-1.00", "loans.principal": "1.00", "payouts_in_flight": "0.00"}
    database.execute(f"update loan_balance set principal_minor = 99 where loan_id = '{loan_id}'")
    broken = (await desk.get("/v1/desk/trial-balance")).json()["items"][0]
    assert (broken["proven"], broken["mismatches"]) == (False, [str(loan_id)])
    database.execute(f"update loan_balance set principal_minor = 100 where loan_id = '{loan_id}'")
    database.execute(
        "alter table posting disable trigger all",
        f"delete from posting where entry_id = "
        f"(select id from entry where kind = 'disbursed' and loan_id = '{loan_id}')",
        "alter table posting enable trigger all",
    )
    hollow = (await desk.get("/v1/desk/trial-balance")).json()["items"][0]
    assert (hollow["proven"], hollow["entries_without_postings"]) == (False, 1)


async def test_api_5_the_book_comes_page_by_page_without_gaps_or_repeats(api: Any, a_payout: Any) -> None:
    desk = await api.staff("officer")
    for _ in range(7):
        a_payout("scheduled")
    seen: list[int] = []
    where = "/v1/desk/book?limit=3"
    while True:
        answer = await desk.get(where)
        seen += [line["number"] for line in answer.json()["loans"]]
        a_payout("scheduled")  # new ones come in at the front while somebody pages
        after = answer.json()["next"]
        if after is None:
            break
        assert f"after={after}" in answer.headers["Link"]
        where = f"/v1/desk/book?limit=3&after={after}"
    assert len(seen) == len(set(seen)) >= 7
    assert seen == sorted(seen, reverse=True)


async def test_api_5_a_changed_or_borrowed_cursor_is_refused(api: Any, a_payout: Any) -> None:
    desk, other = await api.staff("officer"), await api.staff("officer")
    for _ in range(3):
        a_payout("scheduled")
    after = (await desk.get("/v1/desk/book?limit=1")).json()["next"]
    last = "A" if after[-1] != "A" else "B"
    for person, cursor in ((desk, after[:-1] + last), (other, after), (desk, "x"), (desk, "é")):
        answer = await person.get(f"/v1/desk/book?limit=1&after={cursor}")
        assert answer.status_code == 422, cursor
    elsewhere = await desk.get(f"/v1/desk/book?limit=1&state=live&after={after}")
    assert elsewhere.status_code == 422


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "state=nothing"])
async def test_pages_have_bounds(api: Any, query: str) -> None:
    desk = await api.staff("officer")
    assert (await desk.get(f"/v1/desk/book?{query}")).status_code == 422


async def test_the_auditor_reads_the_trail_and_can_do_nothing(api: Any) -> None:
    auditor = await api.staff("auditor")
    trail = (await auditor.get("/v1/desk/audit?limit=100")).json()["items"]
    assert {"sign_in"} <= {line["action"] for line in trail}
    later = (await auditor.get(f"/v1/desk/audit?after={trail[0]['id']}")).json()["items"]
    assert trail[0] not in later
    assert (await auditor.post("/v1/desk/clock", {"days": 1})).status_code == 404


async def test_everybody_may_know_the_time(api: Any) -> None:
    clock = (await api.client().get("/v1/clock")).json()
    assert set(clock) >= {"now", "date", "speed"}
    assert clock["speed"] == 1
    assert datetime.fromisoformat(clock["now"]).tzinfo is not None


async def test_the_clock_of_a_demonstration_goes_ahead_and_only_ahead(api: Any) -> None:
    desk = await api.staff("operations")
    before = datetime.fromisoformat((await desk.get("/v1/clock")).json()["now"])
    moved = (await desk.post("/v1/desk/clock", {"days": 3})).json()
    assert timedelta(days=3) <= datetime.fromisoformat(moved["now"]) - before < timedelta(days=3, minutes=1)
    to = (before + timedelta(days=10)).isoformat()
    assert (await desk.post("/v1/desk/clock", {"to": to})).json()["now"][:10] == to[:10]
    back = await desk.post("/v1/desk/clock", {"to": before.isoformat()})
    assert [(e["pointer"], e["code"]) for e in back.json()["errors"]] == [("#/to", "in_the_past")]
    fast = (await desk.post("/v1/desk/clock", {"speed": 86_400})).json()
    assert fast["speed"] == 86_400
    assert (await desk.post("/v1/desk/clock", {"speed": 1})).json()["speed"] == 1


async def test_a_repeated_jump_jumps_once(api: Any) -> None:
    desk = await api.staff("operations")
    first = (await desk.post("/v1/desk/clock", {"days": 1}, key_="k-jump-once-1")).json()
    again = (await desk.post("/v1/desk/clock", {"days": 1}, key_="k-jump-once-1")).json()
    assert datetime.fromisoformat(again["now"]) - datetime.fromisoformat(first["now"]) < timedelta(hours=1)


@pytest.mark.parametrize(
    ("move", "field"),
    [
        ({}, "to"),
        ({"days": 0}, "days"),
        ({"days": 10**6}, "days"),
        ({"speed": -1}, "speed"),
        ({"speed": 10**9}, "speed"),
        ({"to": "2026-01-01T00:00:00"}, "to"),
        ({"to": "2026-12-01T00:00:00Z", "days": 1}, "days"),
        ({"to": "9999-01-01T00:00:00Z"}, "to"),
    ],
)
async def test_a_wrong_move_is_named(api: Any, move: dict[str, Any], field: str) -> None:
    desk = await api.staff("operations")
    answer = await desk.post("/v1/desk/clock", move)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"#/{field}"


async def test_a_production_clock_is_not_moved_by_anybody(api: Any) -> None:
    from dataclasses import replace

    from api.caller import Caller, Principal
    from api.problems import Forbidden
    from api.staff import desk
    from infra.settings import Profile

    production = api.settings.model_copy(update={"profile": Profile.PRODUCTION})
    caller = Caller(
        tools=replace(api.tools, settings=production),
        principal=Principal("staff", uuid4(), frozenset({"operations"})),
        request_id="r" * 8,
        locale="en",
        network="",
        device="",
        csrf="",
        nonce="",
    )
    with pytest.raises(Forbidden):
        await desk.move_clock(caller, desk.MoveClock(days=1), "k" * 10)


async def test_the_file_of_a_loan_shows_both_sides_of_its_journal_as_of_its_last_close(
    api: Any, database: Any, a_payout: Any
) -> None:
    payout_id = a_payout("credited")
    terms = terms_of(
        next(iter(api.tools.policies.products.values())), amount_minor=8_000_000, months=12, share=Decimal("0.12")
    )
    async with api.tools.sessions.begin(scope="worker") as session:
        payout = await ledger.payout(session, payout_id)
        loan_id, person_id = payout.loan_id, payout.person_id
        entry = disbursed(
            loan_id,
            8_000_000,
            cause=str(payout.id),
            booked_at=datetime.now(UTC),
            effective_on=date(2026, 11, 1),
            source="rail:R-1",
        )
        await ledger.post(session, entry, currency="CNY")
    database.execute(
        f"update loan set state = 'live', live_on = '2026-11-01', terms = '{canonical(terms)}' where id = '{loan_id}'",
        f"insert into loan_balance (loan_id, as_of, principal_minor, accrued_units, interest_paid_minor, paid_minor, "
        f"carry_minor, uncollected_minor, in_flight_minor, windows_passed, past_due_minor, days_past_due, status) "
        f"values ('{loan_id}', '2026-11-10', 8000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'as_agreed')",
        f"insert into collection (id, loan_id, person_id, close_on, shard, net_revenue_minor, amount_minor, state) "
        f"values ('{uuid4()}', '{loan_id}', '{person_id}', '2026-11-09', 0, 100000, 12000, 'failed')",
    )
    desk = await api.staff("operations")
    file = (await desk.get(f"/v1/desk/loans/{loan_id}")).json()
    (line,) = file["journal"]
    assert (line["debit"], line["credit"], line["amount"]["amount"]) == (
        "loans.principal",
        "payouts_in_flight",
        "80000.00",
    )
    assert [(one["close_on"], one["state"]) for one in file["collections"]] == [("2026-11-09", "failed")]
    loan = file["loan"]
    assert (loan["closed_to"], loan["as_of"]) == ("2026-11-10", "2026-11-11"), (
        "ten days of interest, whatever the clock"
    )
    assert loan["interest_owed"]["amount"] == "160.00"
    async with api.tools.sessions.begin(scope="worker") as session:
        looks = await reading.accesses(session, person_id)
    assert ("operations", "loan") in [(look.actor, look.what) for look in looks]
    assert (await desk.get(f"/v1/desk/loans/{uuid4()}")).status_code == 404
    database.execute(f"update loan set state = 'closed' where id = '{loan_id}'")


async def test_a_close_says_how_many_loans_of_how_many_it_has_closed(living: Living, api: Any, pages: Any) -> None:
    desk, day = await api.staff("operations"), living.closed_to + timedelta(days=1)
    living.database.execute(
        f"insert into close (jurisdiction, on_date, state, started_at) values ('CN', '{day}', 'running', now())"
        " on conflict do nothing"
    )

    async def of_day() -> tuple[int, int]:
        lines = (await desk.get("/v1/desk/closes")).json()["items"]
        [line] = [one for one in lines if one["on"] == day.isoformat()]
        return line["loans"], line["of_loans"]

    begun, all_of_it = await of_day()
    assert all_of_it > begun, "the loan lives on that day and is not closed for it yet"
    await living.closes(day)
    assert await of_day() == (begun + 1, all_of_it)
    assert f"{begun + 1} of {all_of_it}" in (await pages(desk).get("/desk/closes")).text
