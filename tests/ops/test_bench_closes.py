"""What the bench says of closes and revenue is what happened: all loans closed, all days taken, a floor as well."""

from datetime import timedelta

import psycopg
import pytest

from ops.bench import closing, ingesting, loans
from ops.stack import testing


def rows(database: testing.Database, query: str) -> int:
    with psycopg.connect(database.server.url("postgres", database.name, driver="postgresql")) as connection:
        return int(connection.execute(query.encode()).fetchall()[0][0])


@pytest.mark.long
async def test_a_close_that_is_measured_closes_every_loan_and_its_floor_writes_the_same_rows(
    database: testing.Database,
) -> None:
    time, memory = await closing.closed(database, "close-10k", 4_100, 3)
    assert time.ratio is not None
    assert 0 < memory.ours < 2_048
    closed = f"select count(*) from loan_balance where as_of = '{loans.CLOSED_ON}'"
    assert rows(database, closed) == 4_100, "what the floor copied back is what the close had written"
    assert rows(database, "select count(*) from close_shard") == 3
    asked = rows(database, "select count(*) from collection")
    assert 4_000 < asked <= 4_100
    assert rows(database, "select count(*) from revenue_day where swept_on is not null") == 4_100


def test_the_loans_of_a_seed_are_the_same_loans(postgres: testing.Databases) -> None:
    sums: list[int] = []
    for _ in range(2):
        database = postgres.fresh()
        loans.make(database, 500, 7)
        sums.append(
            rows(database, "select sum(principal_minor) + (select sum(sales_minor) from revenue_day) from loan")
        )
    assert sums[0] == sums[1]
    day = loans.CLOSED_ON - timedelta(days=1)
    assert rows(database, f"select count(*) from loan_balance where as_of = '{day}'") == 500


async def test_days_that_were_not_taken_are_no_measurement(
    postgres: testing.Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await ingesting.taken(postgres.fresh(), 3, rows=300, rounds=2)
    assert found.ratio is not None and found.unit == "rows/s"
    monkeypatch.setattr(ingesting, "_body", lambda accounts: b'{"rows": [{}]}')
    with pytest.raises(ingesting.NotTaken):
        await ingesting.taken(postgres.fresh(), 3, rows=300, rounds=1)
