"""The API against real servers, and a small world around it: owners with phones, staff with authenticators."""

import asyncio
import functools
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx2
import jsonschema_rs
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from pyotp.totp import TOTP
from temporalio import workflow
from temporalio.common import RawValue
from temporalio.worker import Worker

from api.app import create_app
from api.auth.passwords import Passwords
from api.auth.staff import add_member, new_totp_secret
from api.tools import Tools
from db import clocks
from db.sessions import Sessions
from gateways.failures import GatewayUnavailable
from gateways.messages import MessageOrder
from infra import logs, temporal
from infra.settings import Settings
from lending.refusals import Refusal, ReviewClosed
from policies.book import PolicyBook, load
from web.site import install
from worker.background.applier import Applier
from worker.background.relay import Relay

PASSWORD = "correct horse battery staple"
# The same algorithm with less work: what is proven is who gets in, not how long guessing takes.
LIGHT = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
ORIGIN = "http://testserver"


@dataclass
class Phones:
    """The message gateway's other end: what arrived on which phone."""

    messages: list[MessageOrder] = field(default_factory=list)
    away: bool = False

    async def send(self, order: MessageOrder) -> str:
        if self.away:
            raise GatewayUnavailable("messages_unreachable")
        if all(order.message_id != known.message_id for known in self.messages):
            self.messages.append(order)
        return f"ref-{order.message_id}"

    def code(self, phone: str) -> str:
        """The six digits that came last."""
        texts = [order.text for order in self.messages if order.phone == phone]
        found = re.search(r"\d{6}", texts[-1])
        assert found is not None
        return found.group()


@dataclass
class Api:
    """A running API and what surrounds it."""

    app: FastAPI
    tools: Tools
    phones: Phones
    settings: Settings
    numbers: Callable[[], int]
    document: "Document"

    def client(self, **headers: str) -> httpx2.AsyncClient:
        """A client without cookies of anybody."""
        transport = httpx2.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers, timeout=30)

    def new_phone(self) -> str:
        """A number that nobody used."""
        return f"139{self.numbers():08d}"

    async def owner(self, phone: str | None = None) -> "Person":
        """Somebody who has just signed in."""
        phone = phone or self.new_phone()
        client = self.client()
        sent = await client.post("/v1/sign-in/code", json={"phone": phone}, headers=key())
        assert sent.status_code == 200, sent.text
        answer = await client.post("/v1/sign-in", json={"phone": phone, "code": self.phones.code(phone)})
        assert answer.status_code == 200, answer.text
        token = answer.json()["token"]
        await client.aclose()
        return Person(self.client(Authorization=f"Bearer {token}"), phone, token, self.document)

    async def staff(self, *roles: str, employee: str = "") -> "Person":
        """Somebody of the lender, signed in with both factors; ``employee`` is who they are behind this login."""
        login, secret = f"s{uuid4().hex[:10]}", new_totp_secret()
        async with self.tools.sessions.begin() as session:
            await add_member(
                session,
                self.tools,
                login=login,
                name="员工",
                password=PASSWORD,
                totp_secret=secret,
                roles=roles,
                employee=employee,
            )
        client = self.client()
        body = {"login": login, "password": PASSWORD, "totp": TOTP(secret).now()}
        answer = await client.post("/v1/staff/sign-in", json=body)
        assert answer.status_code == 200, answer.text
        token = answer.json()["token"]
        await client.aclose()
        return Person(self.client(Authorization=f"Bearer {token}"), login, token, self.document, secret)


@dataclass
class Person:
    """A signed-in person's client."""

    client: httpx2.AsyncClient
    name: str
    token: str
    document: "Document"
    secret: str = ""

    async def get(self, path: str, **options: Any) -> httpx2.Response:
        return self.document.checked("get", path, await self.client.get(path, **options))

    async def post(
        self, path: str, body: Any = None, *, key_: str | None = None, headers: dict[str, str] | None = None
    ) -> httpx2.Response:
        sent = {**key(key_), **(headers or {})}
        return self.document.checked("post", path, await self.client.post(path, json=body, headers=sent))


