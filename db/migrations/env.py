"""Alembic's entry: one connection as the owner of the schema."""

from alembic import context
from sqlalchemy import create_engine, pool

from db.tables import Table


def run() -> None:
    """Apply the revisions to the database that ``db.migrate`` names."""
    url = context.config.attributes["url"]
    engine = create_engine(url, poolclass=pool.NullPool, hide_parameters=True)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Table.metadata, compare_type=True)
        with context.begin_transaction():
            context.execute("set local lock_timeout = '5s'")
            context.run_migrations()
    engine.dispose()


run()
