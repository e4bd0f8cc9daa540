"""Contacts on record, and the answer for one more: nothing reaches a person that was not asked for here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import closes, collecting
from db.tables import Complaint, ContactMade, Loan, LoanBalance, Notice, Person
from lending.calendars import Jurisdiction
from lending.contact_policy import (
    PRESSING,
    WEEK,
    Answer,
    Channel,
    Contact,
    ContactToken,
    Purpose,
    Rules,
    Standing,
    Wish,
    may_contact,
)

OURSELVES = "system"


async def ask(
    session: AsyncSession,
    notice: Notice,
    number: bytes,
    purpose: Purpose,
    rules: Rules,
    *,
    channel: Channel = Channel.MESSAGE,
    jurisdiction: Jurisdiction,
    version: str,
    now: datetime,
) -> ContactToken | Answer | None:
    """May this message leave now: a token, and the contact on record; or why not, kept with the message; None where
    another process has settled it meanwhile.

    The person's row is locked first: two messages at once are asked about one after the other.
    """
    await session.execute(
        select(Person.id).where(Person.id == notice.person_id).with_for_update(of=Person, key_share=True)
    )
    row = await session.get_one(Notice, notice.id, with_for_update=True)
    if row.state != "waiting":
        return None
    asked = Asked(notice.id, notice.person_id, notice.application_id, OURSELVES)
    wish = Wish(purpose, channel, number.hex(), kind=notice.kind)
    answer = await allow(session, asked, wish, rules, jurisdiction=jurisdiction, version=version, now=now)
    if isinstance(answer, Answer):
        row.because, row.not_before = str(answer.because), answer.at
        row.state = "stopped" if answer.never else row.state
    return answer


@dataclass(frozen=True, slots=True)
class Asked:
    """Who would be contacted about what, by whom, under which id."""

    contact_id: UUID
    person_id: UUID
    application_id: UUID | None
    agent: str


async def allow(
    session: AsyncSession,
    asked: Asked,
    wish: Wish,
    rules: Rules,
    *,
    jurisdiction: Jurisdiction,
    version: str,
    now: datetime,
) -> ContactToken | Answer:
    """Ask for one contact of any channel: a token and its contact on record, or why not. Locks the person."""
    await session.execute(
        select(Person.id).where(Person.id == asked.person_id).with_for_update(of=Person, key_share=True)
    )
    standing = await standing_of(session, asked.person_id, asked.application_id, jurisdiction, now)
    past = await past_of(session, asked.person_id, now, but=asked.contact_id)
    answer = may_contact(wish, standing, past, rules, now)
    if not answer.now:
        return answer
    made = {
        "id": asked.contact_id,
        "person_id": asked.person_id,
        "at": now,
        "purpose": wish.purpose.value,
        "channel": wish.channel.value,
        "number": bytes.fromhex(wish.number),
        "kind": wish.kind,
        "agent": asked.agent,
        "rules": version,
        "talked": False,
    }
    put = insert(ContactMade).values(made)
    await session.execute(put.on_conflict_do_update(index_elements=["id"], set_={"at": now, "rules": version}))
    return ContactToken(asked.contact_id, wish.purpose, version)


async def since(session: AsyncSession, person_id: UUID, first: datetime, now: datetime) -> Sequence[ContactMade]:
    """Every contact that pressed somebody since then, the newest first."""
    asked = select(ContactMade).where(
        ContactMade.person_id == person_id,
        ContactMade.at.between(first, now),
        ContactMade.purpose.in_([one.value for one in PRESSING]),
    )
    return (await session.scalars(asked.order_by(ContactMade.at.desc(), ContactMade.id))).all()


async def newest(session: AsyncSession, person_id: UUID, kind: str, agent: str, first: datetime) -> ContactMade | None:
    """The last contact of a kind that somebody of ours made since then."""
    asked = select(ContactMade).where(
        ContactMade.person_id == person_id,
        ContactMade.kind == kind,
        ContactMade.agent == agent,
        ContactMade.at >= first,
    )
    return await session.scalar(asked.order_by(ContactMade.at.desc()).limit(1))


async def did_not_leave(session: AsyncSession, contact_id: UUID) -> None:
    """The gateway took nothing of what still waits: it was no contact."""
    waits = select(Notice.id).where(Notice.id == contact_id, Notice.state == "waiting")
    await session.execute(delete(ContactMade).where(ContactMade.id == contact_id, waits.exists()))


async def past_of(session: AsyncSession, person_id: UUID, now: datetime, *, but: UUID) -> list[Contact]:
    """A person's contacts of the last seven days in order, one left out."""
    rows = await session.scalars(
        select(ContactMade)
        .where(ContactMade.person_id == person_id, ContactMade.at > now - WEEK, ContactMade.id != but)
        .order_by(ContactMade.at, ContactMade.id)
    )
    return [Contact(row.at, Purpose(row.purpose), Channel(row.channel), row.number.hex(), row.talked) for row in rows]


async def standing_of(
    session: AsyncSession, person_id: UUID, application_id: UUID | None, jurisdiction: Jurisdiction, now: datetime
) -> Standing:
    """What is known of a person, and of the loan that came of one application. Their wall clock is the jurisdiction's:
    it knows one."""
    wanted = await session.scalar(select(Person.offers_wanted).where(Person.id == person_id))
    complained = await session.scalar(
        select(func.max(Complaint.made_at)).where(
            Complaint.person_id == person_id, Complaint.made_at > now - timedelta(days=31)
        )
    )
    loan = None
    if application_id is not None:
        loan = await session.scalar(select(Loan).where(Loan.application_id == application_id))
    promise = await collecting.promise_of(session, loan.id) if loan else None
    return Standing(
        offset=jurisdiction.utc_offset,
        owed=loan is None or loan.state != "closed",
        past_due=loan is not None and await _is_past_due(session, loan),
        promised_on=promise.promised_on if promise else None,
        disputed=loan is not None and await collecting.dispute_of(session, loan.id) is not None,
        complained_at=complained,
        opted_out=frozenset() if wanted else frozenset({Purpose.OFFER}),
    )


async def _is_past_due(session: AsyncSession, loan: Loan) -> bool:
    """Whether anything is past due with what came since the last close: a demand stops with the payment."""
    balance = await session.get(LoanBalance, loan.id)
    return balance is not None and closes.to_cure_of(loan, balance) > 0
