"""Our stylesheet, module and pictures: read once, compressed once, named by content so that a browser keeps them."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent / "static"
# The worker of a manager's phone, and the pages that it may keep: those of the manager's rooms and no others.
WORKER, ROAD = "road-worker.js", "/manager"
KINDS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True)
class Asset:
    name: str
    data: bytes
    packed: bytes
    kind: str
    tag: str

    @property
    def href(self) -> str:
        return f"/static/{self.name}?v={self.tag}"


@lru_cache(maxsize=1)
def assets() -> dict[str, Asset]:
    """Every static file by its name."""
    return {path.name: _read(path) for path in sorted(FOLDER.iterdir()) if path.suffix in KINDS}


def _read(path: Path) -> Asset:
    data = path.read_bytes()
    tag = hashlib.sha256(data).hexdigest()[:12]
    return Asset(path.name, data, gzip.compress(data, 9, mtime=0), KINDS[path.suffix], tag)


async def serve(request: Request) -> Response:
    """A static file: for ever when asked for by its content's tag, else to be checked each time."""
    asset = assets().get(request.path_params["name"])
    if asset is None:
        return Response(status_code=404)
    named = request.query_params.get("v") == asset.tag
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if named else "no-cache",
        "ETag": f'"{asset.tag}"',
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if asset.name == WORKER:  # it stands in another folder than the pages that it keeps
        headers["Service-Worker-Allowed"] = ROAD
    if asset.kind == "image/svg+xml":
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, media_type=asset.kind, headers={**headers, "Content-Encoding": "gzip"})
    return Response(asset.data, media_type=asset.kind, headers=headers)
