"""Words to a customer: a rate that is none of theirs, a promise of a yes, and ordinary sentences, which pass (B7)."""

import re
from decimal import Decimal

import pytest

from lending.figures_said import FIGURE, plain, value
from lending.promising import Kind, Said, refused
from policies.book import load

RULES = load().managed.words
# What this customer may be told: 7.3 % and 10.95 % a year, which are 2 and 3 of 10,000 a day.
OWN = frozenset({Decimal("0.073"), Decimal("0.1095")})

RATES = """
给您做到年化4.35%，没问题
年化百分之五，比别家低
利率4.35
利率是四点三五
4点3就能给您
4点35的利率您看行吗
利率可以谈到四点三五
日息万三
日息万分之三点五
万三点五的日息
月息3厘
年息五厘
3厘5的利息不行，3厘可以
月息一分
一分利，随借随还
费率0.5%一个月
利率打八折给您
4.35%可以吗
给您 4.35 ％，别告诉别人
给您４．３５％
年化 4 . 35 %
年化4。35%
年化４点３５
利率壹点伍
给您算3.85
可以给到3.85
低到435个基点
LPR加50个基点
便宜两个点
给您四个点
年利率大概5%左右
百分之四点五
一年只要5个百分点
千分之三的月费率
一万块一天3块钱利息
每万元每天1.5元
头三个月免息
给您零利息
首付30%，利率4.35%
按收入的12%还，年化3.6%
利率从2026年起是4.35
您的利息按三厘五算
四点五，一口价
利率：4.35，期限：12 个月
费率只要 0.4
月利率0.36%
5 percent a year
The rate is 4.35
We can do 4.35% for you
an annual rate of 5 percent
APR of 4.35
interest at 4.35 per cent
five percent a year
four point three five percent
three and a half percent
I can get you 3.85
0.3% a month
435 bps
a rate of 5 for you
the first three months are interest-free
30% deposit and a rate of 4.35%
"""

PROMISES = """
放心，保证批
包过，先把资料传上来
一定放款，您等着就行
肯定能批下来
100%通过
这个月必批
我担保您这笔款能下
百分百放款
不看征信也能批
绝对能拿到钱
guaranteed approval
Approval is guaranteed
We guarantee you will be approved
You will definitely be approved
you are sure to get the loan
I promise the loan will be approved
"""

ORDINARY = """
您好，王老板，资料收到了。
平台导出的是 Excel，能直接传吗？可以，直接传。
请在 11月30日 17:00 前补传最近 12 个月的流水。
明天下午4点30分到您店里，方便吗？
明天下午4点到，大概要半小时。
周三四点半见。
我下午3点10分给您打电话。
您想借的 ¥80,000.00，我看到了。
金额改成 5 万也可以重新算。
首付30%的收据请拍一张。
定金 4.35% 的合同请再传一次。
您去年收入增长了12.5%，请说明原因。
按收入的 12% 还，每周扣一次。
房产抵押率按 60% 算。
垫付比例是 80%。
增值税 13% 的发票也可以。
您持股 51%，对吗？
资料已传 80%，还差两份。
100% 看完了，谢谢。
ID 4.35 那份文件打不开。
文件编号 4.35 请重传。
身份证号尾号 002X，请核对。
合同第4.3条写的是交货日期。
利率和费用请看报价单，我从目录里给您发一份。
利率说明在第3页。
利息从到账那天算起，用一天算一天。
年化 7.3%（单利），提前还不收费。
年化7.3%，日息万分之二。
一万块一天2块钱利息。
日息万三，就是年化10.95%。
我不能保证批，要等审批结果。
没人能保证一定放款，请别信中介。
审批通过后一定会通知您。
保证人要带身份证来签字。
保证金通过银行转账就行。
周末一定会过来看您的仓库。
面包过期的那批货退了吗？
还有三个点要说明，见下面。
一、营业执照；二、流水；三、租约。
第一条已经看过，五张照片都清楚。
万一堵车我会提前说。
三万块的货款发票请补一张。
您十一月的账单还没到，九月、十月的齐了。
展期要在 12 月 15 日前说。
电话 13800000004，找我就行。
仓库 120 平，对吧？
设备用了 3.5 年，铭牌拍一下。
价格降到 3.5 元一斤，是旺季的关系吗？
跌了 20% 的那个月是装修吗？
费率表第2条写得很清楚。
版本 2.0 的表格不用再填。
分期 24 个月，每月 15 号还。
Thank you, both files have arrived.
Please bring the last 12 months of bills by 30 November.
I will call you at 4:30 pm tomorrow.
The deposit of 30% needs a receipt.
12% of revenue is repaid each week.
Your share is 51%, is that right?
80% of the papers are there.
File ID 4.35 cannot be opened.
We visit on 4.12. at ten.
I cannot guarantee approval; the desk decides.
Nobody can promise that the loan will be approved.
The interest begins on the day the money arrives.
Your annual rate is 7.3%, as on the sheet.
Interest for 12 months is on page 3.
Sales fell by 20% in March; what happened?
The guarantee contract has to be signed by five o'clock.
利率和期限 12 个月都写在明白纸上。
利息 12 月 15 日扣。
我们 9点30 开门，18点关门。
营业时间 9点30到18点。
请在两点前回我。
还差一点，百分之百完成就行。
利率问题我请同事 30 分钟内回您。
手续费没有，提前还也不收。
The interest is due on 5 December.
Rates are on page 2 of the sheet.
Call me at 4.30 pm.
Two things are missing: a lease and one invoice.
"""


def lines(table: str) -> list[str]:
    return [line for line in table.strip().splitlines() if line]


@pytest.mark.parametrize("text", lines(RATES))
def test_b7_a_rate_that_is_none_of_theirs_is_found_however_it_is_written(text: str) -> None:
    found = refused(text, RULES, frozenset({Decimal("0.073")}))
    assert found is not None, text
    assert found.kind is Kind.RATE, found


@pytest.mark.parametrize("text", lines(PROMISES))
def test_b7_a_promise_of_a_yes_is_found(text: str) -> None:
    found = refused(text, RULES, OWN)
    assert found is not None, text
    assert found.kind is Kind.PROMISE, found


@pytest.mark.parametrize("text", lines(ORDINARY))
def test_b7_an_ordinary_sentence_passes(text: str) -> None:
    assert refused(text, RULES, OWN) is None


def test_b7_the_same_rate_is_theirs_or_not_by_their_own_catalogue() -> None:
    assert refused("年化7.3%", RULES, OWN) is None
    assert refused("年化7.3%", RULES, frozenset()) == Said(Kind.RATE, "年化7.3%")
    assert refused("日息万分之二", RULES, OWN) is None
    assert refused("日息万分之二点五", RULES, OWN) is not None


@pytest.mark.parametrize(
    ("said", "worth"),
    [
        *(("4.35", "4.35"), ("4,35", "4.35"), ("4点35", "4.35"), ("四点三五", "4.35"), ("壹点伍", "1.5"), ("两", "2")),
        *(("五", "5"), ("十二", "12"), ("二十", "20"), ("一百", "100"), ("一百零五", "105"), ("twenty-four", "24")),
        *(("four point three five", "4.35"), ("three and a half", "3.5")),
    ],
)
def test_a_figure_is_read_as_people_write_it(said: str, worth: str) -> None:
    hit = re.fullmatch(FIGURE, plain(said))
    assert hit is not None
    assert value(hit[0]) == Decimal(worth)
