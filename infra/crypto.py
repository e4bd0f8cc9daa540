"""Private data at rest: one random key per person, wrapped by a key-encryption key; blind indexes to find by equality.

A sealed field is ``version | algorithm | key id | nonce | ciphertext`` and is bound to its place: the bytes moved to
another column, row or person do not open. Destroying a person's wrapped key erases every field sealed with it, in
backups too.
"""

import hashlib
import hmac
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.settings import Settings
from infra.telemetry import key_uses

VERSION = 1
AES_256_GCM = 1
SM4_GCM = 2  # reserved: an installation under the Chinese commercial cipher rules changes the tag, not the tables
KEY_BYTES = 32
NONCE_BYTES = 12  # the length that GCM is defined for without hashing
BLIND_INDEX_BYTES = 16  # 2^64 values before a chance collision


class SealBroken(Exception):
    """Sealed bytes that this place, this person or this key cannot open; carries no plaintext."""

    code = "seal_broken"


class UnknownKey(SealBroken):
    """Sealed under a key id that this installation does not hold (any more)."""

    code = "seal_key_unknown"

    def __init__(self, key_id: str) -> None:
        super().__init__(f"no key with id {key_id!r}; is it missing from HUOSHUI_RETIRED_KEYS?")
        self.key_id = key_id


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A person's key as it is stored: useless without the key-encryption key named ``key_id``."""

    bytes: bytes
    key_id: str


@dataclass(frozen=True, slots=True)
class PersonKey:
    """A person's key in memory. ``id`` is a fingerprint, so that a field sealed for somebody else is told apart."""

    key: bytes = field(repr=False)
    id: str

    @classmethod
    def of(cls, key: bytes) -> "PersonKey":
        return cls(key=key, id=hashlib.sha256(b"huoshui person key\x1f" + key).hexdigest()[:16])


