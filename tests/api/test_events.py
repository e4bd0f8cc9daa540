"""Pages that live: fresh within two seconds of the commit, one connection a process, no stream left open."""

import asyncio
import time
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text


async def changed(api: Any, application_id: Any) -> None:
    async with api.tools.sessions.begin(scope="worker") as session:
        await session.execute(
            text("update application set version = version + 1 where id = :id"), {"id": application_id}
        )
        await session.execute(text("select pg_notify('huoshui_timeline', :id)"), {"id": str(application_id)})


async def ready(api: Any) -> None:
    for _ in range(100):
        if api.tools.events.connected:
            return
        await asyncio.sleep(0.05)
    pytest.fail("the hub does not listen")


async def test_a_change_arrives_within_two_seconds_of_its_commit(api: Any, begun: Any) -> None:
    from api.caller import Caller, Principal
    from api.owner import seeing

    _, application_id = begun
    await ready(api)
    async with api.tools.sessions.begin(scope="worker") as session:
        person = await session.scalar(text("select person_id from application where id = :id"), {"id": application_id})
    caller = Caller(
        tools=api.tools,
        principal=Principal("owner", person, frozenset({"owner"}), session_id="s1"),
        request_id="r" * 8,
        locale="zh_CN",
        network="",
        device="",
        csrf="",
        nonce="",
    )
    stream = seeing.versions(caller, application_id)
    first = await anext(stream)
    assert first is not None
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.2)
    begun_at = time.monotonic()
    await changed(api, application_id)
    assert await asyncio.wait_for(waiting, 5) == first + 1
    assert time.monotonic() - begun_at < 2
    await stream.aclose()
    assert api.tools.events.streams == 0


async def test_the_stream_speaks_server_sent_events(api: Any, begun: Any) -> None:
    """Over a real socket: the test transport would wait for the end of the answer."""
    import uvicorn

    from api.app import create_app

    owner, application_id = begun
    server = uvicorn.Server(
        uvicorn.Config(create_app(api.settings), host="127.0.0.1", port=0, log_level="warning", access_log=False)
    )
    serving = asyncio.create_task(server.serve())
    try:
        for _ in range(200):
            if server.started:
                break
            await asyncio.sleep(0.05)
        port = server.servers[0].sockets[0].getsockname()[1]
        import httpx2

        headers = {"Authorization": f"Bearer {owner.token}"}
        url = f"http://127.0.0.1:{port}/v1/applications/{application_id}/events"
        async with httpx2.AsyncClient(timeout=10) as client, client.stream("GET", url, headers=headers) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.aiter_lines()
            seen: list[str] = []
            async for line in lines:
                seen.append(line)
                if line.startswith("data:"):
                    break
            assert "event: changed" in seen
            await changed(api, application_id)
            async for line in lines:
                seen.append(line)
                if line.startswith("data:"):
                    break
        versions = [line for line in seen if line.startswith("data:")]
        assert len(versions) == 2
        assert versions[0] != versions[1]
    finally:
        server.should_exit = True
        await asyncio.wait_for(serving, 20)


async def test_a_session_has_few_streams_and_the_oldest_gives_way(api: Any) -> None:
    hub = api.tools.events
    from api.events import STREAMS

    application = uuid4()
    streams = [hub.stream(application, "one") for _ in range(STREAMS + 1)]
    for stream in streams:
        assert await anext(stream)
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(anext(streams[0]), 2)
    other = hub.stream(application, "two")
    assert await anext(other)
    assert hub.streams == STREAMS + 1
    for stream in [*streams, other]:
        await stream.aclose()
    assert hub.streams == 0


async def test_a_notification_that_is_no_id_harms_nobody(api: Any) -> None:
    await ready(api)
    async with api.tools.sessions.begin() as session:
        for payload in ("", "not-an-id", "x" * 100, str(uuid4())):
            await session.execute(text("select pg_notify('huoshui_timeline', :p)"), {"p": payload})
    await asyncio.sleep(0.2)
    assert api.tools.events.connected


async def test_the_hub_comes_back_after_its_connection_is_cut(api: Any, database: Any) -> None:
    await ready(api)
    stream = api.tools.events.stream(uuid4(), "s")
    assert await anext(stream)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.1)
    database.execute("select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen %'")
    assert await asyncio.wait_for(waiting, 10) is True  # woken after the reconnect, in case something was missed
    await stream.aclose()
