"""A bill that an owner brings for a running loan: which of its lines are sales, and which of its days count.

What an owner brings can only add: it fills days of which no feed has told, and never lowers what stands. Whatever
contradicts a feed, would lower a day, or comes from a bill that is not surely the owner's own, waits for a person.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from lending.flows import LOAN_IN, LOAN_REPAY, PRIVATE, REFUND, SALE, TRANSFER_SELF
from lending.revenue_share import RevenueDay

# Money that we paid out reaches a statement on its day or the next working one.
PAID_OUT_WITHIN = timedelta(days=3)
# A feed and a bill of one account differ by roundings and minutes around midnight, not by more.
SAME_WITHIN_PERCENT, SAME_WITHIN_MINOR = 1, 100
# A bill that is longer is brought in two halves.
LINES_AT_MOST = 50_000

CHARGED_BACK = ("拒付", "退单", "调单", "争议", "chargeback", "dispute")
# What a wallet pays out to a bank account was sold in the wallet, whose own bill tells it.
WALLETS = (
    *("财付通", "微信支付", "支付宝", "美团", "京东", "抖音", "tenpay", "alipay", "wechat", "unionpay"),
    # licensed acquirers and the clearing houses behind them: their settlements are sales that a wallet told already
    *("银联", "网联", "拉卡拉", "通联", "收钱吧", "快钱", "随行付", "星驿付", "富友", "易宝", "汇付", "合利宝"),
)


class Sort(StrEnum):
    """What a line adds to its day."""

    SALE = "sale"
    REFUND = "refund"
    CHARGEBACK = "chargeback"


class Aside(StrEnum):
    """Why a line counts for nothing."""

    OTHER_TIME = "other_time"  # before the money came, or too long ago
    OTHER_CURRENCY = "other_currency"
    NOTHING_MOVED = "nothing_moved"
    LOAN = "loan"
    OWN_MOVE = "own_move"
    SETTLEMENT = "settlement"
    PRIVATE = "private"
    SPENT = "spent"
    OTHER = "other"


class Doubt(StrEnum):
    """Why a whole bill waits for a person."""

    EDITED = "edited"
    OTHER_ACCOUNT = "other_account"


class Became(StrEnum):
    """What becomes of a day."""

    COUNTS = "counts"  # with the next close, which is its own
    ADJUSTS = "adjusts"  # its close is over: the next one settles it
    KNOWN = "known"  # each of its lines counted before
    TOLD = "told"  # a feed has told it, and tells the same
    DIFFERS = "differs"  # a feed has told it otherwise: the feed stands until a person has looked
    LOWERS = "lowers"
    DOUBTED = "doubted"

    @property
    def enters(self) -> bool:
        """Whether it enters the book by the owner's yes alone."""
        return self in (Became.COUNTS, Became.ADJUSTS)

    @property
    def waits(self) -> bool:
        """Whether a person has to look."""
        return self in (Became.DIFFERS, Became.LOWERS, Became.DOUBTED)


class Moved(NamedTuple):
    """A line as a bill tells it; ``words`` and ``who`` in any case, ``kind`` as :mod:`lending.flows` numbers them."""

    fingerprint: bytes
    on: date
    direction: int
    amount_minor: int
    currency: str
    kind: int
    void: bool
    own_name: bool
    words: str
    who: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the loan: its time (both days count), currency, what was paid out to its owner on which day, the
    owner's own names; ``bank``: the bill is a bank's and not a wallet's."""

    first: date
    last: date
    currency: str
    paid_out: frozenset[tuple[date, int]] = frozenset()
    own_names: frozenset[str] = field(default=frozenset(), repr=False)
    bank: bool = False


