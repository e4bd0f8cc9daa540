"""Files that have a password: opened once with it, so that what is kept needs none and the password is kept nowhere.

``locked`` looks without opening; ``unlock`` opens in this process; ``unlocked`` has a confined child do it, which is
the way for a stranger's file. The password goes to the child by its standard input and is in no argument,
environment, log or failure.
"""

# pyright: basic
# (the libraries that know the formats carry no types)

import asyncio
import io
import json
import os
import sys
import zipfile
import zlib
from contextlib import suppress

from infra.confinement import Limits, confine

LARGEST_BYTES = 100 * 1024 * 1024
LARGEST_RATIO = 100
MOST_ENTRIES = 100
PATIENCE = 30.0  # seconds for the child, which may compute for ten
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SEALED_WORKBOOK = "EncryptedPackage".encode("utf-16-le")
_ENCRYPTED = 1  # bit of a zip entry's flags


class NeedsPassword(Exception):
    """The file cannot be opened without a password, and none was given."""


class WrongPassword(Exception):
    """The password given does not open the file."""


class CannotUnlock(Exception):
    """The file is damaged, unpacks to more than any bill, or is locked in a way that is not known."""


def locked(data: bytes) -> bool:
    """Whether a file may need a password: cheap, and true for a few that open without one."""
    if data.startswith(_ZIP):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                return any(entry.flag_bits & _ENCRYPTED for entry in archive.infolist())
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            return False
    if data[:1024].lstrip().startswith(b"%PDF"):
        return b"/Encrypt" in data
    return data.startswith(_OLE) and _SEALED_WORKBOOK in data


def unlock(data: bytes, password: str) -> bytes:
    """The same file without its password; as it is when it needs none.

    Raises NeedsPassword when ``password`` is empty and one is needed, WrongPassword, CannotUnlock.
    """
    if not locked(data):
        return data
    if data.startswith(_ZIP):
        return _zip(data, password)
    return _workbook(data, password) if data.startswith(_OLE) else _pdf(data, password)


def _zip(data: bytes, password: str) -> bytes:
    import pyzipper

    if not password:
        raise NeedsPassword
    out, total = io.BytesIO(), 0
    try:
        with pyzipper.AESZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as plain:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise CannotUnlock
            for entry in entries:
                if entry.is_dir():
                    continue
                content = bytearray()
                with archive.open(entry, pwd=password.encode()) as part:
                    while chunk := part.read(1 << 20):
                        content += chunk
                        total += len(chunk)
                        if total > LARGEST_BYTES or (total > 1 << 24 and total > LARGEST_RATIO * len(data)):
                            raise CannotUnlock
                kept = zipfile.ZipInfo(entry.filename)
                kept.external_attr = entry.external_attr  # a link stays one, to be refused
                plain.writestr(kept, bytes(content), zipfile.ZIP_DEFLATED, 1)
    except CannotUnlock:
        raise
    except RuntimeError as error:
        # "Bad password for file": the libraries have no kind of error of its own for it.
        raise (WrongPassword if "assword" in str(error) else CannotUnlock) from None
    except (zipfile.BadZipFile, pyzipper.BadZipFile, zlib.error, EOFError):
        # One wrong password in 256 passes the old cipher's check byte and comes out as noise.
        raise WrongPassword from None
    except (ValueError, OSError, NotImplementedError):
        raise CannotUnlock from None
    return out.getvalue()


def _pdf(data: bytes, password: str) -> bytes:
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        pypdfium2.PdfDocument(data).close()
        return data  # only what may be done with it is restricted; it opens for anybody
    except pypdfium2.PdfiumError as error:
        if "assword" not in str(error):
            raise CannotUnlock from None
    if not password:
        raise NeedsPassword
    try:
        document = pypdfium2.PdfDocument(data, password=password)
    except pypdfium2.PdfiumError as error:
        raise (WrongPassword if "assword" in str(error) else CannotUnlock) from None
    out = io.BytesIO()
    document.save(out, flags=pdfium.FPDF_REMOVE_SECURITY)
    document.close()
    if not out.getvalue():
        raise CannotUnlock
    return out.getvalue()


def _workbook(data: bytes, password: str) -> bytes:
    import msoffcrypto
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError

    if not password:
        raise NeedsPassword
    out = io.BytesIO()
    try:
        office = msoffcrypto.OfficeFile(io.BytesIO(data))
        office.load_key(password=password, verify_password=True)  # pyright: ignore[reportCallIssue]
        office.decrypt(out)
    except InvalidKeyError:
        raise WrongPassword from None
    except (DecryptionError, FileFormatError, ValueError, OSError):
        raise CannotUnlock from None
    return out.getvalue()


# --- in a child -------------------------------------------------------------------------------------------------------

_OUTCOMES: dict[str, type[Exception]] = {"needed": NeedsPassword, "wrong": WrongPassword, "cannot": CannotUnlock}


async def unlocked(data: bytes, password: str) -> bytes:
    """``unlock`` in a confined child process. Raises the same."""
    if not locked(data):
        return data
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-X",
        "utf8",
        "-m",
        "infra.unlocking",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.defpath},
    )
    try:
        async with asyncio.timeout(PATIENCE):
            answer, _ = await child.communicate(json.dumps({"password": password}).encode() + b"\n" + data)
    except TimeoutError:
        raise CannotUnlock from None
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    outcome, _, opened = answer.partition(b"\n")
    if outcome == b"open":
        return opened
    raise _OUTCOMES.get(outcome.decode("ascii", "replace"), CannotUnlock)


def main() -> None:
    """Confines itself, takes a password and a file from standard input, answers with the outcome and the open file."""
    import msoffcrypto  # noqa: F401  # pyright: ignore[reportUnusedImport]
    import pypdfium2  # noqa: F401  # pyright: ignore[reportUnusedImport]
    import pyzipper  # noqa: F401  # pyright: ignore[reportUnusedImport]

    confine(Limits(cpu_seconds=10))
    password = json.loads(sys.stdin.buffer.readline())["password"]
    data = sys.stdin.buffer.read()
    out = sys.stdout.buffer
    try:
        opened = unlock(data, password)
    except tuple(_OUTCOMES.values()) as error:
        out.write(next(word for word, kind in _OUTCOMES.items() if isinstance(error, kind)).encode() + b"\n")
    except Exception:  # whatever a made-up file provokes: its text may quote the file
        out.write(b"cannot\n")
    else:
        out.write(b"open\n" + opened)
    out.flush()


if __name__ == "__main__":
    main()
