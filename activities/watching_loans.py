"""The nightly look at live borrowers: signs of difficulty become a manager's task, one for each cause."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from activities.knowing import series_of
from activities.watching_registers import RegisterWatch
from db import invoices, people, warnings
from infra.telemetry import counter
from lending import early_warning
from lending.calendars import add_months
from lending.early_warning import BEFORE, LEAST_DAYS, RECENT, Borrower, Day, Thresholds
from lending.suspicions import FraudPolicy
from policies.care_shapes import WarningSection
from scoring.forecasts import monthly_quantiles
from scoring.fraud_flows import in_floats
from scoring.fraud_invoices import red_after_applying
from scoring.lines import day_number
from scoring.sales import Sales, TradeCalendar
from scoring.usual import shipped

# Two years of days show a firm its week, its year and its festivals.
REMEMBERED = timedelta(days=730)
NOT_OF_SALES = frozenset({early_warning.Cause.REGISTER, early_warning.Cause.RED_INK})
RED_INK = "red_after_applying"
raised_counter = counter("early_warnings", "Signs of difficulty of live borrowers that rang, by cause", ("cause",))


class LoanWatch:
    """Looks at every live loan, for a business day that is closed."""

    def __init__(
        self,
        rules: WarningSection,
        calendar: TradeCalendar | None = None,
        registers: RegisterWatch | None = None,
        fraud: FraudPolicy | None = None,
    ) -> None:
        self._fraud = fraud
        self._calendar = calendar or TradeCalendar()
        self._registers = registers
        self._again = timedelta(days=rules.again_after_days)
        self._within = timedelta(days=rules.answer_within_days)
        self._thresholds = Thresholds(
            full_days=rules.full_days,
            sales_fall=rules.sales_fall,
            silent_days=rules.silent_days,
            refund_rate=rules.refund_rate,
            refund_times=rules.refund_times,
            new_debt=rules.new_debt,
        )

    async def look(self, session: AsyncSession, on: date, at: datetime) -> dict[str, Any]:
        """Warnings into their table; how many loans were looked at, how many signs are new, what registers answered."""
        quiet = await warnings.closed_causes(session, at - self._again)
        loans = await warnings.live_loans(session, on, REMEMBERED, at)
        looked = [loan.person_id for loan in loans if loan.days or loan.billed]
        await people.record_nightly(session, looked, at=at, what="daily_sales", purpose="early_warning")
        entries: Mapping[UUID, tuple[str, ...]] = {}
        asked: Mapping[str, int] = {}
        if self._registers:
            entries, asked = await self._registers.look(session, on, at)
        red = await self._red_ink(session, loans, on, at)
        new = 0
        for loan in loans:
            borrower = Borrower(
                forecast_low_minor=self._low(loan, on),
                as_of=on,
                since=_since(loan, on),
                days=[Day(day, sales, refunds) for day, sales, refunds in sorted(loan.days)],
                new_debt_minor=loan.new_debt_minor,
                register=entries.get(loan.loan_id, ()),
                red_ink=red.get(loan.loan_id),
                holidays=self._holidays(on),
            )
            for sign in early_warning.warnings(borrower, self._thresholds):
                if not loan.may_look and sign.cause not in NOT_OF_SALES:
                    continue  # no day of sales is no sign where none may be looked at
                if sign.cause in quiet.get(loan.loan_id, ()):
                    continue
                figures = dict(sign.figures)
                if await warnings.warn(
                    session, loan, cause=sign.cause, figures=figures, on=on, at=at, due_at=at + self._within
                ):
                    raised_counter.labels(sign.cause).inc()
                    new += 1
        return {"loans": len(loans), "warnings": new, **asked}

    async def _red_ink(
        self, session: AsyncSession, loans: Sequence[warnings.Live], on: date, at: datetime
    ) -> dict[UUID, tuple[int, int]]:
        """Percent and amount of the sales before the decision that red ink took back after it: what no look at the
        time of the application can see."""
        rule = self._fraud.rules.get(RED_INK) if self._fraud else None
        if rule is None or self._fraud is None:
            return {}
        found: dict[UUID, tuple[int, int]] = {}
        for loan in await warnings.with_red_ink(session, loans, on, at):
            if loan.firm_id is None or loan.decided_on is None:
                continue
            series = series_of(await invoices.as_written(session, loan.firm_id, on))
            sign = red_after_applying(series, day_number(loan.decided_on), in_floats(rule.limits))
            if sign and sign.score >= self._fraud.shown_at:
                facts = dict(sign.facts)
                found[loan.loan_id] = int(facts["percent"]), int(facts["amount_minor"])
        return found

    def _holidays(self, on: date) -> frozenset[date]:
        """Holidays and festivals among the days that are looked at."""
        known, last = set(self._calendar.holidays), day_number(on)
        for _, begins, ends in self._calendar.spans:
            known |= set(range(begins, ends + 1))
        return frozenset(on - timedelta(days=n) for n in range(RECENT.days + BEFORE.days) if last - n in known)

    def _low(self, loan: warnings.Live, on: date) -> int | None:
        """What the forecast of the time before expects of the days that are compared at the least (P10); None of a
        history too short, and of a loan too young."""
        told_days = early_warning.compared(on, _since(loan, on), self._thresholds)
        if not told_days:
            return None
        cut = on - timedelta(days=told_days)
        lived = [(day, sales - refunds) for day, sales, refunds in loan.days]
        told = [(day_number(day), net) for day, net in (*loan.billed, *lived) if day <= cut]
        if len(told) < LEAST_DAYS:
            return None
        days, net = (np.array(column, np.int64) for column in zip(*told, strict=True))
        starts, months = cut + timedelta(days=1), 1
        expected = monthly_quantiles(Sales.of_days(days, net), shipped(), self._calendar, starts, months, loan.trade)[0]
        return expected.p10 * told_days // (add_months(starts, months) - starts).days


def _since(loan: warnings.Live, on: date) -> date:
    """The first whole day: of the day of the payout only a part was told."""
    return max(loan.live_on + timedelta(days=1), on - RECENT - BEFORE + timedelta(days=1))
