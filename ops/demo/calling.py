"""A browser or machine that speaks to the public API and raises what it was refused."""

import asyncio
from collections.abc import Awaitable
from typing import Any
from uuid import uuid4

import httpx2

Json = dict[str, Any]
# Not now: so many times somebody asks again before they give up.
LATER, LATER_AT_MOST = 503, 3


class Refused(Exception):
    """The API said no: status, stable code, and the whole problem."""

    def __init__(self, status: int, problem: Json) -> None:
        self.status = status
        self.problem = problem
        self.code = str(problem.get("code") or problem.get("type", "")).rsplit("/", 1)[-1]
        fields = "; ".join(f"{error.get('pointer')}: {error.get('detail')}" for error in problem.get("errors", []))
        super().__init__(f"{status} {self.code}: {problem.get('detail') or problem.get('title')} {fields}".strip())


class Caller:
    """One browser or machine with its own cookies."""

    def __init__(self, url: str) -> None:
        self.http = httpx2.AsyncClient(
            base_url=url,
            headers={"Origin": url, "Accept": "application/json", "Accept-Language": "zh-CN"},
            timeout=30,
            trust_env=False,
        )

    async def get(self, path: str, **query: Any) -> Any:
        """The answer's JSON."""
        return self._answer(await self.http.get(path, params=query or None))

    async def file(self, path: str) -> bytes:
        """The answer's bytes."""
        reply = await self.http.get(path)
        if reply.status_code >= 400:
            self._answer(reply)
        return reply.content

    async def post(self, path: str, body: Any = None, *, key: str | None = None, **options: Any) -> Any:
        """An act with a fresh idempotency key, or with the one given. Who hears "later" asks again under the same key:
        what was stored meanwhile is not done twice."""
        headers = {"Idempotency-Key": key or str(uuid4())}
        reply = await self.http.post(path, json=body, headers=headers, **options)
        for _ in range(LATER_AT_MOST):
            if reply.status_code != LATER:
                break
            await asyncio.sleep(float(reply.headers.get("Retry-After", "1")))
            reply = await self.http.post(path, json=body, headers=headers, **options)
        return self._answer(reply)

    async def patch(self, path: str, body: Any, *, seen: int = 0) -> Any:
        """A change by somebody who saw version ``seen``."""
        headers = {"Idempotency-Key": str(uuid4()), "If-Match": f'"v{seen}"'}
        return self._answer(await self.http.patch(path, json=body, headers=headers))

    async def upload(self, path: str, name: str, data: bytes, *, key: str | None = None) -> Any:
        """A file as a form sends it."""
        headers = {"Idempotency-Key": key or str(uuid4())}
        return self._answer(await self.http.post(path, files={"file": (name, data, "text/csv")}, headers=headers))

    def _answer(self, reply: httpx2.Response) -> Any:
        if reply.status_code >= 400:
            try:
                problem = reply.json()
            except ValueError:
                problem = {"title": reply.text[:200]}
            raise Refused(reply.status_code, problem)
        return reply.json() if reply.content else None

    async def close(self) -> None:
        """Hang up."""
        await self.http.aclose()


def money(amount: Json) -> str:
    """¥1,234.00"""
    return f"¥{float(amount['amount']):,.2f}"  # shown to a reader, never computed with


async def refusal(doing: Awaitable[Any]) -> Refused:
    """The no that something is answered with; whatever is allowed instead is a broken expectation."""
    try:
        answer = await doing
    except Refused as refused:
        return refused
    raise AssertionError(f"it was allowed: {answer!r}")


async def refusal_of(doing: Awaitable[Any]) -> str:
    """The code of the no that an act meets."""
    try:
        await doing
    except Refused as refused:
        return refused.code
    return "no refusal"
