"""The split of an owner's money through the public API: seen with reasons, corrected, remembered, taken back."""

from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, text

from db import flows, people
from db.tables import StatementLine
from lending.flows import Use, kind_as_said

SALE, REFUND, PURCHASE, RENT, PAYROLL, SELF, LOAN_IN, LOAN_REPAY, PRIVATE, OTHER = range(1, 11)
FRIEND, BUYER = b"friend00", b"buyer000"
FIRST = date(2026, 6, 1)


def line(
    firm: UUID, n: int, kind: int, direction: int, minor: int, who: bytes | None, flags: int = 0
) -> dict[str, Any]:
    on = FIRST + timedelta(days=n)
    return {
        "firm_id": firm,
        "fingerprint": sha256(f"{firm}/{n}".encode()).digest()[:16],
        "file_id": uuid4(),
        "n": n,
        "at": datetime.combine(on, datetime.min.time()),
        "on_date": on,
        "direction": direction,
        "amount_minor": minor,
        "currency": "CNY",
        "kind": kind,
        "counterparty_key": who,
        "flags": flags,
    }


@pytest.fixture
async def shop(api: Any, begun: Any, at_stage: Any) -> tuple[Any, UUID, UUID]:
    """An owner with bills: sales, gifts of a friend, guesses, a loan."""
    owner, application_id = begun
    at_stage(application_id, "identity")
    said = {
        "kind": "self_employed",
        "name": "王小明",
        "id_number": "11010519491231002X",
        "account_number": "622202123456789",
    }
    answer = await owner.post(f"/v1/applications/{application_id}/identity", said)
    assert answer.status_code == 200, answer.text
    at_stage(application_id, "evidence")
    async with api.tools.sessions.begin(scope="worker") as session:
        row = (
            await session.execute(
                text("select firm_id, person_id from application where id = :id"), {"id": application_id}
            )
        ).one()
        firm = row.firm_id
        lines = [line(firm, n, SALE, 1, 10_000, BUYER) for n in range(90)]
        lines += [line(firm, 100 + n, PRIVATE, 1, 40_000, FRIEND) for n in range(3)]
        lines += [line(firm, 110, SALE, 1, 5_000, None, 1), line(firm, 111, LOAN_IN, 1, 70_000, b"bank0000")]
        await session.execute(insert(StatementLine), lines)
        key = await people.key_of(session, api.tools.vault, row.person_id)
        place = people.counterparty_place(firm, FRIEND)
        sealed = api.tools.vault.seal(key, people.COUNTERPARTY, place, "李建国")
        await flows.keep_names(session, firm, row.person_id, {FRIEND: sealed})
    return owner, application_id, firm


async def seen(owner: Any, application_id: UUID) -> dict[str, Any]:
    answer = await owner.get(f"/v1/applications/{application_id}/flows")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def say(owner: Any, application_id: UUID, use: str | None, **named: str) -> Any:
    body = {"target": "counterparty", "key": FRIEND.hex(), "direction": "in", **named}
    return await owner.post(f"/v1/applications/{application_id}/flows/corrections", {**body, "use": use})


async def sales(owner: Any, application_id: UUID) -> float:
    evidence = (await owner.get(f"/v1/applications/{application_id}/evidence")).json()
    return sum(float(month["sales"]["amount"]) for month in evidence["months"])


def groups(found: dict[str, Any], use: str) -> list[tuple[str | None, int, str]]:
    return [
        (one["counterparty"], round(float(one["amount"]["amount"]) * 100), one["reason"]["code"])
        for part in found["uses"]
        if part["use"] == use
        for one in part["groups"]
    ]


async def test_money_is_shown_by_use_with_its_reasons_and_a_friend_by_name(shop: Any) -> None:
    owner, application_id, _ = shop
    found = await seen(owner, application_id)
    assert groups(found, "private") == [("李建国", 120_000, "private_words")]
    assert groups(found, "unclear") == [(None, 5_000, "no_words_in")]
    assert (None, 900_000, "sale_words") in groups(found, "business")
    assert (found["unsplit_percent"], found["corrected_percent"]) == (0, 0)


