"""Receivables of a line as their owner and the desk see them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from api.views.incoming import BuyerPayment, Diverted


@dataclass(frozen=True, slots=True)
class ProofSeen:
    """A paper that proves an invoice instead of its buyer's word: ``kind`` is order, delivery or payments; ``state`` is
    missing, received (nobody looked yet), accepted or refused, with why in ``words``."""

    kind: str
    state: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class ComparedWord:
    """What one person said who held it against one that it is like. ``clears``: they are two invoices."""

    who: str
    clears: bool
    words: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class ReceivableView:
    """One invoice. Amounts with tax; ``open`` is still owed, ``counts`` after the limit on its buyer, ``advance`` what
    may be lent on it.

    ``bars``: why it does not count today, as codes with their words in ``why``; empty where it does. ``problem``: what
    the buyer's side has not done, or why it was refused; ``proofs``: the papers that would prove it instead;
    ``like``: the number of the invoice that it resembles, and ``compared`` what people said of the two, for the desk
    alone.
    """

    id: UUID
    line_id: UUID
    buyer: str
    number: str
    state: str
    amount_minor: int
    currency: str
    issued_on: date
    due_on: date
    support: str | None
    confirmed_minor: int | None
    open_minor: int
    counts_minor: int
    advance_minor: int
    bars: tuple[str, ...]
    why: tuple[str, ...]
    problem: str
    problem_text: str
    registration_no: str | None
    registered_until: date | None
    due_at: datetime | None
    version: int
    proofs: tuple[ProofSeen, ...] = ()
    like: str | None = None
    customer: str | None = None
    compared: tuple[ComparedWord, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceivableFact:
    """What the desk wrote down of an invoice. ``fact``: disputed, undisputed, barred, unbarred, credited, paid, or
    uncredited and unpaid, which take an earlier one back, or cleared; ``may_go``: the reader may take it back.

    ``standing``: ``stands`` with a paper (``sha256``) or a second person (``seconded``), ``waits`` for one or
    ``turned_down``; empty for those of before;
    ``document_id``: its paper, to be opened. While it waits, what cuts is in force and what raises is not."""

    id: UUID
    fact: str
    amount_minor: int
    currency: str
    words: str
    at: datetime
    mine: bool
    taken_back: bool
    may_go: bool
    standing: str = ""
    word_id: UUID | None = None
    sha256: str | None = None
    seconded: bool = False
    may_second: bool = False
    document_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class FoundInvoice:
    """One invoice that was read of a file, to be looked at before it is offered. ``source``: qr, xml, ofd, pdf, picture
    or list; what nobody told is None or empty. ``state``: valid, void, red, unknown (the tax bureau's word), unchecked.
    ``problem``: why it cannot be offered, with its words in ``why``."""

    n: int
    source: str
    number: str
    buyer: str
    buyer_licence: str
    amount_minor: int | None
    currency: str
    issued_on: date | None
    due_on: date | None
    state: str
    problem: str
    why: str


@dataclass(frozen=True, slots=True)
class InvoicePaperView:
    """A file that was brought: ``received`` (being read), ``read`` or ``refused`` with its reason."""

    id: UUID
    name: str
    state: str
    problem: str | None
    problem_text: str
    received_at: datetime
    found: tuple[FoundInvoice, ...]


@dataclass(frozen=True, slots=True)
class BaseView:
    """What all receivables of a line count for today, and what of it is lent.

    ``base`` = the sum of the advances; ``drawn``: paid out, ``reserved``: approved and not there yet; ``shortfall``:
    both above the base. Of it ``cure`` is to be mended by another invoice or a payment, and ``held`` belongs to draws
    that do not leave before it is.
    ``pay_to``: the line's own account for its buyers, None before the first was asked; ``payments``: what they paid;
    ``diverted``: what they paid to the borrower instead, to be sent on.
    """

    line_id: UUID
    currency: str
    open_minor: int
    counts_minor: int
    base_minor: int
    drawn_minor: int
    available_minor: int
    shortfall_minor: int
    receivables: tuple[ReceivableView, ...]
    pay_to: str | None = None
    payments: tuple[BuyerPayment, ...] = ()
    diverted: tuple[Diverted, ...] = ()
    reserved_minor: int = 0
    cure_minor: int = 0
    held_minor: int = 0


@dataclass(frozen=True, slots=True)
class LateClaim:
    """What a large buyer owes for paying late, as an estimate for a claim (保障中小企业款项支付条例 17)."""

    receivable_id: UUID
    due_on: date
    days: int
    open_minor: int
    interest_minor: int
    currency: str
