"""Receivables of a line: brought once, looked at beside all others, folded into what they count for."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import clocks, commands, people
from db.tables import Command, EvidenceDocument, Firm, Invoice, Receivable
from infra.crypto import Vault
from lending.identifiers import derived_id
from lending.invoices import (
    TAIL,
    Likeness,
    Marks,
    fingerprint,
    likeness,
    national_number,
    plain_number,
    plain_party,
    serial_of,
    tail_of,
)
from lending.receivables import HOLDS, PROOFS, Base, ReceivableRules, ReceivableState, Support, base, proof_of
from lending.receivables import Receivable as Rule

PAPER = "receivable.paper"
PARTY, NUMBER = "receivable.party", "receivable.number"
HELD = tuple(state.value for state in HOLDS)
# What a register may say of a buyer whose receivable counts; an empty text: it was not asked, or does not know it.
STANDS = ("", "normal", "not_found")
RED = 2  # a code of imports.invoice_cells


@dataclass(frozen=True, slots=True)
class Paper:
    """What the invoice says, in clear: the parties as printed, the buyer's credit code, the number; and the names that
    the seller had before, under which somebody may have registered it."""

    seller: str = field(repr=False)
    buyer: str = field(repr=False)
    buyer_licence: str = field(repr=False)
    number: str = field(repr=False)
    former_names: tuple[str, ...] = field(default=(), repr=False)

    @property
    def subject(self) -> str:
        """What identifies the invoice in the register for anybody who reads it (P19)."""
        return f"{self.number}/{self.buyer}"


async def offer(
    session: AsyncSession,
    vault: Vault,
    paper: Paper,
    *,
    index_key: bytes,
    row: dict[str, Any],
) -> bool:
    """A firm offers an invoice; False where the same one is held already, by whomever.

    ``row``: the plain columns; fingerprint and hashes are made here from the paper.
    """
    key = await people.key_of(session, vault, row["person_id"])
    text = json.dumps(asdict(paper), ensure_ascii=False)
    added = await session.scalar(
        insert(Receivable)
        .values(
            **row,
            state=ReceivableState.OFFERED.value,
            fingerprint=mark_of(paper, row["amount_minor"], row["issued_on"].isoformat(), index_key),
            seller_key=party_key(vault, paper.seller),
            buyer_key=party_key(vault, paper.buyer),
            number_key=number_key(vault, paper.number),
            e_number_key=e_number_key(vault, paper.number),
            serial=serial_of(paper.number),
            paper_sealed=vault.seal(key, PAPER, row["id"], text),
        )
        .on_conflict_do_nothing()
        .returning(Receivable.id)
    )
    return added is not None


def mark_of(paper: Paper, gross_minor: int, issued: str, index_key: bytes) -> bytes:
    """What an invoice is known by, whatever form it was brought in and however many digits of its number that has."""
    return fingerprint(
        seller=paper.seller,
        buyer=paper.buyer,
        number=tail_of(paper.number),
        gross_minor=gross_minor,
        issued=issued,
        key=index_key,
    )


async def held_among(session: AsyncSession, marks: Sequence[bytes]) -> list[bool]:
    """Which of some fingerprints one's own invoices have that are held; others' stay untold until one is offered."""
    found = await session.scalars(
        select(Receivable.fingerprint).where(Receivable.fingerprint.in_(marks), Receivable.state.in_(HELD))
    )
    held = {bytes(one) for one in found}
    return [mark in held for mark in marks]


async def paper_of(session: AsyncSession, vault: Vault, row: Receivable) -> Paper:
    """What the invoice says."""
    key = await people.key_of(session, vault, row.person_id)
    told: dict[str, Any] = json.loads(vault.open(key, PAPER, row.id, row.paper_sealed))
    former = tuple(told.pop("former_names"))
    return Paper(**told, former_names=former)


def pledge_hash(row: Receivable) -> str:
    """What an owner's code pledges: this invoice, for what it is confirmed or proven now (SHA-256)."""
    content = "\x1f".join(("pledge", str(row.id), row.fingerprint.hex(), str(row.confirmed_minor or row.amount_minor)))
    return sha256(content.encode()).hexdigest()


async def one(session: AsyncSession, receivable_id: UUID, *, locked: bool = False) -> Receivable | None:
    """A receivable as it stands."""
    found = select(Receivable).where(Receivable.id == receivable_id).execution_options(populate_existing=True)
    return await session.scalar(found.with_for_update() if locked else found)


async def supported_of(session: AsyncSession, person_id: UUID) -> Sequence[Receivable]:
    """A person's invoices that their buyers confirmed or papers prove and that are pledged to nothing, newest first."""
    found = select(Receivable).where(
        Receivable.person_id == person_id, Receivable.state == ReceivableState.SUPPORTED.value
    )
    return (await session.scalars(found.order_by(Receivable.created_at.desc(), Receivable.id).limit(50))).all()


