"""Rows that a firm's earlier bills told already: by their fingerprint or, in another form, by the balance they left."""

from collections import Counter
from collections.abc import Collection, Iterable

from imports.lines import COPY_COLUMNS

# Where the hex digits of the fingerprint stand in a row: after two ids of 36 characters, two tabs and ``\\\\x``.
_FINGERPRINT = slice(77, 109)
_LEFT = tuple(COPY_COLUMNS.index(name) for name in ("on_date", "direction", "amount_minor", "balance_minor"))
_UNKNOWN = (b"\\N", b"0")  # an account that is emptied every day leaves nothing that would tell lines apart


# A movement by what it left: the day YYYY-MM-DD, the way, minor units, the balance after it.
Balanced = tuple[str, int, int, int]


class Repeats:
    """What is known of a firm before a file of it is read; takes out of blocks of rows what it knows."""

    def __init__(self, fingerprints: Collection[bytes] = (), left: Iterable[Balanced] = ()) -> None:
        self._digests = frozenset(digest.hex().encode() for digest in fingerprints)
        self._left = Counter(tuple(str(part).encode() for part in one) for one in left)
        self.dropped = 0

    def __bool__(self) -> bool:
        return bool(self._digests or self._left)

    def without(self, block: bytes) -> bytes:
        """The rows of a block that are new."""
        rows = block.splitlines(keepends=True)
        if not self._left and self._digests.isdisjoint(row[_FINGERPRINT] for row in rows):
            return block
        kept = [row for row in rows if not self._knows(row)]
        self.dropped += len(rows) - len(kept)
        return b"".join(kept)

    def _knows(self, row: bytes) -> bool:
        known = row[_FINGERPRINT] in self._digests
        if self._left:
            fields = row.rstrip(b"\n").split(b"\t")
            place = tuple(fields[at] for at in _LEFT)
            if place[-1] not in _UNKNOWN and self._left[place] > 0:
                self._left[place] -= 1  # as many as there were, and no more
                return True
        return known
