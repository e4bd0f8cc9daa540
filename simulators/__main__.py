"""``python -m simulators``: the outside world on one port. Its number is also written to ``<data>/port``."""

import socket
import sys

import structlog
import uvicorn

from infra import logs
from simulators.settings import BadSetting, WorldSettings
from simulators.world import world


def main() -> int:
    try:
        settings = WorldSettings.from_environment()
    except BadSetting as error:
        print(f"simulators: {error}", file=sys.stderr)
        return 2
    settings.data.mkdir(parents=True, exist_ok=True)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        print(f"simulators: cannot listen on {settings.host}:{settings.port}: {error.strerror}", file=sys.stderr)
        return 2
    logs.configure(settings, "simulators")
    config = uvicorn.Config(
        world(settings),
        log_config=None,
        access_log=False,  # request lines hold phone and account numbers
        timeout_graceful_shutdown=2,
        server_header=False,
    )
    port = listener.getsockname()[1]
    (settings.data / "port").write_text(f"{port}\n")
    structlog.get_logger(__name__).info("simulators.listening", port=port)
    uvicorn.Server(config).run(sockets=[listener])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