async def test_a_word_changes_sums_is_remembered_for_later_bills_and_can_be_taken_back(shop: Any, api: Any) -> None:
    owner, application_id, firm = shop
    before = await sales(owner, application_id)
    answer = await say(owner, application_id, "business")
    assert answer.status_code == 200, answer.text
    assert groups(answer.json(), "business")[0] == (None, 900_000, "sale_words")
    assert ("李建国", 120_000, "owner_said") in groups(answer.json(), "business")
    assert answer.json()["corrected_percent"] == 14  # 1,200 of 9,050 yuan: above what a machine takes on trust
    async with api.tools.sessions.begin(scope="worker") as session:
        await session.execute(insert(StatementLine), [line(firm, 120, PRIVATE, 1, 30_000, FRIEND)])
    after = await seen(owner, application_id)
    assert ("李建国", 150_000, "owner_said") in groups(after, "business")
    assert await sales(owner, application_id) == before + 1_500
    undone = await say(owner, application_id, None)
    assert groups(undone.json(), "private") == [("李建国", 150_000, "private_words")]
    assert (undone.json()["corrected_percent"], undone.json()["corrections"]) == (0, 2)
    async with api.tools.sessions.begin(scope="worker") as session:
        acts = (
            await session.scalars(
                text("select action from audit where object_id = :id and action like 'flows.%' order by id"),
                {"id": str(application_id)},
            )
        ).all()
        assert acts == ["flows.corrected", "flows.correction_undone"]


async def test_the_same_key_says_it_once_and_no_word_is_ever_changed(shop: Any, api: Any, database: Any) -> None:
    owner, application_id, firm = shop
    key = {"Idempotency-Key": str(uuid4())}
    body = {"target": "alike", "key": "1?", "direction": "in", "use": "private"}
    path = f"/v1/applications/{application_id}/flows/corrections"
    for _ in range(2):
        assert (await owner.client.post(path, json=body, headers=key)).status_code == 200
    async with api.tools.sessions.begin(scope="worker") as session:
        assert len(await flows.corrections(session, firm)) == 1
    with pytest.raises(Exception, match="append-only"):
        database.execute("update flow_correction set to_use = 'business'")


@pytest.mark.parametrize(
    ("named", "status"),
    [
        ({"key": b"stranger".hex()}, 404),
        ({"target": "line", "key": "0" * 32}, 404),
        ({"target": "alike", "key": "8", "direction": "out"}, 422),
        ({"target": "everything"}, 422),
        ({"direction": "sideways"}, 422),
        ({"key": "not hex"}, 422),
    ],
)
async def test_what_is_not_there_or_not_the_owners_to_say_is_refused(
    shop: Any, named: dict[str, str], status: int
) -> None:
    owner, application_id, _ = shop
    assert (await say(owner, application_id, "private", **named)).status_code == status
    assert (await say(owner, application_id, "unclear")).status_code == 422


async def test_one_line_may_be_said_apart_and_nothing_after_a_decision(shop: Any, at_stage: Any) -> None:
    owner, application_id, firm = shop
    one = sha256(f"{firm}/100".encode()).digest()[:16].hex()
    answer = await say(owner, application_id, "business", target="line", key=one)
    assert ("李建国", 40_000, "owner_said") in groups(answer.json(), "business")
    assert groups(answer.json(), "private") == [("李建国", 80_000, "private_words")]
    at_stage(application_id, "signing")
    assert (await say(owner, application_id, "business")).status_code == 409


async def test_sums_in_the_database_and_the_rule_say_the_same(shop: Any, api: Any) -> None:
    owner, application_id, firm = shop
    async with api.tools.sessions.begin(scope="worker") as session:
        extra = [line(firm, 200 + n, kind, way, 100, b"%08d" % n) for n, (kind, way) in enumerate(
            (kind, way) for kind in range(1, 11) for way in (1, -1))]  # fmt: skip
        await session.execute(insert(StatementLine), extra)
    for n, one in enumerate(extra):
        use = list(Use)[n % 3]
        way = "in" if one["direction"] > 0 else "out"
        await say(owner, application_id, use.value, key=one["counterparty_key"].hex(), direction=way)
    async with api.tools.sessions.begin(scope="worker") as session:
        now = {row[4]: row[3] for row in await flows.lines_now(session, firm)}
    for n, one in enumerate(extra):
        assert now[one["counterparty_key"]] == kind_as_said(one["kind"], one["direction"], list(Use)[n % 3])
