"""The firms as a party: found one, download its bills, let them trade, find the ones to try out."""

import asyncio
import hashlib
import sqlite3
import time
from datetime import date, timedelta
from typing import Literal

import httpx2
from pydantic import Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from infra.http import client
from simulators.answers import Asked, Id, Refused, Text, asked, beijing_day, refusal, said
from simulators.book import Book
from simulators.callbacks import Callbacks
from simulators.faults import COMMON_FAULTS, Faults, troubled
from simulators.firms import names, papers
from simulators.firms.demo import demo_firms, months_before
from simulators.firms.life import Event, Plan
from simulators.firms.lines import Kind
from simulators.firms.register import SCHEMA, Firm, firm_of, firms_of, keep
from simulators.firms.register import Kind as FirmKind
from simulators.firms.ticker import tick
from simulators.firms.trades import EPOCH, KEYS, LAST
from simulators.firms.trading import Trading
from simulators.pages import locale_of, page, wants_page
from simulators.settings import WorldSettings

SPECIALS = ("901", "902", "903", "904", "905", "906", "907", "911", "912", "913", "914", "915", "916")


class EventAsked(Asked):
    kind: Literal["closed", "refund_wave"]
    first: date
    last: date
    share: float = Field(default=0.0, ge=0, le=3)


class FirmAsked(Asked):
    """``monthly_sales_minor`` in fen; ``health`` 0 to 1; ``as_of``: the day after the last day of its bills; everything
    that is left out follows from ``seed``, which follows from the rest."""

    trade: str
    monthly_sales_minor: int = Field(default=9_000_000, ge=100_000, le=10_000_000_000)
    months: int = Field(default=14, ge=0, le=60)
    days: int | None = Field(default=None, ge=1, le=1826)
    health: float = Field(default=0.7, gt=0, lt=1)
    seed: int | None = Field(default=None, ge=0, lt=2**31)
    as_of: date | None = None
    fails_on: date | None = None
    events: list[EventAsked] = Field(default_factory=list, max_length=12)
    firm_id: Id | None = None
    account: Id | None = None
    owner: Text | None = None
    phone: Id | None = None
    id_number: Id | None = None
    special: str | None = Field(default=None, pattern="^9[0-9]{2}$")
    kind: FirmKind = "sole_trader"

    def content_hash(self) -> str:
        return hashlib.sha256(self._said().encode()).hexdigest()

    def digest(self) -> bytes:
        """What all that was left out follows from."""
        return hashlib.sha256(self._said("firm_id").encode()).digest()

    def _said(self, *besides: str) -> str:
        """As it was said before there were companies, so that every firm that was founded stays who it is."""
        left_out = {*besides, "kind"} if self.kind == "sole_trader" else set(besides)
        return self.model_dump_json(exclude=left_out)


class TradeAsked(Asked):
    through: date
    wait_seconds: float = Field(default=30.0, ge=0, le=300)


