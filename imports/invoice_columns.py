"""Which column of an invoice list or receivable ledger means what: by an explicit mapping, by its heading, by its content."""

# ruff: noqa: E501  (word lists: a Chinese character counts as two columns)

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from imports.cells import is_empty
from imports.columns import ValuesOf
from imports.headings import plain_heading
from imports.invoice_cells import Days, is_tax_number, money, read_side, read_status
from imports.misreadings import RowNotUnderstood, StatementNotUnderstood


class Role(StrEnum):
    """What a column can mean to an invoice. The names are those of ``--map``."""

    NUMBER = "number"
    CODE = "code"
    DIGITAL = "digital"  # 数电发票号码: twenty digits that need no code beside them
    ISSUE = "issue"
    DUE = "due"
    SETTLED = "settled"  # the day on which it was paid in full
    DAYS = "days"  # days from issue until it was paid
    TERM = "term"  # days from issue until it is due
    BUYER = "buyer"
    BUYER_ID = "buyer_id"
    SELLER = "seller"
    SELLER_ID = "seller_id"
    PARTY = "party"  # the other side, whichever that is
    FIRM = "firm"  # whose invoice it is, in a list of several firms
    NET = "net"
    TAX = "tax"
    AMOUNT = "amount"  # with tax where a net column stands beside it, else simply the amount
    QUANTITY = "quantity"
    PRICE = "price"
    OUTSTANDING = "outstanding"
    STATUS = "status"
    RED = "red"
    POSITIVE = "positive"  # 是否正数发票
    SIDE = "side"
    CURRENCY = "currency"
    BLUE = "blue"  # the number of the invoice that a red-ink one reverses
    REMARK = "remark"
    ITEM = "item"


