"""The number that a thing is known by: on its certificate, its plate, its frame."""

import re
import unicodedata

from lending.invoices import plain_number

# Numbers that a piece is known by, so that what was copied on the spot is held against it. A count has a sheet of its
# own, and an invoice was read by the bureau.
KNOWN_BY = frozenset({"certificate", "serial", "frame", "receipt", "parcel", "ip_number"})

# What a plate or a form prints before a number, as letters and digits in upper case.
_PREFIX = re.compile(
    r"^(?:(?:设备|产品|出厂|机身|机器|车辆|仓单|证书|产权证|不动产权证书?|专利)?(?:序列|编|车架|识别代|证|单|专利)?(?:号码?|号)[\W_]*"
    r"|(?:SERIAL|S[\W_]*/[\W_]*N|SN(?=[\W_]|\d)|VIN(?=[\W_])|P/N|NUMBER|NUM|NO|NR|№|#)[\W_]+|(?:SN|NO)(?=\d)|[\W_]+)+"
)
# 之一 and 附 are parts of one certificate only where a figure follows; alone at its end they say nothing.
_SUFFIX = re.compile(r"(?:号|之一|\(?共有\)?|[\W_])+$")
_FILLING = re.compile(r"[第字号]")
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


def known_by(title: str) -> str:
    """A number as things are told apart by it: no brackets, no ``S/N`` or ``No.`` before it, no 第 and 号 about its
    parts, no zeros that only fill a part up."""
    text = unicodedata.normalize("NFKC", title).upper().strip()
    bare = _SUFFIX.sub("", _PREFIX.sub("", text)) or text
    parts = _ZEROS.sub("", re.sub(r"[\W_]+", "/", _FILLING.sub("/", bare)))
    return plain_number(parts) or plain_number(title)


def as_written(title: str) -> str:
    """As numbers were told apart before: letters and digits alone. What is held from then is known by that."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", title)).upper()


def same_number(copied: str, said: str) -> bool:
    """Whether a number that was copied on the spot is the one that a piece is known by, whatever form each is in."""
    return known_by(copied) == known_by(said)
