"""Receivables as security: which ones count, for how much, and when that falls (journey 4; lending-practice P19, P22).

What may be lent on them follows from what they are on a day, never from what they were when they were pledged: a credit
note, a dispute, age, or a buyer in trouble lowers it by itself, and nobody has to decide that.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from uuid import UUID

from lending.money import round_half_even


class ReceivableState(StrEnum):
    """Where a receivable stands. Only ``pledged`` ones are lent on."""

    OFFERED = "offered"
    REVIEW = "review"  # somebody brought one like it: a person looks
    ASKED = "asked"  # its buyer was asked
    SUPPORTED = "supported"  # confirmed by its buyer, or proven by papers
    PLEDGED = "pledged"  # registered, with a fresh search behind us
    RELEASED = "released"
    REFUSED = "refused"
    LAPSED = "lapsed"


# While it stands in one of these nobody else can bring the same invoice.
HOLDS = frozenset(ReceivableState) - {ReceivableState.RELEASED, ReceivableState.REFUSED, ReceivableState.LAPSED}


class Support(StrEnum):
    """What a receivable's existence rests on."""

    CONFIRMED = "confirmed"  # 确权: its buyer cannot deny it later (担保解释 61)
    PROVEN = "proven"  # order, delivery, e-invoice and payments in the past; the burden of proof stays with us


# What a bundle of proof holds, each at least once (D6).
PROOFS = ("order", "delivery", "payments")
PROOF_ITEMS = tuple(f"proof_{kind}" for kind in PROOFS)


def proof_of(kind: str, receivable_id: UUID) -> str:
    """What a paper of this kind for this one invoice is brought as; it proves no other invoice."""
    return f"proof_{kind}.{receivable_id}"


class Bar(StrEnum):
    """Why a receivable does not count today."""

    NOT_REGISTERED = "not_registered"
    DISPUTED = "disputed"
    TAKEN_BACK = "taken_back"  # 红冲, or a credit note for all of it
    PAID = "paid"
    DIVERTED = "diverted"  # its buyer paid the borrower instead of the account that it was told
    BUYER_STRUCK = "buyer_struck"  # struck off, revoked, in the list of irregular firms, or a dishonest debtor
    TOO_OLD = "too_old"
    OVERDUE = "overdue"
    BUYER_BARRED = "buyer_barred"
    OWN_BUYER = "own_buyer"  # the buyer and the seller are one group
    DILUTED = "diluted"  # too much of what this buyer is billed is taken back
    REGISTRATION_ENDS = "registration_ends"


# Why one waits for a person or is refused before it is anything: the company register does not know its buyer.
BUYER_UNKNOWN = "buyer_unknown"


class UnknownBuyer(StrEnum):
    """What becomes of an invoice on a buyer that the company register does not know."""

    REVIEW = "review"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class ReceivableRules:
    """The policy. Rates are fractions of what counts.

    ``most_minor``: of one invoice; ``term_days_most``: from its day to its due day; ``unknown_buyer``: not in the
    company register.
    ``oldest_days`` since the invoice, ``overdue_days`` since its due day; ``buyer_share_most``: of all that counts, one
    buyer; ``dilution_most``: of what a buyer was billed in a year, taken back.
    """

    advance_rate: Decimal
    proven_rate: Decimal
    oldest_days: int
    overdue_days: int
    buyer_share_most: Decimal
    dilution_most: Decimal
    confirm_days: int
    large_buyer_days: int
    cure_days: int
    verify_again_days: int
    most_minor: int
    term_days_most: int
    unknown_buyer: UnknownBuyer

    def __post_init__(self) -> None:
        if not 0 < self.proven_rate <= self.advance_rate <= 1:
            raise ValueError("0 < proven_rate <= advance_rate <= 1")
        if not 0 < self.buyer_share_most <= 1 or not 0 <= self.dilution_most < 1:
            raise ValueError("buyer_share_most in (0, 1], dilution_most in [0, 1)")
        if self.most_minor <= 0:
            raise ValueError("amount_most is above zero")
        if min(self.oldest_days, self.confirm_days, self.cure_days) < 1:
            raise ValueError("days are above zero")

    def rate(self, support: Support) -> Decimal:
        """What is lent on a yuan that counts."""
        return self.advance_rate if support is Support.CONFIRMED else self.proven_rate


