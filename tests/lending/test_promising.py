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

# Interest said in money (a stranger's list, and its neighbours): a sum, what it costs, per when.
IN_MONEY = """
一万块一天五毛
一万一天五毛钱
1万块钱一天才5毛
每万元每天 5 元
每天每万元5元
每万每天５块
每万块钱每天要付5块
每一万块，一天五块
¥10000每天¥5
月息一分
月利一分五
月息 1.5 分
月息1分5，随借随还
一百块一个月一块五
一百块钱每月1.5元
一千块一个月十块
十万一个月利息八百
借10万，每个月利息800元
借您三十万，一年利息两万块
借100,000，一天利息40块
叁拾万元，每年利息贰万元
一万块一天一块五毛利息
每天五块钱，一万块
¥5 a day per ¥10,000
¥5 per day for every ¥10,000
5 yuan a day per 10,000
5 yuan a day on every 10,000 yuan
10,000 yuan costs you 5 yuan a day
50 cents a day for 100 yuan
interest of 800 yuan a month on 100,000
Interest is ¥800 a month for ¥100,000
"""

# A yes in other words.
YES_IN_OTHER_WORDS = """
批下来没问题
审批没问题，您放心
肯定能过
一定过
绝对能成
这笔款没问题
包过
包您过
包在我身上
十拿九稳
板上钉钉的事
稳了
妥妥的
铁定能办下来
批只是走个过场
下来是早晚的事
您等着收钱就行
放心，能批
百分百没问题
Guaranteed
It's guaranteed.
You will get it
You'll get it, no worries
You will get the loan
You'll be approved
It's a done deal
It is in the bag
Approval is just a formality
Consider it approved
Don't worry, it will be approved
Trust me, it'll go through
You're as good as approved
"""

# Money and talk that leave the lender's ways.
PRIVATE = """
给我个人转
给我个人转两千就行
转到我个人账户
打到我卡上
您先打到我的微信
加我微信转账
加我微信
加个微信，加我vx详聊
微信转给我
好处费
收点好处费
茶水费
给点茶水费
辛苦费 500
喝茶钱
意思一下
给我发个红包
要给点介绍费
收您介绍费三个点
先交前期费
我们私下谈
不走公账
不用通过公司
pay me directly
Pay me directly and it goes faster
pay it straight to me
transfer it to me
Send the money to my personal account
Add me on WeChat
a small handling fee
a facilitation fee
finder's fee
tea money
cash to me
send me 500
Send the fee to me
"""

