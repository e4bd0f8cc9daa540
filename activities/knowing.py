"""What is known of a firm before anybody judges it: its evidence, and what the score and the rules read from it.

All of it depends on nothing but bills, invoices, the owner's words, a date and a model, and is kept in this process.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

import numpy as np
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from activities import allowing
from activities.champion import UNSCORED, Champion
from db import applications, flows, invoices, suspicions
from db.flows import LineRow
from db.invoices import InvoiceRow
from db.scoring_models import Post
from db.tables import Application, Firm
from lending.calendars import Jurisdiction, add_months, business_date
from lending.flows import confidence_with, raised_percent
from lending.hard_rules import MONTHS_OF_PURCHASES
from lending.suspicions import Finding
from lending.verdicts import Exposure, Policy, Score
from policies.book import PolicyBook
from scoring.assessment import Assessment, assess
from scoring.bad_months import BadMonth, BadMonths, by_forecast
from scoring.evidence import UNKNOWN, Declared, Evidence
from scoring.fraud import findings_of
from scoring.fraud_bills import of_notices
from scoring.fraud_invoices import InvoiceSeries
from scoring.invoices import Invoices
from scoring.lines import SALE, Lines
from scoring.model import Model
from scoring.sales import TradeCalendar

# Owners who look at their bills or at an amount at the same time; an entry is some kilobytes.
REMEMBERED = 256
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Said:
    """What the owner stated in the application; None: nothing."""

    on: date | None = None
    monthly_sales_minor: int | None = None
    asked_minor: int = UNKNOWN
    months: int = UNKNOWN

    def declared(self) -> Declared:
        """As the score reads it."""
        if self.on is None:
            return Declared.none()
        sales = UNKNOWN if self.monthly_sales_minor is None else self.monthly_sales_minor
        return Declared.one(self.on, monthly_sales_minor=sales, asked_minor=self.asked_minor, months_asked=self.months)


@dataclass(frozen=True)
class Bills:
    """All that an assessment depends on: the files that were read, what the owner said of them, a date, the model.

    ``sources``: what the owner allows to be read at this moment; evidence of any other stays unread.
    """

    firm_id: UUID
    files: tuple[UUID, ...]
    as_of: date
    model_id: str | None
    role: str = "champion"
    instead: str | None = None
    beside: tuple[Post, ...] = ()
    corrections: int = 0
    sources: frozenset[str] = frozenset({"statements", "invoices"})
    said: Said = field(default_factory=Said)


@dataclass(frozen=True)
class Known:
    """What bills say: the score with its facts, the whole months that they tell of, whether their own totals differ.

    ``left_out``: sources that are there and were not read, as their owner does not allow it (any more).
    """

    assessment: Assessment
    months: int
    differ: bool
    findings: tuple[Finding, ...]
    bad_month: BadMonth
    buyer: bytes | None = None
    buyer_part: Decimal = Decimal(0)
    unsplit_percent: int = 0
    corrected_percent: int = 0
    assets_bought_minor: int = 0
    left_out: tuple[str, ...] = ()

    def main_buyer(self, exposure: Exposure) -> bytes | None:
        """The keyed hash of the buyer on whom the firm lives by this policy; None where it lives on nobody."""
        most = exposure.main_buyer_from
        return self.buyer if most is not None and self.buyer_part >= most else None


class Knowing:
    """Reads evidence, and remembers what it said."""

    def __init__(self, book: PolicyBook, champion: Champion, jurisdiction: Jurisdiction) -> None:
        self._book = book
        self._champion = champion
        self._jurisdiction = jurisdiction
        self._calendar = TradeCalendar.of(
            book.calendars.get(jurisdiction.value), book.festivals.get(jurisdiction.value, ())
        )
        self._known: OrderedDict[Bills, Known] = OrderedDict()

    async def read(self, session: AsyncSession, application: Application, now: datetime) -> tuple[Bills, Known]:
        """What an application's bills say now. Raises what ``Champion.get_beside`` raises, and
        :class:`lending.refusals.ConsentMissing` where the owner does not allow the bills to be read: asked at each
        reading, before anything that is remembered."""
        if application.firm_id is None:
            raise LookupError("a decision came before the firm was known")
        allowed = await allowing.sources(session, application.person_id, now)
        chosen, files = await self._champion.get_beside(
            session, applications.files_read(application.firm_id), application.id
        )
        bills = Bills(
            firm_id=application.firm_id,
            files=tuple(files),
            as_of=business_date(now, self._jurisdiction),
            model_id=chosen.model_id if chosen else None,
            role=chosen.role if chosen else "nobody",
            instead=chosen.instead if chosen else None,
            beside=chosen.beside if chosen else (),
            corrections=await flows.newest(session, application.firm_id),
            sources=allowed,
            said=Said(
                business_date(application.created_at, self._jurisdiction),
                application.declared_revenue_minor,
                application.amount_minor,
                application.months,
            ),
        )
        if bills not in self._known:
            model = chosen.model if chosen else UNSCORED
            remember(self._known, bills, await self._reading(session, bills, model))
        return bills, self._known[bills]

    async def _reading(self, session: AsyncSession, bills: Bills, model: Model) -> Known:
        told = await flows.lines_told(session, bills.firm_id)
        lines = await flows.lines_now(session, bills.firm_id) if bills.corrections else told
        with_invoices = "invoices" in bills.sources
        issued, series = await invoices_of(session, bills.firm_id, bills.as_of, read=with_invoices)
        split = await flows.standing(session, bills.firm_id)
        noticed = of_notices(await suspicions.notices(session, bills.firm_id), self._book.fraud)
        # What looks wrong is looked for in what the bills tell, whatever their owner says that it was.
        found = await asyncio.to_thread(findings_of, self._book.fraud, bills.as_of, Lines.from_rows(told), series)
        evidence = Evidence(Lines.from_rows(lines), issued, declared=bills.said.declared())
        assessment = await asyncio.to_thread(assess, model, evidence, bills.as_of)
        bad_months = await self.bad_months(session, bills)
        buyer, part = _largest_buyer(lines)
        return Known(
            assessment=assessment,
            months=await applications.months_covered(session, bills.firm_id, with_invoices=with_invoices),
            differ=await applications.bills_differ(session, bills.firm_id),
            findings=(*found, *noticed),
            buyer=buyer,
            buyer_part=part,
            bad_month=await asyncio.to_thread(bad_months, evidence, assessment.monthly_series),
            unsplit_percent=split.unsplit_percent,
            corrected_percent=raised_percent(split.told_minor, split.raised_minor),
            assets_bought_minor=await flows.assets_bought(
                session, bills.firm_id, add_months(bills.as_of, -MONTHS_OF_PURCHASES), bills.as_of
            ),
            left_out=("invoices",) if not with_invoices and await invoices.count(session, bills.firm_id) else (),
        )

    async def evidence(self, session: AsyncSession, bills: Bills) -> Evidence:
        """All that the score reads of a firm, as its owner has corrected it."""
        evidence = await evidence_of(session, bills.firm_id, bills.as_of, with_invoices="invoices" in bills.sources)
        return replace(evidence, declared=bills.said.declared())

    async def bad_months(self, session: AsyncSession, bills: Bills) -> BadMonths:
        """How a bad month of this firm is found, also of the same firm with other bills."""
        trade = await session.scalar(select(Firm.trade).where(Firm.id == bills.firm_id))
        return by_forecast(self._calendar, bills.as_of, trade)


def _largest_buyer(lines: list[LineRow]) -> tuple[bytes | None, Decimal]:
    """The keyed hash of whoever pays most, and which part of all sales that is."""
    paid: Counter[bytes | None] = Counter()
    for _, direction, amount, kind, who, _ in lines:
        if kind == SALE and direction == 1:
            paid[who] += amount
    amount, who = max(((amount, who) for who, amount in paid.items() if who is not None), default=(0, None))
    return who, Decimal(amount) / paid.total() if amount else Decimal(0)


def graded(known: Known, policy: Policy) -> Score:
    """The score with this policy's grade, and less sure where much of the money is unclear."""
    score = known.assessment.score
    confidence = confidence_with(score.confidence, known.unsplit_percent, policy.unsplit_costs)
    return replace(score, grade=policy.grade_of(score.pd), confidence=confidence)


