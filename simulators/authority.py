"""A certification authority for electronic signatures (电子认证服务机构), with its time stamps (RFC 3161).

``POST certificates`` turns a request to sign (PKCS #10) into a certificate: of an organisation for its seal, or of one
act (事件证书) for the person who did it, which carries the hash of the evidence of that act and lives a day. The keys
are made at the first start and lie in the book; nobody outside this world trusts its root, and its names say so.
"""

import base64
import datetime as dt
import hashlib
import sqlite3
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from pydantic import Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.answers import Asked, Id, Refused, Text, asked, now, refusal, said
from simulators.book import Book
from simulators.faults import COMMON_FAULTS, Faults, troubled

SCHEMA = """
create table if not exists authority (name text primary key, private_key blob not null, certificate blob not null);
create table if not exists certificate (
    request_id text primary key,
    content_hash text not null,
    certificate blob not null,
    times integer not null default 1
);
"""
# The hash of the evidence of an act, SHA-256; an arc for examples (RFC 5612 has none for certificates, X.660 does).
EVIDENCE = ObjectIdentifier("2.999.20261129.1")
LIVES = {"organisation": dt.timedelta(days=5 * 365), "act": dt.timedelta(days=1)}
FOREVER = dt.timedelta(days=20 * 365)
QUERY_LIMIT = 4096
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class CertificateAsked(Asked):
    request_id: Id
    kind: Literal["organisation", "act"]
    name: Text
    csr: str = Field(min_length=1, max_length=8_000)
    evidence: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")


class AuthorityParty:
    def __init__(self, data: Path) -> None:
        self.book = Book(data / "authority.sqlite3", SCHEMA)
        self.faults = Faults(COMMON_FAULTS)
        self.app = Starlette(
            routes=[
                Route("/certificates", troubled(self.faults, self._certify), methods=["POST"]),
                Route("/timestamps", troubled(self.faults, self._stamp), methods=["POST"]),
                Route("/root.pem", self._root),
                Route("/book", self._witness),
                *self.faults.routes(),
            ],
            exception_handlers={Refused: refusal},
        )

    async def start(self) -> None:
        await self.book.write(_founded)

    async def stop(self) -> None:
        self.book.close()

    async def _certify(self, request: Request) -> Response:
        wish = await asked(request, CertificateAsked)
        if (wish.kind == "act") != (wish.evidence is not None):
            raise Refused(422, "evidence_belongs_to_acts")
        public = _public_key(wish.csr)
        asks = _content_hash(wish, public)

        def issue(book: sqlite3.Connection) -> bytes:
            known = book.execute("select * from certificate where request_id = ?", (wish.request_id,)).fetchone()
            if known is not None:
                if known["content_hash"] != asks:
                    raise Refused(409, "request_id_taken")
                book.execute("update certificate set times = times + 1 where request_id = ?", (wish.request_id,))
                return known["certificate"]
            made = _certificate(_holder(book, "issuing"), wish, public)
            row = (wish.request_id, asks, made)
            book.execute("insert into certificate (request_id, content_hash, certificate) values (?, ?, ?)", row)
            return made

        leaf = await self.book.write(issue)
        chain = [leaf, (await self.book.read(lambda book: _holder(book, "issuing")))[1]]
        return said({"request_id": wish.request_id, "chain": [base64.b64encode(one).decode() for one in chain]})

    async def _stamp(self, request: Request) -> Response:
        query = await request.body()
        if request.headers.get("content-type") != "application/timestamp-query" or len(query) > QUERY_LIMIT:
            raise Refused(422, "malformed", "a time-stamp query (RFC 3161)")
        key, certificate = await self.book.read(lambda book: _holder(book, "stamping"))
        root = (await self.book.read(lambda book: _holder(book, "root")))[1]
        return Response(_stamped(query, key, certificate, root), media_type="application/timestamp-reply")

    async def _root(self, _request: Request) -> Response:
        der = (await self.book.read(lambda book: _holder(book, "root")))[1]
        pem = x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM)
        return Response(pem, media_type="application/x-pem-file")

    async def _witness(self, _request: Request) -> Response:
        def told(book: sqlite3.Connection) -> list[dict[str, object]]:
            return [dict(row) for row in book.execute("select request_id, times from certificate order by rowid")]

        return said({"certificates": await self.book.read(told)})


