"""The keys of one installation: made at the first start, kept in ``secrets.env``, readable by its owner only."""

import base64
import os
import secrets
from pathlib import Path

FILE = "secrets.env"
HEADER = "# Keys of this installation. Without this file its data cannot be read; who has it can read everything.\n"


class SecretsUnsafe(Exception):
    """The file may be read by others than its owner."""


def keep(folder: Path) -> dict[str, str]:
    """The secrets of the installation in ``folder``, by environment name; what is missing is made and added.

    Raises :class:`SecretsUnsafe` when the file's mode lets others read it.
    """
    path = folder / FILE
    known = _read(path) if path.exists() else {}
    complete = {name: known.get(name) or make() for name, make in MADE.items()}
    if complete != known:
        _write(path, {**known, **complete})
    return {**known, **complete}


def _key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def _hook() -> str:
    return "whsec_" + _key()


def _word() -> str:
    return secrets.token_urlsafe(24)


def _typed() -> str:
    """80 bits in groups of four, for a visitor who types it by hand; letters and digits that nobody mixes up."""
    letters = base64.b32encode(os.urandom(10)).decode().lower()
    return "-".join(letters[n : n + 4] for n in range(0, 16, 4))


def _totp() -> str:
    return base64.b32encode(os.urandom(20)).decode()


MADE = {
    "HUOSHUI_KEY_ENCRYPTION_KEY": _key,
    "HUOSHUI_PAYLOAD_KEY": _key,
    "HUOSHUI_INDEX_KEY": _key,
    "HUOSHUI_SESSION_KEY": _key,
    "HUOSHUI_RAIL_WEBHOOK_SECRET": _hook,
    "HUOSHUI_REVENUE_WEBHOOK_SECRET": _hook,
    "HUOSHUI_MESSAGES_WEBHOOK_SECRET": _hook,
    "HUOSHUI_AUDIT_KEY": _key,
    "HUOSHUI_SEAL_KEY": _key,
    "HUOSHUI_S3_ACCESS_KEY": lambda: secrets.token_hex(10).upper(),
    "HUOSHUI_S3_SECRET_KEY": _word,
    "STACK_S3_SSE_KEK": lambda: os.urandom(32).hex(),
    "STACK_POSTGRES_PASSWORD": _word,
    "STACK_POSTGRES_OWNER_PASSWORD": _word,
    "STACK_POSTGRES_APP_PASSWORD": _word,
    "STACK_DEMO_PASSWORD": _typed,
    "STACK_DEMO_TOTP_SEED": _totp,
}


def _read(path: Path) -> dict[str, str]:
    if path.stat().st_mode & 0o077:
        raise SecretsUnsafe(f"{path} may be read by others; run: chmod 600 {path}")
    lines = (line.partition("=") for line in path.read_text().splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in lines}


def _write(path: Path, values: dict[str, str]) -> None:
    """Beside first, then moved: a power cut leaves the old file or the new one."""
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(HEADER + "".join(f"{name}={value}\n" for name, value in values.items()))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
