"""The five classes of the book (P30): what the law makes of a loan's facts, what two people may add, what income is.

Source: 商业银行金融资产风险分类办法 (2023, 令 1 号), articles by number beside each rule. A class is
internal: it is neither the contract's status nor what the bureau is told (P29).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lending.calendars import add_months
from lending.maturity import Class, Label
from lending.money import round_half_even

# Best first, so that a later one is worse.
ORDER = tuple(Class)
BAD = frozenset({Class.SUBSTANDARD, Class.DOUBTFUL, Class.LOSS})


class Because(StrEnum):
    """Why a loan has its class; the worst rule is named, of two alike the first."""

    AS_AGREED = "as_agreed"
    DAYS = "days"  # days past due (10, 11, 12, 13)
    REFINANCED = "refinanced"  # 借新还旧 (10)
    EXTENDED = "extended"  # 展期
    DEBTOR = "debtor"  # more than a tenth of what the firm owes us is bad (14)
    OBSERVED = "observed"  # was bad, is not late, and has not yet paid for long enough (15)
    PEOPLE = "people"  # two people said so


@dataclass(frozen=True, slots=True)
class ClassRules:
    """``from_days``: the first day past due of each class but the best. ``debtor_share``: above which share of bad debt
    all of a debtor's is bad. ``observed_months``: how long a bad loan pays as agreed before it may be better than
    substandard. ``technical_days``: up to which lateness two people may call it the machine's fault (10(1)).
    ``stages`` and ``rates``: of each class, for provisions."""

    version: str
    from_days: Mapping[Class, int]
    debtor_share: Decimal
    observed_months: int
    technical_days: int
    non_accrual_days: int
    stages: Mapping[Class, int]
    rates: Mapping[Class, Decimal]
    written_off_from: Class


@dataclass(frozen=True, slots=True)
class Said:
    """What two people said of a loan. Better than what its days make it only as a technical lateness, and only for the
    lateness of ``since``: the next one is another."""

    klass: Class
    since: date | None


@dataclass(frozen=True, slots=True)
class Facts:
    """A live loan at the end of a day. ``was``: its class the night before; ``last_late_on``: the last day
    on which it was late."""

    days_past_due: int
    past_due_since: date | None = None
    label: Label | None = None
    was: Class = Class.NORMAL
    last_late_on: date | None = None
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Classified:
    """A class, why, and whether interest still counts as income."""

    klass: Class
    because: Because
    accrues: bool


def worse(one: Class, other: Class) -> bool:
    """Whether the first is worse than the second."""
    return ORDER.index(one) > ORDER.index(other)


def _by_days(facts: Facts, rules: ClassRules) -> Class:
    reached = [klass for klass, first in rules.from_days.items() if facts.days_past_due >= first]
    return max(reached, key=ORDER.index, default=Class.NORMAL)


def of_itself(facts: Facts, on: date, rules: ClassRules) -> tuple[Class, Because]:
    """What the loan's own facts make of it, nobody asked."""
    found = [(Class.NORMAL, Because.AS_AGREED), (_by_days(facts, rules), Because.DAYS)]
    if facts.label is Label.REFINANCING:
        found.append((Class.SPECIAL_MENTION, Because.REFINANCED))
    if facts.label is Label.EXTENSION:
        found.append((Class.SPECIAL_MENTION, Because.EXTENDED))
    if facts.was in BAD and facts.last_late_on and on < add_months(facts.last_late_on, rules.observed_months):
        found.append((Class.SUBSTANDARD, Because.OBSERVED))
    return max(found, key=lambda one: ORDER.index(one[0]))


def classify(facts: Facts, on: date, rules: ClassRules, *, debtor_is_bad: bool = False) -> Classified:
    """The class of a loan at the end of ``on``.

    People make a class worse as they see fit. They make it better in one case: a lateness of a few days that is a
    machine's fault, and then to normal only if nothing else stands against it.
    """
    said = facts.said
    klass, because = of_itself(facts, on, rules)
    if said and said.klass is Class.NORMAL and said.since == facts.past_due_since and is_technical(facts, rules):
        klass, because = of_itself(replace(facts, days_past_due=0), on, rules)
        because = Because.PEOPLE if because is Because.AS_AGREED else because
    if debtor_is_bad and worse(Class.SUBSTANDARD, klass):
        klass, because = Class.SUBSTANDARD, Because.DEBTOR
    if said and worse(said.klass, klass):
        klass, because = said.klass, Because.PEOPLE
    return Classified(klass, because, klass not in BAD and facts.days_past_due < rules.non_accrual_days)


def is_technical(facts: Facts, rules: ClassRules) -> bool:
    """Whether the lateness is short enough for a machine's fault."""
    return 0 < facts.days_past_due <= rules.technical_days


def said_of(facts: Facts, klass: Class, since: date | None) -> Facts:
    """The same facts once two people have said a class."""
    return replace(facts, said=Said(klass, since))


def may_be_said(klass: Class, facts: Facts, on: date, rules: ClassRules, *, debtor_is_bad: bool = False) -> bool:
    """Whether two people may say this class: never a better one than the rules leave."""
    return classify(said_of(facts, klass, facts.past_due_since), on, rules, debtor_is_bad=debtor_is_bad).klass is klass


def debtor_is_bad(debts: Sequence[tuple[Class, int]], rules: ClassRules) -> bool:
    """Whether more than the share of a debtor's debts (class, principal in minor units) is bad."""
    total = sum(owed for _, owed in debts)
    bad = sum(owed for klass, owed in debts if klass in BAD)
    return bad > rules.debtor_share * total


def provision(klass: Class, principal_minor: int, rules: ClassRules) -> int:
    """What is set aside for a class's principal, in minor units, rounded once over the whole class."""
    return round_half_even(rules.rates[klass] * principal_minor)
