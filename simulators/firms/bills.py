"""The bills that an owner downloads from a wallet, in the wallets' own layouts.

WeChat Pay: UTF-8 with a byte order mark, 16 lines before the table, amounts with ¥, numbers with a trailing tab.
Alipay: GB18030, 22 lines before the table, every field padded to 20, a comma at the end of each row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal

import numpy as np

from simulators.firms import names
from simulators.firms.life import Life
from simulators.firms.lines import Kind
from simulators.firms.trades import DAY_SECONDS, EPOCH, day_of, ordinal

Wallet = Literal["wechat", "alipay"]  # a company's own account: see account_bills.py
ALIPAY_SHARE = 35  # of a hundred counterparties
LOOK_BACK = timedelta(days=62)  # a refund is at most a month and a bit younger than its sale
END_OF_LINE = "\r\n"
MIDNIGHT = datetime.combine(EPOCH, time())


@dataclass(frozen=True, slots=True)
class Holder:
    name: str
    phone: str
    account: str
    trade: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the firm's life on its way into a bill. ``n`` counts within its day, so that a line has one number in
    every bill that shows it. ``back``: how much of a sale was refunded (fen); ``original``: the sale of a refund."""

    n: int
    at: datetime
    kind: int
    amount: int
    who: int
    back: int = 0
    original: tuple[date, int] | None = None


def bill(life: Life, holder: Holder, wallet: Wallet, first: date, last: date) -> bytes:
    """The wallet's export of these days, newest row first."""
    entries = [entry for entry in entries_of(life, first, last) if wallet_of(entry.kind, entry.who, entry.n) == wallet]
    entries.reverse()
    write = _wechat if wallet == "wechat" else _alipay
    return write(life, holder, entries, first, last)


def wallet_of(kind: int, who: int, n: int) -> Wallet:
    """Which wallet a line went through: a counterparty keeps to one, small gifts come by WeChat."""
    if kind == Kind.OTHER:
        return "wechat"
    return "alipay" if (who >> 9 if who else n * 37) % 100 < ALIPAY_SHARE else "wechat"


def entries_of(life: Life, first: date, last: date) -> list[Entry]:
    """The firm's lines of these days with refunds tied to their sales, oldest first."""
    lines = life.lines(first - LOOK_BACK, last)
    day = lines.second // DAY_SECONDS
    within_day = np.arange(len(lines)) - np.searchsorted(day, day)
    back: dict[int, int] = {}
    original: dict[int, int] = {}
    sold: dict[int, list[int]] = {}
    for i in np.flatnonzero((lines.kind == Kind.SALE) | (lines.kind == Kind.REFUND)):
        who, amount = int(lines.counterparty[i]), int(lines.amount[i])
        if lines.kind[i] == Kind.SALE:
            sold.setdefault(who, []).append(int(i))
            continue
        for sale in reversed(sold.get(who, [])):
            # The same day's sale for at least as much, or an earlier one of exactly that amount.
            fits = lines.amount[sale] >= amount if day[sale] == day[i] else lines.amount[sale] == amount
            if fits and sale not in back:
                back[sale], original[int(i)] = amount, sale
                break
    begin = int(np.searchsorted(day, ordinal(max(first, EPOCH))))
    return [
        Entry(
            n=int(within_day[i]),
            at=MIDNIGHT + timedelta(seconds=int(lines.second[i])),
            kind=int(lines.kind[i]),
            amount=int(lines.amount[i]),
            who=int(lines.counterparty[i]),
            back=back.get(i, 0),
            original=(day_of(int(day[original[i]])), int(within_day[original[i]])) if i in original else None,
        )
        for i in range(begin, len(lines))
    ]


def yuan(fen: int) -> str:
    return f"{Decimal(fen).scaleb(-2):.2f}"


def _counted(rows: Iterable[tuple[str, int]], side: str) -> tuple[int, str]:
    amounts = [fen for its, fen in rows if its == side]
    return len(amounts), yuan(sum(amounts))


