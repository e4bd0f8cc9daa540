"""Courts and register ring for what is new since the decision; nobody asks without consent; silence rings nothing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from activities.private import Private
from activities.steps import Steps
from activities.watching_loans import LoanWatch
from activities.watching_registers import RegisterWatch
from db.tables import AccessRecord, Decision, EarlyWarning, Person
from gateways.courts import CourtRecord, SearchOrder
from gateways.failures import GatewayUnavailable
from gateways.registry import ExtractOrder, RegisterExtract
from policies.book import load
from simulators.courts import record
from simulators.numbers import an_id_number, code_check

CARE = load().care
AT = datetime(2027, 3, 2, 1, 0, tzinfo=UTC)
ON = date(2027, 3, 1)


class Outside:
    """Courts and register as the simulators answer; ``silent``: sources that do not."""

    def __init__(self, *silent: str) -> None:
        self.silent = silent
        self.asked: list[tuple[str, str]] = []
        self.state = "normal"

    async def search(self, order: SearchOrder) -> CourtRecord:
        self.asked.append(("courts", order.inquiry_id))
        if "courts" in self.silent:
            raise GatewayUnavailable("courts_interrupted")
        return CourtRecord(reference="SF1", at=AT, **record(order.id_number))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    async def extract(self, order: ExtractOrder) -> RegisterExtract:
        self.asked.append(("registry", order.inquiry_id))
        if "registry" in self.silent:
            raise GatewayUnavailable("registry_interrupted")
        return RegisterExtract(reference="R1", state=self.state, established_on=None, area=None, others=(), at=AT)


def licence(n: int) -> str:
    head = f"92330106{n:08d}0"
    return head + code_check(head)


async def owner(lender: Any, sequence: str, n: int, *, consent: bool = True) -> Any:
    """A borrower whose public record follows from the sequence number, with sales as ever."""
    one = await lender.borrower(decided=ON - timedelta(days=30), licence=licence(n))
    private = Private(lender.vault)
    async with lender.sessions.begin() as session:
        sealed = {
            f"{column}_sealed": await private.seal(session, one.person_id, f"person.{column}", one.person_id, text)
            for column, text in (("name", "李秀英"), ("id_number", an_id_number("330106", f"198001{n:02d}", sequence)))
        }
        await session.execute(update(Person).where(Person.id == one.person_id).values(**sealed))
    await lender.sells(one, {ON - timedelta(days=n): (100_000, 0) for n in range(30)})
    if consent:
        await lender.allows(one, "flows_analysis")
    return one


def watch(lender: Any, outside: Outside, **rules: Any) -> LoanWatch:
    rule = CARE.register_watch.model_copy(update=rules)
    registers = RegisterWatch(
        Steps(lender.sessions, lender.settings.clock_id), Private(lender.vault), outside, outside, rule
    )
    return LoanWatch(CARE.early_warning, registers=registers)


async def look(lender: Any, loans: LoanWatch, nights: int = 0) -> dict[str, Any]:
    later = timedelta(days=nights)
    async with lender.sessions.begin() as session:
        return await loans.look(session, ON + later, AT + later)


async def rung(lender: Any) -> dict[Any, str]:
    async with lender.sessions.begin() as session:
        rows = await session.scalars(select(EarlyWarning).where(EarlyWarning.cause == "register"))
        return {row.loan_id: row.figures["codes"] for row in rows}


async def test_what_courts_and_register_say_anew_becomes_a_warning_and_what_was_known_does_not(lender: Any) -> None:
    debtor, known, never = (
        await owner(lender, "902", 11),
        await owner(lender, "902", 12),
        await owner(lender, "902", 13, consent=False),
    )
    async with lender.sessions.begin() as session:
        await session.execute(
            update(Decision)
            .where(Decision.application_id == known.application_id)
            .values(ratios={"dishonest": True, "enforced_minor": 5_200_000, "register_state": "normal"})
        )
    outside = Outside()
    loans = watch(lender, outside)
    done = await look(lender, loans)
    assert done == {"loans": 3, "warnings": 1, "asked_about": 2, "courts_answered": 2, "registry_answered": 2}
    assert await rung(lender) == {debtor.loan_id: "dishonest_list,enforced_debtor"}
    async with lender.sessions.begin() as session:
        read = set(await session.scalars(select(AccessRecord.person_id).where(AccessRecord.purpose == "early_warning")))
    assert read == {debtor.person_id, known.person_id}  # the owner sees who was asked about; the third was not
    assert never.person_id not in read
    # Not every night; after a week again, and the register tells something new of both.
    outside.state = "revoked"
    assert (await look(lender, loans, 1))["asked_about"] == 0
    assert (await look(lender, loans, 8))["asked_about"] == 2
    assert (await rung(lender))[known.loan_id] == "register_revoked"


async def test_a_silent_source_is_no_warning_and_is_counted_and_asked_about_first_the_next_night(lender: Any) -> None:
    made = [await owner(lender, "902", n) for n in range(11, 15)]
    outside = Outside("courts", "registry")
    loans = watch(lender, outside)
    done = await look(lender, loans)
    assert (done["warnings"], done["asked_about"]) == (0, 4)
    assert (done["courts_silent"] + done.get("courts_left_alone", 0), done["courts_silent"] >= 3) == (4, True)
    assert await rung(lender) == {}
    outside.silent = ()
    assert (await look(lender, loans, 1))["courts_answered"] == 4
    assert set(await rung(lender)) == {one.loan_id for one in made}


async def test_a_night_asks_no_more_than_its_limit_and_a_consent_that_ended_ends_the_questions(lender: Any) -> None:
    made = [await owner(lender, "111", n) for n in range(11, 14)]
    outside = Outside()
    loans = watch(lender, outside, at_most_a_night=2)
    assert (await look(lender, loans))["asked_about"] == 2
    assert (await look(lender, loans, 1))["asked_about"] == 1  # whose turn had not come
    lender.database.execute("update consent set withdrawn_at = now() - interval '1 day', given_at = '2026-01-01'")
    lender.database.execute(f"update consent set withdrawn_at = null where person_id = '{made[0].person_id}'")
    assert (await look(lender, loans, 9))["asked_about"] == 1
    assert len({inquiry for source, inquiry in outside.asked if source == "courts"}) == 4


@pytest.mark.parametrize(("monthly_minor", "codes"), [(108_000_000, {"open_claims"}), (109_000_000, set[str]())])
async def test_open_claims_ring_from_a_part_of_a_years_net_revenue(
    lender: Any, monthly_minor: int, codes: set[str]
) -> None:
    one = await owner(lender, "922", 11)  # sued for 2.6 million yuan: a fifth of a year at 1.083 million a month
    async with lender.sessions.begin() as session:
        await session.execute(
            update(Decision)
            .where(Decision.application_id == one.application_id)
            .values(ratios={"monthly_net_revenue_minor": monthly_minor})
        )
    await look(lender, watch(lender, Outside()))
    assert set((await rung(lender)).values()) == codes
