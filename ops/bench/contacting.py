"""``contact-policy``: random days of a borrower, every contact asked about first, a second."""

import random
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from lending.contact_policy import DAY, Channel, Contact, Purpose, Rules, Standing, Whom, Wish, may_contact
from ops.bench.figures import Figure, median
from policies.book import load
from policies.contact_rules import contact_rules

NAME = "contact-policy"
ROUNDS = 3
LIVES, DAYS = 40, 250
BEIJING = timedelta(hours=8)


class ToldThePast(Exception):
    """Somebody was told to ask again at a time that has passed."""


def measure(seed: int) -> Figure:
    """The rules in force; the floor lives the same days and asks nobody."""
    book = load()
    rules = contact_rules(book.jurisdiction("CN"), book.contact, book.calendars["CN"])
    ours: list[float] = []
    floor: list[float] = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for n in range(LIVES):
            lives(random.Random(f"{seed}/{n}"), rules, BEIJING, DAYS)  # noqa: S311 (not a secret)
        ours.append(LIVES * DAYS / (time.perf_counter() - begun))
        begun = time.perf_counter()
        for n in range(LIVES):
            _unasked(random.Random(f"{seed}/{n}"), DAYS)  # noqa: S311 (not a secret)
        floor.append(LIVES * DAYS / (time.perf_counter() - begun))
    return Figure(
        name=NAME, unit="days/s", ours=median(ours), floor=median(floor), n=LIVES * DAYS, seed=seed,
        meaning="the same random days drawn, and nobody asked",
    )  # fmt: skip


def lives(
    rng: random.Random, rules: Rules, offset: timedelta, days: int
) -> tuple[list[Contact], list[tuple[Wish, Standing]]]:
    """A life of so many days: whoever wants to contact tries at random moments, and again when told to.

    What took place, and with which wish and standing. Raises :class:`ToldThePast`.
    """
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(525_600))
    end = now + days * DAY
    standing = Standing(offset)
    past: list[Contact] = []
    under: list[tuple[Wish, Standing]] = []
    waiting: list[Wish] = []
    while now < end:
        now += timedelta(minutes=rng.randrange(1, 600))
        standing = _happens(rng, standing, now)
        waiting += _wishes(rng)
        later: list[Wish] = []
        for wish in waiting:
            answer = may_contact(wish, standing, past[-60:], rules, now)
            if answer.now:
                past.append(Contact(now, wish.purpose, wish.channel, wish.number, rng.random() < 0.3))
                under.append((wish, standing))
            elif not answer.never:
                if answer.at is None or answer.at <= now:
                    raise ToldThePast(f"{answer} at {now}")
                later.append(wish)
        waiting = later[-8:]
    return past, under


def _wishes(rng: random.Random) -> list[Wish]:
    if rng.random() >= 0.9:
        return []
    purpose = rng.choice((Purpose.REMINDER, Purpose.DEMAND, Purpose.DEMAND, Purpose.NEWS, Purpose.OFFER, Purpose.TOLD))
    whom = Whom.THIRD if rng.random() < 0.05 else Whom.OWNER
    return [Wish(purpose, rng.choice(tuple(Channel)), rng.choice("ab"), whom, rng.choice(("k1", "k2")))]


def _happens(rng: random.Random, standing: Standing, now: datetime) -> Standing:
    draw = rng.random()
    today = (now + standing.offset).date()
    if draw < 0.03:
        return replace(standing, promised_on=today + timedelta(days=rng.randrange(6)))
    if draw < 0.05:
        return replace(standing, complained_at=now)
    if draw < 0.08:
        return replace(standing, disputed=not standing.disputed)
    if draw < 0.11:
        return replace(standing, relieved=not standing.relieved)
    if draw < 0.16:
        return replace(standing, owed=not standing.owed)
    if draw < 0.18:
        out = frozenset(rng.sample((Purpose.OFFER, *Channel), rng.randrange(3)))
        return replace(standing, opted_out=out)
    if draw < 0.20:
        return replace(standing, silent={rng.choice(("k1", "k2")): now + timedelta(days=60)})
    return standing


def _unasked(rng: random.Random, days: int) -> int:
    """As :func:`lives` draws, without the rules."""
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(525_600))
    end, standing, made = now + days * DAY, Standing(BEIJING), 0
    while now < end:
        now += timedelta(minutes=rng.randrange(1, 600))
        standing = _happens(rng, standing, now)
        made += len(_wishes(rng))
    return made
