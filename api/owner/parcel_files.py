"""A field's border from a file that a surveyor, a cooperative or a phone's map gave: GeoJSON or KML.

No markup is parsed: of a KML the text of its first polygon's coordinates is taken, and nothing else of it is looked at.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from api.owner.uploading import Upload, named, read_whole
from api.problems import BadFields, FieldError

KINDS = (".geojson", ".json", ".kml")
LARGEST = 256 * 1024
CORNERS_MOST = 200
DEGREE = Decimal("0.000001")  # a tenth of a metre
_POLYGON = re.compile(r"<(?:\w+:)?Polygon\b.*?<(?:\w+:)?coordinates\s*>(.*?)</", re.DOTALL)
_ANY = re.compile(r"<(?:\w+:)?coordinates\s*>(.*?)</", re.DOTALL)

Corners = tuple[tuple[str, str], ...]


async def corners_of(upload: Upload) -> Corners:
    """The corners in a file, as (longitude, latitude). Raises :class:`BadFields`, :class:`FileTooLarge`."""
    name = named(upload.name, KINDS, "not_a_parcel_file")
    data = await read_whole(upload.chunks, LARGEST)
    try:
        text = data.decode("utf-8-sig")
        found = list(_of_kml(text) if name.lower().endswith(".kml") else _of_geojson(text))
    except (ValueError, TypeError, KeyError, IndexError, InvalidOperation, RecursionError):
        found = []
    if found and found[0] == found[-1]:
        found.pop()  # files say the first corner twice
    if not 3 <= len(found) <= CORNERS_MOST:
        raise BadFields(fields=(FieldError("parcel", "not_a_parcel_file", (("kinds", ", ".join(KINDS)),)),))
    return tuple(found)


def _of_geojson(text: str) -> Iterator[tuple[str, str]]:
    """The outer ring of the first polygon."""
    shape: Any = json.loads(text)
    if shape["type"] == "FeatureCollection":
        shape = shape["features"][0]
    if shape["type"] == "Feature":
        shape = shape["geometry"]
    ring = {"Polygon": lambda: shape["coordinates"][0], "MultiPolygon": lambda: shape["coordinates"][0][0]}
    for point in ring[shape["type"]]():
        yield _corner(str(point[0]), str(point[1]))


def _of_kml(text: str) -> Iterator[tuple[str, str]]:
    found = _POLYGON.search(text) or _ANY.search(text)
    for point in (found[1] if found else "").split():
        longitude, latitude, *_ = point.split(",")
        yield _corner(longitude, latitude)


def _corner(longitude: str, latitude: str) -> tuple[str, str]:
    return f"{Decimal(longitude).quantize(DEGREE):f}", f"{Decimal(latitude).quantize(DEGREE):f}"