# WeChat Pay ---------------------------------------------------------------------------------------------------------

WECHAT_COLUMNS = "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注"


def _wechat(life: Life, holder: Holder, entries: list[Entry], first: date, last: date) -> bytes:
    rows = [_wechat_row(life, holder, entry) for entry in entries]
    sides = [(row[4], entry.amount) for row, entry in zip(rows, entries, strict=True)]
    income, outgo, neutral = (_counted(sides, side) for side in ("收入", "支出", "/"))
    exported = datetime.combine(last + timedelta(days=1), time(9, 12, 52))
    head = [
        "微信支付账单明细",
        f"微信昵称：[{holder.name}]",
        f"起始时间：[{first} 00:00:00] 终止时间：[{last} 23:59:59]",
        "导出类型：[全部]",
        f"导出时间：[{exported}]",
        "",
        f"共{len(rows)}笔记录",
        f"收入：{income[0]}笔 {income[1]}元",
        f"支出：{outgo[0]}笔 {outgo[1]}元",
        f"中性交易：{neutral[0]}笔 {neutral[1]}元",
        "注：",
        "1. 充值/提现/理财通购买/零钱通存取/信用卡还款等交易，将计入中性交易",
        "2. 本明细仅展示当前账单中的交易，不包括已删除的记录",
        "3. 本明细仅供个人对账使用",
        "",
        "----------------------微信支付账单明细列表--------------------",
    ]
    lines = [f"{line},,,,,,,,,," for line in head] + [WECHAT_COLUMNS] + [_wechat_line(row) for row in rows]
    return ("\ufeff" + END_OF_LINE.join(lines) + END_OF_LINE).encode("utf-8")


def _wechat_line(row: tuple[str, ...]) -> str:
    """Item and remark are quoted always, other texts when they must be, and numbers end in a tab."""
    at, type_, who, item, side, amount, method, state, number, shop_number, remark = row
    texts = [at, type_, _quoted(who), f'"{_doubled(item)}"', side, f"¥{amount}", method, _quoted(state)]
    return ",".join([*texts, f"{number}\t", f"{shop_number}\t", f'"{_doubled(remark)}"'])


def _doubled(text: str) -> str:
    return text.replace('"', '""')


def _quoted(text: str) -> str:
    return f'"{_doubled(text)}"' if "," in text or '"' in text else text


