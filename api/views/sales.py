"""Bills that owners bring for running loans, as their owner and the desk see them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SalesDay:
    """A day of a bill. ``became``: counts, adjusts (its close is over: the next one settles it), known, told, or for a
    person: differs, lowers, doubted. ``fed``: the net sales that feeds told of the day, where they did."""

    on: date
    sales_minor: int
    refunds_minor: int
    chargebacks_minor: int
    net_minor: int
    became: str
    currency: str
    fed_minor: int | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Lines that are no sales, and why."""

    why: str
    text: str
    lines: int
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class SalesFileView:
    """A bill. ``state``: received, read (to be confirmed), refused or counted. ``days`` as they would enter the book
    now, and as they did once it counted; ``net`` is the sum of those that enter by the owner's yes, ``waits`` the
    number of those that a person looks at; ``decided``: count, fill or leave."""

    id: UUID
    loan_id: UUID
    name: str
    state: str
    problem: str | None
    problem_text: str
    doubt: str | None
    received_at: datetime
    confirmed_at: datetime | None
    days: tuple[SalesDay, ...]
    left_out: tuple[LeftOut, ...]
    net_minor: int
    waits: int
    decided: str | None
    words: str | None
    currency: str
