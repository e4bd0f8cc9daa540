"""The schedule of a loan case as it stands: one row per disbursement and instalment, amounts as texts."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from lending.changes import NotPossible
from lending.instalments import Instalment, Part
from lending.loan_state import Lent, Loan
from lending.money import Money
from lending.servicing import replay
from ops.case_events import story_of
from ops.case_fields import BadCase, Fields, Unsupported
from ops.cases import shape_of

COLUMNS = ("principal", "interest", "fees", "penalties", "due", "paid", "in_advance", "late", "outstanding")


def answer(case: object) -> dict[str, Any]:
    """The schedule of one case: ``{"id", "periods", "totals"}``, or ``{"id", "unsupported"}``; amounts are texts."""
    if not isinstance(case, dict):
        raise BadCase("a case is an object with params, events and as_of")
    identity = case.get("id")
    params = case.get("params")
    if not isinstance(params, dict):
        raise BadCase("params: an object is expected")
    Fields(case, "case").day("as_of")
    try:
        shape = shape_of(params)
        story = story_of(case, shape)
    except Unsupported as reason:
        return {"id": identity, "unsupported": str(reason)}
    shape = replace(shape, planned=story.planned)
    if not story.paid_out:
        shape = replace(shape, down_payment_automatic=False, recalculation=None)
    try:
        loan = replay(shape, story.events, story.recalculated_on)
    except NotPossible as reason:
        raise BadCase(f"events: {reason}") from None
    except (OverflowError, ValueError) as reason:
        raise BadCase(f"case: {reason}") from None
    periods = list(_rows(loan, story.paid_out, str(params["currency"])))
    return {"id": identity, "periods": periods, "totals": _totals(loan, str(params["currency"]))}


def _rows(loan: Loan, paid_out: bool, currency: str) -> Iterable[dict[str, Any]]:
    """Disbursements and instalments in the order of a schedule, with the principal left after each."""
    classic = loan.shape.classic is not None
    last = max(each.on for each in loan.lent)
    waiting = [(each, paid_out) for each in loan.lent]
    waiting += [(Lent(on, amount), False) for on, amount in loan.shape.planned if paid_out and on > last]
    waiting.sort(key=lambda item: item[0].on)
    planned = bool(loan.shape.planned)
    balance = 0
    for instalment in loan.instalments:
        own_day = instalment.down_payment or classic
        while waiting and (waiting[0][0].on < instalment.due_on or (own_day and waiting[0][0].on == instalment.due_on)):
            lent, done = waiting.pop(0)
            balance += lent.amount
            yield _lent_row(lent, done, planned, currency)
        balance -= instalment.due[Part.PRINCIPAL]
        yield _instalment_row(instalment, balance, paid_out, currency)
    for lent, done in waiting:
        yield _lent_row(lent, done, planned, currency)


def _lent_row(lent: Lent, done: bool, tranche: bool, currency: str) -> dict[str, Any]:
    fee = str(Money(lent.fee, currency))
    row: dict[str, Any] = dict.fromkeys(("period", "days", "date", "paid_date", "balance", *COLUMNS))
    row |= {"date": lent.on.isoformat(), "balance": str(Money(lent.amount, currency)), "fees": fee, "due": fee}
    if done:
        return row | {"paid": fee}
    return row | {"outstanding": fee} | ({"expected_tranche": True} if tranche else {})


def _figures(instalment: Instalment) -> dict[str, int]:
    return {
        "principal": instalment.due[Part.PRINCIPAL],
        "interest": instalment.due[Part.INTEREST],
        "fees": instalment.due[Part.FEE],
        "penalties": instalment.due[Part.PENALTY],
        "due": instalment.total_due,
        "paid": instalment.total_paid,
        "in_advance": instalment.in_advance,
        "late": instalment.late,
        "outstanding": instalment.total_outstanding,
    }


def _instalment_row(instalment: Instalment, balance: int, paid_out: bool, currency: str) -> dict[str, Any]:
    return {
        "period": instalment.number,
        "days": instalment.span.days,
        "date": instalment.due_on.isoformat(),
        "paid_date": instalment.met_on.isoformat() if instalment.met_on and paid_out else None,
        "balance": str(Money(balance, currency)),
        **{name: str(Money(value, currency)) for name, value in _figures(instalment).items()},
    }


def _totals(loan: Loan, currency: str) -> dict[str, str]:
    totals: dict[str, int] = dict.fromkeys(COLUMNS, 0)
    for instalment in loan.instalments:
        for name, value in _figures(instalment).items():
            totals[name] += value
    fees = sum(each.fee for each in loan.lent)
    for name in ("fees", "due", "paid"):
        totals[name] += fees
    return {name: str(Money(value, currency)) for name, value in totals.items()}
