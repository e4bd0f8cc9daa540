"""Views as JSON: money as ``{"amount": "80000.00", "currency": "CNY"}``, decimals as text, instants in UTC.

The models of the OpenAPI document are made from the views' own fields, so the two cannot drift apart.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model

from lending.money import Money as Amount

Json = dict[str, Any]

AMOUNT = r"^(0|[1-9][0-9]{0,11})\.[0-9]{2}$"
ANY_AMOUNT = r"^-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,2})?$"
SHARE = r"^(0|1)(\.[0-9]{1,6})?$"


class Input(BaseModel):
    """A request's body: exactly these fields, each of exactly this type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Money(BaseModel):
    """An amount of money: a text with two decimals, never a float."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: Annotated[str, StringConstraints(strict=True, pattern=ANY_AMOUNT)]
    currency: Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{3}$")]


class MoneyInput(Input):
    """An amount of money that somebody asks for; it is not negative."""

    amount: Annotated[str, StringConstraints(pattern=AMOUNT)]
    currency: Annotated[str, StringConstraints(pattern=r"^CNY$")] = "CNY"

    @property
    def minor(self) -> int:
        """The amount in fen."""
        return Amount.parse(self.amount, self.currency).minor


Share = Annotated[str, StringConstraints(pattern=SHARE, max_length=8)]
Text = Annotated[str, StringConstraints(max_length=200)]


def money(minor: int, currency: str) -> Json:
    """An amount as it crosses."""
    return {"amount": str(Amount(minor, currency)), "currency": currency}


def present(view: Any, currency: str = "CNY") -> Any:
    """A view, or views, as JSON values. ``currency`` is that of the view around it."""
    match view:
        case None | bool() | int() | str():
            return view
        case Decimal():
            return f"{view.normalize():f}"
        case datetime():
            return view.isoformat()
        case date():
            return view.isoformat()
        case UUID():
            return str(view)
        case Mapping():
            return _params(cast("Mapping[str, Any]", view), currency)
        case list() | tuple():
            return [present(one, currency) for one in cast("list[Any]", view)]
        case _:
            return _fields(view, currency)


def _fields(view: Any, around: str) -> Json:
    currency = str(getattr(view, "currency", around))
    shown: Json = {}
    for field in fields(view):
        value = getattr(view, field.name)
        if field.name.endswith("_minor"):
            shown[field.name.removesuffix("_minor")] = None if value is None else money(value, currency)
        else:
            shown[field.name] = present(value, currency)
    return shown


def _params(values: Mapping[str, Any], around: str) -> Json:
    currency = str(values.get("currency") or around)
    shown: Json = {}
    for name, value in values.items():
        if name.endswith("_minor") and value is not None and str(value).lstrip("-").isdigit():
            shown[name.removesuffix("_minor")] = money(int(value), currency)
        elif isinstance(value, float):
            shown[name] = value
        else:
            shown[name] = present(value, currency)
    return shown


@cache
def model_of(view: type) -> type[BaseModel]:
    """The pydantic model of a view's JSON, for the document."""
    hints = get_type_hints(view)
    members: dict[str, Any] = {}
    for field in fields(view):
        hint = hints[field.name]
        if field.name.endswith("_minor"):
            optional = NoneType in get_args(hint)
            members[field.name.removesuffix("_minor")] = (Money | None if optional else Money, ...)
        else:
            members[field.name] = (_hint(hint), ...)
    made = create_model(view.__name__, __doc__=view.__doc__, **members)
    return made


def _hint(hint: Any) -> Any:
    origin = get_origin(hint)
    if origin is tuple:
        return list[_hint(get_args(hint)[0])]
    if origin in (Union, UnionType):
        return Union[tuple(_hint(part) for part in get_args(hint))]  # noqa: UP007 (made of a computed tuple)
    if origin is not None and issubclass(origin, Mapping):
        return dict[str, Any]
    if hint is Decimal:
        return Annotated[str, Field(description="A decimal number as text.")]
    if is_dataclass(hint) and isinstance(hint, type):
        return model_of(hint)
    return hint
