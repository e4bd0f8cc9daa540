"""Money that came unasked, and how one sends some."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class WaysToPay:
    """How an owner pays by themselves: over any of ``rails``, to this account, with this reference in the remark."""

    loan_id: UUID
    reference: str
    account: str
    holder: str
    bank: str
    rails: tuple[str, ...]
    owed_minor: int
    past_due_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class PayoffQuote:
    """What pays a loan off on ``on``: its parts, ``in_flight`` of a debit that is on its way already, and ``to_pay``,
    which is the total less that. Good until ``valid_until``. ``saving``: interest that would come with sales as
    lately, until ``finish_on``; both None where nothing can be said of that."""

    loan_id: UUID
    on: date
    valid_until: datetime
    principal_minor: int
    interest_minor: int
    fees_minor: int
    total_minor: int
    in_flight_minor: int
    to_pay_minor: int
    saving_minor: int | None
    finish_on: date | None
    reference: str
    currency: str


@dataclass(frozen=True, slots=True)
class SentOn:
    """What of a credit went on: ``return`` to where it came from, ``rest`` to the borrower."""

    kind: str
    amount_minor: int
    currency: str
    state: str
    problem: str
    rail_reference: str | None


@dataclass(frozen=True, slots=True)
class RefusedView:
    """Money that the rail would not send on, to be judged by ``due_at``. ``acts``: ``again`` (the same way once more)
    and, for what belongs to nobody, ``suspense`` (find out anew whose it is); ``tries`` so far."""

    id: UUID
    kind: str
    amount_minor: int
    currency: str
    problem: str
    tries: int
    refused_at: datetime | None
    due_at: datetime | None
    late: bool
    payer: str
    acts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IncomingView:
    """A credit at the desk. ``by``: what told us what it is for; ``due_at``: until when a person finds out.
    ``takes_two``: above the limit, somebody else confirms what was ``decided``; ``mine``: the reader said it."""

    id: UUID
    state: str
    rail: str
    rail_reference: str
    amount_minor: int
    currency: str
    booked_on: date
    came_at: datetime
    due_at: datetime | None
    payer: str
    account_masked: str
    remark: str
    problem: str
    decided: str | None
    words: str | None
    by: str | None
    placed_at: datetime | None
    repaid_minor: int
    rest_minor: int
    third_party: bool
    sent_on: tuple[SentOn, ...]
    takes_two: bool = False
    mine: bool = False


@dataclass(frozen=True, slots=True)
class BuyerPayment:
    """What a buyer paid on a line: ``repaid`` of the draws, ``rest`` to the borrower; ``own``: passed on by them."""

    receivable_id: UUID
    amount_minor: int
    repaid_minor: int
    rest_minor: int
    currency: str
    on: date
    rail_reference: str
    rest_state: str
    own: bool


@dataclass(frozen=True, slots=True)
class Diverted:
    """What a buyer paid to the borrower: ``left`` of it is to be sent on by ``cure_on``."""

    receivable_id: UUID
    line_id: UUID
    amount_minor: int
    left_minor: int
    currency: str
    paid_on: date
    cure_on: date
    overdue: bool
