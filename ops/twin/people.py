"""What an owner has and does, by the assumptions. Nothing here decides what they owe or when they may be contacted."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from math import exp
from random import Random

from lending.contact_policy import Channel, Purpose
from lending.revenue_share import RevenueDay
from ops.twin.assumptions import Assumptions, Habit

USUAL_DAYS = 28
BY_A_PERSON = frozenset({Channel.CALL, Channel.VISIT})
DAYS_A_MONTH = 30.4


@dataclass(frozen=True, slots=True)
class Reaction:
    """What follows a contact: ``pays_on`` what is past due (or a part: ``part``), ``promised_on`` it is said to be paid
    (``keeps``: whether it will), ``disputes``, ``complains``."""

    answered: bool = False
    pays_on: date | None = None
    promised_on: date | None = None
    keeps: bool = False
    disputes: bool = False
    complains: bool = False


class Owner:
    """One owner with the sales of each day from ``first_day`` on, in fen; of some of them the lender hears nothing."""

    def __init__(
        self, habit: Habit, spare_days: float, net: list[int], first_day: date, chance: Random, assumed: Assumptions
    ) -> None:
        self.habit = habit
        self.chance = chance
        self._assumed = assumed
        self._spare_days = spare_days
        self._first_day = first_day
        self._sold = [0, *accumulate(net)]
        self._told = [0]
        self._elsewhere = False

    def borrows(self, on: date) -> None:
        """From ``on`` each day's sales are told by :meth:`tells`."""
        self._told = [0] * ((on - self._first_day).days + 1)

    def tells(self, net_minor: int) -> None:
        """What the lender hears of the next day."""
        self._told.append(self._told[-1] + net_minor)

    def told(self, first: date, until: date) -> int:
        """The same as the lender heard it; nothing of before the loan."""
        low, high = ((day - self._first_day).days for day in (first, until))
        return self._told[high] - self._told[low]

    def sold(self, first: date, until: date) -> int:
        """Net sales from ``first`` up to the day before ``until``."""
        low, high = (max(0, (day - self._first_day).days) for day in (first, until))
        return self._sold[high] - self._sold[low]

    def has(self, on: date) -> int:
        """What could go towards a debt on the morning of a day, in fen: so many days of its sales lately."""
        lately = self.sold(on - timedelta(days=USUAL_DAYS), on)
        return max(0, int(lately * self._spare_days / USUAL_DAYS))

    def comes_through(self, sold: RevenueDay) -> RevenueDay:
        """What of a day's sales comes through the account that the lender hears of."""
        if not self._elsewhere:
            self._elsewhere = self.chance.random() < self.habit.turns_away / DAYS_A_MONTH
            return sold
        return RevenueDay(*(int(amount * self.habit.diverts) for amount in sold))

    def fills(self, asked_minor: int, on: date, bounce: float) -> int:
        """What a debit finds on the account."""
        means = self._assumed.means
        empty, found = self.chance.random(), means.account_days * exp(means.account_spread * self.chance.gauss(0, 1))
        if empty < min(1.0, self.habit.bounce * bounce):
            return 0
        part = self.habit.diverts if self._elsewhere else 1.0
        lately = self.sold(on - timedelta(days=USUAL_DAYS), on)
        return max(0, min(asked_minor, int(lately * found * part / USUAL_DAYS)))

    def heeds(self) -> bool:
        """Whether a reminder of slow progress makes them pay something ahead."""
        return self.chance.random() < self.habit.heeds

    def pays_unasked(self) -> bool:
        return self.chance.random() < self.habit.by_themselves

    def pays_a_part(self) -> bool:
        return self.chance.random() < self._assumed.late.pays_part

    def pays_off(self) -> bool:
        return self.chance.random() < self._assumed.pays_off_early / DAYS_A_MONTH

    def reacts(self, purpose: Purpose, channel: Channel, on: date) -> Reaction:
        """What they do when they hear of what is past due."""
        habit, late, roll = self.habit, self._assumed.late, self.chance.random
        answers, disputes, pays, promises, keeps, complains = (roll() for _ in range(6))
        soon = self.chance.randint(*late.pays_in_days)
        later = self.chance.randint(*late.promised_in_days)
        if answers >= habit.answers[channel]:
            return Reaction()
        complained = channel in BY_A_PERSON and complains < late.complains
        if purpose is Purpose.DEMAND and disputes < habit.disputes:
            return Reaction(answered=True, disputes=True, complains=complained)
        if pays < habit.pays:
            return Reaction(answered=True, pays_on=on + timedelta(days=soon), complains=complained)
        if channel in BY_A_PERSON and promises < habit.promises:
            day = on + timedelta(days=later)
            return Reaction(answered=True, promised_on=day, keeps=keeps < habit.keeps, complains=complained)
        return Reaction(answered=True, complains=complained)
