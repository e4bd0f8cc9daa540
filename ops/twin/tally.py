"""What a play says: yes and no, losses, lateness and its cure, contacts, cost, income, annual rates."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lending.collecting import Segment
from lending.contact_policy import PRESSING, Channel
from lending.portfolio import EVER_DAYS, LATE, Bucket, bucket_of
from ops.twin.running import Result, Row

LOST_FROM = 90  # days past due; the regulator's measure of a bad loan
SERIOUS_FROM = EVER_DAYS
QUARTER = 3
DAYS_A_YEAR = 365
# As tables call the buckets of the book.
BUCKETS = ("current", "1-30", "31-60", "61-90", "91+")
STANDS = (Bucket.CURRENT, *LATE)
PAID = "paid"
PRESSED = frozenset(one.value for one in PRESSING)
CURED_WITHIN = (7, 30, 90)


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Realised annual rates, as fractions; ``counted``: how many loans lie from each per cent to the next."""

    p5: float
    p50: float
    p95: float
    highest: float
    above_cap: int
    counted: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """One play in figures; amounts in fen, parts as fractions.

    ``loss_minor``: principal more than 90 days past due on the last day; nothing is charged off and nothing recovered.
    ``book``: principal at the end of each month, and of it what is more than 30 days late. ``vintages``: by quarter of
    the money, the part of loans that was ever 30 days late, by month on the books. ``rolls``: from bucket to bucket
    within a month."""

    asked: int
    approved: int
    by_person: int
    loans: int
    lent_minor: int
    left_minor: int
    paid_off: int
    loss_minor: int
    grades: dict[str, dict[str, float]]
    refused_for: dict[str, int]
    late: int
    cured: int
    cured_within: dict[int, int]
    self_curers: int
    self_curers_untouched: int
    segments: dict[str, int]
    contacts: dict[str, int]
    contacts_a_borrower: float
    contacts_a_late_one: float
    waited: int
    interest_minor: int
    cost_per_10k_minor: int
    years_lent: float
    coupons_minor: int
    waived_minor: int
    result_minor: int
    annual: Quantiles
    cap: float | None
    book: list[tuple[int, int]]
    rolls: dict[str, dict[str, float]]
    vintages: dict[str, list[float]]
    most_on_one_buyer: float
    limit_on_one_buyer: float | None
    loss_on_largest_minor: int
    lent_on_largest_minor: int
    ledger_sum_minor: int

    @property
    def approval(self) -> float:
        return part(self.approved, self.asked)

    @property
    def loss(self) -> float:
        return part(self.loss_minor, self.lent_minor)

    @property
    def cure(self) -> float:
        return part(self.cured, self.late)


def tally(result: Result) -> Tally:
    """The figures of a play."""
    rows, answers = result.rows, result.answers
    lent = sum(row.amount_minor for row in rows)
    interest = sum(row.earned_minor for row in rows)
    episodes = [one for row in rows for one in row.episodes]
    lasted = [(one.ended_on - one.since).days for one in episodes if one.ended_on is not None]
    selves = [one for one in episodes if one.first is Segment.SELF_CURER]
    loss = sum(_lost(row) for row in rows)
    contacts = _contacts(rows)
    pressed = sum(contacts.values())
    late_rows = [row for row in rows if row.episodes]
    years = sum(_principal_days(row) for row in rows) / DAYS_A_YEAR
    coupons, waived = sum(row.coupon_minor for row in rows), sum(row.waived_minor for row in rows)
    largest = [row for row in rows if row.lives_on == 0]
    return Tally(
        asked=answers.asked,
        approved=answers.approved,
        by_person=answers.by_person,
        loans=len(rows),
        lent_minor=lent,
        left_minor=sum(row.principal_minor for row in rows),
        paid_off=sum(row.paid_off for row in rows),
        loss_minor=loss,
        grades=_grades(rows, answers.grades),
        refused_for=dict(sorted(answers.reasons.items(), key=lambda one: (-one[1], one[0]))),
        late=len(episodes),
        cured=len(lasted),
        cured_within={days: sum(one <= days for one in lasted) for days in CURED_WITHIN},
        self_curers=len(selves),
        self_curers_untouched=sum(1 for one in selves if one.ended_on is not None and one.untouched),
        segments=dict(sorted(Counter(one.first.value for one in episodes if one.first is not None).items())),
        contacts=contacts,
        contacts_a_borrower=part(pressed, len(rows)),
        contacts_a_late_one=part(sum(one.contacts for one in episodes), len(late_rows)),
        waited=sum(row.blocked for row in rows),
        interest_minor=interest,
        cost_per_10k_minor=round(part(interest - coupons - waived, lent) * 1_000_000),
        years_lent=years / lent if lent else 0.0,
        coupons_minor=coupons,
        waived_minor=waived,
        result_minor=interest - coupons - waived - loss,
        annual=_annual(rows, result.cap),
        cap=result.cap,
        book=_book(rows, result.play.months),
        rolls=_rolls(rows),
        vintages=_vintages(rows),
        most_on_one_buyer=float(answers.most_on_one_buyer),
        limit_on_one_buyer=result.limit_on_one_buyer,
        loss_on_largest_minor=sum(_lost(row) for row in largest),
        lent_on_largest_minor=sum(row.amount_minor for row in largest),
        ledger_sum_minor=result.books.zero,
    )