async def of_line(session: AsyncSession, line_id: UUID) -> Sequence[Receivable]:
    """Everything that was offered for a line, the newest first."""
    found = select(Receivable).where(Receivable.line_id == line_id)
    return (await session.scalars(found.order_by(Receivable.created_at.desc(), Receivable.id))).all()


async def waiting(session: AsyncSession, state: ReceivableState) -> Sequence[Receivable]:
    """Everything that stands in a state, whoever brought it, the most urgent first."""
    found = select(Receivable).where(Receivable.state == state.value)
    return (await session.scalars(found.order_by(Receivable.due_at, Receivable.id).limit(200))).all()


async def registered_elsewhere(session: AsyncSession, number: str, receivable_id: UUID) -> bool:
    """Whether a registration of ours is another receivable's."""
    found = select(Receivable.id).where(Receivable.registration_no == number, Receivable.id != receivable_id)
    return bool(await session.scalar(select(found.exists())))


def marks(row: Receivable) -> Marks:
    """What a row is told from others by."""
    return Marks(row.seller_key, row.buyer_key, row.number_key, row.serial, row.amount_minor, row.issued_on)


async def held_as(session: AsyncSession, mark: bytes) -> Receivable | None:
    """The one that is held under a fingerprint, whoever brought it."""
    return await session.scalar(select(Receivable).where(Receivable.fingerprint == mark, Receivable.state.in_(HELD)))


def party_key(vault: Vault, name: str) -> bytes:
    """The keyed hash of a party's name as it is compared."""
    return vault.blind_index(PARTY, plain_party(name))


def shares_number(vault: Vault, paper: Paper, row: Receivable) -> bool:
    """Whether a paper's number is the whole number of a row."""
    return number_key(vault, paper.number) == row.number_key


def number_key(vault: Vault, number: str) -> bytes:
    """The keyed hash of a number as it is compared."""
    return vault.blind_index(NUMBER, national_number(number) or plain_number(number))


def e_number_key(vault: Vault, number: str) -> bytes | None:
    """The keyed hash of a number that the country gives once, which two invoices never share; None for any other."""
    return None if national_number(number) is None else number_key(vault, number)


async def near(session: AsyncSession, row: Receivable) -> Receivable | None:
    """The oldest other one that is held and like it, whoever brought it; None where there is none."""
    alike = or_(
        Receivable.number_key == row.number_key,
        (Receivable.serial % 10**TAIL == row.serial % 10**TAIL)
        if row.serial is not None
        else Receivable.number_key == row.number_key,
        (Receivable.amount_minor == row.amount_minor) & (Receivable.issued_on == row.issued_on),
    )
    found = await session.scalars(
        select(Receivable)
        .where(alike, Receivable.id != row.id, Receivable.state.in_(HELD))
        .order_by(Receivable.created_at, Receivable.id)
        .limit(1_000)
    )
    return next((other for other in found if likeness(marks(row), marks(other)) is not Likeness.OTHER), None)


async def same(session: AsyncSession, row: Receivable) -> bool:
    """Whether another one that is held, and was brought before it, is this very invoice: also one whose fingerprint
    is of a time when a number's format told two apart."""
    found = await session.scalars(
        select(Receivable).where(
            Receivable.amount_minor == row.amount_minor,
            Receivable.issued_on == row.issued_on,
            Receivable.seller_key == row.seller_key,
            Receivable.buyer_key == row.buyer_key,
            tuple_(Receivable.created_at, Receivable.id) < tuple_(row.created_at, row.id),
            Receivable.state.in_(HELD),
        )
    )
    return any(likeness(marks(row), marks(other)) is Likeness.SAME for other in found)


async def own_firms(session: AsyncSession, person_id: UUID) -> set[bytes]:
    """Keyed hashes of the credit codes of a person's firms: none of them is a buyer."""
    found = await session.scalars(
        select(Firm.licence_index).where(Firm.person_id == person_id, Firm.licence_index.is_not(None))
    )
    return {bytes(index) for index in found if index is not None}


async def dilution(session: AsyncSession, firm_id: UUID, buyer: bytes, *, since: date) -> Decimal:
    """What was taken back of what a firm billed a buyer since a day, as a fraction; 0 where nothing was billed."""
    billed, back = (
        await session.execute(
            select(
                func.coalesce(func.sum(Invoice.net_minor).filter(Invoice.status == 0), 0),
                func.coalesce(-func.sum(Invoice.net_minor).filter(Invoice.status == RED), 0),
            ).where(
                Invoice.firm_id == firm_id,
                Invoice.side == 1,
                Invoice.counterparty_key == buyer,
                Invoice.issued_on >= since,
            )
        )
    ).one()
    return (Decimal(int(back)) / Decimal(int(billed))).quantize(Decimal("0.0001")) if billed > 0 else Decimal(0)


