"""One e-invoice in every form that its seller may hold it: the code in a photo, the bureau's XML, an OFD, a PDF.

The fields stand where the real ones have them, so that whoever reads an invoice can be tried; seal and pattern of the
real ones are left out, and SAMPLE is printed on what people see.
"""

import io
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import noto_cjk_sans_otc  # pyright: ignore[reportMissingTypeStubs]
import segno
from PIL import Image, ImageDraw, ImageFont

FONTS = Path(noto_cjk_sans_otc.__file__).parent
SIMPLIFIED = 2  # the face for Chinese as printed on the mainland, in the collection
TAX = 13  # per cent in what was sold


@dataclass(frozen=True, slots=True)
class EInvoice:
    """Amount with tax, in fen. ``number``: twenty digits, as those that are electronic throughout have."""

    seller: str
    seller_licence: str
    buyer: str
    buyer_licence: str
    number: str
    gross_minor: int
    issued_on: date

    @property
    def net_minor(self) -> int:
        return round(self.gross_minor * 100 / (100 + TAX))

    @property
    def tax_minor(self) -> int:
        return self.gross_minor - self.net_minor

    @property
    def code(self) -> str:
        """What stands in its square code."""
        return f"01,32,,{self.number},{_yuan(self.gross_minor)},{self.issued_on:%Y%m%d},,A1B2,"


def xml(one: EInvoice) -> bytes:
    """As the bureau hands it out (数电票)."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<EInvoice><Header><EIid>{one.number}</EIid><EInvoiceTag>SWEI3200</EInvoiceTag><Version>0.2</Version></Header>
<EInvoiceData>
<SellerInformation><SellerIdNum>{one.seller_licence}</SellerIdNum><SellerName>{escape(one.seller)}</SellerName>\
</SellerInformation>
<BuyerInformation><BuyerIdNum>{one.buyer_licence}</BuyerIdNum><BuyerName>{escape(one.buyer)}</BuyerName>\
</BuyerInformation>
<BasicInformation><TotalAmWithoutTax>{_yuan(one.net_minor)}</TotalAmWithoutTax>\
<TotalTaxAm>{_yuan(one.tax_minor)}</TotalTaxAm>\
<TotalTax-includedAmount>{_yuan(one.gross_minor)}</TotalTax-includedAmount>\
<RequestTime>{one.issued_on} 10:20:30</RequestTime></BasicInformation>
<IssuItemInformation><ItemName>*纸制品*纸箱</ItemName><Amount>{_yuan(one.net_minor)}</Amount></IssuItemInformation>
</EInvoiceData>
<TaxSupervisionInfo><InvoiceNumber>{one.number}</InvoiceNumber><IssueTime>{one.issued_on}</IssueTime>\
</TaxSupervisionInfo></EInvoice>
""".encode()


def ofd(one: EInvoice) -> bytes:
    """A packed document that tells of itself which invoice it is."""
    told = {
        "发票号码": one.number,
        "开票日期": f"{one.issued_on:%Y年%m月%d日}",
        "合计金额": _yuan(one.net_minor),
        "合计税额": _yuan(one.tax_minor),
        "购买方纳税人识别号": one.buyer_licence,
        "销售方纳税人识别号": one.seller_licence,
    }
    data = "".join(f'<ofd:CustomData Name="{name}">{value}</ofd:CustomData>' for name, value in told.items())
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    inside = {
        "OFD.xml": f"<ofd:OFD {space}><ofd:DocBody><ofd:DocInfo><ofd:CustomDatas>{data}</ofd:CustomDatas></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {space}/>",
        "Doc_0/Pages/Page_0/Content.xml": f"<ofd:Page {space}><ofd:Content/></ofd:Page>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in inside.items():
            archive.writestr(name, text)
    return out.getvalue()


def pdf(one: EInvoice) -> bytes:
    """As it is printed, the buyer left of the seller."""
    import typst

    source = f"""#set page(width: 21cm, height: 14cm, margin: 1cm)
#set text(font: "Noto Sans CJK SC", size: 9pt)
#align(center, text(16pt)[电子发票（普通发票）SAMPLE])
#align(right)[发票号码：{one.number} \\ 开票日期：{one.issued_on:%Y年%m月%d日}]
#grid(columns: (1fr, 1fr), row-gutter: 8pt,
[购买方信息], [销售方信息],
[名称：{one.buyer}], [名称：{one.seller}],
[统一社会信用代码/纳税人识别号：{one.buyer_licence}], [统一社会信用代码/纳税人识别号：{one.seller_licence}])
#v(1cm)
\\*纸制品\\*纸箱 #h(2cm) {TAX}% #h(2cm) ¥{_yuan(one.net_minor)} #h(2cm) ¥{_yuan(one.tax_minor)}
#v(1cm)
价税合计（大写）#h(6cm)（小写）¥{_yuan(one.gross_minor)}
"""
    fonts: Any = [str(FONTS)]
    return bytes(typst.compile(source.encode(), font_paths=fonts))


def photo(one: EInvoice, *, tilt: float = 0.0, code: str = "") -> bytes:
    """A phone's photo of the printed invoice, JPEG; what it says besides its code is too small to read."""
    picture = Image.new("RGB", (1600, 1080), "#f7f4ec")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(FONTS / "NotoSansCJK-Regular.ttc"), 44, index=SIMPLIFIED)
    draw.text((800, 90), "电子发票（普通发票）SAMPLE", font=font, fill="#7a2a1c", anchor="mm")
    draw.rectangle((60, 320, 1540, 1000), outline="#7a2a1c", width=3)
    out = io.BytesIO()
    segno.make(code or one.code, error="m", micro=False).save(out, kind="png", scale=6, border=4)
    square = Image.open(io.BytesIO(out.getvalue())).convert("RGB")
    picture.paste(square, (60, 40))
    turned = picture.rotate(tilt, resample=Image.Resampling.BICUBIC, expand=True, fillcolor="#5a544a")
    kept = io.BytesIO()
    turned.save(kept, "jpeg", quality=80)
    return kept.getvalue()


def _yuan(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"