HEADINGS: dict[Role, tuple[str, ...]] = {
    Role.NUMBER: ("发票号码", "发票号", "发票编号", "票号", "invoicenumber", "invoiceno", "invoiceid", "invno", "invnum", "invoice#", "invoice", "documentnumber", "documentno", "docid", "billno", "number", "单据编号", "单据号"),
    Role.CODE: ("发票代码", "invoicecode"),
    Role.DIGITAL: ("数电发票号码", "数电票号码", "全电发票号码", "数电号码", "einvoicenumber", "digitalinvoicenumber"),
    Role.ISSUE: ("开票日期", "发票日期", "开具日期", "开票时间", "出票日期", "单据日期", "业务日期", "入账日期", "日期", "invoicedate", "issuedate", "issued", "issuedon", "dateissued", "dateofissue", "documentdate", "postingdate", "billdate", "issue", "date"),
    Role.DUE: ("到期日", "到期日期", "应收日期", "应收款日", "应付日期", "约定付款日", "付款期限", "付款到期日", "应收到期日", "duedate", "dueon", "due", "dateduedate", "datedue", "paymentdue", "duein", "maturity", "maturitydate", "duedatetime"),
    Role.SETTLED: ("结清日期", "结清日", "回款日期", "回款日", "收款日期", "到账日期", "实际回款日", "实际收款日", "实际付款日", "付款日期", "核销日期", "settleddate", "settled", "settledon", "settlementdate", "datesettled", "paiddate", "paid", "paidon", "datepaid", "paymentdate", "cleardate", "clearingdate", "cleared", "receiveddate", "closedate"),
    Role.DAYS: ("回款天数", "付款天数", "结清天数", "daystosettle", "daystopay", "daystopayment", "daysuntilpayment", "numberofdaysuntilpayment"),
    Role.TERM: ("账期", "账期天数", "信用期", "账期(天)", "terms", "termdays", "creditdays", "paymentterms"),
    Role.BUYER: ("购方名称", "购买方名称", "购货方名称", "购货单位", "购买方", "购方", "受票方名称", "受票方", "客户名称", "客户", "客户简称", "买方", "买方名称", "采购方", "付款方", "付款单位", "buyer", "buyername", "customer", "customername", "customerid", "custnumber", "client", "clientname", "debtor", "billto", "soldto", "purchaser", "accountname"),
    Role.BUYER_ID: ("购方识别号", "购方税号", "购买方识别号", "购买方税号", "购买方纳税人识别号", "购方纳税人识别号", "购买方统一社会信用代码", "buyertaxid", "buyertaxnumber", "buyervat", "customertaxid", "customervat"),
    Role.SELLER: ("销方名称", "销售方名称", "销货方名称", "销货单位", "销售方", "销方", "开票方名称", "开票方", "供应商名称", "供应商", "卖方", "卖方名称", "收款方", "收款单位", "seller", "sellername", "supplier", "suppliername", "supplierid", "vendor", "vendorname", "vendorid", "creditor", "payee", "biller"),
    Role.SELLER_ID: ("销方识别号", "销方税号", "销售方识别号", "销售方税号", "销售方纳税人识别号", "销方纳税人识别号", "销售方统一社会信用代码", "sellertaxid", "sellertaxnumber", "sellervat", "suppliertaxid", "vendortaxid"),
    Role.PARTY: ("往来单位", "往来单位名称", "对方单位", "对方名称", "单位名称", "对方", "counterparty", "counterpartyid", "counterpartyname", "party", "partner", "partnername", "name", "company"),
    Role.FIRM: ("企业代号", "企业编号", "本企业", "companyid", "firmid", "firm", "entity"),
    Role.NET: ("金额", "不含税金额", "未税金额", "合计金额(不含税)", "金额(不含税)", "amountnet", "netamount", "net", "amountexcludingtax", "amountexcltax", "subtotal", "taxableamount"),
    Role.TAX: ("税额", "合计税额", "增值税额", "tax", "taxamount", "vat", "vatamount", "gst"),
    Role.AMOUNT: ("价税合计", "含税金额", "金额(含税)", "发票金额", "应收金额", "应付金额", "应收款", "总金额", "价税合计金额", "amountgross", "grossamount", "gross", "total", "totalamount", "invoiceamount", "invoicetotal", "amount", "totalopenamount", "amountdue", "amountincludingtax", "value"),
    Role.QUANTITY: ("数量", "quantity", "qty"),
    Role.PRICE: ("单价", "unitprice", "price"),
    Role.OUTSTANDING: ("未收金额", "未付金额", "未结金额", "未回款金额", "余额", "应收余额", "outstanding", "balance", "balancedue", "openamount", "unpaid"),
    Role.STATUS: ("发票状态", "开票状态", "单据状态", "状态", "status", "invoicestatus", "state"),
    Role.RED: ("是否红字", "是否红票", "红字标志", "红字标识", "红冲标志", "发票性质", "iscreditnote", "creditnote", "isred", "isreversal"),
    Role.POSITIVE: ("是否正数发票", "正数发票"),
    Role.SIDE: ("进销项", "进项/销项", "销项/进项", "进销标志", "开具/取得", "收票/开票", "购销", "direction", "side", "salesorpurchase", "invoicedirection"),
    Role.CURRENCY: ("币种", "币别", "货币", "currency", "invoicecurrency", "currencycode", "ccy"),
    Role.BLUE: ("对应蓝字发票号码", "蓝字发票号码", "原发票号码", "被红冲发票号码", "对应正数发票号码", "被红冲蓝字数电票号码", "originalinvoice", "originalinvoicenumber", "creditedinvoice", "reversedinvoice"),
    Role.REMARK: ("备注", "说明", "摘要", "remark", "remarks", "note", "notes", "memo", "comment"),
    Role.ITEM: ("货物或应税劳务名称", "货物名称", "商品名称", "货物、应税劳务及服务", "项目名称", "stockcode", "item", "itemname", "sku", "product", "productname", "description"),
}  # fmt: skip

