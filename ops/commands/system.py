"""Which running system a command speaks to, and what it says when there is none."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from infra.settings import Settings

T = TypeVar("T")
ENV_FILE = "HUOSHUI_ENV_FILE"


def env_file() -> Path | None:
    """The file that names the system: HUOSHUI_ENV_FILE, else what ``make up`` keeps in this folder; None: neither.

    An environment that names a database speaks for itself. Raises :class:`click.ClickException` where
    HUOSHUI_ENV_FILE names no file.
    """
    named = os.environ.get(ENV_FILE)
    if named:
        if not Path(named).is_file():
            raise click.ClickException(f"{ENV_FILE}: there is no file {named}")
        return Path(named)
    beside = Path(os.environ.get("HUOSHUI_DATA", ".huoshui")) / "stack.env"
    return beside if "HUOSHUI_DATABASE_URL" not in os.environ and beside.is_file() else None


def chosen() -> "Settings":
    """The settings of that system. Raises :class:`click.ClickException`, one line, where none is named."""
    from pydantic import ValidationError

    from infra.settings import read

    try:
        return read(env_file())
    except ValidationError as error:
        wrong = [f"HUOSHUI_{str(one['loc'][0]).upper()}" for one in error.errors() if one["loc"]]
        names = ", ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")
        raise click.ClickException(
            f"no system is named: run this in the folder of `make up`, or set {ENV_FILE} (for `make up`: "
            f".huoshui/stack.env); missing or wrong: {names}"
        ) from None


def answered(ask: "Callable[[Settings], Awaitable[T]]", *, without_store: str = "") -> T:
    """What a question to the running system gives; one line when there is none, or it is not reached.

    ``without_store``: what to do where the store is not reached.
    """
    from sqlalchemy.exc import DBAPIError, OperationalError

    from infra.clock import NoClock
    from infra.storage import StorageUnavailable

    settings = chosen()

    async def asked() -> T:
        return await ask(settings)

    try:
        return asyncio.run(asked())
    except StorageUnavailable as error:
        raise click.ClickException(f"the store is not reached: {error}{without_store}") from None
    except (OperationalError, OSError) as error:
        raise click.ClickException(f"the database is not reached: {type(error).__name__}; does it run?") from None
    except NoClock:
        raise click.ClickException("this system has never run: its business clock has not begun") from None
    except DBAPIError as error:
        raise click.ClickException(f"the database refuses: {type(error.orig).__name__}") from None
