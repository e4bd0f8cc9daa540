"""The contract on paper and the contract on the screen are the same, or nothing is signed (journey 2, B5).

A printed contract carries its number and the fingerprint of its terms as a QR code; whoever compares the two scans it.
"""

import re
from dataclasses import dataclass

from lending.refusals import PaperDiffers

CODE = re.compile(r"HUOSHUI (?P<number>\S{1,40}) SHA-256 (?P<hash>[0-9a-f]{64})", re.ASCII)
SHOWN = 8  # digits of a fingerprint that people compare


@dataclass(frozen=True, slots=True)
class Printed:
    """What a paper's code says. ``terms_hash``: SHA-256 of the terms, hex."""

    number: str
    terms_hash: str


def read(code: str) -> Printed | None:
    """What a scanned code says; None for the code of something else."""
    found = CODE.fullmatch(" ".join(code.split()))
    return Printed(found["number"], found["hash"]) if found else None


def must_match(printed_hash: str | None, terms_hash: str) -> None:
    """Raise :class:`PaperDiffers` where the paper that was scanned last is not what would be signed. ``printed_hash``
    None: nobody scanned one. A paper of a plan that was left for another is another paper too."""
    if printed_hash is not None and printed_hash != terms_hash:
        raise PaperDiffers(printed=printed_hash[:SHOWN], shown=terms_hash[:SHOWN])
