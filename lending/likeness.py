"""Whether two pictures show the same view: however it is saved, turned, mirrored, cut or framed, it stays the same.

A picture's looks (``infra.looks``) are of 128 bits each: the whole first, then with a margin cut off here or there. By
its points (``infra.keypoints``) one picture is laid upon another.
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


# Of how one picture lies upon another: at least so many points, and in thousandths: of all that could, of the picture
# between them, and of those that are about there. Measured on photos and on workshops with depth
# (tests/lending/test_likeness.py, decision 0177): a picture and itself turned, mirrored, cut or framed lie above all
# four, photos from two places do not.
LEAST_POINTS, LEAST_SHARE, LEAST_SPREAD, LEAST_EXACT = 10, 200, 150, 750


def same_view(points: int, share: int, spread: int, exact: int) -> bool:
    """Whether a picture that lies so upon another shows the same view."""
    return points >= LEAST_POINTS and share >= LEAST_SHARE and spread >= LEAST_SPREAD and exact >= LEAST_EXACT
