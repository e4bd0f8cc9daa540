import base64
import os

import pytest
from pydantic import SecretStr, ValidationError

from infra.settings import Profile, Settings


def changed(settings: Settings, **update: object) -> Settings:
    return Settings.model_validate({**settings.model_dump(), **update})


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("not base64!", "is not base64"),
        (base64.b64encode(b"short").decode(), "holds 5 bytes, needs 32"),
        (base64.b64encode(b"\0" * 32).decode(), "is not random"),
    ],
)
@pytest.mark.parametrize("name", ["key_encryption_key", "payload_key", "index_key", "session_key"])
def test_a_weak_secret_stops_the_boot(plain_settings: Settings, name: str, value: str, complaint: str) -> None:
    with pytest.raises(ValidationError, match=f"HUOSHUI_{name.upper()} {complaint}"):
        changed(plain_settings, **{name: value})


def test_a_weak_retired_key_stops_the_boot_too(plain_settings: Settings) -> None:
    with pytest.raises(ValidationError, match="holds 5 bytes"):
        changed(plain_settings, retired_keys={"kek-0": base64.b64encode(b"short").decode()})


@pytest.mark.parametrize(
    ("update", "complaint"),
    [
        ({"clock_speed": 86_400}, "CLOCK_SPEED must be 1 in production"),
        ({"public_url": "http://lender.example"}, "must be https in production"),
        ({"log_exception_messages": True}, "must be off in production"),
    ],
)
def test_production_refuses_what_only_a_test_may_do(
    plain_settings: Settings, update: dict[str, object], complaint: str
) -> None:
    production = {"profile": Profile.PRODUCTION, "public_url": "https://lender.example"}
    assert changed(plain_settings, **production).profile is Profile.PRODUCTION
    with pytest.raises(ValidationError, match=complaint):
        changed(plain_settings, **{**production, **update})


def test_no_secret_shows_in_the_repr_of_the_settings(plain_settings: Settings) -> None:
    key = plain_settings.payload_key.get_secret_value()
    assert key not in repr(plain_settings)
    assert key not in str(plain_settings.model_dump())


def test_retired_keys_come_from_the_environment_as_json(
    plain_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = base64.b64encode(os.urandom(32)).decode()
    for name, value in plain_settings.model_dump().items():
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        if isinstance(plain, str):
            monkeypatch.setenv(f"HUOSHUI_{name.upper()}", plain)
    monkeypatch.setenv("HUOSHUI_RETIRED_KEYS", f'{{"kek-0": "{key}"}}')
    assert Settings().retired_key_bytes() == {"kek-0": base64.b64decode(key)}  # pyright: ignore[reportCallIssue]
