"""Contacts on record, and the answer for one more: nothing reaches a person that was not asked for here."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import Complaint, ContactMade, Loan, Notice, Person
from lending.calendars import Jurisdiction
from lending.contact_policy import (
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
    standing = await standing_of(session, notice.person_id, notice.application_id, jurisdiction, now)
    wish = Wish(purpose, Channel.MESSAGE, number.hex(), kind=notice.kind)
    past = await past_of(session, notice.person_id, now, but=notice.id)
    answer = may_contact(wish, standing, past, rules, now)
    if not answer.now:
        row.because, row.not_before = str(answer.because), answer.at
        row.state = "stopped" if answer.never else row.state
        return answer
    made = {
        "id": notice.id,
        "person_id": notice.person_id,
        "at": now,
        "purpose": purpose.value,
        "channel": Channel.MESSAGE.value,
        "number": number,
        "kind": notice.kind,
        "agent": OURSELVES,
        "rules": version,
        "talked": False,
    }
    put = insert(ContactMade).values(made)
    await session.execute(put.on_conflict_do_update(index_elements=["id"], set_={"at": now, "rules": version}))
    return ContactToken(notice.id, purpose, version)


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
        loan = await session.scalar(select(Loan.state).where(Loan.application_id == application_id))
    return Standing(
        offset=jurisdiction.utc_offset,
        owed=loan != "closed",
        complained_at=complained,
        opted_out=frozenset() if wanted else frozenset({Purpose.OFFER}),
    )
