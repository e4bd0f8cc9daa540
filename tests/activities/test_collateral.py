"""Collateral on real rows, with registers that answer: valued, signed on, registered before money, undone, freed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from activities import letting_go
from activities.collateral_steps import CollateralSteps, Offices
from activities.ports.collateral import AddedLater, Appraised, CollateralCase, CollateralStanding, CollateralTaskEnded
from activities.ports.contracts import Signature
from activities.ports.payouts import PayoutCase, PayoutState
from activities.securing import Securing
from activities.valuing import Valuing
from db import clocks, collateral, commands, offline
from db.collateral import Thing
from db.tables import (
    Application,
    Appraisal,
    BankAccount,
    Collateral,
    Command,
    Entry,
    Firm,
    Loan,
    LoanBalance,
    Notice,
    Payout,
    PayoutRelease,
    Task,
    TaskEvidence,
    TimelineEvent,
)
from gateways.failures import GatewayUnavailable
from gateways.fields import HttpFields
from gateways.pledges import HttpPledges
from gateways.titles import HttpTitles
from infra.settings import Settings
from lending.calendars import Jurisdiction, business_date
from lending.collateral import Registry
from lending.refusals import (
    CollateralKnown,
    CollateralNotShort,
    CollateralNotValued,
    PartiesNotSigned,
    PayeeMissing,
    SameValuer,
    ValuationOpen,
)
from simulators.fields import FieldsParty
from simulators.pledges import PledgesParty
from simulators.titles import TitlesParty
from tests.activities.test_paying_sellers import settings
from tests.activities.test_releasing import Counter, answered, counter, employee, prove

__all__ = ["counter", "settings"]

PRODUCT, FIRM = "collateral_backed", "昆山精工机械有限公司"
PARCEL = (("120.9501", "31.3801"), ("120.9701", "31.3801"), ("120.9701", "31.3941"), ("120.9501", "31.3941"))
WORKSHOP = {"area_m2": 1_000, "use": "workshop"}  # ¥4,000,000 by the desktop model
PLANT = {"bought_minor": 250_000_000, "bought_on": "2026-11-30"}


class Stake:
    """An application for a secured loan, and the registers that know its pieces."""

    def __init__(self, counter: Counter, signature: Signature, settings: Settings, world: dict[str, Any]) -> None:
        self.counter, self.signature, self.world = counter, signature, world
        titles = {one: HttpTitles(world[one.value], one.value) for one in Registry if one is not Registry.PLEDGES}
        offices = Offices(titles, HttpPledges(world["pledges"]), HttpFields(world["fields"]))
        do = CollateralSteps(counter.steps, counter.vault, offices, counter.book, settings)
        self.valuing, self.securing = Valuing(do), Securing(do)

    @property
    def application_id(self) -> UUID:
        return self.signature.application_id

    async def today(self) -> date:
        async with self.counter.steps.sessions.begin() as session:
            return business_date(await clocks.now(session, self.counter.steps.clock_id), Jurisdiction.CN)

    async def offer(self, kind: str, facts: dict[str, Any], title: str | None = None, **other: Any) -> UUID:
        piece_id = uuid4()
        async with self.counter.steps.sessions.begin() as session:
            application = await session.get_one(Application, self.application_id)
            now = await clocks.now(session, self.counter.steps.clock_id)
            row = {
                "id": piece_id, "application_id": application.id, "person_id": application.person_id, "kind": kind,
                "ownership": "own", "facts": facts, "currency": "CNY", "created_at": now, "changed_at": now,
            }  # fmt: skip
            former = other.pop("former_names", ())
            owner = other.pop("owner", FIRM)
            thing = Thing("一号厂房", title or f"苏{piece_id.hex}100", "昆山市", owner, PARCEL, former)
            if not await collateral.offer(session, self.counter.vault, thing, {**row, **other}):
                raise CollateralKnown()
        return piece_id

    async def row(self, piece_id: UUID) -> Collateral:
        async with self.counter.steps.sessions.begin() as session:
            return await session.get_one(Collateral, piece_id)

    async def change(self, piece_id: UUID, **values: Any) -> None:
        async with self.counter.steps.sessions.begin() as session:
            await session.execute(update(Collateral).where(Collateral.id == piece_id).values(**values))

    async def check(self, piece_id: UUID) -> CollateralStanding:
        return await self.valuing.check_collateral(CollateralCase(piece_id, uuid4()))

    async def visited(self, piece_id: UUID, result: str = "done") -> CollateralStanding:
        """Whoever was sent has been there."""
        task_id = (await self.row(piece_id)).task_id
        assert task_id is not None
        async with self.counter.steps.sessions.begin() as session:
            task = await session.get_one(Task, task_id)
            task.state, task.outcome = "done", {"result": result}
        return await self.valuing.hear_collateral_task(CollateralTaskEnded(piece_id, task_id, "done"))

    async def appraise(
        self, piece_id: UUID, yuan: int, valuer: str = "中企华评估", **report: str
    ) -> CollateralStanding:
        command_id, day = uuid4(), await self.today()
        async with self.counter.steps.sessions.begin() as session:
            wall = (await clocks.read(session, self.counter.steps.clock_id)).real_now
            detail = {
                "value_minor": yuan * 100, "valuer": valuer, "reference": "PG-2026-77", "valued_on": day.isoformat(),
                "by": "staff:x", **report,
            }  # fmt: skip
            await commands.add_command(
                session, command_id=command_id, workflow_type="Collateral", workflow_id=f"collateral/{piece_id}",
                name="appraise", argument={}, detail=detail, start=None, principal="staff:x", now=wall,
                next_attempt_at=wall,
            )  # fmt: skip
        return await self.valuing.appraise_collateral(Appraised(piece_id, command_id))

    async def valued(self, kind: str, facts: dict[str, Any], yuan: int, **other: Any) -> UUID:
        piece = await self.offer(kind, facts, **other)
        await self.check(piece)
        await self.visited(piece)
        assert (await self.appraise(piece, yuan)).state == "valued"
        return piece

    async def is_a(self, kind: str) -> None:
        """Who asks; a company's account is its own."""
        async with self.counter.steps.sessions.begin() as session:
            application = await session.get_one(Application, self.signature.application_id)
            firm = await session.get_one(Firm, application.firm_id)
            account = await session.get_one(BankAccount, application.bank_account_id)
            firm.kind, account.firm_id = kind, firm.id if kind == "company" else None

    async def signs(self) -> Payout:
        await prove(self.counter, self.signature)
        return await self.counter.sign(self.signature)

    async def register(self, piece_id: UUID) -> CollateralStanding:
        return await self.securing.register_collateral(CollateralCase(piece_id, uuid4()))

    async def claim(self, payout: Payout) -> PayoutState:
        return await self.counter.payouts.claim_payout(PayoutCase(payout.id))

    async def past_the_hour(self, payout: Payout) -> None:
        async with self.counter.steps.sessions.begin() as session:
            now = await clocks.now(session, self.counter.steps.clock_id)
            await session.execute(update(Payout).where(Payout.id == payout.id).values(pay_at=now))

    async def said(self) -> list[tuple[str, str]]:
        """(workflow's kind, update) of what stories were told for this application, as it was written."""
        async with self.counter.steps.sessions.begin() as session:
            mine = select(Collateral.id).where(Collateral.application_id == self.application_id)
            ids = [f"collateral/{found}" for found in await session.scalars(mine)]
            loan = await session.scalar(select(Payout.id).where(Payout.application_id == self.application_id))
            query = select(Command.workflow_type, Command.name).where(
                Command.workflow_id.in_([*ids, f"payout/{loan}"]), Command.principal == "system"
            )
            return [(row[0], row[1]) for row in await session.execute(query.order_by(Command.created_at))]

    async def notices(self) -> list[str]:
        async with self.counter.steps.sessions.begin() as session:
            mine = Notice.application_id == self.application_id
            return [kind for kind in await session.scalars(select(Notice.kind).where(mine)) if "collateral" in kind]

    async def told(self) -> list[str]:
        async with self.counter.steps.sessions.begin() as session:
            mine = TimelineEvent.application_id == self.application_id
            return list(await session.scalars(select(TimelineEvent.kind).where(mine).order_by(TimelineEvent.n)))

    async def book(self, office: str = "estates") -> list[dict[str, Any]]:
        return (await self.world[office].get("/book")).json()["charges"]