# What people write every day, and must go on writing: facts of the catalogue, hours, sums without a rate, thanks.
INNOCENT = """
谢谢您，王老板，辛苦了。
没问题，明天下午见。
材料没问题，我往下送了。
好的，收到，谢谢。
您放心，材料只有我们几个人能看。
您想借 30 万，我看到了。
放款 ¥300,000.00 已到您的账户，请查收。
每月大约还 8,884.88 元，一共 12 期。
10万元分12个月还，每月还8,884元。
这个月卖了一万多，房租一天五百。
一天卖一万，水电每天五块。
仓库一个月租金一万块，押金五千。
评估费 3,000 元由我们出。
一台设备五万块，一年折旧五千块。
保险费一年 1,200 元，您自己选保险公司。
请转账到合同上写的账户，户名是我们公司。
还款请转到 APP 里显示的专用账户，不要转给任何个人。
我们不会要您加微信转账，也没有好处费。
我们从不收茶水费，谁要都请投诉。
不要给我个人转钱，公司没有这种收费。
微信账单从“我的-钱包”里导出来就行。
请用微信或支付宝的账单，两样都可以。
能不能批要等审批结果，我说了不算。
没人能说一定能过。
不是肯定能过，要看流水。
明天上午十点一定过来。
过了这个周末我再联系您。
成本这块您再说说。
评估师周三到，地址没变吧？
目录里这款年化 7.3%，用一天算一天。
还款方式有两种，产品页上都有。
您的保证合同周五前签好就行。
我的电话 13800000004，微信也是这个号码的工作号，请在这里留言。
费用都在明白纸上，没有别的。
流水里有很多微信红包，不算营业收入。
微信转账记录请一起导出。
客户都用支付宝转账，也可以。
供应商的返点合同请传一份。
包装费的发票请补一张。
跑腿费算在成本里了。
租铺面的中介费有收据吗？
收入稳了再看能不能提高。
请把截图转发给我们。
给我转发一下原邮件就行。
签完两天内到账。
Thank you, that is all we need.
No problem, see you at three.
The papers are fine and went on to the desk.
You asked for ¥300,000.00.
About ¥8,884.88 is repaid each month, twelve times.
The valuer's fee of ¥3,000 is ours.
We never ask anybody to pay me directly.
There is no handling fee.
Please send me photos of the workshop.
Send me the lease when you have it.
Please pay into the account on your contract.
You will get a message by Friday.
You will get it by post.
You will get the money within two days of signing.
You will have the receipt tomorrow.
You're in Suzhou on Monday, is that right?
Send me both files, please.
Send the lease directly to the branch.
We saw personal payments in the bills.
How much cash in hand is in the shop?
Nothing is guaranteed before the desk decides.
The loan is guaranteed by your brother.
Rent is 10,000 a month and parking 50 a day.
We sold for 10,000 a day last week.
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

# What a stranger got past the gate, and its neighbours.
SPOKEN_RATES = """
年化三个八给您
年化3个8
利率三个半给您
LPR加八十五个点
LPR加85个点
在LPR上加八十五个基点
按基准上浮两成给您
基准利率上浮20%
下浮一成给您
借十万一年下来总共还十万三千六
借10万，一年一共还103,600
借您十万块，到期连本带利还十万五
borrow 100,000 and pay back 103,600 in total
"""

GIVEN_YES = """
您的贷款已经批准了，80万，下周三放款
您的贷款批了
贷款批下来了，您放心
已审批通过
审核通过了
您的申请已获批
额度批下来了
这笔过了
审批结果：通过
Your loan has been approved
Your loan is approved.
Your application was officially approved
It's been approved
You are approved
The committee has approved your loan
The decision is a yes
"""

# A yes that is asked after, waited for, or denied.
NO_YES = """
批准了吗？要等结果。
审批通过后会通知您
等批下来了再说
还没有批准，要看委员会
贷款还没批下来
贷款还没有审批通过
如果批准了，会在这里看到
Once it is approved you will see it here
It has not been approved yet
If your loan is approved, you will get a message
"""

# What others approve, told as given (a stranger's find): none of it is a yes of ours.
OTHERS_YES = """
环评已经批准
环评已经批准了，报告这周送来
消防已经批准
您的环评和消防都已经批准了
环评、消防都批下来了
消防那边已经批准了，贷款还在审
环保局已经批准了环评报告
已经批准了环评
排污许可证的申请已经批准
营业执照变更已审批通过
商标注册批下来了
您的施工许可已获批
The environmental permit has been approved
Your environmental permit has been approved
Your fire inspection was approved yesterday
Your permit is approved, your loan is still with us
The application for the environmental permit has been approved
"""

# The same words about the loan after all: by another name, by likeness, with it, or by money.
OUR_YES_BESIDE_ANOTHER = """
已经批准了
批准了
环评那样的贷款已经批准
环评的贷款已经批准
消防已经批准了；您的已经批准了
环评，也就是贷款，已经批准
像环评一样已经批准了
跟环评一样，已经批准了
环评已经批准了，您的也批了
环评已经批准，贷款也是
环评已经批准，同样的还有您的贷款
环评已经批准放款
环评已经批准80万
环评已经批准，80万下周三放款
环评和贷款都已经批准
环评、您的那笔都批准了
环评和您申请的都批准了
我们已经批准了，环评也行
我们已经批准了环评
消防已经批准的那种额度批下来了
您和环评都已经批准了
已经批准了环评那样的贷款
环评额度已经批准
Approved!
It has been approved, like the environmental permit
The permit-like loan has been approved
The environmental permit and your loan have been approved
Your loan and permit has been approved
The loan, like your permit, has been approved
Your permit has been approved, so has your loan
Your permit has been approved and so has your loan
Your permit has been approved, and the same goes for your loan
We have approved the environmental permit
Your business has been approved
Your big loan has been approved
The loan of 800,000 has been approved
A loan like the environmental permit has been approved
"""

FEES_FIRST = """
先转两千块材料费到6222…
先转两千块材料费到6222021234567890
先交2000块材料费
打到卡号 6222 0212 3456
转给 6222021234567890123
加下我薇
加下我微
加一下我薇信
加我绿泡泡
transfer 2,000 to card 6222021234567890
pay the paperwork fee first: send a document fee
"""

NO_FEES_FIRST = """
评估费由我们交，您不用先交材料费
放款会打到您尾号6222的账户
请把材料交到我们网点
发票金额转入2026年的账
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


