"""The files inside a zip, each bounded and none ever written to a disk."""

import io
import stat
import zipfile
import zlib
from pathlib import PurePosixPath

from imports.misreadings import StatementNotUnderstood

MOST_MEMBERS = 50
LARGEST_UNPACKED_BYTES = 100 * 1024 * 1024
LARGEST_PACKING_RATIO = 100
# What packing programs leave beside the files.
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


def members(data: bytes) -> list[tuple[str, bytes]]:
    """Name and content of each file in a zip.

    Raises StatementNotUnderstood: ``encrypted``, ``unpacks_too_large``, ``archive_path`` for a name that climbs out of
    its folder or a link, ``archive_inside`` for an archive in the archive, ``archive_file`` for too many or no files,
    ``truncated`` and ``broken``.
    """
    found: list[tuple[str, bytes]] = []
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_litter(entry.filename)]
            if not 0 < len(entries) <= MOST_MEMBERS:
                raise StatementNotUnderstood("archive_file", files=len(entries), limit=MOST_MEMBERS)
            for entry in entries:
                _refuse_path(entry)
                if entry.flag_bits & 1:
                    raise StatementNotUnderstood("encrypted")
                content = bytearray()
                with archive.open(entry) as part:
                    while chunk := part.read(1 << 20):
                        content += chunk
                        total += len(chunk)
                        if total > LARGEST_UNPACKED_BYTES or (
                            total > 1 << 24 and total > LARGEST_PACKING_RATIO * len(data)
                        ):
                            raise StatementNotUnderstood("unpacks_too_large", limit=LARGEST_UNPACKED_BYTES // 1024**2)
                found.append((PurePosixPath(entry.filename).name, bytes(content)))
    except (zipfile.BadZipFile, EOFError, OSError):
        raise StatementNotUnderstood("truncated") from None
    except (zlib.error, ValueError, NotImplementedError, RuntimeError):
        raise StatementNotUnderstood("broken") from None
    return found


def holds_workbook(data: bytes) -> bool | None:
    """Whether a zip is a workbook by the names in its directory; None where that cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None
    return "[Content_Types].xml" in names or any(name.startswith("xl/") for name in names)


def _is_litter(name: str) -> bool:
    return name.startswith(_LITTER[0]) or name.rsplit("/", 1)[-1] in _LITTER[1:]


def _refuse_path(entry: zipfile.ZipInfo) -> None:
    name = entry.filename.replace("\\", "/")
    climbs = ".." in name.split("/") or name.startswith("/") or name[1:2] == ":"
    if climbs or stat.S_ISLNK(entry.external_attr >> 16):
        raise StatementNotUnderstood("archive_path")
    if name.lower().endswith((".zip", ".rar", ".7z", ".gz", ".tar", ".tgz")):
        raise StatementNotUnderstood("archive_inside", where=PurePosixPath(name).name[:60])