@pytest.fixture
async def stake(counter: Counter, settings: Settings, tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Stake]]]:
    """``await stake()``: an application for ¥3,200,000 that only waits for its signature."""
    parties: dict[str, Any] = {
        "pledges": PledgesParty(tmp_path),
        "fields": FieldsParty(tmp_path),
        **{office: TitlesParty(tmp_path, office, office[0].upper()) for office in ("estates", "patents", "vehicles")},
    }
    world = {
        name: httpx2.AsyncClient(transport=httpx2.ASGITransport(app=party.app), base_url="http://world")
        for name, party in parties.items()
    }

    async def make(yuan: int = 3_200_000) -> Stake:
        owner = await counter.owner()
        signature = await counter.ready(owner, await counter.account(owner, used=True), yuan, PRODUCT)
        made = Stake(counter, signature, settings, world)
        await made.is_a("company")  # a person is paid themselves up to ¥500,000 only (P14)
        return made

    yield make
    for line in world.values():
        await line.aclose()
    for party in parties.values():
        await party.stop()


async def test_b4_a_valuation_outside_fifteen_percent_asks_a_second_valuer_and_keeps_both(stake) -> None:
    place = await stake()
    piece = await place.offer("real_estate", WORKSHOP)
    checked = await place.check(piece)
    assert (checked.state, checked.task_id is not None) == ("valuing", True)
    with pytest.raises(ValuationOpen):
        await place.appraise(piece, 4_000_000)
    await place.visited(piece)
    first = await place.appraise(piece, 4_800_000)
    assert first.state == "second"
    assert first.task_id != checked.task_id, "another visit, by another firm"
    assert "collateral_second_valuer" in await place.notices()
    await place.visited(piece)
    with pytest.raises(SameValuer):
        await place.appraise(piece, 4_000_000, " 中企华评估 ")
    assert (await place.appraise(piece, 4_200_000, "天健兴业评估")).state == "valued"
    row = await place.row(piece)
    assert (row.desktop_minor, row.value_minor) == (400_000_000, 420_000_000), "the lower one counts"
    async with place.counter.steps.sessions.begin() as session:
        kept = [(one.n, one.value_minor) for one in await collateral.appraisals(session, piece)]
    assert kept == [(0, 400_000_000), (1, 480_000_000), (2, 420_000_000)], "the model's and both valuers'"