def part(some: float, of: float) -> float:
    """``some / of``; nothing of nothing is nothing."""
    return some / of if of else 0.0


def bucket(days_past_due: int) -> str:
    """Where a loan stands in the book."""
    return BUCKETS[STANDS.index(bucket_of(days_past_due))]


def quantile(ordered: Sequence[float], at: float) -> float:
    """The smallest value below which this part lies, of values in order; 0 of none."""
    return ordered[min(len(ordered) - 1, int(at * len(ordered)))] if ordered else 0.0


def as_json(found: Tally, result: Result) -> dict[str, Any]:
    """For programs, with what it was made from."""
    from dataclasses import asdict

    play = result.play
    return {
        "play": {"firms": play.firms, "months": play.months, "seed": play.seed, "scenario": play.scenario},
        "policy": {"name": result.policy.name, "version": result.version},
        **asdict(found),
    }


def _lost(row: Row) -> int:
    return row.principal_minor if row.days_past_due > LOST_FROM else 0


def _principal_days(row: Row) -> float:
    """Days times principal on which interest ran, from the interest itself."""
    return row.earned_minor * DAYS_A_YEAR / row.rate if row.rate else 0.0


def _contacts(rows: Iterable[Row]) -> dict[str, int]:
    """Pressing contacts by channel."""
    found: dict[str, int] = dict.fromkeys((channel.value for channel in Channel), 0)
    for row in rows:
        for purpose, channel, n in row.contacts:
            if purpose in PRESSED:
                found[channel] += n
    return found


def _grades(rows: Sequence[Row], answered: dict[str, tuple[int, int]]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for grade, (asked, approved) in sorted(answered.items()):
        mine = [row for row in rows if row.grade == grade]
        lent = sum(row.amount_minor for row in mine)
        found[grade] = {
            "asked": asked,
            "approved": approved,
            "lent_minor": lent,
            "loss": part(sum(_lost(row) for row in mine), lent),
        }
    return found


def _annual(rows: Sequence[Row], cap: float | None) -> Quantiles:
    rates = sorted(row.annual for row in rows if row.annual is not None)
    above = sum(rate > cap for rate in rates) if cap is not None else 0
    highest = rates[-1] if rates else 0.0
    counted = tuple(sorted(Counter(int(rate * 100) for rate in rates).items()))
    return Quantiles(quantile(rates, 0.05), quantile(rates, 0.5), quantile(rates, 0.95), highest, above, counted)


def _book(rows: Sequence[Row], months: int) -> list[tuple[int, int]]:
    left, late = [0] * months, [0] * months
    for row in rows:
        for month, days, principal in row.month_ends:
            if month < months:
                left[month] += principal
                late[month] += principal if days > SERIOUS_FROM else 0
    return list(zip(left, late, strict=True))


def _rolls(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    moved: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        seen = [bucket(days) for _, days, _ in row.month_ends]
        last = [PAID] if row.paid_off and seen else []
        for before, after in zip(seen, [*seen[1:], *last], strict=False):
            moved[before][after] += 1
    return {
        one: {to: part(moved[one][to], moved[one].total()) for to in (*BUCKETS, PAID) if moved[one][to]}
        for one in BUCKETS
        if one in moved
    }


def _vintages(rows: Sequence[Row]) -> dict[str, list[float]]:
    """Only months that every loan of the quarter has seen, or could not see since it was paid."""
    by_quarter: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_quarter[row.started_month // QUARTER].append(row)
    found: dict[str, list[float]] = {}
    for quarter, mine in sorted(by_quarter.items()):
        seen = min((len(row.months) for row in mine if not row.paid_off), default=0)
        found[f"Q{quarter + 1}"] = [
            part(sum(any(days > SERIOUS_FROM for days, _ in row.months[:month]) for row in mine), len(mine))
            for month in range(1, seen + 1)
        ]
    return found
