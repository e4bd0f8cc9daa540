"""People and their firms. What identifies a person goes in sealed and comes out only through here.

Every field is sealed with the person's own key for its own ``table.column`` and row: erasing the key erases them all.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import exists, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import (
    AccessRecord,
    Application,
    BankAccount,
    Firm,
    IdentityCheck,
    Person,
    PersonKey,
)
from infra import crypto
from infra.crypto import Vault, WrappedKey
from lending.identifiers import derived_id
from lending.parties import PartyKind
from lending.profiles import Capacity

# Columns, by which both the seals and the blind indexes are bound; a loan's account index is its bank account's.
PHONE = "person.phone"
NAME = "person.name"
ID_NUMBER = "person.id_number"
FIRM_NAME = "firm.name"
LICENCE = "firm.licence"
ACCOUNT = "bank_account.number"
FILE_NAME = "statement_file.name"
COUNTERPARTY = "counterparty_name.name"
SYSTEM = "system"  # the actor of what no person looked at
BUREAU_REPORT = "bureau_report.report"

SAME_LOOK = timedelta(hours=1)
A_MONTH = timedelta(days=30)  # what is done every night is told once a month
LOOKED = "looked"  # in a session's info: whose data this transaction has put a look on record for


def counterparty_place(firm_id: UUID, key: bytes) -> UUID:
    """The id that a counterparty's name is sealed to: a row of two keys has none of its own."""
    return derived_id("counterparty", f"{firm_id}/{key.hex()}")


class Erased(Exception):
    """The person's key was destroyed: nothing of theirs can be read any more."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is, in clear: for providers outside and for the person's own eyes."""

    name: str | None = field(repr=False)
    id_number: str | None = field(repr=False)
    phone: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FirmIdentity:
    """A firm in clear. ``kind`` is a :class:`lending.parties.PartyKind`, ``capacity`` that of its person."""

    id: UUID
    kind: str
    name: str = field(repr=False)
    licence: str | None = field(repr=False)
    trade: str | None
    capacity: str | None = None


class LookNotRecorded(Exception):
    """Staff were about to read somebody's data without a line in the record that the person sees."""


def must_be_on_record(session: AsyncSession, person_id: UUID) -> None:
    """Nothing of a person opens for staff before their look is recorded in the same transaction (个保法 44, 51)."""
    if session.info.get("scope") == "staff" and person_id not in session.info.get(LOOKED, ()):
        raise LookNotRecorded


async def key_of(session: AsyncSession, vault: Vault, person_id: UUID) -> crypto.PersonKey:
    """The person's key. Raises :class:`Erased`, and :class:`LookNotRecorded` for staff whose look is not on record."""
    must_be_on_record(session, person_id)
    found = (
        await session.execute(select(PersonKey.wrapped, PersonKey.key_id).where(PersonKey.person_id == person_id))
    ).one_or_none()
    if found is None or found.wrapped is None:
        raise Erased
    return vault.unwrap(WrappedKey(bytes=found.wrapped, key_id=found.key_id))


async def applicant(session: AsyncSession, vault: Vault, application_id: UUID) -> tuple[Person, crypto.PersonKey]:
    """The person behind an application and their key, in one statement. Raises :class:`Erased`."""
    found = await session.execute(
        select(Person, PersonKey.wrapped, PersonKey.key_id)
        .join(Application, Application.person_id == Person.id)
        .outerjoin(PersonKey, PersonKey.person_id == Person.id)
        .where(Application.id == application_id)
    )
    person, wrapped, key_id = found.one()
    if wrapped is None:
        raise Erased
    return person, vault.unwrap(WrappedKey(bytes=wrapped, key_id=key_id))


async def applying_firm(session: AsyncSession, application_id: UUID) -> Firm | None:
    """The firm of an application, None before it is known."""
    found = select(Firm).join(Application, Application.firm_id == Firm.id).where(Application.id == application_id)
    return await session.scalar(found)


async def firm_row(session: AsyncSession, application: Application) -> Firm | None:
    """The same of an application that is there already."""
    return await session.get(Firm, application.firm_id) if application.firm_id else None


async def find_by_phone(session: AsyncSession, vault: Vault, phone: str) -> UUID | None:
    """Whose phone this is."""
    index = vault.blind_index(PHONE, phone)
    return await session.scalar(select(Person.id).where(Person.phone_index == index))


