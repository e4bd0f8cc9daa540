"""The events of a loan case: what stands after undoing, and until which day interest was recalculated."""

from dataclasses import dataclass, replace
from datetime import date

from lending.amortisation import RateChange
from lending.changes import Change, ChargedOff, ChargeOff, Pause, Replan, SpreadOverdue
from lending.loan_state import Event, Kind, Shape
from ops.case_fields import BadCase, Fields, Json, Unsupported
from ops.cases import INSTALMENTS_AT_MOST, RATE_AT_MOST, UNITS, charge_of

PAYMENTS = {
    "repay": Kind.REPAYMENT,
    "payoff": Kind.REPAYMENT,
    "goodwill_credit": Kind.GOODWILL,
    "merchant_issued_refund": Kind.MERCHANT_REFUND,
    "payout_refund": Kind.PAYOUT_REFUND,
    "interest_payment_waiver": Kind.INTEREST_WAIVER,
}
# What a case calls a new agreement.
CHANGES = frozenset(("rate_change", "interest_pause", "reage", "reschedule", "reamortize", "charge_off"))
CHARGED_OFF = {
    "REGULAR": ChargedOff.AS_AGREED,
    "ZERO_INTEREST": ChargedOff.WITHOUT_INTEREST,
    "ACCELERATE_MATURITY": ChargedOff.ALL_DUE,
}
# What an event may say; a key that nobody reads would be a wish that nobody grants.
KEYS = frozenset(
    """type business_date date amount amount_source currency target adjust_date expected_disbursement interest_refund
    charge due_date calculation time penalty seq annual_nominal_rate_pct until first_due_date number_of_repayments
    repayment_every repayment_unit""".split()  # noqa: SIM905
)
# How the list of transactions of the recorded cases names what an undo points at.
TOLD = {
    "Repayment": "repay",
    "Merchant Issued Refund": "merchant_issued_refund",
    "Payout Refund": "payout_refund",
    "Goodwill Credit": "goodwill_credit",
    "Interest Payment Waiver": "interest_payment_waiver",
    "Disbursement": "disburse",
}


OURS = {
    *PAYMENTS,
    *CHANGES,
    *(
        "submit",
        "approve",
        "add_expected_disbursement",
        "charge",
        "cob",
        "undo",
        "disburse",
        "chargeback",
        "waive_charge",
    ),
}


@dataclass
class Booked:
    """One event of the file that books something; an undo takes it out."""

    name: str
    event: Event
    undone: bool = False


@dataclass
class Story:
    """What happened: the events that stand, the last day interest was recalculated, and whether money was paid out."""

    events: list[Event]
    recalculated_on: date | None
    paid_out: bool
    planned: tuple[tuple[date, int], ...]


def story_of(case: Json, shape: Shape) -> Story:
    """Read the events, take the undone ones out; before money is paid out, the plan as it was agreed."""
    currency = str(case["params"].get("currency", ""))
    booked: list[Booked] = []
    planned = list(shape.planned)
    recalculated_on: date | None = None
    agreed: Fields | None = None
    given = case.get("events")
    if not isinstance(given, list):
        raise BadCase("events: a list is expected")
    for index, each in enumerate(given):
        fields = Fields(each, f"events[{index}]", currency)
        name, seen_on = str(fields.get("type")), fields.day("business_date")
        _known(fields, name, currency)
        match name:
            case "submit" | "approve":
                agreed = fields
                continue
            case "add_expected_disbursement":
                planned.append((fields.day("date"), fields.amount("amount")))
                continue
            case "charge":
                # A charge alone does not recalculate interest.
                charge = charge_of(fields, seen_on)
                event = Event(Kind.CHARGE, fields.day("date"), seen_on, charge=charge, key=f"{index}")
                booked.append(Booked(name, event))
                continue
            case "cob":
                pass
            case "undo":
                _undo(booked, Fields(fields.get("target"), f"events[{index}].target"), each.get("adjust_date"))
            case _:
                event = replace(_event(name, fields, seen_on, case["params"], booked), key=f"{index}")
                booked.append(Booked(name, event))
        recalculated_on = seen_on
    standing = [each.event for each in booked if not each.undone]
    if any(event.kind is Kind.DISBURSEMENT for event in standing):
        return Story(standing, recalculated_on, True, tuple(planned))
    if agreed is None:
        raise BadCase("events: neither an agreement nor a disbursement")
    key = "expected_disbursement"
    on = agreed.day(key) if agreed.values.get(key) else Fields(case["params"], "params").day(key)
    lent = planned or [(on, agreed.amount("amount"))]
    return Story(
        [Event(Kind.DISBURSEMENT, day, on, amount) for day, amount in lent] + standing, None, False, tuple(planned)
    )


