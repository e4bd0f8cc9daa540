"""Every address, secret and limit that differs between two installations, in one place.

Values come from environment variables that start with ``HUOSHUI_`` or from the file that ``HUOSHUI_ENV_FILE`` names.
Outside the embedded profile a missing, short or well-known secret stops the boot.
"""

import base64
import os
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Profile(StrEnum):
    EMBEDDED = "embedded"  # one machine, servers from wheels, simulators outside
    TEST = "test"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """Settings of one process; frozen. Durations are seconds in the environment."""

    model_config = SettingsConfigDict(env_prefix="HUOSHUI_", extra="ignore", frozen=True)

    profile: Profile = Profile.PRODUCTION
    jurisdiction: str = "CN"
    default_locale: str = "zh_CN"

    # PostgreSQL: the owner migrates, the application role may not alter tables nor touch the journal's past.
    database_url: SecretStr
    database_owner_url: SecretStr | None = None
    database_pool: int = 10

    temporal_address: str = "127.0.0.1:7233"
    temporal_namespace: str = "default"
    temporal_task_queue: str = "huoshui"
    temporal_ui_url: str | None = None
    temporal_tls: bool = False
    temporal_api_key: SecretStr | None = None  # Temporal Cloud

    s3_endpoint: str
    s3_public_endpoint: str | None = None  # where browsers reach it, when that differs
    s3_region: str = "us-east-1"
    s3_bucket: str = "huoshui"
    s3_access_key: SecretStr
    s3_secret_key: SecretStr

    # Where the world outside answers. In the embedded profile these are the simulators.
    rail_url: str
    identity_url: str
    bureau_url: str
    courts_url: str
    registry_url: str
    tax_url: str
    pledges_url: str
    estates_url: str
    patents_url: str
    vehicles_url: str
    fields_url: str
    places_url: str
    live_url: str
    authority_url: str
    messages_url: str
    firms_url: str | None = None  # only simulated worlds have one

    # What a browser and a partner see; also the origin that CSRF checks compare with.
    public_url: str
    api_host: str = "127.0.0.1"
    api_port: int = 8000

    # Secrets: 32 random bytes in base64 each, with an id so that they can be rotated.
    key_encryption_key: SecretStr
    key_encryption_key_id: str = "kek-1"
    payload_key: SecretStr
    payload_key_id: str = "payload-1"
    retired_keys: dict[str, SecretStr] = {}  # key id -> base64; still open what they sealed, seal nothing new
    index_key: SecretStr
    session_key: SecretStr
    rail_webhook_secret: SecretStr
    revenue_webhook_secret: SecretStr
    messages_webhook_secret: SecretStr
    audit_key: SecretStr | None = None  # signs the heads of the sealed chains; only the worker needs it
    seal_key: SecretStr | None = None  # the lender's seal on contracts; only the worker needs it

    clock_id: str = "main"
    clock_speed: int = Field(default=1, ge=1, le=86_400 * 7)

    # The domain whose mails the message gateway takes in for us (账单直投).
    mail_domain: str = Field(default="bills.huoshui.example", pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")

    command_deadline: timedelta = timedelta(seconds=2)
    rail_cutoff: timedelta = timedelta(minutes=30)
    rail_poll: timedelta = timedelta(milliseconds=400)
    gateway_timeout: timedelta = timedelta(seconds=10)
    upload_limit_bytes: int = 20 * 1024 * 1024

    # A file that the process touches when it is ready to serve; whoever supervises it waits for that.
    ready_file: Path | None = None
    log_level: str = "INFO"
    # Messages of exceptions may quote what a person typed; without this only classes, codes and places are logged.
    log_exception_messages: bool = False

    @model_validator(mode="after")
    def _secrets_are_real(self) -> "Settings":
        named = {
            name: getattr(self, name) for name in ("key_encryption_key", "payload_key", "index_key", "session_key")
        }
        named |= {
            name: value
            for name, value in (("audit_key", self.audit_key), ("seal_key", self.seal_key))
            if value is not None
        }
        retired = {f"retired_keys[{key_id}]": value for key_id, value in self.retired_keys.items()}
        for name, value in {**named, **retired}.items():
            _check_secret(f"HUOSHUI_{name.upper()}", value.get_secret_value())
        if self.profile is Profile.PRODUCTION:
            if self.clock_speed != 1:
                raise ValueError("HUOSHUI_CLOCK_SPEED must be 1 in production: borrowers live in real time")
            if not self.public_url.startswith("https://"):
                raise ValueError("HUOSHUI_PUBLIC_URL must be https in production: sessions ride on secure cookies")
            if self.log_exception_messages:
                raise ValueError("HUOSHUI_LOG_EXCEPTION_MESSAGES must be off in production: messages may quote people")
        return self

    def retired_key_bytes(self) -> dict[str, bytes]:
        """The raw bytes of each retired key, by its id."""
        return {key_id: base64.b64decode(value.get_secret_value()) for key_id, value in self.retired_keys.items()}

    def secret_bytes(self, name: str) -> bytes:
        """The raw bytes of a base64 secret, by its field name."""
        value: SecretStr | None = getattr(self, name)
        if value is None:
            raise ValueError(f"HUOSHUI_{name.upper()} is not set")
        return base64.b64decode(value.get_secret_value())


def _check_secret(name: str, text: str) -> None:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ValueError(f"{name} is not base64; make one with: openssl rand -base64 32") from error
    if len(raw) != 32:
        raise ValueError(f"{name} holds {len(raw)} bytes, needs 32: openssl rand -base64 32")
    if len(set(raw)) < 8:
        raise ValueError(f"{name} is not random; make one with: openssl rand -base64 32")


def read(file: Path | str | None) -> Settings:
    """The settings of the environment, and of a file for what the environment does not say."""
    return Settings(_env_file=file)  # pyright: ignore[reportCallIssue]


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return read(os.environ.get("HUOSHUI_ENV_FILE"))
