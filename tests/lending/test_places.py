"""How far from an address a photo was taken, and when a person is told."""

import pytest

from lending.places import NearPolicy, Point, distance_m, farthest, is_far, same_address

NEAR = NearPolicy(500, {"house": 100, "street": 2_000}, 1_000)
BUND, TOWER = Point(31.240018, 121.490317), Point(31.239703, 121.499718)


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        (BUND, BUND, 0),
        (BUND, TOWER, 895),  # across the Huangpu
        (Point(0, 0), Point(0, 1), 111_195),  # a degree of the equator: 2 pi R / 360
        (Point(31.2304, 121.4737), Point(39.9042, 116.4074), 1_067_311),  # Shanghai to Peking
        (Point(0, 179.9995), Point(0, -179.9995), 111),  # over the date line it is near
    ],
)
def test_the_distance_of_a_photo_from_the_address_is_reckoned_in_metres(one: Point, other: Point, metres: int) -> None:
    assert distance_m(one, other) == pytest.approx(metres, rel=0.002, abs=1)
    assert distance_m(other, one) == distance_m(one, other)


@pytest.mark.parametrize(
    ("metres", "precision", "doubt", "told"),
    [
        (600, "house", 0, False),
        (601, "house", 0, True),
        (900, "house", 299, True),
        (900, "house", 300, False),
        (2_400, "street", 0, False),
        (3_164, "street", 0, True),
        (50_000, "town", 0, False),
        (1_601, "house", 1_000_000, True),
        (1_000_000, "unknown", 0, False),
    ],
)
def test_a_photo_is_far_only_beyond_what_phone_and_address_are_unsure_of(
    metres: int, precision: str, doubt: float, told: bool
) -> None:
    assert is_far(NEAR, metres, precision, doubt) is told


def test_where_no_photo_can_be_measured_nothing_is_said() -> None:
    assert farthest([]) is None
    assert farthest([30, 3_164, 5]) == 3_164


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("上海市人民路18号", "上海市 人民路１８号", True),
        ("江苏省苏州市昆山市玉山镇工业园8号", "昆山市玉山镇工业园 8 号", True),
        ("中国上海市黄浦区人民路18号", "上海市人民路18号", True),
        ("人民路18号", "上海市人民路18号", True),
        ("上海市人民路18号", "苏州市人民路18号", False),
        ("江苏省人民路18号", "浙江省人民路18号", False),
        ("上海市黄浦区人民路18号", "上海市静安区人民路18号", False),
        ("昆山市玉山镇工业园区8号", "昆山市8号", False),
        ("上海市人民路18号", "上海市人民路19号", False),
        ("上海市", "上海市人民路18号", False),
        ("上海市", "上海市", True),
    ],
)
def test_p33_an_address_is_one_door_however_it_is_written_and_another_city_is_another(
    one: str, other: str, *, same: bool
) -> None:
    assert same_address(one, other) is same and same_address(other, one) is same