async def test_what_a_register_bars_is_refused_before_anybody_is_sent(stake) -> None:
    place = await stake()
    for ending, bar in (("901", "unknown"), ("902", "sealed"), ("905", "not_theirs")):
        checked = await place.check(await place.offer("real_estate", WORKSHOP, f"苏2019{uuid4().hex}{ending}"))
        assert (checked.state, checked.problem, checked.task_id) == ("refused", bar, None)
    title = f"苏{uuid4().hex}100"
    for lender in ("甲银行", "乙银行"):
        claim = {"title": title, "lender": lender, "max_minor": 10_000_000}
        await place.world["estates"].post("/elsewhere", json=claim)
    assert (await place.check(await place.offer("real_estate", WORKSHOP, title))).problem == "rank"


async def test_p19_a_machine_that_is_pledged_under_a_former_name_is_found_and_not_taken(stake) -> None:
    place = await stake()
    number = f"DMU{uuid4().hex[:12]}"
    claim = {"pledgor": "昆山精工五金厂", "subject": number, "lender": "某某银行"}
    done = await place.world["pledges"].post("/elsewhere", json=claim)
    assert done.status_code < 300, done.text
    unsaid = await place.offer("equipment", PLANT, number)
    assert (await place.check(unsaid)).state == "valuing", "under the name of today nothing stands"
    await place.change(unsaid, state="lapsed")
    said = await place.offer("equipment", PLANT, number, former_names=("昆山精工五金厂",))
    checked = await place.check(said)
    assert (checked.state, checked.problem) == ("refused", "rank")