def sorted_out(line: Moved, known: Known) -> Sort | Aside:
    """What a line adds to its day, or why it adds nothing."""
    if not known.first <= line.on <= known.last:
        return Aside.OTHER_TIME
    if line.currency != known.currency:
        return Aside.OTHER_CURRENCY
    if line.void or line.direction == 0 or line.amount_minor <= 0:
        return Aside.NOTHING_MOVED
    said = f"{line.who} {line.words}".casefold()
    if line.kind in (LOAN_IN, LOAN_REPAY) or (line.direction > 0 and _is_ours(line, known)):
        return Aside.LOAN
    if line.kind == TRANSFER_SELF or line.own_name or _plain(line.who) in known.own_names:
        return Aside.OWN_MOVE
    if line.direction < 0:
        if line.kind != REFUND:
            return Aside.SPENT
        return Sort.CHARGEBACK if any(word in said for word in CHARGED_BACK) else Sort.REFUND
    if known.bank and any(word in said for word in WALLETS):
        return Aside.SETTLEMENT
    if line.kind == PRIVATE:
        return Aside.PRIVATE
    return Sort.SALE if line.kind == SALE else Aside.OTHER


def _is_ours(line: Moved, known: Known) -> bool:
    return any(
        amount == line.amount_minor and timedelta(0) <= line.on - paid <= PAID_OUT_WITHIN
        for paid, amount in known.paid_out
    )


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()


def own_names(*names: str) -> frozenset[str]:
    """Names as :func:`sorted_out` compares them; empty ones are nobody's."""
    return frozenset(plain for name in names if (plain := _plain(name)))


def days_of(lines: Iterable[tuple[date, str, int]]) -> dict[date, RevenueDay]:
    """(day, sort, minor units) by day."""
    sums: dict[date, dict[str, int]] = defaultdict(lambda: dict.fromkeys(Sort, 0))
    for on, sort, minor in lines:
        sums[on][sort] += minor
    return {on: RevenueDay(of[Sort.SALE], of[Sort.REFUND], of[Sort.CHARGEBACK]) for on, of in sorted(sums.items())}


class Judged(NamedTuple):
    """A day of a bill: ``whole`` as the bill tells it, ``new`` what no earlier bill told, and what becomes of it;
    ``fed``: what feeds told of the day, None where none did."""

    on: date
    whole: RevenueDay
    new: RevenueDay
    became: Became
    fed: RevenueDay | None = None

    @property
    def missing(self) -> RevenueDay:
        """What the feeds' word lacks if the bill is of the same account and is right; it may be below zero."""
        if self.fed is None:
            return self.new
        return RevenueDay(*(of - told for of, told in zip(self.whole, self.fed, strict=True)))


def judged(
    whole: Mapping[date, RevenueDay],
    new: Mapping[date, RevenueDay],
    fed: Mapping[date, RevenueDay],
    *,
    closed_to: date | None,
    doubt: Doubt | None,
) -> tuple[Judged, ...]:
    """Each day of a bill, in order. ``fed``: what feeds have told; ``closed_to``: the last day that a close has taken.

    The first and the last day of a bill may be parts of a day: telling less there than the feed contradicts nothing.
    """
    ends = {min(whole), max(whole)} if whole else set[date]()
    found: list[Judged] = []
    for on, told in sorted(whole.items()):
        more = new.get(on)
        if more is None:
            became = Became.KNOWN
        elif on in fed:
            same = _same(told.net_minor, fed[on].net_minor, part=on in ends)
            became = Became.TOLD if same else Became.DIFFERS
        elif doubt is not None:
            became = Became.DOUBTED
        elif more.net_minor < 0:
            became = Became.LOWERS
        else:
            became = Became.ADJUSTS if closed_to is not None and on <= closed_to else Became.COUNTS
        found.append(Judged(on, told, more or RevenueDay(0), became, fed.get(on)))
    return tuple(found)


def _same(told: int, fed: int, *, part: bool) -> bool:
    if part and told <= fed:
        return True
    return abs(told - fed) <= max(SAME_WITHIN_MINOR, abs(fed) * SAME_WITHIN_PERCENT // 100)