class KeyRing:
    """Keys by id: the one that new writes use, and retired ones that still open what they sealed."""

    def __init__(self, current_id: str, current: bytes, retired: Mapping[str, bytes]) -> None:
        self.current_id = current_id
        self._ciphers = {key_id: AESGCM(key) for key_id, key in {**retired, current_id: current}.items()}

    def seal(self, plain: bytes, context: str) -> bytes:
        """Seals ``plain`` under the current key; ``context`` must be given again, the same, to open it."""
        return _seal(self._ciphers[self.current_id], self.current_id, plain, context)

    def open(self, sealed: bytes, context: str) -> bytes:
        """Opens what ``seal`` made. Raises :class:`SealBroken` or :class:`UnknownKey`."""
        key_id, nonce, ciphertext = _parts(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise UnknownKey(key_id)
        key_uses.labels(key_id).inc()
        return _open(cipher, key_id, nonce, ciphertext, context)


class Vault:
    """Seals and opens fields, makes and unwraps people's keys, computes blind indexes."""

    def __init__(self, settings: Settings) -> None:
        self._ring = KeyRing(
            settings.key_encryption_key_id, settings.secret_bytes("key_encryption_key"), settings.retired_key_bytes()
        )
        self._index_key = settings.secret_bytes("index_key")
        self._column_keys: dict[str, bytes] = {}

    def new_person_key(self) -> WrappedKey:
        """A fresh random key for one person, wrapped for storage."""
        return self._wrap(os.urandom(KEY_BYTES))

    def unwrap(self, wrapped: WrappedKey) -> PersonKey:
        """The key behind ``wrapped``. Raises :class:`SealBroken` when the bytes were changed, :class:`UnknownKey` when
        the key-encryption key is gone."""
        return PersonKey.of(self._ring.open(wrapped.bytes, "person-key"))

    def rewrap(self, wrapped: WrappedKey) -> WrappedKey:
        """The same person's key under the current key-encryption key; fields stay as they are."""
        return self._wrap(self.unwrap(wrapped).key)

    def seal(self, person_key: PersonKey, column: str, row_id: UUID, text: str) -> bytes:
        """Encrypts ``text`` for one ``table.column`` of one row."""
        return self.seal_file(person_key, column, row_id, text.encode())

    def seal_file(self, person_key: PersonKey, column: str, row_id: UUID, data: bytes) -> bytes:
        """Encrypts what is not text, such as a photo in the store."""
        return _seal(AESGCM(person_key.key), person_key.id, data, _place(column, row_id))

    def seal_kept(self, row_id: UUID, data: bytes) -> bytes:
        """Encrypts what the law keeps after its person's key is destroyed: under the installation's own key."""
        return self._ring.seal(data, f"kept|{row_id}")

    def open_kept(self, row_id: UUID, sealed: bytes) -> bytes:
        """What ``seal_kept`` sealed: for a court or an inspector. Raises :class:`SealBroken`, :class:`UnknownKey`."""
        return self._ring.open(sealed, f"kept|{row_id}")

    def open(self, person_key: PersonKey, column: str, row_id: UUID, sealed: bytes) -> str:
        """The text behind ``sealed``. Raises :class:`SealBroken` for another person, column, row, or changed bytes."""
        return self.open_file(person_key, column, row_id, sealed).decode()

    def open_file(self, person_key: PersonKey, column: str, row_id: UUID, sealed: bytes) -> bytes:
        """What ``seal_file`` sealed. Raises :class:`SealBroken`."""
        key_id, nonce, ciphertext = _parts(sealed)
        if key_id != person_key.id:
            raise SealBroken("the field is sealed for another person")
        return _open(AESGCM(person_key.key), key_id, nonce, ciphertext, _place(column, row_id))

    def blind_index(self, column: str, value: str) -> bytes:
        """16 bytes that are equal for equal values of one ``table.column``, and say nothing without the index key.

        Width variants, surrounding blanks and letter case do not matter (an id number may end in x or X).
        Not for fields of few values: equality itself would tell.
        """
        column_key = self._column_keys.get(column)
        if column_key is None:
            column_key = hmac.digest(self._index_key, b"blind index\x1f" + column.encode(), "sha256")
            self._column_keys[column] = column_key
        normal = (value if value.isascii() else unicodedata.normalize("NFKC", value)).strip().upper()
        return hmac.digest(column_key, normal.encode(), "sha256")[:BLIND_INDEX_BYTES]

    def _wrap(self, key: bytes) -> WrappedKey:
        return WrappedKey(bytes=self._ring.seal(key, "person-key"), key_id=self._ring.current_id)


def _place(column: str, row_id: UUID) -> str:
    return f"{column}|{row_id}"


def _bound(context: str, key_id: str) -> bytes:
    return f"{context}|{key_id}".encode()


def _seal(cipher: AESGCM, key_id: str, plain: bytes, context: str) -> bytes:
    name = key_id.encode()
    nonce = os.urandom(NONCE_BYTES)
    head = bytes((VERSION, AES_256_GCM, len(name))) + name + nonce
    return head + cipher.encrypt(nonce, plain, _bound(context, key_id))


def _parts(sealed: bytes) -> tuple[str, bytes, bytes]:
    """key id, nonce, ciphertext of an envelope."""
    if len(sealed) < 3 or sealed[0] != VERSION or sealed[1] != AES_256_GCM:
        raise SealBroken("not a sealed field of a version that this program knows")
    start = 3 + sealed[2]
    end = start + NONCE_BYTES
    if len(sealed) < end + 16:
        raise SealBroken("a sealed field that was cut short")
    try:
        key_id = sealed[3:start].decode()
    except UnicodeDecodeError as error:
        raise SealBroken("a sealed field with an unreadable key id") from error
    return key_id, sealed[start:end], sealed[end:]


def _open(cipher: AESGCM, key_id: str, nonce: bytes, ciphertext: bytes, context: str) -> bytes:
    try:
        return cipher.decrypt(nonce, ciphertext, _bound(context, key_id))
    except InvalidTag:
        raise SealBroken("the bytes were changed, or they belong to another place") from None
