"""IDEM-3 with real processes: one of two dies by SIGKILL between its commit and its answer."""

import asyncio
import hashlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy import text

SERVE = """
import sys, uvicorn
from api.app import create_app
from infra.settings import settings
uvicorn.run(create_app(settings()), host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
"""


def environment(settings: Any, **more: str) -> dict[str, str]:
    """The settings as a process reads them."""

    def told(value: Any) -> str:
        match value:
            case SecretStr():
                return value.get_secret_value()
            case timedelta():
                return f"PT{value.total_seconds()}S"
            case dict():
                return json.dumps({name: told(one) for name, one in value.items()})
            case _:
                return str(value)

    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    env = {f"HUOSHUI_{name.upper()}": told(value) for name, value in values.items() if value is not None}
    return {**os.environ, **env, **more}


@asynccontextmanager
async def process(settings: Any, **more: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A web process on a free port, ready; killed at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVE, str(port), env=environment(settings, **more)
    )
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx2.AsyncClient(trust_env=False) as client:
            until = time.monotonic() + 90
            while not await _serves(client, url):
                assert time.monotonic() < until and running.returncode is None, "the process does not serve"
                await asyncio.sleep(0.1)
        yield running, url
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


async def _serves(client: httpx2.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(f"{url}/health/live")).status_code == 200
    except httpx2.HTTPError:
        return False


async def test_idem_3_killed_between_commit_and_answer_there_is_one_object(
    api: Any, listening: None, wanted: dict[str, Any]
) -> None:
    owner = await api.owner()
    headers = {"Authorization": f"Bearer {owner.token}", "Idempotency-Key": "k-killed-00001"}

    async def post(client: httpx2.AsyncClient, url: str) -> httpx2.Response | None:
        try:
            return await client.post(f"{url}/v1/applications", json=wanted, headers=headers)
        except httpx2.HTTPError:
            return None  # the process is dead

    async with (
        process(api.settings, HUOSHUI_FAILPOINT="command.after_commit") as (dying, doomed),
        process(api.settings) as (_, healthy),
        httpx2.AsyncClient(trust_env=False, timeout=30, limits=httpx2.Limits(max_connections=60)) as client,
    ):
        first = asyncio.create_task(post(client, doomed))
        rest = [post(client, url) for _ in range(25) for url in (doomed, healthy)]
        answers = [await first, *await asyncio.gather(*rest)]
        assert await asyncio.wait_for(dying.wait(), 20) == -signal.SIGKILL
        for _ in range(100):
            last = await post(client, healthy)
            assert last is not None
            if last.status_code == 201:
                break
            assert last.json().get("code", "running") == "running" or last.status_code == 202, last.text
            if last.status_code == 202:
                break
            await asyncio.sleep(0.2)
    acknowledged = [answer for answer in [*answers, last] if answer is not None and answer.status_code in (201, 202)]
    assert len({answer.json()["object_id"] for answer in acknowledged}) == 1
    assert len({answer.json()["command_id"] for answer in acknowledged}) == 1
    async with api.tools.sessions.begin(scope="worker") as session:
        counted = await session.scalar(
            text(
                "select count(*) from application a join session s on s.person_id = a.person_id where s.token_hash = :h"
            ),
            {"h": hashlib.sha256(owner.token.encode()).digest()},
        )
    assert counted == 1


@pytest.mark.long
async def test_a_command_whose_process_died_is_delivered_by_the_relay(
    api: Any, listening: None, wanted: dict[str, Any], relay: Any
) -> None:
    owner = await api.owner()
    headers = {"Authorization": f"Bearer {owner.token}", "Idempotency-Key": "k-killed-00002"}
    async with process(api.settings, HUOSHUI_FAILPOINT="command.after_commit") as (dying, doomed):
        async with httpx2.AsyncClient(trust_env=False, timeout=30) as client:
            with pytest.raises(httpx2.HTTPError):
                await client.post(f"{doomed}/v1/applications", json=wanted, headers=headers)
        assert await asyncio.wait_for(dying.wait(), 20) == -signal.SIGKILL
    for _ in range(100):
        await relay.round()
        applications = (await owner.get("/v1/applications")).json()["items"]
        async with api.tools.sessions.begin() as session:
            state = await session.scalar(
                text("select state from command where workflow_id = :w"), {"w": f"application/{applications[0]['id']}"}
            )
        if state == "done":
            break
        await asyncio.sleep(0.1)
    assert state == "done"
    assert len(applications) == 1
    again = await owner.post("/v1/applications", wanted, key_="k-killed-00002")
    assert again.status_code == 201
    assert again.json()["object_id"] == applications[0]["id"]
