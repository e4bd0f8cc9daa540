"""P26: every debit shows its owner the mandate, the clause, the notice and the receipt, and what happens next."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from tests.api.test_hooks import a_loan
from tests.api.test_lines import Make, line

__all__ = ["a_loan", "line"]


async def lent(api: Any, line: Make, a_loan: Any, database: Any) -> tuple[Any, UUID, UUID]:
    """An owner, their live loan, and who they are."""
    owner, line_id = await line(30_000_000)
    loan_id, _ = await a_loan()
    async with api.tools.sessions.begin(scope="worker") as session:
        person = await session.scalar(text("select person_id from credit_line where id = :id"), {"id": line_id})
        of = {"p": person, "id": loan_id}
        database.execute(f"update loan set person_id = '{person}' where id = '{loan_id}'")
        mine = "update application set person_id = :p where id = (select application_id from loan where id = :id)"
        await session.execute(text(mine), of)
    return owner, loan_id, person


async def debited(
    api: Any, loan_id: UUID, person: UUID, day: str, state: str, taken: int, reference: str | None
) -> UUID:
    """An instruction of ¥100.00 and what became of it."""
    debit = uuid4()
    async with api.tools.sessions.begin(scope="worker") as session:
        await session.execute(
            text(
                "insert into collection (id, loan_id, person_id, close_on, shard, net_revenue_minor, amount_minor,"
                " received_minor, state, rail_reference, received_at)"
                " values (:id, :loan, :person, cast(:day as date), 0, 83333, 10000, :taken, :state, :reference, now())"
            ),
            {
                "id": debit, "loan": loan_id, "person": person, "day": day, "taken": taken, "state": state,
                "reference": reference,
            },
        )  # fmt: skip
    return debit


async def test_p26_each_debit_shows_mandate_clause_notice_and_receipt_and_a_failed_one_what_happens_next(
    line: Make, api: Any, a_loan: Any, database: Any
) -> None:
    owner, loan_id, person = await lent(api, line, a_loan, database)
    whole = await debited(api, loan_id, person, "2026-11-25", "received", 10_000, "C1")
    await debited(api, loan_id, person, "2026-11-26", "partial", 4_000, "C2")
    await debited(api, loan_id, person, "2026-11-27", "failed", 0, "C3")
    await debited(api, loan_id, person, "2026-11-28", "failed", 0, "held_back")
    async with api.tools.sessions.begin(scope="worker") as session:
        about = {"id": uuid4(), "p": person, "loan": loan_id, "debit": whole}
        await session.execute(
            text(
                "insert into notice (id, person_id, application_id, kind, params, state, created_at) select :id, :p,"
                " application_id, 'loan_welcome', '{}', 'sent', '2026-11-24T01:00:00Z' from loan where id = :loan"
            ),
            about,
        )
        await session.execute(
            text(
                "insert into outgoing (id, kind, collection_id, person_id, loan_id, of, amount_minor, currency, state,"
                " created_at) values (:id, 'return', :debit, :p, :loan, 'C1', 1500, 'CNY', 'owed', now())"
            ),
            about,
        )
    seen = (await owner.get(f"/v1/loans/{loan_id}/debits")).json()
    mandate = seen["mandate"]
    assert (mandate["number"], mandate["clause"], mandate["tries_a_day"]) == (f"HSM{loan_id.hex}", 8, 2)
    assert (mandate["state"], mandate["clause_title"]) == ("lives", "代扣授权")
    held, failed, part, first = seen["debits"]
    assert [one["state"] for one in (first, part, failed, held)] == ["received", "partial", "failed", "held_back"]
    assert (first["rail_reference"], first["back"]["amount"], first["then"]) == ("C1", "15.00", "")
    assert first["notice_at"].startswith("2026-11-24")
    assert (part["taken"]["amount"], part["asked"]["amount"]) == ("40.00", "100.00")
    assert part["then"] == failed["then"] == "with_later_sales"
    assert part["then_text"], "in words"
    assert (held["rail_reference"], held["then"]) == (None, "pay_yourself"), "a stopped mandate debits nothing"
    assert (await (await api.owner()).get(f"/v1/loans/{loan_id}/debits")).status_code == 404


async def test_where_to_pay_is_told_to_nobody_but_the_owner_of_the_loan(
    line: Make, api: Any, a_loan: Any, database: Any
) -> None:
    owner, loan_id, _ = await lent(api, line, a_loan, database)
    stranger = await api.owner()
    assert (await stranger.get(f"/v1/loans/{loan_id}/ways-to-pay")).status_code == 404
    assert (await owner.get(f"/v1/loans/{uuid4()}/ways-to-pay")).status_code == 404
