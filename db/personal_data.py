"""All that we hold of a person: found by the tables' own columns, told, and taken away.

A table with ``person_id`` is a person's; lines and invoices belong to a firm, entries to a loan. A new table is told
in a copy by itself, and an erasure that says nothing of it fails a test.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, RowMapping, Select, cast, delete, exists, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from db.intake import ENDED
from db.offline import PLACE_WHY
from db.people import counterparty_place
from db.tables import (
    Application,
    AssertionUse,
    BankAccount,
    BureauReport,
    CaseLook,
    Command,
    CommitteeItem,
    CommitteeVote,
    Contract,
    CounterpartyName,
    DataRequest,
    Decision,
    Document,
    Draft,
    EarlyWarning,
    Entry,
    EvidenceDocument,
    Firm,
    FirmSeat,
    HelpCall,
    HelpMiss,
    IdentityAssertion,
    IdentityPaper,
    Invoice,
    InvoicePaper,
    KeyFacts,
    Loan,
    LoanCondition,
    NamedPayee,
    Offer,
    OneTimeCode,
    OrderLimit,
    PayoffSurvey,
    PayoutRelease,
    Person,
    PersonKey,
    Prescore,
    ReceivableWord,
    SalesFile,
    SalesLine,
    Session,
    StaffTie,
    StatementFile,
    StatementLine,
    Table,
    Task,
    TaskEvidence,
    ValuerReport,
)
from lending.seats import LIVES, SeatState

Json = dict[str, Any]
Opener = Callable[[str, UUID, bytes], str]

# Secrets of ours, what only a machine can read, and words that hold another customer's paper against one's own: no part
# of a copy.
NOT_TOLD = frozenset({"person_key", "session", "data_request", "invoice_comparison"})
A_TIME = 5_000

# What becomes of each table of a person at an erasure; every one stands here.
GOES = (
    CounterpartyName,
    Draft,
    IdentityPaper,
    InvoicePaper,
    SalesLine,
    SalesFile,
    EvidenceDocument,
    TaskEvidence,
    ValuerReport,
    HelpMiss,
    HelpCall,
    BureauReport,
    Prescore,
    OrderLimit,
    Session,
    AssertionUse,
    IdentityAssertion,
    CaseLook,
    StaffTie,
    PayoffSurvey,
)  # by person; lines and invoices go with their firm
BLANKED = frozenset(
    {
        "statement_file",
        "named_payee",
        "payout_release",
        "person",
        "firm",
        "bank_account",
        "decision",
        "offer",
        "application",
        "key_facts",
        "task",
        "early_warning",
        "firm_seat",
        "loan_condition",
        "committee_item",
        "receivable_word",
    }
)


@dataclass(frozen=True, slots=True)
class Part:
    """One table of a copy: its name and its rows, ready for JSON."""

    name: str
    rows: AsyncIterator[list[Json]]


async def copy_of(session: AsyncSession, person_id: UUID, open_: Opener) -> AsyncIterator[Part]:
    """Everything that we hold of a person, table by table, with what is sealed in clear."""
    firms = (await session.scalars(select(Firm.id).where(Firm.person_id == person_id))).all()
    loans = (await session.scalars(select(Loan.id).where(Loan.person_id == person_id))).all()
    for name, query in _queries(person_id, firms, loans):
        yield Part(name, _rows(session, query, name, open_))


def _queries(person_id: UUID, firms: Sequence[UUID], loans: Sequence[UUID]) -> Iterator[tuple[str, Select[Any]]]:
    for name, table in sorted(Table.metadata.tables.items()):
        if name in NOT_TOLD:
            continue
        if name == "person":
            yield name, select(table).where(table.c.id == person_id)
        elif "person_id" in table.c:
            yield name, select(table).where(table.c.person_id == person_id).order_by(*table.primary_key.columns)
    tables = Table.metadata.tables
    for name, key, ids in (
        ("statement_line", "firm_id", firms),
        ("invoice", "firm_id", firms),
        ("loan_balance", "loan_id", loans),
        ("entry", "loan_id", loans),
    ):
        table = tables[name]
        yield name, select(table).where(table.c[key].in_(ids)).order_by(*table.primary_key.columns)
    postings = tables["posting"]
    mine = select(Entry.id).where(Entry.loan_id.in_(loans))
    yield "posting", select(postings).where(postings.c.entry_id.in_(mine)).order_by(*postings.primary_key.columns)


async def _rows(session: AsyncSession, query: Select[Any], name: str, open_: Opener) -> AsyncIterator[list[Json]]:
    found = await session.stream(query.execution_options(yield_per=A_TIME))
    async for part in found.mappings().partitions():
        yield [_told(name, row, open_) for row in part]


def _told(name: str, row: RowMapping, open_: Opener) -> Json:
    """A row for people and programs: sealed fields open, keyed hashes and keys left out."""
    told: Json = {}
    for column, value in row.items():
        if column.endswith("_sealed"):
            field = column.removesuffix("_sealed")
            place = counterparty_place(row["firm_id"], bytes(row["key"])) if name == "counterparty_name" else row["id"]
            told[field] = open_(f"{name}.{field}", place, bytes(value)) if value else None
        elif not isinstance(value, bytes | memoryview):
            told[column] = _plain(value)
    return told


def _plain(value: Any) -> Any:
    match value:
        case UUID():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case _:
            return value


def written(rows: list[Json]) -> str:
    """Rows as they stand in a file of the copy, one a line."""
    return ",\n".join(json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows)


# --- requests ---------------------------------------------------------------------------------------------------------


async def ask(
    session: AsyncSession, request_id: UUID, person_id: UUID, *, kind: str, locale: str, at: datetime
) -> None:
    """A person asks for a copy or for erasure."""
    session.add(DataRequest(id=request_id, person_id=person_id, kind=kind, state="asked", locale=locale, asked_at=at))
    await session.flush()


async def request(session: AsyncSession, request_id: UUID) -> DataRequest:
    """One request, locked."""
    found = await session.scalars(select(DataRequest).where(DataRequest.id == request_id).with_for_update())
    return found.one()


async def requests_of(session: AsyncSession, person_id: UUID, kind: str, limit: int) -> Sequence[DataRequest]:
    """A person's newest requests of a kind."""
    found = await session.scalars(
        select(DataRequest)
        .where(DataRequest.person_id == person_id, DataRequest.kind == kind)
        .order_by(DataRequest.asked_at.desc())
        .limit(limit)
    )
    return found.all()


