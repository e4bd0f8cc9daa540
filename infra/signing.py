"""Signatures that anybody can check who holds the public key: Ed25519 over exact bytes."""

import base64

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class NoKey(ValueError):
    """A text that is no public key: 32 bytes in base64 are."""


class Signer:
    """Signs with one private key, made from 32 secret bytes."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public(self) -> str:
        """The public key, base64."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def sign(self, data: bytes) -> bytes:
        """64 bytes."""
        return self._key.sign(data)


def signed_by(public: str, data: bytes, signature: bytes) -> bool:
    """Whether the holder of ``public`` signed these bytes. Raises :class:`NoKey`."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
    except ValueError as error:
        raise NoKey("a public key is 32 bytes in base64") from error
    try:
        key.verify(signature, data)
    except InvalidSignature:
        return False
    return True
