"""The system user of PostgreSQL, asked for by many starts at once on a machine that has none yet."""

import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from ops.stack import postgres


def test_starts_at_the_same_time_make_the_system_user_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def known(name: str) -> Any:
        if name != postgres.SYSTEM_USER or not made:
            raise KeyError(name)
        return SimpleNamespace(pw_name=name, pw_uid=made[-1], pw_gid=made[-1])

    def useradd(*_: Any, **__: Any) -> None:
        time.sleep(0.05)  # long enough for every other start to look and find nobody
        made.append(999 - len(made))

    monkeypatch.setattr(postgres.pwd, "getpwnam", known)
    monkeypatch.setattr(postgres.subprocess, "run", useradd)
    found: list[int] = []
    starts = [threading.Thread(target=lambda: found.append(postgres.system_user().uid)) for _ in range(4)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert (made, found) == ([999], [999] * 4)


def test_where_users_cannot_be_made_nobody_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    def known(name: str) -> Any:
        if name != "nobody":
            raise KeyError(name)
        return SimpleNamespace(pw_name=name, pw_uid=65534, pw_gid=65534)

    def useradd(*_: Any, **__: Any) -> None:
        raise FileNotFoundError("useradd")

    monkeypatch.setattr(postgres.pwd, "getpwnam", known)
    monkeypatch.setattr(postgres.subprocess, "run", useradd)
    assert postgres.system_user().name == "nobody"
