"""Statements as they are printed: a PDF's text by its places, scans and photos by recognition, checked by balances."""

import io
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner

from imports.lines import COPY_COLUMNS, Flag
from imports.misreadings import StatementNotUnderstood
from imports.statements import read
from imports.streaming import stream
from infra import unlocking
from ops.cli import main

NAMES = ("客户甲", "宏发粮油批发部有限责任公司")


def printed(rows: list[tuple[str, ...]], columns: str, heading: tuple[str, ...], above: str = "") -> bytes:
    """A PDF of a table that goes over pages, its heading repeated on each, made by the typesetter of our papers."""
    import noto_cjk_sans_otc
    import typst

    cells = ",".join(f"[{cell}]" for row in rows for cell in row)
    head = ",".join(f"[{cell}]" for cell in heading)
    source = f"""#set page(paper: "a4", margin: 1.5cm, footer: [第 #context counter(page).display() 页])
#set text(font: "Noto Sans CJK SC", size: 9pt)
某某银行交易流水

{above}

#table(columns: ({columns}), table.header({head}), {cells})
"""
    fonts: Any = [str(Path(noto_cjk_sans_otc.__file__).parent)]
    return typst.compile(source.encode(), font_paths=fonts)


def movements(count: int) -> tuple[list[tuple[str, ...]], list[int]]:
    balance, rows, moved = 100_000, [], []
    for n in range(count):
        minor = 110_000 + n if n % 3 == 0 else -3_500 - n
        balance += minor
        moved.append(minor)
        day = f"2025-{1 + n // 28:02}-{1 + n % 28:02} 10:{n % 60:02}:00"
        amounts = (f"{minor / 100:,.2f}", f"{balance / 100:,.2f}")
        rows.append((day, "货款", *amounts, NAMES[n % 2], "购买食材的款项说明文字" if n % 4 == 0 else "收款"))
    return rows, moved


HEADING = ("交易时间", "摘要", "交易金额", "账户余额", "对方户名", "附言")
WIDTHS = "auto, auto, auto, auto, 2.5cm, 3cm"


@pytest.fixture(scope="module")
def statement() -> tuple[bytes, list[int]]:
    rows, moved = movements(70)
    above = "户名：张三　账号：6222 0000 0000 1234　起止日期：2025-01-01 至 2025-03-31"
    return printed(rows, WIDTHS, HEADING, above), moved


def test_a_printed_statement_over_pages_is_read_to_the_cent(statement):
    data, moved = statement
    found = read(data)
    assert [line.signed_minor for line in found.lines] == moved
    assert found.summary.not_understood == ()
    assert {line.counterparty for line in found.lines} == set(NAMES)
    assert found.lines[0].description == "购买食材的款项说明文字"
    assert (found.summary.account_tail, found.summary.period_to) == ("1234", "2025-03-31")
    assert "balance_breaks" not in [notice.code for notice in found.summary.notices]


def test_a_row_whose_balance_does_not_follow_is_named(statement):
    rows, _ = movements(20)
    rows[7] = (*rows[7][:2], "-999.99", *rows[7][3:])
    (notice,) = [n for n in read(printed(rows, WIDTHS, HEADING)).summary.notices if n.code == "balance_breaks"]
    assert (notice.params["breaks"], notice.params["rows"]) == (1, notice.where)


def test_two_columns_of_money_are_told_apart_by_where_figures_stand():
    rows = [
        ("06/01/2025", "Card payment to a shop with a rather long name", "35.00", "", "965.00"),
        ("17/01/2025", "Transfer from J Smith", "", "1,100.00", "2,065.00"),
        ("", "Bank charge", "5.00", "", "2,060.00"),
    ]
    found = read(printed(rows, "auto, 4cm, auto, auto, auto", ("Date", "Details", "Paid out", "Paid in", "Balance")))
    assert [(line.on_date, line.signed_minor, line.balance_minor) for line in found.lines] == [
        ("2025-01-06", -3500, 96500),
        ("2025-01-17", 110000, 206500),
        ("2025-01-17", -500, 206000),
    ]


