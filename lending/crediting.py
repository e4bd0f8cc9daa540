"""Money that turns back: a payment charged back is asked for again, a charge is let off."""

from lending import recalculation
from lending.amortisation import within
from lending.changes import NotPossible
from lending.charges import ChargeTime
from lending.charging import additional
from lending.instalments import Instalment, Part
from lending.loan_state import Event, Loan
from lending.paying import show


def charge_back(loan: Loan, event: Event) -> None:
    """Take (part of) a payment back: from what was over first, then it falls due with the running instalment.

    The parts come back in the order of the shape; principal alone takes the whole amount.
    """
    used = loan.used.get(event.of)
    if used is None:
        raise NotPossible(f"there is no payment {event.of!r} to charge back")
    before = loan.charged_back.get(event.of, 0)
    if event.amount > used.total + used.over - before:
        raise NotPossible("more is charged back than the payment brought")
    loan.charged_back[event.of] = before + event.amount
    over = min(loan.overpaid, event.amount)
    loan.overpaid -= over
    parts = _parts(loan, event, event.amount - over)
    loan.turned_back[event.key] = parts
    put_back(loan, event, parts)


def _parts(loan: Loan, event: Event, amount: int) -> dict[Part, int]:
    used, parts = loan.used[event.of], dict.fromkeys(Part, 0)
    for part in loan.shape.credited:
        parts[part] = min(amount, used.parts[part])
        used.parts[part] -= parts[part]
        amount -= parts[part]
    parts[Part.PRINCIPAL] += amount
    return parts


def put_back(loan: Loan, event: Event, parts: dict[Part, int]) -> None:
    """Ask again for these parts, from the day of the event."""
    if not any(parts.values()):
        return
    running = running_on(loan, event)
    if running is None:
        running = additional(loan, event.on)
        loan.after_maturity.append((event, parts))
    elif loan.follows_payments and event.on <= loan.amortisation.maturity:
        recalculation.credit(
            loan.amortisation, event.on, principal=parts[Part.PRINCIPAL], interest=parts[Part.INTEREST]
        )
        parts = parts | {Part.PRINCIPAL: 0, Part.INTEREST: 0}
        for period in loan.amortisation.periods:
            show(loan, period.due_on, event.on)
    for part, amount in parts.items():
        running.put(part, amount)
    running.look(event.on)


def running_on(loan: Loan, event: Event) -> Instalment | None:
    """The instalment whose time holds the day of the event; None after the last one."""
    first = True
    for instalment in loan.instalments:
        if instalment.down_payment or instalment.additional:
            continue
        if within(event.on, instalment.from_on, instalment.due_on, first):
            return instalment
        first = False
    return None


def waive_charge(loan: Loan, event: Event) -> None:
    """Let off what is open of a charge; one by instalment is let off in all instalments, and never asked again."""
    waived = False
    for number, (key, charge) in enumerate(loan.by_instalment):
        if key != event.of or charge.time is not ChargeTime.INSTALMENT:
            continue
        for instalment in loan.instalments:
            waived |= _waive(instalment, charge.part, loan.priced.get((id(instalment), number), 0), event)
        del loan.by_instalment[number]
        loan.priced = {
            (at, index - (index > number)): amount for (at, index), amount in loan.priced.items() if index != number
        }
        break
    for placed in loan.placed:
        if placed.key == event.of:
            waived |= _waive(placed.instalment, placed.charge.part, placed.amount, event)
    if not waived:
        raise NotPossible(f"nothing is open of charge {event.of!r}")


def _waive(instalment: Instalment, part: Part, amount: int, event: Event) -> bool:
    amount = min(amount, instalment.outstanding(part))
    if amount <= 0:
        return False
    instalment.waived[part] += amount
    instalment.look(event.on)
    return True
