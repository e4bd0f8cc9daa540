"""What a line is to the business, from the words in it. Every rule is a list of words and the kind they stand for.

The rules are tried in order and the first that fits the line's direction decides; a line without any of the words gets the
usual kind of its direction and is flagged as a guess, so that the owner can correct it and confidence knows of it.
"""

# ruff: noqa: E501  (word lists: a Chinese character counts as two columns)

import re
from dataclasses import dataclass

from imports.lines import Direction, Kind


@dataclass(frozen=True, slots=True)
class KindRule:
    """Words that decide a kind: ``kind_in`` for money coming in, ``kind_out`` for money going out; None: not this rule.

    ``neutral``: the words mean a move between the owner's own pockets, whatever direction a bank gives it.
    ``strong``: also true when the words stand in the counterparty's name, not only in type or description.
    ``sure``: false where the words only make the kind likely, so that the line still counts as guessed.
    """

    name: str
    words: tuple[str, ...]
    kind_in: Kind | None
    kind_out: Kind | None
    neutral: bool = False
    strong: bool = True
    sure: bool = True


RULES: tuple[KindRule, ...] = (
    KindRule(
        "loan",
        ("贷款发放", "放款", "借款到账", "贷款到账", "借呗", "微粒贷", "网商贷", "贷款还款", "贷款扣款", "还贷", "归还贷款",
         "贷款本金", "贷款利息", "小额贷款", "消费金融", "花呗还款", "月付还款", "主动还款", "信用借还", "美团月付】", "有钱花", "度小满",
         "loan"),
        Kind.LOAN_IN, Kind.LOAN_REPAY,
    ),
    KindRule(
        "own_move",
        ("零钱提现", "零钱充值", "转入零钱通", "零钱通转出", "转入零钱", "余额提现", "提现", "余额宝", "账户存取", "信用卡还款",
         "信用卡自动还款", "自动还款", "购买理财", "理财通", "投资理财", "基金", "赎回", "申购", "本人转账", "同名转账", "账户互转",
         "定期存款", "大额存单", "活期转定期", "own account", "internal transfer"),
        Kind.TRANSFER_SELF, Kind.TRANSFER_SELF, neutral=True, strong=False,
    ),
    KindRule("refund", ("退款", "退货", "退回", "冲正", "冲销", "refund", "reversal", "chargeback"), Kind.REFUND, Kind.REFUND,
             strong=False),
    KindRule(
        "payroll", ("工资", "薪资", "薪酬", "代发", "劳务费", "劳务报酬", "奖金", "社保", "公积金", "salary", "payroll", "wages"),
        Kind.PRIVATE, Kind.PAYROLL, strong=False,
    ),
    KindRule(
        "rent", ("房租", "店租", "租金", "房东", "场地费", "摊位费", "物业费", "铺租", "仓租", "rent "), Kind.OTHER, Kind.RENT
    ),
    KindRule(
        "private",
        ("微信红包", "红包", "亲属卡", "亲友代付", "亲情卡", "转账红包", "赞赏", "分分捐", "公益", "医疗健康", "教育培训", "文化休闲",
         "酒店旅游", "母婴亲子", "服饰装扮", "美容美发", "运动户外", "宠物", "餐饮美食", "日用百货", "交通出行", "家居家装", "数码电器",
         "爱车养车", "保险", "atm", "取现", "现金支取", "取款"),
        Kind.PRIVATE, Kind.PRIVATE, strong=False,
    ),
    KindRule(
        "assets",
        ("证券", "股票", "期货", "银证", "购房", "房款", "首付款", "售楼", "房地产", "置业", "securities", "brokerage"),
        None, Kind.PRIVATE,
    ),
    KindRule(
        "goods",
        ("货款", "进货", "采购", "批发", "订货", "备货", "原料", "材料", "食材", "供应", "商贸", "贸易", "食品", "包装", "物流",
         "运费", "快递", "水费", "电费", "燃气", "电力", "税", "广告", "推广", "服务费", "invoice", "supplier"),
        Kind.SALE, Kind.PURCHASE,
    ),
    KindRule(
        "takings",
        ("二维码收款", "收款", "收钱码", "经营", "商户收款", "营业", "销售", "订单", "餐费", "尾款", "定金", "消费", "结算", "收单",
         "商业服务", "已收钱", "聚合", "外卖", "settlement", "sale", "payout"),
        Kind.SALE, None,
    ),
    KindRule(
        "incidental",
        ("结息", "利息", "存款利息", "手续费", "账户管理费", "年费", "返现", "奖励金", "补贴", "理赔", "赔付", "收益发放", "interest", "bank fee",
         "cashback"),
        Kind.OTHER, Kind.OTHER,
    ),
    KindRule("transfer", ("转账", "汇款", "他行汇入", "跨行", "网转", "transfer"), Kind.PRIVATE, None, strong=False),
    # Paid in a shop by one's own wallet: the owner's lunch rather than the firm's stock, which has words of its own.
    KindRule("spending", ("商户消费",), None, Kind.PRIVATE, strong=False, sure=False),
    KindRule("payment", ("扫二维码付款", "快捷支付", "无卡支付", "一网通支付"), None, Kind.PURCHASE, strong=False, sure=False),
)  # fmt: skip

