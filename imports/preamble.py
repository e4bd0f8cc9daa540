"""What a file says about itself above and below its table: period, totals, account, the moment of export."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from imports.cells import EARLIEST_YEAR, LATEST_YEAR, parse_amount, parse_moment
from imports.columns import Columns
from imports.lines import Direction
from imports.misreadings import RowNotUnderstood


@dataclass(frozen=True, slots=True)
class StatedTotal:
    """A total in the file's own words; ``count`` is None where only an amount is stated."""

    direction: Direction
    count: int | None
    amount_minor: int


@dataclass(slots=True)
class Preamble:
    """Everything stated around the table. Dates are ``YYYY-MM-DD`` or empty."""

    text: str = ""
    period_from: str = ""
    period_to: str = ""
    exported_at: str = ""
    stated_count: int | None = None
    totals: list[StatedTotal] = field(default_factory=list)
    account_tail: str = ""
    owner: str = ""


_WORDED = r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATE = (
    rf"((?:\d{{1,2}}(?:st|nd|rd|th)?[ -](?:{_WORDED})[a-z]*\.?[ ,-]+\d{{4}}|"
    rf"(?:{_WORDED})[a-z]*\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}|"
    r"\d{1,2}[/.]\d{1,2}[/.]\d{4}|\d{4}\s*[-/.年]?\s*\d{1,2}\s*[-/.月]?\s*\d{1,2}\s*日?))(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?"
)
_FROM = re.compile(
    rf"(?:起始(?:时间|日期)?|开始(?:时间|日期)?|起始日|from|start(?:\s*date)?)\s*[::]?\s*\[?\s*{_DATE}", re.I
)
_TO = re.compile(
    rf"(?:终止(?:时间|日期)?|结束(?:时间|日期)?|截止(?:时间|日期)?|终止日|end(?:\s*date)?)\s*[::]?\s*\[?\s*{_DATE}",
    re.I,
)
_SPAN = re.compile(rf"{_DATE}\s*\]?\s*(?:-|--|~|—|至|到|to)\s*\[?\s*{_DATE}", re.I)
_EXPORTED = re.compile(
    r"(?:导出时间|打印时间|下载时间|制表时间|生成时间)\s*[::]?\s*\[?\s*(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\s+\d{1,2}:\d{2}:\d{2})?)"
)
_DATED = re.compile(rf"(?:statement date|date of statement|账单日|截止日期|截至)\s*[::]?\s*{_DATE}", re.I)
_COUNT = re.compile(r"共\s*[::]?\s*(\d+)\s*[笔条](?:记录)?")
_TOTAL = re.compile(
    r"(?<![\u4e00-\u9fff])[总共]?(收入|支出|不计收支|中性交易|存入|支取|转入|转出|贷方发生额|借方发生额|贷方|借方|total\s+credits?|total\s+debits?|"
    r"total\s+deposits|total\s+withdrawals|total\s+money\s+in|total\s+money\s+out|total\s+paid\s+in|total\s+paid\s+out)"
    r"(?:合计|总计|总额|总金额|金额合计|金额|合计金额)?\s*(?:\([^)]*\))?\s*[:]?\s*(?:(\d+)\s*笔)?\s*,?\s*(?:合计|共计|共)?\s*"
    r"([-+]?[¥￥$€£]?\s*\d[\d,]*(?:\.\d+)?)(?!\s*笔|[\d,.])\s*元?",
    re.I,
)
_ACCOUNT = re.compile(r"(?:卡号|账号|帐号|账户号码|account(?:\s*(?:no\.?|number))?)\s*[::]\s*([\d*\s-]{4,40})", re.I)
_OWNER = re.compile(
    r"(?:^|[\s,,;|])(?:户名|姓名|账户名称|客户姓名|account\s*name)\s*[::]\s*\[?([^\]\s,,;|]{2,40})", re.I | re.M
)
_TOTAL_WORDS = {
    **dict.fromkeys(("收入", "存入", "转入", "贷方", "贷方发生额"), Direction.IN),
    **dict.fromkeys(("支出", "支取", "转出", "借方", "借方发生额"), Direction.OUT),
    **dict.fromkeys(("不计收支", "中性交易"), Direction.NEUTRAL),
}
# A page's own total is no total of the file.
_TOTAL_ROW = re.compile(
    r"^(?![^\d]{0,4}(?:本[页月日年季周旬]|累计|小计|承前|承上|过次|转下|上页|sub))[^\d]{0,8}(合计|总计|total)", re.I
)


