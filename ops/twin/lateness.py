"""A loan past due in the twin: the segment each morning, the step whose day has come, and the sender's question.

The rules are :mod:`lending.collecting` and :mod:`lending.contact_policy`; what is kept here is what production keeps in
rows (``db.collecting``), with its figures.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone

from activities.collecting import LOOKS_AT
from db.collecting import BEFORE, ENOUGH_DAYS, RECENT
from lending.collecting import Assigned, Does, Late, Segment, assign, next_step
from lending.contact_policy import (
    PRESSING,
    PROMISE_GRACE,
    Channel,
    Contact,
    Rules,
    Standing,
    Wish,
    first_allowed,
)
from ops.twin.people import BY_A_PERSON, Owner, Reaction
from policies.collections import CollectionRules

# Whom a wish goes to: a message and a call ring at the same number.
NUMBERS = {Channel.APP: "app", Channel.MESSAGE: "mobile", Channel.CALL: "mobile", Channel.VISIT: "shop"}


@dataclass(slots=True)
class Made:
    """One contact that took place, with what it was asked under: a second reading of the rules can judge it."""

    contact: Contact
    wish: Wish
    standing: Standing


@dataclass(slots=True)
class Episode:
    """One lateness beyond grace, for the tally. ``first``: its segment on the first morning."""

    since: date
    first: Segment | None = None
    last: Segment | None = None
    ended_on: date | None = None
    paid_off: bool = False
    unaided: bool = True
    untouched: bool = True
    contacts: int = 0


@dataclass(slots=True)
class _Promise:
    on: date
    amount_minor: int
    paid_before_minor: int
    keeps: bool


@dataclass(slots=True)
class Sender:
    """What one owner was sent, and what waits for its hour. Blocked means later, never dropped."""

    rules: Rules
    offset: timedelta
    made: list[Made] = field(default_factory=list[Made])
    waiting: list[Wish] = field(default_factory=list[Wish])
    complained_at: datetime | None = None
    blocked: int = 0

    def morning(self, day: date) -> datetime:
        return datetime.combine(day, LOOKS_AT, timezone(self.offset)).astimezone(UTC)

    def next(self, standing: Standing, now: datetime, until: datetime) -> Made | None:
        """The waiting wish that may be said first, said; None when none may before ``until``."""
        found: tuple[datetime, int] | None = None
        past = [one.contact for one in self.made]
        for n, wish in enumerate(self.waiting):
            answer = first_allowed(wish, standing, past, self.rules, now)
            at = now if answer.now else answer.at
            if at is not None and at < until and (found is None or at < found[0]):
                found = at, n
        if found is None:
            self.blocked += len(self.waiting)
            return None
        at, n = found
        wish = self.waiting.pop(n)
        one = Made(Contact(at, wish.purpose, wish.channel, wish.number), wish, standing)
        self.made.append(one)
        return one

    def talked(self, one: Made) -> None:
        """Somebody answered the contact that was made last."""
        contact = one.contact
        one.contact = Contact(contact.at, contact.purpose, contact.channel, contact.number, talked=True)


@dataclass(slots=True)
class Case:
    """An open case. ``taken``: names of the steps for this due date, also of an earlier case of the same."""

    episode: Episode
    rules: CollectionRules
    owner: Owner
    begun_at: datetime
    earlier: list[Episode]
    sales_from: date
    taken: set[str]
    dispute_days: int
    promise: _Promise | None = None
    broken: int = 0
    kept: int = 0
    disputed_until: date | None = None
    answered: bool = False

    def look(self, sender: Sender, today: date, past_due_minor: int, paid_minor: int) -> Assigned:
        """One morning: promises settled, the segment anew, the next step put before the sender."""
        self._settle(today, paid_minor)
        if self.disputed_until is not None and today >= self.disputed_until:
            self.disputed_until = None
        late = self._late(sender, today, past_due_minor)
        made = assign(late, self.rules.thresholds)
        if self.episode.first is None:
            self.episode.first = made.segment
        self.episode.last = made.segment
        if self.promise is not None or not past_due_minor:
            return made
        step = next_step(self.rules.treatments[made.segment], late.days_past_due, frozenset(self.taken))
        if step is not None:
            self.taken.add(step.name)
            if step.does is not Does.LEGAL:
                sender.waiting.append(Wish(step.purpose, step.channel, NUMBERS[step.channel], kind=step.kind))
        return made

    def heard(self, one: Made, reaction: Reaction, sender: Sender, past_due_minor: int, paid_minor: int) -> None:
        """What the owner did about a contact."""
        contact = one.contact
        if contact.purpose in PRESSING:
            self.episode.contacts += 1
            self.episode.untouched = self.episode.untouched and contact.channel is Channel.APP
        if not reaction.answered:
            return
        self.answered = True
        if contact.channel in BY_A_PERSON:
            self.episode.unaided = False
            sender.talked(one)
        if reaction.complains:
            sender.complained_at = contact.at
        if reaction.disputes:
            self.disputed_until = contact.at.astimezone(timezone(sender.offset)).date() + timedelta(
                days=self.dispute_days
            )
        if reaction.promised_on is not None:
            self.promise = _Promise(reaction.promised_on, past_due_minor, paid_minor, reaction.keeps)

    def standing(self, sender: Sender, past_due_minor: int, owed_minor: int) -> Standing:
        return Standing(
            sender.offset,
            owed=owed_minor > 0,
            past_due=past_due_minor > 0,
            promised_on=self.promise.on if self.promise else None,
            disputed=self.disputed_until is not None,
            complained_at=sender.complained_at,
        )

    def _settle(self, today: date, paid_minor: int) -> None:
        promise = self.promise
        if promise is None:
            return
        if paid_minor - promise.paid_before_minor >= promise.amount_minor:
            self.kept += 1
            self.promise = None
        elif today > promise.on + PROMISE_GRACE:
            self.broken += 1
            self.promise = None

    def _late(self, sender: Sender, today: date, past_due_minor: int) -> Late:
        pressed = [
            one.contact for one in sender.made if one.contact.at >= self.begun_at and one.contact.purpose in PRESSING
        ]
        recent, usual = self._sales(today)
        return Late(
            days_past_due=max(0, (today - self.episode.since).days),
            past_due_minor=past_due_minor,
            earlier=[(one.ended_on - one.since).days for one in self.earlier if one.ended_on],
            unaided=sum(1 for one in self.earlier if one.unaided),
            recent_minor=recent,
            usual_minor=usual,
            promises_broken=self.broken,
            promises_kept=self.kept,
            disputed=self.disputed_until is not None,
            unanswered=Counter(one.channel for one in pressed if not one.talked),
            answered=self.answered or bool(self.broken or self.kept or self.promise),
        )

    def _sales(self, today: date) -> tuple[int | None, int | None]:
        """As ``db.collecting`` reads them: four weeks, and the usual four of the twelve before."""
        cut = today - RECENT
        since = max(cut - BEFORE, self.sales_from)
        days = (cut - since).days
        if days < ENOUGH_DAYS:
            return None, None
        return self.owner.told(cut, today), self.owner.told(since, cut) * RECENT.days // days
