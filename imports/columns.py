"""Which column of a table means what: by its heading first, by what stands in it where headings are ambiguous."""

# ruff: noqa: E501  (word lists: a Chinese character counts as two columns)

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from imports.cells import ORDERS, Amount, is_empty, parse_amount, parse_direction, parse_moment
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
        "posteddate", "date", "time", "valuedate", "completeddate", "created", "createdat", "at", "起息日", "动账时间",
        "账单日期", "订单时间", "下单时间", "buchungstag", "buchungsdatum", "datum", "valuta", "valutadatum", "dateopération",
        "datedopération", "fecha", "fechaoperación", "data", "日付", "取引日", "お取引日", "年月日",
    ),
    Role.DIRECTION: (
        "收/支", "收支", "收支类型", "收付", "收/付", "收付标志", "借贷标志", "借/贷", "借贷", "借贷方向", "借贷状态", "资金流向",
        "资金方向", "收入/支出", "收支方向", "交易方向", "收支标志", "动账方向", "借贷标识", "进出标志", "direction", "d/c", "dr/cr", "debit/credit", "credit/debit",
        "creditdebitindicator", "in/out", "cr/dr", "dr./cr.", "c/d", "crdr", "drcr", "cdi", "soll/haben",
    ),
    Role.AMOUNT: (
        "实付金额", "结算金额", "实收金额", "到账金额", "金额", "记账金额", "交易金额", "发生额", "发生金额", "交易额", "人民币金额", "收支金额", "订单金额", "总金额",
        "入账金额", "变动金额", "动账金额", "发生金额", "应结订单金额", "amount", "transactionamount", "amountincurrency", "netamount",
        "net", "nettotal", "value", "sum", "gross", "grossamount", "totalcollected", "betrag", "umsatz", "montant", "importe",
        "importo", "取引金额",
    ),
    Role.MONEY_IN: (
        "记账金额(收入)", "收入", "收入金额", "贷方发生额", "贷方金额", "贷方", "贷方发生额(收入)", "存入", "存入金额", "转入金额",
        "转入", "收方金额", "贷", "交易金额(收入)", "交易金额(收)", "收方发生额", "credit", "creditamount", "deposit", "deposits", "moneyin", "paidin", "in",
        "cramount", "credits", "depositamount", "depositamt", "depositamt.", "haben", "gutschrift", "crédit", "abono", "entrate",
        "お预り金额", "入金", "入金额", "お预入れ", "存款", "存款金额", "汇入",
    ),
    Role.MONEY_OUT: (
        "记账金额(支出)", "支出", "支出金额", "借方发生额", "借方金额", "借方", "借方发生额(支取)", "支取", "支取金额", "转出金额",
        "转出", "付方金额", "借", "交易金额(支出)", "交易金额(支)", "付方发生额", "debit", "debitamount", "withdrawal", "withdrawals", "moneyout", "paidout",
        "out", "dramount", "debits", "withdrawalamount", "withdrawalamt", "withdrawalamt.", "soll", "belastung", "débit", "cargo",
        "uscite", "お支払金额", "出金", "出金额", "お引出し", "提款", "提款金额", "汇出",
    ),
    Role.CURRENCY: ("记账币种", "币种", "币别", "货币", "货币种类", "币种名称", "交易币种", "currency", "ccy", "currencycode", "währung", "devise",
                    "divisa", "moneda"),
    Role.BALANCE: (
        "余额", "账户余额", "联机余额", "本次余额", "当前余额", "交易后余额", "账面余额", "交易余额", "可用余额", "卡内余额",
        "动账后余额", "结余", "结存", "账户结余", "balance", "runningbalance", "closingbalance", "balanceafter", "accountbalance",
        "runningbal.", "saldo", "solde", "残高", "差引残高",
    ),
    Role.COUNTERPARTY: (
        "交易对方", "对方户名", "对方账户名", "对方名称", "对方姓名", "对手信息", "对手名称", "交易对手", "交易对手名称", "对方单位",
        "对方单位名称", "对方账户名称", "对方账号与户名", "收/付款人", "收付款人", "收付款方", "对方信息", "对方", "商户名称", "商家名称",
        "往来户名", "付款人", "收款人", "counterparty", "counterpartyname", "partnername", "begünstigter/zahlungspflichtiger",
        "auftraggeber/empfänger", "name/bezeichnung", "tiers", "payee", "payer", "merchant", "beneficiary", "name", "payee/payer", "otherparty",
    ),
    Role.DESCRIPTION: (
        "商品", "商品说明", "商品名称", "订单标题", "附言", "用途", "交易附言", "交易用途", "交易说明", "交易描述", "客户摘要",
        "备注", "摘要", "交易备注", "说明", "留言", "description", "details", "narrative", "memo", "remark", "remarks", "note",
        "交易详情", "narration", "particulars", "purpose", "remittanceinformation", "verwendungszweck", "buchungstext", "libellé",
        "libelle", "concepto", "descripción", "descrizione", "causale", "paymentreference",
    ),
    Role.TYPE: (
        "交易类型", "交易分类", "交易名称", "业务类型", "业务种类", "账务类型", "交易摘要", "交易种类", "类型", "类别", "分类",
        "动账场景", "transactiontype", "type", "category", "reportingcategory",
    ),
    Role.STATUS: ("当前状态", "交易状态", "状态", "交易结果", "资金状态", "status", "state"),
    Role.REFERENCE: (
        "交易单号", "交易订单号", "账务流水号", "交易流水号", "交易号", "支付宝交易号", "流水号", "核心流水号", "交易参考号", "订单号",
        "凭证号", "凭证号码", "日志号", "交易序号", "业务流水号", "transactionid", "reference", "referencenumber", "transactionreference",
        "动账流水号", "微信订单号", "refno", "id", "transferwiseid", "chq./ref.no.", "bankreference", "entryreference",
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
    (re.compile(r"(transaction|txn|payment|transfer|trade)id$"), Role.REFERENCE),
    (re.compile(r"timezone|时区"), Role.METHOD),
    (re.compile(r"日期|时间|date$|time$|date|valuedt|txndt"), Role.MOMENT),
    (re.compile(r"余额|结余|balance|saldo|solde"), Role.BALANCE),
    (re.compile(r"退款.*(金额|额)|refund.*amount"), Role.REFUNDED),
    (re.compile(r"手续费|服务费|佣金|\bfees?\b|totalfees|commission"), Role.FEE),
    (re.compile(r"(发生额|金额|额)[(]?(借方?|支出?|付)[)]?$"), Role.MONEY_OUT),
    (re.compile(r"(发生额|金额|额)[(]?(贷方?|收入?)[)]?$"), Role.MONEY_IN),
    (
        re.compile(
            r"(收入|收到|进账|入账|贷方|存入|转入|汇入|入金|credit|crédit|deposit|moneyin|paidin|haben).*(金额|额|amount|\(.*\))?$"
        ),
        Role.MONEY_IN,
    ),
    (
        re.compile(
            r"(支出|付出|出账|借方|支取|转出|汇出|出金|debit|débit|withdraw|moneyout|paidout|soll).*(金额|额|amount|\(.*\))?$"
        ),
        Role.MONEY_OUT,
    ),
    (re.compile(r"金额|发生额|amount"), Role.AMOUNT),
    (re.compile(r"(对方|对手|收款|付款).*(账号|卡号|帐号|账户$|行)|counterpartyaccount"), Role.COUNTER_ACCOUNT),
    (re.compile(r"对方|对手|户名|往来单位|payee|payer|merchant|商户名|商家名"), Role.COUNTERPARTY),
    (re.compile(r"币种|货币|currency"), Role.CURRENCY),
    (re.compile(r"收.?支|借.?贷|流向|方向|direction"), Role.DIRECTION),
    (re.compile(r"(商户|商家|merchant).*(单号|订单|order|no)"), Role.MERCHANT_REFERENCE),
    (re.compile(r"单号|流水号|交易号|凭证|reference|transactionid"), Role.REFERENCE),
    (re.compile(r"状态|status"), Role.STATUS),
    (re.compile(r"类型|类别|分类|种类|type|category"), Role.TYPE),
    (re.compile(r"摘要|附言|用途|说明|备注|商品|描述|description|narrative|memo|details"), Role.DESCRIPTION),
)