async def test_p18_prior_maximum_claims_and_a_lease_lower_what_is_lent(stake) -> None:
    place = await stake()
    title = f"苏{uuid4().hex}904"
    await place.world["estates"].post("/elsewhere", json={"title": title, "lender": "甲银行", "max_minor": 50_000_000})
    piece = await place.valued("real_estate", WORKSHOP, 4_000_000, title=title)
    row = await place.row(piece)
    assert (row.prior_minor, row.earlier, row.leased_until) == (50_000_000, 1, date(2030, 12, 31))
    async with place.counter.steps.sessions.begin() as session:
        found, _ = await collateral.covers(
            session, place.application_id, place.counter.book.collateral, await place.today()
        )
    assert found == 400_000_000 * 7 * 8 // 100 - 50_000_000


async def test_the_same_thing_secures_one_loan_whoever_brings_it_and_however_it_is_written(stake) -> None:
    place, other = await stake(), await stake()
    number = f"苏(2019)昆山{uuid4().hex}100号"
    twice = number.replace("(", "（").replace(")", "）").upper()
    first = await place.valued("real_estate", WORKSHOP, 4_600_000, title=number)
    with pytest.raises(CollateralKnown):  # one's own
        await place.offer("real_estate", WORKSHOP, twice)
    second = await other.valued("real_estate", WORKSHOP, 4_600_000, title=twice)
    async with place.counter.steps.sessions.begin() as session:
        for mine in (place, other):  # a person looks at both, whoever typed the number first
            assert [one.id for one in await collateral.doubled(session, mine.application_id)] in ([first], [second])
    await place.signs()
    assert (await place.row(first)).state == "securing"
    with pytest.raises(CollateralKnown):
        await other.signs()
    assert (await other.row(second)).state == "valued", "and nothing of the second was signed"
    with pytest.raises(IntegrityError):
        await other.change(second, state="securing")


async def test_p18_what_somebody_else_owns_or_shares_needs_their_signature(stake) -> None:
    place = await stake()
    shared = await place.valued("real_estate", WORKSHOP, 4_000_000, title=f"苏{uuid4().hex}903")
    assert (await place.row(shared)).ownership == "co_owned", "the register knows of a co-owner whom nobody named"
    await place.valued("equipment", PLANT, 2_500_000)
    with pytest.raises(PartiesNotSigned) as wrong:
        await place.signs()
    assert wrong.value.params["role"] == "mortgagor"


async def test_nothing_is_signed_that_valued_pieces_do_not_carry(stake) -> None:
    place = await stake()
    await place.valued("real_estate", WORKSHOP, 4_000_000)
    with pytest.raises(CollateralNotValued) as short:
        await place.signs()
    assert short.value.params["carries_minor"] == 280_000_000


async def both(place: Stake) -> tuple[UUID, UUID, Payout]:
    """¥3.2 m against workshop and machines, signed."""
    workshop = await place.valued("real_estate", WORKSHOP, 4_000_000)
    plant = await place.valued("equipment", PLANT, 2_500_000)
    payout = await place.signs()
    await place.past_the_hour(payout)
    return workshop, plant, payout


async def test_p14_above_half_a_million_a_persons_seller_is_paid_and_a_company_is_paid_itself(stake) -> None:
    place = await stake(600_000)
    await place.valued("real_estate", WORKSHOP, 4_000_000)
    await place.is_a("sole_trader")
    with pytest.raises(PayeeMissing) as no:
        await place.signs()
    assert no.value.params["limit_minor"] == 50_000_000
    await place.is_a("company")
    assert (await place.signs()).amount_minor == 60_000_000


