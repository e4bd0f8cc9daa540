"""``huoshui ledger classes``: the provision and the bad loans in one look, and a ledger that says otherwise is told."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from db import classes, ledger
from lending import impairment

ON, AT = date(2026, 11, 20), datetime(2026, 11, 20, 18, tzinfo=UTC)


async def test_p30_the_provision_is_listed_and_what_stands_against_no_loan_is_an_error(book: Any, command: Any) -> None:
    line = {"jurisdiction": "CN", "on_date": ON, "currency": "CNY", "klass": "doubtful", "stage": 3, "loans": 1}
    async with book.sessions.begin() as session:
        figures = {"principal_minor": 800_000, "rate": Decimal("0.5"), "amount_minor": 400_000}
        await classes.add_provision(session, [{**line, **figures}])
    answer = command("ledger", "classes", "--json")
    told = json.loads(answer.stdout)
    assert (answer.returncode, told["untied"], told["loans"]) == (0, [], [])
    assert [(one["class"], one["amount_minor"]) for one in told["provision"]] == [("doubtful", 400_000)]
    async with book.sessions.begin() as session:
        entry = impairment.written_off(5_000, loan_id=UUID(int=7), cause="nobody", on=ON, at=AT)
        await ledger.post(session, entry, currency="CNY")
    answer = command("ledger", "classes")
    assert answer.returncode == 1
    assert "loans.written_off" in answer.stdout
    assert "4,000.00" in answer.stdout