async def evidence_of(session: AsyncSession, firm_id: UUID, as_of: date, *, with_invoices: bool = True) -> Evidence:
    """A firm's lines as its owner has corrected them, and its invoices: the same for an application and without one."""
    read = flows.lines_now if await flows.newest(session, firm_id) else flows.lines_told
    lines = Lines.from_rows(await read(session, firm_id))
    return Evidence(lines, (await invoices_of(session, firm_id, as_of))[0]) if with_invoices else Evidence(lines)


async def invoices_of(
    session: AsyncSession, firm_id: UUID, as_of: date, *, read: bool = True
) -> tuple[Invoices, InvoiceSeries]:
    """A firm's invoices as the score reads them, and as the series that the rules of suspicion look through; none
    unless they may be ``read``."""
    rows = await invoices.of_firm(session, firm_id, as_of) if read else []
    told = Invoices.from_rows([astuple(row) for row in rows])
    return told, series_of(rows)


def series_of(rows: Sequence[InvoiceRow]) -> InvoiceSeries:
    """A firm's invoices as the rules of suspicion look through them."""
    told = Invoices.from_rows([astuple(row) for row in rows])
    number = np.fromiter((-1 if row.serial is None else row.serial for row in rows), np.int64, len(rows))
    return InvoiceSeries(told.side, told.issued, told.net_minor, number, told.counterparty, told.status)


def remember(memory: OrderedDict[K, V], key: K, value: V) -> None:
    """Keep a value; beyond the number that is kept, the oldest goes."""
    memory[key] = value
    while len(memory) > REMEMBERED:
        memory.popitem(last=False)
