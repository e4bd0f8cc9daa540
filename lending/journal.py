"""The entries of an instalment loan: what its re-play says, against what is booked already.

An event that came late or was undone changes what later payments paid. Nothing that is booked is changed: the entry is
reversed with its own value date, and the right one is booked beside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from lending.accounts import Account
from lending.identifiers import derived_id
from lending.instalments import Part
from lending.ledger import Entry, EntryKind, LedgerError, Posting
from lending.loan_state import Kind, Loan, Moved
from lending.payoff import earned

RECEIVABLE = {
    Part.PRINCIPAL: Account.LOANS_PRINCIPAL,
    Part.INTEREST: Account.INTEREST_RECEIVABLE,
    Part.FEE: Account.FEES_RECEIVABLE,
    Part.PENALTY: Account.PENALTIES_RECEIVABLE,
}
INCOME = {
    Part.INTEREST: Account.INCOME_INTEREST,
    Part.FEE: Account.INCOME_FEES,
    Part.PENALTY: Account.INCOME_PENALTIES,
}
# Where the money of an event comes from (or goes to, when it is charged back).
SOURCES = {
    Kind.GOODWILL: Account.COST_GOODWILL,
    Kind.MERCHANT_REFUND: Account.REFUNDS_CLEARING,
    Kind.PAYOUT_REFUND: Account.REFUNDS_CLEARING,
    Kind.INTEREST_WAIVER: Account.COST_WAIVERS,
    Kind.INTEREST_REFUND: Account.COST_WAIVERS,
}
KINDS = {
    Kind.DISBURSEMENT: EntryKind.DISBURSED,
    Kind.CHARGE: EntryKind.CHARGED,
    Kind.CHANGE: EntryKind.CHANGED,
    Kind.CHARGE_WAIVER: EntryKind.WAIVED,
    Kind.INTEREST_WAIVER: EntryKind.WAIVED,
    Kind.GOODWILL: EntryKind.GOODWILL,
    Kind.MERCHANT_REFUND: EntryKind.REFUND,
    Kind.PAYOUT_REFUND: EntryKind.REFUND,
    Kind.INTEREST_REFUND: EntryKind.INTEREST_REFUNDED,
    Kind.CHARGEBACK: EntryKind.CHARGED_BACK,
}

Net = Mapping[Account, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an event should have moved: debits less credits per account, in minor units; the sum is zero."""

    cause: str
    kind: EntryKind
    effective_on: date
    net: Net


def wanted(loan: Loan, *, cash: Account = Account.CASH_WALLET) -> list[Wanted]:
    """Every event of a replayed loan as bookkeeping; events that move nothing are left out. Events need keys."""
    found: list[Wanted] = []
    off = False
    for moved in loan.moved:
        net = {account: amount for account, amount in _net(moved, off, cash).items() if amount}
        if sum(net.values()):
            raise LedgerError(f"event {moved.event.key!r} does not balance")
        if net:
            found.append(Wanted(moved.event.key, _kind(moved, off), moved.event.on, net))
        off = off or moved.written_off is not None
    if len({want.cause for want in found}) < len(found):
        raise LedgerError("events of a loan that is booked have different keys")
    return found


def _kind(moved: Moved, off: bool) -> EntryKind:
    if moved.written_off is not None:
        return EntryKind.CHARGED_OFF
    if off and moved.event.kind not in KINDS:
        return EntryKind.RECOVERY
    return KINDS.get(moved.event.kind, EntryKind.REPAYMENT)


def _net(moved: Moved, off: bool, cash: Account) -> dict[Account, int]:
    """Debits less credits of one event. After a charge-off what is paid is income, and nothing stands to be paid."""
    net = dict.fromkeys(Account, 0)
    source = SOURCES.get(moved.event.kind, cash)
    for part in Part:
        paid, waived, back = moved.paid[part], moved.waived[part], moved.back.get(part, 0)
        if off:
            net[Account.INCOME_RECOVERIES] -= paid - back
        else:
            net[RECEIVABLE[part]] -= paid + waived - back
            net[Account.COST_WAIVERS] += waived
        net[source] += paid - back
    net[Account.HELD_FOR_BORROWER] -= moved.over
    net[source] += moved.over
    net[Account.LOANS_PRINCIPAL] += moved.lent
    net[Account.PAYOUTS_IN_FLIGHT] -= moved.lent
    net[Account.CASH_BANK] += moved.fee
    net[Account.INCOME_FEES] -= moved.fee
    for part, amount in (moved.written_off or {}).items():
        net[RECEIVABLE[part]] -= amount
        net[Account.COST_WRITE_OFFS] += amount
    return net


