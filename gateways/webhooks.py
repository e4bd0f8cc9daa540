"""Inbound and outbound webhooks as Standard Webhooks says: HMAC-SHA256 over id, time and the raw bytes, ±300 s.

A replay inside the window verifies (measured): whoever receives must store ``VerifiedWebhook.id`` and drop repeats.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from standardwebhooks import Webhook, WebhookVerificationError

BODY_LIMIT = 256 * 1024  # bytes


class WebhookForged(Exception):
    """The request does not prove whom it comes from. ``code`` tells which proof failed, for our logs only."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class VerifiedWebhook:
    """``id`` names the event over all its deliveries; ``sent_at`` is when this delivery was signed."""

    id: str
    sent_at: datetime
    body: bytes


def new_headers(secret: str, *, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers for a delivery signed at the aware instant ``at``."""
    sent = at.astimezone(UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(sent.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, sent, body.decode("utf-8")),
    }


def verify(
    secrets: Sequence[str], headers: Mapping[str, str], body: bytes, *, limit: int = BODY_LIMIT
) -> VerifiedWebhook:
    """The delivery, if one of ``secrets`` (two during a rotation) signed exactly these bytes within 5 minutes of now.

    ``limit``: bytes at most. Raises :class:`WebhookForged`.
    """
    if len(body) > limit:
        raise WebhookForged("too_large")
    lower = {name.lower(): value for name, value in headers.items()}
    message_id, sent = lower.get("webhook-id", ""), lower.get("webhook-timestamp", "")
    if not message_id or len(message_id) > 256 or not lower.get("webhook-signature"):
        raise WebhookForged("headers_missing")
    if not sent.isascii() or not sent.isdigit():
        raise WebhookForged("timestamp")
    for secret in secrets:
        try:
            Webhook(secret).verify(body, dict(lower), json_parse=False)
        except WebhookVerificationError:
            continue
        except (ValueError, UnicodeError):  # the library lets a malformed signature or body escape as these
            continue
        return VerifiedWebhook(message_id, datetime.fromtimestamp(int(sent), UTC), body)
    raise WebhookForged("signature_or_time")


def is_secret(text: str) -> bool:
    """Whether ``text`` is a usable webhook secret: ``whsec_`` and at least 24 bytes in base64."""
    if not text.startswith("whsec_"):
        return False
    try:
        return len(base64.b64decode(text.removeprefix("whsec_"), validate=True)) >= 24
    except ValueError:
        return False
