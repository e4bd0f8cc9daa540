"""Places where a test may kill the process, to prove that dying there loses nothing and pays nothing twice.

A failpoint is named in ``HUOSHUI_FAILPOINT``: ``name``, or ``name@/path/of/marker`` to fire once. A process in
production refuses to start with the variable set; an unnamed failpoint costs one comparison.
"""

import os
import signal
from pathlib import Path

NAMED, _, MARKER = os.environ.get("HUOSHUI_FAILPOINT", "").partition("@")


def reach(name: str) -> None:
    """Die here, as from a power cut, if this failpoint is named."""
    if name != NAMED:
        return
    if MARKER:
        marker = Path(MARKER)
        if marker.exists():
            return
        marker.touch()
    os.kill(os.getpid(), signal.SIGKILL)


def refuse_in_production(profile: str) -> None:
    """A production process with a way to kill it from outside does not start."""
    if NAMED and profile == "production":
        raise SystemExit("HUOSHUI_FAILPOINT is for tests: unset it")
