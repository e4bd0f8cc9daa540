"""Free TCP ports on the loopback address."""

import random
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

HOST = "127.0.0.1"
# Below the range from which the kernel takes ports for outgoing connections: nobody grabs one between look and use.
FIRST, LAST = 10_000, 22_000


class NoFreePort(Exception):
    """Every port that was tried is taken."""


@dataclass
class Ports:
    """Hands out each port once. Names in ``wished`` get that one or the next free above it; others a random one."""

    wished: Mapping[str, int] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    moved: dict[str, tuple[int, int]] = field(default_factory=dict)  # name -> (wished, got), to be said

    def get(self, name: str, count: int = 1, above: int = 0) -> int:
        """The first of ``count`` free ports in a row; with ``above``, the port that much higher is free, too."""
        if name in self.taken:
            return self.taken[name]
        wish = self.wished.get(name)
        tried = range(wish, min(wish + 200, 65_536 - count)) if wish else (_random(count) for _ in range(200))
        port = self._first_free(tried, count, above, wish)
        if wish and port != wish:
            self.moved[name] = (wish, port)
        self.taken.update({name if n == 0 else f"{name}+{n}": port + n for n in (*range(count), above)})
        return port

    def _first_free(self, tried: Iterable[int], count: int, above: int, wish: int | None) -> int:
        spoken_for = {*self.taken.values(), *self.wished.values()} - {wish}
        for port in tried:
            block = (*range(port, port + count), port + above)
            if not spoken_for.intersection(block) and all(is_free(one) for one in block):
                return port
        raise NoFreePort("no free port on 127.0.0.1 among 200 tries")


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return not answers(port)


def answers(port: int) -> bool:
    """Whether somebody listens on this port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0


def _random(count: int) -> int:
    return random.randrange(FIRST, LAST - count)  # noqa: S311 (not a secret)
