"""A town: owners with phones and bills, a manager, a desk, and one calendar.

Everything is said through the public API and to the simulated outside world, as people would. Used by the demonstration
and by the stories of the tests.
"""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from infra.phrases import BEIJING
from ops import demo_staff
from ops.demo.calling import Caller, Json, Refused
from ops.stack import secrets
from ops.stack.testing import RunningStack

CODE = re.compile(r"\b(\d{6})\b")
# A decision, a credit, a close: what takes longer has failed.
PATIENCE = 60.0
LOOK_EVERY = 0.03
# A look costs the system ten milliseconds of work: a long wait is looked at less often, and ends a tenth late at most.
LOOK_SHARE = 0.1
ONE_DAY = timedelta(days=1)
# What the legal reading time of the key facts may be at the most before a demonstration gives up.
LONGEST_READING = 30
# Seconds from the money to the signed contract: nobody waits for it, but the pack after the signature is promised.
FILED_WITHIN = 60


@dataclass(frozen=True)
class Firm:
    """A firm of the simulated world, with what its owner would type in."""

    firm_id: str
    shop: str
    owner: str
    phone: str
    id_number: str
    account: str
    licence: str
    trade: str = ""
    kind: str = "sole_trader"

    @classmethod
    def of(cls, told: Json) -> "Firm":
        """The firm out of what the world tells."""
        return cls(**{name: told.get(name, "") for name in cls.__dataclass_fields__})

    @property
    def bills(self) -> tuple[str, ...]:
        """What its money goes through: its wallets, or a company's own account."""
        return ("account",) if self.kind == "company" else ("wechat", "alipay")


