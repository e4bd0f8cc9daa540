"""A field's corners: its size, and whether somebody walked round it once."""

import pytest

from lending.parcels import area_m2, crosses, fault

# A hundred metres each way at Kunshan.
EAST, NORTH = 0.001052, 0.000899
FIELD = ((120.95, 31.38), (120.95 + EAST, 31.38), (120.95 + EAST, 31.38 + NORTH), (120.95, 31.38 + NORTH))


def test_a_hectare_is_a_hectare_whichever_way_round_it_is_walked() -> None:
    assert abs(area_m2(FIELD) - 10_000) < 100
    assert area_m2(FIELD) == area_m2(tuple(reversed(FIELD)))


@pytest.mark.parametrize(
    ("corners", "code"),
    [
        (FIELD, ""),
        (FIELD[:3], ""),
        ((FIELD[0], FIELD[2], FIELD[1], FIELD[3]), "parcel_crosses"),
        ((FIELD[0], FIELD[1], FIELD[0]), "not_a_parcel"),
        (tuple((120.95 + (x - 120.95) / 20, 31.38 + (y - 31.38) / 20) for x, y in FIELD), "parcel_too_small"),
        (tuple((120.95 + (x - 120.95) * 30, 31.38 + (y - 31.38) * 30) for x, y in FIELD), "parcel_too_large"),
    ],
    ids=["a field", "a triangle", "walked crosswise", "there and back", "a garden", "a county"],
)
def test_what_is_no_parcel_says_why(corners: tuple[tuple[float, float], ...], code: str) -> None:
    assert fault(corners) == code


def test_a_field_with_a_bay_does_not_cross_itself() -> None:
    bay = (*FIELD[:3], (120.95 + EAST / 2, 31.38 + NORTH / 2), FIELD[3])
    assert not crosses(bay)
