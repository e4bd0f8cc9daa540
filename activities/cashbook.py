"""How money that came is used: loans are repaid from it, a buyer's payment is split, the rest is somebody's.

Everything is taken out of suspense, where it has stood since it came, so that what is placed and what is sent on adds
up to what the rail credited. Locks are taken in one order: receivables, line, loans.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from activities.booking import balance_row, close_loan
from activities.private import Private
from db import applications, clocks, closes, commands, incoming, intake, ledger, lines, people, receivables
from db.closes import OpenLoan
from db.receivables import PARTY
from db.tables import Application, CreditLine, Diversion, Incoming, Outgoing, Receivable
from infra.crypto import Vault
from lending.calendars import Jurisdiction, add_months, business_date
from lending.close import interest_while_it_waited, received, small_rest
from lending.identifiers import derived_id
from lending.incoming import By, Debt, Owed, Shares, across, apart, for_the_draws, lent_on
from lending.invoices import plain_party
from lending.ledger import Account, Entry, repayment, rest_waived
from lending.movements import Movement, move
from lending.receivables import ReceivableRules, ReceivableState, Support, shortfall

ONE_DAY = timedelta(days=1)


class Waits(Exception):
    """Nothing is wrong with the money; it is placed a little later. ``problem``: a code."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class Cashbook:
    """Post, repay, receive, give back."""

    def __init__(self, private: Private, vault: Vault, rules: ReceivableRules, jurisdiction: Jurisdiction) -> None:
        self._private = private
        self._vault = vault
        self._rules = rules
        self._jurisdiction = jurisdiction

    async def post(self, session: AsyncSession, entry: Entry, currency: str) -> None:
        await ledger.post(session, entry, currency=currency)

    # --- loans --------------------------------------------------------------------------------------------------------

    async def repay(
        self, session: AsyncSession, row: Incoming, loan_ids: Sequence[UUID], by: By, now: datetime
    ) -> None:
        """Repay loans of one borrower, the oldest due first; what is over goes back to where it came from."""
        loans = await self._ready(session, row, loan_ids)
        shares = across(row.amount_minor, [_owed(loan) for loan in loans.values()])
        loans = await self._as_on_its_day(session, row, loans, shares, now)
        shares = across(row.amount_minor, [_owed(loan) for loan in loans.values()])
        await self._spend(session, row, loans, shares, now)
        if shares.rest_minor:
            self.give_back(session, row, shares.rest_minor, now)
        first = loans[shares.loans[0][0] if shares.loans else loan_ids[0]]
        row.person_id, row.loan_id = first.person_id, first.loan_id
        row.third_party = await self._third_party(session, row, first.person_id, now)
        self._placed(row, by, now, repaid=row.amount_minor - shares.rest_minor, rest=shares.rest_minor)
        application = await session.get_one(Application, first.application_id)
        params = {
            "amount_minor": row.amount_minor,
            "repaid_minor": row.repaid_minor,
            "rest_minor": row.rest_minor,
            "currency": row.currency,
        }
        kind = "payment_received_over" if row.rest_minor else "payment_received"
        await self._announce(session, application, row, kind, params, now)

    async def _ready(self, session: AsyncSession, row: Incoming, loan_ids: Sequence[UUID]) -> dict[UUID, OpenLoan]:
        """The loans, locked, once they are closed up to the day before the money's: a payment counts on its own day."""
        loans = await closes.loans_by_id(session, list(loan_ids))
        if any(loan.as_of + ONE_DAY < row.booked_on for loan in loans.values()):
            raise Waits("close_runs")
        return loans

    async def _as_on_its_day(
        self, session: AsyncSession, row: Incoming, loans: dict[UUID, OpenLoan], shares: Shares, now: datetime
    ) -> dict[UUID, OpenLoan]:
        """The loans without the interest that they would not have earned had the money been placed on its own day."""
        found = dict(loans)
        first = await closes.principal_first(session, loans.values(), row.booked_on)
        for loan_id, amount in shares.loans:
            loan = loans[loan_id]
            on = loan.as_of + ONE_DAY
            nights = (on - max(row.booked_on, loan.day.started_on)).days
            rest = interest_while_it_waited(loan.day, amount, nights, principal_first=loan_id in first)
            if rest:
                after, split = received(loan.day, rest)
                cause = f"waited/{row.id}/{loan_id}"
                entry = rest_waived(loan_id, split, cause=cause, booked_at=now, effective_on=on, source="rule:its_day")
                await self.post(session, entry, loan.currency)
                found[loan_id] = loan._replace(day=after)
        return found

    async def _spend(
        self, session: AsyncSession, row: Incoming, loans: dict[UUID, OpenLoan], shares: Shares, now: datetime
    ) -> None:
        balances: list[tuple[object, ...]] = []
        first = await closes.principal_first(session, loans.values(), row.booked_on)
        for loan_id, amount in shares.loans:
            loan = loans[loan_id]
            on = loan.as_of + ONE_DAY
            after, split = received(loan.day, amount, principal_first=loan_id in first)
            entry = repayment(
                loan_id,
                split,
                cause=f"incoming/{row.id}/{loan_id}",
                booked_at=now,
                effective_on=on,
                source=f"rail:{row.rail_reference}",
                cash=Account.SUSPENSE,
            )
            await self.post(session, entry, loan.currency)
            if (rest := small_rest(after)) is not None:
                after, _ = received(after, rest.total_minor)
                cause = f"incoming/{row.id}/{loan_id}"
                let_go = rest_waived(loan_id, rest, cause=cause, booked_at=now, effective_on=on, source="rule:h2")
                await self.post(session, let_go, loan.currency)
            balances.append(balance_row(loan, after, None, loan.as_of, paid_minor=amount))
            if after.owed_minor == 0:
                await close_loan(session, loan, on, now)
                await _say(session, "Loan", "loan", loan_id, "settled", {"on": on.isoformat()}, cause=f"paid/{loan_id}")
        await closes.write_balances(session, balances)

    # --- receivables --------------------------------------------------------------------------------------------------

    async def receive(
        self, session: AsyncSession, row: Incoming, first: UUID, debts: Sequence[Debt], by: By, now: datetime
    ) -> None:
        """A buyer paid where it was told: repay what was lent on it, give the rest to the borrower; what is more than
        the buyer owes goes back to the buyer."""
        parts = dict(apart(row.amount_minor, debts, first))
        found = {part: await receivables.one(session, part, locked=True) for part in sorted(parts, key=str)}
        rows = {part: one for part, one in found.items() if one is not None}
        line = await lines.locked(session, rows[first].line_id)
        loans = await self._draws(session, row, line)
        paid = sum(parts.values())
        lent = sum(lent_on(parts[part], self._rate(one)) for part, one in rows.items())
        for part, one in rows.items():
            heard = min(one.told_minor, parts[part])  # somebody had told us of it: it is the same money
            one.told_minor -= heard
            one.paid_minor += parts[part] - heard
            one.version += 1
            one.changed_at = now
        await session.flush()
        shares = await self._shared(session, line, loans, paid, lent, now)
        loans = await self._as_on_its_day(session, row, loans, shares, now)
        shares = await self._shared(session, line, loans, paid, lent, now)
        await self._spend(session, row, loans, shares, now)
        if shares.rest_minor:
            await self._to_borrower(session, row, line, shares.rest_minor, now)
        if row.amount_minor > paid:
            self.give_back(session, row, row.amount_minor - paid, now)
        row.person_id, row.line_id, row.receivable_id = line.person_id, line.id, first
        row.loan_id = shares.loans[0][0] if shares.loans else None
        row.third_party = True
        self._placed(row, by, now, repaid=paid - shares.rest_minor, rest=shares.rest_minor)
        for part in rows:
            argument = {"fact": "received", "amount_minor": parts[part]}
            await _say(session, "Receivable", "receivable", part, "note", argument, cause=f"{row.id}/{part}")
        await receivables.tell_waiting(session, line.id, cause=row.id, but=rows)
        application = await session.get_one(Application, line.application_id)
        params = {
            "amount_minor": paid,
            "repaid_minor": row.repaid_minor,
            "rest_minor": row.rest_minor,
            "currency": row.currency,
            "receivable_id": str(first),
        }
        await self._announce(session, application, row, "buyer_paid", params, now)

    async def _draws(self, session: AsyncSession, row: Incoming, line: CreditLine) -> dict[UUID, OpenLoan]:
        live = [loan.id for _, loan, _, _ in await lines.draws(session, line.id) if loan.state == "live"]
        return await self._ready(session, row, live)

    async def _shared(
        self,
        session: AsyncSession,
        line: CreditLine,
        loans: dict[UUID, OpenLoan],
        paid_minor: int,
        lent_minor: int,
        now: datetime,
    ) -> Shares:
        stands = await lines.standing(session, line)
        counts = await receivables.base_of(session, line.id, self._rules, business_date(now, self._jurisdiction))
        short = shortfall(counts.advance_minor, stands.drawn_minor + stands.reserved_minor)
        # Interest is paid first, so that as much less principal goes.
        uncovered = short + sum(loan.day.interest_due_minor for loan in loans.values()) if short else 0
        late = sum(loan.past_due_minor for loan in loans.values())
        most = for_the_draws(paid_minor, lent_minor=lent_minor, uncovered_minor=uncovered, past_due_minor=late)
        return across(paid_minor, [_owed(loan) for loan in loans.values()], at_most_minor=most)

    def _rate(self, one: Receivable) -> Decimal:
        """What is lent on a yuan of it; one that is not pledged carries nothing."""
        if one.state != ReceivableState.PLEDGED.value or one.support is None:
            return Decimal(0)
        return self._rules.rate(Support(one.support))

    async def _to_borrower(
        self, session: AsyncSession, row: Incoming, line: CreditLine, amount_minor: int, now: datetime
    ) -> None:
        """Out of suspense at once: it is the borrower's from now on, and on its way."""
        entry = move(
            Movement.UNEXPLAINED_PLACED,
            amount_minor,
            loan_id=None,
            cause=f"rest/{row.id}",
            booked_at=now,
            effective_on=business_date(now, self._jurisdiction),
            source=f"rail:{row.rail_reference}",
        )
        await self.post(session, entry, row.currency)
        session.add(
            Outgoing(
                id=derived_id("outgoing", f"rest/{row.id}"),
                kind="rest",
                incoming_id=row.id,
                person_id=line.person_id,
                account_id=line.account_id,
                amount_minor=amount_minor,
                currency=row.currency,
                state="owed",
                created_at=now,
            )
        )

    async def from_borrower(
        self, session: AsyncSession, row: Incoming, line_id: UUID, named: set[bytes], now: datetime
    ) -> bool:
        """The borrower pays into the line's account: what a buyer had paid to them first (D4), then its draws."""
        line = await lines.line_of(session, line_id)
        if not await people.holds_account(session, line.person_id, bytes(row.payer_index)):
            return False
        wrongly = await incoming.diversions_of(session, line_id)
        if wrongly:
            await self._mend(session, row, line, wrongly, now)
            return True
        live = [loan.id for _, loan, _, _ in await lines.draws(session, line_id) if loan.state == "live"]
        if live and not named:
            await self.repay(session, row, live, By.PAYER, now)
            return True
        return False

    async def _mend(
        self, session: AsyncSession, row: Incoming, line: CreditLine, wrongly: Sequence[Diversion], now: datetime
    ) -> None:
        """What a buyer paid to the borrower has come on to us: it is used as if the buyer had paid us."""
        await self._draws(session, row, line)  # not before these are closed up to its day
        left = row.amount_minor
        parts: list[Debt] = []
        for one in wrongly:
            part = min(left, one.amount_minor - one.mended_minor)
            if part <= 0:
                break
            left -= part
            one.mended_minor += part
            if one.mended_minor == one.amount_minor:
                one.state, one.mended_at = "mended", now
            found = await receivables.one(session, one.receivable_id, locked=True)
            assert found is not None  # noqa: S101
            found.diverted_minor -= part
            open_before = next((debt for debt in parts if debt.id == found.id), None)
            if open_before is not None:
                parts.remove(open_before)
                part += open_before.open_minor
            parts.append(Debt(found.id, part, found.due_on, from_debtor=True))
        await session.flush()
        await self.receive(session, row, parts[0].id, parts, By.PAYER, now)
        row.third_party = False

    # --- back ---------------------------------------------------------------------------------------------------------

    def give_back(self, session: AsyncSession, row: Incoming, amount_minor: int, now: datetime) -> None:
        """Back to where it came from, straight out of suspense."""
        session.add(
            Outgoing(
                id=derived_id("outgoing", f"return/{row.id}" + (f"/{row.rounds}" if row.rounds else "")),
                kind="return",
                incoming_id=row.id,
                person_id=row.person_id,
                of=row.rail_reference,
                from_suspense=True,
                amount_minor=amount_minor,
                currency=row.currency,
                state="owed",
                created_at=now,
            )
        )

    # --- words --------------------------------------------------------------------------------------------------------

    async def _third_party(self, session: AsyncSession, row: Incoming, person_id: UUID, now: datetime) -> bool:
        """Whether somebody else paid (代偿): neither an account nor a name of the borrower's."""
        if await people.holds_account(session, person_id, bytes(row.payer_index)):
            return False
        await people.record_access(
            session, person_id, at=now, actor=people.SYSTEM, what="identity", purpose=f"payment {row.rail_reference}"
        )
        owner = await self._private.owner(session, person_id)
        names = [owner.name] + [
            await self._private.firm_name(session, firm) for firm in await people.firms_of(session, person_id)
        ]
        return bytes(row.payer_key) not in {self._vault.blind_index(PARTY, plain_party(name)) for name in names if name}

    async def _announce(
        self,
        session: AsyncSession,
        application: Application,
        row: Incoming,
        kind: str,
        params: dict[str, Any],
        now: datetime,
    ) -> None:
        locked = await applications.locked(session, application.id)
        await applications.announce(
            session, locked, cause=f"incoming/{row.id}", kind=kind, actor="system", at=now, params=params
        )

    def _placed(self, row: Incoming, by: By, now: datetime, *, repaid: int, rest: int) -> None:
        row.state, row.by, row.placed_at = "placed", by.value, now
        row.repaid_minor, row.rest_minor = repaid, rest
        row.problem, row.due_at = "", None


