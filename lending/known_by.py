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


# Letters of other alphabets that look like ours, and figures in words: 二〇二三 is 2023.
_LIKE_OURS = str.maketrans("АВЕКМНОРСТХУІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTXYIJSABEZHIKMNOPTYX")
_FIGURES = str.maketrans("〇零一二三四五六七八九", "00123456789")
# What an eye or a reader of pictures takes for a figure.
_MISREAD = str.maketrans("OQDILZSBG", "000112586")
# A number shorter than this is one character off many others by chance.
NEAR_FROM = 6


def known_by(title: str) -> str:
    """A number as things are told apart by it: no brackets, no ``S/N`` or ``No.`` before it, no 第 and 号 about its
    parts, no zeros that only fill a part up."""
    text = unicodedata.normalize("NFKC", title).upper().translate(_LIKE_OURS).strip()
    return _known(_bare(text).translate(_FIGURES), title)


def neighbours(title: str) -> frozenset[str]:
    """By what numbers are found that are one character off: misread, left out, put in or changed over with the next.

    Two numbers are near where they share one of these: each without one of its characters, and as an eye takes it.
    """
    plain = known_by(title).translate(_MISREAD)
    if len(plain) < NEAR_FROM:
        return frozenset()
    return frozenset({plain, *(plain[:at] + plain[at + 1 :] for at in range(len(plain)))})


def formerly(title: str) -> frozenset[str]:
    """By what else a thing was known that is held from earlier days."""
    text = unicodedata.normalize("NFKC", title).upper().strip()
    return frozenset({as_written(title), _known(_bare(text), title)}) - {known_by(title)}


def _bare(text: str) -> str:
    return _SUFFIX.sub("", _PREFIX.sub("", text)) or text


def _known(bare: str, title: str) -> str:
    parts = _ZEROS.sub("", re.sub(r"[\W_]+", "/", _FILLING.sub("/", bare)))
    return plain_number(parts) or plain_number(title)


def as_written(title: str) -> str:
    """As numbers were told apart before: letters and digits alone. What is held from then is known by that."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", title)).upper()


def same_number(copied: str, said: str) -> bool:
    """Whether a number that was copied on the spot is the one that a piece is known by, whatever form each is in."""
    return known_by(copied) == known_by(said)
