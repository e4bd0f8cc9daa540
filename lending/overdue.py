"""Late interest on an instalment loan: principal past due bears more, by the day, once grace is over (P9, P10)."""

from datetime import date, timedelta
from decimal import Decimal

from lending.amortisation import to_minor
from lending.instalments import Part
from lending.loan_state import Loan
from lending.rate_factors import DIGITS, YearDays


def charge_lateness(loan: Loan, until: date) -> None:
    """Charge late interest for the days before ``until``, on the principal as it stood on them.

    Never on interest, fees or penalties. An instalment that is met within the days of grace costs nothing more.
    """
    rule = loan.shape.late
    if rule is None:
        return
    # Ordinary interest on what is overdue runs anyway where interest follows payments.
    follows = loan.follows_payments and loan.shape.recalculation is not None
    runs = follows and loan.shape.recalculation is not None and not loan.shape.recalculation.none_on_past_due
    factor = rule.factor - 1 if runs else rule.factor
    year = Decimal(360 if loan.shape.basis.year_days is YearDays.D360 else 365)
    for instalment in loan.instalments:
        since = instalment.late_till or instalment.due_on
        if since >= until:
            continue
        instalment.late_till = until
        left = instalment.outstanding(Part.PRINCIPAL)
        if left <= 0:
            if not instalment.late_charged:
                instalment.late_days = Decimal(0)
            continue
        rate = loan.amortisation.rate_on(since)
        instalment.late_days += left * (until - since).days * rate * factor
        if until > instalment.due_on + timedelta(days=rule.grace_days):
            charged = to_minor(DIGITS.divide(instalment.late_days, year))
            instalment.due[Part.PENALTY] += charged - instalment.late_charged
            instalment.late_charged = charged
            instalment.look(until)
