"""What secures a loan: offered once, valued by several, folded into what it carries; and words between its stories."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db import clocks, commands, offline, people, receivables
from db.tables import Appraisal, Collateral, Command, Loan, LoanBalance, Receivable, TaskEvidence
from infra.crypto import Vault
from lending.calendars import Jurisdiction, business_date
from lending.collateral import (
    COUNTS,
    HOLDS,
    OVER,
    SECURES,
    SIGNED_BY_ANOTHER,
    CollateralKind,
    CollateralRules,
    CollateralState,
    CropReading,
    Piece,
    Secured,
    cover,
)
from lending.identifiers import derived_id
from lending.invoices import plain_number
from lending.known_by import known_by, neighbours
from lending.other_writings import looks_like
from lending.release import loan_id_of, payout_id_of

PAPER, TITLE = "collateral.paper", "collateral.title"
# What is one character off a number, and why two things with such numbers are two.
NEAR, APART = "collateral.near", "collateral.apart"
# The number in other writings.
LOOKS = "collateral.looks"
# What a valuer's report is sealed for.
REPORT = "appraisal.report"
HELD = tuple(state.value for state in HOLDS)
SECURING = tuple(state.value for state in SECURES)
# One report at a time is looked for and kept, over all processes; the number only has to be ours.
REPORTS = 0x48_55_4F_12
REFERENCE = "reference"  # what a person brings home from a window, as lending.offline.Captured


@dataclass(frozen=True, slots=True)
class Thing:
    """What a piece is, in clear: its name, its number in a register or on a plate, where it is, whose it is, and what
    that owner was called before (曾用名): a register of names has things under those too (P19)."""

    label: str = field(repr=False)
    title: str = field(repr=False)
    place: str = field(repr=False)
    owner: str = field(repr=False)
    parcel: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    former_names: tuple[str, ...] = field(default=(), repr=False)


async def offer(session: AsyncSession, vault: Vault, thing: Thing, row: dict[str, Any]) -> bool:
    """A firm offers a piece; False where it has offered the same one already. ``row``: the plain columns."""
    key = await people.key_of(session, vault, row["person_id"])
    text = json.dumps(asdict(thing), ensure_ascii=False)
    added = await session.scalar(
        insert(Collateral)
        .values(
            **row,
            state=CollateralState.OFFERED.value,
            title_key=vault.blind_index(TITLE, f"{row['kind']}/{known_by(thing.title)}"),
            near_keys=sorted(vault.blind_index(NEAR, one) for one in neighbours(thing.title)),
            looks_keys=_looks(vault, row["kind"], thing.title),
            paper_sealed=vault.seal(key, PAPER, row["id"], text),
        )
        .on_conflict_do_nothing()
        .returning(Collateral.id)
    )
    return added is not None


def _looks(vault: Vault, kind: str, title: str) -> list[bytes]:
    return sorted(vault.blind_index(LOOKS, one) for one in looks_like(kind, title))


async def fill_looks(session: AsyncSession, vault: Vault) -> None:
    """Give what is held from before numbers were found in other writings its keys; nothing is left to do afterwards."""
    waiting = select(Collateral).where(Collateral.looks_keys.is_(None), Collateral.state.in_(HELD))
    for row in (await session.scalars(waiting.with_for_update(skip_locked=True))).all():
        try:
            row.looks_keys = _looks(vault, row.kind, (await thing_of(session, vault, row)).title)
        except people.Erased:
            row.looks_keys = []
    await session.flush()


def _alike(mine: type[Collateral], other: type[Collateral]) -> ColumnElement[bool]:
    """One thing that was held before another and whose number is the same but for a character, or in another writing;
    looked at whenever it is read, so that of two at one instant one is second. Of two under one number each is like the
    other: who came first says nothing about whose it is."""
    earlier = tuple_(other.created_at, other.id) < tuple_(mine.created_at, mine.id)
    numbers = or_(other.near_keys.overlap(mine.near_keys), other.looks_keys.overlap(mine.looks_keys))
    one = other.title_key == mine.title_key
    return and_(or_(one, and_(numbers, earlier)), other.state.in_(HELD), other.id != mine.id)


async def like(session: AsyncSession, row: Collateral) -> Collateral | None:
    """The first thing that is held and may be this one, whosever it is and whatever it is called."""
    mine, other = aliased(Collateral), aliased(Collateral)
    query = select(other).join(mine, _alike(mine, other)).where(mine.id == row.id)
    return await session.scalar(query.order_by(other.created_at, other.id).limit(1))


async def doubled(session: AsyncSession, application_id: UUID, *, claims: bool = True) -> Sequence[Collateral]:
    """What secures, or is to secure, an application and is like another thing that is held, without a word for it.

    Without ``claims``: like one's own, or one that secures a loan; what a stranger merely typed takes nobody's value.
    """
    other = aliased(Collateral)
    alike = _alike(Collateral, other)
    takes = or_(other.person_id == Collateral.person_id, other.state.in_(SECURING))
    # One question for both readings: a view of a case asks it once.
    query = select(Collateral, select(other.id).where(alike, takes).correlate(Collateral).exists()).where(
        Collateral.application_id == application_id,
        Collateral.state.in_(HELD),
        Collateral.apart_at.is_(None),
        select(other.id).where(alike).correlate(Collateral).exists(),
    )
    found = await session.execute(query.order_by(Collateral.created_at, Collateral.id))
    return [row for row, takes_value in found if claims or takes_value]


async def thing_of(session: AsyncSession, vault: Vault, row: Collateral) -> Thing:
    """What a piece is."""
    key = await people.key_of(session, vault, row.person_id)
    told: dict[str, Any] = json.loads(vault.open(key, PAPER, row.id, row.paper_sealed))
    parcel = tuple((str(x), str(y)) for x, y in told.pop("parcel"))
    former = tuple(str(name) for name in told.pop("former_names", ()))
    return Thing(**told, parcel=parcel, former_names=former)


async def sent_for(session: AsyncSession, task_ids: Sequence[UUID]) -> Sequence[Collateral]:
    """The pieces that somebody goes out for under these tasks."""
    if not task_ids:
        return ()
    return (await session.scalars(select(Collateral).where(Collateral.task_id.in_(task_ids)))).all()


async def one(session: AsyncSession, collateral_id: UUID, *, locked: bool = False) -> Collateral | None:
    """A piece as it stands."""
    found = select(Collateral).where(Collateral.id == collateral_id).execution_options(populate_existing=True)
    return await session.scalar(found.with_for_update() if locked else found)


async def of_application(session: AsyncSession, application_id: UUID) -> Sequence[Collateral]:
    """Everything that was offered for an application, in that order."""
    found = select(Collateral).where(Collateral.application_id == application_id)
    return (await session.scalars(found.order_by(Collateral.created_at, Collateral.id))).all()


def once(rows: Sequence[Collateral]) -> list[Collateral]:
    """Each thing once, as it was offered last: one that lapsed and was offered again is the one that was offered."""
    newest = {(row.kind, row.title_key): row.id for row in rows}
    return [row for row in rows if CollateralState(row.state) in HOLDS or newest[row.kind, row.title_key] == row.id]


async def held(session: AsyncSession, application_id: UUID) -> Sequence[Collateral]:
    """Those of them that are not over."""
    return [row for row in await of_application(session, application_id) if CollateralState(row.state) in HOLDS]


async def taken_back(session: AsyncSession, piece_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Those that their owner took back, each with why as a code, empty where they did not say."""
    stories = {clocks.workflow_of("collateral", piece_id): piece_id for piece_id in piece_ids}
    if not stories:
        return {}
    query = select(Command.workflow_id, Command.detail).where(
        Command.workflow_id.in_(stories),
        Command.name == "unwind",
        Command.principal != people.SYSTEM,
        Command.state.in_(("waiting", "done")),
    )
    return {stories[story]: str((detail or {}).get("reason", "")) for story, detail in await session.execute(query)}


