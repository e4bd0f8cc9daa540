"""The debits of a loan as its owner sees them: by which mandate, announced when, answered how (P26)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Mandate:
    """What the owner signed: clause ``clause`` of the contract; ``state``: lives, withdrawn or over.

    At most ``tries_a_day``, in part where the account holds less, and never more than the share of sales (``share``)
    with what could not be taken before: every day, or when the ``cycle`` ends; of a plan by dates (``repayment``) the
    instalment of each due day. ``rests_until``: no sales, or a part of them (``rest_part``), count until then.
    """

    number: str
    contract: str
    clause: int
    clause_title: str
    account_masked: str
    signed_at: datetime | None
    state: str
    tries_a_day: int
    share: Decimal
    repayment: str = "revenue_share"
    cycle: str = "day"
    cycle_day: int = 0
    rests_until: date | None = None
    rest_part: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class DebitView:
    """One instruction. ``asked`` = its share of ``net_revenue`` of ``revenue_on``; ``path_minor``: what of it is for
    the minimum path instead; ``notice_at``: its announcement; ``rail_reference``: the bank's receipt; ``back``: what of
    it was too much and went back; ``then``: what happens next, as a code with its words, where it was not taken whole.
    """

    id: UUID
    on: date
    revenue_on: date
    net_revenue_minor: int
    asked_minor: int
    taken_minor: int
    currency: str
    state: str
    notice_at: datetime | None
    rail_reference: str | None
    received_at: datetime | None
    back_minor: int
    then: str
    then_text: str
    path_minor: int = 0


@dataclass(frozen=True, slots=True)
class DebitsView:
    """The mandate of a loan and everything that was done by it, the newest first."""

    loan_id: UUID
    mandate: Mandate
    debits: tuple[DebitView, ...]