def book(
    loan_id: UUID,
    loan: Loan,
    on: date,
    posted: Iterable[Entry],
    *,
    booked_at: datetime,
    source: str,
    cash: Account = Account.CASH_WALLET,
) -> list[Entry]:
    """The entries that bring what is ``posted`` for the loan to what its re-play until ``on`` says.

    Empty when the books are right: to book twice is to book once.
    """
    own = {entry.id: entry for entry in posted if entry.loan_id == loan_id}
    wants = {want.cause: want for want in wanted(loan, cash=cash)}
    causes = dict.fromkeys([*wants, *_causes(own.values())])
    entries: list[Entry] = []
    for cause in causes:
        entries += _corrected(loan_id, cause, wants.get(cause), own, booked_at, source)
    accrual = _accrual(loan_id, loan, on, [*own.values(), *entries], booked_at, source)
    return [*entries, accrual] if accrual else entries


def _causes(entries: Iterable[Entry]) -> list[str]:
    """Causes of booked entries: the source says them after the last bar."""
    return [entry.source.rpartition("|")[2] for entry in entries if entry.kind not in _NOT_EVENTS]


_NOT_EVENTS = frozenset((EntryKind.REVERSAL, EntryKind.LOAN_ACCRUAL))


def _corrected(
    loan_id: UUID, cause: str, want: Wanted | None, own: Mapping[UUID, Entry], booked_at: datetime, source: str
) -> list[Entry]:
    """Nothing if the standing entry of a cause says what is wanted, else its reversal and the right one."""
    version, standing = _standing(loan_id, cause, own)
    if want is not None and standing is not None and _same(standing, want):
        return []
    entries: list[Entry] = []
    told = f"{source}|{cause}"
    if standing is not None:
        entries.append(
            replace(
                standing,
                id=_id(loan_id, cause, version, reversal=True),
                kind=EntryKind.REVERSAL,
                booked_at=booked_at,
                source=told,
                postings=tuple(Posting(p.credit, p.debit, p.amount_minor) for p in standing.postings),
            )
        )
        version += 1
    if want is not None:
        entry_id = _id(loan_id, cause, version)
        entries.append(Entry(entry_id, loan_id, want.kind, booked_at, want.effective_on, told, postings_of(want.net)))
    return entries


def _standing(loan_id: UUID, cause: str, own: Mapping[UUID, Entry]) -> tuple[int, Entry | None]:
    """The version that is not reversed, or None and the number of the next one."""
    version = 0
    while (entry := own.get(_id(loan_id, cause, version))) is not None:
        if _id(loan_id, cause, version, reversal=True) not in own:
            return version, entry
        version += 1
    return version, None


def _same(entry: Entry, want: Wanted) -> bool:
    return (entry.kind, entry.effective_on, entry.postings) == (want.kind, want.effective_on, postings_of(want.net))


def _id(loan_id: UUID, cause: str, version: int, *, reversal: bool = False) -> UUID:
    return derived_id("entry", f"{loan_id}/{cause}/{version}{'/reversal' if reversal else ''}")


def postings_of(net: Net) -> tuple[Posting, ...]:
    """Postings that move these net amounts: each debit is taken from the credits in the order of the chart."""
    debits = [account for account in Account if net.get(account, 0) > 0]
    postings: list[Posting] = []
    left = dict(net)
    for credit in [account for account in Account if net.get(account, 0) < 0]:
        for debit in debits:
            amount = min(left[debit], -left[credit])
            if amount > 0:
                postings.append(Posting(debit, credit, amount))
                left[debit] -= amount
                left[credit] += amount
    return tuple(postings)


# --- what is earned ---------------------------------------------------------------------------------------------------
def _accrual(
    loan_id: UUID, loan: Loan, on: date, entries: Sequence[Entry], booked_at: datetime, source: str
) -> Entry | None:
    """By how much interest, fees and penalties earned until ``on`` differ from what was booked as earned."""
    until = next((dict(moved.earned) for moved in loan.moved if moved.earned is not None), None)
    told = until or earned(loan, on)
    accruals = [entry for entry in entries if entry.kind is EntryKind.LOAN_ACCRUAL]
    net: dict[Account, int] = {}
    for part, account in INCOME.items():
        booked = sum(_moved_into(entry, RECEIVABLE[part]) for entry in accruals)
        difference = told[part] - booked
        net[RECEIVABLE[part]] = difference
        net[account] = -difference
    if not any(net.values()):
        return None
    entry_id = derived_id("entry", f"{loan_id}/accrual/{on.isoformat()}/{len(accruals)}")
    told_source = f"{source}|accrual/{on.isoformat()}"
    return Entry(entry_id, loan_id, EntryKind.LOAN_ACCRUAL, booked_at, on, told_source, postings_of(net))


def _moved_into(entry: Entry, account: Account) -> int:
    return sum(
        posting.amount_minor * ((posting.debit is account) - (posting.credit is account)) for posting in entry.postings
    )