def _founded(book: sqlite3.Connection) -> None:
    if book.execute("select 1 from authority").fetchone():
        return
    root, issuing = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    stamping = rsa.generate_private_key(65537, 2048)  # what the library stamps with
    names = {name: _named(f"Huoshui Simulated {title} (no legal force)") for name, title in TITLES.items()}
    authority = x509.BasicConstraints(ca=True, path_length=None)
    made = {
        "root": (root, _built(names["root"], names["root"], root, root, FOREVER, [authority, _usage(ca=True)])),
        "issuing": (issuing, _built(names["issuing"], names["root"], issuing, root, FOREVER,
                                    [x509.BasicConstraints(ca=True, path_length=0), _usage(ca=True)])),
        "stamping": (stamping, _built(names["stamping"], names["root"], stamping, root, FOREVER,
                                      [x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), _usage(ca=False)])),
    }  # fmt: skip
    for name, (key, certificate) in made.items():
        private = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        book.execute("insert into authority values (?, ?, ?)", (name, private, certificate))


TITLES = {"root": "Root", "issuing": "Signature CA", "stamping": "Time Stamps"}


def _holder(book: sqlite3.Connection, name: str) -> tuple[Key, bytes]:
    row = book.execute("select * from authority where name = ?", (name,)).fetchone()
    key = serialization.load_der_private_key(row["private_key"], None)
    assert isinstance(key, Key)  # noqa: S101 (made by us)
    return key, row["certificate"]


def _public_key(csr: str) -> ec.EllipticCurvePublicKey:
    """The key of a request that proves to hold its private half."""
    try:
        request = x509.load_der_x509_csr(base64.b64decode(csr, validate=True))
        public = request.public_key()
        if not request.is_signature_valid or not isinstance(public, ec.EllipticCurvePublicKey):
            raise Refused(422, "request_invalid")
    except (ValueError, InvalidSignature):
        raise Refused(422, "request_invalid") from None
    return public


def _content_hash(wish: CertificateAsked, public: ec.EllipticCurvePublicKey) -> str:
    """What is asked, for whom and for which key: a request is signed anew each time, and is the same request."""
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    told = "\x1f".join([wish.kind, wish.name, wish.evidence or "", der.hex()])
    return hashlib.sha256(told.encode()).hexdigest()


def _certificate(issuing: tuple[Key, bytes], wish: CertificateAsked, public: ec.EllipticCurvePublicKey) -> bytes:
    key, der = issuing
    extensions: list[x509.ExtensionType] = [
        x509.BasicConstraints(ca=False, path_length=None),
        _usage(ca=False),
    ]
    if wish.evidence is not None:
        extensions.append(x509.UnrecognizedExtension(EVIDENCE, bytes.fromhex(wish.evidence)))
    issuer = x509.load_der_x509_certificate(der).subject
    return _built(_named(wish.name), issuer, public, key, LIVES[wish.kind], extensions)


def _built(
    subject: x509.Name,
    issuer: x509.Name,
    holder: Key | ec.EllipticCurvePublicKey,
    signer: Key,
    lives: dt.timedelta,
    extensions: list[x509.ExtensionType],
) -> bytes:
    public = holder.public_key() if isinstance(holder, Key) else holder
    begins = now() - dt.timedelta(minutes=5)  # whose clock is a little behind must not find it unborn
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + lives)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=not isinstance(extension, x509.UnrecognizedExtension))
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca, content_commitment=not ca, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=ca, crl_sign=ca, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _stamped(query: bytes, key: Key, certificate: bytes, root: bytes) -> bytes:
    # Imported when somebody asks: a world without signatures starts without them.
    from asn1crypto import keys, tsp
    from asn1crypto import x509 as asn1
    from pyhanko.sign.timestamps import DummyTimeStamper
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    try:
        wanted = tsp.TimeStampReq.load(query, strict=True)
        wanted["message_imprint"]["hashed_message"].native  # noqa: B018 (parsed lazily: what is wrong shows here)
    except (ValueError, TypeError):
        raise Refused(422, "malformed", "a time-stamp query (RFC 3161)") from None
    private = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    store = SimpleCertificateStore()
    store.register(asn1.Certificate.load(root))
    stamper = DummyTimeStamper(asn1.Certificate.load(certificate), keys.PrivateKeyInfo.load(private), store)
    return stamper.request_tsa_response(wanted).dump()
