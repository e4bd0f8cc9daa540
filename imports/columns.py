"""Which column of a table means what: by its heading first, by what stands in it where headings are ambiguous."""

# ruff: noqa: E501  (word lists: a Chinese character counts as two columns)

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from imports.cells import is_empty, parse_amount, parse_direction, parse_moment
from imports.misreadings import RowNotUnderstood


class Role(StrEnum):
    """What a column can mean to a bill."""

    MOMENT = "moment"  # a date, a time of day or both: what stands in it decides
    DIRECTION = "direction"
    AMOUNT = "amount"
    MONEY_IN = "money_in"
    MONEY_OUT = "money_out"
    CURRENCY = "currency"
    BALANCE = "balance"
    COUNTERPARTY = "counterparty"
    DESCRIPTION = "description"
    TYPE = "type"
    STATUS = "status"
    REFERENCE = "reference"
    MERCHANT_REFERENCE = "merchant_reference"
    REFUNDED = "refunded"
    FEE = "fee"
    METHOD = "method"
    ACCOUNT = "account"
    COUNTER_ACCOUNT = "counter_account"


# Headings as banks, wallets and platforms write them, best first: where two columns have one role the earlier wins.
HEADINGS: dict[Role, tuple[str, ...]] = {
    Role.MOMENT: (
        "交易时间", "交易日期时间", "交易日期", "记账日期", "交易创建时间", "创建时间", "入账时间", "入账日期", "记账日", "交易日",
        "记账时间", "发生时间", "发生日期", "付款时间", "支付时间", "完成时间", "交易成功时间", "业务日期", "账务日期", "结算日期",
        "日期时间", "日期", "时间", "transactiondate", "transactiontime", "datetime", "timestamp", "postingdate", "bookingdate",
        "posteddate", "date", "time", "valuedate", "completeddate", "createdat", "at", "起息日",
    ),
    Role.DIRECTION: (
        "收/支", "收支", "收支类型", "收付", "收/付", "收付标志", "借贷标志", "借/贷", "借贷", "借贷方向", "借贷状态", "资金流向",
        "资金方向", "收入/支出", "收支方向", "交易方向", "收支标志", "direction", "d/c", "dr/cr", "debit/credit", "credit/debit",
        "creditdebitindicator", "in/out",
    ),
    Role.AMOUNT: (
        "实付金额", "金额", "记账金额", "交易金额", "发生额", "发生金额", "交易额", "人民币金额", "收支金额", "订单金额", "总金额",
        "入账金额", "变动金额", "amount", "transactionamount", "amountincurrency", "netamount", "value", "sum",
    ),
    Role.MONEY_IN: (
        "记账金额(收入)", "收入", "收入金额", "贷方发生额", "贷方金额", "贷方", "贷方发生额(收入)", "存入", "存入金额", "转入金额",
        "转入", "收方金额", "贷", "交易金额(收入)", "credit", "creditamount", "deposit", "deposits", "moneyin", "paidin", "in",
        "cramount", "credits",
    ),
    Role.MONEY_OUT: (
        "记账金额(支出)", "支出", "支出金额", "借方发生额", "借方金额", "借方", "借方发生额(支取)", "支取", "支取金额", "转出金额",
        "转出", "付方金额", "借", "交易金额(支出)", "debit", "debitamount", "withdrawal", "withdrawals", "moneyout", "paidout",
        "out", "dramount", "debits",
    ),
    Role.CURRENCY: ("记账币种", "币种", "币别", "货币", "货币种类", "币种名称", "交易币种", "currency", "ccy", "currencycode"),
    Role.BALANCE: (
        "余额", "账户余额", "联机余额", "本次余额", "当前余额", "交易后余额", "账面余额", "交易余额", "可用余额", "卡内余额",
        "balance", "runningbalance", "closingbalance", "balanceafter", "accountbalance",
    ),
    Role.COUNTERPARTY: (
        "交易对方", "对方户名", "对方账户名", "对方名称", "对方姓名", "对手信息", "对手名称", "交易对手", "交易对手名称", "对方单位",
        "对方单位名称", "对方账户名称", "对方账号与户名", "收/付款人", "收付款人", "收付款方", "对方信息", "对方", "商户名称", "商家名称",
        "counterparty", "counterpartyname", "payee", "payer", "merchant", "beneficiary", "name", "payee/payer", "otherparty",
    ),
    Role.DESCRIPTION: (
        "商品", "商品说明", "商品名称", "订单标题", "附言", "用途", "交易附言", "交易用途", "交易说明", "交易描述", "客户摘要",
        "备注", "摘要", "交易备注", "说明", "留言", "description", "details", "narrative", "memo", "remark", "remarks", "note",
        "particulars", "purpose", "remittanceinformation",
    ),
    Role.TYPE: (
        "交易类型", "交易分类", "交易名称", "业务类型", "业务种类", "账务类型", "交易摘要", "交易种类", "类型", "类别", "分类",
        "transactiontype", "type", "category",
    ),
    Role.STATUS: ("当前状态", "交易状态", "状态", "交易结果", "资金状态", "status", "state"),
    Role.REFERENCE: (
        "交易单号", "交易订单号", "账务流水号", "交易流水号", "交易号", "支付宝交易号", "流水号", "核心流水号", "交易参考号", "订单号",
        "凭证号", "凭证号码", "日志号", "交易序号", "业务流水号", "transactionid", "reference", "referencenumber", "transactionreference",
        "refno", "id", "bankreference", "entryreference",
    ),
    Role.MERCHANT_REFERENCE: (
        "商户单号", "商家订单号", "商户订单号", "商家单号", "商户流水号", "merchantorderno", "orderid", "orderno", "ordernumber",
    ),
    Role.REFUNDED: ("成功退款", "退款金额", "已退款金额", "refunded", "refundamount"),
    Role.FEE: ("服务费", "手续费", "fee", "fees", "charges"),
    Role.METHOD: ("支付方式", "收/付款方式", "付款方式", "收付款方式", "交易渠道", "渠道", "交易场所", "paymentmethod", "channel"),
    Role.ACCOUNT: ("借记卡号", "卡号", "账号", "本方账号", "账户", "本方账户", "account", "accountnumber", "iban"),
    Role.COUNTER_ACCOUNT: (
        "对方账号", "对方卡号/账号", "对方账户", "对方卡号", "交易对方账号", "对方开户行", "对方行名", "counterpartyaccount",
        "网点名称", "钞/汇", "交易国家或地区简称", "子账户序号",
    ),
}  # fmt: skip