# For a heading that is in no list: the parts that give it away, tried in this order.
_PARTS: tuple[tuple[re.Pattern[str], Role], ...] = (
    (re.compile(r"数电|全电|电子发票号"), Role.DIGITAL),
    (re.compile(r"(蓝字|原发票|被红冲|正数发票).*号"), Role.BLUE),
    (re.compile(r"发票代码"), Role.CODE),
    (re.compile(r"发票号|票据号|invoice.?(no|num|id)"), Role.NUMBER),
    (re.compile(r"(购|买|客户|受票|buyer|customer|client).*(税号|识别号|信用代码|tax|vat)"), Role.BUYER_ID),
    (re.compile(r"(销|卖|供应商|开票方|seller|supplier|vendor).*(税号|识别号|信用代码|tax|vat)"), Role.SELLER_ID),
    (re.compile(r"到期|应[收付]日|due"), Role.DUE),
    (re.compile(r"(结清|回款|收款|到账|付款|核销|支付)(日|时间)|(paid|settle|payment|clear).*(date|on|at)$|date.*(paid|settle|clear)"), Role.SETTLED),
    (re.compile(r"(days|天数).*(pay|settle|回款|付款|结清)|(回款|付款|结清).*天数"), Role.DAYS),
    (re.compile(r"账期|信用期"), Role.TERM),
    (re.compile(r"(开票|发票|开具|单据|invoice|issue|bill|document).*(日期|时间|date)"), Role.ISSUE),
    (re.compile(r"(未收|未付|未结|未回|outstanding|open|unpaid)"), Role.OUTSTANDING),
    (re.compile(r"^(购|买方|客户|受票)|buyer|customer|client|debtor"), Role.BUYER),
    (re.compile(r"^(销方|销售方|销货|卖方|供应商|供货)|seller|supplier|vendor"), Role.SELLER),
    (re.compile(r"税额|vatamount|taxamount"), Role.TAX),
    (re.compile(r"不含税|excl"), Role.NET),
    (re.compile(r"价税|含税|总额|应收|应付|发票.*金额|amount|total"), Role.AMOUNT),
    (re.compile(r"金额"), Role.NET),
    (re.compile(r"红字|红票|红冲"), Role.RED),
    (re.compile(r"状态|status"), Role.STATUS),
    (re.compile(r"币种|currency"), Role.CURRENCY),
    (re.compile(r"备注|remark|memo"), Role.REMARK),
    (re.compile(r"日期|date$"), Role.ISSUE),
)  # fmt: skip

_EXACT = {heading: (role, rank) for role, headings in HEADINGS.items() for rank, heading in enumerate(headings)}
_GUESSED = 100  # ranks from here on: the heading is in no list, a part of it gave it away
_DATES = (Role.ISSUE, Role.DUE, Role.SETTLED)
_MONEY = (Role.NET, Role.TAX, Role.AMOUNT, Role.QUANTITY, Role.PRICE, Role.OUTSTANDING)
_COUNTS = (Role.DAYS, Role.TERM)
# Headings that a bank or wallet never writes: a table with one of them and a party is a list of invoices.
_ONLY_INVOICES = (Role.CODE, Role.DIGITAL, Role.BUYER_ID, Role.SELLER_ID, Role.BLUE)
_INVOICE_WORDS = re.compile(r"发票|开票|invoice")


@dataclass(frozen=True, slots=True)
class InvoiceColumns:
    """The columns of one table: positions from 0 by role; ``guessed`` are those that only their content gave away."""

    header_row: int
    headings: tuple[str, ...]
    at: Mapping[Role, int]
    days: Days
    guessed: frozenset[Role] = frozenset()

    @property
    def needed(self) -> int:
        """How many cells a row must at least have to be an invoice."""
        money_at = [self.at[role] for role in (Role.NET, Role.AMOUNT, Role.QUANTITY, Role.PRICE) if role in self.at]
        return 1 + max(self.at[Role.ISSUE], min(money_at))


def role_of(cell: str) -> tuple[Role, int] | None:
    """The role that a heading names and its rank within the role (smaller is better); None for an unknown heading."""
    heading = plain_heading(cell)
    if not heading or len(heading) > 40:
        return None
    if heading in _EXACT:
        return _EXACT[heading]
    for order, (part, role) in enumerate(_PARTS):
        if part.search(heading):
            return role, _GUESSED + order
    return None