async def test_b6_no_payment_before_every_number_and_a_search_of_at_most_one_working_day(stake) -> None:
    place = await stake()
    workshop, plant, payout = await both(place)
    assert (await place.said())[:2] == [("Collateral", "secure")] * 2, "signing sets their registration going"
    rows = [await place.row(workshop), await place.row(plant)]
    assert sum(row.ours_minor for row in rows) == 320_000_000
    waiting = await place.claim(payout)
    assert (waiting.state, waiting.reason) == ("scheduled", "unsecured")
    assert (await place.register(workshop)).state == "registered"
    assert (await place.claim(payout)).reason == "unsecured", "the machines are not registered yet"
    assert (await place.register(plant)).state == "registered"
    assert ("Payout", "look_again") in await place.said()
    assert (await place.claim(payout)).reason == "unreleased", "and then a second person looks, as at any such sum"
    async with place.counter.steps.sessions.begin() as session:
        row = await session.get_one(PayoutRelease, payout.id)
        assert row.due_at - row.created_at >= timedelta(days=3), "they have their whole time"
    week = (await place.row(workshop)).searched_at - timedelta(days=7)
    await place.change(workshop, searched_at=week)
    assert (await place.claim(payout)).reason == "unsecured", "a search of last week is none"
    assert ("Collateral", "search") in await place.said()
    searched = await place.securing.search_collateral(CollateralCase(workshop, uuid4()))
    assert searched.state == "registered"
    await answered(place.counter, payout, "approve", await employee(place.counter, "5007"))
    await answered(place.counter, payout, "release", await employee(place.counter, "5008"))
    assert (await place.claim(payout)).state == "submitting"


async def test_p33_money_that_could_leave_stays_while_a_number_on_the_spot_is_another_ones(stake) -> None:
    place = await stake()
    workshop, plant, payout = await both(place)
    for piece in (workshop, plant):
        assert (await place.register(piece)).state == "registered"
    await answered(place.counter, payout, "approve", await employee(place.counter, "5007"))
    await answered(place.counter, payout, "release", await employee(place.counter, "5008"))
    copied = uuid4()
    async with place.counter.steps.sessions.begin() as session:
        row = await session.get_one(Collateral, workshop)
        task = await session.scalar(select(Task).where(Task.application_id == row.application_id).limit(1))
        assert task is not None
        now = await clocks.now(session, place.counter.steps.clock_id)
        await offline.keep(
            session, id=copied, task_id=task.id, person_id=row.person_id, kind="serial", by="staff:x",
            received_at=now, collateral_id=workshop, matches=False,
        )  # fmt: skip
    assert (await place.claim(payout)).reason == "unsecured", "whoever let it go, it stays"
    async with place.counter.steps.sessions.begin() as session:
        kept = await session.get_one(TaskEvidence, copied)
        kept.explained_sealed, kept.explained_by, kept.explained_at = b"x", "staff:x", now
    assert (await place.claim(payout)).state == "submitting"


async def test_b6_if_registration_fails_everything_is_undone_and_nothing_is_charged(stake) -> None:
    place = await stake()
    workshop = await place.valued("real_estate", WORKSHOP, 4_000_000)
    plant = await place.valued("vehicle", PLANT, 2_500_000, title=f"苏E{uuid4().hex}909")
    payout = await place.signs()
    assert (await place.register(workshop)).state == "registered"
    failed = await place.register(plant)
    assert (failed.state, failed.problem) == ("failed", "registration_refused")
    gone = await place.claim(payout)
    assert (gone.state, gone.reason) == ("cancelled", "not_secured")
    await place.counter.payouts.settle_payout(PayoutCase(payout.id))
    assert ("Collateral", "unwind") in await place.said()
    unwound = await place.securing.unwind_collateral(CollateralCase(workshop, uuid4()))
    assert unwound.state == "unwound"
    assert [one["cancelled"] for one in await place.book()] == [1], "what was registered before is cancelled"
    async with place.counter.steps.sessions.begin() as session:
        application = await session.get_one(Application, place.application_id)
        assert (application.stage, application.note) == ("withdrawn", {"reason": "not_secured"}), "ended by its name"
        entries = select(func.count()).where(Entry.loan_id == payout.loan_id)
        assert await session.scalar(entries) == 0, "nothing was charged"
        assert (await session.get_one(Loan, payout.loan_id)).state == "cancelled"
    assert {"collateral_refused", "collateral_unwound"} <= set(await place.notices())


