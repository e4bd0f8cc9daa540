"""``python -m ops.bench.still PORT FILE TYPE ENCODING``: one file as the answer, by the server software of the pages.

What is left when a page costs nothing to make: the floor of the first page's milliseconds.
"""

import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ops.stack.ports import HOST


def app(data: bytes, kind: str, encoding: str) -> Starlette:
    """Answers with ``data`` as it is."""
    headers = {"Content-Encoding": encoding} if encoding else {}

    async def answer(_request: Request) -> Response:
        return Response(data, media_type=kind, headers=headers)

    return Starlette(routes=[Route("/", answer)])


def main() -> None:
    port, file, kind, encoding = sys.argv[1:]
    made = app(Path(file).read_bytes(), kind, encoding)
    uvicorn.run(made, host=HOST, port=int(port), log_config=None, access_log=False, server_header=False)


if __name__ == "__main__":
    main()