@dataclass(frozen=True, slots=True)
class Receivable:
    """One receivable as it stands on a day; amounts in minor units with tax. ``buyer``: a keyed hash.

    ``confirmed_minor``: what its buyer confirmed, None where it did not. ``dilution``: of this buyer's invoices.
    """

    id: str
    buyer: bytes
    amount_minor: int
    issued_on: date
    due_on: date
    support: Support | None = None
    confirmed_minor: int | None = None
    credited_minor: int = 0
    paid_minor: int = 0
    diverted_minor: int = 0
    registered_until: date | None = None
    disputed: bool = False
    buyer_barred: bool = False
    buyer_struck: bool = False
    own_buyer: bool = False
    dilution: Decimal = Decimal(0)

    @property
    def open_minor(self) -> int:
        """What its buyer is still to pay us, and no more than it confirmed; what it paid to somebody else counts no
        more, whatever the law still lets us claim of it."""
        gone = self.paid_minor + self.diverted_minor
        owed = self.amount_minor - self.credited_minor - gone
        if self.confirmed_minor is not None:
            owed = min(owed, self.confirmed_minor - gone)
        return max(0, owed)


def bars(one: Receivable, rules: ReceivableRules, today: date) -> tuple[Bar, ...]:
    """Everything that speaks against it today, the weightiest first; empty where it counts."""
    found = {
        Bar.NOT_REGISTERED: one.registered_until is None or one.support is None,
        Bar.DISPUTED: one.disputed,
        Bar.TAKEN_BACK: one.credited_minor >= one.amount_minor,
        Bar.PAID: one.credited_minor < one.amount_minor and one.open_minor == 0 and not one.diverted_minor,
        Bar.DIVERTED: one.credited_minor < one.amount_minor and one.open_minor == 0 and one.diverted_minor > 0,
        Bar.BUYER_STRUCK: one.buyer_struck,
        Bar.TOO_OLD: (today - one.issued_on).days > rules.oldest_days,
        Bar.OVERDUE: (today - one.due_on).days > rules.overdue_days,
        Bar.BUYER_BARRED: one.buyer_barred,
        Bar.OWN_BUYER: one.own_buyer,
        Bar.DILUTED: one.dilution > rules.dilution_most,
        # Its registration outlasts it, or somebody else is first in line before the buyer pays (D2).
        Bar.REGISTRATION_ENDS: one.registered_until is not None and one.registered_until < one.due_on,
    }
    return tuple(bar for bar, holds in found.items() if holds)


@dataclass(frozen=True, slots=True)
class Counted:
    """One receivable in the base. ``counts_minor``: after the limit on its buyer."""

    id: str
    bars: tuple[Bar, ...]
    open_minor: int
    counts_minor: int
    advance_minor: int


@dataclass(frozen=True, slots=True)
class Base:
    """What may be lent on all receivables of a line on a day (advance <= rate x eligible, D3)."""

    counted: tuple[Counted, ...]

    @property
    def open_minor(self) -> int:
        return sum(one.open_minor for one in self.counted)

    @property
    def counts_minor(self) -> int:
        return sum(one.counts_minor for one in self.counted)

    @property
    def advance_minor(self) -> int:
        return sum(one.advance_minor for one in self.counted)


def base(receivables: Iterable[Receivable], rules: ReceivableRules, today: date) -> Base:
    """The borrowing base: what is barred counts for nothing, one buyer for no more than its share of what is not.

    Within one buyer the confirmed ones count first, then those that are due first. Each part is rounded down.
    """
    everything = list(receivables)
    why = {one.id: bars(one, rules, today) for one in everything}
    free = [one for one in everything if not why[one.id]]
    most = int((sum(one.open_minor for one in free) * rules.buyer_share_most).to_integral_value(ROUND_FLOOR))
    left: defaultdict[bytes, int] = defaultdict(lambda: most)
    counts: dict[str, int] = {}
    for one in sorted(free, key=lambda one: (one.support is not Support.CONFIRMED, one.due_on, one.id)):
        counts[one.id] = min(one.open_minor, left[one.buyer])
        left[one.buyer] -= counts[one.id]
    return Base(tuple(_counted(one, why[one.id], counts.get(one.id, 0), rules) for one in everything))


def _counted(one: Receivable, why: tuple[Bar, ...], counts: int, rules: ReceivableRules) -> Counted:
    rate = rules.rate(one.support) if one.support is not None else Decimal(0)
    return Counted(one.id, why, one.open_minor, counts, int((counts * rate).to_integral_value(ROUND_FLOOR)))


