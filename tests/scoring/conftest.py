"""A small trained model and hand-made lines."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from scoring.evidence import Evidence
from scoring.invoices import Invoices
from scoring.lines import PAYROLL, PRIVATE, PURCHASE, RENT, SALE, Lines
from scoring.model import Model
from scoring.training import Trained, train
from simulators.firms.population import population

FIRMS, MONTHS, SEED = 750, 9, 11


@pytest.fixture(scope="session")
def firms() -> dict[str, Any]:
    """A population of simulated firms, as the generator gives it."""
    return population(FIRMS, MONTHS, SEED)


@pytest.fixture(scope="session")
def outcome(firms) -> dict[str, np.ndarray]:
    known = firms["firms"]
    return {"as_of": known["as_of"], "default": known["default"], "trade": known["trade_names"][known["trade"]]}


@pytest.fixture(scope="session")
def evidence(firms) -> Evidence:
    """The lines and invoices of the population."""
    return Evidence(Lines.from_columns(firms["lines"]), Invoices.from_columns(firms["invoices"]))


@pytest.fixture(scope="session")
def trained(evidence, outcome) -> Trained:
    return train(evidence, outcome, SEED, origin={"label": "a test"}, trained_on="2025-07-01")


@pytest.fixture(scope="session")
def model(trained) -> Model:
    return Model.load(trained.model_bytes, trained.card)


@pytest.fixture(scope="session")
def one_firm(firms) -> Callable[[int], tuple[Lines, date]]:
    """The lines of one firm of the population, and its as-of date."""
    lines = Lines.from_columns(firms["lines"])

    def one_firm(number: int) -> tuple[Lines, date]:
        mine = lines.where(np.flatnonzero(lines.firm == number))
        alone = Lines(
            np.zeros(len(mine), np.int32), mine.day, mine.direction, mine.amount_minor, mine.kind, mine.counterparty
        )
        return alone, firms["firms"]["as_of"][number].astype(object)

    return one_firm


Row = tuple[datetime, int, int, int, bytes | None]


@pytest.fixture(scope="session")
def shop() -> Callable[..., list[Row]]:
    """Rows of a shop that sells the same every day, buys every Monday, pays rent on the 5th and wages on the 10th."""

    def shop(last: date = date(2025, 6, 30), days: int = 364, sales: int = 50_000, **monthly: int) -> list[Row]:
        rows: list[Row] = []
        for n in range(days):
            day = datetime.combine(last - timedelta(days=n), datetime.min.time())
            rows += [
                (day + timedelta(hours=hour), 1, sales // 4, SALE, (hour * 7 + n % 5).to_bytes(8, "big"))
                for hour in (9, 12, 15, 18)
            ]
            if day.weekday() == 0:
                rows.append((day, -1, sales * 3, PURCHASE, b"supplier"))
            if day.day == 5:
                rows.append((day, -1, monthly.get("rent", sales * 2), RENT, b"landlord"))
            if day.day == 10:
                rows.append((day, -1, monthly.get("wages", sales * 4), PAYROLL, b"employee"))
            if day.day == 20:
                rows.append((day, -1, monthly.get("private", sales), PRIVATE, b"familyyy"))
        return rows

    return shop
