"""Signatures in a PDF (PAdES, ETSI EN 319 142-1, level B-T): made with certificates, stamped, and checked by anybody.

A first signature (the lender's seal) certifies the file and allows nothing after it but further signatures. Checking
needs the file and the root that one trusts, and reaches nobody: the time of a signature is its stamp's, so that a
certificate that lived a day still proves what was signed on that day.
"""

# pyright: basic
# The structures below (asn1crypto) carry no types.

import hashlib
import io
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

EVIDENCE = "2.999.20261129.1"  # extension: SHA-256 of what proves the act, as the authority was told
# What the library tells of a broken file, trace and all, is told by Checked in one word.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)
Stamp = Callable[[bytes], Awaitable[bytes]]


class NotAPdf(ValueError):
    """The file is no PDF, or one that cannot be read."""


class NotARoot(ValueError):
    """The text is no certificate in PEM or DER."""


class Key:
    """A private key on P-256 and the request for its certificate."""

    def __init__(self, seed: bytes | None = None) -> None:
        """``seed``: 32 secret bytes, for the same key every time; without, a key that ends with this object."""
        curve = ec.SECP256R1()
        if seed is None:
            self._key = ec.generate_private_key(curve)
        else:
            order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
            wide = hashlib.sha512(b"huoshui/seal\x00" + seed).digest()
            self._key = ec.derive_private_key(int.from_bytes(wide, "big") % (order - 1) + 1, curve)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public half, hex."""
        public = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return hashlib.sha256(public).hexdigest()

    def request(self, name: str) -> bytes:
        """A request to certify the key (PKCS #10), DER."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
        built = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(self._key, hashes.SHA256())
        return built.public_bytes(serialization.Encoding.DER)

    def private(self) -> bytes:
        """PKCS #8, DER."""
        return self._key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


@dataclass(frozen=True, slots=True)
class Signatory:
    """One who signs: ``field`` names the signature in the file, ``chain`` is DER, the own certificate first;
    ``reason`` is kept in the signature and shown by readers."""

    field: str
    key: Key
    chain: tuple[bytes, ...]
    name: str
    reason: str


async def sign(pdf: bytes, signatories: Sequence[Signatory], stamp: Stamp) -> bytes:
    """The file with all signatures, in order; the first certifies. Raises what ``stamp`` raises, and ValueError where a
    stamp is none or a certificate is not that of its key."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

    for place, one in enumerate(signatories):
        meta = PdfSignatureMetadata(
            field_name=one.field,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            reason=one.reason,
            name=one.name,
            certify=place == 0,
            docmdp_permissions=MDPPerm.FILL_FORMS,
        )
        signer = PdfSigner(meta, signer=_signer(one), timestamper=_stamper(stamp))
        out = io.BytesIO()
        await signer.async_sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out)
        pdf = out.getvalue()
    return pdf


def _signer(one: Signatory) -> Any:
    from asn1crypto import keys
    from asn1crypto import x509 as asn1
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    own, *above = (asn1.Certificate.load(der) for der in one.chain)
    if hashlib.sha256(own.public_key.dump()).hexdigest() != one.key.fingerprint:
        raise ValueError(f"the certificate of {one.field} is not for its key")
    store = SimpleCertificateStore()
    store.register_multiple(above)
    return SimpleSigner(own, keys.PrivateKeyInfo.load(one.key.private()), store)


def _stamper(stamp: Stamp) -> Any:
    from asn1crypto import tsp
    from pyhanko.sign.timestamps import TimeStamper

    class Stamper(TimeStamper):
        async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
            return tsp.TimeStampResp.load(await stamp(req.dump()), strict=True)

    return Stamper()


# --- checking ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Checked:
    """What is true of one signature. ``intact``: what it covers is as it was signed; ``whole``: nothing was added but
    signatures that it allows; ``trusted``: its certificate and its stamp lead to the root. ``at`` is the stamp's."""

    field: str
    name: str
    reason: str
    at: datetime | None
    intact: bool
    whole: bool
    trusted: bool
    evidence: str | None

    @property
    def good(self) -> bool:
        return self.intact and self.whole and self.trusted and self.at is not None


async def check(pdf: bytes, root: bytes) -> list[Checked]:
    """Every signature in the file, in the order in which they were made; none where nobody signed.

    ``root``: the certificate to trust, PEM or DER. Raises NotAPdf, NotARoot.
    """
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    anchor = _root(root)
    try:
        found = PdfFileReader(io.BytesIO(pdf), strict=False).embedded_regular_signatures
    except (PdfError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise NotAPdf("the file is no PDF that can be read") from error
    return [await _checked(one, anchor) for one in found]


async def _checked(one: Any, anchor: bytes) -> Checked:
    from asn1crypto import x509 as asn1
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.general import CMSExtractionError
    from pyhanko.sign.validation import async_validate_pdf_signature
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko_certvalidator import ValidationContext

    certificate = one.signer_cert
    stamped = _stamped_at(one)

    def context() -> ValidationContext:
        return ValidationContext(
            trust_roots=[asn1.Certificate.load(anchor)],
            allow_fetching=False,
            moment=stamped,
            best_signature_time=stamped,
        )

    def told(intact: bool, whole: bool, trusted: bool, at: datetime | None = stamped) -> Checked:
        return Checked(
            field=str(one.field_name),
            name=str(certificate.subject.native.get("common_name", "")),
            reason=str(one.sig_object.get("/Reason", "")),
            at=at,
            intact=intact,
            whole=whole,
            trusted=trusted,
            evidence=_evidence(certificate.dump()),
        )

    try:
        status = await async_validate_pdf_signature(one, context(), context())
    except (SignatureValidationError, CMSExtractionError, PdfError, ValueError):
        return told(intact=False, whole=False, trusted=False)
    stamp = status.timestamp_validity
    stamp_good = stamp is not None and stamp.valid and stamp.intact and stamp.trusted
    return told(
        intact=bool(status.intact and status.valid),
        whole=bool(status.docmdp_ok and _whole(status)),
        trusted=bool(status.trusted and stamp_good),
        at=stamp.timestamp if stamp is not None else None,
    )


def _whole(status: Any) -> bool:
    """The signature covers its whole revision, and what came later is nothing but what it allows."""
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    if status.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        return False
    return status.modification_level is not None and status.modification_level <= ModificationLevel.FORM_FILLING


def _stamped_at(one: Any) -> datetime | None:
    """What the stamp says, whoever made it: whether to believe it is asked afterwards."""
    from pyhanko.sign.general import find_unique_cms_attribute

    try:
        token: Any = find_unique_cms_attribute(one.signer_info["unsigned_attrs"], "signature_time_stamp_token")
        return token["content"]["encap_content_info"]["content"].parsed["gen_time"].native
    except (LookupError, ValueError, TypeError):
        return None


def _evidence(certificate: bytes) -> str | None:
    try:
        extensions = x509.load_der_x509_certificate(certificate).extensions
        found = extensions.get_extension_for_oid(x509.ObjectIdentifier(EVIDENCE)).value
    except (x509.ExtensionNotFound, ValueError):
        return None
    return found.value.hex() if isinstance(found, x509.UnrecognizedExtension) else None


def _root(root: bytes) -> bytes:
    try:
        pem = root.lstrip().startswith(b"-----BEGIN")
        found = x509.load_pem_x509_certificate(root) if pem else x509.load_der_x509_certificate(root)
    except ValueError as error:
        raise NotARoot("the root is no certificate in PEM or DER") from error
    return found.public_bytes(serialization.Encoding.DER)
