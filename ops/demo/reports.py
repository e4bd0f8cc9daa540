"""A valuer's report as a PDF: the least that a reader of PDFs takes for one, and one as valuers write it."""

from datetime import date
from pathlib import Path

from infra.papers.press import press

TEMPLATE, DATED = Path(__file__).with_name("report.typ"), date(2026, 11, 1)


def report_of(*lines: str) -> bytes:
    """One page with these lines, in letters and figures of ASCII."""
    text = "BT /F1 12 Tf 50 780 Td 16 TL " + " ".join(f"({one.translate(PLAIN)}) Tj T*" for one in lines) + " ET"
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    page = f"/MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 {font} >> >>"
    parts = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R {page} >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
    )
    out, at = "%PDF-1.4\n", list[int]()
    for n, part in enumerate(parts, 1):
        at.append(len(out))
        out += f"{n} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{one:010} 00000 n \n" for one in at)
    head = f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n{table}"
    return f"{out}{head}trailer\n<< /Size {len(parts) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n".encode()


PLAIN = str.maketrans({"(": " ", ")": " ", "\\": " "})


def of_a_piece(title: str, yuan: int, own: str) -> bytes:
    """A report that names its piece and the figure; ``own``: letters and figures of which its prose is made, so that
    no two say the same."""
    prose = own.translate(str.maketrans("0123456789-", "ghijklmnopq"))
    lines = [f"估价对象：{title}。", f"评估价值：人民币 {yuan}.00 元。", f"说明：{prose}。"]
    heading = "估价报告"
    said = {"title": heading, "heading": heading, "author": "评估机构", "lang": "zh", "region": "cn", "lines": lines}
    return press(TEMPLATE, said, dated=DATED)
