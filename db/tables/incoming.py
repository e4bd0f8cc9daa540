"""Money that came unasked, where it may be sent, what was sent on, and what a buyer paid to the wrong account."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.table import Table, one_of


class CollectionAccount(Table):
    """The number that buyers of one line pay into; it leads to our own account at the rail."""

    __tablename__ = "collection_account"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("credit_line.id"), unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    number_sealed: Mapped[bytes]
    number_index: Mapped[bytes] = mapped_column(unique=True)
    masked: Mapped[str]
    opened_at: Mapped[datetime]


class Incoming(Table):
    """One credit of ours at the rail, by the rail's own number ``seq``, and what became of it; amounts in minor units.

    ``payer_kept``: JSON with the payer's name, account and remark, sealed with the installation's key, since it may be
    nobody's whom we know; ``payer_index`` and ``payer_key``: keyed hashes of account and name. ``third_party``: not the
    borrower paid (代偿). ``decided``: what a person said, which is done by the next round, once somebody else confirmed
    it where it ``takes_two``. ``problem``: why it waits; ``rounds``: how often it came back into suspense.
    """

    __tablename__ = "incoming"
    __table_args__ = (
        one_of("state", "arrived", "suspense", "placed", "given_back"),
        one_of("rail", "bank", "wechat", "alipay"),
        one_of("decided", "loan", "receivable", "give_back"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("(state = 'suspense') <= (due_at is not null)", name="somebody_looks_by"),
        Index("ix_incoming_waiting", "seq", postgresql_where=text("state in ('arrived', 'suspense')")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(unique=True)
    rail: Mapped[str]
    rail_reference: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[str | None]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    booked_on: Mapped[date]
    came_at: Mapped[datetime]
    payer_kept: Mapped[bytes]
    payer_index: Mapped[bytes]
    payer_key: Mapped[bytes]
    state: Mapped[str]
    problem: Mapped[str] = mapped_column(server_default="")
    due_at: Mapped[datetime | None]
    via_line_id: Mapped[UUID | None] = mapped_column(ForeignKey("credit_line.id"))
    decided: Mapped[str | None]
    decided_id: Mapped[UUID | None]
    decided_by: Mapped[str | None]
    takes_two: Mapped[bool] = mapped_column(server_default=text("false"))
    confirmed_by: Mapped[str | None]
    rounds: Mapped[int] = mapped_column(Integer, server_default="0")
    words: Mapped[str | None]
    by: Mapped[str | None]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    line_id: Mapped[UUID | None] = mapped_column(ForeignKey("credit_line.id"))
    receivable_id: Mapped[UUID | None] = mapped_column(ForeignKey("receivable.id"), index=True)
    loan_id: Mapped[UUID | None] = mapped_column(ForeignKey("loan.id"), index=True)
    third_party: Mapped[bool] = mapped_column(server_default=text("false"))
    repaid_minor: Mapped[int] = mapped_column(server_default="0")
    rest_minor: Mapped[int] = mapped_column(server_default="0")
    placed_at: Mapped[datetime | None]


class Outgoing(Table):
    """Money that is not ours: what was too much goes back the way it came, a buyer's rest goes to the borrower.

    ``id`` follows from what caused it and names the order at the rail, so that it is paid once however often it is
    tried. ``of``: the rail's reference of what came, for a return; ``account_id``: the borrower's own, for a rest.
    ``from_suspense``: it was nobody's; otherwise it stood as held for the borrower. ``again``: how often it was sent
    anew after the rail had refused it, each time as another order; ``judged``: what a person said of a refusal.
    """

    __tablename__ = "outgoing"
    __table_args__ = (
        one_of("kind", "return", "rest"),
        one_of("state", "owed", "sent", "done", "refused"),
        one_of("judged", "again", "suspense"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("(kind = 'return') = (of is not null)", name="returned_of_something"),
        CheckConstraint("(kind = 'rest') <= (account_id is not null)", name="rest_goes_somewhere"),
        Index("ix_outgoing_open", "created_at", postgresql_where=text("state in ('owed', 'sent')")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    incoming_id: Mapped[UUID | None] = mapped_column(ForeignKey("incoming.id"), index=True)
    collection_id: Mapped[UUID | None] = mapped_column(ForeignKey("collection.id"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    loan_id: Mapped[UUID | None] = mapped_column(ForeignKey("loan.id"), index=True)
    of: Mapped[str | None]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("bank_account.id"))
    from_suspense: Mapped[bool] = mapped_column(server_default=text("false"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    state: Mapped[str]
    problem: Mapped[str] = mapped_column(server_default="")
    rail_reference: Mapped[str | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_on: Mapped[date | None]
    refused_at: Mapped[datetime | None]
    again: Mapped[int] = mapped_column(Integer, server_default="0")
    judged: Mapped[str | None]
    judged_by: Mapped[str | None]


class Diversion(Table):
    """A buyer paid the borrower instead of the account that it was told (D4): asked for again, and to be mended by a
    day. ``id`` follows from the rail's reference of what the borrower's account was sent."""

    __tablename__ = "diversion"
    __table_args__ = (
        one_of("state", "open", "mended"),
        CheckConstraint("amount_minor > 0 and mended_minor between 0 and amount_minor", name="amounts_count"),
        Index("ix_diversion_open", "cure_on", postgresql_where=text("state = 'open'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("credit_line.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    amount_minor: Mapped[int]
    mended_minor: Mapped[int] = mapped_column(server_default="0")
    currency: Mapped[str]
    paid_on: Mapped[date]
    rail_reference: Mapped[str] = mapped_column(index=True)
    seen_at: Mapped[datetime]
    cure_on: Mapped[date]
    state: Mapped[str]
    mended_at: Mapped[datetime | None]