@pytest.mark.parametrize("text", lines(IN_MONEY))
def test_b7_interest_said_in_yuan_is_a_rate(text: str) -> None:
    found = refused(text, RULES, OWN)
    assert found is not None and found.kind is Kind.RATE, (text, found)


@pytest.mark.parametrize("text", lines(YES_IN_OTHER_WORDS))
def test_b7_a_yes_in_other_words_is_a_promise(text: str) -> None:
    found = refused(text, RULES, OWN)
    assert found is not None and found.kind is Kind.PROMISE, (text, found)


@pytest.mark.parametrize("text", lines(PRIVATE))
def test_b7_money_to_a_person_or_talk_beside_the_lenders_ways_is_refused(text: str) -> None:
    found = refused(text, RULES, OWN)
    assert found is not None and found.kind is Kind.PRIVATE, (text, found)


@pytest.mark.parametrize("text", lines(SPOKEN_RATES))
def test_b7_a_rate_spoken_in_points_over_a_base_or_as_all_that_is_paid_back_is_a_rate(text: str) -> None:
    found = refused(text, RULES, OWN, late={Decimal("0.5")}, decided=True)
    assert found is not None and found.kind is Kind.RATE, (text, found)


@pytest.mark.parametrize("text", lines(GIVEN_YES))
def test_b7_a_yes_that_nobody_gave_is_not_told_as_given(text: str) -> None:
    found = refused(text, RULES, OWN)
    assert found is not None and found.kind is Kind.PROMISE, (text, found)


@pytest.mark.parametrize("text", ["您的贷款已经批准了", "Your loan has been approved", "额度批下来了"])
def test_b7_a_yes_that_was_given_may_be_told(text: str) -> None:
    assert refused(text, RULES, OWN, decided=True) is None


@pytest.mark.parametrize("text", lines(NO_YES))
def test_b7_a_yes_that_is_waited_for_or_denied_passes(text: str) -> None:
    assert refused(text, RULES, OWN) is None


@pytest.mark.parametrize("text", lines(FEES_FIRST))
def test_b7_a_fee_first_a_card_number_and_wechat_by_another_word_are_refused(text: str) -> None:
    found = refused(text, RULES, OWN)
    assert found is not None and found.kind is Kind.PRIVATE, (text, found)


@pytest.mark.parametrize("text", lines(NO_FEES_FIRST))
def test_b7_papers_and_the_customers_own_account_pass(text: str) -> None:
    assert refused(text, RULES, OWN) is None


def test_b7_the_clause_of_late_interest_passes_as_the_catalogue_has_it_and_only_there() -> None:
    late = {Decimal("0.5")}
    for clause in ("逾期按合同利率上浮50%计罚息", "逾期罚息按合同利率加收50%", "逾期的，在合同利率基础上上浮50%"):
        assert refused(clause, RULES, OWN, late=late) is None, clause
        assert refused(clause.replace("50%", "30%"), RULES, OWN, late=late) is not None, clause
    assert refused("逾期按合同利率上浮50%计罚息", RULES, OWN) is not None
    assert refused("不怕逾期，年化5%", RULES, OWN, late=late) is not None


def test_b7_their_own_rate_said_in_money_is_theirs() -> None:
    assert refused("一万块一天2块钱", RULES, OWN) is None
    assert refused("¥2 a day per ¥10,000", RULES, OWN) is None
    assert refused("一万块一天2块5毛", RULES, OWN) is not None


@pytest.mark.parametrize("text", lines(INNOCENT))
def test_b7_an_innocent_sentence_passes(text: str) -> None:
    assert refused(text, RULES, OWN) is None


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


@pytest.mark.parametrize("text", lines(OTHERS_YES))
def test_b7_a_yes_of_a_fire_department_or_a_bureau_is_none_of_ours_and_passes(text: str) -> None:
    assert refused(text, RULES, OWN) is None


@pytest.mark.parametrize("text", lines(OUR_YES_BESIDE_ANOTHER))
def test_b7_a_yes_about_the_loan_is_found_beside_behind_or_in_the_likeness_of_another(text: str) -> None:
    found = refused(text, RULES, OWN)
    assert found is not None and found.kind is Kind.PROMISE, (text, found)


def test_b7_a_long_row_of_words_that_may_stand_between_is_read_in_a_moment() -> None:
    assert refused("环评" + "已经批准了也都" * 300 + "，贷款也一样", RULES, OWN) is not None
