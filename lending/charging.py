"""Charges on a living loan: on which instalment they fall, and what earlier overpayments pay of them."""

from dataclasses import replace
from datetime import date

from lending.allocation import Used
from lending.charges import Charge, ChargeTime, instalment_of
from lending.instalments import Instalment, Part
from lending.loan_state import Event, Loan, Placed, renumber
from lending.paying import spend


def fee_on_lending(loan: Loan, charge: Charge) -> int:
    """What a charge asks for with the last disbursement; one on the whole loan only with the first."""
    if charge.time is ChargeTime.TRANCHE or (charge.time is ChargeTime.DISBURSEMENT and len(loan.lent) == 1):
        return charge.amount(loan.lent[-1].amount, loan.amortisation.total_interest)
    return 0


def put_charge(loan: Loan, event: Event, charge: Charge) -> None:
    """Put a charge on the instalment that runs on its due date, or on all, or after the last."""
    if charge.time is ChargeTime.INSTALMENT:
        loan.by_instalment.append((event.key, charge))
        price_instalments(loan, event.on)
        return
    if charge.time in (ChargeTime.DISBURSEMENT, ChargeTime.TRANCHE):
        return
    place = instalment_of(charge, loan.instalments, loan.instalments[0].from_on)
    if place is None and charge.due_on is not None:
        place = additional(loan, charge.due_on)
        loan.after_maturity.append((event, {}))
    if place is not None:
        amount = _put(place, charge, event.on)
        loan.placed.append(Placed(event.key, charge, place, amount))
        _use_overpayments(loan, event.on)


def price_instalments(loan: Loan, on: date) -> None:
    """Charges by instalment follow what the instalment asks for, until it is met."""
    for number, (_, charge) in enumerate(loan.by_instalment):
        for instalment in loan.instalments:
            beside_the_plan = instalment.down_payment or instalment.additional or instalment.closed
            if beside_the_plan or (instalment.met and instalment.total_due):
                continue
            before = loan.priced.get((id(instalment), number), 0)
            now = charge.amount(instalment.due[Part.PRINCIPAL], instalment.due[Part.INTEREST])
            # What was paid of a fee stays a fee, even if the plan asks for less by now.
            now = max(now, before - max(0, instalment.outstanding(charge.part)))
            loan.priced[id(instalment), number] = now
            instalment.due[charge.part] += now - before
            instalment.look(on)


def _use_overpayments(loan: Loan, on: date) -> None:
    """Money that was over pays what falls due later, oldest first, by the rule of the payment that brought it."""
    rest: list[tuple[Event, int]] = []
    for event, over in loan.overpayments:
        amount = min(over, loan.overpaid)
        if amount > 0:
            left = spend(loan, replace(event, on=max(event.on, on)), amount, Used())
            loan.overpaid -= amount - left
            over -= amount - left
        if over > 0:
            rest.append((event, over))
    loan.overpayments = rest


def _put(instalment: Instalment, charge: Charge, on: date) -> int:
    amount = charge.amount(instalment.due[Part.PRINCIPAL], instalment.due[Part.INTEREST])
    instalment.due[charge.part] += amount
    instalment.look(on)
    return amount


def additional(loan: Loan, due_on: date) -> Instalment:
    """The row after maturity, which reaches to the last thing that fell due after it."""
    found = next((i for i in loan.instalments if i.additional), None)
    if found is None:
        last = max(i.due_on for i in loan.instalments)
        found = Instalment(0, min(last, due_on), due_on, additional=True)
        loan.instalments.append(found)
        renumber(loan)
    found.due_on = max(found.due_on, due_on)
    return found