def _known(fields: Fields, name: str, currency: str) -> None:
    """Refuse a key that no event has, and money of another currency; events that are not ours may say more."""
    unknown = sorted(fields.values.keys() - KEYS)
    if unknown and name in OURS:
        raise BadCase(f"{fields.name}.{unknown[0]}: unknown key")
    if fields.values.get("currency", currency) != currency:
        raise BadCase(f"{fields.name}.currency: {fields.values['currency']!r} in a loan of {currency}")


def _event(name: str, fields: Fields, seen_on: date, params: Json, booked: list[Booked]) -> Event:
    on = fields.day("date")
    match name:
        case "disburse":
            return Event(Kind.DISBURSEMENT, on, seen_on, fields.amount("amount"))
        case "payoff" if "amount" not in fields.values:
            return Event(Kind.PAYOFF, on, seen_on)
        case "chargeback" | "waive_charge":
            of = _found(booked, Fields(fields.get("target"), f"{fields.name}.target"), None).event.key
            if name == "waive_charge":
                return Event(Kind.CHARGE_WAIVER, on, seen_on, of=of)
            return Event(Kind.CHARGEBACK, on, seen_on, fields.amount("amount"), of=of)
        case _ if name in PAYMENTS:
            refunds = fields.values.get("interest_refund") is not False
            return Event(PAYMENTS[name], on, seen_on, fields.amount("amount"), refund_interest=refunds)
        case _ if name in CHANGES:
            return Event(Kind.CHANGE, on, seen_on, change=_change(name, fields, on, params))
        case _:
            raise Unsupported(f"event {name}")


def _change(name: str, fields: Fields, on: date, params: Json) -> Change:
    match name:
        case "rate_change":
            percent = fields.number("annual_nominal_rate_pct")
            if not 0 <= percent <= RATE_AT_MOST:
                raise BadCase(f"{fields.name}.annual_nominal_rate_pct: from 0 to {RATE_AT_MOST}, not {percent}")
            return RateChange(on, percent / 100)
        case "interest_pause":
            until = fields.day("until")
            if until <= on:
                raise BadCase(f"{fields.name}.until: after {on.isoformat()}")
            return Pause(on, until)
        case "reamortize":
            return SpreadOverdue()
        case "charge_off":
            behaviour = Fields({"charge_off_behaviour": params.get("charge_off_behaviour") or "REGULAR"}, "params")
            return ChargeOff(behaviour.one_of("charge_off_behaviour", CHARGED_OFF))
        case _:
            given = fields.values
            every = "repayment_every" in given or "repayment_unit" in given
            return Replan(
                fields.day("first_due_date") if given.get("first_due_date") else None,
                fields.whole("number_of_repayments", 1, INSTALMENTS_AT_MOST)
                if "number_of_repayments" in given
                else None,
                fields.whole("repayment_every", 1, INSTALMENTS_AT_MOST) if every else None,
                fields.one_of("repayment_unit", UNITS) if every else None,
            )


def _undo(booked: list[Booked], target: Fields, adjusted: object) -> None:
    """Take out what an undo points at."""
    _found(booked, target, adjusted).undone = True


def _found(booked: list[Booked], target: Fields, adjusted: object) -> Booked:
    """What is meant: the n-th of its kind, the n-th of its type on a day, or the n-th on a day."""
    given = target.values
    money = [each for each in booked if each.name != "charge" or given.get("kind") == "charge"]
    if "kind" in given:
        pool = [each for each in money if each.name == given["kind"]]
        if "nth" not in given:
            pool = [each for each in pool if not each.undone and each.event.on.isoformat() == adjusted]
        nth = given.get("nth", 1)
    else:
        name = TOLD.get(str(given.get("transaction_type")))
        if "transaction_type" in given and name is None:
            raise Unsupported(f"undo of {given['transaction_type']}")
        day = target.day("date")
        pool = [each for each in money if each.event.on == day and not each.undone and name in (None, each.name)]
        nth = given.get("nth_of_type_on_date") or given.get("nth_on_date_in_transaction_list")
    if type(nth) is not int or not 1 <= nth <= len(pool):
        raise BadCase(f"{target.name}: there is no such event")
    return pool[nth - 1]
