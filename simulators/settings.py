"""What the simulated world needs to know, from ``HUOSHUI_*`` environment variables."""

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class BadSetting(Exception):
    """A setting is missing or unusable; the message says which and how to cure it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldSettings:
    """Durations are real seconds. ``public_url`` is the lender's API, where the callbacks go."""

    host: str
    port: int  # 0: any free port, written to ``data/port``
    data: Path
    public_url: str
    rail_secret: str
    revenue_secret: str
    messages_secret: str
    site: str = ""  # where browsers reach this world, when that differs from where it is asked
    ticker: bool = False
    rail_credit_delay: float = 0.3
    rail_cutoff: float = 1800.0
    log_level: str = "INFO"
    log_exception_messages: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "WorldSettings":
        env = os.environ if environment is None else environment
        return cls(
            host=env.get("HUOSHUI_SIMULATORS_HOST", "127.0.0.1"),
            port=int(_number(env, "HUOSHUI_SIMULATORS_PORT", 0)),
            data=Path(_needed(env, "HUOSHUI_SIMULATORS_DATA")),
            public_url=_needed(env, "HUOSHUI_PUBLIC_URL").rstrip("/"),
            rail_secret=_secret(env, "HUOSHUI_RAIL_WEBHOOK_SECRET"),
            revenue_secret=_secret(env, "HUOSHUI_REVENUE_WEBHOOK_SECRET"),
            messages_secret=_secret(env, "HUOSHUI_MESSAGES_WEBHOOK_SECRET"),
            site=env.get("HUOSHUI_SIMULATORS_URL", "").rstrip("/"),
            ticker=env.get("HUOSHUI_SIMULATORS_TICK", "0") == "1",
            rail_credit_delay=_number(env, "HUOSHUI_RAIL_CREDIT_DELAY_SECONDS", 0.3),
            log_level=env.get("HUOSHUI_LOG_LEVEL", "INFO"),
            rail_cutoff=_number(env, "HUOSHUI_RAIL_CUTOFF_SECONDS", 1800.0),
        )


def _needed(env: Mapping[str, str], name: str) -> str:
    if not env.get(name):
        raise BadSetting(f"{name} is not set")
    return env[name]


def _secret(env: Mapping[str, str], name: str) -> str:
    text = _needed(env, name)
    try:
        if text.startswith("whsec_") and len(base64.b64decode(text.removeprefix("whsec_"), validate=True)) >= 24:
            return text
    except ValueError:
        pass
    raise BadSetting(f'{name} is not a webhook secret: echo "whsec_$(openssl rand -base64 32)"')


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    try:
        number = float(env.get(name) or default)
    except ValueError:
        raise BadSetting(f"{name} is not a number: {env[name]!r}") from None
    if not 0 <= number < 10**6:
        raise BadSetting(f"{name} is out of range: {env[name]!r}")
    return number
