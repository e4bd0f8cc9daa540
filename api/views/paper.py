"""What a file proves of itself."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SignatureView:
    """One signature. ``intact``: what it covers is as signed; ``whole``: nothing was added behind it; ``trusted``:
    certificate and time stamp lead to the authority."""

    party: str
    name: str
    reason: str
    signed_at: datetime | None
    intact: bool
    whole: bool
    trusted: bool


@dataclass(frozen=True, slots=True)
class VerificationView:
    """``genuine``: lender and borrower signed and all of it holds; ``in_archive``: these very bytes are ours."""

    sha256: str
    genuine: bool
    in_archive: bool
    signatures: tuple[SignatureView, ...]
