"""Bring a database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config

HERE = Path(__file__).parent


def _config(owner_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations"))
    config.attributes["url"] = owner_url
    return config


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Apply all revisions as the owner of the schema; nothing to do is fine."""
    command.upgrade(_config(owner_url), revision)


def draft(owner_url: str, message: str) -> None:
    """Write a revision with what differs between the tables and the database, to be read and finished by hand."""
    command.revision(_config(owner_url), message=message, autogenerate=True)
