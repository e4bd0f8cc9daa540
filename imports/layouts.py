"""Whose export a table is. Only names and fingerprints rest on it: columns are read the same way for all."""

import re

from imports.columns import Columns

# A source is known by headings that stand together in its exports only.
_SIGNATURES: tuple[tuple[str, frozenset[str]], ...] = (
    ("wechat", frozenset({"交易单号", "商户单号", "当前状态", "收/支"})),
    ("alipay", frozenset({"交易订单号", "商家订单号", "交易状态", "收/支"})),
    ("alipay", frozenset({"交易号", "商家订单号", "交易状态", "收/支"})),
    ("alipay", frozenset({"支付宝交易号", "商户订单号", "账务流水号"})),
    ("meituan", frozenset({"订单标题", "交易创建时间", "实付金额"})),
    ("icbc", frozenset({"记账金额(收入)", "记账金额(支出)", "对方户名"})),
    ("boc", frozenset({"记账日期", "记账时间", "交易名称", "对方账户名"})),
    ("cmb", frozenset({"联机余额", "交易摘要", "对手信息"})),
)
_PREAMBLE_NAMES = (
    ("wechat", re.compile(r"微信支付")),
    ("alipay", re.compile(r"支付宝")),
    ("meituan", re.compile(r"美团")),
    ("douyin", re.compile(r"抖音")),
    ("jd", re.compile(r"京东")),
    ("icbc", re.compile(r"工商银行")),
    ("boc", re.compile(r"中国银行")),
    ("ccb", re.compile(r"建设银行")),
    ("abc", re.compile(r"农业银行")),
    ("cmb", re.compile(r"招商银行")),
    ("bocom", re.compile(r"交通银行")),
    ("psbc", re.compile(r"邮政储蓄|邮储银行")),
    ("citic", re.compile(r"中信银行")),
    ("spdb", re.compile(r"浦发银行|浦东发展银行")),
    ("cmbc", re.compile(r"民生银行")),
    ("pab", re.compile(r"平安银行")),
    ("cib", re.compile(r"兴业银行")),
    ("ceb", re.compile(r"光大银行")),
    ("unionpay", re.compile(r"银联商务")),
)
WALLETS = frozenset({"wechat", "alipay", "meituan", "douyin", "jd", "unionpay"})
TABLE = "table"


def layout_of(columns: Columns, preamble: str) -> str:
    """The source's short name; ``table`` for one that is not known by name. Its lines are read all the same."""
    headings = frozenset(columns.headings)
    if re.search(r"京东账号|京东商城账单|京东交易", preamble[:400]):
        return "jd"  # whose headings are Alipay's
    for name, signature in _SIGNATURES:
        if signature <= headings:
            return name
    for name, words in _PREAMBLE_NAMES:
        if words.search(preamble[:400]):
            return name
    return TABLE


def family_of(layout: str, account_tail: str) -> str:
    """The namespace of a line's fingerprint: two accounts at one bank must not be taken for one another."""
    return layout if layout in WALLETS else f"{layout}:{account_tail}"
