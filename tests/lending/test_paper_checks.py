"""The contract on paper is the one on the screen, or nothing is signed."""

import pytest

from lending.paper_checks import Printed, must_match, read
from lending.refusals import PaperDiffers

HASH, OTHER = "ab" * 32, "cd" * 32


def test_a_scanned_code_tells_number_and_fingerprint_however_a_camera_breaks_it() -> None:
    for code in (f"HUOSHUI A-1042 SHA-256 {HASH}", f"HUOSHUI A-1042\nSHA-256  {HASH} "):
        assert read(code) == Printed("A-1042", HASH)
    for code in ("", "https://example.org", f"HUOSHUI A-1042 SHA-256 {HASH[:60]}", f"HUOSHUI A-1042 MD5 {HASH}"):
        assert read(code) is None


def test_b5_the_paper_that_was_scanned_last_is_what_is_signed_or_nothing_is() -> None:
    must_match(None, HASH)
    must_match(HASH, HASH)
    with pytest.raises(PaperDiffers) as wrong:
        must_match(OTHER, HASH)
    assert wrong.value.params == {"printed": "cdcdcdcd", "shown": "abababab"}