async def run_out(session: AsyncSession, at: datetime) -> Sequence[DataRequest]:
    """Copies whose time is over and that still lie in the store, locked."""
    found = await session.scalars(
        select(DataRequest)
        .where(DataRequest.expires_at <= at, DataRequest.object_key.is_not(None))
        .with_for_update(skip_locked=True)
    )
    return found.all()


async def wall_time(session: AsyncSession) -> datetime:
    """The time outside: links live by it, whatever the business clock says."""
    return (await session.scalars(select(func.clock_timestamp()))).one()


# --- erasure ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """What an erasure meets: something that lives still, or the day on which the last loan closed."""

    loan_lives: bool
    application_open: bool
    last_closed_on: date | None


async def standing(session: AsyncSession, person_id: UUID) -> Standing:
    """Whether anything of a person's lives still."""
    lives = exists().where(Loan.person_id == person_id, Loan.state.in_(("pending", "live")))
    open_ = exists().where(Application.person_id == person_id, Application.stage.not_in(ENDED))
    closed = select(func.max(Loan.closed_on)).where(Loan.person_id == person_id, Loan.state == "closed")
    row = (await session.execute(select(lives, open_, closed.scalar_subquery()))).one()
    return Standing(bool(row[0]), bool(row[1]), row[2])


@dataclass(frozen=True, slots=True)
class Objects:
    """What lies in the store of a person: papers that the law keeps, by document, and what goes."""

    kept: tuple[tuple[UUID, str, str], ...]
    going: tuple[str, ...]


async def objects(session: AsyncSession, person_id: UUID) -> Objects:
    """Papers of a contract are kept (document, key, hash); bills, photos, copies and papers never signed go."""
    signed = exists().where(Contract.application_id == Document.application_id)
    papers = (
        await session.execute(
            select(Document.id, Document.object_key, Document.sha256, signed).where(Document.person_id == person_id)
        )
    ).all()
    going = [key for _, key, _, mine in papers if not mine]
    for table in (StatementFile, IdentityPaper, InvoicePaper, SalesFile, EvidenceDocument, TaskEvidence, DataRequest):
        found = await session.scalars(select(table.object_key).where(table.person_id == person_id))
        going += [key for key in found if key]
    return Objects(tuple((paper, key, digest) for paper, key, digest, mine in papers if mine), tuple(going))


async def move_paper(session: AsyncSession, document_id: UUID, key: str) -> None:
    """A kept paper lies under another key from now on; its row keeps the hash of the paper itself."""
    await session.execute(update(Document).where(Document.id == document_id).values(object_key=key))


