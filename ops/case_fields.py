"""Values of a JSON object, each read with its place in every complaint."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from lending.money import EXPONENTS, BadAmount, Money, UnknownCurrency

Json = Mapping[str, Any]


class BadCase(ValueError):
    """The case is not understood: says which field and why, in one line."""


class Unsupported(Exception):
    """The case is understood, and this program does not do what it asks for."""


class Fields:
    """Values of one JSON object, each read with its name in every complaint."""

    def __init__(self, values: object, name: str, currency: str = "EUR") -> None:
        if not isinstance(values, dict):
            raise BadCase(f"{name}: an object is expected")
        self.values: Json = values
        self.name = name
        self.currency = currency

    def _where(self, key: str) -> str:
        return f"{self.name}.{key}"

    def get(self, key: str) -> Any:
        if key not in self.values:
            raise BadCase(f"{self._where(key)}: missing")
        return self.values[key]

    def day(self, key: str) -> date:
        value = self.get(key)
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            raise BadCase(f"{self._where(key)}: {value!r} is no day") from None

    def whole(self, key: str, low: int, high: int) -> int:
        value = self.get(key)
        if type(value) is not int or not low <= value <= high:
            raise BadCase(f"{self._where(key)}: a whole number from {low} to {high}, not {value!r}")
        return value

    def whole_or_none(self, key: str, low: int, high: int) -> int | None:
        """A whole number, or None where nothing is said."""
        return None if self.values.get(key) is None else self.whole(key, low, high)

    def object(self, key: str) -> "Fields":
        """What a key holds, to be read in its turn; empty where nothing is said."""
        value = self.values.get(key)
        return Fields({} if value is None else value, self._where(key), self.currency)

    def list(self, key: str) -> "list[Any]":
        """The things that a key holds; none where nothing is said."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, list):
            raise BadCase(f"{self._where(key)}: a list is expected")
        return value or []

    def number(self, key: str) -> Decimal:
        value = self.get(key)
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            raise BadCase(f"{self._where(key)}: {value!r} is no number") from None
        if not number.is_finite():
            raise BadCase(f"{self._where(key)}: {value!r} is no number")
        return number

    def amount(self, key: str) -> int:
        value = self.get(key)
        if not isinstance(value, str):
            raise BadCase(f'{self._where(key)}: an amount is a text like "100.00", not {value!r}')
        try:
            minor = Money.parse(value, self.currency).minor
        except (BadAmount, UnknownCurrency) as error:
            raise BadCase(f"{self._where(key)}: {error}") from None
        if minor < 0:
            raise BadCase(f"{self._where(key)}: {value} is negative")
        if len(value.partition(".")[2]) > EXPONENTS[self.currency]:
            raise BadCase(f"{self._where(key)}: {value} has more decimals than {self.currency} has coins")
        return minor

    def one_of(self, key: str, table: Mapping[str, Any]) -> Any:
        value = self.get(key)
        if value not in table:
            raise BadCase(f"{self._where(key)}: one of {', '.join(table)}, not {value!r}")
        return table[value]

    def flag(self, key: str) -> bool:
        value = self.values.get(key)
        if value not in (None, True, False):
            raise BadCase(f"{self._where(key)}: true or false, not {value!r}")
        return bool(value)
