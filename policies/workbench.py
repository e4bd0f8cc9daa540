"""The file of a manager's book, as the rules take it."""

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from lending.ahead import Way
from lending.measures import Costs
from lending.money import Money
from lending.promising import WordRules
from lending.workbench import BookRules, TwoPeople
from policies.files import PolicyError, PolicyFile, Section
from policies.shapes import Amount, Number

Span = Annotated[timedelta, Field(gt=timedelta(0))]
Days = Annotated[int, Field(gt=0, le=366)]
# P28: whoever pays out looks for the first time within thirty days.
FIRST_CHECK_AT_MOST = timedelta(days=30)


class ChecksSection(Section):
    first: Span
    by_grade: dict[Annotated[str, Field(pattern=r"^[A-Z]$")], Span]
    otherwise: Span
    shown_before: Span


class TwoPeopleSection(Section):
    products: Annotated[tuple[str, ...], Field(min_length=1)]
    above: Amount


class CostsSection(Section):
    minute: Amount
    visit: Amount


def _expression(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"not an expression: {error}") from None
    if value != value.lower() or re.search(value, ""):
        raise ValueError("an expression for text in small letters that says something")
    return value


Expressions = Annotated[tuple[Annotated[str, AfterValidator(_expression)], ...], Field(min_length=1)]


class WordsSection(Section):
    rate: Expressions
    other: Expressions
    day: Expressions
    month: Expressions
    year: Expressions
    leads: Expressions
    units: Expressions
    free: Expressions
    interest: Expressions
    spent: Expressions
    private: Expressions
    credential: Expressions
    promise: Expressions
    denied: Expressions
    harmless: Expressions
    decided: Expressions
    elsewhere: Expressions
    between: Expressions
    lent: Expressions
    likewise: Expressions
    late: Expressions
    whole: Expressions
    highest_percent: Number


class WorkbenchFile(PolicyFile):
    """Maturities, checks, and when two people look."""

    currency: Literal["CNY"]
    maturities: Annotated[tuple[Days, ...], Field(min_length=1)]
    checks: ChecksSection
    two_people_otherwise: Amount
    two_people: tuple[TwoPeopleSection, ...]
    costs: CostsSection
    usual: dict[Way, Span]
    words: WordsSection


def book_rules(file: WorkbenchFile) -> BookRules:
    """As the rules take it. Raises :class:`PolicyError` for a first check that comes too late."""
    if file.checks.first > FIRST_CHECK_AT_MOST:
        raise PolicyError("workbench.yaml", "checks.first", "the first look comes within 30 days of the payout (P28)")
    if missing := set(Way) - set(file.usual):
        raise PolicyError("workbench.yaml", f"usual.{min(missing).value}", "each step has its usual time")
    return BookRules(
        bands=file.maturities,
        first_check=file.checks.first,
        checks=dict(file.checks.by_grade),
        otherwise=file.checks.otherwise,
        shown_before=file.checks.shown_before,
        costs=Costs(file.currency, Money.parse(file.costs.minute).minor, Money.parse(file.costs.visit).minor),
        usual=dict(file.usual),
        words=WordRules(**dict(file.words)),
    )


def two_people(file: WorkbenchFile, known: frozenset[str]) -> tuple[TwoPeople, ...]:
    """As the rules take it, with a rule for every product. Raises :class:`PolicyError` for one that nobody sells."""
    for rule in file.two_people:
        if unknown := next((one for one in rule.products if one not in known), None):
            raise PolicyError("workbench.yaml", "two_people.products", f"unknown product {unknown!r}")
    named = tuple(TwoPeople(frozenset(rule.products), Money.parse(rule.above).minor) for rule in file.two_people)
    others = known.difference(*(rule.products for rule in named))
    return (*named, TwoPeople(others, Money.parse(file.two_people_otherwise).minor)) if others else named
