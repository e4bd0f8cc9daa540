"""Is it ready? Quick questions that a supervisor asks twenty times a second and that never raise."""

import http.client
from pathlib import Path

from ops.stack.ports import HOST

SECONDS = 0.5


def http_status(port: int, path: str) -> int:
    """The status that a server answers; 0 when it does not."""
    connection = http.client.HTTPConnection(HOST, port, timeout=SECONDS)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def touched(path: Path) -> bool:
    """Whether a process has marked itself ready."""
    return path.exists()