async def know_by_phone(session: AsyncSession, vault: Vault, phone: str, *, locale: str, now: datetime) -> UUID:
    """The person of this phone, a new one if nobody has it; two at once find the same one."""
    found = await find_by_phone(session, vault, phone)
    if found is not None:
        return found
    person_id = uuid4()
    wrapped = vault.new_person_key()
    key = vault.unwrap(wrapped)
    added = await session.scalar(
        insert(Person)
        .values(
            id=person_id,
            phone_index=vault.blind_index(PHONE, phone),
            phone_sealed=vault.seal(key, PHONE, person_id, phone),
            locale=locale,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=[Person.phone_index])
        .returning(Person.id)
    )
    if added is None:
        again = await find_by_phone(session, vault, phone)
        if again is None:
            raise LookupError("a person vanished between two statements")
        return again
    session.add(PersonKey(person_id=person_id, wrapped=wrapped.bytes, key_id=wrapped.key_id))
    await session.flush()
    return person_id


async def identity_of(session: AsyncSession, vault: Vault, person_id: UUID) -> Identity:
    """Name, id number and phone in clear. Raises :class:`Erased`."""
    key = await key_of(session, vault, person_id)
    person = await session.get_one(Person, person_id)
    return Identity(
        name=_opened(vault, key, NAME, person_id, person.name_sealed),
        id_number=_opened(vault, key, ID_NUMBER, person_id, person.id_number_sealed),
        phone=vault.open(key, PHONE, person_id, person.phone_sealed),
    )


async def locale_of(session: AsyncSession, person_id: UUID) -> str:
    """The language in which the person is written to."""
    return (await session.get_one(Person, person_id)).locale


async def set_identity(session: AsyncSession, vault: Vault, person_id: UUID, *, name: str, id_number: str) -> None:
    """What the person says of themselves; proven only by the checks."""
    key = await key_of(session, vault, person_id)
    await session.execute(
        update(Person)
        .where(Person.id == person_id)
        .values(
            name_sealed=vault.seal(key, NAME, person_id, name),
            id_number_sealed=vault.seal(key, ID_NUMBER, person_id, id_number),
            id_number_index=vault.blind_index(ID_NUMBER, id_number),
        )
    )


async def set_profile(session: AsyncSession, person_id: UUID, **chosen: str | bool | None) -> None:
    """Language, letter size, whether they want to be offered credit; None leaves it as it is."""
    values = {name: value for name, value in chosen.items() if value is not None}
    if values:
        await session.execute(update(Person).where(Person.id == person_id).values(**values))


async def know_firm(
    session: AsyncSession,
    vault: Vault,
    person_id: UUID,
    *,
    kind: str,
    name: str,
    licence: str | None,
    trade: str | None,
    now: datetime,
    capacity: str | None = None,
) -> UUID:
    """The person's firm of this licence (or their unlicensed business), renewed if it exists."""
    key = await key_of(session, vault, person_id)
    index = vault.blind_index(LICENCE, licence) if licence else None
    same = Firm.licence_index == index if index else Firm.licence_index.is_(None)
    found = await session.scalar(select(Firm).where(Firm.person_id == person_id, same).with_for_update())
    firm = found or Firm(id=uuid4(), person_id=person_id, licence_index=index, created_at=now)
    firm.kind, firm.capacity = kind, capacity
    firm.name_sealed = vault.seal(key, FIRM_NAME, firm.id, name)
    firm.licence_sealed = vault.seal(key, LICENCE, firm.id, licence) if licence else None
    firm.trade = trade
    firm.region = _region(licence)
    session.add(firm)
    await session.flush()
    return firm.id


def _region(licence: str | None) -> str | None:
    """The province in a unified social credit code (GB 32100, digits 3 and 4); no decision reads it."""
    return licence[2:4] if licence and len(licence) == 18 and licence[2:4].isdigit() else None


async def kind_of(session: AsyncSession, firm_id: UUID | None) -> tuple[PartyKind | None, Capacity | None]:
    """What kind of applicant a firm is, and in what capacity its person speaks for it; None where that is not known."""
    found = await session.execute(select(Firm.kind, Firm.capacity).where(Firm.id == firm_id))
    kind, capacity = found.one_or_none() or (None, None)
    return PartyKind(kind) if kind else None, Capacity(capacity) if capacity else None


async def firm_of(session: AsyncSession, vault: Vault, firm_id: UUID) -> FirmIdentity:
    """A firm in clear."""
    firm = await session.get_one(Firm, firm_id)
    key = await key_of(session, vault, firm.person_id)
    return FirmIdentity(
        id=firm.id,
        kind=firm.kind,
        name=vault.open(key, FIRM_NAME, firm.id, firm.name_sealed),
        licence=_opened(vault, key, LICENCE, firm.id, firm.licence_sealed),
        trade=firm.trade,
        capacity=firm.capacity,
    )


