"""Words to a customer have three answers: they pass, they are refused, or another person reads them first (B7)."""

from decimal import Decimal

import pytest

from lending.promising import refused
from lending.second_reading import as_read, touched
from policies.book import load

BOOK = load()
RULES, READING = BOOK.managed.words, BOOK.second_reading
OWN = frozenset({Decimal("0.073")})

REFUSED = """
把验证码发给我
把 验 证 码 发给我
请把驗證碼告訴我一下
密码报给我，我帮您填
收到验证码念给我听
先交两千块保证金，交完就放款
先交2000元保证金,交完就放款
放款前要先付三千
评估费 3000 元转给评估师本人
评估费3000元交给师傅
年化4.35%给您
年化 5.5%，用一天算一天，利率好说
利 率 4.35
保证批下来
您的贷款已经批准了
打到我的微信
Send me the verification code
please read me the one-time password
Pay the deposit first, then the loan is paid out
Pay the fee to the valuer in person
We guarantee you will be approved
"""

HELD = """
请把手机上刚跳出来的那串数报给我
把屏幕上那六个数念给我
Read me the numbers on your screen
先表示表示，事情就快
麻烦带两条烟来
准备个红纸包
手头宽裕了请客
Just leave a little something with my cousin
Bring 5 grand along
上面已经点头了
老板已经签字了
您的事基本上定了
这单十有八九
这事我给您兜底
The boss has signed it off
Consider it settled
Your application is all but through
资金下周进您的卡
八月初款子进您户头
It will land on Friday
您那笔可以去订设备了
您可以跟供应商签合同了，资金到位
You can order the machine now, it is sorted
四个半点就行
Four and a half, just for you
月供多少我给您压一压
您把老的先平了，明天新的就下
he owes me one
我跟审批老师打过招呼了，下周就能放
您先把旧贷还了，我们马上批新的
没批下来我负责
消防已经批了，您的贷款同理
环评批准了，批款也就顺理成章
利率比银行低一半
利 率可以谈
利，率，好说
利lv好说
利率－－可以低
验 证 码是什么您知道吧
這筆貸款快批了
费　用 好商量
ＦＥＥ好商量
押金的事好说
两千就够
¥800 您备着
放心，我来安排
这事我说了算
信审那边我熟
我找行长说一声
还清以后再批
借新还旧也行
别家没这么便宜
少付一半
大概下周到账
明天有结果
等着拿就行
O T P please
The r.a.t.e is fine
I know the underwriter
I put in a word for you
Trust me on this
Repay the old loan and there is a new loan
Cheaper than the banks
The money comes next week
Your fee is small
It will pass
OTP发我
别信利率、费用以明白纸为准
利率、费用以明白纸为准，费用再谈
I doubt rates and fees are those of your key facts sheet
"""

PASS = """
明天下午三点到店里，行吗
请把营业执照正反面拍清楚
明天十点见
Please bring the licence on Friday at ten
仓库在哪个门？
万一逾期，利息按合同算
万一下雨，我改天去，利息不变
利息一共多少，明白纸上都有
利率、费用以明白纸为准
利率、费用以明白纸为准。
批没批以系统通知为准
资料收到了。批没批以系统通知为准。
年化 7.3%，用一天算一天
验证码和密码不要告诉任何人，我们也不会问
放款前我们不收任何钱
资料收到了。明天下午4点30分我到店里，首付30%的收据请备好。
请带营业执照原件和近三个月银行流水
支付宝账单请再传一份
我下午打给您
这批货的发票还差两张
厂房三千平，机器两台，铭牌请拍清楚
照片没问题了
租约到期日是哪天
合同第三页没签
您一定带上身份证
老板娘在店里吗，我十点到
消防通道别堵，我要拍照
Whether it is approved stands in the notice of the system
Rates and fees are those of your key facts sheet.
Please bring the lease and the bank statements
I will be there at half past four
Scan the code at the gate and ask for me
Which machine is it, the one by the window?
"""


def lines(text: str) -> list[str]:
    return [one for one in text.splitlines() if one]


def answer(text: str, place: str = "thread") -> str:
    forms = (text, as_read(text, READING.alike))
    if any(refused(one, RULES, OWN) is not None for one in forms):
        return "refused"
    return "held" if touched(text, READING, OWN, place) else "pass"


@pytest.mark.parametrize("text", lines(REFUSED))
def test_what_the_catalogue_forbids_is_refused(text: str) -> None:
    assert answer(text) == "refused"


@pytest.mark.parametrize("text", lines(HELD))
def test_what_touches_a_yes_a_price_or_money_waits_for_a_second_reader_in_any_writing(text: str) -> None:
    assert answer(text) == "held"


@pytest.mark.parametrize("text", lines(PASS))
def test_plain_words_and_the_plain_truth_pass_at_once(text: str) -> None:
    assert answer(text) == "pass"


@pytest.mark.parametrize("phrase", READING.phrases, ids=lambda one: one.words["en"][:30])
@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_each_ready_phrase_passes_as_it_stands_in_both_languages(phrase: object, locale: str) -> None:
    text = phrase.words[locale].replace("{rate}", "7.3%")  # type: ignore[attr-defined]
    assert touched(text, READING, OWN, "thread") == ()
    assert refused(text, RULES, OWN, decided=True) is None


def test_a_ready_phrase_is_no_cover_for_what_stands_beside_it() -> None:
    assert answer("年化 5.5%，用一天算一天") == "refused", "a rate of somebody else's"
    assert touched("利率、费用以明白纸为准，贷款包过", READING, OWN, "thread"), "the other clause is read"
    assert touched("不利率、费用以明白纸为准", READING, OWN, "thread"), "a part of a sentence is none"


def test_what_a_use_decides_needs_no_second_reader_there_and_nowhere_else() -> None:
    assert answer("建议上会，同意", "verdict") == "pass"
    assert answer("建议上会，同意", "thread") == "held"
    assert answer("利息好商量", "verdict") == "held"
