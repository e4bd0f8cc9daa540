"""What a person may type, field by field: cleaned, checked, and if wrong told which field and why, all at once."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from api.middleware.body import storable
from api.problems import BadFields, FieldError
from lending.own_words import repeats

T = TypeVar("T")

ID_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]")
MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
ACCOUNT = re.compile(r"\d{12,19}", re.ASCII)
CODE = re.compile(r"\d{6}", re.ASCII)
# Room for the longest names of firms; what is longer is no name.
NAME_LONGEST = 100
# Names in registers hold letters, digits, points, hyphens, brackets, ampersands; none of these, in any language.
NO_NAME = re.compile(r'[<>{}\[\]\\^`|~"=;＜＞]')


class Wrong(Exception):
    """A field is not what it must be; ``code`` has words in ``api.field.<code>``."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params = tuple(params.items())


@dataclass
class Form:
    """Collects what is wrong with several fields; :meth:`done` raises if anything is."""

    wrong: list[FieldError] = field(default_factory=list[FieldError])

    def take(self, name: str, read: Callable[[str], T], value: str | None, instead: T) -> T:
        """``read(value)``, or note why not and go on with ``instead``."""
        try:
            return read(value or "")
        except Wrong as wrong:
            self.wrong.append(FieldError(name, wrong.code, wrong.params))
            return instead

    def maybe(self, name: str, read: Callable[[str], T], value: str | None) -> T | None:
        """The same for a field that may stay empty."""
        if value is None or not value.strip():
            return None
        try:
            return read(value)
        except Wrong as wrong:
            self.wrong.append(FieldError(name, wrong.code, wrong.params))
            return None

    def refuse(self, name: str, code: str, **params: str | int) -> None:
        """Note something that only the use can know."""
        self.wrong.append(FieldError(name, code, tuple(params.items())))

    def done(self) -> None:
        """Raise :class:`BadFields` with everything that was noted."""
        if self.wrong:
            raise BadFields(fields=tuple(self.wrong))


def line(value: str, *, longest: int = NAME_LONGEST, least: int = 1) -> str:
    """One line of text: normal form, no control characters, trimmed. Where something is to be said (``least`` above 1)
    it is letters and figures that count, and one letter or word over and over says nothing."""
    if not storable(value) or any(unicodedata.category(character) in ("Cc", "Cf", "Co") for character in value):
        raise Wrong("control_characters")
    normal = " ".join(unicodedata.normalize("NFC", value).split())
    said = normal if least == 1 else "".join(filter(str.isalnum, normal))
    if len(said) < least or (least > 1 and repeats(said)):
        raise Wrong("missing" if not normal else "too_short", least=least)
    if len(normal) > longest:
        raise Wrong("too_long", most=longest)
    return normal


def name(value: str) -> str:
    """A person's or a firm's name, whole or refused: never cut, and without marks that stand in no register."""
    if len(value) > NAME_LONGEST:
        raise Wrong("name_too_long", most=NAME_LONGEST, has=len(value))
    found = line(value)
    if mark := NO_NAME.search(found):
        raise Wrong("mark_in_name", mark=mark.group())
    if not any(character.isalpha() for character in found):
        raise Wrong("not_a_name")
    return found


def digits(value: str) -> str:
    """What was typed without spaces, dashes and full-width forms."""
    if not storable(value):
        raise Wrong("control_characters")
    return re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", value))


def phone(value: str) -> str:
    """A mobile number of mainland China, eleven digits without its country code."""
    found = digits(value).removeprefix("+86").removeprefix("0086")
    if not found:
        raise Wrong("missing")
    if not MOBILE.fullmatch(found):
        raise Wrong("not_a_mobile_number")
    return found


def id_number(value: str) -> str:
    """An identity number with a right check character (GB 11643).

    The area is where the number was given out, which may be long after the birth: whether that area existed in the year
    of birth says nothing about the number, so it is not asked.
    """
    found = digits(value).upper()
    if not found:
        raise Wrong("missing")
    try:
        if not ID_NUMBER.fullmatch(found) or ric.calc_check_digit(found) != found[-1]:
            raise Wrong("wrong_id_number")
        ric.get_birth_date(found)
    except ValidationError:
        raise Wrong("wrong_id_number") from None
    return found


def licence(value: str) -> str:
    """A unified social credit code with a right check character (GB 32100)."""
    found = digits(value).upper()
    try:
        return str(uscc.validate(found))
    except ValidationError:
        raise Wrong("wrong_licence") from None


def account(value: str) -> str:
    """A bank account or card number: 12 to 19 digits; cards of 16 and more carry a check digit."""
    found = digits(value)
    if not found:
        raise Wrong("missing")
    if not ACCOUNT.fullmatch(found):
        raise Wrong("wrong_account_number")
    if len(found) >= 16 and found.startswith(("62", "4", "5")) and not _luhn(found):
        raise Wrong("wrong_account_number")
    return found


def code(value: str) -> str:
    """A one-time code."""
    found = digits(value)
    if not CODE.fullmatch(found):
        raise Wrong("six_digits")
    return found


def _luhn(number: str) -> bool:
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0