def is_heading(row: Sequence[str]) -> bool:
    """Whether a row names an invoice's date, an amount and one thing more."""
    roles = {found[0] for cell in row if (found := role_of(cell))}
    filled = sum(1 for cell in row if cell.strip())
    amount = roles & {Role.NET, Role.AMOUNT} or {Role.QUANTITY, Role.PRICE} <= roles
    return Role.ISSUE in roles and bool(amount) and len(roles) >= 3 and len(roles) * 3 >= filled


def is_invoice_heading(row: Sequence[str]) -> bool:
    """Whether a row can only head a list of invoices, and not a bill."""
    if not is_heading(row):
        return False
    roles = {found[0] for cell in row if (found := role_of(cell))}
    named = any(_INVOICE_WORDS.search(plain_heading(cell)) for cell in row)
    parties = roles & {Role.BUYER, Role.SELLER, Role.BUYER_ID, Role.SELLER_ID}
    return named and bool(roles & set(_ONLY_INVOICES) or (Role.NUMBER in roles and parties))


def mapping_of(given: Iterable[str]) -> dict[Role, str]:
    """``buyer=客户, issue=Date`` as roles with the heading (or the column's number from 1). Raises ``map_not_understood``."""
    found: dict[Role, str] = {}
    for pair in (pair.strip() for text in given for pair in text.split(",")):
        if not pair:
            continue
        name, equals, heading = pair.partition("=")
        if not equals or name.strip() not in {role.value for role in Role} or not heading.strip():
            roles = ", ".join(role.value for role in Role)
            raise StatementNotUnderstood("map_not_understood", where=pair[:40], roles=roles)
        found[Role(name.strip())] = heading.strip()
    return found


def recognise(
    header_row: int, header: Sequence[str], sample: Sequence[Sequence[str]], given: Mapping[Role, str]
) -> InvoiceColumns:
    """The columns of a table from its heading row and some rows under it; what is ``given`` is taken at its word.

    Raises StatementNotUnderstood ``map_column_missing``, ``no_date_column`` or ``no_amount_column``.
    """
    headings = tuple(plain_heading(cell) for cell in header)

    def values(position: int) -> list[str]:
        return [row[position] for row in sample if position < len(row) and not is_empty(row[position])]

    at = {role: _position(heading, headings, header_row) for role, heading in given.items()}
    taken = set(at.values())
    named = [
        (role, rank, n)
        for n, cell in enumerate(header)
        if n not in taken and (found := role_of(cell))
        for role, rank in [found]
    ]
    days = Days.of([value for role, _, n in named if role in _DATES for value in values(n)])
    for role, rank, position in sorted(named, key=lambda one: (one[1], one[2])):
        if role not in at and position not in taken and _holds(role, values(position), days, sure=rank < _GUESSED):
            at[role] = position
            taken.add(position)
    guessed = _by_content(at, taken, len(headings), values, days)
    at |= guessed
    if Role.NET in at and Role.AMOUNT not in at and Role.TAX not in at:
        at[Role.AMOUNT] = at.pop(Role.NET)  # one amount alone is the amount
    if Role.ISSUE not in at:
        raise StatementNotUnderstood("no_date_column", where=str(header_row), seen=shown(header))
    if not (at.keys() & {Role.NET, Role.AMOUNT} or {Role.QUANTITY, Role.PRICE} <= at.keys()):
        raise StatementNotUnderstood("no_amount_column", where=str(header_row), seen=shown(header))
    return InvoiceColumns(header_row, headings, at, days, frozenset(guessed))


def shown(row: Sequence[str]) -> str:
    """A heading row for a message."""
    return ", ".join([cell.strip()[:20] for cell in row if cell.strip()][:12])


def _position(heading: str, headings: Sequence[str], header_row: int) -> int:
    if (plain := plain_heading(heading)) in headings:
        return headings.index(plain)
    if heading.isdecimal() and 1 <= int(heading) <= len(headings):
        return int(heading) - 1
    raise StatementNotUnderstood("map_column_missing", where=str(header_row), column=heading[:40], seen=shown(headings))