def _wechat_row(life: Life, holder: Holder, entry: Entry) -> tuple[str, ...]:
    at, amount = f"{entry.at}", yuan(entry.amount)
    number = f"1000050001{entry.at:%Y%m%d}{life.key % 10**5:05d}{entry.n % 10**5:05d}"
    shop_number = "/"
    remark = "/"
    bank = names.BANKS[life.key % len(names.BANKS)]
    card = f"{bank}({holder.account[-4:]})"
    match entry.kind:
        case Kind.SALE | Kind.REFUND:
            type_, who, item = _wechat_customer(life, entry)
            if entry.kind == Kind.REFUND:
                type_, side, method, state = f"{type_}-退款", "支出", "零钱", "退款成功"
            else:
                side, method = "收入", "零钱"
                state = "已全额退款" if entry.back == entry.amount else f"已退款(￥{yuan(entry.back)})"
                state = state if entry.back else "已收钱"
        case Kind.PURCHASE:
            who, purpose = names.supplier(entry.who, holder.trade)
            if entry.who % 3:
                type_, item, method, state = "转账", f"转账备注:{purpose}", card, "朋友已收钱"
            else:
                type_, item, method, state = "扫二维码付款", f"收款方备注:{purpose}", "零钱", "已转账"
            side = "支出"
        case Kind.RENT:
            type_, who, item = "转账", names.person(entry.who), f"转账备注:{entry.at.month}月房租"
            side, method, state = "支出", card, "朋友已收钱"
        case Kind.PAYROLL:
            type_, who, item = "转账", names.person(entry.who), f"转账备注:{(entry.at.month - 2) % 12 + 1}月工资"
            side, method, state = "支出", "零钱", "朋友已收钱"
        case Kind.TRANSFER_SELF:
            if entry.n % 3:
                type_, who, item, state = "零钱提现", card, "/", "提现已到账"
                remark = f"服务费¥{yuan(max(10, entry.amount // 1000))}"
            else:
                type_, who, item, state = "转入零钱通-来自零钱", "/", "/", "支付成功"
            side, method = "/", bank if type_ == "零钱提现" else "零钱"
        case Kind.LOAN_IN | Kind.LOAN_REPAY:
            lent = entry.kind == Kind.LOAN_IN
            type_, (who, loan) = "其他", names.lender(entry.who, "wechat")
            item = f"{loan}放款" if lent else f"{loan}还款"
            side, method, state = ("收入", "零钱", "已存入零钱") if lent else ("支出", "零钱", "支付成功")
        case Kind.PRIVATE:
            side, method, state = "支出", "零钱通", "支付成功"
            match entry.who % 4:
                case 0:
                    type_, who, item, state = "微信红包", names.nickname(entry.who >> 8), "/", "支付成功"
                case 1:
                    type_, who, item = "亲属卡交易", names.person(life.key >> 9), "亲属卡"
                case _:
                    type_, who, item = "商户消费", names.shop(entry.who >> 8), "消费"
                    shop_number = f"{entry.at:%Y%m%d%H%M%S}{entry.n:06d}"
        case _:
            type_, who, item, side = "其他", "商家返现活动", "返现", "收入"
            method, state = "/", "已到账"
    return at, type_, who, item, side, amount, method, state, number, shop_number, remark


def _wechat_customer(life: Life, entry: Entry) -> tuple[str, str, str]:
    if entry.who == life.platform:
        return "商户收款", names.PLATFORMS[entry.who % len(names.PLATFORMS)], f"平台结算{entry.at:%m-%d}"
    return "二维码收款", names.nickname(entry.who), "收款方备注:二维码收款"


# Alipay -------------------------------------------------------------------------------------------------------------

ALIPAY_COLUMNS = (
    "交易时间", "交易分类", "交易对方", "对方账号", "商品说明", "收/支", "金额", "收/付款方式", "交易状态",
    "交易订单号", "商家订单号", "备注",
)  # fmt: skip
ALIPAY_NOTICE = """\
1.本回单内容可表明支付宝受理了相应支付交易申请，因系统原因或通讯故障等偶发因素导致本回单与实际交易结果不符时，以实际交易情况为准；
2.请勿将本回单作为收款方发货的凭据使用，请查证账户实际到账情况后再进行发货操作；
3.支付宝快捷支付等非余额支付方式可能既产生支付宝交易也同步产生银行交易，因此请勿使用本回单进行重复记账；
4.本回单如经任何涂改、编造，均立即失去效力；
5.部分账单如：充值提现、账户转存或者个人设置收支等不计入为收入或者支出，记为不计收支类；
6.因统计逻辑不同，明细金额直接累加后，可能会和下方统计金额不一致，请以实际交易金额为准；
7.禁止将本回单用于非法用途；
8.本明细仅展示当前账单中的交易，不包括已删除的记录；
9.本明细仅供个人对账使用。"""
WIDTH = 20


