"""What the reading child may not do: grow, run for long, open sockets, start programs, write files."""

import ctypes
import resource
import sys
from dataclasses import dataclass

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_FORBIDDEN_EVENTS = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.system",
    "ctypes.dlopen",
    "ctypes.dlsym",
    "ctypes.call_function",
    "shutil.",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use. Seconds of processor time, bytes of address space, open files."""

    cpu_seconds: int = 10
    memory_bytes: int = 1 << 30
    open_files: int = 32


def confine(limits: Limits) -> bool:
    """Gives up everything that reading a bill does not need. Returns whether the network itself is gone.

    Where the system does not allow an own network namespace the audit hook still refuses every socket.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits.open_files, limits.open_files))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    libc = ctypes.CDLL(None, use_errno=True)
    alone = libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0
    sys.addaudithook(_refuse)
    return alone


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith(_FORBIDDEN_EVENTS):
        raise PermissionError(f"a bill's reader may not {event}")
    if event == "open" and isinstance(mode := arguments[1], str) and any(letter in mode for letter in "wax+"):
        raise PermissionError("a bill's reader may not write files")
