"""An e-invoice as the tax bureau's XML (数电票), or as OFD: a packed document with the same facts beside its print."""

import re
from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, ParseError

from imports.invoice_faces import Face, day_in, minor_in
from imports.misreadings import StatementNotUnderstood

# Names of elements without their namespaces, the surest first: those of the bureau's own XML, then of the older OFD's.
NUMBER = ("InvoiceNumber", "InvoiceNo", "EIid")
CODE = ("InvoiceCode",)
CHECK_CODE = ("InvoiceCheckCode",)
ISSUED = ("IssueTime", "IssueDate", "RequestTime")
GROSS = ("TotalTax-includedAmount", "TaxInclusiveTotalAmount")
NET = ("TotalAmWithoutTax", "TaxExclusiveTotalAmount")
TAX = ("TotalTaxAm", "TaxTotalAmount")
SELLER, BUYER = ("SellerName",), ("BuyerName",)
SELLER_LICENCE, BUYER_LICENCE = ("SellerIdNum", "SellerTaxID"), ("BuyerIdNum", "BuyerTaxID")
# What an OFD says of itself, by these names.
OF_ITSELF: Mapping[str, tuple[str, ...]] = {
    "发票号码": NUMBER,
    "发票代码": CODE,
    "校验码": CHECK_CODE,
    "开票日期": ISSUED,
    "价税合计": GROSS,
    "合计金额": NET,
    "合计税额": TAX,
    "销售方名称": SELLER,
    "购买方名称": BUYER,
    "销售方纳税人识别号": SELLER_LICENCE,
    "购买方纳税人识别号": BUYER_LICENCE,
}
_HOLDS = re.compile(rb"<(?:\w+:)?e?invoice[\s>]", re.IGNORECASE)


def holds_invoice(data: bytes) -> bool:
    """Whether markup is an e-invoice rather than a table."""
    return _HOLDS.search(data[:4_000].replace(b"\x00", b"")) is not None


def face_in(data: bytes, source: str) -> Face:
    """The invoice in the bureau's XML. Raises StatementNotUnderstood ``xml_refused``, ``broken``, ``no_invoice``."""
    face = _face(_told(_root(data)), source)
    if not face.number:
        raise StatementNotUnderstood("no_invoice")
    return face


def face_in_ofd(inside: Iterable[tuple[str, bytes]]) -> Face:
    """What an unpacked OFD tells as data; empty fields where it only prints them."""
    told: dict[str, str] = {}
    for name, content in inside:
        if not name.lower().endswith(".xml"):
            continue
        root = _root(content)
        if holds_invoice(content):
            told = {**told, **_told(root)}
        for element in root.iter():
            if _local(element) == "CustomData" and (means := OF_ITSELF.get(element.get("Name", "").strip())):
                told.setdefault(means[0], (element.text or "").strip())
    return _face(told, "ofd")


def _root(data: bytes) -> Element:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(data)
    except DefusedXmlException:
        raise StatementNotUnderstood("xml_refused") from None
    except (ParseError, ValueError, LookupError):
        raise StatementNotUnderstood("broken") from None
    return root


def _local(element: Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _told(root: Element) -> dict[str, str]:
    """The first text of each name."""
    told: dict[str, str] = {}
    for element in root.iter():
        text = (element.text or "").strip()
        if text:
            told.setdefault(_local(element), text)
    return told


def _face(told: Mapping[str, str], source: str) -> Face:
    def first(names: tuple[str, ...]) -> str:
        return next((told[name] for name in names if told.get(name)), "")

    net, tax = minor_in(first(NET)), minor_in(first(TAX))
    number = re.sub(r"\s", "", first(NUMBER))
    return Face(
        source=source,
        number=number if re.fullmatch(r"\d{8}|\d{20}", number) else "",
        code=first(CODE),
        check_code=re.sub(r"\s", "", first(CHECK_CODE)),
        issued_on=day_in(first(ISSUED)),
        gross_minor=minor_in(first(GROSS)) or (net + tax if net else 0),
        net_minor=net,
        seller=first(SELLER)[:200],
        seller_licence=first(SELLER_LICENCE),
        buyer=first(BUYER)[:200],
        buyer_licence=first(BUYER_LICENCE),
    )
