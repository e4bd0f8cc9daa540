"""``python -m ops.stack.prepare``: brings database and store to the state in which the service can start, then ends."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from infra import logs
from infra.settings import Settings, settings

MODEL_CACHE = "HUOSHUI_MODEL_CACHE"


def main() -> None:
    chosen = settings()
    logs.configure(chosen, "prepare")
    said = progress_to(os.environ.get("HUOSHUI_PROGRESS_FILE"))

    from db.migrate import upgrade

    if chosen.database_owner_url is None:
        raise SystemExit("HUOSHUI_DATABASE_OWNER_URL is not set: the migrations run as the schema's owner")
    said("migrate")
    upgrade(chosen.database_owner_url.get_secret_value())

    asyncio.run(_fill(chosen, said))


async def _fill(chosen: Settings, said: Callable[[str], None]) -> None:
    from infra.storage import Storage
    from ops import demo_staff
    from ops.default_model import ensure_default_model

    storage = Storage(chosen)
    await storage.ensure_bucket()
    storage.close()
    if demo_staff.PASSWORD in os.environ:
        await demo_staff.ensure(chosen, os.environ)
    said("model")
    cache = os.environ.get(MODEL_CACHE)
    await ensure_default_model(chosen, said, cache=Path(cache) if cache else None)


def progress_to(path: str | None) -> Callable[[str], None]:
    """Writes one line at a time to a file that the supervisor shows."""

    def said(line: str) -> None:
        if path is not None:
            Path(path).write_text(line, encoding="utf-8")

    return said


if __name__ == "__main__":
    main()