class FirmsParty:
    """``rail``: the rail's own ASGI app, which the firms speak to as any customer would."""

    def __init__(self, settings: WorldSettings, rail: Starlette) -> None:
        self.settings = settings
        self.book = Book(settings.data / "firms.sqlite3", SCHEMA)
        self.faults = Faults(COMMON_FAULTS)
        self.outbox = Callbacks(self.book, settings.public_url, "/v1/hooks/revenue", settings.revenue_secret)
        self._rail = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=rail), base_url="http://rail", timeout=30)
        self.trading = Trading(self.book, self._rail, self.outbox)
        self._lender = client(settings.public_url, timeout=5.0, connections=2)
        self._ticker: asyncio.Task[None] | None = None
        self.app = Starlette(
            routes=[
                Route("/", troubled(self.faults, self._list)),
                Route("/", troubled(self.faults, self._found), methods=["POST"]),
                Route("/demo", self._demo_page),
                Route("/demo", self._found_by_form, methods=["POST"]),
                Route("/trade", troubled(self.faults, self._trade), methods=["POST"]),
                *self.faults.routes(),
                Route("/{firm_id}", troubled(self.faults, self._show)),
                Route("/{firm_id}/days", troubled(self.faults, self._days)),
                Route("/{firm_id}/bills/{wallet}.csv", troubled(self.faults, self._bill)),
                Route("/{firm_id}/papers/{paper}.png", troubled(self.faults, self._paper)),
            ],
            exception_handlers={Refused: refusal},
        )

    async def start(self) -> None:
        await self._open_the_demo()
        self.outbox.start()
        if self.settings.ticker:
            self._ticker = asyncio.create_task(tick(self._lender, self.trading), name="ticker")

    async def stop(self) -> None:
        if self._ticker is not None:
            self._ticker.cancel()
            await asyncio.gather(self._ticker, return_exceptions=True)
        await self.outbox.stop()
        await self._lender.aclose()
        await self._rail.aclose()
        self.book.close()

    async def demo(self) -> list[Firm]:
        return await self.book.read(lambda book: firms_of(book, demo=True))

    async def found(self, wish: FirmAsked) -> Firm:
        """The firm, founded now or known; its account is opened at the rail. Raises Refused."""
        firm = _firm(wish)

        def found(book: sqlite3.Connection) -> Firm:
            row = book.execute("select * from firm where firm_id = ?", (firm.firm_id,)).fetchone()
            if row is None:
                try:
                    keep(book, firm, wish.content_hash(), time.time())
                except sqlite3.IntegrityError:
                    raise Refused(409, "account_taken") from None
            elif row["content_hash"] != wish.content_hash():
                raise Refused(409, "firm_id_taken")
            known = firm_of(book, firm.firm_id)
            assert known is not None  # noqa: S101 (just written in this transaction)
            return known

        known = await self.book.write(found)
        await self._open_account(known)
        return known

    async def _open_account(self, firm: Firm) -> None:
        body = {"account": firm.account, "holder": firm.payee}
        reply = await self._rail.post("/accounts", json=body)
        if reply.status_code == 409:
            raise Refused(409, "account_has_another_holder")
        reply.raise_for_status()

    async def _open_the_demo(self) -> None:
        """On the first start the demo firms open; later ones find them as they are, and open what came since."""
        today = beijing_day(time.time())

        def open_them(book: sqlite3.Connection) -> None:
            for firm in demo_firms(today):
                if firm_of(book, firm.firm_id) is None:
                    keep(book, firm, "demo", time.time())

        await self.book.write(open_them)
        for firm in await self.demo():
            await self._open_account(firm)

    async def _list(self, request: Request) -> Response:
        if wants_page(request):
            return RedirectResponse("/firms/demo", 303)
        firms = await self.book.read(firms_of)
        return said({"firms": [_told(firm, request) for firm in firms]})

    async def _found(self, request: Request) -> Response:
        firm = await self.found(await asked(request, FirmAsked))
        return said(_told(firm, request), 201)

    async def _show(self, request: Request) -> Response:
        return said(_told(await self._firm(request), request))

    async def _paper(self, request: Request) -> Response:
        """The owner's identity card or the firm's licence as a picture."""
        firm = await self._firm(request)
        drawn = {"id_card": papers.id_card, "licence": papers.licence}.get(request.path_params["paper"])
        if drawn is None:
            raise Refused(404, "no_such_paper")
        return Response(await asyncio.to_thread(drawn, firm), media_type="image/png")

    async def _days(self, request: Request) -> Response:
        """The firm's own account of its days: what a bill for them must add up to."""
        firm = await self._firm(request)
        first, last = _span(request, firm)
        lines = firm.life.lines(first, last)
        kinds = {
            kind.name.lower(): {
                "lines": int((lines.kind == kind).sum()),
                "amount_minor": int(lines.amount[lines.kind == kind].sum()),
            }
            for kind in Kind
        }
        days = [
            {
                "on": d.on.isoformat(),
                "sales_minor": d.sales,
                "refunds_minor": d.refunds,
                "chargebacks_minor": d.chargebacks,
            }
            for d in firm.life.days(first, last)
        ]
        return said({"from": first.isoformat(), "to": last.isoformat(), "kinds": kinds, "days": days})

    async def _bill(self, request: Request) -> Response:
        firm = await self._firm(request)
        wallet = request.path_params["wallet"]
        if wallet not in firm.bill_names:
            raise Refused(404, "no_such_wallet")
        first, last = _span(request, firm)
        content = firm.bill(wallet, first, last)
        name = f"{wallet}_{first:%Y%m%d}-{last:%Y%m%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type="text/csv", headers=headers)

    async def _demo_page(self, request: Request) -> Response:
        chosen = request.query_params.get("firm")
        mine = await self.book.read(lambda book: firm_of(book, chosen)) if chosen else None
        return page(
            request,
            "demo.html",
            firms=await self.demo(),
            mine=mine,
            lender=self.settings.public_url,
            trades=KEYS,
            specials=SPECIALS,
            fault=request.query_params.get("fault"),
        )

    async def _found_by_form(self, request: Request) -> Response:
        """A visitor founds a firm; each time another one, since each time the count of firms is part of the seed."""
        form = await request.form(max_files=0, max_fields=11)
        language = locale_of(request)
        try:
            count = len(await self.book.read(firms_of))
            wish = FirmAsked(
                trade=str(form.get("trade")),
                monthly_sales_minor=int(str(form.get("sales"))) * 100,
                months=int(str(form.get("months"))),
                health=float(str(form.get("health"))),
                seed=1000 + count,
                special=str(form.get("special")) or None,
                kind="company" if form.get("kind") == "company" else "sole_trader",
            )
            firm = await self.found(wish)
        except (ValueError, Refused):
            return RedirectResponse(f"/firms/demo?lang={language}&fault=1", 303)
        return RedirectResponse(f"/firms/demo?lang={language}&firm={firm.firm_id}#{firm.firm_id}", 303)

    async def _trade(self, request: Request) -> Response:
        wish = await asked(request, TradeAsked)
        return said(await self.trading.through(wish.through, wait=wish.wait_seconds))

    async def _firm(self, request: Request) -> Firm:
        firm = await self.book.read(lambda book: firm_of(book, request.path_params["firm_id"]))
        if firm is None:
            raise Refused(404, "firm_not_found")
        return firm