# For a heading that is in no list: the parts that give it away, tried in this order.
_PARTS: tuple[tuple[re.Pattern[str], Role], ...] = (
    (re.compile(r"日期|时间|date$|time$|date"), Role.MOMENT),
    (re.compile(r"余额|balance"), Role.BALANCE),
    (re.compile(r"退款.*(金额|额)|refund.*amount"), Role.REFUNDED),
    (re.compile(r"手续费|服务费|\bfee"), Role.FEE),
    (
        re.compile(r"(收入|收到|进账|入账|贷方|存入|转入|credit|deposit|moneyin|paidin).*(金额|额|amount|\(.*\))?$"),
        Role.MONEY_IN,
    ),
    (
        re.compile(r"(支出|付出|出账|借方|支取|转出|debit|withdraw|moneyout|paidout).*(金额|额|amount|\(.*\))?$"),
        Role.MONEY_OUT,
    ),
    (re.compile(r"金额|发生额|amount"), Role.AMOUNT),
    (re.compile(r"(对方|对手|收款|付款).*(账号|卡号|帐号|账户$|行)|counterpartyaccount"), Role.COUNTER_ACCOUNT),
    (re.compile(r"对方|对手|户名|往来单位|payee|payer|merchant|商户名|商家名"), Role.COUNTERPARTY),
    (re.compile(r"币种|货币|currency"), Role.CURRENCY),
    (re.compile(r"收.?支|借.?贷|流向|direction"), Role.DIRECTION),
    (re.compile(r"(商户|商家|merchant).*(单号|订单|order|no)"), Role.MERCHANT_REFERENCE),
    (re.compile(r"单号|流水号|交易号|凭证|reference|transactionid"), Role.REFERENCE),
    (re.compile(r"状态|status"), Role.STATUS),
    (re.compile(r"类型|类别|分类|种类|type|category"), Role.TYPE),
    (re.compile(r"摘要|附言|用途|说明|备注|商品|描述|description|narrative|memo|details"), Role.DESCRIPTION),
)

