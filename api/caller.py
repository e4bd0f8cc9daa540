"""Who is asking, from where, in which language: what every use is handed first."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from fastapi import Depends, Request

from api.problems import NotSignedIn
from api.tools import Tools
from db import doors, seats
from infra import i18n

Kind = Literal["anonymous", "owner", "seat", "staff", "machine"]

# A session that nobody uses ends; a shop's phone may lie on the counter longer than a bank's desk is left alone.
IDLE = {"owner": timedelta(minutes=30), "staff": timedelta(minutes=15)}
LIFETIME = timedelta(hours=12)
# After a new token reads that were already on their way still pass with the old one.
GRACE = timedelta(seconds=10)
# The moment of last use is written at most this often: not every read shall be a write.
TOUCH_EVERY = timedelta(seconds=30)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Seated:
    """The seat of somebody else's firm that a caller reads from: whose firm, and what of the holder its owner sees."""

    id: UUID
    firm_id: UUID
    owner_id: UUID
    role: str
    phone_masked: str


@dataclass(frozen=True, slots=True)
class Principal:
    """Who. ``id`` is a person's or a staff member's; ``roles`` are those of ``policies/roles.yaml``; ``seat``: where
    they sit, if not at home."""

    kind: Kind
    id: UUID | None = None
    roles: frozenset[str] = frozenset()
    name: str | None = None
    session_id: str | None = None
    large_type: bool = False
    seat: Seated | None = None

    @property
    def actor(self) -> str:
        """How audit rows and timelines name them."""
        return self.kind if self.id is None else f"{self.kind}:{self.id}"


ANONYMOUS = Principal("anonymous")


@dataclass(frozen=True)
class Caller:
    """One request's caller. ``network`` is the client's /24 (or /56), ``device`` a random name of the browser.

    ``csrf`` is what an unsafe form must carry, ``nonce`` what a script of the answer must carry. ``patient``: a
    repeated request waits for the answer of the first one (a double tap), instead of being told that it runs.
    """

    tools: Tools
    principal: Principal
    request_id: str
    locale: str
    network: str
    device: str
    csrf: str
    nonce: str
    channel: str = "api"
    patient: bool = False
    token_hash: bytes | None = field(default=None, repr=False)
    proven_at: datetime | None = None

    @property
    def person_id(self) -> UUID:
        """The owner's id; for uses whose route lets only owners in, or who sits in a seat of theirs."""
        if self.principal.seat is not None:
            return self.principal.seat.owner_id
        if self.principal.kind != "owner" or self.principal.id is None:
            raise NotSignedIn
        return self.principal.id

    @property
    def staff_id(self) -> UUID:
        """The staff member's id; for uses whose route lets only staff in."""
        if self.principal.kind != "staff" or self.principal.id is None:
            raise NotSignedIn
        return self.principal.id

    def may(self, permission: str) -> bool:
        """Whether one of the caller's roles holds a permission."""
        return any(permission in self.tools.policies.roles.get(role, ()) for role in self.principal.roles)


async def calling(request: Request) -> Caller:
    """The caller of this request; found once, however many dependencies ask."""
    known: Caller | None = getattr(request.state, "caller", None)
    if known is None:
        known = await _find(request)
        request.state.caller = known
    return known


Call = Annotated[Caller, Depends(calling)]


async def _find(request: Request) -> Caller:
    tools: Tools = request.app.state.tools
    live = await _session(request, tools)
    principal = await _principal(live, tools) if live else ANONYMOUS
    if principal.seat is not None:
        tools = replace(tools, sessions=tools.sessions.within(principal.seat.firm_id))
    device = device_of(request, tools)
    page = not request.url.path.startswith("/v1/")
    return Caller(
        tools=tools,
        principal=principal,
        request_id=request.state.request_id,
        locale=_locale(request, live),
        network=network_of(request),
        device=device,
        csrf=live.csrf if live else anonymous_csrf(tools, device),
        nonce=request.state.nonce,
        channel="web" if page else "api",
        patient=page,
        token_hash=live.token_hash if live else None,
        proven_at=live.proven_at if live else None,
    )


def token_of(request: Request, tools: Tools) -> str | None:
    """The session token: a bearer's, else the cookie's; a request with a bearer has no cookie."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return bearer.strip()
    return request.cookies.get(cookie_name("sid", tools))


def cookie_name(name: str, tools: Tools) -> str:
    """``__Host-sid`` where browsers reach us by https: then the browser itself lets nobody else set or send it."""
    return f"__Host-{name}" if tools.secure else name


def hash_token(token: str) -> bytes:
    """What of a token is stored."""
    return hashlib.sha256(token.encode()).digest()


def new_token() -> str:
    """256 random bits for a browser to keep."""
    return secrets.token_urlsafe(TOKEN_BYTES)


async def _session(request: Request, tools: Tools) -> doors.LiveSession | None:
    token = token_of(request, tools)
    if not token or len(token) > 100:
        return None
    now = tools.wall_now()
    async with tools.sessions.glance() as session:
        live = await doors.find_session(session, hash_token(token), now)
        if live is None or now - live.last_seen_at > IDLE[live.kind]:
            return None
        if live.ended_at is not None and request.method not in SAFE:
            return None
        if live.ended_at is None and now - live.last_seen_at > TOUCH_EVERY:
            await doors.touch_session(session, live.token_hash, now)
    return live


async def _principal(live: doors.LiveSession, tools: Tools) -> Principal:
    kind = cast("Kind", live.kind)
    seat = await _seat(live, tools)
    if seat is not None:
        kind, roles = "seat", frozenset({seat.role})
    else:
        roles = frozenset({"owner"}) if kind == "owner" else frozenset(live.roles)
    return Principal(
        kind=kind,
        id=live.person_id or live.staff_id,
        roles=roles,
        name=live.staff_name,
        session_id=live.token_hash.hex()[:16],
        large_type=live.large_type,
        seat=seat,
    )


async def _seat(live: doors.LiveSession, tools: Tools) -> Seated | None:
    """The seat that the browser sits in, None once it was taken back or is over: its holder is at home again."""
    if live.seat_id is None or live.person_id is None:
        return None
    async with tools.sessions.begin(scope="worker") as session:
        row = await seats.sat_in(session, live.seat_id, live.person_id, tools.wall_now())
    return row and Seated(row.id, row.firm_id, row.person_id, row.role, row.phone_masked)


def _locale(request: Request, live: doors.LiveSession | None) -> str:
    chosen = request.cookies.get("lang") or (live.locale if live else None)
    if chosen in i18n.LOCALES:
        return chosen
    return i18n.negotiate(request.headers.get("accept-language"))


def device_of(request: Request, tools: Tools) -> str:
    """The random name that we gave this browser, a new one if it has none; the answer carries it as a cookie."""
    known: Any = getattr(request.state, "device", None)
    if known is None:
        cookie = request.cookies.get(cookie_name("did", tools), "")
        known = cookie if len(cookie) == 43 and cookie.isascii() else new_token()
        request.state.device = known
        request.state.device_is_new = known != cookie
    return str(known)


def anonymous_csrf(tools: Tools, device: str) -> str:
    """The synchroniser token of somebody who is not signed in: bound to the browser by its device cookie."""
    key = tools.settings.secret_bytes("session_key")
    return hmac.digest(key, b"csrf\x1f" + device.encode(), "sha256").hex()


def network_of(request: Request) -> str:
    """The client's neighbourhood: one address is cheap to change, a network is not."""
    try:
        address = ip_address(request.client.host if request.client else "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(ip_network(f"{address}/{56 if isinstance(address, IPv6Address) else 24}", strict=False))