async def test_a_pdf_with_a_password_opens_once_and_a_restricted_one_without(statement):
    pypdf = pytest.importorskip("pypdf")
    data, moved = statement

    def sealed(user: str) -> bytes:
        writer, out = pypdf.PdfWriter(clone_from=io.BytesIO(data)), io.BytesIO()
        writer.encrypt(user, "owner", algorithm="AES-256")
        writer.write(out)
        return out.getvalue()

    with pytest.raises(StatementNotUnderstood) as raised:
        read(sealed("123456"))
    assert raised.value.code == "encrypted"
    opened = await unlocking.unlocked(sealed("123456"), "123456")
    assert [line.signed_minor for line in read(opened).lines] == moved
    with pytest.raises(unlocking.WrongPassword):
        await unlocking.unlocked(sealed("123456"), "654321")
    with pytest.raises(unlocking.NeedsPassword):
        await unlocking.unlocked(sealed("123456"), "")
    assert [line.signed_minor for line in read(sealed("")).lines] == moved


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a"])
def test_a_damaged_page_or_picture_is_refused(data):
    with pytest.raises(StatementNotUnderstood) as raised:
        read(data)
    assert raised.value.code == "broken"


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked():
    from PIL import Image

    out = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(out, "png")
    assert len(out.getvalue()) < 1024 * 1024
    with pytest.raises(StatementNotUnderstood) as raised:
        read(out.getvalue())
    assert raised.value.code == "too_many_pixels"


def scanned(page: bytes, scale: float = 2.2) -> bytes:
    """The first page of a PDF as a scanner gives it: a PDF that holds a picture and no letter."""
    import pypdfium2

    first: Any = pypdfium2.PdfDocument(page)[0]
    picture, out = first.render(scale=scale).to_pil().convert("L"), io.BytesIO()
    picture.crop((0, 0, picture.width, picture.height // 3)).save(out, "pdf", resolution=72 * scale)
    return out.getvalue()


@pytest.mark.long
def test_a_scanned_pdf_is_recognised_by_the_command_to_the_cent(tmp_path):
    rows, moved = movements(6)
    path = tmp_path / "scan.pdf"
    path.write_bytes(scanned(printed(rows, WIDTHS, HEADING)))
    done = CliRunner().invoke(main, ["statement", "--json", str(path)])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    signs = {"in": 1, "out": -1}
    assert [signs[line["direction"]] * line["amount_minor"] for line in found["lines"]] == moved
    assert "read_from_picture" in [notice["code"] for notice in found["report"]["files"][0]["notices"]]


def test_a_pdf_with_a_password_is_read_by_the_command_with_it_and_refused_in_one_line_without(statement, tmp_path):
    pypdf = pytest.importorskip("pypdf")
    writer, path = pypdf.PdfWriter(clone_from=io.BytesIO(statement[0])), tmp_path / "sealed.pdf"
    writer.encrypt("123456", "owner", algorithm="AES-256")
    writer.write(path)
    runner = CliRunner()
    without = runner.invoke(main, ["statement", "--lang", "en", str(path)])
    assert (without.exit_code, without.stderr.count("\n")) == (2, 1)
    assert "has a password" in without.stderr
    done = runner.invoke(main, ["statement", "--json", "--password", "123456", str(path)])
    assert len(json.loads(done.stdout)["lines"]) == len(statement[1])


def test_printed_days_without_a_year_take_it_from_the_period_above_them():
    rows = [("25 Dec", "Card payment", "35.00", "", "965.00"), ("06 Jan", "Transfer", "", "1,100.00", "2,065.00")]
    heading = ("Date", "Details", "Paid out", "Paid in", "Balance")
    above = "Statement period: 1 December 2024 to 31 January 2025"
    found = read(printed(rows, "auto, 4cm, auto, auto, auto", heading, above))
    assert [(line.on_date, line.signed_minor) for line in found.lines] == [
        ("2024-12-25", -3500),
        ("2025-01-06", 110000),
    ]


@pytest.mark.long
async def test_a_tilted_photo_is_recognised_by_a_confined_child_and_checked_by_its_balance(tmp_path):
    import pypdfium2

    rows, moved = movements(6)
    page: Any = pypdfium2.PdfDocument(printed(rows, WIDTHS, HEADING))[0]
    image = page.render(scale=2.2).to_pil().convert("RGB")
    path = tmp_path / "photo.jpg"
    image.crop((0, 0, image.width, image.height // 3)).rotate(1, fillcolor="white").save(path, quality=80)
    rows_of = stream(path, name="photo", firm_id=UUID(int=1), file_id=UUID(int=2), index_key=b"k" * 32)
    taken = []
    async with rows_of:
        async for block in rows_of:
            taken += [line.split("\t") for line in block.decode().splitlines()]
    assert [int(line[6]) * int(line[7]) for line in taken] == moved
    assert all(int(line[COPY_COLUMNS.index("flags")]) & Flag.RECOGNISED for line in taken)
    codes = {notice.code: notice.params for notice in rows_of.summary.notices}
    assert codes["read_from_picture"] == {"steps": 5}
    assert "balance_breaks" not in codes
