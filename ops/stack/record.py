"""What runs, written down, so that the next start finds what a killed one left; and a lock, so that only one runs."""

import fcntl
import json
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil

FILE = "stack.json"


class AlreadyRunning(Exception):
    """Another supervisor holds this folder."""


class NotOurs(Exception):
    """The folder holds something else; it is not wiped."""


@dataclass(frozen=True, slots=True)
class Running:
    """A process, told apart from a later one with the same number by the instant it was created."""

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> "Running":
        try:
            return cls(pid, psutil.Process(pid).create_time())
        except psutil.NoSuchProcess:
            return cls(pid, 0.0)

    def process(self) -> psutil.Process | None:
        """The process, if it still runs."""
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.created) < 1
            return found if same and found.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


@dataclass(slots=True)
class Record:
    supervisor: Running
    children: dict[str, Running] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        beside = folder / f"{FILE}.new"
        beside.write_text(json.dumps(asdict(self), indent=1))
        beside.replace(folder / FILE)


def read(folder: Path) -> Record | None:
    """The last record of this folder; None when there is none or it was cut short."""
    try:
        found: dict[str, Any] = json.loads((folder / FILE).read_text())
        return Record(
            Running(**found["supervisor"]),
            {name: Running(**child) for name, child in found["children"].items()},
            dict(found["addresses"]),
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def forget(folder: Path) -> None:
    (folder / FILE).unlink(missing_ok=True)


def lock(folder: Path) -> IO[str]:
    """Holds the folder for this process until the file is closed. Raises :class:`AlreadyRunning`."""
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise AlreadyRunning(str(folder)) from None
    return file


def clear_leftovers(folder: Path, seconds: float = 5.0) -> list[str]:
    """Ends what a supervisor that was killed left running, and waits for it; tells the names."""
    found = read(folder)
    if found is None:
        return []
    left = {name: process for name, child in found.children.items() if (process := child.process())}
    for process in left.values():
        _signal(process, signal.SIGTERM)
    until = time.monotonic() + seconds
    _, alive = psutil.wait_procs(list(left.values()), timeout=max(until - time.monotonic(), 0))
    for process in alive:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=5)
    forget(folder)
    return sorted(left)


def wipe(folder: Path, keep: tuple[str, ...] = ("lock",)) -> None:
    """Empties a data folder. Raises :class:`NotOurs` for a folder that no stack has made."""
    import shutil

    entries = [entry for entry in folder.iterdir() if entry.name not in keep]
    if entries and not (folder / "secrets.env").exists():
        raise NotOurs(f"{folder} holds no secrets.env, so it is not a data folder of ours; it is left alone")
    # The keys go last: a wipe that is cut short still knows what it was wiping.
    for entry in sorted(entries, key=lambda entry: entry.name == "secrets.env"):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def memory(record: Record) -> Mapping[str, int]:
    """Resident bytes by program, its children included, shared pages counted once (PSS, where the kernel tells it)."""
    return {name: tree_bytes(process) for name, child in record.children.items() if (process := child.process())}


def tree_bytes(process: psutil.Process, *, alone: bool = False) -> int:
    """Bytes of a process and, unless ``alone``, of all below it."""
    total = 0
    for one in [process] if alone else [process, *process.children(recursive=True)]:
        try:
            info = one.memory_full_info()
            total += getattr(info, "pss", info.rss)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            return