async def under_way(session: AsyncSession) -> Sequence[Collateral]:
    """Everything that somebody of the lender has to do with, whoever's it is, the most urgent first."""
    waits = ("valuing", "second", "securing", "registered")
    found = select(Collateral).where(
        Collateral.state.in_(waits),
        (Collateral.state != "registered") | Collateral.revaluing | (Collateral.short_minor > 0),
    )
    return (await session.scalars(found.order_by(Collateral.due_at.nulls_last(), Collateral.id).limit(200))).all()


# --- values -----------------------------------------------------------------------------------------------------------


async def appraise(session: AsyncSession, row: Collateral, **values: Any) -> Appraisal:
    """One more value of a piece in its round; said twice by one cause, it is one."""
    number = plain_number(values["reference"] or "") if values.get("valuer_id") else None
    await session.execute(
        insert(Appraisal)
        .values(collateral_id=row.id, person_id=row.person_id, round=row.round, report_no=number or None, **values)
        .on_conflict_do_nothing(index_elements=["id"])
    )
    return await session.get_one(Appraisal, values["id"])


async def appraisals(session: AsyncSession, collateral_id: UUID) -> Sequence[Appraisal]:
    """Every value that anybody found for it, in the order of rounds."""
    found = select(Appraisal).where(Appraisal.collateral_id == collateral_id)
    return (await session.scalars(found.order_by(Appraisal.round, Appraisal.n))).all()


