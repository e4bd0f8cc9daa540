"""``python -m web``: the API and the pages in one process, at the settings' host and port."""

import uvicorn

from api.app import create_app
from infra import collecting
from infra.logs import configure
from infra.settings import settings
from web.site import install


def main() -> None:
    """Serve until told to stop. Proxies' headers count only from this machine."""
    found = settings()
    configure(found, "web")
    app = create_app(found, pages=install)
    collecting.settle()
    uvicorn.run(
        app,
        host=found.api_host,
        port=found.api_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
