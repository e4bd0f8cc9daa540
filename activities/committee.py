"""The committee's vote: counted once under the case as it is, told to its task, written down and sealed."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.papers.words import day
from activities.ports import committee as port
from activities.ports.committee import Counted, SittingCase, SittingPlan
from activities.signatures import Signatures
from activities.steps import Steps
from db import case_fields, clocks, commands, committee
from db.tables import Application, CommitteeItem, CommitteeSitting, CommitteeVote
from infra import i18n
from infra.papers.listing import Listing, Part, print_listing
from infra.phrases import BEIJING
from infra.storage import ObjectMissing, Storage
from lending.calendars import Jurisdiction, business_date
from lending.case_changes import case_hash
from lending.committee import Outcome, Say, Tally, count, everybody_spoke
from lending.identifiers import derived_id
from policies.book import PolicyBook

# The minutes are the lender's own paper, first in the language of its house, which governs.
HOUSE = "zh_CN"
READ_IN = (HOUSE, "en")
DECIDED = {Outcome.PASSED: "approve", Outcome.REFUSED: "decline"}


class Committees(port.Committees):
    """Counts and writes down."""

    def __init__(
        self, steps: Steps, signatures: Signatures, storage: Storage, book: PolicyBook, jurisdiction: str
    ) -> None:
        self._steps = steps
        self._signatures = signatures
        self._storage = storage
        self._book = book
        self._jurisdiction = Jurisdiction(jurisdiction)

    @activity.defn
    async def plan_sitting(self, case: SittingCase) -> SittingPlan:
        """Over once its time has come, or once every member's last word is about the cases as they are."""
        async with self._steps.sessions.begin() as session:
            row = await _sitting(session, case.sitting_id)
            reading = await clocks.read(session, self._steps.clock_id)
            workflow_id = clocks.workflow_of("committee", row.id)
            await clocks.note_wait(session, self._steps.clock_id, workflow_id, row.due_at)
            over = row.state != committee.OPEN or reading.now >= row.due_at or await self._all_spoke(session, row)
            return SittingPlan(row.due_at, reading.seconds_until(row.due_at), over)

    async def _all_spoke(self, session: AsyncSession, row: CommitteeSitting) -> bool:
        for item in await committee.items_of(session, row.id):
            votes = committee.as_rule(await committee.votes_on(session, item.id))
            if not everybody_spoke(votes, row.members, await _now_is(session, item)):
                return False
        return True

    @activity.defn
    async def count_votes(self, case: SittingCase) -> Counted:
        """A case that is decided is told to its task as a person's verdict; one that is not can be called again."""
        async with self._steps.sessions.begin() as session:
            row = await _sitting(session, case.sitting_id, locked=True)
            await clocks.forget(session, clocks.workflow_of("committee", row.id))
            items = await committee.items_of(session, row.id)
            if row.state != committee.OPEN:
                return Counted(sum(item.state in ("passed", "refused") for item in items))
            reading = await clocks.read(session, self._steps.clock_id)
            decided = 0
            for item in items:
                votes = await committee.votes_on(session, item.id)
                tally = await self._tally(session, row, item, votes)
                item.state, item.decided_at = tally.outcome.value, reading.now
                if tally.outcome in DECIDED:
                    await self._tell_task(session, row, item, tally, votes)
                    decided += 1
            row.state, row.closed_at = "closed", reading.now
            return Counted(decided)

    async def _tally(
        self, session: AsyncSession, row: CommitteeSitting, item: CommitteeItem, votes: Sequence[CommitteeVote]
    ) -> Tally:
        rules = committee.rules_of(row, self._book.committee)
        now_is = await _now_is(session, item)
        return count(committee.as_rule(votes), chair=row.chair, case_hash=now_is, rules=rules)

    async def _tell_task(
        self,
        session: AsyncSession,
        row: CommitteeSitting,
        item: CommitteeItem,
        tally: Tally,
        votes: Sequence[CommitteeVote],
    ) -> None:
        """The verdict as a command of its own, under an id derived from its cause: told once, however often counted."""
        chair = await committee.login_of(session, row.chair)
        verdict = DECIDED[tally.outcome]
        command_id = derived_id("committee-verdict", str(item.id))
        reading = await clocks.read(session, self._steps.clock_id)
        await commands.add_command(
            session,
            command_id=command_id,
            workflow_type="OfflineTask",
            workflow_id=clocks.workflow_of("task", item.task_id),
            name="finish",
            argument={"command_id": str(command_id)},
            detail={
                "verdict": verdict,
                "amount_minor": item.amount_minor if verdict == "approve" else None,
                "reason": _reason(row, tally, votes),
                "conditions": item.conditions if verdict == "approve" else [],
                "staff_id": str(chair),
                "committee": str(row.id),
            },
            start=None,
            principal="system",
            now=reading.real_now,
            next_attempt_at=reading.real_now,
        )

    @activity.defn
    async def seal_minutes(self, case: SittingCase) -> None:
        """The first paper that was stored is the minutes: no two seals are alike."""
        async with self._steps.sessions.begin() as session:
            row = await _sitting(session, case.sitting_id)
            if row.minutes_sha256 is not None or row.closed_at is None:
                return
            listing = await self._minutes(session, row)
        pdf = await asyncio.to_thread(print_listing, listing, HOUSE)
        key = f"papers/{derived_id('paper', f'committee/{case.sitting_id}')}"
        try:
            sha256 = hashlib.sha256(await self._storage.get(key)).hexdigest()
        except ObjectMissing:
            sealed = await self._signatures.sealed(pdf, f"{listing.heading} {listing.number}")
            sha256 = (await self._storage.put(key, sealed, "application/pdf")).sha256
        async with self._steps.sessions.begin() as session:
            row = await _sitting(session, case.sitting_id, locked=True)
            if row.minutes_sha256 is None:
                row.minutes_key, row.minutes_sha256 = key, sha256

    async def _minutes(self, session: AsyncSession, row: CommitteeSitting) -> Listing:
        assert row.closed_at is not None  # noqa: S101 (the caller looked)
        names = await committee.names(session, row.members)
        cases = [
            (item, await session.get_one(Application, item.application_id), await committee.votes_on(session, item.id))
            for item in await committee.items_of(session, row.id)
        ]
        parts: list[Part] = []
        for locale in READ_IN:
            parts.append(_of_sitting(row, names, locale))
            parts.extend(_of_item(row, *case, names, locale) for case in cases)
        on = business_date(row.closed_at, self._jurisdiction)
        return Listing(
            heading=_t("heading", HOUSE),
            number=f"{on:%Y%m%d}-{row.id.hex[:8]}",
            parts=parts,
            issuer=self._book.lender.name.zh_CN,
            dated=on,
            day=day(on, HOUSE),
            notes=tuple(_t("note", locale) for locale in READ_IN),
        )


