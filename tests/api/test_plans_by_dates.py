"""Plans by dates in the books: closed day by day, debited on their due days, and switched to by nobody alone (E6)."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from activities.closing import Closing
from db import ledger
from lending.ledger import disbursed, payout_sent
from lending.offers import terms_of
from lending.paths import first_path, instalments, path_json
from lending.terms import canonical, terms_hash
from tests.api.test_plans import A_DAY, TODAY, Accounts, Bank, Living, living, minor
from tests.api.test_seeing import person_of

__all__ = ["living"]
AMOUNT = 8_000_000


@pytest.fixture
async def dated(api: Any, begun: Any, database: Any, a_payout: Any, wired: Any, numbers: Any) -> Living:
    """¥80,000 from today on, in six equal instalments."""
    owner, application_id = begun
    person = await person_of(api, application_id)
    product = api.tools.policies.products["equal_instalments"]
    terms = terms_of(product, amount_minor=AMOUNT, months=6, share=Decimal("0.20"))
    path = first_path(terms, TODAY, api.tools.policies.calendars["CN"])
    payout_id, loan_id, shard = a_payout("credited"), uuid4(), 1_000 + numbers()
    database.execute(
        f"insert into loan (id, application_id, person_id, firm_id, product_id, policy_version, jurisdiction, currency,"
        f" principal_minor, annual_rate, day_count, share, months, terms, terms_hash, rate_units, units_per_minor,"
        f" share_ppm, window_months, windows, grace_days, shard, account_id, account_index, state, created_at, live_on,"
        f" matures_on, path_debit, path) select '{loan_id}', '{application_id}', '{person}', firm_id, '{product.id}',"
        f" 'v', 'CN', 'CNY', {AMOUNT}, 0.073, 'ACT/365', 0, 6, '{canonical(terms)}', '{terms_hash(terms)}',"
        f" {terms.rate_units}, {terms.units_per_minor}, 0, 1, 6, 3, {shard}, account_id, '\\x00', 'live', now(),"
        f" '{TODAY}', '{path.due_on[-1]}', true, '{json.dumps(path_json(path))}'"
        f" from loan where id = (select loan_id from payout where id = '{payout_id}')",
        f"update application set stage = 'funded', loan_id = '{loan_id}' where id = '{application_id}'",
        "insert into loan_balance (loan_id, as_of, principal_minor, accrued_units, interest_paid_minor, paid_minor,"
        " carry_minor, uncollected_minor, in_flight_minor, windows_passed, past_due_minor, days_past_due, status)"
        f" values ('{loan_id}', '{TODAY - A_DAY}', {AMOUNT}, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'as_agreed')",
    )
    async with api.tools.sessions.begin(scope="worker") as session:
        for make in (payout_sent, disbursed):
            entry = make(
                loan_id, AMOUNT, cause=str(loan_id), effective_on=TODAY, booked_at=datetime.now(UTC), source="rail:R"
            )
            await ledger.post(session, entry, currency="CNY")
    closing = Closing(
        wired.sessions,
        cast("Any", Accounts()),
        cast("Any", Bank()),
        cast("Any", None),
        task_queue="q",
        clock_id=wired.settings.clock_id,
    )
    return Living(owner, loan_id, shard, wired, database, closing)


async def announced(loan: Living, due: date, *, days: int = 5) -> None:
    """The close six days before a due day tells of it, and its letter leaves so many days before."""
    await loan.closes(due - timedelta(days=6))
    await loan.told(due - timedelta(days=days))
    loan.database.execute(
        f"update notice set state = 'sent', sent_at = '{due - timedelta(days=days)} 02:00+00'"
        " where kind = 'instalment_due' and sent_at is null"
    )


async def seen(loan: Living) -> Any:
    return (await loan.owner.get(f"/v1/loans/{loan.loan_id}")).json()


async def test_each_instalment_is_announced_debited_on_its_day_and_shown_with_mandate_clause_and_receipt(
    dated: Living,
) -> None:
    first = await seen(dated)
    assert (first["repayment"], len(first["instalments"]), first["share"]) == ("equal_instalments", 6, "0")
    coming = [(date.fromisoformat(one["on"]), minor(one["amount"])) for one in first["instalments"]]
    for due, _ in coming:
        await announced(dated, due)
        await dated.closes(due)
    assert await dated.debited() == {due - A_DAY: (amount, amount) for due, amount in coming}
    last = await seen(dated)
    assert (last["state"], last["status"]) == ("closed", "paid")
    shown = (await dated.owner.get(f"/v1/loans/{dated.loan_id}/debits")).json()
    assert (shown["mandate"]["clause"], shown["mandate"]["repayment"]) == (8, "equal_instalments")
    assert len(shown["debits"]) == 6
    for one in shown["debits"]:
        assert one["notice_at"] is not None and one["rail_reference"] and one["path"] == one["asked"]
    await dated.balances_are_what_they_are_made_of()


async def test_a_notice_that_left_late_debits_no_instalment(dated: Living) -> None:
    due = date.fromisoformat((await seen(dated))["instalments"][0]["on"])
    await announced(dated, due, days=4)
    await dated.closes(due + A_DAY)
    assert await dated.debited() == {}
    assert (await seen(dated))["status"] == "grace"
    await dated.balances_are_what_they_are_made_of()


async def test_the_forecast_of_a_plan_by_dates_ends_on_its_last_due_day_and_costs_what_was_signed(
    dated: Living, api: Any
) -> None:
    await dated.closes(TODAY + timedelta(days=8))
    product = api.tools.policies.products["equal_instalments"]
    terms = terms_of(product, amount_minor=AMOUNT, months=6, share=Decimal("0.20"))
    signed = instalments(first_path(terms, TODAY, api.tools.policies.calendars["CN"]), terms, TODAY)
    loan = await seen(dated)
    assert loan["forecast"]["middle_on"] == loan["forecast"]["late_on"] == loan["matures_on"]
    assert minor(loan["projected_interest"]) == sum(one.interest_minor for one in signed)


# --- E6: no door leads from a share of sales to fixed payments ---
SIGNED = {
    "share_ppm": "0",
    "share": "0",
    "terms": 'terms || \'{"repayment": "equal_instalments"}\'',
    "terms_hash": "'x'",
    "product_id": "'equal_instalments'",
    "window_months": "1",
    "path_debit": "not path_debit",
    "rate_units": "rate_units * 2",
    "principal_minor": "principal_minor + 1",
    "months": "1",
    "grace_days": "0",
    "person_id": "gen_random_uuid()",
}
# What an owner may write in a session of their own, and nobody else in any.
OWNERS = {"plan": '\'{"share": "1"}\'', "path": "", "windows": "windows + 1"}
PATH = json.dumps({"due": ["2030-01-01"], "left": [0]})


@pytest.mark.parametrize("scope", ["worker", "staff", ""])
@pytest.mark.parametrize("column", [*SIGNED, *OWNERS])
async def test_e6_no_sql_of_the_application_makes_a_share_of_sales_a_fixed_payment(
    living: Living, api: Any, scope: str, column: str
) -> None:
    value = f"'{PATH}'" if column == "path" else (SIGNED | OWNERS)[column]
    if not scope and column not in SIGNED:
        async with api.tools.sessions.begin() as session:  # nobody's session: row-level security shows it no loan
            done = await session.execute(text(f"update loan set {column} = {value} where id = '{living.loan_id}'"))
            assert cast("Any", done).rowcount == 0
        return
    with pytest.raises(DBAPIError, match=r"permission denied|written once|only its owner"):
        async with api.tools.sessions.begin(scope=scope) as session:
            await session.execute(text(f"update loan set {column} = {value} where id = '{living.loan_id}'"))


async def test_e6_a_staff_member_who_takes_the_owners_name_in_the_session_still_writes_no_other_terms(
    living: Living, api: Any
) -> None:
    person = await _person(living)
    for column in ("share_ppm", "terms", "path"):
        value = f"'{PATH}'" if column == "path" else SIGNED[column]
        with pytest.raises(DBAPIError, match=r"permission denied|written once"):
            async with api.tools.sessions.begin(person=person) as session:
                await session.execute(text(f"update loan set {column} = {value} where id = '{living.loan_id}'"))


@pytest.mark.parametrize("role", ["manager", "officer", "operations", "auditor"])
async def test_e6_no_role_of_the_staff_has_a_door_to_another_plan(living: Living, api: Any, role: str) -> None:
    staff = await api.staff(role)
    wanted = {"kind": "rhythm", "cycle": "month", "sha256": "0" * 64}
    for kind in ("rhythm", "equal_instalments", "weights", "fixed"):
        answer = await staff.post(f"/v1/loans/{living.loan_id}/plan", {**wanted, "kind": kind})
        assert answer.status_code in (401, 403, 404, 422), (role, kind)
    for path in (f"/v1/staff/loans/{living.loan_id}/plan", f"/v1/desk/loans/{living.loan_id}/plan"):
        assert (await staff.post(path, wanted)).status_code in (404, 405)


async def test_e6_no_word_to_the_loans_own_story_changes_its_plan() -> None:
    """What the workflow of a loan can be told: nothing of it speaks of a plan."""
    from workflows.loan import Loan

    said = {name for name in dir(Loan) if not name.startswith("_")}
    assert not {name for name in said if any(word in name for word in ("plan", "fixed", "instalment", "share"))}
    assert said & {"settled"}, "else this looked at nothing"


async def _person(loan: Living) -> UUID:
    async with loan.wired.sessions.begin() as session:
        return await session.scalar(text("select person_id from loan where id = :id"), {"id": loan.loan_id})
