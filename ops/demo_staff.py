"""The employees of a demonstration: who they are, how a visitor signs in as them. Never made in production."""

import base64
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.settings import Settings

PASSWORD, SEED = "HUOSHUI_DEMO_PASSWORD", "HUOSHUI_DEMO_TOTP_SEED"


class NotInProduction(Exception):
    """Well-known logins in a production installation would be an open door."""


@dataclass(frozen=True, slots=True)
class Player:
    login: str
    name: str
    roles: tuple[str, ...]
    page: str  # where this login begins


PLAYERS = (
    Player("manager", "李敏", ("manager",), "/manager"),
    Player("manager2", "赵岩", ("manager",), "/manager"),  # two look into a large case (双人调查)
    Player("lead", "顾宁", ("lead",), "/manager"),  # what is late has their name
    Player("officer", "陈立", ("officer",), "/desk"),
    Player("officer2", "孙晴", ("officer",), "/desk"),  # what one officer proposes, the other approves
    Player("officer3", "吴越", ("officer",), "/desk"),  # three sit on a committee
    Player("operations", "周舟", ("operations",), "/desk"),
    Player("auditor", "何静", ("auditor",), "/desk"),
)


def seed_of(login: str, kept: Mapping[str, str]) -> str:
    """The second factor's seed of one demo login (base32, 160 bits), derived from the installation's own."""
    root = base64.b32decode(kept[SEED])
    return base64.b32encode(hmac.digest(root, f"demo totp\x1f{login}".encode(), "sha256")[:20]).decode()


def code_of(login: str, kept: Mapping[str, str]) -> str:
    """The six digits that this login's authenticator shows now."""
    from pyotp.totp import TOTP

    return TOTP(seed_of(login, kept)).now()


async def ensure(settings: "Settings", kept: Mapping[str, str]) -> None:
    """Adds the demo logins that are missing. Raises :class:`NotInProduction`."""
    from db import doors
    from db.sessions import Sessions
    from infra.settings import Profile

    if settings.profile is Profile.PRODUCTION:
        raise NotInProduction("demo logins are for demonstrations")
    sessions = Sessions(settings, scope="worker")
    async with sessions.begin() as session:
        missing = [player for player in PLAYERS if await doors.find_staff(session, player.login) is None]
    await sessions.close()
    if missing:
        await _add(settings, kept, missing)


async def _add(settings: "Settings", kept: Mapping[str, str], missing: Sequence[Player]) -> None:
    # Opened only now: every start but the first is spared these imports.
    from api.auth.staff import add_member
    from api.tools import opened

    async with opened(settings) as tools, tools.sessions.begin(scope="worker") as session:
        for player in missing:
            await add_member(
                session,
                tools,
                login=player.login,
                name=player.name,
                password=kept[PASSWORD],
                totp_secret=seed_of(player.login, kept),
                roles=player.roles,
            )
