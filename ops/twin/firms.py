"""The firms of the twin, in chunks: the simulated world's own firms and months, with buyers, means and habits added.

A chunk depends on the seed and its number alone. Everything is drawn before a scenario is laid over it, so that two
scenarios and two policies meet the same firms.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from lending.calendars import add_months
from ops.twin.assumptions import Assumptions, Play, Scenario
from simulators.firms.character import Firms, draw
from simulators.firms.course import Standing, step
from simulators.firms.life import CHARGEBACK_ONE_IN, FADING_DAYS
from simulators.firms.lines import Stretch, sales_by_day
from simulators.firms.population import CHUNK, YOUNG, End, default_chance
from simulators.firms.trades import MONTH, ordinal

FIRMS, DAYS, OWNERS, ASKING = range(4)  # what a seed is used for
DEFAULT_WITHIN = 365  # the chance of default is one of so many days
NOBODY = -1
FEN = 100


@dataclass(slots=True)
class Chunk:
    """Columns of firms; ``sales``, ``refunds``, ``chargebacks``: fen, [firm, day] from ``first_day`` on.

    ``chance``: the simulated world's chance of default within a year of the day on which the firm asks; ``seen``: the
    same as the score sees it. ``tied``: the part of its sales that ``partner`` pays. ``spare_days``: what its owner
    could put towards a debt at once, in days of usual sales. ``habit``: by its place among the assumptions.
    """

    number: int
    first_day: date
    firms: Firms
    sales: np.ndarray
    refunds: np.ndarray
    chargebacks: np.ndarray
    since: np.ndarray  # column of the first day of the firm's bills
    asks_on: np.ndarray  # column of the day on which it asks
    chance: np.ndarray
    seen: np.ndarray
    fails: np.ndarray
    instalments: np.ndarray  # fen a month, to others
    enquiries: np.ndarray
    partner: np.ndarray
    tied: np.ndarray
    spare_days: np.ndarray
    habit: np.ndarray
    asks_part: np.ndarray
    asks_months: np.ndarray

    def __len__(self) -> int:
        return len(self.firms)

    @property
    def net(self) -> np.ndarray:
        return self.sales - self.refunds - self.chargebacks


def chunks_of(play: Play) -> int:
    """How many chunks hold these firms; the last one may be cut."""
    return -(-play.firms // CHUNK)


def chunk(play: Play, number: int, assumed: Assumptions) -> Chunk:
    """One chunk under the play's scenario."""
    scenario = assumed.scenarios[play.scenario]
    rng = {use: np.random.default_rng([play.seed, number, use]) for use in (FIRMS, DAYS, OWNERS, ASKING)}
    firms = draw(rng[FIRMS], CHUNK)
    n = len(firms)
    begins = assumed.begins_on
    first_day = begins - timedelta(days=assumed.history_days)
    ends = add_months(begins, play.months)
    width = (ends - first_day).days
    last_ask = (add_months(begins, max(1, play.months - assumed.asks.not_in_last_months)) - begins).days
    asks_on = assumed.history_days + rng[ASKING].integers(0, last_ask, n)
    young = rng[ASKING].random(n) < YOUNG
    since = np.where(young, asks_on - 60 - (rng[ASKING].random(n) * 300).astype(np.int64), 0)
    day = np.broadcast_to(ordinal(first_day) + np.arange(width), (n, width))
    month = MONTH[day[0]] - MONTH[day[0, 0]]
    factor, chance, instalments, enquiries = _months(rng[FIRMS], firms, month, asks_on)
    fails, fading = _failures(rng[FIRMS], chance, asks_on, width, scenario)
    owners = rng[OWNERS]
    partners = assumed.partners
    weight = 1 / np.arange(1, partners.count + 1) ** partners.skew
    partner = owners.choice(partners.count, n, p=weight / weight.sum())
    low, high = partners.share
    tied = np.where(owners.random(n) < partners.tied, low + (high - low) * owners.random(n), 0.0)
    spare = assumed.means.spare_days * np.exp(assumed.means.spread * owners.standard_normal(n))
    shares = np.array([habit.share for habit in assumed.habits.values()])
    habit = owners.choice(len(shares), n, p=shares / shares.sum())
    befallen = _befallen(scenario, tied * (partner == 0), width, assumed, begins)
    row = np.ones((1, width))
    live = day >= ordinal(first_day) + since[:, None]
    stretch = Stretch(day, factor, live, row, row, row)
    yuan, _ = sales_by_day(rng[DAYS], firms, stretch)
    back, forced = _given_back(rng[DAYS], firms, yuan)
    asked = rng[ASKING]
    low, high = assumed.asks.of_monthly_sales
    blurred = _logit(chance) + assumed.score.blurred_by * asked.standard_normal(n)
    return Chunk(
        number=number,
        first_day=first_day,
        firms=firms,
        sales=_fen(yuan * befallen * fading),
        refunds=_fen(back * befallen * fading),
        chargebacks=_fen(forced * befallen * fading),
        since=since,
        asks_on=asks_on,
        chance=chance,
        seen=1 / (1 + np.exp(-blurred)),
        fails=fails,
        instalments=_fen(instalments),
        enquiries=enquiries,
        partner=np.where(tied > 0, partner, NOBODY),
        tied=tied,
        spare_days=spare,
        habit=habit,
        asks_part=low + (high - low) * asked.random(n),
        asks_months=asked.integers(0, len(assumed.asks.months), n),
    )


