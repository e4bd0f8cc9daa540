"""One loan of the twin, day by day, through the rule of the daily close: what the close asks for, the owner answers."""

from datetime import date, timedelta
from uuid import UUID

from lending.apr import Flow
from lending.close import (
    LoanStatus,
    carried,
    close_day,
    opened,
    received,
    small_rest,
    to_announce,
    to_cure,
)
from lending.contact_policy import Channel, Standing, Wish
from lending.ledger import Split
from lending.minimum_path import NOTICE, Warned
from lending.revenue_share import RevenueDay
from lending.terms import Terms
from ops.twin.books import Books, LoanJournal
from ops.twin.lateness import NUMBERS, Case, Episode, Made, Sender
from ops.twin.lived import House, Lived
from ops.twin.people import Owner

ONE_DAY = timedelta(days=1)
WARNINGS = {Warned.HALF: "path_half", Warned.THREE_QUARTERS: "path_three_quarters", Warned.DEBIT: "path_debit"}
MONTH_DAYS = 30


class Loan:
    """Lives from the day of its money to the day on which nothing is owed, or to the last day of the play."""

    def __init__(
        self,
        loan_id: UUID,
        terms: Terms,
        on: date,
        owner: Owner,
        sender: Sender,
        house: House,
        *,
        coupon_minor: int = 0,
    ) -> None:
        self.owner = owner
        self.sender = sender
        self.house = house
        self.day = opened(terms, on, coupon_minor, house.calendar)
        self.journal = LoanJournal(loan_id)
        self.lived = Lived(loan_id, terms, on, self.day, given_minor=coupon_minor)
        self._asked = 0
        self._case: Case | None = None
        self._status = LoanStatus.AS_AGREED
        self._taken: dict[date, set[str]] = {}
        self._pays: dict[date, int | None] = {}

    def live(self, sales: list[RevenueDay], books: Books, *, keep: bool = False) -> Lived:
        """``sales``: of each day from the first on. ``keep``: remember each day, for the proof of agreement."""
        lived, started = self.lived, self.lived.started_on
        self.owner.borrows(started)
        self.journal.pays_out(self.day.amount_minor, started)
        lived.flows.append(Flow(started, self.day.amount_minor))
        today = started
        announced = 0
        for n, sold in enumerate(sales):
            today = started + timedelta(days=n)
            if n:
                self._debit(today, keep=keep)
                if self.day.owed_minor:
                    announced = self._morning(today)
                    self._by_hand(today, keep=keep)
            if self.day.owed_minor == 0:
                lived.paid_off_on = today
                break
            self._close(sold, today, announced, books, keep=keep)
            announced = 0
            if (today + ONE_DAY).day == 1:
                lived.month_ends[today] = (lived.days_past_due, self.day.principal_minor)
            if (n + 1) % MONTH_DAYS == 0:
                lived.months.append((lived.days_past_due, self.day.principal_minor))
        end = lived.paid_off_on or today + ONE_DAY
        lived.days = (end - started).days
        self._end_case(end, paid_off=lived.paid_off_on is not None)
        lived.position, lived.made, lived.blocked = self.day, self.sender.made, self.sender.blocked
        self.journal.proves(lived.terms, self.day, end)
        books.add(self.journal.entries, self.day)
        return lived

    # --- money --------------------------------------------------------------------------------------------------------

    def _debit(self, today: date, *, keep: bool) -> None:
        """The receipt of what the last close asked for."""
        asked, self._asked = self._asked, 0
        if not asked:
            return
        brought = self.owner.fills(asked, today, self.house.scenario.bounce if self._befallen(today) else 1.0)
        first = self.lived.terms.principal_first(self.lived.days_past_due)
        self.day, split = received(self.day, brought, asked_minor=asked, principal_first=first)
        self._books(split, today, "debit")
        if keep:
            self.lived.debits[today] = (asked, brought)

    def _by_hand(self, today: date, *, keep: bool) -> None:
        """What the owner pays by themselves today."""
        owner = self.owner
        wish: int | None = 0
        if today in self._pays:
            wish = self._pays.pop(today)
        elif self.day.past_due_since is not None and owner.pays_unasked():
            wish = None
        elif self.day.past_due_since is None and owner.pays_off() and owner.has(today) >= self.day.owed_minor:
            wish = self.day.owed_minor
        amount = self._affordable(today, wish)
        if amount <= 0:
            return
        first = self.lived.terms.principal_first(self.lived.days_past_due)
        self.day, split = received(self.day, amount, principal_first=first)
        self._books(split, today, "hand")
        if (rest := small_rest(self.day)) is not None:
            self.day, _ = received(self.day, rest.total_minor)
            self.journal.lets_go(rest, today)
            self.lived.waived_minor += rest.total_minor
        if keep:
            self.lived.by_hand.setdefault(today, []).append(amount)

    def _affordable(self, today: date, wish: int | None) -> int:
        """``wish`` None: what ends the lateness, or a part of it where they have not all of it."""
        has = self.owner.has(today)
        if wish is not None:
            return min(wish, has, self.day.owed_minor)
        due = to_cure(self.day, today - ONE_DAY)
        if due <= has:
            return due
        return has // 2 if self.owner.pays_a_part() else 0

    def _books(self, split: Split, today: date, cause: str) -> None:
        if split.total_minor:
            self.journal.receives(split, today, f"{self.lived.loan_id}/{today}/{cause}")
            kept = split.interest_minor + split.principal_minor
            self.lived.paid_minor += kept
            if kept:
                self.lived.flows.append(Flow(today, -kept))

    def _close(self, sold: RevenueDay, today: date, announced: int, books: Books, *, keep: bool) -> None:
        lived = self.lived
        sold = self.owner.comes_through(sold)
        self.owner.tells(sold.net_minor)
        before = self.day._replace(announced_minor=announced)
        closed = close_day(before, sold, today)
        self.day = carried(before, closed)._replace(announced_minor=0)
        books.earned[today] += closed.accrued_minor
        lived.interest_earned_minor += closed.accrued_minor
        if closed.coupon_minor:
            self.journal.gives(closed.coupon_minor, today + ONE_DAY)
            lived.coupon_minor += closed.coupon_minor
        self._asked = closed.withhold_minor
        self._status, lived.days_past_due = closed.status, closed.days_past_due
        if keep:
            lived.told[today] = sold
        if closed.warned is not None and (lived.terms.path_debit or closed.warned.kind is not Warned.DEBIT):
            self._warn(WARNINGS[closed.warned.kind])
            if closed.warned.kind is Warned.DEBIT:
                lived.announced[closed.warned.due_on] = to_announce(before, closed)

    def _befallen(self, today: date) -> bool:
        begins, month = self.house.assumed.begins_on, self.house.scenario.from_month
        return (today.year - begins.year) * 12 + today.month - begins.month >= month

    # --- contact ------------------------------------------------------------------------------------------------------

    def _warn(self, kind: str) -> None:
        channel = Channel.APP if kind in self.house.in_app else Channel.MESSAGE
        self.sender.waiting.append(Wish(self.house.purposes[kind], channel, NUMBERS[channel], kind=kind))

    def _morning(self, today: date) -> int:
        """The look of the morning, then every contact that may take place before the next; what may be debited for the
        path at the end of the window that ends tomorrow."""
        cure = to_cure(self.day, today - ONE_DAY)
        if self.day.past_due_since is None:
            self._end_case(today, paid_off=False)
        elif self._case is None and self._status is LoanStatus.PAST_DUE:
            self._open_case(today)
        if self._case is not None:
            self._case.look(self.sender, today, cure, self.lived.paid_minor)
            self._keep_promise(today)
        now = self.sender.morning(today)
        until = self.sender.morning(today + ONE_DAY)
        while self.sender.waiting:
            one = self.sender.next(self._standing(cure), now, until)
            if one is None:
                break
            self._heard(one, today, cure)
        return self.lived.announced.get(today + ONE_DAY, 0)

    def _standing(self, cure: int) -> Standing:
        if self._case is not None:
            return self._case.standing(self.sender, cure, self.day.owed_minor)
        return Standing(
            self.sender.offset,
            owed=self.day.owed_minor > 0,
            past_due=cure > 0,
            complained_at=self.sender.complained_at,
        )

    def _heard(self, one: Made, today: date, cure: int) -> None:
        kind = one.wish.kind
        if kind == WARNINGS[Warned.DEBIT]:
            # E5: what was told later than five days before its day is debited for no path.
            for due in [due for due in self.lived.announced if due > today and due - NOTICE < today]:
                del self.lived.announced[due]
            return
        if kind in WARNINGS.values():
            if self.owner.heeds():
                self._pays.setdefault(today + ONE_DAY, self.owner.has(today) // 2)
            return
        if self._case is None:
            return
        reaction = self.owner.reacts(one.contact.purpose, one.contact.channel, today)
        self._case.heard(one, reaction, self.sender, cure, self.lived.paid_minor)
        if reaction.pays_on is not None:
            self._pays.setdefault(reaction.pays_on, None)

    def _keep_promise(self, today: date) -> None:
        promise = self._case.promise if self._case else None
        if promise is not None and promise.keeps and promise.on == today:
            self._pays[today] = None

    # --- cases --------------------------------------------------------------------------------------------------------

    def _open_case(self, today: date) -> None:
        since = self.day.past_due_since or today
        episode = Episode(since)
        self._case = Case(
            episode,
            self.house.collections,
            self.owner,
            self.sender.morning(today),
            list(self.lived.episodes),
            self.lived.started_on,
            self._taken.setdefault(since, set()),
            self.house.assumed.late.dispute_answered_after,
        )
        self.lived.episodes.append(episode)

    def _end_case(self, on: date, *, paid_off: bool) -> None:
        """Cured or paid: nothing that was to be said of it is said any more. A case open at the end stays open."""
        if self._case is None or (self.day.past_due_since is not None and not paid_off):
            return
        self._case.episode.ended_on, self._case.episode.paid_off = on, paid_off
        self._case = None
        self.sender.waiting = [one for one in self.sender.waiting if one.kind in WARNINGS.values()]