def _span(request: Request, firm: Firm) -> tuple[date, date]:
    """The days asked for, by default the firm's whole history; at most five years."""
    try:
        first = date.fromisoformat(request.query_params.get("from") or firm.plan.opened_on.isoformat())
        last = date.fromisoformat(request.query_params.get("to") or firm.bills_until.isoformat())
    except ValueError:
        raise Refused(422, "malformed", "from, to: days as YYYY-MM-DD") from None
    if not EPOCH <= first <= last <= LAST or (last - first).days > 1826:
        raise Refused(422, "malformed", f"from <= to, within {EPOCH} to {LAST}, at most five years")
    return first, last


def _firm(wish: FirmAsked) -> Firm:
    if wish.trade not in KEYS:
        raise Refused(422, "unknown_trade", "trades: " + ", ".join(KEYS))
    digest = wish.digest()
    seed = int.from_bytes(digest[:4]) >> 1 if wish.seed is None else wish.seed
    person = int.from_bytes(hashlib.sha256(f"{seed}\x1f{digest.hex()}".encode()).digest()[:6])
    as_of = wish.as_of or beijing_day(time.time())
    opened = months_before(as_of, wish.months) if wish.days is None else as_of - timedelta(days=wish.days)
    if not EPOCH + timedelta(days=62) <= opened <= as_of <= LAST:
        raise Refused(422, "malformed", f"as_of, months: this world knows {EPOCH} to {LAST}")
    owner = wish.owner or names.person(person)
    company = wish.kind == "company"
    account = names.firms_account(person) if company else names.account(person)
    return Firm(
        firm_id=wish.firm_id or f"firm-{digest.hex()[:16]}",
        kind=wish.kind,
        shop=names.company(person, wish.trade) if company else owner[0] + "记" + names.SHOP_SUFFIX[wish.trade],
        owner=owner,
        phone=wish.phone or names.phone(person),
        id_number=wish.id_number or names.id_number(person, wish.special),
        account=wish.account or account,
        licence=names.licence(person, wish.kind),
        bills_until=as_of - timedelta(days=1),
        plan=Plan(
            seed=seed,
            trade=wish.trade,
            monthly_sales=wish.monthly_sales_minor / 100,
            health=wish.health,
            opened_on=opened,
            fails_on=wish.fails_on,
            events=tuple(Event(event.kind, event.first, event.last, event.share) for event in wish.events),
        ),
    )


def _told(firm: Firm, request: Request) -> dict[str, object]:
    base = f"{str(request.base_url).rstrip('/')}/firms"
    return {
        "firm_id": firm.firm_id,
        "kind": firm.kind,
        "shop": firm.shop,
        "trade": firm.plan.trade,
        "owner": firm.owner,
        "phone": firm.phone,
        "id_number": firm.id_number,
        "account": firm.account,
        "licence": firm.licence,
        "opened_on": firm.plan.opened_on.isoformat(),
        "bills_until": firm.bills_until.isoformat(),
        "bills": {wallet: f"{base}/{firm.firm_id}/bills/{wallet}.csv" for wallet in firm.bill_names},
    }