async def appraisals_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[Appraisal]]:
    """The same of several pieces in one statement."""
    found: dict[UUID, list[Appraisal]] = {one: [] for one in ids}
    if ids:
        rows = select(Appraisal).where(Appraisal.collateral_id.in_(ids)).order_by(Appraisal.round, Appraisal.n)
        for row in await session.scalars(rows):
            found[row.collateral_id].append(row)
    return found


async def appraisal(session: AsyncSession, appraisal_id: UUID) -> Appraisal | None:
    """One of them."""
    return await session.get(Appraisal, appraisal_id)


async def report_used(session: AsyncSession, digest: str, valuer_id: str, number: str) -> bool:
    """Whether a report stands behind a value of any piece already: the same file, or the same number of one firm.

    Whoever asks has the reports to themselves until the transaction ends: of two at one instant the second sees it."""
    await session.execute(select(func.pg_advisory_xact_lock(REPORTS)))
    file = select(Appraisal.id).where(Appraisal.report_sha256 == digest)
    if await session.scalar(select(file.exists())):
        return True
    numbers = await session.scalars(
        select(Appraisal.reference).where(Appraisal.valuer_id == valuer_id, Appraisal.reference.is_not(None))
    )
    return any(plain_number(one or "") == plain_number(number) for one in numbers)


async def said(session: AsyncSession, row: Collateral) -> Sequence[Appraisal]:
    """What valuers said in the round that runs, in that order."""
    return [one for one in await appraisals(session, row.id) if one.round == row.round and one.n > 0]


async def brought_number(session: AsyncSession, vault: Vault, row: Collateral, task_id: UUID) -> str | None:
    """The number that somebody brought home from the window of a register; None where nobody did."""
    sealed = await session.scalar(
        select(TaskEvidence)
        .where(TaskEvidence.task_id == task_id, TaskEvidence.kind == REFERENCE)
        .order_by(TaskEvidence.received_at.desc())
        .limit(1)
    )
    if sealed is None or sealed.words_sealed is None:
        return None
    key = await people.key_of(session, vault, row.person_id)
    return vault.open(key, offline.WORDS, sealed.id, sealed.words_sealed)


# --- what they carry --------------------------------------------------------------------------------------------------


def reading_of(row: Collateral) -> CropReading | None:
    """What was seen of a field."""
    if row.reading is None:
        return None
    told: dict[str, Any] = row.reading
    seen_on = date.fromisoformat(told["seen_on"])
    return CropReading(told["crop"], int(told["area_m2"]), told["stage"], Decimal(told["confidence"]), seen_on)


def as_piece(row: Collateral, value_minor: int, today: date) -> Piece:
    """A row as the rules see it, at a value."""
    leased = row.leased_until is not None and row.leased_until > today
    return Piece(str(row.id), CollateralKind(row.kind), value_minor, row.prior_minor, row.earlier, leased)


def valued(rows: Sequence[Collateral], today: date) -> list[Piece]:
    """Those whose value is known and that count."""
    return [
        as_piece(row, row.value_minor, today)
        for row in rows
        if row.value_minor is not None and CollateralState(row.state) in COUNTS
    ]


def expected(rows: Sequence[Collateral], today: date) -> list[Piece]:
    """All that are held, at their value or, until somebody has found one, at the desktop model's."""
    figures = [(row, row.value_minor if row.value_minor is not None else row.desktop_minor) for row in rows]
    return [as_piece(row, value, today) for row, value in figures if value is not None and row.state in HELD]