async def test_b6_somebody_who_came_before_us_in_between_ends_it(stake) -> None:
    place = await stake()
    workshop, _, payout = await both(place)
    thing = await _thing(place, workshop)
    claim = {"title": thing.title, "lender": "某某银行", "max_minor": 300_000_000}
    await place.world["estates"].post("/elsewhere", json=claim)
    failed = await place.register(workshop)
    assert (failed.state, failed.problem) == ("failed", "rank")
    assert [one["lender"] for one in await place.book() if not one["cancelled"]] == ["某某银行"]
    assert (await place.claim(payout)).state == "cancelled"


async def _thing(place: Stake, piece_id: UUID) -> Thing:
    async with place.counter.steps.sessions.begin() as session:
        row = await session.get_one(Collateral, piece_id)
        return await collateral.thing_of(session, place.counter.vault, row)


async def test_a_register_that_looks_at_it_is_asked_again_and_somebody_goes_to_its_window(stake) -> None:
    place = await stake()
    workshop, _, _ = await both(place)
    await place.world["estates"].post("/faults", json={"mode": "under_review", "times": 2})
    waits = await place.register(workshop)
    assert (waits.state, waits.task_id is not None) == ("securing", True)
    assert (await place.register(workshop)).task_id == waits.task_id, "one person goes, not two"
    assert (await place.register(workshop)).state == "registered"
    assert (await place.row(workshop)).task_id is None


async def test_a_register_that_is_not_done_in_time_undoes_it(stake) -> None:
    place = await stake()
    workshop, _, _ = await both(place)
    await place.world["estates"].post("/faults", json={"mode": "under_review"})
    await place.register(workshop)
    await place.change(workshop, register_by=(await place.row(workshop)).created_at)
    late = await place.register(workshop)
    assert (late.state, late.problem) == ("failed", "register_too_late")


async def test_x1_a_registration_that_breaks_off_is_taken_up_and_not_made_twice(stake) -> None:
    place = await stake()
    _, plant, _ = await both(place)
    await place.world["pledges"].post("/faults", json={"mode": "down", "times": 1})
    with pytest.raises(GatewayUnavailable):
        await place.register(plant)
    assert (await place.register(plant)).state == "registered"
    assert (await place.register(plant)).state == "registered"
    registrations = (await place.world["pledges"].get("/book")).json()["registrations"]
    assert len(registrations) == 1


async def lent(place: Stake) -> tuple[UUID, UUID, Payout]:
    """And the money arrived."""
    workshop, plant, payout = await both(place)
    await place.register(workshop)
    await place.register(plant)
    async with place.counter.steps.sessions.begin() as session:
        loan = await session.get_one(Loan, payout.loan_id)
        loan.state, loan.live_on = "live", date(2026, 12, 1)
        session.add(
            LoanBalance(
                loan_id=loan.id, as_of=date(2026, 12, 1), accrued_units=0, interest_paid_minor=0, paid_minor=0,
                principal_minor=loan.principal_minor, carry_minor=0, uncollected_minor=0, in_flight_minor=0,
                windows_passed=0, past_due_since=None, past_due_minor=0, days_past_due=0, status="as_agreed",
            )
        )  # fmt: skip
    return workshop, plant, payout


async def test_b8_a_revaluation_shortfall_opens_a_cure_task_and_calls_nothing(stake) -> None:
    place = await stake()
    workshop, _, payout = await lent(place)
    row = await place.row(workshop)
    assert row.revalue_on is not None and (row.revalue_on - row.valued_on).days in (365, 366), "at least yearly (P18)"
    again = await place.valuing.revalue_collateral(CollateralCase(workshop, uuid4()))
    assert (again.state, again.task_id is not None) == ("registered", True), "a valuer goes where one went before"
    await place.visited(workshop)
    cure = await place.appraise(workshop, 3_450_000)  # within the band, and it still carries enough
    row = await place.row(workshop)
    assert (cure.state, row.value_minor, row.short_minor) == ("registered", 345_000_000, 0)
    await place.change(workshop, revaluing=True, round=row.round + 1, desktop_minor=300_000_000, task_id=None)
    cure = await place.appraise(workshop, 2_700_000)
    row = await place.row(workshop)
    assert row.short_minor == 320_000_000 - 270_000_000 * 7 // 10 - 125_000_000
    assert row.cure_on == await place.today() + timedelta(days=30)
    async with place.counter.steps.sessions.begin() as session:
        task = await session.get_one(Task, cure.task_id)
        loan = await session.get_one(Loan, payout.loan_id)
        assert (task.kind, task.state, loan.state) == ("cure", "open", "live"), "a task, and the loan runs on"
        assert await session.scalar(select(func.count()).where(Entry.loan_id == loan.id)) == 0
        await session.execute(
            update(LoanBalance).where(LoanBalance.loan_id == loan.id).values(principal_minor=300_000_000)
        )
    assert "collateral_shortfall" in await place.notices()
    await place.visited(workshop)
    row = await place.row(workshop)
    assert (row.short_minor, row.cure_on, row.task_id) == (0, None, None), "what was repaid cures it"