class Document:
    """The OpenAPI document, against which every answer to a person is compared."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._paths = [(re.compile(re.sub(r"{\w+}", "[^/]+", path)), path) for path in document["paths"]]
        self._validators: dict[tuple[str, str, int], Any] = {}

    def checked(self, method: str, path: str, answer: httpx2.Response) -> httpx2.Response:
        """The answer, after its status and body were found in the document."""
        where = path.partition("?")[0]
        template = next((path for pattern, path in self._paths if pattern.fullmatch(where)), None)
        if template is None or method not in self._document["paths"][template]:
            return answer
        responses = self._document["paths"][template][method]["responses"]
        assert str(answer.status_code) in responses, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        if "json" in answer.headers.get("content-type", ""):
            validator = self._validator(method, template, answer.status_code, responses)
            errors = [f"{list(e.instance_path)} {e.message}" for e in validator.iter_errors(answer.json())]
            assert not errors, f"{method} {path}: {errors[:3]}"
        return answer

    def _validator(self, method: str, template: str, status: int, responses: dict[str, Any]) -> Any:
        if (method, template, status) not in self._validators:
            named = responses[str(status)]
            if "$ref" in named:
                named = self._document["components"]["responses"][named["$ref"].rsplit("/", 1)[-1]]
            schema = next(iter(named["content"].values()))["schema"]
            whole = {**schema, "components": self._document["components"]}
            self._validators[method, template, status] = jsonschema_rs.validator_for(whole)
        return self._validators[method, template, status]


def key(value: str | None = None) -> dict[str, str]:
    """An Idempotency-Key header, fresh unless given."""
    return {"Idempotency-Key": value or f"k-{uuid4()}"}


@pytest.fixture(scope="session")
def fresh_key() -> Callable[..., dict[str, str]]:
    return key


@pytest.fixture(scope="module")
def numbers() -> Callable[[], int]:
    """Numbers that no other test of the module gets."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return counted

    return count


@workflow.defn(name="Application", sandboxed=False, failure_exception_types=[Refusal])
class Listening:
    """Stands in for an application's workflow: answers each update with its name, and says no when told to."""

    @workflow.init
    def __init__(self, start: dict[str, Any]) -> None:
        self._heard: list[str] = []
        self._over = False

    @workflow.run
    async def run(self, start: dict[str, Any]) -> list[str]:
        await workflow.wait_condition(lambda: self._over)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._heard

    @workflow.query
    def heard(self) -> list[str]:
        return self._heard

    @workflow.update(dynamic=True)
    async def anything(self, name: str, args: Sequence[RawValue]) -> dict[str, Any]:
        if name == "ask_review":
            raise ReviewClosed
        said = workflow.payload_converter().from_payload(args[0].payload, dict)
        self._heard.append(f"{name} {said['command_id']}")
        if name == "finish_story":
            self._over = True
        return {"stage": name, "version": len(self._heard), "problem": None}


@pytest.fixture(scope="module")
async def api(
    database: Any, temporal_server: Any, s3: Any, settings_for: Callable[..., Settings], numbers: Callable[[], int]
) -> AsyncIterator[Api]:
    """The API on a database of this module's own, with real Temporal and S3; messages arrive on paper phones."""
    settings = settings_for(
        database=database,
        temporal=temporal_server,
        s3=s3,
        public_url=ORIGIN,
        temporal_task_queue=f"api-{uuid4().hex[:8]}",
    )
    async with running(settings, numbers) as found:
        yield found


@asynccontextmanager
async def running(settings: Settings, numbers: Callable[[], int]) -> AsyncIterator[Api]:
    logs.configure(settings, "test")
    app = create_app(settings)
    phones = Phones()
    async with app.router.lifespan_context(app):
        tools: Tools = app.state.tools
        object.__setattr__(tools, "messages", phones)
        object.__setattr__(tools, "passwords", Passwords(settings, LIGHT))
        async with tools.sessions.begin() as session:
            await clocks.ensure(session, settings.clock_id)
        await tools.storage.ensure_bucket()
        yield Api(app, tools, phones, settings, numbers, document(app))