_UNIT = re.compile(r"[(\[]?(?:单位[::])?[+-]?(?:元|rmb|cny|人民币|yuan|¥|￥)[)\]]?$")
_TIMES = re.compile(r"[(\[]?(?:单位[::])?(?:人民币)?(百万|万|千)元[)\]]?$")
_HUNDREDTH = re.compile(r"[(\[](?:单位[::])?分[)\]]$|(?:in)?cents[)\]]?$")
_NAMED_CURRENCY = re.compile(r"[(\[]([a-z]{3})[)\]]$")
_BOTH_SCRIPTS = re.compile(r"^([\u4e00-\u9fff/()]+)[/(]?([a-z].*)$")
# Headings in the traditional script, as Hong Kong, Macau and Taiwan write them, and the Japanese forms.
_SIMPLER = str.maketrans(
    "餘額結貨幣詳對賬帳戶單號說備註轉貸類別狀態間時記發負進滙匯預歷證憑據實際從錢種資訊支収",
    "余额结货币详对账账户单号说备注转贷类别状态间时记发负进汇汇预历证凭据实际从钱种资讯支收",
)
_EXACT = {heading: (role, rank) for role, headings in HEADINGS.items() for rank, heading in enumerate(headings)}
_GUESSED = 100  # ranks from here on: the heading is in no list, a part of it gave it away

