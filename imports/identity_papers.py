"""Identity card and business licence from a photo: what each says, how sure, and whether its number can be right.

Fields are found by their printed labels and, for the numbers, by their shape and check digit (GB 11643 for the card's
number, GB 32100 for the credit code). Letters that recognition mistakes for digits are put right only where the check
digit then agrees; a number that does not agree is shown as it was read, for the owner to correct, and is never sure.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidChecksum, ValidationError

from imports.misreadings import StatementNotUnderstood
from imports.pages import Word, lines_of

ID_CARD, LICENCE = "id_card", "licence"
LIKELY_DIGITS = str.maketrans("OoQDIlLiZzSsBGbTq", "00001111225586679")
LIKELY_CODE = str.maketrans("OoIiZzSsVv", "0011225577")
UNSURE = 0.5  # what a number without its check digit, or a name without its label, is worth at the most
NAMES_LABELS = ("经营者姓名", "经营者", "法定代表人", "投资人", "负责人", "执行事务合伙人")
FIRM_LABELS = ("字号名称", "企业名称", "名称", "字号")
SOLE_TRADER, COMPANY = "sole_trader", "company"
# Printed on every licence; none is a firm's name.
NOT_NAMES = ("营业执照", "统一社会信用代码", "副本", "正本", "国家", "登记机关", "扫描", "市场主体", "公示系统")


@dataclass(frozen=True, slots=True)
class Field:
    """``sure``: 0 to 1. ``checked``: the number's check digit agrees; None for what has none."""

    name: str
    value: str
    sure: float
    checked: bool | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """``kind``: id_card or licence. ``fields``: id_number, name; licence, firm_name, name, kind."""

    kind: str
    fields: tuple[Field, ...]

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "fields": [asdict(one) for one in self.fields]}


def read_paper(words: Sequence[Word]) -> Paper:
    """The paper on a picture. Raises StatementNotUnderstood ``no_identity_paper``: neither a card nor a licence."""
    lines = ["".join(word.text for word in line).replace(" ", "") for line in lines_of(words)]
    sure = {_plain(word.text): word.sure for word in words}
    text = "\n".join(lines)
    if "营业执照" in text or "统一社会信用代码" in text or re.search(r"信用代码", text):
        found = _licence(lines, sure)
        kind = LICENCE
    elif "公民身份" in text or ("姓名" in text and "住址" in text) or "居民身份证" in text:
        found = _card(lines, sure)
        kind = ID_CARD
    else:
        raise StatementNotUnderstood("no_identity_paper")
    if not found:
        raise StatementNotUnderstood("no_identity_paper")
    return Paper(kind, tuple(found))


# --- the card ---------------------------------------------------------------------------------------------------------


def _card(lines: Sequence[str], sure: dict[str, float]) -> list[Field]:
    found: list[Field] = []
    for line in lines:
        named = re.search(r"姓名[:：]?([\u3400-\u9fff·]{2,20})", line)
        if named:
            found.append(Field("name", named[1], _sure(named[1], sure)))
            break
    number = _number(lines, r"[0-9OoQDIlLiZzSsBGbTq]{17}[0-9Xx]", _card_number, sure, "id_number")
    return [*found, *number]


def _card_number(seen: str) -> tuple[str, bool]:
    read = seen[:17].translate(LIKELY_DIGITS) + seen[17].upper()
    return (read, True) if _agrees(_birthday_and_check_digit, read) else (seen.upper(), False)


def _birthday_and_check_digit(number: str) -> None:
    """Areas are left out: those that were abolished still stand on cards."""
    if ric.calc_check_digit(number) != number[-1]:
        raise InvalidChecksum
    ric.get_birth_date(number)


# --- the licence ------------------------------------------------------------------------------------------------------


def _licence(lines: Sequence[str], sure: dict[str, float]) -> list[Field]:
    found = _number(lines, r"[0-9A-Za-z]{18}", _credit_code, sure, "licence")
    firm = _labelled(lines, FIRM_LABELS)
    if firm:
        found.append(Field("firm_name", firm, _sure(firm, sure)))
    owner = _labelled(lines, NAMES_LABELS)
    if owner and re.fullmatch(r"[\u3400-\u9fff·]{2,20}", owner):
        found.append(Field("name", owner, _sure(owner, sure)))
    text = "".join(lines)
    if "个体工商户" in text or "经营者" in text:
        found.append(Field("kind", SOLE_TRADER, 0.95))
    elif re.search(r"有限责任公司|有限公司|股份|法定代表人", text):
        found.append(Field("kind", COMPANY, 0.95))
    return found


def _credit_code(seen: str) -> tuple[str, bool]:
    read = seen.upper()
    for candidate in (read, read.translate(LIKELY_CODE)):
        if _agrees(uscc.validate, candidate):
            return candidate, True
    return read, False


def _labelled(lines: Sequence[str], labels: Sequence[str]) -> str:
    """What stands behind a label, or on the next line where nothing does."""
    for label in labels:
        spaced = r"\s*".join(label)
        for n, line in enumerate(lines):
            at = re.search(rf"(?:^|[^\u3400-\u9fff]){spaced}[:：]?(.*)$", line)
            if at is None:
                continue
            told = _until_next_label(at[1]) or (_until_next_label(lines[n + 1]) if n + 1 < len(lines) else "")
            if len(told) >= 2 and not any(mark in told for mark in NOT_NAMES):
                return told[:100]
    return ""


NEXT = re.compile(
    r"(注册资本|成立日期|注册日期|营业期限|组成形式|类型|住所|经营场所|经营范围|法定代表人|经营者|登记机关|统一社会).*$"
)


def _until_next_label(told: str) -> str:
    return NEXT.sub("", told).strip(":： ")


# --- numbers ----------------------------------------------------------------------------------------------------------


def _number(
    lines: Sequence[str], shape: str, read: Callable[[str], tuple[str, bool]], sure: dict[str, float], name: str
) -> list[Field]:
    """The first number whose check digit agrees, else the first of its shape."""
    unchecked: Field | None = None
    for line in lines:
        for at in re.finditer(rf"(?<![0-9A-Za-z]){shape}(?![0-9A-Za-z])", line):
            value, right = read(at[0])
            if right:
                return [Field(name, value, _sure(at[0], sure), checked=True)]
            unchecked = unchecked or Field(name, value, min(UNSURE, _sure(at[0], sure)), checked=False)
    return [unchecked] if unchecked else []


def _agrees(validate: Callable[[str], object], value: str) -> bool:
    try:
        validate(value)
    except ValidationError:
        return False
    return True


def _sure(value: str, sure: dict[str, float]) -> float:
    """How sure the least sure of the words was that hold the value."""
    holding = [score for text, score in sure.items() if value in text or text in value]
    return round(min(holding), 3) if holding else UNSURE


def _plain(text: str) -> str:
    return text.replace(" ", "")
