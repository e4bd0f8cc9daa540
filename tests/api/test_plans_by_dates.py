"""Plans by dates in the books: closed day by day, debited on their due days, and switched to by nobody alone (E6)."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from activities.closing import Closing
from db import ledger, plans
from lending.ledger import disbursed, payout_sent
from lending.offers import terms_of
from lending.paths import first_path, instalments, path_json
from lending.terms import canonical, terms_hash
from tests.api.test_plans import A_DAY, TODAY, Accounts, Bank, Living, living, minor, pays
from tests.api.test_seeing import person_of

__all__ = ["living"]
AMOUNT = 8_000_000


Makes = Callable[..., Awaitable[Living]]


@pytest.fixture
async def lends(api: Any, begun: Any, database: Any, a_payout: Any, wired: Any, numbers: Any) -> Makes:
    """¥80,000 from today on, by a product that is repaid on dates."""

    async def lend(product_id: str = "equal_instalments", months: int = 6, weights: tuple[int, ...] = ()) -> Living:
        owner, application_id = begun
        person = await person_of(api, application_id)
        product = api.tools.policies.products[product_id]
        terms = terms_of(product, amount_minor=AMOUNT, months=months, share=Decimal("0.20"), weights=weights)
        path = first_path(terms, TODAY, api.tools.policies.calendars["CN"])
        payout_id, loan_id, shard = a_payout("credited"), uuid4(), 1_000 + numbers()
        database.execute(
            f"insert into loan (id, application_id, person_id, firm_id, product_id, policy_version, jurisdiction,"
            f" currency, principal_minor, annual_rate, day_count, share, months, terms, terms_hash, rate_units,"
            f" units_per_minor, share_ppm, window_months, windows, grace_days, shard, account_id, account_index, state,"
            f" created_at, live_on, matures_on, path_debit, path) select '{loan_id}', '{application_id}', '{person}',"
            f" firm_id, '{product.id}', 'v', 'CN', 'CNY', {AMOUNT}, 0.073, 'ACT/365', 0, {months},"
            f" '{canonical(terms)}', '{terms_hash(terms)}', {terms.rate_units}, {terms.units_per_minor}, 0, 1,"
            f" {months}, 3, {shard}, account_id, '\\x00', 'live', now(), '{TODAY}', '{path.due_on[-1]}', true,"
            f" '{json.dumps(path_json(path))}' from loan"
            f" where id = (select loan_id from payout where id = '{payout_id}')",
            f"update application set stage = 'funded', loan_id = '{loan_id}' where id = '{application_id}'",
            "insert into loan_balance (loan_id, as_of, principal_minor, accrued_units, interest_paid_minor, paid_minor,"
            " carry_minor, uncollected_minor, in_flight_minor, windows_passed, past_due_minor, days_past_due, status)"
            f" values ('{loan_id}', '{TODAY - A_DAY}', {AMOUNT}, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'as_agreed')",
        )
        async with api.tools.sessions.begin(scope="worker") as session:
            for make in (payout_sent, disbursed):
                entry = make(
                    loan_id,
                    AMOUNT,
                    cause=str(loan_id),
                    effective_on=TODAY,
                    booked_at=datetime.now(UTC),
                    source="rail:R",
                )
                await ledger.post(session, entry, currency="CNY")
        closing = Closing(
            wired.sessions,
            cast("Any", Accounts()),
            cast("Any", Bank()),
            cast("Any", None),
            task_queue="q",
            clock_id=wired.settings.clock_id,
            calendars=api.tools.policies.calendars,
        )
        return Living(owner, loan_id, shard, wired, database, closing)

    return lend


@pytest.fixture
async def dated(lends: Makes) -> Living:
    """In six equal instalments."""
    return await lends()


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


# --- what its owner changes by themselves ---
SEASON = (10, 10, 5, 5, 5, 8, 8, 8, 5, 5, 5, 10)
KINDS = [("equal_instalments", ()), ("equal_principal", ()), ("interest_first", ()), ("seasonal_instalments", SEASON)]


async def lives_on(loan: Living) -> dict[date, int]:
    """To its end, each instalment announced in time; what each was told to be by the page on the day before."""
    told: dict[date, int] = {}
    for _ in range(12):
        now = await loan.owner.get(f"/v1/loans/{loan.loan_id}/plan")
        if now.status_code == 404:
            break
        due = date.fromisoformat(now.json()["instalments"][0]["on"])
        await announced(loan, due)
        told[due - A_DAY] = minor((await coming(loan))[0]["amount"])
        await loan.closes(due)
    assert (await seen(loan))["state"] == "closed"
    return told


async def coming(loan: Living) -> Any:
    """The instalments to come, as the plan's page has them on the first day that no close has taken."""
    return (await loan.owner.get(f"/v1/loans/{loan.loan_id}/plan")).json()["instalments"]


