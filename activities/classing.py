"""The night's classes: every loan that is not plainly as agreed gets its class, its income and its provision (P30)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import classes, ledger
from db.classes import Classable
from db.tables import LoanClass
from infra.telemetry import counter
from lending import impairment
from lending.accounts import Account
from lending.classification import BAD, ORDER, ClassRules, classify, debtor_is_bad, provision
from lending.maturity import Class
from policies.book import PolicyBook

changed_counter = counter("loan_classes", "Loans that a night classed, by class", ("klass",))


class ClassWatch:
    """The job beside the others: one transaction after a day's close, of its rows alone."""

    def __init__(self, book: PolicyBook, jurisdiction: str) -> None:
        self._book = book  # turned while this runs, so that nothing of it is copied
        self._jurisdiction = jurisdiction

    async def look(self, session: AsyncSession, on: date, at: datetime) -> dict[str, Any]:
        """Class each, move interest off income or back, book what came of what was written off, set aside."""
        rules = self._book.classes
        found = {one.loan_id: one for one in await classes.not_normal(session, self._jurisdiction)}
        bad = await self._bad_debtors(session, found, on, rules)
        placed: dict[tuple[str, Class], list[int]] = defaultdict(list)
        moved: dict[tuple[str, str], int] = defaultdict(int)
        for one in found.values():
            made = classify(one.facts, on, rules, debtor_is_bad=one.firm_id in bad)
            kept = await classes.keep(
                session, one, made, stage=rules.stages[made.klass], on=on, at=at, policy=rules.version
            )
            recovered = await self._recovered(session, one, kept, on, at)
            ought = one.interest_minor if one.live and not made.accrues else 0
            moved[one.product_id, one.currency] += ought - kept.suspended_minor + recovered
            kept.suspended_minor = ought
            changed_counter.labels(made.klass.value).inc()
            if one.live and kept.off_on is None:
                placed[one.currency, made.klass].append(one.principal_minor)
        for (product_id, currency), by in sorted(moved.items()):
            if entry := impairment.suspended(by, product_id=product_id, currency=currency, on=on, at=at):
                await ledger.post(session, entry, currency=currency)
        await session.flush()
        await self._set_aside(session, placed, list(found.values()), on, at)
        counts: dict[str, int] = defaultdict(int)
        for (_, klass), owed in placed.items():
            counts[klass.value] += len(owed)
        return {"classed": len(found), **counts}

    async def _bad_debtors(
        self, session: AsyncSession, found: dict[UUID, Classable], on: date, rules: ClassRules
    ) -> frozenset[UUID]:
        """Firms of whose debt too much is bad; their other loans join what is looked at."""
        of_itself = {loan_id: classify(one.facts, on, rules).klass for loan_id, one in found.items()}
        firms = {found[loan_id].firm_id for loan_id, klass in of_itself.items() if klass in BAD}
        debts: dict[UUID, list[tuple[Class, int]]] = defaultdict(list)
        others = await classes.of_firms(session, firms)
        for one in others:
            debts[one.firm_id].append((of_itself.get(one.loan_id, Class.NORMAL), one.principal_minor))
        bad = frozenset(firm for firm, owed in debts.items() if debtor_is_bad(owed, rules))
        found.update({one.loan_id: one for one in others if one.firm_id in bad and one.loan_id not in found})
        return bad

    async def _recovered(self, session: AsyncSession, one: Classable, kept: LoanClass, on: date, at: datetime) -> int:
        """Book what came of a written-off loan since the night before; the interest of it that was paid."""
        if kept.off_at is None:
            return 0
        interest, let_go = await classes.settled_since(session, one.loan_id, kept.off_at)
        paid_interest, waived = interest - kept.off_interest_minor, let_go - kept.off_waived_minor
        paid = kept.off_minor - one.principal_minor - waived
        for entry in impairment.recovered(paid, paid_interest, waived, loan_id=one.loan_id, on=on, at=at):
            await ledger.post(session, entry, currency=one.currency)
        kept.off_minor, kept.off_interest_minor, kept.off_waived_minor = one.principal_minor, interest, let_go
        kept.recovered_minor += paid + paid_interest
        return paid_interest

    async def _set_aside(
        self,
        session: AsyncSession,
        placed: dict[tuple[str, Class], list[int]],
        looked_at: Sequence[Classable],
        on: date,
        at: datetime,
    ) -> None:
        """The lines of the night, and one entry a currency for what the allowance lacks or has too much."""
        rules = self._book.classes
        whole = await classes.live_principal(session, self._jurisdiction)
        had = await classes.held(session, Account.LOANS_ALLOWANCE)
        for currency in sorted({*whole, *had}):
            loans, total = whole.get(currency, (0, 0))
            mine = [one.principal_minor for one in looked_at if one.live and one.currency == currency]
            lines: list[dict[str, Any]] = []
            for klass in ORDER:
                owed = placed[currency, klass]
                many, principal = len(owed), sum(owed)
                if klass is Class.NORMAL:  # and everybody whom nobody had to look at
                    many, principal = many + loans - len(mine), principal + total - sum(mine)
                lines.append(
                    {
                        "jurisdiction": self._jurisdiction,
                        "on_date": on,
                        "currency": currency,
                        "klass": klass.value,
                        "stage": rules.stages[klass],
                        "loans": many,
                        "principal_minor": principal,
                        "rate": rules.rates[klass],
                        "amount_minor": provision(klass, principal, rules),
                    }
                )
            await classes.add_provision(session, lines)
            ought = sum(line["amount_minor"] for line in lines)
            if entry := impairment.provisioned(ought - had.get(currency, 0), currency=currency, on=on, at=at):
                await ledger.post(session, entry, currency=currency)
