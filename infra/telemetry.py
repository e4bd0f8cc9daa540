"""Figures about the running process, for Prometheus to read. Labels are small closed sets: no ids, nothing private."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

registry = CollectorRegistry()
ProcessCollector(registry=registry)
PlatformCollector(registry=registry)

# 5 ms to 20 s: from a cached page to the promised decision.
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 10.0, 20.0)

http_seconds = Histogram(
    "huoshui_http_seconds",
    "Seconds to answer, by route template",
    ["method", "route", "status"],
    buckets=SECONDS,
    registry=registry,
)
gateway_seconds = Histogram(
    "huoshui_gateway_seconds",
    "Seconds that a party outside took",
    ["party", "outcome"],
    buckets=SECONDS,
    registry=registry,
)
key_uses = Counter(
    "huoshui_key_uses",
    "Openings of sealed data by key id: a retired key can go when its count stands still",
    ["key_id"],
    registry=registry,
)


def counter(name: str, meaning: str, labels: tuple[str, ...] = ()) -> Counter:
    """A count that only grows; ``name`` without the ``huoshui_`` in front."""
    return Counter(f"huoshui_{name}", meaning, labels, registry=registry)


def gauge(name: str, meaning: str, labels: tuple[str, ...] = ()) -> Gauge:
    """A figure that rises and falls."""
    return Gauge(f"huoshui_{name}", meaning, labels, registry=registry)


def histogram(name: str, meaning: str, labels: tuple[str, ...] = (), buckets: tuple[float, ...] = SECONDS) -> Histogram:
    """A distribution; seconds unless ``buckets`` say otherwise."""
    return Histogram(f"huoshui_{name}", meaning, labels, buckets=buckets, registry=registry)


def exposition() -> tuple[bytes, str]:
    """The body and content type of a ``/metrics`` answer."""
    return generate_latest(registry), CONTENT_TYPE_LATEST
