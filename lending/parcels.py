"""A field by its corners: whether they go round one piece of land, and how large it is.

Corners are (longitude, latitude) in degrees, WGS 84, in the order in which somebody walked them. A few hundred metres
are flat enough for the plane that touches the earth there.
"""

from collections.abc import Sequence
from math import cos, radians

from lending.places import EARTH_M

Corner = tuple[float, float]
# Smaller is a garden, larger is no one parcel (确权地块).
SMALLEST_M2, LARGEST_M2 = 100, 5_000_000


def area_m2(corners: Sequence[Corner]) -> int:
    """Square metres within the corners, whichever way round; of a line that crosses itself it means nothing."""
    flat = _flat(corners)
    twice = sum(x * later_y - later_x * y for (x, y), (later_x, later_y) in _sides(flat))
    return round(abs(twice) / 2)


def crosses(corners: Sequence[Corner]) -> bool:
    """Whether the line round the field touches itself anywhere but where one side ends and the next begins."""
    sides = _sides(_flat(corners))
    return any(
        _meet(*sides[one], *sides[other])
        for one in range(len(sides))
        for other in range(one + 2, len(sides))
        if not (one == 0 and other == len(sides) - 1)
    )


def fault(corners: Sequence[Corner]) -> str:
    """Why these are no parcel, as a code; empty where they are one."""
    if len(set(corners)) < 3:
        return "not_a_parcel"
    if crosses(corners):
        return "parcel_crosses"
    area = area_m2(corners)
    return "parcel_too_small" if area < SMALLEST_M2 else "parcel_too_large" if area > LARGEST_M2 else ""


def _flat(corners: Sequence[Corner]) -> list[Corner]:
    """Metres east and north of the first corner."""
    east, north = corners[0]
    metres = radians(1) * EARTH_M
    return [((x - east) * metres * cos(radians(north)), (y - north) * metres) for x, y in corners]


def _sides(flat: Sequence[Corner]) -> list[tuple[Corner, Corner]]:
    return list(zip(flat, [*flat[1:], flat[0]], strict=True))


def _meet(a: Corner, b: Corner, c: Corner, d: Corner) -> bool:
    return _turn(a, b, c) * _turn(a, b, d) <= 0 and _turn(c, d, a) * _turn(c, d, b) <= 0 and _overlap(a, b, c, d)


def _turn(a: Corner, b: Corner, c: Corner) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _overlap(a: Corner, b: Corner, c: Corner, d: Corner) -> bool:
    return all(min(a[n], b[n]) <= max(c[n], d[n]) and min(c[n], d[n]) <= max(a[n], b[n]) for n in (0, 1))
