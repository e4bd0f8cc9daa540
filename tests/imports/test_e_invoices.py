"""An invoice in every form that its seller may hold it says the same: code, XML, OFD, PDF, archive, list."""

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from imports.e_invoices import Bringing, faces_in
from imports.invoice_codes import face_of
from imports.invoice_faces import Face
from imports.invoice_papers import faces_on
from imports.invoice_sides import Own
from imports.misreadings import StatementNotUnderstood
from lending.invoices import fingerprint
from simulators.firms import e_invoices
from simulators.firms.e_invoices import EInvoice

ONE = EInvoice(
    "苏州包装有限公司", "91350100M000100Y43", "大润发采购有限公司", "91310000MA1FL0A01J",
    "24312000000012345678", 10_000_050, date(2026, 11, 20),
)  # fmt: skip
OWN = Own(ONE.seller, ONE.seller_licence)
WHOLE = (ONE.number, "2026-11-20", ONE.gross_minor)


def read(data: bytes, name: str = "invoice") -> list[Face]:
    return faces_in(data, Bringing(name, OWN, "2026-11-30"))


def told(face: Face) -> tuple[str, str, int]:
    return face.number, face.issued_on, face.gross_minor


@pytest.mark.parametrize(
    ("data", "source"),
    [
        (e_invoices.xml(ONE), "xml"),
        (e_invoices.ofd(ONE), "ofd"),
        (e_invoices.pdf(ONE), "pdf"),
        (e_invoices.photo(ONE), "qr"),
        (e_invoices.photo(ONE, tilt=7), "qr"),
        (e_invoices.photo(ONE, tilt=-90), "qr"),
        (ONE.code.encode(), "qr"),
    ],
    ids=["xml", "ofd", "pdf", "photo", "tilted photo", "photo on its side", "the code's text"],
)
def test_number_day_and_amount_are_the_same_from_every_form(data: bytes, source: str) -> None:
    [face] = read(data)
    assert (told(face), face.source) == (WHOLE, source)


@pytest.mark.parametrize("data", [e_invoices.xml(ONE), e_invoices.pdf(ONE)], ids=["xml", "pdf"])
def test_xml_and_print_name_both_parties(data: bytes) -> None:
    [face] = read(data)
    assert (face.seller, face.buyer) == (ONE.seller, ONE.buyer)
    assert (face.seller_licence, face.buyer_licence) == (ONE.seller_licence, ONE.buyer_licence)


def test_d1_code_xml_pdf_and_a_typed_one_have_one_fingerprint() -> None:
    def of(number: str, minor: int, day: str) -> bytes:
        return fingerprint(seller=ONE.seller, buyer=ONE.buyer, number=number, gross_minor=minor, issued=day, key=b"k")

    forms = (e_invoices.photo(ONE), e_invoices.xml(ONE), e_invoices.ofd(ONE), e_invoices.pdf(ONE))
    marks = {of(face.number, face.gross_minor, face.issued_on) for data in forms for face in read(data)}
    assert marks == {of("2431 2000 0000 1234 5678", 10_000_050, "2026-11-20")}


def test_the_older_forms_code_tells_the_amount_without_tax() -> None:
    face = face_of("01,10,033001900104,12345678,1000.00,20191018,12345678901234567890,ABCD,")
    assert face is not None
    assert (face.code, face.number, face.net_minor, face.gross_minor) == ("033001900104", "12345678", 100_000, 0)
    assert (face.check_code, face.issued_on) == ("12345678901234567890", "2019-10-18")


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/?a=1,2,3,4,5,6",
        "01,32,,123,1.00,20261120,,",
        "02,32,,24312000000012345678,1.00,20261120,,",
        "01,32,,24312000000012345678,1.00,20261340,,",
        "",
    ],
)
def test_another_code_is_no_invoice(text: str) -> None:
    assert face_of(text) is None


def test_the_bureaus_archive_with_all_forms_is_one_invoice() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a/24312.pdf", e_invoices.pdf(ONE))
        archive.writestr("a/24312.ofd", e_invoices.ofd(ONE))
        archive.writestr("a/24312.xml", e_invoices.xml(ONE))
    [face] = read(out.getvalue())
    assert (face.source, told(face)) == ("xml", WHOLE)


def test_of_a_list_open_sales_alone_are_offered_the_newest_first() -> None:
    rows = [
        "发票号码,开票日期,购买方名称,销方名称,价税合计,发票状态",
        f"24312000000000000001,2026-10-02,甲超市有限公司,{ONE.seller},5000.00,正常",
        f"24312000000000000002,2026-11-02,乙超市有限公司,{ONE.seller},7000.00,正常",
        f"24312000000000000003,2026-11-03,乙超市有限公司,{ONE.seller},8000.00,作废",
        f"24312000000000000004,2026-11-04,{ONE.seller},丙纸业有限公司,9000.00,正常",
    ]
    found = read("\n".join(rows).encode(), "发票.csv")
    assert [(face.number[-1], face.buyer, face.gross_minor) for face in found] == [
        ("2", "乙超市有限公司", 700_000),
        ("1", "甲超市有限公司", 500_000),
    ]


def test_an_xml_that_would_fetch_or_grow_is_refused() -> None:
    bad = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><EInvoice><EIid>&a;</EIid></EInvoice>'
    with pytest.raises(StatementNotUnderstood, match="xml_refused"):
        read(bad)


async def test_the_confined_child_reads_each_form_and_names_what_is_none(tmp_path: Path) -> None:
    forms: dict[str, bytes] = {"a.jpg": e_invoices.photo(ONE, tilt=4), "a.xml": e_invoices.xml(ONE)}
    for name, data in forms.items():
        (tmp_path / name).write_bytes(data)
        [face] = await faces_on(tmp_path / name, name=name, own=OWN, today="2026-11-30")
        assert told(face) == WHOLE
    (tmp_path / "bad.xml").write_bytes(b"<EInvoice><Header/></EInvoice>")
    with pytest.raises(StatementNotUnderstood, match="no_invoice"):
        await faces_on(tmp_path / "bad.xml", name="bad.xml", own=OWN, today="2026-11-30")


async def test_a_scan_without_a_readable_code_is_read_by_its_print(tmp_path: Path) -> None:
    import pypdfium2

    page: Any = pypdfium2.PdfDocument(e_invoices.pdf(ONE))[0]
    picture = page.render(scale=3).to_pil().convert("RGB")
    picture.save(tmp_path / "scan.png")
    [face] = await faces_on(tmp_path / "scan.png", name="scan.png", own=OWN, today="2026-11-30")
    assert (face.source, told(face)) == ("picture", WHOLE)