def shortfall(base_minor: int, drawn_minor: int) -> int:
    """What is lent above the base. It asks for a cure and calls nothing: what is drawn runs on by its own terms."""
    return max(0, drawn_minor - base_minor)


@dataclass(frozen=True, slots=True)
class Short:
    """What a line is lent above its base, told apart, in minor units. ``cure_minor``: what another invoice or a payment
    has to mend, for money that is out; ``held_minor``: of draws that are approved and have not left, which need no
    payment and do not leave before it is mended. ``drawn_minor``: paid out; ``reserved_minor``: approved, not there.
    """

    base_minor: int
    drawn_minor: int
    reserved_minor: int
    cure_minor: int
    held_minor: int

    @property
    def whole_minor(self) -> int:
        return self.cure_minor + self.held_minor

    @property
    def told(self) -> str:
        """Which words tell it: of drawn money alone, of what is reserved alone, or of both."""
        if not self.held_minor:
            return "receivable_shortfall"
        return "receivable_shortfall_both" if self.cure_minor else "receivable_shortfall_reserved"


def told_apart(base_minor: int, *, drawn_minor: int, leaving_minor: int, reserved_minor: int) -> Short:
    """What is lent above the base, told apart. ``leaving_minor``: of ``reserved_minor``, what a bank has already."""
    cure = shortfall(base_minor, drawn_minor + leaving_minor)
    whole = shortfall(base_minor, drawn_minor + reserved_minor)
    return Short(base_minor, drawn_minor, reserved_minor, cure, whole - cure)


# --- what the desk hears ----------------------------------------------------------------------------------------------

# Said by one person, a fact that cuts holds at once, and what raises the base waits for a second: the careful side.
CUTS = ("disputed", "barred", "credited", "paid")
RAISES = ("undisputed", "unbarred")
# What each fact is called that takes one back: both carry its amount, and it raises.
UNDONE = {"credited": "uncredited", "paid": "unpaid"}
CLEARED = "cleared"  # a buyer whom no register knows is real


# --- confirmation (确权) ----------------------------------------------------------------------------------------------


class Means(StrEnum):
    """How somebody on the buyer's side answered."""

    SEAL = "seal"  # the buyer's electronic seal
    SIGNATORY = "signatory"  # an authorised signatory with a certificate
    CODE = "code"  # a one-time code alone: evidence, and no confirmation (P19)


BINDS = frozenset({Means.SEAL, Means.SIGNATORY})


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person on the buyer's side stated. ``signer``: a keyed hash; ``account``: where the buyer will pay."""

    signer: bytes
    means: Means
    amount_minor: int
    due_on: date
    defences_waived: bool
    account: bytes


def confirmed(answers: Sequence[Answer], *, owed_minor: int, account: bytes) -> Answer | None:
    """What binds the buyer: two persons, each by seal or as signatory, who state the same (P19); None until then.

    The same is amount, due day, whether defences are waived, and the account, which must be the one we named. More
    than the invoice asks binds for no more.
    """
    binding = [one for one in answers if one.means in BINDS and one.account == account and one.amount_minor > 0]
    for one in binding:
        for other in binding:
            alike = (one.amount_minor, one.due_on, one.defences_waived) == (
                other.amount_minor, other.due_on, other.defences_waived,
            )  # fmt: skip
            if alike and one.signer != other.signer:
                return Answer(
                    one.signer, one.means, min(one.amount_minor, owed_minor), one.due_on, one.defences_waived, account
                )
    return None


# --- clocks -----------------------------------------------------------------------------------------------------------


def due_of_large_buyer(delivered_on: date, agreed_due_on: date, rules: ReceivableRules) -> date:
    """When a large buyer owes by law at the latest, whatever was agreed (保障中小企业款项支付条例: 60 days)."""
    return min(agreed_due_on, delivered_on + timedelta(days=rules.large_buyer_days))


def late_interest(
    open_minor: int, *, due_on: date, today: date, agreed_yearly: Decimal | None, index_at_contract: Decimal
) -> int:
    """What a large buyer owes for paying late, in minor units (条例 17; lending-practice P22).

    The agreed rate, though never below the one-year LPR at the contract; 0.05 % a day where none was agreed.
    """
    days = max(0, (today - due_on).days)
    if agreed_yearly is None:
        return round_half_even(open_minor * Decimal("0.0005") * days)
    return round_half_even(open_minor * max(agreed_yearly, index_at_contract) * days / Decimal(365))