async def covers(session: AsyncSession, application_id: UUID, rules: CollateralRules, today: date) -> tuple[int, int]:
    """(what may be lent on what is valued, what could be once the rest is), in minor units. What may be another
    of their own, or secures a loan already, carries nothing until somebody told the two apart."""
    twins = {row.id for row in await doubled(session, application_id, claims=False)}
    rows = [row for row in await of_application(session, application_id) if row.id not in twins]
    return cover(valued(rows, today), rules), cover(expected(rows, today), rules)


def as_secured(row: Collateral, jurisdiction: Jurisdiction) -> Secured:
    """A row as the release of money sees it."""
    searched = business_date(row.searched_at, jurisdiction) if row.searched_at else None
    return Secured(CollateralState(row.state), row.registration_no, searched, reading_of(row))


def another_signs(rows: Sequence[Collateral]) -> bool:
    """Whether somebody owns a piece besides or instead of the borrower."""
    return any(row.ownership in SIGNED_BY_ANOTHER for row in rows if CollateralState(row.state) not in OVER)


def contracted(rows: Sequence[Collateral]) -> list[Collateral]:
    """Those that the signed contract names."""
    return [row for row in rows if row.register_by is not None]


def added_hash(row: Collateral, sum_minor: int) -> str:
    """What an owner's code binds: this thing, for this sum (SHA-256)."""
    return sha256("\x1f".join(("collateral", str(row.id), row.title_key.hex(), str(sum_minor))).encode()).hexdigest()


async def is_linked(session: AsyncSession, receivable_id: UUID) -> bool:
    """Whether an invoice of a line secures a loan, or is about to: then it is pledged to no line and goes nowhere."""
    found = select(Collateral.id).where(Collateral.receivable_id == receivable_id, Collateral.state.in_(HELD))
    return bool(await session.scalar(select(found.exists())))


async def registered_of(session: AsyncSession, receivable_id: UUID) -> Sequence[Collateral]:
    """The registered pieces that an invoice of a line is."""
    found = await session.scalars(
        select(Collateral).where(
            Collateral.receivable_id == receivable_id, Collateral.state == CollateralState.REGISTERED.value
        )
    )
    return found.all()


async def face_of(session: AsyncSession, row: Collateral) -> int | None:
    """What is still owed on the invoice that a piece is, as far as its buyer confirmed it, in minor units: nothing
    while it is disputed. None for a piece that is none."""
    if row.receivable_id is None:
        return None
    claim = await session.get_one(Receivable, row.receivable_id, populate_existing=True)
    return 0 if claim.disputed or claim.buyer_barred else receivables.as_rule(claim).open_minor


async def owed(session: AsyncSession, application_id: UUID) -> int:
    """What is owed on the loan that these pieces secure, in minor units."""
    balance = (
        select(func.coalesce(func.sum(LoanBalance.principal_minor), 0))
        .join(Loan, Loan.id == LoanBalance.loan_id)
        .where(Loan.application_id == application_id, Loan.state == "live")
    )
    return int(await session.scalar(balance) or 0)


# --- words between stories --------------------------------------------------------------------------------------------


async def tell(session: AsyncSession, rows: Sequence[Collateral], what: str, *, cause: object) -> None:
    """Say something to the stories of these pieces, in this transaction: the relay delivers it, once for each cause."""
    for row in rows:
        workflow_id = clocks.workflow_of("collateral", row.id)
        await _say(session, "Collateral", workflow_id, what, derived_id("command", f"{cause}/{row.id}/{what}"))


async def tell_payout(session: AsyncSession, application_id: UUID, *, cause: object) -> None:
    """Have the payout of an application look again, in this transaction."""
    payout_id = payout_id_of(loan_id_of(application_id))
    workflow_id = clocks.workflow_of("payout", payout_id)
    await _say(session, "Payout", workflow_id, "look_again", derived_id("command", f"{cause}/{payout_id}"))


async def _say(session: AsyncSession, workflow_type: str, workflow_id: str, what: str, command_id: UUID) -> None:
    if await commands.find_command(session, command_id) is not None:
        return
    wall = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    await commands.add_command(
        session,
        command_id=command_id,
        workflow_type=workflow_type,
        workflow_id=workflow_id,
        name=what,
        argument={"command_id": str(command_id)},
        detail=None,
        start=None,  # it runs: whoever offered the piece, or signed the loan, has started it
        principal=people.SYSTEM,
        now=wall,
        next_attempt_at=wall,
    )
