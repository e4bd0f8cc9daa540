"""What a heading names: the words that banks, wallets and platforms write over their columns."""

# ruff: noqa: E501  (word lists: a Chinese character counts as two columns)

import re
import unicodedata
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache


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
        "备注", "摘要", "交易备注", "说明", "留言", "事项", "项目", "text", "お取り扱い内容", "お取引内容", "取引内容", "description", "details", "narrative", "memo", "remark", "remarks", "note",
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
    (
        re.compile(
            r"日期|时间|date$|time$|date|valuedt|txndt|时刻|时分秒|(?:入账|过账|起息|动账|业务|发生|结算|付款)日$"
        ),
        Role.MOMENT,
    ),
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
_NAMED_CURRENCY = re.compile(r"[(\[]([a-z]{3})[)\]]$|(?<=[a-z]{4})(chf|eur|usd|gbp|cny|hkd|jpy|sgd|aud|cad)$")
_BOTH_SCRIPTS = re.compile(r"^([\u4e00-\u9fff/()]+)[/(]?([a-z].*)$")
# Headings in the traditional script, as Hong Kong, Macau and Taiwan write them, and the Japanese forms.
_SIMPLER = str.maketrans(
    "餘額結貨幣詳對賬帳戶單號說備註轉貸類別狀態間時記發負進滙匯預歷證憑據實際從錢種資訊支収",
    "余额结货币详对账账户单号说备注转贷类别状态间时记发负进汇汇预历证凭据实际从钱种资讯支收",
)
_EXACT = {heading: (role, rank) for role, headings in HEADINGS.items() for rank, heading in enumerate(headings)}
GUESSED = 100  # ranks from here on: the heading is in no list, a part of it gave it away


def plain_heading(cell: str) -> str:
    """A heading as it is compared: full-width folded, spaces, quotes and a trailing unit gone, lower case."""
    text = "".join(unicodedata.normalize("NFKC", cell).replace("_", "").replace('"', "").split()).casefold()
    text = text.strip("*`'#:").translate(_SIMPLER)
    for unit in (_TIMES, _UNIT, _HUNDREDTH):
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
            return role, GUESSED + order
    return None


def times_of(heading: str) -> Decimal:
    """The unit of the amounts under a heading that names one: ten thousand for 万元, a hundredth for 分."""
    text = "".join(unicodedata.normalize("NFKC", heading).split()).casefold()
    if _HUNDREDTH.search(text):
        return Decimal("0.01")
    found = _TIMES.search(text)
    return Decimal({"千": 1_000, "万": 10_000, "百万": 1_000_000}[found[1]]) if found else Decimal(1)


def currency_in(heading: str) -> str:
    """The ISO code in brackets behind a heading; empty where there is none."""
    found = _NAMED_CURRENCY.search("".join(unicodedata.normalize("NFKC", heading).split()).casefold())
    code = (found[1] or found[2]) if found else ""
    return code.upper() if code != "utc" else ""
