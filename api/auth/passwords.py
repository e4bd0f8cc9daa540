"""Passwords of staff: argon2id in a small pool of threads, so that a flood of sign-ins cannot eat the memory."""

import asyncio
import base64
import hmac
import unicodedata
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from infra.settings import Settings

# 64 MiB each: four at once are 256 MiB, more wait their turn.
THREADS = 4
SHORTEST, LONGEST = 12, 128


class Passwords:
    """Hashes and checks passwords. A pepper outside the database makes stolen hashes worthless by themselves."""

    def __init__(self, settings: Settings, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._pepper = hmac.digest(settings.secret_bytes("session_key"), b"password pepper", "sha256")
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        # What an unknown login is compared with, so that it takes as long as a known one.
        self._nobody = self._hasher.hash(self._peppered("nobody has this password"))

    async def hash(self, password: str) -> str:
        """The hash to store."""
        peppered = self._peppered(password)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, peppered)

    async def fits(self, stored: str | None, password: str) -> bool:
        """Whether the password is the one; ``None`` (no such login) takes the same time and is never right."""
        peppered = self._peppered(password)
        loop = asyncio.get_running_loop()
        fits = await loop.run_in_executor(self._threads, self._verify, stored or self._nobody, peppered)
        return fits and stored is not None

    def outgrown(self, stored: str) -> bool:
        """Whether the hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """Let no more in."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, stored: str, peppered: str) -> bool:
        try:
            return self._hasher.verify(stored, peppered)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False

    def _peppered(self, password: str) -> str:
        normal = unicodedata.normalize("NFC", password)
        return base64.b64encode(hmac.digest(self._pepper, normal.encode(), "sha256")).decode()