@dataclass
class Owner:
    """An owner with a phone, who applies."""

    town: "Town"
    firm: Firm
    caller: Caller
    application_id: str = ""
    seen: list[Json] = field(default_factory=list[Json])

    async def sign_in(self) -> Json:
        """Phone and the code that arrives on it."""
        await self.caller.post("/v1/sign-in/code", {"phone": self.firm.phone})
        return await self.caller.post("/v1/sign-in", {"phone": self.firm.phone, "code": await self.last_code()})

    async def last_code(self) -> str:
        """The newest code on the phone."""
        inbox = await self.town.inbox(self.firm.phone)
        for message in inbox:
            if found := CODE.search(message["text"]):
                return found.group(1)
        raise AssertionError("no code on the phone")

    async def begin(
        self, amount: int, *, months: int = 12, share: str = "0.12", product: str | None = None, key: str | None = None
    ) -> Json:
        """Start an application for an amount of yuan; of the usual product unless another is named."""
        asked = {"amount": yuan(amount), "months": months, "share": share, "purpose": "stock", "product_id": product}
        receipt = await self.caller.post("/v1/applications", asked, key=key)
        self.application_id = receipt["object_id"]
        if receipt.get("state") == "waiting":  # a busy system took it down and goes on by itself
            receipt = {**await self.done(receipt), "object_id": receipt["object_id"]}
        return receipt

    async def identify(self, **other: Any) -> Json:
        """Say who they are; ``other`` replaces what an honest owner would type."""
        firm = self.firm
        told = {
            "kind": firm.kind,
            "capacity": "legal_representative" if firm.kind == "company" else None,
            "name": firm.owner,
            "id_number": firm.id_number,
            "firm_name": firm.shop,
            "licence": firm.licence,
            "account_number": firm.account,
            "trade": firm.trade or None,
        }
        await self.allow("identity_check")
        await self.act("identity", {**told, **other})
        return await self.settled_in("identity")

    async def allow(self, purpose: str) -> Json:
        """Read the words of one permission and give it."""
        texts = (await self.caller.get("/v1/consents"))["items"]
        words = next(text["text_hash"] for text in texts if text["purpose"] == purpose)
        return await self.caller.post("/v1/consents", {"purpose": purpose, "text_hash": words})

    async def revoke(self, purpose: str) -> None:
        """Take one permission back."""
        texts = (await self.caller.get("/v1/consents"))["items"]
        consent_id = next(text["consent_id"] for text in texts if text["purpose"] == purpose)
        await self.caller.post(f"/v1/consents/{consent_id}/revoke")

    async def consent(self) -> Json:
        """Read each consent that the loan needs and give it, one by one; the last one moves the application on."""
        texts = [text for text in (await self.see("consents"))["items"] if text["needed"]]
        for text in texts[:-1]:
            await self.allow(text["purpose"])
        last = {"purpose": texts[-1]["purpose"], "text_hash": texts[-1]["text_hash"]}
        return await self.act("consents", {"consents": [last]})

    async def upload(self, wallet: str, data: bytes | None = None) -> Json:
        """Upload the bill of one wallet, as exported by it."""
        bill = data if data is not None else await self.town.bill(self.firm, wallet)
        receipt = await self.caller.upload(f"/v1/applications/{self.application_id}/statements", f"{wallet}.csv", bill)
        return await self.done(receipt)

    async def papers_are_looked_at(self) -> None:
        """A manager looks at every paper that nobody has looked at, and takes it: without that nobody says yes."""
        manager = await self.town.staff("manager")
        brought = await manager.get(f"/v1/manager/customers/{self.application_id}/checklist")
        for paper in (file for item in brought["items"] for file in item["files"] if file["state"] == "received"):
            await manager.post(f"/v1/manager/documents/{paper['id']}/judge", {"accepted": True})

    async def submit(self, body: Json | None = None) -> Json:
        """Ask for a decision and wait for what comes."""
        await self.act("submit", body or {})
        return await self.settled_in("deciding")

    async def choose(self, n: int = 1) -> Json:
        """Take a plan."""
        offers = (await self.see("offers"))["items"]
        offer = next(offer for offer in offers if offer["n"] == n)
        await self.act(f"offers/{offer['id']}/accept")
        return offer

    async def read_key_facts(self) -> Json:
        """Open the sheet and read it for as long as the law asks."""
        facts = await self.see("key-facts")
        if facts["seconds_left"] > LONGEST_READING:
            raise AssertionError(f"the sheet must be read for {facts['seconds_left']} s")
        await asyncio.sleep(facts["seconds_left"])
        return facts

    async def sign(self, facts: Json, *, key: str | None = None, code: str | None = None) -> Json:
        """Get a code that is bound to the terms, and sign with it."""
        if code is None:
            await self.act("signing-code")
            code = await self.last_code()
        return await self.act("signature", {"code": code, "terms_hash": facts["terms_hash"]}, key=key)

    async def applies(self, amount: int, **terms: Any) -> Json:
        """From the first tap to the decision."""
        await self.sign_in()
        await self.begin(amount, **terms)
        await self.identify()
        await self.consent()
        for wallet in self.firm.bills:
            await self.upload(wallet)
        return await self.submit()

    async def borrows(self, amount: int, **terms: Any) -> Json:
        """From the first tap to money on the account; the loan as its owner sees it."""
        await self.applies(amount, **terms)
        await self.choose()
        await self.sign(await self.read_key_facts())
        await self.until_stage("funded")
        return await self.loan()

    async def signed_contract(self) -> bytes:
        """The contract with both signatures, as soon as it is filed."""

        async def filed() -> str | None:
            papers = (await self.see("papers"))["items"]
            return next((paper["id"] for paper in papers if paper["kind"] == "contract_signed"), None)

        return await self.caller.file(f"/v1/papers/{await eventually(filed, FILED_WITHIN)}")

    async def loan(self) -> Json:
        """The loan as its owner sees it."""
        application = await self.application()
        return await self.caller.get(f"/v1/loans/{application['loan_id']}")

    async def application(self) -> Json:
        """The application as its owner sees it."""
        return await self.caller.get(f"/v1/applications/{self.application_id}")

    async def see(self, what: str) -> Any:
        """Something of the application."""
        return await self.caller.get(f"/v1/applications/{self.application_id}/{what}")

    async def act(self, what: str, body: Any = None, *, key: str | None = None) -> Any:
        """An act on the application, until it is done."""
        return await self.done(await self.caller.post(f"/v1/applications/{self.application_id}/{what}", body, key=key))

    async def done(self, receipt: Any) -> Any:
        """Wait for an act that was only taken down; a refusal is raised."""
        if not isinstance(receipt, dict) or receipt.get("state") != "waiting":
            return receipt

        async def finished() -> Json | None:
            command = await self.caller.get(f"/v1/commands/{receipt['command_id']}")
            return command if command["state"] != "waiting" else None

        command = await eventually(finished)
        if command.get("refusal"):
            raise Refused(409, command["refusal"])
        return command

    async def until_stage(self, *stages: str) -> Json:
        """Wait until the application stands in one of the stages."""

        async def there() -> Json | None:
            application = await self.application()
            return application if application["stage"] in stages else None

        return await eventually(there)

    async def settled_in(self, stage: str) -> Json:
        """Wait until the application is not busy in a stage any more: it left, or it asks for something."""

        async def left() -> Json | None:
            application = await self.application()
            busy = application["stage"] == stage and not application["note"].get("problem")
            return None if busy else application

        return await eventually(left)

    async def story(self) -> list[str]:
        """The kinds of lines on the timeline, in order."""
        return [moment["kind"] for moment in (await self.see("timeline"))["happened"]]


