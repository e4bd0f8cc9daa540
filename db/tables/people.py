"""People, their firms and accounts, what they allowed, and who looked."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    Identity,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Json, Table, one_of


class Person(Table):
    """A natural person. What identifies them is sealed with their own key, which erasure destroys."""

    __tablename__ = "person"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    phone_index: Mapped[bytes] = mapped_column(unique=True)
    phone_sealed: Mapped[bytes]
    name_sealed: Mapped[bytes | None]
    id_number_sealed: Mapped[bytes | None]
    id_number_index: Mapped[bytes | None] = mapped_column(index=True)
    locale: Mapped[str] = mapped_column(server_default="zh_CN")
    large_type: Mapped[bool] = mapped_column(server_default=text("false"))
    offers_wanted: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime]


class PersonKey(Table):
    """The data key of one person, wrapped by the key-encryption key. Destroying the row is the erasure."""

    __tablename__ = "person_key"
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    wrapped: Mapped[bytes | None]
    key_id: Mapped[str]
    destroyed_at: Mapped[datetime | None]


class Firm(Table):
    """A business: a company, a sole trader (个体工商户) or a self-employed person without a licence.

    ``capacity``: in which its person speaks for it (:class:`lending.profiles.Capacity`).
    """

    __tablename__ = "firm"
    __table_args__ = (
        one_of("kind", "company", "sole_trader", "self_employed"),
        one_of("capacity", "operator", "legal_representative", "agent"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str]
    name_sealed: Mapped[bytes]
    licence_sealed: Mapped[bytes | None]
    licence_index: Mapped[bytes | None] = mapped_column(index=True)
    trade: Mapped[str | None]
    region: Mapped[str | None]
    capacity: Mapped[str | None]
    created_at: Mapped[datetime]


class BankAccount(Table):
    """An account of a person, proven to be theirs by bank-card authentication or not yet.

    ``firm_id``: it stands in the name of this firm (对公账户) and not in the person's own.
    """

    __tablename__ = "bank_account"
    __table_args__ = (UniqueConstraint("person_id", "number_index"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    number_sealed: Mapped[bytes]
    number_index: Mapped[bytes] = mapped_column(index=True)
    masked: Mapped[str]
    bank: Mapped[str | None]
    proven_at: Mapped[datetime | None]
    first_paid_on: Mapped[date | None]
    firm_id: Mapped[UUID | None] = mapped_column(ForeignKey("firm.id"))
    created_at: Mapped[datetime]


class IdentityCheck(Table):
    """One asked-for check of a provider and its answer; reused in every channel while valid."""

    __tablename__ = "identity_check"
    __table_args__ = (one_of("outcome", "asked", "match", "mismatch"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    application_id: Mapped[UUID | None] = mapped_column(index=True)
    kind: Mapped[str]
    outcome: Mapped[str]
    reference: Mapped[str | None]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]


class Consent(Table):
    """What a person allowed: purpose, source, the very text, for how long, in which channel, with which proof."""

    __tablename__ = "consent"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    application_id: Mapped[UUID | None] = mapped_column(index=True)
    purpose: Mapped[str]
    source: Mapped[str] = mapped_column(server_default="")
    scope: Mapped[str]
    text_hash: Mapped[str]
    locale: Mapped[str]
    channel: Mapped[str]
    proof: Mapped[Json]
    given_at: Mapped[datetime]
    expires_on: Mapped[date]
    withdrawn_at: Mapped[datetime | None]


class AccessRecord(Table):
    """Who read which personal data, when and why; shown to the person."""

    __tablename__ = "access_record"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    what: Mapped[str]
    purpose: Mapped[str]