# Gives the filled cells of a column in the sample.
ValuesOf = Callable[[int], list[str]]


def plain_heading(cell: str) -> str:
    """A heading as it is compared: full-width folded, spaces, quotes and a trailing unit gone, lower case."""
    text = "".join(unicodedata.normalize("NFKC", cell).replace("_", "").replace('"', "").split()).casefold()
    text = text.strip("*`'#:").translate(_SIMPLER)
    for unit in (_UNIT, _TIMES, _HUNDREDTH):
        bare = unit.sub("", text)
        if bare != text:
            return bare if len(bare) > 1 else text
    return text


@lru_cache(maxsize=8_192)  # finding a heading asks the same cells again for every delimiter
def role_of(cell: str) -> tuple[Role, int] | None:
    """The role that a heading names and its rank within the role (smaller is better); None for an unknown heading."""
    heading = plain_heading(cell)
    if not heading or len(heading) > 40:
        return None
    if heading in _EXACT:
        return _EXACT[heading]
    named = _NAMED_CURRENCY.sub("", heading)
    if named in _EXACT:
        return _EXACT[named]
    # 交易日期Trans Date: the same said twice.
    if (twice := _BOTH_SCRIPTS.match(heading)) and (first := twice[1].strip("/(")) in _EXACT:
        return _EXACT[first]
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
    order: str = "dmy"  # how a date of three numbers is read, see ``cells.ORDERS``
    order_guessed: bool = False
    other_dates: tuple[int, ...] = ()  # where a day stands when the date's own cell is empty
    times: Decimal = Decimal(1)  # the unit of the amounts, where the heading names one: ten thousand for 万元
    currency: str = ""  # named in the amount's heading
    out_is_negative: bool = False  # the column of money out holds negative numbers that mean just that

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
    enough = len(roles) * 2 >= filled or sum(1 for _, _, rank in roles if rank < _GUESSED) >= 5
    return Role.MOMENT in kinds and money and len(roles) >= 3 and enough


def roles_named(row: Sequence[str]) -> int:
    """How well a row's cells name roles: two for each heading that is known, one for each that a part gives away."""
    return sum(2 if rank < _GUESSED else 1 for _, _, rank in _roles(row))


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

    order, guessed = _order([value for position in by_role.get(Role.MOMENT, []) for value in values(position)])
    date_at, time_at, has_clock, other_dates = _moments(by_role.get(Role.MOMENT, []), values, order)
    if date_at is None:
        raise KeyError("date")

    direction = _direction(by_role, values)
    surely = {position for position, _, rank in roles if rank < _GUESSED}

    def columns_of(role: Role) -> list[int]:
        return [p for p in by_role.get(role, []) if _holds_amounts(values(p), named=p in surely)]

    amounts, into, out = columns_of(Role.AMOUNT), columns_of(Role.MONEY_IN), columns_of(Role.MONEY_OUT)
    if into and out:
        money: int | tuple[int, int] = (into[0], out[0])  # two sides say more than one column beside them
    elif amounts or into or out:
        money = (amounts or into or out)[0]
        if len(amounts) > 1 and (balance := next(iter(by_role.get(Role.BALANCE, [])), None)) is not None:
            money = _follows(amounts, balance, sample)
    else:
        raise KeyError("amount")
    headings = tuple(plain_heading(cell) for cell in header)
    first = money if isinstance(money, int) else money[0]

    one = {
        role: next((p for p in positions if values(p)), positions[0])
        for role, positions in by_role.items()
        if role not in (Role.MOMENT, Role.DIRECTION, Role.AMOUNT, Role.MONEY_IN, Role.MONEY_OUT, Role.DESCRIPTION)
        and positions[0] != direction
    }
    if currency := _currency_named(header[first]):
        one.pop(Role.CURRENCY, None)  # the amount's own heading says it; another column may be of what was paid abroad
    if Role.COUNTERPARTY not in one and Role.COUNTER_ACCOUNT in one:
        named = [p for p in by_role[Role.COUNTER_ACCOUNT] if "账" in header[p] or "account" in header[p].casefold()]
        if named:
            one[Role.COUNTERPARTY] = named[0]
    return Columns(
        header_row=header_row,
        headings=headings,
        date=date_at,
        time=time_at,
        has_clock=has_clock,
        direction=direction,
        money=money,
        one=one,
        descriptions=tuple(by_role.get(Role.DESCRIPTION, [])[:3]),
        order=order,
        order_guessed=guessed,
        other_dates=other_dates,
        times=_times(header[first]),
        currency=currency,
        out_is_negative=not isinstance(money, int) and _all_negative(values(money[1])),
    )