class Town:
    """The service at ``url`` and the world around it at ``world_url``."""

    def __init__(self, url: str, world_url: str, *, password: str, totp: Any) -> None:
        self.url = url
        self.world = Caller(world_url)
        self.public = Caller(url)
        self._password = password
        self._totp = totp
        self._callers: list[Caller] = [self.world, self.public]
        self._staff: dict[str, Caller] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for caller in self._callers:
            await caller.close()

    async def firms(self) -> dict[str, Firm]:
        """The firms that everybody knows, by id."""
        return {told["firm_id"]: Firm.of(told) for told in (await self.world.get("/firms/"))["firms"]}

    async def found(self, **wish: Any) -> Firm:
        """A new firm in the world."""
        return Firm.of(await self.world.post("/firms/", {"trade": "noodle_shop", **wish}))

    async def owner(self, firm: Firm | str) -> Owner:
        """The owner of a firm, on a phone of their own."""
        known = (await self.firms())[firm] if isinstance(firm, str) else firm
        return Owner(self, known, self._caller())

    async def bill(self, firm: Firm, wallet: str) -> bytes:
        """The export of one of the firm's :attr:`Firm.bills`, with all that it did."""
        reply = await self.world.http.get(f"/firms/{firm.firm_id}/bills/{wallet}.csv")
        reply.raise_for_status()
        return reply.content

    async def root(self) -> bytes:
        """The root certificate of the authority that contracts are signed under."""
        return await self.world.file("/authority/root.pem")

    async def inbox(self, phone: str) -> list[Json]:
        """The messages on a phone, newest first."""
        return (await self.world.get("/messages/inbox", phone=phone))["messages"]

    async def staff(self, login: str) -> Caller:
        """An employee at their desk, signed in once."""
        if login not in self._staff:
            caller = self._caller()
            body = {"login": login, "password": self._password, "totp": self._totp(login)}
            await caller.post("/v1/staff/sign-in", body)
            self._staff[login] = caller
        return self._staff[login]

    def _caller(self) -> Caller:
        caller = Caller(self.url)
        self._callers.append(caller)
        return caller

    # --- the calendar -------------------------------------------------------------------------------------------------

    async def today(self) -> date:
        """The business date."""
        return date.fromisoformat((await self.public.get("/v1/clock"))["date"])

    async def until(self, day: date | str) -> None:
        """Let everybody trade and every day be closed until the morning of ``day``."""
        target = date.fromisoformat(day) if isinstance(day, str) else day
        desk = await self.staff("operations")
        today = await self.today()
        while today < target:
            # Nobody owes anything: nothing happens until then. Else day by day, as days are.
            live = await self._live(desk)
            tomorrow = today + ONE_DAY if live else target
            await self._trade(desk, tomorrow - ONE_DAY)
            await desk.post("/v1/desk/clock", {"days": (tomorrow - today).days})
            if live:
                await self._closed(desk, tomorrow - ONE_DAY)
            today = tomorrow

    async def until_hour(self, moment: datetime) -> None:
        """The same, until an hour that somebody arranged."""
        await self.until(moment.astimezone(BEIJING).date() - ONE_DAY)
        desk = await self.staff("operations")

        async def now() -> datetime:
            return datetime.fromisoformat((await self.public.get("/v1/clock"))["now"])

        async def come() -> bool | None:
            return True if await now() >= moment else None

        if await now() < moment:
            await desk.post("/v1/desk/clock", {"to": moment.isoformat()})
            await eventually(come)

    async def pass_days(self, days: int) -> None:
        """The same, by a number of days."""
        await self.until(await self.today() + timedelta(days=days))

    async def _trade(self, desk: Caller, through: date) -> None:
        await self.world.post("/firms/trade", {"through": through.isoformat()})

        async def applied() -> bool | None:
            return True if (await desk.get("/v1/desk/inbound"))["waiting"] == 0 else None

        await eventually(applied)

    async def _live(self, desk: Caller) -> int:
        return sum(line["live"] for line in (await desk.get("/v1/desk/book"))["sums"])

    async def _closed(self, desk: Caller, day: date) -> None:
        """Wait until the day is closed; somebody owed something on it, so it will be."""

        async def done() -> bool | None:
            newest = (await desk.get("/v1/desk/closes", limit=1))["items"]
            return True if newest and newest[0]["on"] >= day.isoformat() and newest[0]["state"] == "closed" else None

        await eventually(done)

    async def letters_to(self, owner: Owner) -> list[str]:
        """The kinds of messages that an owner was sent, oldest first."""
        sent = (await owner.caller.get("/v1/messages"))["items"]
        return [message["kind"] for message in reversed(sent)]

    async def trial_balance(self) -> Json:
        """The ledger's proof."""
        return await (await self.staff("operations")).get("/v1/desk/trial-balance")


async def eventually(ask: Any, seconds: float = PATIENCE) -> Any:
    """What ``ask`` answers as soon as it is not None; gives up loudly. Looks less often the longer it takes."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while True:
        found = await ask()
        if found is not None:
            return found
        waited = loop.time() - begun
        if waited > seconds:
            raise TimeoutError(f"{getattr(ask, '__qualname__', ask)}: not within {seconds:.0f} s")
        await asyncio.sleep(max(LOOK_EVERY, waited * LOOK_SHARE))


def yuan(amount: int) -> Json:
    """An amount as the API takes it."""
    return {"amount": f"{amount}.00", "currency": "CNY"}


@asynccontextmanager
async def town_of(stack: RunningStack) -> AsyncGenerator[Town]:
    """The town around a running system."""
    kept = secrets.keep(stack.data)
    seeds = {demo_staff.SEED: kept["STACK_DEMO_TOTP_SEED"]}
    async with Town(
        stack.url,
        stack.simulators_url,
        password=kept["STACK_DEMO_PASSWORD"],
        totp=lambda login: demo_staff.code_of(login, seeds),
    ) as town:
        yield town
