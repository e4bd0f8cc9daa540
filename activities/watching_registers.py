"""Courts and company register about live borrowers: some each night, only while the owner's consent lives.

A source that does not answer is no warning; how often that was is counted, and after some in a row it is left alone
for the night. Public records ask nobody's credit register and leave no query there.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from activities.private import Private
from activities.steps import Steps
from db import people, permissions, public_records
from db.public_records import Due
from db.tables import Firm
from gateways.courts import CourtRecord, Courts, SearchOrder
from gateways.failures import GatewayRefused, GatewayUnavailable
from gateways.registry import ExtractOrder, RegisterExtract, Registry
from infra.telemetry import counter
from lending.consents import Purpose
from lending.early_warning import PublicRecord, new_entries
from lending.identifiers import derived_id
from policies.care_shapes import RegisterWatchSection

T = TypeVar("T")
log = structlog.get_logger(__name__)
AT_ONCE = 8
LEFT_ALONE_AFTER = 3  # questions in a row without an answer
asked_counter = counter(
    "public_records_asked", "Questions about live borrowers, by source and answer", ("source", "answer")
)


@dataclass(frozen=True)
class Subject:
    """Whom a question is about, in clear for as long as it takes."""

    due: Due
    name: str = field(repr=False)
    id_number: str = field(repr=False)
    firm_name: str = field(repr=False)
    licence: str | None = field(repr=False)


@dataclass
class Source:
    """One party for one night; ``done``: how its questions ended."""

    name: str
    done: Counter[str] = field(default_factory=Counter[str])
    silent_in_a_row: int = 0

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T | None:
        """The answer; None where there is none, which no warning may rest on."""
        if self.silent_in_a_row >= LEFT_ALONE_AFTER:
            return self._ended("left_alone")
        try:
            answer = await question()
        except (GatewayUnavailable, GatewayRefused) as no:
            refused = isinstance(no, GatewayRefused)
            log.warning("public_records.no_answer", source=self.name, code=no.code)
            if not refused:
                self.silent_in_a_row += 1
            return self._ended("refused" if refused else "silent")
        self.silent_in_a_row = 0
        self._ended("answered")
        return answer

    def _ended(self, how: str) -> None:
        self.done[how] += 1
        asked_counter.labels(self.name, how).inc()


class RegisterWatch:
    """Asks about live borrowers whose turn it is."""

    def __init__(
        self, steps: Steps, private: Private, courts: Courts, registry: Registry, rules: RegisterWatchSection
    ) -> None:
        self._steps = steps
        self._private = private
        self._courts = courts
        self._registry = registry
        self._rules = rules

    async def look(
        self, session: AsyncSession, on: date, at: datetime
    ) -> tuple[Mapping[UUID, tuple[str, ...]], dict[str, int]]:
        """Codes of what is new, by loan; and in figures, how many were asked about and what each source answered."""
        before = at - timedelta(days=self._rules.again_after_days)
        due = await public_records.due(session, Purpose.FLOWS_ANALYSIS, at, before, self._rules.at_most_a_night)
        subjects = [who for one in due if (who := await self._subject(session, one)) is not None]
        courts, registry, gate = Source("courts"), Source("registry"), asyncio.Semaphore(AT_ONCE)

        async def one(who: Subject) -> tuple[CourtRecord | None, RegisterExtract | None]:
            async with gate:
                if not await self._still_allowed(who.due.person_id, at):
                    return None, None
                return await self._of_courts(who, courts, on), await self._of_registry(who, registry, on)

        answers = await asyncio.gather(*(one(who) for who in subjects))
        found: dict[UUID, tuple[str, ...]] = {}
        for who, (record, extract) in zip(subjects, answers, strict=True):
            if record is None and extract is None:
                continue  # nothing was read: it stays first in the line
            await people.record_access(
                session,
                who.due.person_id,
                at=at,
                actor=public_records.ACTOR,
                what=public_records.WHAT,
                purpose=public_records.PURPOSE,
            )
            codes = new_entries(_now(record, extract), _known(who.due), self._claims_from(who.due))
            if codes:
                found[who.due.loan_id] = codes
        figures = {f"{source.name}_{how}": n for source in (courts, registry) for how, n in sorted(source.done.items())}
        return found, {"asked_about": len(subjects), **figures}

    async def _still_allowed(self, person_id: UUID, at: datetime) -> bool:
        """Looked at before each question, beside the night's own transaction: a night may be long."""
        async with self._steps.sessions.begin() as session:
            return not await permissions.ended(session, Purpose.FLOWS_ANALYSIS.value, {person_id}, at)

    async def _subject(self, session: AsyncSession, due: Due) -> Subject | None:
        """None where the person is erased, or never said who they are."""
        try:
            owner = await self._private.owner(session, due.person_id)
            firm = await session.get_one(Firm, due.firm_id)
            name, licence = await self._private.firm_name(session, firm), await self._private.licence(session, firm)
        except people.Erased:
            return None
        return Subject(due, owner.name, owner.id_number, name, licence) if owner.name and owner.id_number else None

    async def _of_courts(self, who: Subject, source: Source, on: date) -> CourtRecord | None:
        order = SearchOrder(
            inquiry_id=_inquiry(who, on),
            name=who.name,
            id_number=who.id_number,
            firm_name=who.firm_name if who.licence else None,
            licence=who.licence,
        )
        return await source.ask(lambda: self._courts.search(order))

    async def _of_registry(self, who: Subject, source: Source, on: date) -> RegisterExtract | None:
        if who.licence is None:
            return None
        order = ExtractOrder(inquiry_id=_inquiry(who, on), licence=who.licence, id_number=who.id_number)
        return await source.ask(lambda: self._registry.extract(order))

    def _claims_from(self, due: Due) -> int:
        """Claims below this part of a year's net revenue, as the decision knew it, are everyday business."""
        year_minor = Decimal(12 * int(due.ratios.get("monthly_net_revenue_minor", 0)))
        return int(year_minor * self._rules.claims_from)


def _inquiry(who: Subject, on: date) -> str:
    """The same night asks the same question once, however often its job is begun again."""
    return str(derived_id("public-records", f"{who.due.loan_id}/{on.isoformat()}"))


def _now(record: CourtRecord | None, extract: RegisterExtract | None) -> PublicRecord:
    state = extract.state if extract else None
    if record is None:
        return PublicRecord(state=state)
    return PublicRecord(record.dishonest, record.enforced_minor, record.claims_minor, state)


def _known(due: Due) -> PublicRecord:
    return PublicRecord(
        dishonest=due.ratios.get("dishonest"),
        enforced_minor=due.ratios.get("enforced_minor"),
        claims_minor=due.ratios.get("claims_minor"),
        state=due.ratios.get("register_state"),
    )