def _holds(role: Role, cells: list[str], days: Days, *, sure: bool) -> bool:
    """Whether a column's cells are what its heading says: a "Paid" that holds amounts is no day of payment."""
    if not cells:
        return True
    checked = cells[:60]
    if role in _DATES:
        good = sum(1 for cell in checked if days.day(cell) is not None)
    elif role in _MONEY:
        good = sum(1 for cell in checked if _is_money(cell))
    elif role in _COUNTS:
        good = sum(1 for cell in checked if cell.strip().lstrip("-").replace(".0", "").isdecimal())
    elif role is Role.STATUS:
        good = sum(1 for cell in checked if read_status(cell) is not None)
    elif role is Role.SIDE:
        good = sum(1 for cell in checked if read_side(cell) is not None)
    else:
        return True
    return good * 2 > len(checked) or (sure and good > 0 and len(checked) < 5)


def _is_money(cell: str) -> bool:
    try:
        return money(cell) is not None
    except RowNotUnderstood:
        return False


def _by_content(at: dict[Role, int], taken: set[int], width: int, values: ValuesOf, days: Days) -> dict[Role, int]:
    """What columns without a telling heading hold: days, three amounts of which two make the third, tax numbers, names."""
    found: dict[Role, int] = {}
    free = [n for n in range(width) if n not in taken and values(n)]
    cells = {n: values(n)[:120] for n in free}

    def mostly(n: int, test: Callable[[str], bool]) -> bool:
        return sum(1 for cell in cells[n] if test(cell)) * 10 >= 9 * len(cells[n])

    dated = [n for n in free if mostly(n, lambda cell: not cell.strip().isdecimal() and days.day(cell) is not None)]
    if Role.ISSUE not in at and dated:
        dated.sort(key=lambda n: sorted(days.day(cell) or "" for cell in cells[n])[len(cells[n]) // 2])
        found |= dict(zip((role for role in _DATES if role not in at), dated, strict=False))
    amounts = [n for n in free if n not in dated and mostly(n, lambda cell: "." in cell and _is_money(cell))]
    if not (at.keys() & {Role.NET, Role.AMOUNT}) and Role.PRICE not in at and amounts:
        found |= _net_tax_gross(amounts, cells) or {Role.AMOUNT: amounts[0]}
    numbered = [n for n in free if mostly(n, is_tax_number)]
    if not (at.keys() & {Role.BUYER_ID, Role.SELLER_ID, Role.PARTY, Role.BUYER, Role.SELLER}) and numbered:
        found[Role.PARTY] = numbered[0]
    if not (at.keys() & {Role.NUMBER, Role.DIGITAL}):
        serial = [
            n
            for n in free
            if n not in numbered and mostly(n, lambda cell: cell.strip().isdecimal() and len(cell.strip()) in (8, 20))
        ]
        if serial:
            found[Role.NUMBER] = serial[0]
    if not ((at | found).keys() & {Role.BUYER, Role.SELLER, Role.PARTY}):
        used = set(found.values())
        texts = [
            n
            for n in free
            if n not in used and len(set(cells[n])) > 1 and mostly(n, lambda cell: not any(c.isdigit() for c in cell))
        ]
        if texts:
            found[Role.PARTY] = max(texts, key=lambda n: len(set(cells[n])))
    return found


def _net_tax_gross(amounts: list[int], cells: Mapping[int, list[str]]) -> dict[Role, int]:
    """Three columns of which two add up to the third in nearly every row."""
    for gross in amounts:
        for net in amounts:
            for tax in amounts:
                if len({gross, net, tax}) < 3:
                    continue
                rows = list(zip(cells[net], cells[tax], cells[gross], strict=False))
                good = sum(1 for a, b, c in rows if abs((money(a) or 0) + (money(b) or 0) - (money(c) or 0)) <= 1)
                smaller = sum(1 for a, b, _ in rows if abs(money(a) or 0) >= abs(money(b) or 0))
                if rows and good * 10 >= 9 * len(rows) and smaller * 10 >= 9 * len(rows):
                    return {Role.NET: net, Role.TAX: tax, Role.AMOUNT: gross}
    return {}
