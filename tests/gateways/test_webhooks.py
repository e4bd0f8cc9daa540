"""Webhooks: only the holder of the secret gets in, with exactly these bytes, within five minutes."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from gateways.webhooks import BODY_LIMIT, WebhookForged, is_secret, new_headers, verify
from simulators.callbacks import signature

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()
BODY = '{"type":"payment.updated","remark":"到账"}'.encode()


def headers(**other: str) -> dict[str, str]:
    return new_headers(SECRET, message_id="msg_1", at=datetime.now(UTC), body=BODY) | {
        name.replace("_", "-"): value for name, value in other.items()
    }


def test_what_was_signed_is_verified_byte_for_byte():
    verified = verify([SECRET], headers(), BODY)
    assert (verified.id, verified.body) == ("msg_1", BODY)
    assert abs(verified.sent_at - datetime.now(UTC)) < timedelta(seconds=5)


def test_header_names_are_matched_whatever_their_case():
    assert verify([SECRET], {name.upper(): value for name, value in headers().items()}, BODY).id == "msg_1"


def test_two_independent_hands_write_the_same_signature():
    at = datetime.now(UTC)
    ours = new_headers(SECRET, message_id="msg_1", at=at, body=BODY)["webhook-signature"]
    assert ours == signature(SECRET, "msg_1", int(at.timestamp()), BODY)


def test_the_published_example_verifies_to_its_published_signature():
    """From the Standard Webhooks specification's reference test vector."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at = datetime.fromtimestamp(1614265330, UTC)
    made = new_headers(secret, message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at=at, body=b'{"test": 2432232314}')
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "body", [BODY + b" ", BODY.replace(b":", b": "), b"", b"\xff" + BODY, "x".encode("utf-16"), b"{}" * BODY_LIMIT]
)
def test_any_other_bytes_are_forged(body):
    with pytest.raises(WebhookForged):
        verify([SECRET], headers(), body)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook_id": "msg_2"},
        {"webhook_id": ""},
        {"webhook_id": "x" * 300},
        {"webhook_timestamp": ""},
        {"webhook_timestamp": "soon"},
        {"webhook_timestamp": "nan"},
        {"webhook_timestamp": "-1"},
        {"webhook_timestamp": "9" * 30},
        {"webhook_timestamp": "１７９５３０３１９３"},
        {"webhook_signature": ""},
        {"webhook_signature": "v1"},
        {"webhook_signature": "v1,"},
        {"webhook_signature": "v1,!!!"},
        {"webhook_signature": "v1,a,b"},
        {"webhook_signature": "v2,AAAA"},
        {"webhook_signature": "v1,é"},
    ],
)
def test_damaged_headers_are_forged_and_never_an_error_of_ours(change):
    with pytest.raises(WebhookForged):
        verify([SECRET], headers(**change), BODY)


def test_missing_headers_are_forged():
    for name in headers():
        with pytest.raises(WebhookForged):
            verify([SECRET], {key: value for key, value in headers().items() if key != name}, BODY)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_five_minutes_early_or_late_is_too_much(seconds):
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    with pytest.raises(WebhookForged):
        verify([SECRET], new_headers(SECRET, message_id="msg_1", at=at, body=BODY), BODY)


def test_during_a_rotation_both_secrets_are_good_and_others_are_not():
    signed_by_old = headers()
    assert verify([OTHER, SECRET], signed_by_old, BODY).id == "msg_1"
    with pytest.raises(WebhookForged):
        verify([OTHER], signed_by_old, BODY)
    with pytest.raises(WebhookForged):
        verify([], signed_by_old, BODY)


def test_two_signatures_in_one_header_need_one_good():
    both = headers()
    both["webhook-signature"] = "v1,AAAA " + both["webhook-signature"]
    assert verify([SECRET], both, BODY).id == "msg_1"


@pytest.mark.parametrize(
    ("text", "good"),
    [(SECRET, True), ("whsec_short", False), ("whsec_" + "!" * 40, False), (SECRET.removeprefix("whsec_"), False)],
)
def test_a_secret_is_known_by_its_form(text, good):
    assert is_secret(text) is good
