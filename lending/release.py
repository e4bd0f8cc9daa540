"""Money leaving for a payee: how long it waits, how many factors and persons it takes (lending practice P13).

The tier is chosen on the sum of the business day, of the borrower and of the payee, so that splitting gains nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from lending.identifiers import derived_id
from lending.refusals import PayeeNotProven

# A payout in one of these states was given to the bank, and nobody knows yet what became of it.
UNDER_WAY = ("submitting", "submitted", "unknown")


class Trust(StrEnum):
    """What we know of an account that money should go to."""

    KNOWN = "known"
    PROVEN = "proven"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Payee:
    """An account to pay to.

    ``own`` and ``proven``: the bank-card check of this application matched holder and borrower; of another's account
    ``proven`` says that its holder is the seller on the paper which the money pays. ``first_paid_on``: the business day
    on which the first payout to this very account was credited and not returned; None before. ``fixed_days``: for so
    many days the account has stood unchanged in an agreement with a partner; None where none names it.
    """

    proven: bool
    own: bool = True
    first_paid_on: date | None = None
    fixed_days: int | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """What money above ``above_minor`` in one day needs before it leaves."""

    name: str
    above_minor: int
    delay: timedelta
    factors: int
    second_person: bool


@dataclass(frozen=True, slots=True)
class ReleasePolicy:
    """The tiers, the least first, each at least as strict as the one before.

    ``new_payee_delay`` binds at any amount; ``factor_rest``: so long after a change of a factor the tiers that take two
    are refused (security AUTHN-6); ``raised_by`` are signs that lead to the strictest tier at any amount.
    """

    tiers: tuple[Tier, ...]
    new_payee_delay: timedelta
    supplier_known_after_days: int
    raised_by: frozenset[str]
    release_within: timedelta
    currency: str = "CNY"
    factor_rest: timedelta = timedelta(hours=24)

    def __post_init__(self) -> None:
        first, *_ = self.tiers
        if first.above_minor != 0:
            raise ValueError("the first tier begins above nothing")
        for lower, higher in zip(self.tiers, self.tiers[1:], strict=False):
            if higher.above_minor <= lower.above_minor:
                raise ValueError(f"{higher.name}: begins above {lower.name}")
            laxer = higher.delay < lower.delay or higher.factors < lower.factors
            if laxer or (lower.second_person and not higher.second_person):
                raise ValueError(f"{higher.name}: at least as strict as {lower.name}")
        if first.delay < timedelta(0) or self.new_payee_delay < timedelta(0) or first.factors < 1:
            raise ValueError("delays are not negative, and every tier takes a factor")

    @property
    def fast_limit_minor(self) -> int:
        """The most that leaves in a day without waiting."""
        waits = next((tier for tier in self.tiers if tier.delay > timedelta(0)), None)
        return waits.above_minor if waits else 0

    @property
    def delay(self) -> timedelta:
        """How long the first tier that waits does so."""
        return next((tier.delay for tier in self.tiers if tier.delay > timedelta(0)), timedelta(0))


@dataclass(frozen=True, slots=True)
class DaySums:
    """What was released or is scheduled on the business day ``on``, in minor units, besides the payout in question."""

    borrower_minor: int = 0
    payee_minor: int = 0
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """How one payout leaves. ``day_minor``: the sum that its tier was chosen on."""

    tier: Tier
    delay: timedelta
    day_minor: int


def trust(payee: Payee, policy: ReleasePolicy, on: date | None = None) -> Trust:
    """What an account is to us. Raises :class:`PayeeNotProven`: money goes to no account that nothing proves.

    A same-name account proven in this application is no new payee. An own account that was paid on a day before ``on``,
    and a supplier's that an agreement has fixed long enough, are known. What was paid today makes no account known
    today: else a large sum in two parts would leave without the hours that it waits in one.
    """
    if not payee.proven:
        raise PayeeNotProven
    if payee.own:
        return Trust.KNOWN if payee.first_paid_on not in (None, on) else Trust.PROVEN
    fixed = payee.fixed_days is not None and payee.fixed_days >= policy.supplier_known_after_days
    return Trust.KNOWN if fixed else Trust.NEW


def plan_release(
    amount_minor: int, payee: Payee, earlier: DaySums, policy: ReleasePolicy, signs: frozenset[str] = frozenset()
) -> Release:
    """The tier of a payout and how long it waits. The amount is what leaves now; ``earlier`` the rest of the day.

    Delay and cool-off look at the payee, factors and persons at the sum: a known account waits for nobody's hour, and
    still takes two people above the strictest limit. A new payee waits at any amount.
    """
    if amount_minor <= 0 or earlier.borrower_minor < 0 or earlier.payee_minor < 0:
        raise ValueError("an amount is positive, and no day's sum is negative")
    day_minor = amount_minor + max(earlier.borrower_minor, earlier.payee_minor)
    tier = next(tier for tier in reversed(policy.tiers) if day_minor > tier.above_minor)
    if signs & policy.raised_by:
        tier = policy.tiers[-1]
    match trust(payee, policy, earlier.on):
        case Trust.KNOWN:
            delay = timedelta(0)
        case Trust.PROVEN:
            delay = tier.delay
        case Trust.NEW:
            delay = max(tier.delay, policy.new_payee_delay)
    return Release(tier, delay, day_minor)


def promised(amount_minor: int, policy: ReleasePolicy) -> Release:
    """How a first payout of this amount to an own, proven account leaves: what an offer may promise of the time.

    A sum of the same day or a sign of fraud can only be known when it is signed, and make it longer.
    """
    return plan_release(amount_minor, Payee(own=True, proven=True), DaySums(), policy)


def rests_until(tier: Tier, factor_at: datetime | None, now: datetime, policy: ReleasePolicy) -> datetime | None:
    """Until when a payout of a tier that takes two factors is refused because one of them was just changed."""
    if tier.factors < 2 or factor_at is None:
        return None
    until = factor_at + policy.factor_rest
    return until if now < until else None


def approval_hash(
    *, loan_id: UUID, terms_hash: str, amount_minor: int, currency: str, account_id: UUID | None, account_index: bytes
) -> str:
    """What is approved: amount, payee and terms of one loan. Any later change of one of them stops the money (T7).

    The owner's code, the second person's release and the money that leaves are all held against it. ``account_index``
    is the keyed hash of the account's number: another number under the same row is another payee.
    """
    approved = (str(loan_id), terms_hash, str(amount_minor), currency, str(account_id), account_index.hex())
    return sha256("\x1f".join(approved).encode()).hexdigest()


def confirmation_hash(hold_id: UUID, approved: str) -> str:
    """What an owner confirms who is asked whether it is them: this question, about this amount, payee and terms."""
    return sha256(f"{hold_id}\x1f{approved}".encode()).hexdigest()


def loan_id_of(application_id: UUID) -> UUID:
    """One application, one loan."""
    return derived_id("loan", str(application_id))


def payout_id_of(loan_id: UUID) -> UUID:
    """One loan, one payout."""
    return derived_id("payout", str(loan_id))