def _owed(loan: OpenLoan) -> Owed:
    """Past due first, by the day that was missed; then what was lent first, since it ends first."""
    return Owed(loan.loan_id, loan.day.owed_minor, loan.day.past_due_since or _ends(loan))


def _ends(loan: OpenLoan) -> date:
    if loan.day.path is not None:
        return loan.day.path.due_on[-1]
    if loan.day.ends is not None:
        return loan.day.ends[-1]
    return add_months(loan.day.started_on, loan.day.window_months * loan.day.windows)


async def _say(
    session: AsyncSession,
    workflow_type: str,
    kind: str,
    object_id: UUID,
    update: str,
    argument: dict[str, Any],
    *,
    cause: str,
) -> None:
    """Tell a story what its rows know already, in this transaction; the relay delivers it, once for each cause."""
    command_id = derived_id("command", f"{cause}/{update}")
    if await commands.find_command(session, command_id) is not None:
        return
    wall = await intake.wall_time(session)
    named = {"command_id": str(command_id)} if workflow_type == "Receivable" else {}
    await commands.add_command(
        session,
        command_id=command_id,
        workflow_type=workflow_type,
        workflow_id=clocks.workflow_of(kind, object_id),
        name=update,
        argument={**named, **argument},
        detail=None,
        start=None,
        principal=people.SYSTEM,
        now=wall,
        next_attempt_at=wall,
    )