@pytest.mark.parametrize(("product", "weights"), KINDS)
async def test_each_kind_is_closed_daily_to_its_last_due_day_and_its_books_are_what_they_are_made_of(
    lends: Makes, product: str, weights: tuple[int, ...]
) -> None:
    loan = await lends(product, 4, weights)
    told = await lives_on(loan)
    assert {on: amount for on, (amount, _) in (await loan.debited()).items()} == told
    assert len(told) == 4
    await loan.balances_are_what_they_are_made_of()


async def test_e7_the_weights_of_the_months_are_shown_with_their_cost_agreed_by_the_hash_and_kept_by_the_closes(
    lends: Makes,
) -> None:
    loan = await lends("seasonal_instalments", 6, SEASON)
    await loan.closes(TODAY + timedelta(days=3))
    wanted = {"kind": "weights", "weights": ",".join(map(str, reversed(SEASON)))}
    shown = await loan.changes(**wanted)
    before, after = shown["before"], shown["after"]
    assert before["annual_rate"] == after["annual_rate"], "the rate is what was signed, whatever the months weigh"
    assert [one["on"] for one in before["instalments"]] == [one["on"] for one in after["instalments"]]
    assert [one["amount"] for one in before["instalments"]] != [one["amount"] for one in after["instalments"]]
    assert sum(minor(one["principal"]) for one in after["instalments"]) == AMOUNT
    assert await coming(loan) == after["instalments"]
    again = await loan.tries(kind="weights", weights=",".join(map(str, SEASON)))
    assert (again.status_code, again.json()["code"]) == (409, "plan_changed_lately")
    await lives_on(loan)
    await loan.balances_are_what_they_are_made_of()


@pytest.mark.parametrize("weights", ["10,4,10,10,10,10,10,10,10,10,10,10", "11,11,11,11,11,11,11,11,11,11,11,10"])
async def test_weights_beyond_the_policy_are_refused(lends: Makes, weights: str) -> None:
    loan = await lends("seasonal_instalments", 6, SEASON)
    refused = await loan.tries(kind="weights", weights=weights)
    assert (refused.status_code, refused.json()["code"]) == (422, "weights_too_uneven")
    for wrong in ("1,2,3", "a", "0" * 200):
        assert (await loan.tries(kind="weights", weights=wrong)).status_code == 422


async def test_a_plan_by_dates_has_no_rhythm_and_equal_instalments_no_weights(dated: Living) -> None:
    for kind in ("weights", "rhythm", "next_window", "lower_share"):
        refused = await dated.tries(kind=kind, cycle="week", weights=",".join(map(str, SEASON)))
        assert refused.json()["code"] == "nothing_changes", kind


async def test_e6_a_share_of_sales_is_given_no_due_days_by_its_owners_own_door(living: Living) -> None:
    for kind in ("weights", "due_day", "rest"):
        refused = await living.tries(kind=kind, weights=",".join(map(str, SEASON)), cycle_day=9)
        assert refused.json()["code"] == "nothing_changes", kind


async def test_the_due_day_moves_within_its_month_after_what_was_announced_and_puts_no_end_off(dated: Living) -> None:
    first = await seen(dated)
    due = date.fromisoformat(first["instalments"][0]["on"])
    await announced(dated, due)
    day = 15 if TODAY.day != 15 else 16
    shown = await dated.changes(kind="due_day", cycle_day=day)
    moved = [date.fromisoformat(one["on"]) for one in shown["after"]["instalments"]]
    assert moved[0] == due, "what was announced stays"
    assert all(day <= on.day <= day + 9 for on in moved[1:]), "the day, or the working day after it"
    assert len(moved) == 6 and (moved[-1].year, moved[-1].month) == (
        date.fromisoformat(first["matures_on"]).year,
        date.fromisoformat(first["matures_on"]).month,
    )
    await lives_on(dated)
    await dated.balances_are_what_they_are_made_of()


async def test_a_month_of_interest_alone_keeps_its_rate_shows_its_cost_and_moves_the_principal_a_month(
    dated: Living,
) -> None:
    young = await dated.tries(kind="rest")
    assert (young.status_code, young.json()["code"]) == (422, "breathing_too_soon")
    due = date.fromisoformat((await seen(dated))["instalments"][0]["on"])
    await announced(dated, due)
    await dated.closes(due + A_DAY)
    shown = await dated.changes(kind="rest")
    after = shown["after"]["instalments"]
    assert minor(after[0]["principal"]) == 0 < minor(after[0]["interest"])
    assert len(after) == len(shown["before"]["instalments"]) + 1
    assert shown["after"]["finish_on"] > shown["before"]["finish_on"]
    assert minor(shown["extra_interest"]) > 0 and shown["after"]["annual_rate"] == shown["before"]["annual_rate"]
    twice = await dated.tries(kind="rest")
    assert twice.json()["code"] == "breathing_too_soon", "one after the other"
    told = await lives_on(dated)
    assert len(told) == 6
    await dated.balances_are_what_they_are_made_of()