def _times(heading: str) -> Decimal:
    text = "".join(unicodedata.normalize("NFKC", heading).split()).casefold()
    if _HUNDREDTH.search(text):
        return Decimal("0.01")
    found = _TIMES.search(text)
    return Decimal({"千": 1_000, "万": 10_000, "百万": 1_000_000}[found[1]]) if found else Decimal(1)


def _currency_named(heading: str) -> str:
    found = _NAMED_CURRENCY.search("".join(unicodedata.normalize("NFKC", heading).split()).casefold())
    return found[1].upper() if found and found[1] != "utc" else ""


def _all_negative(cells: list[str]) -> bool:
    signs = {amount.minor < 0 for cell in cells if (amount := _amount(cell)) is not None and amount.minor}
    return signs == {True}


def _follows(candidates: list[int], balance: int, sample: Sequence[Sequence[str]]) -> int:
    """The amount column that the running balance follows, in either order; the first where none stands out."""

    def steps(position: int) -> int:
        rows = [(_cell_minor(row, balance), _cell_minor(row, position)) for row in sample]
        known = [(left, moved) for left, moved in rows if left is not None and moved is not None]
        pairs = list(pairwise(known))
        down = sum(abs(after - before) == abs(moved) for (before, _), (after, moved) in pairs)
        up = sum(abs(before - after) == abs(moved) for (before, moved), (after, _) in pairs)
        return max(down, up)

    return max(candidates, key=steps)  # the first of equals


def _cell_minor(row: Sequence[str], position: int) -> int | None:
    amount = _amount(row[position]) if position < len(row) else None
    return amount.minor if amount is not None else None


def _amount(cell: str) -> Amount | None:
    try:
        return parse_amount(cell)
    except RowNotUnderstood:
        return None


def _moments(
    candidates: list[int], values: ValuesOf, order: str
) -> tuple[int | None, int | None, bool, tuple[int, ...]]:
    """The column with the day; when another holds the time of day, that one; whether the first holds both; other days."""
    dated: list[tuple[int, bool]] = []
    timed: list[int] = []
    for position in candidates:
        moments = [parse_moment(value, order=order) for value in values(position)[:50]]
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
        return None, None, False, ()
    complete = next((position for position, has_time in dated if has_time), None)
    chosen, has_clock = (complete, True) if complete is not None else (dated[0][0], False)
    others = tuple(position for position, _ in dated if position != chosen)
    return chosen, None if has_clock else (timed[0] if timed else None), has_clock, others


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
    good = sum(_amount(cell) is not None for cell in cells[:50])
    return good * 2 > min(len(cells), 50) or not cells or (named and (good > 0 or len(cells) < 5))


_NUMBERS = re.compile(r"^\s*\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})\b")
LIKELY_YEARS = range(2005, 2041)


def _order(cells: list[str]) -> tuple[str, bool]:
    """How dates of three numbers are to be read, and whether that had to be guessed.

    An order that cannot be is ruled out by a single cell. Of those left the one wins whose days lie closest together:
    an export covers weeks or months, and the wrong order scatters them over years. Equals are read day first.
    """
    found = [cell for cell in cells if _NUMBERS.match(unicodedata.normalize("NFKC", cell))][:SAMPLE_OF_DATES]
    if not found:
        return "dmy", False
    spans: list[tuple[int, int, str]] = []
    for rank, order in enumerate(ORDERS):
        if order == "ymd" and any(len(_year_of(cell)) == 4 for cell in found):
            continue
        days = [moment.day for cell in found if (moment := parse_moment(cell, order=order)) is not None]
        if len(days) * 10 < len(found) * 9 or not days:
            continue
        unlikely = sum(int(day[:4]) not in LIKELY_YEARS for day in days)
        span = (date.fromisoformat(max(days)) - date.fromisoformat(min(days))).days
        spans.append((unlikely * 100_000 + span, rank, order))
    if not spans:
        return "dmy", False
    likely = [span for span in spans if span[0] < 100_000]
    return min(spans)[2], len(likely) > 1


def _year_of(cell: str) -> str:
    found = _NUMBERS.match(unicodedata.normalize("NFKC", cell))
    return found[1] if found else ""


SAMPLE_OF_DATES = 600