async def _sitting(session: AsyncSession, sitting_id: UUID, *, locked: bool = False) -> CommitteeSitting:
    row = await committee.sitting(session, sitting_id, locked=locked)
    if row is None:
        raise LookupError("a sitting was called before its row")
    return row


async def _now_is(session: AsyncSession, item: CommitteeItem) -> str:
    """The hash of the case as it is."""
    application = await session.get_one(Application, item.application_id)
    return case_hash(await case_fields.fields_of(session, application))


def _reason(row: CommitteeSitting, tally: Tally, votes: Sequence[CommitteeVote]) -> str:
    """What the customer reads: the chair's own words if they were on the side that counted, else the first of it."""
    side = Say.YES if tally.outcome is Outcome.PASSED else Say.NO
    theirs = [vote for vote in votes if vote.say == side.value]
    chairs = [vote for vote in theirs if vote.employee == row.chair]
    return (chairs or theirs)[-1 if chairs else 0].words


def _t(name: str, locale: str, **params: Any) -> str:
    return i18n.text(f"papers.minutes.{name}", locale, **params)


def _of_sitting(row: CommitteeSitting, names: dict[str, str], locale: str) -> Part:
    rules = row.rules
    part, of = rules["passes_at"]
    comma = i18n.text("web.format.list_comma", locale)
    assert row.closed_at is not None  # noqa: S101
    return Part(
        title=_t("in_this_language", locale),
        facts=(
            (_t("called_at", locale), i18n.moment(row.called_at.astimezone(BEIJING), locale)),
            (_t("closed_at", locale), i18n.moment(row.closed_at.astimezone(BEIJING), locale)),
            (_t("chair", locale), names.get(row.chair, row.chair)),
            (_t("members", locale), comma.join(names.get(one, one) for one in row.members)),
            (_t("rules", locale), _t("rules_text", locale, quorum=rules["quorum"], part=part, of=of)),
        ),
    )


def _of_item(
    row: CommitteeSitting,
    item: CommitteeItem,
    application: Application,
    votes: Sequence[CommitteeVote],
    names: dict[str, str],
    locale: str,
) -> Part:
    """A case by its number, never by a name: the minutes lie in the store in clear."""
    comma = i18n.text("web.format.list_comma", locale)
    asked = comma.join(i18n.text(f"lending.condition.{one['kind']}", locale) for one in item.conditions)
    rows = [
        (
            names.get(vote.employee, vote.employee),
            i18n.text(f"lending.committee_say.{vote.say}", locale),
            vote.words,
            i18n.moment(vote.said_at.astimezone(BEIJING), locale),
            vote.case_hash[:12],
        )
        for vote in votes
    ]
    return Part(
        title=f"{item.n}. A-{application.number}",
        facts=(
            (_t("amount", locale), i18n.money(item.amount_minor, application.currency, locale)),
            (_t("conditions", locale), asked or _t("none", locale)),
            (_t("outcome", locale), i18n.text(f"lending.committee_outcome.{item.state}", locale)),
            (_t("absent", locale), comma.join(_absent(row, votes, names)) or _t("none", locale)),
            (_t("hash", locale), item.case_hash),
        ),
        head=tuple(_t(one, locale) for one in ("member", "say", "words", "at", "case")),
        rows=rows,
        wide=frozenset({2}),
    )


def _absent(row: CommitteeSitting, votes: Sequence[CommitteeVote], names: dict[str, str]) -> list[str]:
    spoke = {vote.employee for vote in votes}
    return [names.get(one, one) for one in row.members if one not in spoke]
