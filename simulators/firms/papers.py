"""A firm's papers as photos: the owner's identity card and the business licence, drawn by us and marked as samples.

They have the fields of the real ones in the places where those stand, so that whoever reads a photo can be tried; the
emblem, the seal and the pattern of the real ones are left out, and SAMPLE is written on them.
"""

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import noto_cjk_sans_otc  # pyright: ignore[reportMissingTypeStubs]
from PIL import Image, ImageDraw, ImageFont

from simulators.firms.register import Firm

FONT = Path(noto_cjk_sans_otc.__file__).parent / "NotoSansCJK-Regular.ttc"
SIMPLIFIED = 2  # the face for Chinese as printed on the mainland, in the collection
INK, BLUE = "#1c1c1c", "#4a6fa5"


@dataclass(frozen=True, slots=True)
class Line:
    """A label and what stands behind it; ``at`` is in pixels from the left and the top."""

    at: tuple[int, int]
    label: str
    value: str


def licence(firm: Firm) -> bytes:
    """The business licence of a sole trader (个体工商户) or a company, PNG, 1400 by 990."""
    picture = Image.new("RGB", (1400, 990), "#fdfbf4")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((30, 30, 1370, 960), outline="#b08d57", width=6)
    draw.rectangle((46, 46, 1354, 944), outline="#b08d57", width=2)
    draw.text((700, 120), "营业执照", font=_font(84), fill=INK, anchor="mm")
    draw.text((700, 195), "（副本）", font=_font(34), fill=INK, anchor="mm")
    draw.text((110, 90), "统一社会信用代码", font=_font(24), fill=INK)
    draw.text((110, 126), firm.licence, font=_font(30), fill=INK)
    _write(draw, _of_a_company(firm) if firm.kind == "company" else _of_a_trader(firm), size=34, gap=190)
    draw.text((860, 800), "登记机关　示例市样本区市场监督管理局", font=_font(24), fill=INK)
    draw.text((110, 900), "国家企业信用信息公示系统网址：http://www.gsxt.gov.cn", font=_font(20), fill=INK)
    return _png(_sample(picture, (700, 690)))


def _of_a_trader(firm: Firm) -> tuple[Line, ...]:
    return (
        Line((130, 290), "名　　称", firm.shop),
        Line((130, 365), "类　　型", "个体工商户"),
        Line((130, 440), "经 营 者", firm.owner),
        Line((130, 515), "经营范围", "许可项目：食品销售；一般项目：日用百货销售。"),
        Line((800, 290), "组成形式", "个人经营"),
        Line((800, 365), "注册日期", _founded(firm)),
        Line((130, 590), "经营场所", "示例市样本区模拟路 1 号"),
    )


def _of_a_company(firm: Firm) -> tuple[Line, ...]:
    return (
        Line((130, 290), "名　　称", firm.shop),
        Line((130, 365), "类　　型", "有限责任公司"),
        Line((130, 440), "法定代表人", firm.owner),
        Line((130, 515), "经营范围", "一般项目：机械零部件加工、销售。"),
        Line((800, 365), "注册资本", "伍拾万元整"),
        Line((800, 440), "成立日期", _founded(firm)),
        Line((130, 590), "住　　所", "示例市样本区模拟路 1 号"),
    )


def _founded(firm: Firm) -> str:
    founded = firm.plan.opened_on
    return f"{founded.year}年{founded.month:02}月{founded.day:02}日"


def id_card(firm: Firm) -> bytes:
    """The front of the owner's identity card, PNG, 1012 by 638 (ID-1)."""
    picture = Image.new("RGB", (1012, 638), "#eef4f8")
    draw = ImageDraw.Draw(picture)
    number = firm.id_number
    born = f"{int(number[6:10])} 年 {int(number[10:12])} 月 {int(number[12:14])} 日"
    lines = (
        Line((70, 80), "姓名", firm.owner),
        Line((70, 165), "性别", "男" if int(number[16]) % 2 else "女"),
        Line((290, 165), "民族", "汉"),
        Line((70, 250), "出生", born),
        Line((70, 335), "住址", "示例市样本区模拟路 1 号"),
    )
    _write(draw, lines, size=36, gap=110)
    draw.rectangle((700, 70, 940, 380), outline=BLUE, width=2)
    draw.ellipse((770, 110, 870, 220), outline=BLUE, width=3)
    draw.arc((730, 220, 910, 460), 180, 360, fill=BLUE, width=3)
    draw.text((70, 520), "公民身份号码", font=_font(34), fill=BLUE)
    draw.text((340, 516), number, font=_font(44), fill=INK)
    return _png(_sample(picture, (420, 440)))


def _write(draw: ImageDraw.ImageDraw, lines: tuple[Line, ...], *, size: int, gap: int) -> None:
    for line in lines:
        x, y = line.at
        draw.text((x, y), line.label, font=_font(size - 4), fill=BLUE)
        draw.text((x + gap, y - 2), line.value, font=_font(size), fill=INK)


def _sample(picture: Image.Image, at: tuple[int, int]) -> Image.Image:
    """SAMPLE where nothing else stands: nobody should take it for a real one, and no reader stumble."""
    draw = ImageDraw.Draw(picture)
    draw.text(at, "样本 SAMPLE 仅供演示", font=_font(40), fill="#c9785f", anchor="mm")
    return picture


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size, index=SIMPLIFIED)


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
