"""Names for the people and shops of this world, each fixed by a number."""

from datetime import date, timedelta

from simulators.numbers import CODE_ALPHABET, an_id_number, code_check, luhn_check

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = (
    "秀英", "桂兰", "建国", "志强", "晓燕", "国庆", "丽华", "海涛", "春梅", "永康", "明月", "家豪", "雪芳",
    "文彬", "小红", "立新", "玉珍", "浩然", "思远", "佳怡", "大勇", "静", "磊", "洋", "敏", "杰", "娟", "涛",
    "超", "霞",
)  # fmt: skip
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


def person(n: int) -> str:
    return SURNAMES[n % len(SURNAMES)] + GIVEN[n // 64 % len(GIVEN)]


def masked(name: str) -> str:
    """As Alipay shows a stranger: the surname, then stars."""
    return name[0] + "*" * (len(name) - 1)


def nickname(n: int) -> str:
    """As WeChat shows a customer: what he calls himself, or his name."""
    if n // 32 % 3 == 0:
        return person(n // 128)
    return NICKNAMES[n % len(NICKNAMES)] + ("" if n // 128 % 10 == 0 else f"{n // 1280 % 10_000}")


def supplier(n: int, trade: str) -> tuple[str, str]:
    """A supplier's name and what is written when it is paid."""
    suffix, purpose = SUPPLIERS[trade]
    return BRANDS[n % len(BRANDS)] + suffix, purpose


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


def licence(n: int) -> str:
    """A sole trader's 统一社会信用代码 with its check digits (GB 32100, GB 11714)."""
    body = "".join(CODE_ALPHABET[n // 31**place % 30 + 1] for place in range(8))
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(CODE_ALPHABET.index(letter) * weight for letter, weight in zip(body, weights, strict=True)) % 11
    head = f"92{AREAS[n // 7 % len(AREAS)]}{body}{'0' if rest == 11 else 'X' if rest == 10 else rest}"
    return head + code_check(head)