_UNIT = re.compile(r"[(\[]?(?:单位[::])?(?:元|rmb|cny|人民币|yuan|¥|￥)[)\]]?$")
_EXACT = {heading: (role, rank) for role, headings in HEADINGS.items() for rank, heading in enumerate(headings)}
_GUESSED = 100  # ranks from here on: the heading is in no list, a part of it gave it away

# Gives the filled cells of a column in the sample.
ValuesOf = Callable[[int], list[str]]


def plain_heading(cell: str) -> str:
    """A heading as it is compared: full-width folded, spaces, quotes and a trailing unit gone, lower case."""
    text = "".join(unicodedata.normalize("NFKC", cell).replace("_", "").replace('"', "").split()).casefold()
    bare = _UNIT.sub("", text)
    return bare if len(bare) > 1 else text


def role_of(cell: str) -> tuple[Role, int] | None:
    """The role that a heading names and its rank within the role (smaller is better); None for an unknown heading."""
    heading = plain_heading(cell)
    if not heading or len(heading) > 30:
        return None
    if heading in _EXACT:
        return _EXACT[heading]
    for order, (part, role) in enumerate(_PARTS):
        if part.search(heading):
            return role, _GUESSED + order
    return None


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one table: positions from 0, by role. ``descriptions`` and ``moments`` may be several."""

    header_row: int
    headings: tuple[str, ...]
    date: int
    time: int | None
    has_clock: bool  # the date's own column also holds the time of day
    direction: int | None
    money: int | tuple[int, int]  # one column, or one for money in and one for money out
    one: dict[Role, int] = field(default_factory=dict)
    descriptions: tuple[int, ...] = ()
    day_first: bool = True
    day_first_guessed: bool = False

    def position(self, role: Role) -> int | None:
        return self.one.get(role)

    @property
    def money_columns(self) -> tuple[int, ...]:
        return (self.money,) if isinstance(self.money, int) else self.money

    @property
    def needed(self) -> int:
        """How many cells a row must at least have to be a line."""
        return 1 + max(
            position for position in (self.date, self.time, self.direction, *self.money_columns) if position is not None
        )


def is_header(row: Sequence[str]) -> bool:
    """Whether a row names at least a moment, an amount of some kind and one more column."""
    roles = _roles(row)
    kinds = {role for _, role, _ in roles}
    money = Role.AMOUNT in kinds or Role.MONEY_IN in kinds or Role.MONEY_OUT in kinds
    filled = sum(1 for cell in row if cell.strip())
    return Role.MOMENT in kinds and money and len(roles) >= 3 and len(roles) * 2 >= filled


def headings_seen(rows: Iterable[Sequence[str]]) -> tuple[Sequence[str], list[str]]:
    """For a table that is no bill: the most heading-like row and which of date and amount it lacks."""
    best: list[tuple[int, Role, int]] = []
    best_row: Sequence[str] = ()
    for row in rows:
        roles = _roles(row)
        if len(roles) > len(best) and len([cell for cell in row if cell.strip()]) <= 3 * len(roles):
            best, best_row = roles, row
    kinds = {role for _, role, _ in best}
    missing = [] if Role.MOMENT in kinds else ["date"]
    if not kinds & {Role.AMOUNT, Role.MONEY_IN, Role.MONEY_OUT}:
        missing.append("amount")
    return best_row if len(best) >= 2 else (), missing


def _roles(row: Sequence[str]) -> list[tuple[int, Role, int]]:
    found = []
    for position, cell in enumerate(row):
        if named := role_of(cell):
            found.append((position, *named))
    return found


def recognise(header_row: int, header: Sequence[str], sample: Sequence[Sequence[str]]) -> Columns:
    """The columns of a table from its heading row and some rows under it.

    Raises KeyError with ``date`` or ``amount`` when the table has none that can be read.
    """
    roles = _roles(header)
    by_role: dict[Role, list[int]] = {}
    for position, role, _ in sorted(roles, key=lambda found: (found[2], found[0])):
        by_role.setdefault(role, []).append(position)

    def values(position: int) -> list[str]:
        return [row[position] for row in sample if position < len(row) and not is_empty(row[position])]

    day_first, guessed = _day_order([value for position in by_role.get(Role.MOMENT, []) for value in values(position)])
    date_at, time_at, has_clock = _moments(by_role.get(Role.MOMENT, []), values)
    if date_at is None:
        raise KeyError("date")

    direction = _direction(by_role, values)
    surely = {position for position, _, rank in roles if rank < _GUESSED}

    def column_of(role: Role) -> int | None:
        return next((p for p in by_role.get(role, []) if _holds_amounts(values(p), named=p in surely)), None)

    amount, money_in, money_out = column_of(Role.AMOUNT), column_of(Role.MONEY_IN), column_of(Role.MONEY_OUT)
    if money_in is not None and money_out is not None:
        money: int | tuple[int, int] = (money_in, money_out)  # two sides say more than one column beside them
    elif (only := next((p for p in (amount, money_in, money_out) if p is not None), None)) is not None:
        money = only
    else:
        raise KeyError("amount")

    one = {
        role: positions[0]
        for role, positions in by_role.items()
        if role not in (Role.MOMENT, Role.DIRECTION, Role.AMOUNT, Role.MONEY_IN, Role.MONEY_OUT, Role.DESCRIPTION)
        and positions[0] != direction
    }
    if Role.COUNTERPARTY not in one and Role.COUNTER_ACCOUNT in one:
        named = [p for p in by_role[Role.COUNTER_ACCOUNT] if "账" in header[p] or "account" in header[p].casefold()]
        if named:
            one[Role.COUNTERPARTY] = named[0]
    return Columns(
        header_row=header_row,
        headings=tuple(plain_heading(cell) for cell in header),
        date=date_at,
        time=time_at,
        has_clock=has_clock,
        direction=direction,
        money=money,
        one=one,
        descriptions=tuple(by_role.get(Role.DESCRIPTION, [])[:3]),
        day_first=day_first,
        day_first_guessed=guessed,
    )


def _moments(candidates: list[int], values: ValuesOf) -> tuple[int | None, int | None, bool]:
    """The column with the day; when another holds the time of day, that one; whether the first holds both."""
    dated: list[tuple[int, bool]] = []
    timed: list[int] = []
    for position in candidates:
        moments = [parse_moment(value) for value in values(position)[:50]]
        known = [moment for moment in moments if moment is not None]
        if not moments:
            dated.append((position, False))
        elif len(known) * 2 < len(moments):
            continue
        elif sum(1 for moment in known if moment.day) * 2 > len(known):
            dated.append((position, sum(1 for moment in known if moment.time) * 2 > len(known)))
        else:
            timed.append(position)
    if not dated:
        return None, None, False
    complete = next((position for position, has_time in dated if has_time), None)
    if complete is not None:
        return complete, None, True
    return dated[0][0], (timed[0] if timed else None), False


def _direction(by_role: dict[Role, list[int]], values: ValuesOf) -> int | None:
    for position in [*by_role.get(Role.DIRECTION, []), *by_role.get(Role.TYPE, [])]:
        words = values(position)[:200]
        named = position in by_role.get(Role.DIRECTION, [])
        known = sum(1 for word in words if parse_direction(word) is not None)
        if (not words and named) or (words and known * (2 if named else 1) >= len(words)):
            return position
    return None


def _holds_amounts(cells: list[str], *, named: bool) -> bool:
    """Whether a column's cells are amounts: most of them, or a single one under a heading that is surely an amount's."""
    good = 0
    for cell in cells[:50]:
        try:
            good += parse_amount(cell) is not None
        except RowNotUnderstood:
            continue
    return good * 2 > min(len(cells), 50) or not cells or (named and (good > 0 or len(cells) < 5))


_SLASHED = re.compile(r"^\s*(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}")


def _day_order(cells: list[str]) -> tuple[bool, bool]:
    """Whether dates written year-last put the day first, and whether that had to be guessed."""
    pairs = [(int(m[1]), int(m[2])) for cell in cells if (m := _SLASHED.match(cell))]
    if not pairs:
        return True, False
    if any(first > 12 for first, _ in pairs):
        return True, False
    if any(second > 12 for _, second in pairs):
        return False, False
    return True, True
