"""A page asks each question once: within one transaction the same statement with the same values is sent one time.

Parts of a page are written by subject, and each reads what it needs: the person's key, the clock, the pieces. What they
ask again is answered from what came back before, in this transaction and nowhere else. Anything that writes or locks,
or changes who reads, forgets it all; a read that locks or asks for fresh rows is never answered from memory.
"""

import re
from collections.abc import Hashable
from typing import Any, cast

from sqlalchemy import event
from sqlalchemy.engine import FrozenResult, Result
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql.cache_key import CacheKey
from sqlalchemy.sql.elements import TextClause

_Key = tuple[Hashable, str]
# What a text that only reads does not say.
ACTS = re.compile(r"\b(set_config|pg_\w*lock\w*|nextval|insert|update|delete|for\s+(no\s+key\s+)?(update|share))\b")


def each(session: AsyncSession) -> None:
    """From here on this session sends each reading statement once, until something is written."""
    known: dict[_Key, FrozenResult[Any]] = {}

    def forget(*_: object) -> None:
        known.clear()

    def execute(state: ORMExecuteState) -> Result[Any] | None:
        key = _key(state)
        if key is None:
            if not state.is_select:
                forget()
            return None
        if key not in known:
            known[key] = state.invoke_statement().freeze()
        return known[key]()

    sync: Session = session.sync_session
    event.listen(sync, "do_orm_execute", execute)
    event.listen(sync, "before_flush", forget)


def _key(state: ORMExecuteState) -> _Key | None:
    """What is asked, with its values; None for what is not answered from memory."""
    said = state.statement
    if isinstance(said, TextClause):
        words = said.text.strip().lower()
        if not words.startswith(("select", "with")) or ACTS.search(words):
            return None
        return words, f"{said.compile().params}{state.parameters}"
    if not state.is_select or state.is_column_load or state.is_relationship_load:
        return None
    if state.execution_options.get("populate_existing") or getattr(said, "_for_update_arg", None) is not None:
        return None
    # What the library's own cache of statements goes by, as its example of a cache of results does.
    asked: CacheKey | None = cast("Any", said)._generate_cache_key()
    if asked is None:
        return None
    values = [cast("Any", bind).effective_value for bind in asked.bindparams]
    # The key as it is, by which the library finds statements too: to write a column out takes a millisecond a page.
    return asked.key, f"{values}{state.parameters}"