async def take_away(session: AsyncSession, person_id: UUID, at: datetime) -> None:
    """Rows go, the key is destroyed, and what stays names nobody any more. Ids and amounts stay as they are."""
    firms = select(Firm.id).where(Firm.person_id == person_id)
    phone = select(Person.phone_index).where(Person.id == person_id).scalar_subquery()
    await session.execute(update(OneTimeCode).where(OneTimeCode.phone_index == phone).values(phone_index=_nobody()))
    for table in (StatementLine, Invoice):
        await session.execute(delete(table).where(table.firm_id.in_(firms)))
    for table in GOES:
        await session.execute(delete(table).where(table.person_id == person_id))
    await _blank(session, person_id)
    await _stand_up(session, person_id, at)
    await session.execute(
        update(PersonKey).where(PersonKey.person_id == person_id).values(wrapped=None, destroyed_at=at)
    )


async def _stand_up(session: AsyncSession, person_id: UUID, at: datetime) -> None:
    """Seats that this person gave or had are over, and name no phone: nobody reads any more what nobody may open."""
    theirs = or_(FirmSeat.person_id == person_id, FirmSeat.holder_id == person_id)
    of_theirs = Session.seat_id.in_(select(FirmSeat.id).where(theirs))
    await session.execute(update(Session).where(of_theirs).values(seat_id=None))
    lives = FirmSeat.state.in_([state.value for state in LIVES])
    await session.execute(update(FirmSeat).where(theirs, lives).values(state=SeatState.REVOKED.value, ended_at=at))
    await session.execute(update(FirmSeat).where(theirs).values(phone_masked=""))


async def _blank(session: AsyncSession, person_id: UUID) -> None:
    mine: Callable[[Any], ColumnElement[bool]] = lambda table: table.person_id == person_id  # noqa: E731
    lent = exists().where(Contract.application_id == Decision.application_id)
    lent_offer = exists().where(Contract.offer_id == Offer.id)
    tasks = select(func.concat("task/", Task.id)).where(mine(Task))
    changes = (
        update(Person)
        .where(Person.id == person_id)
        .values(phone_index=_nobody(), phone_sealed=b"", name_sealed=None, id_number_sealed=None, id_number_index=None),
        update(Firm).where(mine(Firm)).values(name_sealed=b"", licence_sealed=None, licence_index=None, region=None),
        update(Application).where(mine(Application)).values(declared_revenue_minor=None),
        update(Decision)
        .where(mine(Decision), ~lent)
        .values(features={}, ratios={}, findings=None, health=None, basis=None, ways_to_yes=None, path_to_yes=None),
        update(Offer).where(mine(Offer), ~lent_offer).values(projection={}),
        update(StatementFile)
        .where(mine(StatementFile))
        .values(name_sealed=b"", summary=None, hints=None, problem_params=None),
        # Words that staff wrote may name anybody.
        update(PayoutRelease).where(mine(PayoutRelease)).values(reason=None),
        update(Command).where(Command.workflow_id.in_(tasks)).values(detail=None),
        update(Task)
        .where(mine(Task))
        .values(own_view=None, outcome=None, pack=None, place_sealed=None, point_sealed=None, room_sealed=None)
        .values(params=Task.params.op("-")(PLACE_WHY)),
        update(ReceivableWord).where(mine(ReceivableWord)).values(words="", second_words=None),
        update(EarlyWarning).where(mine(EarlyWarning)).values(words=None),
        update(LoanCondition).where(mine(LoanCondition)).values(words=None),
        update(LoanCondition).where(mine(LoanCondition), LoanCondition.why.is_not(None)).values(why=""),
        update(CommitteeVote)
        .where(CommitteeVote.item_id.in_(select(CommitteeItem.id).where(mine(CommitteeItem))))
        .values(words=""),
        update(CommitteeItem).where(mine(CommitteeItem)).values(conditions=[]),
    )
    for change in changes:
        await session.execute(change)
    for payee in (await session.scalars(select(NamedPayee.id).where(mine(NamedPayee)))).all():
        told = {"name_sealed": b"", "number_sealed": b"", "number_index": _nobody(), "masked": "", "bank": None}
        await session.execute(update(NamedPayee).where(NamedPayee.id == payee).values(**told))
    for account in (await session.scalars(select(BankAccount.id).where(mine(BankAccount)))).all():
        blank = {"number_sealed": b"", "number_index": _nobody(), "masked": "", "bank": None}
        await session.execute(update(BankAccount).where(BankAccount.id == account).values(**blank))
    nobody = {"name": "", "id_masked": "", "firm_name": None, "account_masked": "", "phone_masked": ""}
    await session.execute(
        update(KeyFacts)
        .where(mine(KeyFacts))
        .values(sheet=func.jsonb_set(KeyFacts.sheet, text("'{borrower}'"), cast(nobody, JSONB)))
    )


def _nobody() -> bytes:
    """A random index: it finds nobody, and two of them are never the same."""
    return uuid4().bytes