# The document that answers are held against is the same of every app here, and a second of work to write.
WRITTEN: list[Document] = []


def document(app: FastAPI) -> Document:
    """It, written once."""
    if not WRITTEN:
        WRITTEN.append(Document(app.openapi()))
    return WRITTEN[0]


@functools.cache
def book() -> PolicyBook:
    """The policy in force, read once: a book is never written to."""
    return load()


@pytest.fixture(scope="module")
def another_api(numbers: Callable[[], int]) -> Callable[[Settings], Any]:
    """A second process's worth of API, on given settings."""
    return lambda settings: running(settings, numbers)


@pytest.fixture
async def listening(api: Api) -> AsyncIterator[None]:
    """A worker that listens to what applications are told."""
    async with worker(api):
        yield


@asynccontextmanager
async def worker(api: Api) -> AsyncIterator[None]:
    client = await temporal.connect(api.settings)
    async with Worker(client, task_queue=api.settings.temporal_task_queue, workflows=[Listening, ListeningPayout]):
        yield


@pytest.fixture(scope="session")
def listener() -> Callable[[Api], Any]:
    """The same worker, for a test that starts and stops it by itself."""
    return worker


WANTED = {
    "amount": {"amount": "80000.00"},
    "months": 12,
    "share": "0.12",
    "monthly_revenue": {"amount": "120000.00"},
}


@pytest.fixture(scope="session")
def wanted() -> dict[str, Any]:
    """What an owner of a noodle shop asks for."""
    return json.loads(json.dumps(WANTED))


@pytest.fixture
async def begun(api: Api, listening: None) -> tuple[Person, UUID]:
    """An owner with an application at the very beginning."""
    owner = await api.owner()
    answer = await owner.post("/v1/applications", WANTED)
    assert answer.status_code in (201, 202), answer.text
    for _ in range(300):  # a busy machine: it is stored, and there a moment later
        if (await owner.get(f"/v1/applications/{answer.json()['object_id']}")).status_code == 200:
            break
        await asyncio.sleep(0.1)
    return owner, UUID(answer.json()["object_id"])


@pytest.fixture
def at_stage(api: Api, database: Any) -> Callable[[UUID, str], None]:
    """Puts an application's projection to a stage, as its activities would."""

    def put(application_id: UUID, stage: str) -> None:
        database.execute(
            f"update application set stage = '{stage}', version = version + 1 where id = '{application_id}'"
        )

    return put


class NothingComes:
    """A till on a day without money."""

    async def take_in(self) -> int:
        return 0

    async def place_all(self) -> int:
        return 0

    async def send_all(self) -> int:
        return 0


@dataclass
class Wired:
    """What background jobs are handed."""

    settings: Settings
    sessions: Sessions
    vault: Any
    storage: Any
    temporal: Any
    messages: Any
    book: Any
    night: dict[str, Any] = field(default_factory=dict[str, Any])
    cashier: Any = field(default_factory=NothingComes)
    sending_on: Any = field(default_factory=NothingComes)


@pytest.fixture
async def wired(api: Api) -> AsyncIterator[Wired]:
    """A worker's tools on the same servers."""
    sessions = Sessions(api.settings, scope="worker")
    tools = api.tools
    yield Wired(api.settings, sessions, tools.vault, tools.storage, tools.temporal, api.phones, book())
    await sessions.close()


@pytest.fixture
def relay(wired: Any) -> Relay:
    return Relay(wired)


@pytest.fixture
def applier(wired: Any) -> Applier:
    return Applier(wired)