async def test_letters_leave_in_the_hour_that_was_chosen_and_never_at_night(dated: Living) -> None:
    night = await dated.tries(kind="reminder_hour", hour=3)
    assert (night.status_code, night.json()["code"]) == (422, "reminder_at_night")
    await dated.changes(kind="reminder_hour", hour=14)
    due = date.fromisoformat((await seen(dated))["instalments"][0]["on"])
    await dated.closes(due - timedelta(days=6))
    async with dated.wired.sessions.begin() as session:
        on = due - timedelta(days=5)
        early = [row.loan_id for row in await plans.untold(session, 13, on)]
        late = [row.loan_id for row in await plans.untold(session, 14, on)]
        waited = [row.loan_id for row in await plans.untold(session, 9, on + A_DAY)]
    assert dated.loan_id not in early and dated.loan_id in late
    assert dated.loan_id in waited, "a day late it waits for no hour"


# --- H6: a part prepayment leaves three ways, and the owner chooses ---
def amounts(course: Any) -> list[int]:
    return [minor(one["amount"]) for one in course["instalments"]]


@pytest.mark.parametrize(("product", "weights"), [one for one in KINDS if one[0] != "interest_first"])
async def test_h6_by_dates_shorter_and_lower_are_shown_with_their_cost_and_kept_as_the_path_that_was_chosen(
    lends: Makes, product: str, weights: tuple[int, ...]
) -> None:
    loan = await lends(product, 6, weights)
    await loan.closes(TODAY + timedelta(days=10))
    path = f"/v1/loans/{loan.loan_id}"
    shown = (await loan.owner.get(f"{path}/prepayment", params={"amount": "40000.00"})).json()
    now, ahead, fewer, less = (shown[name] for name in ("now", "ahead", "shorter", "lower"))
    assert fewer["finish_on"] < less["finish_on"] == ahead["finish_on"] == now["finish_on"]
    costs = [minor(one["interest_to_come"]) for one in (fewer, less, ahead, now)]
    assert costs == sorted(costs) and costs[0] < costs[1] < costs[3]
    assert all(after <= before for after, before in zip(amounts(fewer), amounts(now), strict=False)), "none is higher"
    assert all(after < before for after, before in zip(amounts(less), amounts(now), strict=True)), "each is lower"
    for early in ("shorter_term", "lower_instalments"):
        assert (await loan.tries(kind=early)).json()["code"] == "nothing_changes", "nothing was prepaid yet"
    pays(loan, 4_000_000)
    may = (await loan.owner.get(f"{path}/plan")).json()["choices"]
    assert (may["shorter_term"], may["lower_instalments"]) == (True, True)
    for kind, course in (("shorter_term", fewer), ("lower_instalments", less)):
        tried = (await loan.tries(kind=kind)).json()
        assert tried["after"]["instalments"] == course["instalments"], "what was shown before the money came"
        assert minor(tried["extra_interest"]) == 0 and tried["after"]["annual_rate"] == tried["before"]["annual_rate"]
    chosen = await loan.changes(kind="lower_instalments")
    assert await coming(loan) == chosen["after"]["instalments"]
    for again in ("shorter_term", "lower_instalments"):
        assert (await loan.tries(kind=again)).json()["code"] == "nothing_changes", "one prepayment is chosen of once"
    told = await lives_on(loan)
    assert len(told) == 6 and list(told.values()) == amounts(less), "as the closes debit it"


async def test_h6_fewer_instalments_end_the_loan_sooner_in_the_books_too(dated: Living) -> None:
    await dated.closes(TODAY + timedelta(days=10))
    pays(dated, 4_000_000)
    chosen = await dated.changes(kind="shorter_term")
    told = await lives_on(dated)
    assert len(told) == len(chosen["after"]["instalments"]) < 6
    assert (await seen(dated))["matures_on"] == chosen["after"]["finish_on"]


async def test_h6_too_little_what_is_announced_and_interest_first_leave_nothing_to_choose(
    lends: Makes, dated: Living
) -> None:
    await dated.closes(TODAY + timedelta(days=10))
    small = await dated.owner.get(f"/v1/loans/{dated.loan_id}/prepayment", params={"amount": "1000.00"})
    assert small.json()["lower"] is None and small.json()["shorter"] == small.json()["ahead"]
    pays(dated, 100_000)
    assert (await dated.tries(kind="lower_instalments")).json()["code"] == "nothing_changes"
    due = date.fromisoformat((await seen(dated))["instalments"][0]["on"])
    await announced(dated, due)
    pays(dated, 2_000_000)
    shown = await dated.changes(kind="lower_instalments")
    first = shown["after"]["instalments"][0]
    assert first == shown["before"]["instalments"][0], "what was announced stays"


async def test_h6_a_share_of_sales_has_no_instalments_to_shorten_or_lower(living: Living) -> None:
    for kind in ("shorter_term", "lower_instalments"):
        assert (await living.tries(kind=kind)).json()["code"] == "nothing_changes"


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
