"""An invoice as it is printed: its labelled fields, from a PDF's text or from what was recognised on a picture."""

import re
import unicodedata
from collections.abc import Sequence

from imports.invoice_faces import Face, day_in, minor_in
from imports.pages import Word, lines_of

GAP = "\t"
_NUMBER = re.compile(r"发票号码:?\t?(\d{20}|\d{8})(?!\d)")
_CODE = re.compile(r"发票代码:?\t?(\d{12}|\d{10})(?!\d)")
_CHECK = re.compile(r"校验码:?\t?((?:\d{5}\t?){4})")
_ISSUED = re.compile(r"开票日期:?\t?(\d{4}年\t?\d{1,2}月\t?\d{1,2}日|\d{4}-\d{2}-\d{2})")
_GROSS = re.compile(r"\(小写\):?\t?[¥Y]?\t?(-?[\d,]+\.\d{2})")
_NAME = re.compile(r"名称:\t?([^\t:]{2,100}?)(?=\t|名称:|$)")
_LICENCE = re.compile(r"(?:识别号|信用代码):?\t?([0-9A-Z]{18}|[0-9A-Z]{15})(?![0-9A-Z])")


def face_of(words: Sequence[Word], source: str) -> Face | None:
    """What a page says; None where it names no invoice. The buyer is printed left of the seller, or above it."""
    lines = [GAP.join(_plain(word.text) for word in line) for line in lines_of(words)]
    text = "\n".join(lines)
    number = _NUMBER.search(text)
    if number is None:
        return None
    names = [found[1] for line in lines for found in _NAME.finditer(line)]
    licences = [found[1] for line in lines for found in _LICENCE.finditer(line)]
    code, check, issued, gross = (pattern.search(text) for pattern in (_CODE, _CHECK, _ISSUED, _GROSS))
    return Face(
        source=source,
        number=number[1],
        code=code[1] if code else "",
        check_code=check[1].replace(GAP, "") if check else "",
        issued_on=day_in(issued[1].replace(GAP, "")) if issued else "",
        gross_minor=minor_in(gross[1]) if gross else 0,
        buyer=names[0] if len(names) == 2 else "",
        seller=names[1] if len(names) == 2 else "",
        buyer_licence=licences[0] if len(licences) == 2 else "",
        seller_licence=licences[1] if len(licences) == 2 else "",
    )


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
