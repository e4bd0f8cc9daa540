"""Places on the earth: how far a photo was taken from the address that somebody was to go to.

All points are in the datum of phones and satellites (WGS 84). Maps of the country are drawn in another (GCJ-02), some
500 m away: whoever finds an address for us answers in ours, or what it says is no distance at all.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

# The mean radius of the earth in metres (IUGG).
EARTH_M = 6_371_009

# What an address begins with: province, city, county. A town, a street, a park of works is no such part.
_PART = re.compile(r"[^省市区县盟镇乡街路道巷弄村园号\d]{1,8}?(?:省|自治区|自治州|特别行政区|地区|新区|市|区|县|盟)")


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees north and east, in WGS 84."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class NearPolicy:
    """``far_m``: above so many metres a photo was taken elsewhere; ``unsure_m``: of an address, by how exactly it was
    found, and nothing for what is too wide to say where somebody was; ``phone_m``: a phone that is unsure by more says
    no place."""

    far_m: int
    unsure_m: Mapping[str, int]
    phone_m: int


def distance_m(one: Point, other: Point) -> int:
    """Metres along the surface between two points, by the haversine formula; a sphere errs by 0.5 % at most."""
    north, east = radians(other.latitude - one.latitude), radians(other.longitude - one.longitude)
    half = sin(north / 2) ** 2 + cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(east / 2) ** 2
    return round(2 * EARTH_M * asin(sqrt(min(1, half))))


def is_far(policy: NearPolicy, metres: int, precision: str, doubt_m: float = 0) -> bool:
    """Whether a photo was taken elsewhere; ``doubt_m``: how unsure the phone itself was, ``phone_m`` at most.

    What the address and the phone are unsure of is nobody's fault; an address that was not found says nothing.
    """
    unsure = policy.unsure_m.get(precision)
    return unsure is not None and metres - min(doubt_m, policy.phone_m) - unsure > policy.far_m


def farthest(metres: Collection[int]) -> int | None:
    """The largest of several distances; None where no photo can be measured."""
    return max(metres, default=None)


def same_address(one: str, other: str) -> bool:
    """Whether two addresses are of one door, whatever spaces, signs and width they have, and whether province, city or
    county stand before them: those that both say are the same."""
    (mine, here), (theirs, there) = _parts(one), _parts(other)
    if here != there or not here:
        return not here and not there and mine == theirs
    few, many = sorted((mine, theirs), key=len)
    rest = iter(many)
    return all(any(part == found for found in rest) for part in few)


def _parts(address: str) -> tuple[list[str], str]:
    """Province, city and county as far as they stand before it, and what follows."""
    text = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", address)).casefold().removeprefix("中国")
    parts: list[str] = []
    while found := _PART.match(text):
        parts.append(found[0])
        text = text[found.end() :]
    return parts, text
