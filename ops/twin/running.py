"""A whole play: everybody asks, the rules answer, and each loan is lived, in as many processes as there are.

A loan depends on the seed, its firm, the policy and the scenario alone, so that the result is the same whatever the
number of processes.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from multiprocessing import get_context
from random import Random
from uuid import UUID

from lending.apr import Flow, irr_effective
from lending.coupons import Coupon, best
from lending.identifiers import derived_id
from lending.offers import Offer, Shape, make_offers
from lending.refusals import NoAnnualRate, OutsidePolicy
from lending.revenue_share import RevenueDay
from ops.twin.asking import Answers, Granted, answered, asked_by, random_of
from ops.twin.assumptions import Assumptions, Play, assumed
from ops.twin.books import Books
from ops.twin.firms import CHUNK, Chunk, chunk, chunks_of
from ops.twin.lateness import Episode, Made, Sender
from ops.twin.lived import House, Lived
from ops.twin.living import Loan
from ops.twin.people import Owner
from ops.twin.played import JURISDICTION, PRODUCT, Played, book_of, law_of
from policies.book import PolicyBook

CURRENCY = "CNY"
# The second level, counted from zero: what one loan repaid brings.
RETURNING_LEVEL = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One loan for the tally; amounts in fen. ``annual``: the realised annual rate with interest on interest, of what
    was paid and is owed; None where nothing was paid."""

    firm: int
    grade: str
    rate: float
    amount_minor: int
    share: float
    started_month: int
    lives_on: int
    fails: bool
    paid_off: bool
    days_past_due: int
    principal_minor: int
    earned_minor: int
    paid_minor: int
    waived_minor: int
    coupon_minor: int
    days: int
    annual: float | None
    months: tuple[tuple[int, int], ...]
    month_ends: tuple[tuple[int, int, int], ...]
    episodes: tuple[Episode, ...]
    contacts: tuple[tuple[str, str, int], ...]
    blocked: int


@dataclass(slots=True)
class Result:
    """Everything that a play brought."""

    play: Play
    policy: Played
    version: str
    answers: Answers
    rows: list[Row] = field(default_factory=list[Row])
    books: Books = field(default_factory=Books)
    no_plan: int = 0
    cap: float | None = None
    limit_on_one_buyer: float | None = None


