"""The statement of a company's own account (对公账户), as its bank hands it out: all that the firm did, line by line.

UTF-8 with a byte order mark, six lines before the table, debit and credit in columns of their own, the balance after
each line, oldest first, the sums below. What a shop moves from wallet to card never leaves this account.
"""

from datetime import date, datetime, time, timedelta

from simulators.firms import names
from simulators.firms.bills import END_OF_LINE, Entry, Holder, entries_of, yuan
from simulators.firms.life import Life
from simulators.firms.lines import Kind

COLUMNS = "交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,摘要,交易流水号"
IN = frozenset({Kind.SALE, Kind.LOAN_IN, Kind.OTHER})
# What stood on the account before: more than any firm of this world takes out of it before it earns.
CARRIED_SALES = 3  # in monthly sales


def account_bill(life: Life, holder: Holder, first: date, last: date) -> bytes:
    """The bank's export of these days."""
    balance = carried = int(life.plan.monthly_sales * 100) * CARRIED_SALES
    lines: list[str] = []
    sums = {True: [0, 0], False: [0, 0]}
    # From its first day on, so that a line has one balance in every export that shows it.
    for entry in entries_of(life, life.plan.opened_on, last):
        if entry.kind == Kind.TRANSFER_SELF:
            continue
        comes = entry.kind in IN
        balance += entry.amount if comes else -entry.amount
        if entry.at.date() < first:
            carried = balance
            continue
        sums[comes][0] += 1
        sums[comes][1] += entry.amount
        who, why = _told(life, holder, entry)
        debit, credit = ("", yuan(entry.amount)) if comes else (yuan(entry.amount), "")
        number = f"{entry.at:%Y%m%d}{life.key % 10**6:06d}{entry.n % 10**5:05d}"
        lines.append(f"{entry.at:%Y-%m-%d,%H:%M:%S},{debit},{credit},{yuan(balance)},{who},{why},{number}\t")
    bank = names.BANKS[life.key % len(names.BANKS)]
    head = [
        f"{bank}企业账户交易明细",
        f"户名：{holder.name}",
        f"账号：{holder.account}\t",
        f"起始日期：{first} 终止日期：{last}",
        f"币种：人民币 期初余额：{yuan(carried)}",
        f"打印时间：{datetime.combine(last + timedelta(days=1), time(9, 3, 20))}",
    ]
    sides = (("借方", sums[False]), ("贷方", sums[True]))
    foot = [f"{side}合计：{count}笔 {yuan(amount)}元" for side, (count, amount) in sides]
    told = [*head, COLUMNS, *lines, *foot]
    return ("\ufeff" + END_OF_LINE.join(told) + END_OF_LINE).encode("utf-8")


def _told(life: Life, holder: Holder, entry: Entry) -> tuple[str, str]:
    """Whom a line was with, and what the bank says that it was for."""
    month = entry.at.month
    match entry.kind:
        case Kind.SALE:
            return names.buyer(entry.who), "货款"
        case Kind.REFUND:
            return names.buyer(entry.who), "退货款"
        case Kind.PURCHASE:
            return names.supplier(entry.who, holder.trade)
        case Kind.RENT:
            return names.person(entry.who), f"{month}月厂房租金"
        case Kind.PAYROLL:
            return names.person(entry.who), f"代发{(month - 2) % 12 + 1}月工资"
        case Kind.LOAN_IN | Kind.LOAN_REPAY:
            who, loan = names.lender(entry.who, "wechat")
            return who, f"{loan}放款" if entry.kind == Kind.LOAN_IN else f"{loan}还款"
        case Kind.PRIVATE:
            return names.shop(entry.who >> 8), "消费"
        case _:
            return names.BANKS[life.key % len(names.BANKS)], "结息"
