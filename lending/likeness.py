"""Whether two pictures show the same view: saved at another quality or size, or cut at a margin, it stays the same.

A picture's looks (``infra.looks``) are of 128 bits each: the whole first, then with a margin cut off here or there.
"""

BITS = 128
# Of 128 bits: what differs between a picture and itself saved at quality 30, at half its size or cut by 5 % is 9 at
# most, between two photos of one shop front 16 at least (tests/lending/test_likeness.py measures both).
MOST = 12


def alike(one: str, other: str) -> bool:
    """Whether two pictures, each by its looks one after the other, show the same view; of either the whole is compared
    with every look of the other."""
    mine, theirs = _parts(one), _parts(other)
    pairs = [(mine[0], part) for part in theirs] + [(theirs[0], part) for part in mine]
    return any((a ^ b).bit_count() <= MOST for a, b in pairs)


def _parts(looks: str) -> list[int]:
    return [int(looks[at : at + BITS], 2) for at in range(0, len(looks), BITS)]