def run(
    play: Play, policy: Played, *, processes: int = 1, said: Callable[[str, int, int], None] | None = None
) -> Result:
    """The play under the policy; ``said`` hears how many chunks are done. :class:`ops.twin.books.DoesNotTie` where the
    journal is not what the loans are."""
    supposed, book = assumed(), book_of(policy)
    under = book.policy(PRODUCT)
    asked = [
        one
        for number in range(chunks_of(play))
        for one in asked_by(chunk(play, number, supposed), play, supposed, under)
    ]
    answers = answered(asked, play, supposed, book, under)
    by_chunk: dict[int, list[Granted]] = {number: [] for number in range(chunks_of(play))}
    for granted in answers.taken:
        by_chunk[granted.firm // CHUNK].append(granted)
    most = under.exposure.buyer_up_to
    result = Result(play, policy, book.version, answers)
    result.cap, result.limit_on_one_buyer = law_of(book).cap, None if most is None else float(most)
    jobs = [(play, policy, number, tuple(granted)) for number, granted in by_chunk.items()]
    for n, (rows, books, without) in enumerate(_all(jobs, processes), 1):
        result.rows += rows
        result.books.join(books)
        result.no_plan += without
        if said is not None:
            said(policy.name, n, len(jobs))
    lent = sum(row.amount_minor for row in result.rows)
    result.books.closes(PRODUCT, CURRENCY, lent, supposed.begins_on)
    return result


Job = tuple[Play, Played, int, tuple[Granted, ...]]
Done = tuple[list[Row], Books, int]


def _all(jobs: Sequence[Job], processes: int) -> Iterator[Done]:
    if processes <= 1:
        yield from map(live_chunk, jobs)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(live_chunk, jobs)


def live_chunk(job: Job) -> Done:
    """Every loan of one chunk."""
    play, policy, number, granted = job
    supposed = assumed()
    firms = chunk(play, number, supposed)
    books, rows, without = Books(), list[Row](), 0
    for one in granted:
        made = begin(firms, one, play, policy, supposed)
        if made is None:
            without += 1
            continue
        loan, sales = made
        rows.append(_row(one, loan.live(sales, books), supposed))
    return rows, books, without


def begin(
    firms: Chunk, granted: Granted, play: Play, policy: Played, supposed: Assumptions
) -> tuple[Loan, list[RevenueDay]] | None:
    """The loan on the plan that its owner likes, and the sales of its days; None where usual sales carry no plan."""
    book = book_of(policy)
    law, calendar = law_of(book), book.calendars.get(JURISDICTION.value)
    try:
        offers = make_offers(
            book.product(PRODUCT), granted.verdict, granted.request, granted.usual_minor, granted.on, calendar=calendar
        )
    except OutsidePolicy:
        return None
    n = granted.firm % CHUNK
    column = (granted.on - firms.first_day).days
    chance = random_of(play, granted.firm, "living")
    liked = _liked(offers, chance, supposed)
    owner = Owner(
        list(supposed.habits.values())[int(firms.habit[n])],
        float(firms.spare_days[n]),
        firms.net[n].tolist(),
        firms.first_day,
        chance,
        supposed,
    )
    house = House(book.collections, book.purposes, book.in_app, calendar, supposed, supposed.scenarios[play.scenario])
    loan_id = derived_id("loan", f"twin/{play.seed}/{granted.firm}")
    sender = Sender(law.contact, law.offset)
    days = (one[n, column:].tolist() for one in (firms.sales, firms.refunds, firms.chargebacks))
    sales = [RevenueDay(*day) for day in zip(*days, strict=True)]
    coupon = _coupon(book, liked, granted.on, loan_id) if chance.random() < supposed.returning else 0
    return Loan(loan_id, liked.terms, granted.on, owner, sender, house, coupon_minor=coupon), sales


def _coupon(book: PolicyBook, offer: Offer, on: date, loan_id: UUID) -> int:
    """What the coupon of somebody who repaid one loan pays of this one at most, if it fits it."""
    given = book.trust.levels[RETURNING_LEVEL].coupon
    if given is None:
        return 0
    kind = book.coupons[given]
    held = Coupon(loan_id, kind.name, kind.cap_minor, kind.least_minor, on)
    fits = best([held], amount_minor=offer.terms.amount_minor, interest_minor=offer.normal.total_interest_minor, on=on)
    return fits.cap_minor if fits is not None else 0


def _liked(offers: Sequence[Offer], chance: Random, supposed: Assumptions) -> Offer:
    """The plan whose shape they like, or the first."""
    plans = supposed.asks.plans
    shape = chance.choices(list(plans), list(plans.values()))[0]
    return next((offer for offer in offers if offer.shape is Shape(shape)), offers[0])


def _row(granted: Granted, lived: Lived, supposed: Assumptions) -> Row:
    begins = supposed.begins_on
    position = lived.position
    ends = sorted(lived.month_ends)
    return Row(
        firm=granted.firm,
        grade=granted.verdict.grade,
        rate=float(lived.terms.annual_rate),
        amount_minor=lived.terms.amount_minor,
        share=float(lived.terms.share),
        started_month=_month(lived.started_on) - _month(begins),
        lives_on=granted.lives_on,
        fails=granted.fails,
        paid_off=lived.paid_off_on is not None,
        days_past_due=0 if lived.paid_off_on else lived.days_past_due,
        principal_minor=position.principal_minor,
        earned_minor=lived.interest_earned_minor,
        paid_minor=lived.paid_minor,
        waived_minor=lived.waived_minor,
        coupon_minor=lived.coupon_minor,
        days=lived.days,
        annual=_annual(lived),
        months=tuple(lived.months),
        month_ends=tuple((_month(on) - _month(begins), *lived.month_ends[on]) for on in ends),
        episodes=tuple(lived.episodes),
        contacts=_contacts(lived.made),
        blocked=lived.blocked,
    )


def _annual(lived: Lived) -> float | None:
    flows = list(lived.flows)
    if len(flows) == 1:
        return None
    if lived.position.owed_minor:
        on = lived.started_on + timedelta(days=lived.days)
        flows.append(Flow(on, -lived.position.owed_minor))
    try:
        return float(irr_effective(flows))
    except NoAnnualRate:
        return 0.0  # less came back than was lent, by rounding or by what was let go


def _contacts(made: Sequence[Made]) -> tuple[tuple[str, str, int], ...]:
    counted = Counter((one.wish.purpose, one.wish.channel) for one in made)
    return tuple((purpose.value, channel.value, n) for (purpose, channel), n in sorted(counted.items()))


def _month(on: date) -> int:
    return on.year * 12 + on.month
