"""Looks each night at what buyers paid to borrowers instead of the account that they were told (D4).

Only with the borrower's leave to look at the account. What was paid there counts no more at once, the buyer is told
again whom it has to pay, and the borrower by when to send it on; when it comes, the till uses it as if the buyer had
paid us.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from activities.private import Private
from db import applications, incoming, lines, people, permissions, receivables
from db.tables import Application, CreditLine, Receivable
from gateways.incoming import Incoming, SeenCredit
from gateways.pledges import Pledges
from infra.crypto import Vault
from lending.consents import Purpose
from lending.identifiers import derived_id
from lending.incoming import Debt, apart, numbers_in, on_line_account
from lending.invoices import plain_party
from lending.receivables import ReceivableRules

# A day that the rail did not answer for is looked at with the next ones.
BACK = timedelta(days=7)


class DiversionWatch:
    """One look a business day, at every line with something pledged."""

    def __init__(
        self, private: Private, vault: Vault, outside: Incoming, pledges: Pledges, rules: ReceivableRules
    ) -> None:
        self._private = private
        self._vault = vault
        self._outside = outside
        self._pledges = pledges
        self._rules = rules

    async def look(self, session: AsyncSession, on: date, at: datetime) -> dict[str, Any]:
        """What was found; raises GatewayUnavailable, and the night is done again."""
        found = 0
        pledging = await incoming.lines_pledging(session)
        ended = await permissions.ended(
            session, Purpose.FLOWS_ANALYSIS.value, {line.person_id for line in pledging}, at
        )
        watched = [line for line in pledging if line.person_id not in ended]
        for line in watched:
            found += await self._line(session, line, on, at)
        return {"lines": len(watched), "not_allowed": len(pledging) - len(watched), "found": found}

    async def _line(self, session: AsyncSession, line: CreditLine, on: date, at: datetime) -> int:
        await people.record_access(
            session, line.person_id, at=at, actor=people.SYSTEM, what="account", purpose=f"buyers of line {line.id}"
        )
        number = await self._private.account_number(session, line.account_id)
        seen = await self._outside.seen_between(number, on - BACK, on)
        rows = [row for row in await incoming.receivables_of_line(session, line.id) if row.state == "pledged"]
        return sum([await self._credit(session, line, rows, credit, at) for credit in seen])

    async def _credit(
        self, session: AsyncSession, line: CreditLine, rows: Sequence[Receivable], credit: SeenCredit, at: datetime
    ) -> int:
        payer = self._vault.blind_index(receivables.PARTY, plain_party(credit.payer_name))
        named = incoming.named_by(self._vault, numbers_in(credit.remark))
        debts = [
            Debt(row.id, open_minor, row.due_on, named=bytes(row.number_key) in named, from_debtor=True)
            for row in rows
            if bytes(row.buyer_key) == payer and (open_minor := receivables.as_rule(row).open_minor) > 0
        ]
        place = on_line_account(credit.amount_minor, debts)
        if place is None or await incoming.diversion_known(session, credit.rail_reference):
            return 0
        for receivable_id, part in apart(credit.amount_minor, debts, place.debt):
            await self._divert(session, line, receivable_id, part, credit, at)
        return 1

    async def _divert(
        self, session: AsyncSession, line: CreditLine, receivable_id: UUID, part: int, credit: SeenCredit, at: datetime
    ) -> None:
        row = await receivables.one(session, receivable_id, locked=True)
        assert row is not None  # noqa: S101
        cure_on = at.date() + timedelta(days=self._rules.cure_days)
        incoming.divert(session, row, part, credit.rail_reference, paid_on=credit.booked_on, cure_on=cure_on, at=at)
        row.diverted_minor += part
        row.version += 1
        row.changed_at = at
        await self._pledges.redirect(str(derived_id("redirect", f"{credit.rail_reference}/{row.id}")), str(row.id))
        application = await applications.locked(session, line.application_id)
        account = await incoming.account_of_line(session, line.id)
        said = {
            "amount_minor": part,
            "currency": row.currency,
            "cure_on": cure_on.isoformat(),
            "pay_to": account.masked if account else "",
            "receivable_id": str(row.id),
        }
        cause = f"diversion/{credit.rail_reference}/{row.id}"
        await applications.announce(
            session, application, cause=cause, kind="receivable_diverted", actor="system", at=at, params=said
        )
        await self._short(session, line, application, cause, cure_on, at)

    async def _short(
        self, session: AsyncSession, line: CreditLine, application: Application, cause: str, cure_on: date, at: datetime
    ) -> None:
        """More is lent than counts now: the owner reads how much; nothing is called (P16)."""
        await session.flush()
        short = await lines.short(session, await lines.locked(session, line.id), self._rules, at.date())
        if short.whole_minor:
            said = lines.said_of_short(short, line.currency, cure_on)
            await applications.announce(
                session, application, cause=cause, kind=short.told, actor="system", at=at, params=said
            )
