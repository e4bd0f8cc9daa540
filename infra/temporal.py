"""Speaking to Temporal: what crosses is typed by pydantic and sealed with AES-GCM, messages of failures and traces too.

Workflow ids, task queues, search attributes and class names of failures stay in clear: nothing private belongs there.
"""

import dataclasses
import logging
from collections.abc import Sequence
from functools import lru_cache

from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.contrib.pydantic import PydanticPayloadConverter, pydantic_data_converter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)
from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

from infra.crypto import KeyRing, SealBroken
from infra.settings import Settings

ENCODING = b"binary/encrypted"
CONTEXT = "temporal payload"


class PayloadInClear(SealBroken):
    """A payload that somebody put into Temporal without our key; refused, because it may be forged."""

    code = "payload_in_clear"


class SealedPayloads(PayloadCodec):
    """Seals whole payloads, type metadata included; the key's id rides in the metadata, so that keys can be rotated."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [
            Payload(
                metadata={"encoding": ENCODING, "encryption-key-id": self._ring.current_id.encode()},
                data=self._ring.seal(payload.SerializeToString(), CONTEXT),
            )
            for payload in payloads
        ]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._open(payload) for payload in payloads]

    def _open(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            raise PayloadInClear("a payload that is not sealed")
        return Payload.FromString(self._ring.open(payload.data, CONTEXT))


# What pydantic has learnt of our types, 5 ms a type: kept for the process, where each workflow would learn it again.
_LEARNT = PydanticPayloadConverter()


class TypedPayloads(CompositePayloadConverter):
    """Pydantic's converter with one memory for all workflows and clients of the process."""

    def __init__(self) -> None:
        super().__init__(*_LEARNT.converters.values())


def data_converter(settings: Settings) -> DataConverter:
    """The one converter that clients, workers, the relay and tests share."""
    ring = KeyRing(settings.payload_key_id, settings.secret_bytes("payload_key"), settings.retired_key_bytes())
    return dataclasses.replace(
        pydantic_data_converter,
        payload_converter_class=TypedPayloads,
        payload_codec=SealedPayloads(ring),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


async def connect(settings: Settings, *, lazy: bool = False) -> Client:
    """A client of the settings' server and namespace.

    With ``lazy`` the first call connects, so that a process can start while Temporal is away.
    """
    api_key = settings.temporal_api_key
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        data_converter=data_converter(settings),
        api_key=api_key.get_secret_value() if api_key else None,
        tls=settings.temporal_tls,
        lazy=lazy,
        runtime=_runtime(),
    )


@lru_cache(maxsize=1)
def _runtime() -> Runtime:
    """One per process; the core's log lines go through Python's logging, so that infra.logs scrubs them too."""
    forwarding = LogForwardingConfig(logging.getLogger("temporalio.core"))
    log = LoggingConfig(TelemetryFilter(core_level="WARN", other_level="ERROR"), forwarding)
    return Runtime(telemetry=TelemetryConfig(logging=log))