def _months(
    rng: np.random.Generator, firms: Firms, month: np.ndarray, asks_on: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Sales against plan [firm, day]; and of the month before each firm asks: the chance of default, what it repays
    elsewhere a month (yuan), and how often it looked for money in the last three."""
    standing = Standing.fresh(len(firms))
    asked_in = month[asks_on]
    factors: list[np.ndarray] = []
    borrowed: list[np.ndarray] = []
    chance, instalments = np.zeros(len(firms)), np.zeros(len(firms))
    enquiries = np.zeros(len(firms), np.int64)
    for n in range(int(month.max()) + 1):
        lived = step(firms, standing, n, rng)
        factors.append(lived.factor)
        borrowed.append(lived.lent > 0)
        swing = np.log(np.maximum(lived.factor / (1 + firms.trend) ** n, 0.05))
        end = End(swing, standing.spell.copy(), standing.due.sum(axis=1) / firms.level)
        mine = asked_in == n + 1
        chance = np.where(mine, default_chance(firms, end), chance)
        instalments = np.where(mine, standing.due[:, 0], instalments)
        enquiries = np.where(mine, np.sum(borrowed[-3:], axis=0), enquiries)
    return np.stack(factors, axis=1)[:, month], chance, instalments, enquiries


def _failures(
    rng: np.random.Generator, chance: np.ndarray, asks_on: np.ndarray, width: int, scenario: Scenario
) -> tuple[np.ndarray, np.ndarray]:
    """Who fails within a year of asking, and what is left of sales then, [firm, day]."""
    drawn, when = rng.random(len(chance)), rng.random(len(chance))
    fails = drawn < np.minimum(chance * scenario.failures, 0.95)
    since = np.where(fails, asks_on + 20 + (when * (DEFAULT_WITHIN - 20)).astype(np.int64), width)
    return fails, np.exp(-np.maximum(np.arange(width)[None, :] - since[:, None], 0) / FADING_DAYS)


def _befallen(
    scenario: Scenario, lost: np.ndarray, width: int, assumed: Assumptions, begins: date
) -> np.ndarray:  # fmt: skip
    """What the scenario leaves of each day's sales, [firm, day]; ``lost``: the part that the failed partner paid."""
    left = np.ones((len(lost), width))
    first = assumed.history_days + (add_months(begins, scenario.from_month) - begins).days
    left[:, first:] *= scenario.sales
    if scenario.partner_fails and first < width:
        days = np.arange(width - first)
        found = scenario.found_anew * np.minimum(1, days / (30.0 * scenario.within_months))
        left[:, first:] *= 1 - lost[:, None] * (1 - found)[None, :]
    return left


def _given_back(rng: np.random.Generator, firms: Firms, yuan: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Refunds and chargebacks of a day, of what was sold the day before: whole tickets, so that a day may end below
    zero."""
    before = np.concatenate([np.zeros((len(yuan), 1)), yuan[:, :-1]], axis=1)
    tickets = rng.poisson(np.broadcast_to((firms.refunds * firms.lines)[:, None], yuan.shape))
    ticket = before / np.maximum(firms.lines, 1.0)[:, None]
    back = np.minimum(tickets * ticket, before)
    forced = rng.random(yuan.shape) < 1 / CHARGEBACK_ONE_IN
    return np.where(forced, 0.0, back), np.where(forced, back, 0.0)


def _fen(yuan: np.ndarray) -> np.ndarray:
    return np.rint(yuan * FEN).astype(np.int64)


def _logit(chance: np.ndarray) -> np.ndarray:
    kept = np.clip(chance, 1e-6, 1 - 1e-6)
    return np.log(kept / (1 - kept))
