"""The square code on an invoice: found in a picture, and the fields that stand in it.

``01,type,code,number,amount,day,check code,checksum``: the amount is without tax on the older forms and with tax on
those that are electronic throughout (数电票), which have a number of twenty digits and no code.
"""

# pyright: basic
# (the library that knows pictures carries no types)

import re
from collections.abc import Iterator
from typing import Any

from imports.invoice_faces import Face, day_in, minor_in

FIRST = "01"
FULLY_ELECTRONIC_DIGITS = 20
FIELDS_AT_LEAST = 6
# A code that fills little of a large photo is read from its parts; one of a poor printer from a picture twice as large.
LARGE = 1_100


def face_of(text: str) -> Face | None:
    """What a code's text says; None where it is no invoice's."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) < FIELDS_AT_LEAST or parts[0] != FIRST:
        return None
    _, _, code, number, amount, day, *rest = parts
    if not re.fullmatch(r"\d{8}|\d{20}", number) or not re.fullmatch(r"(\d{10}|\d{12})?", code) or not day_in(day):
        return None
    fully = len(number) == FULLY_ELECTRONIC_DIGITS
    minor = minor_in(amount)
    return Face(
        source="qr",
        number=number,
        code=code,
        check_code=rest[0] if rest and re.fullmatch(r"\d{20}", rest[0]) else "",
        issued_on=day_in(day),
        gross_minor=minor if fully else 0,
        net_minor=0 if fully else minor,
    )


def face_on(picture: Any) -> Face | None:
    """The invoice's code on a picture; None where none can be read."""
    return next((face for text in _texts(picture) if (face := face_of(text)) is not None), None)


def _texts(picture: Any) -> Iterator[str]:
    import cv2
    import numpy as np

    grey = cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2GRAY)
    for reader in (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()):
        for view in _views(grey):
            try:
                found, texts, _, _ = reader.detectAndDecodeMulti(view)
            except cv2.error:
                continue
            if found:
                yield from (str(text) for text in texts if text)


def _views(grey: Any) -> Iterator[Any]:
    import cv2

    yield grey
    height, width = grey.shape
    if max(height, width) <= LARGE:
        yield cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        return
    yield cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    # An invoice has its code in a corner: quarters that overlap, each twice as large.
    down, across = height * 6 // 10, width * 6 // 10
    for top in (0, height - down):
        for left in (0, width - across):
            part = grey[top : top + down, left : left + across]
            yield cv2.resize(part, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC)