async def proofs_of(session: AsyncSession, row: Receivable) -> dict[str, EvidenceDocument]:
    """Papers that were brought to prove this invoice, by what each proves: one that a person took before any other,
    the newest before older ones."""
    kinds = {proof_of(kind, row.id): kind for kind in PROOFS}
    found = await session.scalars(
        select(EvidenceDocument)
        .where(EvidenceDocument.application_id == row.application_id, EvidenceDocument.item.in_(kinds))
        .order_by(EvidenceDocument.received_at, EvidenceDocument.id)
    )
    papers = sorted(found, key=lambda paper: paper.state == "accepted")
    return {kinds[paper.item]: paper for paper in papers}


async def unconfirmed(session: AsyncSession, application_id: UUID) -> Sequence[Receivable]:
    """Invoices of an application's line whose buyers have not said their word; the oldest first."""
    found = await session.scalars(
        select(Receivable)
        .where(Receivable.application_id == application_id, Receivable.state == ReceivableState.ASKED.value)
        .order_by(Receivable.created_at, Receivable.id)
    )
    return found.all()


async def facts_of(session: AsyncSession, receivable_id: UUID) -> Sequence[Command]:
    """What people at the desk wrote down of it, oldest first; not what its workflow refused."""
    found = await session.scalars(
        select(Command)
        .where(
            Command.workflow_id == clocks.workflow_of("receivable", receivable_id),
            Command.name == "note",
            Command.principal != people.SYSTEM,
            Command.state.in_(("waiting", "done")),
        )
        .order_by(Command.created_at, Command.id)
    )
    return found.all()


def as_rule(row: Receivable) -> Rule:
    """A row as the rules see it; only a pledged one that was not given back has a registration that counts."""
    pledged = row.state == ReceivableState.PLEDGED.value and row.given_back_at is None
    return Rule(
        id=str(row.id),
        buyer=bytes(row.buyer_key),
        amount_minor=row.amount_minor,
        issued_on=row.issued_on,
        due_on=row.due_on,
        support=Support(row.support) if row.support else None,
        confirmed_minor=row.confirmed_minor,
        credited_minor=row.credited_minor,
        paid_minor=row.paid_minor,
        diverted_minor=row.diverted_minor,
        registered_until=row.registered_until if pledged else None,
        disputed=row.disputed,
        buyer_barred=row.buyer_barred,
        buyer_struck=row.buyer_standing not in STANDS,
        own_buyer=row.own_buyer,
        dilution=row.dilution,
    )


def by_word(row: Receivable) -> int:
    """What no money took from it: told as paid and not found, or taken back by a credit note."""
    return row.told_minor + row.credited_minor


async def tell_waiting(session: AsyncSession, line_id: UUID, *, cause: object, but: Collection[UUID] = ()) -> None:
    """Money was repaid on a line: what is pledged there and owes nothing but by words looks whether it may go now."""
    found = await session.scalars(
        select(Receivable.id)
        .where(
            Receivable.line_id == line_id,
            Receivable.state == ReceivableState.PLEDGED.value,
            Receivable.given_back_at.is_(None),
            Receivable.told_minor + Receivable.credited_minor > 0,
            Receivable.id.not_in(but),
        )
        .order_by(Receivable.id)
    )
    wall = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    for receivable_id in found.all():
        command_id = derived_id("command", f"{cause}/{receivable_id}/repaid")
        if await commands.find_command(session, command_id) is not None:
            continue
        await commands.add_command(
            session,
            command_id=command_id,
            workflow_type="Receivable",
            workflow_id=clocks.workflow_of("receivable", receivable_id),
            name="note",
            argument={"command_id": str(command_id), "fact": "repaid", "amount_minor": 0},
            detail=None,
            start=None,  # it runs: whoever pledged it has started it
            principal=people.SYSTEM,
            now=wall,
            next_attempt_at=wall,
        )


def still_owed(row: Receivable) -> int:
    """What its buyer may still pay us on it: also what it paid to the borrower, who sends it on to us, and what it is
    said to have paid and nobody found."""
    return max(0, row.amount_minor - row.credited_minor - row.paid_minor + row.told_minor)


def unsaid(row: Receivable) -> int:
    """What neither money nor anybody's word has taken from the invoice yet."""
    return max(0, row.amount_minor - row.credited_minor - row.paid_minor)


async def base_of(session: AsyncSession, line_id: UUID, rules: ReceivableRules, today: date) -> Base:
    """What all receivables of a line count for on a day."""
    rows = [row for row in await of_line(session, line_id) if row.state in HELD]
    return base([as_rule(row) for row in rows], rules, today)