async def test_a_paid_loan_gives_its_collateral_back_and_cancels_the_registration(stake) -> None:
    place = await stake()
    workshop, plant, _ = await lent(place)
    for piece in (workshop, plant):
        assert (await place.securing.release_collateral(CollateralCase(piece, uuid4()))).state == "released"
        assert (await place.securing.release_collateral(CollateralCase(piece, uuid4()))).state == "released"
    assert [one["cancelled"] for one in await place.book()] == [1]
    assert (await place.notices()).count("collateral_released") == 2


async def test_an_application_that_ends_tells_its_pieces_so(stake) -> None:
    place = await stake()
    piece = await place.offer("real_estate", WORKSHOP)
    await place.check(piece)
    async with place.counter.steps.sessions.begin() as session:
        application = await session.get_one(Application, place.application_id)
        now = await clocks.now(session, place.counter.steps.clock_id)
        for _ in range(2):
            await letting_go.release(session, application, place.signature.cause, now)
    assert await place.said() == [("Collateral", "unwind")]
    gone = await place.securing.unwind_collateral(CollateralCase(piece, uuid4()))
    assert (gone.state, await place.book()) == ("unwound", [])


async def test_b8_another_piece_cures_a_shortfall_after_the_payout_and_nothing_less_does(stake) -> None:
    place = await stake()
    workshop, _, _ = await lent(place)
    spare = await place.valued("equipment", PLANT, 2_500_000)
    with pytest.raises(CollateralNotShort):
        await place.securing.add_collateral(AddedLater(spare, uuid4(), uuid4()))
    row = await place.row(workshop)
    await place.change(workshop, revaluing=True, round=row.round + 1, desktop_minor=300_000_000, task_id=None)
    await place.appraise(workshop, 2_700_000)
    short = (await place.row(workshop)).short_minor
    assert short > 0, "one that is valued and not registered carries nothing yet"
    added = AddedLater(spare, uuid4(), uuid4())
    assert (await place.securing.add_collateral(added)).state == "securing"
    assert (await place.securing.add_collateral(added)).state == "securing", "said twice, it is one"
    row = await place.row(spare)
    assert (row.ours_minor, row.code_id) == (short, added.code_id), "registered for what is short, under its own code"
    before = (await place.said()).count(("Payout", "look_again"))
    assert (await place.register(spare)).state == "registered"
    told = await place.said()
    assert ("Collateral", "hold") in told
    assert told.count(("Payout", "look_again")) == before, "the money left long ago"
    held = await place.securing.hold_against(CollateralCase(workshop, uuid4()))
    row = await place.row(workshop)
    assert (held.state, held.task_id, row.short_minor, row.cure_on) == ("registered", None, 0, None)
    assert "collateral_cured" in await place.notices()
    assert "collateral_cured" in await place.told()


@pytest.mark.parametrize(("result", "state"), [("not_possible", "refused"), ("done", "valuing")])
async def test_a_visit_that_was_not_possible_ends_it_and_one_that_was_leaves_the_figure(stake, result, state) -> None:
    place = await stake()
    piece = await place.offer("equipment", PLANT)
    await place.check(piece)
    assert (await place.visited(piece, result)).state == state


