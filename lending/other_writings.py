"""By what a thing's number is found when a hand writes it another way: figures in words, a province in full, old forms.

``known_by`` says when two numbers are one. This says when they may be: whoever looks tells them apart before money
leaves. Two numbers that share a key here are near; the tables are the whole of what is known about writings.
"""

import re
import unicodedata

from lending.collateral import CollateralKind
from lending.known_by import known_by

# Old and full forms of what a certificate prints (traditional, and capital figures as on a cheque).
_SIMPLE = str.maketrans(
    "崑動產產權號證萬縣區雲廣東龍鎮陽陰蘇滬遼寧黑贛魯湘粵瓊貴隴蒙國廠樓車編機設備〇零○壹贰貳叁參肆伍陆陸柒捌玖兩两拾佰仟弌弍弎",
    "昆动产产权号证万县区云广东龙镇阳阴苏沪辽宁黑赣鲁湘粤琼贵陇蒙国厂楼车编机设备000一二二三三四五六六七八九二二十百千一二三",
)
_DIGITS = {one: value for value, one in enumerate("0一二三四五六七八九")}
_UNITS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_FIGURES = re.compile(r"[0-9一二三四五六七八九十百千万亿]+")
_MYRIAD = 10_000

_PROVINCES = (
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 "
    "云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 京 津 沪 渝 冀 晋 辽 吉 黑 苏 浙 皖 闽 赣 鲁 豫 鄂 湘 粤 琼 "
    "川 黔 贵 滇 云 陕 秦 甘 陇 青 蒙 桂 藏 宁 新"
)
_NOT_PLACE = re.compile(
    rf"^(?:{'|'.join(_PROVINCES.split())})(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区)?"
    "|不动产权证书?|不动产权|不动产|房地产权证?|房屋所有权证?|房产证|房权证|房地证|国用|集用|土地|证号|证明|证书|字第|"
    "[第字号证之一市县区省]"
)

# Fewer digits than these are many things' by chance; they say something with their place alone.
APPLICATION = 12  # year, kind and serial of a patent
CORE = 5
_GROUPS = {
    CollateralKind.REAL_ESTATE: "land",
    CollateralKind.CROP: "land",
    CollateralKind.EQUIPMENT: "goods",
    CollateralKind.VEHICLE: "goods",
    CollateralKind.INVENTORY: "goods",
    CollateralKind.WAREHOUSE_RECEIPT: "goods",
    CollateralKind.RECEIVABLE: "claims",
    CollateralKind.IP: "rights",
}


def figures_of(title: str) -> str:
    """A number with all its figures in digits: 第一万二千三百四十五号 and 第壹贰叁肆伍号 become 第12345号."""
    text = unicodedata.normalize("NFKC", title).upper().translate(_SIMPLE)
    text = "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in text)
    return _FIGURES.sub(lambda hit: _in_digits(hit[0]), text)


def looks_like(kind: str, title: str) -> frozenset[str]:
    """The keys of a thing of this kind: each run of five digits and more, all its digits together, its runs in any
    order, the twelve digits of an application, and with its place a shorter last run. Keys of different kinds of thing
    never meet."""
    group = _GROUPS[CollateralKind(kind)]
    text = figures_of(title)
    runs = [run.lstrip("0") for run in re.findall(r"[0-9]+", text)]
    joined = "".join(runs)
    keys = {f"{group}/{run}" for run in (*runs, joined) if len(run) >= CORE}
    if group != "land" and len(runs) > 1 and len(joined) >= CORE:
        keys.add(f"{group}/~{'+'.join(sorted(runs))}")  # its parts in any order
    whole = "".join(re.findall(r"[0-9]+", text))
    if group == "rights" and len(whole) >= APPLICATION:
        keys.add(f"{group}/^{whole[:APPLICATION]}")  # a patent's number without its check figure
    place = re.sub(r"[\W_0-9]+", "", _NOT_PLACE.sub("", re.sub(r"[\W_0-9]+", "", text)))
    if runs and place and group == "land":
        keys.add(f"{group}/{place}/{runs[-1]}")
    if not keys:
        keys.add(f"{group}/={known_by(title)}")
    return frozenset(keys)


def _in_digits(text: str) -> str:
    """Figures in words as digits: read one by one where no unit stands among them."""
    if not any(one in _UNITS for one in text):
        return "".join(str(_DIGITS.get(one, one)) for one in text)
    whole = part = figure = 0
    for token in re.findall(r"[0-9]+|.", text):
        unit = _UNITS.get(token)
        if unit is None:
            figure = int(token) if token.isdecimal() else figure * 10 + _DIGITS[token]
        elif unit < _MYRIAD:
            part, figure = part + (figure or 1) * unit, 0
        else:
            whole, part, figure = (whole + part + figure or 1) * unit, 0, 0
    return str(whole + part + figure)