def read_preamble(rows: Sequence[Sequence[str]]) -> Preamble:
    """What the rows above a table state. Nothing in them is required; what is absent stays empty."""
    lines = [" ".join(cell.strip() for cell in row if cell.strip()) for row in rows]
    text = unicodedata.normalize("NFKC", "\n".join(line for line in lines if line))
    stated = Preamble(text=text)
    if found := _FROM.search(text):
        stated.period_from = _day(found.group(1))
    if found := _TO.search(text):
        stated.period_to = _day(found.group(1))
    if not (stated.period_from and stated.period_to) and (found := _SPAN.search(text)):
        stated.period_from, stated.period_to = _span(found.group(1), found.group(2))
    if found := _EXPORTED.search(text):
        moment = parse_moment(found.group(1))
        stated.exported_at = f"{moment.day} {moment.time}".strip() if moment else ""
    elif found := _DATED.search(text):
        stated.exported_at = _day(found.group(1))
    if found := _COUNT.search(text):
        stated.stated_count = int(found.group(1))
    stated.totals += stated_totals(text)
    if found := _ACCOUNT.search(text):
        stated.account_tail = "".join(character for character in found.group(1) if character.isdigit())[-4:]
    if found := _OWNER.search(text):
        stated.owner = found.group(1)
    return stated


def stated_totals(text: str) -> list[StatedTotal]:
    """Totals that a text states by a word: 收入：3笔 60.00元, 支出合计 25.00, Total credits 9.00; one for each way."""
    found: dict[Direction, StatedTotal] = {}
    for word, count, amount in _TOTAL.findall(unicodedata.normalize("NFKC", text)):
        named = " ".join(word.casefold().split())
        direction = _TOTAL_WORDS.get(named)
        if direction is None:
            direction = Direction.OUT if re.search(r"debit|withdraw|out$", named) else Direction.IN
        elif not count and "." not in amount:
            continue  # 收入 5 says nothing that could be checked: it may be a count
        try:
            parsed = parse_amount(amount)
        except RowNotUnderstood:
            continue
        if parsed is not None:
            found.setdefault(direction, StatedTotal(direction, int(count) if count else None, abs(parsed.minor)))
    return list(found.values())


def total_row(row: Sequence[str], columns: Columns) -> list[StatedTotal]:
    """The totals of a closing row such as 人民币合计, read from the columns of money in and money out."""
    if isinstance(columns.money, int):
        return []
    if not any(_TOTAL_ROW.match(cell.strip()) for cell in row[:3]):
        return []
    stated = []
    for direction, position in zip((Direction.IN, Direction.OUT), columns.money, strict=True):
        try:
            parsed = parse_amount(row[position]) if position < len(row) else None
        except RowNotUnderstood:
            parsed = None
        if parsed is not None:
            stated.append(StatedTotal(direction, None, abs(parsed.minor)))
    return stated


def _span(first: str, last: str) -> tuple[str, str]:
    """Two days in one order: where 03/31/2025 can only be read month first, the other is read so too."""
    for order in ("dmy", "mdy"):
        days = _day(first, order), _day(last, order)
        if all(days) and days[0] <= days[1]:
            return days
    return _day(first), _day(last)


def _day(text: str, order: str = "dmy") -> str:
    moment = parse_moment(" ".join(text.split()), order=order) or parse_moment("".join(text.split()), order=order)
    if moment is None or not moment.day or not EARLIEST_YEAR <= int(moment.day[:4]) <= LATEST_YEAR:
        return ""
    return moment.day