# What a firm's name ends with: a transfer from one is trade, not family.
COMPANY_WORDS = ("公司", "商行", "经营部", "有限", "集团", "工厂", "合作社", "批发部", "供应站")
COMPANY_BIT = 1 << len(RULES)
_BIT = {word: 1 << n for n, rule in enumerate(RULES) for word in rule.words} | dict.fromkeys(COMPANY_WORDS, COMPANY_BIT)
_WORDS = re.compile("|".join(re.escape(word) for word in sorted(_BIT, key=len, reverse=True)))
_STRONG = sum(1 << n for n, rule in enumerate(RULES) if rule.strong) | COMPANY_BIT
_NEUTRAL = sum(1 << n for n, rule in enumerate(RULES) if rule.neutral)
_LOAN = 1
OWN_MOVE_BIT = next(1 << n for n, rule in enumerate(RULES) if rule.name == "own_move")
ASSETS_BIT = next(1 << n for n, rule in enumerate(RULES) if rule.name == "assets")
REFUND_BIT = next(1 << n for n, rule in enumerate(RULES) if rule.name == "refund")
GUESS_IN, GUESS_OUT = Kind.SALE, Kind.PURCHASE
RULE_NAMES = tuple(rule.name for rule in RULES)


# A text without any of these characters has no word of any rule, and reads the same however it is compared: only Chinese
# characters, digits and asterisks that begin none. Most customers' names are like that.
_TELLING = re.compile("[^\u4e00-\u9fff0-9*]|[" + "".join(sorted({re.escape(word[0]) for word in _BIT})) + "]")


def is_plain(text: str) -> bool:
    """Whether a text holds no rule's word and no character that has another form."""
    return _TELLING.search(text) is None


def words_in(text: str) -> int:
    """Which rules have a word in a text, as bits."""
    bits = 0
    for word in _WORDS.findall(text.casefold()):
        bits |= _BIT[word]
    return bits & ~COMPANY_BIT


def words_in_name(name: str) -> int:
    """Which rules apply because of a counterparty's name: only those whose words mean the same there.

    With ``COMPANY_BIT`` when the name reads like a firm's.
    """
    bits = 0
    for word in _WORDS.findall(name.casefold()):
        bits |= _BIT[word]
    return bits & _STRONG


def is_own_move(bits: int) -> bool:
    """Whether the words say that money only changed pockets: wallet to card, card to fund."""
    return bool(bits & _NEUTRAL) and not bits & _LOAN


def kind_of(bits: int, direction: int) -> tuple[Kind, str]:
    """The kind of a line and the name of the rule that said so; an empty name where it is a guess."""
    if direction == Direction.NEUTRAL:
        return (Kind.TRANSFER_SELF, "own_move") if bits & _NEUTRAL else (Kind.OTHER, "")
    for n, rule in enumerate(RULES):
        if bits & (1 << n):
            kind = rule.kind_in if direction == Direction.IN else rule.kind_out
            if kind is not None:
                return kind, rule.name if rule.sure else ""
    return (GUESS_IN, "") if direction == Direction.IN else (GUESS_OUT, "")
