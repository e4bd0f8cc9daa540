"""Names for the people and shops of this world, each fixed by a number."""

from datetime import date, timedelta

from simulators.numbers import CODE_ALPHABET, an_id_number, code_check, luhn_check

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
FIRST = "秀桂建志晓国丽海春永明家雪文小立玉浩思佳大子嘉梓雨欣俊天美金红振德长广爱冬月云宏"
SECOND = "英兰强燕庆华涛梅康月豪芳彬红新珍然远怡勇静磊洋敏杰娟超霞鹏飞辉平军波丹琴峰龙"
NICKNAMES = (
    "阳光", "小鱼", "老王", "A建材李哥", "平安是福", "阿珍,早安", "不吃香菜", "橙子", "大海", "随风", "木木",
    "开心果", "静待花开", "88号", "小雨点", "梦想家", "阿杰", "叮当", "清风", "琳Lynn", "Tony", "面朝大海",
    "一路向北", "晴天", "小石头", "可乐加冰", "花开富贵", "向日葵", "行者", "顺其自然",
)  # fmt: skip
SUPPLIERS = {
    "noodle_shop": ("粮油批发部", "面粉货款"),
    "grocery": ("商贸批发", "进货款"),
    "florist": ("鲜花批发基地", "鲜花货款"),
    "hardware_store": ("五金建材批发", "五金货款"),
    "ice_cream_wholesale": ("冷饮食品厂", "冷饮货款"),
    "garage": ("汽配批发中心", "配件货款"),
    "clothing": ("服装批发档口", "服装进货款"),
    "online_shop": ("百货供应链", "采购货款"),
    "hair_salon": ("美发用品批发", "染发膏进货款"),
    "parts_maker": ("金属材料", "材料采购款"),
}
SHOPS = (
    "永辉超市", "中国石化加油站", "滴滴出行", "沃尔玛", "星光影城", "老百姓大药房", "海底捞火锅", "京东商城",
    "国家电网", "中国移动", "华联商厦", "新华书店", "铁路12306", "盒马鲜生", "某餐厅",
)  # fmt: skip
PLATFORMS = ("美团平台商户", "饿了么商户结算")
BRANDS = (
    "兴旺", "永发", "鸿运", "诚信", "四海", "金源", "大丰", "恒泰", "新世纪", "顺达", "宏图", "联友",
)  # fmt: skip
PLACES = ("城东", "城西", "义乌", "华南", "江北", "海宁", "中山", "临沂", "三江", "南门")
LENDERS = {
    "wechat": ("深圳前海微众银行", "联信小额贷款有限公司", "百川小额贷款有限公司"),
    "alipay": ("浙江网商银行股份有限公司", "普利小额贷款有限公司", "长风小额贷款有限公司"),
}
LOANS = {"深圳前海微众银行": "微粒贷", "浙江网商银行股份有限公司": "网商贷"}
TRADERS = ("机械设备", "汽车配件", "机电工程", "自动化", "工贸", "重工")
BANKS = ("工商银行", "建设银行", "农业银行", "招商银行", "中国银行")
AREAS = ("330106", "440305", "510107", "320508", "420106", "430104")
SHOP_SUFFIX = {
    "noodle_shop": "面馆",
    "grocery": "便利店",
    "florist": "花店",
    "hardware_store": "五金店",
    "ice_cream_wholesale": "冷饮批发部",
    "garage": "汽修店",
    "clothing": "服装店",
    "online_shop": "网店",
    "hair_salon": "理发店",
    "parts_maker": "配件加工厂",
}


# What a company of a trade calls itself.
COMPANIES = {
    "noodle_shop": "餐饮",
    "garage": "汽车服务",
    "hair_salon": "美发服务",
    "ice_cream_wholesale": "冷饮",
    "parts_maker": "精密配件",
}


def person(n: int) -> str:
    """A name; one in six has a given name of a single character."""
    first = "" if n // 64 % 6 == 0 else FIRST[n // 384 % len(FIRST)]
    return SURNAMES[n % len(SURNAMES)] + first + SECOND[n // 24576 % len(SECOND)]


def masked(name: str) -> str:
    """As Alipay shows a stranger: the surname, then stars."""
    return name[0] + "*" * (len(name) - 1)


def nickname(n: int) -> str:
    """As WeChat shows a customer: what he calls himself, or his name."""
    if n // 32 % 3 == 0:
        return person(n // 128)
    return NICKNAMES[n % len(NICKNAMES)] + f"{n // 1280 % 10_000}"


def supplier(n: int, trade: str) -> tuple[str, str]:
    """A supplier's name and what is written when it is paid."""
    suffix, purpose = SUPPLIERS[trade]
    return PLACES[n // 16 % len(PLACES)] + BRANDS[n % len(BRANDS)] + suffix, purpose


def buyer(n: int) -> str:
    """A firm that buys from firms."""
    return f"{PLACES[n // 16 % len(PLACES)]}{BRANDS[n % len(BRANDS)]}{TRADERS[n // 256 % len(TRADERS)]}有限公司"


def lender(n: int, wallet: str) -> tuple[str, str]:
    """Another lender's name and its loan's."""
    name = LENDERS[wallet][n % 3]
    return name, LOANS.get(name, "贷款")


def shop(n: int) -> str:
    return SHOPS[n % len(SHOPS)]


def id_number(n: int, sequence: str | None = None) -> str:
    """A valid identity number of nobody in particular; ``sequence`` from 900 on makes a special person."""
    born = date(1968, 1, 1) + timedelta(days=n % 9500)
    return an_id_number(AREAS[n // 7 % len(AREAS)], f"{born:%Y%m%d}", sequence or f"{n // 11 % 900:03d}")


def phone(n: int) -> str:
    return f"199{n % 10**8:08d}"


def account(n: int) -> str:
    """A card number that no bank of ours issues, with its check digit; never one that ends in 0000."""
    head = f"620001{n % 10**12:012d}"
    return head + luhn_check(head) if not (head + luhn_check(head)).endswith("0000") else account(n + 1)


def firms_account(n: int) -> str:
    """A company's own account (对公账户): no card, so it does not begin with 62; never one that ends in 0000."""
    number = f"1203{n % 10**15:015d}"
    return number if not number.endswith("0000") else firms_account(n + 1)


def company(n: int, trade: str) -> str:
    """A company's registered name: place, name, trade and form."""
    return f"{PLACES[n // 16 % len(PLACES)]}{BRANDS[n % len(BRANDS)]}{COMPANIES.get(trade, '商贸')}有限公司"


def licence(n: int, kind: str = "sole_trader") -> str:
    """A 统一社会信用代码 with its check digits (GB 32100, GB 11714): 92 begins a sole trader's, 91 a company's."""
    body = "".join(CODE_ALPHABET[n // 31**place % 30 + 1] for place in range(8))
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(CODE_ALPHABET.index(letter) * weight for letter, weight in zip(body, weights, strict=True)) % 11
    last = "0" if rest == 11 else "X" if rest == 10 else rest
    head = f"{'91' if kind == 'company' else '92'}{AREAS[n // 7 % len(AREAS)]}{body}{last}"
    return head + code_check(head)
