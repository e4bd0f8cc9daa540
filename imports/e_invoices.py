"""One e-invoice as its owner has it: the code on it, its XML, its OFD or PDF, a photo, or a list with many.

Whatever it comes as, the same few facts are read of it; what one form does not say (a code names no buyer) is left
empty, and the tax bureau's answer fills it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from imports import invoice_codes, invoice_markup, invoice_print, pictures
from imports.archives import holds_workbook, members
from imports.invoice_cells import Status
from imports.invoice_faces import Face
from imports.invoice_list import InvoiceFlag
from imports.invoice_sides import Own
from imports.invoices import read as read_list
from imports.misreadings import StatementNotUnderstood
from imports.statements import NeedsRecognition

MOST_FACES = 100
# Where one invoice comes in several files at once, as the bureau's own archive has it, the first of these counts.
BEST_FIRST = ("xml", "ofd", "qr", "pdf", "picture", "list")


@dataclass(frozen=True, slots=True)
class Bringing:
    """Whose invoices they are and today (``YYYY-MM-DD``). ``recognise``: this process may read print from pictures."""

    name: str
    own: Own
    today: str
    recognise: bool = False


def faces_in(data: bytes, bringing: Bringing) -> list[Face]:
    """The sales invoices in a file, each once, the newest first.

    Raises StatementNotUnderstood (``no_invoice`` where there is none), NeedsRecognition where only the eye can tell.
    """
    found: dict[tuple[str, str], Face] = {}
    for face in sorted(_faces(data, bringing), key=lambda face: BEST_FIRST.index(face.source)):
        found.setdefault((face.code, face.number) if face.number else ("", f"#{len(found)}"), face)
    if not found:
        raise StatementNotUnderstood("no_invoice")
    return sorted(found.values(), key=lambda face: face.issued_on, reverse=True)[:MOST_FACES]


def as_json(faces: Iterable[Face]) -> list[dict[str, Any]]:
    return [asdict(face) for face in faces]


def _faces(data: bytes, bringing: Bringing) -> Iterator[Face]:
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if data.startswith(b"PK\x03\x04") and not holds_workbook(data):
        yield from _of_archive(data, bringing)
    elif b"%PDF-" in start and not data.startswith(b"PK\x03\x04"):
        yield from _of_pdf(data, bringing)
    elif start.startswith(b"<") and invoice_markup.holds_invoice(data):
        yield invoice_markup.face_in(data, "xml")
    elif data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n", b"RIFF")):
        yield _of_picture(data, bringing)
    elif len(data) < 400 and (face := invoice_codes.face_of(data.decode("ascii", "ignore").strip())):
        yield face
    else:
        yield from _of_list(data, bringing)


def _of_archive(data: bytes, bringing: Bringing) -> Iterator[Face]:
    inside = members(data)
    if any(name == "OFD.xml" for name, _ in inside):
        yield _of_ofd(inside)
        return
    for name, content in inside:
        if name.lower().endswith((".xml", ".ofd", ".pdf", ".jpg", ".jpeg", ".png")):
            yield from _faces(content, bringing)


def _of_ofd(inside: list[tuple[str, bytes]]) -> Face:
    read = invoice_markup.face_in_ofd(inside)
    if read.number:
        return read
    for name, content in inside:
        if name.lower().endswith((".png", ".jpg", ".jpeg")):
            try:
                code = invoice_codes.face_on(pictures.picture(content))
            except StatementNotUnderstood:
                continue  # a seal or a logo in a form of its own
            if code is not None:
                return code
    raise StatementNotUnderstood("no_invoice")


def _of_pdf(data: bytes, bringing: Bringing) -> Iterator[Face]:
    pages = pictures.pdf_pages(data)
    if len(pages) > pictures.MOST_PAGES_RECOGNISED:
        raise StatementNotUnderstood("too_many_pages", pages=len(pages), limit=pictures.MOST_PAGES_RECOGNISED)
    drawn = pictures.pdf_pictures(data)
    for words in pages:
        picture = next(drawn)
        printed = invoice_print.face_of(words, "pdf")
        if printed is None or not printed.complete:
            printed = _with_code(printed, invoice_codes.face_on(picture))
        if printed is None and not any(len(word.text) > 1 for word in words):
            printed = _recognised(picture, bringing)
        if printed is not None:
            yield printed


def _of_picture(data: bytes, bringing: Bringing) -> Face:
    picture = pictures.picture(data)
    return invoice_codes.face_on(picture) or _recognised(picture, bringing) or _refused()


def _recognised(picture: Any, bringing: Bringing) -> Face | None:
    if not bringing.recognise:
        raise NeedsRecognition
    return invoice_print.face_of(pictures.recognition().words(picture), "picture")


def _with_code(printed: Face | None, code: Face | None) -> Face | None:
    """Print tells who, the code tells which: what one lacks the other has, and print is believed first."""
    if printed is None or code is None:
        return printed or code
    told = {name: value for name, value in asdict(printed).items() if value}
    return Face(**asdict(code) | told)


def _refused() -> Face:
    raise StatementNotUnderstood("no_invoice")


def _of_list(data: bytes, bringing: Bringing) -> Iterator[Face]:
    """Open sales invoices of a list: neither void, reversed nor paid."""
    gone = InvoiceFlag.REVERSED | InvoiceFlag.CANCELLED
    for one in read_list(data, bringing.name, own=bringing.own, today=bringing.today).invoices:
        if one.side > 0 and one.status == Status.VALID and not one.settled and one.gross_minor > 0:
            if one.flags & gone or not one.number:
                continue
            yield Face(
                source="list",
                number=one.number,
                code=one.code,
                issued_on=one.issued,
                due_on=one.due,
                gross_minor=one.gross_minor,
                net_minor=one.net_minor,
                seller=one.seller,
                buyer="" if re.fullmatch(r"[0-9A-Z]{15,20}", one.buyer) else one.buyer,
                buyer_licence=one.buyer if re.fullmatch(r"[0-9A-Z]{18}", one.buyer) else "",
            )
