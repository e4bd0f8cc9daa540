import base64
import os
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError

from infra.crypto import SealBroken, UnknownKey
from infra.settings import Settings
from infra.temporal import PayloadInClear, data_converter

CANARY = "canary-7f3a-王小明-13800138000"


@dataclass(frozen=True)
class Wire:
    name: str
    on: date
    rate: Decimal


async def test_a_value_crosses_typed_and_its_text_is_not_in_the_bytes(plain_settings: Settings) -> None:
    converter = data_converter(plain_settings)
    sent = Wire(CANARY, date(2026, 11, 21), Decimal("0.0730"))
    payloads = await converter.encode([sent])
    bytes_on_the_wire = payloads[0].SerializeToString()
    assert CANARY.encode() not in bytes_on_the_wire
    assert b"2026-11-21" not in bytes_on_the_wire
    assert payloads[0].metadata["encryption-key-id"] == b"payload-1"
    assert await converter.decode(payloads, [Wire]) == [sent]


async def test_neither_message_nor_trace_nor_details_of_a_failure_are_in_clear(plain_settings: Settings) -> None:
    converter = data_converter(plain_settings)
    failure = Failure()
    try:
        raise ApplicationError(CANARY, {"phone": CANARY}, type="IdentityMismatch")
    except ApplicationError as error:
        await converter.encode_failure(error, failure)
    bytes_on_the_wire = failure.SerializeToString()
    assert CANARY.encode() not in bytes_on_the_wire
    assert b"13800138000" not in bytes_on_the_wire
    assert b"test_temporal.py" not in bytes_on_the_wire, "the stack trace is in clear"
    returned = await converter.decode_failure(failure)
    assert isinstance(returned, ApplicationError)
    assert returned.message == CANARY
    assert returned.type == "IdentityMismatch"
    assert returned.details[0] == {"phone": CANARY}


async def test_a_cause_of_a_failure_is_sealed_too(plain_settings: Settings) -> None:
    converter = data_converter(plain_settings)
    failure = Failure()
    try:
        try:
            raise ValueError(CANARY)
        except ValueError as cause:
            raise ApplicationError("outer") from cause
    except ApplicationError as error:
        await converter.encode_failure(error, failure)
    assert CANARY.encode() not in failure.SerializeToString()


async def test_a_changed_payload_is_refused(plain_settings: Settings) -> None:
    converter = data_converter(plain_settings)
    (payload,) = await converter.encode([CANARY])
    payload.data = payload.data[:-1] + bytes([payload.data[-1] ^ 1])
    with pytest.raises(SealBroken):
        await converter.decode([payload])


async def test_a_payload_that_somebody_put_in_without_the_key_is_refused(plain_settings: Settings) -> None:
    forged = Payload(metadata={"encoding": b"json/plain"}, data=b'{"approved": true}')
    with pytest.raises(PayloadInClear):
        await data_converter(plain_settings).decode([forged])


async def test_a_retired_key_still_opens_what_it_sealed_and_a_lost_one_does_not(plain_settings: Settings) -> None:
    sealed = await data_converter(plain_settings).encode([CANARY])
    fresh = {"payload_key": SecretStr(base64.b64encode(os.urandom(32)).decode()), "payload_key_id": "payload-2"}
    lost = data_converter(plain_settings.model_copy(update=fresh))
    with pytest.raises(UnknownKey, match="payload-1"):
        await lost.decode(sealed)
    kept = data_converter(
        plain_settings.model_copy(update={**fresh, "retired_keys": {"payload-1": plain_settings.payload_key}})
    )
    assert await kept.decode(sealed) == [CANARY]
    (new,) = await kept.encode([CANARY])
    assert new.metadata["encryption-key-id"] == b"payload-2"