@pytest.fixture
def a_payout(database: Any, numbers: Callable[[], int]) -> Callable[[str], UUID]:
    """A payout of last hour in a state, with everything around it, and no workflow."""

    def make(state: str) -> UUID:
        person, firm, application, bank, loan, payout = (uuid4() for _ in range(6))
        database.execute(
            f"insert into person (id, phone_index, phone_sealed, created_at) "
            f"values ('{person}', '\\x{uuid4().hex}', '', now())",
            f"insert into firm (id, person_id, kind, name_sealed, created_at) "
            f"values ('{firm}', '{person}', 'self_employed', '', now())",
            f"insert into bank_account (id, person_id, number_sealed, number_index, masked, created_at) "
            f"values ('{bank}', '{person}', '', '\\x{uuid4().hex}', '•••• 0128', now())",
            f"insert into application (id, person_id, firm_id, product_id, policy_version, channel, stage, "
            f"amount_minor, currency, months, share, waiting_for, created_at, changed_at) "
            f"values ('{application}', '{person}', "
            f"'{firm}', 'p', 'v', 'api', 'funded', 100, 'CNY', 12, 0.1, 'nobody', now(), now())",
            f"insert into loan (id, application_id, person_id, firm_id, product_id, policy_version, jurisdiction, "
            f"currency, principal_minor, annual_rate, day_count, share, months, terms, terms_hash, rate_units, "
            f"units_per_minor, share_ppm, window_months, windows, grace_days, shard, account_id, account_index, state, "
            f"created_at) values ('{loan}', '{application}', '{person}', '{firm}', 'p', 'v', 'CN', 'CNY', 100, 0.073, "
            f"'ACT/365', 0.1, 12, '{{}}', 'h', 1, 1, 1, 3, 8, 3, 0, '{bank}', '\\x00', 'pending', now())",
            f"insert into payout (id, application_id, person_id, loan_id, end_to_end_id, amount_minor, currency, "
            f"account_id, approval_hash, tier, state, pay_at, created_at) values ('{payout}', '{application}', "
            f"'{person}', '{loan}', 'HS{payout.hex}', 100, 'CNY', '{bank}', 'h', 'fast', '{state}', "
            f"now() - interval '1 hour', now() - interval '1 hour')",
        )
        return payout

    return make


@workflow.defn(name="Payout", sandboxed=False)
class ListeningPayout:
    """Stands in for a payout: hears what the rail said."""

    @workflow.init
    def __init__(self, start: dict[str, Any]) -> None:
        self._heard: list[str] = []

    @workflow.run
    async def run(self, start: dict[str, Any]) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.query
    def heard(self) -> list[str]:
        return self._heard

    @workflow.update
    async def rail_said(self, said: dict[str, Any]) -> None:
        self._heard.append(f"rail_said {said['event_id']}")

    @workflow.update
    async def look_again(self, said: dict[str, Any]) -> dict[str, Any]:
        self._heard.append("look_again")
        return {"stage": "paying", "version": 0, "problem": None}


@pytest.fixture
async def payouts(api: Api) -> AsyncIterator[Any]:
    """Starts payouts that listen."""
    client = await temporal.connect(api.settings)
    async with Worker(client, task_queue=api.settings.temporal_task_queue, workflows=[Listening, ListeningPayout]):

        async def start(payout_id: UUID) -> Any:
            return await client.start_workflow(
                "Payout",
                {"payout_id": str(payout_id)},
                id=f"payout/{payout_id}",
                task_queue=api.settings.temporal_task_queue,
            )

        yield start


@pytest.fixture(scope="module")
async def pages(api: Any) -> AsyncIterator[Any]:
    """The same system with its pages."""
    app = create_app(api.settings, pages=install)
    async with app.router.lifespan_context(app):

        def client(person: Any) -> httpx2.AsyncClient:
            transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
            headers = {"Authorization": f"Bearer {person.token}", "Accept-Language": "en"}
            return httpx2.AsyncClient(transport=transport, base_url="http://testserver", headers=headers, timeout=30)

        yield client
