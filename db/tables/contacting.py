"""Contacts that the rules allowed: every message, call and visit to somebody about their loan or application."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Table, one_of
from lending.contact_policy import Channel, Purpose


class ContactMade(Table):
    """One contact, by the id of the message, call or visit that it is: why, how, by whom, under which rules.

    ``number``: the keyed hash of the number or address; ``talked``: somebody answered.
    """

    __tablename__ = "contact"
    __table_args__ = (
        one_of("purpose", *(one.value for one in Purpose)),
        one_of("channel", *(one.value for one in Channel)),
        Index("ix_contact_person_id_at", "person_id", "at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    purpose: Mapped[str]
    channel: Mapped[str]
    number: Mapped[bytes]
    kind: Mapped[str]
    agent: Mapped[str]
    rules: Mapped[str]
    talked: Mapped[bool]