def _alipay(life: Life, holder: Holder, entries: list[Entry], first: date, last: date) -> bytes:
    rows = [_alipay_row(life, holder, entry) for entry in entries]
    sides = [(row[5], entry.amount) for row, entry in zip(rows, entries, strict=True)]
    income, outgo, neutral = (_counted(sides, side) for side in ("收入", "支出", "不计收支"))
    exported = datetime.combine(last + timedelta(days=1), time(9, 15, 8))
    head = [
        "-" * 84,
        "导出信息：",
        f"姓名：{holder.name}",
        f"支付宝账户：{holder.phone}",
        f"起始时间：[{first} 00:00:00]    终止时间：[{last} 23:59:59]",
        "导出交易类型：[全部]",
        f"导出时间：[{exported}]",
        f"共{len(rows)}笔记录",
        f"收入：{income[0]}笔 {income[1]}元",
        f"支出：{outgo[0]}笔 {outgo[1]}元",
        f"不计收支：{neutral[0]}笔 {neutral[1]}元",
        "",
        "特别提示：",
        *ALIPAY_NOTICE.split("\n"),
        "",
        "------------------------支付宝（中国）网络技术有限公司  电子客户回单------------------------",
        "".join(f"{name.ljust(WIDTH)}," for name in ALIPAY_COLUMNS),
    ]
    lines = head + [_alipay_line(row) for row in rows]
    return (END_OF_LINE.join(lines) + END_OF_LINE).encode("gb18030")


def _alipay_line(row: tuple[str, ...]) -> str:
    *texts, number, shop_number, remark = row
    fields = [text.replace(",", "，").ljust(WIDTH) for text in texts]
    return "".join(f"{field}," for field in [*fields, f"{number}\t", f"{shop_number}\t", remark.ljust(WIDTH)])


def _alipay_number(life: Life, at: date, n: int) -> str:
    return f"{at:%Y%m%d}2200141{life.key % 10**7:07d}{n % 10**6:06d}"


def _alipay_row(life: Life, holder: Holder, entry: Entry) -> tuple[str, ...]:
    number, shop_number, account = _alipay_number(life, entry.at, entry.n), "", "/"
    bank = f"{names.BANKS[life.key % len(names.BANKS)]}({holder.account[-4:]})"
    state = "交易成功"
    match entry.kind:
        case Kind.SALE | Kind.REFUND:
            who = names.nickname(entry.who)
            account = f"1{entry.who % 90 + 10}******{entry.who % 89 + 10}"
            class_, item, side, method = "收入", "收钱码收款", "收入", "余额"
            if entry.kind == Kind.REFUND:
                class_, item, side, state = "退款", "退款-收钱码收款", "支出", "退款成功"
                sold_on, n = entry.original or (entry.at.date(), entry.n)
                number = f"{_alipay_number(life, sold_on, n)}_{entry.n}"
        case Kind.PURCHASE:
            who, item = names.supplier(entry.who, holder.trade)
            class_, side, method = "商业服务", "支出", bank
            shop_number = f"T200P{entry.at:%Y%m%d%H%M%S}{entry.n:06d}"
        case Kind.RENT:
            class_, who, item = "转账红包", names.masked(names.person(entry.who)), f"{entry.at.month}月房租"
            side, method = "支出", bank
        case Kind.PAYROLL:
            who, item = names.masked(names.person(entry.who)), f"{(entry.at.month - 2) % 12 + 1}月工资"
            class_, side, method = "转账红包", "支出", "余额"
        case Kind.TRANSFER_SELF:
            class_, who, item = "账户存取", bank, "提现-快速提现"
            side, method = "不计收支", "余额"
        case Kind.LOAN_IN | Kind.LOAN_REPAY:
            lent = entry.kind == Kind.LOAN_IN
            class_, (who, loan) = "信用借还", names.lender(entry.who, "alipay")
            item, side = (f"{loan}放款", "收入") if lent else (f"{loan}还款", "支出")
            method = "余额"
        case _:  # private
            side, method = "支出", "余额宝"
            match entry.who % 4:
                case 0:
                    class_, who, item = "转账红包", names.masked(names.person(entry.who >> 8)), "红包"
                case 1:
                    class_, who, item = "亲友代付", names.masked(names.person(life.key >> 9)), "亲情卡"
                case _:
                    class_, who, item = "日用百货", names.shop(entry.who >> 8), "消费"
                    shop_number = f"{entry.at:%Y%m%d%H%M%S}{entry.n:06d}"
    at = f"{entry.at}"
    return at, class_, who, account, item, side, yuan(entry.amount), method, state, number, shop_number, ""