async def test_a_crop_is_read_from_above_and_a_reading_of_sixteen_days_is_read_anew_before_money(stake) -> None:
    place = await stake(200_000)
    field = await place.offer("crop", {})
    assert (await place.check(field)).state == "valued", "the model alone, from what is seen"
    row = await place.row(field)
    assert set(row.reading) == {"crop", "area_m2", "stage", "confidence", "seen_on"}
    payout = await place.counter.sign(place.signature)
    await place.past_the_hour(payout)
    await place.register(field)
    old = {**row.reading, "seen_on": (await place.today() - timedelta(days=16)).isoformat()}
    await place.change(field, reading=old)
    assert (await place.claim(payout)).reason == "unsecured"
    await place.securing.search_collateral(CollateralCase(field, uuid4()))
    assert (await place.claim(payout)).state == "submitting"


async def test_a_field_under_clouds_is_no_ground_to_lend_on(stake) -> None:
    place = await stake()
    await place.world["fields"].post("/faults", json={"mode": "clouds", "times": 1})
    checked = await place.check(await place.offer("crop", {}))
    assert (checked.state, checked.problem) == ("refused", "unreadable")


async def test_a_patent_has_no_model_so_two_firms_value_it_and_it_is_registered_at_its_office(stake) -> None:
    place = await stake(200_000)
    patent = await place.offer("ip", {})
    assert (await place.check(patent)).state == "valuing"
    assert (await place.appraise(patent, 4_000_000)).state == "second"
    assert (await place.appraise(patent, 3_000_000, "连城资产评估")).state == "valued"
    assert (await place.row(patent)).value_minor == 300_000_000
    await place.counter.sign(place.signature)
    assert (await place.register(patent)).state == "registered"
    assert [one["max_minor"] for one in await place.book("patents")] == [20_000_000]


async def test_every_value_stays_as_it_was_said(stake) -> None:
    place = await stake()
    piece = await place.valued("real_estate", WORKSHOP, 4_000_000)
    async with place.counter.steps.sessions.begin() as session:
        with pytest.raises(Exception, match="permission denied"):
            await session.execute(update(Appraisal).where(Appraisal.collateral_id == piece).values(value_minor=1))


@pytest.mark.parametrize("same", ["file", "number"])
async def test_b4_of_two_figures_that_come_at_one_instant_with_one_report_one_is_kept(
    stake: Callable[..., Awaitable[Stake]], same: str
) -> None:
    it = await stake()
    pieces = [await it.offer("real_estate", WORKSHOP) for _ in range(2)]
    for piece in pieces:
        await it.check(piece)
        await it.visited(piece)
    number, digest = f"中企华评字[{uuid4().hex[:8]}]1号", uuid4().hex * 2

    def report(n: int) -> dict[str, str]:
        written = (number, number.replace("[", "（").replace("]", "） "))[n]
        return {
            "valuer_id": "zhongqihua", "licence": "L-1", "report_key": f"valuations/{uuid4()}",
            "report_type": "image/jpeg",
            "reference": written if same == "number" else f"R-{uuid4().hex}",
            "report_sha256": digest if same == "file" else uuid4().hex * 2,
        }  # fmt: skip

    heard = await asyncio.gather(
        *(it.appraise(piece, 4_000_000, **report(n)) for n, piece in enumerate(pieces)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in heard) == ["CollateralStanding", "ReportUsed"], heard
    assert sorted([(await it.row(piece)).state for piece in pieces]) == ["valued", "valuing"]
    async with it.counter.steps.sessions.begin() as session:
        kept = (await session.scalars(select(Appraisal).where(Appraisal.valuer_id == "zhongqihua"))).all()[0]
        with pytest.raises(IntegrityError):  # and the table itself says so
            await collateral.appraise(
                session, await session.get_one(Collateral, pieces[0]), id=uuid4(), n=7, value_minor=1, valuer="x",
                reference=kept.reference, valued_on=kept.valued_on, valuer_id=kept.valuer_id, licence="L-1",
                report_key="k", report_sha256=uuid4().hex * 2, report_type="image/jpeg", by="x", at=kept.at,
            )  # fmt: skip
