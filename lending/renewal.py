"""A renewal (无还本续贷, 借新还旧): the new loan's money pays an open one off, and only the rest is paid out.

What pays the old loan off is fixed when the key facts are made, so that the net payout is shown, signed and paid to the
fen. Whatever the old loan does until the money arrives is settled by :func:`settled`, never to the owner's cost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from lending.accounts import Account
from lending.identifiers import derived_id
from lending.ledger import Entry, EntryKind, Posting
from lending.maturity import Label
from lending.refusals import RenewalTooSmall


@dataclass(frozen=True, slots=True)
class Renewal:
    """What the new loan pays of the old one, in minor units.

    ``rebate_minor``: unearned fees of the old loan, taken off what ends it; a loan with interest by the day has none,
    since what is not earned was never asked for.
    """

    amount_minor: int
    principal_minor: int
    interest_minor: int
    fees_minor: int = 0
    rebate_minor: int = 0

    @property
    def payoff_minor(self) -> int:
        """What ends the old loan."""
        return self.principal_minor + self.interest_minor + self.fees_minor - self.rebate_minor

    @property
    def net_minor(self) -> int:
        """What is paid out."""
        return self.amount_minor - self.payoff_minor


@dataclass(frozen=True, slots=True)
class Settled:
    """How the fixed amount ends the old loan on the day of the money.

    ``waived_minor``: interest since the key facts, which we bear. ``surplus_minor``: what the owner paid on the old
    loan in that time; it repays the new loan at once. ``left_minor``: principal that it does not cover, 0 unless
    a payment was charged back meanwhile: then the old loan lives on with it.
    """

    principal_minor: int
    interest_minor: int
    waived_minor: int
    surplus_minor: int
    left_minor: int


def renew(
    amount_minor: int,
    *,
    principal_minor: int,
    interest_minor: int,
    fees_minor: int = 0,
    rebate_minor: int = 0,
    currency: str = "CNY",
) -> Renewal:
    """Pay these off with a new loan. Raises :class:`RenewalTooSmall` where nothing would be left to pay out."""
    if min(principal_minor, interest_minor, rebate_minor) < 0 or not 0 <= rebate_minor <= fees_minor:
        raise ValueError("nothing that is owed is negative, and no more of a fee is given back than is open")
    renewal = Renewal(amount_minor, principal_minor, interest_minor, fees_minor, rebate_minor)
    if renewal.net_minor <= 0:
        raise RenewalTooSmall(payoff_minor=renewal.payoff_minor, currency=currency)
    return renewal


def settled(payoff_minor: int, *, principal_minor: int, interest_minor: int) -> Settled:
    """Use the fixed amount on what is owed on the day of the money, principal first, so that the old loan ends."""
    principal = min(payoff_minor, principal_minor)
    interest = min(payoff_minor - principal, interest_minor)
    return Settled(
        principal_minor=principal,
        interest_minor=interest,
        waived_minor=interest_minor - interest if principal == principal_minor else 0,
        surplus_minor=payoff_minor - principal - interest,
        left_minor=principal_minor - principal,
    )


def net_of(sheet: Mapping[str, Any], amount_minor: int) -> int:
    """What is paid out under stored key facts: the amount, less what pays an old loan off."""
    return amount_minor - int(sheet["renewal"]["payoff_minor"]) if sheet.get("renewal") else amount_minor


def entries_of(
    used: Settled,
    payoff_minor: int,
    *,
    new: UUID,
    old: UUID,
    booked_at: datetime,
    on: date,
    source: str,
    label: Label = Label.REFINANCING,
) -> list[Entry]:
    """The renewal in the journal, on both loans; after it nothing is left in passing between them. ``label``: a renewal
    at the end of a loan is not called as one loan that is paid off by another at any other time (P27)."""
    named = EntryKind.RENEWED if label is Label.RENEWAL else EntryKind.REFINANCED

    def entry(loan: UUID, kind: EntryKind, name: str, *postings: Posting) -> Entry:
        return Entry(derived_id("entry", f"renewal/{new}/{name}"), loan, kind, booked_at, on, source, postings)

    def move(debit: Account, credit: Account, amount: int) -> tuple[Posting, ...]:
        return (Posting(debit, credit, amount),) if amount else ()

    interest = move(Account.REFINANCING, Account.INTEREST_RECEIVABLE, used.interest_minor)
    principal = move(Account.REFINANCING, Account.LOANS_PRINCIPAL, used.principal_minor)
    waived = move(Account.COST_WAIVERS, Account.INTEREST_RECEIVABLE, used.waived_minor)
    surplus = move(Account.REFINANCING, Account.LOANS_PRINCIPAL, used.surplus_minor)
    lent = move(Account.LOANS_PRINCIPAL, Account.REFINANCING, payoff_minor)
    wanted = (
        (new, named, "lent", lent),
        (old, named, "paid", (*interest, *principal)),
        (old, EntryKind.WAIVED, "waived", waived),
        (new, named, "surplus", surplus),
    )
    return [entry(loan, kind, name, *postings) for loan, kind, name, postings in wanted if postings]
