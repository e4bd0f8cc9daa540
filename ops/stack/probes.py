"""Is it ready? Quick questions that a supervisor asks twenty times a second and that never raise."""

import http.client
from pathlib import Path

from ops.stack.ports import HOST

SECONDS = 0.5
PATIENT_SECONDS = 3.0  # for a question that asks others in turn


def http_status(port: int, path: str, seconds: float = SECONDS) -> int:
    """The status that a server answers; 0 when it does not."""
    connection = http.client.HTTPConnection(HOST, port, timeout=seconds)
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
