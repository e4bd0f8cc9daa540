"""Who may use a route. Every route names its policy; a route without one stops the boot.

A permission stands in ``policies/roles.yaml``. Whoever is signed in and lacks it does not see that the route exists.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api import sitting
from api.caller import Call, Caller
from api.problems import NotFound, NotSignedIn


@dataclass(frozen=True, slots=True)
class Policy:
    """``permission`` None: everybody. ``machine``: no session, the body itself is signed. ``what``: how the privacy
    centre calls what somebody in a seat of the firm reads or brings by this route; without one nothing is told."""

    permission: str | None
    machine: bool = False
    what: str | None = None

    def check(self, caller: Caller) -> None:
        """Let the caller in, or raise."""
        if self.permission is None or self.machine:
            return
        if caller.principal.id is None:
            raise NotSignedIn
        if not caller.may(self.permission):
            raise NotFound


def may(permission: str, what: str | None = None) -> Policy:
    """Callers with this permission."""
    return Policy(permission, what=what)


PUBLIC = Policy(None)
SIGNED = Policy(None, machine=True)
OWNER = may("own.read")
OWNER_APPLIES = may("own.apply")
OWNER_SIGNS = may("own.sign")
OWNER_CONSENTS = may("own.consent")
OWNER_ASKS = may("own.ask")
# The owner, and whoever sits in a seat of the firm: each such look stands in the owner's privacy centre.
FIRM = may("firm.read")
FIRM_STORY = may("firm.read", "timeline")
FIRM_FLOWS = may("firm.read", "flows")
FIRM_LOANS = may("firm.read", "loan")
FIRM_LINES = may("firm.read", "line")
FIRM_PAPERS = may("firm.read", "papers")
FIRM_BRINGS = may("firm.bring", "brought")
FIRM_PRINTS = may("firm.print", "papers")
MANAGER = may("task.read")
MANAGER_DECIDES = may("task.decide")
MANAGER_ASSISTS = may("application.assist")
LEADS = may("staff.lead")
WORDS = may("words.release")
BOOK = may("book.read")
CLOSES = may("close.read")
CLOCK = may("close.run")
STUCK = may("stuck.read")
AUDIT = may("audit.read")
STAFF = may("staff.work")
CASES = may("case.read")
CASES_DECIDE = may("case.decide")
CARE = may("care.read")
CARE_ANSWERS = may("care.answer")
GLASS_ASKS = may("glass.ask")
GLASS_ANSWERS = may("glass.answer")
RELEASES = may("release.answer")
LINES = may("line.change")
COMPLAINTS = may("complaint.answer")
SUBSIDIES = may("subsidy.claim")
MONEY = may("money.place")
MODEL_PROPOSES = may("model.propose")
MODEL_APPROVES = may("model.approve")
POLICY_PROPOSES = may("policy.propose")
POLICY_RELEASES = may("policy.release")
COLLECTIONS = may("collection.read")
COLLECTIONS_ACTS = may("collection.act")
CLASSES = may("class.read")
CLASSES_CHANGE = may("class.change")

# Endpoint -> policy. By endpoint, since frameworks copy route objects when routers are included.
_policies: dict[Any, Policy] = {}


class RouteWithoutPolicy(Exception):
    """Routes that nobody decided who may use."""


def declare(endpoint: Any, policy: Policy) -> None:
    """Remember what a route says of itself. One endpoint has one policy, on every path that it serves."""
    if _policies.setdefault(endpoint, policy) != policy:
        raise RouteWithoutPolicy(f"two policies for {endpoint}")


def policy_of(endpoint: Any) -> Policy | None:
    """What a route said of itself."""
    return _policies.get(endpoint)


def guard(policy: Policy) -> Callable[[Caller], Awaitable[None]]:
    """The dependency that enforces a policy before the endpoint runs."""

    async def enforce(caller: Call) -> None:
        policy.check(caller)
        if caller.principal.seat is not None and policy.what is not None:
            await sitting.looked(caller, caller.principal.seat, policy.what)

    return enforce


@dataclass(frozen=True, slots=True)
class Door:
    """One way in: a path, its methods, and who may use it. ``in_api``: it stands in the OpenAPI document."""

    path: str
    methods: tuple[str, ...]
    policy: Policy
    in_api: bool


def doors(app: FastAPI) -> Iterator[Door]:
    """Every route of the app with its policy; mounted and included ones too. Raises :class:`RouteWithoutPolicy`."""
    missing: list[str] = []
    for route in iter_route_contexts(app.routes):
        handler = getattr(route, "endpoint", None) or getattr(route, "app", None)
        policy = _policies.get(handler)
        path = str(getattr(route, "path", "?"))
        if policy is None:
            missing.append(path)
            continue
        methods: Iterable[str] = getattr(route, "methods", None) or ("GET",)
        yield Door(path, tuple(sorted(methods)), policy, bool(getattr(route, "include_in_schema", False)))
    if missing:
        raise RouteWithoutPolicy(f"no policy for {', '.join(sorted(missing))}: write policy=… at the route")
