"""Money in whole minor units (fen, cents): added, compared and shared out exactly, never as a float."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

# ISO 4217 exponents of the currencies that a policy pack may name.
EXPONENTS = {"CNY": 2, "EUR": 2, "USD": 2, "GBP": 2, "HKD": 2, "JPY": 0}

AMOUNT = re.compile(r"-?(0|[1-9][0-9]{0,15})(\.[0-9]+)?", re.ASCII)


class MoneyError(ValueError):
    """An amount or a calculation with amounts that has no meaning."""


class MixedCurrencies(MoneyError):
    """Two currencies met in one sum or comparison."""


class BadAmount(MoneyError):
    """A text that is no amount of this currency: not a number, or finer than its smallest coin."""


class UnknownCurrency(MoneyError):
    """A currency whose smallest coin we do not know."""


def round_half_even(value: Decimal) -> int:
    """The one rounding method: to the nearest whole, a tie to the even neighbour."""
    return int(value.to_integral_value(rounding=ROUND_HALF_EVEN))


def divide_half_even(numerator: int, denominator: int) -> int:
    """``numerator / denominator`` to the nearest whole, exactly, a tie to the even neighbour; denominator > 0."""
    quotient, rest = divmod(numerator, denominator)
    twice = rest + rest
    if twice > denominator or (twice == denominator and quotient & 1):
        quotient += 1
    return quotient


def apportion(total: int, weights: Sequence[int | Decimal]) -> tuple[int, ...]:
    """Share ``total`` by weight so that the parts sum to it: the largest remainders take what is left over.

    Weights are non-negative and not all zero; equal remainders go to the earlier part. The one apportioning method.
    """
    if not weights or any(weight < 0 for weight in weights):
        raise ValueError("weights are non-negative and at least one")
    exact = [Decimal(weight) for weight in weights]
    whole = sum(exact)
    if whole == 0:
        raise ValueError("weights are not all zero")
    scale = Decimal(1).scaleb(min(0, *(int(weight.as_tuple().exponent) for weight in exact)))
    shares = [int(weight / scale) for weight in exact]
    base = sum(shares)
    sign, size = (-1, -total) if total < 0 else (1, total)
    parts = [size * share // base for share in shares]
    remainders = [size * share % base for share in shares]
    for index in sorted(range(len(parts)), key=lambda i: (-remainders[i], i))[: size - sum(parts)]:
        parts[index] += 1
    return tuple(sign * part for part in parts)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency in its minor unit; may be negative."""

    minor: int
    currency: str = "CNY"

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise BadAmount(f"minor units are an int, not {type(self.minor).__name__}")
        if self.currency not in EXPONENTS:
            raise UnknownCurrency(f"unknown currency {self.currency!r}; known: {', '.join(EXPONENTS)}")

    @classmethod
    def parse(cls, text: str, currency: str = "CNY") -> "Money":
        """Read ``"80000.00"``: digits with a point, no sign but minus, no grouping, no finer than the smallest coin."""
        if currency not in EXPONENTS:
            raise UnknownCurrency(f"unknown currency {currency!r}; known: {', '.join(EXPONENTS)}")
        if not AMOUNT.fullmatch(text):
            raise BadAmount(f"not an amount: {text[:40]!r}")
        scaled = Decimal(text).scaleb(EXPONENTS[currency])
        if scaled != scaled.to_integral_value():
            raise BadAmount(f"{text} has more decimals than {currency} has coins")
        return cls(int(scaled), currency)

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise MixedCurrencies(f"{self.currency} and {other.currency} do not mix")
        return other.minor

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __mul__(self, count: int) -> "Money":
        if type(count) is not int:
            raise TypeError("money times a whole number; for a rate use .times(Decimal)")
        return Money(self.minor * count, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def times(self, factor: Decimal) -> "Money":
        """This amount times ``factor``, rounded half-even to the minor unit."""
        if not isinstance(factor, Decimal):  # pyright: ignore[reportUnnecessaryIsInstance]  a float must not slip in
            raise TypeError("a factor is a Decimal")
        return Money(round_half_even(self.minor * factor), self.currency)

    def apportion(self, weights: Sequence[int | Decimal]) -> tuple["Money", ...]:
        """Share out by weight; the parts sum to the whole (see :func:`apportion`)."""
        return tuple(Money(part, self.currency) for part in apportion(self.minor, weights))

    def __str__(self) -> str:
        exponent = EXPONENTS[self.currency]
        return f"{Decimal(self.minor).scaleb(-exponent):.{exponent}f}"


def yuan(amount: int) -> Money:
    """Whole yuan as money: ``yuan(80_000)`` is ¥80,000.00."""
    return Money(amount * 100, "CNY")