async def know_account(
    session: AsyncSession,
    vault: Vault,
    person_id: UUID,
    *,
    number: str,
    bank: str | None,
    now: datetime,
    firm_id: UUID | None = None,
) -> UUID:
    """The person's bank account of this number; a new one is not proven, nor is one that stands in another name now.

    ``firm_id``: it stands in this firm's name.
    """
    index = vault.blind_index(ACCOUNT, number)
    key = await key_of(session, vault, person_id)
    account_id = uuid4()
    await session.execute(
        insert(BankAccount)
        .values(
            id=account_id,
            person_id=person_id,
            number_sealed=vault.seal(key, ACCOUNT, account_id, number),
            number_index=index,
            masked=masked_account(number),
            bank=bank,
            firm_id=firm_id,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=[BankAccount.person_id, BankAccount.number_index])
    )
    other_name = (BankAccount.number_index == index, BankAccount.firm_id.is_distinct_from(firm_id))
    await session.execute(
        update(BankAccount)
        .where(BankAccount.person_id == person_id, *other_name)
        .values(firm_id=firm_id, proven_at=None)
    )
    found = await session.scalars(
        select(BankAccount.id).where(BankAccount.person_id == person_id, BankAccount.number_index == index)
    )
    return found.one()


async def holds_account(session: AsyncSession, person_id: UUID, number_index: bytes) -> bool:
    """Whether an account, by the keyed hash of its number, is one that a person told us of as theirs."""
    found = exists().where(BankAccount.person_id == person_id, BankAccount.number_index == number_index)
    return bool(await session.scalar(select(found)))


async def firms_of(session: AsyncSession, person_id: UUID) -> Sequence[Firm]:
    """A person's firms."""
    return (await session.scalars(select(Firm).where(Firm.person_id == person_id).order_by(Firm.id))).all()


async def account_number(session: AsyncSession, vault: Vault, account_id: UUID) -> str:
    """The number of an account in clear: for the rail and the card check only."""
    account = await session.get_one(BankAccount, account_id)
    key = await key_of(session, vault, account.person_id)
    return vault.open(key, ACCOUNT, account_id, account.number_sealed)


async def record_access(
    session: AsyncSession, person_id: UUID, *, at: datetime, actor: str, what: str, purpose: str
) -> None:
    """Somebody read something private; the person sees it in the privacy centre. The same look again within the hour
    (``at`` is business time) is the same line."""
    same = exists().where(
        AccessRecord.person_id == person_id,
        AccessRecord.actor == actor,
        AccessRecord.what == what,
        AccessRecord.purpose == purpose,
        AccessRecord.at > at - SAME_LOOK,
    )
    if not await session.scalar(select(same)):
        session.add(AccessRecord(person_id=person_id, at=at, actor=actor, what=what, purpose=purpose))
        await session.flush()
    session.info.setdefault(LOOKED, set()).add(person_id)


async def record_nightly(
    session: AsyncSession, persons: Collection[UUID], *, at: datetime, what: str, purpose: str
) -> None:
    """A program looks at these people every night: told in the record once a month."""
    if not persons:
        return
    told = exists().where(
        AccessRecord.person_id == Person.id,
        AccessRecord.actor == SYSTEM,
        AccessRecord.what == what,
        AccessRecord.purpose == purpose,
        AccessRecord.at > at - A_MONTH,
    )
    rows = select(Person.id, *(literal(value) for value in (at, SYSTEM, what, purpose))).where(
        Person.id.in_(persons), ~told
    )
    await session.execute(insert(AccessRecord).from_select(["person_id", "at", "actor", "what", "purpose"], rows))


async def checks_of(session: AsyncSession, application: Application) -> dict[str, IdentityCheck]:
    """The newest identity check of each kind of the applicant."""
    found = await session.scalars(
        select(IdentityCheck)
        .where(IdentityCheck.person_id == application.person_id)
        .order_by(IdentityCheck.kind, IdentityCheck.asked_at)
    )
    return {check.kind: check for check in found}


# --- what may be shown of a number ------------------------------------------------------------------------------------


def masked_account(number: str) -> str:
    """The last four digits: ``•••• 5678``."""
    return f"•••• {number[-4:]}"


def masked_phone(phone: str) -> str:
    """``138 •••• 5678``, or the last four of a foreign number."""
    return f"{phone[:3]} •••• {phone[-4:]}" if len(phone) == 11 else f"•••• {phone[-4:]}"


def masked_id_number(number: str) -> str:
    """The first and the last two characters."""
    return f"{number[:2]}{'•' * (len(number) - 4)}{number[-2:]}"


def _opened(vault: Vault, key: crypto.PersonKey, column: str, row_id: UUID, sealed: bytes | None) -> str | None:
    return None if sealed is None else vault.open(key, column, row_id, sealed)
